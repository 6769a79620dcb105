"""Workbooks from outside: whether one may be opened, and what a sheet keeps from its reader.

A workbook is an archive of XML. It is looked at before any library reads it, and what is looked
at costs no more than its bytes: sizes are counted while unpacking, XML is parsed and never searched
by patterns that a file could slow down.
"""

from __future__ import annotations

import io
import re
import stat
import zipfile
from collections.abc import Callable, Mapping
from xml.parsers import expat

from intake.findings import Faults, Words
from intake.text import folded

MAX_PACKED = 5 * 1024 * 1024
MAX_UNPACKED = 50 * 1024 * 1024
MAX_MEMBERS = 200
MAX_RATIO = 100
RATIO_FROM = 1024 * 1024
MAX_NOTES = 1_000
LAST_COLUMN = 100
"""Columns of a sheet that are read at all."""

_ENTRY = b"PK\x01\x02"  # opens the entry of a member in the directory of an archive
_PACKINGS = {zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED}
_FORBIDDEN_MEMBER = re.compile(
    r"(^|[/\\])\.\.([/\\]|$)|vbaProject|externalLinks/|macrosheets/", re.IGNORECASE
)
_DTD = re.compile(rb"<!(?:DOCTYPE|ENTITY)")
_OVERLAP = 16
_XML = (".xml", ".rels", ".vml")
_REFERENCE = re.compile(r"([A-Z]{1,3})([0-9]{1,7})")
_TRUE = {"1", "true"}
_LEADING_OUT = {"vbaproject", "externallink", "externallinkpath", "xlmacrosheet"}


class _OddSheetError(ValueError):
    """Rows or cells that stand out of order: one of them would be passed over in silence."""


def archive_is_harmless(data: bytes, faults: Faults) -> bool:
    """Tell whether a workbook may be opened; note why not: too large, macros, links, a bomb."""
    try:
        reason = _archive_fault(data)
    except Exception:  # whatever the library says of bytes that are no archive
        broken_workbook(faults)
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


def _archive_fault(data: bytes) -> Words | None:
    if len(data) > MAX_PACKED:
        return Words("Tệp lớn hơn 5 MiB.", "The file is larger than 5 MiB.")
    # Opening an archive makes an object of every member, so they are counted before.
    if data.count(_ENTRY) > MAX_MEMBERS:
        return _ODD_ARCHIVE
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        members = archive.infolist()
        if len({folded(member.filename) for member in members}) != len(members):
            return _ODD_ARCHIVE
        if any(_is_odd(member) for member in members):
            return _ODD_ARCHIVE
        if any(_FORBIDDEN_MEMBER.search(member.filename) for member in members):
            return _LEADS_OUT
        return _unpacking_fault(archive, members)


def _is_odd(member: zipfile.ZipInfo) -> bool:
    """Tell whether a member is packed as no workbook is, is a link, or names a place of its own."""
    link = stat.S_ISLNK(member.external_attr >> 16)
    return member.compress_type not in _PACKINGS or link or member.filename.startswith("/")


def _unpacking_fault(archive: zipfile.ZipFile, members: list[zipfile.ZipInfo]) -> Words | None:
    total = 0
    for member in members:
        unpacked = _unpacked_size(archive, member, MAX_UNPACKED - total)
        total += unpacked
        if total > MAX_UNPACKED:
            return Words("Tệp giải nén quá lớn.", "The file unpacks to more than 50 MiB.")
        if unpacked > RATIO_FROM and unpacked > MAX_RATIO * max(member.compress_size, 1):
            return Words("Tệp nén bất thường.", "A member is packed more than a hundredfold.")
        if member.filename.lower().endswith(".rels") and _leads_out(archive.read(member)):
            return _LEADS_OUT
    return None


def _unpacked_size(archive: zipfile.ZipFile, member: zipfile.ZipInfo, limit: int) -> int:
    """Count what a member really unpacks to: the size in its header may be a lie."""
    size = 0
    before = b""
    with archive.open(member) as stream:
        while chunk := stream.read(1 << 16):
            size += len(chunk)
            if size > limit:
                return size
            if not before and member.filename.lower().endswith(_XML) and b"\x00" in chunk:
                raise ValueError("XML in another encoding than UTF-8, where nothing is found")
            if _DTD.search(before + chunk):
                raise ValueError("a DTD inside a workbook")
            before = chunk[-_OVERLAP:]
    return size


def _leads_out(relations: bytes) -> bool:
    """Tell whether relations lead to macros or elsewhere, links that a reader may click aside."""
    found = []

    def note(_name: str, attributes: Mapping[str, str]) -> None:
        kind = attributes.get("Type", "").rpartition("/")[2].lower()
        outside = attributes.get("TargetMode", "").strip().lower() == "external"
        found.append(kind in _LEADING_OUT or (outside and kind != "hyperlink"))

    _parse(relations, note)
    return any(found)


def note_sheet(data: bytes, member: str, faults: Faults) -> None:
    """Note what is out of order or reach, hidden or merged, and formulas that ended in an error."""
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        sheet = archive.read(member.lstrip("/"))
    notes = _SheetNotes(faults)
    try:
        _parse(sheet, notes.element, notes.closed)
    except (_OddSheetError, expat.ExpatError):
        broken_workbook(faults)


def _parse(
    xml: bytes,
    element: Callable[[str, Mapping[str, str]], None],
    closed: Callable[[str], None] | None = None,
) -> None:
    """Call ``element`` with the name, without its namespace, and the attributes of each element."""
    parser = expat.ParserCreate(namespace_separator=" ")
    parser.StartElementHandler = lambda name, given: element(name.rpartition(" ")[2], given)
    if closed:
        parser.EndElementHandler = lambda name: closed(name.rpartition(" ")[2])
    parser.Parse(xml, True)


class _SheetNotes:
    """Goes through the elements of a sheet and knows in which row and column it is."""

    def __init__(self, faults: Faults) -> None:
        self.faults = faults
        self.most = len(faults.findings) + MAX_NOTES
        self.row = 0
        self.column = 0
        self.far = 0
        self.inside: set[str] = set()

    def closed(self, name: str) -> None:
        """Leave an element."""
        self.inside.discard(name)

    def element(self, name: str, given: Mapping[str, str]) -> None:
        """Look at one element."""
        if name in {"row", "c"}:
            # What reads the values loses a cell or row that stands inside another.
            if name in self.inside:
                raise _OddSheetError
            self.inside.add(name)
        if name == "c":
            self._cell(given.get("r"))
            if given.get("t") == "e":
                self._note("xlsx-error", _ERROR, _MEND, self.row)
        elif name in {"v", "is"}:
            if self.column > LAST_COLUMN and self.far != self.row:
                self.far = self.row
                self._note("table-too-wide", _FAR, _MOVE, self.row)
        elif name == "row":
            self._row(given)
        elif name == "col" and _is_hidden(given, "width"):
            number = given.get("min", "?")[:7]
            message = Words(f"Cột thứ {number} bị ẩn.", f"The column number {number} is hidden.")
            self._note("xlsx-hidden", message, _SHOW_COLUMN)
        elif name == "mergeCell":
            where = given.get("ref", "?")[:20]
            message = Words(f"Các ô {where} bị gộp.", f"The cells {where} are merged.")
            self._note("xlsx-merged", message, _UNMERGE, _row_of(where))

    def _row(self, given: Mapping[str, str]) -> None:
        number = given.get("r")
        before, self.column = self.row, 0
        if number is None:
            self.row += 1
        else:
            self.row = (
                int(number) if number.isascii() and number.isdecimal() and len(number) < 8 else 0
            )
            if self.row <= before:
                raise _OddSheetError
        if _is_hidden(given, "ht"):
            self._note("xlsx-hidden", _HIDDEN_ROW, _SHOW_ROW, self.row)

    def _cell(self, reference: str | None) -> None:
        before = self.column
        if reference is None:
            self.column += 1
            return
        found = _REFERENCE.fullmatch(reference)
        if found is None:
            raise _OddSheetError
        self.column = _column(found[1])
        if self.column <= before or int(found[2]) != self.row:
            raise _OddSheetError

    def _note(self, code: str, message: Words, advice: Words, row: int | None = None) -> None:
        if len(self.faults.findings) < self.most:
            self.faults.add(code, message, advice, row=row)


def _is_hidden(given: Mapping[str, str], size: str) -> bool:
    return given.get("hidden") in _TRUE or given.get(size) == "0"


def _column(letters: str) -> int:
    number = 0
    for letter in letters:
        number = number * 26 + ord(letter) - 64
    return number


def _row_of(reference: str) -> int | None:
    found = _REFERENCE.match(reference.replace("$", ""))
    return int(found[2]) if found else None


def broken_workbook(faults: Faults) -> None:
    """Note that a file is no workbook that can be read."""
    faults.add(
        "xlsx-broken",
        Words("Không đọc được bảng tính.", "The workbook cannot be read."),
        Words("Hãy lưu lại thành tệp .xlsx mới.", "Save it as a new .xlsx file."),
    )


_ODD_ARCHIVE = Words(
    "Cấu trúc tệp bất thường.", "The archive has too many, repeated or odd members."
)
_LEADS_OUT = Words("Tệp có macro hoặc liên kết ngoài.", "The file has macros or external links.")
_FAR = Words(
    f"Có ô ở sau cột thứ {LAST_COLUMN}.", f"A cell stands behind the {LAST_COLUMN}th column."
)
_MOVE = Words("Hãy xóa hoặc chuyển ô đó.", "Delete or move it.")
_ERROR = Words("Có ô báo lỗi công thức.", "A formula of the row ends in an error.")
_MEND = Words("Sửa công thức hoặc ghi giá trị.", "Mend it or write the value.")
_UNMERGE = Words("Bỏ gộp ô và điền từng ô.", "Unmerge them and fill each cell.")
_SHOW_COLUMN = Words("Cho hiện hoặc xóa cột đó.", "Show it or delete it.")
_HIDDEN_ROW = Words("Dòng bị ẩn hoặc bị lọc.", "The row is hidden or filtered out.")
_SHOW_ROW = Words("Bỏ lọc, cho hiện hoặc xóa dòng đó.", "Show it or delete it.")
