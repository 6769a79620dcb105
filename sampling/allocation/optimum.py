"""The cheapest allocation for one variable, and what any allocation brings.

Variances are those of the estimated mean over all strata from simple random samples
without replacement in each: V = Σ W_h² S_h² (1 / n_h − 1 / N_h), W_h = N_h / N.
"""

from __future__ import annotations

import math
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray

from sampling.allocation import checks, sharing
from sampling.allocation.checks import Row

WholeOrNot = Literal["controlled"] | None


def anticipated_se(sizes: ArrayLike, sds: ArrayLike, n: ArrayLike, *, finite: bool = True) -> float:
    """Return the standard error of the estimated mean that an allocation will bring.

    Parameters
    ----------
    sizes, sds, n
        Shape (H,): N_h, S_h in the unit of the variable, and the numbers taken.
    finite
        Count the finite populations (a stratum taken as a whole adds nothing).

    Raises
    ------
    DesignError
        A stratum whose values differ gets nobody, or more than it holds.

    References
    ----------
    Cochran, W. G. (1977). Sampling Techniques, 3rd ed., theorem 5.3.

    Examples
    --------
    >>> round(anticipated_se([400, 600], [10.0, 20.0], [40, 60]), 4)
    1.5875
    """
    held = checks.row(sizes, "sizes", positive=True)
    spread = checks.row(sds, "sds", len(held))
    taken = checks.row(n, "n", len(held))
    wrong = (spread > 0) & ((taken == 0) | (finite & (taken > held * (1 + 1e-12))))
    for at in np.flatnonzero(wrong)[:1]:
        raise checks.refusal(
            "allocation-take-impossible",
            f"Tầng thứ {at + 1} lấy {taken[at]:g} trong {held[at]:g}.",
            f"Stratum {at + 1} takes {taken[at]:g} of its {held[at]:g}.",
            f"Lấy từ 1 đến {held[at]:g}.",
            f"Take from 1 to {held[at]:g}.",
            path=f"n[{at}]",
        )
    moved = spread > 0
    parts = (held[moved] / held.sum() * spread[moved]) ** 2
    less = 1 / held[moved] if finite else 0.0
    return math.sqrt(max(float((parts * (1 / taken[moved] - less)).sum()), 0.0))


def cost(
    sizes: ArrayLike,
    sds: ArrayLike,
    costs: ArrayLike,
    *,
    budget: float | None = None,
    variance: float | None = None,
    cv: float | None = None,
    mean: float | None = None,
    fixed: float = 0.0,
    floor: ArrayLike = 0,
    cap: ArrayLike | None = None,
    rounding: WholeOrNot = "controlled",
) -> NDArray[np.int64] | NDArray[np.float64]:
    """Return the allocation of least variance for a budget, or of least cost for a variance.

    n_h is in proportion to N_h S_h / sqrt(c_h), kept between floor and cap; strata that
    would get more than they hold are taken as a whole.

    Parameters
    ----------
    sizes, sds, costs
        Shape (H,): N_h, S_h, and the cost of one more case in the stratum, above 0.
    budget, variance, cv
        Money to spend, ``fixed`` included; or the variance of the estimated mean to reach;
        or its standard error as a part of ``mean``: exactly one of them.
    floor, cap
        One number or shape (H,); the cap is the size unless another is given.
    rounding
        ``"controlled"``: whole numbers that still keep to the budget (cut off, then one
        more where it lowers the variance most for its cost) or still reach the variance
        (rounded up, then lowered where the variance allows). None: fractions.

    Raises
    ------
    DesignError
        The budget does not pay the floors, or even the caps do not reach the variance;
        the nearest possible value is named.

    References
    ----------
    Cochran, W. G. (1977). Sampling Techniques, 3rd ed., section 5.5, (5.21) to (5.25).

    Examples
    --------
    >>> cost([400, 600], [10.0, 20.0], [4.0, 9.0], budget=1000).tolist()
    [45, 91]
    """
    held = checks.row(sizes, "sizes", positive=True)
    spread = checks.row(sds, "sds", len(held))
    price = checks.row(costs, "costs", len(held), positive=True)
    checks.check_rounding(rounding, "controlled")
    low, high = checks.bounds(floor, held if cap is None else cap, len(held))
    parts = (held / held.sum() * spread) ** 2
    weights = np.sqrt(parts / price)
    target = _target(budget, variance, cv, mean)
    if budget is not None:
        left = _left(budget, fixed, price, low)
        shares = sharing.within(left, weights, low, high, price)
        return shares if rounding is None else _spend(shares, parts, price, left, high)
    least = float((parts / held).sum())
    nearest = _at_caps(parts, high) - least
    if target < nearest * (1 - 1e-12) or (nearest == 0 > target):
        raise _unreachable(target, nearest)
    bound = max(target, nearest) + least
    shares = sharing.reaching(bound, parts, weights, low, high)
    if rounding is None:
        return shares
    slack = max(target, nearest) - nearest
    if slack <= 1e-10 * target:
        return np.where(parts > 0, high, np.ceil(shares - 1e-9)).astype(np.int64)
    return lowered(shares, (parts / slack)[None, :], 1 / high, price, low, high)


def lowered(
    shares: Row, usage: Row, base: Row, price: Row, low: Row, high: Row
) -> NDArray[np.int64]:
    """Return whole numbers n with Σ usage (1 / n − base) still at most 1 in every row.

    Rounded up first; then, the most money saved by rounding first, each number is lowered
    by one as long as every constraint still holds and its floor allows. None can be
    lowered further when it ends.
    """
    n = np.minimum(np.ceil(shares - 1e-9), high)
    n = np.maximum(n, usage.any(axis=0))
    used = np.where(usage > 0, usage * (1 / np.maximum(n, 1.0) - base), 0.0).sum(axis=1)
    room = np.maximum(used, 1.0)
    order = np.argsort(-np.round((n - shares) * price, 9), kind="stable")
    changed = True
    while changed:
        changed = False
        for at in order:
            if n[at] <= low[at] or (n[at] == 1 and usage[:, at].any()):
                continue
            step = usage[:, at] / (n[at] * (n[at] - 1)) if n[at] > 1 else 0.0
            if (used + step <= room).all():
                used, changed = used + step, True
                n[at] -= 1
    return n.astype(np.int64)


def _spend(shares: Row, parts: Row, price: Row, left: float, high: Row) -> NDArray[np.int64]:
    """Return whole numbers within the budget: cut off, then the best gain for its cost."""
    n = np.floor(shares + 1e-9)
    left = left * (1 + 1e-12) - float((price * n).sum())
    while True:
        possible = (n < high) & (price <= left) & (parts > 0)
        if not possible.any():
            return n.astype(np.int64)
        with np.errstate(divide="ignore"):
            # A stratum without anybody gains most; among those the larger part first.
            gain = np.where(n > 0, parts / (n * (n + 1)) / price, parts / price * 1e200)
        best = int(np.argmax(np.where(possible, gain, -1.0)))
        n[best] += 1
        left -= price[best]


def _left(budget: float, fixed: float, price: Row, low: Row) -> float:
    """Return what of the budget is left for cases, if it pays the floors."""
    checks.row([budget, fixed], "budget")
    needed = fixed + float((price * low).sum())
    if budget < needed:
        raise checks.refusal(
            "allocation-budget-too-small",
            f"Kinh phí {budget:g} không đủ: chi phí cố định và mức sàn đã cần {needed:g}, "
            f"thiếu {needed - budget:g}.",
            f"The budget of {budget:g} does not pay the fixed cost and the floors, which "
            f"take {needed:g}: {needed - budget:g} are lacking.",
            f"Cần ít nhất {needed:g}, hoặc hạ mức sàn.",
            f"Give at least {needed:g}, or lower the floors.",
            path="budget",
        )
    return budget - fixed


def _target(
    budget: float | None, variance: float | None, cv: float | None, mean: float | None
) -> float:
    """Return the variance to reach; infinite for a budget."""
    said = [value for value in (budget, variance, cv) if value is not None]
    if len(said) != 1 or (cv is not None and mean is None):
        raise checks.refusal(
            "allocation-target-unclear",
            "Cần đúng một yêu cầu: budget, variance, hoặc cv kèm mean.",
            "Exactly one of budget, variance, or cv with mean says what is wanted.",
            "Ghi đúng một yêu cầu.",
            "Give exactly one.",
        )
    if budget is not None:
        return math.inf
    if variance is not None:
        return float(checks.row([variance], "variance")[0])
    relative = checks.row([cv or 0.0, abs(mean or 0.0)], "cv", positive=True)
    return float((relative[0] * relative[1]) ** 2)


def _at_caps(parts: Row, high: Row) -> float:
    moved = parts > 0
    with np.errstate(divide="ignore"):
        return float((parts[moved] / high[moved]).sum())


def _unreachable(target: float, nearest: float) -> Exception:
    return checks.refusal(
        "allocation-target-unreachable",
        f"Phương sai {target:g} không thể đạt; lấy hết mức trần vẫn còn {nearest:g}.",
        f"The variance {target:g} cannot be reached: even all caps leave {nearest:g}.",
        f"Đặt phương sai từ {nearest:g} trở lên (sai số chuẩn {math.sqrt(nearest):g}), "
        "hoặc nâng mức trần.",
        f"Ask for {nearest:g} or more (a standard error of {math.sqrt(nearest):g}), or raise "
        "the caps.",
        path="variance",
    )
