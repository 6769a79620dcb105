"""Units that look like the same unit under two ids."""

from __future__ import annotations

from collections.abc import Sequence

from intake.findings import Words
from intake.text import folded
from sampling.frame.columns import repeated
from sampling.frame.noting import Noting
from sampling.frame.sheets import Sheet

_SHOWN = 5


def note_alike(sheet: Sheet, faults: Noting) -> None:
    """Warn of units with one name, province and parent, once for each group of them."""
    columns = [
        sheet.columns[name]
        for name in ("unit_name", "province", "parent_id")
        if name in sheet.columns
    ]
    named = columns[0]
    for rows in repeated(
        (_key(*texts) for texts in zip(*columns, strict=True)),
        sheet.count,
        lambda row: _key(*(column[row] for column in columns)),
    ):
        if not named[rows[0]]:
            continue  # a unit without a name is like no other
        first, second = rows[0], rows[1]
        faults.add(
            "frame-units-alike",
            Words(
                f"“{named[second]}” cùng tên, tỉnh và đơn vị cấp trên với dòng "
                f"{sheet.lines[first]}; {_listed(sheet, rows)}: có vẻ là một đơn vị.",
                f"'{named[second]}' has the name, province and parent of line "
                f"{sheet.lines[first]}; {_listed(sheet, rows)} look like the same unit.",
            ),
            Words(
                "Bỏ dòng thừa, hoặc ghi tên để phân biệt.",
                "Remove the surplus line, or give each a name of its own.",
            ),
            row=sheet.lines[second],
            column="unit_name",
            severity="warning",
        )


def _key(name: str, *places: str) -> tuple[str, ...]:
    return (folded(name), *places)


def _listed(sheet: Sheet, rows: Sequence[int]) -> str:
    ids = sheet.columns["unit_id"]
    shown = ", ".join(ids[row] for row in rows[:_SHOWN])
    return f"{shown}, … ({len(rows)})" if len(rows) > _SHOWN else shown
