"""Conditions, jumps and bounds as expressions of XLSForm."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import NamedTuple

from intake.findings import QuestionnaireError
from questionnaires.model import Questionnaire
from questionnaires.parts import Condition, Option
from questionnaires.questions import CHOICE_TYPES, Question
from questionnaires.routing import Step, steps


class Asked(NamedTuple):
    """A form field in an XLSForm: its name there, and how a condition asks for its answer."""

    name: str
    how: str


def literal(value: str) -> str:
    """Return a text between quotes that it does not hold.

    Raises
    ------
    QuestionnaireError
        It holds both kinds of quotes, which the language of XLSForm cannot say.
    """
    for quote in ("'", '"'):
        if quote not in value:
            return f"{quote}{value}{quote}"
    raise QuestionnaireError.of(
        "xlsform-cannot-say",
        f"Giá trị {value} có cả hai loại dấu nháy; XLSForm không viết được.",
        f"The value {value} has both kinds of quotes, which XLSForm cannot say.",
        "Hãy đổi giá trị này.",
        "Change that value.",
    )


def how_of(question: Question) -> str:
    """Return how a condition asks for the answer: ``equals``, ``selected`` or ``number``."""
    if question.type in ("multi", "ranking"):
        return "selected"
    return "equals" if question.type in CHOICE_TYPES or question.type == "matrix" else "number"


def relevant_of(conditions: Sequence[Condition], asked: Mapping[str, Asked]) -> str:
    """Return the expression that holds when all conditions do; empty for none."""
    parts = [_condition(condition, asked[condition.question]) for condition in conditions]
    return " and ".join(
        f"({part})" if len(parts) > 1 and " or " in part else part for part in parts
    )


def _condition(condition: Condition, field: Asked) -> str:
    name = f"${{{field.name}}}"
    if field.how == "selected":
        return " or ".join(f"selected({name}, {literal(value)})" for value in condition.values)
    plain = field.how == "number"
    return " or ".join(
        f"{name} = {value if plain else literal(value)}" for value in condition.values
    )


def constraint_of(question: Question) -> str:
    """Return what an answer must meet; empty when anything will do."""
    if question.type == "date":
        ends = ((">=", question.earliest), ("<=", question.latest))
        return " and ".join(f". {sign} date('{day}')" for sign, day in ends if day is not None)
    if question.type == "number":
        bounds = ((">=", question.min), ("<=", question.max))
        return " and ".join(f". {sign} {end}" for sign, end in bounds if end is not None)
    if question.type == "text":
        return f"string-length(.) <= {question.max_length}"
    if question.type == "multi":
        return " and ".join(_alone(o) for o in question.options if o.exclusive or o.missing)
    return ""


def _alone(option: Option) -> str:
    return f"not(selected(., {literal(option.value)}) and count-selected(.) > 1)"


class Jump(NamedTuple):
    """A jump as a computed row: the names of its question and of the row, and when it is taken."""

    question: str
    name: str
    calculation: str


def jumps_of(
    questionnaire: Questionnaire, asked: Mapping[str, Asked], free: Callable[[str], str]
) -> tuple[list[Jump], dict[str, list[str]]]:
    """Return the jumps in order, and for each question the rows of jumps that lead past it.

    ``free`` makes of a name one that nothing else has.
    """
    made: list[Jump] = []
    past: dict[str, list[str]] = {}
    plan = steps(questionnaire)
    for position, step in enumerate(plan):
        earlier: list[str] = []
        for number, jump in enumerate(step.jumps, start=1):
            name = free(f"{asked[step.fields[0]].name}_jump{number}")
            when = relevant_of(jump.when, asked)
            parts = [*([f"({when})"] if when else []), *(f"${{{one}}} != 1" for one in earlier)]
            made.append(Jump(step.question.id, name, f"if({' and '.join(parts) or '1=1'}, 1, 0)"))
            earlier.append(name)
            for other in _between(plan, position, jump.position):
                past.setdefault(other.question.id, []).append(name)
    return made, past


def _between(plan: Sequence[Step], position: int, target: int) -> Sequence[Step]:
    return plan[position + 1 : target]
