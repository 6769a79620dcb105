"""What a frame has that another has not."""

from __future__ import annotations

from intake.findings import Faults, Finding, Words
from sampling.frame.listing import Frame
from sampling.given import require


def compare_frames(frame: Frame, against: Frame) -> list[Finding]:
    """Return a warning for each unit that is new, gone, or changed against another frame."""
    require((frame, Frame), (against, Frame))
    faults = Faults()
    for unit_id in sorted({*frame.by_id, *against.by_id}):
        here, there = frame.by_id.get(unit_id), against.by_id.get(unit_id)
        if here is None or there is None:
            code, vi, en = (
                ("frame-unit-gone", "không còn", "is no longer there")
                if here is None
                else ("frame-unit-new", "là mới", "is new")
            )
            faults.add(
                code,
                Words(f"Đơn vị {unit_id} {vi}.", f"The unit {unit_id} {en}."),
                Words("Kiểm tra lý do.", "See whether that is meant."),
                severity="warning",
            )
            continue
        changed = [
            column
            for column in dict.fromkeys((*frame.columns, *against.columns))
            if here.cells.get(column, "") != there.cells.get(column, "")
        ]
        for column in changed:
            faults.add(
                "frame-unit-changed",
                Words(
                    f"Đơn vị {unit_id}, cột {column}: “{there.cells.get(column, '')}” → "
                    f"“{here.cells.get(column, '')}”.",
                    f"The unit {unit_id} had '{there.cells.get(column, '')}' in '{column}', "
                    f"now '{here.cells.get(column, '')}'.",
                ),
                Words("Kiểm tra lý do.", "See whether that is meant."),
                column=column,
                severity="warning",
            )
    return faults.findings
