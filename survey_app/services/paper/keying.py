"""What is keyed from a paper form: printed numbers, and how two keyings are compared.

A keyed form is field -> text. A choice is keyed as the number printed beside its box, several
choices with `SEPARATOR` between them, a ranking as the numbers in their order; numbers, dates and
texts as they are written. A field with two ticks, or one that nobody can read, stays empty.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from intake.findings import Words
from intake.text import normalized
from questionnaires import Questionnaire, parse_answers
from questionnaires.parts import Option
from survey_app.services.paper.layout import Asked
from survey_app.services.paper.words import Form

SEPARATOR = "|"
DOUBT = "?"
"""What stands for a field that a person has yet to decide."""
LEFT_BLANK = "-"
"""What a person writes who has decided that a field was left blank."""

Keyed = Mapping[str, str]

_ABSENT = "answer-missing"


@dataclass(frozen=True)
class Difference:
    """A field that two keyings have differently."""

    asked: Asked
    first: str
    second: str


@dataclass(frozen=True)
class Fault:
    """A keyed value that cannot be taken: its field, a code, what is wrong."""

    field: str
    code: str
    words: Words


@dataclass(frozen=True)
class Checked:
    """A keyed form as the answers that it gives.

    ``answers`` and ``comments`` may be used when ``faults`` is empty. ``answered`` counts real
    answers.
    """

    answers: Mapping[str, int | str]
    comments: Mapping[str, str]
    answered: int
    faults: tuple[Fault, ...]


def tidy(asked: Asked, typed: str) -> str:
    """Return a keyed value in the one form in which two are compared.

    Examples
    --------
    >>> tidy(Asked("q", "multi", "1", "", {}), " 3 | 1|1 ")
    '1|3'
    >>> tidy(Asked("q", "text", "1", "", {}), "  chờ   lâu ")
    'chờ lâu'
    """
    text = " ".join(normalized(typed).split())
    if asked.kind in ("multi", "ranking"):
        parts = [part.strip() for part in text.replace(" ", SEPARATOR).split(SEPARATOR)]
        listed = [_number(part) for part in parts if part]
        if asked.kind == "multi":
            listed = sorted(set(listed), key=lambda part: (len(part), part))
        return SEPARATOR.join(listed)
    return _number(text) if asked.kind in ("single", "number") else text


def differences(asked: Sequence[Asked], first: Keyed, second: Keyed) -> list[Difference]:
    """Return the fields that two keyings have differently, in the order of the form."""
    found = []
    for one in asked:
        a, b = tidy(one, first.get(one.field, "")), tidy(one, second.get(one.field, ""))
        if a != b:
            found.append(Difference(one, a, b))
    return found


def check(questionnaire: Questionnaire, keyed: Keyed) -> Checked:
    """Return the answers of a keyed form, with every fault at once.

    A question that must be answered on the page may be blank on paper, where nobody could ask
    again; it then counts as refused.
    """
    form = Form.of(questionnaire, "vi")
    faults: list[Fault] = []
    fields: dict[str, list[str]] = {}
    for asked in form.asked:
        value = tidy(asked, keyed.get(asked.field, ""))
        if not value:
            continue
        given, unknown = _values(asked, value, _options(questionnaire, asked.field))
        if unknown:
            faults.append(Fault(asked.field, "number-not-printed", _not_printed(asked, unknown)))
        else:
            fields[asked.field] = given
    parsed = parse_answers(questionnaire, fields)
    faults += [
        Fault(problem.field, problem.code, problem.words)
        for problem in parsed.problems
        if problem.code != _ABSENT
    ]
    return Checked(parsed.answers.values, parsed.comments, parsed.answers.answered, tuple(faults))


def shown(asked: Asked, value: str) -> str:
    """Return a keyed value with the words of what it stands for.

    Examples
    --------
    >>> shown(Asked("q", "single", "1", "", {"4": "Hài lòng"}), "4")
    '4 – Hài lòng'
    """
    parts = value.split(SEPARATOR) if asked.options else [value]
    return ", ".join(
        f"{part} – {asked.options[part]}" if part in asked.options else part for part in parts
    )


def _values(asked: Asked, value: str, options: Mapping[str, Option]) -> tuple[list[str], list[str]]:
    """Return what the form sends for a keyed value, and the numbers that no box carries."""
    if not asked.options:
        return [value], []
    numbers = value.split(SEPARATOR)
    unknown = [number for number in numbers if number not in options]
    return [options[number].value for number in numbers if number in options], unknown


def _options(questionnaire: Questionnaire, name: str) -> dict[str, Option]:
    """Return the options of a field by their printed numbers."""
    for question in questionnaire.questions:
        if name in question.heads:
            return {str(option.code): option for option in question.choices}
        if question.apart and name == question.missing_field:
            return {str(option.code): option for option in question.apart}
    return {}


def _not_printed(asked: Asked, unknown: Sequence[str]) -> Words:
    listed, there = ", ".join(unknown), ", ".join(asked.options)
    return Words(
        f"Câu {asked.place}: không có ô số {listed}; các ô: {there}.",
        f"Question {asked.place}: no box {listed}; there are {there}.",
    )


def _number(text: str) -> str:
    """Return digits without leading zeros; any other text as it is."""
    return str(int(text)) if text.isascii() and text.isdecimal() and len(text) < 10 else text
