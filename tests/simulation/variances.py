"""Linearised variances of a drawn sample by array arithmetic, fast enough for thousands of draws.

Scores are weighted linearised values, one row per drawn row, one column per estimate. What
`analysis` estimates for the same declaration is the same to 1e-9, which `test_designs` checks.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

Floats = np.ndarray
NEIGHBOURS = 4


def by_group(group: np.ndarray, values: Floats) -> Floats:
    """Return sums by group; ``values`` has shape (rows,) or (rows, k)."""
    count = int(group.max()) + 1
    if values.ndim == 1:
        return np.bincount(group, values, count)
    return np.column_stack([np.bincount(group, column, count) for column in values.T])


def simple(z: Floats, stratum: np.ndarray, fraction: Floats) -> Floats:
    """Return n/(n−1) Σ (1 − f)(z − z̄)² over the units of each stratum, summed over strata.

    With one fraction for a stratum that is the variance of a simple random draw (Cochran 1977,
    chapter 2), with f = π of each unit Brewer's approximation (2002, chapter 9). A unit alone
    in its stratum adds nothing.
    """
    held = np.bincount(stratum)
    n = held[stratum]
    apart = z - (by_group(stratum, z) / np.maximum(held, 1)[:, None])[stratum]
    return (np.where(n > 1, n / np.maximum(n - 1, 1), 0.0) * (1 - fraction)) @ apart**2


def later_stages(scores: Floats, units: Sequence[np.ndarray], chances: Sequence[Floats]) -> Floats:
    """Return what the stages after the first add to the variance of the sums of scores.

    In each stage the variance of a simple random draw within each unit above, times the
    chances of the stages before (Cochran 1977, chapter 10).

    Parameters
    ----------
    scores
        Shape (rows, k).
    units
        The unit of each row, by stage from the first, numbered from 0 over the whole sample.
    chances
        By stage, for each row: the chance within the unit above.
    """
    total = np.zeros(scores.shape[1])
    above = chances[0]
    for number in range(1, len(units)):
        first = np.unique(units[number], return_index=True)[1]
        z = by_group(units[number], scores) * np.sqrt(above[first])[:, None]
        total += simple(z, units[number - 1][first], chances[number][first])
        above = above * chances[number]
    return total


def poisson(scores: Floats, chance: Floats) -> Floats:
    """Return Σ (1 − π) z²: units drawn independently (Särndal, Swensson, Wretman 1992, 3.5)."""
    return (1 - chance) @ scores**2


def random_groups(z: Floats, part: Floats, held: Floats) -> Floats:
    """Return the variance of Rao, Hartley and Cochran (1962) in one stratum.

    With totals y and shares p of the sizes in the stratum, the estimate is Σ y P/p, where
    P is the share of the group; ``z`` holds y P/p (units, k), ``part`` P, ``held`` the units of
    each group: (ΣN_g² − N) / (N² − ΣN_g²) · Σ P (y/p − Ŷ)².
    """
    squares, everyone = float((held**2).sum()), float(held.sum())
    factor = (squares - everyone) / (everyone**2 - squares)
    return factor * (part @ (z / part[:, None] - z.sum(axis=0)) ** 2)


def balanced(z: Floats, chance: Floats, against: Floats) -> Floats:
    """Return the variance of a balanced sample in one stratum (Deville and Tillé 2005).

    Residuals of z = y/π on ``against`` = x/π with weights 1 − π: n/(n − p) Σ (1 − π) e².
    """
    root = np.sqrt(1 - chance)[:, None]
    fit = np.linalg.lstsq(root * against, root * z, rcond=None)[0]
    n, p = against.shape
    return n / (n - p) * ((1 - chance) @ (z - against @ fit) ** 2)


def neighbourly(z: Floats, chance: Floats, places: Floats) -> Floats:
    """Return the variance of a well-spread sample in one stratum, by its neighbours.

    Grafström and Schelin (2014): each z = y/π against the mean of itself and its nearest
    neighbours (four in all, fewer in a small sample), m/(m − 1) Σ (1 − π)(z − z̄)².
    """
    m = min(NEIGHBOURS, len(z))
    apart = ((places[:, None] - places[None]) ** 2).sum(axis=2)
    near = np.argsort(apart, axis=1, kind="stable")[:, :m]
    return m / (m - 1) * ((1 - chance) @ (z - z[near].mean(axis=1)) ** 2)
