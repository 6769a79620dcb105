"""Totals, means, ratios and their combinations by domain, and their variance by linearisation.

The linearised value of a cell says how far an estimate would move with the weight of its
rows. For a ratio R = Σ w·y / Σ w·x it is (s_y - R·s_x) / Σ w·x, where s are the sums of the
cell; for a total it is s_y. It follows from the cells alone, so the rows are read once. The
variance is that of the total of these values over the design (Taylor linearisation), less
what calibration has made certain.

References
----------
Binder, D. A. (1983). On the variances of asymptotically normal estimators from complex
surveys. International Statistical Review 51, 279-292.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np

from analysis.cells import Cells, cells_of
from analysis.design import SurveyDesign
from analysis.estimation.columns import Asked, Column, refuse_gaps
from analysis.residuals import CalibratedMoments
from analysis.stages import Floats, Integers
from analysis.stagewise import Spread, spread_over, spread_over_all

# Elements of one block of cells × columns: about the size of a processor's cache.
_BLOCK = 1_000_000


@dataclass(frozen=True, eq=False)
class Evaluated:
    """Estimates of one domain variable (categories × quantities) with what lies behind them.

    ``n`` counts answers, ``moment`` holds Σ w·e² and ``size`` Σ w of the rows that count, from
    which the variance of a simple random sample follows; ``scores`` gives, for positions in
    the flattened estimates, a matrix whose covariance over the design is theirs.
    """

    value: Floats
    variance: Floats
    df: Integers
    n: Floats
    size: Floats
    scores: Callable[[Sequence[int]], Floats]


class Linearization:
    """One call in one domain variable: values and linearised values from the cells."""

    def __init__(
        self, design: SurveyDesign, asked: Asked, category: Integers, categories: int
    ) -> None:
        self.design = design
        self.asked = asked
        # Rows that miss an answer are members still: they count in the degrees of freedom.
        self.placed = category
        if asked.rows is not None:
            category = np.where(asked.rows, category, -1)
        self.cells: Cells = cells_of(design, category, categories)
        self.category = category
        self.categories = categories
        self.values = np.full((categories, len(asked.over)), np.nan)
        self.denominators = np.ones((categories, len(asked.over)))
        self.known = np.zeros(len(asked.over), dtype=bool)

    @cached_property
    def spread(self) -> Spread:
        """The design's stages over these cells."""
        return spread_over(self.design, self.cells.unit, self.cells.category, self.categories)

    @cached_property
    def whole(self) -> Spread:
        """The design's stages over every finest cluster."""
        return spread_over_all(self.design)

    @cached_property
    def moments(self) -> CalibratedMoments:
        """What the calibrations of the design have made certain."""
        return CalibratedMoments(self.design, self.category, self.categories)

    @property
    def dense(self) -> bool:
        """Whether rows outside a domain count in its variance, so that cells are not enough."""
        return any(step.auxiliary is not None for step in self.design.history)

    def sums(self, columns: Sequence[Column]) -> Floats:
        """Return Σ w·y of each cell (cells × columns)."""
        found = np.empty((self.cells.unit.size, len(columns)))
        for position, column in enumerate(columns):
            found[:, position] = self.cells.sums(column.numbers)
        if not np.isfinite(found).all():
            refuse_gaps(columns, self.cells.member_rows())
        return found

    def under(self, wanted: Sequence[int]) -> Floats:
        """Return the denominators of columns in the cells (cells × columns, or × 1)."""
        assert self.asked.under is not None  # noqa: S101 - totals have none and do not ask
        parts = [self._denominator(at) for at in wanted]
        if all(part is self.cells.weight for part in parts):
            return self.cells.weight[:, None]
        return np.column_stack(parts)

    def _denominator(self, at: int) -> Floats:
        given = self.asked.under[at] if self.asked.under else None
        if given is not None:
            return self.sums([given])[:, 0]
        valid = self.asked.over[at].valid
        if valid is None:
            return self.cells.weight
        return self.cells.sums(valid.astype(np.float64))

    def linearised(self, wanted: Sequence[int]) -> Floats:
        """Return the linearised values of columns (cells × columns) and note their estimates."""
        over = self.sums([self.asked.over[at] for at in wanted])
        totals = self.cells.by_category(over)
        if self.asked.under is None:
            self.values[:, wanted] = totals
            return over
        under = self.under(wanted)
        denominator = self.cells.by_category(under)
        with np.errstate(divide="ignore", invalid="ignore"):
            value = np.where(denominator != 0, totals / denominator, np.nan)
            inverse = np.where(denominator != 0, 1.0 / denominator, 0.0)
        self.values[:, wanted] = value
        self.denominators[:, wanted] = np.broadcast_to(denominator, value.shape)
        if self.categories == 1:
            over -= under * np.nan_to_num(value)
            over *= inverse
            return over
        own = self.cells.category
        over -= under * np.nan_to_num(value)[own]
        over *= inverse[own]
        return over

    def blocks(self) -> Iterator[tuple[list[int], Floats]]:
        """Yield the linearised values of the quantities, as many at a time as fit a cache."""
        columns = len(self.asked.over)
        if self.asked.combine is not None:
            yield (
                list(range(self.asked.quantities)),
                self.linearised(range(columns)) @ (self.asked.combine),
            )
            return
        width = max(1, _BLOCK // max(1, self.cells.unit.size))
        for start in range(0, columns, width):
            wanted = list(range(start, min(start + width, columns)))
            yield wanted, self.linearised(wanted)

    def estimate(self) -> Evaluated:
        """Return values and variances of every quantity in every category."""
        quantities = self.asked.quantities
        variance = np.zeros((self.categories, quantities))
        for wanted, block in self.blocks():
            if self.dense:
                variance[:, wanted] = self._dense_variances(wanted, block)
            else:
                variance[:, wanted] = self.spread.variances(block)
        n, size = self._counts()
        df = self.spread.df
        if self.asked.rows is not None:
            df = self.design.df_of(self.placed, self.categories)
        return Evaluated(self.combined(), variance, df, n, size, self.scores)

    def combined(self) -> Floats:
        """Return the estimates (categories × quantities); missing where a part of one is."""
        return combined(self.values, self.asked.combine)

    def scores(self, rows: Sequence[int]) -> Floats:
        """Return linearised totals (finest clusters × rows) of positions in the estimates."""
        positions = np.asarray(rows, dtype=np.int64)
        category, quantity = divmod(positions, self.asked.quantities)
        needed = np.unique(quantity)
        combine = self.asked.combine
        if combine is None:
            block = self.linearised([int(at) for at in needed])
        else:
            block = self.linearised(range(len(self.asked.over))) @ combine[:, needed]
        column = np.searchsorted(needed, quantity)
        out = np.zeros((self.design.units, positions.size))
        for at in range(positions.size):
            mine = self.cells.category == category[at]
            out[self.cells.unit[mine], at] = block[mine, column[at]]
        if self.dense:
            moments = self._moments([int(at) for at in needed])
            out -= self.moments.explained(moments[:, category, column])
        return out

    def squares(self) -> Floats | None:
        """Return Σ w·y² of plain columns (categories × columns); None for ratios and the like."""
        asked = self.asked
        if asked.combine is not None or any(asked.under or ()):
            return None
        found = np.empty((self.categories, len(asked.over)))
        for at, column in enumerate(asked.over):
            cells = self.cells.sums(column.numbers * column.numbers)
            found[:, at] = self.cells.by_category(cells)
        return found

    def _dense_variances(self, wanted: Sequence[int], block: Floats) -> Floats:
        variance = np.zeros((self.categories, len(wanted)))
        moments = self._moments(wanted)
        width = max(1, _BLOCK // max(1, self.design.units * len(wanted)))
        for start in range(0, self.categories, width):
            stop = min(start + width, self.categories)
            mine = (self.cells.category >= start) & (self.cells.category < stop)
            dense = np.zeros((self.design.units, stop - start, len(wanted)))
            dense[self.cells.unit[mine], self.cells.category[mine] - start] = block[mine]
            flat = dense.reshape(self.design.units, -1)
            flat -= self.moments.explained(moments[:, start:stop].reshape(moments.shape[0], -1))
            variance[start:stop] = self.whole.variances(flat).reshape(stop - start, -1)
        return variance

    def _moments(self, wanted: Sequence[int]) -> Floats:
        """Return the calibration moments of linearised values (auxiliaries × categories × k)."""
        combine = self.asked.combine
        base = list(wanted) if combine is None else list(range(len(self.asked.over)))
        found = np.stack([self._moment(at) for at in base], axis=2)
        return found if combine is None else found @ combine[:, list(wanted)]

    def _moment(self, at: int) -> Floats:
        over = self.moments.of(self.asked.over[at].numbers)
        if self.asked.under is None:
            return over
        given = self.asked.under[at]
        valid = self.asked.over[at].valid
        below: Any = given.numbers if given is not None else 1.0
        if given is None and valid is not None:
            below = valid.astype(np.float64)
        value = np.nan_to_num(self.values[:, at])
        held = self.denominators[:, at]
        with np.errstate(divide="ignore"):
            inverse = np.where(held != 0, 1.0 / held, 0.0)
        return np.asarray((over - value * self.moments.of(below)) * inverse)

    def _counts(self) -> tuple[Floats, Floats]:
        """Return answers and their weight by category and quantity."""
        n = np.empty((self.categories, self.asked.quantities))
        size = np.empty_like(n)
        shared = self.asked.rows_that_answered()
        for quantity, valid in enumerate(shared):
            if quantity and valid is shared[quantity - 1]:
                n[:, quantity], size[:, quantity] = n[:, quantity - 1], size[:, quantity - 1]
            elif valid is None:
                n[:, quantity] = self.cells.by_category(self.cells.count)
                size[:, quantity] = self.cells.by_category(self.cells.weight)
            else:
                held = np.where(valid, self.category, -1)
                kept = (held >= 0) & self.design.member
                n[:, quantity] = np.bincount(held[kept], minlength=self.categories)
                size[:, quantity] = np.bincount(
                    held[kept], weights=self.design.all_weights[kept], minlength=self.categories
                )
        return n, size


def combined(values: Floats, combine: Floats | None) -> Floats:
    """Return linear combinations along the last axis, missing where a part of one is."""
    if combine is None:
        return values
    needed = (combine != 0).astype(np.float64)
    missing = (~np.isfinite(values)).astype(np.float64) @ needed > 0
    return np.where(missing, np.nan, np.nan_to_num(values) @ combine)
