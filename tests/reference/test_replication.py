"""Replicate weights against R survey 4.5, those that R made and those made here.

The worked answers lie outside the repository (`reference/expected.json`, made with the
script it names); without them these cases are skipped.
"""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from r_survey import REPLICATES, data, design, expected, needed, reference, replicated

from analysis import SurveyDesign
from analysis.replication import ReplicateDesign, export, make

EXACT = 1e-8
pytestmark = needed


def drawn(name: str) -> SurveyDesign:
    if name == "rjcrowd":
        crowd = data("crowd.csv")
        return SurveyDesign(crowd, weights="weight", strata="stratum", psu="cluster", nest=True)
    return design({"rjk1": "dclus1", "rjkn": "dstrat", "rjkn_hosp": "dhosp"}.get(name, "dscd"))


def total_and_mean(made: ReplicateDesign, item: str) -> dict[str, tuple[float, float]]:
    y = made.data[item].to_numpy(dtype=np.float64)
    values = np.column_stack([y, np.ones_like(y)])
    totals = made.replicate_totals(values)[:, 0]
    full = made.weights @ values
    found = {}
    for name, replicates, estimate in [
        ("total", totals[:, 0], full[0]),
        ("mean", totals[:, 0] / totals[:, 1], full[0] / full[1]),
    ]:
        variance = made.covariance_of(replicates[:, None], np.array([estimate]))
        found[name] = (float(estimate), float(np.sqrt(variance[0, 0])))
    return found


@pytest.mark.parametrize(
    ("case", "name", "item", "statistic"),
    [
        ("rep-001", "rjk1", "api00", "mean"),
        ("rep-004", "rjkn", "enroll", "total"),
        ("rep-006", "rjkn_hosp", "births", "mean"),
        ("rep-010", "rfay", "alive", "mean"),
        ("rep-011", "rboot", "api00", "mean"),
        ("rep-015", "rcanty", "api99", "mean"),
        ("rep-017", "rmrb", "api00", "mean"),
        ("rep-019", "rjcrowd", "rooms", "total"),
    ],
)
def test_given_replicate_weights_have_the_error_of_r_survey(
    case: str, name: str, item: str, statistic: str
) -> None:
    made, wanted = replicated(name), expected(case)

    value, se = total_and_mean(made, item)[statistic]

    assert value == pytest.approx(wanted["est"], rel=EXACT)
    assert se == pytest.approx(wanted["se"], rel=EXACT)
    assert made.df == wanted["ci_df"]


@pytest.mark.parametrize("name", sorted(REPLICATES))
def test_the_degrees_of_freedom_are_those_of_r_survey(name: str) -> None:
    assert replicated(name).df == reference()["designs"][name]["degf"]


@pytest.mark.parametrize("name", ["rjk1", "rjkn", "rjkn_hosp", "rbrr", "rfay", "rjcrowd"])
def test_replicates_made_here_are_those_that_r_survey_makes(name: str) -> None:
    says = reference()["designs"][name]

    made = make(drawn(name), kind=REPLICATES[name][0], rho=0.3 if name == "rfay" else 0.0)

    exported, wanted = export(made), data(says["replicate_weights"])
    assert list(exported) == list(wanted)
    np.testing.assert_allclose(exported.to_numpy(), wanted.to_numpy(), rtol=EXACT)
    assert made.scale == pytest.approx(says["scale"], rel=EXACT)
    np.testing.assert_allclose(made.rscales, says["rscales"], rtol=EXACT)
    assert made.df == says["degf"]


@pytest.mark.parametrize(("name", "case"), [("rbrr", "rep-007")])
def test_a_ratio_from_half_samples_has_the_error_of_r_survey(name: str, case: str) -> None:
    wanted = expected(case)

    for made in (replicated(name), make(drawn(name), kind="brr")):
        values = made.data[["alive", "arrests"]].to_numpy(dtype=np.float64)
        totals = made.replicate_totals(values)[:, 0]
        full = made.weights @ values

        variance = made.variance_of(totals[:, 0] / totals[:, 1], full[0] / full[1])

        assert np.sqrt(variance) == pytest.approx(wanted["se"], rel=EXACT)


def test_means_of_domains_have_the_errors_of_r_survey() -> None:
    wanted, made = expected("rep-021"), replicated("rjk1")
    category, _ = pd.factorize(made.data["sch.wide"], sort=True)
    meals = made.data["meals"].to_numpy(dtype=np.float64)
    values = np.column_stack([meals, np.ones_like(meals)])

    totals = made.replicate_totals(values, category, 2)

    full = np.array([made.weights[category == at] @ values[category == at] for at in (0, 1)])
    means = full[:, 0] / full[:, 1]
    np.testing.assert_allclose(means, wanted["est"], rtol=EXACT)
    se = np.sqrt(made.variance_of(totals[:, :, 0] / totals[:, :, 1], means))
    np.testing.assert_allclose(se, wanted["se"], rtol=EXACT)
