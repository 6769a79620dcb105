"""Ranks, and how sure they are.

Rank 1 is the highest value. Equal values share a rank and the next rank is skipped. The
interval of a rank is joint: with the stated confidence all true ranks lie in their
intervals at the same time. Values and standard errors are in the same unit, such as points.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy import special

from analysis.estimation import Estimates
from intake.findings import EstimationError, Finding, Words

Floats = NDArray[np.float64]
METHODS = ("kww",)


@dataclass(frozen=True)
class Comparison:
    """Two values side by side: their difference, its interval, and whether it excludes zero."""

    difference: float
    low: float
    high: float
    differ: bool

    @property
    def words(self) -> Words:
        """The statement to print beside two neighbours of a ranking."""
        if self.differ:
            return Words("Khác biệt có ý nghĩa thống kê.", "The difference is significant.")
        return Words("Không khác biệt có ý nghĩa thống kê.", "The difference is not significant.")


def rank(values: Sequence[float] | Floats) -> Floats:
    """Return the rank of each value, 1 for the highest; missing values have no rank.

    Examples
    --------
    >>> rank([80.0, 90.0, 80.0, 70.0]).tolist()
    [2.0, 1.0, 2.0, 4.0]
    """
    column = np.asarray(values, dtype=np.float64)
    ranks = np.full(column.shape, np.nan)
    known = np.isfinite(column)
    ranks[known] = _from_the_top(column[known])
    return ranks


def joint_intervals(
    estimates: Estimates | pd.DataFrame | Sequence[float] | Floats,
    se: Sequence[float] | Floats | None = None,
    method: str = "kww",
    level: float = 0.95,
    df: Sequence[float] | Floats | None = None,
) -> pd.DataFrame:
    """Return ranks with joint intervals.

    Each value gets an interval of its own at level ``level ** (1 / K)`` for K values, which
    makes all of them hold together where the estimates are independent. A unit is surely
    behind those whose interval lies wholly above its own, and surely ahead of those whose
    interval lies wholly below.

    Parameters
    ----------
    estimates
        The values; or `Estimates`, or a table with columns ``value`` and ``se``.
    se
        Standard errors of the values, zero where a value is certain.
    method
        ``kww`` (Klein, Wright and Wieczorek).
    level
        Joint confidence level.
    df
        Degrees of freedom of each standard error; normal quantiles without.

    Returns
    -------
    pandas.DataFrame
        ``value, se, rank, rank_low, rank_high`` in the order of the input; a value or
        standard error that is missing has no rank and stands against nobody.

    Raises
    ------
    EstimationError
        ``ranks-method``, ``ranks-shape``, ``ranks-se-negative``.

    References
    ----------
    Klein, M., Wright, T., Wieczorek, J. (2020). A joint confidence region for an overall
    ranking of populations. Journal of the Royal Statistical Society C 69, 589-606.

    Examples
    --------
    >>> joint_intervals([90.0, 80.0, 79.0], [1.0, 1.0, 1.0])[["rank_low", "rank_high"]].values
    array([[1., 1.],
           [2., 3.],
           [2., 3.]])
    """
    if method not in METHODS:
        raise _refusal("ranks-method", f"method={method!r}; {', '.join(METHODS)}")
    value, error = _columns(estimates, se)
    if value.shape != error.shape:
        raise _refusal("ranks-shape", f"{value.size} / {error.size}")
    if (error < 0).any():
        raise _refusal("ranks-se-negative", str(int(np.flatnonzero(error < 0)[0]) + 1))
    known = np.isfinite(value) & np.isfinite(error)
    count = int(known.sum())
    ranks = np.full(value.shape, np.nan)
    best, worst = ranks.copy(), ranks.copy()
    if count:
        single = 1 - (1 - level ** (1 / count)) / 2
        quantile = np.full(value.shape, special.ndtri(single))
        if df is not None:
            freedom = np.asarray(df, dtype=np.float64)
            quantile = np.where(
                freedom > 0, special.stdtrit(np.maximum(freedom, 1), single), np.inf
            )
        reach = np.where(error == 0, 0.0, quantile * error)
        low, high = (value - reach)[known], (value + reach)[known]
        order_low, order_high = np.sort(low), np.sort(high)
        surely_ahead = count - np.searchsorted(order_low, high, side="right")
        surely_behind = np.searchsorted(order_high, low, side="left")
        ranks[known] = _from_the_top(value[known])
        best[known] = 1 + surely_ahead
        worst[known] = count - surely_behind
    return pd.DataFrame(
        {"value": value, "se": error, "rank": ranks, "rank_low": best, "rank_high": worst}
    )


def compare(
    a: float,
    b: float,
    se_a: float,
    se_b: float,
    *,
    covariance: float = 0.0,
    level: float = 0.95,
    df: float | None = None,
) -> Comparison:
    """Say whether two estimates differ: the interval of their difference excludes zero."""
    variance = max(se_a**2 + se_b**2 - 2 * covariance, 0.0)
    tail = 1 - (1 - level) / 2
    quantile = float(special.ndtri(tail) if df is None else special.stdtrit(df, tail))
    reach = 0.0 if variance == 0 else quantile * variance**0.5
    difference = a - b
    low, high = difference - reach, difference + reach
    return Comparison(difference, low, high, bool(low > 0 or high < 0))


def neighbours(
    values: Sequence[float] | Floats,
    se: Sequence[float] | Floats,
    names: Sequence[str] | None = None,
    level: float = 0.95,
) -> pd.DataFrame:
    """Compare each unit with the next one in the ranking.

    Returns
    -------
    pandas.DataFrame
        ``unit, next_unit, difference, low, high, differ``, from the highest value down;
        missing values are left out.
    """
    value, error = np.asarray(values, dtype=np.float64), np.asarray(se, dtype=np.float64)
    labels = [str(k) for k in range(len(value))] if names is None else [str(n) for n in names]
    known = [k for k in range(len(value)) if np.isfinite(value[k]) and np.isfinite(error[k])]
    order = sorted(known, key=lambda k: (-value[k], labels[k]))
    rows: list[dict[str, Any]] = []
    for first, second in pairwise(order):
        found = compare(value[first], value[second], error[first], error[second], level=level)
        rows.append(
            {
                "unit": labels[first],
                "next_unit": labels[second],
                "difference": found.difference,
                "low": found.low,
                "high": found.high,
                "differ": found.differ,
            }
        )
    columns = ["unit", "next_unit", "difference", "low", "high", "differ"]
    return pd.DataFrame(rows, columns=columns)


def _columns(
    estimates: Estimates | pd.DataFrame | Sequence[float] | Floats,
    se: Sequence[float] | Floats | None,
) -> tuple[Floats, Floats]:
    if isinstance(estimates, Estimates):
        estimates = estimates.table
    if isinstance(estimates, pd.DataFrame):
        return (
            estimates["value"].to_numpy(dtype=np.float64),
            estimates["se"].to_numpy(dtype=np.float64),
        )
    value = np.asarray(estimates, dtype=np.float64)
    error = np.zeros_like(value) if se is None else np.asarray(se, dtype=np.float64)
    return value, error


def _refusal(code: str, detail: str) -> EstimationError:
    return EstimationError(
        Finding(
            code,
            Words(
                f"Không tính được khoảng thứ hạng: {detail}.",
                f"Rank intervals cannot be computed: {detail}.",
            ),
            Words(
                "Cần giá trị và sai số chuẩn không âm cùng độ dài, method='kww'.",
                "Give values and standard errors (not negative) of one length, method='kww'.",
            ),
        )
    )


def _from_the_top(values: Floats) -> Floats:
    """Return 1 for the largest value; ties share a rank and the next ranks are skipped."""
    return np.asarray(1.0 + np.searchsorted(np.sort(-values), -values), dtype=np.float64)
