"""Regressions under a design equal those of R survey.

Expected values: ``../shared/reference/expected.json`` (R survey 4.5), and values typed here
from R survey 4.1.1 on the same data sets (svyglm, svyolr with ``reltol = 1e-15``,
regTermTest, svypredmeans, with ``options(digits = 15)``).
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest
from r_survey import design, expected, needed, replicated

from analysis import SurveyDesign, weighting
from analysis.inference import models
from analysis.inference.models import Model

EXACT, ITERATED, ORDINAL = 1e-8, 1e-6, 1e-4
BAND = {"band": lambda table: pd.cut(table["api00"], [0, 500, 600, 700, 1000], labels=list("abcd"))}
pytestmark = needed


def raked() -> SurveyDesign:
    margins = {
        "stype": {"E": 4421, "H": 755, "M": 1018},
        "sch.wide": {"No": 1072, "Yes": 5122},
    }
    return weighting.rake(design("dclus1"), margins, tolerance=1e-12)


def check(found: Model, value: Any, se: Any, tolerance: float = ITERATED) -> None:
    np.testing.assert_allclose(found.table["value"], value, rtol=tolerance)
    np.testing.assert_allclose(found.table["se"], se, rtol=tolerance)


@pytest.mark.parametrize(
    ("case", "fit"),
    [
        ("glm-001", lambda: models.linear(design("dstrat"), "api00 ~ ell + meals")),
        (
            "glm-003",
            lambda: models.logistic(design("dstrat"), "`sch.wide` ~ ell + meals + mobility"),
        ),
        ("glm-006", lambda: models.logistic(design("dnh"), "HI_CHOL ~ RIAGENDR", missing="drop")),
        ("glm-008", lambda: models.poisson(design("dclus1"), "`api.stu` ~ ell")),
        ("rep-024", lambda: models.linear(replicated("rjk1"), "api00 ~ mobility")),
    ],
)
def test_a_regression_equals_the_one_of_r_survey(case: str, fit: Any) -> None:
    wanted = expected(case)

    found = fit()

    assert found.table["term"].tolist() == wanted["names"]
    check(found, wanted["est"], wanted["se"])
    np.testing.assert_allclose(found.covariance(), wanted["vcov"], rtol=ITERATED)
    np.testing.assert_allclose(found.table["p"], wanted["p_value"], rtol=ITERATED)
    assert found.df == wanted["df_residual"]


def test_an_ordinal_regression_equals_the_one_of_r_survey() -> None:
    wanted = expected("olr-001")

    found = models.ordinal(design("dclus1", BAND), "band ~ meals + ell")

    assert found.table["term"].tolist() == ["meals", "ell", "a|b", "b|c", "c|d"]
    check(found, wanted["est"], wanted["se"], ORDINAL)


def test_ordinal_regressions_hold_for_clusters_and_strata() -> None:
    schools = models.ordinal(design("dclus2", BAND), "band ~ ell + awards")
    people = models.ordinal(design("dnh"), "agecat ~ C(race) + RIAGENDR")

    check(
        schools,
        [-0.12525467713825, 3.62640199038513, -5.69588097754962, -2.52024866661934,
         0.472596788494159],
        [0.0247851117473667, 0.611179578644782, 1.18225686423629, 0.871922791063588,
         0.625830926240265],
    )  # fmt: skip
    check(
        people,
        [0.786565626953002, 0.308422801383811, 0.257508297722634, 0.145053319019827,
         -0.582921405847011, 0.789462415033702, 2.23164426864352],
        [0.0632178503952138, 0.0910840418467206, 0.11247028975946, 0.037727917471513,
         0.0573515656104498, 0.0746555356684097, 0.0787074788561531],
    )  # fmt: skip
    assert (schools.df, people.df) == (37, 12)


def test_a_term_test_equals_the_one_of_r_survey() -> None:
    wanted = expected("termtest-001")

    found = models.linear(design("dstrat"), "api00 ~ ell + meals + stype").term_test("stype")

    assert found.statistic == pytest.approx(wanted["F_or_chisq"], rel=EXACT)
    assert found.df == (wanted["df"], wanted["ddf"])
    assert found.p == pytest.approx(wanted["p_value"], rel=EXACT)


def test_interactions_are_coded_as_in_r() -> None:
    found = models.linear(design("dstrat"), "api00 ~ ell * stype + meals")

    assert found.table["term"].tolist() == [
        "(Intercept)", "ell", "stypeH", "stypeM", "meals", "ell:stypeH", "ell:stypeM",
    ]  # fmt: skip
    check(
        found,
        [862.831801323987, -0.481257212782033, -114.258046412978, -47.6883444535614,
         -3.40550502211016, -0.916895855283116, -0.619549668031587],
        [9.08442695240387, 0.35905746663626, 13.2657440416993, 15.4496763409111,
         0.240857283266649, 0.735629614094137, 0.578067123125871],
    )  # fmt: skip


@pytest.mark.parametrize(
    ("fit", "term", "method", "statistic", "df", "p"),
    [
        (lambda: models.linear(design("dstrat"), "api00 ~ ell*stype + meals"), "ell:stype", "LRT",
         5851.45833287702, (2, 191), 0.28484939107557),
        (lambda: models.linear(design("dclus2"), "api00 ~ stype + log(enroll) + I(meals^2)",
                               missing="drop"),
         "stype", "LRT", 181229.569482995, (2, 33), 0.000138773734084439),
        (lambda: models.logistic(design("dnh"), "HI_CHOL ~ C(race) + agecat*C(RIAGENDR)",
                                 missing="drop"),
         "agecat:C(RIAGENDR)", "Wald", 10.0854524925932, (3, 6), 0.00927685855244337),
        (lambda: models.logistic(design("dnh"), "HI_CHOL ~ C(race) + agecat*C(RIAGENDR)",
                                 missing="drop"),
         "C(race)", "LRT", 8.43061430202215, (3, 6), 0.305696738461129),
        (lambda: models.poisson(design("dclus2"), "api.stu ~ stype + meals", missing="drop"),
         "stype", "LRT", 12312.5517681748, (2, 36), 3.05192339574671e-08),
    ],
)  # fmt: skip
def test_terms_are_tested_by_the_working_likelihood_too(
    fit: Any, term: str, method: str, statistic: float, df: Any, p: float
) -> None:
    found = fit().term_test(term, method)

    assert found.statistic == pytest.approx(statistic, rel=ITERATED)
    assert found.df == df
    assert found.p == pytest.approx(p, rel=1e-5)


def test_calibrated_weights_and_domains_carry_over_to_models() -> None:
    calibrated = models.logistic(raked(), "awards ~ mobility")
    older = design("dnh").where("agecat != '(0,19]'")
    narrowed = models.logistic(older, "HI_CHOL ~ race + RIAGENDR", missing="drop")

    check(
        calibrated, [0.435433619311924, 0.0133051171163855], [0.27010092195699, 0.0142757418806251]
    )
    check(
        narrowed,
        [-1.97579273687687, -0.0984475356401466, 0.217711431734892],
        [0.242494523904643, 0.0945408431487731, 0.0794106505040251],
    )
    assert (calibrated.df, narrowed.df) == (13, 14)


def test_replicate_weights_fit_the_model_again_for_each_replicate() -> None:
    logistic = models.logistic(replicated("rjk1"), "awards ~ meals + stype")
    ordinal = models.ordinal(replicated("rjk1", BAND), "band ~ meals + ell")

    check(
        logistic,
        [1.31537252492907, -0.00191400259493766, -1.53123794317698, -1.15284308199502],
        [0.39699090875021, 0.00759933001291704, 0.618524117973784, 0.574094420576226],
    )
    # R stops each replicate early.
    check(
        ordinal,
        [-0.0954271567631161, -0.0148102938231227, -9.7325385688907, -6.45501206748936,
         -3.6153693212047],
        [0.0195091990188405, 0.0134855861856416, 1.58485128825911, 1.55112871198917,
         0.946799783095225],
        ORDINAL,
    )  # fmt: skip


def test_predicted_margins_equal_those_of_r_survey() -> None:
    linear = models.linear(design("dstrat"), "api00 ~ meals + ell + awards").predict_margins(
        "awards"
    )
    logistic = models.logistic(design("dclus2"), "awards ~ meals + stype").predict_margins("stype")

    np.testing.assert_allclose(
        linear.table["value"], [633.038282123287, 678.816072236762], rtol=EXACT
    )
    np.testing.assert_allclose(
        linear.covariance()[0], [135.97177438351, 53.8325119197603], rtol=EXACT
    )
    assert logistic.table["stype"].tolist() == ["E", "H", "M"]
    np.testing.assert_allclose(
        logistic.table["value"],
        [0.804443469238425, 0.111124216293506, 0.454572593719825],
        rtol=ITERATED,
    )
    np.testing.assert_allclose(
        logistic.covariance()[0],
        [0.00449285945014844, 0.000373512646490117, -1.65377332012689e-05],
        rtol=ITERATED,
    )
