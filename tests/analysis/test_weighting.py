"""Four steps from base weights to final weights, each explained and none silent."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from analysis import SurveyDesign, weighting
from analysis.respondents import Respondents
from analysis.weighting.margins import prepare_margins
from analysis.weighting.raking import raked
from analysis.weighting.trimming import trimmed, trimmed_and_raked
from intake.findings import EstimationError, WeightError

MARGINS = {"sex": {"1": 400.0, "2": 600.0}, "urban": {"0": 300.0, "1": 700.0}}


def a_round(*, simulated: bool = True, **columns: Any) -> Respondents:
    table = pd.DataFrame(
        {
            "round": "r1",
            "cell": ["c1", "c1", "c1", "c2", "c2", "c2"],
            "unit": ["u1", "u1", "u1", "u2", "u2", "u2"],
            "stratum": ["a", "a", "a", "b", "b", "b"],
            "psu": ["u1", "u1", "u1", "u2", "u2", "u2"],
            "mode": "qr",
            "recruitment": "drawn",
            "design_weight": [10.0, 10.0, 10.0, 20.0, 20.0, 20.0],
            "sex": [1, 2, 2, 1, 2, 1],
            **columns,
        }
    )
    cases = [
        {"cell": "c1", "unit_id": "u1", "stratum": "a", "psu_id": "u1", "design_weight": 10.0,
         "issued": 6, "used": 3, "expected": 90},
        {"cell": "c2", "unit_id": "u2", "stratum": "b", "psu_id": "u2", "design_weight": 20.0,
         "issued": 4, "used": 3, "expected": 40},
    ]  # fmt: skip
    meta = {"round": "r1", "questionnaire": "citizen", "version": "2026-1",
            "simulated": simulated, "cases": cases}  # fmt: skip
    return Respondents(table, meta)


UNITS = pd.DataFrame({"unit_id": ["u1", "u2"], "urban": ["1", "0"]})


def a_spec(**parts: Any) -> weighting.WeightSpec:
    return weighting.weight_spec({"base": "design_weight", **parts})


def a_target(**parts: Any) -> dict[str, Any]:
    return {"method": "raking", "source": "Bảng 3", "simulated": True, "margins": MARGINS, **parts}


def test_those_who_answered_stand_for_all_who_were_asked() -> None:
    # Σ issued base weights / Σ responding base weights: 60/30 in c1, 80/60 in c2.
    found = weighting.weigh(a_round(), a_spec())

    assert found.table["design"].tolist() == [10.0] * 3 + [20.0] * 3
    assert found.table["nonresponse"].tolist() == pytest.approx([20.0] * 3 + [80 / 3] * 3)
    assert found.table["cell"].tolist() == ["c1"] * 3 + ["c2"] * 3


def test_units_taken_with_certainty_are_classes_by_their_strata() -> None:
    respondents = a_round()
    cases = respondents.cases.assign(psu_id="")

    found = weighting.weigh(respondents, a_spec(nonresponse={"classes": "psu_id"}), cases=cases)

    by_cell = weighting.weigh(respondents, a_spec())
    assert found.table["nonresponse"].tolist() == by_cell.table["nonresponse"].tolist()


def test_cells_can_be_merged_into_one_class() -> None:
    found = weighting.weigh(a_round(), a_spec(nonresponse={"classes": [["c1", "c2"]]}))

    factor = (6 * 10 + 4 * 20) / (3 * 10 + 3 * 20)
    assert found.table["nonresponse"].tolist() == pytest.approx(
        [10 * factor] * 3 + [20 * factor] * 3
    )


def test_visits_are_weighted_with_visits_counted_over_tickets() -> None:
    found = weighting.weigh(a_round(), a_spec(base="visits"))

    assert found.table["design"].tolist() == pytest.approx([15.0] * 3 + [10.0] * 3)
    # Three answers stand for the 90 visits of the first counter and the 40 of the second.
    assert found.table["final"].sum() == pytest.approx(130.0)


def test_weights_that_were_not_calibrated_say_so_in_plain_words() -> None:
    record = weighting.weigh(a_round(), a_spec()).record

    assert record["calibrated"] is False
    assert "chưa hiệu chỉnh" in record["statement"]["vi"]
    assert [(step["step"], step["done"]) for step in record["steps"]] == [
        ("base", True), ("nonresponse", True), ("calibrate", False), ("trim", False),
    ]  # fmt: skip


def test_raked_weights_reproduce_every_margin_and_name_their_source() -> None:
    found = weighting.weigh(a_round(), a_spec(calibrate=a_target(), trim=False), units=UNITS)

    weights, sex = found.table["final"], a_round().table["sex"]
    assert weights[sex == 1].sum() == pytest.approx(400.0)
    assert weights[:3].sum() == pytest.approx(700.0)
    assert found.record["source"] == "Bảng 3"
    assert found.record["simulated_margins"] is True
    assert found.record["diagnostics"]["margin_error"] < 1e-9


def test_an_interaction_is_a_margin_of_its_own() -> None:
    margins = {"sex*urban": {"1*1": 100.0, "2*1": 300.0, "1*0": 400.0, "2*0": 200.0}}

    found = weighting.weigh(
        a_round(), a_spec(calibrate=a_target(margins=margins), trim=False), units=UNITS
    )

    assert found.table["final"].tolist() == pytest.approx([100, 150, 150, 200, 200, 200])


def test_simulated_margins_are_refused_in_a_real_round() -> None:
    with pytest.raises(WeightError) as refusal:
        weighting.weigh(a_round(simulated=False), a_spec(calibrate=a_target()), units=UNITS)

    assert refusal.value.code == "simulated-margins-in-real-round"


def test_real_margins_in_a_simulated_round_are_labelled() -> None:
    spec = a_spec(calibrate=a_target(simulated=False))

    record = weighting.weigh(a_round(), spec, units=UNITS).record

    assert "mô phỏng" in record["statement"]["vi"]
    assert "the counts are real" in record["statement"]["en"]


def test_a_response_without_its_sex_keeps_its_place() -> None:
    # Known rows get N_c times the weighted share of the known, 120/140 by base and response.
    round_ = a_round(sex=[-1, 2, 2, 1, 2, 1])

    found = weighting.weigh(
        round_, a_spec(calibrate=a_target(margins={"sex": {"1": 400, "2": 600}}), trim=False)
    )

    weights, sex = found.table["final"], round_.table["sex"]
    assert weights.sum() == pytest.approx(1000.0)
    assert weights[sex == 1].sum() == pytest.approx(400 * 120 / 140)
    assert weights[sex == -1].sum() == pytest.approx(1000 * 20 / 140)


@pytest.mark.parametrize(
    ("margins", "code", "named"),
    [
        (
            {"sex": {"1": 400, "2": 600}, "urban": {"0": 300, "1": 800}},
            "margin-totals-differ",
            "1,100",
        ),
        ({"sex": {"1": 400, "2": 500, "3": 100}}, "margin-category-empty", "“3”"),
        ({"sex": {"1": 1000}}, "margin-category-unknown", "“2”"),
        ({"sex": {"1": 1000, "2": 0}}, "margin-category-zero", "“2”"),
        ({"height": {"1": 1000}}, "margin-column-missing", "height"),
    ],
)
def test_a_margin_that_cannot_hold_is_refused_and_named(
    margins: dict[str, Any], code: str, named: str
) -> None:
    with pytest.raises(WeightError) as refusal:
        weighting.weigh(a_round(), a_spec(calibrate=a_target(margins=margins)), units=UNITS)

    assert refusal.value.code == code
    assert named in str(refusal.value)


def test_margins_that_contradict_each_other_are_named_when_raking_does_not_converge() -> None:
    # Sex and place coincide in the sample, but not in the targets.
    table = pd.DataFrame({"w": 1.0, "sex": [1, 1, 2, 2], "urban": [0, 0, 1, 1]})
    margins = {"sex": {"1": 400, "2": 600}, "urban": {"0": 500, "1": 500}}

    with pytest.raises(WeightError) as refusal:
        weighting.rake(SurveyDesign(table, weights="w"), margins)

    assert refusal.value.code == "raking-not-converged"
    assert "sex" in str(refusal.value)


@pytest.mark.parametrize(
    ("method", "more"),
    [("linear", {}), ("raking", {"bounds": [0.1, 30]}), ("logit", {"bounds": [0.1, 30]})],
)
def test_every_method_of_the_specification_reproduces_the_margins(
    method: str, more: dict[str, Any]
) -> None:
    spec = a_spec(calibrate=a_target(method=method, **more), trim={"times_median": 3})

    found = weighting.weigh(a_round(), spec, units=UNITS)

    weights, sex = found.table["final"], a_round().table["sex"]
    assert weights[sex == 1].sum() == pytest.approx(400.0)
    assert weights[:3].sum() == pytest.approx(700.0)
    said = found.record["steps"][2]["en"]
    assert said.startswith("Raked" if method == "raking" else "Calibrated with")


def test_linear_weights_below_zero_are_refused_with_the_row() -> None:
    round_ = a_round(sex=[1, 2, 2, 1, 2, 2])
    margins = {"sex": {"1": 900, "2": 100}, "urban": {"0": 200, "1": 800}}
    spec = a_spec(calibrate=a_target(method="linear", margins=margins), trim=False)

    with pytest.raises(WeightError) as refusal:
        weighting.weigh(round_, spec, units=UNITS)

    assert refusal.value.code == "calibration-weight-not-positive"
    assert refusal.value.findings[0].row == 5


@pytest.mark.parametrize("bounds", [None, [2, 3], [0.5], "wide", [0.5, True]])
def test_bounds_that_mean_nothing_are_refused(bounds: Any) -> None:
    with pytest.raises(WeightError) as refusal:
        a_spec(calibrate=a_target(method="logit", bounds=bounds))

    found = {(finding.code, finding.path) for finding in refusal.value.findings}
    assert found == {("spec-bounds", "calibrate.bounds")}


def test_trimming_holds_its_bound_and_the_margins_together() -> None:
    rng = np.random.Generator(np.random.PCG64(7))
    table = pd.DataFrame({"sex": rng.integers(1, 3, 400), "urban": rng.integers(0, 2, 400)})
    weights = rng.lognormal(3, 1, 400)
    margins = prepare_margins(table, weights, MARGINS)

    final, upper, cut = trimmed_and_raked(raked(weights, margins), margins, times_median=4.0)

    assert cut > 0
    assert final.max() <= upper * (1 + 1e-6)
    assert final[table["sex"] == 1].sum() == pytest.approx(400.0, rel=1e-5)


def test_trimming_keeps_the_total_and_can_be_impossible() -> None:
    weights = np.array([1.0, 1.0, 1.0, 9.0])

    assert trimmed(weights, 0.0, 6.0, strict=True).tolist() == [2.0, 2.0, 2.0, 6.0]
    with pytest.raises(WeightError) as refusal:
        trimmed(weights, 0.0, 2.0, strict=True)
    assert refusal.value.code == "trim-impossible"


def test_a_class_in_which_nobody_answered_must_be_merged() -> None:
    round_ = a_round()
    alone = Respondents(round_.table[round_.table["cell"] == "c1"].copy(), round_.meta)

    with pytest.raises(WeightError) as refusal:
        weighting.weigh(alone, a_spec())

    assert refusal.value.code == "class-without-response"
    assert "c2" in str(refusal.value)


@pytest.mark.parametrize(
    ("classes", "codes"),
    [
        ([["c1", "c9"], ["c2"]], {"class-unknown-cell"}),
        ([["c1"], ["c1", "c2"]], {"class-repeats-cell"}),
        ([["c1"]], {"class-lacks-cell"}),
    ],
)
def test_every_cell_lies_in_exactly_one_class(classes: list[list[str]], codes: set[str]) -> None:
    with pytest.raises(WeightError) as refusal:
        weighting.weigh(a_round(), a_spec(nonresponse={"classes": classes}))

    assert {finding.code for finding in refusal.value.findings} == codes


def test_a_specification_is_refused_with_all_its_faults_and_their_places(tmp_path: Path) -> None:
    path = tmp_path / "weights.yaml"
    path.write_text(
        "base: magic\n"
        "nonresponse: {classes: colour}\n"
        "calibrate:\n"
        "  method: greg\n"
        "  margins: {sex: {'1': -5}}\n"
        "trim: {times_median: 0.5}\n"
        "colour: red\n",
        encoding="utf-8",
    )

    with pytest.raises(WeightError) as refusal:
        weighting.read_weight_spec(path)

    found = {(finding.code, finding.path) for finding in refusal.value.findings}
    assert ("spec-base", "base") in found
    assert ("spec-nonresponse", "nonresponse.classes") in found
    assert ("spec-method", "calibrate.method") in found
    assert ("calibration-without-source", "calibrate") in found
    assert ("spec-margins", "calibrate.margins.sex.1") in found
    assert ("spec-trim", "trim") in found
    assert ("spec-key-unknown", "colour") in found
    assert all(finding.row for finding in refusal.value.findings)


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"design_weight": 11.0}, "design-weight-differs"),
        ({"cell": "c9"}, "responses-unknown-cell"),
    ],
)
def test_responses_and_cells_must_fit_together(change: dict[str, Any], code: str) -> None:
    with pytest.raises(WeightError) as refusal:
        weighting.weigh(a_round(**change), a_spec())

    assert refusal.value.code == code


def test_visits_that_were_not_counted_are_asked_for() -> None:
    round_ = a_round()
    cases = round_.cases.assign(expected=[90, 2])

    with pytest.raises(WeightError) as refusal:
        weighting.weigh(round_, a_spec(base="visits"), cases=cases)

    assert refusal.value.code == "visits-missing"
    assert "c2" in str(refusal.value)


@pytest.mark.parametrize("weights", [[], [1.0, 0.0], [1.0, np.nan], [1.0, -2.0]])
def test_impossible_weights_have_no_kish_factor(weights: list[float]) -> None:
    with pytest.raises(WeightError):
        weighting.kish_factor(np.array(weights))


def test_weights_of_other_responses_are_refused() -> None:
    round_ = a_round()
    weights = weighting.weigh(round_, a_spec()).table

    with pytest.raises(WeightError) as refusal:
        weighting.check_weights(weights.iloc[::-1], round_.table)

    assert refusal.value.code == "weights-of-other-data"


def test_two_units_of_one_code_are_refused_with_the_row_of_the_second() -> None:
    twice = pd.concat([UNITS, UNITS.iloc[:1]], ignore_index=True)

    with pytest.raises(WeightError) as refusal:
        weighting.weigh(a_round(), a_spec(calibrate=a_target()), units=twice)

    finding = refusal.value.findings[0]
    assert (finding.code, finding.row, finding.column) == ("units-table", len(twice), "unit_id")
    assert f"“{UNITS['unit_id'].iloc[0]}”" in finding.message.en


def test_a_table_of_cells_without_base_weights_is_refused() -> None:
    cases = pd.DataFrame({"cell": ["a", "b"], "issued": [5, 5]})

    with pytest.raises(EstimationError) as refusal:
        weighting.response_factors(np.ones(2), ["a", "b"], cases, [["a"], ["b"]])

    finding = refusal.value.findings[0]
    assert (finding.code, finding.column) == ("cases-column-missing", "base")


def test_two_rows_of_one_cell_are_refused() -> None:
    cases = pd.DataFrame({"cell": ["a", "b", "a"], "issued": [5, 5, 5], "base": 1.0})

    with pytest.raises(WeightError) as refusal:
        weighting.response_factors(np.ones(2), ["a", "b"], cases, [["a"], ["b"]])

    finding = refusal.value.findings[0]
    assert (finding.code, finding.row, finding.column) == ("cases-repeated", 3, "cell")
