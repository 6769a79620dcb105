"""A few worked answers of R survey that need no file: the data stand in the test.

All numbers: R 4.2.2, survey 4.5, on data sets that R survey ships (`scd`, `fpc`, `mu284`).
"""

from __future__ import annotations

from typing import Any

import pandas as pd
import pytest

from analysis import SurveyDesign, estimate, models, replicate, testing


def test_a_ratio_over_paired_clusters_equals_r_survey() -> None:
    # svyratio(~alive, ~arrests, svydesign(id = ~ambulance, strata = ~ESA, prob = ~1,
    #          nest = TRUE, data = scd))
    scd = pd.DataFrame(
        {
            "ESA": [1, 1, 2, 2, 3, 3],
            "ambulance": [1, 2, 1, 2, 1, 2],
            "arrests": [120, 78, 185, 228, 670, 530],
            "alive": [25, 24, 30, 49, 80, 70],
            "one": 1.0,
        }
    )
    design = SurveyDesign(scd, weights="one", strata="ESA", psu="ambulance", nest=True)

    row = estimate.ratio(design, [("alive", "arrests")]).table.iloc[0]

    assert row["value"] == pytest.approx(0.153506350082827, rel=1e-12)
    assert row["se"] == pytest.approx(0.00980730359997476, rel=1e-12)
    assert row["df"] == 3


def test_a_mean_under_a_finite_population_equals_r_survey() -> None:
    # svymean(~x, svydesign(id = ~psuid, strata = ~stratid, weights = ~weight, fpc = ~Nh,
    #         nest = TRUE, data = fpc))
    fpc = pd.DataFrame(
        {
            "stratid": [1] * 5 + [2] * 3,
            "psuid": [1, 2, 3, 4, 5, 1, 2, 3],
            "weight": [3.0] * 5 + [4.0] * 3,
            "Nh": [15] * 5 + [12] * 3,
            "x": [
                2.79999995231628, 4.09999990463257, 6.80000019073486, 6.80000019073486,
                9.19999980926514, 3.70000004768372, 6.59999990463257, 4.19999980926514,
            ],
        }
    )  # fmt: skip
    design = SurveyDesign(fpc, weights="weight", strata="stratid", psu="psuid", fpc="Nh", nest=True)

    row = estimate.mean(design, "x").table.iloc[0]

    assert row["value"] == pytest.approx(5.44814811812507, rel=1e-12)
    assert row["se"] == pytest.approx(0.616040719809653, rel=1e-12)
    assert (row["low"], row["high"]) == pytest.approx((3.94075078003495, 6.95554545621518))


def test_a_total_over_two_stages_equals_r_survey() -> None:
    # svytotal(~y1, svydesign(id = ~id1 + id2, fpc = ~n1 + n2, data = mu284))
    mu284 = pd.DataFrame(
        {
            "id1": [19, 45, 47, 50, 31] * 3,
            "n1": 50,
            "id2": [1] * 5 + [2] * 5 + [3] * 5,
            "y1": [41, 49, 31, 39, 49, 49, 49, 31, 41, 51, 49, 45, 35, 61, 33],
            "n2": [5, 8, 5, 9, 7] * 3,
        }
    )
    design = SurveyDesign(mu284, psu=["id1", "id2"], fpc=["n1", "n2"])

    row = estimate.total(design, "y1").table.iloc[0]

    assert row["value"] == pytest.approx(15080.0, rel=1e-12)
    assert row["se"] == pytest.approx(2274.25470087333, rel=1e-12)


def ambulances(**settings: Any) -> SurveyDesign:
    scd = pd.DataFrame(
        {
            "ESA": [1, 1, 2, 2, 3, 3],
            "ambulance": [1, 2, 1, 2, 1, 2],
            "arrests": [120, 78, 185, 228, 670, 530],
            "alive": [25, 24, 30, 49, 80, 70],
            "x": [1.0, 2.0, None, 4.0, 6.0, 5.0],
            "one": 1.0,
        }
    )
    return SurveyDesign(scd, weights="one", strata="ESA", psu="ambulance", nest=True, **settings)


def test_every_replicate_of_a_variance_is_distant_from_its_own_mean() -> None:
    # svyvar(~arrests, as.svrepdesign(dscd, type = "JKn"))
    row = estimate.variance(replicate.make(ambulances(), kind="jkn"), "arrests").table.iloc[0]

    assert row["value"] == pytest.approx(57974.5666666667, rel=1e-12)
    assert row["se"] == pytest.approx(17127.0526519586, rel=1e-12)


@pytest.mark.parametrize(
    ("lonely", "wanted"),
    [
        ("adjust", [[71.6912, 556.3824], [556.3824, 4965.7648]]),
        ("average", [[27.66, 133.02], [133.02, 1286.94]]),
    ],
)
def test_the_covariance_treats_units_that_a_domain_leaves_alone_as_the_errors_do(
    lonely: str, wanted: list[list[float]]
) -> None:
    # options(survey.lonely.psu = lonely, survey.adjust.domain.lonely = TRUE)
    # vcov(svymean(~alive + arrests, subset(dscd, arrests > 100)))
    design = ambulances(lonely_psu=lonely, lonely_domains=True).where("arrests > 100")

    found = estimate.mean(design, ["alive", "arrests"])

    assert found.covariance().tolist() == [pytest.approx(row, rel=1e-12) for row in wanted]
    assert found.table["se"].tolist() == pytest.approx([wanted[at][at] ** 0.5 for at in (0, 1)])
    gap = found.contrast({"gap": {"arrests": 1, "alive": -1}}).table["se"].iloc[0]
    assert gap**2 == pytest.approx(wanted[0][0] + wanted[1][1] - 2 * wanted[0][1])


def test_the_total_of_one_primary_unit_has_an_error_and_no_interval() -> None:
    # svyby(~alive, ~ESA + ambulance, dscd, svytotal)
    table = estimate.total(ambulances(), "alive", by=["ESA", "ambulance"]).table

    assert table["se"].tolist() == pytest.approx([25, 24, 30, 49, 80, 70])
    assert table["low"].isna().all()
    assert set(table["flag"]) == {"no-df"}


def test_a_row_without_an_answer_costs_no_degrees_of_freedom_under_replicate_weights() -> None:
    # svyglm(alive ~ x, rjkn); svyttest(alive ~ I(x > 3), rjkn)
    design = replicate.make(ambulances(), kind="jkn")

    table = models.linear(design, "alive ~ x", missing="drop").table
    test = testing.ttest(design, "alive", "I(x > 3)", missing="drop")

    assert table["se"].tolist() == pytest.approx([9.27563819976428, 1.81708874784632], rel=1e-10)
    assert table["p"].tolist() == pytest.approx([0.5592029761420654, 0.0222112013114697], rel=1e-8)
    assert (test.df, test.p) == (2.0, pytest.approx(0.0309265536366, rel=1e-10))


def test_an_expression_takes_dotted_names_as_they_stand() -> None:
    design = ambulances()
    table = design.data.rename(columns={"alive": "st.alive"})
    named = SurveyDesign(table, weights="one", strata="ESA", psu="ambulance", nest=True)

    found = estimate.total(named, ["st.alive", "arrests"]).contrast("st.alive / arrests").table

    assert found["value"].iloc[0] == pytest.approx(0.153506350082827, rel=1e-12)
    assert found["se"].iloc[0] == pytest.approx(0.00980730359997476, rel=1e-12)


def test_the_likelihood_interval_of_three_clusters_equals_r_survey() -> None:
    # svyciprop(~I(comp.imp == "Yes"), method = "likelihood", df = 2, subset(svydesign(id = ~dnum,
    #   weights = ~pw, data = apiclus1), stype == "H" & dnum %in% c(637, 448, 716)))
    schools = pd.DataFrame(
        {"dnum": [637, 716, 716, 716, 448], "told": [1, 0, 1, 0, 1], "w": 33.846996307373}
    )
    others = pd.DataFrame({"dnum": range(12), "told": 0, "w": 33.846996307373})
    design = SurveyDesign(pd.concat([schools, others]), weights="w", psu="dnum")

    row = estimate.share(design.where("dnum > 99"), "told", interval="likelihood").table.iloc[0]

    assert row["low"] == pytest.approx(0.0122252953947, rel=1e-5)
    assert row["high"] == pytest.approx(0.998620890676, rel=1e-5)
