"""Changes of order: of questions, of rows and of options, and of what is shuffled."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterator, Sequence

from intake.findings import Words
from questionnaires.comparison.changes import Change
from questionnaires.model import Questionnaire

_FIRST = Words("đầu tiên", "first")


def order_changes(old: Questionnaire, new: Questionnaire) -> Iterator[Change]:
    """Yield the questions that have moved, to another section too, and what is shuffled now."""
    yield from moved(
        "questions", [q.id for q in old.questions], [q.id for q in new.questions], each=True
    )
    yield from _between_sections(old, new)
    before = {order.id: order.field for order in old.orders}
    after = {order.id: order.field for order in new.orders}
    known = old.question_by_id.keys() | {section.id for section in old.sections}
    for name in {**before, **after}:
        if (name in before) != (name in after) and name in known and _still(new, name):
            was, now = ("random" if name in side else "" for side in (before, after))
            yield Change.of("random-changed", f"{name}/order", was, now)


def _still(new: Questionnaire, name: str) -> bool:
    return name in new.question_by_id or any(section.id == name for section in new.sections)


def _between_sections(old: Questionnaire, new: Questionnaire) -> Iterator[Change]:
    """Yield the questions that stand in another section although their own is still there."""
    before = {question.id: section.id for section in old.sections for question in section.questions}
    kept = {section.id for section in new.sections}
    for section in new.sections:
        for question in section.questions:
            was = before.get(question.id, section.id)
            if was != section.id and was in kept:
                yield Change.of("order-changed", f"{question.id}/section", was, section.id)


def moved(
    path: str, old: Sequence[str], new: Sequence[str], *, each: bool = False
) -> Iterator[Change]:
    """Yield what stands in another order among what both versions have.

    One change for the whole list or, with ``each``, one for every part that has moved: the fewest
    whose moving explains the new order.
    """
    both = set(old) & set(new)
    before = [name for name in old if name in both]
    after = [name for name in new if name in both]
    if before == after:
        return
    if not each:
        yield Change.of("order-changed", path, ", ".join(before), ", ".join(after))
        return
    stayed = _longest_kept(before, after)
    for name in after:
        if name not in stayed:
            yield Change("order-changed", name, _behind(before, name), _behind(after, name))


def _behind(names: Sequence[str], name: str) -> Words:
    at = names.index(name)
    return Words(f"sau {names[at - 1]}", f"after {names[at - 1]}") if at else _FIRST


def _longest_kept(before: Sequence[str], after: Sequence[str]) -> set[str]:
    """Return the most names that follow each other in the same order in both lists."""
    place = {name: at for at, name in enumerate(before)}
    ends: list[int] = []  # the least place that a kept run of each length can end with
    runs: list[list[str]] = []
    for name in after:
        at = bisect_left(ends, place[name])
        run = [*(runs[at - 1] if at else []), name]
        ends[at : at + 1], runs[at : at + 1] = [place[name]], [run]
    return set(runs[-1])
