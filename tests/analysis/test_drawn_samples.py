"""A sample goes into a design as it was drawn: a row without a primary unit is one by itself."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from staged_designs import HOUSEHOLD, villages

from analysis import SurveyDesign, estimate, replicate
from analysis.estimation.changes import change
from intake.findings import EstimationError
from sampling import SampleDesign, draw

COLUMNS: dict[str, Any] = {"weights": "design_weight", "strata": "stratum"}
DRAWN: dict[str, Any] = {**COLUMNS, "psu": "psu_id"}
HAND: dict[str, Any] = {**COLUMNS, "psu": "hand"}
COMMUNE: dict[str, Any] = {
    "unit": "commune",
    "id": "parent_id",
    "method": "pps_systematic",
    "size": "households",
}
VILLAGE: dict[str, Any] = {"unit": "village", "id": "unit_id", "method": "srs"}
SURE: dict[str, Any] = {**VILLAGE, "take": 8, "certainty": ["c3v1", "c4v2"]}
STAGES: dict[int, list[dict[str, Any]]] = {
    1: [SURE],
    2: [SURE, HOUSEHOLD],
    # Of c2 all three villages are taken: their households are primary units; c4 is certain too.
    3: [{**COMMUNE, "take": 4, "certainty": ["c2", "c4"]}, {**VILLAGE, "take": 3}, HOUSEHOLD],
}


@cache
def drawn(stages: int, secret: int = 1) -> pd.DataFrame:
    """The last stage of a draw with certain units, with answers; ``hand`` labels every unit."""
    design = SampleDesign.from_dict({"version": 1, "stages": STAGES[stages]})
    sample = draw(villages(), design, secret).sample
    table = sample[sample["stage"] == stages].reset_index(drop=True)
    rng = np.random.Generator(np.random.PCG64(secret))
    own = table["unit_id"].where(table["psu_id"] == "", table["psu_id"])
    return table.assign(
        hand=own,
        village=table["unit_id"].str.split("-").str[0],
        points=rng.integers(1, 6, len(table)) + 0.0,
        sex=rng.choice(["f", "m"], len(table)),
    )


def check_same(one: estimate.Estimates, other: estimate.Estimates) -> None:
    pd.testing.assert_frame_equal(one.table, other.table, rtol=1e-12, atol=1e-14)


@pytest.mark.parametrize("stages", [2, 3])
@pytest.mark.parametrize("empty", ["", None, np.nan, pd.NA])
def test_a_row_without_a_unit_is_one_by_itself(stages: int, empty: Any) -> None:
    table = drawn(stages)
    without = table["psu_id"] == ""
    design = SurveyDesign(table.assign(psu_id=table["psu_id"].mask(without, empty)), **DRAWN)
    hand = SurveyDesign(table, **HAND)

    assert 0 < without.sum() < len(table)
    assert len(set(table.loc[without, "stratum"])) > 1
    assert design.df == hand.df
    for by in (None, "sex"):
        check_same(estimate.mean(design, "points", by), estimate.mean(hand, "points", by))
    part = [one.where("sex == 'f'") for one in (design, hand)]
    check_same(estimate.total(part[0], "points"), estimate.total(part[1], "points"))


@pytest.mark.parametrize("kind", ["jkn", "rao_wu"])
def test_replicates_are_those_of_units_labelled_by_hand(kind: str) -> None:
    seed = {"seed": 1} if kind == "rao_wu" else {}
    made = [
        replicate.make(SurveyDesign(drawn(2), **columns), kind=kind, **seed)
        for columns in (DRAWN, HAND)
    ]

    assert made[0].replicates == made[1].replicates
    check_same(*(estimate.mean(one, "points") for one in made))


def test_labels_may_be_numbers_and_start_again_in_every_stratum() -> None:
    table = drawn(3)
    within = table.groupby("stratum")["psu_id"].transform(lambda one: pd.factorize(one)[0])
    table = table.assign(psu_id=within.where(table["psu_id"] != "").astype(float))

    design = SurveyDesign(table, **DRAWN, nest=True)

    check_same(
        estimate.mean(design, "points"), estimate.mean(SurveyDesign(table, **HAND), "points")
    )


def persons() -> pd.DataFrame:
    """Two persons of each household drawn in two stages; some units are certain."""
    households = drawn(2)
    table = pd.concat([households, households.assign(points=6 - households["points"])])
    return table.reset_index(drop=True).assign(units=16.0, homes=40.0)


def test_persons_of_a_household_are_one_unit_where_a_column_names_it() -> None:
    """Households are numbered anew in every village, as interviewers do."""
    table = persons().assign(home=lambda one: one["unit_id"].str[-2:].astype(int))

    design = SurveyDesign(table, **{**DRAWN, "psu": ["psu_id", "home"]})
    hand = SurveyDesign(table, **HAND)

    assert design.df == hand.df
    check_same(estimate.mean(design, "points"), estimate.mean(hand, "points"))


@pytest.mark.parametrize("kind", ["count", "fraction"])
def test_corrections_move_up_with_the_stages(kind: str) -> None:
    table = persons()
    inside = table["psu_id"] == ""
    if kind == "fraction":
        table = table.assign(units=0.5, homes=5 / 40)
        table.loc[inside, "units"] = 1.0
    # By hand: a certain unit's households are drawn from its list, and each of them is whole.
    hand = table.assign(
        units=table["units"].mask(inside, table["homes"]),
        homes=table["homes"].mask(inside, 1.0),
    )
    fpc = {"fpc": ["units", "homes"], "fpc_as": kind}

    found = SurveyDesign(table, **{**DRAWN, "psu": ["psu_id", "unit_id"]}, **fpc)
    wanted = SurveyDesign(hand, **{**HAND, "psu": ["hand", "unit_id"]}, **fpc)

    check_same(estimate.mean(found, "points"), estimate.mean(wanted, "points"))
    weights = [
        SurveyDesign(one, strata="stratum", psu=[psu, "unit_id"], **fpc).weights
        for one, psu in ((table, "psu_id"), (hand, "hand"))
    ]
    np.testing.assert_allclose(*weights, rtol=1e-12)


def test_without_the_correction_of_its_own_stage_a_row_has_none() -> None:
    table = persons()
    columns = {**DRAWN, "psu": ["psu_id", "unit_id"]}

    found = estimate.total(SurveyDesign(table, **columns, fpc="units"), "points").table["se"]

    inside = table["psu_id"] == ""
    parts = [
        SurveyDesign(table[which], **HAND, **correction)
        for which, correction in ((inside, {}), (~inside, {"fpc": "units"}))
    ]
    squares = sum(estimate.total(one, "points").table["se"].iloc[0] ** 2 for one in parts)
    assert found.iloc[0] == pytest.approx(np.sqrt(squares), rel=1e-12)


def test_with_one_column_of_units_the_correction_is_that_of_what_the_rows_are() -> None:
    table = drawn(2).assign(listed=lambda one: np.where(one["psu_id"] == "", 40.0, 16.0))

    check_same(
        *(
            estimate.mean(SurveyDesign(table, **columns, fpc="listed"), "points")
            for columns in (DRAWN, HAND)
        )
    )


def test_strata_of_the_next_stage_cut_a_certain_unit() -> None:
    table = persons().assign(side=lambda one: one["sex"])
    inside = table["psu_id"] == ""
    hand = table.assign(stratum=table["stratum"].mask(inside, table["stratum"] + table["side"]))
    # Outside, the strata of the next stage say nothing without its correction.
    columns = {**DRAWN, "strata": ["stratum", "side"], "psu": ["psu_id", "unit_id"]}

    check_same(
        estimate.mean(SurveyDesign(table, **columns, lonely_psu="remove"), "points"),
        estimate.mean(SurveyDesign(hand, **HAND, lonely_psu="remove"), "points"),
    )


def test_a_unit_of_a_later_stage_needs_its_label() -> None:
    table = persons().assign(unit_id=lambda one: one["unit_id"].mask(one.index == 3))

    with pytest.raises(EstimationError) as refusal:
        SurveyDesign(table, **{**DRAWN, "psu": ["psu_id", "unit_id"]})

    finding = refusal.value.findings[0]
    assert (finding.code, finding.row, finding.column) == ("design-value-missing", 4, "unit_id")


def rounds(*columns: dict[str, Any]) -> list[estimate.Estimates]:
    """The same villages in two rounds, of which the second has numbers for its units."""
    first = drawn(2)
    again = first.assign(points=drawn(2, 2)["points"].to_numpy()[: len(first)])
    return [
        estimate.mean(SurveyDesign(table, **one), "points")
        for table, one in zip((first, again), columns, strict=True)
    ]


def test_rows_by_themselves_are_other_ones_in_the_next_round() -> None:
    table = drawn(2)
    inside = table["psu_id"] == ""
    hands = [
        table.assign(hand=table["hand"].mask(inside, table["hand"] + part)) for part in ("a", "b")
    ]
    points = drawn(2, 2)["points"].to_numpy()

    found = rounds(DRAWN, DRAWN)
    wanted = [
        estimate.mean(SurveyDesign(hands[0], **HAND), "points"),
        estimate.mean(SurveyDesign(hands[1].assign(points=points), **HAND), "points"),
    ]

    check_same(change(*found), change(*wanted))


def test_named_households_of_a_certain_unit_are_the_same_in_the_next_round() -> None:
    columns = {**DRAWN, "psu": ["psu_id", "unit_id"]}

    check_same(change(*rounds(columns, columns)), change(*rounds(HAND, HAND)))


def test_numbers_of_units_are_the_same_with_and_without_gaps() -> None:
    table = drawn(3)
    number = pd.Series(pd.factorize(table["psu_id"])[0] + 100, index=table.index)
    full = table.assign(psu_id=number)  # households of c2 share a number: one more unit
    gaps = table.assign(psu_id=number.where(table["psu_id"] != "").astype(float))
    full = full[table["psu_id"] != ""]

    both = [estimate.mean(SurveyDesign(one, **DRAWN), "points") for one in (full, gaps)]

    assert change(*both).table["correlation"].iloc[0] > 0.5


@pytest.mark.parametrize("ending", ["csv", "parquet"])
def test_rows_that_stay_in_a_file_are_brought_where_one_is_a_unit(
    ending: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HAILONG_ENGINE", "duckdb")
    table, path = drawn(2), tmp_path / f"sample.{ending}"
    table.to_csv(path, index=False) if ending == "csv" else table.to_parquet(path)

    design = SurveyDesign(path, **DRAWN)

    check_same(
        estimate.mean(design, "points", "sex"),
        estimate.mean(SurveyDesign(table, **HAND), "points", "sex"),
    )
    with pytest.raises(EstimationError) as refusal:
        estimate.mean(design, "points", engine="duckdb")
    assert refusal.value.code == "engine-needs-rows"


def test_two_phases_take_the_first_as_it_was_drawn() -> None:
    table = drawn(2).assign(again=lambda one: np.arange(len(one)) % 3 != 0)
    ways = [
        {"strata": "stratum", "psu": psu, "weights": "design_weight"} for psu in ("psu_id", "hand")
    ]

    check_same(
        *(
            estimate.mean(SurveyDesign.two_phase(table, phase1=way, phase2="again"), "points")
            for way in ways
        )
    )


def test_two_phases_move_the_stages_of_the_first_up() -> None:
    table = persons().assign(again=lambda one: np.arange(len(one)) % 3 != 0)
    inside = table["psu_id"] == ""
    hand = table.assign(
        units=table["units"].mask(inside, table["homes"]), homes=table["homes"].mask(inside, 1.0)
    )
    made = [
        SurveyDesign.two_phase(
            one,
            phase1={"strata": "stratum", "psu": [psu, "unit_id"], "fpc": ["units", "homes"]},
            phase2="again",
        )
        for one, psu in ((table, "psu_id"), (hand, "hand"))
    ]

    check_same(*(estimate.mean(one, "points") for one in made))


@pytest.mark.parametrize("away", [False, True])
def test_a_lone_unit_that_was_certain_adds_nothing(
    away: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    table, path = drawn(1), tmp_path / "villages.parquet"
    table.to_parquet(path)
    if away:
        monkeypatch.setenv("HAILONG_ENGINE", "duckdb")
    by_chance = table[table["probability"] < 1]

    design = SurveyDesign(
        path if away else table, probabilities="probability", strata="stratum", psu="psu_id"
    )

    assert (design.away is not None) == away
    assert len(by_chance) == len(table) - 2
    assert estimate.total(design, "points").table["se"].iloc[0] == pytest.approx(
        estimate.total(SurveyDesign(by_chance, **DRAWN), "points").table["se"].iloc[0], rel=1e-12
    )


def test_a_lone_unit_is_refused_where_chance_or_weights_alone_are_told() -> None:
    table = drawn(1)
    lone = table["probability"] == 1
    changed = table.assign(probability=table["probability"].mask(lone, 0.9))

    for rows, way in (
        (table, {"weights": "design_weight"}),
        (changed, {"probabilities": "probability"}),
    ):
        with pytest.raises(EstimationError) as refusal:
            SurveyDesign(rows, **way, strata="stratum", psu="psu_id")
        assert refusal.value.code == "psu-lonely"
