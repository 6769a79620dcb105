"""Which values surely lie above which others, all pairs judged at the same time.

The statement "j lies above k" is made for many pairs at once. The largest studentised
difference that chance alone would give over all pairs is drawn from the joint distribution
of the estimates; a difference beyond it is called. Pairs that have been called are then
left out and the bar is lowered (stepdown), until nothing more is called. With the stated
confidence not a single call is wrong, whatever the true values are.

Differences are in the unit of the values, studentised differences have none.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from analysis.inference.ranks.frontiers import BLOCK, largest_difference
from analysis.inference.ranks.order import Flags, Floats
from analysis.inference.ranks.values import Values, refusal

DRAWS = 2_000
SEED = 1


@dataclass(frozen=True, eq=False)
class Noise:
    """Draws of what chance does to the estimates.

    ``error`` (draws × K) is the estimate less the truth, ``spread`` (draws × K) the factor by
    which its standard error is misjudged; ``se`` and ``correlation`` those of the estimates.
    """

    error: Floats
    spread: Floats
    se: Floats
    correlation: Floats | None


def draw_noise(values: Values, draws: int, seed: int) -> Noise:
    """Draw what chance does to the values: normal errors, studentised where df are few.

    A single number of df is shared: all standard errors are misjudged together. One per value
    means that each has a standard error of its own.
    """
    if draws < 100:
        raise refusal("ranks-draws", f"draws={draws!r}")
    rng = np.random.Generator(np.random.PCG64(seed))
    se, count = values.se, len(values.se)
    normal = rng.standard_normal((draws, count))
    correlation = None
    if values.covariance is None:
        error = normal * se
    else:
        scale = np.where(se > 0, se, 1.0)
        correlation = values.covariance / np.outer(scale, scale)
        spectrum, axes = np.linalg.eigh(correlation)
        root = axes * np.sqrt(np.maximum(spectrum, 0.0))
        error = (normal @ root.T) * se
    df = values.df
    if isinstance(df, float):
        spread = (
            np.ones((draws, 1))
            if np.isinf(df)
            else np.sqrt(rng.chisquare(df, size=(draws, 1)) / df)
        )
        spread = np.broadcast_to(spread, (draws, count))
    else:
        spread = np.ones((draws, count))
        few = (df > 0) & np.isfinite(df)
        spread[:, few] = np.sqrt(rng.chisquare(df[few], size=(draws, int(few.sum()))) / df[few])
    return Noise(error, spread, se, correlation)


def studentised(values: Values) -> Floats:
    """Return the studentised differences, entry (j, k) for value j less value k.

    Two certain values give plus or minus infinity, or zero when equal. A value without degrees
    of freedom cannot be told from any other.
    """
    mean, se = values.mean, values.se
    difference = mean[:, None] - mean[None, :]
    variance = se[:, None] ** 2 + se[None, :] ** 2
    if values.covariance is not None:
        variance = variance - 2 * values.covariance
    floor = 1e-14 * (se[:, None] ** 2 + se[None, :] ** 2)
    certain = variance <= floor
    with np.errstate(divide="ignore", invalid="ignore"):
        t = difference / np.sqrt(np.where(certain, np.nan, variance))
    t[certain] = np.where(difference[certain] > 0, np.inf, -np.inf)
    t[certain & (difference == 0)] = 0.0
    if not isinstance(values.df, float):
        blind = (values.df <= 0) & (se > 0)
        t[blind, :] = 0.0
        t[:, blind] = 0.0
    return t


def surely_above(values: Values, level: float, draws: int = DRAWS, seed: int = SEED) -> Flags:
    """Return a matrix (K × K) that is true where value j surely lies above value k.

    Jointly over all pairs, with confidence ``level``, no entry is wrong. The hypotheses
    "j lies not above k" of all ordered pairs are tested by stepdown (Romano and Wolf 2005), as
    Mogstad, Romano, Shaikh and Wilhelm (2024) do for ranks.
    """
    t = studentised(values)
    above: Flags = t == np.inf
    if len(t) < 2:
        return above
    noise = draw_noise(values, draws, seed)
    while True:
        bar = critical(largest(noise, above), level)
        found: Flags = above | (t > bar)
        if (found == above).all():
            return above
        above = found


def critical(maxima: Floats, level: float) -> float:
    """Return the bar that chance exceeds in at most 1 − level of the draws, the data counted."""
    allowed = int(np.floor((1 - level) * (len(maxima) + 1) + 1e-9)) - 1
    if allowed < 0:
        return float("inf")
    return float(np.sort(maxima)[::-1][allowed])


def largest(noise: Noise, left_out: Flags) -> Floats:
    """Return for each draw the largest studentised difference over the ordered pairs kept.

    Never less than zero, since no difference below zero is ever called.
    """
    if noise.correlation is not None:
        return _over_all_pairs(noise, left_out)
    draws, count = noise.error.shape
    step = max(1, BLOCK // count)
    return np.concatenate(
        [
            largest_difference(
                noise.error[start : start + step],
                noise.spread[start : start + step] * noise.se,
                left_out,
            )
            for start in range(0, draws, step)
        ]
    )


def _over_all_pairs(noise: Noise, left_out: Flags) -> Floats:
    """Return the maxima where estimates depend on each other: every pair of every draw."""
    correlation = noise.correlation
    assert correlation is not None  # noqa: S101 - the caller has looked
    kept = np.where(left_out, 0.0, 1.0)
    best = np.zeros(len(noise.error))
    common = bool((noise.spread == noise.spread[:, :1]).all())
    factor = _inverse(noise.se, correlation) * kept if common else kept
    for draw, (error, spread) in enumerate(zip(noise.error, noise.spread, strict=True)):
        t = np.subtract.outer(error, error)
        t *= factor
        if common:
            best[draw] = t.max() / spread[0]
        else:
            t *= _inverse(spread * noise.se, correlation)
            best[draw] = t.max()
    return np.maximum(best, 0.0)


def _inverse(se: Floats, correlation: Floats) -> Floats:
    """Return one over the standard error of each difference, zero where it is certain."""
    own = np.add.outer(se**2, se**2)
    variance = own - 2 * correlation * np.multiply.outer(se, se)
    some = variance > 1e-14 * own
    return np.where(some, 1.0, 0.0) / np.sqrt(np.where(some, variance, 1.0))
