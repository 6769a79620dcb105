"""Which stratum and which unit of every stage a row belongs to, by the columns of its table.

A row whose unit of the first stage has no label (empty or missing) lies in a unit that was taken
with certainty: nothing was drawn there, and the unit is a stratum. So `sampling.draw` leaves it.
Such a row is one stage ahead: its primary unit is the unit of the next column, and the row itself
where there is none; strata and corrections move up with it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pandas as pd

from analysis.stages import Flags, Floats, Integers, codes, joint, positive


def unlabelled(column: pd.Series) -> Flags:
    """Return which values of a column are no label: missing ones and empty text."""
    return (column.isna() | (column == "").fillna(False)).to_numpy(dtype=bool)


@dataclass(frozen=True, eq=False)
class StageLabels:
    """The columns of strata and units of a table, read stage by stage (from 0)."""

    data: pd.DataFrame
    strata: Sequence[str]
    psu: Sequence[str]

    @cached_property
    def ahead(self) -> Flags | None:
        """Rows without a unit of the first stage; None where every row has one."""
        found = unlabelled(self.data[self.psu[0]]) if self.psu else np.zeros(0, dtype=bool)
        return found if found.any() else None

    def unit(self, level: int) -> Integers:
        """Return the unit of each row at a stage as a number from 0."""
        if self.ahead is None:
            return codes(self.data, self.psu[level])
        label = codes(self.data, self.psu[level], ~self.ahead)
        return joint([self.ahead.astype(np.int64), np.where(self.ahead, self._next(level), label)])

    def _next(self, level: int) -> Integers:
        """Return the unit at the stage after ``level``, for rows that are ahead."""
        if level + 1 < len(self.psu):
            label = codes(self.data, self.psu[level + 1], self.ahead)
            # Below a unit labels may start again, and only the stratum says which unit that is.
            stratum = self.stratum(0) if level == 0 else None
            return label if stratum is None else joint([stratum, label])
        # Beyond the last column a unit is whole; a row without any column is a unit by itself.
        rows = len(self.data)
        return np.zeros(rows, dtype=np.int64) if level else np.arange(rows, dtype=np.int64)

    def stratum(self, level: int) -> Integers | None:
        """Return the stratum of each row at a stage as a number from 0; None without strata."""
        held = [
            codes(self.data, self.strata[at], which)
            for at, which in self._columns_of_strata(level)
            if at < len(self.strata)
        ]
        return joint(held) if held else None

    def _columns_of_strata(self, level: int) -> list[tuple[int, Flags | None]]:
        """Return the columns that make up the strata of a stage, and the rows they are read for."""
        if self.ahead is None:
            return [(level, None)]
        # A unit taken with certainty is a stratum, which those of the next stage cut.
        own = None if level == 0 else ~self.ahead
        return [(level, own), (level + 1, self.ahead)]

    def correction(self, names: Sequence[str], level: int, kind: str) -> Floats:
        """Return the finite population correction of each row at a stage, as it was given.

        A single column of units says by itself what is drawn in a stratum, and so does its
        correction. With several, rows that are ahead have that of the next stage: none
        (an endless list) if it is not given, and below their last stage one unit of one.
        """
        column = positive(self.data, names[level])
        if self.ahead is None or len(self.psu) == 1:
            return column
        if level + 1 < len(names):
            return np.where(self.ahead, positive(self.data, names[level + 1]), column)
        endless = np.inf if kind == "count" else 0.0
        return np.where(self.ahead, 1.0 if level else endless, column)

    def named(self, rows: Integers) -> pd.Series:
        """Return the labels of the primary units of some rows; None for rows by themselves."""
        label = self.data[self.psu[0]].iloc[rows]
        if self.ahead is None:
            return label
        if pd.api.types.is_float_dtype(label.dtype):
            # Whole numbers with gaps were read as floating ones; another round has no gaps.
            label = label.convert_dtypes()
        after = self.data[self.psu[1]].iloc[rows].astype(object) if len(self.psu) > 1 else None
        return label.astype(object).mask(self.ahead[rows], after)
