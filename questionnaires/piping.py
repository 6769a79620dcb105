"""Texts with the holes in them filled: by earlier answers and by the name of the unit.

An answer fills a hole only while it counts: its question is on the path, it can be taken, and it
is a real answer. Otherwise the words stand there that the text itself brings. Of an option that
a short text belongs to, what was written is repeated, or its own words where nothing was.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from functools import lru_cache

from questionnaires.model import Questionnaire
from questionnaires.parts import Option
from questionnaires.questions import CHOICE_TYPES, Question
from questionnaires.routing import Answers
from questionnaires.texts import UNIT, Hole, Text, parts_of

PIPED_TYPES = CHOICE_TYPES | {"matrix", "number", "date", "text"}
"""Types whose answers can stand in a later text; of texts those of one line."""


def render(
    text: Text, answers: Answers, questionnaire: Questionnaire, lang: str, unit: str | None = None
) -> str:
    """Return the text of a language with its holes filled.

    Parameters
    ----------
    text
        What is said.
    answers
        The answers that count, by form field: ``routing.answers_on_path`` of what
        ``answers.parse_answers`` has ``chosen``.
    questionnaire
        The instrument, for the words of the choices.
    lang
        The language of the text; numbers follow it.
    unit
        The name of the unit or counter, where it is known.
    """
    parts = parts_of(text.in_language(lang))
    return "".join(
        part if isinstance(part, str) else _filled(part, answers, questionnaire, lang, unit)
        for part in parts
    )


def _filled(
    hole: Hole, answers: Answers, questionnaire: Questionnaire, lang: str, unit: str | None
) -> str:
    if hole.field == UNIT:
        return unit or hole.otherwise
    value = next(iter(answers.get(hole.field, ())), None)
    question = _asking(questionnaire).get(hole.field)
    if value is None or question is None:
        return hole.otherwise
    if question.type == "number":
        return value if lang == "en" else value.replace(".", ",")
    if question.type == "date":
        return f"{date.fromisoformat(value):%d/%m/%Y}"
    if question.type == "text":
        return value
    chosen = _real(question).get(value)
    if chosen is None:
        return hole.otherwise
    written = answers.get(question.specify_code(chosen), ()) if chosen.specify else ()
    return next(iter(written), chosen.label.in_language(lang))


@lru_cache(maxsize=64)
def _asking(questionnaire: Questionnaire) -> Mapping[str, Question]:
    return {head: question for question in questionnaire.questions for head in question.heads}


def _real(question: Question) -> dict[str, Option]:
    return {option.value: option for option in question.options if option.missing is None}
