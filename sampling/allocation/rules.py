"""How many in each stratum: equal, proportional, square root, power, Neyman.

Every rule shares out a total ``n`` in proportion to a measure of the strata. No stratum
gets less than its floor or more than its cap; what these withhold or force is shared
among the others by the same rule. Whole numbers keep the total: fractions are cut off
and the largest remainders rounded up, of equal ones the earlier stratum first
(``rounding=None`` leaves the fractions).

The cap is the size itself unless another is given, since nobody can be drawn twice: a
stratum that would get more is taken as a whole. Where ``sizes`` are persons and units are
drawn, pass the numbers of units as ``cap``.

Common parameters: ``n``, a whole number; ``sizes``, shape (H,), not negative; ``floor``
and ``cap``, one number or shape (H,). Returns shape (H,), whole numbers by default.
Raises ``DesignError`` where a value is no number, a floor lies above its cap, or the
total does not fit between floors and caps (by how much is said).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray

from intake.findings import DesignError, Faults, Words
from sampling.allocation import checks, sharing

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
    held = checks.row(sizes, "sizes")
    return _share(n, np.ones_like(held), held, floor, cap, rounding)


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
    held = checks.row(sizes, "sizes")
    return _share(n, held, held, floor, cap, rounding)


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
    cvs: ArrayLike | None = None,
    importance: ArrayLike | None = None,
    floor: ArrayLike = 0,
    cap: ArrayLike | None = None,
    rounding: Rounding = "largest_remainder",
) -> NDArray[np.int64] | NDArray[np.float64]:
    """Return Bankier's power allocation: n_h in proportion to X_h^q · (S_h / mean_h).

    It lies between Neyman's (q = 1 with X_h the stratum's total: best for the whole) and
    equal precision of the strata (q = 0).

    Parameters
    ----------
    exponent
        q, from 0 to 1.
    cvs
        S_h / mean_h of the answers, shape (H,) or one number; without it, or where each is
        zero, all are alike, and q = 0 is the equal, q = 1 the proportional allocation.
    importance
        X_h, shape (H,): the stratum's total of the variable, or another measure of its
        importance; the size unless given.

    References
    ----------
    Bankier, M. D. (1988). Power allocations: determining sample sizes for subnational
    areas. The American Statistician 42, 174-177.

    Examples
    --------
    >>> power(100, [400, 100], exponent=0.5, cvs=[0.5, 1.0]).tolist()
    [50, 50]
    """
    held = checks.row(sizes, "sizes")
    if not (isinstance(exponent, int | float) and 0 <= exponent <= 1):
        raise checks.refusal(
            "allocation-exponent-invalid",
            f"Số mũ là {exponent}, phải từ 0 đến 1.",
            f"The exponent is {exponent}; it must lie from 0 to 1.",
            "Dùng 0 (đều), 0,5 (căn bậc hai) hoặc 1 (theo tỷ lệ).",
            "Use 0 (equal), 0.5 (square root) or 1 (proportional).",
            path="exponent",
        )
    measure = held if importance is None else checks.row(importance, "importance", len(held))
    weights = measure ** np.float64(exponent)
    if cvs is not None:
        varied = weights * checks.row(cvs, "cvs", len(held))
        weights = varied if varied.any() else weights
    return _share(n, weights, held, floor, cap, rounding)


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

    Strata that would get more than they hold are taken as a whole and the rest shared
    anew, until none does (Cochran 1977, section 5.8). Where nothing varies in any stratum,
    each allocation has variance zero, and the numbers are in proportion to the sizes.

    References
    ----------
    Neyman, J. (1934). On the two different aspects of the representative method. Journal
    of the Royal Statistical Society 97, 558-625.

    Examples
    --------
    >>> neyman(20, [100, 100], [1.0, 3.0]).tolist()
    [5, 15]
    >>> neyman(20, [100, 5], [1.0, 100.0]).tolist()
    [15, 5]
    """
    held = checks.row(sizes, "sizes")
    weights = held * checks.row(sds, "sds", len(held))
    return _share(n, weights if weights.any() else held, held, floor, cap, rounding)


def fixed_by_type(
    types: Sequence[str],
    takes: Mapping[str, int],
    *,
    sizes: ArrayLike | None = None,
    above: Literal["refuse", "take_all"] = "refuse",
) -> NDArray[np.int64]:
    """Return the take that a plan fixes for each type of unit (150 a commune, 200 a ward).

    Parameters
    ----------
    types
        The type of each unit, shape (H,).
    takes
        Cases per unit, by type.
    sizes
        Persons or dossiers of each unit; where given, a take above it is refused, or with
        ``above="take_all"`` everybody is taken.

    Raises
    ------
    DesignError
        Every type without a take and every unit that is too small, all at once.

    Examples
    --------
    >>> fixed_by_type(["xã", "phường", "xã"], {"xã": 150, "phường": 200}).tolist()
    [150, 200, 150]
    """
    faults = Faults()
    for kind in dict.fromkeys(types):
        if kind not in takes:
            faults.add(
                "allocation-type-without-take",
                Words(
                    f"Loại đơn vị “{kind}” không có số lấy.",
                    f"The type of unit '{kind}' has no take.",
                ),
                Words(
                    f"Ghi số lấy cho “{kind}”; đã có: {', '.join(takes)}.",
                    f"Give one for '{kind}'; there are: {', '.join(takes)}.",
                ),
                path=f"takes.{kind}",
            )
    faults.raise_as(DesignError)
    numbers = np.array([checks.total(takes[kind]) for kind in types], dtype=np.int64)
    if sizes is None:
        return numbers
    held = np.floor(checks.row(sizes, "sizes", len(numbers))).astype(np.int64)
    if above == "take_all":
        return np.minimum(numbers, held)
    for at in np.flatnonzero(numbers > held):
        faults.add(
            "allocation-take-above-size",
            Words(
                f"Đơn vị thứ {at + 1} ({types[int(at)]}) có {held[at]}, phải lấy {numbers[at]}: "
                f"thiếu {numbers[at] - held[at]}.",
                f"Unit {at + 1} ({types[int(at)]}) holds {held[at]}, but {numbers[at]} are taken "
                f"from it: {numbers[at] - held[at]} too many.",
            ),
            Words(
                f"Lấy nhiều nhất {held[at]}, hoặc chọn above='take_all'.",
                f"Take at most {held[at]}, or say above='take_all'.",
            ),
            path=f"sizes[{at}]",
        )
    faults.raise_as(DesignError)
    return numbers


def _share(
    n: int,
    weights: checks.Row,
    sizes: checks.Row,
    floor: ArrayLike,
    cap: ArrayLike | None,
    rounding: Rounding,
) -> NDArray[np.int64] | NDArray[np.float64]:
    checks.check_rounding(rounding, "largest_remainder")
    number = checks.total(n)
    low, high = checks.bounds(floor, sizes if cap is None else cap, len(weights))
    checks.check_total(number, low, high)
    shares = sharing.within(float(number), weights, low, high)
    return shares if rounding is None else sharing.whole(number, shares, high)
