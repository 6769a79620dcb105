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
from analysis.estimation.columns import Asked, refuse_gaps
from analysis.residuals import CalibratedMoments, binding
from analysis.stages import Floats, Integers
from analysis.stagewise import Spread, Summed, spread_over, spread_over_all

# Elements of one block of cells × columns: about the size of a processor's cache.
_BLOCK = 400_000


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
        # Rows that miss an answer are members still: they count in the degrees of freedom.
        self.placed = category
        if asked.rows is not None:
            category = np.where(asked.rows, category, -1)
        self.design = design
        self.asked = asked
        self.category = category
        self.categories = categories
        self.values = np.full((categories, len(asked.over)), np.nan)
        self.denominators = np.ones((categories, len(asked.over)))
        self.second = np.full((categories, len(asked.over)), np.nan)

    @cached_property
    def cells(self) -> Cells:
        """The cells of this domain variable."""
        return cells_of(self.design, self.category, self.categories)

    def forget(self) -> None:
        """Let go of what can be made again: results outlive the cells, which may be many."""
        for name in ("cells", "spread", "weight_column", "weights_summed", "whole", "moments"):
            self.__dict__.pop(name, None)

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
        return self.design.form is not None or bool(binding(self.design))

    def sums(self, wanted: Sequence[int], *, squares: bool = False) -> Floats:
        """Return Σ w·y of each cell (cells × columns), and note Σ w·y² where asked for."""
        columns = [self.asked.over[at].numbers for at in wanted]
        found = self.cells.sums(columns, squares=squares)
        if squares:
            self.second[:, wanted] = found.second
        return found.first

    def refuse_gaps(self, wanted: Sequence[int], totals: Floats) -> None:
        """Refuse columns with members that did not answer: their totals are not finite."""
        if not np.isfinite(totals).all() and self.category.size == self.design.member.size:
            member = (self.category >= 0) & self.design.member
            refuse_gaps([self.asked.over[at] for at in wanted], member)
            refuse_gaps([part for part in self.asked.under or () if part], member)

    def under(self, wanted: Sequence[int]) -> Floats:
        """Return the denominators of columns in the cells (cells × columns, or × 1)."""
        assert self.asked.under is not None  # noqa: S101 - totals have none and do not ask
        parts = [self._denominator(at) for at in wanted]
        if all(part is self.cells.weight for part in parts):
            return self.weight_column
        return np.column_stack(parts)

    @cached_property
    def weight_column(self) -> Floats:
        """Σ w of each cell, as one column."""
        return self.cells.weight[:, None]

    @cached_property
    def weights_summed(self) -> tuple[Summed, ...]:
        """Σ w over the stages of the design."""
        return self.spread.summed(self.weight_column)

    def _denominator(self, at: int) -> Floats:
        given = self.asked.under[at] if self.asked.under else None
        valid = self.asked.over[at].valid
        if given is not None:
            below = given.numbers
        elif valid is not None:
            below = valid.astype(np.float64)
        else:
            return self.cells.weight
        return self.cells.sums([below]).first[:, 0]

    def plain(self, wanted: Sequence[int]) -> Floats:
        """Return the variances of columns (categories × columns) and note their estimates."""
        over = self.spread.summed(self.sums(wanted, squares=self.asked.plain))
        totals = self.spread.totals(over)
        self.refuse_gaps(wanted, totals)
        if self.asked.under is None:
            self.values[:, wanted] = totals
            return self.spread.variances(over)
        under = self.under(wanted)
        below = self.weights_summed if under is self.weight_column else self.spread.summed(under)
        self._note(wanted, totals, self.spread.totals(below))
        slope = np.nan_to_num(self.values[:, wanted])
        return self.spread.variances(over, below, slope) * self._inverse(wanted) ** 2

    def linearised(self, wanted: Sequence[int]) -> Floats:
        """Return the linearised values of columns (cells × columns) and note their estimates."""
        over = self.sums(wanted, squares=self.asked.plain)
        totals = self.cells.by_category(over)
        self.refuse_gaps(wanted, totals)
        if self.asked.under is None:
            self.values[:, wanted] = totals
            return over
        under = self.under(wanted)
        self._note(wanted, totals, self.cells.by_category(under))
        own = self.cells.category
        over -= under * np.nan_to_num(self.values[:, wanted])[own]
        over *= self._inverse(wanted)[own]
        return over

    def _note(self, wanted: Sequence[int], totals: Floats, denominators: Floats) -> None:
        with np.errstate(divide="ignore", invalid="ignore"):
            self.values[:, wanted] = np.where(denominators != 0, totals / denominators, np.nan)
        self.denominators[:, wanted] = np.broadcast_to(denominators, totals.shape)

    def _inverse(self, wanted: Sequence[int]) -> Floats:
        """Return one over the denominators of columns, 0 where there is none."""
        held = self.denominators[:, wanted]
        return np.divide(1.0, held, out=np.zeros_like(held), where=held != 0)

    def estimate(self) -> Evaluated:
        """Return values and variances of every quantity in every category."""
        variance = np.zeros((self.categories, self.asked.quantities))
        for wanted in self._blocks():
            if self.asked.combine is None and not self.dense:
                variance[:, wanted] = self.plain(wanted)
                continue
            values = self._quantities(wanted)
            if self.dense:
                variance[:, wanted] = self._dense_variances(wanted, values)
            else:
                variance[:, wanted] = self.spread.variances(self.spread.summed(values))
        n, size = self._counts()
        df = self.spread.df
        if self.asked.rows is not None:
            df = self.design.df_of(self.placed, self.categories)
        self.forget()
        return Evaluated(self.combined(), variance, df, n, size, self.scores)

    def _blocks(self) -> Iterator[list[int]]:
        """Yield positions of quantities, as many at a time as fit a cache.

        Combinations need all columns and come together.
        """
        quantities = self.asked.quantities
        width = max(1, _BLOCK // max(1, self.cells.unit.size))
        if self.asked.combine is not None:
            width = quantities
        for start in range(0, quantities, width):
            yield list(range(start, min(start + width, quantities)))

    def _quantities(self, wanted: Sequence[int]) -> Floats:
        """Return the linearised values of quantities (cells × quantities)."""
        combine = self.asked.combine
        if combine is None:
            return self.linearised(wanted)
        return self.linearised(list(range(len(self.asked.over)))) @ combine[:, list(wanted)]

    def combined(self) -> Floats:
        """Return the estimates (categories × quantities); missing where a part of one is."""
        return combined(self.values, self.asked.combine)

    def scores(self, rows: Sequence[int]) -> Floats:
        """Return linearised totals (finest clusters × rows) of positions in the estimates."""
        positions = np.asarray(rows, dtype=np.int64)
        category, quantity = divmod(positions, self.asked.quantities)
        needed = np.unique(quantity)
        block = self._quantities([int(at) for at in needed])
        column = np.searchsorted(needed, quantity)
        out = np.zeros((self.design.units, positions.size))
        for at in range(positions.size):
            mine = self.cells.category == category[at]
            out[self.cells.unit[mine], at] = block[mine, column[at]]
        if binding(self.design):
            moments = self._moments([int(at) for at in needed])
            out -= self.moments.explained(moments[:, category, column])
        self.forget()
        return out

    def squares(self) -> Floats | None:
        """Return Σ w·y² of plain columns (categories × columns); None for ratios and the like."""
        return self.second if self.asked.plain else None

    def _dense_variances(self, wanted: Sequence[int], block: Floats) -> Floats:
        variance = np.zeros((self.categories, len(wanted)))
        moments = self._moments(wanted) if binding(self.design) else None
        width = max(1, _BLOCK // max(1, self.design.units * len(wanted)))
        for start in range(0, self.categories, width):
            stop = min(start + width, self.categories)
            mine = (self.cells.category >= start) & (self.cells.category < stop)
            dense = np.zeros((self.design.units, stop - start, len(wanted)))
            dense[self.cells.unit[mine], self.cells.category[mine] - start] = block[mine]
            flat = dense.reshape(self.design.units, -1)
            if moments is not None:
                own = moments[:, start:stop].reshape(moments.shape[0], -1)
                flat -= self.moments.explained(own)
            variance[start:stop] = self._variances_of(flat).reshape(stop - start, -1)
        return variance

    def _variances_of(self, totals: Floats) -> Floats:
        """Return the variance of each column of totals by finest cluster."""
        if self.design.form is not None:
            return np.diag(self.design.form(totals))
        return self.whole.variances(self.whole.summed(totals))

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
        return np.asarray((over - value * self.moments.of(below)) * self._inverse([at])[:, 0])

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
