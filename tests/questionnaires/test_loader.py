"""A definition file becomes a questionnaire, or says why it cannot."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from intake.findings import QuestionnaireError
from questionnaires import Question, Text, available, check_questionnaire, load, read_questionnaire

SHORT = """
id: trial
version: 2026-1
languages: [vi, en]
title: {vi: "Phiếu thử", en: "Trial form"}
source: "Bài kiểm tra"
scales:
  muc: [{value: 1, label: {vi: "Kém", en: "Bad"}}, {value: 2, label: {vi: "Tốt", en: "Good"}}]
questions:
  - {id: q1, type: scale, scale: muc, factor: A, label: {vi: "Một", en: "One"}}
  - {id: q2, type: scale, min: 1, max: 5, factor: A, label: {vi: "Hai", en: "Two"}}
  - id: q3
    type: multi
    label: {vi: "Ba", en: "Three"}
    options:
      - {value: a, label: {vi: "A", en: "A"}}
      - {value: b, label: {vi: "B", en: "B"}, specify: true}
      - {value: none, label: {vi: "Không", en: "None"}, exclusive: true}
      - {value: dk, label: {vi: "Không biết", en: "Do not know"}, missing: true}
"""


@pytest.fixture
def short(tmp_path: Path) -> Path:
    path = tmp_path / "short.yaml"
    path.write_text(SHORT, encoding="utf-8")
    return path


def test_a_flat_list_of_questions_is_one_section_under_the_title_of_the_form(short):
    form = read_questionnaire(short)

    assert [section.title.in_language("en") for section in form.sections] == ["Trial form"]
    assert [question.id for question in form.questions] == ["q1", "q2", "q3"]


def test_numbers_written_without_quotes_are_option_values_all_the_same(short):
    assert [option.value for option in read_questionnaire(short).questions[0].options] == ["1", "2"]


def test_a_scale_may_be_given_by_its_two_ends(short):
    options = read_questionnaire(short).questions[1].options

    assert [(option.value, option.code) for option in options] == [
        (str(step), step) for step in (1, 2, 3, 4, 5)
    ]


def test_the_columns_of_a_multiple_choice_are_flags_and_no_flag_stands_for_a_missing_answer(short):
    items = [item for item in read_questionnaire(short).items if item.question_id == "q3"]

    assert [(item.code, item.kind, item.text) for item in items] == [
        ("q3_a", "flag", False),
        ("q3_b", "flag", False),
        ("q3_none", "flag", False),
        ("q3_b_text", "text", True),
    ]


def test_factors_that_are_only_named_form_one_block(short):
    form = read_questionnaire(short)

    assert [(factor.code, factor.block, factor.items) for factor in form.factors] == [
        ("A", "trial", ("q1", "q2"))
    ]
    assert [block.factors for block in form.blocks] == [("A",)]


def test_yaml_and_json_give_the_same_questionnaire(short, tmp_path):
    import yaml

    other = tmp_path / "short.json"
    other.write_text(json.dumps(yaml.safe_load(SHORT)), encoding="utf-8")

    assert read_questionnaire(other).items == read_questionnaire(short).items
    assert read_questionnaire(other).sections == read_questionnaire(short).sections


def test_a_file_that_is_not_there_is_a_finding(tmp_path):
    questionnaire, found = check_questionnaire(tmp_path / "none.yaml")

    assert questionnaire is None
    assert [finding.code for finding in found] == ["file-missing"]


def test_an_alias_bomb_is_refused_with_its_line(tmp_path):
    path = tmp_path / "bomb.yaml"
    path.write_text('a: &a ["x"]\nb: [*a, *a]\n', encoding="utf-8")

    _, found = check_questionnaire(path)

    assert [(finding.code, finding.row) for finding in found] == [("document-syntax", 2)]


@pytest.mark.parametrize(
    ("code", "version"), [("citizen", "1999-1"), ("nobody", "2026-1"), ("../citizen", "2026-1")]
)
def test_a_questionnaire_that_does_not_exist_is_refused_with_the_list_of_those_that_do(
    code, version
):
    with pytest.raises(QuestionnaireError) as refusal:
        load(code, version)

    assert refusal.value.code == "questionnaire-unknown"
    assert "citizen@2026-1" in refusal.value.advice.en


def test_the_package_brings_three_questionnaires():
    assert available() == (
        ("business", "2026-1"),
        ("citizen", "2026-1"),
        ("transaction", "2026-1"),
    )


def test_a_text_falls_back_from_region_to_language_to_vietnamese():
    text = Text({"vi": "Có", "en": "Yes"})

    assert text.in_language("en-GB") == "Yes"
    assert text.in_language("tyz") == "Có"
    assert str(text) == "Có"


def test_a_question_made_in_code_checks_itself():
    label = Text({"vi": "Một"})

    for wrong, code in (
        ({"type": "slider"}, "unknown-type"),
        ({"type": "single"}, "options-missing"),
        ({"type": "number", "min": 2, "max": 1}, "min-above-max"),
    ):
        with pytest.raises(QuestionnaireError) as refusal:
            Question(id="q", label=label, **wrong)
        assert refusal.value.code == code


def test_a_blank_translation_gives_way_to_vietnamese_and_a_value_named_twice_counts_once(tmp_path):
    path = tmp_path / "q.yaml"
    path.write_text(
        'id: q\nversion: "1"\nlanguages: [vi, en]\nsource: {vi: N, en: S}\ntitle: {vi: P, en: F}\n'
        "questions:\n"
        '  - {id: a, type: scale, min: 1, max: 5, label: {vi: Câu, en: " "}}\n'
        '  - {id: b, type: text, label: {vi: B, en: B}, show_if: {a: ["1", "2", "1"]}}\n',
        "utf-8",
    )
    first, second = read_questionnaire(path).questions

    assert first.label.in_language("en") == "Câu"
    assert second.show_if[0].values == ("1", "2")
