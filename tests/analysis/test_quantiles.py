"""Quantiles and their intervals, and the interval of a share from its likelihood."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from analysis import SurveyDesign
from analysis.estimation import intervals, likelihood, share
from analysis.estimation.quantile_rules import RULES, quantiles, ranked
from analysis.estimation.quantiles import INTERVALS, REPLICATE_INTERVALS, quantile
from analysis.replication import make
from intake.findings import EstimationError


def a_sample(size: int = 120) -> pd.DataFrame:
    rng = np.random.Generator(np.random.PCG64(19))
    psu = np.repeat(np.arange(size // 5), 5)
    return pd.DataFrame(
        {
            "stratum": psu // 6,
            "psu": psu,
            "w": np.round(rng.uniform(1, 9, size), 2),
            "y": np.round(rng.normal(50, 10, size), 2),
            "sex": rng.choice(["f", "m"], size),
        }
    )


def a_design(table: pd.DataFrame | None = None) -> SurveyDesign:
    table = a_sample() if table is None else table
    return SurveyDesign(table, weights="w", strata="stratum", psu="psu")


@pytest.mark.parametrize(
    ("rule", "wanted"),
    # R 4.2: quantile(c(1, 3, 4, 8, 12), c(0.3, 0.6), type = 1 … 9); equal weights.
    [
        ("hf1", [3.0, 4.0]),
        ("hf2", [3.0, 6.0]),
        ("hf4", [2.0, 4.0]),
        ("hf5", [3.0, 6.0]),
        ("hf6", [2.6, 6.4]),
        ("hf7", [3.2, 5.6]),
        ("hf8", [2.8666666666666667, 6.133333333333334]),
        ("hf9", [2.9, 6.1]),
    ],
)
def test_equal_weights_give_the_quantiles_of_hyndman_and_fan(
    rule: str, wanted: list[float]
) -> None:
    answers = ranked(np.array([8.0, 1.0, 4.0, 12.0, 3.0]), np.ones(5))

    np.testing.assert_allclose(quantiles(answers, np.array([0.3, 0.6]), rule), wanted)


@pytest.mark.parametrize("rule", RULES)
def test_rows_with_weight_zero_and_their_order_change_nothing(rule: str) -> None:
    rng = np.random.Generator(np.random.PCG64(3))
    x, w = rng.normal(size=40), rng.uniform(1, 5, 40)
    more_x, more_w = np.r_[x, [-9.0, 0.0, 9.0]], np.r_[w, [0.0, 0.0, 0.0]]
    order = rng.permutation(43)
    probs = np.array([0.1, 0.5, 0.83])

    found = quantiles(ranked(more_x[order], more_w[order]), probs, rule)

    np.testing.assert_allclose(found, quantiles(ranked(x, w), probs, rule), rtol=1e-12)


@pytest.mark.parametrize("rule", RULES)
def test_one_answer_is_every_quantile_and_none_is_missing(rule: str) -> None:
    probs = np.array([0.0, 0.5, 1.0, np.nan])

    one = quantiles(ranked(np.array([7.0]), np.array([2.5])), probs, rule)
    none = quantiles(ranked(np.zeros(0), np.zeros(0)), probs, rule)

    np.testing.assert_array_equal(one, [7.0, 7.0, 7.0, np.nan])
    assert np.isnan(none).all()


@pytest.mark.parametrize("interval", [*INTERVALS, "quantile"])
def test_an_interval_holds_its_quantile_under_both_kinds_of_design(interval: str) -> None:
    designs = [a_design()] if interval in INTERVALS else []
    designs += [make(a_design(), kind="rao_wu", seed=1)] if interval in REPLICATE_INTERVALS else []
    for design in designs:
        table = quantile(design, "y", [0.3, 0.5], interval=interval).table

        assert (table["low"] <= table["value"]).all()
        assert (table["value"] <= table["high"]).all()
        assert (table["se"] > 0).all()
        assert (table["flag"] == "").all()


def test_where_counts_the_same_as_by() -> None:
    design = a_design()

    both = quantile(design, ["y", "w"], [0.25, 0.5], by="sex").table
    part = quantile(design.where("sex == 'm'"), ["y", "w"], [0.25, 0.5]).table

    mine = both[both["sex"] == "m"].reset_index(drop=True)
    assert list(mine["quantity"]) == ["y", "y", "w", "w"]
    assert list(mine["probability"]) == [0.25, 0.5, 0.25, 0.5]
    for column in ("value", "se", "low", "high", "n", "df", "deff"):
        np.testing.assert_allclose(part[column], mine[column], rtol=1e-12)


def test_tables_of_several_domain_variables_are_stacked() -> None:
    table = quantile(a_design(), "y", 0.5, by=[["sex"], ["stratum"]]).table

    assert table["sex"].notna().sum() == 2
    assert table["stratum"].notna().sum() == 4
    assert table["n"].iloc[:2].sum() == table["n"].iloc[2:].sum() == 120


@pytest.mark.parametrize("kind", ["linear", "jkn", "quantile"])
def test_covariances_hold_the_squared_standard_errors(kind: str) -> None:
    design = a_design() if kind == "linear" else make(a_design(), kind="jkn")
    interval = "quantile" if kind == "quantile" else "xlogit"

    found = quantile(design, "y", [0.4, 0.6], by="sex", interval=interval)

    covariance = found.covariance()
    np.testing.assert_allclose(np.sqrt(np.diag(covariance)), found.table["se"], rtol=1e-9)
    # Two quantiles of one domain move together.
    assert covariance[0, 1] > 0


def test_a_quantile_of_answers_that_do_not_differ_is_certain() -> None:
    row = quantile(a_design(a_sample().assign(y=4.0)), "y", 0.5).table.iloc[0]

    assert (row["value"], row["se"], row["low"], row["high"]) == (4.0, 0.0, 4.0, 4.0)


def test_an_interval_that_ends_beyond_the_answers_says_so() -> None:
    largest = quantile(a_design(), "y", 0.9999).table.iloc[0]
    within = quantile(a_design(), "y", 0.9999, interval="xlogit").table.iloc[0]
    near = quantile(a_design(), "y", 0.985).table.iloc[0]

    assert largest["flag"] == within["flag"] == near["flag"] == "bound"
    assert largest["se"] == 0
    assert np.isnan(within["se"])
    assert np.isfinite(near["low"])
    assert np.isnan(near["high"])


def test_a_domain_of_one_person_and_one_without_answers_are_flagged() -> None:
    table = a_sample().assign(area="a")
    table.loc[7, "area"] = "b"
    table.loc[12, ["area", "y"]] = ["c", np.nan]

    found = quantile(a_design(table), "y", 0.5, by="area", missing="drop").table

    assert list(found["flag"]) == ["", "no-df", "no-cases"]
    assert found["value"].iloc[1] == table["y"].iloc[7]
    assert np.isnan(found["value"].iloc[2])
    assert list(found["n"]) == [118, 1, 0]


@pytest.mark.parametrize(
    ("settings", "code"),
    [
        ({"items": "z"}, "item-missing-column"),
        ({"items": "sex"}, "item-not-numeric"),
        ({"items": "gap"}, "answers-missing"),
        ({"items": "gap", "missing": "ignore"}, "missing-unknown"),
        ({"by": "z"}, "by-column-missing"),
        ({"probs": 1.2}, "probability-out-of-range"),
        ({"probs": []}, "probability-out-of-range"),
        ({"probs": [float("nan")]}, "probability-out-of-range"),
        ({"interval": "quantile"}, "interval-unknown"),
        ({"interval": "wald"}, "interval-unknown"),
        ({"rule": "hf10"}, "rule-unknown"),
        ({"level": 1.0}, "level-out-of-range"),
    ],
)
def test_a_question_that_has_no_answer_is_refused(settings: dict[str, object], code: str) -> None:
    table = a_sample()
    table["gap"] = table["y"].where(table.index != 3)

    with pytest.raises(EstimationError) as refused:
        quantile(a_design(table), **{"items": "y", "probs": 0.5} | settings)

    assert refused.value.code == code


def test_a_missing_answer_is_named_by_row_and_column() -> None:
    table = a_sample()
    table.loc[3, "y"] = np.nan

    with pytest.raises(EstimationError) as refused:
        quantile(a_design(table), "y", 0.5)

    assert (refused.value.findings[0].row, refused.value.findings[0].column) == (4, "y")


def test_score_intervals_need_strata_and_units() -> None:
    with pytest.raises(EstimationError) as refused:
        quantile(make(a_design(), kind="jkn"), "y", 0.5, interval="score")

    assert refused.value.code == "interval-unknown"


def test_nobody_in_the_part_chosen_is_refused() -> None:
    with pytest.raises(EstimationError) as refused:
        quantile(a_design().where("y > 1000"), "y", 0.5)

    assert refused.value.code == "domain-empty"


def test_a_likelihood_interval_grows_with_the_level_and_stays_within_0_and_1() -> None:
    table = a_sample().assign(rare=lambda sample: sample["y"] > 64)
    design = a_design(table)

    narrow = share(design, "rare", level=0.8, interval="likelihood").table.iloc[0]
    wide = share(design, "rare", level=0.99, interval="likelihood").table.iloc[0]

    assert 0 <= wide["low"] < narrow["low"] < narrow["value"]
    assert narrow["value"] < narrow["high"] < wide["high"] <= 1


def test_a_likelihood_interval_mirrors_that_of_the_other_answer() -> None:
    one = np.array([1.0])

    low, high = likelihood.bounds(0.2 * one, 0.05 * one, 90 * one, 2.1 * one)
    other_low, other_high = likelihood.bounds(0.8 * one, 0.05 * one, 90 * one, 2.1 * one)

    np.testing.assert_allclose([low, high], [1 - other_high, 1 - other_low], rtol=1e-9)


def test_a_likelihood_interval_beyond_the_steps_is_exact() -> None:
    one = np.array([1.0])

    low, high = likelihood.bounds(0.02 * one, 0.05 * one, 40 * one, 12.7 * one)

    assert low[0] == 0.0 or low[0] < 1e-6
    assert high[0] > 0.5


@pytest.mark.parametrize("method", intervals.SHARE_INTERVALS)
def test_a_share_of_nothing_or_everything_has_the_exact_binomial_interval(method: str) -> None:
    edge = np.array([0.0, 1.0])

    low, high = intervals.of_share(
        edge, np.zeros(2), np.array([20.0, 20.0]), np.array([9.0, 9.0]), 0.95, method
    )

    # 1 - 0.025^(1/20)
    np.testing.assert_allclose(high[0], 0.16843347098308536)
    np.testing.assert_allclose(low[1], 1 - 0.16843347098308536)
    assert (low[0], high[1]) == (0.0, 1.0)
