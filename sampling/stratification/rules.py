"""Cuts by rule of thumb: cumulative square root of the frequency, geometric progression."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

from sampling.stratification.values import (
    Allocation,
    Row,
    Strata,
    Values,
    check_cv,
    distinct,
    made,
    needed,
    refusal,
)


def dalenius_hodges(
    x: ArrayLike,
    strata: int,
    *,
    bins: int | None = None,
    cv: float | None = None,
    allocation: Allocation = "neyman",
    take_all: bool = False,
) -> Strata:
    """Return strata cut where the cumulative root of the frequency passes equal steps.

    The range is divided into equal bins; a cut goes to the edge of a bin whose Σ sqrt(f)
    is nearest to h / L of the whole.

    Parameters
    ----------
    x
        The variable, shape (N,), one value a unit.
    strata
        L, at least 2.
    bins
        Number of bins, at least L; 15 L, or the number of units where that is less.
    cv
        Where given, the takes that bring this cv of the mean (``allocation`` "neyman", or
        "power" with exponent one half; ``take_all``: the top stratum is taken as a whole).

    Raises
    ------
    DesignError
        Values that are no numbers, fewer different values than strata, or cuts that
        coincide, with the number of strata that is possible.

    References
    ----------
    Dalenius, T., Hodges, J. L. (1959). Minimum variance stratification. Journal of the
    American Statistical Association 54, 88-101.
    Cochran, W. G. (1977). Sampling Techniques, 3rd ed., section 5A.7.

    Examples
    --------
    >>> dalenius_hodges([1, 2, 3, 4, 5, 6, 7, 8], 2, bins=8).boundaries.tolist()
    [5.0]
    """
    values = distinct(x, strata)
    units = int(values.counts.sum())
    number = min(15 * strata, units) if bins is None else bins
    if isinstance(number, bool) or number != int(number) or number < strata:
        raise refusal(
            "stratification-bins-invalid",
            f"Số khoảng là {number}, phải là số nguyên từ {strata}.",
            f"The number of bins is {number}; it must be a whole number, at least {strata}.",
            f"Dùng khoảng {15 * strata}.",
            f"Use about {15 * strata}.",
            "bins",
        )
    edges = np.linspace(values.distinct[0], values.distinct[-1], int(number) + 1)
    place = np.searchsorted(values.distinct, edges[1:-1], side="right")
    counts = np.diff(np.concatenate([[0], values.sums[0][place], [units]]))
    roots = np.cumsum(np.sqrt(counts))
    steps = roots[-1] * np.arange(1, strata) / strata
    nearest = np.abs(roots[:-1, None] - steps[None, :]).argmin(axis=0)
    return _strata(values, place[nearest], "dalenius_hodges", cv, allocation, take_all)


def geometric(
    x: ArrayLike,
    strata: int,
    *,
    cv: float | None = None,
    allocation: Allocation = "neyman",
    take_all: bool = False,
) -> Strata:
    """Return strata whose boundaries are a geometric progression from least to largest.

    For positive, skewed variables: the cvs within the strata then are about equal.

    References
    ----------
    Gunning, P., Horgan, J. M. (2004). A new algorithm for the construction of stratum
    boundaries in skewed populations. Survey Methodology 30, 159-166.

    Examples
    --------
    >>> geometric([1, 5, 20, 50, 100, 500, 1000], 3).boundaries.tolist()
    [20.0, 500.0]
    """
    values = distinct(x, strata)
    least, largest = float(values.distinct[0]), float(values.distinct[-1])
    if least <= 0:
        raise refusal(
            "stratification-values-invalid",
            f"Giá trị nhỏ nhất là {least:g}; cấp số nhân chỉ dùng cho số dương.",
            f"The least value is {least:g}; a geometric progression needs positive values.",
            "Dùng dalenius_hodges.",
            "Use dalenius_hodges.",
            "x",
        )
    bounds = least * (largest / least) ** (np.arange(1, strata) / strata)
    cuts = np.searchsorted(values.distinct, bounds * (1 + 1e-12), side="right")
    return _strata(values, cuts, "geometric", cv, allocation, take_all)


def starts(values: Values, strata: int) -> list[NDArray[np.int64]]:
    """Return cuts to begin a search from: equal counts, equal totals, equal roots, geometric."""
    count = values.sums[0]
    totals = np.abs(values.distinct) * values.counts
    measures: list[Row] = [count[1:], np.cumsum(totals), np.cumsum(np.sqrt(totals))]
    spaced = np.cumsum(np.diff(values.distinct, prepend=values.distinct[0]) ** 0.5)
    measures += [spaced, np.arange(1.0, len(values.distinct) + 1)]
    if values.distinct[0] > 0:
        measures.append(np.log(values.distinct / values.distinct[0]))
    found = []
    for measure in measures:
        cuts = np.searchsorted(measure, measure[-1] * np.arange(1, strata) / strata) + 1
        found.append(apart(cuts.astype(np.int64), len(values.distinct)))
    return found


def apart(cuts: NDArray[np.int64], count: int) -> NDArray[np.int64]:
    """Return cuts moved apart as little as needed, each within 1 … D − 1."""
    order = np.arange(len(cuts))
    up = np.maximum.accumulate(np.maximum(cuts, 1) - order) + order
    limit = count - len(cuts) + order
    return np.minimum(up, limit)


def _strata(
    values: Values,
    cuts: NDArray[np.int64],
    method: str,
    cv: float | None,
    allocation: Allocation,
    take_all: bool,
) -> Strata:
    """Return the strata of a rule, if its cuts are different."""
    inner = np.unique(cuts[(cuts > 0) & (cuts < len(values.distinct))])
    if len(inner) < len(cuts):
        raise refusal(
            "stratification-boundaries-coincide",
            f"{len(cuts)} ranh giới chỉ tạo {len(inner) + 1} tầng khác nhau.",
            f"The {len(cuts)} boundaries part only {len(inner) + 1} strata.",
            f"Chia {max(len(inner) + 1, 2)} tầng, hoặc dùng lavallee_hidiroglou.",
            f"Make {max(len(inner) + 1, 2)} strata, or use lavallee_hidiroglou.",
            "strata",
        )
    places = cuts.astype(np.int64)
    if cv is None:
        return made(values, places, method)
    target = check_cv(cv, values.mean)
    takes = needed(values, places, target, allocation, 0.5, take_all)
    return made(values, places, method, takes, target)
