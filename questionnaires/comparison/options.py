"""Changes of the options of a question: what each value stands for."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from intake.findings import Words
from questionnaires.comparison.changes import NOTHING, Change
from questionnaires.comparison.orders import moved
from questionnaires.comparison.texts import label, same_words, text_change, wording_changes
from questionnaires.model import Questionnaire
from questionnaires.parts import Option
from questionnaires.questions import CHOICE_TYPES, Question

Options = Mapping[str, Option]


def option_changes(old: Questionnaire, new: Questionnaire) -> Iterator[Change]:
    """Yield the changes of options of the questions that both versions ask in the same type."""
    for question in new.questions:
        before = old.question_by_id.get(question.id)
        if before is not None and before.type == question.type:
            yield from _of_question(before, question)


def _of_question(old: Question, new: Question) -> Iterator[Change]:
    before = {option.value: option for option in old.options}
    after = {option.value: option for option in new.options}
    yield from _come_and_gone(new.id, before, after)
    if _reversed(before, after):
        yield Change(
            "direction-changed", f"{new.id}/options", _listed(old.options), _listed(new.options)
        )
    else:
        for value, option in after.items():
            if value in before:
                yield from _of_value(f"{new.id}/options/{value}", before, option)
    if new.type in CHOICE_TYPES or new.type == "matrix":
        yield from _codes(new.id, before, after)
    yield from _rules(new.id, before, after)
    yield from moved(f"{new.id}/options", list(before), list(after))


def _come_and_gone(name: str, before: Options, after: Options) -> Iterator[Change]:
    fresh = {value: option for value, option in after.items() if value not in before}
    for value, option in before.items():
        if value in after:
            continue
        path = f"{name}/options/{value}"
        heir = next((v for v, o in fresh.items() if same_words(o.label, option.label)), None)
        if heir is None:
            yield Change("option-removed", path, label(option.label), NOTHING)
        else:
            del fresh[heir]
            yield Change.of("option-renamed", path, value, heir)
    for value, option in fresh.items():
        yield Change("option-added", f"{name}/options/{value}", NOTHING, label(option.label))


def _reversed(before: Options, after: Options) -> bool:
    """Tell whether the same values carry the same labels from the other end."""
    old = [option for option in before.values() if option.missing is None]
    new = [after[option.value] for option in old if option.value in after]
    if len(new) != len(old) or len(old) < 2 or same_words(old[0].label, new[0].label):
        return False
    return all(same_words(a.label, b.label) for a, b in zip(old, reversed(new), strict=True))


def _listed(options: tuple[Option, ...]) -> Words:
    real = sorted((o for o in options if o.missing is None), key=lambda option: option.value)
    return Words(
        *(
            ", ".join(f"{option.value} {option.label.in_language(lang)}" for option in real)
            for lang in ("vi", "en")
        )
    )


def _of_value(path: str, before: Options, option: Option) -> Iterator[Change]:
    old = before[option.value]
    others = [other.label for other in before.values() if other is not old]
    exchanged = not same_words(old.label, option.label) and any(
        same_words(other, option.label) for other in others
    )
    if exchanged:
        yield Change("meaning-changed", path, label(old.label), label(option.label))
    else:
        yield from text_change(f"{path}/label", old.label, option.label)
        yield from wording_changes(f"{path}/", old.wording, option.wording)
    if old.missing != option.missing:
        yield Change.of("meaning-changed", f"{path}/missing", _or_answer(old), _or_answer(option))


def _or_answer(option: Option) -> str:
    return f"missing: {option.missing}" if option.missing else ""


def _codes(name: str, before: Options, after: Options) -> Iterator[Change]:
    for value, option in after.items():
        old = before.get(value)
        if old and old.missing is None and option.missing is None and old.code != option.code:
            yield Change.of("code-moved", f"{name}/options/{value}", old.code, option.code)


def _rules(name: str, before: Options, after: Options) -> Iterator[Change]:
    for value, option in after.items():
        old = before.get(value)
        for key in ("exclusive", "specify"):
            if old and getattr(old, key) != getattr(option, key):
                was, now = _switch(key, old), _switch(key, option)
                yield Change.of("option-rule-changed", f"{name}/options/{value}/{key}", was, now)


def _switch(key: str, option: Option) -> str:
    return f"{key}: {str(getattr(option, key)).lower()}"
