"""Least cost under many variance constraints at once, with a proof of how near it came.

In y = 1 / n − 1 / cap the problem is convex with linear constraints: minimise Σ c / (y + 1 / cap)
subject to A y ≤ 1 and 0 ≤ y ≤ 1 / floor − 1 / cap. It is solved by a primal-dual
interior-point method (Newton steps on the perturbed Kuhn-Tucker conditions), which unlike
the fixed-point iterations in the literature does not stall where constraints are nearly
alike. What it returns is judged by :func:`kkt_residual` and :func:`lower_bound`, which know
nothing of how it was found.

References
----------
Boyd, S., Vandenberghe, L. (2004). Convex Optimization, algorithm 11.2.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from sampling.allocation.checks import Row

STEPS = 200
DENSE = 600


@dataclass
class _Point:
    """An interior point: x, the multipliers of the rows, of lower and of upper bounds."""

    x: Row
    rows: Row
    below: Row
    above: Row


@dataclass(frozen=True)
class _Problem:
    """Minimise Σ cost / (x + least) subject to usage x ≤ 1 and 0 ≤ x ≤ most."""

    usage: Row
    cost: Row
    least: Row
    most: Row

    def slacks(self, x: Row) -> tuple[Row, Row, Row]:
        return 1 - self.usage @ x, x, self.most - x

    def residual(self, at: _Point, central: float) -> float:
        """Return the norm of the perturbed Kuhn-Tucker conditions."""
        room, over, under = self.slacks(at.x)
        dual = -self.cost / (at.x + self.least) ** 2 + self.usage.T @ at.rows + at.above - at.below
        parts = (
            dual,
            at.rows * room - central,
            at.below * over - central,
            at.above * under - central,
        )
        return float(np.sqrt(sum(float(part @ part) for part in parts)))


def cheapest(usage: Row, cost: Row, low: Row, high: Row) -> tuple[Row, Row]:
    """Return n of least Σ cost n with usage (1/n − 1/high) ≤ 1, and the rows' multipliers.

    Shapes (K, H), (H,), (H,), (H,); low < high, and a floor of 0 where usage is above 0.
    """
    with np.errstate(divide="ignore"):
        # A row alone keeps y below 1 / usage; a little above that the bound never binds.
        most = np.minimum(1 / low - 1 / high, 1.01 / usage.max(axis=0))
    start = most * (0.5 * min(1.0, float((1 / (usage @ most)).min())))
    whole = float((cost / (start + 1 / high)).sum())
    # In units of the start, everything is of order one.
    problem = _Problem(usage * start, cost / start / whole, 1 / high / start, most / start)
    x = np.ones_like(start)
    room, over, under = problem.slacks(x)
    count = len(room) + 2 * len(x)
    at = _Point(x, 1 / (count * room), 1 / (count * over), 1 / (count * under))
    for _ in range(STEPS):
        room, over, under = problem.slacks(at.x)
        gap = float(at.rows @ room + at.below @ over + at.above @ under)
        central = 0.1 * gap / count
        if gap < 1e-13 and problem.residual(at, 0.0) < 1e-11:
            break
        after = _step(problem, at, central)
        if after is None:
            break
        at = after
    multipliers = at.rows * whole
    y = at.x * start
    # What the multipliers say, kept feasible, is sharper where a stratum costs next to nothing.
    said = np.clip(1 / np.sqrt(np.maximum(multipliers @ usage / cost, 1e-300)) - 1 / high, 0, most)
    said /= max(1.0, float((usage @ said).max()))
    costs = [float((cost / (each + 1 / high)).sum()) for each in (y, said)]
    best = said if costs[1] <= costs[0] * (1 + 1e-10) else y
    return 1 / (best + 1 / high), multipliers


def _step(problem: _Problem, at: _Point, central: float) -> _Point | None:
    """Return the point after one Newton step, shortened until it is inside and better."""
    room, over, under = problem.slacks(at.x)
    weight = at.rows / room
    n = 1 / (at.x + problem.least)
    diagonal = 2 * problem.cost * n**3 + at.below / over + at.above / under
    slope = problem.cost * n**2 - central * (problem.usage.T @ (1 / room) + 1 / under - 1 / over)
    dx = _solve(problem.usage, weight, diagonal, slope)
    move = problem.usage @ dx
    change = _Point(
        dx,
        -at.rows + central / room + weight * move,
        -at.below + central / over - at.below / over * dx,
        -at.above + central / under + at.above / under * dx,
    )
    length = 1.0
    for value, delta in (
        (at.rows, change.rows),
        (at.below, change.below),
        (at.above, change.above),
        (room, -move),
        (over, dx),
        (under, -dx),
    ):
        falling = delta < 0
        if falling.any():
            length = min(length, 0.99 * float((-value[falling] / delta[falling]).min()))
    before = problem.residual(at, central)
    while length > 1e-12:
        after = _Point(
            at.x + length * dx,
            at.rows + length * change.rows,
            at.below + length * change.below,
            at.above + length * change.above,
        )
        inside = min(float(slack.min(initial=1.0)) for slack in problem.slacks(after.x)) > 0
        if inside and problem.residual(after, central) <= (1 - 0.01 * length) * before:
            return after
        length /= 2
    return None


def _solve(usage: Row, weight: Row, diagonal: Row, right: Row) -> Row:
    """Solve (diag + usage' weight usage) d = right.

    With many strata by the small system of the rows, whose answer is refined twice,
    since it loses digits where constraints are about to bind.
    """
    rows, strata = usage.shape
    if strata <= max(rows, DENSE):
        matrix = (usage.T * weight) @ usage
        matrix[np.diag_indices(strata)] += diagonal
        return np.asarray(np.linalg.solve(matrix, right))
    scaled = usage / diagonal
    small = scaled @ usage.T
    small[np.diag_indices(rows)] += 1 / weight
    found = np.zeros_like(right)
    for _ in range(3):
        wrong = right - diagonal * found - usage.T @ (weight * (usage @ found))
        found += wrong / diagonal - scaled.T @ np.linalg.solve(small, scaled @ wrong)
    return found


def kkt_residual(n: Row, multipliers: Row, usage: Row, cost: Row, low: Row, high: Row) -> float:
    """Return how far n is from the Kuhn-Tucker conditions: the largest relative violation.

    Of the slope 1 − Σ λ a / (c n²) in each stratum (a step along it, cut to floor and cap), of
    each constraint, and of the sum of λ times slack as a part of the cost.
    """
    with np.errstate(divide="ignore", invalid="ignore"):
        slope = 1 - np.where(n > 0, multipliers @ usage / (cost * n**2), 0.0)
        # Where a small step along the slope leaves the bounds, only the way to them counts.
        moved = np.where(n > 0, np.abs(n - np.clip(n * (1 - slope), low, high)) / n, 0.0)
    used = _used(usage, n, high)
    idle = float(np.abs(multipliers * (1 - used)).sum()) / max(float((cost * n).sum()), 1e-300)
    return max(float(moved.max()), float(np.maximum(used - 1, 0).max(initial=0.0)), idle)


def lower_bound(multipliers: Row, usage: Row, cost: Row, low: Row, high: Row) -> float:
    """Return a cost that no allocation can undercut, whatever the multipliers (weak duality)."""
    n = np.clip(np.sqrt(multipliers @ usage / cost), low, high)
    return float((cost * n).sum() + multipliers @ (_used(usage, n, high) - 1))


def _used(usage: Row, n: Row, high: Row) -> Row:
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.asarray(np.where(usage > 0, usage * (1 / n - 1 / high), 0.0).sum(axis=1))
