"""What is wrong with the rows of a frame: ids, names, strata, sizes, coordinates."""

from __future__ import annotations

from intake.findings import Faults, Finding, Words
from intake.tables import Row, Table
from intake.text import folded
from sampling.frame.cells import NUMBER, spreadsheet_safe
from sampling.units import check_id, whole_size

REQUIRED = ("unit_id", "unit_name", "province", "stratum", "size")

_COORDINATES = {"lat": 90.0, "lon": 180.0}


def check_rows(table: Table) -> list[Finding]:
    """Return every finding about the columns and rows of a frame."""
    faults = Faults(table.file)
    for column in REQUIRED:
        if column not in table.columns:
            faults.add(
                "column-missing",
                Words(f"Thiếu cột “{column}”.", f"The column '{column}' is missing."),
                Words(f"Cần: {', '.join(REQUIRED)}.", f"Needed: {', '.join(REQUIRED)}."),
                row=1,
                column=column,
            )
    if faults.findings:
        return faults.findings
    if not table.rows:
        faults.add(
            "frame-empty",
            Words("Khung mẫu không có đơn vị nào.", "The frame holds no unit."),
            Words("Mỗi đơn vị một dòng.", "Write one unit a line."),
        )
    seen: dict[str, int] = {}
    for row in table.rows:
        _check_id(row, seen, faults)
        _check_texts(row, faults)
        _check_size(row, faults)
    _check_strata(table, faults)
    return faults.findings


def _check_id(row: Row, seen: dict[str, int], faults: Faults) -> None:
    if not row.cells["unit_id"]:
        faults.add(
            "frame-id-missing",
            Words("Thiếu mã đơn vị.", "The unit has no id."),
            Words("Mỗi đơn vị cần một mã riêng.", "Give each unit an id of its own."),
            row=row.line,
            column="unit_id",
        )
        return
    remedy = Words(
        "Mỗi đơn vị chỉ xuất hiện một lần.", "A unit stands once; remove the other line."
    )
    check_id(row, "unit_id", seen, faults, prefix="frame", remedy=remedy)


def _check_texts(row: Row, faults: Faults) -> None:
    if not row.cells["stratum"]:
        faults.add(
            "frame-stratum-missing",
            Words("Thiếu tầng.", "The unit has no stratum."),
            Words("Ghi tên tầng.", "Write the stratum's name."),
            row=row.line,
            column="stratum",
        )
    elif spreadsheet_safe(row.cells["stratum"]) != row.cells["stratum"]:
        faults.add(
            "frame-stratum-invalid",
            Words(
                f"Tên tầng “{row.cells['stratum']}” bắt đầu như một công thức.",
                f"The stratum's name '{row.cells['stratum']}' begins like a formula.",
            ),
            Words("Bắt đầu bằng chữ hoặc số.", "Begin it with a letter or a digit."),
            row=row.line,
            column="stratum",
        )
    for column, code, words in (
        ("unit_name", "frame-name-missing", Words("Thiếu tên.", "The unit has no name.")),
        ("province", "frame-province-missing", Words("Thiếu tỉnh.", "The province is missing.")),
    ):
        if not row.cells[column]:
            faults.add(
                code,
                words,
                Words("Nên điền để biên bản dễ đọc.", "Fill it in: the minutes show it."),
                row=row.line,
                column=column,
                severity="warning",
            )
    for column, limit in _COORDINATES.items():
        text = row.cells.get(column, "")
        if text and not (NUMBER.match(text) and abs(float(text)) <= limit):
            faults.add(
                "frame-coordinate-invalid",
                Words(f"“{text}” không phải tọa độ.", f"'{text}' is not a coordinate."),
                Words("Ghi độ, dấu chấm thập phân.", "Write degrees with a decimal point."),
                row=row.line,
                column=column,
            )


def _check_size(row: Row, faults: Faults) -> None:
    whole_size(row, "size", faults, "frame")
    if not row.cells["size"]:
        faults.add(
            "frame-size-missing",
            Words("Thiếu quy mô.", "The size is missing."),
            Words("Ghi số nguyên từ 1.", "Write a whole number of at least 1."),
            row=row.line,
            column="size",
        )


def _check_strata(table: Table, faults: Faults) -> None:
    """Note strata whose names a reader would take for one, and those with a single unit."""
    names: dict[str, str] = {}
    counts: dict[str, int] = {}
    for row in table.rows:
        stratum = row.cells["stratum"]
        counts[stratum] = counts.get(stratum, 0) + 1
        first = names.setdefault(folded(stratum), stratum)
        if first != stratum and counts[stratum] == 1:
            faults.add(
                "frame-stratum-ambiguous",
                Words(
                    f"Tầng “{stratum}” và “{first}” chỉ khác kiểu chữ.",
                    f"The strata '{stratum}' and '{first}' differ only in how they are typed.",
                ),
                Words("Dùng một cách viết.", "Write the name in one way."),
                row=row.line,
                column="stratum",
            )
    for stratum, count in counts.items():
        if stratum and count == 1 and len(table.rows) > 1:
            faults.add(
                "frame-stratum-single",
                Words(
                    f"Tầng “{stratum}” chỉ có một đơn vị.",
                    f"The stratum '{stratum}' holds a single unit.",
                ),
                Words(
                    "Chọn chắc chắn đơn vị này hoặc gộp tầng.",
                    "Take it with certainty, or merge the stratum.",
                ),
                column="stratum",
                severity="warning",
            )
