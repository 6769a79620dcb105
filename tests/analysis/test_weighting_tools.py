"""The single tools for weights: what they do, what they record, what they refuse and why."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd
import pytest

from analysis import SurveyDesign, replication, weighting
from analysis.looks import FONTS
from analysis.weighting.margins import prepare_margins
from analysis.weighting.raking import raked
from analysis.weighting.trimming import trimmed_and_raked
from intake.findings import WeightError

COUNTS = {"sex": {"f": 60.0, "m": 60.0}, "area": {"a": 50.0, "b": 70.0}}


def a_table(**columns: Any) -> pd.DataFrame:
    return pd.DataFrame(
        {
            "w": [1.0, 2.0, 1.0, 2.0, 1.0, 2.0, 1.0, 2.0],
            "psu": [1, 1, 2, 2, 3, 3, 4, 4],
            "sex": ["f", "f", "f", "f", "m", "m", "m", "m"],
            "area": ["a", "b", "a", "b", "a", "b", "a", "b"],
            "income": [3.0, 5.0, 4.0, 9.0, 2.0, 6.0, 8.0, 7.0],
            "responded": [1, 1, 0, 1, 1, 0, 1, 1],
            **columns,
        }
    )


def a_design(**columns: Any) -> SurveyDesign:
    return SurveyDesign(a_table(**columns), weights="w", psu="psu")


def refused(make: Callable[[], Any]) -> WeightError:
    with pytest.raises(WeightError) as refusal:
        make()
    return refusal.value


def test_calibration_meets_counts_and_totals_together() -> None:
    made = weighting.calibrate(a_design(), {**COUNTS, "income": 700.0}, "raking")

    table = made.data
    assert made.weights @ table["income"] == pytest.approx(700.0)
    assert made.weights[table["sex"] == "f"].sum() == pytest.approx(60.0)
    assert made.weights[table["area"] == "a"].sum() == pytest.approx(50.0)


def test_members_of_a_household_keep_one_factor() -> None:
    made = weighting.calibrate(a_design(), {"sex": COUNTS["sex"]}, cluster="psu")

    factor = made.weights / made.data["w"]
    assert factor.groupby(made.data["psu"]).nunique().tolist() == [1, 1, 1, 1]
    assert made.weights[made.data["sex"] == "f"].sum() == pytest.approx(60.0)


def test_a_margin_that_follows_from_another_is_no_fault() -> None:
    design = a_design(woman=["yes"] * 4 + ["no"] * 4)

    made = weighting.calibrate(design, {**COUNTS, "woman": {"yes": 60, "no": 60}})

    assert made.weights.sum() == pytest.approx(120.0)


def test_a_negative_code_that_is_named_is_a_category() -> None:
    made = weighting.poststratify(a_design(code=[-1, -1, 1, 1] * 2), "code", {-1: 30, 1: 70})

    assert made.weights[made.data["code"] == -1].sum() == pytest.approx(30.0)


def test_an_interaction_can_be_named_by_a_tuple_of_columns() -> None:
    counts = {("f", "a"): 10, ("f", "b"): 20, ("m", "a"): 30, ("m", "b"): 40}

    made = weighting.rake(a_design(), {("sex", "area"): counts})

    assert made.weights.tolist() == pytest.approx([5, 10, 5, 10, 15, 20, 15, 20])


@pytest.mark.parametrize(
    ("controls", "settings", "code", "named"),
    [
        ({}, {}, "auxiliary-absent", "no auxiliaries"),
        ({"height": 5}, {}, "auxiliary-column-missing", "height"),
        ({"sex": 120}, {}, "auxiliary-not-numeric", "sex"),
        ({"income": float("nan")}, {}, "auxiliary-total", "income"),
        ({"income": -5}, {}, "auxiliary-total-negative", "-5"),
        ({"gap": 5}, {}, "auxiliary-missing", "row 3"),
        ({"income": 700, "double": 1400}, {}, "auxiliary-collinear", "“income”"),
        ({"sex": COUNTS["sex"], "one": 120}, {}, "auxiliary-collinear", "does not vary"),
        ({"sex": {"f": 60}}, {}, "margin-category-unknown", "“m”"),
        ({"sex": {"f": 60, "m": -1}}, {}, "margin-count-negative", "“m”"),
        (
            {"sex": COUNTS["sex"], "woman": {"yes": 50, "no": 70}},
            {},
            "margins-contradict",
            "woman=yes",
        ),
        (
            {"sex": COUNTS["sex"], "income": 5000},
            {"distance": "raking"},
            "calibration-infeasible",
            "income",
        ),
        (COUNTS, {"distance": "cubic"}, "distance-unknown", "cubic"),
        (COUNTS, {"distance": "logit"}, "bounds-needed", "logit"),
        (COUNTS, {"distance": "logit", "bounds": (2, 3)}, "bounds-exclude-one", "2"),
        (COUNTS, {"bounds": (3, 2)}, "bounds-order", "(3, 2)"),
        (COUNTS, {"cluster": "house"}, "cluster-column-missing", "house"),
        (COUNTS, {"cluster": "gap"}, "cluster-missing", "row 3"),
    ],
)
def test_a_calibration_that_cannot_be_is_refused_and_its_fault_named(
    controls: Any, settings: Any, code: str, named: str
) -> None:
    gap = [1.0, 2.0, None, 4.0, 5.0, 6.0, 7.0, 8.0]
    double = (a_table()["income"] * 2).tolist()
    design = a_design(gap=gap, double=double, one=1.0, woman=["yes"] * 4 + ["no"] * 4)

    refusal = refused(lambda: weighting.calibrate(design, controls, **settings))

    assert refusal.code == code
    assert named in str(refusal)
    assert refusal.text("vi") != refusal.text("en")


@pytest.mark.parametrize(
    ("bounds", "said"),
    [
        ((0.2, 6.0), "The upper bound 6 is too low: it needs at least 12.5"),
        ((11.0, 20.0), "The lower bound 11 is too high: it needs at most 8.75"),
    ],
)
@pytest.mark.parametrize("distance", ["linear", "raking"])
def test_the_bound_that_cannot_hold_is_named_with_the_one_that_could(
    distance: str, bounds: tuple[float, float], said: str
) -> None:
    # Area a has weight 4 for a count of 50, area b weight 8 for a count of 70.
    counts = {"area": COUNTS["area"]}

    refusal = refused(lambda: weighting.calibrate(a_design(), counts, distance, bounds))

    assert refusal.code == "calibration-infeasible"
    assert said in str(refusal)


def test_margins_that_contradict_each_other_are_named_to_the_category() -> None:
    # Nobody outside of area a is a woman, so that women cannot be more than area a.
    design = a_design(area=["a", "a", "a", "a", "a", "b", "b", "c"])
    counts = {"sex": {"f": 80, "m": 40}, "area": {"a": 70, "b": 30, "c": 20}}

    refusal = refused(lambda: weighting.rake(design, counts))

    assert refusal.code == "raking-not-converged"
    assert "“sex=f” (80)" in str(refusal)
    assert "“area=a” (70)" in str(refusal)
    assert "“area=b”" not in str(refusal)


@pytest.mark.parametrize(
    ("make", "code"),
    [
        (lambda design: weighting.rake(design, {}), "margins-absent"),
        (lambda design: weighting.trim(design, 3, 2), "trim-bounds"),
        (lambda design: weighting.trim(design, upper=1.1), "trim-impossible"),
        (
            lambda design: weighting.standardize(design, "height", None, [1]),
            "margin-column-missing",
        ),
        (lambda design: weighting.standardize(design, "sex", None, [1]), "standard-length"),
        (
            lambda design: weighting.standardize(design, "sex", None, [1, 0]),
            "margin-count-negative",
        ),
        (
            lambda design: weighting.standardize(design, "sex", None, {"f": 1}),
            "margin-category-unknown",
        ),
        (lambda design: weighting.standardize(design, "gap", None, [1]), "standard-value-missing"),
        (lambda design: weighting.balance(design), "no-calibration"),
    ],
)
def test_a_tool_that_cannot_do_what_was_asked_says_why(
    make: Callable[[SurveyDesign], Any], code: str
) -> None:
    assert refused(lambda: make(a_design(gap=[1.0, None] * 4))).code == code


def test_combinations_without_respondents_are_left_out_and_listed() -> None:
    design = a_design(area=["a", "a", "a", "a", "a", "b", "b", "b"])

    made = weighting.standardize(design, "sex", "area", {"f": 1, "m": 1})

    assert made.history[-1].settings["absent"] == ("b*f",)
    assert made.weights[design.data["area"] == "a"].sum() == pytest.approx(7.0)


def test_a_category_that_a_replicate_lacks_is_named_with_the_replicate() -> None:
    jackknife = replication.make(a_design(area=["a", "a"] + ["b"] * 6), kind="jk1")

    for weigh in (weighting.rake, weighting.calibrate):
        refusal = refused(lambda weigh=weigh: weigh(jackknife, {"area": {"a": 20, "b": 30}}))
        assert "Replicate 1" in str(refusal)
        assert "Bộ trọng số lặp 1" in refusal.text("vi")


def test_trimmed_replicates_stay_within_the_bounds() -> None:
    made = weighting.trim(replication.make(a_design(), kind="jk1"), upper=2.2, strict=True)

    assert made.replicate_weights.max() <= 2.2 + 1e-12
    assert made.replicate_weights.sum(axis=0) == pytest.approx([12.0] * 4)


def test_those_who_answered_stand_for_their_class() -> None:
    # Weights of all over weights of those who answered: 6/5 for women, 6/4 for men.
    made = weighting.nonresponse(a_design(), classes="sex")

    assert made.weights.tolist() == pytest.approx([1.2, 2.4, 0, 2.4, 1.5, 0, 1.5, 3.0])
    assert made.history[-1].settings["largest_factor"] == pytest.approx(1.5)


def test_a_model_with_one_categorical_column_gives_the_factors_of_classes() -> None:
    # A saturated logistic model reproduces the weighted response rate of each category.
    by_class = weighting.nonresponse(a_design(), classes="sex").weights

    for model in ("sex", ["sex"], "~ C(sex)"):
        made = weighting.nonresponse(a_design(), model=model, groups=None)
        assert made.weights == pytest.approx(by_class, rel=1e-8)


def test_propensity_classes_put_like_with_like() -> None:
    rng = np.random.Generator(np.random.PCG64(3))
    age = rng.uniform(18, 90, 400)
    came = rng.random(400) < 1 / (1 + np.exp(-(age - 50) / 20))
    table = pd.DataFrame({"w": 10.0, "age": age, "responded": came})
    design = SurveyDesign(table, weights="w")

    made = weighting.nonresponse(design, model=["age"], groups=5)

    assert made.weights.sum() == pytest.approx(4000.0)
    assert np.unique(made.weights[came].round(9)).size == 5
    # The young answered less often, so that each of them stands for more people.
    assert made.weights[came & (age < 30)].mean() > made.weights[came & (age > 75)].mean()
    assert made.weights @ age / 4000 == pytest.approx(age.mean(), rel=0.03)


def test_nonresponse_is_adjusted_in_every_replicate() -> None:
    jackknife = replication.make(a_design(), kind="jk1")

    made = weighting.nonresponse(jackknife, classes="area")

    came = a_table()["responded"].to_numpy() == 1
    assert (made.replicate_weights[~came] == 0).all()
    assert made.replicate_weights.sum(axis=0) == pytest.approx([12.0] * 4)


@pytest.mark.parametrize(
    ("settings", "code", "named"),
    [
        ({}, "nonresponse-choice", "Exactly one"),
        ({"classes": "sex", "model": "sex"}, "nonresponse-choice", "Exactly one"),
        ({"classes": "height"}, "class-column-missing", "height"),
        ({"classes": "gap"}, "class-missing", "row 3"),
        ({"classes": "never"}, "class-without-response", "“n”"),
        ({"classes": "sex", "responded": "height"}, "responded-missing", "height"),
        ({"classes": "sex", "responded": "gap"}, "responded-missing", "row 3"),
        ({"classes": "sex", "responded": "area"}, "responded-not-flag", "“a”"),
        ({"model": "height"}, "propensity-column-missing", "height"),
        ({"model": "gap"}, "propensity-missing", "row 3"),
        ({"model": "never"}, "propensity-separates", "never="),
        ({"model": "exact"}, "propensity-separates", "exact"),
        ({"model": ""}, "propensity-empty", "no columns"),
        ({"model": "income", "groups": 0}, "propensity-groups", "0"),
    ],
)
def test_a_nonresponse_adjustment_that_cannot_be_is_refused_and_named(
    settings: Any, code: str, named: str
) -> None:
    came = np.array(a_table()["responded"])
    never = ["n" if flag == 0 else "y" for flag in came]
    gap = [1.0, 2.0, None, 4.0, 5.0, 6.0, 7.0, 8.0]
    design = a_design(never=never, gap=gap, exact=came * 2.0 + np.arange(8) / 100)

    refusal = refused(lambda: weighting.nonresponse(design, **settings))

    assert refusal.code == code
    assert named in str(refusal)


def test_cases_of_unknown_eligibility_are_shared_among_the_known_of_their_class() -> None:
    status = ["eligible", "unknown", "ineligible", "eligible", "eligible", "unknown"] + [
        "eligible"
    ] * 2

    made = weighting.unknown_eligibility(a_design(status=status), "status", classes="sex")

    # Women: 6 over 4 known; men: 6 over 4 known.
    assert made.weights.tolist() == pytest.approx([1.5, 0, 1.5, 3, 1.5, 0, 1.5, 3])
    refusal = refused(lambda: weighting.unknown_eligibility(a_design(), "status"))
    assert refusal.code == "status-missing"


def test_base_weights_are_one_over_the_product_of_probabilities() -> None:
    table = pd.DataFrame({"first": [0.5, 0.1], "second": [0.2, 1.5]})

    assert weighting.base_weights(table, "first").tolist() == [2.0, 10.0]
    refusal = refused(lambda: weighting.base_weights(table, ["first", "second"]))
    assert (refusal.code, refusal.findings[0].row) == ("probability-out-of-range", 2)
    refusal = refused(lambda: weighting.base_weights(table, "third"))
    assert refusal.code == "probability-column-missing"


@pytest.mark.parametrize(
    ("p", "y", "code"),
    [
        ([0.1, 0.2], [1.0, 2.0, 3.0], "lengths-differ"),
        ([0.1, 0.2, 0.3], [1.0, np.nan, 3.0], "value-missing"),
        ([0.1, 0.1, 0.1], [1.0, 2.0, 3.0], "no-variation"),
    ],
)
def test_the_factor_of_spencer_needs_answers_that_vary(p: Any, y: Any, code: str) -> None:
    weights = np.array([1.0, 2.0, 3.0])

    assert refused(lambda: weighting.spencer_factor(np.array(p), weights, np.array(y))).code == code


def test_the_record_says_what_each_step_did() -> None:
    made = weighting.nonresponse(a_design(), classes="sex")
    made = weighting.trim(weighting.rake(made, COUNTS), upper=25.0)

    found = weighting.record(made).set_index("step")

    assert found.index.tolist() == ["base weights", "nonresponse", "raking", "trimming"]
    assert found["n"].tolist() == [8, 6, 6, 6]
    assert found["total"].tolist() == pytest.approx([12, 12, 120, 120])
    assert found["margin_error"]["raking"] < 1e-9
    assert found["converged"]["raking"] is True
    # Trimming after raking leaves the margins, and the record shows by how much.
    assert found["margin_error"]["trimming"] > 1e-3
    assert found["trimmed"]["trimming"] > 0
    assert found["deff"]["raking"] == pytest.approx(
        weighting.kish_factor(made.history[1].after[made.member])
    )


def test_the_balance_is_nought_after_calibration_and_was_not_before() -> None:
    made = weighting.calibrate(a_design(), {**COUNTS, "income": 700.0})

    found = weighting.balance(made)

    before, after = found[found["number"] == 0], found[found["number"] == 1]
    assert before["difference"].abs().max() > 0.1
    assert after["difference"].abs().max() < 1e-9
    # Women are half of the weights and half of the people; the mean income is 700/120.
    row = found[(found["variable"] == "income") & (found["number"] == 0)].iloc[0]
    assert row["target"] == pytest.approx(700 / 120)


@pytest.mark.parametrize(("lang", "word"), [("vi", "Hiệu chỉnh lặp"), ("en", "raking")])
def test_the_love_plot_has_a_point_for_each_category_and_step(lang: str, word: str) -> None:
    made = weighting.rake(a_design(), COUNTS)

    chart = weighting.love_plot(made, lang=lang).to_dict()

    rows = next(rows for rows in chart["datasets"].values() if len(rows) > 1)
    assert len(rows) == 8
    assert any(word in row["step"] for row in rows)
    assert chart["config"]["font"] == FONTS


def test_steps_after_where_leave_the_others_at_zero() -> None:
    part = a_design().where("sex == 'f'")

    made = weighting.trim(
        weighting.calibrate(weighting.rake(part, {"area": COUNTS["area"]}), {"income": 700.0}),
        upper=50.0,
    )

    assert (made.weights[4:] == 0).all()
    assert weighting.record(made)["n"].tolist() == [4, 4, 4, 4]


def test_trimming_and_raking_can_bring_weights_back_in_another_way() -> None:
    table = a_table()
    margins = prepare_margins(table, table["w"].to_numpy(), COUNTS)
    start = raked(table["w"].to_numpy(), margins)
    start[0] *= 8
    called = []

    def again(weights: np.ndarray) -> np.ndarray:
        called.append(weights.max())
        return raked(weights, margins, tolerance=1e-9)

    final, upper, cut = trimmed_and_raked(start, margins, 3.0, again)

    assert called
    assert cut == 1
    assert final.max() <= upper * (1 + 1e-6)


@pytest.mark.parametrize(
    ("make", "code"),
    [
        (lambda d: weighting.poststratify(d, "sex", None), "margin-form"),
        (lambda d: weighting.poststratify(d, "sex", [60, 60]), "margin-form"),
        (lambda d: weighting.poststratify(d, None, {"f": 1}), "margin-column-missing"),
        (lambda d: weighting.rake(d, [("sex", COUNTS["sex"])]), "margin-form"),
        (lambda d: weighting.rake(d, {"sex": 120}), "margin-form"),
        (lambda d: weighting.trim(d, upper="high"), "trim-bounds"),
        (lambda d: weighting.standardize(d, "sex", "area", "half"), "standard-length"),
        (lambda _: weighting.kish_factor(["many"]), "weight-not-number"),
    ],
)
def test_what_is_no_count_and_no_number_is_refused(make: Any, code: str) -> None:
    assert refused(lambda: make(a_design())).code == code


def test_a_standard_population_in_a_series_goes_by_its_labels() -> None:
    standard = {"m": 1.0, "f": 3.0}

    made = weighting.standardize(a_design(), "sex", None, pd.Series(standard))

    named = weighting.standardize(a_design(), "sex", None, standard)
    assert made.weights.tolist() == named.weights.tolist()
    assert made.weights[:4].sum() == pytest.approx(9.0)


def test_a_model_of_answering_takes_names_in_backquotes() -> None:
    table = pd.DataFrame(
        {"w": 1.0, "age.years": [20, 30, 40, 50] * 5, "zone": list("ab") * 10,
         "responded": ([1, 1, 0, 1, 0] * 4)}
    )  # fmt: skip
    design = SurveyDesign(table, weights="w")

    plain = weighting.nonresponse(design, model=["age.years", "C(zone)"], groups=None)
    quoted = weighting.nonresponse(design, model="`age.years` + C(`zone`)", groups=None)

    np.testing.assert_allclose(quoted.weights, plain.weights, rtol=1e-12)


def test_a_sample_in_which_nobody_answered_says_so() -> None:
    table = pd.DataFrame({"w": 1.0, "status": ["unknown"] * 4})

    with pytest.raises(WeightError) as refusal:
        weighting.unknown_eligibility(SurveyDesign(table, weights="w"), "status")

    assert refusal.value.code == "class-without-response"
    assert "“”" not in str(refusal.value)
