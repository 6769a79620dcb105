"""From the raw strings of a submitted form to checked answers, with a problem per field.

How one field is read is left to ``fields``. Answers to questions off the path are left out without
a word: on a form without script nobody can know the routing.

Every item of the questionnaire gets a value: an option's code, a number, 0 or 1, a text, or the
negative code of the reason why there is none.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import NamedTuple

from questionnaires.fields import Field, Problem, Reading, Values, fields_of, option_code
from questionnaires.model import Questionnaire
from questionnaires.parts import MISSING_CODES, Order
from questionnaires.questions import Question
from questionnaires.routing import Answers, questions_on_path
from questionnaires.typed import ANSWER_MISSING

Fields = Mapping[str, Sequence[str]]


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
    questionnaire does not know. ``chosen`` holds by form field what routing and piping go by.
    ``comments`` holds closing comments by question id: they belong
    into the store of feedback and must never be kept beside the answers.
    """

    answers: AnswerSet
    problems: tuple[Problem, ...]
    unknown: int
    comments: Mapping[str, str] = field(default_factory=dict)
    chosen: Answers = field(default_factory=dict)


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
        after it was answered, else ``not_reached``. The order of what was shuffled is
        ``not_applicable`` where nothing was: off the path, without script, or out of order.
    """
    plan = _plan(questionnaire)
    reading = Reading({}, {}, [], {})
    problems: dict[str, list[Problem]] = {}
    for entry in plan.entries:
        reading.problems = []
        for one in entry.fields:
            given = [value for value in fields.get(one.name, ()) if value]
            if given:
                one.read(one, given, reading)
        if reading.problems:
            problems[entry.question.id] = reading.problems
    met = questions_on_path(questionnaire, reading.chosen)
    met_ids = {question.id for question in met}
    found = tuple(
        problem for question in met for problem in _problems_of(question, problems, reading, plan)
    )
    values, answered = _completed(plan, reading.values, met_ids)
    values |= _orders(plan, fields, met_ids)
    comments = {name: text for name, text in reading.comments.items() if name in met_ids}
    unknown = len(fields.keys() - plan.names)
    return Parsed(AnswerSet(values, answered), found, unknown, comments, reading.chosen)


def _orders(plan: _Plan, fields: Fields, met: set[str]) -> Values:
    """Return in which order parts were shown; what is no order of theirs is no fault of anybody."""
    shown: Values = {}
    for order, questions in plan.orders:
        sent = fields.get(order.field, ())
        names = sent[0].split(",") if len(sent) == 1 and len(sent[0]) <= _LONGEST_ORDER else []
        if sorted(names) == sorted(order.names) and not met.isdisjoint(questions):
            shown[order.code] = sent[0]
    return shown


def _problems_of(
    question: Question,
    problems: Mapping[str, list[Problem]],
    reading: Reading,
    plan: _Plan,
) -> list[Problem]:
    """Return the problems of a question on the path, an answer that must be given among them."""
    found = problems.get(question.id, [])
    if not question.required:
        return found
    hurt = {problem.field for problem in found}
    given = reading.comments if question.feedback else reading.values
    absent = [
        Problem(name, "answer-missing", ANSWER_MISSING)
        for name in question.heads
        if name not in hurt and not any(code in given for code in plan.items_of[name])
    ]
    return [*found, *absent]


def _completed(plan: _Plan, given: Values, met: set[str]) -> tuple[Values, int]:
    """Return a value for every item, going backwards so that "something later" is known."""
    backwards: list[tuple[str, int | str]] = []
    blank = MISSING_CODES["not_reached"]
    answered = 0
    for code, question_id, needs in reversed(plan.items):
        unasked = needs is not None and not _was_chosen(given, needs)
        if question_id not in met or unasked:
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


class _Entry(NamedTuple):
    """A question with the fields that carry its answer."""

    question: Question
    fields: tuple[Field, ...]


class _Plan(NamedTuple):
    """What a questionnaire is to this module, worked out once.

    ``items`` are codes with their question (None for an order) and, for a specify text, the item
    and the value that it hangs on; ``items_of`` are the codes that the answer in a field fills;
    ``orders`` come with the questions that are shown in them.
    """

    entries: tuple[_Entry, ...]
    names: frozenset[str]
    items: tuple[tuple[str, str | None, tuple[str, int] | None], ...]
    items_of: Mapping[str, tuple[str, ...]]
    orders: tuple[tuple[Order, frozenset[str]], ...]


@lru_cache(maxsize=64)
def _plan(questionnaire: Questionnaire) -> _Plan:
    """Return the fields with their readers and the items with what they hang on."""
    entries = tuple(_Entry(q, tuple(fields_of(q))) for q in questionnaire.questions)
    needs: dict[str, tuple[str, int]] = {}
    items_of: dict[str, tuple[str, ...]] = {}
    for question in questionnaire.questions:
        needs |= _specified(question)
        if question.type == "matrix" or question.feedback:
            items_of |= {name: (name,) for name in question.heads}
        else:
            own = (i.code for i in question.items if i.code not in needs and i.kind != "order")
            items_of[question.id] = tuple(own)
    items = tuple(
        (item.code, None if item.kind == "order" else item.question_id, needs.get(item.code))
        for item in questionnaire.items
    )
    shown = [(section.order, section.questions) for section in questionnaire.sections]
    shown += [(question.order, (question,)) for question in questionnaire.questions]
    orders = tuple((o, frozenset(q.id for q in asked)) for o, asked in shown if o is not None)
    return _Plan(entries, frozenset(questionnaire.fields), items, items_of, orders)


def _specified(question: Question) -> dict[str, tuple[str, int]]:
    """Return for every specify text the item and the value that it belongs to."""
    return {
        question.specify_code(option): (
            (f"{question.id}_{option.value}", 1)
            if question.type == "multi"
            else (question.id, option_code(option))
        )
        for option in question.specified
    }


_LONGEST_ORDER = 41 * 300
"""Characters of an order of as many names as a questionnaire may have."""
