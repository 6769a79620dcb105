"""Ranks share ties, skip the next, and carry joint intervals."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from analysis import ranks
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
    found = ranks.joint_intervals([3.0, 2.0, 2.0, 1.0])

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
