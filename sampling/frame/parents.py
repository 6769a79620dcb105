"""Units inside units, such as villages in communes: each parent named, and in one stratum.

Whether parents are drawn is said by the design and not by the frame. So a parent spread
over strata is a warning when a frame is read, and an error for whoever draws parents.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from intake.findings import Words
from sampling.frame.columns import Column
from sampling.frame.noting import Noting
from sampling.frame.sheets import Sheet

PARENT = "parent_id"
_SHOWN = 5


def note_parents(sheet: Sheet, faults: Noting) -> None:
    """Warn of units without a parent where others have one, and of parents in two strata.

    Parents are taken to lie in strata where there are at least as many of them as strata.
    """
    column = sheet.columns.get(PARENT)
    if column is None or not any(column.counts()):
        return
    for row in column.rows_where(lambda text: not text):
        note_missing(sheet.lines[row], PARENT, faults, "warning")
    held, strata = column.counts(), sheet.columns["stratum"].counts()
    if len(held) >= len(strata):
        note_split(sheet.columns, sheet.lines.__getitem__, PARENT, "stratum", faults, "warning")


def note_missing(line: int | None, parent: str, faults: Noting, severity: str) -> None:
    """Note a unit that lies in no other."""
    faults.add(
        "frame-parent-missing",
        Words("Thiếu đơn vị cấp trên.", "The unit has no parent."),
        Words("Ghi mã đơn vị cấp trên.", "Write the id of the unit it lies in."),
        row=line,
        column=parent,
        severity=severity,
    )


def note_split(
    columns: Mapping[str, Column],
    line_of: Callable[[int], int | None],
    parent: str,
    strata: str,
    faults: Noting,
    severity: str,
) -> None:
    """Note each parent where the first row stands that lies in another stratum than before."""
    seen: dict[str, str] = {}
    split: dict[str, dict[str, None]] = {}
    first: dict[str, int] = {}
    pairs = zip(columns[parent].texts(), columns[strata].texts(), strict=True)
    for row, (name, stratum) in enumerate(pairs):
        if name and stratum and seen.setdefault(name, stratum) != stratum:
            split.setdefault(name, {seen[name]: None})[stratum] = None
            first.setdefault(name, row)
    for name, found in split.items():
        shown = ", ".join(list(found)[:_SHOWN])
        faults.add(
            "frame-parent-split",
            Words(
                f"Đơn vị cấp trên {name} nằm trong {len(found)} tầng: {shown}.",
                f"The parent {name} lies in {len(found)} strata: {shown}.",
            ),
            Words(
                "Để mỗi đơn vị cấp trên trong một tầng nếu sẽ chọn theo đơn vị đó.",
                "Put each parent in one stratum where parents are to be drawn.",
            ),
            row=line_of(first[name]),
            column=strata,
            severity=severity,
        )
