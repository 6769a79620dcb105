"""Coverage-guided fuzzing of the parsers by atheris, where it is installed: ``make fuzz``.

    python tools/fuzz_parsers.py document -max_total_time=60

atheris is no dependency of the project; a parser that ends in anything but words of our own
stops the run, and the bytes that did it are left in a file ``crash-…``.
"""

from __future__ import annotations

import io
import sys
import tempfile
import zipfile
from contextlib import suppress
from pathlib import Path

import atheris
import xlsxwriter
from openpyxl import Workbook

with atheris.instrument_imports(include=["intake", "questionnaires", "sampling", "survey_app"]):
    from intake.documents import read_document
    from intake.findings import HailongError
    from intake.tables import read_table
    from questionnaires import check_questionnaire, load, parse_answers
    from questionnaires.exchange import read_form
    from questionnaires.loader import check_form
    from sampling import SampleDesign, read_frame
    from sampling.revision.log import read_log
    from survey_app.services.codes import CodeError, read_code
    from survey_app.services.sealed_forms import SealedFormError, open_form

FOLDER = Path(tempfile.mkdtemp())
FILE = FOLDER / "fuzzed"
ASKED = load("transaction", "2026-1")
SHEET = "xl/worksheets/sheet1.xml"
DESIGNS = Path(__file__).parents[1] / "sampling" / "data" / "designs"


def a_workbook() -> dict[str, bytes]:
    """Return the parts of a small sound workbook."""
    made, out = Workbook(), io.BytesIO()
    made.active.append(["unit_id", "name"])  # type: ignore[union-attr]
    made.active.append(["u1", "Hà Nội"])  # type: ignore[union-attr]
    made.save(out)
    with zipfile.ZipFile(out) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


PARTS = a_workbook()


def table(data: bytes) -> None:
    """Read a CSV file."""
    FILE.write_bytes(data)
    read_table(FILE, required=[])


def workbook(data: bytes) -> None:
    """Read a workbook."""
    table(b"PK\x03\x04" + data)


def sheet(data: bytes) -> None:
    """Read a workbook that is in order but for its sheet."""
    with zipfile.ZipFile(FILE, "w") as archive:
        for name, part in PARTS.items():
            archive.writestr(name, data if name == SHEET else part)
    read_table(FILE, required=[])


def document(data: bytes) -> None:
    """Read YAML or JSON."""
    FILE.write_bytes(data)
    read_document(FILE)


def questionnaire(data: bytes) -> None:
    """Check a definition."""
    path = FILE.with_suffix(".yaml")
    path.write_bytes(data)
    check_questionnaire(path)


def xlsform(data: bytes) -> None:
    """Read an XLSForm: cells parted by tabs, rows by line ends, sheets by form feeds."""
    path = FILE.with_suffix(".xlsx")
    with xlsxwriter.Workbook(path, {"strings_to_formulas": False}) as book:
        sheets = data.decode("utf-8", "replace").split("\f")
        for name, rows in zip(("survey", "choices", "settings"), [*sheets, "", ""], strict=False):
            page = book.add_worksheet(name)
            for at, row in enumerate(rows.split("\n")):
                for column, cell in enumerate(row.split("\t")):
                    page.write_string(at, column, cell)
    check_form(read_form(path))


def design(data: bytes) -> None:
    """Read the design of a sample."""
    path = FILE.with_suffix(".yaml")
    path.write_bytes(data)
    SampleDesign.read(path)


def frame(data: bytes) -> None:
    """Read a frame of units, and a log of replacements."""
    FILE.write_bytes(data)
    with suppress(HailongError):
        read_frame(FILE)
    read_log(FILE)


def code(data: bytes) -> None:
    """Read a one-time code."""
    read_code(data.decode("utf-8", "replace"))


def sealed(data: bytes) -> None:
    """Open a sealed form."""
    open_form(b"0" * 32, data)


def answers(data: bytes) -> None:
    """Read the fields of a form."""
    parts = data.decode("utf-8", "replace").split("\n")
    parse_answers(ASKED, dict(zip(ASKED.fields, ([part] for part in parts), strict=False)))


READERS = (
    table, workbook, sheet, document, questionnaire, xlsform, design, frame, code, sealed, answers,
)  # fmt: skip
TARGETS = {one.__name__: one for one in READERS}
FORM = (
    "type\tname\tlabel\trelevant\tconstraint\trequired\tappearance\tchoice_filter\tcalculation\n"
    "select_one yn\ta\tCâu ${b}\t${b} > 1 and not(selected(${c}, '1'))\t. < 5\tyes\tminimal\t\t\n"
    "integer\tb\tSố\t\t. >= 0 and . <= 120\t\t\t\t\nbegin group\tg\tNhóm\t\t\t\t\t\t\nend group"
    "\flist_name\tname\tlabel\nyn\t1\tCó\nyn\t2\tKhông\fform_id\tform_title\nthu\tPhiếu"
)
SEEDS = {
    "table": [b'\xef\xbb\xbfa;"b""c"\r\n1;"x\n y"\r\n', b"a,b\n1,2\n", b"a\tb\n1\t2"],
    "sheet": [PARTS[SHEET]],
    "document": [b"id: x\nlanguages: [vi, 'en']\nq: {a: -1.5, \"b\": [null]}\nt: |\n  text\n"],
    "questionnaire": [
        '{"id":"t","version":"1","languages":["vi"],"title":{"vi":"P"},"source":{"vi":"B"},'
        '"questions":[{"id":"q1","type":"single","label":{"vi":"C"},"options":[{"value":"1",'
        '"label":{"vi":"Có"}},{"value":"2","label":{"vi":"K"}}],"show_if":{"q0":["1"]}}]}'.encode()
    ],
    "xlsform": [FORM.encode()],
    "design": [file.read_bytes() for file in DESIGNS.glob("*.yaml")],
    "frame": [
        "unit_id,stratum,size,name\nu1,s1,10,Hà Nội\nu2,s1,5,x\n".encode(),
        b"unit_id,reason,date,note\nu1,refused,2026-03-01,\n",
    ],
    "answers": [b"1\n2\n3\n4\n5", "Ý kiến\n\n7".encode()],
}


def main() -> None:
    """Fuzz the parser of the first argument; the others are those of libFuzzer."""
    name = sys.argv.pop(1)
    chosen = TARGETS[name]
    seeds = FOLDER / "seeds"
    seeds.mkdir()
    for number, seed in enumerate(SEEDS.get(name, [])):
        (seeds / str(number)).write_bytes(seed)

    def one(data: bytes) -> None:
        with suppress(HailongError, CodeError, SealedFormError):
            chosen(data)

    atheris.Setup([*sys.argv, str(seeds)], one)
    atheris.Fuzz()


if __name__ == "__main__":
    main()
