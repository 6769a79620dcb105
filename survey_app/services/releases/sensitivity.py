"""What excluding responses changed: the overall index as published, and with them still in."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pandas as pd

from analysis.respondents import Respondents, read_respondents
from analysis.satisfaction import estimate_round, read_estimate_spec
from analysis.weighting.spec import read_weight_spec, weigh
from questionnaires import Questionnaire
from survey_app.services.freezing import file_with_excluded

_KEY = ["rule", "domain", "category"]


def estimated(
    respondents: Respondents,
    questionnaire: Questionnaire,
    weights: Path | None,
    estimate: Path,
    units: pd.DataFrame | None,
) -> tuple[pd.DataFrame, dict[str, Any]]:
    """Weigh and estimate a round by its specifications; return the table and what weighing did.

    Parameters
    ----------
    weights, estimate
        The specifications; without the first there are no weights.
    units
        Columns of the frame by ``unit_id``.
    """
    spec = read_estimate_spec(estimate)
    if weights is None or spec.weights == "unweighted":
        return estimate_round(respondents, questionnaire, spec, units=units), {}
    steps = read_weight_spec(weights)
    made = weigh(respondents, steps, units=units)
    table = estimate_round(
        respondents,
        questionnaire,
        spec,
        weights=made.table,
        units=units,
        calibration=steps.calibrate,
    )
    return table, dict(made.record)


def sensitivity(
    frozen: Path,
    published: pd.DataFrame,
    questionnaire: Questionnaire,
    weights: Path | None,
    estimate: Path,
    units: pd.DataFrame | None,
) -> pd.DataFrame:
    """Return what excluding changed, as the estimates with ``n_excluded, with_excluded, n_with``.

    The last two are the index with the excluded responses still in, and its answers. One row for
    the whole round and one for each unit that lost responses, rule by rule; none where nothing was
    excluded. In percent, before disclosure control.

    Parameters
    ----------
    frozen
        The frozen file, beside which the one with the excluded responses lies.
    published
        The estimates of the round.
    """
    beside = file_with_excluded(frozen)
    kept = read_respondents(frozen)
    own = published[
        (published["quantity"] == "overall") & published["domain"].fillna("").isin({"", "unit"})
    ]
    own = own.assign(**{name: own[name].fillna("").astype(str) for name in _KEY})
    if not beside.is_file():
        return own.assign(n_excluded=0, with_excluded=own["value"], n_with=own["n"]).iloc[:0]
    everyone = read_respondents(beside)
    table, _ = estimated(everyone, questionnaire, weights, estimate, units)
    table = table[table["quantity"] == "overall"]
    again = {
        tuple(str(cell or "") for cell in key): figures
        for *key, value, n in table[[*_KEY, "value", "n"]].fillna("").to_numpy().tolist()
        for figures in [(float(value), int(n))]
    }
    lost = (
        everyone.table["unit"].value_counts().sub(kept.table["unit"].value_counts(), fill_value=0)
    )
    counts = {str(unit): int(number) for unit, number in lost.items() if number > 0}
    both = [again[tuple(key)] for key in own[_KEY].to_numpy().tolist()]
    own = own.assign(
        n_excluded=[counts.get(one, 0) if one else sum(counts.values()) for one in own["category"]],
        with_excluded=[value for value, _ in both],
        n_with=[n for _, n in both],
    )
    return own[own["n_excluded"] > 0]
