"""Frames from files, rows and tables: read by column, checked whole, put in order."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

from intake.findings import Faults, Finding, FrameError, IntakeError
from intake.tables import Table, open_table
from sampling.frame.checks import REQUIRED
from sampling.frame.listing import Frame
from sampling.frame.ordering import also_wrong, listed_of
from sampling.frame.sheets import Sheet, sheet_of, sheet_of_rows

# A special zone or a counter alone in its stratum is meant, and counters stand where their
# unit does: no problems of coverage in a frame that is made from the registry.
_MEANT = ("frame-stratum-single", "frame-coordinates-repeated")


def read_frame(path: Path | str) -> Frame:
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


def check_frame(path: Path | str) -> tuple[Frame | None, list[Finding]]:
    """Return the frame of a file and its findings; no frame where one is an error."""
    path = Path(path)
    faults = Faults(path.name)
    try:
        columns, lines = open_table(path, required=(), faults=faults)
        sheet = sheet_of(path.name, columns, lines)
    except IntakeError as error:
        return None, list(error.findings)
    if faults.findings:
        # What could be read is checked all the same, so that one look mends the file.
        return None, [*faults.findings, *also_wrong(sheet)]
    return _frame_of(sheet)


def check_table(table: Table) -> tuple[Frame | None, list[Finding]]:
    """Return the frame that a table holds and its findings."""
    rows = ((row.line, [row.cells[name] for name in table.columns]) for row in table.rows)
    return _frame_of(sheet_of(table.file, table.columns, rows))


def built(rows: Sequence[Mapping[str, str]], faults: Faults) -> Frame:
    """Return the frame of rows made here, the findings of their making before its own.

    Raises
    ------
    FrameError
        With the findings of both.
    """
    columns = () if rows else REQUIRED
    frame, findings = _frame_of(sheet_of_rows(rows, faults.file or "frame", columns))
    if frame is None:
        raise FrameError([*faults.findings, *findings])
    kept = [finding for finding in findings if finding.code not in _MEANT]
    return Frame.of_columns(frame.listed, (*faults.findings, *kept))


def _frame_of(sheet: Sheet) -> tuple[Frame | None, list[Finding]]:
    listed, findings = listed_of(sheet)
    return (None if listed is None else Frame.of_columns(listed, findings)), findings
