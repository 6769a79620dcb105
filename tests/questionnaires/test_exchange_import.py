"""XLSForm files become questionnaires, or are refused with a reason for every row."""

from __future__ import annotations

import re
import zipfile
from collections import Counter
from pathlib import Path

import pytest
from small_forms import asked, repacked, workbook

from intake.findings import IntakeError
from questionnaires import check_questionnaire
from questionnaires.exchange import definition_text, read_form

ROOT = Path(__file__).parents[2]
EXAMPLES = ROOT.parent / "shared" / "data" / "questionnaires_examples"
PAGE = ROOT / "docs" / "questionnaires-exchange.md"


def read(tmp_path, survey, **more):
    path = workbook(tmp_path / "form.xlsx", survey, **more)
    questionnaire, findings = check_questionnaire(path)
    assert questionnaire is not None, [finding.sentence("en") for finding in findings]
    return questionnaire


def refusals(tmp_path, survey, **more):
    path = workbook(tmp_path / "form.xlsx", survey, **more)
    questionnaire, findings = check_questionnaire(path)
    assert questionnaire is None
    return [(f.code, f.path, f.row, f.column) for f in findings if f.severity == "error"]


# The files of others ------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def example():
    if not EXAMPLES.is_dir():
        pytest.skip("the shared data is not here")
    return lambda name, language="vi": check_questionnaire(EXAMPLES / name, language)


def test_plain_choices_import_from_the_old_file_format(example):
    questionnaire, findings = example("yes_or_no_question.xls", "en")

    (question,) = questionnaire.questions
    assert (question.id, question.type) == ("good_day", "single")
    assert [option.value for option in question.options] == ["yes", "no"]
    assert {finding.severity for finding in findings} == {"warning"}


def test_an_answer_to_specify_becomes_an_option_with_a_text(example):
    questionnaire, _ = example("specify_other.xls", "en")

    assert [(o.value, o.specify) for o in questionnaire.questions[0].options] == [
        ("male", False),
        ("female", False),
        ("other", True),
    ]


@pytest.mark.parametrize(
    ("name", "rows"),
    [
        ("tutorial.xls", [("xlsform-repeat", "survey", 2)]),
        (
            "choice_filter_test.xlsx",
            [
                ("xlsform-choice-filter", "survey", 3),
                ("xlsform-choice-filter", "survey", 4),
                ("duplicate-option", "choices", 6),
            ],
        ),
        (
            "cascading_select_test.xls",
            [("xlsform-type", "survey", 2)],
        ),
        ("table-list.xls", [("xlsform-media", "choices", row) for row in (23, 24)]),
        (
            "osm_health.xls",
            [
                *(("xlsform-calculation", "survey", row) for row in (3, 3)),
                ("xlsform-list-missing", "survey", 8),
                *(("xlsform-calculation", "survey", row) for row in (14, 14)),
                *(("xlsform-list-missing", "survey", row) for row in (14, 16, 18)),
                ("bad-version", "settings", 2),
                ("bad-option-value", "choices", 78),
            ],
        ),
    ],
)
def test_what_cannot_be_held_is_refused_row_by_row(example, name, rows):
    questionnaire, findings = example(name)

    assert questionnaire is None
    assert [(f.code, f.path, f.row) for f in findings if f.severity == "error"] == rows


def test_the_table_of_examples_in_the_documentation_is_what_happens(example):
    page = PAGE.read_text("utf-8")
    table = re.findall(r"^\| `([\w-]+\.\w+)` \| ([^|]+) \|", page, re.MULTILINE)

    assert {name for name, _ in table} == {
        path.name for path in EXAMPLES.iterdir() if path.suffix in (".xls", ".xlsx", ".xml")
    }
    for name, told in table:
        if name.endswith(".xml"):
            with pytest.raises(IntakeError) as refused:
                read_form(EXAMPLES / name)
            assert "XML" in refused.value.advice.en
            findings = list(refused.value.findings)
        else:
            _, findings = example(name)
        counted = Counter(f.code for f in findings if f.severity == "error")
        said = re.findall(r"([a-z-]+) ([0-9]+)", told.replace("`", ""))
        assert {code: int(number) for code, number in said} == counted, name
        for finding in findings:
            assert finding.advice.vi
            assert finding.advice.en
            if name.endswith(".xml") or finding.severity != "error":
                continue
            assert None not in (finding.path, finding.row, finding.column), finding


def test_every_row_of_the_test_of_all_types_has_its_own_reason(example):
    _, findings = example("xlsform_spec_test.xlsx")

    refused = {f.row for f in findings if f.severity == "error" and f.path == "survey"}
    assert {3, 5, 7, 9, 14, 15, 18, 30, *range(32, 39), 40} <= refused
    left_out = {f.row for f in findings if f.code == "xlsform-left-out"}
    assert {42, 44, 46, 48, 50, 52, 54} <= left_out


# What a questionnaire can hold --------------------------------------------------------------------


def test_types_bounds_and_texts_arrive(tmp_path):
    form = read(
        tmp_path,
        [
            asked("a", "integer", constraint=". >= 1 and . < 10", required="yes"),
            asked("b", "decimal", constraint="0 <= . and . <= 2.5", hint="Gợi ý"),
            asked("c", "date", constraint=". >= date('2026-01-31')"),
            asked("d", "text"),
            asked("e", "text", appearance="multiline", constraint="string-length(.) <= 500"),
            asked("f", "rank yn"),
            asked(
                "g",
                "select_multiple yn",
                constraint="not(selected(., 'no') and count-selected(.) > 1)",
                parameters="randomize=true",
            ),
            asked("h", "select_one yn", appearance="likert"),
            asked("i", "percentage"),
        ],
    )

    a, b, c, d, e, f, g, h, i = form.questions
    assert (a.type, a.min, a.max, a.decimals, a.required) == ("number", 1, 9, 0, True)
    assert (b.min, float(b.max), b.decimals, b.hint["vi"]) == (0, 2.5, 2, "Gợi ý")
    assert (c.type, str(c.earliest), c.latest) == ("date", "2026-01-31", None)
    assert (d.type, d.lines, e.lines, e.max_length) == ("text", 1, 5, 500)
    assert f.type == "ranking"
    assert [(o.value, o.exclusive) for o in g.options] == [("yes", False), ("no", True)]
    assert (g.random, h.type, h.random) == (True, "scale", False)
    assert not any(option.exclusive for option in h.options)
    assert (i.min, i.max) == (0, 100)


@pytest.mark.parametrize(
    ("relevant", "conditions"),
    [
        ("${a} = 'yes'", {"a": ("yes",)}),
        ("'yes' = ${a} and selected(${m}, 'no')", {"a": ("yes",), "m": ("no",)}),
        ("selected(${m}, 'no') or selected(${m}, 'yes')", {"m": ("no", "yes")}),
        ("${r} != 'yes'", {"r": ("no",)}),
        ("not(selected(${r}, 'no'))", {"r": ("yes",)}),
        ("${m} != ''", {"m": ("yes", "no")}),
        ("${n} >= 18 and ${n} < 21", {"n": ("18", "19", "20")}),
        ("${n} > 98", {"n": ("99", "100")}),
    ],
)
def test_conditions_that_can_be_held_are(tmp_path, relevant, conditions):
    form = read(
        tmp_path,
        [
            asked("a"),
            asked("r", required="yes"),
            asked("m", "select_multiple yn"),
            asked("n", "integer", constraint=". <= 100"),
            asked("z", "text", relevant=relevant),
        ],
    )

    assert {c.question: c.values for c in form.question_by_id["z"].show_if} == conditions


def test_groups_become_sections_one_level_deep_with_notes_before_them(tmp_path):
    form = read(
        tmp_path,
        [
            asked("first"),
            {"type": "begin group", "name": "g", "label": "Nhóm", "relevant": "${first}='yes'"},
            asked("n", "note", "Lời dẫn"),
            asked("second"),
            {"type": "begin_group", "name": "inner", "relevant": "${second}='no'"},
            asked("third"),
            {"type": "end_group"},
            asked("fourth"),
            {"type": "end group"},
        ],
    )

    sections = [
        (s.id, s.title["vi"], s.intro and s.intro["vi"], [c.question for c in s.show_if])
        for s in form.sections
    ]
    assert sections == [
        ("part-1", "thu", None, []),
        ("g", "Nhóm", "Lời dẫn", ["first"]),
        ("inner", "Nhóm", None, ["first", "second"]),
        ("g-2", "Nhóm", None, ["first"]),
    ]


def test_a_table_of_one_list_becomes_a_matrix(tmp_path):
    form = read(
        tmp_path,
        [
            {"type": "begin group", "name": "t", "label": "Bảng", "appearance": "table-list"},
            asked("t_x", label="Dòng 1"),
            asked("t_y", label="Dòng 2"),
            {"type": "end group"},
            asked("z", "text", relevant="${t_x}='no'"),
        ],
    )

    matrix, text = form.questions
    assert (matrix.type, matrix.heads) == ("matrix", ("t_x", "t_y"))
    assert text.show_if[0].question == "t_x"


def test_a_table_whose_rows_say_more_is_asked_question_by_question(tmp_path):
    form = read(
        tmp_path,
        [
            {"type": "begin group", "name": "t", "label": "Bảng", "appearance": "table-list"},
            asked("x", hint="Gợi ý"),
            asked("y"),
            {"type": "end group"},
        ],
    )

    assert [(q.id, q.type) for q in form.questions] == [("x", "single"), ("y", "single")]


def test_an_earlier_answer_in_a_text_becomes_a_hole(tmp_path):
    path = workbook(
        tmp_path / "f.xlsx", [asked("a", "integer"), asked("b", label="Trong ${a} lần")]
    )
    questionnaire, findings = check_questionnaire(path)

    assert questionnaire.questions[1].label["vi"] == "Trong {answer:a|…} lần"
    assert "xlsform-no-other-words" in {finding.code for finding in findings}


def test_languages_are_told_apart_and_the_unmarked_one_is_named_by_the_reader(tmp_path):
    choices = [{"list_name": "yn", "name": "1", "label": "ok", "label::Tiếng Việt (vi)": "được"}]
    survey = [{"type": "select_one yn", "name": "a", "label": "Q", "label::Vietnamese": "Câu"}]
    path = workbook(tmp_path / "f.xlsx", survey, choices)

    in_english, _ = check_questionnaire(path, "en")
    in_vietnamese, findings = check_questionnaire(path)

    assert dict(in_english.questions[0].label) == {"en": "Q", "vi": "Câu"}
    assert in_english.languages == ("vi", "en")
    assert in_vietnamese is None
    assert "xlsform-two-texts" in {finding.code for finding in findings}


def test_without_vietnamese_a_form_is_warned_of_and_not_refused(tmp_path):
    path = workbook(tmp_path / "f.xlsx", [{"type": "text", "name": "a", "label::en": "Name?"}])
    questionnaire, findings = check_questionnaire(path)

    assert str(questionnaire.questions[0].label) == "Name?"
    missing = [f for f in findings if f.code == "missing-text"]
    assert {(f.severity, f.path, f.row, f.column) for f in missing} == {
        ("warning", "survey", 2, "label::en")
    }


def test_the_definition_written_reads_back_as_the_same_questionnaire(tmp_path):
    path = workbook(
        tmp_path / "f.xlsx",
        [
            asked("a", label="Anh/chị: “có” hay không? {# no}".replace("{# no}", "# no")),
            asked("b", "decimal", constraint=". <= 0.5", relevant="${a}='no'"),
            asked("c"),
        ],
    )
    first, _ = check_questionnaire(path)
    written = tmp_path / "f.yaml"
    written.write_text(definition_text(read_form(path).value), "utf-8")
    second, findings = check_questionnaire(written)

    assert second.sections == first.sections, findings
    assert "scales:" in written.read_text("utf-8")


# What it cannot -----------------------------------------------------------------------------------

ONE_ROW = [
    (asked(type="geopoint"), "xlsform-type", "type"),
    (asked(type="select_one_from_file a.csv"), "xlsform-type", "type"),
    (asked(type="select_one no_such"), "xlsform-list-missing", "type"),
    (asked(type="calculate", calculation="1+1"), "xlsform-calculation", "type"),
    (asked(calculation="'yes'"), "xlsform-calculation", "calculation"),
    (asked(choice_filter="x=${b}"), "xlsform-choice-filter", "choice_filter"),
    (asked(relevant="${a} = 'yes' or ${b} = 'yes'"), "xlsform-condition", "relevant"),
    (asked(relevant="pulldata('x', 'y', 'z', 'w')"), "xlsform-condition", "relevant"),
    (asked(relevant="(" * 30 + "${b}='yes'" + ")" * 30), "xlsform-condition", "relevant"),
    (asked(relevant="${later}='yes'"), "xlsform-condition", "relevant"),
    (asked(relevant="${b} != 'yes'"), "xlsform-condition", "relevant"),
    (asked(constraint=". != 'yes'"), "xlsform-constraint", "constraint"),
    (asked(type="integer", constraint=". >= -5"), "xlsform-constraint", "constraint"),
    (asked(type="text", constraint="regex(., '[a-z]+')"), "xlsform-constraint", "constraint"),
    (asked(required="${b}='yes'"), "xlsform-required", "required"),
    (asked(readonly="yes"), "xlsform-read-only", "readonly"),
    (asked(image="a.png"), "xlsform-media", "image"),
    (asked(label="Chào ${nobody}"), "xlsform-reference", "label"),
    (asked(hailong="[1]"), "xlsform-extra-broken", "hailong"),
    (asked(hailong='{"goto": [{"to": "b"}]}'), "backward-goto", "hailong"),
    (asked(type="begin repeat"), "xlsform-repeat", "type"),
    (asked(type="begin group"), "xlsform-group-open", "type"),
    (asked(type="end group"), "xlsform-group-end", "type"),
    (asked(type="note"), "xlsform-note-place", "label"),
    (asked("a b"), "bad-id", "name"),
    (asked("b"), "duplicate-id", "name"),
]


@pytest.mark.parametrize(("row", "code", "column"), ONE_ROW)
def test_a_row_that_cannot_be_held_names_its_cell(tmp_path, row, code, column):
    found = refusals(tmp_path, [asked("b"), row])

    assert (code, "survey", 3, column) in found


def test_all_rows_are_refused_at_once_and_nothing_else_of_them_is_said(tmp_path):
    found = refusals(tmp_path, [asked(f"q{n}", "geopoint") for n in range(5)] + [asked("z")])

    assert found == [("xlsform-type", "survey", row, "type") for row in range(2, 7)]


def test_a_language_that_is_not_known_is_refused_at_its_column(tmp_path):
    found = refusals(tmp_path, [{"type": "text", "name": "a", "label::Klingon": "x"}])

    assert found == [("xlsform-unknown-language", "survey", 1, "label::Klingon")]


def test_what_pyxform_refuses_is_refused_with_its_words(tmp_path):
    settings = {"form_id": "thu", "version": "1", "name": "1 2"}
    found = refusals(tmp_path, [asked()], settings=settings)

    assert [code for code, *_ in found] == ["xlsform-refused"]


# Hostile files ------------------------------------------------------------------------------------


def codes(path):
    questionnaire, findings = check_questionnaire(path)
    assert questionnaire is None
    return {finding.code for finding in findings}


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b"type,name\ntext,a\n", "xlsform-not-a-workbook"),
        (b"PK\x03\x04 and no more", "xlsx-broken"),
        (bytes.fromhex("D0CF11E0A1B11AE1") + b"\x00" * 2000, "xlsx-broken"),
        (b"PK\x03\x04" + b"\x00" * (5 * 1024 * 1024), "xlsx-refused"),
    ],
)
def test_what_is_no_sound_workbook_is_refused(tmp_path, data, code):
    path = tmp_path / "form.xls"
    path.write_bytes(data)

    assert codes(path) == {code}


def container(entry, after_directory):
    """Return an old Excel container: a header, the table of sectors, one sector of entries."""
    end, free = 0xFFFFFFFE, 0xFFFFFFFF
    header = bytearray(bytes.fromhex("D0CF11E0A1B11AE1") + bytes(504))
    header[30:32] = (9).to_bytes(2, "little")
    header[48:52] = (1).to_bytes(4, "little")
    header[60:64] = end.to_bytes(4, "little")
    header[76:] = b"".join(n.to_bytes(4, "little") for n in (0, *[free] * 108))
    table = b"".join(n.to_bytes(4, "little") for n in (end, after_directory, *[free] * 126))
    name = entry.encode("utf-16-le")
    line = name.ljust(64, b"\0") + (len(name) + 2).to_bytes(2, "little") + b"\2" + bytes(61)
    return bytes(header) + table + line.ljust(512, b"\0")


@pytest.mark.parametrize(
    ("entry", "after", "code"),
    [
        ("_VBA_PROJECT_CUR", 0xFFFFFFFE, "xlsx-refused"),
        ("Workbook", 0xFFFFFFFE, "xlsx-broken"),
        ("Workbook", 1, "xlsx-broken"),
    ],
    ids=["macros", "empty", "in circles"],
)
def test_old_containers_with_macros_or_in_circles_are_refused_at_once(tmp_path, entry, after, code):
    path = tmp_path / "form.xls"
    path.write_bytes(container(entry, after))

    assert codes(path) == {code}


def test_a_long_text_shared_by_many_cells_is_refused(tmp_path):
    rows = [{"type": "note", **{f"c{n}": "ă" * 30_000 for n in range(20)}}] * 10

    assert codes(workbook(tmp_path / "a.xlsx", rows)) == {"xlsx-refused"}


def test_a_file_that_is_not_there_is_named(tmp_path):
    assert codes(tmp_path / "none.xlsx") == {"file-missing"}


def test_entities_macros_and_bombs_never_reach_a_reader(tmp_path):
    path = workbook(tmp_path / "a.xlsx", [asked()])
    sheet = "xl/worksheets/sheet1.xml"
    entity = b'<?xml version="1.0"?><!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/passwd">]>'
    repacked(path, lambda name, data: entity + data[55:] if name == sheet else data)
    assert codes(path) == {"xlsx-broken"}

    path = workbook(tmp_path / "b.xlsx", [asked()])
    with zipfile.ZipFile(path, "a") as archive:
        archive.writestr("xl/vbaProject.bin", b"x")
    assert codes(path) == {"xlsx-refused"}

    path = workbook(tmp_path / "c.xlsx", [asked()])
    with zipfile.ZipFile(path, "a", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/bomb.xml", b"0" * 20_000_000)
    assert codes(path) == {"xlsx-refused"}


def test_a_size_that_lies_hides_no_rows(tmp_path):
    path = workbook(tmp_path / "a.xlsx", [asked("a"), asked("b")])

    def lie(name, data):
        return data.replace(b'ref="A1:C3"', b'ref="A1"') if "sheet1" in name else data

    questionnaire, _ = check_questionnaire(repacked(path, lie))

    assert len(questionnaire.questions) == 2


def test_rows_after_a_long_gap_are_read_and_too_many_are_refused(tmp_path):
    path = workbook(tmp_path / "a.xlsx", [asked("a"), *([{}] * 100), asked("b")])
    questionnaire, _ = check_questionnaire(path)
    assert [question.id for question in questionnaire.questions] == ["a", "b"]

    path = workbook(tmp_path / "b.xlsx", [asked("a"), *([{}] * 6000), asked("b")])
    assert codes(path) == {"xlsx-refused"}


def test_sheets_that_cannot_be_held_and_forms_without_rows_are_refused(tmp_path):
    rows = [{"list_name": "x", "name": "a", "label": "A"}]
    assert codes(workbook(tmp_path / "a.xlsx", [asked()], entities=rows)) == {
        "xlsform-sheet-unsupported"
    }
    assert codes(workbook(tmp_path / "b.xlsx", [])) == {"xlsform-no-survey"}
    assert codes(workbook(tmp_path / "c.xlsx", [asked(label="a\u202eb")])) == {
        "character-forbidden"
    }
