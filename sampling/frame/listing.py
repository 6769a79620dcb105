"""The list itself: units with their strata and sizes, its canonical form and its hash.

A frame is kept as text, so that what is hashed is what was read. Its canonical form is a
CSV file: UTF-8, NFC, line feeds, the five required columns first and the others after
them by name, rows sorted by ``unit_id``, a leading apostrophe before what a spreadsheet
could run. ``H_frame`` is the SHA-256 of its bytes, and ``write_frame`` writes exactly
these bytes: ``sha256sum frame.csv`` gives it.

Sizes are persons (or transactions in a frame of counters), whole numbers.
"""

from __future__ import annotations

import csv
import hashlib
import io
from array import array
from collections.abc import Iterator, Mapping, Sequence
from functools import cached_property
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING

from intake.findings import Finding, FrameError, Words
from sampling.frame.checks import REQUIRED
from sampling.frame.columns import Coded, Column, Packer, Whole
from sampling.frame.numbers import numbers_of
from sampling.frame.ordering import listed_of_values
from sampling.frame.rows import FrameUnit, Listed, Units
from sampling.frame.sheets import sheet_of_rows, sheet_of_table
from sampling.given import require

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd
    from numpy.typing import NDArray

_BLOCK = 1_000


class Frame:
    """The units that can be drawn, sorted by id, and what was noticed about them.

    The texts are held by column, each differing text once where texts repeat; a unit is
    made when it is asked for. A frame of a million villages takes about as much memory as
    its file.

    Parameters
    ----------
    units
        Units in the order of the frame.
    columns
        Names of the columns, the required ones first.
    findings
        What was noticed; frames that differ in it alone are equal.
    """

    def __init__(
        self,
        units: Sequence[FrameUnit] = (),
        columns: Sequence[str] = REQUIRED,
        findings: Sequence[Finding] = (),
    ) -> None:
        self.columns = tuple(columns)
        self.findings = tuple(findings)
        source = getattr(units, "_source", None)
        self._listed: Listed = source if isinstance(source, Listed) else _listed(units, columns)

    @classmethod
    def of_columns(cls, listed: Listed, findings: Sequence[Finding] = ()) -> Frame:
        """Return the frame of columns that were checked and are in order."""
        return cls(Units(listed), tuple(listed.columns), findings)

    @classmethod
    def from_rows(cls, rows: Sequence[Mapping[str, object]], name: str = "frame") -> Frame:
        """Make a frame from mappings of column to value, checked as a file would be.

        Raises
        ------
        FrameError
            With every fault; ``row`` counts as in a file whose header is line 1.
        """
        return cls.of_columns(*listed_of_values(sheet_of_rows(rows, name)))

    @classmethod
    def from_table(cls, table: pd.DataFrame | Mapping[str, object], name: str = "frame") -> Frame:
        """Make a frame from columns of values, checked as a file would be, of any length.

        Parameters
        ----------
        table
            A pandas data frame, or a mapping of column to a sequence or array of values of
            one length. Missing values are empty cells, whole floats whole numbers.
        name
            Stands as the file in findings.

        Raises
        ------
        FrameError
            With every fault; ``row`` counts as in a file whose header is line 1.

        Examples
        --------
        >>> frame = Frame.from_table({"unit_id": ["b", "a"], "unit_name": ["B", "A"],
        ...     "province": "31", "stratum": ["s", "s"], "size": [20, 10]})
        >>> frame.column("unit_id"), frame.numbers("size").tolist()
        (['a', 'b'], [10, 20])
        """
        return cls.of_columns(*listed_of_values(sheet_of_table(table, name)))

    @property
    def units(self) -> Units:
        """The units in the order of the frame."""
        return Units(self._listed)

    @property
    def listed(self) -> Listed:
        """The columns behind the units, and the lines of the file they came from."""
        return self._listed

    @cached_property
    def by_id(self) -> dict[str, FrameUnit]:
        """The units by their id."""
        return dict(zip(self.column("unit_id"), self.units, strict=True))

    @cached_property
    def strata(self) -> dict[str, tuple[FrameUnit, ...]]:
        """The units of each stratum, strata sorted by name."""
        return self.by_column("stratum")

    @cached_property
    def in_order(self) -> bool:
        """Whether the units stand in the order of their ids and no two share one."""
        return all(one < other for one, other in pairwise(self._listed.columns["unit_id"]))

    def by_column(self, column: str) -> dict[str, tuple[FrameUnit, ...]]:
        """Return the units by the value of a column, values sorted."""
        source = self._listed
        return {
            name: tuple(FrameUnit.at(source, row) for row in rows)
            for name, rows in self.rows_by(column).items()
        }

    def rows_by(self, column: str) -> dict[str, array[int]]:
        """Return the places of the units by the value of a column, values sorted.

        Places count from 0 in the order of ``units``, ``column`` and ``numbers``.
        """
        held = self._listed.columns.get(column)
        if held is None:
            return {"": array("I", range(len(self)))} if len(self) else {}
        if isinstance(held, Coded):
            places = [array("I") for _ in held.distinct]
            for row, code in enumerate(held.codes):
                places[code].append(row)
            named = dict(zip(held.distinct, places, strict=True))
            return {name: named[name] for name in sorted(named) if named[name]}
        groups: dict[str, array[int]] = {}
        for row, text in enumerate(held.texts()):
            groups.setdefault(text, array("I")).append(row)
        return {name: groups[name] for name in sorted(groups)}

    def column(self, name: str) -> list[str]:
        """Return the texts of a column in the order of the units.

        Raises
        ------
        FrameError
            The frame has no such column.
        """
        return self._held(name).texts()

    def numbers(self, name: str) -> NDArray[np.int64] | NDArray[np.float64]:
        """Return the numbers of a column in the order of the units.

        Returns
        -------
        numpy.ndarray
            Shape ``(units,)``; int64 where every cell is a whole number, else float64.

        Raises
        ------
        FrameError
            The frame has no such column, or a cell holds no number: each one is named.
        """
        self._held(name)  # refuses a column that is not there
        return numbers_of(self._listed, name)

    def _held(self, name: str) -> Column:
        if name not in self._listed.columns:
            raise FrameError.of(
                "frame-column-unknown",
                f"Khung không có cột “{name}”.",
                f"The frame has no column '{name}'.",
                f"Các cột có: {', '.join(self.columns)}.",
                f"It has: {', '.join(self.columns)}.",
                column=name,
            )
        return self._listed.columns[name]

    def __len__(self) -> int:
        return len(self._listed)

    def __bool__(self) -> bool:
        return True

    @property
    def total_size(self) -> int:
        """The sum of all sizes."""
        return sum(self._listed.sizes)

    def blocks(self) -> Iterator[bytes]:
        """Yield the canonical CSV file in pieces, so that it need not be held whole."""
        held = [self._listed.columns.get(name) for name in self.columns]
        text = io.StringIO()
        writer = csv.writer(text, lineterminator="\n")
        writer.writerow(self.columns)
        for start in range(0, len(self), _BLOCK):
            stop = min(start + _BLOCK, len(self))
            blank = [""] * (stop - start)
            pieces = [blank if one is None else one.texts(start, stop) for one in held]
            writer.writerows(zip(*pieces, strict=True))
            yield text.getvalue().encode("utf-8")
            text.seek(0)
            text.truncate()
        yield text.getvalue().encode("utf-8")

    @property
    def canonical(self) -> bytes:
        """The bytes of the canonical CSV file."""
        return b"".join(self.blocks())

    @cached_property
    def sha256(self) -> str:
        """``H_frame``: the SHA-256 of the canonical CSV, in lower-case hexadecimal."""
        digest = hashlib.sha256()
        for block in self.blocks():
            digest.update(block)
        return digest.hexdigest()

    @property
    def summary(self) -> dict[str, object]:
        """``units``, ``total_size``, ``strata`` (their number) and ``sha256``."""
        return {
            "units": len(self),
            "total_size": self.total_size,
            "strata": len(self._listed.columns["stratum"].counts()),
            "sha256": self.sha256,
        }

    @property
    def table(self) -> pd.DataFrame:
        """The frame as a data frame: text columns, ``size`` as whole numbers."""
        import pandas as pd

        columns = {name: self.column(name) for name in self.columns if name != "size"}
        table = pd.DataFrame({**dict.fromkeys(self.columns), **columns})
        return table.assign(size=self._listed.sizes.tolist())

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Frame):
            return NotImplemented
        return (
            self.columns == other.columns
            and len(self) == len(other)
            and all(a == b for a, b in zip(self.blocks(), other.blocks(), strict=True))
        )

    __hash__ = None  # type: ignore[assignment]

    def __repr__(self) -> str:
        return f"Frame({len(self)} units, columns={self.columns!r})"


def write_frame(frame: Frame, path: Path | str) -> None:
    """Write the canonical CSV, whose SHA-256 is the frame's."""
    require((frame, Frame))
    with Path(path).open("wb") as file:
        file.writelines(frame.blocks())


def _listed(units: Sequence[FrameUnit], columns: Sequence[str]) -> Listed:
    """Return units made one by one as columns."""
    for unit in units:
        if not -(2**31) <= unit.size < 2**31:
            raise FrameError(
                Finding(
                    "frame-size-too-large",
                    Words(f"Quy mô {unit.size} quá lớn.", f"The size {unit.size} is too large."),
                    Words("Nhiều nhất 10000000.", "At most 10000000."),
                    column="size",
                )
            )
    sizes = array("i", (unit.size for unit in units))
    held: dict[str, Column] = {}
    for name in dict.fromkeys((*REQUIRED, *columns)):
        packer = Packer()
        packer.extend(unit.cells.get(name, "") for unit in units)
        held[name] = Whole(sizes) if name == "size" else packer.done()
    return Listed(held, sizes)
