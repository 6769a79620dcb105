"""The same estimates under replicate weights: every replicate is estimated anew.

References
----------
Wolter, K. M. (2007). Introduction to Variance Estimation, 2nd edition.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from analysis.cells import cells_of, indicator
from analysis.estimation.columns import Asked, refuse_gaps
from analysis.estimation.linearization import Evaluated, combined
from analysis.replication import ReplicateDesign
from analysis.stages import Floats, Integers


class Replicated:
    """One call in one domain variable: values from the weights and from each replicate."""

    def __init__(
        self, design: ReplicateDesign, asked: Asked, category: Integers, categories: int
    ) -> None:
        if asked.rows is not None:
            category = np.where(asked.rows, category, -1)
        self.design = design
        self.asked = asked
        self.category = np.where(design.member, category, -1)
        self.categories = categories
        self.denominators = np.ones((categories, len(asked.over)))
        self.values = np.full((categories, len(asked.over)), np.nan)
        self.second = np.full((categories, len(asked.over)), np.nan)

    def estimate(self) -> Evaluated:
        """Return values and variances of every quantity in every category."""
        asked = self.asked
        member = self.category >= 0
        under = [self._under(at) for at in range(len(asked.over))]
        refuse_gaps([*asked.over, *(part for part in asked.under or () if part)], member)
        # The weights themselves are the last column: the denominator of every plain mean.
        below = [part for part in under if part is not None]
        full, each = self._totals(
            [*(column.numbers for column in asked.over), *below, np.ones(len(member))]
        )
        count = len(asked.over)
        if asked.under is None:
            self.values, replicates = full[:, :count], each[:, :, :count]
        else:
            at = np.full(count, full.shape[1] - 1)
            at[[part is not None for part in under]] = count + np.arange(len(below))
            self.denominators = full[:, at]
            with np.errstate(divide="ignore", invalid="ignore"):
                self.values = full[:, :count] / full[:, at]
                replicates = each[:, :, :count] / each[:, :, at]
        value = combined(self.values, asked.combine)
        self._replicates = combined(replicates, asked.combine)
        variance = self.design.variance_of(self._replicates, value)
        n, size = self._counts()
        df = np.asarray(self.design.df_of(self.category, self.categories))
        return Evaluated(value, variance, df, n, size, self.scores)

    def _under(self, at: int) -> Floats | None:
        """Return the denominator of a column by row, None where it is the weight alone."""
        if self.asked.under is None:
            return None
        given, valid = self.asked.under[at], self.asked.over[at].valid
        if given is not None:
            return given.numbers
        return None if valid is None else valid.astype(np.float64)

    def _totals(self, columns: Sequence[Floats]) -> tuple[Floats, Floats]:
        """Return totals by category (categories × k), and by replicate before that."""
        if self.design.by_units:
            cells = cells_of(self.design, self.category, self.categories)
            found = cells.sums(columns, squares=self.asked.plain)
            self.second = found.second[:, : len(self.asked.over)]
            each = self.design.unit_totals(cells.unit, cells.category, self.categories, found.first)
            return cells.by_category(found.first), each
        inside = (self.category >= 0)[:, None]
        table = np.where(inside, np.column_stack(columns), 0.0)
        weighted = self.design.weights[:, None] * table
        if self.asked.plain:
            squared = (weighted * table)[:, : len(self.asked.over)]
            self.second = np.asarray(indicator(self.category, self.categories) @ squared)
        full = np.asarray(indicator(self.category, self.categories) @ weighted)
        return full, self.design.replicate_totals(table, self.category, self.categories)

    def scores(self, rows: Sequence[int]) -> Floats:
        """Return the replicate estimates (replicates × rows) of positions in the estimates."""
        return self._replicates.reshape(len(self._replicates), -1)[:, list(rows)]

    def squares(self) -> Floats | None:
        """Return Σ w·y² of plain columns (categories × columns); None for ratios and the like."""
        return self.second if self.asked.plain else None

    def _counts(self) -> tuple[Floats, Floats]:
        n = np.empty((self.categories, self.asked.quantities))
        size = np.empty_like(n)
        weights = self.design.weights
        answered = self.asked.rows_that_answered()
        for quantity, valid in enumerate(answered):
            if quantity and valid is answered[quantity - 1]:
                n[:, quantity], size[:, quantity] = n[:, quantity - 1], size[:, quantity - 1]
                continue
            kept = self.category >= 0 if valid is None else (self.category >= 0) & valid
            own = self.category[kept]
            n[:, quantity] = np.bincount(own, minlength=self.categories)
            size[:, quantity] = np.bincount(own, weights=weights[kept], minlength=self.categories)
        return n, size
