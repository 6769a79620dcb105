"""Where a function of one variable crosses zero, when it may jump there.

The search is Brent's, with his order of steps: for a step function the answer depends on
them, and quantile intervals that are compared with other programs must come out the same.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

_EPS = float(np.finfo(np.float64).eps)
_STEPS = 1000


def crossing(
    function: Callable[[float], float], low: float, high: float, tolerance: float
) -> float:
    """Return a point within ``tolerance`` of a change of sign; nan where there is none.

    Parameters
    ----------
    function
        Real function of one number.
    low, high
        Ends of the interval to be searched.
    tolerance
        Width of the last interval.

    References
    ----------
    Brent, R. P. (1973). Algorithms for Minimization without Derivatives, chapter 4.

    Examples
    --------
    >>> round(crossing(lambda x: x * x - 2, 0.0, 2.0, 1e-10), 9)
    1.414213562
    """
    before, best = low, high
    f_before, f_best = function(low), function(high)
    if f_before == 0 or f_best == 0:
        return low if f_before == 0 else high
    if not f_before * f_best < 0:
        return float("nan")
    other, f_other = before, f_before
    for _ in range(_STEPS):
        last_step = best - before
        if abs(f_other) < abs(f_best):
            before, best, other = best, other, best
            f_before, f_best, f_other = f_best, f_other, f_best
        near = 2 * _EPS * abs(best) + tolerance / 2
        step = (other - best) / 2
        if abs(step) <= near or f_best == 0:
            break
        if abs(last_step) >= near and abs(f_before) > abs(f_best):
            step = _interpolated(
                (before, best, other), (f_before, f_best, f_other), last_step, near, step
            )
        if abs(step) < near:
            step = near if step > 0 else -near
        before, f_before = best, f_best
        best += step
        f_best = function(best)
        if f_best * f_other > 0:
            other, f_other = before, f_before
    return best


def _interpolated(
    points: tuple[float, float, float],
    values: tuple[float, float, float],
    last_step: float,
    near: float,
    halving: float,
) -> float:
    """Return the step to the root of a line or parabola, or half the interval if too long."""
    (before, best, other), (f_before, f_best, f_other) = points, values
    width = other - best
    ratio = f_best / f_before
    if before == other:
        over, under = width * ratio, 1 - ratio
    else:
        a, b = f_before / f_other, f_best / f_other
        over = ratio * (width * a * (a - b) - (best - before) * (b - 1))
        under = (a - 1) * (b - 1) * (ratio - 1)
    if over > 0:
        under = -under
    else:
        over = -over
    if over < 0.75 * width * under - abs(near * under) / 2 and over < abs(last_step * under / 2):
        return over / under
    return halving
