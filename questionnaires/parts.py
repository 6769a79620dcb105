"""The small parts of a question: conditions, options, rows, and the columns that answers fill."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any, TypeVar

from intake.findings import Finding, QuestionnaireError, Words
from questionnaires.texts import Text

MISSING_CODES = {"refused": -1, "dont_know": -2, "not_applicable": -3, "not_reached": -4}
"""Why an answer is missing, and the negative code that says so in the analysis file."""

TEXT_LIMIT = 2000
SPECIFY_LIMIT = 200
"""Code points that an open text, and a short text, may hold unless told otherwise."""

LAST_CODE = 32767
"""The largest code of an option: codes travel as 16-bit integers."""

END = "end"
"""The target of a goto that leaves the rest of the questionnaire out."""

MODES = ("phone", "kiosk", "interviewer", "paper")
"""The ways of answering that may have words of their own."""


def refused(code: str, message: Words, advice: Words) -> QuestionnaireError:
    """Return the error with which a part of a questionnaire refuses to be made."""
    return QuestionnaireError(Finding(code, message, advice))


@dataclass(frozen=True)
class Wording:
    """The words that one text of a part (``label``, ``hint`` …) has in one mode of answering."""

    mode: str
    part: str
    text: Text


Worded = TypeVar("Worded", bound=Any)


def worded(part: Worded, mode: str) -> Worded:
    """Return a part of a questionnaire with the words of a mode in their places."""
    found = {one.part: one.text for one in part.wording if one.mode == mode}
    return replace(part, **found) if found else part


@dataclass(frozen=True)
class Condition:
    """Holds when the named field was answered, on the path, with one of the values.

    ``question`` is a form field: a question's id, for one row of a matrix its item code, and for
    the reason chosen beside a number, date, text or ranking the id followed by ``.missing``.
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
    belongs to it, ``fixed`` that it keeps its place where the others stand in random order, as
    exclusive ones and reasons for no answer always do.
    ``code`` is its number in the analysis file; its question fills it in.
    """

    value: str
    label: Text
    missing: str | None = None
    exclusive: bool = False
    specify: bool = False
    code: int | None = None
    fixed: bool = False
    wording: tuple[Wording, ...] = ()

    @property
    def moves(self) -> bool:
        """Whether it takes part where options stand in random order."""
        return self.missing is None and not (self.exclusive or self.fixed)

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
    wording: tuple[Wording, ...] = ()


@dataclass(frozen=True)
class Order:
    """What stands in random order under an id: names of questions, rows or options.

    ``field`` carries the order in the form, its names joined by commas; ``code`` is its item.
    """

    id: str
    names: tuple[str, ...]

    @property
    def field(self) -> str:
        """The form field that carries the order."""
        return f"order.{self.id}"

    @property
    def code(self) -> str:
        """The item that holds the order."""
        return f"order_{self.id}"


@dataclass(frozen=True)
class Item:
    """One column of the analysis file.

    ``kind`` is ``choice`` (an option's code), ``flag`` (0 or 1), ``number``, ``text``, ``date`` or
    ``order`` (of what stood in random order). ``text`` says that the values are texts (dates as
    ``YYYY-MM-DD`` among them) and so have no place among the integer columns. A number is counted
    in units of 10 to the power of minus ``decimals``: with one decimal 12.5 is 125.
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
    decimals: int = 0
