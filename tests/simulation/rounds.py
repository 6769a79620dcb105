"""Repeated samples of the simulated city, estimated as a user would, against the truth."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd
from simulation.city import ITEMS, RARE, City, questionnaire
from simulation.coverage import Tallies

from analysis import SurveyDesign, estimate, weighting
from analysis.respondents import Respondents
from analysis.satisfaction import IndexRule, estimate_round, estimate_spec, quantities

RULES = ("mean5", "top2")
WATCHED = ("I.A", "II.B", "I", "II", "overall")
META = {"round": "r", "questionnaire": "simulated", "version": "1", "simulated": True}


class Truth:
    """What a census of the city would give."""

    def __init__(self, city: City) -> None:
        self.city = city
        urban = (city.communes["urban"].astype(int).to_numpy() == 1)[city.commune_of]
        first, second = city.rounds
        self.mean = [_valid_mean(of.column("q01")) for of in city.rounds]
        self.shares = [_valid_mean(of.column("q01"), lambda y: y >= 4) for of in city.rounds]
        self.rare = float(first.rare.mean())
        self.urban = {
            name: _valid_mean(first.column("q01")[urban == (name == "1")]) for name in ("0", "1")
        }
        parts = quantities(questionnaire().factors)
        self.index = {}
        for rule in RULES:
            score = IndexRule(rule).score(np.arange(1.0, 6.0))
            items = [_valid_mean(first.column(item), lambda y, s=score: s[y - 1]) for item in ITEMS]
            found = np.array(items) @ parts.coefficients
            self.index |= {(rule, name): found[at] for at, name in enumerate(parts.names)}
        self.margins = {
            name: {
                int(level): float(count)
                for level, count in enumerate(np.bincount(getattr(city, name)))
            }
            for name in ("sex", "age", "school")
        }
        assert second.answers.shape == first.answers.shape


def one_round(city: City, truth: Truth, tallies: Tallies, rng: np.random.Generator) -> None:
    """Draw, estimate, and note which intervals hold the truth."""
    communes = city.draw_communes(rng)
    first = city.answered(city.draw_persons(communes, rng), 0)
    design = designed(first)

    found = estimate.mean(design, "q01", missing="drop")
    _note(tallies, "mean of an item", truth.mean[0], found)
    by = estimate.mean(design, "q01", by="urban", missing="drop").table.set_index("urban")
    for name, wanted in truth.urban.items():
        _note_row(
            tallies, f"mean in {'cities' if name == '1' else 'villages'}", wanted, by.loc[name]
        )
    satisfied = estimate.share(design, "satisfied", missing="drop")
    _note(tallies, "share satisfied (logit)", truth.shares[0], satisfied)
    for interval in ("logit", "beta", "wilson"):
        rare = estimate.share(design, RARE, interval=interval)
        _note(tallies, f"rare share ({interval})", truth.rare, rare)

    raked = weighting.rake(design, truth.margins)
    _note(tallies, "raked mean", truth.mean[0], estimate.mean(raked, "q01", missing="drop"))
    linear = weighting.calibrate(design, truth.margins, distance="linear")
    _note(
        tallies,
        "linearly calibrated mean",
        truth.mean[0],
        estimate.mean(linear, "q01", missing="drop"),
    )
    _note(
        tallies,
        "raked share (logit)",
        truth.shares[0],
        estimate.share(raked, "satisfied", missing="drop"),
    )

    index = composite(first)
    for rule in RULES:
        for name in WATCHED:
            row = index.loc[(name, rule)]
            _note_row(tallies, f"index {rule}: {name}", truth.index[rule, name], row)

    again = city.answered(city.draw_persons(communes, rng), 1)
    fresh = city.answered(city.draw_persons(city.draw_communes(rng), rng), 1)
    for name, later in (("same communes", again), ("communes drawn anew", fresh)):
        second = designed(later)
        moved = estimate.change(found, estimate.mean(second, "q01", missing="drop"))
        _note(tallies, f"change of a mean, {name}", truth.mean[1] - truth.mean[0], moved)
        moved = estimate.change(satisfied, estimate.share(second, "satisfied", missing="drop"))
        _note(tallies, f"change of a share, {name}", truth.shares[1] - truth.shares[0], moved)


def designed(sample: pd.DataFrame, **more: Any) -> SurveyDesign:
    """Return the design as a round is analysed: strata, communes, weights; no correction."""
    satisfied = np.where(sample["q01"].isna(), np.nan, sample["q01"] >= 4)
    table = sample.assign(satisfied=satisfied)
    return SurveyDesign(table, weights="w", strata="stratum", psu="psu", **more)


def composite(sample: pd.DataFrame) -> pd.DataFrame:
    """Return the index of a sample by quantity and rule."""
    table = sample.assign(
        round="r", cell=sample["unit"], mode="qr", recruitment="drawn", design_weight=sample["w"]
    )
    table[list(ITEMS)] = table[list(ITEMS)].fillna(-1).astype(np.int16)
    spec = estimate_spec(
        {
            "version": 1,
            "questionnaire": "simulated@1",
            "weights": "design",
            "rules": list(RULES),
            "shares": False,
            "units": None,
        }
    )
    kinds = ("design", "nonresponse", "calibrated", "final")
    weights = pd.DataFrame({"cell": table["cell"], **dict.fromkeys(kinds, table["w"])})
    found = estimate_round(Respondents(table, META), questionnaire(), spec, weights=weights)
    return found.set_index(["quantity", "rule"])


def _valid_mean(answers: np.ndarray, of: Callable[[np.ndarray], Any] | None = None) -> float:
    valid = answers[answers > 0]
    return float(np.mean(of(valid) if of else valid))


def _note(tallies: Tallies, name: str, truth: float, found: Any) -> None:
    _note_row(tallies, name, truth, found.table.iloc[-1])


def _note_row(tallies: Tallies, name: str, truth: float, row: pd.Series) -> None:
    tallies.add(name, truth, row["value"], row["se"], row["low"], row["high"])
