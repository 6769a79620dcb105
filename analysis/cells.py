"""Sums by finest cluster and domain category: the small table on which all else is done.

A cell is one finest cluster of the design in one category of a domain variable. Rows are
summed into cells once, by a sparse matrix of weights (cells × rows) times the items; what
comes after works on the cells. Sums are in persons times the unit of the item.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, NamedTuple, Protocol

import numpy as np
from scipy import sparse

from analysis.design import SurveyDesign
from analysis.stages import Flags, Floats, Integers, compressed

# Rows of one piece: a few columns of them fit a processor's cache.
_PIECE = 32_768


class Sums(NamedTuple):
    """Σ w·y by cell (cells × k) and Σ w·y² by category (categories × k)."""

    first: Floats
    second: Floats


@dataclass(frozen=True, eq=False)
class Cells:
    """The cells that hold members, ordered by finest cluster and category.

    ``position`` is the cell of each row, one past the last cell for rows that are in none;
    ``weights`` are those of the rows.
    """

    unit: Integers
    category: Integers
    categories: int
    position: Integers
    weights: Floats

    @cached_property
    def count(self) -> Floats:
        """Rows of each cell."""
        return np.bincount(self.position, minlength=self.unit.size + 1)[:-1].astype(np.float64)

    @cached_property
    def weight(self) -> Floats:
        """Σ w of each cell."""
        return self._added(slice(None), self.weights)

    def by_category(self, sums: Floats) -> Floats:
        """Add cells (cells, or cells × k) up to their categories."""
        return add_up(self.category, self.categories, sums)

    def sums(self, columns: Sequence[Floats], *, squares: bool = False) -> Sums:
        """Sum columns of rows by cell, and their squares by category where asked for.

        Rows in no cell may be missing. A missing number in a cell makes its sum missing.
        """
        first = np.empty((self.unit.size, len(columns)))
        second = np.zeros((self.categories, len(columns)))
        whole = self.categories == 1 and self.count.sum() == self.position.size
        if whole and not self.in_order:
            return self._scattered(columns, squares)
        for rows, cells in self._pieces():
            weights = self.weights[rows]
            scratch = np.empty(weights.size)
            for at, column in enumerate(columns):
                numbers = column[rows]
                np.multiply(numbers, weights, out=scratch)
                first[cells, at] = self._added(rows, scratch, cells)
                if not squares:
                    continue
                if whole:
                    second[0, at] += np.einsum("i,i->", scratch, numbers)
                    continue
                np.multiply(scratch, numbers, out=scratch)
                placed = np.bincount(
                    self._placed[rows], weights=scratch, minlength=self.categories + 1
                )
                second[:, at] += placed[:-1]
        return Sums(first, second)

    def _scattered(self, columns: Sequence[Floats], squares: bool) -> Sums:
        """Sum columns whose rows are all in cells, in no order: one pass each."""
        first = np.empty((self.unit.size, len(columns)))
        second = np.zeros((1, len(columns)))
        for at, column in enumerate(columns):
            first[:, at] = self._scatter @ column
            if squares:
                second[0, at] = np.einsum("i,i,i->", self.weights, column, column)
        return Sums(first, second)

    @cached_property
    def _scatter(self) -> Any:  # noqa: ANN401 - scipy has no types
        """Matrix of weights (cells × rows) with one entry per row, in the order of the rows."""
        rows = self.position.size
        return sparse.csc_matrix(
            (self.weights, self.position, np.arange(rows + 1)), shape=(self.unit.size, rows)
        )

    @cached_property
    def in_order(self) -> bool:
        """Whether the rows of a cell stand together, as they do when cells are clusters."""
        return bool((self.position[1:] >= self.position[:-1]).all())

    @cached_property
    def _ends(self) -> Integers:
        """Where each cell begins among rows in order, and where the last one ends."""
        return np.searchsorted(self.position, np.arange(self.unit.size + 1)).astype(np.int64)

    @cached_property
    def _placed(self) -> Integers:
        """The category of each row, one past the last for rows in no cell."""
        return np.append(self.category, self.categories)[self.position]

    def _pieces(self) -> Iterator[tuple[slice, slice]]:
        """Yield rows and their cells: cache by cache where rows are in order, else all at once."""
        if not self.in_order:
            yield slice(None), slice(None)
            return
        cell = 0
        while cell < self.unit.size:
            upto = int(np.searchsorted(self._ends, self._ends[cell] + _PIECE, side="right")) - 1
            upto = min(max(upto, cell + 1), self.unit.size)
            yield slice(int(self._ends[cell]), int(self._ends[upto])), slice(cell, upto)
            cell = upto

    def _added(self, rows: slice, values: Floats, cells: slice = slice(None)) -> Floats:
        """Add weighted values of rows up to their cells."""
        if rows.start is None:
            held = np.bincount(self.position, weights=values, minlength=self.unit.size + 1)
            return np.asarray(held[:-1], dtype=np.float64)
        return np.add.reduceat(values, self._ends[cells] - rows.start)


class Clustered(Protocol):
    """What is to be known of a design to sort its rows into cells."""

    @property
    def member(self) -> Flags: ...  # noqa: D102
    @property
    def unit_of(self) -> Integers: ...  # noqa: D102
    @property
    def units(self) -> int: ...  # noqa: D102
    @property
    def all_weights(self) -> Floats: ...  # noqa: D102


def cells_of(design: Clustered, category: Integers, categories: int) -> Cells:
    """Sort the members of a design into cells; category -1 belongs to none.

    Parameters
    ----------
    design
        The table and how it was drawn, or replicate weights of whole units.
    category
        Shape (rows,): the category of each row, from 0.
    categories
        How many categories there are.

    Returns
    -------
    Cells
        The cells that hold members of the design in a category.
    """
    kept = category >= 0
    if not design.member.all():
        kept &= design.member
    whole = bool(kept.all())
    unit = design.unit_of if whole else design.unit_of[kept]
    own = category if whole else category[kept]
    present, position = _placed_in(unit, design.units, own, categories)
    if not whole:
        everywhere = np.full(len(category), present.size, dtype=np.int64)
        everywhere[kept] = position
        position = everywhere
    return Cells(
        present // categories, present % categories, categories, position, design.all_weights
    )


def _placed_in(
    unit: Integers, units: int, own: Integers, categories: int
) -> tuple[Integers, Integers]:
    """Return the keys of the cells that occur, ascending, and the cell of each row.

    A key is cluster · categories + category. The ways differ in cost alone.
    """
    width = np.int64(categories)
    keys = unit if categories == 1 else unit * width + own
    if bool((keys[1:] >= keys[:-1]).all()):
        starts = _changes(keys)
        return keys[starts], np.cumsum(starts) - 1
    if units * categories <= 8 * len(unit) + 1024:
        return compressed(keys, units * categories)
    of_unit = np.zeros(units, dtype=np.int64)
    of_unit[unit] = own
    if bool((of_unit[unit] == own).all()):
        # Whole clusters lie in one category, as wards lie in one commune.
        present, position = compressed(unit, units)
        return present * width + of_unit[present], position
    return _counted(unit, units, own, categories)


def _counted(
    unit: Integers, units: int, own: Integers, categories: int
) -> tuple[Integers, Integers]:
    """Return the keys of cells and the cell of each row, sorted by counting.

    For clusters × categories too many to be laid out one by one.
    """
    first, _ = sorted_by(own, categories)
    second, sorted_unit = sorted_by(unit[first], units)
    order = first[second]
    keys = sorted_unit * np.int64(categories) + own[order]
    starts = _changes(keys)
    position = np.empty(order.size, dtype=np.int64)
    position[order] = np.cumsum(starts) - 1
    return keys[starts], position


def _changes(keys: Integers) -> Flags:
    """Return where a key differs from the one before it."""
    starts = np.ones(keys.size, dtype=bool)
    np.not_equal(keys[1:], keys[:-1], out=starts[1:])
    return starts


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
        return np.asarray(np.bincount(code, weights=values, minlength=size), dtype=np.float64)
    if values.shape[1] == 1:
        return add_up(code, size, values[:, 0])[:, None]
    return np.asarray(indicator(code, size) @ values)


def indicator(code: Integers, size: int) -> Any:  # noqa: ANN401 - scipy has no types
    """Return the sparse matrix (size × rows) that sums rows by code; -1 belongs to none."""
    rows = np.flatnonzero(code >= 0)
    return sparse.csr_matrix((np.ones(rows.size), (code[rows], rows)), shape=(size, code.size))


def every_unit(design: SurveyDesign) -> tuple[Integers, Integers]:
    """Return all finest clusters and their single category, for sums that leave none out."""
    return np.arange(design.units, dtype=np.int64), np.zeros(design.units, dtype=np.int64)
