"""Sharing out a total in proportion to weights, between floors and caps, and rounding it.

Both kinds of optimum (least variance for a total or budget, least cost for a variance)
have the same form: n_h = f · w_h, cut to its floor and cap, with one factor f for all
strata. The total (or the variance) is monotone in f, and between two neighbours among the
2 H values of f where a stratum reaches its floor or its cap it has a closed form: f is
found exactly, without iteration to a tolerance.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from sampling.allocation.checks import Row


def within(spend: float, weights: Row, low: Row, high: Row, costs: Row | None = None) -> Row:
    """Return factor times weight, cut to the bounds, so that costs times it add to ``spend``.

    Strata of weight zero get their floor, and what the others cannot hold in proportion
    to the room they have. ``spend`` must lie between the costs of floors and caps.
    """
    price = np.ones_like(low) if costs is None else costs
    measure = _scaled(weights)
    full = np.where(measure > 0, high, low)
    if (price * full).sum() < spend:
        room = np.where(measure > 0, 0.0, high - low)
        part = (spend - (price * full).sum()) / max((price * room).sum(), 1e-300)
        return np.asarray(full + room * min(part, 1.0), dtype=np.float64)

    def spent(factor: float) -> float:
        return float((price * np.clip(factor * measure, low, high)).sum())

    free, shares = _segment(measure, low, high, lambda factor: spent(factor) >= spend)
    if free.any():
        left = spend - (price * shares)[~free].sum()
        shares[free] = measure[free] * (left / (price * measure)[free].sum())
    return np.clip(shares, low, high)


def reaching(variance: float, parts: Row, weights: Row, low: Row, high: Row) -> Row:
    """Return factor times weight, cut to the bounds, with Σ parts / n = ``variance``.

    The caps must bring at most this variance.
    """
    measure = _scaled(weights)
    moved = parts > 0

    def brings(factor: float) -> float:
        n = np.clip(factor * measure, low, high)[moved]
        with np.errstate(divide="ignore"):
            return float((parts[moved] / n).sum())

    free, shares = _segment(measure, low, high, lambda factor: brings(factor) <= variance)
    free &= moved
    if free.any():
        fixed = moved & ~free
        left = variance - (parts[fixed] / shares[fixed]).sum()
        shares[free] = measure[free] * ((parts[free] / measure[free]).sum() / left)
    return np.clip(shares, low, high)


def whole(n: int, shares: Row, high: Row) -> NDArray[np.int64]:
    """Return whole numbers that keep the total, by largest remainder.

    Fractions are cut off and the largest ones rounded up until the total is there; of
    equal ones the earlier stratum first.
    """
    cut = np.floor(shares + 1e-9)
    remainders = np.where(cut < high, shares - cut, -1.0)
    left = n - int(cut.sum())
    order = np.argsort(-np.round(remainders, 9), kind="stable")
    cut[order[:left]] += 1
    return cut.astype(np.int64)


def _scaled(weights: Row) -> Row:
    """Return weights with the largest at 1; all ones where every weight is zero."""
    largest = weights.max()
    return np.ones_like(weights) if largest == 0 else np.asarray(weights / largest)


def _segment(
    measure: Row, low: Row, high: Row, enough: Callable[[float], bool]
) -> tuple[NDArray[np.bool_], Row]:
    """Return who is free where it becomes enough, and everybody's number at its end."""
    positive = measure > 0
    with np.errstate(divide="ignore", over="ignore"):
        starts = np.where(positive, low / np.where(positive, measure, 1.0), np.inf)
        ends = np.where(positive, high / np.where(positive, measure, 1.0), np.inf)
    points = np.unique(np.concatenate([starts[positive], ends[positive]]))
    points = points[np.isfinite(points)]
    at = min(bisect_left(points, True, key=lambda factor: enough(float(factor))), len(points) - 1)
    free = positive & (starts < points[at]) & (ends >= points[at])
    return free, np.clip(points[at] * measure, low, high)
