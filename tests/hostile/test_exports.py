"""No cell that leaves the product runs in a spreadsheet: CSV is neutralised, XLSX holds strings."""

import ast
import csv
import json
import zipfile
from pathlib import Path

import pandas as pd
import pytest
from openpyxl import load_workbook
from small_forms import form, options, single

from analysis.publication.tables.workbook import write_workbook
from intake.tables import write_csv, write_data_frame
from questionnaires import read_questionnaire
from questionnaires.exchange import xlsform_of
from sampling import read_frame
from survey_app.services.results import write_table

FORMULAS = [
    '=HYPERLINK("http://evil.example","x")',
    "=cmd|' /C calc'!A0",
    "+1+cmd|' /C calc'!A0",
    "-1+1",
    "@SUM(1+1)",
    "\t=1+1",
    "\r=1+1",
    "\n=1+1",
    " \u00a0=1+1",
    "\u3000@x",
    "＝1+1",
    "＋1",
    "－1+1",
    "＠x",
    "=1\n=2",
    "--",
    "-5%",
    "+84 31 3 123 456",
]
WRITTEN = ["'" + one.replace("\r", "\n") for one in FORMULAS]
HARMLESS = ["Hà Nội", "'=1", "5-3", "a=b", "-5", "-2.5", "-1e-05", ""]
START = tuple("=+-@\t\r\0＝＋－＠")
PRODUCT = ("analysis", "intake", "questionnaires", "sampling", "survey_app")


def cells_of(path):
    with path.open(encoding="utf-8", newline="") as file:
        return [cell for row in csv.reader(file) for cell in row]


def is_inert(cell):
    """Whether a spreadsheet takes a cell for a text or a plain number."""
    if not cell.strip().startswith(START):
        return True
    try:
        return float(cell) < 0
    except ValueError:
        return False


def test_the_judge_of_this_file_knows_a_formula():
    assert not any(map(is_inert, FORMULAS))
    assert all(map(is_inert, HARMLESS))


@pytest.mark.parametrize("write", [write_data_frame, lambda path, table: write_table(table, path)])
def test_a_data_frame_leaves_without_a_formula(tmp_path, write):
    path = tmp_path / "new" / "a.csv"
    table = pd.DataFrame({"=name": FORMULAS, "n": -1.5, "k": pd.Series(FORMULAS).astype(object)})
    write(path, table)
    cells = cells_of(path)
    assert all(map(is_inert, cells))
    assert cells[:3] == ["'=name", "n", "k"]
    assert cells[3::3] == WRITTEN
    assert set(cells[4::3]) == {"-1.5"}


def test_rows_leave_without_a_formula_and_what_is_harmless_as_it_is(tmp_path):
    path = tmp_path / "a.csv"
    write_csv(path, ["=column"], [[one] for one in [*FORMULAS, *HARMLESS]])
    cells = cells_of(path)
    assert all(map(is_inert, cells))
    assert cells[1:] == [*WRITTEN, *HARMLESS]


def test_a_frame_of_units_is_inert_when_it_is_published(tmp_path):
    path = tmp_path / "frame.csv"
    named = [one for one in FORMULAS if one == one.strip() and "\n" not in one]
    rows = [[f"u{n}", one, "31", "a", 5, one] for n, one in enumerate(named)]
    with path.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows(
            [["unit_id", "unit_name", "province", "stratum", "size", "note"], *rows]
        )
    published = tmp_path / "published.csv"
    published.write_bytes(read_frame(path).canonical)
    assert len(cells_of(published)) == 6 * (len(named) + 1)
    assert all(map(is_inert, cells_of(published)))


def strings_only(path):
    """The cells of a workbook; a formula in it, or a link, fails the test."""
    with zipfile.ZipFile(path) as archive:
        for name in archive.namelist():
            assert b"<f>" not in archive.read(name)
            assert b"<hyperlink" not in archive.read(name)
    cells = [
        cell
        for sheet in load_workbook(path).worksheets
        for row in sheet.iter_rows()
        for cell in row
        if cell.value is not None
    ]
    assert {cell.data_type for cell in cells} <= {"s", "n"}
    assert not [c for c in cells if c.data_type == "n" and not isinstance(c.value, int | float)]
    return {cell.value for cell in cells}


def test_the_workbook_of_a_release_holds_strings(tmp_path):
    kept = [one for one in FORMULAS if one not in {"\r=1+1"}]  # XML has no CR of its own
    both = {"vi": kept[0], "en": kept[1]}
    facts = {
        "released_on": "2026-07-01",
        "title": both,
        "province": both,
        "simulated": True,
        "two_person": False,
        "rule": kept[2],
        "rule_version": kept[3],
        "rounds": [{"id": kept[4], "weight_status": both}],
    }
    rows = [[one, "-1.5"] for one in kept]
    path = tmp_path / "a.xlsx"
    write_workbook(path, facts, {"=tables": (["=name", "value"], rows)})
    assert strings_only(path) >= {*kept, "=name", -1.5}


def test_an_xlsform_holds_strings(tmp_path):
    kept = [one for one in FORMULAS if one == one.strip() and "\n" not in one]
    asked = [
        single(f"q{n}", label={"vi": one, "en": one}, options=named(one))
        for n, one in enumerate(kept)
    ]
    path = tmp_path / "form.json"
    path.write_text(json.dumps(form(*asked), ensure_ascii=False), encoding="utf-8")
    made = tmp_path / "form.xlsx"
    made.write_bytes(xlsform_of(read_questionnaire(path)))
    assert strings_only(made) >= set(kept)


def named(words):
    return [one | {"label": {"vi": words, "en": words}} for one in options(2)]


# Only these write a table by themselves; each has its test here or writes no text from outside.
WRITERS = {
    "intake/tables.py": {"csv.writer", "safe.to_csv"},
    "sampling/frame/listing.py": {"csv.writer"},
    "sampling/sample.py": {"csv.writer"},
    "sampling/drawing/draws.py": {"persons.to_csv"},  # whole numbers alone
    "sampling/redraw.py": {"csv.writer"},  # compares, writes no file
    "analysis/publication/tables/workbook.py": {"xlsxwriter.Workbook"},
    "questionnaires/exchange/writing.py": {"Workbook"},
}


def test_nothing_else_in_the_product_writes_a_table():
    root = Path(__file__).parents[2]
    found = {}
    for package in PRODUCT:
        for path in (root / package).rglob("*.py"):
            calls = {
                ast.unparse(node.func)
                for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
                if isinstance(node, ast.Call)
            }
            wrote = {
                c for c in calls if c.endswith(("csv.writer", ".to_csv", "to_excel", "Workbook"))
            }
            wrote |= {c for c in calls if c.endswith(("DictWriter", "write_formula", "write_url"))}
            if wrote:
                found[path.relative_to(root).as_posix()] = wrote
    assert found == WRITERS
