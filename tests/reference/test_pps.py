"""Unequal probabilities and two phases against R survey, on the data sets it ships.

The six designs of `reference/expected.json` are R survey 4.5; the other numbers come from
R survey 4.1 (R 4.2.2) with the calls beside them. Without the data these cases are skipped.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest
from r_survey import data, expected, needed

from analysis import pps, two_phase

pytestmark = needed


def settings(design: str) -> dict[str, Any]:
    joint = data("election_jointprob.csv").to_numpy()
    return {
        "brewer": {"kind": "brewer"},
        "overton": {"kind": "overton"},
        "hartley_rao": {"kind": "hartley_rao", "sum_of_squares": 0.10321027266235},
        "ht": {"joint": joint},
        "yg": {"joint": joint, "variance": "yg"},
    }[design]


@pytest.mark.parametrize(
    ("case", "design"),
    [
        ("pps-001", "brewer"),
        ("pps-004", "overton"),
        ("pps-007", "hartley_rao"),
        ("pps-010", "ht"),
        ("pps-013", "yg"),
    ],
)
def test_the_total_of_a_county_sample_has_the_variance_of_r_survey(case: str, design: str) -> None:
    table = data("election_pps.csv")
    p = table["p"].to_numpy()

    found = pps.covariance(table["Kerry"].to_numpy() / p, p, **settings(design))

    assert found[0, 0] == pytest.approx(expected(case)["vcov"][0][0], rel=1e-8)


# vcov(svymean(~votes, d)); vcov(svytotal(~Bush, subset(d, votes > 100000)))
MEAN_AND_DOMAIN = {
    "brewer": (20555373.2515449, 21138995922014),
    "overton": (20555373.2515449, 19759747117726.1),
    "hartley_rao": (20604070.66915122, 21268512576040.2),
    "ht": (20428624.42843875, 20795654634629.7),
    "yg": (20297735.51561816, 20407744528113.4),
}


@pytest.mark.parametrize("design", sorted(MEAN_AND_DOMAIN))
def test_means_and_domains_have_the_variance_of_r_survey(design: str) -> None:
    table = data("election_pps.csv")
    p = table["p"].to_numpy()
    votes = table["votes"].to_numpy()
    mean = (votes / p).sum() / (1 / p).sum()
    large = np.where(votes > 100_000, table["Bush"] / p, 0.0)

    of_mean = pps.covariance((votes - mean) / p / (1 / p).sum(), p, **settings(design))
    of_domain = pps.covariance(large, p, **settings(design))

    assert of_mean[0, 0] == pytest.approx(MEAN_AND_DOMAIN[design][0], rel=1e-12)
    assert of_domain[0, 0] == pytest.approx(MEAN_AND_DOMAIN[design][1], rel=1e-12)


# strata = ~rep(1:4, each = 10): vcov(svytotal(~Bush + Kerry + Nader, d))[1, ]
STRATIFIED = {
    "brewer": (5783286456053.60254, -5774200731709.29492, -9085724344.30696),
    "overton": (8385525804529.45898, -6053987674839.41406, 15671901564.64441),
    "hartley_rao": (6268546693842.13086, -5794348670619.45996, -4756016971.75759),
}


@pytest.mark.parametrize("kind", sorted(STRATIFIED))
def test_strata_of_unequal_probabilities_add_up_as_in_r_survey(kind: str) -> None:
    table = data("election_pps.csv")
    p = table["p"].to_numpy()
    scores = table[["Bush", "Kerry", "Nader"]].to_numpy() / p[:, None]

    found = pps.covariance(scores, p, kind=kind, strata=np.repeat(np.arange(4), 10))

    assert found[0].tolist() == pytest.approx(STRATIFIED[kind], rel=1e-11)


# Two phases -----------------------------------------------------------------


def asked_again(
    table: pd.DataFrame,
    subset: str,
    item: str,
    *,
    strata: str | None = None,
    psu: str | None = None,
    population: str | None = None,
    total: bool = False,
) -> float:
    """The variance of a mean or total: first phase psu, second phase rows by strata."""
    kept = table[subset].to_numpy(dtype=bool)
    rows = np.arange(len(table))
    label = rows if strata is None else table[strata].to_numpy()
    held = pd.Series(rows).groupby(label if strata else np.zeros(len(rows))).transform("size")
    first = two_phase.draw_stages(
        [rows if psu is None else table[psu].to_numpy()],
        population=[None if population is None else table[population].to_numpy()],
        drawn=np.ones(len(rows), dtype=bool),
        kept=kept,
    )
    second = two_phase.draw_stages(
        [rows], [label if strata else None], [held.to_numpy()], drawn=kept, kept=kept
    )
    weight = two_phase.weights(first, second)
    y = table.loc[kept, item].to_numpy()
    scores = weight * y if total else weight * (y - weight @ y / weight.sum()) / weight.sum()
    return float(two_phase.two_phase_covariance(scores, first, second)[0, 0])


def test_patients_of_a_trial_within_a_cohort_have_the_variance_of_r_survey() -> None:
    table = data("pbc_twophase.csv")

    found = asked_again(table, "randomized", "bili")

    assert found == pytest.approx(expected("twophase-001")["vcov"][0][0], rel=1e-8)


def test_a_cluster_sample_seen_as_two_phases_has_the_variance_of_r_survey() -> None:
    # ?twophase: mu284, first phase clusters id1 of n1, second phase stratified within cluster;
    # vcov(svytotal(~y1, d2mu284)), vcov(svymean(~y1, d2mu284)).
    sampled = data("mu284.csv")
    more = sampled.groupby("id1").head(1)
    left = more.loc[more.index.repeat(more["n2"] - 3)]
    table = pd.concat([sampled.assign(sub=True), left.assign(sub=False)], ignore_index=True)
    settings = {"strata": "id1", "psu": "id1", "population": "n1"}

    total = asked_again(table, "sub", "y1", total=True, **settings)
    mean = asked_again(table, "sub", "y1", **settings)

    assert total == pytest.approx(5172234.44444444, rel=1e-12)
    assert mean == pytest.approx(5.16949672670479, rel=1e-12)
