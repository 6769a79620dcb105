"""The factors of calibration: Newton's method on a convex function, and why it fails.

The solution λ makes Σ d Φ(x'λ) - λ'T smallest, Φ being the potential of the distance. Steps
are halved until the function or its gradient falls. Where no factors within the bounds can
meet the totals, a linear programme names the totals and the bound at fault.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from scipy import linalg, sparse

from analysis.weighting.diagnostics import Floats
from analysis.weighting.distances import Distance
from analysis.weighting.feasibility import (
    attainable,
    condensed,
    culprits,
    listed,
    nearest_bound,
)
from intake.findings import WeightError

ROUNDS = 100
CLOSE = 1e-12
_GOOD = 1e-9
_PATIENCE = 10


def solved(
    matrix: Any,  # noqa: ANN401
    weights: Floats,
    totals: Floats,
    how: Distance,
    names: Sequence[str],
) -> tuple[Floats, int]:
    """Return the factor of each row of a matrix (rows × p), and the rounds that it took.

    ``weights`` (rows) are those before, ``totals`` (p) what they must add up to, ``names``
    say in messages what the columns are. Errors are those of
    `analysis.weighting.calibration.calibrate`.
    """
    matrix = matrix.tocsr()
    size = np.asarray(abs(matrix).T @ weights)
    scale = np.where(size > 0, size / max(float(weights.sum()), 1e-300), 1.0)
    scaled = (matrix @ sparse.diags(1 / scale)).tocsr()
    wanted = totals / scale
    coefficients = np.zeros(wanted.size)
    miss, value = _state(scaled, weights, wanted, how, coefficients)
    tolerance = 1.0 + np.abs(wanted)
    worst, done = float(np.max(np.abs(miss) / tolerance)), 0
    seen = [worst]
    # Where nothing meets the totals, what is missed settles above zero: no need to go on.
    while done < ROUNDS and worst > CLOSE and not _stalled(seen):
        done += 1
        slopes = how.slopes(scaled @ coefficients)
        moments = np.asarray((scaled.T @ sparse.diags(weights * slopes) @ scaled).todense())
        move = _move(moments, miss)
        with np.errstate(over="ignore", invalid="ignore"):
            # Where nothing meets the totals, steps run away; they are caught by their size.
            moved = _halved(scaled, weights, wanted, how, coefficients, move, miss, value)
        if moved is None:
            break
        coefficients, miss, value = moved
        worst = float(np.max(np.abs(miss) / tolerance))
        seen.append(worst)
    if not worst <= _GOOD:
        raise _refused(matrix, weights, totals, how, names, worst)
    return how.factors(scaled @ coefficients), done


def _stalled(seen: Sequence[float]) -> bool:
    """Say whether the last rounds have brought next to nothing."""
    return len(seen) > _PATIENCE and min(seen[-_PATIENCE:]) > 0.9 * min(seen[:-_PATIENCE])


def _state(
    matrix: Any,  # noqa: ANN401
    weights: Floats,
    totals: Floats,
    how: Distance,
    coefficients: Floats,
) -> tuple[Floats, float]:
    u = matrix @ coefficients
    miss = totals - np.asarray(matrix.T @ (weights * how.factors(u)))
    return miss, float(weights @ how.potential(u) - coefficients @ totals)


def _move(moments: Floats, miss: Floats) -> Floats:
    """Return the Newton step; where bounds hold everywhere along a column, a small ridge helps."""
    diagonal = np.diag(moments)
    ridge = 1e-14 * max(float(diagonal.max(initial=0.0)), 1e-300)
    for _ in range(40):
        try:
            factor = linalg.cho_factor(moments + ridge * np.eye(diagonal.size))
            return np.asarray(linalg.cho_solve(factor, miss))
        except linalg.LinAlgError:
            ridge *= 10
    return miss


def _halved(
    matrix: Any,  # noqa: ANN401
    weights: Floats,
    totals: Floats,
    how: Distance,
    start: Floats,
    move: Floats,
    miss: Floats,
    value: float,
) -> tuple[Floats, Floats, float] | None:
    """Return the first of ever smaller steps that brings the solution nearer."""
    slope = float(miss @ move)
    norm = float(np.linalg.norm(miss))
    length = 1.0
    for _ in range(60):
        tried = start + length * move
        new_miss, new_value = _state(matrix, weights, totals, how, tried)
        falls = new_value < value - 1e-4 * length * slope
        finite = np.isfinite(new_value) and np.isfinite(new_miss).all()
        if finite and (falls or np.linalg.norm(new_miss) < 0.9 * norm):
            return tried, new_miss, new_value
        length /= 2
    return None


def _refused(
    matrix: Any,  # noqa: ANN401
    weights: Floats,
    totals: Floats,
    how: Distance,
    names: Sequence[str],
    worst: float,
) -> WeightError:
    system = condensed(matrix, weights)
    lower = max(how.lower, 0.0) if how.kind == "raking" else how.lower
    found = culprits(system, totals, lower, how.upper)
    if not found:
        return WeightError.of(
            "calibration-not-converged",
            f"Hiệu chỉnh không hội tụ; còn lệch {100 * worst:.4g} %.",
            f"Calibration did not converge; {100 * worst:.4g} % is left.",
            "Nới giới hạn, hoặc bớt biến hiệu chỉnh.",
            "Widen the bounds, or leave auxiliaries out.",
        )
    said = listed(names, totals, found)
    vi, en = _which_bound(system, totals, lower, how.upper)
    return WeightError.of(
        "calibration-infeasible",
        f"Không có trọng số nào đạt cùng lúc: {said}.{vi}",
        f"No weights meet these totals together: {said}.{en}",
        "Nới giới hạn, sửa tổng, hoặc gộp nhóm.",
        "Widen the bounds, mend the totals, or merge categories.",
        column=names[found[0]].split("=", maxsplit=1)[0],
    )


def _which_bound(system: Any, totals: Floats, lower: float, upper: float) -> tuple[str, str]:  # noqa: ANN401
    """Say which bound is at fault, and how far it must move."""
    vi, en = [], []
    if np.isfinite(upper) and attainable(system, totals, lower, np.inf):
        least = nearest_bound(system, totals, lower, np.inf, widen="upper")
        vi.append(f" Giới hạn trên {upper:g} quá thấp: cần ít nhất {least:.6g}.")
        en.append(f" The upper bound {upper:g} is too low: it needs at least {least:.6g}.")
    if np.isfinite(lower) and lower != 0 and attainable(system, totals, -np.inf, upper):
        most = nearest_bound(system, totals, -np.inf, upper, widen="lower")
        vi.append(f" Giới hạn dưới {lower:g} quá cao: cần không quá {most:.6g}.")
        en.append(f" The lower bound {lower:g} is too high: it needs at most {most:.6g}.")
    if not vi and (np.isfinite(upper) or lower > 0) and attainable(system, totals, 0.0, np.inf):
        vi.append(f" Phải nới cả hai giới hạn ({lower:g}; {upper:g}).")
        en.append(f" Both bounds ({lower:g}; {upper:g}) must be widened.")
    return "".join(vi), "".join(en)
