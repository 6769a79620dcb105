"""The road through a questionnaire runs forward and follows only answers that lie on it."""

from __future__ import annotations

import pytest

from questionnaires import Condition, Goto, Option, Question, Questionnaire, Section, Text
from questionnaires.routing import questions_on_path, unmet_questions

LABEL = Text({"vi": "x"})


def asked(name: str, **more: object) -> Question:
    options = tuple(Option(value, LABEL) for value in ("1", "2", "3"))
    return Question(**{"id": name, "type": "single", "label": LABEL, "options": options, **more})


def form(*sections: Section | Question) -> Questionnaire:
    flat = tuple(part for part in sections if isinstance(part, Question))
    parts = tuple(part for part in sections if isinstance(part, Section))
    made = (Section("s", LABEL, questions=flat),) if flat else parts
    return Questionnaire(id="trial", version="1", languages=("vi",), title=LABEL, sections=made)


def when(**wanted: str) -> tuple[Condition, ...]:
    return tuple(Condition(name, (value,)) for name, value in wanted.items())


def path(questionnaire: Questionnaire, **answers: str) -> list[str]:
    given = {name: value.split() for name, value in answers.items()}
    return [question.id for question in questions_on_path(questionnaire, given)]


def test_without_conditions_everything_is_asked_in_order():
    assert path(form(asked("a"), asked("b"))) == ["a", "b"]


def test_a_condition_shows_its_question_for_its_answer_only():
    questionnaire = form(asked("a"), asked("b", show_if=when(a="1")))

    assert path(questionnaire, a="1") == ["a", "b"]
    assert path(questionnaire, a="2") == ["a"]
    assert path(questionnaire) == ["a"]


def test_any_of_several_values_is_enough_and_all_conditions_must_hold():
    both = (Condition("a", ("1", "2")), Condition("b", ("3",)))
    questionnaire = form(asked("a"), asked("b"), asked("c", show_if=both))

    assert "c" in path(questionnaire, a="2", b="3")
    assert "c" not in path(questionnaire, a="2", b="1")
    assert "c" not in path(questionnaire, a="3", b="3")


def test_one_of_several_chosen_answers_is_enough():
    many = asked("a", type="multi")
    questionnaire = form(many, asked("b", show_if=when(a="3")))

    assert path(questionnaire, a="1 3") == ["a", "b"]


def test_a_jump_leaves_out_what_lies_between():
    jump = (Goto(when(a="2"), "d"),)
    questionnaire = form(asked("a", goto=jump), asked("b"), asked("c"), asked("d"))

    assert path(questionnaire, a="2") == ["a", "d"]
    assert path(questionnaire, a="1") == ["a", "b", "c", "d"]


def test_the_first_jump_that_holds_is_taken():
    jumps = (Goto(when(a="1"), "c"), Goto((), "end"))
    questionnaire = form(asked("a", goto=jumps), asked("b"), asked("c"))

    assert path(questionnaire, a="1") == ["a", "c"]
    assert path(questionnaire, a="2") == ["a"]


def test_a_jump_of_a_question_that_was_left_out_is_not_taken():
    questionnaire = form(
        asked("a", goto=(Goto(when(a="1"), "c"),)),
        asked("b", goto=(Goto((), "end"),)),
        asked("c"),
    )

    assert path(questionnaire, a="1") == ["a", "c"]


def test_an_answer_left_behind_off_the_path_decides_nothing():
    # The citizen answered b, then went back and changed a.
    questionnaire = form(
        asked("a"), asked("b", show_if=when(a="1")), asked("c", show_if=when(b="1"))
    )

    assert path(questionnaire, a="2", b="1") == ["a"]


def test_the_condition_of_a_section_covers_all_its_questions():
    questionnaire = form(
        Section("one", LABEL, questions=(asked("a"),)),
        Section("two", LABEL, show_if=when(a="1"), questions=(asked("b"), asked("c"))),
    )

    assert path(questionnaire, a="1") == ["a", "b", "c"]
    assert path(questionnaire, a="3") == ["a"]


def test_a_jump_to_a_section_leads_to_its_first_question():
    questionnaire = form(
        Section("one", LABEL, questions=(asked("a", goto=(Goto((), "two"),)), asked("b"))),
        Section("two", LABEL, questions=(asked("c"),)),
    )

    assert path(questionnaire) == ["a", "c"]


@pytest.mark.parametrize("required", [False, True])
def test_a_question_is_unmet_when_every_way_leads_past_it(required):
    jumps = tuple(Goto(when(a=value), "c") for value in ("1", "2", "3"))
    questionnaire = form(asked("a", goto=jumps, required=required), asked("b"), asked("c"))

    unmet = unmet_questions(questionnaire)

    assert unmet is not None
    assert [question.id for question in unmet] == (["b"] if required else [])


def test_the_search_gives_up_rather_than_run_for_ever():
    questions = [asked(f"q{n}") for n in range(40)]
    last = asked("z", show_if=tuple(Condition(q.id, ("1", "2")) for q in questions))

    assert unmet_questions(form(*questions, last)) is None
