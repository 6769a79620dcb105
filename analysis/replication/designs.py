"""What a replicate design holds, and what follows from estimates made again and again.

The variance of an estimate θ is ``scale · Σ rscales_r (θ_r - centre)²`` over the replicates r;
the centre is the mean of the replicates, or the estimate from the full sample (``mse``).

Replicates that were made from primary units are kept as one multiplier per unit. Totals are
then products of multipliers and sums by unit, and weights by row exist only on demand.

Weights are in persons (or visits) represented.

References
----------
Wolter, K. M. (2007). Introduction to Variance Estimation, 2nd ed. Springer.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any

import numpy as np
import pandas as pd

from analysis.design import Flags, Floats, Integers, WeightStep
from analysis.masks import rows_that_meet
from analysis.replication import ranks, sums
from analysis.row_weights import check_weights
from intake.findings import Finding, WeightError


@dataclass(frozen=True, eq=False)
class ReplicateDesign:
    """A table with one set of weights for the sample and many for its replicates.

    Made by `make` and `given`; takes the place of a `SurveyDesign` in every estimator.

    Attributes
    ----------
    data
        The whole table.
    unit_of
        For each row its primary unit, or the row itself where units are not known.
    multipliers
        Shape (units, R): what a replicate multiplies the weights of a unit with. None where
        weights differ by row.
    scale, rscales, mse
        As in the formula above.
    kind
        How the replicates came to be, such as ``jkn``.
    history
        What was done to the weights, the first step first.
    findings
        Warnings about what the replicates cannot carry.
    given_df, whole_df
        Degrees of freedom that were given with the weights; those of the whole sample where
        they follow from how the replicates were made.
    """

    data: pd.DataFrame
    unit_of: Integers
    multipliers: Floats | None
    scale: float
    rscales: Floats
    mse: bool
    kind: str
    history: tuple[WeightStep, ...] = ()
    findings: tuple[Finding, ...] = ()
    given_df: int | None = None
    whole_df: int | None = None
    _weights: Floats = field(default_factory=lambda: np.zeros(0), repr=False)
    _member: Flags = field(default_factory=lambda: np.zeros(0, dtype=bool), repr=False)
    _by_row: Floats | None = field(default=None, repr=False)

    def __repr__(self) -> str:
        parts = [
            f"{self.replicates} replicates ({self.kind})",
            f"{len(self.data):,} rows",
            "" if self._member.all() else f"{self._member.sum():,} members",
            *(type(step).__name__ for step in self.history),
        ]
        return f"<ReplicateDesign: {', '.join(part for part in parts if part)}>"

    @property
    def weights(self) -> Floats:
        """Weights of the full sample in row order, zero for rows outside `where`."""
        return np.where(self._member, self._weights, 0.0)

    @property
    def all_weights(self) -> Floats:
        """Weights of every row, inside and outside the part picked by `where`."""
        return self._weights

    @property
    def units(self) -> int:
        """How many primary units there are (rows, where units are not known)."""
        return int(self.unit_of.max()) + 1

    @property
    def by_units(self) -> bool:
        """Whether a replicate multiplies the weights of whole units."""
        return self._by_row is None and self.multipliers is not None

    @property
    def member(self) -> Flags:
        """Which rows belong to the part picked by `where`; all of them otherwise."""
        return self._member

    @property
    def replicates(self) -> int:
        """The number of sets of weights, R."""
        return len(self.rscales)

    @property
    def replicate_weights(self) -> Floats:
        """Complete weights by row and replicate (rows × R), zero for rows outside `where`."""
        if self._by_row is not None:
            return np.where(self._member[:, None], self._by_row, 0.0)
        assert self.multipliers is not None  # noqa: S101 - one of the two is there
        return np.asarray(self.weights[:, None] * self.multipliers[self.unit_of])

    def weights_by_replicate(self) -> Iterator[Floats]:
        """Yield the weights (rows) of one replicate after the other, never all at once."""
        weights = self.weights
        for number in range(self.replicates):
            if self._by_row is not None:
                yield np.where(self._member, self._by_row[:, number], 0.0)
            elif self.multipliers is not None:
                yield weights * self.multipliers[self.unit_of, number]

    @cached_property
    def df(self) -> int:
        """Degrees of freedom: the rank of the replicate weights of the members, minus one."""
        return int(self.df_of(np.where(self._member, 0, -1), 1)[0])

    def df_of(self, category: Integers, categories: int) -> Integers:
        """Return the degrees of freedom of each category of rows (-1 belongs to none).

        The rank counts columns that add more than 1e-5 of their length, as R survey does. A
        number that was given with the weights is an upper bound for every category.
        """
        kept = np.where(self._member, category, -1)
        whole = categories == 1 and self._by_row is None and bool((kept == 0).all())
        if whole and self.whole_df is not None:
            return np.array([self.whole_df], dtype=np.int64)
        if self._by_row is not None:
            found = ranks.by_category(self._by_row, kept, categories)
        else:
            assert self.multipliers is not None  # noqa: S101 - one of the two is there
            # Rows of one unit are multiples of one another: their root of squares stands for
            # them, and leaves the rank as it is.
            lengths, unit, of = _lengths(self.weights, self.unit_of, kept)
            found = ranks.by_category(self.multipliers[unit] * lengths[:, None], of, categories)
        df = np.maximum(found - 1, 0)
        return df if self.given_df is None else np.minimum(df, self.given_df)

    def where(self, condition: str | Sequence[bool] | Flags | pd.Series) -> ReplicateDesign:
        """Return the design narrowed to the rows that meet a condition.

        The condition is an expression of `analysis.expressions` or one boolean per row. The
        rows outside stay in the design with weight zero.
        """
        mask = rows_that_meet(self.data, condition)
        return replace(self, _member=self._member & mask)

    def reweighted(
        self, weights: Floats, step: WeightStep, replicate_weights: Floats | None = None
    ) -> ReplicateDesign:
        """Return the design with new weights, and the step that made them in its history.

        Parameters
        ----------
        weights
            Shape (rows,): the new weights of the full sample.
        step
            What was done.
        replicate_weights
            Shape (rows, R): the new complete weights of each replicate. Without them each
            replicate is multiplied by the same factor as the full sample.

        Raises
        ------
        WeightError
            ``weight-missing``, ``weight-not-positive``, ``replicate-weights-shape``,
            ``replicate-weight-missing``.
        """
        values = np.array(weights, dtype=np.float64)
        check_weights(values, self._member, None, signed=step.signed)
        by_row, multipliers = self._by_row, self.multipliers
        if replicate_weights is not None:
            by_row, multipliers = np.array(replicate_weights, dtype=np.float64), None
            _refuse_shape(by_row, (len(self.data), self.replicates))
            _refuse_missing(by_row, self._member)
        elif by_row is not None:
            factor = np.where(self._member, values / np.where(self._weights, self._weights, 1), 1)
            by_row = by_row * factor[:, None]
        return replace(
            self,
            multipliers=multipliers,
            history=(*self.history, step),
            _weights=values,
            _by_row=by_row,
        )

    @property
    def diagnostics(self) -> tuple[Any, ...]:
        """What each step did to the weights, in numbers: one record per step."""
        return tuple(step.diagnostics for step in self.history)

    def replicate_totals(
        self, values: Floats, category: Integers | None = None, categories: int = 1
    ) -> Floats:
        """Return Σ w·value by replicate and category.

        Parameters
        ----------
        values
            Shape (rows,) or (rows, k), not weighted. Rows outside `where` or in no category
            are not read and may be missing.
        category
            Shape (rows,): 0 to ``categories`` - 1, or -1 for no category; all rows in one
            category when left out.

        Returns
        -------
        numpy.ndarray
            Shape (R, categories) or (R, categories, k).

        Examples
        --------
        >>> import pandas as pd
        >>> from analysis.design import SurveyDesign
        >>> from analysis.replication import make
        >>> table = pd.DataFrame({"y": [1.0, 2.0, 6.0], "w": 2.0})
        >>> design = make(SurveyDesign(table, weights="w"), kind="jk1")
        >>> design.replicate_totals(table["y"].to_numpy()).ravel().tolist()
        [24.0, 21.0, 9.0]
        """
        columns = np.asarray(values, dtype=np.float64)
        columns = columns[:, None] if columns.ndim == 1 else columns
        of = np.zeros(len(self.data), dtype=np.int64) if category is None else category
        of = np.where(self._member, of, -1)
        if self._by_row is not None:
            found = sums.from_rows(self._by_row, columns, of, categories)
        else:
            assert self.multipliers is not None  # noqa: S101 - one of the two is there
            found = sums.from_units(
                self.multipliers, self.unit_of, self._weights, columns, of, categories
            )
        return found[:, :, 0] if np.ndim(values) == 1 else found

    def unit_totals(
        self, unit: Integers, category: Integers, categories: int, totals: Floats
    ) -> Floats:
        """Return totals by replicate and category (R × categories × k) from those of cells.

        ``totals`` (cells × k) are weighted sums of a unit in a category; see `by_units`.
        """
        assert self.multipliers is not None  # noqa: S101 - asked for where units are whole
        return sums.from_cells(self.multipliers, unit, category, categories, totals)

    def covariance_of(self, replicates: Floats, full: Floats) -> Floats:
        """Return the covariance of an estimate with k components.

        Parameters
        ----------
        replicates
            Shape (R, k): the estimate from each replicate. Where one could not be made (nan),
            the replicate is left out for that component; see `lost`.
        full
            Shape (k,): the estimate from the full sample.

        Returns
        -------
        numpy.ndarray
            Shape (k, k), in squared units of the estimate; nan where no replicate is left.
        """
        apart, known = self._apart(replicates, full)
        found = self.scale * ((apart * self.rscales[:, None]).T @ apart)
        empty = ~known.any(axis=0)
        found[empty], found[:, empty] = np.nan, np.nan
        return np.asarray(found)

    def variance_of(self, replicates: Floats, full: Floats) -> Floats:
        """Return the diagonal of `covariance_of`, for any number of components.

        ``replicates`` is (R, …), ``full`` and the result are (…).
        """
        flat = np.reshape(replicates, (self.replicates, -1))
        apart, known = self._apart(flat, np.ravel(full))
        found = self.scale * (self.rscales @ (apart * apart))
        found[~known.any(axis=0)] = np.nan
        return np.asarray(found).reshape(np.shape(full))

    def lost(self, replicates: Floats) -> Integers:
        """Return for each component (R, …) how many replicates could not be made."""
        return np.asarray((~np.isfinite(replicates)).sum(axis=0), dtype=np.int64)

    def _apart(self, replicates: Floats, full: Floats) -> tuple[Floats, Flags]:
        """Return the distance of each replicate from the centre, and which are known."""
        thetas = np.asarray(replicates, dtype=np.float64)
        known = np.isfinite(thetas)
        if self.mse:
            centre = np.asarray(full, dtype=np.float64)
        else:
            # A stratum that was taken whole moves nothing, so it does not set the centre.
            counted = known & (self.rscales > 0)[:, None]
            added = np.where(counted, thetas, 0.0).sum(axis=0)
            centre = added / np.maximum(counted.sum(axis=0), 1)
        return np.where(known, thetas - centre, 0.0), known


def _lengths(
    weights: Floats, unit_of: Integers, category: Integers
) -> tuple[Floats, Integers, Integers]:
    """Return root of summed squared weights, unit and category of each cell."""
    kept = np.flatnonzero(category >= 0)
    keys = category[kept] * np.int64(unit_of.max() + 1) + unit_of[kept]
    cells, cell_of = np.unique(keys, return_inverse=True)
    squares = np.bincount(cell_of, weights=weights[kept] ** 2, minlength=cells.size)
    units = np.int64(unit_of.max() + 1)
    return np.sqrt(squares), cells % units, cells // units


def _refuse_shape(by_row: Floats, wanted: tuple[int, int]) -> None:
    if by_row.shape != wanted:
        raise WeightError.of(
            "replicate-weights-shape",
            f"Trọng số lặp có kích thước {by_row.shape}, cần {wanted}.",
            f"The replicate weights have shape {by_row.shape}, expected {wanted}.",
            "Cần một dòng cho mỗi dòng của bảng, một cột cho mỗi bản lặp.",
            "Give one row per row of the table and one column per replicate.",
        )


def _refuse_missing(by_row: Floats, member: Flags) -> None:
    bad = np.flatnonzero(member & ~np.isfinite(by_row).all(axis=1))
    if bad.size:
        row = int(bad[0])
        number = int(np.flatnonzero(~np.isfinite(by_row[row]))[0])
        raise WeightError.of(
            "replicate-weight-missing",
            f"Dòng {row + 1}: thiếu trọng số của bản lặp {number + 1}.",
            f"Row {row + 1}: the weight of replicate {number + 1} is missing.",
            "Dòng không thuộc bản lặp có trọng số 0.",
            "A row that a replicate leaves out has weight zero.",
            row=row + 1,
        )
