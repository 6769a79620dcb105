"""Numbers, days and ids in the cells of a file: taken as they stand, or reported.

Separators and other ways of writing are never guessed away. An empty cell gives ``None``
without a finding.
"""

from __future__ import annotations

import re
from datetime import date

from intake.findings import Faults, Words
from intake.tables import Row
from intake.text import ID_PATTERN, folded

MAX_SIZE = 10_000_000

_WHOLE = re.compile(r"^[0-9]{1,9}$")
_DECIMAL = re.compile(r"^-?[0-9]{1,9}(\.[0-9]{1,12})?$")


def whole_size(row: Row, column: str, faults: Faults, prefix: str) -> int | None:
    """Return the size in a cell, a whole number of 1 to 10,000,000, or note the fault."""
    text = row.cells.get(column, "")
    if not text:
        return None
    if _WHOLE.match(text) and 1 <= int(text) <= MAX_SIZE:
        return int(text)
    if re.match(r"^-?[0-9]+$", text):
        code = "size-not-positive" if int(text) < 1 else "size-too-large"
    else:
        code = "size-not-whole"
    faults.add(
        f"{prefix}-{code}",
        Words(
            f"“{text}” không phải số nguyên từ 1 đến 10000000.",
            f"'{text}' is not a whole number from 1 to 10000000.",
        ),
        Words(
            "Viết số bằng chữ số, không dấu phân cách hàng nghìn.",
            "Write digits only, without thousands separators.",
        ),
        row=row.line,
        column=column,
    )
    return None


def day_in(row: Row, column: str, faults: Faults) -> date | None:
    """Return the day in a cell, or note the fault."""
    text = row.cells.get(column, "")[:19]
    if not text:
        return None
    try:
        return date.fromisoformat(text.removesuffix(" 00:00:00"))
    except ValueError:
        faults.add(
            "unit-date-invalid",
            Words(f"“{text}” không phải ngày.", f"'{text}' is not a day."),
            Words("Ghi dạng 2025-07-01.", "Write it as 2025-07-01."),
            row=row.line,
            column=column,
        )
        return None


def number_in(
    row: Row, column: str, limits: tuple[float, float], code: str, faults: Faults
) -> float | None:
    """Return the number in a cell when it lies within the limits, or note the fault."""
    text = row.cells.get(column, "")
    if not text:
        return None
    low, high = limits
    if _DECIMAL.match(text) and low <= float(text) <= high:
        return float(text)
    faults.add(
        code,
        Words(
            f"“{text}” không phải số từ {low:g} đến {high:g}.",
            f"'{text}' is not a number from {low:g} to {high:g}.",
        ),
        Words("Dùng dấu chấm thập phân.", "Use a decimal point."),
        row=row.line,
        column=column,
    )
    return None


def check_id(
    row: Row, column: str, seen: dict[str, int], faults: Faults, *, prefix: str, remedy: Words
) -> None:
    """Note an id that is none, or that stands on an earlier line; ``seen`` grows by it.

    ``remedy`` says what to do about an id that stands twice.
    """
    identifier = row.cells[column]
    if not ID_PATTERN.match(identifier):
        faults.add(
            f"{prefix}-id-invalid",
            Words(f"Mã “{identifier}” không hợp lệ.", f"'{identifier}' is not an id."),
            Words(
                "Dùng chữ không dấu, số, dấu chấm, gạch; tối đa 40 ký tự.",
                "Use plain letters, digits, dots and dashes, at most 40.",
            ),
            row=row.line,
            column=column,
        )
    line = seen.setdefault(folded(identifier), row.line)
    if line != row.line:
        faults.add(
            f"{prefix}-id-repeated",
            Words(
                f"Mã “{identifier}” đã có ở dòng {line}.",
                f"The id '{identifier}' already stands on line {line}.",
            ),
            remedy,
            row=row.line,
            column=column,
        )
