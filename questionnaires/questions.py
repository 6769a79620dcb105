"""What is asked: questions, what can be answered to them, and the columns that they fill.

Three words are kept apart. A *question* is what is asked. A *field* is one name in the submitted
form: the question's id, or for a matrix the code of each row. An *item* is one column of the
analysis file: a choice, a number, a text, or one 0/1 flag per option of a multiple choice.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from functools import cached_property

from intake.findings import Words
from questionnaires.parts import (
    TEXT_LIMIT,
    Condition,
    Goto,
    Item,
    Option,
    Order,
    Row,
    Wording,
    coded,
    refused,
    worded,
)
from questionnaires.texts import Text

CHOICE_TYPES = frozenset({"single", "scale"})
OPTION_TYPES = frozenset({"single", "multi", "scale", "matrix", "ranking"})
APART_TYPES = frozenset({"number", "date", "text", "ranking"})
"""Types whose reasons for giving no answer stand in a field of their own, beside the answer."""
SHUFFLED_TYPES = frozenset({"single", "multi", "ranking", "matrix"})
"""Types that can stand in random order: a matrix its rows, the others their options."""
TYPES = ("single", "multi", "scale", "matrix", "number", "date", "text", "ranking")

MAX_DECIMALS = 2
"""Three would leave open whether 2.500 is two and a half or two thousand five hundred."""


@dataclass(frozen=True)
class Question:
    """One question.

    ``type`` is one of ``TYPES``. ``show_if`` holds conditions that must all hold. ``required``
    says that the form is not taken without an answer, ``soft`` that a blank is asked about once
    (None: as is usual for the type). ``min`` and ``max`` bound a number, which may have
    ``decimals``; ``earliest`` and ``latest`` bound a date; ``max_length`` counts the code points
    of a text, ``lines`` are those it is given to write on. ``random`` shuffles the options, of a
    matrix the rows. ``code`` is the prefix of the item codes of a matrix (its id unless given), so
    that one battery can be spread over several topics. ``sensitive`` marks data of a sensitive
    kind, ``reverse`` a scale that runs against the others, and ``feedback`` a closing comment: it
    is kept in the store of feedback, never among the answers, and so is no item.
    """

    id: str
    type: str
    label: Text
    hint: Text | None = None
    options: tuple[Option, ...] = ()
    rows: tuple[Row, ...] = ()
    required: bool = False
    soft: bool | None = None
    show_if: tuple[Condition, ...] = ()
    goto: tuple[Goto, ...] = ()
    min: Decimal | int | None = None
    max: Decimal | int | None = None
    decimals: int = 0
    earliest: date | None = None
    latest: date | None = None
    max_length: int = TEXT_LIMIT
    lines: int = 5
    random: bool = False
    factor: str | None = None
    sensitive: bool = False
    reverse: bool = False
    feedback: bool = False
    code: str = ""
    wording: tuple[Wording, ...] = ()

    def __post_init__(self) -> None:
        if self.type not in TYPES:
            raise refused(
                "unknown-type",
                Words(
                    f"Câu hỏi {self.id}: không có loại “{self.type}”.",
                    f"Question {self.id}: there is no type '{self.type}'.",
                ),
                Words(f"Dùng: {', '.join(TYPES)}.", f"Use: {', '.join(TYPES)}."),
            )
        if self.type in OPTION_TYPES and not self.options:
            raise refused(
                "options-missing",
                Words(
                    f"Câu hỏi {self.id} không có phương án trả lời.",
                    f"Question {self.id} has no options.",
                ),
                Words("Thêm options hoặc scale.", "Add options or a scale."),
            )
        if self.type == "matrix" and not self.rows:
            raise refused(
                "rows-missing",
                Words(f"Bảng hỏi {self.id} không có dòng.", f"Matrix {self.id} has no rows."),
                Words("Thêm rows.", "Add rows."),
            )
        _refuse_bounds(self)
        object.__setattr__(self, "options", coded(self.options))
        object.__setattr__(self, "code", self.code or self.id)

    @property
    def heads(self) -> tuple[str, ...]:
        """The form fields that ask for something each: one, or one per row of a matrix."""
        if self.type == "matrix":
            return tuple(self.row_code(row) for row in self.rows)
        return (self.id,)

    @property
    def fields(self) -> tuple[str, ...]:
        """The form fields that carry the answer itself, specify texts left out."""
        return (*self.heads, self.missing_field) if self.apart else self.heads

    @property
    def missing_field(self) -> str:
        """The form field for the reasons that stand beside the answer."""
        return f"{self.id}.missing"

    @property
    def apart(self) -> tuple[Option, ...]:
        """The reasons for giving no answer that stand beside the answer, in their own field."""
        if self.type not in APART_TYPES or self.feedback:
            return ()
        return tuple(option for option in self.options if option.missing is not None)

    @property
    def choices(self) -> tuple[Option, ...]:
        """The options that the fields of the answer itself take."""
        if self.type not in APART_TYPES:
            return self.options
        return tuple(option for option in self.options if option.missing is None)

    @property
    def specified(self) -> tuple[Option, ...]:
        """The options that a short text belongs to; choices of one or several can have them."""
        if self.type not in ("single", "scale", "multi"):
            return ()
        return tuple(option for option in self.options if option.specify)

    @property
    def sought(self) -> bool:
        """Whether a blank is asked about: always where required, else once unless told not to."""
        usual = self.type not in ("text", "date")
        return self.required or (usual if self.soft is None else self.soft)

    @property
    def order(self) -> Order | None:
        """What stands in random order here, if anything."""
        if not self.random:
            return None
        if self.type == "matrix":
            return Order(self.id, tuple(row.id for row in self.rows))
        return Order(self.id, tuple(option.value for option in self.options if option.moves))

    def row_code(self, row: Row) -> str:
        """Return the item code and form field of one row of this matrix."""
        return f"{self.code}_{row.id}"

    def specify_code(self, option: Option) -> str:
        """Return the item code and form field of the short text that belongs to an option."""
        return f"{self.id}_{option.value}_text"

    def in_mode(self, mode: str) -> Question:
        """Return the question in the words of a mode of answering; all else stays."""
        question = worded(self, mode)
        options = tuple(worded(option, mode) for option in self.options)
        rows = tuple(worded(row, mode) for row in self.rows)
        if options == self.options and rows == self.rows:
            return question
        return replace(question, options=options, rows=rows)

    @cached_property
    def items(self) -> tuple[Item, ...]:
        """The columns of the analysis file that this question fills, section left open."""
        if self.feedback:
            return ()
        specified = [
            self._item(self.specify_code(option), "text", option.label, text=True)
            for option in self.specified
        ]
        ordered = [order_item(self.order, self.label)] if self.order else []
        return (*self._answers(), *specified, *ordered)

    def _answers(self) -> tuple[Item, ...]:
        """Return the items of the answer itself."""
        if self.type == "matrix":
            return tuple(
                self._item(
                    self.row_code(row), "choice", row.label, self.options, row.factor or self.factor
                )
                for row in self.rows
            )
        if self.type in ("multi", "ranking"):
            kind = "flag" if self.type == "multi" else "number"
            real = [option for option in self.options if option.missing is None]
            return tuple(self._item(f"{self.id}_{o.value}", kind, o.label) for o in real)
        if self.type in CHOICE_TYPES:
            return (self._item(self.id, "choice", self.label, self.options, self.factor),)
        item = self._item(self.id, self.type, self.label, text=self.type != "number")
        return (replace(item, decimals=self.decimals),)

    def _item(
        self,
        code: str,
        kind: str,
        label: Text,
        options: tuple[Option, ...] = (),
        factor: str | None = None,
        *,
        text: bool = False,
    ) -> Item:
        return Item(
            code, kind, self.id, label, options, factor, "", text, self.reverse, self.sensitive
        )


def order_item(order: Order, label: Text) -> Item:
    """Return the item that holds in which order parts of a questionnaire were shown."""
    return Item(order.code, "order", order.id, label, text=True)


def _refuse_bounds(question: Question) -> None:
    """Refuse bounds of which the lower lies above the upper."""
    pairs = ((question.min, question.max), (question.earliest, question.latest))
    for low, high in pairs:
        if low is None or high is None or low <= high:  # type: ignore[operator]
            continue
        raise refused(
            "min-above-max",
            Words(
                f"Câu hỏi {question.id}: min {low} lớn hơn max {high}.",
                f"Question {question.id}: min {low} is above max {high}.",
            ),
            Words("Sửa một trong hai giá trị.", "Change one of the two."),
        )
