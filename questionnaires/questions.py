"""What is asked: questions, what can be answered to them, and the columns that they fill.

Three words are kept apart. A *question* is what is asked. A *field* is one name in the submitted
form: the question's id, or for a matrix the code of each row. An *item* is one column of the
analysis file: a choice, a number, a text, or one 0/1 flag per option of a multiple choice.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property

from intake.findings import Finding, QuestionnaireError, Words
from questionnaires.texts import Text

MISSING_CODES = {"refused": -1, "dont_know": -2, "not_applicable": -3, "not_reached": -4}
"""Why an answer is missing, and the negative code that says so in the analysis file."""

CHOICE_TYPES = frozenset({"single", "scale"})
OPTION_TYPES = frozenset({"single", "multi", "scale", "matrix", "ranking"})
TYPES = ("single", "multi", "scale", "matrix", "number", "date", "text", "ranking")

TEXT_LIMIT = 2000
SPECIFY_LIMIT = 200
"""Code points that an open text, and a short "please specify", may hold unless told otherwise."""

LAST_CODE = 32767
"""The largest code of an option: codes travel as 16-bit integers."""

END = "end"
"""The target of a goto that leaves the rest of the questionnaire out."""


def refused(code: str, message: Words, advice: Words) -> QuestionnaireError:
    """Return the error with which a part of a questionnaire refuses to be made."""
    return QuestionnaireError(Finding(code, message, advice))


@dataclass(frozen=True)
class Condition:
    """Holds when the named field was answered, on the path, with one of the values.

    ``question`` is a question's id or, for one row of a matrix, its item code.
    """

    question: str
    values: tuple[str, ...]


@dataclass(frozen=True)
class Goto:
    """After the question, go on at ``to`` when every condition holds (none: always).

    ``to`` is the id of a later question or section, or ``end``.
    """

    when: tuple[Condition, ...]
    to: str


@dataclass(frozen=True)
class Option:
    """One answer that can be chosen.

    ``missing`` names the reason when the choice is no real answer (one of ``MISSING_CODES``),
    ``exclusive`` says that nothing else may be chosen with it, ``specify`` that a short text
    belongs to it. ``code`` is its number in the analysis file; its question fills it in.
    """

    value: str
    label: Text
    missing: str | None = None
    exclusive: bool = False
    specify: bool = False
    code: int | None = None

    def __post_init__(self) -> None:
        if self.missing is not None and self.missing not in MISSING_CODES:
            raise refused(
                "unknown-missing-reason",
                Words(
                    f"Lý do thiếu “{self.missing}” không có trong danh sách.",
                    f"The missing reason '{self.missing}' is not known.",
                ),
                Words(f"Dùng: {', '.join(MISSING_CODES)}.", f"Use: {', '.join(MISSING_CODES)}."),
            )


def coded(options: Sequence[Option]) -> tuple[Option, ...]:
    """Return the options with their codes: the value where all are whole numbers, else positions.

    Examples
    --------
    >>> [option.code for option in coded([Option("5", Text({})), Option("2", Text({}))])]
    [5, 2]
    >>> [option.code for option in coded([Option("yes", Text({})), Option("2", Text({}))])]
    [1, 2]
    """
    values = [option.value for option in options]
    numeric = all(v.isascii() and v.isdigit() and int(v) <= LAST_CODE for v in values)
    codes = [int(v) for v in values] if numeric else []
    if not numeric or len(set(codes)) != len(codes):
        codes = list(range(1, len(values) + 1))
    return tuple(replace(option, code=code) for option, code in zip(options, codes, strict=True))


@dataclass(frozen=True)
class Row:
    """One line of a matrix; ``factor`` is the code of the factor that it belongs to, if any."""

    id: str
    label: Text
    factor: str | None = None


@dataclass(frozen=True)
class Question:
    """One question.

    ``type`` is one of ``TYPES``. ``show_if`` holds conditions that must all hold. ``min`` and
    ``max`` bound a number; ``max_length`` counts the code points of a text. ``code`` is the prefix
    of the item codes of a matrix (its id unless given), so that one battery can be spread over
    several topics. ``sensitive`` marks data of a sensitive kind, ``reverse`` a scale that runs
    against the others, and ``feedback`` a closing comment: it is kept in the store of feedback,
    never among the answers, and so is no item.
    """

    id: str
    type: str
    label: Text
    hint: Text | None = None
    options: tuple[Option, ...] = ()
    rows: tuple[Row, ...] = ()
    required: bool = False
    show_if: tuple[Condition, ...] = ()
    goto: tuple[Goto, ...] = ()
    min: int | None = None
    max: int | None = None
    max_length: int = TEXT_LIMIT
    factor: str | None = None
    sensitive: bool = False
    reverse: bool = False
    feedback: bool = False
    code: str = ""

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
        if self.min is not None and self.max is not None and self.min > self.max:
            raise refused(
                "min-above-max",
                Words(
                    f"Câu hỏi {self.id}: min {self.min} lớn hơn max {self.max}.",
                    f"Question {self.id}: min {self.min} is above max {self.max}.",
                ),
                Words("Sửa một trong hai số.", "Change one of the two."),
            )
        object.__setattr__(self, "options", coded(self.options))
        object.__setattr__(self, "code", self.code or self.id)

    @property
    def fields(self) -> tuple[str, ...]:
        """The form fields that carry the answer itself, specify texts left out."""
        if self.type == "matrix":
            return tuple(self.row_code(row) for row in self.rows)
        return (self.id,)

    @property
    def specified(self) -> tuple[Option, ...]:
        """The options that a short text belongs to; choices of one or several can have them."""
        if self.type not in ("single", "scale", "multi"):
            return ()
        return tuple(option for option in self.options if option.specify)

    def row_code(self, row: Row) -> str:
        """Return the item code and form field of one row of this matrix."""
        return f"{self.code}_{row.id}"

    def specify_code(self, option: Option) -> str:
        """Return the item code and form field of the short text that belongs to an option."""
        return f"{self.id}_{option.value}_text"

    @cached_property
    def items(self) -> tuple[Item, ...]:
        """The columns of the analysis file that this question fills, section left open."""
        if self.feedback:
            return ()
        specified = [
            self._item(self.specify_code(option), "text", option.label, text=True)
            for option in self.specified
        ]
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
            flags = [self._item(f"{self.id}_{o.value}", kind, o.label) for o in real]
            return (*flags, *specified)
        if self.type in CHOICE_TYPES:
            item = self._item(self.id, "choice", self.label, self.options, self.factor)
            return (item, *specified)
        return (self._item(self.id, self.type, self.label, text=self.type != "number"),)

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


@dataclass(frozen=True)
class Item:
    """One column of the analysis file.

    ``kind`` is ``choice`` (an option's code), ``flag`` (0 or 1), ``number``, ``text`` or ``date``.
    ``text`` says that the values are texts (dates as ``YYYY-MM-DD`` among them) and so have no
    place among the integer columns.
    """

    code: str
    kind: str
    question_id: str
    label: Text
    options: tuple[Option, ...] = ()
    factor: str | None = None
    section_id: str = ""
    text: bool = False
    reverse: bool = False
    sensitive: bool = False
