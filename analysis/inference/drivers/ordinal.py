"""Log odds of a higher outcome per driver: the proportional odds model, linearised.

logit P(outcome ≤ k) = ζ_k − xβ, fitted by weighted maximum likelihood with Newton's steps. A
positive β means that the outcome is higher where the driver is. This file serves importances,
which need the rows' linearised values; tables and tests of the model are in
`analysis.inference.models`.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy import special

from analysis.design import Floats, Integers
from analysis.inference.variances import Moments, refusal
from intake.findings import Words

_ROUNDS = 60
# Log odds per standard deviation beyond which categories are apart.
_APART = 30.0


@dataclass(frozen=True, eq=False)
class LogOdds:
    """A fitted model: β per unit of each driver (p,), and what a row does to it (rows, p)."""

    beta: Floats
    start: Floats
    effects: Floats


def categories(found: Moments) -> Integers:
    """Return the category of the outcome (the first item) from 0 for each row that counts."""
    answers = found.centred[found.kept, 0] + found.mean[0]
    values, code = np.unique(answers.round(9), return_inverse=True)
    if len(values) > 20:
        raise refusal(
            "categories-many",
            Words(
                f"Kết quả “{found.names[0]}” có {len(values)} giá trị, quá nhiều cho method="
                "'ordinal'.",
                f"Outcome “{found.names[0]}” has {len(values)} values, too many for "
                "method='ordinal'.",
            ),
            Words("Gộp các mức, hoặc dùng 'standardized'.", "Merge levels, or use 'standardized'."),
            column=found.names[0],
        )
    return np.asarray(code, dtype=np.int64)


def log_odds(
    found: Moments, code: Integers, weights: Floats, start: Floats | None = None
) -> LogOdds:
    """Fit the model to rows that count.

    Parameters
    ----------
    found
        Moments of the outcome (first) and p drivers.
    code
        Category of the outcome of the rows that count, from 0.
    weights
        Weights of all rows, in row order.
    start
        Coefficients to start from.

    Raises
    ------
    EstimationError
        ``outcome-separated``: a combination of drivers tells the categories apart without
        error, so that the odds have no bound; ``model-not-found``.

    References
    ----------
    McCullagh, P. (1980). Regression models for ordinal data. JRSS B 42, 109-142.
    """
    own = weights[found.kept]
    used = np.unique(code[own != 0], return_inverse=True)
    own = own / own.sum()
    x = found.centred[found.kept, 1:]
    scale = np.sqrt(np.diag(found.matrix)[1:])
    x = x / scale
    dense = np.zeros(len(code), dtype=np.int64)
    dense[own != 0] = used[1]
    size, cuts = x.shape[1], len(used[0]) - 1
    share = np.bincount(dense, weights=own, minlength=cuts + 1)
    theta = np.concatenate([np.zeros(size), special.logit(np.cumsum(share)[:-1])])
    if start is not None and start.shape == theta.shape:
        theta = start.copy()
    value = _likelihood(theta, x, dense, own)
    for _ in range(_ROUNDS):
        score, curve = _derivatives(theta, x, dense, own)
        slope = own @ score
        step = np.linalg.lstsq(curve, slope, rcond=None)[0]
        reach = 1.0
        while reach > 1e-10 and not _likelihood(theta + reach * step, x, dense, own) >= value:
            reach /= 2
        if reach > 1e-10:
            theta = theta + reach * step
            value = _likelihood(theta, x, dense, own)
        if np.max(np.abs(theta[:size])) > _APART:
            raise _separated(found)
        if np.max(np.abs(step)) < 1e-10 or reach <= 1e-10:
            break
    score, curve = _derivatives(theta, x, dense, own)
    if np.max(np.abs(own @ score)) > 1e-6:
        raise _separated(found)
    effects = np.zeros((len(weights), size))
    effects[found.kept] = np.linalg.solve(curve, score.T).T[:, :size] * own[:, None] / scale
    return LogOdds(theta[:size] / scale, theta, effects)


def _ends(theta: Floats, x: Floats, code: Integers) -> tuple[Floats, Floats]:
    size = x.shape[1]
    cuts = np.concatenate([[-np.inf], theta[size:], [np.inf]])
    line = x @ theta[:size]
    return cuts[code + 1] - line, cuts[code] - line


def _chance(upper: Floats, lower: Floats) -> Floats:
    # Differences are taken in the tail that keeps their digits.
    turned = lower > 0
    high = np.where(turned, -lower, upper)
    low = np.where(turned, -upper, lower)
    return np.asarray(special.expit(high) - special.expit(low))


def _likelihood(theta: Floats, x: Floats, code: Integers, own: Floats) -> float:
    if not (np.diff(theta[x.shape[1] :]) > 0).all():
        return -np.inf
    chance = _chance(*_ends(theta, x, code))
    counted = own != 0
    if not (chance[counted] > 0).all():
        return -np.inf
    return float(own[counted] @ np.log(chance[counted]))


def _derivatives(theta: Floats, x: Floats, code: Integers, own: Floats) -> tuple[Floats, Floats]:
    """Return the score of each row (rows, p + cuts), and the information (minus Hessian)."""
    rows, size = x.shape
    upper, lower = _ends(theta, x, code)
    chance = np.maximum(_chance(upper, lower), 1e-300)
    slopes, bends, moves = [], [], []
    for end, at, sign in ((upper, code, 1.0), (lower, code - 1, -1.0)):
        below = special.expit(end)
        density = below * special.expit(-end)
        slopes.append(sign * density / chance)
        bends.append(sign * density * (1 - 2 * below) / chance)
        move = np.zeros((rows, len(theta)))
        inside = np.flatnonzero(np.isfinite(end))
        move[:, :size] = -x
        move[inside, size + at[inside]] = 1.0
        moves.append(move)
    score = moves[0] * slopes[0][:, None] + moves[1] * slopes[1][:, None]
    curve = (score * own[:, None]).T @ score
    for bend, move in zip(bends, moves, strict=True):
        curve -= (move * (own * bend)[:, None]).T @ move
    return score, curve


def _separated(found: Moments) -> Exception:
    return refusal(
        "outcome-separated",
        Words(
            f"Các câu tách hẳn các mức của “{found.names[0]}”, nên tỷ số chênh không có giới hạn.",
            f"The drivers tell the levels of “{found.names[0]}” apart without error, so the odds "
            "have no bound.",
        ),
        Words(
            "Bỏ câu gần trùng với kết quả, gộp các mức hiếm, hoặc dùng 'standardized'.",
            "Drop a driver that repeats the outcome, merge rare levels, or use 'standardized'.",
        ),
        column=found.names[0],
    )
