"""Differences and other functions of estimates, with the covariance of what they are made of.

A linear combination c of estimates θ has the variance cᵀVc; a function f of them has it with
the gradient of f in place of c (delta method). Gradients are taken by complex steps, which are
exact to the last digits.

References
----------
Squire, W., Trapp, G. (1998). Using complex variables to estimate derivatives of real
functions. SIAM Review 40, 110-112.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd

from analysis.stages import Floats
from intake.findings import EstimationError

_STEP = 1e-30
_QUOTED = re.compile(r"`([^`]+)`|(?<![\w.])([^\W\d]\w*(?:\.\w+)+)(?![\w.(])")
_FUNCTIONS: dict[str, Callable[[Any], Any]] = {"log": np.log, "exp": np.exp, "sqrt": np.sqrt}
_OPERATIONS: dict[type[ast.operator], Callable[[Any, Any], Any]] = {
    ast.Add: lambda a, b: a + b,
    ast.Sub: lambda a, b: a - b,
    ast.Mult: lambda a, b: a * b,
    ast.Div: lambda a, b: a / b,
    ast.Pow: lambda a, b: a**b,
}


def combination(
    table: pd.DataFrame,
    keys: Sequence[str],
    contrasts: Mapping[str, Any] | Sequence[Any] | Floats | str,
) -> tuple[list[str], Floats, Floats]:
    """Return the names, the values and the coefficients (contrasts × rows) of contrasts.

    ``keys`` are the columns of the table that name a row; the other arguments and the errors
    are those of `Estimates.contrast`. The coefficients of an expression are its gradient.
    """
    names = RowNames(table, keys)
    values = table["value"].to_numpy(dtype=np.float64)
    if isinstance(contrasts, str):
        value, gradient = _of_expression(contrasts, names, values)
        return [contrasts], np.array([value]), gradient[None, :]
    labels, matrix = _linear(contrasts, names)
    return labels, matrix @ np.where((matrix != 0).any(axis=0), values, 0.0), matrix


def freedom(df: Floats, whole: float, matrix: Floats) -> Floats:
    """Return the df of each contrast: that of its rows where they agree, else the design's."""
    found = []
    for row in matrix:
        mine = df[row != 0]
        found.append(mine[0] if mine.size and (mine == mine[0]).all() else whole)
    return np.asarray(found, dtype=np.float64)


def answers(table: pd.DataFrame, keys: Sequence[str], matrix: Floats) -> list[int]:
    """Return how many answers stand behind each contrast, those of one domain counted once.

    Rows of one domain (several items or categories) share their answers; domains of one
    grouping have none in common; of several groupings the one with most answers counts.
    """
    by = [key for key in keys if key not in ("quantity", "category", "probability")]
    domains = list(zip(*(table[key].map(_text) for key in by), strict=True)) or [()] * len(table)
    n = table["n"].to_numpy()
    found = []
    for row in matrix:
        largest: dict[tuple[str, ...], int] = {}
        for at in np.flatnonzero(row):
            largest[domains[at]] = max(largest.get(domains[at], 0), int(n[at]))
        groupings: dict[tuple[bool, ...], int] = {}
        for domain, count in largest.items():
            named = tuple(bool(part) for part in domain)
            groupings[named] = groupings.get(named, 0) + count
        found.append(max(groupings.values(), default=0))
    return found


class RowNames:
    """The names by which the rows of a table of estimates can be called."""

    def __init__(self, table: pd.DataFrame, keys: Sequence[str]) -> None:
        self.rows = len(table)
        self._places: dict[str, list[int]] = {}
        whole: dict[str, list[int]] = {}
        columns = [table[key].to_numpy() for key in keys]
        for row, parts in enumerate(zip(*columns, strict=True)):
            quantity, *rest = [_text(part) for part in parts]
            rest = [part for part in rest if part]
            calls = {quantity, *rest, ",".join(rest), quantity + "".join(rest)}
            calls |= {f"{quantity}[{','.join(rest)}]", f"{quantity}={','.join(rest)}"}
            if not rest:
                calls = {quantity}
                whole.setdefault(quantity, []).append(row)
            for call in calls - {""}:
                self._places.setdefault(call, []).append(row)
        # Beside its domains a quantity alone is the one of everybody.
        self._places |= {call: rows for call, rows in whole.items() if len(rows) == 1}

    def position(self, name: object) -> int:
        """Return the one row of that name."""
        parts = name if isinstance(name, tuple) else (name,)
        call = _text(parts[0])
        if len(parts) > 1:
            call = f"{call}[{','.join(_text(part) for part in parts[1:])}]"
        rows = self._places.get(call, [])
        if len(rows) == 1:
            return rows[0]
        single = [known for known, places in self._places.items() if len(places) == 1]
        raise EstimationError.of(
            "contrast-row-ambiguous" if rows else "contrast-row-unknown",
            f"Có {len(rows)} dòng tên “{call}” trong bảng kết quả.",
            f"There are {len(rows)} rows called “{call}” in the estimates.",
            f"Các tên: {', '.join(single[:40])}.",
            f"Names: {', '.join(single[:40])}.",
        )


def _text(value: object) -> str:
    if value is None or (isinstance(value, float) and np.isnan(value)):
        return ""
    if isinstance(value, float | np.floating) and float(value).is_integer():
        return str(int(value))
    return str(value)


def _linear(
    contrasts: Mapping[str, Any] | Sequence[Any] | Floats, names: RowNames
) -> tuple[list[str], Floats]:
    if isinstance(contrasts, Mapping):
        labels = [str(name) for name in contrasts]
        if not labels:
            raise _shape((0,), names.rows)
        return labels, np.vstack([_row(given, names) for given in contrasts.values()])
    matrix = np.atleast_2d(_numbers(contrasts, names))
    if matrix.ndim != 2 or matrix.shape[1] != names.rows or not np.isfinite(matrix).all():
        raise _shape(matrix.shape, names.rows)
    return [f"contrast {row + 1}" for row in range(len(matrix))], matrix


def _row(given: object, names: RowNames) -> Floats:
    if isinstance(given, Mapping):
        row = np.zeros(names.rows)
        for name, coefficient in given.items():
            row[names.position(name)] += float(_numbers(coefficient, names))
        if not np.isfinite(row).all():
            raise _shape(row.shape, names.rows)
        return row
    row = _numbers(given, names)
    if row.shape != (names.rows,) or not np.isfinite(row).all():
        raise _shape(row.shape, names.rows)
    return row


def _numbers(given: object, names: RowNames) -> Floats:
    try:
        return np.asarray(given, dtype=np.float64)
    except (TypeError, ValueError):
        raise _shape(np.shape(np.asarray(given, dtype=object)), names.rows) from None


def _shape(got: tuple[int, ...], rows: int) -> EstimationError:
    return EstimationError.of(
        "contrast-shape",
        f"Hệ số có kích thước {got}, bảng kết quả có {rows} dòng.",
        f"The coefficients have shape {got}, the table has {rows} rows.",
        "Cần một hệ số cho mỗi dòng.",
        "Give one finite coefficient per row.",
    )


def _of_expression(text: str, names: RowNames, values: Floats) -> tuple[float, Floats]:
    quoted: dict[str, str] = {}

    def alias(match: re.Match[str]) -> str:
        quoted[f"_row_{len(quoted)}"] = match.group(1) or match.group(2)
        return f"_row_{len(quoted) - 1}"

    try:
        tree = ast.parse(_QUOTED.sub(alias, text.strip()), mode="eval").body
    except (SyntaxError, ValueError, RecursionError):
        raise _unreadable(text) from None
    used: dict[str, int] = {}
    for node in ast.walk(tree):
        if isinstance(node, ast.Name) and node.id not in _FUNCTIONS:
            used[node.id] = names.position(quoted.get(node.id, node.id))
    gradient = np.zeros(names.rows)
    with np.errstate(all="ignore"):
        whole = _computed(tree, {name: values[at] for name, at in used.items()}, text)
        for at in set(used.values()):
            held = {
                name: values[place] + (1j * _STEP if place == at else 0.0)
                for name, place in used.items()
            }
            gradient[at] = np.imag(_computed(tree, held, text)) / _STEP
    if not np.isfinite(whole) or not np.isfinite(gradient).all():
        raise _unreadable(text)
    return float(np.real(whole)), gradient


def _computed(node: ast.expr, held: Mapping[str, Any], text: str) -> Any:  # noqa: ANN401
    if isinstance(node, ast.BinOp) and type(node.op) in _OPERATIONS:
        left, right = _computed(node.left, held, text), _computed(node.right, held, text)
        return _OPERATIONS[type(node.op)](left, right)
    if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub | ast.UAdd):
        inner = _computed(node.operand, held, text)
        return -inner if isinstance(node.op, ast.USub) else inner
    if isinstance(node, ast.Name) and node.id in held:
        return np.complex128(held[node.id]) if np.iscomplexobj(held[node.id]) else held[node.id]
    if isinstance(node, ast.Constant) and isinstance(node.value, int | float):
        return float(node.value)
    if (
        isinstance(node, ast.Call)
        and isinstance(node.func, ast.Name)
        and node.func.id in _FUNCTIONS
        and len(node.args) == 1
        and not node.keywords
    ):
        return _FUNCTIONS[node.func.id](_computed(node.args[0], held, text))
    raise _unreadable(text)


def _unreadable(text: str) -> EstimationError:
    return EstimationError.of(
        "contrast-expression",
        f"Không tính được biểu thức “{text}”.",
        f"The expression “{text}” cannot be computed.",
        "Dùng tên dòng, số, + - * / **, log, exp, sqrt; tên có dấu cách đặt trong dấu `.",
        "Use names of rows, numbers, + - * / **, log, exp, sqrt; names with spaces in backquotes.",
    )
