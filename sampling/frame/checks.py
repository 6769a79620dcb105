"""What is wrong with the columns of a frame: ids, names, strata, sizes, coordinates.

Errors are looked for in every row. What is only striking (units that look like one,
outlying sizes, places far off) is looked for among the rows without an error.
"""

from __future__ import annotations

from intake.findings import Finding, Words, errors_of
from intake.text import ID_PATTERN, folded
from sampling.frame.cells import spreadsheet_safe
from sampling.frame.columns import repeated
from sampling.frame.likeness import note_alike
from sampling.frame.noting import Noting
from sampling.frame.outlying import note_outlying
from sampling.frame.parents import note_parents
from sampling.frame.places import note_coordinates, note_far_places
from sampling.frame.sheets import Sheet
from sampling.frame.sizes import note_sizes

REQUIRED = ("unit_id", "unit_name", "province", "stratum", "size")


def check_columns(sheet: Sheet) -> list[Finding]:
    """Return every finding about the columns and rows of a frame, in the order of lines."""
    faults = Noting(sheet.file)
    _note_missing_columns(sheet, faults)
    if faults.findings:
        return faults.findings
    if not sheet.count:
        faults.add(
            "frame-empty",
            Words("Khung mẫu không có đơn vị nào.", "The frame holds no unit."),
            Words("Mỗi đơn vị một dòng.", "Write one unit a line."),
        )
        return faults.findings
    _note_ids(sheet, faults)
    _note_strata(sheet, faults)
    _note_blank_names(sheet, faults)
    note_coordinates(sheet, faults)
    note_sizes(sheet, faults)
    note_parents(sheet, faults)
    sound = _sound(sheet, faults)
    note_alike(sound, faults)
    note_outlying(sound, faults)
    note_far_places(sound, faults)
    return faults.in_order()


def _sound(sheet: Sheet, faults: Noting) -> Sheet:
    """Return the rows without an error; all of them where nothing is wrong."""
    wrong = {finding.row for finding in errors_of(faults.findings)}
    if not wrong:
        return sheet
    rows = [row for row, line in enumerate(sheet.lines) if line not in wrong]
    if faults.counts:
        rows = []  # some errors have no finding of their own, so no row is known to be sound
    columns = {name: column.taken(rows) for name, column in sheet.columns.items()}
    return Sheet(sheet.file, columns, [sheet.lines[row] for row in rows], len(rows))


def _note_missing_columns(sheet: Sheet, faults: Noting) -> None:
    near = {folded(name).strip().replace(" ", "_"): name for name in sheet.columns}
    for column in REQUIRED:
        if column not in sheet.columns:
            typed = near.get(column)
            faults.add(
                "column-missing",
                Words(f"Thiếu cột “{column}”.", f"The column '{column}' is missing."),
                Words(f"Đổi tên cột “{typed}”.", f"Rename the column '{typed}'.")
                if typed
                else Words(f"Cần: {', '.join(REQUIRED)}.", f"Needed: {', '.join(REQUIRED)}."),
                row=1,
                column=column,
            )
    if "" in sheet.columns:
        place = list(sheet.columns).index("") + 1
        faults.add(
            "frame-column-unnamed",
            Words(f"Cột thứ {place} không có tên.", f"The column number {place} has no name."),
            Words("Đặt tên hoặc xóa cột đó.", "Name it or delete it."),
            row=1,
        )


def _note_ids(sheet: Sheet, faults: Noting) -> None:
    column = sheet.columns["unit_id"]
    for row in column.rows_where(lambda text: not ID_PATTERN.match(text)):
        text = column[row]
        if text:
            code, message, advice = (
                "frame-id-invalid",
                Words(f"Mã “{text[:80]}” không hợp lệ.", f"'{text[:80]}' is not an id."),
                Words(
                    "Dùng chữ không dấu, số, dấu chấm, gạch; tối đa 40 ký tự.",
                    "Use plain letters, digits, dots and dashes, at most 40.",
                ),
            )
        else:
            code, message, advice = (
                "frame-id-missing",
                Words("Thiếu mã đơn vị.", "The unit has no id."),
                Words("Mỗi đơn vị cần một mã riêng.", "Give each unit an id of its own."),
            )
        faults.add(code, message, advice, row=sheet.lines[row], column="unit_id")
    for rows in repeated(map(folded, column), sheet.count, lambda row: folded(column[row])):
        first = sheet.lines[rows[0]]
        for row in rows[1:] if column[rows[0]] else ():
            faults.add(
                "frame-id-repeated",
                Words(
                    f"Mã “{column[row]}” đã có ở dòng {first}.",
                    f"The id '{column[row]}' already stands on line {first}.",
                ),
                Words(
                    "Mỗi đơn vị chỉ xuất hiện một lần.",
                    "A unit stands once; remove the other line.",
                ),
                row=sheet.lines[row],
                column="unit_id",
            )


def _note_strata(sheet: Sheet, faults: Noting) -> None:
    """Note strata without a name, with one that misleads, and those with a single unit."""
    column = sheet.columns["stratum"]
    for row in column.rows_where(lambda text: not text):
        faults.add(
            "frame-stratum-missing",
            Words("Thiếu tầng.", "The unit has no stratum."),
            Words("Ghi tên tầng.", "Write the stratum's name."),
            row=sheet.lines[row],
            column="stratum",
        )
    for row in column.rows_where(lambda text: spreadsheet_safe(text) != text):
        faults.add(
            "frame-stratum-invalid",
            Words(
                f"Tên tầng “{column[row]}” bắt đầu như một công thức.",
                f"The stratum's name '{column[row]}' begins like a formula.",
            ),
            Words("Bắt đầu bằng chữ hoặc số.", "Begin it with a letter or a digit."),
            row=sheet.lines[row],
            column="stratum",
        )
    counts = column.counts()
    names: dict[str, str] = {}
    typed = {text: names.setdefault(folded(text), text) for text in counts}
    _note_ambiguous(sheet, {text: first for text, first in typed.items() if first != text}, faults)
    for stratum, count in counts.items():
        if stratum and count == 1 and sheet.count > 1:
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


def _note_ambiguous(sheet: Sheet, typed: dict[str, str], faults: Noting) -> None:
    """Note, where each first stands, strata that a reader would take for an earlier one."""
    column = sheet.columns["stratum"]
    said: set[str] = set()
    for row in column.rows_where(typed.__contains__):
        stratum = column[row]
        if stratum in said:
            continue
        said.add(stratum)
        faults.add(
            "frame-stratum-ambiguous",
            Words(
                f"Tầng “{stratum}” và “{typed[stratum]}” chỉ khác kiểu chữ.",
                f"The strata '{stratum}' and '{typed[stratum]}' differ only in how they are typed.",
            ),
            Words("Dùng một cách viết.", "Write the name in one way."),
            row=sheet.lines[row],
            column="stratum",
        )


def _note_blank_names(sheet: Sheet, faults: Noting) -> None:
    for name, code, words in (
        ("unit_name", "frame-name-missing", Words("Thiếu tên.", "The unit has no name.")),
        ("province", "frame-province-missing", Words("Thiếu tỉnh.", "The province is missing.")),
    ):
        for row in sheet.columns[name].rows_where(lambda text: not text):
            faults.add(
                code,
                words,
                Words("Nên điền để biên bản dễ đọc.", "Fill it in: the minutes show it."),
                row=sheet.lines[row],
                column=name,
                severity="warning",
            )
