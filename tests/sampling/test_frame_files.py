"""Hostile files of a frame, frames made of columns, and what a frame costs to hold."""

import io
import random
import tracemalloc
import zipfile

import numpy as np
import pandas as pd
import pytest
from openpyxl import Workbook

from intake.findings import FrameError
from sampling import Frame, check_frame, read_frame, write_frame
from sampling.frame import FrameUnit

HEADER = "unit_id,unit_name,province,stratum,size\n"
ROWS = "a1,A,31,s,5\nb1,B,31,s,7\n"
SHEET = "xl/worksheets/sheet1.xml"


def looked_at(tmp_path, content, name="frame.csv"):
    path = tmp_path / name
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    made, findings = check_frame(path)
    return made, [(one.code, one.row, one.column) for one in findings]


def workbook(change=lambda *_: None):
    book = Workbook()
    sheet = book.active
    for row in [HEADER.strip().split(","), ["a1", "A", "31", "s", 5],
                ["b1", "B", "31", "s", 1000.0], ["c1", "C", "31", "s", 1e5]]:  # fmt: skip
        sheet.append(row)
    change(book, sheet)
    data = io.BytesIO()
    book.save(data)
    return data.getvalue()


def patched(before, after):
    with zipfile.ZipFile(io.BytesIO(workbook())) as given:
        held = {name: given.read(name) for name in given.namelist()}
    assert before in held[SHEET]
    held[SHEET] = held[SHEET].replace(before, after)
    data = io.BytesIO()
    with zipfile.ZipFile(data, "w", zipfile.ZIP_DEFLATED) as made:
        for name, content in held.items():
            made.writestr(name, content)
    return data.getvalue()


@pytest.mark.parametrize(
    "content",
    [
        "\ufeff" + HEADER + ROWS,
        (HEADER + ROWS).replace("\n", "\r\n"),
        (HEADER + ROWS).replace("\n", "\r"),
        (HEADER + ROWS).replace(",", ";"),
        (HEADER + ROWS).replace(",", "\t"),
        HEADER + "\n" + ROWS + "\n\n",
        HEADER + ROWS.replace("A,", '"A",'),
    ],
)
def test_a_frame_is_the_same_however_its_lines_and_cells_are_parted(tmp_path, content):
    made, findings = looked_at(tmp_path, content)
    assert findings == []
    assert made.sha256 == looked_at(tmp_path, HEADER + ROWS)[0].sha256


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        ((HEADER + ROWS).encode("utf-16"), [("encoding-not-utf8", 1, None)]),
        (HEADER + 'a1,"A,31,s,5\n', [("csv-broken", 2, None)]),
        (HEADER + "a1,A\x00,31,s,5\n", [("character-forbidden", 2, None)]),
        ("", [("table-empty", None, None)]),
        (HEADER, [("frame-empty", None, None)]),
        (HEADER.strip() + ",\na1,A,31,s,5,x\n", [("frame-column-unnamed", 1, None)]),
        (
            HEADER + "a1,A\u202e,31,s,5\nb1,B,31,s,x\n",
            [("character-forbidden", 2, "unit_name"), ("frame-size-not-whole", 3, "size")],
        ),
        (
            HEADER + f"a1,{'A' * 1001},31,s,5\nb1,B,31,s,0\nc1,C,31,s\n",
            [
                ("cell-too-long", 2, "unit_name"),
                ("row-length", 4, None),
                ("frame-size-not-positive", 3, "size"),
            ],
        ),
        (
            "unit_id,unit_name,unit_name,province,stratum,size,size\na1,A,A,31,s,5,5\n",
            [("column-repeated", 1, "unit_name"), ("column-repeated", 1, "size")],
        ),
        (
            HEADER.strip() + "".join(f",c{i}" for i in range(46)) + "\na1,A,31,s,5" + "," * 46,
            [("table-too-wide", 1, None)],
        ),
        (
            HEADER + "a1,=cmd|' /C calc'!A0,31,s,5\nb1,B,31,@s,5\nc1,C,31,s,5\n",
            [("frame-stratum-invalid", 3, "stratum"), ("frame-stratum-single", None, "stratum")],
        ),
    ],
)
def test_a_hostile_file_is_refused_with_all_that_is_wrong_in_it(tmp_path, content, expected):
    made, findings = looked_at(tmp_path, content)
    assert (made, findings) == (None, expected)


def test_a_formula_in_a_name_is_kept_as_text_that_no_spreadsheet_runs(tmp_path):
    made, _ = looked_at(tmp_path, HEADER + "a1,=cmd|' /C calc'!A0,31,s,5\nb1,B,31,s,5\n")
    assert made.units[0].unit_name.startswith("'=cmd")
    write_frame(made, tmp_path / "out.csv")
    assert read_frame(tmp_path / "out.csv") == made


def test_a_header_that_is_nearly_right_is_told_which_column_to_rename(tmp_path):
    path = tmp_path / "frame.csv"
    path.write_text("Unit_ID,unit name,province,stratum,size\na,A,31,s,5\n", encoding="utf-8")
    with pytest.raises(FrameError) as refusal:
        read_frame(path)
    assert [one.advice.en for one in refusal.value.findings] == [
        "Rename the column 'Unit_ID'.",
        "Rename the column 'unit name'.",
    ]


@pytest.mark.parametrize(
    ("text", "meant"),
    [("1.234", "1234"), ('"1,234,567"', "1234567"), ("12 345", "12345"), ("1000.0", "1000"),
     ("1e5", "100000"), ("1.5", None), ("NaN", None), ("١٢", None), ("+5", None)],
)  # fmt: skip
def test_a_size_is_never_guessed_but_what_may_be_meant_is_said(tmp_path, text, meant):
    path = tmp_path / "frame.csv"
    path.write_text(HEADER + f"a,A,31,s,{text}\n", encoding="utf-8")
    with pytest.raises(FrameError) as refusal:
        read_frame(path)
    (finding,) = refusal.value.findings
    assert (finding.code, finding.row, finding.column) == ("frame-size-not-whole", 2, "size")
    assert ("".join(c for c in finding.advice.en if c.isdigit()) or None) == meant


def test_more_than_200000_rows_are_refused(tmp_path):
    rows = "".join(f"u{i},N{i},31,s,5\n" for i in range(200_001))
    assert looked_at(tmp_path, HEADER + rows) == (None, [("table-too-long", 200_002, None)])


def test_findings_beyond_all_measure_are_counted(tmp_path, monkeypatch):
    monkeypatch.setattr("sampling.frame.noting.KEPT", 50)
    made, findings = looked_at(tmp_path, HEADER + "".join(f"u{i},N,3,s,0\n" for i in range(70)))
    assert made is None
    assert len(findings) == 51
    assert findings[-1] == ("frame-findings-many", None, None)
    monkeypatch.setattr("intake.tables.MAX_FAULTS", 5)
    _, findings = looked_at(tmp_path, HEADER + "\x01,\x01,3,s,0\n" * 9)
    assert findings[6] == ("table-too-many-faults", 5, None)


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        (workbook(lambda _, sheet: sheet.merge_cells("C2:C4")), ("xlsx-merged", 2, None)),
        (workbook(lambda book, _: book.create_sheet("more")), ("xlsx-sheets", None, None)),
        (
            workbook(lambda _, sheet: setattr(sheet.row_dimensions[3], "hidden", True)),
            ("xlsx-hidden", 3, None),
        ),
        (
            workbook(lambda _, sheet: setattr(sheet.column_dimensions["C"], "hidden", True)),
            ("xlsx-hidden", None, None),
        ),
        (patched(b'<row r="4"', b'<row r="-4"'), ("xlsx-broken", None, None)),
        (patched(b'<row r="4"', b'<row r="2"'), ("xlsx-broken", None, None)),
        (patched(b'r="E4"', b'r="XFD4"'), ("table-too-wide", 4, None)),
        (patched(b"<sheetData>", b"<!DOCTYPE x><sheetData>"), ("xlsx-broken", None, None)),
        (workbook()[:2000], ("xlsx-broken", None, None)),
    ],
    # Not the bytes, which hold the time: workers must find the same names.
    ids=["merged", "sheets", "row", "column", "before", "again", "far", "doctype", "cut"],
)
def test_a_hostile_workbook_is_refused_by_what_is_wrong(tmp_path, content, expected):
    assert looked_at(tmp_path, content, "frame.xlsx") == (None, [expected])


def test_a_workbook_that_lies_of_its_size_is_read_to_its_last_row(tmp_path):
    lying = patched(b'<dimension ref="A1:E4"', b'<dimension ref="A1:XFD1048576"')
    made, findings = looked_at(tmp_path, lying, "frame.xlsx")
    assert findings == []
    assert made.numbers("size").tolist() == [5, 1000, 100_000]


# Frames made of columns


def columns(count):
    rng = random.Random(5)
    return {
        "unit_id": [f"v{i:06d}" for i in rng.sample(range(count), count)],
        "unit_name": [f"Thôn {i}" for i in range(count)],
        "province": "Thành phố Hải Phòng",
        "stratum": [f"s{i % 7}" for i in range(count)],
        "size": np.array([rng.randint(50, 150) for _ in range(count)]),
        "rate": np.array([rng.random() for _ in range(count)]),
        "whole": np.array([float(i % 90) for i in range(count)]),
        "blank": [None if i % 3 else "x" for i in range(count)],
    }


def test_a_frame_of_columns_is_the_frame_of_its_rows():
    given = columns(6000)
    table = pd.DataFrame(given)
    made = Frame.from_table(given)
    assert made == Frame.from_table(table)
    by_row = Frame.from_rows(table.astype(object).to_dict("records"))
    assert (made.sha256, made.summary) == (by_row.sha256, by_row.summary)
    assert made.columns == (*HEADER.strip().split(","), "blank", "rate", "whole")
    assert made.table.equals(by_row.table)


def test_columns_come_back_as_texts_and_numbers_in_the_order_of_the_units():
    made = Frame.from_table(columns(50))
    assert made.column("unit_id") == sorted(columns(50)["unit_id"])
    assert made.numbers("size").dtype == np.int64
    assert made.numbers("whole").dtype == np.int64
    assert made.numbers("rate").dtype == np.float64
    assert made.numbers("size").tolist() == [unit.size for unit in made.units]
    assert made.numbers("rate").tolist() == [float(unit.cells["rate"]) for unit in made.units]
    with pytest.raises(FrameError) as refusal:
        made.numbers("blank")
    assert refusal.value.code == "frame-number-invalid"
    assert len(refusal.value.findings) == 50
    with pytest.raises(FrameError) as refusal:
        made.column("nothing")
    assert refusal.value.code == "frame-column-unknown"


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"unit_id": ["a", "A"]}, "frame-id-repeated"),
        ({"size": [5, np.nan]}, "frame-size-missing"),
        ({"size": [5, 2.5]}, "frame-size-not-whole"),
        ({"size": [5]}, "frame-column-length"),
        ({"size": np.ones((2, 2))}, "frame-column-shape"),
        ({"unit_name": ["A", "B\u202e"]}, "character-forbidden"),
        ({"unit_name": ["A", "B" * 1001]}, "cell-too-long"),
        ({" x": ["1", "2"]}, "frame-column-name"),
        ({5: ["1", "2"]}, "frame-column-name"),
        ({f"c{i}": "x" for i in range(46)}, "table-too-wide"),
    ],
)
def test_columns_are_checked_as_a_file_would_be(change, code):
    given = {"unit_id": ["a", "b"], "unit_name": ["A", "B"], "province": "31", "stratum": "s",
             "size": [5, 6]}  # fmt: skip
    Frame.from_table(given)
    with pytest.raises(FrameError) as refusal:
        Frame.from_table({**given, **change})
    assert refusal.value.code == code


def test_units_are_made_when_asked_for_and_equal_what_they_stand_for():
    made = Frame.from_table(columns(6000))
    unit = made.units[17]
    again = FrameUnit(
        unit.unit_id, unit.unit_name, unit.province, unit.stratum, unit.size, dict(unit.cells)
    )
    assert unit == again == made.by_id[unit.unit_id]
    assert made.units[-1].unit_id == "v005999"
    assert made.units[2:4] == (made.units[2], made.units[3])
    assert unit.cells.get("nothing", "") == ""
    assert {name: len(units) for name, units in made.strata.items()} == {
        name: len(rows) for name, rows in made.rows_by("stratum").items()
    }
    assert list(made.by_column("nothing")) == [""]
    assert Frame(list(made.units), made.columns) == made
    with pytest.raises(IndexError):
        made.units[6000]
    with pytest.raises(FrameError):
        Frame([FrameUnit("a", "A", "31", "s", 2**40, dict(unit.cells))])


def test_a_frame_takes_less_than_three_times_its_file():
    given = columns(10_000)
    tracemalloc.start()
    made = Frame.from_table(given)
    held = tracemalloc.get_traced_memory()[0]
    tracemalloc.stop()
    assert held < 3 * len(made.canonical)
