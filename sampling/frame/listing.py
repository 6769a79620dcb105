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
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from intake.findings import Faults, Finding, FrameError, IntakeError, errors_of
from intake.tables import Row, Table, read_table
from sampling.frame.cells import spreadsheet_safe, text_of
from sampling.frame.checks import REQUIRED, check_rows

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True)
class FrameUnit:
    """One unit that can be drawn; ``cells`` holds every column as text."""

    unit_id: str
    unit_name: str
    province: str
    stratum: str
    size: int
    cells: Mapping[str, str]


@dataclass(frozen=True)
class Frame:
    """The units that can be drawn, sorted by id, and what was noticed about them."""

    units: tuple[FrameUnit, ...]
    columns: tuple[str, ...] = REQUIRED
    findings: tuple[Finding, ...] = field(default=(), compare=False)

    @cached_property
    def by_id(self) -> dict[str, FrameUnit]:
        """The units by their id."""
        return {unit.unit_id: unit for unit in self.units}

    @cached_property
    def strata(self) -> dict[str, tuple[FrameUnit, ...]]:
        """The units of each stratum, strata sorted by name."""
        return self.by_column("stratum")

    def by_column(self, column: str) -> dict[str, tuple[FrameUnit, ...]]:
        """Return the units by the value of a column, values sorted."""
        groups: dict[str, list[FrameUnit]] = {}
        for unit in self.units:
            groups.setdefault(unit.cells.get(column, ""), []).append(unit)
        return {name: tuple(groups[name]) for name in sorted(groups)}

    @property
    def total_size(self) -> int:
        """The sum of all sizes."""
        return sum(unit.size for unit in self.units)

    @cached_property
    def canonical(self) -> bytes:
        """The bytes of the canonical CSV file."""
        text = io.StringIO()
        writer = csv.writer(text, lineterminator="\n")
        writer.writerow(self.columns)
        writer.writerows(
            [unit.cells.get(column, "") for column in self.columns] for unit in self.units
        )
        return text.getvalue().encode("utf-8")

    @cached_property
    def sha256(self) -> str:
        """``H_frame``: the SHA-256 of the canonical CSV, in lower-case hexadecimal."""
        return hashlib.sha256(self.canonical).hexdigest()

    @property
    def summary(self) -> dict[str, object]:
        """``units``, ``total_size``, ``strata`` (their number) and ``sha256``."""
        return {
            "units": len(self.units),
            "total_size": self.total_size,
            "strata": len(self.strata),
            "sha256": self.sha256,
        }

    @property
    def table(self) -> pd.DataFrame:
        """The frame as a data frame: text columns, ``size`` as whole numbers."""
        import pandas as pd

        columns = {name: [unit.cells.get(name, "") for unit in self.units] for name in self.columns}
        return pd.DataFrame(columns).assign(size=[unit.size for unit in self.units])

    @classmethod
    def from_rows(cls, rows: Sequence[Mapping[str, object]], name: str = "frame") -> Frame:
        """Make a frame from mappings of column to value, checked as a file would be.

        Raises
        ------
        FrameError
            With every fault; ``row`` counts as in a file whose header is line 1.
        """
        frame, findings = check_table(_table_of(rows, name))
        if frame is None:
            raise FrameError(findings)
        return frame


def read_frame(path: Path) -> Frame:
    """Read a frame from CSV or XLSX; refuse it with every fault at once.

    Raises
    ------
    FrameError
        With all findings: limits, ids, sizes, strata, coordinates.
    """
    frame, findings = check_frame(path)
    if frame is None:
        raise FrameError(findings)
    return frame


def check_frame(path: Path) -> tuple[Frame | None, list[Finding]]:
    """Return the frame of a file and its findings; no frame where one is an error."""
    try:
        table = read_table(path, required=REQUIRED, optional=None)
    except IntakeError as error:
        return None, list(error.findings)
    return check_table(table)


def check_table(table: Table) -> tuple[Frame | None, list[Finding]]:
    """Return the frame that a table holds and its findings."""
    findings = check_rows(table)
    if errors_of(findings):
        return None, findings
    units = []
    for row in table.rows:
        # Neutralised here and not when written, so that a frame read back is the same frame.
        cells = {spreadsheet_safe(name): spreadsheet_safe(text) for name, text in row.cells.items()}
        size = int(cells["size"])
        cells["size"] = str(size)
        unit_id, name, province, stratum = (cells[column] for column in REQUIRED[:4])
        units.append(FrameUnit(unit_id, name, province, stratum, size, cells))
    columns = (*REQUIRED, *sorted(set(map(spreadsheet_safe, table.columns)) - set(REQUIRED)))
    ordered = tuple(sorted(units, key=lambda unit: unit.unit_id))
    return Frame(ordered, columns, tuple(findings)), findings


def write_frame(frame: Frame, path: Path) -> None:
    """Write the canonical CSV, whose SHA-256 is the frame's."""
    path.write_bytes(frame.canonical)


def built(rows: Sequence[Mapping[str, str]], faults: Faults) -> Frame:
    """Return the frame of rows made here, the findings of their making before its own.

    Raises
    ------
    FrameError
        With the findings of both.
    """
    frame, findings = check_table(_table_of(rows, faults.file or "frame", () if rows else REQUIRED))
    if frame is None:
        raise FrameError([*faults.findings, *findings])
    # A special zone or a counter alone in its stratum is meant, not a problem of coverage.
    kept = [finding for finding in findings if finding.code != "frame-stratum-single"]
    return Frame(frame.units, frame.columns, (*faults.findings, *kept))


def _table_of(
    rows: Sequence[Mapping[str, object]], name: str, columns: Sequence[str] = ()
) -> Table:
    """Return a table of mappings, its rows counted as in a file whose header is line 1."""
    columns = tuple(dict.fromkeys((*columns, *(column for row in rows for column in row))))
    lines = tuple(
        Row(line, {column: text_of(row.get(column)) for column in columns})
        for line, row in enumerate(rows, start=2)
    )
    return Table(name, columns, lines)
