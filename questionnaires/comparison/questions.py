"""Changes of questions and of the rows of matrices: ids, types, limits, scoring, words."""

from __future__ import annotations

from collections.abc import Iterator

from questionnaires.comparison.changes import NOTHING, Change
from questionnaires.comparison.orders import moved
from questionnaires.comparison.texts import label, same_words, text_change, wording_changes
from questionnaires.model import Questionnaire
from questionnaires.questions import Question

NOTHING = NOTHING


def question_changes(old: Questionnaire, new: Questionnaire) -> Iterator[Change]:
    """Yield the questions that are gone, new or renamed, and what has changed of the others."""
    fresh = {q.id: q for q in new.questions if q.id not in old.question_by_id}
    for before in old.questions:
        after = new.question_by_id.get(before.id)
        if after is None:
            yield _gone(before, fresh)
        elif after.type != before.type:
            yield Change.of("type-changed", before.id, before.type, after.type)
        else:
            yield from _of_question(before, after)
    for name, question in fresh.items():
        yield Change("question-added", name, NOTHING, label(question.label))


def _gone(before: Question, fresh: dict[str, Question]) -> Change:
    """Return the removal of a question, or its new id, which then is no fresh question."""
    for name, question in fresh.items():
        if question.type == before.type and same_words(question.label, before.label):
            del fresh[name]
            return Change.of("question-renamed", before.id, before.id, name)
    return Change("question-removed", before.id, label(before.label), NOTHING)


def _of_question(old: Question, new: Question) -> Iterator[Change]:
    name = new.id
    yield from text_change(f"{name}/label", old.label, new.label)
    yield from text_change(f"{name}/hint", old.hint, new.hint)
    yield from wording_changes(f"{name}/", old.wording, new.wording)
    if old.type == "matrix" and old.code != new.code:
        yield Change.of("column-renamed", f"{name}/code", old.code, new.code)
    yield from _rows(old, new)
    if _need(old) != _need(new):
        yield Change.of("required-changed", f"{name}/required", _need(old), _need(new))
    yield from _limits(old, new)
    for code, key in _PLAIN:
        was, now = getattr(old, key), getattr(new, key)
        if was != now:
            yield Change.of(code, f"{name}/{key}", _written(was), _written(now))


_PLAIN = (
    ("decimals-changed", "decimals"),
    ("scoring-changed", "reverse"),
    ("scoring-changed", "factor"),
    ("handling-changed", "sensitive"),
    ("handling-changed", "feedback"),
)


def _written(value: object) -> str:
    return str(value).lower() if isinstance(value, bool) else "" if value is None else str(value)


def _need(question: Question) -> str:
    return "true" if question.required else "soft" if question.sought else "false"


def _rows(old: Question, new: Question) -> Iterator[Change]:
    before = {row.id: row for row in old.rows}
    after = {row.id: row for row in new.rows}
    fresh = {name: row for name, row in after.items() if name not in before}
    for name, row in before.items():
        path = f"{new.id}/rows/{name}"
        if name in after:
            now = after[name]
            yield from text_change(f"{path}/label", row.label, now.label)
            yield from wording_changes(f"{path}/", row.wording, now.wording)
            if row.factor != now.factor:
                was, is_now = _written(row.factor), _written(now.factor)
                yield Change.of("scoring-changed", f"{path}/factor", was, is_now)
            continue
        heir = next((n for n, r in fresh.items() if same_words(r.label, row.label)), None)
        if heir is None:
            yield Change("row-removed", path, label(row.label), NOTHING)
        else:
            del fresh[heir]
            yield Change.of("row-renamed", path, name, heir)
    for name, row in fresh.items():
        yield Change("row-added", f"{new.id}/rows/{name}", NOTHING, label(row.label))
    yield from moved(f"{new.id}/rows", list(before), list(after))


def _limits(old: Question, new: Question) -> Iterator[Change]:
    for key, lower in _BOUNDS.items():
        was, now = getattr(old, key), getattr(new, key)
        if was == now:
            continue
        closer = was is None or (now is not None and (now > was if lower else now < was))
        code = "limits-narrowed" if closer else "limits-widened"
        yield Change.of(code, f"{new.id}/{_KEY.get(key, key)}", _written(was), _written(now))


_BOUNDS = {"min": True, "earliest": True, "max": False, "latest": False, "max_length": False}
"""The bounds of answers, and whether each is a lower one."""

_KEY = {"earliest": "min", "latest": "max"}
"""How a file calls the bounds of a date."""
