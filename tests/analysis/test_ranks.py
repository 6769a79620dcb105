"""Ranks share ties, skip the next, and carry joint intervals."""

from __future__ import annotations

from collections.abc import Callable
from itertools import pairwise

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from analysis import SurveyDesign, estimate, ranks
from analysis.inference.ranks import max_t
from analysis.inference.ranks.values import take
from intake.findings import EstimationError


def test_equal_values_share_a_rank_and_the_next_is_skipped() -> None:
    assert ranks.rank([83.9, 90.1, 83.9, 70.0]).tolist() == [2.0, 1.0, 2.0, 4.0]


def test_intervals_follow_klein_wright_and_wieczorek() -> None:
    # Klein, Wright, Wieczorek (2020), theorem 1, by its definition: each value at level
    # 0.95 ** (1 / 5), ahead of those whose interval lies wholly below.
    value = np.array([90.0, 86.0, 85.5, 80.0, 60.0])
    se = np.array([1.0, 1.5, 1.0, 2.0, 1.0])
    z = stats.norm.ppf(1 - (1 - 0.95 ** (1 / 5)) / 2)
    low, high = value - z * se, value + z * se

    found = ranks.joint_intervals(value, se)

    best = [1 + sum(low > high[k]) for k in range(5)]
    worst = [5 - sum(high < low[k]) for k in range(5)]
    assert found["rank_low"].tolist() == best
    assert found["rank_high"].tolist() == worst
    assert found["rank"].tolist() == [1, 2, 3, 4, 5]


def test_certain_values_have_certain_ranks_and_ties_stay_ties() -> None:
    found = ranks.joint_intervals([3.0, 2.0, 2.0, 1.0], [0.0] * 4)

    assert found["rank_low"].tolist() == [1, 2, 2, 4]
    assert found["rank_high"].tolist() == [1, 3, 3, 4]


def test_a_unit_without_a_value_has_no_rank_and_moves_nobody() -> None:
    found = ranks.joint_intervals([90.0, np.nan, 80.0], [1.0, 1.0, 1.0])

    assert np.isnan(found["rank"].iloc[1])
    assert found["rank"].tolist()[0::2] == [1.0, 2.0]


def test_few_degrees_of_freedom_widen_the_interval_of_a_rank() -> None:
    values, se = [80.0, 76.0, 70.0], [1.0, 1.0, 1.0]

    normal = ranks.joint_intervals(values, se)
    student = ranks.joint_intervals(values, se, df=[2, 2, 2])

    assert normal["rank_high"].tolist() == [2, 2, 3] or normal["rank_high"].iloc[0] <= 2
    assert student["rank_high"].iloc[0] >= normal["rank_high"].iloc[0]


def test_neighbours_are_told_apart_only_when_zero_lies_outside_the_interval() -> None:
    table = ranks.neighbours([90.0, 80.0, 79.0], [1.0, 1.0, 1.0], ["a", "b", "c"])

    assert table["differ"].tolist() == [True, False]
    assert ranks.compare(80.0, 79.0, 1.0, 1.0).words.vi.startswith("Không khác biệt")


def test_a_positive_covariance_sharpens_a_comparison() -> None:
    apart = ranks.compare(80.0, 79.0, 1.0, 1.0, covariance=0.99)

    assert apart.differ
    assert not ranks.compare(80.0, 79.0, 1.0, 1.0).differ


@pytest.mark.parametrize(
    ("values", "se", "method", "code"),
    [
        ([1.0], [1.0], "max", "ranks-method"),
        ([1.0, 2.0], [1.0], "kww", "ranks-shape"),
        ([1.0], [-1.0], "kww", "ranks-se-negative"),
    ],
)
def test_impossible_input_is_refused(
    values: list[float], se: list[float], method: str, code: str
) -> None:
    with pytest.raises(EstimationError) as refusal:
        ranks.joint_intervals(values, se, method)

    assert refusal.value.code == code


def test_a_table_of_estimates_can_be_ranked_as_it_is() -> None:
    table = pd.DataFrame({"value": [1.0, 2.0], "se": [0.1, 0.1]})

    assert ranks.joint_intervals(table)["rank"].tolist() == [2.0, 1.0]


# Max-t sets, chances, tiers, pairs ---------------------------------------------------------------

VALUE = np.array([90.0, 86.0, 85.5, 80.0, 60.0, 79.0])
SE = np.array([1.0, 1.5, 1.0, 2.0, 1.0, 0.5])


def drawn_by_hand(above: np.ndarray, level: float = 0.95) -> np.ndarray:
    """Stepdown over every ordered pair, written out: the plain formulation."""
    values = take(VALUE, SE, None, None)
    noise = max_t.draw_noise(values, 2_000, 1)
    size = len(VALUE)
    pairs = [(j, k) for j in range(size) for k in range(size) if j != k]
    called: set[tuple[int, int]] = set()
    while True:
        kept = [pair for pair in pairs if pair not in called]
        chance = np.array(
            [(noise.error[:, j] - noise.error[:, k]) / np.hypot(SE[j], SE[k]) for j, k in kept]
        ).max(axis=0)
        more = {
            (j, k)
            for j, k in kept
            if (1 + (chance >= (VALUE[j] - VALUE[k]) / np.hypot(SE[j], SE[k])).sum())
            <= 0.05 * 2_001
        }
        if not more:
            break
        called |= more
    for j, k in called:
        above[j, k] = True
    return above


def test_max_t_calls_exactly_the_pairs_of_the_stepdown_written_out() -> None:
    by_hand = drawn_by_hand(np.zeros((6, 6), dtype=bool))

    found = ranks.joint_intervals(VALUE, SE, "max_t")

    assert found["rank_low"].tolist() == (1 + by_hand.sum(axis=0)).tolist()
    assert found["rank_high"].tolist() == (6 - by_hand.sum(axis=1)).tolist()


@pytest.mark.parametrize("few", [False, True])
def test_the_frontiers_give_the_largest_difference_of_all_pairs(few: bool) -> None:
    rng = np.random.Generator(np.random.PCG64(11))
    se = np.append(rng.uniform(0.2, 3, 38), [0.0, 0.0])
    values = take(np.zeros(40), se, rng.integers(3, 20, 40) if few else None, None)
    noise = max_t.draw_noise(values, 100, 3)
    left_out = rng.random((40, 40)) < 0.9

    scale = noise.spread * se
    variance = scale[:, :, None] ** 2 + scale[:, None, :] ** 2
    t = (noise.error[:, :, None] - noise.error[:, None, :]) / np.sqrt(np.maximum(variance, 1e-300))
    plain = np.where(left_out | (variance == 0), 0.0, t).max(axis=(1, 2))

    assert np.allclose(max_t.largest(noise, left_out), plain, rtol=0, atol=1e-12)


@pytest.mark.parametrize("df", [None, 6])
def test_joint_sets_hold_all_true_ranks_at_least_94_percent_of_the_time(df: int | None) -> None:
    rng = np.random.Generator(np.random.PCG64(2))
    truth = np.array([70.0, 71.0, 71.5, 73.0, 79.0, 79.2, 84.0])
    se = np.array([0.5, 1.0, 0.7, 1.5, 0.6, 0.6, 1.0])
    place = ranks.rank(truth)
    held = {"kww": 0, "max_t": 0}
    width = {"kww": 0.0, "max_t": 0.0}

    for sample in range(150):
        said = se if df is None else se * np.sqrt(rng.chisquare(df, 7) / df)
        value = truth + se * rng.standard_normal(7)
        for method in held:
            found = ranks.joint_intervals(
                value, said, method, df=df and [df] * 7, draws=400, seed=sample
            )
            inside = (found["rank_low"] <= place) & (place <= found["rank_high"])
            held[method] += bool(inside.all())
            width[method] += float((found["rank_high"] - found["rank_low"]).mean())

    assert min(held.values()) >= 0.94 * 150
    assert width["max_t"] < width["kww"]


def test_what_two_estimates_share_does_not_blur_their_order() -> None:
    # Both moved by the same error of 2: only their own 0.5 counts against a difference of 3.
    shared = np.full((2, 2), 4.0) + np.diag([0.25, 0.25])
    se = np.sqrt(np.diag(shared))

    apart = ranks.joint_intervals([83.0, 80.0], se, "max_t", covariance=shared)
    blurred = ranks.joint_intervals([83.0, 80.0], se, "max_t")

    assert apart["rank_high"].tolist() == [1, 2]
    assert blurred["rank_high"].tolist() == [2, 2]


def test_estimates_bring_their_covariance_and_degrees_of_freedom() -> None:
    rng = np.random.Generator(np.random.PCG64(4))
    common = rng.normal(0, 5, 40)
    table = pd.DataFrame({"a": common + 1.0, "b": common + rng.normal(0, 0.5, 40), "w": 1.0})

    found = estimate.mean(SurveyDesign(table, weights="w"), ["a", "b"])

    assert ranks.joint_intervals(found, method="max_t")["rank_high"].tolist() == [1, 2]
    assert ranks.joint_intervals(found, method="kww")["rank_high"].tolist() == [2, 2]


def test_one_unit_and_no_unit_have_ranks_too() -> None:
    assert ranks.joint_intervals([80.0], [1.0], "max_t")["rank_high"].tolist() == [1]
    assert ranks.joint_intervals([], [], "max_t").empty
    assert ranks.tiers([np.nan, 3.0], [1.0, 1.0])["tier"].isna().tolist() == [True, False]
    assert ranks.pairwise([3.0], [1.0]).empty


def test_certain_values_are_called_by_max_t_and_equal_ones_never() -> None:
    found = ranks.joint_intervals([3.0, 2.0, 2.0, 1.0], [0.0] * 4, method="max_t")

    assert found["rank_low"].tolist() == [1, 2, 2, 4]
    assert found["rank_high"].tolist() == [1, 3, 3, 4]


def test_a_value_without_degrees_of_freedom_is_told_from_nobody() -> None:
    found = ranks.joint_intervals([90.0, 50.0, 10.0], [1.0, 1.0, 1.0], "max_t", df=[30, 0, 30])

    assert found["rank_low"].tolist() == [1, 1, 2]
    assert found["rank_high"].tolist() == [2, 3, 3]


def test_chances_of_two_units_follow_the_normal_distribution() -> None:
    found = ranks.probabilities([81.0, 80.0], [1.0, 1.0], ["a", "b"], thresholds=[80.0, 82.0])

    first = stats.norm.cdf(1 / np.sqrt(2))
    assert found.rank.loc["a", 1] == pytest.approx(first, abs=0.02)
    assert found.top.columns.tolist() == [1]
    assert found.band.loc["b"].tolist() == pytest.approx(
        [0.5, stats.norm.cdf(2) - 0.5, stats.norm.sf(2)]
    )
    assert found.rank.sum(axis=1).tolist() == pytest.approx([1.0, 1.0])


def test_few_degrees_of_freedom_make_bands_less_sure() -> None:
    found = ranks.probabilities([82.0], [1.0], thresholds=[80.0], bands=["B", "A"], df=3)

    assert found.band["A"].iloc[0] == pytest.approx(stats.t.cdf(2, 3))


def test_ties_of_certain_values_share_the_best_rank_in_every_draw() -> None:
    found = ranks.probabilities([2.0, 2.0, 1.0], [0.0] * 3, top=[1, 3])

    assert found.rank.to_numpy().tolist() == [[1, 0, 0], [1, 0, 0], [0, 0, 1]]
    assert found.top[1].tolist() == [1, 1, 0]


def test_tiers_break_where_a_unit_surely_lies_below_the_leader() -> None:
    table = ranks.tiers(VALUE, SE, list("abcdef"))

    assert dict(zip(table["unit"], table["tier"], strict=True))["e"] == table["tier"].max()
    assert table["tier"].iloc[0] == 1
    above = max_t.surely_above(take(VALUE, SE, None, None), 0.95)
    leaders = {"abcdef".index(name) for name in table["leader"]}
    for k in range(6):
        leader = "abcdef".index(table["leader"].iloc[k])
        assert not above[leader, k]
    heads = sorted(leaders, key=lambda k: -VALUE[k])
    assert all(above[a, b] for a, b in pairwise(heads))
    assert ranks.tiers(VALUE, SE, list("abcdef")).equals(table)


def test_all_pairs_agree_with_the_joint_sets_and_lose_to_single_comparisons() -> None:
    above = max_t.surely_above(take(VALUE, SE, None, None), 0.95)

    joint = ranks.pairwise(VALUE, SE)
    alone = ranks.pairwise(VALUE, SE, method="none")

    assert joint["differ"].sum() == above.sum()
    assert set(joint.index[joint["differ"]]) <= set(alone.index[alone["differ"]])
    assert (joint["p"] >= alone["p"] - 0.01).all()
    by_hand = ranks.compare(90.0, 86.0, 1.0, 1.5)
    assert alone[["low", "high"]].iloc[0].tolist() == pytest.approx([by_hand.low, by_hand.high])


def test_holm_multiplies_the_smallest_p_by_the_number_of_pairs() -> None:
    alone = ranks.pairwise(VALUE, SE, method="none")["p"].to_numpy()

    holm = ranks.pairwise(VALUE, SE, method="holm")["p"].to_numpy()

    order = np.argsort(alone, kind="stable")
    expected = np.minimum(np.maximum.accumulate(alone[order] * np.arange(15, 0, -1)), 1)
    assert holm[order] == pytest.approx(expected)


@pytest.mark.parametrize(
    ("call", "code"),
    [
        (lambda: ranks.joint_intervals([1.0], [1.0], level=95), "ranks-level"),
        (lambda: ranks.joint_intervals([1.0, 2.0], [1.0, 1.0], df=[3.0]), "ranks-df"),
        (lambda: ranks.joint_intervals([1.0, 2.0], [1.0, 1.0], df=-1), "ranks-df"),
        (
            lambda: ranks.joint_intervals([1.0, 2.0], [1.0, 1.0], covariance=np.eye(3)),
            "ranks-covariance",
        ),
        (
            lambda: ranks.joint_intervals([1.0, 2.0], [1.0, 2.0], covariance=np.eye(2)),
            "ranks-covariance",
        ),
        (lambda: ranks.joint_intervals([1.0, 2.0], [1.0, 1.0], "max_t", draws=5), "ranks-draws"),
        (lambda: ranks.tiers([1.0], [1.0], ["a", "b"]), "ranks-names"),
        (lambda: ranks.pairwise([1.0], [1.0], method="tukey"), "ranks-method"),
        (lambda: ranks.probabilities([1.0], [1.0], top=2), "ranks-top"),
        (lambda: ranks.probabilities([1.0], [1.0], thresholds=[2, 1]), "ranks-thresholds"),
        (lambda: ranks.joint_intervals(pd.DataFrame({"value": [1.0]})), "ranks-shape"),
        (lambda: ranks.joint_intervals([1.0, 2.0]), "ranks-se-absent"),
        (lambda: ranks.tiers([1.0, 2.0], [1.0, 1.0], ["a", "a"]), "ranks-unit-repeated"),
        (
            lambda: ranks.joint_intervals(
                pd.DataFrame({"unit": ["a", "b", "a"], "value": 1.0, "se": 1.0})
            ),
            "ranks-unit-repeated",
        ),
    ],
)
def test_each_fault_of_the_call_is_refused_by_its_code(
    call: Callable[[], object], code: str
) -> None:
    with pytest.raises(EstimationError) as refusal:
        call()

    assert refusal.value.code == code
    assert refusal.value.advice.vi


def test_units_are_called_by_their_domain_where_estimates_come_in() -> None:
    table = pd.DataFrame({"commune": list("aabbcc"), "y": [1.0, 2.0, 4.0, 5.0, 8.0, 9.0], "w": 1.0})
    found = estimate.mean(SurveyDesign(table, weights="w"), "y", by="commune")

    assert ranks.joint_intervals(found)["unit"].tolist() == ["a", "b", "c"]
    assert ranks.tiers(found)["unit"].tolist() == ["a", "b", "c"]
    assert ranks.probabilities(found, top=1).top.index.tolist() == ["a", "b", "c"]


def test_the_second_row_of_a_unit_is_named() -> None:
    with pytest.raises(EstimationError) as refusal:
        ranks.tiers([3.0, 2.0, 1.0], [1.0, 1.0, 1.0], ["a", "b", "a"])

    assert refusal.value.findings[0].row == 3
    assert "“a”" in str(refusal.value)
