"""The log of replacements: which case fell out, why, and when."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from intake.findings import DrawError, Faults, Words
from intake.tables import read_table
from sampling.revision.reasons import REASONS

COLUMNS = ("unit_id", "reason", "date")


@dataclass(frozen=True)
class Entry:
    """One case that fell out; ``line`` is its line of the file."""

    unit_id: str
    reason: str
    on: date
    line: int
    note: str = ""


def read_log(path: Path) -> tuple[Entry, ...]:
    """Read a log (CSV, XLSX) with the columns unit_id, reason, date (yyyy-mm-dd) and note.

    Raises
    ------
    IntakeError, DrawError
        With every fault of the file.
    """
    table = read_table(path, required=COLUMNS, optional=None)
    rows = [(row.line, row.cells) for row in table.rows]
    return entries_of(rows, table.file)


def entries_of(
    rows: Iterable[tuple[int, Mapping[str, str]]], file: str = "log"
) -> tuple[Entry, ...]:
    """Return the entries of numbered rows, in their order.

    Raises
    ------
    DrawError
        A reason or a date is not understood, or a case stands twice; all of them at once.
    """
    faults = Faults(file)
    seen: dict[str, int] = {}
    found: list[Entry] = []
    for line, cells in rows:
        unit_id, reason = cells.get("unit_id", ""), cells.get("reason", "")
        if unit_id in seen:
            faults.add(
                "revision-case-repeated",
                Words(
                    f"{unit_id} đã ghi ở dòng {seen[unit_id]}.",
                    f"{unit_id} stands already in line {seen[unit_id]}.",
                ),
                Words("Mỗi trường hợp ghi một lần.", "A case falls out once."),
                row=line,
                column="unit_id",
            )
        seen.setdefault(unit_id, line)
        if reason not in REASONS:
            faults.add(
                "revision-reason-unknown",
                Words(f"Không có lý do “{reason}”.", f"'{reason}' is no reason."),
                Words(f"Dùng: {', '.join(REASONS)}.", f"Use one of: {', '.join(REASONS)}."),
                row=line,
                column="reason",
            )
        try:
            on = date.fromisoformat(cells.get("date", ""))
        except ValueError:
            on = date.min
            faults.add(
                "revision-date-invalid",
                Words(f"“{cells.get('date', '')}” không phải ngày.", "The date is none."),
                Words("Ghi năm-tháng-ngày: 2026-03-02.", "Write year-month-day: 2026-03-02."),
                row=line,
                column="date",
            )
        found.append(Entry(unit_id, reason, on, line, cells.get("note", "")))
    faults.raise_as(DrawError)
    return tuple(found)
