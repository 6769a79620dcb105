"""Which rows a condition such as ``region == 'north' and age >= 18`` picks out.

The grammar is small, so that a condition means the same wherever the data live:
``and``, ``or``, ``not``, ``in [..]``, ``not in [..]``, ``== != < <= > >=`` between a column
and a constant (or two columns), brackets, numbers, quoted text, and backquotes around
column names that are not plain words. A comparison with a missing value is neither true
nor false, as in SQL; a row is picked only where the whole condition is true.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from intake.findings import EstimationError, Finding, Words

_QUOTED_NAME = re.compile(r"`([^`]+)`")
_COMPARE: dict[type[ast.cmpop], Callable[[Any, Any], Any]] = {
    ast.Eq: lambda a, b: a == b,
    ast.NotEq: lambda a, b: a != b,
    ast.Lt: lambda a, b: a < b,
    ast.LtE: lambda a, b: a <= b,
    ast.Gt: lambda a, b: a > b,
    ast.GtE: lambda a, b: a >= b,
}


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
    names: dict[str, str] = {}

    def alias(match: re.Match[str]) -> str:
        names[f"_column_{len(names)}"] = match.group(1)
        return f"_column_{len(names) - 1}"

    try:
        tree = ast.parse(_QUOTED_NAME.sub(alias, condition.strip()), mode="eval")
    except (SyntaxError, ValueError, RecursionError):
        raise _syntax(condition) from None
    truth = _Reader(data, names, condition).truth(tree.body)
    return truth.holds & truth.known


class _Reader:
    def __init__(self, data: pd.DataFrame, names: dict[str, str], condition: str) -> None:
        self.data = data
        self.names = names
        self.condition = condition

    def truth(self, node: ast.expr) -> _Truth:
        if isinstance(node, ast.BoolOp):
            parts = [self.truth(value) for value in node.values]  # noqa: PD011 - not a pandas object
            first = parts[0]
            for other in parts[1:]:
                first = self._joined(first, other, isinstance(node.op, ast.And))
            return first
        if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.Not):
            inner = self.truth(node.operand)
            return _Truth(~inner.holds & inner.known, inner.known)
        if isinstance(node, ast.Compare):
            return self._comparison(node)
        raise _syntax(self.condition)

    @staticmethod
    def _joined(a: _Truth, b: _Truth, both: bool) -> _Truth:
        if both:
            no = (a.known & ~a.holds) | (b.known & ~b.holds)
            return _Truth(a.holds & b.holds, (a.known & b.known) | no)
        yes = (a.known & a.holds) | (b.known & b.holds)
        return _Truth(yes, (a.known & b.known) | yes)

    def _comparison(self, node: ast.Compare) -> _Truth:
        whole: _Truth | None = None
        left = node.left
        for operator, right in zip(node.ops, node.comparators, strict=True):
            if isinstance(operator, ast.In | ast.NotIn):
                part = self._membership(left, right, isinstance(operator, ast.NotIn))
            elif type(operator) in _COMPARE:
                part = self._compared(left, right, _COMPARE[type(operator)])
            else:
                raise _syntax(self.condition)
            whole = part if whole is None else self._joined(whole, part, both=True)
            left = right
        if whole is None:
            raise _syntax(self.condition)
        return whole

    def _compared(
        self, left: ast.expr, right: ast.expr, compare: Callable[[Any, Any], Any]
    ) -> _Truth:
        a, b = self._value(left), self._value(right)
        known = np.ones(len(self.data), dtype=bool)
        for side in (a, b):
            if isinstance(side, pd.Series):
                known &= side.notna().to_numpy(dtype=bool)
        kinds = {self._is_text(a), self._is_text(b)}
        if len(kinds) > 1:
            raise EstimationError(
                Finding(
                    "expression-types",
                    Words(
                        f"Điều kiện “{self.condition}” so sánh chữ với số.",
                        f"The condition “{self.condition}” compares text with a number.",
                    ),
                    Words(
                        "Đặt giá trị chữ trong dấu nháy, để giá trị số không có dấu nháy.",
                        "Put text in quotes and leave numbers without.",
                    ),
                )
            )
        holds = np.zeros(len(self.data), dtype=bool)
        plain = [side[known].to_numpy() if isinstance(side, pd.Series) else side for side in (a, b)]
        holds[known] = np.asarray(compare(plain[0], plain[1]), dtype=bool)
        return _Truth(holds, known)

    def _membership(self, left: ast.expr, right: ast.expr, outside: bool) -> _Truth:
        column = self._value(left)
        if not isinstance(column, pd.Series) or not isinstance(right, ast.List | ast.Tuple):
            raise _syntax(self.condition)
        wanted = [self._value(element) for element in right.elts]
        if any(isinstance(value, pd.Series) for value in wanted):
            raise _syntax(self.condition)
        known = column.notna().to_numpy(dtype=bool)
        holds = column.isin(wanted).to_numpy(dtype=bool)
        return _Truth((~holds if outside else holds) & known, known)

    def _value(self, node: ast.expr) -> Any:  # noqa: ANN401 - a constant of the grammar
        if isinstance(node, ast.Name):
            name = self.names.get(node.id, node.id)
            if name not in self.data.columns:
                columns = ", ".join(str(column) for column in self.data.columns)
                raise EstimationError(
                    Finding(
                        "expression-column",
                        Words(f"Không có cột “{name}”.", f"There is no column “{name}”."),
                        Words(f"Các cột: {columns}.", f"The columns are: {columns}."),
                        column=name,
                    )
                )
            return self.data[name]
        if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub):
            inner = self._value(node.operand)
            if isinstance(inner, int | float):
                return -inner
        if isinstance(node, ast.Constant) and isinstance(node.value, str | int | float):
            return node.value
        raise _syntax(self.condition)

    @staticmethod
    def _is_text(side: object) -> bool:
        if isinstance(side, pd.Series):
            return not (
                pd.api.types.is_numeric_dtype(side.dtype) or pd.api.types.is_bool_dtype(side.dtype)
            )
        return isinstance(side, str)


def _syntax(condition: str) -> EstimationError:
    return EstimationError(
        Finding(
            "expression-syntax",
            Words(
                f"Không hiểu điều kiện “{condition}”.",
                f"The condition “{condition}” cannot be read.",
            ),
            Words(
                "Dùng: tên cột, số, 'chữ', and, or, not, in [..], == != < <= > >=.",
                "Use column names, numbers, 'text', and, or, not, in [..], == != < <= > >=.",
            ),
        )
    )
