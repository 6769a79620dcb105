"""What a questionnaire is: sections of questions, and what they measure.

One definition serves the phone page, the interviewer, the paper form, the codebook and the
analysis. The values here are frozen and check themselves when made, as those of ``questions``
do; reading them from a file, and saying everything that is wrong with that file, is left to
``loader`` and ``checks``.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property

from intake.findings import Words
from intake.text import folded
from questionnaires.questions import Condition, Item, Question, refused
from questionnaires.texts import Text


@dataclass(frozen=True)
class Section:
    """One topic: what the phone shows at a time."""

    id: str
    title: Text
    intro: Text | None = None
    show_if: tuple[Condition, ...] = ()
    questions: tuple[Question, ...] = ()


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

    ``unverified`` lists what has not been confirmed against an official form, with the reason.
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
            for question in section.questions
            for item in question.items
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
        )


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
