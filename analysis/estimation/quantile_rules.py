"""Where the quantile of weighted answers lies: twelve rules, and what sets them apart.

All rules agree but for the gap between two neighbouring answers. ``math`` and ``hf1`` give the
smallest answer whose share of the weights exceeds p, or reaches it exactly; ``school`` and
``hf2`` the middle of two answers where p is reached exactly; ``hf3`` the even one of them;
``hf4`` to ``hf9`` interpolate between plotting positions (Hyndman and Fan's numbers, positions
from cumulated weights); ``shahvaish`` takes the answer below p on positions of its own.

Results equal those of R survey 4.1 and later, also where that is not the textbook's: for a p
below the share of the smallest answer the discrete rules look at the second one, and the
positions of ``shahvaish`` hold the weights as they are, so that its result depends on their
scale (persons, or mean 1).

Answers are in their own unit, weights in persons (or visits) represented.

References
----------
Hyndman, R. J., Fan, Y. (1996). Sample quantiles in statistical packages. The American
Statistician 50, 361-365. Shah, B. V., Vaish, A. K. (2006). Confidence intervals for quantile
estimation from complex survey data. Proc. Section on Survey Research Methods, ASA.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from analysis.design import Floats

RULES = ("math", "school", "shahvaish", *(f"hf{number}" for number in range(1, 10)))


@dataclass(frozen=True, eq=False)
class Ranked:
    """Answers in ascending order with their weights, zero weights left out."""

    x: Floats
    w: Floats
    total: float
    cumulated: Floats


def ranked(x: Floats, w: Floats) -> Ranked:
    """Sort answers; equal ones keep their order.

    Whether a share of the weights reaches p exactly is a question to their last digit, so
    sums are carried with the longest number there is; see also `as_drawn`.
    """
    kept = w > 0
    if not kept.all():
        x, w = x[kept], w[kept]
    total = float(w.astype(np.longdouble).sum())
    order = np.argsort(x, kind="stable")
    x, w = x[order], w[order]
    return Ranked(x, w, total, _cumulated(w))


def quantiles(answers: Ranked, probs: Floats, rule: str) -> Floats:
    """Return the quantiles of ranked answers.

    Parameters
    ----------
    answers
        From `ranked`.
    probs
        Shape (k,), between 0 and 1; nan gives nan.
    rule
        One of `RULES`.

    Returns
    -------
    numpy.ndarray
        Shape (k,), in the unit of the answers; nan where there are no answers.

    Examples
    --------
    >>> answers = ranked(np.array([1.0, 2.0, 3.0, 4.0]), np.ones(4))
    >>> quantiles(answers, np.array([0.5]), "math").tolist()
    [2.0]
    >>> quantiles(answers, np.array([0.5]), "school").tolist()
    [2.5]
    """
    found = np.full(probs.shape, np.nan)
    known = np.isfinite(probs)
    if not answers.x.size or not known.any():
        return found
    if answers.x.size == 1:
        found[known] = answers.x[0]
    elif rule in ("math", "school", "hf1", "hf2", "hf3", "hf4"):
        found[known] = _between(answers, probs[known], rule)
    elif rule == "shahvaish":
        found[known] = _stepwise(answers, probs[known])
    else:
        found[known] = _interpolated(answers.x, _positions(answers, rule), probs[known])
    return found


def as_drawn(w: Floats) -> Floats:
    """Return weights as one over the probability of each row, as R survey keeps them.

    A text with 15 digits cuts numbers that were kept in single precision; they are whole
    again when the nearest such number is as close as those digits tell.
    """
    single = w.astype(np.float32).astype(np.float64)
    w = np.where(np.abs(single - w) <= 1e-14 * w, single, w)
    with np.errstate(divide="ignore"):
        return np.asarray(1 / (1 / w))


def _cumulated(w: Floats) -> Floats:
    return np.asarray(np.cumsum(w.astype(np.longdouble)), dtype=np.float64)


def _between(answers: Ranked, probs: Floats, rule: str) -> Floats:
    """Rules that look at the two answers around p."""
    if rule == "hf3":
        x, own = np.unique(answers.x, return_inverse=True)
        sums = np.bincount(own, weights=answers.w).astype(np.float64)
        answers = Ranked(x, sums, answers.total, _cumulated(sums))
    last = answers.x.size - 1
    reach = probs * answers.total
    below = np.maximum(np.searchsorted(answers.cumulated, reach, side="right") - 1, 0)
    above = np.minimum(below + 1, last)
    low, high = answers.x[below], answers.x[above]
    before = probs - answers.cumulated[below] / answers.total
    after = answers.cumulated[above] / answers.total - probs
    reached = before == 0
    if rule in ("math", "hf1"):
        return np.where(reached, low, high)
    if rule in ("school", "hf2"):
        return np.asarray(np.where(reached, (low + high) / 2, high))
    if rule == "hf3":
        return np.where(reached & (below % 2 == 1), low, high)
    gap = before + after
    share = np.where(gap > 0, before / np.where(gap > 0, gap, 1.0), 0.0)
    return np.asarray(low * (1 - share) + high * share)


def _interpolated(x: Floats, positions: Floats, probs: Floats) -> Floats:
    """Return the point on the line between neighbouring answers; the end ones beyond them."""
    below = np.clip(np.searchsorted(positions, probs, side="right") - 1, 0, x.size - 2)
    start, end = positions[below], positions[below + 1]
    share = np.clip((probs - start) / (end - start), 0.0, 1.0)
    return np.asarray(x[below] + (x[below + 1] - x[below]) * share)


def _positions(answers: Ranked, rule: str) -> Floats:
    """Return the probability at which each answer lies, for the rules that interpolate."""
    upper, w = answers.cumulated, answers.w
    lower = np.r_[0.0, upper[:-1]]
    if rule == "hf5":
        return np.asarray((upper - w / 2) / upper[-1])
    if rule == "hf6":
        return np.asarray(upper / (upper[-1] + w[-1]))
    if rule == "hf7":
        return np.asarray(lower / upper[-2])
    if rule == "hf8":
        return np.asarray((lower / 3 + upper * 2 / 3) / (upper[-1] + w[-1] / 3))
    return np.asarray((lower * 3 / 8 + upper * 5 / 8) / (upper[-1] + w[-1] / 4))


def _stepwise(answers: Ranked, probs: Floats) -> Floats:
    """Shah and Vaish: the last answer whose position does not exceed p."""
    n = answers.x.size
    relative = answers.w / (answers.total / n)
    positions = (_cumulated(relative) + 0.5 - answers.w / 2) / (n + 1)
    # With weights far from 1 the positions need not ascend; those that tie share their mean.
    at, own = np.unique(positions, return_inverse=True)
    means = np.bincount(own, weights=answers.x) / np.bincount(own)
    found = np.searchsorted(at, probs, side="right") - 1
    return np.asarray(means[np.maximum(found, 0)])
