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
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from intake.files import read_at_most
from intake.findings import Faults, IntakeError, Words
from intake.text import forbidden_character, normalized
from intake.workbooks import LAST_COLUMN, archive_is_harmless, broken_workbook, note_sheet

if TYPE_CHECKING:
    import pandas as pd

MAX_ROWS = 200_000
MAX_COLUMNS = 50
MAX_CELL = 1_000
MAX_FAULTS = 200_000
MAX_CSV_BYTES = 50 * 1024 * 1024
# As many characters as a row of fifty full cells takes with every one of them doubled by quotes.
MAX_LINE = MAX_COLUMNS * (2 * MAX_CELL + 3)

_SEPARATORS = (",", ";", "\t")
_FORMULA_START = re.compile("^\\s*[=+\\-@\t\r\x00＝＋－＠]")
_PLAIN_NUMBER = re.compile(r"^-?[0-9]+(\.[0-9]+)?(e-?[0-9]+)?$", re.IGNORECASE)
# What may stand around a cell; other white space is no blank but a forbidden character.
_BLANKS = " \t\n\xa0\u1680\u202f\u205f\u3000" + "".join(map(chr, range(0x2000, 0x200B)))

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
    rows: list[Row] = []
    for number, cells in lines:
        if faults.refuses:
            rows.clear()  # of a file that is refused nobody needs them
        else:
            rows.append(Row(number, dict(zip(columns, cells, strict=True))))
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


def write_data_frame(path: Path, table: pd.DataFrame) -> None:
    """Write a data frame as ``write_csv`` writes rows; what is missing becomes an empty cell."""
    path.parent.mkdir(parents=True, exist_ok=True)
    safe = table.rename(columns=_safe).map(lambda cell: _safe(cell) if type(cell) is str else cell)
    safe.to_csv(path, index=False, lineterminator="\n")


def _safe(cell: object) -> str:
    # A bare CR ends a row for whoever reads the file, and would not be put between quotes.
    text = "" if cell is None else str(cell).replace("\r\n", "\n").replace("\r", "\n")
    if _FORMULA_START.match(text) and not _PLAIN_NUMBER.match(text):
        return "'" + text
    return text


def _lines(path: Path, faults: Faults) -> Iterator[tuple[int, list[str]]]:
    """Return the lines of the file as (number, cells), or note why there are none."""
    try:
        data = read_at_most(path, MAX_CSV_BYTES)
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
    reader = csv.reader(_short_lines(text), delimiter=separator, strict=True)
    # Substrings of a text in NFC are in NFC, and a CR outside quotes ends a line.
    whole = unicodedata.is_normalized("NFC", text) and ("\r" not in text or '"' not in text)
    return _counted(reader, whole, faults)


class _LongLineError(Exception):
    """A line is longer than any row may be."""


def _short_lines(text: str) -> Iterator[str]:
    """Yield the lines of a text; one that would become millions of cells ends the reading."""
    for line in io.StringIO(text, newline=""):
        if len(line) > MAX_LINE:
            raise _LongLineError
        yield line


def _counted(
    reader: Iterator[list[str]], whole: bool, faults: Faults
) -> Iterator[tuple[int, list[str]]]:
    while True:
        line = reader.line_num + 1  # type: ignore[attr-defined]
        try:
            cells = next(reader)
        except StopIteration:
            return
        except _LongLineError:
            faults.add(
                "row-too-long",
                Words(
                    f"Dòng dài hơn {MAX_LINE} ký tự.",
                    f"The line is longer than {MAX_LINE} characters.",
                ),
                Words("Hãy kiểm tra dấu xuống dòng của tệp.", "Check the line ends of the file."),
                row=line,
            )
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
        yield line, [cell.strip(_BLANKS) for cell in (cells if whole else map(normalized, cells))]


def _xlsx_lines(data: bytes, faults: Faults) -> Iterator[tuple[int, list[str]]]:
    if not archive_is_harmless(data, faults):
        return iter(())
    from openpyxl import load_workbook

    try:
        book = load_workbook(io.BytesIO(data), read_only=True, data_only=True, keep_links=False)
    except Exception:  # the library meets odd files with errors of every kind
        broken_workbook(faults)
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
    return _sheet_lines(sheet.iter_rows(values_only=True, max_col=LAST_COLUMN), faults)


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
            broken_workbook(faults)
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
    return normalized(str(value)).strip(_BLANKS)


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
        return
    for column, times in Counter(columns).items():
        _check_cell(column, 1, column[:40], faults)
        if times > 1:
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
