"""Estimators against R survey 4.5 (R 4.2.2), on the data sets that R survey ships.

The worked answers lie outside the repository (`reference/expected.json`, made with the
script it names); without them these cases are skipped and `test_r_survey_typed.py`
still runs. Tolerances are those that the file states.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from r_survey import case as case_of
from r_survey import data, design, expected, needed, reference

from analysis import SurveyDesign, estimate, models, testing, weighting
from analysis.estimation import intervals

EXACT, ITERATED = 1e-8, 1e-6
pytestmark = needed


def indicators(of: SurveyDesign, column: str, **settings: Any) -> SurveyDesign:
    table = of.data
    for value in sorted(table[column].unique()):
        table = table.assign(**{f"{column}{value}": (table[column] == value) * 1.0})
    return SurveyDesign(table, **settings)


def population(name: str, key: str) -> dict[str, float]:
    return {row[key]: row["Freq"] for row in reference()["meta"]["objects"][name]}


def total_of_types(**more: Any) -> Any:
    strat = indicators(design("dstrat"), "stype", weights="pw", strata="stype", fpc="fpc")
    return estimate.total(strat, ["stypeE", "stypeH", "stypeM"], **more)


def clustered_types() -> Any:
    clustered = indicators(design("dclus1"), "stype", weights="pw", psu="dnum", fpc="fpc")
    return estimate.total(clustered, ["stypeE", "stypeH", "stypeM"], deff=True)


CASES: dict[str, Callable[[], Any]] = {
    "mean-001": lambda: estimate.mean(design("dstrat"), "api00"),
    "mean-003": lambda: estimate.mean(design("dclus1"), ["api00", "api99"]),
    "mean-005": lambda: estimate.mean(design("dclus2"), "api00"),
    "mean-007": lambda: estimate.share(design("dclus1"), "stype", interval="mean"),
    "mean-009": lambda: estimate.mean(design("dnh"), "HI_CHOL", missing="drop"),
    "mean-012": lambda: estimate.mean(design("dclus1"), "acs.core", missing="drop"),
    "mean-014": lambda: estimate.mean(design("dsrs"), "enroll"),
    "total-001": lambda: estimate.total(design("dstrat"), "enroll"),
    "total-004": total_of_types,
    "total-006": lambda: estimate.total(design("dhosp"), "births"),
    "multistage-fpc-001": lambda: estimate.total(design("dmu"), "y1"),
    "multistage-fpc-004": lambda: estimate.mean(design("dclus2"), ["meals", "ell"]),
    "multistage-fpc-005": lambda: estimate.mean(design("dfpc"), "x"),
    "ratio-001": lambda: estimate.ratio(design("dstrat"), [("api.stu", "enroll")]),
    "ratio-004": lambda: estimate.ratio(design("dscd"), [("alive", "arrests")]),
    "deff-001": lambda: estimate.mean(design("dclus1"), "api00", deff=True),
    "deff-003": lambda: estimate.mean(design("dstrat"), "api00", deff="replace"),
    "deff-007": clustered_types,
    "domain-001": lambda: estimate.mean(design("dstrat"), "api00", by="stype"),
    "domain-003": lambda: estimate.total(design("dclus1"), "enroll", by="sch.wide"),
    "domain-006": lambda: estimate.mean(design("dnh"), "HI_CHOL", by="agecat", missing="drop"),
    "domain-008": lambda: estimate.mean(design("dstrat").where("`comp.imp` == 'Yes'"), "api00"),
    "domain-010": lambda: estimate.total(design("dstrat").where("meals < 25"), "enroll"),
    "domain-cov-001": lambda: estimate.mean(design("dclus1"), "api00", by="stype"),
    "domain-012": lambda: estimate.ratio(design("dstrat"), [("api.stu", "enroll")], by="stype"),
    "lonely-001": lambda: lonely("remove"),
    "lonely-005": lambda: lonely("certainty"),
    "lonely-009": lambda: lonely("adjust"),
    "lonely-013": lambda: lonely("average"),
}


def lonely(choice: str) -> Any:
    return estimate.mean(design("dlon", lonely_psu=choice), "HI_CHOL", missing="drop")


@pytest.mark.parametrize("case", sorted(CASES))
def test_an_estimate_equals_the_one_of_r_survey(case: str) -> None:
    wanted = expected(case)

    found = CASES[case]()

    table = found.table
    value, se = table["value"].to_numpy(), table["se"].to_numpy()
    np.testing.assert_allclose(value, np.atleast_1d(wanted["est"]), rtol=EXACT)
    np.testing.assert_allclose(se, np.atleast_1d(wanted["se"]), rtol=EXACT, atol=1e-9)
    if "vcov" in wanted:
        scale = float(np.max(np.abs(wanted["vcov"]))) or 1.0
        np.testing.assert_allclose(
            found.covariance(), wanted["vcov"], rtol=EXACT, atol=EXACT * scale
        )
    if "deff" in wanted:
        np.testing.assert_allclose(table["deff"], np.atleast_1d(wanted["deff"]), rtol=EXACT)
    if "ci_low" in wanted:
        df = np.full(len(value), float(wanted["ci_df"]))
        low, high = intervals.around(value, se, df, 0.95)
        np.testing.assert_allclose(low, np.atleast_1d(wanted["ci_low"]), rtol=EXACT, atol=1e-9)
        np.testing.assert_allclose(high, np.atleast_1d(wanted["ci_high"]), rtol=EXACT, atol=1e-9)


@pytest.mark.parametrize(
    ("case", "method"),
    [
        (f"ciprop-{number:03d}", method)
        for number, method in [
            (21, "mean"),
            (25, "mean"),
            (26, "logit"),
            (30, "logit"),
            (11, "arcsine"),
            (15, "arcsine"),
            (16, "beta"),
            (20, "beta"),
            (31, "wilson"),
            (35, "wilson"),
            (1, "logit"),
            (5, "logit"),
        ]
    ],
)
def test_the_interval_of_a_share_equals_the_one_of_r_survey(case: str, method: str) -> None:
    call = case_of(case)
    column, hit = ("awards", "No") if "awards" in call["r_call"] else ("ell", 0)
    drawn = design(call["design"], {"hit": lambda table: table[column] == hit})

    row = estimate.share(drawn, "hit", interval=method).table.iloc[0]

    wanted = call["expected"]
    # svyciprop's own logit fits a regression and stops at about 1e-9 of the solution.
    tolerance = ITERATED if '"logit"' in call["r_call"] else EXACT
    assert row["value"] == pytest.approx(wanted["est"], rel=tolerance)
    assert row["low"] == pytest.approx(wanted["ci_low"], rel=tolerance)
    assert row["high"] == pytest.approx(wanted["ci_high"], rel=tolerance)


def test_degrees_of_freedom_equal_those_of_r_survey() -> None:
    assert design("dnh").df == expected("degf-001")["value"]
    assert design("dstrat").where("`comp.imp` == 'Yes'").df == expected("degf-004")["value"]


def test_the_kish_factor_equals_the_one_of_practools() -> None:
    found = weighting.kish_factor(data("apistrat.csv")["pw"].to_numpy())

    assert found == pytest.approx(expected("deff-kish-001")["value"], rel=EXACT)


def check_weights_and_estimates(of: SurveyDesign, wanted: dict[str, Any]) -> None:
    assert of.weights.sum() == pytest.approx(wanted["w_sum"], rel=ITERATED)
    np.testing.assert_allclose(of.weights[:10], wanted["w_first10"], rtol=ITERATED)
    assert (of.weights**2).sum() == pytest.approx(wanted["w_sumsq"], rel=ITERATED)
    names = list(np.atleast_1d(wanted["names"]))
    means, totals = estimate.mean(of, names).table, estimate.total(of, names).table
    np.testing.assert_allclose(means["value"], np.atleast_1d(wanted["mean"]), rtol=ITERATED)
    np.testing.assert_allclose(means["se"], np.atleast_1d(wanted["mean_se"]), rtol=ITERATED)
    np.testing.assert_allclose(totals["value"], np.atleast_1d(wanted["total"]), rtol=ITERATED)
    np.testing.assert_allclose(totals["se"], np.atleast_1d(wanted["total_se"]), rtol=ITERATED)


def raked() -> SurveyDesign:
    margins = {
        "stype": population("pop.types", "stype"),
        "sch.wide": population("pop.sw", "sch.wide"),
    }
    return weighting.rake(design("dclus1"), margins, tolerance=1e-12)


def test_post_stratified_weights_and_errors_equal_those_of_r_survey() -> None:
    found = weighting.poststratify(design("dclus1"), "stype", population("pop.types", "stype"))

    check_weights_and_estimates(found, expected("poststrat-001"))


def test_raked_weights_and_errors_equal_those_of_r_survey() -> None:
    check_weights_and_estimates(raked(), expected("rake-001"))


def test_trimmed_weights_and_errors_equal_those_of_r_survey() -> None:
    check_weights_and_estimates(weighting.trim(raked(), upper=45.0), expected("trim-001"))


@pytest.mark.parametrize(
    ("choice", "domains", "mean_covariance", "slope_error", "t"),
    [
        # R survey 4.1.1, dl <- subset(dlon, SDMVSTRA < 80 | SDMVPSU == 1):
        # vcov(svymean(~HI_CHOL + RIAGENDR, dl, na.rm = TRUE)),
        # SE(svyglm(HI_CHOL ~ RIAGENDR, dl, family = quasibinomial()))[2],
        # svyttest(HI_CHOL ~ RIAGENDR, subset(dlon, race == 4))$statistic
        (
            "adjust",
            True,
            [
                [7.284507173988e-05, -1.77829224946839e-05],
                [-1.77829224946839e-05, 7.25635926148e-05],
            ],
            0.157404280706937,
            -0.71259083196703,
        ),
        (
            "average",
            True,
            [
                [1.36734686794288e-04, -6.58846493479841e-05],
                [-6.58846493479841e-05, 1.76254405e-04],
            ],
            0.143494015114487,
            -0.734394987489162,
        ),
        (
            "average",
            False,
            [
                [5.53178050538298e-05, -1.98658223282619e-05],
                [-1.98658223282619e-05, 6.651831050e-05],
            ],
            0.125275947890762,
            None,
        ),
    ],
)
def test_units_that_a_domain_leaves_alone_count_in_every_statistic_as_in_r_survey(
    choice: str,
    domains: bool,
    mean_covariance: list[list[float]],
    slope_error: float,
    t: float | None,
) -> None:
    drawn = design("dlon", lonely_psu=choice, lonely_domains=domains)
    part = drawn.where("SDMVSTRA < 80 or SDMVPSU == 1")

    means = estimate.mean(part, ["HI_CHOL", "RIAGENDR"], missing="drop")
    model = models.logistic(part, "HI_CHOL ~ RIAGENDR", missing="drop")
    test = testing.ttest(drawn.where("race == 4"), "HI_CHOL", "RIAGENDR", missing="drop")

    np.testing.assert_allclose(means.covariance(), mean_covariance, rtol=EXACT)
    np.testing.assert_allclose(means.table["se"] ** 2, np.diag(mean_covariance), rtol=EXACT)
    assert model.table["se"].iloc[1] == pytest.approx(slope_error, rel=ITERATED)
    assert t is None or test.statistic == pytest.approx(t, rel=EXACT)


def test_totals_of_an_item_in_words_are_those_of_its_categories() -> None:
    wanted = expected("deff-007")

    found = estimate.total(design("dclus1"), "stype", deff=True).table

    assert found["category"].tolist() == ["E", "H", "M"]
    np.testing.assert_allclose(found["value"], wanted["est"], rtol=EXACT)
    np.testing.assert_allclose(found["se"], wanted["se"], rtol=EXACT)
    np.testing.assert_allclose(found["deff"], wanted["deff"], rtol=EXACT)
