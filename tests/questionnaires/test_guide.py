"""The example of docs/questionnaires.md loads without a finding and has one of everything."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from questionnaires import (
    MISSING_CODES,
    Questionnaire,
    check_questionnaire,
    parse_answers,
    read_questionnaire,
)
from questionnaires.checks import KEYS
from questionnaires.questions import TYPES

GUIDE = Path(__file__).parents[2] / "docs" / "questionnaires.md"


@pytest.fixture(scope="module")
def example(tmp_path_factory) -> Path:
    written = re.findall(r"```yaml\n(.*?)```", GUIDE.read_text(encoding="utf-8"), re.DOTALL)
    path = tmp_path_factory.mktemp("guide") / "mau.yaml"
    path.write_text("\n".join(written), encoding="utf-8")
    return path


@pytest.fixture(scope="module")
def asked(example) -> Questionnaire:
    return read_questionnaire(example)


def test_the_example_has_no_finding_and_every_type(example, asked):
    assert check_questionnaire(example)[1] == []
    assert {question.type for question in asked.questions} == set(TYPES)


def test_the_example_uses_every_key_of_a_question_but_those_of_the_method(example):
    text = example.read_text(encoding="utf-8")
    used = set(re.findall(r"[\s{]([a-z_]+):", text))
    kinds = ("question", "section", "option", "row", "goto")
    method = {"code", "factor", "reverse", "sensitive", "max_length"}
    assert {key for kind in kinds for key in KEYS[kind]} - method <= used


def test_what_the_guide_says_of_the_example_is_so(asked):
    assert [question.id for question in asked.questions if question.required] == ["linh_vuc"]
    assert not asked.question_by_id["uu_tien"].sought
    assert asked.pipes_unit
    assert str(asked.in_mode("paper").notice) == "Xin dùng bút đen."
    assert [order.code for order in asked.orders] == [
        "order_linh_vuc",
        "order_danh_gia",
        "order_y_kien",
    ]
    given = {"linh_vuc": ["dat"], "ngay_nop.missing": ["kb"], "so_gio": ["2,5"], "vi_sao": ["lâu"]}
    parsed = parse_answers(asked, given)
    assert parsed.problems == ()
    assert parsed.answers.values["so_gio"] == 25
    assert parsed.answers.values["ngay_nop"] == MISSING_CODES["dont_know"]
    assert parsed.answers.values["vi_sao"] == "lâu"
