"""What an estimate refuses, reports and says about itself."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd
import pytest

from analysis import (
    SurveyDesign,
    estimate,
    models,
    nonresponse,
    reliability,
    replicate,
    satisfaction,
    testing,
    two_sources,
    weighting,
)
from intake.findings import EstimationError


def a_design(**columns: Any) -> SurveyDesign:
    table = pd.DataFrame(
        {
            "w": 10.0,
            "y": [1.0, 2.0, 3.0, 4.0, 5.0, 6.0],
            "sex": ["f", "f", "f", "m", "m", "m"],
            "told": [0, 1, 0, 1, 1, 0],
            **columns,
        }
    )
    return SurveyDesign(table, weights="w")


def test_several_domain_variables_are_stacked_into_one_table() -> None:
    design = a_design(place=["x", "y", "x", "y", "x", "y"])

    table = estimate.mean(design, ["y", "told"], by=[["place"], ["sex", "place"], []]).table

    assert len(table) == 2 * (2 + 4 + 1)
    crossed = table[(table["sex"] == "f") & (table["place"] == "x") & (table["quantity"] == "y")]
    assert crossed["value"].tolist() == [2.0]


def test_a_missing_domain_value_belongs_to_no_domain_and_is_reported() -> None:
    design = a_design(sex=["f", "f", "f", "m", "m", None])

    found = estimate.mean(design, "y", by="sex")

    assert found.table["n"].tolist() == [3, 2]
    assert [finding.code for finding in found.findings] == ["domain-value-missing"]
    assert "1 rows" in found.findings[0].message.en


@pytest.mark.parametrize(
    ("call", "code"),
    [
        (lambda d: estimate.mean(d, "sex"), "item-not-numeric"),
        (lambda d: estimate.mean(d, "height"), "item-missing-column"),
        (lambda d: estimate.mean(d, "gap"), "answers-missing"),
        (lambda d: estimate.mean(d, "gap", missing="zero"), "missing-unknown"),
        (lambda d: estimate.mean(d, "y", deff="often"), "deff-unknown"),
        (lambda d: estimate.mean(d, "y", level=95), "level-out-of-range"),
        (lambda d: estimate.share(d, "sex", interval="exact"), "interval-unknown"),
    ],
)
def test_a_question_that_has_no_answer_is_refused(call: Any, code: str) -> None:
    design = a_design(gap=[1.0, np.nan, 2.0, 3.0, 4.0, 5.0])

    with pytest.raises(EstimationError) as refusal:
        call(design)

    assert refusal.value.code == code


def test_dropping_missing_answers_keeps_the_design() -> None:
    design = a_design(gap=[1.0, np.nan, 2.0, 3.0, 4.0, 5.0])

    row = estimate.mean(design, "gap", missing="drop").table.iloc[0]

    assert (row["value"], row["n"], row["df"]) == (3.0, 5, 5)


def test_a_share_of_a_yes_no_item_has_one_row_and_stays_within_bounds() -> None:
    table = estimate.share(a_design(), "told", by="sex").table

    assert table["category"].tolist() == ["1", "1"]
    assert table["low"].between(0, 1).all()
    assert table["high"].between(0, 1).all()


def test_a_share_of_one_is_flagged_and_its_interval_is_not_a_point() -> None:
    row = estimate.share(a_design(told=1), "told").table.iloc[0]

    assert row["flag"] == "bound"
    # Exact binomial, six of six: 0.025 ** (1 / 6).
    assert row["low"] == pytest.approx(0.025 ** (1 / 6))
    assert row["high"] == 1.0


def test_a_domain_with_one_unit_has_a_value_and_no_error() -> None:
    row = estimate.mean(a_design(sex=["f"] + ["m"] * 5), "y", by="sex").table.iloc[0]

    assert row["value"] == 1.0
    assert np.isnan(row["se"])
    assert row["flag"] == "no-df"


def test_the_covariance_of_two_domains_gives_the_error_of_their_difference() -> None:
    # Two independent simple samples in strata: the variances add up, the covariance is zero.
    table = pd.DataFrame({"w": 1.0, "s": [1, 1, 1, 2, 2, 2], "y": [1.0, 2, 4, 8, 9, 13]})
    design = SurveyDesign(table, weights="w", strata="s")

    found = estimate.mean(design, "y", by="s")

    assert found.covariance([0, 1])[0, 1] == pytest.approx(0.0, abs=1e-12)
    assert np.sqrt(np.diag(found.covariance())) == pytest.approx(found.table["se"].to_numpy())


@pytest.mark.parametrize(
    ("column", "call", "code"),
    [
        ([1j] * 6, lambda d: estimate.mean(d, "k"), "item-not-numeric"),
        ([1j] * 6, lambda d: estimate.share(d, "k"), "categories-unclear"),
        ([[1, 2]] * 6, lambda d: estimate.share(d, "k"), "categories-unclear"),
        ([[1, 2]] * 6, lambda d: estimate.mean(d, "y", by="k"), "categories-unclear"),
        ([np.inf, 1, 2, 3, 4, 5], lambda d: estimate.mean(d, "k"), "answers-infinite"),
        (
            [np.inf, None, 2, 3, 4, 5],
            lambda d: estimate.mean(d, "k", missing="drop"),
            "answers-infinite",
        ),
        ([1e200, 2, 3, 4, 5, 6], lambda d: estimate.mean(d, "k"), "answers-too-large"),
        (
            pd.date_range("2025-01-01", periods=6),
            lambda d: estimate.total(d, "k"),
            "item-not-numeric",
        ),
    ],
)
def test_a_column_of_another_kind_is_refused_by_name(column: Any, call: Any, code: str) -> None:
    with pytest.raises(EstimationError) as refused:
        call(a_design(k=column))

    assert refused.value.code == code
    assert refused.value.findings[0].column == "k"


def test_a_ratio_over_nothing_says_that_its_denominator_is_zero() -> None:
    table = estimate.ratio(a_design(none=[0, 0, 0, 1, 2, 3]), [("y", "none")], by="sex").table

    assert table["flag"].tolist() == ["no-denominator", ""]


def test_a_variance_below_zero_is_no_standard_error_of_zero() -> None:
    table = pd.DataFrame({"p": [0.9, 0.5, 0.4, 0.2], "cases": [80, 41, 38, 15]})

    row = estimate.total(SurveyDesign(table, probabilities="p", pps="overton"), "cases").table

    assert np.isnan(row["se"].iloc[0])
    assert np.isnan(row["low"].iloc[0])
    assert row["flag"].iloc[0] == "variance-below-zero"


def test_a_design_says_what_it_is() -> None:
    table = pd.DataFrame({"w": 1.0, "s": ["a", "a", "b", "b"], "y": [1, 2, 3, 4]})
    design = SurveyDesign(table, weights="w", strata="s")

    said = repr(design.where("y > 1"))

    assert said == "<SurveyDesign: 4 primary units in 2 strata, 4 rows, 3 members>"


@pytest.mark.parametrize(
    ("call", "code"),
    [
        (lambda d: estimate.mean(d, []), "items-unclear"),
        (lambda d: estimate.mean(d, None), "items-unclear"),
        (lambda d: estimate.mean(d, [["y"]]), "items-unclear"),
        (lambda d: estimate.mean(d, 3), "item-missing-column"),
        (lambda d: estimate.mean(d, "y", by=3), "by-column-missing"),
        (lambda d: estimate.mean(d, "y", by=[None]), "items-unclear"),
        (lambda d: estimate.mean(d, "y", level="0.95"), "level-out-of-range"),
        (lambda d: estimate.mean(d, "y", level=None), "level-out-of-range"),
        (lambda d: testing.ttest(d, "y", level=95), "level-out-of-range"),
        (lambda d: models.linear(d, "y ~ sex", level=0), "level-out-of-range"),
        (lambda d: estimate.quantile(d, "y", [[0.5]]), "probability-out-of-range"),
        (lambda d: estimate.quantile(d, "y", "half"), "probability-out-of-range"),
        (lambda d: estimate.ratio(d, None), "ratio-pair"),
        (lambda d: estimate.ratio(d, []), "ratio-pair"),
        (lambda d: estimate.mean(d, "y").covariance([1]), "row-unknown"),
        (lambda d: estimate.mean(d, "y").covariance("y"), "row-unknown"),
        (lambda d: estimate.mean(d, "y").contrast({}), "contrast-shape"),
        (lambda d: estimate.mean(d, "y").contrast({"a": {"y": np.nan}}), "contrast-shape"),
        (lambda d: estimate.mean(d, "y").contrast({"a": {"y": "b"}}), "contrast-shape"),
    ],
)
def test_an_argument_that_makes_no_sense_is_refused(call: Any, code: str) -> None:
    with pytest.raises(EstimationError) as refused:
        call(a_design())

    assert refused.value.code == code


@pytest.mark.parametrize("by", [pd.Index(["sex"]), np.array(["sex"]), ("sex",), [["sex"]]])
def test_names_of_domains_come_in_any_kind_of_list(by: Any) -> None:
    assert estimate.mean(a_design(), "y", by=by).table["sex"].tolist() == ["f", "m"]


def test_a_test_on_strata_of_one_unit_each_is_refused() -> None:
    table = a_design().data.assign(stratum=range(6))
    design = SurveyDesign(table, weights="w", strata="stratum", lonely_psu="average")

    for call in (
        lambda: testing.chisq(design, "sex", "told"),
        lambda: testing.goodness_of_fit(design, "sex", [0.5, 0.5]),
    ):
        with pytest.raises(EstimationError) as refused:
            call()
        assert refused.value.code == "test-no-df"


@pytest.mark.parametrize("replicated", [False, True])
def test_changes_between_parts_of_one_design_have_a_joint_covariance(replicated: bool) -> None:
    rng = np.random.Generator(np.random.PCG64(5))
    table = pd.DataFrame(
        {
            "place": np.tile(np.arange(12), 4),
            "year": np.repeat([1, 2], 24),
            "sex": np.tile(np.repeat(["f", "m"], 12), 2),
            "y": rng.normal(10, 3, 48),
            "w": rng.uniform(1, 3, 48),
        }
    )
    design: Any = SurveyDesign(table, weights="w", psu="place")
    if replicated:
        design = replicate.make(design, kind="jk1", mse=True)

    first, second = (estimate.mean(design.where(f"year == {k}"), "y", by="sex") for k in (1, 2))
    found = estimate.change(first, second)

    both = estimate.mean(design, "y", by=["year", "sex"])
    matrix = np.array([[-1, 0, 1, 0], [0, -1, 0, 1]])
    np.testing.assert_allclose(found.covariance(), matrix @ both.covariance() @ matrix.T, rtol=1e-9)
    np.testing.assert_allclose(found.table["se"] ** 2, np.diag(found.covariance()), rtol=1e-9)
    gap = found.contrast({"gap": {"f": 1, "m": -1}})
    assert gap.covariance()[0, 0] == pytest.approx(gap.table["se"].iloc[0] ** 2)


def test_a_contrast_counts_the_answers_behind_it_once() -> None:
    table = pd.DataFrame(
        {"y": [1.0, 2.0, 4.0, 6.0, 5.0], "x": [2.0, 1.0, 1.0, 0.0, 3.0], "g": list("aabbb")}
    )
    design = SurveyDesign(table.assign(w=1.0), weights="w")
    found = estimate.mean(design, ["y", "x"], by=[[], ["g"]])

    items = found.contrast([[1, -1, 0, 0, 0, 0]])
    domains = found.contrast({"gap": {"y[a]": 1, "y[b]": -1}})
    part = found.contrast("`x[b]` - x")

    assert [items.table["n"][0], domains.table["n"][0], part.table["n"][0]] == [5, 5, 5]


def test_rounds_that_were_drawn_independently_share_nothing() -> None:
    table = pd.DataFrame({"psu": ["a", "b", "c", "d"], "y": [1.0, 2.0, 3.0, 5.0], "w": 1.0})
    rounds = [
        SurveyDesign(one, weights="w", psu="psu")
        for one in (table, table.assign(y=table["y"] + 1.0))
    ]
    first, second = (estimate.mean(one, "y") for one in rounds)

    independent = estimate.change(first, second, panel=False)

    row, se = independent.table.iloc[0], first.table["se"].iloc[0]
    assert row["se"] == pytest.approx(2**0.5 * se)
    assert row["df"] == 6
    assert independent.covariance()[0, 0] == pytest.approx(2 * se**2)
    replicated = [estimate.mean(replicate.make(one, kind="jk1"), "y") for one in rounds]
    assert estimate.change(*replicated, panel=False).table["se"].iloc[0] == pytest.approx(row["se"])


@pytest.mark.parametrize("taken", ["value", "n", "category"])
def test_a_domain_variable_with_the_name_of_a_result_is_refused(taken: str) -> None:
    table = pd.DataFrame({"y": [1.0, 2.0, 3.0, 4.0], taken: list("aabb"), "w": 1.0})

    with pytest.raises(EstimationError) as refusal:
        estimate.mean(SurveyDesign(table, weights="w"), "y", by=taken)

    assert (refusal.value.code, refusal.value.findings[0].column) == ("by-name-taken", taken)


@pytest.mark.parametrize(
    "call",
    [
        lambda table: estimate.mean(table, "y"),
        lambda table: estimate.quantile(table, "y", 0.5),
        lambda table: weighting.rake(table, {"g": {"a": 2, "b": 2}}),
        lambda table: weighting.trim(table, upper=3),
        lambda table: models.linear(table, "y ~ g"),
        lambda table: testing.chisq(table, "g", "g"),
        lambda table: testing.ttest(table, "y"),
        lambda table: reliability.alpha(table, ["y", "w"]),
        lambda table: nonresponse.r_indicator(table, "y", ["g"]),
        lambda table: nonresponse.early_late(table, "y", "w"),
        lambda table: two_sources.compare(table, table, "y"),
        lambda table: satisfaction.index(table, {"A": ["y"]}),
    ],
)
def test_a_table_in_place_of_a_design_is_refused(call: Callable[[Any], object]) -> None:
    table = pd.DataFrame({"y": [1.0, 2.0, 3.0, 4.0], "g": list("aabb"), "w": 1.0})

    with pytest.raises(EstimationError) as refusal:
        call(table)

    assert refusal.value.code == "design-unfit"


def test_a_domain_that_one_round_lacks_is_reported() -> None:
    before = pd.DataFrame({"y": [1.0, 2.0, 3.0, 4.0], "g": list("aabb"), "w": 1.0})
    rounds = [
        estimate.mean(SurveyDesign(table, weights="w"), "y", by="g")
        for table in (before, before.assign(g=list("aacc")))
    ]

    change = estimate.change(*rounds)

    assert change.table["g"].tolist() == ["a"]
    assert [finding.code for finding in change.findings] == ["change-row-unmatched"] * 2
    assert change.findings[0].message.en.endswith("y, b.")
    assert change.findings[1].message.en.endswith("y, c.")
