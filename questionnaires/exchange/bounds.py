"""From the ``constraint`` of a row to the bounds of an answer, where it can be said by them."""

from __future__ import annotations

import re
from dataclasses import dataclass
from decimal import Decimal

from intake.findings import Words
from questionnaires.exchange.conditions import parts_of_both
from questionnaires.exchange.expressions import (
    SELF,
    Both,
    Chosen,
    Compared,
    ExpressionError,
    Negated,
    Tree,
    tree_of,
)

_BOUNDED = ("number", "date", "text")
_DAY = re.compile(r"[12][0-9]{3}-[0-9]{2}-[0-9]{2}")


@dataclass(frozen=True)
class Bounds:
    """What constraints can say: ends of a number or a day, a length, options that stand alone."""

    low: str | None = None
    high: str | None = None
    longest: int | None = None
    alone: tuple[str, ...] = ()


def bounds_of(text: str, kind: str, decimals: int = 0) -> Bounds:
    """Return the bounds that a constraint sets on a ``number``, ``date``, ``text`` or ``multi``.

    Raises
    ------
    ExpressionError
        It says something else.
    """
    low: str | None = None
    high: str | None = None
    longest: int | None = None
    alone: list[str] = []
    for part in parts_of_both(tree_of(text)):
        if kind == "multi":
            alone.append(_standing_alone(part))
            continue
        if not isinstance(part, Compared) or part.name != SELF or kind not in _BOUNDED:
            raise _no_bound()
        if kind == "text":
            longest = _length(part)
            continue
        is_low, end = _end(part, kind, decimals)
        low, high = (end, high) if is_low else (low, end)
    return Bounds(low, high, longest, tuple(alone))


def _no_bound() -> ExpressionError:
    return ExpressionError(
        Words(
            "chỉ giữ được “. >= a and . <= b” hoặc độ dài tối đa",
            "only '. >= a and . <= b' or a greatest length can be held",
        )
    )


def _end(part: Compared, kind: str, decimals: int) -> tuple[bool, str]:
    """Return whether a comparison sets the lower end, and the end."""
    if part.of or part.operator not in ("<", "<=", ">", ">="):
        raise _no_bound()
    is_low, open_end = part.operator[0] == ">", len(part.operator) == 1
    if kind == "date":
        if open_end or not _DAY.fullmatch(part.value):
            raise _no_bound()
        return is_low, part.value
    if part.quoted or (open_end and decimals):
        raise _no_bound()
    value = Decimal(part.value) + (0 if not open_end else 1 if is_low else -1)
    if value < 0:
        raise ExpressionError(
            Words("số âm không nhận được ở đây", "negative numbers cannot be taken here")
        )
    return is_low, f"{value.normalize():f}"


def _length(part: Compared) -> int:
    if part.of != "string-length" or part.operator not in ("<", "<=") or "." in part.value:
        raise _no_bound()
    return int(part.value) - (part.operator == "<")


def _standing_alone(part: Tree) -> str:
    """Return the option of ``not(selected(., 'x') and count-selected(.) > 1)``."""
    if isinstance(part, Negated) and isinstance(part.inner, Both):
        chosen, count = part.inner.left, part.inner.right
        if (
            isinstance(chosen, Chosen)
            and isinstance(count, Compared)
            and chosen.name == count.name == SELF
            and (count.of, count.operator, count.value) == ("count-selected", ">", "1")
        ):
            return chosen.value
    raise ExpressionError(
        Words(
            "chỉ giữ được “not(selected(., 'x') and count-selected(.) > 1)”",
            "only \"not(selected(., 'x') and count-selected(.) > 1)\" can be held",
        )
    )
