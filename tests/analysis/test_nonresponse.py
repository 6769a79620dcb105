"""What non-response does: outcome rates, representativity, early against late."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest
from r_survey import data, needed

from analysis import replication
from analysis.design import SurveyDesign
from analysis.dispositions import outcome_rates, tally
from analysis.inference.nonresponse import early_late, r_indicator, resistance, response_rates
from intake.findings import EstimationError


def a_generator(seed: int) -> np.random.Generator:
    return np.random.Generator(np.random.PCG64(seed))


def some_cases(rng: np.random.Generator, n: int = 600) -> pd.DataFrame:
    """Issued cases: young men answer least; strata of two sizes, clusters of ten."""
    table = pd.DataFrame(
        {
            "sex": rng.choice(["f", "m"], n),
            "age": rng.choice(["old", "mid", "young"], n, p=[0.3, 0.4, 0.3]),
            "stratum": np.repeat(["a", "b"], n // 2),
            "psu": np.repeat(np.arange(n // 10), 10),
            "w": np.repeat([10.0, 25.0], n // 2),
        }
    )
    line = 0.6 - 0.8 * (table["sex"] == "m") - 0.7 * (table["age"] == "young")
    table["answered"] = (rng.random(n) < 1 / (1 + np.exp(-line))).astype(int)
    return table


def a_design(table: pd.DataFrame) -> SurveyDesign:
    return SurveyDesign(table, weights="w", strata="stratum", psu="psu")


def test_rates_of_a_design_equal_the_weighted_rates_of_the_counts() -> None:
    rng = a_generator(1)
    table = some_cases(rng)
    kinds = ["complete", "partial", "refusal", "non_contact", "other", "unknown", "not_eligible"]
    table["outcome"] = rng.choice(kinds, 600, p=[0.4, 0.1, 0.1, 0.15, 0.05, 0.15, 0.05])
    counted = outcome_rates(tally(table, "outcome", weight="w")).set_index("rate")

    found = response_rates(a_design(table), "outcome").set_index("rate")

    assert found["value"].to_dict() == pytest.approx(counted["value_weighted"].to_dict())
    assert (found["se"] > 0).all()


def test_the_error_of_a_rate_holds_that_of_the_share_of_eligible_cases() -> None:
    # Given the delete-one-cluster jackknife, weights by hand.
    rng = a_generator(2)
    table = some_cases(rng, 300)
    kinds = ["complete", "refusal", "unknown", "not_eligible"]
    table["outcome"] = rng.choice(kinds, 300, p=[0.4, 0.2, 0.25, 0.15])
    full = response_rates(a_design(table), "outcome").set_index("rate").loc["RR3"]
    variance = 0.0
    for psu in table["psu"].unique():
        gone = table["psu"] == psu
        left = table[~gone].copy()
        same = left["stratum"] == table.loc[gone, "stratum"].iloc[0]
        left.loc[same, "w"] *= 15 / 14
        rates = outcome_rates(tally(left, "outcome", weight="w")).set_index("rate")
        variance += 14 / 15 * (rates.loc["RR3", "value_weighted"] - full["value"]) ** 2

    assert full["se"] == pytest.approx(variance**0.5, rel=0.02)


def test_rates_by_domain_stay_between_zero_and_one() -> None:
    table = some_cases(a_generator(3), 200).assign(outcome="complete")
    table.loc[table["age"] == "old", "outcome"] = "refusal"

    found = response_rates(a_design(table), "outcome", by="age").set_index(["group", "rate"])

    assert found.loc[("old", "RR1"), "value"] == 0
    assert 0 < found.loc[("old", "RR1"), "high"] < 0.1
    assert found.loc[("mid", "RR1"), "low"] > 0.9
    assert found["low"].min() >= 0
    assert found["high"].max() <= 1


def test_the_r_indicator_of_categories_follows_from_their_response_rates() -> None:
    # By hand: half answer with 0.9, half with 0.5: S = 0.2, R = 0.6.
    table = pd.DataFrame({"sex": ["f", "m"] * 200, "w": 3.0})
    table["answered"] = [1, 1] * 100 + [1, 0] * 80 + [0, 0] * 20

    found = r_indicator(SurveyDesign(table, weights="w"), "answered", ["sex"])
    whole = found.partial[found.partial["category"] == ""].iloc[0]
    women = found.partial[found.partial["category"] == "f"].iloc[0]

    assert found.unadjusted == pytest.approx(0.6)
    assert found.mean_propensity == pytest.approx(0.7)
    assert whole["unconditional"] == pytest.approx(0.2)
    assert whole["conditional"] == pytest.approx(0.2)
    assert women["unconditional"] == pytest.approx(np.sqrt(0.5) * 0.2)


def test_the_adjustment_is_that_of_a_simple_random_sample() -> None:
    # Shlomo, Skinner and Schouten (2012): (1 + 1/n - 1/N) S² - Σ z' [Σ z x']⁻¹ z / n, N endless.
    table = some_cases(a_generator(4), 500).assign(w=1.0)
    found = r_indicator(SurveyDesign(table, weights="w"), "answered", ["sex", "age"])
    x = np.column_stack(
        [np.ones(500), table["sex"] == "m", table["age"] == "old", table["age"] == "young"]
    ).astype(float)
    rho = found.propensities
    z = x * (rho * (1 - rho))[:, None]
    square = rho.var()
    noise = np.einsum("ij,jk,ik->i", z, np.linalg.inv(z.T @ x), z).mean()

    assert found.value == pytest.approx(1 - 2 * np.sqrt(square * (1 + 1 / 500) - noise), abs=2e-3)


@needed
def test_the_r_indicator_agrees_with_the_fit_of_r() -> None:
    # R 4.2, survey 4.1: svyglm(r ~ meals + stype, dstrat, quasibinomial), r = (awards == "Yes").
    table = data("apistrat.csv").copy()
    table["r"] = (table["awards"] == "Yes").astype(int)
    design = SurveyDesign(table, weights="pw", strata="stype", fpc="fpc")

    found = r_indicator(design, "r", ["meals", "stype"])

    assert found.unadjusted == pytest.approx(0.693370041055)
    assert found.mean_propensity == pytest.approx(0.638936064051)


def test_the_adjusted_indicator_is_right_on_average_and_its_error_too() -> None:
    # Given 80 samples of one population whose true indicator is known.
    values, errors, plain = [], [], []
    for seed in range(80):
        table = some_cases(a_generator(100 + seed), 400)
        found = r_indicator(a_design(table), "answered", ["sex", "age"])
        values.append(found.value)
        errors.append(found.se)
        plain.append(found.unadjusted)
    line = np.array([0.6 - 0.8 * m - 0.7 * y for m in (0, 1) for y in (0, 0, 1)])
    share = np.array([0.5 * p for _ in (0, 1) for p in (0.3, 0.4, 0.3)])
    rho = 1 / (1 + np.exp(-line))
    truth = 1 - 2 * np.sqrt(share @ (rho - share @ rho) ** 2)

    assert np.mean(values) == pytest.approx(truth, abs=0.012)
    assert np.mean(plain) < np.mean(values)
    assert np.mean(errors) == pytest.approx(np.std(values), rel=0.2)


def test_partial_indicators_have_the_error_of_a_jackknife() -> None:
    table = some_cases(a_generator(5), 400)
    found = r_indicator(a_design(table), "answered", ["sex", "age"]).partial
    whole = found[found["category"] == ""].set_index("variable")
    names = ["unconditional", "conditional"]
    squares = np.zeros((2, 2))
    for psu in table["psu"].unique():
        gone = table["psu"] == psu
        left = table[~gone].copy()
        left.loc[left["stratum"] == table.loc[gone, "stratum"].iloc[0], "w"] *= 20 / 19
        again = r_indicator(a_design(left), "answered", ["sex", "age"]).partial
        again = again[again["category"] == ""].set_index("variable")
        squares += 19 / 20 * (again[names].to_numpy() - whole[names].to_numpy()) ** 2

    errors = whole[["se_unconditional", "se_conditional"]].to_numpy()
    assert errors == pytest.approx(np.sqrt(squares), rel=0.1)


@needed
def test_late_less_early_is_the_coefficient_of_a_survey_regression() -> None:
    # R 4.2, survey 4.1: svyglm(api00 ~ late, dclus1) with late = ell > 20, and api00 ~ ell.
    table = data("apiclus1.csv").copy()
    design = SurveyDesign(table, weights="pw", psu="dnum", fpc="fpc")

    two = early_late(design, "api00", "ell", split=20).iloc[0]
    line = resistance(design, "api00", "ell").iloc[0]

    assert (two["difference"], two["se"]) == pytest.approx((-108.909650082, 19.4844779853))
    assert (line["slope"], line["se"]) == pytest.approx((-3.72142979345, 0.46695811918))


def test_late_begins_above_the_median_and_never_leaves_a_side_empty() -> None:
    table = some_cases(a_generator(6), 100).assign(y=1.0, day=[1] * 30 + [9] * 70)

    row = early_late(a_design(table), "y", "day").iloc[0]

    assert (row["n_early"], row["n_late"], row["split"]) == (30, 70, 1)
    assert row["difference"] == 0


def cases_with(**columns: Any) -> SurveyDesign:
    return a_design(some_cases(a_generator(7), 100).assign(y=1.0, day=1, **columns))


@pytest.mark.parametrize(
    ("act", "code"),
    [
        (lambda d: early_late(d, "y", "day"), "order-one-group"),
        (lambda d: resistance(d, "y", "day"), "order-one-group"),
        (lambda d: early_late(d, "z", "day"), "item-missing-column"),
        (lambda d: early_late(d, "sex", "day"), "item-not-numeric"),
        (lambda d: r_indicator(d, "answered", []), "covariates-none"),
        (lambda d: r_indicator(d, "answered", ["colour"]), "covariate-column-missing"),
        (lambda d: r_indicator(d, "answered", ["y"]), "covariate-constant"),
        (lambda d: r_indicator(d, "answered", ["sex", "C(sex)"]), "covariates-collinear"),
        (lambda d: r_indicator(d, "psu", ["sex"]), "response-not-binary"),
        (lambda d: r_indicator(d, "y", ["sex"]), "response-no-variation"),
        (lambda d: response_rates(d, "sex"), "disposition-unknown"),
        (lambda d: response_rates(d, "sex", e=2.0), "eligible-share-impossible"),
    ],
)
def test_what_cannot_be_estimated_is_refused(act: Any, code: str) -> None:
    with pytest.raises(EstimationError) as refusal:
        act(cases_with())

    assert refusal.value.code == code


def test_a_category_where_nobody_answered_is_named() -> None:
    table = some_cases(a_generator(8), 200)
    table.loc[table["age"] == "young", "answered"] = 0

    with pytest.raises(EstimationError) as refusal:
        r_indicator(a_design(table), "answered", ["sex", "age"])

    assert refusal.value.code == "separation"
    assert refusal.value.findings[0].column == "age"


def test_a_missing_covariate_is_named_with_its_row() -> None:
    table = some_cases(a_generator(9), 100)
    table.loc[41, "age"] = None

    with pytest.raises(EstimationError) as refusal:
        r_indicator(a_design(table), "answered", ["age"])

    assert (refusal.value.code, refusal.value.findings[0].row) == ("covariate-missing", 42)


def test_replicate_weights_give_nearly_the_same_errors() -> None:
    table = some_cases(a_generator(10), 300)
    table = table.assign(y=a_generator(11).random(300), day=np.arange(300) % 7)
    design = a_design(table)
    replicates = replication.make(design, kind="jkn")

    for act in (
        lambda d: r_indicator(d, "answered", ["sex", "age"]).se,
        lambda d: early_late(d, "y", "day")["se"].iloc[0],
        lambda d: resistance(d, "y", "day")["se"].iloc[0],
    ):
        assert act(design) == pytest.approx(act(replicates), rel=0.1)


def test_a_rate_without_a_case_that_can_count_says_so() -> None:
    cases = pd.DataFrame({"w": 1.0, "outcome": ["not_eligible", "complete", "refusal"] * 4,
                          "sex": ["m", "f", "f"] * 4})  # fmt: skip

    table = response_rates(SurveyDesign(cases, weights="w"), "outcome", by="sex")

    men = table[table["group"] == "m"]
    assert men.loc[men["value"].isna(), "flag"].eq("no-denominator").all()
    assert men["value"].isna().any()
    assert table.loc[table["value"].notna(), "flag"].eq("").all()
