"""Truth: a sample that holds units taken with certainty is estimated as it was drawn.

Run with `make simulate`, which prints the table. Each case is drawn 1,000 times on the frame of
Hải Phòng; ``Draw.sample`` with its answers goes into ``SurveyDesign`` without a change, and the
95 % intervals must hold the share of satisfied persons as often as they say. Where the first
stage counts as drawn with replacement, they may do so more often.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import pandas as pd
import pytest
from simulation.catalogue import SURE, TAKE, Case, design_of, first_stage
from simulation.coverage import Tallies, Tally
from simulation.reading import Reader
from simulation.synthetic import communes

from analysis import SurveyDesign, estimate
from sampling import draw

pytestmark = pytest.mark.slow
ROUNDS = 1000
LOW, HIGH = 0.935, 0.965
BY_PLACE = {"strata": "stratum", "psu": "psu_id"}
WEIGHTED = {**BY_PLACE, "weights": "design_weight"}
PERSONS = {"unit": "person", "size": "adults", "method": "srs", "take": 12}
# The special zones with few villages have all of them drawn: their households are units then.
VILLAGES = {"unit": "village", "id": "unit_id", "method": "srs", "take": 4, "short": "all"}
HOMES = {"unit": "household", "size": "households", "method": "srs", "take": 4}


def first(method: str, **further: Any) -> dict[str, Any]:
    """Return stage 1 with the special zones and the two largest communes of a stratum certain."""
    units = sorted(communes(100).frame.units, key=lambda one: -int(one.cells["adults"]))
    large = [[one.unit_id for one in units if one.stratum == name][:2] for name in TAKE]
    return first_stage(
        method, certainty=[*SURE, *(one for part in large for one in part)], **further
    )


@dataclass(frozen=True)
class Told:
    """A case, and how its sample is declared."""

    case: Case
    columns: dict[str, Any] = field(default_factory=lambda: WEIGHTED)
    wide: bool = True


def told(name: str, population: str, *stages: dict[str, Any], **more: Any) -> Told:
    return Told(Case(name, "certainties", population, design_of("sure", *stages)), **more)


TOLD = [
    told(
        "1 stage, Brewer",
        "communes/20",
        first("pps_systematic"),
        columns={**BY_PLACE, "probabilities": "probability", "pps": "brewer"},
        wide=False,
    ),
    told("2 stages", "communes/100", first("pps_systematic"), PERSONS),
    told(
        "2 stages, corrections",
        "communes/100",
        first("srs"),
        PERSONS,
        columns={**WEIGHTED, "psu": ["psu_id", "unit_id"], "fpc": ["communes", "adults"]},
        wide=False,
    ),
    told(
        "3 stages and Kish",
        "villages",
        first("pps_systematic", id="parent_id", size="households"),
        VILLAGES,
        HOMES,
        {"unit": "person", "method": "kish"},
    ),
]


def answered(reader: Reader, secret: str) -> pd.DataFrame:
    """The rows of the last stage of a draw with their answers, and the lengths of lists."""
    made = draw(reader.people.frame, reader.case.design, secret)
    table = made.sample[made.sample["stage"] == made.sample["stage"].max()]
    rows = reader.rows(made)
    frame, sure = reader.people.frame, reader.case.design.stages[0].certainty
    by_chance = [one.stratum for one in frame.units if one.unit_id not in sure]
    return table.assign(
        satisfied=rows.answers[:, 0],
        persons=rows.persons,
        communes=table["stratum"].map(pd.Series(by_chance).value_counts()).fillna(1.0),
        adults=frame.numbers("size" if reader.areas == 2 else "adults")[rows.places],
    )


def tally(name: str) -> Tally:
    """Draw a case again and again, and print how often its intervals hold the truth."""
    one = next(one for one in TOLD if one.case.name == name)
    reader, made = Reader(one.case), Tallies()
    truth = float(reader.people.answers[:, 0].mean())
    for number in range(ROUNDS):
        design = SurveyDesign(answered(reader, f"{name} {number}"), **one.columns)
        row = estimate.ratio(design, ("satisfied", "persons")).table.iloc[0]
        made.add(name, truth, row["value"], row["se"], row["low"], row["high"])
    made.show("Coverage of 95 % intervals, samples as they were drawn with certain units")
    return made.of[name]


@pytest.mark.parametrize("one", TOLD, ids=lambda one: one.case.name)
def test_intervals_of_a_sample_as_it_was_drawn_hold_the_truth(one: Told) -> None:
    found = tally(one.case.name)

    assert len(found.held) == ROUNDS
    assert found.coverage >= LOW - 2 * found.error
    assert one.wide or found.coverage <= HIGH + 2 * found.error


@pytest.mark.parametrize("one", TOLD[1:], ids=lambda one: one.case.name)
def test_rows_of_certain_units_have_no_primary_unit(one: Told) -> None:
    table = answered(Reader(one.case), "one")

    assert 0 < (table["psu_id"] == "").sum() < len(table)
