"""From the bytes of an XLSForm workbook to its sheets as text; nothing in it is trusted.

The archive is looked at before any reader sees it: size, bombs, macros, links to elsewhere, DTDs.
Cells become text by pyxform's own functions, so that they read here as they do there.
"""

from __future__ import annotations

import io
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from intake.findings import Faults, IntakeError, Words
from intake.tables import tell_repeated
from intake.text import forbidden_character, normalized
from intake.workbooks import MAX_PACKED, archive_is_harmless, note_sheet
from questionnaires.exchange.compound import MacroError, workbook_stream
from questionnaires.exchange.faults import (
    refuse_workbook,
    say_broken,
    say_hidden,
    say_no_survey,
    say_no_workbook,
)

SHEETS = ("survey", "choices", "settings")
UNREAD = ("external_choices", "entities", "osm")
"""Sheets that change what a form asks and that no questionnaire here can hold."""

MAX_ROWS = 5_000
MAX_COLUMNS = 200
MAX_CELL = 32_767
MAX_SHEETS = 20
MAX_TEXT = 4_000_000
"""Characters of a sheet: one long text may be shared by a million cells."""

_ZIP, _OLE = b"PK\x03\x04", bytes.fromhex("D0CF11E0A1B11AE1")


@dataclass(frozen=True)
class Sheet:
    """One sheet: its header in order, and its rows as (number in the sheet, cells by header)."""

    name: str
    header: tuple[str, ...] = ()
    rows: tuple[tuple[int, Mapping[str, str]], ...] = ()


def open_form(path: Path) -> dict[str, Sheet]:
    """Return the sheets of an XLSForm workbook by name; those that are not there are empty.

    Raises
    ------
    IntakeError
        With every fault: file missing or too large, no workbook, macros, a bomb, hidden or merged
        cells, too many rows, forbidden characters, a sheet that cannot be held.
    """
    faults = Faults(path.name)
    data = _bytes(path, faults)
    faults.raise_as(IntakeError)
    found: dict[str, Sheet] = {}
    names: list[str] = []
    try:
        for name, sheet in _sheets_of(data, faults):
            names.append(name)
            if sheet is not None:
                found[name] = sheet
    except (IntakeError, ImportError):
        raise
    except Exception:  # readers of workbooks fail in many ways on hostile bytes
        say_broken(faults)
    faults.raise_as(IntakeError)
    _check_names(names, faults)
    if "survey" not in found and len(found) == 1:
        found = {"survey": replace(next(iter(found.values())), name="survey")}
    if not found.get("survey", Sheet("")).rows:
        say_no_survey(faults)
    faults.raise_as(IntakeError)
    return {name: found.get(name, Sheet(name)) for name in SHEETS}


def _bytes(path: Path, faults: Faults) -> bytes:
    try:
        with path.open("rb") as file:
            data = file.read(MAX_PACKED + 1)
    except OSError:
        faults.add(
            "file-missing",
            Words(f"Không đọc được tệp {path}.", f"The file {path} cannot be read."),
            Words("Hãy kiểm tra đường dẫn.", "Check the path."),
        )
        return b""
    if len(data) > MAX_PACKED:
        refuse_workbook(faults, Words("Tệp lớn hơn 5 MiB.", "The file is larger than 5 MiB."))
    return data


def _sheets_of(data: bytes, faults: Faults) -> Iterator[tuple[str, Sheet | None]]:
    """Yield every sheet with its name in small letters; None where it is not looked at."""
    if data.startswith(_ZIP):
        yield from _xlsx_sheets(data, faults)
    elif data.startswith(_OLE):
        yield from _xls_sheets(data, faults)
    else:
        say_no_workbook(faults, xml=data.lstrip().startswith(b"<"))


def _xlsx_sheets(data: bytes, faults: Faults) -> Iterator[tuple[str, Sheet | None]]:
    if not archive_is_harmless(data, faults):
        return
    from openpyxl import load_workbook
    from pyxform.xls2json_backends import xlsx_value_to_str

    book = load_workbook(io.BytesIO(data), read_only=True, data_only=True, keep_links=False)
    for sheet in book.worksheets:
        name = sheet.title.lower()
        if not _is_read(name, len(book.worksheets)):
            yield name, None
            continue
        if sheet.sheet_state != "visible":
            say_hidden(name, faults)
        before = len(faults.findings)
        note_sheet(data, str(vars(sheet)["_worksheet_path"]), faults)
        faults.findings[before:] = [
            replace(finding, path=name) for finding in faults.findings[before:]
        ]
        # The size that a sheet gives of itself may be a lie.
        sheet.reset_dimensions()
        rows = sheet.iter_rows(values_only=True, max_col=MAX_COLUMNS + 1)
        yield name, _sheet(name, rows, xlsx_value_to_str, faults)


def _xls_sheets(data: bytes, faults: Faults) -> Iterator[tuple[str, Sheet | None]]:
    import xlrd
    from pyxform.xls2json_backends import xls_value_to_unicode

    try:
        stream = workbook_stream(data)
    except MacroError:
        refuse_workbook(faults, Words("Tệp có macro.", "The file has macros."))
        return
    # Sheets are loaded one by one and rows stay as ragged as they are: a few bytes can claim
    # millions of cells.
    book = xlrd.open_workbook(
        file_contents=stream, logfile=io.StringIO(), on_demand=True, ragged_rows=True
    )
    if book.nsheets > MAX_SHEETS:
        refuse_workbook(faults, Words("Tệp có quá nhiều trang tính.", "There are too many sheets."))
        return
    for number, title in enumerate(book.sheet_names()):
        name = title.lower()
        if not _is_read(name, book.nsheets):
            yield name, None
            continue
        sheet = book.sheet_by_index(number)
        if sheet.visibility:
            say_hidden(name, faults)
        rows = ([(c.value, c.ctype) for c in sheet.row(at)] for at in range(sheet.nrows))
        yield (
            name,
            _sheet(name, rows, lambda cell: xls_value_to_unicode(*cell, book.datemode), faults),
        )
        book.unload_sheet(number)


def _is_read(name: str, sheets: int) -> bool:
    return sheets == 1 or name in SHEETS or name in UNREAD


def _sheet(
    name: str,
    rows: Iterable[Sequence[Any]],
    text_of: Callable[[Any], str],
    faults: Faults,
) -> Sheet:
    """Return a sheet of text: its first row names the columns; empty cells are left out."""
    header: list[str] = []
    kept: list[tuple[int, Mapping[str, str]]] = []
    length = 0
    for number, row in enumerate(rows, start=1):
        if number > MAX_ROWS or (len(row) > MAX_COLUMNS and any(map(_filled, row[MAX_COLUMNS:]))):
            refuse_workbook(
                faults,
                Words(
                    f"Trang {name} có hơn {MAX_ROWS} dòng hoặc {MAX_COLUMNS} cột.",
                    f"The sheet {name} has more than {MAX_ROWS} rows or {MAX_COLUMNS} columns.",
                ),
                name,
            )
            break
        length += sum(map(_length, row))
        if length > MAX_TEXT:
            refuse_workbook(faults, Words("Tệp có quá nhiều chữ.", "There is too much text."), name)
            break
        cells = [_text(value, text_of) for value in row]
        if number == 1:
            header = cells
            _check_header(name, header, faults)
            continue
        for column, cell in zip(header, cells, strict=False):
            _check_cell(cell, name, number, column, faults)
        found = {c: cell for c, cell in zip(header, cells, strict=False) if c and cell}
        if found:
            kept.append((number, found))
    return Sheet(name, tuple(filter(None, header)), tuple(kept))


def _filled(value: object) -> bool:
    held = value[0] if isinstance(value, tuple) else value
    return held is not None and held != ""


def _length(value: object) -> int:
    held = value[0] if isinstance(value, tuple) else value
    return len(held) if isinstance(held, str) else 0


def _text(value: object, text_of: Callable[[Any], str]) -> str:
    """Return the text of a cell; what is text already stays as it is written."""
    held = value[0] if isinstance(value, tuple) else value
    if not isinstance(held, str):
        held = text_of(value) if _filled(value) else ""
    return normalized(held).strip()


def _check_header(name: str, header: list[str], faults: Faults) -> None:
    for column in dict.fromkeys(filter(None, header)):
        _check_cell(column, name, 1, column[:40], faults)
        tell_repeated(column, header, faults, name)


def _check_cell(cell: str, name: str, row: int, column: str, faults: Faults) -> None:
    bad = forbidden_character(cell)
    if bad or len(cell) > MAX_CELL:
        faults.add(
            "character-forbidden" if bad else "cell-too-long",
            Words(f"Ô có ký tự không cho phép {bad}.", f"The cell holds the character {bad}.")
            if bad
            else Words(f"Ô có {len(cell)} ký tự.", f"The cell has {len(cell)} characters."),
            Words("Hãy gõ lại ô này.", "Type the cell anew."),
            row=row,
            column=column,
            path=name,
        )


def _check_names(names: list[str], faults: Faults) -> None:
    for name in dict.fromkeys(names):
        if names.count(name) > 1 and name in (*SHEETS, *UNREAD):
            faults.add(
                "xlsform-sheet-twice",
                Words(f"Có hai trang tính “{name}”.", f"There are two sheets '{name}'."),
                Words("Hãy để lại một trang.", "Keep one of them."),
                path=name,
            )
        if name in UNREAD:
            faults.add(
                "xlsform-sheet-unsupported",
                Words(
                    f"Trang “{name}” không dùng được trong phiếu khảo sát.",
                    f"The sheet '{name}' means nothing to a questionnaire.",
                ),
                Words(
                    "Hãy đưa các phương án vào trang choices và bỏ trang này.",
                    "Put the choices into the sheet choices and delete this one.",
                ),
                path=name,
            )
