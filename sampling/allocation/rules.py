"""How many in each stratum: equal, proportional, square root, power, Neyman.

Every rule shares out a total ``n`` in proportion to a measure of the strata. No stratum
gets less than its floor or more than its cap; what these withhold or force is shared
among the others by the same rule. Whole numbers keep the total: fractions are cut off
and the largest remainders rounded up, of equal ones the earlier stratum first.

The cap is the size itself unless another is given, since nobody can be drawn twice;
where ``sizes`` are persons and units are drawn, pass the numbers of units as ``cap``.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from intake.findings import DesignError, Finding, Words

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import ArrayLike, NDArray

Rounding = Literal["largest_remainder"] | None


def equal(
    n: int,
    sizes: ArrayLike,
    *,
    floor: ArrayLike = 0,
    cap: ArrayLike | None = None,
    rounding: Rounding = "largest_remainder",
) -> NDArray[np.int64] | NDArray[np.float64]:
    """Return the same number for every stratum, as far as floors and caps allow.

    Examples
    --------
    >>> equal(10, [100, 100, 2]).tolist()
    [4, 4, 2]
    """
    import numpy as np

    return _share(n, np.ones(np.shape(sizes)), sizes, floor, cap, rounding)


def proportional(
    n: int,
    sizes: ArrayLike,
    *,
    floor: ArrayLike = 0,
    cap: ArrayLike | None = None,
    rounding: Rounding = "largest_remainder",
) -> NDArray[np.int64] | NDArray[np.float64]:
    """Return numbers in proportion to the sizes.

    Examples
    --------
    >>> proportional(10, [60, 25, 15]).tolist()
    [6, 3, 1]
    """
    return _share(n, sizes, sizes, floor, cap, rounding)


def square_root(
    n: int,
    sizes: ArrayLike,
    *,
    floor: ArrayLike = 0,
    cap: ArrayLike | None = None,
    rounding: Rounding = "largest_remainder",
) -> NDArray[np.int64] | NDArray[np.float64]:
    """Return numbers in proportion to the square roots of the sizes.

    Examples
    --------
    >>> square_root(6, [100, 400]).tolist()
    [2, 4]
    """
    return power(n, sizes, exponent=0.5, floor=floor, cap=cap, rounding=rounding)


def power(
    n: int,
    sizes: ArrayLike,
    *,
    exponent: float = 0.5,
    floor: ArrayLike = 0,
    cap: ArrayLike | None = None,
    rounding: Rounding = "largest_remainder",
) -> NDArray[np.int64] | NDArray[np.float64]:
    """Return numbers in proportion to a power of the sizes: 0 is equal, 1 proportional.

    References
    ----------
    Bankier, M. D. (1988). Power allocations: determining sample sizes for subnational
    areas. The American Statistician 42, 174-177.
    """
    import numpy as np

    if not 0 <= exponent <= 1:
        raise _refusal(
            "allocation-exponent-invalid",
            Words("Số mũ phải từ 0 đến 1.", "The exponent must lie from 0 to 1."),
        )
    return _share(n, _positive(sizes, "sizes") ** np.float64(exponent), sizes, floor, cap, rounding)


def neyman(
    n: int,
    sizes: ArrayLike,
    sds: ArrayLike,
    *,
    floor: ArrayLike = 0,
    cap: ArrayLike | None = None,
    rounding: Rounding = "largest_remainder",
) -> NDArray[np.int64] | NDArray[np.float64]:
    """Return numbers in proportion to size times standard deviation (least variance).

    References
    ----------
    Neyman, J. (1934). On the two different aspects of the representative method. Journal
    of the Royal Statistical Society 97, 558-625.

    Examples
    --------
    >>> neyman(20, [100, 100], [1.0, 3.0]).tolist()
    [5, 15]
    """
    return _share(n, _positive(sizes, "sizes") * _positive(sds, "sds"), sizes, floor, cap, rounding)


def _share(
    n: int,
    measure: ArrayLike,
    sizes: ArrayLike,
    floor: ArrayLike,
    cap: ArrayLike | None,
    rounding: Rounding,
) -> NDArray[np.int64] | NDArray[np.float64]:
    import numpy as np

    weights = _positive(measure, "measure")
    low = np.broadcast_to(floor, weights.shape).astype(np.float64)
    limit = np.broadcast_to(sizes if cap is None else cap, weights.shape)
    high = np.floor(_positive(limit, "cap"))
    if rounding not in ("largest_remainder", None):
        raise _refusal(
            "allocation-rounding-unknown",
            Words("Không hiểu cách làm tròn.", "The rounding is 'largest_remainder' or None."),
        )
    if (low < 0).any() or (low > high).any():
        raise _refusal(
            "allocation-floor-above-cap",
            Words("Mức sàn lớn hơn mức trần.", "A stratum's floor lies above its cap."),
        )
    if n < low.sum():
        raise _refusal(
            "allocation-floors-above-total",
            Words(
                f"Tổng mức sàn {low.sum():g} lớn hơn {n}.",
                f"The floors add to {low.sum():g}, which is more than the {n} to share out.",
            ),
        )
    if n > high.sum():
        raise _refusal(
            "allocation-caps-below-total",
            Words(
                f"Tổng mức trần {high.sum():g} nhỏ hơn {n}.",
                f"The caps add to {high.sum():g}, which is less than the {n} to share out.",
            ),
        )
    shares = _within(float(n), weights, low, high)
    return shares if rounding is None else _whole(n, shares, high)


def _within(
    n: float, weights: NDArray[np.float64], low: NDArray[np.float64], high: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Return factor times weight, cut to the bounds, with the factor that gives the total."""
    import numpy as np

    if not (weights > 0).any():
        weights = np.ones_like(weights)
    few = weights[weights > 0].min()
    below, above = 0.0, float(high.max() / few + 1.0)
    if np.clip(above * weights, low, high).sum() < n:
        # What strata of weight zero must take in, because all others are full.
        full = np.clip(above * weights, low, high)
        room = np.where(weights > 0, 0.0, high - full)
        return np.asarray(full + room * ((n - full.sum()) / room.sum()), dtype=np.float64)
    for _ in range(200):
        factor = (below + above) / 2
        if np.clip(factor * weights, low, high).sum() < n:
            below = factor
        else:
            above = factor
    shares = np.clip(above * weights, low, high)
    free = (shares > low) & (shares < high)
    if free.any():
        shares[free] = weights[free] * ((n - shares[~free].sum()) / weights[free].sum())
    return np.asarray(shares, dtype=np.float64)


def _whole(n: int, shares: NDArray[np.float64], high: NDArray[np.float64]) -> NDArray[np.int64]:
    import numpy as np

    cut = np.floor(shares + 1e-9)
    remainders = np.where(cut < high, shares - cut, -1.0)
    left = n - int(cut.sum())
    order = np.argsort(-np.round(remainders, 9), kind="stable")
    cut[order[:left]] += 1
    return cut.astype(np.int64)


def _positive(values: ArrayLike, name: str) -> NDArray[np.float64]:
    import numpy as np

    numbers = np.asarray(values, dtype=np.float64)
    if numbers.ndim != 1 or not len(numbers) or not np.isfinite(numbers).all():
        numbers = np.array([-1.0])
    if (numbers < 0).any():
        raise _refusal(
            "allocation-sizes-invalid",
            Words(
                f"“{name}” phải là dãy số không âm.",
                f"'{name}' must be a row of numbers that are not negative.",
            ),
        )
    return numbers


def _refusal(code: str, message: Words) -> DesignError:
    return DesignError(
        Finding(code, message, Words("Hãy xem lại số liệu phân bổ.", "Change n or the bounds."))
    )
