"""Tests under a design equal those of R survey.

Expected values: ``../shared/reference/expected.json`` (R survey 4.5), and values typed here
from R survey 4.1.1 on the same data sets (svychisq, svyttest, svyranktest, svygofchisq with
``options(digits = 15)``).
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from r_survey import design, expected, needed, replicated

from analysis import SurveyDesign, weighting
from analysis.inference import testing
from analysis.inference.testing import Test

EXACT, APPROXIMATE = 1e-8, 1e-5
pytestmark = needed


def two_stages() -> SurveyDesign:
    return design("dclus2")


def post_stratified() -> SurveyDesign:
    return weighting.poststratify(design("dclus1"), "stype", {"E": 4421, "H": 755, "M": 1018})


def check(found: Test, statistic: float, df: Any, p: float, tolerance: float = EXACT) -> None:
    assert found.statistic == pytest.approx(statistic, rel=EXACT)
    np.testing.assert_allclose(np.atleast_1d(found.df), np.atleast_1d(df), rtol=EXACT)
    assert found.p == pytest.approx(p, rel=tolerance)


@pytest.mark.parametrize(
    ("case", "statistic"),
    [
        ("chisq-001", "F"),
        ("chisq-004", "Chisq"),
        ("chisq-007", "Wald"),
        ("chisq-010", "adjWald"),
        ("chisq-016", "saddlepoint"),
        ("chisq-019", "wls-score"),
    ],
)
def test_a_test_of_association_equals_the_one_of_r_survey(case: str, statistic: str) -> None:
    wanted = expected(case)

    found = testing.chisq(design("dstrat"), "sch.wide", "stype", statistic=statistic)

    tolerance = APPROXIMATE if statistic == "saddlepoint" else EXACT
    check(found, wanted["statistic"], wanted["parameter"], wanted["p_value"], tolerance)


def test_the_exact_sum_of_f_is_near_its_saddlepoint_approximation() -> None:
    wanted = expected("chisq-013")

    found = testing.chisq(design("dstrat"), "sch.wide", "stype", statistic="lincom")

    assert found.statistic == pytest.approx(wanted["statistic"], rel=EXACT)
    # By SciPy: the two weights and the denominator leave an integral over one angle,
    # of (1 + x / d / (0.53818369 cos² + 1.01297566 sin²)) ** (-d / 2), d = 360.2482863.
    assert found.p == pytest.approx(6.784039e-07, rel=1e-6)
    assert found.p == pytest.approx(wanted["p_value"], rel=0.1)


@pytest.mark.parametrize(
    ("drawn", "rows", "columns", "statistic", "value", "df", "p"),
    [
        (two_stages, "stype", "comp.imp", "F", 6.62306523059188,
         [1.33471929760717, 52.0540526066795], 0.00751373437143278),
        (two_stages, "stype", "comp.imp", "Chisq", 19.5549191353487, 2, 0.0013293499301088),
        (two_stages, "stype", "comp.imp", "Wald", 4.59813677248576, [2, 39], 0.0161063582584728),
        (two_stages, "stype", "comp.imp", "adjWald", 4.48023582960151, [2, 38],
         0.017904895135406),
        (two_stages, "stype", "comp.imp", "saddlepoint", 19.5549191353487, [],
         0.00875248496345281),
        (post_stratified, "sch.wide", "awards", "F", 140.602503938081, [1, 14],
         1.09006538108457e-08),
        (post_stratified, "sch.wide", "awards", "Wald", 60.5537687724858, [1, 14],
         1.88717137680052e-06),
    ],
)  # fmt: skip
def test_association_holds_for_clusters_and_calibrated_weights(
    drawn: Any, rows: str, columns: str, statistic: str, value: float, df: Any, p: float
) -> None:
    found = testing.chisq(drawn(), rows, columns, statistic)

    check(found, value, df, p, APPROXIMATE if statistic == "saddlepoint" else EXACT)


def test_a_domain_with_missing_answers_keeps_the_whole_design() -> None:
    older = design("dnh").where("agecat != '(0,19]'")

    found = testing.chisq(older, "HI_CHOL", "agecat", "adjWald")

    check(found, 22.5406466240454, [2, 15], 3.02092470521319e-05)
    assert found.findings[0].code == "answers-missing"


def test_t_tests_equal_those_of_r_survey() -> None:
    two = testing.ttest(design("dclus1"), "api00", by="sch.wide")
    made = testing.ttest(design("dstrat"), "api00", by="I(stype == 'E')")
    one = testing.ttest(design("dclus1").where("enroll > 400"), "growth")
    sexes = testing.ttest(design("dnh"), "HI_CHOL", by="C(RIAGENDR)", missing="drop")

    for found, case in [(two, "ttest-001"), (made, "ttest-004")]:
        wanted = expected(case)
        check(found, wanted["statistic"], wanted["parameter"], wanted["p_value"])
        assert found.estimate == pytest.approx(wanted["estimate"], rel=EXACT)
    check(one, 14.2784804110869, 10, 5.60968034586032e-08)
    assert (one.low, one.high) == pytest.approx((27.6355676808814, 37.8553414100277), rel=EXACT)
    check(sexes, 2.98658581582777, 15, 0.00922113547526623)


def test_rank_tests_equal_those_of_r_survey() -> None:
    wanted = expected("ranktest-001")

    found = testing.ranktest(design("dclus1"), "api00", by="sch.wide")

    check(found, wanted["statistic"], wanted["parameter"], wanted["p_value"])
    assert found.estimate == pytest.approx(wanted["estimate"], rel=EXACT)


@pytest.mark.parametrize(
    ("test", "value", "p"),
    [
        ("wilcoxon", 2.11879850890955, 0.0353667842843473),
        ("vanderWaerden", 2.50325891506472, 0.0131223018349326),
        ("median", 1.37987668600529, 0.169196645943456),
        ("KruskalWallis", 2.11879850890955, 0.0353667842843473),
    ],
)
def test_ranks_of_two_groups_are_compared_by_any_score(test: str, value: float, p: float) -> None:
    found = testing.ranktest(design("dstrat"), "api00", "awards", test)

    check(found, value, 196, p)
    assert found.method == f"design-based {test} test"


@pytest.mark.parametrize(
    ("test", "value", "p"),
    [
        ("KruskalWallis", 17.7575260394867, 0.00070879599611932),
        ("vanderWaerden", 15.4436612054478, 0.00157547435266068),
        ("median", 7.62385827605387, 0.0312421000817608),
    ],
)
def test_ranks_of_several_groups_are_compared_at_once(test: str, value: float, p: float) -> None:
    check(testing.ranktest(design("dclus2"), "api00", "stype", test), value, [2, 37], p)


def test_goodness_of_fit_equals_the_one_of_r_survey() -> None:
    fixed = testing.goodness_of_fit(design("dstrat"), "stype", [0.6, 0.2, 0.2])
    free = testing.goodness_of_fit(design("dclus1"), "stype", [0.7, 0.1, 0.2])
    races = testing.goodness_of_fit(design("dnh"), "race", [0.2, 0.2, 0.5, 0.1])

    # The shares of the strata are known, so that R has no p-value to give.
    assert fixed.statistic == pytest.approx(expected("gof-002")["statistic"], rel=EXACT)
    assert fixed.p == 0
    assert fixed.findings[0].code == "shares-certain"
    check(free, 225.435263461754, [73.1562760230748, 1.51628234779959], 0.143270609107531)
    check(races, 374888060.736614, [3385207.71426058, 1.28173727540537], 1.50230058265696e-25)


def test_replicate_weights_give_the_tests_of_r_survey() -> None:
    drawn = replicated("rjk1")

    association = testing.chisq(drawn, "sch.wide", "stype", "F")
    sums = testing.chisq(drawn, "sch.wide", "stype", "saddlepoint")
    ranks = testing.ranktest(drawn, "api00", "awards")
    means = testing.ttest(drawn, "api00", "awards")

    check(association, *R_REPLICATES["F"])
    check(sums, *R_REPLICATES["saddlepoint"], tolerance=APPROXIMATE)
    check(ranks, *R_REPLICATES["ranks"])
    check(means, *R_REPLICATES["means"])


# svychisq, svyranktest and svyttest on svrepdesign(type = "other") of rep_rjk1.csv.
R_REPLICATES: dict[str, tuple[float, Any, float]] = {
    "F": (4.46390538192959, [1.4197254796946, 19.8761567157244], 0.0357733990135965),
    "saddlepoint": (11.9408920807453, [], 0.0236525648397439),
    "means": (1.22565675159186, 13, 0.242069168895537),
    "ranks": (1.33806767140529, 13, 0.203809941564459),
}
