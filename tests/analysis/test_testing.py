"""Tests of differences: what they find, what must not change them, and what they refuse."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest
from scipy import special

from analysis import SurveyDesign, estimate, reliability, weighting
from analysis.inference import models, testing
from analysis.inference.testing import STATISTICS, mixtures
from intake.findings import EstimationError, HailongError


def a_survey(rows: int = 300, **columns: Any) -> pd.DataFrame:
    """Answers of 60 clusters in 6 strata; satisfaction differs by counter."""
    rng = np.random.Generator(np.random.PCG64(11))
    counter = rng.choice(["A", "B", "C"], rows)
    answer = rng.choice(["no", "unsure", "yes"], rows, p=[0.3, 0.3, 0.4])
    table = pd.DataFrame(
        {
            "stratum": np.arange(rows) % 6,
            "cluster": np.arange(rows) % 60,
            "w": rng.lognormal(2, 0.3, rows),
            "counter": counter,
            "answer": answer,
            "wait": rng.gamma(4, 5, rows) + 4 * (counter == "A"),
            "urban": rng.random(rows) < 0.5,
        }
    )
    return table.assign(**columns)


def drawn(table: pd.DataFrame) -> SurveyDesign:
    return SurveyDesign(table, weights="w", strata="stratum", psu="cluster")


def refused(test: Any, code: str) -> EstimationError:
    with pytest.raises(EstimationError) as caught:
        test()
    assert caught.value.code == code
    return caught.value


@pytest.mark.parametrize("statistic", STATISTICS)
def test_association_ignores_row_order_unit_of_weights_and_which_item_comes_first(
    statistic: str,
) -> None:
    table = a_survey()
    turned = table.iloc[::-1].assign(w=table["w"] * 50)

    one = testing.chisq(drawn(table), "counter", "answer", statistic)
    other = testing.chisq(drawn(turned), "answer", "counter", statistic)

    assert other.p == pytest.approx(one.p, rel=1e-8)
    assert other.statistic == pytest.approx(one.statistic, rel=1e-8)
    np.testing.assert_allclose(one.estimate, other.estimate.T, rtol=1e-12)


def test_association_under_simple_random_sampling_is_pearsons_test() -> None:
    rng = np.random.Generator(np.random.PCG64(3))
    table = pd.DataFrame({"a": rng.integers(0, 2, 4000), "b": rng.integers(0, 2, 4000), "w": 1.0})
    counts = pd.crosstab(table["a"], table["b"]).to_numpy()
    even = np.outer(counts.sum(axis=1), counts.sum(axis=0)) / counts.sum()

    found = testing.chisq(SurveyDesign(table, weights="w"), "a", "b", "Chisq")

    pearson = float(((counts - even) ** 2 / even).sum())
    assert found.statistic == pytest.approx(pearson, rel=1e-12)
    assert found.p == pytest.approx(special.chdtrc(1, pearson), rel=1e-3)


def test_the_exact_distribution_of_equal_weights_is_chi_square_or_f() -> None:
    for x in (0.3, 3.0, 9.0, 60.0):
        assert mixtures.exact_tail(x, np.ones(3)) == pytest.approx(special.chdtrc(3, x), rel=1e-9)
        assert mixtures.exact_tail(x, np.ones(3), 7.5) == pytest.approx(
            special.fdtrc(3, 7.5, x / 3), rel=1e-9
        )


def test_rows_without_a_category_belong_to_no_cell_and_are_reported() -> None:
    table = a_survey()
    table.loc[[4, 9], "answer"] = None

    found = testing.chisq(drawn(table), "counter", "answer")

    assert found.findings[0].code == "answers-missing"
    assert found.findings[0].row == 5
    fault = refused(
        lambda: testing.chisq(drawn(table), "counter", "answer", missing="fail"),
        "answers-missing",
    )
    assert fault.findings[0].column == "answer"


def test_a_t_test_is_the_regression_on_the_group() -> None:
    table = a_survey()

    found = testing.ttest(drawn(table), "wait", by="urban")
    fitted = models.linear(drawn(table), "wait ~ urban").table.iloc[1]

    assert found.estimate == pytest.approx(fitted["value"], rel=1e-10)
    assert found.se == pytest.approx(fitted["se"], rel=1e-10)
    assert found.p == pytest.approx(fitted["p"], rel=1e-8)
    assert found.low == pytest.approx(fitted["low"], rel=1e-9)


def test_a_one_sample_t_test_takes_an_expression() -> None:
    found = testing.ttest(drawn(a_survey()), "I(wait - 20)")

    mean = estimate.mean(drawn(a_survey()), "wait").table["value"][0]
    assert found.estimate == pytest.approx(mean - 20)
    assert found.df == 53


def test_ranks_do_not_depend_on_the_scale_of_the_answers() -> None:
    table = a_survey()

    plain = testing.ranktest(drawn(table), "wait", "urban")
    logged = testing.ranktest(drawn(table), "log(wait)", "urban")
    several = testing.ranktest(drawn(table), "wait", "counter")

    assert plain.statistic == pytest.approx(logged.statistic, rel=1e-12)
    assert several.df == (2.0, 52.0)
    assert len(several.estimate) == 2


def test_goodness_of_fit_takes_shares_by_name_or_in_order() -> None:
    named = testing.goodness_of_fit(
        drawn(a_survey()), "answer", {"yes": 0.4, "no": 0.3, "unsure": 0.3}
    )
    ordered = testing.goodness_of_fit(drawn(a_survey()), "answer", [3, 3, 4])

    assert named.p == pytest.approx(ordered.p, rel=1e-12)
    assert named.estimate.sum() == pytest.approx(1.0)


def test_a_linear_hypothesis_about_estimates_is_tested_by_their_covariance() -> None:
    means = estimate.mean(drawn(a_survey()), "wait", by="urban")

    found = testing.wald(means, [-1, 1])

    by_t = testing.ttest(drawn(a_survey()), "wait", by="urban")
    assert found.statistic == pytest.approx(by_t.statistic**2, rel=1e-9)
    assert found.estimate[0] == pytest.approx(by_t.estimate)


def test_a_linear_hypothesis_about_a_model_equals_its_term_test() -> None:
    model = models.linear(drawn(a_survey()), "wait ~ counter + urban")

    found = testing.wald(model, [[0, 1, 0, 0], [0, 0, 1, 0]])

    assert found.statistic == pytest.approx(model.term_test("counter").statistic, rel=1e-10)
    assert found.df == model.term_test("counter").df


def test_false_discoveries_are_held_below_their_share() -> None:
    found = testing.false_discovery([0.001, 0.04, 0.03, 0.2])

    # Benjamini-Hochberg by hand: 0.001·4, then min(0.03·4/2, 0.04·4/3), 0.04·4/3, 0.2.
    np.testing.assert_allclose(found["adjusted"], [0.004, 0.16 / 3, 0.16 / 3, 0.2], rtol=1e-12)
    assert found["discovered"].tolist() == [True, False, False, False]
    careful = testing.false_discovery([0.001, 0.04, 0.03, 0.2], method="by")
    assert (careful["adjusted"] >= found["adjusted"]).all()
    assert testing.false_discovery([]).empty


def test_what_no_test_can_answer_is_refused_by_name() -> None:
    design = drawn(a_survey(one="a", flat=2.0, gap=[np.nan] + [1.0, 2.0] * 149 + [2.0]))

    refused(lambda: testing.chisq(design, "counter", "one"), "category-single")
    refused(lambda: testing.chisq(design, "counter", "nothing"), "column-missing")
    refused(lambda: testing.chisq(design, "counter", "answer", "G"), "statistic-unknown")
    refused(lambda: testing.ttest(design, "answer"), "item-not-numeric")
    refused(lambda: testing.ttest(design, "wait", by="counter"), "groups-not-two")
    refused(lambda: testing.ttest(design, "wait", by="one"), "category-single")
    refused(lambda: testing.ttest(design, "flat"), "test-no-variation")
    assert refused(lambda: testing.ttest(design, "gap"), "answers-missing").findings[0].row == 1
    refused(lambda: testing.ranktest(design, "wait", "urban", "sign"), "rank-test-unknown")
    refused(lambda: testing.goodness_of_fit(design, "answer", [0.5, 0.5]), "shares-number")
    refused(lambda: testing.goodness_of_fit(design, "answer", [0, 1, 1]), "share-not-positive")
    refused(
        lambda: testing.goodness_of_fit(design, "answer", {"yes": 1, "no": 1}), "category-unknown"
    )
    refused(lambda: testing.false_discovery([0.1, 1.2]), "p-out-of-range")
    refused(lambda: testing.false_discovery([0.1], q=2), "q-out-of-range")
    shares = estimate.share(design, "answer")
    refused(lambda: testing.wald(shares, np.eye(3)), "covariance-singular")
    refused(lambda: testing.wald(shares, [1, 0]), "hypothesis-shape")


def test_too_few_primary_units_are_said_and_rao_scott_offered() -> None:
    table = a_survey(60).assign(stratum=1, cluster=np.arange(60) % 3)

    for statistic in ("Wald", "adjWald"):
        with pytest.raises(EstimationError) as caught:
            testing.chisq(drawn(table), "counter", "answer", statistic)
        assert caught.value.code in ("covariance-singular", "test-no-df")
    assert 0 < testing.chisq(drawn(table), "counter", "answer").p < 1


def test_a_table_with_whole_blocks_empty_is_refused_with_its_cells() -> None:
    table = a_survey(b=lambda t: t["counter"].where(t["counter"] != "B", "D"))

    fault = refused(lambda: testing.chisq(drawn(table), "counter", "b"), "table-too-sparse")

    assert "counter=B, b=A" in fault.findings[0].message.en


@pytest.mark.parametrize(
    ("kind", "call", "code"),
    [
        ("complex", lambda d: testing.ttest(d, "odd"), "item-not-numeric"),
        ("complex", lambda d: testing.chisq(d, "odd", "counter"), "item-mixed-kinds"),
        ("complex", lambda d: models.linear(d, "wait ~ odd"), "item-not-numeric"),
        ("complex", lambda d: models.linear(d, "odd ~ wait"), "outcome-not-numeric"),
        ("complex", lambda d: reliability.alpha(d, ["odd", "wait"]), "item-not-numeric"),
        ("list", lambda d: models.logistic(d, "odd ~ wait"), "categories-unclear"),
        ("list", lambda d: reliability.kappa(d, "odd", "counter"), "categories-unclear"),
        ("list", lambda d: weighting.poststratify(d, "odd", {"1": 9.0}), "categories-unclear"),
        ("huge", lambda d: testing.ttest(d, "odd"), "value-not-finite"),
        ("huge", lambda d: models.linear(d, "odd ~ wait"), "value-not-finite"),
        ("huge", lambda d: models.linear(d, "wait ~ odd"), "value-not-finite"),
        ("huge", lambda d: reliability.alpha(d, ["odd", "wait"]), "answer-infinite"),
    ],
)
def test_a_column_that_no_test_or_model_can_take_is_refused_by_name(
    kind: str, call: Any, code: str
) -> None:
    odd = {"complex": [1j] * 300, "list": [[1, 2]] * 300, "huge": [1e200, *range(299)]}[kind]
    design = drawn(a_survey(odd=odd))

    with pytest.raises(HailongError) as caught:
        call(design)

    assert caught.value.code == code
