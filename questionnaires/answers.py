"""From the raw strings of a submitted form to checked answers, with a problem per field.

Nothing that came from outside is converted before its form is known to be right. A problem says
what to do and blames nobody. Answers to questions off the path are left out without a word: on a
form without script nobody can know the routing.

Every item of the questionnaire gets a value: an option's code, a number, 0 or 1, a text, or the
negative code of the reason why there is none.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import lru_cache
from typing import NamedTuple

from intake.findings import Words
from intake.text import forbidden_character, normalized
from questionnaires.model import (
    MISSING_CODES,
    SPECIFY_LIMIT,
    Option,
    Question,
    Questionnaire,
)
from questionnaires.routing import questions_on_path

Values = dict[str, int | str]
Fields = Mapping[str, Sequence[str]]

_NUMBER = re.compile(r"-?[0-9]{1,9}")
_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")


class Problem(NamedTuple):
    """What keeps one field from being taken, and what to do."""

    field: str
    code: str
    words: Words


@dataclass(frozen=True)
class AnswerSet:
    """The checked answers of one response.

    ``values`` holds every item of the questionnaire; ``answered`` counts those with a real answer.
    """

    values: Values
    answered: int


@dataclass(frozen=True)
class Parsed:
    """What a form gave.

    ``answers`` may be used when ``problems`` is empty. ``unknown`` counts fields that the
    questionnaire does not know. ``comments`` holds closing comments by question id: they belong
    into the store of feedback and must never be kept beside the answers.
    """

    answers: AnswerSet
    problems: tuple[Problem, ...]
    unknown: int
    comments: Mapping[str, str] = field(default_factory=dict)


def parse_answers(questionnaire: Questionnaire, fields: Fields) -> Parsed:
    """Return the checked answers of a submitted form, with every problem at once.

    Parameters
    ----------
    questionnaire
        The instrument that was answered.
    fields
        Form field -> values as sent: the question's id for one or several choices (in order for a
        ranking), the item code for rows of a matrix and for specify texts. An empty value is
        taken as no answer.

    Returns
    -------
    Parsed
        An item off the path is ``not_applicable``; a blank one is ``refused`` when something
        after it was answered, else ``not_reached``.
    """
    plan = _plan(questionnaire)
    reading = _Reading({}, {}, [], {})
    problems: dict[str, list[Problem]] = {}
    for entry in plan.entries:
        reading.problems = []
        for part in entry.parts:
            given = fields.get(part.name)
            if given:
                kept = [value for value in given if value]
                if kept:
                    part.read(part, kept, reading)
        if reading.problems:
            problems[entry.question.id] = reading.problems
    met = questions_on_path(questionnaire, reading.chosen)
    met_ids = {question.id for question in met}
    found = tuple(
        problem for question in met for problem in _problems_of(question, problems, reading, plan)
    )
    values, answered = _completed(plan, reading.values, met_ids)
    comments = {name: text for name, text in reading.comments.items() if name in met_ids}
    unknown = sum(1 for name in fields if name not in plan.names)
    return Parsed(AnswerSet(values, answered), found, unknown, comments)


def _problems_of(
    question: Question,
    problems: Mapping[str, list[Problem]],
    reading: _Reading,
    plan: _Plan,
) -> list[Problem]:
    """Return the problems of a question on the path, an answer that must be given among them."""
    found = problems.get(question.id, [])
    if not question.required:
        return found
    hurt = {problem.field for problem in found}
    given = reading.comments if question.feedback else reading.values
    absent = [
        Problem(name, "answer-missing", _ANSWER_MISSING)
        for name in question.fields
        if name not in hurt and not any(code in given for code in plan.items_of[name])
    ]
    return [*found, *absent]


def _completed(plan: _Plan, given: Values, met: set[str]) -> tuple[Values, int]:
    """Return a value for every item, going backwards so that "something later" is known."""
    backwards: list[tuple[str, int | str]] = []
    blank = MISSING_CODES["not_reached"]
    answered = 0
    for code, question_id, needs in reversed(plan.items):
        if question_id not in met or (needs is not None and not _was_chosen(given, needs)):
            backwards.append((code, MISSING_CODES["not_applicable"]))
        elif code in given:
            value = given[code]
            backwards.append((code, value))
            answered += isinstance(value, str) or value >= 0
            blank = MISSING_CODES["refused"]
        else:
            backwards.append((code, blank))
    return dict(reversed(backwards)), answered


def _was_chosen(given: Values, needs: tuple[str, int]) -> bool:
    """Tell whether the item has the value that a specify text belongs to."""
    code, value = needs
    return given.get(code) == value


# What the questionnaire is to this module, worked out once ---------------------------------------


@dataclass
class _Reading:
    """What the fields read so far have given."""

    values: Values
    chosen: dict[str, tuple[str, ...]]
    problems: list[Problem]
    comments: dict[str, str]


class _Part(NamedTuple):
    """One form field and how it is read."""

    name: str
    read: Callable[[_Part, list[str], _Reading], None]
    question: Question
    codes: Mapping[str, int]
    options: Mapping[str, Option]
    flags: Mapping[str, str]
    limit: int


class _Entry(NamedTuple):
    question: Question
    parts: tuple[_Part, ...]


class _Plan(NamedTuple):
    entries: tuple[_Entry, ...]
    names: frozenset[str]
    items: tuple[tuple[str, str, tuple[str, int] | None], ...]
    items_of: Mapping[str, tuple[str, ...]]


@lru_cache(maxsize=64)
def _plan(questionnaire: Questionnaire) -> _Plan:
    """Return the fields with their readers and the items with what they hang on."""
    entries = tuple(_Entry(q, tuple(_parts(q))) for q in questionnaire.questions)
    items: list[tuple[str, str, tuple[str, int] | None]] = []
    items_of: dict[str, tuple[str, ...]] = {}
    for question in questionnaire.questions:
        needs = _specified(question)
        items += [(item.code, question.id, needs.get(item.code)) for item in question.items]
        if question.type == "matrix" or question.feedback:
            items_of |= {name: (name,) for name in question.fields}
        else:
            items_of[question.id] = tuple(i.code for i in question.items if i.code not in needs)
    names = frozenset(part.name for entry in entries for part in entry.parts)
    return _Plan(entries, names, tuple(items), items_of)


def _specified(question: Question) -> dict[str, tuple[str, int]]:
    """Return for every specify text the item and the value that it belongs to."""
    return {
        question.specify_code(option): (
            (f"{question.id}_{option.value}", 1)
            if question.type == "multi"
            else (question.id, _code(option))
        )
        for option in question.specified
    }


def _code(option: Option) -> int:
    """Return what the analysis file holds for an option: its code, or why there is no answer."""
    return option.code or 0 if option.missing is None else MISSING_CODES[option.missing]


def _parts(question: Question) -> list[_Part]:
    """Return the form fields of a question with their readers."""
    read = {
        "single": _read_choice,
        "scale": _read_choice,
        "matrix": _read_choice,
        "multi": _read_choices,
        "ranking": _read_ranking,
        "number": _read_number,
        "date": _read_date,
        "text": _read_comment if question.feedback else _read_text,
    }[question.type]
    codes = {option.value: _code(option) for option in question.options}
    options = {option.value: option for option in question.options}
    flags = {o.value: f"{question.id}_{o.value}" for o in question.options if o.missing is None}
    parts = [
        _Part(name, read, question, codes, options, flags, question.max_length)
        for name in question.fields
    ]
    parts += [
        _Part(question.specify_code(option), _read_text, question, {}, {}, {}, SPECIFY_LIMIT)
        for option in question.specified
    ]
    return parts


# One reader for each kind of field ---------------------------------------------------------------


def _read_choice(part: _Part, given: list[str], reading: _Reading) -> None:
    value = given[0] if given[0] in part.codes else normalized(given[0])
    if len(given) > 1:
        reading.problems.append(Problem(part.name, "several-values", _SEVERAL_VALUES))
    elif value in part.codes:
        reading.values[part.name] = part.codes[value]
        reading.chosen[part.name] = (value,)
    else:
        reading.problems.append(Problem(part.name, "unknown-option", _UNKNOWN_OPTION))


def _read_choices(part: _Part, given: list[str], reading: _Reading) -> None:
    chosen = dict.fromkeys(normalized(value) for value in given)
    if any(value not in part.options for value in chosen):
        reading.problems.append(Problem(part.name, "unknown-option", _UNKNOWN_OPTION))
        return
    alone = [v for v in chosen if part.options[v].exclusive or part.options[v].missing]
    if alone and len(chosen) > 1:
        label = part.options[alone[0]].label
        reading.problems.append(
            Problem(
                part.name,
                "exclusive-option",
                Words(
                    f"Phương án “{label.in_language('vi')}” không đi cùng phương án khác. "
                    "Xin giữ lại riêng phương án này hoặc bỏ chọn nó.",
                    f"The answer “{label.in_language('en')}” cannot go together with others. "
                    "Please keep it alone or clear it.",
                ),
            )
        )
        return
    missing = part.codes[alone[0]] if alone and part.options[alone[0]].missing else None
    for value, code in part.flags.items():
        reading.values[code] = int(value in chosen) if missing is None else missing
    reading.chosen[part.name] = tuple(chosen)


def _read_ranking(part: _Part, given: list[str], reading: _Reading) -> None:
    ranked = [normalized(value) for value in given]
    if any(value not in part.options for value in ranked):
        reading.problems.append(Problem(part.name, "unknown-option", _UNKNOWN_OPTION))
    elif len(set(ranked)) != len(ranked):
        reading.problems.append(Problem(part.name, "ranked-twice", _RANKED_TWICE))
    else:
        for place, value in enumerate(ranked, start=1):
            if value in part.flags:
                reading.values[part.flags[value]] = place
        reading.chosen[part.name] = tuple(ranked)


def _read_number(part: _Part, given: list[str], reading: _Reading) -> None:
    if len(given) > 1:
        reading.problems.append(Problem(part.name, "several-values", _SEVERAL_VALUES))
        return
    if not _NUMBER.fullmatch(given[0]):
        reading.problems.append(Problem(part.name, "not-a-number", _NOT_A_NUMBER))
        return
    number = int(given[0])
    low, high = max(part.question.min or 0, 0), part.question.max
    if number < low:
        words = Words(f"Xin nhập số từ {low} trở lên.", f"Please enter {low} or more.")
        reading.problems.append(Problem(part.name, "below-minimum", words))
    elif high is not None and number > high:
        words = Words(f"Xin nhập số không quá {high}.", f"Please enter {high} or less.")
        reading.problems.append(Problem(part.name, "above-maximum", words))
    else:
        reading.values[part.name] = number
        reading.chosen[part.name] = (str(number),)


def _read_date(part: _Part, given: list[str], reading: _Reading) -> None:
    if len(given) > 1:
        reading.problems.append(Problem(part.name, "several-values", _SEVERAL_VALUES))
        return
    try:
        day = date.fromisoformat(given[0]) if _DATE.fullmatch(given[0]) else None
    except ValueError:
        day = None
    if day is None:
        reading.problems.append(Problem(part.name, "not-a-date", _NOT_A_DATE))
    else:
        reading.values[part.name] = day.isoformat()


def _read_text(part: _Part, given: list[str], reading: _Reading) -> None:
    text = _text(part, given, reading)
    if text is not None:
        reading.values[part.name] = text


def _read_comment(part: _Part, given: list[str], reading: _Reading) -> None:
    text = _text(part, given, reading)
    if text is not None:
        reading.comments[part.name] = text


def _text(part: _Part, given: list[str], reading: _Reading) -> str | None:
    """Return the text in its kept form; None when it is blank or cannot be taken."""
    if len(given) > 1:
        reading.problems.append(Problem(part.name, "several-values", _SEVERAL_VALUES))
        return None
    text = normalized(given[0])
    if not text.strip():
        return None
    if len(text) > part.limit:
        reading.problems.append(
            Problem(
                part.name,
                "text-too-long",
                Words(
                    f"Ô này nhận tối đa {_grouped(part.limit, '.')} ký tự; "
                    f"nội dung hiện có {_grouped(len(text), '.')} ký tự. Xin rút ngắn bớt.",
                    f"This field takes up to {_grouped(part.limit, ',')} characters; "
                    f"the text has {_grouped(len(text), ',')}. Please shorten it.",
                ),
            )
        )
        return None
    bad = forbidden_character(text)
    if bad is not None:
        reading.problems.append(
            Problem(
                part.name,
                "forbidden-character",
                Words(
                    f"Nội dung có ký tự mà hệ thống không lưu được ({bad}). "
                    "Xin xóa ký tự đó hoặc gõ lại.",
                    f"The text holds a character that cannot be stored ({bad}). "
                    "Please delete it or type the text again.",
                ),
            )
        )
        return None
    return text


def _grouped(number: int, separator: str) -> str:
    return f"{number:,}".replace(",", separator)


_UNKNOWN_OPTION = Words(
    "Câu trả lời gửi đến không trùng với phương án nào của câu này. Xin chọn lại một phương án.",
    "The answer that arrived is none of the choices of this question. Please choose again.",
)
_SEVERAL_VALUES = Words(
    "Câu này nhận một câu trả lời. Xin chọn lại một phương án.",
    "This question takes one answer. Please choose one again.",
)
_RANKED_TWICE = Words(
    "Mỗi phương án chỉ đứng ở một thứ hạng. Xin xếp lại thứ tự.",
    "Each choice can hold one rank only. Please put them in order again.",
)
_NOT_A_NUMBER = Words(
    "Xin nhập một số bằng chữ số, không có dấu cách hay dấu chấm, ví dụ 3.",
    "Please enter a number in digits without spaces or points, for example 3.",
)
_NOT_A_DATE = Words(
    "Xin nhập ngày theo dạng năm-tháng-ngày, ví dụ 2026-03-31.",
    "Please enter the date as year-month-day, for example 2026-03-31.",
)
_ANSWER_MISSING = Words(
    "Câu này cần có câu trả lời để phiếu được ghi nhận. Xin chọn hoặc điền câu trả lời.",
    "This question needs an answer before the form can be counted. Please answer it.",
)
