"""A design says how rows were drawn and refuses to guess what its columns do not say."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest

from analysis import SurveyDesign, estimate
from analysis.expressions import matching_rows
from intake.findings import EstimationError, HailongError, WeightError


def a_table(**columns: Any) -> pd.DataFrame:
    return pd.DataFrame(
        {
            "w": [2.0, 2.0, 3.0, 3.0],
            "stratum": ["a", "a", "b", "b"],
            "psu": ["p1", "p2", "p3", "p4"],
            "y": [1.0, 2.0, 3.0, 5.0],
            **columns,
        }
    )


@pytest.mark.parametrize(
    ("columns", "settings", "code"),
    [
        ({"w": [2.0, np.nan, 3.0, 3.0]}, {}, "weight-missing"),
        ({"w": [2.0, 0.0, 3.0, 3.0]}, {}, "weight-not-positive"),
        ({"w": [2.0, np.inf, 3.0, 3.0]}, {}, "weight-missing"),
        ({"w": ["2", "2,5", "3", "3"]}, {}, "weight-not-numeric"),
        ({"psu": ["p1", "p2", "p1", "p4"]}, {"strata": "stratum", "psu": "psu"},
         "psu-in-two-strata"),
        ({"stratum": ["a", "a", "b", None]}, {"strata": "stratum"}, "design-value-missing"),
        ({"stratum": ["a", "a", "a", "b"]}, {"strata": "stratum"}, "psu-lonely"),
        ({"N": [9, 9, 9, 1]}, {"fpc": "N"}, "fpc-varies"),
        ({"N": [3, 3, 3, 3]}, {"fpc": "N"}, "fpc-below-sample"),
        ({"N": [2, 2, 2, 2]}, {"fpc": "N", "fpc_as": "fraction"}, "fpc-above-one"),
        ({"N": [0, 0, 0, 0]}, {"fpc": "N"}, "fpc-not-positive"),
        ({}, {"fpc": "nowhere"}, "column-missing"),
        ({}, {"lonely_psu": "ignore"}, "lonely-psu-unknown"),
        ({"N": 9}, {"fpc": ["N", "N"], "psu": "psu"}, "stages-differ"),
    ],
)  # fmt: skip
def test_a_column_that_leaves_the_design_open_is_refused(
    columns: dict[str, Any], settings: dict[str, Any], code: str
) -> None:
    with pytest.raises(HailongError) as refusal:
        SurveyDesign(a_table(**columns), weights="w", **settings)

    assert refusal.value.code == code
    assert refusal.value.advice.vi


def test_a_lonely_unit_is_named_with_its_stratum_and_the_choices() -> None:
    table = a_table(stratum=["a", "a", "a", "island"])

    with pytest.raises(EstimationError) as refusal:
        SurveyDesign(table, weights="w", strata="stratum")

    assert "“island”" in str(refusal.value)
    for choice in ("remove", "adjust", "average", "certainty"):
        assert choice in str(refusal.value)


def test_a_missing_weight_is_named_with_its_row() -> None:
    with pytest.raises(WeightError) as refusal:
        SurveyDesign(a_table(w=[2.0, 2.0, np.nan, 3.0]), weights="w")

    assert refusal.value.findings[0].row == 3


def test_labels_that_restart_in_each_stratum_are_accepted_when_said_so() -> None:
    table = a_table(psu=["p1", "p2", "p1", "p2"])

    design = SurveyDesign(table, weights="w", strata="stratum", psu="psu", nest=True)

    assert design.df == 2


def test_a_stratum_taken_whole_needs_no_second_unit() -> None:
    table = a_table(stratum=["a", "a", "a", "island"], N=[9, 9, 9, 1])

    design = SurveyDesign(table, weights="w", strata="stratum", fpc="N")

    assert np.isfinite(estimate.mean(design, "y").table["se"].iloc[0])


def test_weights_follow_from_a_fraction_or_from_probabilities() -> None:
    table = a_table(f=0.25, p=[0.5, 0.5, 0.2, 0.2])

    by_fraction = SurveyDesign(table, fpc="f", fpc_as="fraction")
    by_probability = SurveyDesign(table, probabilities="p")

    assert by_fraction.weights.tolist() == [4.0] * 4
    assert by_probability.weights.tolist() == [2.0, 2.0, 5.0, 5.0]


def test_a_design_reads_arrow_tables_and_files(tmp_path: Path) -> None:
    table = a_table()
    table.to_csv(tmp_path / "t.csv", index=False)
    table.to_parquet(tmp_path / "t.parquet")

    designs = [
        SurveyDesign(source, weights="w", strata="stratum")
        for source in (pa.table(table), tmp_path / "t.csv", str(tmp_path / "t.parquet"))
    ]

    assert {design.df for design in designs} == {2}


def test_a_part_of_the_population_keeps_the_design_and_its_own_freedom() -> None:
    design = SurveyDesign(a_table(), weights="w", strata="stratum", psu="psu")

    part = design.where("stratum == 'a'")

    assert part.weights.tolist() == [2.0, 2.0, 0.0, 0.0]
    assert part.df == 1
    assert design.df == 2


@pytest.mark.parametrize(
    ("condition", "picked"),
    [
        ("region == 'north' and age >= 18", [True, False, False, False]),
        ("not age < 30", [False, True, False, False]),
        ("age in [18, 40]", [True, True, False, False]),
        ("region not in ['north']", [False, True, False, False]),
        ("`years old` > -1 or age == 40", [True, True, True, True]),
        ("18 <= age < 40", [True, False, False, False]),
    ],
)
def test_a_condition_is_true_only_where_nothing_it_needs_is_missing(
    condition: str, picked: list[bool]
) -> None:
    table = pd.DataFrame(
        {
            "age": [18.0, 40.0, np.nan, 17.0],
            "region": ["north", "south", "north", None],
            "years old": [1, 1, 1, 1],
        }
    )

    assert matching_rows(table, condition).tolist() == picked


@pytest.mark.parametrize(
    ("condition", "code"),
    [
        ("__import__('os')", "expression-syntax"),
        ("age +", "expression-syntax"),
        ("age.values > 1", "expression-syntax"),
        ("age", "expression-syntax"),
        ("height > 1", "expression-column"),
        ("age > 'x'", "expression-types"),
    ],
)
def test_a_condition_outside_the_grammar_is_refused(condition: str, code: str) -> None:
    with pytest.raises(EstimationError) as refusal:
        matching_rows(pd.DataFrame({"age": [1, 2]}), condition)

    assert refusal.value.code == code


@pytest.mark.parametrize(
    ("mask", "code"),
    [
        ([True, False], "mask-length"),
        ([0, 3, 0, 2], "mask-not-boolean"),
        (["False", "True", "True", "True"], "mask-not-boolean"),
        (pd.Series([True, False, True, False], index=[3, 2, 1, 0]), "mask-index"),
    ],
)
def test_a_mask_that_could_pick_other_rows_is_refused(mask: Any, code: str) -> None:
    design = SurveyDesign(pd.DataFrame({"w": 1.0, "y": [1, 2, 3, 4]}), weights="w")

    with pytest.raises(EstimationError) as refused:
        design.where(mask)

    assert refused.value.code == code


def test_a_mask_may_miss_a_truth_and_follows_the_index_of_the_table() -> None:
    table = pd.DataFrame({"w": 1.0, "y": [1, 2, 3, 4]}, index=[7, 5, 3, 1])
    design = SurveyDesign(table, weights="w")

    picked = design.where(pd.Series([True, None, False, True], dtype="boolean", index=table.index))

    assert picked.member.tolist() == [True, False, False, True]


@pytest.mark.parametrize(
    ("change", "given", "code"),
    [
        ({"w": [1e80] * 4}, {"weights": "w"}, "weight-out-of-range"),
        ({"w": [1e-90] * 4}, {"weights": "w"}, "weight-out-of-range"),
        ({"w": pd.date_range("2026-01-01", periods=4)}, {"weights": "w"}, "column-not-numeric"),
        ({"w": [1j] * 4}, {"weights": "w"}, "column-not-numeric"),
        ({}, {"weights": ["w", "v"]}, "names-unclear"),
        ({}, {"weights": "w", "strata": 3}, "names-unclear"),
    ],
)
def test_weights_and_names_that_are_none_are_refused(
    change: dict[str, Any], given: dict[str, Any], code: str
) -> None:
    table = pd.DataFrame({"w": 1.0, "v": 1.0, "y": [1, 2, 3, 4]}).assign(**change)

    with pytest.raises(HailongError) as refused:
        SurveyDesign(table, **given)

    assert refused.value.code == code


def test_two_columns_of_one_name_are_refused() -> None:
    table = pd.DataFrame({"w": 1.0, "y": [1, 2]})

    with pytest.raises(EstimationError) as refused:
        SurveyDesign(pd.concat([table, table[["y"]]], axis=1), weights="w")

    assert refused.value.code == "column-repeated"


def test_a_column_that_is_no_probability_is_named_with_its_row() -> None:
    table = a_table(first=[0.5, 0.5, 1.0, 0.2], second=[0.5, 0.5, 0.1, 1.4])

    with pytest.raises(WeightError) as refusal:
        SurveyDesign(table, probabilities=["first", "second"], psu=["psu", "y"])

    finding = refusal.value.findings[0]
    assert (finding.code, finding.row, finding.column) == ("probability-out-of-range", 4, "second")


def test_a_stratum_that_the_second_phase_forgot_is_refused() -> None:
    table = a_table(again=[1, 1, 0, 0])

    with pytest.raises(EstimationError) as refusal:
        SurveyDesign.two_phase(table, phase2="again", phase2_strata="stratum")

    finding = refusal.value.findings[0]
    assert (finding.code, finding.row, finding.column) == ("phase2-stratum-empty", 3, "stratum")


def test_a_census_says_so_by_its_correction_alone() -> None:
    design = SurveyDesign(a_table(units=4).drop(columns="w"), fpc="units")

    found = estimate.mean(design, "y").table.iloc[0]

    assert design.weights.tolist() == [1.0] * 4
    assert (found["value"], found["se"]) == (2.75, 0.0)
