"""Every fault a definition can have is found, at its line and path, and all of them at once.

Covers security.md §4, line "questionnaire": 300 questions, 60 options, nesting 8, forward routing,
known targets and values, required questions reachable, text in Vietnamese.
"""

from __future__ import annotations

import ast
import copy
import json
import re
from pathlib import Path

import pytest
from small_forms import YES_NO, form, options, single, text

import questionnaires.checks
from analysis.respondents import DESIGN_COLUMNS
from intake.findings import Finding, QuestionnaireError
from questionnaires import check_questionnaire, read_questionnaire


def without(mapping: dict[str, object], key: str) -> dict[str, object]:
    return {name: value for name, value in mapping.items() if name != key}


def findings_of(tmp_path: Path, definition: object) -> list[Finding]:
    path = tmp_path / "form.json"
    path.write_text(json.dumps(definition, ensure_ascii=True), encoding="utf-8")
    return check_questionnaire(path)[1]


MATRIX = {
    "id": "m",
    "type": "matrix",
    "label": text("m"),
    "options": YES_NO,
    "rows": [{"id": "01", "label": text("r")}],
}
SECTION = {"id": "s", "title": text("s"), "questions": [single("q1")]}
BLOCK = {"code": "I", "title": text("I"), "factors": [{"code": "I.A", "title": text("A")}]}


def many_conditions() -> list[dict[str, object]]:
    """Seventeen multiple choices whose every answer is still asked for at the end."""
    asked = [{**single(f"m{n}"), "type": "multi", "options": options(4)} for n in range(17)]
    last = single("last", show_if={f"m{n}": ["0", "1", "2"] for n in range(17)})
    return [*asked, last]


def date_asked(**more: object) -> dict[str, object]:
    return {"id": "d", "type": "date", "label": text("d"), **more}


def shuffled(*questions: object) -> dict[str, object]:
    """A form whose second section stands in random order."""
    sections = [
        {**SECTION, "id": "first", "questions": [single("q0")]},
        {"id": "loose", "title": text("s"), "order": "random", "questions": list(questions)},
    ]
    return without(form(sections=sections), "questions")


CASES: dict[str, tuple[object, str, str]] = {
    # code: (definition, path of the finding, severity)
    "wrong-shape": (form(title="Phiếu"), "title", "error"),
    "unknown-key": (form(single("q1", lable={})), "questions[0].lable", "error"),
    "missing-key": (without(form(), "version"), "", "error"),
    "missing-id": (form(without(single("q1"), "id")), "questions[0]", "error"),
    "bad-id": (form(single("câu 1")), "questions[0].id", "error"),
    "duplicate-id": (form(single("q1"), single("Q1")), "questions[1].id", "error"),
    "unknown-type": (form(single("q1", type="slider")), "questions[0].type", "error"),
    "options-missing": (form(without(single("q1"), "options")), "questions[0]", "error"),
    "duplicate-option": (
        form(single("q1", options=[*YES_NO, YES_NO[0]])),
        "questions[0].options[2].value",
        "error",
    ),
    "bad-option-value": (
        form(single("q1", options=[{"value": "a b", "label": text("o")}])),
        "questions[0].options[0].value",
        "error",
    ),
    "too-many-options": (form(single("q1", options=options(61))), "questions[0].options", "error"),
    "too-many-questions": (form(*(single(f"q{n}") for n in range(301))), "", "error"),
    "no-questions": (form(questions=[]), "", "error"),
    "rows-missing": (form({**MATRIX, "rows": []}), "questions[0]", "error"),
    "missing-text": (form(single("q1", label={"en": "x"})), "questions[0].label.vi", "error"),
    "missing-translation": (
        form(single("q1", label={"vi": "x"})),
        "questions[0].label.en",
        "warning",
    ),
    "bad-language": (form(languages=["vi", "Tiếng Anh"]), "languages[1]", "error"),
    "languages-missing": (without(form(), "languages"), "", "warning"),
    "source-missing": (without(form(), "source"), "", "warning"),
    "bad-version": (form(version="mới nhất"), "version", "error"),
    "text-too-long": (form(single("q1", label=text("x" * 2001))), "questions[0].label.vi", "error"),
    "character-forbidden": (
        form(single("q1", label=text("a\u202eb"))),
        "questions[0].label.vi",
        "error",
    ),
    "unknown-scale": (
        form({**without(single("q1"), "options"), "scale": "hai_lòng"}),
        "questions[0].scale",
        "error",
    ),
    "unknown-factor": (
        form(single("q1", factor="I.A"), single("q2", factor="I.Z"), blocks=[BLOCK]),
        "questions[1].factor",
        "error",
    ),
    "factor-without-items": (form(blocks=[BLOCK]), "blocks[0].factors[0]", "error"),
    "unknown-missing-reason": (
        form(single("q1", options=[{"value": "9", "label": text("o"), "missing": "lost"}])),
        "questions[0].options[0].missing",
        "error",
    ),
    "bad-number": (
        form({"id": "n", "type": "number", "label": text("n"), "min": -1}),
        "questions[0].min",
        "error",
    ),
    "min-above-max": (
        form({"id": "n", "type": "number", "label": text("n"), "min": 5, "max": 4}),
        "questions[0].min",
        "error",
    ),
    "max-length-too-large": (
        form({"id": "t", "type": "text", "label": text("t"), "max_length": 2001}),
        "questions[0].max_length",
        "error",
    ),
    "misplaced-key": (form(single("q1", max_length=5)), "questions[0].max_length", "warning"),
    "sections-and-questions": (form(sections=[SECTION]), "questions", "error"),
    "nested-too-deeply": (
        form(hint={"a": {"b": {"c": {"d": {"e": {"f": {"g": {"h": {}}}}}}}}}),
        "hint.a.b.c.d.e.f.g",
        "error",
    ),
    "duplicate-item-code": (form(single("m_01"), MATRIX), "questions[1]", "error"),
    "unknown-target": (
        form(single("q1", goto=[{"when": {"q1": "1"}, "to": "q9"}]), single("q2")),
        "questions[0].goto[0].to",
        "error",
    ),
    "backward-goto": (
        form(single("q1"), single("q2", goto=[{"when": {"q2": "1"}, "to": "q1"}])),
        "questions[1].goto[0].to",
        "error",
    ),
    "unknown-condition-question": (
        form(single("q1", show_if={"q0": "1"})),
        "questions[0].show_if.q0",
        "error",
    ),
    "unknown-condition-value": (
        form(single("q1"), single("q2", show_if={"q1": "3"})),
        "questions[1].show_if.q1",
        "error",
    ),
    "backward-condition": (
        form(single("q1", show_if={"q2": "1"}), single("q2")),
        "questions[0].show_if.q2",
        "error",
    ),
    "required-unreachable": (
        form(single("q1", goto=[{"to": "q3"}]), single("q2", required=True), single("q3")),
        "questions[1]",
        "error",
    ),
    "question-unreachable": (
        form(single("q1", goto=[{"to": "q3"}]), single("q2"), single("q3")),
        "questions[1]",
        "warning",
    ),
    "bad-date": (form(date_asked(min="2026-02-30")), "questions[0].min", "error"),
    "option-not-missing": (
        form({"id": "n", "type": "number", "label": text("n"), "options": YES_NO[:1]}),
        "questions[0].options[0]",
        "error",
    ),
    "unknown-order": (form(single("q1", order="reverse")), "questions[0].order", "error"),
    "nothing-to-shuffle": (
        form(single("q1", order="random", options=[YES_NO[0], {**YES_NO[1], "exclusive": True}])),
        "questions[0].order",
        "warning",
    ),
    "comma-in-order": (
        form(single("q1", order="random", options=[*YES_NO, {"value": "a,b", "label": text("o")}])),
        "questions[0].order",
        "error",
    ),
    "jump-in-random-order": (
        shuffled(single("q1", goto=[{"to": "end"}]), single("q2", required="soft")),
        "sections[1].questions[0].goto",
        "error",
    ),
    "unknown-mode": (
        form(single("q1", wording={"tablet": {"label": text("o")}})),
        "questions[0].wording.tablet",
        "error",
    ),
    "bad-hole": (form(single("q1", label=text("Về {unit}"))), "questions[0].label.vi", "error"),
    "hole-not-here": (
        form(title={"vi": "Về {unit|cơ quan}", "en": "x"}),
        "title.vi",
        "error",
    ),
    "holes-differ": (
        form(single("q1", label={"vi": "Về {unit|cơ quan}", "en": "About the office"})),
        "questions[0].label.en",
        "warning",
    ),
    "unknown-piped-question": (
        form(single("q1"), single("q2", label={"vi": "{answer:q0|việc này}", "en": "x"})),
        "questions[1].label.vi",
        "error",
    ),
    "backward-piping": (
        form(single("q1", hint={"vi": "{answer:q1|việc này}", "en": "x"})),
        "questions[0].hint.vi",
        "error",
    ),
    "reserved-id": (form(single("design_weight")), "questions[0]", "error"),
    "reasons-only": (
        form(single("q1", options=[{"value": "9", "label": text("o"), "missing": "refused"}])),
        "questions[0].options",
        "error",
    ),
    "same-label": (
        form(single("q1", options=[YES_NO[0], {**YES_NO[0], "value": "2"}])),
        "questions[0].options[1].label",
        "warning",
    ),
    "too-many-errors": (form(*(single("q1") for _ in range(600))), "", "error"),
    "too-many-languages": (
        form(
            *({**single(f"q{n}"), "label": {"vi": "q"}, "options": options(20)} for n in range(9)),
            languages=["vi", *(f"en-{n:03}" for n in range(20))],
        ),
        "languages",
        "error",
    ),
    "too-many-values": (
        form(single("q1"), single("q2", show_if={"q1": ["1"] * 201})),
        "questions[1].show_if.q1",
        "error",
    ),
    "too-many-jumps": (
        form(single("q1", goto=[{"to": "q2"}] * 61), single("q2")),
        "questions[0].goto",
        "error",
    ),
    "reachability-not-checked": (form(*many_conditions()), "", "warning"),
}


def test_a_definition_in_order_has_no_findings(tmp_path):
    assert findings_of(tmp_path, form()) == []


@pytest.mark.parametrize("code", CASES)
def test_each_fault_is_found_under_its_own_code_at_its_own_place(tmp_path, code):
    definition, path, severity = CASES[code]

    found = findings_of(tmp_path, definition)

    assert [(f.code, f.path or "", f.severity) for f in found if f.code == code][:1] == [
        (code, path, severity)
    ]
    hit = next(f for f in found if f.code == code)
    assert hit.file == "form.json"
    assert hit.row == 1
    assert hit.message.vi
    assert hit.message.en
    assert hit.advice.vi
    assert hit.advice.en
    # One fault in the file is one error.
    assert len([f for f in found if f.severity == "error"]) == (severity == "error") or code in (
        "nested-too-deeply",
        "character-forbidden",
        "text-too-long",
        "bad-hole",
        "too-many-errors",
    )


def test_every_code_in_checks_has_a_case_here():
    folder = Path(questionnaires.checks.__file__).parent
    constants = {
        node.value
        for path in folder.glob("*.py")
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Constant) and isinstance(node.value, str)
    }
    codes = {value for value in constants if re.fullmatch(r"[a-z]+(-[a-z]+)+", value)}

    assert codes == set(CASES)


def test_all_faults_of_a_file_come_at_once_with_line_and_path(tmp_path):
    path = tmp_path / "form.yaml"
    path.write_text(
        "\n".join(
            [
                'id: "trial"',
                'version: "2026-1"',
                'languages: ["vi"]',
                'title: {vi: "Phiếu"}',
                'source: "thử"',
                "questions:",
                '  - id: "q1"',
                '    type: "sigle"',
                '    label: {vi: "Một"}',
                '  - id: "q2"',
                '    type: "single"',
                '    label: {en: "Two"}',
                '    options: [{value: "1", label: {vi: "Có"}}]',
                "    goto:",
                '      - {when: {q2: "1"}, to: "q9"}',
            ]
        ),
        encoding="utf-8",
    )

    questionnaire, found = check_questionnaire(path)

    assert questionnaire is None
    assert [(f.code, f.row, f.path) for f in found] == [
        ("unknown-type", 8, "questions[0].type"),
        ("missing-text", 12, "questions[1].label.vi"),
        ("unknown-target", 15, "questions[1].goto[0].to"),
    ]
    with pytest.raises(QuestionnaireError) as refusal:
        read_questionnaire(path)
    assert len(refusal.value.findings) == 3
    assert refusal.value.code == "unknown-type"


@pytest.mark.parametrize(
    ("at_limit", "beyond", "code"),
    [
        (
            form(single("q1", options=options(60))),
            form(single("q1", options=options(61))),
            "too-many-options",
        ),
        (
            form(*(single(f"q{n}") for n in range(300))),
            form(*(single(f"q{n}") for n in range(301))),
            "too-many-questions",
        ),
        (
            form(single("q" * 40)),
            form(single("q" * 41)),
            "bad-id",
        ),
        (
            form(single("q1", label=text("ế" * 2000))),
            form(single("q1", label=text("ế" * 2001))),
            "text-too-long",
        ),
    ],
    ids=["options", "questions", "id", "label"],
)
def test_a_limit_is_accepted_and_one_more_is_refused(tmp_path, at_limit, beyond, code):
    assert findings_of(tmp_path, at_limit) == []
    assert code in [f.code for f in findings_of(tmp_path, beyond)]


@pytest.mark.parametrize("name", [*DESIGN_COLUMNS, "weight", "code", "Unit"])
def test_no_answer_takes_the_place_of_a_column_of_the_design(tmp_path, name):
    assert "reserved-id" in [f.code for f in findings_of(tmp_path, form(single(name)))]


@pytest.mark.parametrize(
    ("value", "taken"), [("0", True), ("5", True), ("6", False), ("2.5", False)]
)
def test_a_condition_names_only_numbers_that_can_be_given(tmp_path, value, taken):
    number = {"id": "n", "type": "number", "label": text("n"), "min": 0, "max": 5}
    found = findings_of(tmp_path, form(number, single("q", required=True, show_if={"n": value})))

    assert [f.code for f in found] == ([] if taken else ["unknown-condition-value"])


def test_a_letter_written_as_two_codes_in_json_is_that_letter(tmp_path):
    path = tmp_path / "form.json"
    path.write_text(json.dumps(form(title={"vi": "Phiếu 👍", "en": "\\ud83d x"})), "utf-8")

    assert read_questionnaire(path).title["vi"] == "Phiếu 👍"


def test_rows_of_a_matrix_count_as_questions(tmp_path):
    rows = [{"id": f"{n:03}", "label": text("r")} for n in range(300)]

    assert findings_of(tmp_path, form({**MATRIX, "rows": rows})) == []
    one_more = findings_of(tmp_path, form({**MATRIX, "rows": rows}, single("q1")))
    assert [f.code for f in one_more] == ["too-many-questions"]


def test_a_jump_may_lead_to_a_section_or_to_the_end(tmp_path):
    jump = single("q1", goto=[{"when": {"q1": "1"}, "to": "two"}, {"to": "end"}])
    sections = [
        {**SECTION, "id": "one", "questions": [jump, single("q2")]},
        {**SECTION, "id": "two", "questions": [single("q3")]},
    ]

    assert [
        (f.code, f.path)
        for f in findings_of(tmp_path, without(form(sections=sections), "questions"))
    ] == [("question-unreachable", "sections[0].questions[1]")]


def test_a_section_may_not_ask_for_its_own_questions(tmp_path):
    sections = [{**SECTION, "show_if": {"q1": "1"}}]

    found = findings_of(tmp_path, without(form(sections=sections), "questions"))

    assert [(f.code, f.path) for f in found] == [("backward-condition", "sections[0].show_if.q1")]


def test_a_condition_may_ask_for_one_row_of_a_matrix(tmp_path):
    assert findings_of(tmp_path, form(MATRIX, single("q2", show_if={"m_01": ["1", "2"]}))) == []


def test_a_question_that_needs_two_answers_of_one_choice_is_never_reached(tmp_path):
    sections = [
        {**SECTION, "id": "one", "questions": [single("q1")]},
        {
            **SECTION,
            "id": "two",
            "show_if": {"q1": "1"},
            "questions": [single("q2", required=True, show_if={"q1": "2"})],
        },
    ]

    found = findings_of(tmp_path, without(form(sections=sections), "questions"))

    assert [f.code for f in found] == ["required-unreachable"]


def test_a_question_behind_jumps_is_reached_by_leaving_an_answer_out_but_not_a_required_one(
    tmp_path,
):
    jumps = [{"when": {"q1": value}, "to": "q3"} for value in ("1", "2")]
    voluntary = form(single("q1", goto=jumps), single("q2", required=True), single("q3"))
    required = copy.deepcopy(voluntary)
    required["questions"][0]["required"] = True

    assert findings_of(tmp_path, voluntary) == []
    assert [f.code for f in findings_of(tmp_path, required)] == ["required-unreachable"]


def test_no_shape_of_rubbish_breaks_the_checks(tmp_path):
    rubbish = [None, 5, 1.5, True, "x", [], {}, [None], [5], {"a": None}, [[]], [{}]]
    keys = [
        *("id", "version", "languages", "title", "source", "unverified", "notice"),
        *("scales", "blocks", "questions", "sections"),
    ]
    for value in rubbish:
        assert findings_of(tmp_path, value)
        for key in keys:
            findings_of(tmp_path, form(**{key: value}))
        for key in questionnaires.checks.KEYS["question"]:
            for base in (single("q1"), MATRIX):
                findings_of(tmp_path, form({**base, key: value}, single("q2")))
        for key in questionnaires.checks.KEYS["section"]:
            findings_of(tmp_path, without(form(sections=[{**SECTION, key: value}]), "questions"))
        for key in ("code", "title", "factors"):
            findings_of(tmp_path, form(blocks=[{**BLOCK, key: value}]))
        for wording in ({"paper": value}, {"paper": {"label": value}}, {"phone": {"hint": value}}):
            findings_of(tmp_path, form(single("q1", wording=wording)))
        findings_of(tmp_path, shuffled(single("q1", order=value, options=value)))
        for kind in ("number", "date", "text", "ranking"):
            findings_of(tmp_path, form({**single("q1"), "type": kind, "min": value, "max": value}))
            findings_of(tmp_path, form({**single("q1"), "type": kind, "decimals": value}))
        for key in questionnaires.checks.KEYS["option"]:
            findings_of(tmp_path, form({**single("q1"), "options": [{**YES_NO[0], key: value}]}))
        for key in questionnaires.checks.KEYS["row"]:
            findings_of(tmp_path, form({**MATRIX, "rows": [{**MATRIX["rows"][0], key: value}]}))
        for key in questionnaires.checks.KEYS["goto"]:
            jump = {"when": {"q1": "1"}, "to": "end", key: value}
            findings_of(tmp_path, form({**single("q1"), "goto": [jump]}, single("q2")))
