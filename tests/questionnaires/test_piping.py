"""Earlier answers and the name of the unit stand in later texts, and words of the text if not."""

from __future__ import annotations

from dataclasses import replace

import pytest

from questionnaires import (
    Condition,
    Option,
    Question,
    Questionnaire,
    Row,
    Section,
    Text,
    Wording,
    answers_on_path,
    parse_answers,
    render,
)
from questionnaires.texts import Hole, parts_of, plain


def words(vi: str, en: str) -> Text:
    return Text({"vi": vi, "en": en})


LABEL = words("Câu", "Question")
OPTIONS = (
    Option("1", words("đất đai", "land")),
    Option("2", words("hộ tịch", "civil status")),
    Option("3", words("việc khác", "something else"), specify=True),
    Option("9", words("Không biết", "Do not know"), missing="dont_know"),
)
ASKED = Questionnaire(
    "thu",
    "1",
    ("vi", "en"),
    LABEL,
    (
        Section(
            "s",
            LABEL,
            questions=(
                Question("a", "single", LABEL, options=OPTIONS),
                Question("m", "matrix", LABEL, options=OPTIONS, rows=(Row("01", LABEL),)),
                Question("n", "number", LABEL, decimals=1, show_if=(Condition("a", ("1", "2")),)),
                Question("d", "date", LABEL),
                Question("t", "text", LABEL, lines=1),
            ),
        ),
    ),
)


def said(hole: str, fields: dict[str, list[str]], lang: str = "vi", unit: str | None = None) -> str:
    answers = answers_on_path(ASKED, parse_answers(ASKED, fields).chosen)
    return render(Text({"vi": f"Về {hole}:"}), answers, ASKED, lang, unit)


@pytest.mark.parametrize(
    ("name", "value", "vi", "en"),
    [
        ("a", "1", "đất đai", "land"),
        ("m_01", "2", "hộ tịch", "civil status"),
        ("n", "07,5", "7,5", "7.5"),
        ("d", "1/3/2026", "01/03/2026", "01/03/2026"),
        ("t", "<b>Tày</b>", "<b>Tày</b>", "<b>Tày</b>"),
    ],
)
def test_an_answer_stands_in_a_text_as_people_say_it(name, value, vi, en):
    fields = {"a": ["1"], name: [value]}
    assert said(f"{{answer:{name}|x}}", fields) == f"Về {vi}:"
    assert said(f"{{answer:{name}|x}}", fields, "en") == f"Về {en}:"


@pytest.mark.parametrize(
    "fields",
    [
        {},
        {"a": ["9"]},  # a reason is no answer
        {"a": ["nonsense"]},
        {"a": ["1", "2"]},
    ],
)
def test_without_a_real_answer_the_words_of_the_text_stand_there(fields):
    assert said("{answer:a|việc này}", fields) == "Về việc này:"


@pytest.mark.parametrize(
    ("written", "told"),
    [("hộ khẩu", "hộ khẩu"), ("", "việc khác"), (" ", "việc khác"), ("\u202e", "việc khác")],
)
def test_of_an_option_with_a_short_text_what_was_written_is_repeated(written, told):
    assert said("{answer:a|x}", {"a": ["3"], "a_3_text": [written]}) == f"Về {told}:"
    assert said("{answer:a|x}", {"a": ["1"], "a_3_text": [written]}) == "Về đất đai:"


def test_an_answer_off_the_path_or_out_of_bounds_is_not_repeated():
    assert said("{answer:n|x}", {"n": ["5"]}) == "Về x:"
    assert said("{answer:n|x}", {"a": ["1"], "n": ["5,55"]}) == "Về x:"


def test_the_name_of_the_unit_stands_where_it_is_known():
    assert said("{unit|cơ quan này}", {}, unit="Một cửa A") == "Về Một cửa A:"
    assert said("{unit|cơ quan này}", {}) == "Về cơ quan này:"


def test_a_text_is_taken_apart_and_braces_without_sense_stay_as_they_are():
    assert list(parts_of("{unit|a}{answer:q.1|b}")) == [Hole("", "a"), Hole("q.1", "b")]
    for text in ("{unit}", "{unit| }", "{answer:|x}", "{answer:q1}", "{}", "a { b } c"):
        assert list(parts_of(text)) == [text]
        assert plain(text) == text


def test_the_unit_is_asked_for_where_any_text_of_any_mode_pipes_it():
    assert not ASKED.pipes_unit
    spoken = Wording("interviewer", "label", words("Ở {unit|đây}", "At {unit|this place}"))
    question = Question("q", "text", LABEL, wording=(spoken,))
    piping = Questionnaire("x", "1", ("vi",), LABEL, (Section("s", LABEL, questions=(question,)),))
    assert piping.pipes_unit
    assert piping.in_mode("interviewer").pipes_unit


# Words for one mode of answering ---------------------------------------------------------------


def test_each_mode_has_its_own_words_and_the_same_ids_and_items():
    def mode(part: str, vi: str) -> tuple[Wording, ...]:
        return (Wording("interviewer", part, Text({"vi": vi})),)

    option = Option("1", LABEL, wording=mode("label", "Đọc to: có"))
    row = Row("01", LABEL, wording=mode("label", "Dòng"))
    question = Question(
        "q", "matrix", LABEL, options=(option,), rows=(row,), wording=mode("hint", "Đưa thẻ")
    )
    section = Section("s", LABEL, questions=(question,), wording=mode("intro", "Đọc chậm"))
    asked = Questionnaire("x", "1", ("vi",), LABEL, (section,), wording=mode("title", "Phỏng vấn"))

    spoken = asked.in_mode("interviewer")

    assert str(spoken.title) == "Phỏng vấn"
    assert str(spoken.sections[0].intro) == "Đọc chậm"
    assert str(spoken.questions[0].hint) == "Đưa thẻ"
    assert str(spoken.questions[0].options[0].label) == "Đọc to: có"
    assert str(spoken.questions[0].rows[0].label) == "Dòng"
    assert [item.code for item in spoken.items] == [item.code for item in asked.items]
    assert spoken.fields == asked.fields
    assert asked.in_mode("interviewer") is spoken
    assert asked.in_mode("paper") is asked


def test_texts_are_looked_through_while_another_thread_asks_for_more(monkeypatch):
    asked, look = replace(ASKED), Text.holes

    def interrupted(text):
        _ = asked.orders, asked.fields, asked.item_by_code  # each is kept in the questionnaire
        return look(text)

    monkeypatch.setattr(Text, "holes", interrupted)
    assert not asked.pipes_unit
