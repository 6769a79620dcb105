"""Tables from outside (CSV and XLSX) as rows of text, and tables to outside as safe CSV.

A table that breaks a limit, an encoding or a character rule is refused whole, with all
its faults. Cells are text in NFC, stripped at both ends; what a cell means is left to
the module that asked for the table.
"""

from __future__ import annotations

import csv
import io
import re
import unicodedata
import zipfile
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

from intake.findings import Faults, IntakeError, Words
from intake.text import folded, forbidden_character, normalized

MAX_ROWS = 200_000
MAX_COLUMNS = 50
MAX_CELL = 1_000
MAX_FAULTS = 200_000
MAX_CSV_BYTES = 50 * 1024 * 1024
MAX_PACKED = 5 * 1024 * 1024
MAX_UNPACKED = 50 * 1024 * 1024
MAX_MEMBERS = 200
MAX_RATIO = 100
RATIO_FROM = 1024 * 1024

_SEPARATORS = (",", ";", "\t")
_FORMULA_START = re.compile("^\\s*[=+\\-@\t\r\x00＝]")
_PLAIN_NUMBER = re.compile(r"^-?[0-9]+(\.[0-9]+)?(e-?[0-9]+)?$", re.IGNORECASE)
_FORBIDDEN_MEMBER = re.compile(r"(^|/)\.\.(/|$)|vbaProject|externalLinks/", re.IGNORECASE)

# What hides cells of a sheet from its reader, and where.
_MARKS = re.compile(
    rb'<(?:row|col)\b[^>]*\bhidden="(?:1|true)"[^>]*>|<mergeCell\b[^>]*>', re.IGNORECASE
)
_PLACE = re.compile(rb'\b(r|min|ref)="([A-Za-z0-9:$]{1,20})"')

_ROW = re.compile(rb'<row\b[^>]*?\br="([^"]{0,12})')

SaveAsUtf8 = Words("Hãy lưu lại tệp dưới dạng CSV UTF-8.", "Save the file as CSV UTF-8.")


@dataclass(frozen=True)
class Row:
    """One line of a table: its line number in the file and its cells by column."""

    line: int
    cells: Mapping[str, str]


@dataclass(frozen=True)
class Table:
    """A table as it was read: the file's name, its columns, its rows of text."""

    file: str
    columns: tuple[str, ...]
    rows: tuple[Row, ...]


def read_table(
    path: Path | str,
    *,
    required: Sequence[str],
    optional: Sequence[str] | None = None,
    most_columns: int = MAX_COLUMNS,
) -> Table:
    """Read a CSV or XLSX file whose header holds the required columns.

    Parameters
    ----------
    path
        The file. ``.xlsx`` is read as a workbook with one visible sheet, anything else as
        CSV in UTF-8 (a BOM is allowed) with ``,``, ``;`` or tab between the cells.
    required
        Columns that must be there.
    optional
        Further columns that may be there; ``None`` keeps every other column, and an empty
        sequence reports them.
    most_columns
        Where a table has more, it is refused. A workbook is read to its hundredth column.

    Raises
    ------
    IntakeError
        With every fault of the file: missing file, encoding, limits, header, characters.
    """
    path = Path(path)
    faults = Faults(path.name)
    columns, lines = open_table(
        path, required=required, optional=optional, faults=faults, most_columns=most_columns
    )
    rows = [Row(number, dict(zip(columns, cells, strict=True))) for number, cells in lines]
    faults.raise_as(IntakeError)
    return Table(path.name, columns, tuple(rows))


def open_table(
    path: Path,
    *,
    required: Sequence[str],
    optional: Sequence[str] | None = None,
    faults: Faults,
    most_columns: int = MAX_COLUMNS,
) -> tuple[tuple[str, ...], Iterator[tuple[int, list[str]]]]:
    """Return the columns of a file and its sound rows as (line, cells), read one by one.

    Faults of rows are noted while they are read, so ``faults`` is looked at when the rows
    are through. Parameters are those of ``read_table``.

    Raises
    ------
    IntakeError
        The file cannot be read at all, or its header is wrong.
    """
    lines = _lines(path, faults)
    faults.raise_as(IntakeError)
    header = next(lines, None)
    if header is None:
        faults.raise_as(IntakeError)
        faults.add(
            "table-empty",
            Words("Tệp không có dòng nào.", "The file has no line."),
            Words("Dòng đầu phải là tên cột.", "The first line must hold the column names."),
        )
        raise IntakeError(faults.findings)
    columns = tuple(header[1])
    _check_header(columns, required, optional, faults, most_columns)
    return columns, _sound_rows(lines, columns, faults)


def _sound_rows(
    lines: Iterator[tuple[int, list[str]]], columns: tuple[str, ...], faults: Faults
) -> Iterator[tuple[int, list[str]]]:
    width = len(columns)
    count = 0
    for number, cells in lines:
        if count >= MAX_ROWS:
            faults.add(
                "table-too-long",
                Words(f"Tệp có hơn {MAX_ROWS} dòng.", f"The file has more than {MAX_ROWS} rows."),
                Words("Hãy chia tệp nhỏ hơn.", "Split the file."),
                row=number,
            )
            return
        if not any(cells):
            continue
        if len(faults.findings) >= MAX_FAULTS:
            faults.add(
                "table-too-many-faults",
                Words(
                    f"Đã có {MAX_FAULTS} lỗi; phần sau chưa được xem.",
                    f"There are {MAX_FAULTS} faults; the rest was not looked at.",
                ),
                Words("Sửa các lỗi đã nêu rồi kiểm tra lại.", "Mend those named, then check."),
                row=number,
            )
            return
        count += 1
        if len(cells) != width:
            faults.add(
                "row-length",
                Words(
                    f"Dòng có {len(cells)} ô, tiêu đề có {width} cột.",
                    f"The row has {len(cells)} cells, the header {width} columns.",
                ),
                Words(
                    "Ô có chứa dấu phân cách phải đặt trong dấu nháy kép.",
                    "Put cells that hold a separator in double quotes.",
                ),
                row=number,
            )
            continue
        # One look at the row spares a look at each of its cells.
        text = " ".join(cells)
        if len(text) > MAX_CELL or forbidden_character(text):
            for column, cell in zip(columns, cells, strict=True):
                _check_cell(cell, number, column, faults)
        yield number, cells


def write_csv(path: Path, columns: Sequence[str], rows: Iterable[Sequence[object]]) -> None:
    """Write a CSV file (UTF-8, line feeds, RFC 4180) that no spreadsheet will run as formulas.

    ``None`` becomes an empty cell. A text that a spreadsheet could take for a formula gets
    a leading apostrophe; numbers stay numbers.
    """
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow([_safe(column) for column in columns])
        writer.writerows([_safe(cell) for cell in row] for row in rows)


def _safe(cell: object) -> str:
    text = "" if cell is None else str(cell)
    if _FORMULA_START.match(text) and not _PLAIN_NUMBER.match(text):
        return "'" + text
    return text


def _lines(path: Path, faults: Faults) -> Iterator[tuple[int, list[str]]]:
    """Return the lines of the file as (number, cells), or note why there are none."""
    try:
        data = path.read_bytes()
    except OSError:
        faults.add(
            "file-missing",
            Words(f"Không đọc được tệp {path}.", f"The file {path} cannot be read."),
            Words("Hãy kiểm tra đường dẫn.", "Check the path."),
        )
        return iter(())
    if path.suffix.lower() == ".xlsx" or data[:4] == b"PK\x03\x04":
        return _xlsx_lines(data, faults)
    return _csv_lines(data, faults)


def _csv_lines(data: bytes, faults: Faults) -> Iterator[tuple[int, list[str]]]:
    if len(data) > MAX_CSV_BYTES:
        faults.add(
            "file-too-large",
            Words("Tệp lớn hơn 50 MiB.", "The file is larger than 50 MiB."),
            Words("Hãy chia tệp nhỏ hơn.", "Split the file."),
        )
        return iter(())
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        faults.add(
            "encoding-not-utf8",
            Words("Tệp không phải UTF-8.", "The file is not UTF-8."),
            SaveAsUtf8,
            row=data[: error.start].count(b"\n") + 1,
        )
        return iter(())
    if "\x00" in text:
        faults.add(
            "character-forbidden",
            Words("Tệp có ký tự NUL.", "The file holds a NUL character."),
            SaveAsUtf8,
            row=text[: text.index("\x00")].count("\n") + 1,
        )
        return iter(())
    first = text.split("\n", 1)[0]
    separator = max(_SEPARATORS, key=first.count)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=separator, strict=True)
    # Substrings of a text in NFC are in NFC, and a CR outside quotes ends a line.
    whole = unicodedata.is_normalized("NFC", text) and ("\r" not in text or '"' not in text)
    return _counted(reader, whole, faults)


def _counted(
    reader: Iterator[list[str]], whole: bool, faults: Faults
) -> Iterator[tuple[int, list[str]]]:
    while True:
        line = reader.line_num + 1  # type: ignore[attr-defined]
        try:
            cells = next(reader)
        except StopIteration:
            return
        except csv.Error:
            faults.add(
                "csv-broken",
                Words("Dấu nháy kép không khép đúng.", "The double quotes do not match."),
                Words(
                    "Hãy viết dấu nháy kép bên trong ô thành hai dấu.",
                    "Write a double quote inside a cell as two.",
                ),
                row=line,
            )
            return
        yield line, list(map(str.strip, cells if whole else map(normalized, cells)))


def _xlsx_lines(data: bytes, faults: Faults) -> Iterator[tuple[int, list[str]]]:
    if not archive_is_harmless(data, faults):
        return iter(())
    from defusedxml.common import DefusedXmlException
    from openpyxl import load_workbook

    try:
        book = load_workbook(io.BytesIO(data), read_only=True, data_only=True, keep_links=False)
    except (DefusedXmlException, KeyError, ValueError, OSError, SyntaxError, TypeError):
        _broken_workbook(faults)
        return iter(())
    sheets = [sheet for sheet in book.worksheets if sheet.sheet_state == "visible"]
    if len(sheets) != 1:
        faults.add(
            "xlsx-sheets",
            Words(
                f"Tệp có {len(sheets)} trang tính hiển thị, cần đúng một.",
                f"The workbook has {len(sheets)} visible sheets; exactly one is read.",
            ),
            Words("Hãy để lại một trang tính.", "Keep one sheet."),
        )
        return iter(())
    sheet = sheets[0]
    note_sheet(data, str(vars(sheet)["_worksheet_path"]), faults)
    # The size that a sheet gives of itself may be a lie, and would be read to its end.
    sheet.reset_dimensions()
    return _sheet_lines(sheet.iter_rows(values_only=True, max_col=2 * MAX_COLUMNS), faults)


def note_sheet(data: bytes, member: str, faults: Faults) -> None:
    """Note rows out of order, rows and columns that are hidden, cells that are merged."""
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        sheet = archive.read(member.lstrip("/"))
    numbers = [int(number) if number.isdigit() else -1 for number in _ROW.findall(sheet)]
    if any(one >= other for one, other in pairwise([0, *numbers])):
        _broken_workbook(faults)  # rows out of order would be passed over in silence
    for mark in _MARKS.findall(sheet):
        if len(faults.findings) >= MAX_FAULTS:
            return
        place = _PLACE.search(mark)
        where = place.group(2).decode("ascii", "replace") if place else "?"
        if mark.startswith(b"<mergeCell"):
            faults.add(
                "xlsx-merged",
                Words(f"Các ô {where} bị gộp.", f"The cells {where} are merged."),
                Words("Bỏ gộp ô và điền từng ô.", "Unmerge them and fill each cell."),
                row=_row_of(where),
            )
        elif mark.startswith(b"<col"):
            faults.add(
                "xlsx-hidden",
                Words(f"Cột thứ {where} bị ẩn.", f"The column number {where} is hidden."),
                Words("Cho hiện hoặc xóa cột đó.", "Show it or delete it."),
            )
        else:
            faults.add(
                "xlsx-hidden",
                Words("Dòng bị ẩn hoặc bị lọc.", "The row is hidden or filtered out."),
                Words("Bỏ lọc, cho hiện hoặc xóa dòng đó.", "Show it or delete it."),
                row=_row_of(where),
            )


def _row_of(reference: str) -> int | None:
    digits = reference.split(":")[0].lstrip("ABCDEFGHIJKLMNOPQRSTUVWXYZ$")
    return int(digits) if digits.isdecimal() and len(digits) < 8 else None


def _sheet_lines(
    rows: Iterator[tuple[object, ...]], faults: Faults
) -> Iterator[tuple[int, list[str]]]:
    width: int | None = None
    number = 0
    while True:
        number += 1
        try:
            values = next(rows)
        except StopIteration:
            return
        except Exception:
            _broken_workbook(faults)
            return
        if number > MAX_ROWS + 1:
            # Empty rows count here: a sheet may name a last row that nobody would reach.
            faults.add(
                "table-too-long",
                Words(f"Tệp có hơn {MAX_ROWS} dòng.", f"The file has more than {MAX_ROWS} rows."),
                Words("Hãy chia tệp, xóa các dòng trống.", "Split the file, delete empty rows."),
                row=number,
            )
            return
        cells = [_cell_text(value) for value in values]
        while cells and not cells[-1] and (width is None or len(cells) > width):
            cells.pop()
        if width is None:
            width = len(cells)
        yield number, cells + [""] * (width - len(cells)) if any(cells) else []


def _cell_text(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return normalized(str(value)).strip()


def archive_is_harmless(data: bytes, faults: Faults) -> bool:
    """Tell whether a workbook may be opened; note why not: too large, macros, links, a bomb."""
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            members = archive.infolist()
            reason = _archive_fault(data, archive, members)
    except (zipfile.BadZipFile, OSError, RuntimeError, NotImplementedError, EOFError, ValueError):
        _broken_workbook(faults)
        return False
    if reason:
        faults.add(
            "xlsx-refused",
            reason,
            Words(
                "Hãy lưu lại bảng thành tệp .xlsx mới, không macro, không liên kết ngoài.",
                "Save the table as a new .xlsx file without macros or external links.",
            ),
        )
    return reason is None


def _archive_fault(
    data: bytes, archive: zipfile.ZipFile, members: list[zipfile.ZipInfo]
) -> Words | None:
    names = [folded(member.filename) for member in members]
    if len(data) > MAX_PACKED:
        return Words("Tệp lớn hơn 5 MiB.", "The file is larger than 5 MiB.")
    if len(members) > MAX_MEMBERS or len(set(names)) != len(names):
        return Words("Cấu trúc tệp bất thường.", "The archive has too many or repeated members.")
    if any(_FORBIDDEN_MEMBER.search(member.filename) for member in members):
        return Words("Tệp có macro hoặc liên kết ngoài.", "The file has macros or external links.")
    total = 0
    for member in members:
        unpacked = _unpacked_size(archive, member, MAX_UNPACKED - total)
        total += unpacked
        if total > MAX_UNPACKED:
            return Words("Tệp giải nén quá lớn.", "The file unpacks to more than 50 MiB.")
        if unpacked > RATIO_FROM and unpacked > MAX_RATIO * max(member.compress_size, 1):
            return Words("Tệp nén bất thường.", "A member is packed more than a hundredfold.")
        if member.filename.endswith(".rels") and _leads_out(archive.read(member)):
            return Words("Tệp có liên kết ngoài.", "The file has links to elsewhere.")
    return None


def _leads_out(relations: bytes) -> bool:
    """Tell whether relations lead out of the workbook, links that a reader may click left aside."""
    outside = re.findall(rb"<[^<>]*External[^<>]*>", relations)
    return any(b"/hyperlink" not in relation for relation in outside)


def _unpacked_size(archive: zipfile.ZipFile, member: zipfile.ZipInfo, limit: int) -> int:
    """Count what a member really unpacks to: the size in its header may be a lie."""
    size = 0
    head = b""
    with archive.open(member) as stream:
        while chunk := stream.read(1 << 16):
            head = head or chunk
            size += len(chunk)
            if size > limit:
                return size
    if b"<!DOCTYPE" in head or b"<!ENTITY" in head:
        raise ValueError("a DTD inside a workbook")
    return size


def _broken_workbook(faults: Faults) -> None:
    faults.add(
        "xlsx-broken",
        Words("Không đọc được bảng tính.", "The workbook cannot be read."),
        Words("Hãy lưu lại thành tệp .xlsx mới.", "Save it as a new .xlsx file."),
    )


def tell_repeated(
    column: str, header: Sequence[str], faults: Faults, sheet: str | None = None
) -> None:
    """Report a column whose name stands more than once in the header of a table."""
    if header.count(column) > 1:
        faults.add(
            "column-repeated",
            Words(f"Cột “{column}” bị lặp.", f"The column '{column}' stands twice."),
            Words("Hãy để mỗi cột một tên.", "Give each column its own name."),
            row=1,
            column=column,
            path=sheet,
        )


def _check_header(
    columns: tuple[str, ...],
    required: Sequence[str],
    optional: Sequence[str] | None,
    faults: Faults,
    most: int,
) -> None:
    if len(columns) > most:
        faults.add(
            "table-too-wide",
            Words(f"Tệp có {len(columns)} cột.", f"The file has {len(columns)} columns."),
            Words(f"Tối đa {most} cột.", f"At most {most} are read."),
            row=1,
        )
    for column in dict.fromkeys(columns):
        tell_repeated(column, columns, faults)
    for column in required:
        if column not in columns:
            faults.add(
                "column-missing",
                Words(f"Thiếu cột “{column}”.", f"The column '{column}' is missing."),
                Words(
                    f"Cần các cột: {', '.join(required)}.",
                    f"These columns are needed: {', '.join(required)}.",
                ),
                row=1,
                column=column,
            )
    known = None if optional is None else {*required, *optional}
    for column in columns if known is not None else ():
        if known is not None and column not in known:
            faults.add(
                "column-unknown",
                Words(f"Không hiểu cột “{column}”.", f"The column '{column}' is not known."),
                Words("Hãy bỏ cột này.", "Remove it."),
                row=1,
                column=column,
            )


def _check_cell(cell: str, row: int, column: str, faults: Faults) -> None:
    if len(cell) > MAX_CELL:
        faults.add(
            "cell-too-long",
            Words(f"Ô có {len(cell)} ký tự.", f"The cell has {len(cell)} characters."),
            Words(f"Tối đa {MAX_CELL}.", f"At most {MAX_CELL} are read."),
            row=row,
            column=column,
        )
    bad = forbidden_character(cell)
    if bad:
        faults.add(
            "character-forbidden",
            Words(f"Ô có ký tự không cho phép {bad}.", f"The cell holds the character {bad}."),
            Words("Hãy gõ lại ô này.", "Type the cell anew."),
            row=row,
            column=column,
        )
