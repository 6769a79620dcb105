"""Properties of the analysis that hold whatever was asked and answered."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from analysis import SurveyDesign, estimate, par_index, ranks, weighting
from analysis.par_index import Expression
from analysis.satisfaction import Aggregation, IndexRule, quantities
from analysis.weighting.trimming import trimmed
from intake.findings import WeightError

QUICK = settings(max_examples=40, deadline=None)
POSITIVE = st.floats(0.1, 1e4)


@st.composite
def samples(draw: Any) -> pd.DataFrame:
    """Rows in two or three strata with at least two primary units each."""
    rows = []
    for stratum in range(draw(st.integers(2, 3))):
        for psu in range(draw(st.integers(2, 4))):
            for _ in range(draw(st.integers(1, 4))):
                rows.append(
                    {
                        "stratum": stratum,
                        "psu": f"{stratum}-{psu}",
                        "w": draw(POSITIVE),
                        "y": draw(st.integers(1, 5)),
                        "group": draw(st.sampled_from(["x", "y", "z"])),
                    }
                )
    return pd.DataFrame(rows)


def a_design(table: pd.DataFrame, **more: Any) -> SurveyDesign:
    return SurveyDesign(table, weights="w", strata="stratum", psu="psu", **more)


@QUICK
@given(samples(), st.randoms(use_true_random=False))
def test_the_order_of_rows_changes_nothing(table: pd.DataFrame, chance: Any) -> None:
    order = list(range(len(table)))
    chance.shuffle(order)
    shuffled = table.iloc[order].reset_index(drop=True)

    first = estimate.mean(a_design(table), "y", by="group").table
    second = estimate.mean(a_design(shuffled), "y", by="group").table

    # What is divided by a standard error near zero may differ by rounding: left out.
    same = ["group", "value", "se", "low", "high", "n", "df"]
    pd.testing.assert_frame_equal(first[same], second[same], rtol=1e-6, atol=1e-6)


@QUICK
@given(samples(), st.floats(0.01, 100))
def test_a_mean_does_not_depend_on_the_unit_of_the_weights(
    table: pd.DataFrame, factor: float
) -> None:
    first = estimate.mean(a_design(table), "y").table.iloc[0]
    second = estimate.mean(a_design(table.assign(w=table["w"] * factor)), "y").table.iloc[0]

    assert second["value"] == pytest.approx(first["value"])
    assert second["se"] == pytest.approx(first["se"], abs=1e-12)


@QUICK
@given(samples())
def test_shares_of_all_categories_sum_to_one_and_totals_of_domains_to_the_whole(
    table: pd.DataFrame,
) -> None:
    design = a_design(table)

    assert estimate.share(design, "group").table["value"].sum() == pytest.approx(1.0)
    parts = estimate.total(design, "y", by="group").table["value"].sum()
    assert parts == pytest.approx(estimate.total(design, "y").table["value"].iloc[0])


@QUICK
@given(samples())
def test_errors_are_the_diagonal_of_the_covariance(table: pd.DataFrame) -> None:
    found = estimate.mean(a_design(table), "y", by="group")
    known = np.flatnonzero(found.table["se"].notna())

    errors = np.sqrt(np.diag(found.covariance(list(known))))

    assert errors == pytest.approx(found.table["se"].to_numpy()[known], abs=1e-9)


@QUICK
@given(samples())
def test_a_census_has_no_sampling_error(table: pd.DataFrame) -> None:
    drawn = table.groupby("stratum")["psu"].transform("nunique")

    found = estimate.mean(a_design(table.assign(N=drawn), fpc="N"), "y", by="group").table

    assert (found["se"].dropna() == 0).all()
    assert (found["low"].dropna() == found["value"][found["low"].notna()]).all()


@QUICK
@given(samples())
def test_a_part_of_the_population_equals_that_domain(table: pd.DataFrame) -> None:
    assume((table["group"] == "x").any())
    design = a_design(table)

    part = estimate.mean(design.where("group == 'x'"), "y").table.iloc[0]
    domain = estimate.mean(design, "y", by="group").table.iloc[0]

    for name in ("value", "se", "n", "df"):
        assert part[name] == pytest.approx(domain[name], nan_ok=True)


@QUICK
@given(
    st.lists(st.tuples(POSITIVE, st.integers(0, 2), st.integers(0, 1)), min_size=12, max_size=60),
    st.lists(st.floats(50, 500), min_size=3, max_size=3),
    st.floats(0.3, 0.7),
)
def test_raked_totals_equal_their_targets(
    rows: list[tuple[float, int, int]], counts: list[float], share: float
) -> None:
    table = pd.DataFrame(rows, columns=["w", "age", "urban"])
    assume(len(table.groupby(["age", "urban"])) == 6)
    total = sum(counts)
    margins = {
        "age": {str(k): count for k, count in enumerate(counts)},
        "urban": {"0": total * share, "1": total * (1 - share)},
    }

    raked = weighting.rake(SurveyDesign(table, weights="w"), margins, rounds=20_000)

    for name, targets in margins.items():
        sums = pd.Series(raked.weights).groupby(table[name]).sum()
        assert sums.to_numpy() == pytest.approx(list(targets.values()), rel=1e-8)
    assert (raked.weights > 0).all()
    # What the margins fix has no sampling error left but for what ten sweeps, as in R, leave:
    # 20 projections in turn leave r^19 of a column, r the second singular value of the table of
    # both margins (Aronszajn 1950, Theory of reproducing kernels, on two subspaces).
    pairs = pd.crosstab(table["age"], table["urban"]).to_numpy(dtype=float)
    scaled = pairs / np.sqrt(np.outer(pairs.sum(axis=1), pairs.sum(axis=0)))
    correlation = np.linalg.svd(scaled, compute_uv=False)[1]
    left = correlation**19 * np.sqrt(table["urban"].sum())
    fixed = estimate.total(raked, "urban").table.iloc[0]
    assert fixed["se"] <= raked.weights.max() * np.sqrt(2) * left + 1e-6 * fixed["value"]


@QUICK
@given(st.lists(POSITIVE, min_size=2, max_size=50))
def test_unequal_weights_never_pay(weights: list[float]) -> None:
    factor = weighting.kish_factor(np.array(weights))

    assert 1 - 1e-12 <= factor <= len(weights)


@QUICK
@given(st.lists(POSITIVE, min_size=2, max_size=50), st.floats(1.05, 6))
def test_trimming_keeps_the_total_and_the_bound(weights: list[float], times: float) -> None:
    values = np.array(weights)
    upper = times * float(values.mean())
    try:
        cut = trimmed(values, 0.0, upper, strict=True)
    except WeightError:
        assert len(weights) * upper < values.sum() * 1.05
        return

    assert cut.sum() == pytest.approx(values.sum())
    assert cut.max() <= upper * (1 + 1e-9)


@QUICK
@given(st.lists(st.tuples(st.integers(0, 20), st.floats(0, 5)), min_size=1, max_size=30))
def test_equal_values_have_equal_ranks_within_their_intervals(
    pairs: list[tuple[int, float]],
) -> None:
    values, se = np.array(pairs, dtype=float).T

    found = ranks.joint_intervals(values, se)

    assert (found["rank_low"] <= found["rank"]).all()
    assert (found["rank"] <= found["rank_high"]).all()
    assert all(len(set(ranked)) == 1 for _, ranked in found.groupby("value")["rank"])
    assert found["rank_high"].max() <= len(values)


@QUICK
@given(st.lists(st.integers(1, 10), min_size=1, max_size=9), st.sampled_from(["items", "blocks"]))
def test_every_quantity_is_a_weighted_mean_of_items(sizes: list[int], overall: str) -> None:
    class Factor:
        def __init__(self, number: int, size: int) -> None:
            self.code = f"F{number}"
            self.block = "I" if number % 2 else "II"
            self.items = [f"q{number}_{k}" for k in range(size)]

    found = quantities([Factor(k, size) for k, size in enumerate(sizes)],
                       Aggregation(overall=overall))  # fmt: skip

    assert (found.coefficients >= 0).all()
    assert found.coefficients.sum(axis=0) == pytest.approx(np.ones(len(found.names)))


@QUICK
@given(st.lists(st.integers(1, 5), min_size=1, max_size=50))
def test_the_three_rules_keep_their_order_and_bounds(answers: list[int]) -> None:
    given_answers = np.array(answers, dtype=float)

    scores = {rule: rule.score(given_answers) for rule in IndexRule}

    assert all(((values >= 0) & (values <= 100)).all() for values in scores.values())
    assert (scores[IndexRule.MEAN04] <= scores[IndexRule.MEAN5]).all()


@QUICK
@given(
    st.sampled_from(["points", "linear", "ratio", "boolean", "deduction", "survey"]),
    st.floats(-1e3, 1e3),
    st.floats(0.5, 20),
)
def test_no_points_exceed_the_maximum_or_fall_below_zero(
    kind: str, value: float, maximum: float
) -> None:
    assert 0 <= Expression(kind).points(value, maximum) <= maximum


@settings(max_examples=10, deadline=None)
@given(st.randoms(use_true_random=False))
def test_final_points_of_children_sum_to_their_parent(chance: Any) -> None:
    year = par_index.load("2026-counters")
    assessments = pd.DataFrame(
        [
            {"agency_code": agency, "criterion": leaf.code, "self_scored": chance.random(),
             "appraised": chance.choice([chance.random(), float("nan")])}
            for agency in ("a", "b")
            for leaf in year.leaves()
            if leaf.expression and leaf.expression.kind != "survey"
        ]
    )  # fmt: skip

    points = par_index.compute(year, assessments, None)

    for agency, table in points.groupby("agency_code"):
        final = table.set_index("criterion")["final"]
        for criterion, parts in table[table["parent"] != ""].groupby("parent"):
            known = parts["final"].dropna()
            assert np.isnan(final[criterion]) == known.empty, agency
            if not known.empty:
                assert final[criterion] == pytest.approx(known.sum())
        assert (table["final"].dropna() <= table["maximum"][table["final"].notna()]).all()
