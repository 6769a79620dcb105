"""Weighted sums of every replicate at once, by category.

Rows are summed into cells (a primary unit in a category) once; each replicate is then one
row of a product of multipliers and cells, whose cost does not grow with the sample.
"""

from __future__ import annotations

from itertools import pairwise

import numpy as np
from scipy import sparse

from analysis.design import Floats, Integers

# Above this share of filled cells a dense product is faster than one by category.
_DENSE = 0.2
_DENSE_CELLS = 5_000_000


def from_units(
    multipliers: Floats,
    unit_of: Integers,
    weights: Floats,
    values: Floats,
    category: Integers,
    categories: int,
) -> Floats:
    """Return Σ multiplier·w·value (R × categories × k) from multipliers by unit.

    Parameters
    ----------
    multipliers
        Shape (units, R).
    unit_of, weights, category
        Shape (rows,); category -1 is left out.
    values
        Shape (rows, k).
    """
    units, replicates = multipliers.shape
    items = values.shape[1]
    kept = np.flatnonzero(category >= 0)
    if categories == 1:
        sums = _gathered(unit_of, kept, weights, values, units)
        return (multipliers.T @ sums).reshape(replicates, 1, items)
    keys = category[kept] * np.int64(units) + unit_of[kept]
    size = units * categories
    if size * items <= _DENSE_CELLS and kept.size >= _DENSE * size:
        cell_of = np.zeros(len(category), dtype=np.int64)
        cell_of[kept] = keys
        sums = _gathered(cell_of, kept, weights, values, size)
        whole = np.tensordot(multipliers, sums.reshape(categories, units, items), axes=(0, 1))
        return np.asarray(whole)
    cells, own = np.unique(keys, return_inverse=True)
    cell_of = np.zeros(len(category), dtype=np.int64)
    cell_of[kept] = own
    sums = _gathered(cell_of, kept, weights, values, cells.size)
    return from_cells(multipliers, cells % units, cells // units, categories, sums)


def from_cells(
    multipliers: Floats, unit: Integers, category: Integers, categories: int, sums: Floats
) -> Floats:
    """Return Σ multiplier·sum (R × categories × k) from sums of units in categories.

    Parameters
    ----------
    multipliers
        Shape (units, R).
    unit, category
        Shape (cells,).
    sums
        Shape (cells, k).
    """
    if categories == 1:
        chosen = multipliers if unit.size == len(multipliers) else multipliers[unit]
        return np.asarray(chosen.T @ sums)[:, None, :]
    found = np.zeros((multipliers.shape[1], categories, sums.shape[1]))
    order = np.argsort(category, kind="stable")
    ends = np.searchsorted(category[order], np.arange(categories + 1))
    for number, (start, end) in enumerate(pairwise(ends)):
        mine = order[start:end]
        found[:, number] = multipliers[unit[mine]].T @ sums[mine]
    return found


def from_rows(by_row: Floats, values: Floats, category: Integers, categories: int) -> Floats:
    """Return Σ w·value (R × categories × k) from weights by row (rows × R)."""
    replicates, items = by_row.shape[1], values.shape[1]
    found = np.zeros((replicates, categories, items))
    if categories == 1 and bool((category == 0).all()):
        found[:, 0] = by_row.T @ values
        return found
    order = np.argsort(category, kind="stable")
    ends = np.searchsorted(category[order], np.arange(categories + 1))
    for number, (start, end) in enumerate(pairwise(ends)):
        rows = order[start:end]
        found[:, number] = by_row[rows].T @ values[rows]
    return found


def _gathered(
    cell_of: Integers, kept: Integers, weights: Floats, values: Floats, cells: int
) -> Floats:
    """Return Σ w·value by cell (cells × k) over the rows kept."""
    # One entry per row in row order: the matrix needs no sorting to be made.
    starts = np.zeros(len(values) + 1, dtype=np.int64)
    starts[kept + 1] = 1
    gather = sparse.csc_matrix(
        (weights[kept], cell_of[kept], np.cumsum(starts)), shape=(cells, len(values))
    )
    return np.asarray(gather @ values)
