"""The list of units that closed in mid-fieldwork."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from intake.findings import DrawError, Faults, Words
from intake.tables import read_table

COLUMNS = ("unit_id", "date", "reason")


@dataclass(frozen=True)
class Closure:
    """One unit that closed, from which day, and why; ``line`` is its line of the file."""

    unit_id: str
    on: date
    reason: str
    line: int


def read_closures(path: Path) -> tuple[Closure, ...]:
    """Read closures (CSV, XLSX) with the columns unit_id, date (yyyy-mm-dd) and reason.

    Raises
    ------
    IntakeError, DrawError
        With every fault of the file.
    """
    table = read_table(path, required=COLUMNS, optional=None)
    return closures_of(((row.line, row.cells) for row in table.rows), table.file)


def closures_of(
    rows: Iterable[tuple[int, Mapping[str, str]]], file: str = "closures"
) -> tuple[Closure, ...]:
    """Return the closures of numbered rows.

    Raises
    ------
    DrawError
        A unit stands twice, a day is none, a reason is missing, or there is no row at all.
    """
    faults = Faults(file)
    seen: dict[str, int] = {}
    found: list[Closure] = []
    for line, cells in rows:
        name, reason = cells.get("unit_id", ""), cells.get("reason", "").strip()
        if name in seen:
            faults.add(
                "revision-closure-repeated",
                Words(
                    f"{name} đã ghi ở dòng {seen[name]}.", f"{name} stands in line {seen[name]}."
                ),
                Words("Mỗi đơn vị ghi một lần.", "A unit closes once."),
                row=line,
                column="unit_id",
            )
        seen.setdefault(name, line)
        if not reason:
            faults.add(
                "revision-closure-without-reason",
                Words(f"{name}: thiếu lý do.", f"{name}: the reason is missing."),
                Words("Ghi lý do, ví dụ: ngập lụt.", "Say why, such as: flood."),
                row=line,
                column="reason",
            )
        on = _day(cells.get("date", ""), line, faults)
        found.append(Closure(name, on, reason, line))
    if not found:
        faults.add(
            "revision-closures-missing",
            Words("Danh sách không có đơn vị nào.", "The list names no unit."),
            Words("Ghi mỗi đơn vị đóng cửa một dòng.", "Write one closed unit a line."),
        )
    faults.raise_as(DrawError)
    return tuple(found)


def _day(text: str, line: int, faults: Faults) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        faults.add(
            "revision-date-invalid",
            Words(f"“{text}” không phải ngày.", f"'{text}' is no date."),
            Words("Ghi năm-tháng-ngày: 2026-03-02.", "Write year-month-day: 2026-03-02."),
            row=line,
            column="date",
        )
        return date.min
