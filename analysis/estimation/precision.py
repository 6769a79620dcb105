"""What a simple random sample of as many answers would have given: the base of design effects.

The variance is that of n answers drawn at random from the population that the weights
represent. With N = Σ w, linearised values e and their weighted variance
s² = n/(n-1) · (Σ w·e²/N - (Σ w·e/N)²), it is N²·s²/n with replacement, and (1 - n/N) times as
much without, in which case weights must be in persons.

References
----------
Kish, L. (1965). Survey Sampling, chapters 8 and 11.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np

from analysis.cells import add_up
from analysis.estimation.columns import Asked
from analysis.stages import Flags, Floats, Integers

# Below this share of the squares, their difference from the squared mean is rounding: such
# columns are gone through again, row by row.
_CANCELLED = 1e-8
_CHUNK = 65_536


def simple_variances(
    design: Any,  # noqa: ANN401 - SurveyDesign or ReplicateDesign
    asked: Asked,
    category: Integers,
    value: Floats,
    denominators: Floats,
    n: Floats,
    size: Floats,
    squares: Floats | None,
) -> Floats:
    """Return the variance with replacement of each estimate (categories × quantities).

    Parameters
    ----------
    category
        The category of each row that counts, -1 otherwise.
    value, denominators
        Estimates and denominators of the columns (categories × columns).
    n, size
        Answers and their weight (categories × quantities).
    squares
        Σ w·y² of the columns where it is at hand, from which means and totals follow at once.
    """
    if squares is not None:
        found, doubtful = _from_squares(asked, value, n, size, squares)
        if not doubtful.any():
            return found
        return np.where(
            doubtful[None, :],
            _from_rows(design, asked, category, value, denominators, n, size),
            found,
        )
    return _from_rows(design, asked, category, value, denominators, n, size)


def kish_sizes(design: Any, asked: Asked, category: Integers, size: Floats) -> Floats:  # noqa: ANN401
    """Return (Σ w)² / Σ w² of the answers of each quantity (categories × quantities)."""
    weights = design.weights
    found = np.empty_like(size)
    previous: Any = False
    for quantity, valid in enumerate(asked.rows_that_answered()):
        if valid is previous:
            found[:, quantity] = found[:, quantity - 1]
            continue
        previous = valid
        kept = category >= 0 if valid is None else (category >= 0) & valid
        inside = slice(None) if kept.all() else kept
        share = weights[inside]
        if len(size) == 1:
            total = np.array([np.einsum("i,i->", share, share)])
        else:
            total = np.bincount(category[inside], weights=share * share, minlength=len(size))
        with np.errstate(divide="ignore", invalid="ignore"):
            found[:, quantity] = size[:, quantity] ** 2 / total
    return found


def _from_squares(
    asked: Asked, value: Floats, n: Floats, size: Floats, squares: Floats
) -> tuple[Floats, Flags]:
    with np.errstate(divide="ignore", invalid="ignore"):
        mean = value if asked.under is not None else value / size
        raw = squares / size
        spread = raw - mean * mean
        cancelled = (np.abs(spread) < _CANCELLED * raw) & (n > 1)
        doubtful: Flags = np.any(cancelled, axis=0)
        variance = spread / (n - 1)
        if asked.under is None:
            variance = variance * size * size
    return variance, doubtful


def _from_rows(
    design: Any,  # noqa: ANN401
    asked: Asked,
    category: Integers,
    value: Floats,
    denominators: Floats,
    n: Floats,
    size: Floats,
) -> Floats:
    categories = len(value)
    first = np.zeros((categories, asked.quantities))
    second = np.zeros_like(first)
    weights = design.weights
    counts = _counting(asked)
    for rows in _chunks(np.flatnonzero((category >= 0) & design.member)):
        own = category[rows]
        effect = _effects(asked, rows, own, value, denominators)
        weighted = weights[rows, None] * (
            counts(rows) if counts is not None else np.ones((rows.size, 1))
        )
        first += add_up(own, categories, weighted * effect)
        second += add_up(own, categories, weighted * effect * effect)
    with np.errstate(divide="ignore", invalid="ignore"):
        centre = first / size
        spread = np.maximum(second / size - centre * centre, 0.0)
        return np.asarray(size * size * spread / (n - 1))


def _effects(
    asked: Asked, rows: Integers, own: Integers, value: Floats, denominators: Floats
) -> Floats:
    effect = np.empty((rows.size, len(asked.over)))
    for at, column in enumerate(asked.over):
        answer = column.numbers[rows]
        if asked.under is None:
            effect[:, at] = answer
            continue
        below = asked.under[at]
        under: Any = 1.0 if below is None else below.numbers[rows]
        if below is None and column.valid is not None:
            under = column.valid[rows]
        with np.errstate(divide="ignore", invalid="ignore"):
            effect[:, at] = np.nan_to_num((answer - value[own, at] * under) / denominators[own, at])
    return effect if asked.combine is None else effect @ asked.combine


def _counting(asked: Asked) -> Any:  # noqa: ANN401 - a function of rows, or None
    answered = asked.rows_that_answered()
    if all(valid is None for valid in answered):
        return None

    def of(rows: Integers) -> Floats:
        return np.column_stack(
            [np.ones(rows.size) if valid is None else valid[rows] for valid in answered]
        )

    return of


def _chunks(rows: Integers) -> Iterator[Integers]:
    for start in range(0, rows.size, _CHUNK):
        yield rows[start : start + _CHUNK]
