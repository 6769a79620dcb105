"""Files from outside: read as text, or refused whole with every fault."""

import io
import tracemalloc
import zipfile
from pathlib import Path

import pytest
from openpyxl import Workbook

from intake.findings import HailongError
from intake.tables import MAX_CELL, read_table, write_csv


def codes_of(error: pytest.ExceptionInfo[HailongError]) -> list[str]:
    return [finding.code for finding in error.value.findings]


@pytest.mark.parametrize("separator", [",", ";", "\t"])
def test_a_table_is_read_whichever_separator_its_header_shows(tmp_path: Path, separator: str):
    file = tmp_path / "a.csv"
    file.write_text(f"\ufeffunit_id{separator}name\r\n01{separator} Hà Nội \r\n", encoding="utf-8")
    table = read_table(file, required=["unit_id"])
    assert table.columns == ("unit_id", "name")
    assert [(row.line, dict(row.cells)) for row in table.rows] == [
        (2, {"unit_id": "01", "name": "Hà Nội"})
    ]


def test_every_fault_of_a_table_is_told_at_once_with_its_place(tmp_path: Path):
    file = tmp_path / "a.csv"
    file.write_text("a,b\n1\n\u202e2,3\n" + "x" * (MAX_CELL + 1) + ",4\n", encoding="utf-8")
    with pytest.raises(HailongError) as error:
        read_table(file, required=["a", "c"])
    assert [(f.code, f.row, f.column) for f in error.value.findings] == [
        ("column-missing", 1, "c"),
        ("row-length", 2, None),
        ("character-forbidden", 3, "a"),
        ("cell-too-long", 4, "a"),
    ]


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"", "table-empty"),
        (b"a,b\n\xff\xfe,1\n", "encoding-not-utf8"),
        (b"a,b\n1,\x002\n", "character-forbidden"),
        (b'a,b\n"1,2\n', "csv-broken"),
        (b"a,a\n1,2\n", "column-repeated"),
        (b",".join(b"c%d" % n for n in range(51)) + b"\n", "table-too-wide"),
        (b"PK\x03\x04 not a workbook", "xlsx-broken"),
    ],
)
def test_a_broken_file_is_refused_by_name(tmp_path: Path, content: bytes, code: str):
    file = tmp_path / "a.csv"
    file.write_bytes(content)
    with pytest.raises(HailongError) as error:
        read_table(file, required=[])
    assert code in codes_of(error)


def test_a_missing_file_is_said_to_be_missing(tmp_path: Path):
    with pytest.raises(HailongError) as error:
        read_table(tmp_path / "none.csv", required=[])
    assert codes_of(error) == ["file-missing"]


def a_workbook(*sheets: str) -> bytes:
    book = Workbook()
    book.active.title = sheets[0]
    for name in sheets[1:]:
        book.create_sheet(name)
    book.active.append(["unit_id", "size"])
    book.active.append(["00123", 7])
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def test_a_workbook_with_one_sheet_reads_like_a_csv(tmp_path: Path):
    file = tmp_path / "a.xlsx"
    file.write_bytes(a_workbook("one"))
    table = read_table(file, required=["unit_id", "size"])
    assert [dict(row.cells) for row in table.rows] == [{"unit_id": "00123", "size": "7"}]


def with_member(data: bytes, name: str, content: bytes) -> bytes:
    out = io.BytesIO(data)
    with zipfile.ZipFile(out, "a", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(name, content)
    return out.getvalue()


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (a_workbook("one", "two"), "xlsx-sheets"),
        (with_member(a_workbook("one"), "xl/vbaProject.bin", b"x"), "xlsx-refused"),
        (with_member(a_workbook("one"), "../evil.xml", b"x"), "xlsx-refused"),
        (with_member(a_workbook("one"), "bomb.xml", b"0" * 20_000_000), "xlsx-refused"),
        (with_member(a_workbook("one"), "dtd.xml", b"<!DOCTYPE x []>"), "xlsx-broken"),
    ],
    # Not the bytes, which hold the time: workers must find the same names.
    ids=["sheets", "macro", "outside", "bomb", "doctype"],
)
def test_a_hostile_workbook_is_refused(tmp_path: Path, data: bytes, code: str):
    file = tmp_path / "a.xlsx"
    file.write_bytes(data)
    with pytest.raises(HailongError) as error:
        read_table(file, required=[])
    assert codes_of(error) == [code]


def test_no_cell_that_is_written_can_run_as_a_formula(tmp_path: Path):
    file = tmp_path / "a.csv"
    write_csv(file, ["a"], [["=1+1"], ["+x"], ["@x"], [" =x"], ["＝x"], [-5], ["-2.5"], [None]])
    assert file.read_text(encoding="utf-8").splitlines() == [
        "a", "'=1+1", "'+x", "'@x", "' =x", "'＝x", "-5", "-2.5", '""',
    ]  # fmt: skip


def test_a_fault_in_each_of_many_lines_takes_little_memory(tmp_path: Path):
    """200,000 of them took 172 MiB, of which the first fifty are shown."""
    lines = 5_000
    file = tmp_path / "a.csv"
    file.write_text("a,b\n" + "\u202e2,3\n" * lines, encoding="utf-8")
    tracemalloc.start()
    try:
        with pytest.raises(HailongError) as error:
            read_table(file, required=["a", "b"])
        held, _ = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert len(error.value.findings) == lines
    assert f"{lines - 50} more" in error.value.text("en")
    assert held < 300 * lines
