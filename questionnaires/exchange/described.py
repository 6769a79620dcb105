"""Every column of the analysis file in words: what was asked of whom, and what its values mean."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from questionnaires.model import Questionnaire, Section
from questionnaires.parts import MISSING_CODES, Condition, Item, Option
from questionnaires.questions import Question
from questionnaires.routing import steps
from questionnaires.texts import Text, plain

_MISSING = {
    "refused": Text({"vi": "Không trả lời", "en": "No answer"}),
    "dont_know": Text({"vi": "Không biết", "en": "Do not know"}),
    "not_applicable": Text({"vi": "Không thuộc diện hỏi", "en": "Not asked"}),
    "not_reached": Text({"vi": "Dừng trước câu này", "en": "Stopped before"}),
}
_FLAG = (Text({"vi": "Không chọn", "en": "Not chosen"}), Text({"vi": "Có chọn", "en": "Chosen"}))


@dataclass(frozen=True)
class Value:
    """One value of a column; ``missing`` is the reason when it stands for no answer."""

    code: int
    label: Text
    missing: str | None = None


@dataclass(frozen=True)
class Described:
    """One column: the question it comes from (none for an order of sections) and its values.

    ``label`` names the column, ``asked`` is the question above it. ``universe`` says who is
    asked, None where everybody is. ``range`` is the least and the greatest number or day.
    """

    item: Item
    section: Section
    question: Question | None
    label: Text
    asked: Text
    values: tuple[Value, ...]
    universe: Text | None
    range: tuple[str, str] = ("", "")


def described(questionnaire: Questionnaire) -> Iterator[Described]:
    """Yield every column of the analysis file of a questionnaire, in order."""
    sections = {section.id: section for section in questionnaire.sections}
    told = universes(questionnaire)
    for item in questionnaire.items:
        question = questionnaire.question_by_id.get(item.question_id)
        section = sections[item.section_id]
        universe = told.get(question.id) if question else None
        yield Described(
            item,
            section,
            question,
            _plain(item.label),
            _plain(question.label if question else section.title),
            (*_real(item), *_reasons(item, question, universe is not None)),
            universe,
            _range(item, question),
        )


def _plain(text: Text) -> Text:
    return Text({tag: plain(words) for tag, words in text.items()})


def _real(item: Item) -> Iterator[Value]:
    if item.kind == "flag":
        yield from (Value(code, label) for code, label in enumerate(_FLAG))
    for option in item.options:
        if option.missing is None and option.code is not None:
            yield Value(option.code, option.label)


def _reasons(item: Item, question: Question | None, conditional: bool) -> Iterator[Value]:
    """Yield why the column may hold no answer, in the words of the question where it has any."""
    own: dict[str, Option] = {}
    for option in question.options if question else ():
        if option.missing:
            own.setdefault(option.missing, option)
    for reason, code in MISSING_CODES.items():
        if reason in own:
            yield Value(code, own[reason].label, reason)
        elif item.kind == "order":
            if reason == "not_applicable":
                yield Value(code, _MISSING[reason], reason)
        elif reason in ("refused", "not_reached") or (
            reason == "not_applicable" and (conditional or item.code.endswith("_text"))
        ):
            yield Value(code, _MISSING[reason], reason)


def _range(item: Item, question: Question | None) -> tuple[str, str]:
    if question is None or item.kind not in ("number", "date"):
        return ("", "")
    if question.type == "ranking":
        return ("1", str(len(question.choices)))
    ends = (question.earliest, question.latest) if item.kind == "date" else _numbers(question)
    low, high = ("" if end is None else str(end) for end in ends)
    return (low, high)


def _numbers(question: Question) -> tuple[object, object]:
    """Return the bounds in the units of the column: with one decimal 12.5 is 125."""
    scale = 10**question.decimals
    low, high = (None if end is None else int(end * scale) for end in (question.min, question.max))
    return (0 if low is None else low), high


# Who is asked -----------------------------------------------------------------------------------


def universes(questionnaire: Questionnaire) -> dict[str, Text]:
    """Return in words, for each question that not everybody is asked, who is asked."""
    plan = steps(questionnaire)
    told: dict[str, list[Text]] = {}
    words = _Words(questionnaire)
    for position, step in enumerate(plan):
        if step.conditions:
            told.setdefault(step.question.id, []).insert(0, words.when(step.conditions))
        for jump in step.jumps:
            for other in plan[position + 1 : jump.position]:
                told.setdefault(other.question.id, []).append(words.past(step.question, jump.when))
    return {name: _joined(texts) for name, texts in told.items()}


def _joined(texts: Sequence[Text]) -> Text:
    tags = dict.fromkeys(tag for text in texts for tag in text)
    return Text({tag: " ".join(text.in_language(tag) for text in texts) for tag in tags})


class _Words:
    """Says conditions in the languages of a questionnaire that these words exist in."""

    def __init__(self, questionnaire: Questionnaire) -> None:
        self.questions = {
            field: question
            for question in questionnaire.questions
            for field in (*question.fields, question.missing_field)
        }

    def when(self, conditions: Sequence[Condition]) -> Text:
        """Return "asked of those who …"."""
        return self._said(
            conditions,
            lambda said: f"Hỏi người trả lời {said}.",
            lambda said: f"Asked of those who answered {said}.",
        )

    def past(self, question: Question, conditions: Sequence[Condition]) -> Text:
        """Return "not asked of those who …"."""
        if not conditions:
            return Text(
                {
                    "vi": f"Không hỏi người đã được hỏi câu {question.id}.",
                    "en": f"Not asked of those who were asked {question.id}.",
                }
            )
        return self._said(
            conditions,
            lambda said: f"Không hỏi người trả lời {said}.",
            lambda said: f"Not asked of those who answered {said}.",
        )

    def _said(
        self, conditions: Sequence[Condition], vi: Callable[[str], str], en: Callable[[str], str]
    ) -> Text:
        return Text(
            {
                "vi": vi(" và ".join(self._one(one, "vi", " hoặc ") for one in conditions)),
                "en": en(" and ".join(self._one(one, "en", " or ") for one in conditions)),
            }
        )

    def _one(self, condition: Condition, lang: str, either: str) -> str:
        question = self.questions[condition.question]
        labels = {option.value: option.label.in_language(lang) for option in question.options}
        quoted = "“{}”" if lang == "vi" else "‘{}’"
        values = [
            quoted.format(labels[value]) if value in labels else value for value in condition.values
        ]
        shown = values if len(values) <= _SHOWN else [*values[:_SHOWN], "…"]
        return f"{either.join(shown)} ({condition.question})"


_SHOWN = 8
