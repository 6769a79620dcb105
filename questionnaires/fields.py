"""One field of a submitted form: how its raw strings are read, and what is said when they cannot.

Numbers, dates and texts are looked at by ``typed``. A problem says what to do and blames nobody.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import NamedTuple

from intake.findings import Words
from intake.text import forbidden_character, normalized
from questionnaires.parts import MISSING_CODES, SPECIFY_LIMIT, Option
from questionnaires.questions import Question
from questionnaires.typed import date_of, faults_of, forbidden, number_of, too_long

Values = dict[str, int | str]


class Problem(NamedTuple):
    """What keeps one field from being taken, and what to do."""

    field: str
    code: str
    words: Words


@dataclass
class Reading:
    """What the fields read so far have given; ``problems`` are those of one question."""

    values: Values
    chosen: dict[str, tuple[str, ...]]
    problems: list[Problem]
    comments: dict[str, str]


class Field(NamedTuple):
    """One form field and how it is read; ``codes`` are the items that it fills."""

    name: str
    read: Callable[[Field, list[str], Reading], None]
    question: Question
    options: Mapping[str, Option]
    flags: Mapping[str, str]
    limit: int
    codes: tuple[str, ...] = ()


def option_code(option: Option) -> int:
    """Return what the analysis file holds for an option: its code, or why there is no answer."""
    return option.code or 0 if option.missing is None else MISSING_CODES[option.missing]


def fields_of(question: Question) -> list[Field]:
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
    options = {option.value: option for option in question.choices}
    flags = {o.value: f"{question.id}_{o.value}" for o in question.options if o.missing is None}
    fields = [
        Field(name, read, question, options, flags, question.max_length) for name in question.heads
    ]
    if question.apart:
        reasons = {option.value: option for option in question.apart}
        codes = tuple(flags.values()) if question.type == "ranking" else (question.id,)
        fields.append(Field(question.missing_field, _read_apart, question, reasons, {}, 0, codes))
    fields += [
        Field(question.specify_code(option), _read_text, question, {}, {}, SPECIFY_LIMIT)
        for option in question.specified
    ]
    return fields


def _read_choice(field: Field, given: list[str], reading: Reading) -> None:
    value = given[0]
    option = field.options.get(value)
    if option is None:
        value = normalized(value)
        option = field.options.get(value)
    if len(given) > 1:
        reading.problems.append(Problem(field.name, "several-values", _SEVERAL_VALUES))
    elif option is not None:
        reading.values[field.name] = option_code(option)
        reading.chosen[field.name] = (value,)
    else:
        reading.problems.append(Problem(field.name, "unknown-option", _UNKNOWN_OPTION))


def _read_choices(field: Field, given: list[str], reading: Reading) -> None:
    chosen = dict.fromkeys(normalized(value) for value in given)
    if any(value not in field.options for value in chosen):
        reading.problems.append(Problem(field.name, "unknown-option", _UNKNOWN_OPTION))
        return
    alone = [v for v in chosen if field.options[v].exclusive or field.options[v].missing]
    if alone and len(chosen) > 1:
        label = field.options[alone[0]].label
        reading.problems.append(
            Problem(
                field.name,
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
    missing = (
        option_code(field.options[alone[0]]) if alone and field.options[alone[0]].missing else None
    )
    for value, code in field.flags.items():
        reading.values[code] = int(value in chosen) if missing is None else missing
    reading.chosen[field.name] = tuple(chosen)


def _read_ranking(field: Field, given: list[str], reading: Reading) -> None:
    ranked = [normalized(value) for value in given]
    if any(value not in field.options for value in ranked):
        reading.problems.append(Problem(field.name, "unknown-option", _UNKNOWN_OPTION))
    elif len(set(ranked)) != len(ranked):
        reading.problems.append(Problem(field.name, "ranked-twice", RANKED_TWICE))
    else:
        for place, value in enumerate(ranked, start=1):
            reading.values[field.flags[value]] = place
        reading.chosen[field.name] = tuple(ranked)


def _read_number(field: Field, given: list[str], reading: Reading) -> None:
    if len(given) > 1:
        reading.problems.append(Problem(field.name, "several-values", _SEVERAL_VALUES))
        return
    number = number_of(field.question, given[0])
    if isinstance(number, str):
        reading.problems.append(Problem(field.name, number, faults_of(field.question)[number]))
    else:
        reading.values[field.name] = number.units
        reading.chosen[field.name] = (number.text,)


def _read_date(field: Field, given: list[str], reading: Reading) -> None:
    if len(given) > 1:
        reading.problems.append(Problem(field.name, "several-values", _SEVERAL_VALUES))
        return
    day = date_of(field.question, given[0])
    if isinstance(day, str):
        reading.problems.append(Problem(field.name, day, faults_of(field.question)[day]))
    else:
        reading.values[field.name] = day.isoformat()
        reading.chosen[field.name] = (day.isoformat(),)


def _read_apart(field: Field, given: list[str], reading: Reading) -> None:
    """Read the reason chosen beside an answer; the two cannot both hold."""
    value = given[0] if given[0] in field.options else normalized(given[0])
    head = field.question.id
    if len(given) > 1:
        reading.problems.append(Problem(head, "several-values", _SEVERAL_VALUES))
    elif value not in field.options:
        reading.problems.append(Problem(head, "unknown-option", _UNKNOWN_OPTION))
    elif head in reading.chosen or any(code in reading.values for code in field.codes):
        label = field.options[value].label
        words = Words(
            f"Ô này đã có câu trả lời. Xin giữ câu trả lời hoặc phương án "
            f"“{label.in_language('vi')}”, bỏ một trong hai.",
            "There is an answer here already. Please keep it or the choice "
            f"“{label.in_language('en')}”, not both.",
        )
        reading.problems.append(Problem(head, "answer-and-missing", words))
    elif not reading.problems:
        reading.chosen[field.name] = (value,)
        reading.values |= dict.fromkeys(field.codes, option_code(field.options[value]))


def _read_text(field: Field, given: list[str], reading: Reading) -> None:
    text = _text(field, given, reading)
    if text is not None:
        reading.values[field.name] = text
        reading.chosen[field.name] = (text,)


def _read_comment(field: Field, given: list[str], reading: Reading) -> None:
    text = _text(field, given, reading)
    if text is not None:
        reading.comments[field.name] = text


def _text(field: Field, given: list[str], reading: Reading) -> str | None:
    """Return the text in its kept form; None when it is blank or cannot be taken."""
    if len(given) > 1:
        reading.problems.append(Problem(field.name, "several-values", _SEVERAL_VALUES))
        return None
    text = normalized(given[0])
    if not text.strip():
        return None
    if len(text) > field.limit:
        words = too_long(field.limit, len(text))
        reading.problems.append(Problem(field.name, "text-too-long", words))
        return None
    bad = forbidden_character(text)
    if bad is not None:
        reading.problems.append(Problem(field.name, "forbidden-character", forbidden(bad)))
        return None
    return text


_UNKNOWN_OPTION = Words(
    "Câu trả lời gửi đến không trùng với phương án nào của câu này. Xin chọn lại một phương án.",
    "The answer that arrived is none of the choices of this question. Please choose again.",
)
_SEVERAL_VALUES = Words(
    "Câu này nhận một câu trả lời. Xin chọn lại một phương án.",
    "This question takes one answer. Please choose one again.",
)
RANKED_TWICE = Words(
    "Mỗi phương án chỉ đứng ở một thứ hạng. Xin xếp lại thứ tự.",
    "Each choice can hold one rank only. Please put them in order again.",
)
