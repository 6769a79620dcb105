"""Hostile workbooks as tables: bombs, lies, what hides; refused for little time and memory.

XLSForms have theirs in ``tests/questionnaires/test_hostile.py``; both are opened by one module.
"""

import io
import struct
import warnings
import zipfile

import pytest
from costs import refusal
from openpyxl import Workbook
from small_forms import repacked

from intake.tables import read_table

SHEET = "xl/worksheets/sheet1.xml"
RELS = "xl/_rels/workbook.xml.rels"
OUTSIDE = b'<Relationship Id="x" Type="http://x/image" Target="http://x/" TargetMode="%s"/></Relat'


def book(path, *, sheets=1, wide=2):
    made = Workbook()
    for _ in range(sheets - 1):
        made.create_sheet()
    for row in (range(wide), range(wide), range(wide)):
        made.active.append([f"c{n}" for n in row])
    made.save(path)
    return path


def added(name, data, times=1, **how):
    def change(path):
        with warnings.catch_warnings(), zipfile.ZipFile(path, "a", zipfile.ZIP_DEFLATED) as archive:
            warnings.simplefilter("ignore")
            for _ in range(times):
                archive.writestr(name, data, **how)

    return change


def changed(before, after, member=SHEET):
    def change(path):
        def one(name, data):
            assert name != member or before in data
            return data.replace(before, after, 1) if name == member else data

        repacked(path, one)

    return change


def within(inserted):
    """Bytes put between two elements of the sheet."""
    return changed(b"<sheetData>", inserted + b"<sheetData>")


def last_row(row):
    """Bytes put behind the third row of the sheet."""
    return changed(b"</sheetData>", row + b"</sheetData>")


def lying(path):
    """The directory says that a bomb of 60 MB unpacks to ten bytes."""
    added("xl/media/a.xml", b"0" * 60_000_000)(path)
    data = path.read_bytes()
    path.write_bytes(data.replace(struct.pack("<L", 60_000_000), struct.pack("<L", 10)))


def entries(path):
    """Sixty thousand empty members: an archive of 5 MiB, and an object for each when opened."""
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w") as archive:
        for number in range(55_000):
            archive.writestr(f"{number:x}", b"")
    path.write_bytes(made.getvalue())


def spoilt_deflate(path):
    data = path.read_bytes()
    at = data.index(SHEET.encode()) + len(SHEET) + 4
    path.write_bytes(data[:at] + b"\xff" * 20 + data[at + 20 :])


def encrypted(path):
    data = bytearray(path.read_bytes())
    for start, flag in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        at = data.find(start)
        while at >= 0:
            data[at + flag] |= 1
            at = data.find(start, at + 4)
    path.write_bytes(bytes(data))


def many_members(count):
    return lambda path: [added(f"xl/media/{n}.png", b"x")(path) for n in range(count)]


def padding(size):
    def change(path):
        have = path.stat().st_size
        added("p", b"x" * (size - have - 78), compress_type=zipfile.ZIP_STORED)(path)

    return change


SPOILT = {
    "bomb": (added("xl/media/a.xml", b"0" * 60_000_000), "xlsx-refused"),
    "bomb that lies": (lying, "xlsx-broken"),
    "ratio": (added("xl/media/a.xml", b"0" * 2**20 + b"0"), "xlsx-refused"),
    "200 members": (many_members(200), "xlsx-refused"),
    "55,000 members": (entries, "xlsx-refused"),
    "members of one name": (added("xl/Worksheets/SHEET1.xml", b"<x/>"), "xlsx-refused"),
    "members alike": (added("ｘｌ/worksheets/sheet1.xml", b"<x/>"), "xlsx-refused"),
    "dots": (added("xl/../../etc/passwd", b"x"), "xlsx-refused"),
    "dots of Windows": (added("..\\evil.xml", b"x"), "xlsx-refused"),
    "absolute": (added("/etc/passwd", b"x"), "xlsx-refused"),
    "LZMA": (added("a", b"x", compress_type=zipfile.ZIP_LZMA), "xlsx-refused"),
    "macro": (added("xl/vbaProject.bin", b"x"), "xlsx-refused"),
    "macro sheet": (added("xl/macrosheets/sheet1.xml", b"<x/>"), "xlsx-refused"),
    "link": (added("xl/externalLinks/externalLink1.xml", b"<x/>"), "xlsx-refused"),
    "relation": (changed(b"</Relat", OUTSIDE % b"External", RELS), "xlsx-refused"),
    "relation in other letters": (changed(b"</Relat", OUTSIDE % b"&#69;xternal", RELS), None),
    "DTD": (changed(b"<worksheet", b"<!DOCTYPE x><worksheet"), "xlsx-broken"),
    "DTD behind 70,000 bytes": (
        changed(b"<worksheet", b"<!--" + b"x" * 70_000 + b"--><!DOCTYPE x><worksheet"),
        "xlsx-broken",
    ),
    "DTD across two pieces": (
        changed(b"<worksheet", b"<!--" + b"x" * 65_520 + b"--><!DOCTYPE x><worksheet"),
        "xlsx-broken",
    ),
    "UTF-16": (
        lambda path: repacked(
            path, lambda name, data: data.decode().encode("utf-16") if name == SHEET else data
        ),
        "xlsx-broken",
    ),
    "hidden row": (changed(b'<row r="2"', b'<row r="2" hidden="1"'), "xlsx-hidden"),
    "hidden row, other quotes": (changed(b'<row r="2"', b"<row r='2' hidden='1'"), "xlsx-hidden"),
    "row of no height": (changed(b'<row r="2"', b'<row r="2" ht="0"'), "xlsx-hidden"),
    "hidden column": (within(b'<cols><col min="1" max="1" hidden="true"/></cols>'), "xlsx-hidden"),
    "cell behind": (changed(b'r="B3"', b'r="CW3"'), "table-too-wide"),
    "cells out of order": (changed(b'r="A2"', b'r="C2"'), "xlsx-broken"),
    "cell twice": (changed(b'r="B2"', b'r="A2"'), "xlsx-broken"),
    "cell of another row": (changed(b'r="B2"', b'r="B3"'), "xlsx-broken"),
    "cell in a cell": (
        last_row(b'<row r="4"><c r="A4"><c r="B4"><v>1</v></c></c></row>'),
        "xlsx-broken",
    ),
    "row in a row": (
        last_row(b'<row r="4"><row r="5"><c r="A5"><v>1</v></c></row></row>'),
        "xlsx-broken",
    ),
    "formula in error": (
        last_row(b'<row r="4"><c r="A4" t="e"><f>1/0</f><v>#DIV/0!</v></c></row>'),
        "xlsx-error",
    ),
    "row of all digits": (changed(b'<row r="3"', '<row r="٣"'.encode()), "xlsx-broken"),
    "row far below": (changed(b'<row r="3"', b'<row r="1048576"'), "xlsx-broken"),
    "rows in a comment": (within(b"<!--" + b"<row " * 150_000 + b"-->"), None),
    "marks in a comment": (within(b"<!--<row" + b' hidden="1"' * 80_000 + b"-->"), None),
    "deep": (within(b"<x>" * 150_000 + b"</x>" * 150_000), None),
    "deflate": (spoilt_deflate, "xlsx-broken"),
    "encrypted": (encrypted, "xlsx-broken"),
    "cut": (lambda path: path.write_bytes(path.read_bytes()[:2000]), "xlsx-broken"),
    "directory alone": (lambda path: path.write_bytes(b"PK\x05\x06" + bytes(18)), "xlsx-broken"),
    "5 MiB and one": (padding(5 * 2**20 + 1), "xlsx-refused"),
}
SOUND = {
    "as it is": bool,
    "a hundred and ninety members": many_members(180),
    "one MiB packed tightly": added("xl/media/a.png", b"0" * 2**20),
    "a link to click": changed(
        b"</Relat", OUTSIDE.replace(b"image", b"hyperlink") % b"External", RELS
    ),
    "5 MiB": padding(5 * 2**20),
}


def look(path, **more):
    return refusal(lambda: read_table(path, required=[]), **more)


@pytest.mark.parametrize("name", SPOILT)
def test_a_hostile_workbook_is_refused_at_little_cost(tmp_path, name):
    spoil, code = SPOILT[name]
    path = book(tmp_path / "a.xlsx")
    spoil(path)
    codes = look(path, memory=name in {"bomb", "bomb that lies", "55,000 members"})
    assert code is None or code in codes


@pytest.mark.parametrize("name", SOUND)
def test_what_is_within_the_limits_is_read(tmp_path, name):
    path = book(tmp_path / "a.xlsx")
    SOUND[name](path)
    assert look(path) == []


@pytest.mark.parametrize(("wide", "codes"), [(50, []), (51, ["table-too-wide"])])
def test_a_sheet_has_fifty_columns(tmp_path, wide, codes):
    assert look(book(tmp_path / "a.xlsx", wide=wide)) == codes


def test_only_one_sheet_may_be_seen(tmp_path):
    assert look(book(tmp_path / "a.xlsx", sheets=2)) == ["xlsx-sheets"]
