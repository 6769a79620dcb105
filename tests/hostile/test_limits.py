"""FI-23: every limit of security.md section 4, at the limit and one above it, in one table.

A line of that section stands here with its figure, the constant of the product that keeps it, and
a try of both sides. Where a try is long, or a limit is no number, the test that holds it is named.
"""

import ast
import json
import random
import zipfile
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple
from urllib.parse import urlencode

import pytest
from builders import still_limits
from openpyxl import Workbook
from small_forms import form, options, repacked, single

from intake import findings, tables, text, workbooks
from intake.findings import Faults, HailongError, Words
from intake.tables import read_table
from questionnaires import check_questionnaire
from questionnaires.checks import options as of_options
from questionnaires.checks import structure
from questionnaires.parts import TEXT_LIMIT
from questionnaires.questions import Question
from questionnaires.texts import Text
from questionnaires.typed import number_of
from sampling.frame import check_frame
from sampling.units.cells import MAX_SIZE
from survey_app.services.attempts import WRONG_CODES
from survey_app.web import MAX_BODY, make_app
from survey_app.web.replies import MAX_FIELDS

TESTS = Path(__file__).parents[1]
MIB = 2**20
SHEET = "xl/worksheets/sheet1.xml"


# A try gives what is said: codes of findings, or the status of an answer.


def posted(target, _, body):
    headers = {"Sec-Fetch-Site": "same-origin", "Accept": "application/json"}
    kind = "application/x-www-form-urlencoded"
    sent = target.client.post("/s/f/x", data=body, headers=headers, content_type=kind)
    return [] if sent.status_code == 201 else [str(sent.status_code)]


def a_body(target, place, size):
    fields = urlencode({"code": target.codes.pop(), "gioi_tinh": "1", "x": ""})
    return posted(target, place, fields + "x" * (size - len(fields)))


def fields(target, place, count):
    more = {f"x{number}": "1" for number in range(count - 2)}
    return posted(target, place, urlencode({"code": target.codes.pop(), "gioi_tinh": "1"} | more))


def an_answer(target, place, **fields):
    given = {"code": target.codes.pop(), "gioi_tinh": "1"} | fields
    return posted(target, place, urlencode(given, doseq=True))


def a_text(target, place, length):
    return an_answer(target, place, y_kien_khac="ệ" * length)


def marks(target, place, count):
    return an_answer(target, place, y_kien_khac="q" + "\u0307\u0327\u0331\u0308"[:count])


def choices(target, place, count):
    return an_answer(target, place, gioi_tinh=["1", "2"][:count])


def digits(_target, _place, count):
    found = number_of(Question("n", "number", Text({"vi": "Số"})), "1" * count)
    return [found] if isinstance(found, str) else []


def a_table(place, content):
    path = place / "a.csv"
    path.write_text(content, encoding="utf-8")
    return refused(lambda: read_table(path, required=[]))


def refused(read):
    try:
        read()
    except HailongError as error:
        return [finding.code for finding in error.findings]
    return []


def columns(_target, place, count):
    return a_table(place, ",".join(f"c{number}" for number in range(count)) + "\n")


def a_cell(_target, place, length):
    return a_table(place, "a,b\n" + "ệ" * length + ",2\n")


def faults_shown(_target, _place, count):
    noted = Faults()
    for _ in range(count):
        noted.add("fault", Words("Sai.", "Wrong."), Words("Sửa.", "Mend."))
    said = HailongError(noted.findings).text("en")
    return ["more"] if said.endswith("more.") else []


def a_workbook(place, spoil):
    path, book = place / "a.xlsx", Workbook()
    for row in (["a", "b"], [1, 2], [3, 4]):
        book.active.append(row)
    book.save(path)
    spoil(path)
    return refused(lambda: read_table(path, required=[]))


def added(path, name, data, how=zipfile.ZIP_DEFLATED):
    with zipfile.ZipFile(path, "a", how) as archive:
        archive.writestr(name, data)


def packed(_target, place, size):
    def spoil(path):
        added(path, "p", b"x" * (size - path.stat().st_size - 78), zipfile.ZIP_STORED)
        assert path.stat().st_size == size

    return a_workbook(place, spoil)


def unpacked(_target, place, size):
    def spoil(path):
        with zipfile.ZipFile(path) as archive:
            left = size - sum(member.file_size for member in archive.infolist())
        for number in range(0, left, MIB):
            added(path, f"xl/media/{number}.png", bytes(min(MIB, left - number)))

    return a_workbook(place, spoil)


def members(_target, place, count):
    def spoil(path):
        with zipfile.ZipFile(path) as archive:
            have = len(archive.infolist())
        for number in range(count - have):
            added(path, f"xl/media/{number}.png", b"x")

    return a_workbook(place, spoil)


def a_ratio(_target, place, ratio):
    """A member of 2 MiB that is packed to just so many times less, or just more."""
    noise, size = random.Random(1).randbytes(60_000), 2 * MIB
    low, high = 0, len(noise)

    def made(count):
        return noise[:count] + bytes(size - count)

    def times(count):
        packer = zlib.compressobj(-1, zlib.DEFLATED, -15)
        return size / len(packer.compress(made(count)) + packer.flush())

    while high - low > 1:  # of `low` bytes of noise the ratio is above 100, of `high` at most that
        middle = (low + high) // 2
        low, high = (middle, high) if times(middle) > workbooks.MAX_RATIO else (low, middle)
    count = high if ratio <= workbooks.MAX_RATIO else low
    assert abs(times(count) - workbooks.MAX_RATIO) < 0.1
    return a_workbook(place, lambda path: added(path, "xl/media/a.png", made(count)))


def last_row(_target, place, row):
    def change(name, data):
        if name != SHEET:
            return data
        for column in b"AB":
            data = data.replace(b'r="%c3"' % column, b'r="%c%d"' % (column, row))
        return data.replace(b'<row r="3"', b'<row r="%d"' % row)

    return a_workbook(place, lambda path: repacked(path, change))


def a_frame(place, name="10507", size="60"):
    path = place / "frame.csv"
    head = "unit_id,unit_name,province,stratum,size\n"
    path.write_text(f"{head}{name},Xã,31,s,{size}\n", encoding="utf-8")
    return [one.code for one in check_frame(path)[1] if one.severity == "error"]


def an_id(_target, place, length):
    return a_frame(place, name="a" * length)


def a_size(_target, place, size):
    return a_frame(place, size=str(size))


def a_definition(place, *questions, **more):
    path = place / "form.json"
    path.write_text(json.dumps(form(*questions, **more)), encoding="utf-8")
    return [one.code for one in check_questionnaire(path)[1]]


def questions(_target, place, count):
    return a_definition(place, *(single(f"q{number}") for number in range(count)))


def many_options(_target, place, count):
    return a_definition(place, single("q1", options=options(count)))


def nested(_target, place, depth):
    value: object = {}
    for _ in range(depth - 2):
        value = {"a": value}
    return a_definition(place, more=value)


def definition_bytes(_target, place, size):
    path = place / "form.json"
    written = json.dumps(form())
    path.write_text(written + " " * (size - len(written)), encoding="utf-8")
    return [one.code for one in check_questionnaire(path)[1]]


def wrong_codes(target, _place, count):
    client = make_app(target.installation, still_limits()).test_client()
    asked = [client.get("/s/" + "0" * 17).status_code for _ in range(count)]
    return [str(status) for status in asked if status != 404]


class Limit(NamedTuple):
    """A figure of the section, the product's own constant, a try, and what is said one above."""

    figure: int
    kept: int
    tried: object
    said: str


LIMITS = {
    "request body: 64 KiB": Limit(64 * 1024, MAX_BODY, a_body, "413"),
    "urlencoded fields: 400": Limit(400, MAX_FIELDS, fields, "413"),
    "open text: 2,000 code points": Limit(2000, TEXT_LIMIT, a_text, "422"),
    "open text: 3 combining marks in a row": Limit(3, text._MARKS_IN_A_ROW, marks, "422"),
    "number: 9 digits": Limit(9, 9, digits, "not-a-number"),
    "choice: one value for single": Limit(1, 1, choices, "422"),
    "CSV: 50 columns": Limit(50, tables.MAX_COLUMNS, columns, "table-too-wide"),
    "CSV: 1,000 characters a cell": Limit(1000, tables.MAX_CELL, a_cell, "cell-too-long"),
    "CSV: first 50 faults": Limit(50, findings.SHOWN_FINDINGS, faults_shown, "more"),
    "XLSX: 5 MiB packed": Limit(5 * MIB, workbooks.MAX_PACKED, packed, "xlsx-refused"),
    "XLSX: 50 MiB unpacked": Limit(50 * MIB, workbooks.MAX_UNPACKED, unpacked, "xlsx-refused"),
    "XLSX: ratio 100": Limit(100, workbooks.MAX_RATIO, a_ratio, "xlsx-refused"),
    "XLSX: 200 members": Limit(200, workbooks.MAX_MEMBERS, members, "xlsx-refused"),
    "XLSX: 200,000 rows": Limit(200_001, tables.MAX_ROWS + 1, last_row, "table-too-long"),
    "ids: 40 characters": Limit(40, 40, an_id, "frame-id-invalid"),
    "unit size: 10,000,000": Limit(10_000_000, MAX_SIZE, a_size, "frame-size-too-large"),
    "questionnaire: 300 questions": Limit(
        300, structure.MAX_QUESTIONS, questions, "too-many-questions"
    ),
    "questionnaire: 60 options": Limit(
        60, of_options.MAX_OPTIONS, many_options, "too-many-options"
    ),
    "questionnaire: nesting 8": Limit(8, structure.MAX_NESTING, nested, "nested-too-deeply"),
    "questionnaire: 1 MiB": Limit(MIB, MIB, definition_bytes, "file-too-large"),
    "requests: 20 wrong codes a minute": Limit(20, WRONG_CODES, wrong_codes, "429"),
}

LONG = {"XLSX: 200,000 rows", "XLSX: 50 MiB unpacked"}

ELSEWHERE = {
    "unknown fields, answers off the path": (
        "hostile/test_forms.py",
        "test_unknown_fields_and_answers_off_the_path_are_never_stored",
    ),
    "compressed request bodies": (
        "hostile/test_forms.py",
        "test_a_body_that_is_packed_or_no_form_is_415",
    ),
    "characters in any text": (
        "hostile/test_forms.py",
        "test_every_forbidden_character_is_refused_in_voluntary_feedback_too",
    ),
    "number, byte for byte": ("hostile/test_forms.py", "test_a_number_is_plain_digits"),
    "choice, byte for byte": (
        "hostile/test_forms.py",
        "test_a_choice_is_one_of_its_options_byte_for_byte",
    ),
    "CSV: 200,000 rows": ("hostile/test_tables.py", "test_a_table_has_200_000_rows"),
    "CSV: encoding, separators": ("hostile/test_tables.py", "test_what_is_odd_and_sound_is_read"),
    "XLSX: members, DTD, relations, macros, hidden rows": (
        "hostile/test_workbooks.py",
        "test_a_hostile_workbook_is_refused_at_little_cost",
    ),
    "XLSX: 1 visible sheet": ("hostile/test_workbooks.py", "test_only_one_sheet_may_be_seen"),
    "XLSX: 50 columns": ("hostile/test_workbooks.py", "test_a_sheet_has_fifty_columns"),
    "questionnaire: routing, patterns": (
        "questionnaires/test_hostile.py",
        "test_a_hostile_definition_is_refused_at_little_cost",
    ),
    "time to answer": (
        "faults/test_full_and_locked.py",
        "test_a_database_locked_for_eight_seconds_is_waited_for_or_said",
    ),
}


@pytest.fixture(scope="module")
def tried() -> Iterator[list[str]]:
    """The limits of which both sides were tried; told when all are through."""
    names: list[str] = []
    yield names
    print(f"\nFI-23 limits {len(names)} of {len(LIMITS)}: taken at each, refused one above", end="")


@pytest.mark.parametrize(
    "name",
    [pytest.param(name, marks=[pytest.mark.faults] * (name in LONG)) for name in LIMITS],
)
def test_a_limit_is_taken_and_one_above_it_refused(target, tmp_path, tried, name):
    limit = LIMITS[name]
    assert limit.kept == limit.figure
    assert limit.said not in limit.tried(target, tmp_path, limit.figure)
    assert limit.said in limit.tried(target, tmp_path, limit.figure + 1)
    tried.append(name)


def test_below_the_least_size_nothing_is_taken(tmp_path):
    assert a_size(None, tmp_path, 1) == []
    assert a_size(None, tmp_path, 0) == ["frame-size-not-positive"]


@pytest.mark.parametrize("name", ELSEWHERE)
def test_what_is_tried_elsewhere_is_there(name):
    file, test = ELSEWHERE[name]
    tree = ast.parse((TESTS / file).read_text(encoding="utf-8"))
    assert test in {node.name for node in tree.body if isinstance(node, ast.FunctionDef)}


def test_nobody_signs_in_or_exports_over_the_network(target):
    """The section limits tries to sign in and exports; both are commands of the machine alone."""
    rules = {rule.rule for rule in target.client.application.url_map.iter_rules()}
    assert not [rule for rule in rules for word in ("login", "sign", "export") if word in rule]
