"""A few worked answers of R survey that need no file: the data stand in the test.

All numbers: R 4.2.2, survey 4.5, on data sets that R survey ships (`scd`, `fpc`, `mu284`).
"""

from __future__ import annotations

import pandas as pd
import pytest

from analysis import SurveyDesign, estimate


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
