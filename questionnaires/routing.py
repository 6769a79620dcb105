"""Which questions a respondent meets, given the answers so far.

The road runs forward only: a question is on it when no earlier jump leads past it and every
condition of its section and its own holds. An answer counts for later conditions only while its
question is itself on the road, so a value left behind by a changed mind decides nothing.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from functools import lru_cache
from itertools import combinations, product
from math import prod
from typing import NamedTuple

from questionnaires.model import Questionnaire
from questionnaires.parts import END, Condition
from questionnaires.questions import CHOICE_TYPES, Question

Answers = Mapping[str, Collection[str]]
"""Form field -> the values given there (option values; a number as decimal text)."""


class Jump(NamedTuple):
    """Where the road goes on, as a position among the questions, when the conditions hold."""

    when: tuple[Condition, ...]
    position: int


class Step(NamedTuple):
    """One question with all that decides whether it is met and what follows it.

    ``specified`` are the fields of short texts, which later texts may repeat.
    """

    question: Question
    fields: tuple[str, ...]
    specified: tuple[str, ...]
    conditions: tuple[Condition, ...]
    jumps: tuple[Jump, ...]


@lru_cache(maxsize=64)
def steps(questionnaire: Questionnaire) -> tuple[Step, ...]:
    """Return the questions in order, with the targets of their jumps as positions."""
    positions: dict[str, int] = {END: len(questionnaire.questions)}
    position = 0
    for section in questionnaire.sections:
        positions[section.id] = position
        for question in section.questions:
            positions[question.id] = position
            position += 1
    return tuple(
        Step(
            question,
            question.fields,
            tuple(question.specify_code(option) for option in question.specified),
            (*section.show_if, *question.show_if),
            tuple(Jump(goto.when, positions[goto.to]) for goto in question.goto),
        )
        for section in questionnaire.sections
        for question in section.questions
    )


def holds(conditions: Sequence[Condition], answers: Answers) -> bool:
    """Return whether every condition is met; a field without answer meets none."""
    return all(
        any(value in condition.values for value in answers.get(condition.question, ()))
        for condition in conditions
    )


def questions_on_path(questionnaire: Questionnaire, answers: Answers) -> tuple[Question, ...]:
    """Return the questions that somebody with these answers meets, in order.

    Parameters
    ----------
    questionnaire
        The instrument.
    answers
        Form field -> values given. Fields that do not exist decide nothing.

    Returns
    -------
    tuple of Question
        In the order asked. Where several jumps of a question hold, the first is taken.
    """
    return _walk(questionnaire, answers)[0]


def answers_on_path(questionnaire: Questionnaire, answers: Answers) -> Answers:
    """Return the answers that count: those to questions on the path."""
    return _walk(questionnaire, answers)[1]


def _walk(
    questionnaire: Questionnaire, answers: Answers
) -> tuple[tuple[Question, ...], dict[str, Collection[str]]]:
    met: list[Question] = []
    counted: dict[str, Collection[str]] = {}
    resume = 0
    for position, step in enumerate(steps(questionnaire)):
        if position < resume or not holds(step.conditions, counted):
            continue
        met.append(step.question)
        for name in (*step.fields, *step.specified):
            if name in answers:
                counted[name] = answers[name]
        for jump in step.jumps:
            if holds(jump.when, counted):
                resume = jump.position
                break
    return tuple(met), counted


# Whether every question can be met at all --------------------------------------------------------

STEPS = 40_000
"""How often a situation is followed by one question before the search gives up."""

_Known = frozenset[tuple[str, tuple[str, ...]]]


def unmet_questions(
    questionnaire: Questionnaire, limit: int = STEPS
) -> tuple[Question, ...] | None:
    """Return the questions that no answers lead to, or None when there are too many cases to say.

    Only answers that some condition names are told apart, and each is forgotten after the last
    condition that asks for it, so that ordinary questionnaires need a few dozen situations.
    """
    plan = steps(questionnaire)
    named = _named_values(plan)
    last_use = _last_use(plan)
    situations: set[tuple[int, _Known]] = {(0, frozenset())}
    met: set[str] = set()
    taken = 0
    for position, step in enumerate(plan):
        fields = [name for name in step.fields if name in named]
        ways = [_ways(step.question, named[name], limit) for name in fields]
        if any(way is None for way in ways):
            return None
        possible = [way for way in ways if way is not None]
        taken += prod(map(len, possible)) * len(situations)
        if taken > limit:
            return None
        following: set[tuple[int, _Known]] = set()
        for resume, known in situations:
            answers = dict(known)
            if position < resume or not holds(step.conditions, answers):
                following.add((resume, _live(answers, last_use, position)))
                continue
            met.add(step.question.id)
            for given in product(*possible):
                now = answers | dict(zip(fields, given, strict=True))
                target = next((j.position for j in step.jumps if holds(j.when, now)), 0)
                following.add((target, _live(now, last_use, position)))
        situations = following
    return tuple(step.question for step in plan if step.question.id not in met)


def _conditions(step: Step) -> list[Condition]:
    return [*step.conditions, *(condition for jump in step.jumps for condition in jump.when)]


def _named_values(plan: Sequence[Step]) -> dict[str, list[str]]:
    """Return for every field that a condition asks for the values it names."""
    named: dict[str, dict[str, None]] = {}
    for step in plan:
        for condition in _conditions(step):
            named.setdefault(condition.question, {}).update(dict.fromkeys(condition.values))
    return {field: list(values) for field, values in named.items()}


def _last_use(plan: Sequence[Step]) -> dict[str, int]:
    return {c.question: position for position, step in enumerate(plan) for c in _conditions(step)}


def _ways(question: Question, named: list[str], limit: int) -> list[tuple[str, ...]] | None:
    """Return the answers to one field that conditions can tell apart."""
    if question.type == "multi":
        if 2 ** len(named) > limit:
            return None
        return [way for size in range(len(named) + 1) for way in combinations(named, size)]
    one_of_them = question.type in CHOICE_TYPES or question.type == "matrix"
    all_named = {option.value for option in question.options} <= set(named)
    chosen: list[tuple[str, ...]] = [(value,) for value in named]
    return chosen if question.required and one_of_them and all_named else [*chosen, ()]


def _live(answers: Answers, last_use: Mapping[str, int], position: int) -> _Known:
    """Return the answers that a later condition still asks for."""
    return frozenset(
        (name, tuple(values)) for name, values in answers.items() if last_use[name] > position
    )
