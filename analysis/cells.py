"""Sums by finest cluster and domain category: the small table on which all else is done.

A cell is one finest cluster of the design in one category of a domain variable. Rows are
summed into cells once, by a sparse matrix of weights (cells × rows) times the items; what
comes after works on the cells. Sums are in persons times the unit of the item.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any, Protocol

import numpy as np
from scipy import sparse

from analysis.design import SurveyDesign
from analysis.stages import Flags, Floats, Integers, compressed


class CellTotals(Protocol):
    """Cells, and the weighted sums of columns in them, wherever the rows are."""

    @property
    def unit(self) -> Integers: ...  # noqa: D102
    @property
    def category(self) -> Integers: ...  # noqa: D102
    @property
    def categories(self) -> int: ...  # noqa: D102
    @property
    def weight(self) -> Floats: ...  # noqa: D102
    @property
    def count(self) -> Floats: ...  # noqa: D102


@dataclass(frozen=True, eq=False)
class Cells:
    """The cells that hold members, ordered by finest cluster and category.

    ``gather`` (cells × rows, SciPy CSR) holds the weight of each member in its cell, so that
    ``gather @ y`` are the sums of w·y.
    """

    unit: Integers
    category: Integers
    categories: int
    gather: Any

    @cached_property
    def weight(self) -> Floats:
        """Σ w of each cell."""
        return np.asarray(self.gather @ np.ones(self.gather.shape[1]))

    @cached_property
    def count(self) -> Floats:
        """Rows of each cell."""
        return np.diff(self.gather.indptr).astype(np.float64)

    def sums(self, values: Floats) -> Floats:
        """Return Σ w·y of each cell for one column (rows) or several (rows × k)."""
        return np.asarray(self.gather @ values)

    def by_category(self, sums: Floats) -> Floats:
        """Add cells (cells, or cells × k) up to their categories."""
        return add_up(self.category, self.categories, sums)

    def member_rows(self) -> Flags:
        """Return which rows lie in a cell."""
        held = np.zeros(self.gather.shape[1], dtype=bool)
        held[self.gather.indices] = True
        return held


def cells_of(design: SurveyDesign, category: Integers, categories: int) -> Cells:
    """Sort the members of a design into cells; category -1 belongs to none.

    Parameters
    ----------
    design
        The table and how it was drawn.
    category
        Shape (rows,): the category of each row, from 0.
    categories
        How many categories there are.

    Returns
    -------
    Cells
        The cells that hold members of the design in a category.
    """
    rows = len(category)
    kept = (category >= 0) & design.member
    whole = bool(kept.all())
    chosen = np.arange(rows) if whole else np.flatnonzero(kept)
    unit = design.unit_of if whole else design.unit_of[chosen]
    own = category if whole else category[chosen]
    if categories == 1:
        order, sorted_unit = sorted_by(unit, design.units)
        sorted_category = np.zeros(order.size, dtype=np.int64)
    else:
        first, _ = sorted_by(own, categories)
        second, sorted_unit = sorted_by(unit[first], design.units)
        order = first[second]
        sorted_category = own[order]
    starts = np.empty(order.size, dtype=bool)
    starts[:1] = True
    np.not_equal(sorted_unit[1:], sorted_unit[:-1], out=starts[1:])
    if categories > 1:
        starts[1:] |= sorted_category[1:] != sorted_category[:-1]
    begin = np.flatnonzero(starts)
    taken = chosen[order]
    gather = sparse.csr_matrix(
        (design.all_weights[taken], taken, np.append(begin, order.size)),
        shape=(begin.size, rows),
    )
    return Cells(sorted_unit[begin], sorted_category[begin], categories, gather)


def sorted_by(code: Integers, size: int) -> tuple[Integers, Integers]:
    """Return positions in the order of their codes, and the codes in that order.

    Equal codes keep their order. Counting, not comparing: the cost is linear in rows.
    """
    if code.size and bool((code[1:] >= code[:-1]).all()):
        return np.arange(code.size), code
    # SciPy's conversion from coordinates to rows is a counting sort in compiled code.
    table = sparse.coo_matrix(
        (np.ones(code.size, dtype=np.int8), (code, np.arange(code.size))),
        shape=(max(size, 1), code.size),
    ).tocsr()
    order = table.indices.astype(np.int64)
    return order, np.repeat(np.arange(max(size, 1), dtype=np.int64), np.diff(table.indptr))


def add_up(code: Integers, size: int, values: Floats) -> Floats:
    """Return the sum of values (n, or n × k) of each code."""
    if values.ndim == 1:
        return np.bincount(code, weights=values, minlength=size)
    if values.shape[1] == 1:
        return np.bincount(code, weights=values[:, 0], minlength=size)[:, None]
    return np.asarray(indicator(code, size) @ values)


def indicator(code: Integers, size: int) -> Any:  # noqa: ANN401 - scipy has no types
    """Return the sparse matrix (size × rows) that sums rows by code; -1 belongs to none."""
    rows = np.flatnonzero(code >= 0)
    return sparse.csr_matrix((np.ones(rows.size), (code[rows], rows)), shape=(size, code.size))


def every_unit(design: SurveyDesign) -> tuple[Integers, Integers]:
    """Return all finest clusters and their single category, for sums that leave none out."""
    return np.arange(design.units, dtype=np.int64), np.zeros(design.units, dtype=np.int64)


__all__ = [
    "CellTotals",
    "Cells",
    "add_up",
    "cells_of",
    "compressed",
    "every_unit",
    "indicator",
    "sorted_by",
]
