"""Which questions a respondent meets, given the answers so far.

The road runs forward only: a question is on it when no earlier jump leads past it and every
condition of its section and its own holds. An answer counts for later conditions only while its
question is itself on the road, so a value left behind by a changed mind decides nothing.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from functools import lru_cache
from typing import NamedTuple

from questionnaires.model import END, Condition, Question, Questionnaire

Answers = Mapping[str, Collection[str]]
"""Form field -> the values given there (option values; a number as decimal text)."""


class Jump(NamedTuple):
    """Where the road goes on, as a position among the questions, when the conditions hold."""

    when: tuple[Condition, ...]
    position: int


class Step(NamedTuple):
    """One question with all that decides whether it is met and what follows it."""

    question: Question
    fields: tuple[str, ...]
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
    met: list[Question] = []
    counted: dict[str, Collection[str]] = {}
    resume = 0
    for position, step in enumerate(steps(questionnaire)):
        if position < resume or not holds(step.conditions, counted):
            continue
        met.append(step.question)
        for name in step.fields:
            if name in answers:
                counted[name] = answers[name]
        for jump in step.jumps:
            if holds(jump.when, counted):
                resume = jump.position
                break
    return tuple(met)
