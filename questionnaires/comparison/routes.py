"""Changes of who is asked a question."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from intake.findings import Words
from questionnaires.comparison.changes import Change
from questionnaires.comparison.texts import label
from questionnaires.exchange.described import universes
from questionnaires.model import Questionnaire
from questionnaires.parts import Condition
from questionnaires.routing import steps

_EVERYBODY = Words("hỏi mọi người", "everybody is asked")

_Conditions = frozenset[tuple[str, frozenset[str]]]
_Way = tuple[_Conditions, frozenset[tuple[str, _Conditions]]]


def route_changes(old: Questionnaire, new: Questionnaire) -> Iterator[Change]:
    """Yield the questions of both versions that other answers lead to."""
    before, after = _ways(old), _ways(new)
    words_before, words_after = universes(old), universes(new)
    for name, way in after.items():
        if name in before and before[name] != way:
            was, now = words_before.get(name), words_after.get(name)
            yield Change(
                "universe-changed",
                name,
                label(was) if was else _EVERYBODY,
                label(now) if now else _EVERYBODY,
            )


def _ways(questionnaire: Questionnaire) -> dict[str, _Way]:
    """Return for each question its conditions and the jumps that lead past it."""
    plan = steps(questionnaire)
    past: dict[str, set[tuple[str, _Conditions]]] = {step.question.id: set() for step in plan}
    for position, step in enumerate(plan):
        for jump in step.jumps:
            for other in plan[position + 1 : jump.position]:
                past[other.question.id].add((step.question.id, _unordered(jump.when)))
    return {
        step.question.id: (_unordered(step.conditions), frozenset(past[step.question.id]))
        for step in plan
    }


def _unordered(conditions: Sequence[Condition]) -> _Conditions:
    return frozenset((one.question, frozenset(one.values)) for one in conditions)
