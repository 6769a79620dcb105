"""Repeated samples of the simulated city, estimated as a user would, against the truth.

Communes are drawn without replacement, two in five of them in the largest stratum. Two ways
to declare that are watched:

- *without replacement*: two stages with their sampling fractions; the first is the mean inclusion
  probability of the stratum's drawn communes (for systematic PPS, the correction of Hartley
  and Rao to first order), the second persons over adults.
- *with replacement*: no fractions, as a round is analysed unless told otherwise. It is on the
  safe side here: the larger the share of communes drawn, the wider its intervals.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd
from simulation.city import ITEMS, RARE, City, questionnaire
from simulation.coverage import Tallies

from analysis import SurveyDesign, estimate, weighting
from analysis.satisfaction import IndexRule, index, quantities

RULES = ("mean5", "top2")
WATCHED = ("I.A", "II.B", "I", "II", "overall")
MARGINS = ("sex", "age", "school")


class Truth:
    """What a census of the city would give."""

    def __init__(self, city: City) -> None:
        urban = (city.communes["urban"].astype(int).to_numpy() == 1)[city.commune_of]
        first = city.rounds[0]
        self.mean = [_valid_mean(of.column("q01")) for of in city.rounds]
        self.share = [_valid_mean(of.column("q01"), lambda y: y >= 4) for of in city.rounds]
        self.rare = float(first.rare.mean())
        self.urban = {
            name: _valid_mean(first.column("q01")[urban == (name == "1")]) for name in ("0", "1")
        }
        self.index = [
            {
                (rule, name): value
                for rule in RULES
                for name, value in _composites(of.column, rule).items()
            }
            for of in city.rounds
        ]
        self.margins = {
            name: dict(enumerate(np.bincount(getattr(city, name)).astype(float).tolist()))
            for name in MARGINS
        }


def one_round(city: City, truth: Truth, tallies: Tallies, rng: np.random.Generator) -> None:
    """Draw, estimate, and note which intervals hold the truth."""
    communes = city.draw_communes(rng)
    first = with_satisfied(city.answered(city.draw_persons(communes, rng), 0))
    again = with_satisfied(city.answered(city.draw_persons(communes, rng), 1))
    fresh = city.draw_persons(city.draw_communes(rng), rng)
    anew = with_satisfied(city.answered(fresh, 1))
    cautious = with_replacement(first)
    _note(tallies, "with replacement: mean", truth.mean[0], _mean(cautious))
    overall = index(cautious, questionnaire().factors, rule="mean5").table.iloc[-1]
    _note_row(tallies, "with replacement: index", truth.index[0]["mean5", "overall"], overall)

    design = without_replacement(first)
    _levels(design, truth, tallies)
    _calibrated(design, truth, tallies)
    found = index(design, questionnaire().factors, rule=RULES)
    rows = found.table.set_index(["rule", "quantity"])
    for key in ((rule, name) for rule in RULES for name in WATCHED):
        _note_row(tallies, f"index {key[0]}: {key[1]}", truth.index[0][key], rows.loc[key])
    # Draws that know nothing of each other share communes by chance alone, which is no
    # covariance: the second one's communes get labels of their own.
    anew = anew.assign(unit="2-" + anew["unit"])
    for name, later in (("same communes", again), ("drawn anew", anew)):
        _changes(design, without_replacement(later), name, truth, tallies)


def _levels(design: SurveyDesign, truth: Truth, tallies: Tallies) -> None:
    _note(tallies, "mean of an item", truth.mean[0], _mean(design))
    by = estimate.mean(design, "q01", by="urban", missing="drop").table.set_index("urban")
    for code, place in (("0", "villages"), ("1", "cities")):
        _note_row(tallies, f"mean in {place}", truth.urban[code], by.loc[code])
    _note(tallies, "share satisfied (logit)", truth.share[0], _share(design))
    for interval in ("logit", "beta", "wilson"):
        rare = estimate.share(design, RARE, interval=interval)
        _note(tallies, f"rare share ({interval})", truth.rare, rare)


def _calibrated(design: SurveyDesign, truth: Truth, tallies: Tallies) -> None:
    raked = weighting.rake(design, truth.margins)
    linear = weighting.calibrate(design, truth.margins, distance="linear")
    _note(tallies, "raked mean", truth.mean[0], _mean(raked))
    _note(tallies, "raked share (logit)", truth.share[0], _share(raked))
    _note(tallies, "linearly calibrated mean", truth.mean[0], _mean(linear))


def _changes(
    before: SurveyDesign, after: SurveyDesign, name: str, truth: Truth, tallies: Tallies
) -> None:
    moved = estimate.change(_mean(before), _mean(after))
    _note(tallies, f"change of a mean, {name}", truth.mean[1] - truth.mean[0], moved)
    moved = estimate.change(_share(before), _share(after))
    _note(tallies, f"change of a share, {name}", truth.share[1] - truth.share[0], moved)
    factors, key = questionnaire().factors, ("mean5", "overall")
    moved = estimate.change(*(index(one, factors, rule="mean5") for one in (before, after)))
    wanted = truth.index[1][key] - truth.index[0][key]
    _note(tallies, f"change of the index, {name}", wanted, moved)


def with_replacement(sample: pd.DataFrame) -> SurveyDesign:
    return SurveyDesign(sample, weights="w", strata="stratum", psu="psu")


def without_replacement(sample: pd.DataFrame) -> SurveyDesign:
    communes = sample.drop_duplicates("unit")
    first = communes.groupby("part")["chance"].mean()
    table = sample.assign(
        person_id=np.arange(len(sample)),
        first=first.reindex(sample["part"]).to_numpy(),
        second=sample["taken"] / sample["adults"],
    )
    return SurveyDesign(
        table,
        weights="w",
        strata="part",
        psu=["unit", "person_id"],
        fpc=["first", "second"],
        fpc_as="fraction",
    )


def with_satisfied(sample: pd.DataFrame) -> pd.DataFrame:
    return sample.assign(satisfied=(sample["q01"] >= 4).where(sample["q01"].notna()).astype(float))


def _mean(design: SurveyDesign) -> Any:
    return estimate.mean(design, "q01", missing="drop")


def _share(design: SurveyDesign) -> Any:
    return estimate.share(design, "satisfied", missing="drop")


def _composites(column: Callable[[str], np.ndarray], rule: str) -> dict[str, float]:
    score = IndexRule(rule).score(np.arange(1.0, 6.0))
    items = [_valid_mean(column(item), lambda y: score[y - 1]) for item in ITEMS]
    parts = quantities(questionnaire().factors)
    return dict(zip(parts.names, (np.array(items) @ parts.coefficients).tolist(), strict=True))


def _valid_mean(answers: np.ndarray, of: Callable[[np.ndarray], Any] | None = None) -> float:
    valid = answers[answers > 0]
    return float(np.mean(of(valid) if of else valid))


def _note(tallies: Tallies, name: str, truth: float, found: Any) -> None:
    _note_row(tallies, name, truth, found.table.iloc[-1])


def _note_row(tallies: Tallies, name: str, truth: float, row: pd.Series) -> None:
    tallies.add(name, truth, row["value"], row["se"], row["low"], row["high"])
