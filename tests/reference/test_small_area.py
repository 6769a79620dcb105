"""Small-area estimates against R sae 1.3 (mseFH, eblupBHF), on the data sets it ships.

The worked answers lie outside the repository (`reference/expected.json`); without them these
cases are skipped. R stops its scoring at a relative step of 1e-4, so that its variances agree
with the optimum to about 1e-5, as its README says.
"""

from __future__ import annotations

import numpy as np
import pytest
from r_survey import data, expected, needed

from analysis.inference import small_area

pytestmark = needed


def test_milk_expenditure_by_area_equals_msefh() -> None:
    milk = data("sae_milk.csv")
    major = [np.ones(len(milk)), *((milk["MajorArea"] == k) * 1.0 for k in (2, 3, 4))]
    says = expected("sae-fay-herriot-001")

    found = small_area.fay_herriot(milk["yi"], milk["SD"] ** 2, np.column_stack(major))

    assert found.area_variance == pytest.approx(says["refvar"], rel=1e-5)
    for name in ("eblup", "mse", "beta", "beta_se"):
        assert getattr(found, name).tolist() == pytest.approx(says[name], rel=1e-5)


def test_corn_by_county_equals_eblupbhf() -> None:
    corn = data("sae_cornsoybean.csv").drop(index=32)
    counties = data("sae_cornsoybeanmeans.csv").rename(
        columns={
            "CountyIndex": "County",
            "MeanCornPixPerSeg": "CornPix",
            "MeanSoyBeansPixPerSeg": "SoyBeansPix",
        }
    )
    says = expected("sae-unit-001")

    found = small_area.unit_eblup(
        corn,
        "CornHec",
        ["CornPix", "SoyBeansPix"],
        "County",
        counties,
        counties.set_index("County")["PopnSegments"],
    )

    assert found.eblup.tolist() == pytest.approx(says["eblup"], rel=1e-7)
    assert found.beta.tolist() == pytest.approx(says["fixed"], rel=1e-7)
    assert found.area_variance == pytest.approx(says["refvar"], rel=1e-6)
    assert found.error_variance == pytest.approx(says["errorvar"], rel=1e-6)
