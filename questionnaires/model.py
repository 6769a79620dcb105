"""What a questionnaire is: sections of questions, and what they measure.

One definition serves the phone page, the interviewer, the paper form, the codebook and the
analysis. The values here are frozen and check themselves when made, as those of ``questions``
do; reading them from a file, and saying everything that is wrong with that file, is left to
``loader`` and ``checks``.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, is_dataclass, replace
from functools import cached_property, lru_cache

from intake.findings import Words
from intake.text import folded
from questionnaires.parts import Condition, Item, Order, Wording, refused, worded
from questionnaires.questions import Question, order_item
from questionnaires.texts import UNIT, Text


@dataclass(frozen=True)
class Section:
    """One topic: what the phone shows at a time; ``random`` shuffles its questions."""

    id: str
    title: Text
    intro: Text | None = None
    show_if: tuple[Condition, ...] = ()
    questions: tuple[Question, ...] = ()
    random: bool = False
    wording: tuple[Wording, ...] = ()

    @property
    def order(self) -> Order | None:
        """The questions where they stand in random order."""
        return Order(self.id, tuple(q.id for q in self.questions)) if self.random else None

    def in_mode(self, mode: str) -> Section:
        """Return the section in the words of a mode of answering; all else stays."""
        questions = tuple(question.in_mode(mode) for question in self.questions)
        section = worded(self, mode)
        return section if questions == self.questions else replace(section, questions=questions)


@dataclass(frozen=True)
class Factor:
    """Items that the method takes together (yếu tố), by their codes."""

    code: str
    block: str
    title: Text
    items: tuple[str, ...] = ()


@dataclass(frozen=True)
class Block:
    """Factors that the method takes together, by their codes."""

    code: str
    title: Text
    factors: tuple[str, ...] = ()


@dataclass(frozen=True, eq=False)
class Questionnaire:
    """One instrument in one version. Two of them are the same only when they are one object.

    ``unverified`` lists what has not been confirmed against an official form, with the reason;
    ``language_name`` is what each language calls itself, for people to choose it by.
    """

    id: str
    version: str
    languages: tuple[str, ...]
    title: Text
    sections: tuple[Section, ...]
    source: Text = field(default_factory=lambda: Text({}))
    unverified: tuple[Text, ...] = ()
    notice: Text = field(default_factory=lambda: Text({}))
    blocks: tuple[Block, ...] = ()
    factors: tuple[Factor, ...] = ()
    wording: tuple[Wording, ...] = ()
    language_name: Text = field(default_factory=lambda: Text({}))

    def __post_init__(self) -> None:
        ids = [s.id for s in self.sections] + [q.id for q in self.questions]
        _refuse_twice("duplicate-id", ids)
        _refuse_twice("duplicate-item-code", [item.code for item in self.items])
        known = set(self.item_by_code)
        lost = [code for factor in self.factors for code in factor.items if code not in known]
        if lost:
            raise refused(
                "unknown-item",
                Words(f"Yếu tố nêu tiêu chí không có: {lost[0]}.", f"No such item: {lost[0]}."),
                Words("Sửa mã tiêu chí.", "Correct the code of the item."),
            )

    @cached_property
    def questions(self) -> tuple[Question, ...]:
        """Every question, in the order asked."""
        return tuple(question for section in self.sections for question in section.questions)

    @cached_property
    def question_by_id(self) -> Mapping[str, Question]:
        """Questions by their id."""
        return {question.id: question for question in self.questions}

    @cached_property
    def items(self) -> tuple[Item, ...]:
        """The columns of the analysis file, in order."""
        return tuple(
            replace(item, section_id=section.id)
            for section in self.sections
            for item in (
                *([order_item(section.order, section.title)] if section.order else []),
                *(item for question in section.questions for item in question.items),
            )
        )

    @cached_property
    def item_by_code(self) -> Mapping[str, Item]:
        """Items by their code."""
        return {item.code: item for item in self.items}

    @cached_property
    def fields(self) -> tuple[str, ...]:
        """Every name that a submitted form may carry, in order."""
        return tuple(
            name
            for question in self.questions
            for name in (
                *question.fields,
                *(question.specify_code(option) for option in question.specified),
            )
        ) + tuple(order.field for order in self.orders)

    @cached_property
    def orders(self) -> tuple[Order, ...]:
        """Everything that stands in random order."""
        orders = (
            order
            for section in self.sections
            for order in (section.order, *(question.order for question in section.questions))
        )
        return tuple(order for order in orders if order is not None)

    @cached_property
    def pipes_unit(self) -> bool:
        """Whether the name of the unit stands in any text, in any mode."""
        return any(hole.field == UNIT for text in _texts(self) for hole in text.holes())

    def in_mode(self, mode: str) -> Questionnaire:
        """Return the questionnaire in the words of a mode; itself where it has none of them."""
        return _in_mode(self, mode)


@lru_cache(maxsize=64)
def _in_mode(questionnaire: Questionnaire, mode: str) -> Questionnaire:
    sections = tuple(section.in_mode(mode) for section in questionnaire.sections)
    spoken = worded(questionnaire, mode)
    return spoken if sections == spoken.sections else replace(spoken, sections=sections)


def _texts(part: object) -> Iterator[Text]:
    """Yield every text of a part of a questionnaire and of the parts in it."""
    if isinstance(part, Text):
        yield part
    elif isinstance(part, tuple):
        for one in part:
            yield from _texts(one)
    elif is_dataclass(part):
        # By its fields: what else it keeps may grow meanwhile, since threads share a questionnaire.
        for one in dataclasses.fields(part):
            yield from _texts(getattr(part, one.name))


def _refuse_twice(code: str, names: Sequence[str]) -> None:
    """Refuse names that are the same after folding."""
    seen: set[str] = set()
    for name in names:
        if folded(name) in seen:
            raise refused(
                code,
                Words(f"“{name}” được dùng hai lần.", f"'{name}' is used twice."),
                Words("Đặt mã khác cho một trong hai.", "Give one of the two another id."),
            )
        seen.add(folded(name))
