"""Which rows a condition such as ``region == 'north' and age >= 18`` picks out.

The grammar is small, so that a condition means the same wherever the data live:
``and``, ``or``, ``not``, ``in [..]``, ``not in [..]``, ``== != < <= > >=`` between a column
and a constant (or two columns), brackets, numbers, quoted text, and backquotes around
column names that are not plain words. A comparison with a missing value is neither true
nor false, as in SQL; a row is picked only where the whole condition is true. A number that
is no number (NaN) is missing. Text is ordered by code points, whatever the collation.

`matching_rows` reads a condition over a pandas table, `row_condition` turns it into an Ibis
expression for a table elsewhere; both walk the same tree.
"""

from __future__ import annotations

import ast
import math
import re
from abc import ABC, abstractmethod
from collections.abc import Callable, Sequence
from typing import Any, Generic, NamedTuple, TypeVar

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from intake.findings import EstimationError

_QUOTED_NAME = re.compile(r"`([^`]+)`")
_COMPARE: dict[type[ast.cmpop], Callable[[Any, Any], Any]] = {
    ast.Eq: lambda a, b: a == b,
    ast.NotEq: lambda a, b: a != b,
    ast.Lt: lambda a, b: a < b,
    ast.LtE: lambda a, b: a <= b,
    ast.Gt: lambda a, b: a > b,
    ast.GtE: lambda a, b: a >= b,
}
T = TypeVar("T")


class _Truth(NamedTuple):
    """A condition on every row: true where ``holds``, unknown where not ``known``."""

    holds: NDArray[np.bool_]
    known: NDArray[np.bool_]


def matching_rows(data: pd.DataFrame, condition: str) -> NDArray[np.bool_]:
    """Return which rows meet the condition.

    Parameters
    ----------
    data
        A table with the columns that the condition names.
    condition
        An expression of the grammar above.

    Returns
    -------
    numpy.ndarray
        Shape (rows,), boolean; a row whose condition is unknown is not picked.

    Raises
    ------
    EstimationError
        ``expression-syntax``, ``expression-column`` or ``expression-types``.

    Examples
    --------
    >>> people = pd.DataFrame({"age": [17, 18, None], "sex": ["f", "m", "f"]})
    >>> matching_rows(people, "age >= 18 or sex == 'f'").tolist()
    [True, True, True]
    """
    tree, names = _parsed(condition)
    truth = _PandasReader(data, names, condition).truth(tree)
    return truth.holds & truth.known


def row_condition(table: Any, condition: str) -> Any:  # noqa: ANN401 - Ibis carries no types
    """Return the condition as a boolean Ibis expression over a table.

    Parameters
    ----------
    table
        An Ibis table with the columns that the condition names.
    condition
        An expression of the grammar above.

    Returns
    -------
    ibis.expr.types.BooleanValue
        True, false or null per row; a filter keeps the rows where it is true, the same
        rows that `matching_rows` picks.

    Raises
    ------
    EstimationError
        ``expression-syntax``, ``expression-column`` or ``expression-types``.

    Examples
    --------
    >>> import ibis
    >>> people = ibis.table({"age": "int64", "sex": "string"}, name="people")
    >>> row_condition(people, "age >= 18 and sex == 'f'").type().is_boolean()
    True
    """
    tree, names = _parsed(condition)
    return _IbisReader(table, names, condition).truth(tree)


def names_in(condition: str) -> list[str]:
    """Return the columns that a condition names, each once, in the order of mention.

    Examples
    --------
    >>> names_in("age >= 18 and (sex == 'f' or age < 60)")
    ['age', 'sex']
    """
    tree, names = _parsed(condition)
    # A walk goes level by level; places give the order of mention.
    found = [node for node in ast.walk(tree) if isinstance(node, ast.Name)]
    found.sort(key=lambda node: (node.lineno, node.col_offset))
    return list(dict.fromkeys(names.get(node.id, node.id) for node in found))


def _parsed(condition: str) -> tuple[ast.expr, dict[str, str]]:
    """Return the tree, and the columns that stood in backquotes by their stand-ins."""
    names: dict[str, str] = {}

    def alias(match: re.Match[str]) -> str:
        names[f"_column_{len(names)}"] = match.group(1)
        return f"_column_{len(names) - 1}"

    try:
        tree = ast.parse(_QUOTED_NAME.sub(alias, condition.strip()), mode="eval")
    except (SyntaxError, ValueError, RecursionError):
        raise _syntax(condition) from None
    return tree.body, names


class _Reader(ABC, Generic[T]):
    """Walks the tree of a condition; what a truth is, the kinds of table say."""

    def __init__(self, data: Any, names: dict[str, str], condition: str) -> None:  # noqa: ANN401
        self.data = data
        self.names = names
        self.condition = condition

    def truth(self, node: ast.expr) -> T:
        if isinstance(node, ast.BoolOp):
            parts = [self.truth(value) for value in node.values]  # noqa: PD011 - not a pandas object
            first = parts[0]
            for other in parts[1:]:
                first = self.joined(first, other, isinstance(node.op, ast.And))
            return first
        if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.Not):
            return self.negated(self.truth(node.operand))
        if isinstance(node, ast.Compare):
            return self._comparison(node)
        raise _syntax(self.condition)

    @abstractmethod
    def joined(self, a: T, b: T, both: bool) -> T: ...

    @abstractmethod
    def negated(self, a: T) -> T: ...

    @abstractmethod
    def compared(self, a: Any, b: Any, compare: Callable[[Any, Any], Any]) -> T: ...  # noqa: ANN401

    @abstractmethod
    def member(self, column: Any, wanted: list[Any]) -> T: ...  # noqa: ANN401

    @abstractmethod
    def column(self, name: str) -> Any: ...  # noqa: ANN401

    @abstractmethod
    def is_text(self, side: object) -> bool: ...

    def _comparison(self, node: ast.Compare) -> T:
        parts: list[T] = []
        left = node.left
        for operator, right in zip(node.ops, node.comparators, strict=True):
            if isinstance(operator, ast.In | ast.NotIn):
                parts.append(self._membership(left, right, isinstance(operator, ast.NotIn)))
            elif type(operator) in _COMPARE:
                a, b = self._value(left), self._value(right)
                if self.is_text(a) != self.is_text(b):
                    raise _mixed(self.condition)
                parts.append(self.compared(a, b, _COMPARE[type(operator)]))
            else:
                raise _syntax(self.condition)
            left = right
        whole = parts[0]
        for part in parts[1:]:
            whole = self.joined(whole, part, both=True)
        return whole

    def _membership(self, left: ast.expr, right: ast.expr, outside: bool) -> T:
        column = self._value(left)
        if isinstance(column, str | int | float) or not isinstance(right, ast.List | ast.Tuple):
            raise _syntax(self.condition)
        wanted = [self._value(element) for element in right.elts]
        if not all(isinstance(value, str | int | float) for value in wanted):
            raise _syntax(self.condition)
        # As everywhere, text never equals a number.
        kind = self.is_text(column)
        inside = self.member(column, [value for value in wanted if self.is_text(value) == kind])
        return self.negated(inside) if outside else inside

    def _value(self, node: ast.expr) -> Any:  # noqa: ANN401 - a column, or a constant
        if isinstance(node, ast.Name):
            name = self.names.get(node.id, node.id)
            if name not in self.data.columns:
                raise _unknown_column(name, self.data.columns)
            return self.column(name)
        if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub):
            inner = self._value(node.operand)
            if isinstance(inner, int | float):
                return -inner
        if isinstance(node, ast.Constant) and isinstance(node.value, str | int | float):
            value = node.value
            if isinstance(value, float) and not math.isfinite(value):
                raise _syntax(self.condition)
            return value
        raise _syntax(self.condition)


class _PandasReader(_Reader[_Truth]):
    def joined(self, a: _Truth, b: _Truth, both: bool) -> _Truth:
        if both:
            no = (a.known & ~a.holds) | (b.known & ~b.holds)
            return _Truth(a.holds & b.holds, (a.known & b.known) | no)
        yes = (a.known & a.holds) | (b.known & b.holds)
        return _Truth(yes, (a.known & b.known) | yes)

    def negated(self, a: _Truth) -> _Truth:
        return _Truth(~a.holds & a.known, a.known)

    def compared(self, a: Any, b: Any, compare: Callable[[Any, Any], Any]) -> _Truth:  # noqa: ANN401
        known = np.ones(len(self.data), dtype=bool)
        for side in (a, b):
            if isinstance(side, pd.Series):
                known &= side.notna().to_numpy(dtype=bool)
        holds = np.zeros(len(self.data), dtype=bool)
        plain = [side[known].to_numpy() if isinstance(side, pd.Series) else side for side in (a, b)]
        holds[known] = np.asarray(compare(plain[0], plain[1]), dtype=bool)
        return _Truth(holds, known)

    def member(self, column: Any, wanted: list[Any]) -> _Truth:  # noqa: ANN401
        known = column.notna().to_numpy(dtype=bool)
        return _Truth(column.isin(wanted).to_numpy(dtype=bool) & known, known)

    def column(self, name: str) -> pd.Series:
        column: pd.Series = self.data[name]
        if pd.api.types.is_float_dtype(column.dtype) and column.dtype == np.float32:
            # A constant has the precision of a double, and so it is on every engine.
            return column.astype(np.float64)
        return column

    def is_text(self, side: object) -> bool:
        if isinstance(side, pd.Series):
            return not (
                pd.api.types.is_numeric_dtype(side.dtype) or pd.api.types.is_bool_dtype(side.dtype)
            )
        return isinstance(side, str)


class _IbisReader(_Reader[Any]):
    def joined(self, a: Any, b: Any, both: bool) -> Any:  # noqa: ANN401
        return a & b if both else a | b

    def negated(self, a: Any) -> Any:  # noqa: ANN401
        return ~a

    def compared(self, a: Any, b: Any, compare: Callable[[Any, Any], Any]) -> Any:  # noqa: ANN401
        import ibis

        plain = (str, int, float)
        if isinstance(a, plain) and isinstance(b, plain):
            return ibis.literal(bool(compare(a, b)))
        sides = [int(side) if isinstance(side, bool) else side for side in (a, b)]
        if self.is_text(a) and compare not in (_COMPARE[ast.Eq], _COMPARE[ast.NotEq]):
            sides = [self._by_code_point(side) for side in sides]
        if isinstance(a, plain):
            sides[0] = ibis.literal(sides[0])
        return compare(sides[0], sides[1])

    def member(self, column: Any, wanted: list[Any]) -> Any:  # noqa: ANN401
        import ibis

        if not wanted:
            never = ibis.literal(value=False)
            return ibis.ifelse(column.notnull(), never, ibis.null("boolean"))  # noqa: PD004
        return column.isin([int(value) if isinstance(value, bool) else value for value in wanted])

    def column(self, name: str) -> Any:  # noqa: ANN401
        column = self.data[name]
        if column.type().is_boolean():
            return column.cast("int32")
        if column.type().is_floating():
            return column.cast("float64").nullif(math.nan)
        return column

    def is_text(self, side: object) -> bool:
        if isinstance(side, str | int | float):
            return isinstance(side, str)
        return not (side.type().is_numeric() or side.type().is_boolean())  # type: ignore[attr-defined]

    def _by_code_point(self, side: Any) -> Any:  # noqa: ANN401
        """Return text as something that PostgreSQL orders without its collation."""
        import ibis

        backends, _ = self.data._find_backends()
        if not any(backend.name == "postgres" for backend in backends):
            return side

        @ibis.udf.scalar.builtin(name="convert_to")  # type: ignore[untyped-decorator, unused-ignore]
        def convert_to(text: str, encoding: str) -> bytes:
            """Stand for the function of that name in PostgreSQL."""
            raise NotImplementedError

        return convert_to(side, "UTF8")


def _mixed(condition: str) -> EstimationError:
    return EstimationError.of(
        "expression-types",
        f"Điều kiện “{condition}” so sánh chữ với số.",
        f"The condition “{condition}” compares text with a number.",
        "Đặt giá trị chữ trong dấu nháy, để giá trị số không có dấu nháy.",
        "Put text in quotes and leave numbers without.",
    )


def _unknown_column(name: str, columns: Sequence[object]) -> EstimationError:
    listed = ", ".join(str(column) for column in columns)
    return EstimationError.of(
        "expression-column",
        f"Không có cột “{name}”.",
        f"There is no column “{name}”.",
        f"Các cột: {listed}.",
        f"The columns are: {listed}.",
        column=name,
    )


def _syntax(condition: str) -> EstimationError:
    return EstimationError.of(
        "expression-syntax",
        f"Không hiểu điều kiện “{condition}”.",
        f"The condition “{condition}” cannot be read.",
        "Dùng: tên cột, số, 'chữ', and, or, not, in [..], == != < <= > >=.",
        "Use column names, numbers, 'text', and, or, not, in [..], == != < <= > >=.",
    )
