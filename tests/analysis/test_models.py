"""Regressions: what they say, what must not change them, and what they refuse."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest

from analysis import SurveyDesign
from analysis.inference import models
from intake.findings import EstimationError


def a_survey(rows: int = 400, **columns: Any) -> pd.DataFrame:
    """Visits in 8 strata of 10 clusters, with a satisfaction that falls with the wait."""
    rng = np.random.Generator(np.random.PCG64(7))
    wait, sex = rng.uniform(5, 60, rows), rng.choice(["female", "male"], rows)
    region = rng.choice(["coast", "hills", "town"], rows)
    latent = 2.0 - 0.05 * wait + 0.6 * (sex == "male") + rng.logistic(size=rows)
    table = pd.DataFrame(
        {
            "stratum": np.arange(rows) % 8,
            "cluster": np.arange(rows) % 80,
            "w": rng.lognormal(3, 0.4, rows),
            "wait": wait,
            "sex": sex,
            "region": region,
            "score": np.digitize(latent, [-1.5, 0.0, 1.5]) + 1,
            "happy": (latent > 0).astype(int),
            "visits": rng.poisson(np.exp(0.4 + 0.01 * wait)),
        }
    )
    return table.assign(**columns)


def drawn(table: pd.DataFrame) -> SurveyDesign:
    return SurveyDesign(table, weights="w", strata="stratum", psu="cluster")


def refused(fit: Any, code: str) -> EstimationError:
    with pytest.raises(EstimationError) as caught:
        fit()
    assert caught.value.code == code
    return caught.value


FITS = [
    (models.linear, "wait ~ sex + region"),
    (models.logistic, "happy ~ wait + sex*region"),
    (models.poisson, "visits ~ wait + region"),
    (models.ordinal, "score ~ wait + sex + region"),
]


@pytest.mark.parametrize(("fit", "formula"), FITS)
def test_the_order_of_the_rows_and_their_weights_unit_change_nothing(
    fit: Any, formula: str
) -> None:
    table = a_survey()

    plain = fit(drawn(table), formula)
    shuffled = fit(drawn(table.iloc[::-1].assign(w=lambda rows: rows["w"] * 1000)), formula)

    np.testing.assert_allclose(plain.table["value"], shuffled.table["value"], rtol=1e-9, atol=1e-9)
    np.testing.assert_allclose(plain.table["se"], shuffled.table["se"], rtol=1e-7)


@pytest.mark.parametrize(("fit", "formula"), FITS)
def test_where_equals_dropping_other_strata(fit: Any, formula: str) -> None:
    table = a_survey()
    kept = table["stratum"] < 5

    narrowed = fit(drawn(table).where("stratum < 5"), formula)
    alone = fit(drawn(table[kept]), formula)

    np.testing.assert_allclose(narrowed.covariance(), alone.covariance(), rtol=1e-9, atol=1e-15)
    assert narrowed.df == alone.df


def test_the_weighted_score_is_zero_at_the_coefficients() -> None:
    table = a_survey()

    found = models.logistic(drawn(table), "happy ~ wait + sex").table

    x = np.column_stack([np.ones(400), table["wait"], table["sex"] == "male"])
    fitted = 1 / (1 + np.exp(-x @ found["value"].to_numpy()))
    np.testing.assert_allclose(
        x.T @ (table["w"] * (table["happy"] - fitted)) / table["w"].sum(), 0, atol=1e-9
    )
    assert found["term"].tolist() == ["(Intercept)", "wait", "sexmale"]


def test_an_ordinal_model_agrees_with_statsmodels_on_equal_weights() -> None:
    from statsmodels.miscmodels.ordinal_model import OrderedModel

    table = a_survey(w=1.0)
    exog = np.column_stack([table["wait"] / 10, table["sex"] == "male"]).astype(float)
    theirs = OrderedModel(table["score"], exog, distr="logit").fit(method="newton", disp=False)

    found = models.ordinal(drawn(table.assign(wait=table["wait"] / 10)), "score ~ wait + sex")

    np.testing.assert_allclose(found.table["value"][:2], theirs.params[:2], rtol=1e-6)
    assert found.deviance == pytest.approx(-2 * theirs.llf, rel=1e-9)


def test_an_ordinal_error_does_not_depend_on_the_unit_of_a_driver() -> None:
    table = a_survey()

    minutes = models.ordinal(drawn(table), "score ~ wait").table
    seconds = models.ordinal(drawn(table.assign(wait=table["wait"] * 6000)), "score ~ wait").table

    # In minutes the information is differenced as R does, in coarse units it is exact.
    assert seconds["se"][0] * 6000 == pytest.approx(minutes["se"][0], rel=1e-3)
    assert seconds["value"][0] * 6000 == pytest.approx(minutes["value"][0], rel=1e-9)


def test_margins_of_a_linear_model_differ_by_its_coefficient() -> None:
    found = models.linear(drawn(a_survey()), "wait ~ sex + happy")

    margins = found.predict_margins("sex").table

    assert margins["sex"].tolist() == ["female", "male"]
    assert np.diff(margins["value"])[0] == pytest.approx(found.table["value"][1], rel=1e-9)


def test_ordinal_margins_are_shares_that_add_up_to_one() -> None:
    found = models.ordinal(drawn(a_survey()), "score ~ wait + sex")

    margins = found.predict_margins("wait", at=[10, 50])

    assert margins.table.groupby("wait")["value"].sum().tolist() == pytest.approx([1.0, 1.0])
    assert margins.table["category"].tolist() == ["1", "2", "3", "4"] * 2
    worst = margins.table.loc[margins.table["category"] == "1", "value"].tolist()
    assert worst[0] < worst[1]
    np.testing.assert_allclose(margins.covariance()[:4, :4].sum(axis=0), 0, atol=1e-12)


def test_a_formula_takes_dotted_names_codes_and_arithmetic() -> None:
    table = a_survey().rename(columns={"wait": "wait.min"}).assign(code=lambda t: t["score"])

    quoted = models.linear(drawn(table), "log(`wait.min`) ~ C(code) + I(visits > 1)").table
    bare = models.linear(drawn(table), "log(wait.min) ~ C(code) + I(visits > 1)").table

    assert quoted["term"].tolist()[1:] == ["C(code)2", "C(code)3", "C(code)4", "I(visits > 1)True"]
    pd.testing.assert_frame_equal(quoted, bare)


def test_without_intercept_the_first_category_gets_its_own_coefficient() -> None:
    found = models.linear(drawn(a_survey()), "wait ~ 0 + region + sex").table

    assert found["term"].tolist() == ["regioncoast", "regionhills", "regiontown", "sexmale"]


def test_missing_values_are_refused_with_their_columns_and_counts() -> None:
    table = a_survey()
    table.loc[[3, 7], "wait"] = np.nan
    table.loc[[7, 9], "sex"] = None

    fault = refused(lambda: models.linear(drawn(table), "happy ~ wait + sex"), "answers-missing")
    kept = models.linear(drawn(table), "happy ~ wait + sex", missing="drop")

    assert "wait (2), sex (2)" in fault.findings[0].message.en
    assert fault.findings[0].row == 4
    assert "3 rows" in kept.findings[0].message.en


def test_a_category_that_decides_the_outcome_is_named_with_its_rows() -> None:
    table = a_survey()
    table.loc[table["region"] == "hills", "happy"] = 1

    fault = refused(
        lambda: models.logistic(drawn(table), "happy ~ wait + region"), "model-separates"
    )

    assert fault.findings[0].column == "regionhills"
    assert f"{(table['region'] == 'hills').sum()} rows" in fault.findings[0].message.en
    assert fault.findings[0].row == int(np.flatnonzero(table["region"] == "hills")[0]) + 1


def test_a_number_that_decides_the_outcome_is_named() -> None:
    table = a_survey(happy=lambda t: (t["wait"] < 30).astype(int))

    fault = refused(lambda: models.logistic(drawn(table), "happy ~ wait"), "model-separates")

    assert fault.findings[0].column == "wait"


def test_separation_is_found_for_counts_and_ordered_answers_too() -> None:
    table = a_survey()
    table.loc[table["region"] == "hills", ["visits", "score"]] = [0, 4]

    counts = refused(lambda: models.poisson(drawn(table), "visits ~ region"), "model-separates")
    ordered = refused(
        lambda: models.ordinal(drawn(table), "score ~ wait + region"), "model-separates"
    )

    assert counts.findings[0].column == ordered.findings[0].column == "regionhills"


def test_one_rare_certain_row_in_many_is_not_taken_for_a_fit() -> None:
    table = a_survey(4000, rare=0.0)
    table.loc[[5], ["rare", "happy"]] = [1.0, 1]

    refused(lambda: models.logistic(drawn(table), "happy ~ wait + rare"), "model-separates")


@pytest.mark.parametrize(
    ("fit", "formula", "columns", "code"),
    [
        (models.linear, "happy ~ wait + double", {"double": lambda t: 2 * t["wait"]},
         "terms-collinear"),
        (models.linear, "wait ~ zero", {"zero": 0.0}, "terms-collinear"),
        (models.linear, "wait ~ only", {"only": "a"}, "term-one-level"),
        (models.linear, "wait ~ missing_column", {}, "column-missing"),
        (models.linear, "wait ~ sex +", {}, "formula-unreadable"),
        (models.linear, "wait sex", {}, "formula-without-outcome"),
        (models.linear, "wait ~ __import__('os')", {}, "formula-unreadable"),
        (models.linear, "wait ~ log(happy)", {}, "value-not-finite"),
        (models.linear, "sex ~ wait", {}, "outcome-not-numeric"),
        (models.linear, "flat ~ wait", {"flat": 3.0}, "outcome-constant"),
        (models.linear, "wait ~ name", {"name": lambda t: t.index.astype(str)},
         "term-levels-many"),
        (models.linear, "wait ~ mixed", {"mixed": ["a", 1] * 200}, "item-mixed-kinds"),
        (models.logistic, "score ~ wait", {}, "outcome-not-binary"),
        (models.logistic, "flat ~ wait", {"flat": 1}, "outcome-constant"),
        (models.poisson, "low ~ sex", {"low": lambda t: t["wait"] - 6}, "outcome-negative"),
        (models.ordinal, "happy ~ wait", {}, "outcome-categories-few"),
        (models.ordinal, "grade ~ wait",
         {"grade": lambda t: pd.Categorical(t["score"], [1, 2, 3, 4, 5], ordered=True)},
         "outcome-category-empty"),
    ],
)  # fmt: skip
def test_what_no_model_can_answer_is_refused_by_name(
    fit: Any, formula: str, columns: dict[str, Any], code: str
) -> None:
    fault = refused(lambda: fit(drawn(a_survey(**columns)), formula), code)

    for finding in fault.findings:
        assert finding.message.vi
        assert finding.advice.en


def test_more_coefficients_than_rows_or_degrees_of_freedom_are_said() -> None:
    table = a_survey()

    refused(lambda: models.linear(drawn(table.head(2)), "wait ~ score + happy"), "psu-lonely")
    few = SurveyDesign(table.head(6), weights="w")
    refused(
        lambda: models.linear(few, "wait ~ score + happy + visits + sex*I(score > 2)"),
        "rows-too-few",
    )
    whole = models.linear(SurveyDesign(table.head(4), weights="w"), "wait ~ visits + I(visits**2)")
    assert whole.df == 1


def test_without_degrees_of_freedom_the_p_values_are_absent_and_that_is_said() -> None:
    table = pd.DataFrame(
        {"y": [1.0, 2.0, 4.0, 3.0], "x": [0.0, 1.0, 2.0, 4.0], "psu": [1, 1, 2, 2], "w": 1.0}
    )

    found = models.linear(SurveyDesign(table, weights="w", psu="psu"), "y ~ x + I(x ** 2)")

    assert found.table["p"].isna().all()
    assert found.findings[0].code == "model-no-df"
    refused(lambda: found.term_test("x"), "test-no-df")
    refused(lambda: found.term_test("x", "LRT"), "test-no-df")


def test_terms_and_margins_that_are_not_in_the_model_are_refused() -> None:
    found = models.linear(drawn(a_survey()), "wait ~ sex + visits")

    refused(lambda: found.term_test("region"), "term-unknown")
    refused(lambda: found.term_test("sex", "score"), "method-unknown")
    refused(lambda: found.predict_margins("region"), "term-unknown")
    refused(lambda: found.predict_margins("sex", at=["other"]), "category-unknown")
    assert found.term_test("sex").df == (1.0, 70.0)
    assert found.term_test("1").df == (1.0, 70.0)


def test_a_declared_category_without_rows_gets_no_coefficient_and_a_warning() -> None:
    table = a_survey(size=lambda t: pd.Categorical(t["region"], ["town", "hills", "coast", "sea"]))

    found = models.linear(drawn(table), "wait ~ size")

    assert found.table["term"].tolist() == ["(Intercept)", "sizehills", "sizecoast"]
    assert found.findings[0].code == "category-without-rows"


@pytest.mark.parametrize("terms", [None, [], 3, [None]])
def test_a_term_that_is_no_text_is_refused(terms: Any) -> None:
    model = models.linear(drawn(a_survey()), "score ~ wait")

    refused(lambda: model.term_test(terms), "formula-unreadable")


@pytest.mark.parametrize("at", [[], ["long"], "long", [float("nan")]])
def test_values_at_which_no_margin_can_be_are_refused(at: Any) -> None:
    model = models.linear(drawn(a_survey()), "score ~ wait")

    refused(lambda: model.predict_margins("wait", at), "values-unfit")
