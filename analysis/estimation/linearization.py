"""Means, totals and ratios by category, with the linearised value of every row.

The linearised value of a row says how far the estimate would move with the weight of that
row; weighted, these values add up to a total whose variance is the variance of the estimate
(Taylor linearisation). All items are done together, all categories of a domain variable in
one pass.

References
----------
Binder, D. A. (1983). On the variances of asymptotically normal estimators from complex
surveys. International Statistical Review 51, 279-292.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from analysis.cells import indicator
from analysis.design import Flags, Floats, Integers, SurveyDesign


@dataclass(frozen=True, eq=False)
class Linearized:
    """Estimates by category and what each row adds to them.

    ``value`` is (categories × items); ``effect`` (rows × items) is the unweighted linearised
    value of a row in its own category; ``valid`` (rows × items) says which rows count.
    """

    value: Floats
    effect: Floats
    valid: Flags


def totals(
    design: SurveyDesign, y: Floats, valid: Flags, category: Integers, categories: int
) -> Linearized:
    """Return Σ w·y by category."""
    effect = np.where(valid, y, 0.0)
    weighted = effect * design.weights[:, None]
    return Linearized(np.asarray(indicator(category, categories) @ weighted), effect, valid)


def means(
    design: SurveyDesign, y: Floats, valid: Flags, category: Integers, categories: int
) -> Linearized:
    """Return Σ w·y / Σ w over valid answers by category; missing where there are none."""
    return ratios(design, y, np.ones_like(y), valid, category, categories)


def ratios(
    design: SurveyDesign,
    y: Floats,
    x: Floats,
    valid: Flags,
    category: Integers,
    categories: int,
) -> Linearized:
    """Return Σ w·y / Σ w·x over valid rows by category; missing where Σ w·x is zero."""
    gather = indicator(category, categories)
    weights = design.weights[:, None]
    over = np.where(valid, y, 0.0)
    under = np.where(valid, x, 0.0)
    numerator = np.asarray(gather @ (over * weights))
    denominator = np.asarray(gather @ (under * weights))
    with np.errstate(divide="ignore", invalid="ignore"):
        value = np.where(denominator != 0, numerator / denominator, np.nan)
        own = np.maximum(category, 0)
        effect = (over - value[own] * under) / denominator[own]
    effect = np.where(valid & (category >= 0)[:, None] & np.isfinite(effect), effect, 0.0)
    return Linearized(value, effect, valid)


def combined(parts: Linearized, coefficients: Floats) -> Linearized:
    """Return fixed linear combinations (items → quantities) of estimates.

    A combination is missing where one of the estimates it needs is missing. A row counts for
    it when it counts for one of them.
    """
    needed = coefficients != 0
    missing = (~np.isfinite(parts.value)).astype(np.float64) @ needed > 0
    value = np.where(missing, np.nan, np.nan_to_num(parts.value) @ coefficients)
    effect = parts.effect @ coefficients
    valid = parts.valid.astype(np.float64) @ needed > 0
    return Linearized(value, effect, valid)


def simple_variance(
    design: SurveyDesign,
    parts: Linearized,
    category: Integers,
    categories: int,
    replacement: bool = True,
) -> tuple[Floats, Floats]:
    """Return answers by category, and the variance that a simple random sample would have.

    The variance is that of as many answers drawn at random from the population that the
    weights represent: with replacement, or without (less the share that was drawn), in
    which case weights must be in persons.
    """
    gather = indicator(category, categories)
    weights = np.where(parts.valid, design.weights[:, None], 0.0)
    counted = parts.valid & (design.weights > 0)[:, None]
    n = np.asarray(gather @ counted.astype(np.float64))
    size = np.asarray(gather @ weights)
    with np.errstate(divide="ignore", invalid="ignore"):
        centre = np.asarray(gather @ (weights * parts.effect)) / size
        own = np.maximum(category, 0)
        spread = np.where(counted, parts.effect - np.nan_to_num(centre)[own], 0.0)
        variance = np.asarray(gather @ (weights * spread * spread)) / size * n / (n - 1)
        simple = size * size * variance / n
        if not replacement:
            simple = simple * (size - n) / size
    return n, simple
