"""From the ``relevant`` of a row to the conditions of a question, where it can be said by them.

A condition of a questionnaire names, for each of some earlier fields, the values that let it hold;
all named fields must be met. What asks for more is refused with the reason.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from intake.findings import Words
from questionnaires.exchange.expressions import (
    Both,
    Chosen,
    Compared,
    Either,
    ExpressionError,
    Negated,
    Tree,
    tree_of,
)

MOST_VALUES = 150
"""How many numbers a condition may list."""


@dataclass(frozen=True)
class Known:
    """An earlier question, as conditions may ask for it by its name in the form.

    ``field`` is its form field here, ``values`` what it offers (None for a number), ``several``
    says that more than one can be chosen, ``always`` that it is always answered. ``low`` and
    ``high`` bound a number.
    """

    field: str
    values: tuple[str, ...] | None
    several: bool = False
    always: bool = False
    low: int | None = None
    high: int | None = None
    whole: bool = True


Conditions = dict[str, list[str]]


@dataclass
class _Span:
    """The numbers that a condition on one field lets pass."""

    low: int | None
    high: int | None


def conditions_of(text: str, known: Mapping[str, Known]) -> Conditions:
    """Return the conditions that an expression stands for: field -> values.

    Raises
    ------
    ExpressionError
        It cannot be said that way; the error tells why.
    """
    parts: dict[str, list[str] | _Span] = {}
    for part in parts_of_both(tree_of(text)):
        name, values = _part(part, known)
        _narrow(parts, known[name], values)
    return {field: _listed(_bounded(values, known, field)) for field, values in parts.items()}


def joined(first: Conditions, second: Conditions) -> Conditions:
    """Return the conditions that hold when both do.

    Raises
    ------
    ExpressionError
        Both speak of one question, and neither says more than the other.
    """
    result = {field: list(values) for field, values in first.items()}
    for field, values in second.items():
        before = result.get(field, values)
        if not set(before) <= set(values) and not set(values) <= set(before):
            raise ExpressionError(
                Words("hai điều kiện khác nhau cho một câu", "two conditions on one question")
            )
        result[field] = list(before if len(before) < len(values) else values)
    return result


def _common(first: list[str], second: list[str]) -> list[str]:
    both = [value for value in first if value in second]
    if not both:
        raise ExpressionError(Words("không câu trả lời nào đạt cả hai", "no answer meets both"))
    return both


def parts_of_both(tree: Tree) -> Iterator[Tree]:
    """Yield the parts of a tree that must all hold."""
    if isinstance(tree, Both):
        yield from parts_of_both(tree.left)
        yield from parts_of_both(tree.right)
    else:
        yield tree


def _part(tree: Tree, known: Mapping[str, Known]) -> tuple[str, list[str] | _Span]:
    """Return the question that one part of a condition asks for, and what lets it hold."""
    if isinstance(tree, Either):
        left, values = _part(tree.left, known)
        right, more = _part(tree.right, known)
        if known[left] != known[right]:
            raise ExpressionError(
                Words("“or” giữa hai câu khác nhau", "it joins two questions by 'or'")
            )
        if isinstance(values, _Span) or isinstance(more, _Span):
            raise ExpressionError(Words("“or” giữa hai khoảng số", "it joins ranges by 'or'"))
        return left, [*values, *(value for value in more if value not in values)]
    if isinstance(tree, Negated):
        return _negated(tree.inner, known)
    if isinstance(tree, Both):
        raise ExpressionError(Words("“and” nằm trong “or”", "it has 'and' inside 'or'"))
    _asked(tree.name, known)
    if isinstance(tree, Chosen):
        return tree.name, [tree.value]
    return tree.name, _compared(tree, known[tree.name])


def _asked(name: str, known: Mapping[str, Known]) -> Known:
    if name not in known:
        raise ExpressionError(
            Words(
                f"“{name}” chưa được hỏi trước đó, hoặc không dùng làm điều kiện được",
                f"'{name}' is not asked before, or cannot be a condition",
            )
        )
    return known[name]


def _compared(tree: Compared, asked: Known) -> list[str] | _Span:
    if tree.of:
        raise ExpressionError(Words(f"{tree.of}() trong điều kiện", f"it uses {tree.of}()"))
    if tree.operator == "!=":
        if tree.value == "" and asked.values is not None:
            return list(asked.values)
        return _others(asked, [tree.value])
    if tree.operator == "=":
        if asked.several:
            raise ExpressionError(
                Words(
                    "câu chọn nhiều phải viết selected(…)",
                    "a multiple choice needs selected(…)",
                )
            )
        return [tree.value]
    if asked.values is not None or not asked.whole or not re.fullmatch(r"[0-9]{1,9}", tree.value):
        raise ExpressionError(Words("so sánh lớn nhỏ ở đây", "it compares sizes here"))
    value = int(tree.value)
    return {
        ">=": _Span(value, None),
        ">": _Span(value + 1, None),
        "<=": _Span(None, value),
        "<": _Span(None, value - 1),
    }[tree.operator]


def _negated(tree: Tree, known: Mapping[str, Known]) -> tuple[str, list[str]]:
    if isinstance(tree, Both | Negated | Either) or (
        isinstance(tree, Compared) and tree.operator != "="
    ):
        raise ExpressionError(Words("not(…) quanh nhiều điều kiện", "not(…) of more than one"))
    asked = _asked(tree.name, known)
    if asked.several:
        raise ExpressionError(Words("not(…) của câu chọn nhiều", "not(…) of a multiple choice"))
    return tree.name, _others(asked, [tree.value])


def _others(asked: Known, values: list[str]) -> list[str]:
    """Return the other answers; one that may be blank would pass in XLSForm and fail here."""
    if asked.values is None or asked.several or not asked.always:
        raise ExpressionError(
            Words(
                "điều kiện “khác” cũng đúng khi câu trước bỏ trống",
                "'is not' holds for a blank answer, too",
            )
        )
    return [value for value in asked.values if value not in values]


def _narrow(parts: dict[str, list[str] | _Span], asked: Known, values: list[str] | _Span) -> None:
    before = parts.get(asked.field)
    if before is None:
        parts[asked.field] = values
    elif isinstance(before, _Span) and isinstance(values, _Span):
        lows = [low for low in (before.low, values.low) if low is not None]
        highs = [high for high in (before.high, values.high) if high is not None]
        parts[asked.field] = _Span(max(lows, default=None), min(highs, default=None))
    elif asked.several or isinstance(before, _Span) or isinstance(values, _Span):
        raise ExpressionError(
            Words("hai điều kiện cùng lúc cho một câu", "it sets two conditions on one question")
        )
    else:
        parts[asked.field] = _common(before, values)


def _bounded(
    values: list[str] | _Span, known: Mapping[str, Known], field: str
) -> list[str] | _Span:
    """Return a span closed by the bounds of its own question."""
    if not isinstance(values, _Span):
        return values
    asked = next(one for one in known.values() if one.field == field)
    lows = [low for low in (values.low, asked.low, 0) if low is not None]
    highs = [high for high in (values.high, asked.high) if high is not None]
    return _Span(max(lows), min(highs, default=None))


def _listed(values: list[str] | _Span) -> list[str]:
    if not isinstance(values, _Span):
        return values
    low, high = values.low or 0, values.high
    if high is None or not low <= high < low + MOST_VALUES:
        raise ExpressionError(
            Words(
                f"khoảng số không có hai đầu hoặc dài hơn {MOST_VALUES} số",
                f"the range of numbers has no end, or more than {MOST_VALUES} of them",
            )
        )
    return [str(number) for number in range(low, high + 1)]
