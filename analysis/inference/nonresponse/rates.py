"""AAPOR's outcome rates with the uncertainty that comes from how the cases were drawn.

Each issued case has a final disposition and its design weight. A rate is a ratio of weighted
counts; where the share e of unknown cases that are eligible is estimated, its own uncertainty
counts too. Rates lie between 0 and 1.

References
----------
AAPOR (2023). Standard Definitions, 10th edition.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
from scipy import special

from analysis.design import Floats, SurveyDesign
from analysis.dispositions import CLASSES, RATES, eligible_share, rates_of
from analysis.dispositions.rates import parts_of
from analysis.inference.items import groups
from analysis.sampling_error import covariance_of
from analysis.tables import need_columns, need_design
from intake.findings import EstimationError


def response_rates(
    design: SurveyDesign,
    disposition: str,
    by: str | None = None,
    e: float | None = None,
    level: float = 0.95,
) -> pd.DataFrame:
    """Estimate all outcome rates of the population of cases, by domain.

    Parameters
    ----------
    design
        The issued cases with base weights, or replicate weights.
    disposition
        Column with one of `analysis.dispositions.CLASSES`.
    by
        Column of the domains; a case without a value belongs to none.
    e
        Share of unknown cases taken to be eligible; none: estimated from the known cases of
        the domain, with its uncertainty.
    level
        Confidence level; t intervals on the logit scale, Clopper-Pearson's for 0 and 1.

    Returns
    -------
    pandas.DataFrame
        ``group, rate, value, se, low, high, n, e, df, flag``; ``n`` counts the cases of the
        domain, ``flag`` says ``no-denominator`` where no case can count in a rate.

    Raises
    ------
    EstimationError
        ``disposition-unknown`` with the row, ``covariate-column-missing``,
        ``eligible-share-impossible``.

    Examples
    --------
    >>> cases = pd.DataFrame({"w": 1.0, "outcome": ["complete", "refusal"] * 20})
    >>> table = response_rates(SurveyDesign(cases, weights="w"), "outcome").set_index("rate")
    >>> float(table.loc["RR1", "value"]), round(float(table.loc["RR1", "se"]), 4)
    (0.5, 0.0801)
    """
    if e is not None and not 0 <= e <= 1:
        raise EstimationError.of(
            "eligible-share-impossible",
            f"e = {e:g} không nằm giữa 0 và 1.",
            f"e = {e:g} is not between 0 and 1.",
            "Ghi tỷ lệ từ 0 đến 1.",
            "Give a share from 0 to 1.",
        )
    shown = _classes(design, disposition)
    group, names = groups(design, by, "covariate-column-missing")
    columns: dict[str, list[Any]] = {
        name: [] for name in ("group", "rate", "value", "se", "low", "high", "n", "e", "df")
    }
    dfs = design.df_of(group, max(len(names), 1))
    for number, name in enumerate(names):
        inside = (group == number) & design.member
        value, scores, share = _linearised(shown, np.where(inside, design.weights, 0.0), e)

        def again(weights: Floats, inside: Any = inside) -> Floats:  # noqa: ANN401
            return _linearised(shown, np.where(inside, weights, 0.0), e)[0]

        known = np.isfinite(value)
        variance = np.diagonal(covariance_of(design, scores, again))
        se = np.where(known, np.sqrt(np.maximum(variance, 0.0)), np.nan)
        n = int(inside.sum())
        low, high = _interval(value, se, n, float(dfs[number]), level)
        for key, values in (("value", value), ("se", se), ("low", low), ("high", high)):
            columns[key] += values.tolist()
        columns["group"] += [name] * len(RATES)
        columns["rate"] += list(RATES)
        columns["n"] += [n] * len(RATES)
        columns["e"] += [share] * len(RATES)
        columns["df"] += [int(dfs[number])] * len(RATES)
    table = pd.DataFrame(columns)
    return table.assign(flag=np.where(table["value"].isna(), "no-denominator", ""))


def _linearised(shown: Floats, weights: Floats, e: float | None) -> tuple[Floats, Floats, float]:
    """Return rates, weighted linearised values (rows × rates), and e."""
    counts = (weights @ shown)[None, :]
    share = eligible_share(counts) if e is None else np.array([e])
    value = rates_of(counts, share)[0]
    over, under = parts_of(share)
    below = under[0] @ counts[0]
    kept = np.isfinite(value) & (below > 0)
    rate = np.where(kept, value, 0.0)
    scale = np.where(kept, below, 1.0)
    per_class = np.where(kept[:, None], (over - rate[:, None] * under[0]) / scale[:, None], 0.0)
    if e is None and np.isfinite(share[0]):
        eligible = np.array([name in CLASSES[:5] for name in CLASSES], dtype=np.float64)
        resolved = eligible + np.array([name == "not_eligible" for name in CLASSES])
        change = (eligible - share[0] * resolved) / float(resolved @ counts[0])
        unknown = parts_of(np.ones(1))[1][0] - parts_of(np.zeros(1))[1][0]
        moved = np.where(kept, rate * (unknown @ counts[0]) / scale, 0.0)
        per_class -= moved[:, None] * change[None, :]
    return value, (shown @ per_class.T) * weights[:, None], float(share[0])


def _interval(value: Floats, se: Floats, n: int, df: float, level: float) -> tuple[Floats, Floats]:
    low, high = np.full(value.shape, np.nan), np.full(value.shape, np.nan)
    inner = np.isfinite(se) & (value > 0) & (value < 1) & (df > 0)
    p = value[inner]
    reach = special.stdtrit(max(df, 1.0), 0.5 + level / 2) * se[inner] / (p * (1 - p))
    low[inner] = special.expit(special.logit(p) - reach)
    high[inner] = special.expit(special.logit(p) + reach)
    # At the edge only the number of cases speaks.
    edge = ((1 - level) / 2) ** (1 / max(n, 1))
    low = np.where(value == 0, 0.0, np.where(value == 1, edge, low))
    high = np.where(value == 0, 1 - edge, np.where(value == 1, 1.0, high))
    return low, high


def _classes(design: SurveyDesign, disposition: str) -> Floats:
    need_design(design)
    data = design.data
    need_columns(data, [disposition], "covariate-column-missing")
    bad = np.flatnonzero(~data[disposition].isin(CLASSES).to_numpy() & design.member)
    if bad.size:
        row = int(bad[0])
        raise EstimationError.of(
            "disposition-unknown",
            f"Dòng {row + 1}: kết cục “{data[disposition].iloc[row]}” không có trong danh mục.",
            f"Row {row + 1}: “{data[disposition].iloc[row]}” is not one of the classes.",
            f"Chọn: {', '.join(CLASSES)}.",
            f"Use one of: {', '.join(CLASSES)}.",
            row=row + 1,
            column=disposition,
        )
    given = data[disposition].to_numpy()
    return np.column_stack([(given == name).astype(np.float64) for name in CLASSES])
