"""Replicate weights against R survey 4.5, those that R made and those made here.

The worked answers lie outside the repository (`reference/expected.json`, made with the
script it names); without them these cases are skipped.
"""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from analysis import SurveyDesign
from analysis.replication import ReplicateDesign, export, given, make

FOLDER = Path(__file__).resolve().parents[3] / "shared" / "reference"
EXACT = 1e-8
pytestmark = pytest.mark.skipif(not FOLDER.is_dir(), reason="the R survey reference is not here")

KINDS = {
    "rjk1": "jk1",
    "rjkn": "jkn",
    "rjkn_hosp": "jkn",
    "rbrr": "brr",
    "rfay": "fay",
    "rboot": "bootstrap",
    "rcanty": "bootstrap",
    "rmrb": "other",
    "rjcrowd": "jkn",
}
TABLES = {
    "rjk1": "apiclus1.csv",
    "rjkn": "apistrat.csv",
    "rjkn_hosp": "hospital.csv",
    "rbrr": "scd.csv",
    "rfay": "scd.csv",
    "rboot": "apiclus1.csv",
    "rcanty": "apiclus1.csv",
    "rmrb": "apiclus2.csv",
    "rjcrowd": "crowd.csv",
}


@cache
def reference() -> dict[str, Any]:
    return json.loads((FOLDER / "expected.json").read_text(encoding="utf-8"))


def data(name: str) -> pd.DataFrame:
    return pd.read_csv(FOLDER / "data" / name)


def expected(case: str) -> dict[str, Any]:
    return next(entry for entry in reference()["cases"] if entry["id"] == case)["expected"]


def replicated(name: str) -> ReplicateDesign:
    says = reference()["designs"][name]
    weights = data(says["replicate_weights"]).add_prefix("weight_")
    table = pd.concat([data(TABLES[name]), weights], axis=1)
    return given(
        table,
        weights="weight_w",
        columns=[column for column in weights if column != "weight_w"],
        kind=KINDS[name],
        scale=says["scale"],
        rscales=says["rscales"],
        mse=says["mse"],
    )


def drawn(name: str) -> SurveyDesign:
    if name == "rjk1":
        return SurveyDesign(data("apiclus1.csv"), weights="pw", psu="dnum", fpc="fpc")
    if name == "rjkn":
        return SurveyDesign(data("apistrat.csv"), weights="pw", strata="stype", fpc="fpc")
    if name == "rjkn_hosp":
        return SurveyDesign(
            data("hospital.csv"), weights="weighta", strata="oblevel", psu="hospno", fpc="tothosp"
        )
    if name == "rjcrowd":
        crowd = data("crowd.csv")
        return SurveyDesign(crowd, weights="weight", strata="stratum", psu="cluster", nest=True)
    table = data("scd.csv").assign(one=1.0)
    return SurveyDesign(table, weights="one", strata="ESA", psu="ambulance", nest=True)


def total_and_mean(design: ReplicateDesign, item: str) -> dict[str, tuple[float, float]]:
    y = design.data[item].to_numpy(dtype=np.float64)
    values = np.column_stack([y, np.ones_like(y)])
    totals = design.replicate_totals(values)[:, 0]
    full = design.weights @ values
    found = {}
    for name, replicates, estimate in [
        ("total", totals[:, 0], full[0]),
        ("mean", totals[:, 0] / totals[:, 1], full[0] / full[1]),
    ]:
        variance = design.covariance_of(replicates[:, None], np.array([estimate]))
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
    design, wanted = replicated(name), expected(case)

    value, se = total_and_mean(design, item)[statistic]

    assert value == pytest.approx(wanted["est"], rel=EXACT)
    assert se == pytest.approx(wanted["se"], rel=EXACT)
    assert design.df == wanted["ci_df"]


@pytest.mark.parametrize("name", sorted(KINDS))
def test_the_degrees_of_freedom_are_those_of_r_survey(name: str) -> None:
    assert replicated(name).df == reference()["designs"][name]["degf"]


@pytest.mark.parametrize("name", ["rjk1", "rjkn", "rjkn_hosp", "rbrr", "rfay", "rjcrowd"])
def test_replicates_made_here_are_those_that_r_survey_makes(name: str) -> None:
    says = reference()["designs"][name]

    design = make(drawn(name), kind=KINDS[name], rho=0.3 if name == "rfay" else 0.0)

    made, wanted = export(design), data(says["replicate_weights"])
    assert list(made) == list(wanted)
    np.testing.assert_allclose(made.to_numpy(), wanted.to_numpy(), rtol=EXACT)
    assert design.scale == pytest.approx(says["scale"], rel=EXACT)
    np.testing.assert_allclose(design.rscales, says["rscales"], rtol=EXACT)
    assert design.df == says["degf"]


@pytest.mark.parametrize(("name", "case"), [("rbrr", "rep-007")])
def test_a_ratio_from_half_samples_has_the_error_of_r_survey(name: str, case: str) -> None:
    wanted = expected(case)

    for design in (replicated(name), make(drawn(name), kind="brr")):
        values = design.data[["alive", "arrests"]].to_numpy(dtype=np.float64)
        totals = design.replicate_totals(values)[:, 0]
        full = design.weights @ values

        variance = design.variance_of(totals[:, 0] / totals[:, 1], full[0] / full[1])

        assert np.sqrt(variance) == pytest.approx(wanted["se"], rel=EXACT)


def test_means_of_domains_have_the_errors_of_r_survey() -> None:
    wanted, design = expected("rep-021"), replicated("rjk1")
    category, _ = pd.factorize(design.data["sch.wide"], sort=True)
    meals = design.data["meals"].to_numpy(dtype=np.float64)
    values = np.column_stack([meals, np.ones_like(meals)])

    totals = design.replicate_totals(values, category, 2)

    full = np.array([design.weights[category == at] @ values[category == at] for at in (0, 1)])
    means = full[:, 0] / full[:, 1]
    np.testing.assert_allclose(means, wanted["est"], rtol=EXACT)
    se = np.sqrt(design.variance_of(totals[:, :, 0] / totals[:, :, 1], means))
    np.testing.assert_allclose(se, wanted["se"], rtol=EXACT)
