"""Numbers and days in the cells of a file: taken as they stand, or reported.

Separators and other ways of writing are never guessed away. An empty cell gives ``None``
without a finding.
"""

from __future__ import annotations

import re
from datetime import date

from intake.findings import Faults, Words
from intake.tables import Row

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
