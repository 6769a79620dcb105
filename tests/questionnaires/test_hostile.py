"""What somebody writes to harm the server: refused under its code, in under one second and 50 MiB.

Faults of honest files have their cases in ``test_checks`` and ``test_exchange_import``; here stand
files that try to cost time or memory, or to say one thing to a reader and another to a program.
"""

from __future__ import annotations

import json
import time
import tracemalloc
import zipfile

import pytest
from small_forms import asked, form, options, repacked, single, text, workbook

from questionnaires import check_questionnaire

MIB = 2**20
SECONDS = 1.0


def codes_within_limits(path, *, memory=False):
    """The codes of the errors about a file; too much time, or memory, fails the test.

    Watching the memory takes many times as long, so that it is done where most is at stake.
    """
    begun = time.process_time()
    questionnaire, findings = check_questionnaire(path)
    assert time.process_time() - begun < SECONDS
    errors = [finding.code for finding in findings if finding.severity == "error"]
    assert (questionnaire is None) == bool(errors)
    if memory:
        tracemalloc.start()
        try:
            check_questionnaire(path)
            assert tracemalloc.get_traced_memory()[1] < 50 * MIB
        finally:
            tracemalloc.stop()
    return errors


# Files of 1 MiB, and small ones that ask for much work --------------------------------------------

WRITTEN = {
    "bomb": (
        "a0: &a0 [x, x]\n" + "".join(f"a{n + 1}: &a{n + 1} [*a{n}, *a{n}]\n" for n in range(9)),
        "document-syntax",
    ),
    "merge": ("a: &x {b: 1}\n<<: *x\n", "document-syntax"),
    "object": ("!!python/object/apply:os.system [id]\n", "tag-refused"),
    "repeated": ("id: a\nid: b\n", "key-repeated"),
    "repeated JSON": ('{"id": "a", "id": "b"}', "key-repeated"),
    "deep": ("{a: " * 1000, "document-too-deep"),
    "long list": ("- a\n" * (MIB // 4 - 1), "document-too-many-values"),
    "long line": ("id: " + "x" * (MIB - 4), "text-too-long"),
    "larger": ("#\n" * (MIB // 2 + 1), "file-too-large"),
    "accents": ("id: a" + "\u0301" * 400_000, "character-forbidden"),
    "holes": (f"id: a\ntitle: {{vi: '{'{answer:' * 100_000}'}}", "text-too-long"),
}

MADE = {
    "keys": ({**form(), **{f"k{n}": 1 for n in range(25_000)}}, "too-many-errors"),
    "languages": (
        form(
            *(single(f"q{n}", options=options(60)) for n in range(100)),
            languages=[f"aa-{n:05}" for n in range(8000)],
        ),
        "too-many-languages",
    ),
    "factors": (
        form(
            *(single(f"q{n}", factor=f"z{n}") for n in range(300)),
            blocks=[
                {
                    "code": "b",
                    "title": text("B"),
                    "factors": [{"code": f"f{n}", "title": text("F")} for n in range(6000)],
                }
            ],
        ),
        "unknown-factor",
    ),
    "numbers": (
        form(
            {"id": "n", "type": "number", "label": text("n")},
            *(
                single(f"q{n}", show_if={"n": [str(7000 * n + k) for k in range(7000)]})
                for n in range(6)
            ),
        ),
        "too-many-values",
    ),
    "pattern": (
        form({"id": "t", "type": "text", "label": text("t"), "pattern": "(a+)+$"}),
        "unknown-key",
    ),
    "circle": (
        form(
            single("q1", show_if={"q2": "1"}),
            single("q2", show_if={"q1": "1"}, goto=[{"to": "q1"}]),
        ),
        "backward-condition",
    ),
}


@pytest.mark.parametrize("name", WRITTEN)
def test_a_hostile_text_is_refused_at_little_cost(tmp_path, name):
    content, code = WRITTEN[name]
    path = tmp_path / "form.yaml"
    path.write_text(content, "utf-8")

    assert code in codes_within_limits(path, memory=name == "long list")


@pytest.mark.parametrize("name", MADE)
def test_a_hostile_definition_is_refused_at_little_cost(tmp_path, name):
    definition, code = MADE[name]
    path = tmp_path / "form.json"
    path.write_text(json.dumps(definition, separators=(",", ":")), "utf-8")

    assert code in codes_within_limits(path)


@pytest.mark.parametrize(
    "questions",
    [
        [
            *({**single(f"m{n}", options=options(4)), "type": "multi"} for n in range(250)),
            single("z", show_if={f"m{n}": ["0", "1", "2"] for n in range(250)}),
        ],
        [
            *(single(f"m{n}") for n in range(14)),
            *(single(f"y{n}") for n in range(270)),
            *(single(f"z{n}", show_if={f"m{k}": "1" for k in range(14)}) for n in range(10)),
        ],
    ],
    ids=["many answers", "long memory"],
)
def test_the_search_for_unreachable_questions_gives_up_in_time(tmp_path, questions):
    path = tmp_path / "form.json"
    path.write_text(json.dumps(form(*questions)), "utf-8")

    assert codes_within_limits(path) == []


# Workbooks ----------------------------------------------------------------------------------------

SHEET = "xl/worksheets/sheet1.xml"


def added(path, name, data):
    with zipfile.ZipFile(path, "a", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(name, data)


def replaced(path, before, after):
    def change(name, data):
        assert name != SHEET or before in data
        return data.replace(before, after) if name == SHEET else data

    repacked(path, change)


DTD = b'<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">]><worksheet'

SPOILT = {
    "bomb": (lambda path: added(path, "xl/media/a.xml", b"0" * 60_000_000), "xlsx-refused"),
    "macro": (lambda path: added(path, "xl/vbaProject.bin", b"x"), "xlsx-refused"),
    "way out": (lambda path: added(path, "../../evil.xml", b"x"), "xlsx-refused"),
    "members": (
        lambda path: [added(path, f"xl/a{n}.xml", b"x") for n in range(200)],
        "xlsx-refused",
    ),
    "links": (
        lambda path: added(
            path,
            "xl/_rels/more.xml.rels",
            b'<Relationships><Relationship Id="r" Type="t" TargetMode="External" '
            b'Target="file:///etc/passwd"/></Relationships>',
        ),
        "xlsx-refused",
    ),
    "entities": (lambda path: replaced(path, b"<worksheet", DTD), "xlsx-broken"),
    "hidden row": (
        lambda path: replaced(path, b'<row r="2"', b'<row r="2" hidden="1"'),
        "xlsx-hidden",
    ),
    "entities late": (
        lambda path: replaced(path, b"<worksheet", b"<!--" + b"x" * 70_000 + b"-->" + DTD),
        "xlsx-broken",
    ),
    "entities in UTF-16": (
        lambda path: repacked(
            path,
            lambda name, data: (
                data[data.index(b"?>") + 2 :].replace(b"<worksheet", DTD).decode().encode("utf-16")
                if name == SHEET
                else data
            ),
        ),
        "xlsx-broken",
    ),
}


@pytest.mark.parametrize("name", SPOILT)
def test_a_hostile_workbook_is_refused_at_little_cost(tmp_path, name):
    spoil, code = SPOILT[name]
    path = workbook(tmp_path / "form.xlsx", [asked()])
    spoil(path)

    assert codes_within_limits(path, memory=name == "bomb") == [code]


@pytest.mark.filterwarnings("ignore:Duplicate name")
def test_a_workbook_with_two_members_of_one_name_is_refused(tmp_path):
    path = workbook(tmp_path / "form.xlsx", [asked()])
    added(path, SHEET, b"<worksheet/>")

    assert codes_within_limits(path) == ["xlsx-refused"]
