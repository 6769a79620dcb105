"""What an expression inside a formula means, row by row: arithmetic and comparisons.

``log(income + 1)`` or ``type == 'E'`` is worked out over the columns of a table. A row in
which a column of the expression is missing has no value. Nothing but the arithmetic named
here is ever run, so an expression may come from outside.
"""

from __future__ import annotations

import ast
import operator
import re
from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd

from analysis.tables import need_columns
from intake.findings import EstimationError

_FUNCTIONS: dict[str, Callable[[Any], Any]] = {
    "log": np.log,
    "log2": np.log2,
    "log10": np.log10,
    "log1p": np.log1p,
    "exp": np.exp,
    "sqrt": np.sqrt,
    "abs": np.abs,
    "I": lambda value: value,
}
_ARITHMETIC: dict[type[ast.AST], Callable[..., Any]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: operator.truediv,
    ast.FloorDiv: operator.floordiv,
    ast.Mod: operator.mod,
    ast.Pow: operator.pow,
    ast.BitXor: operator.pow,
}
_COMPARISONS: dict[type[ast.AST], Callable[[Any, Any], Any]] = {
    ast.Eq: operator.eq,
    ast.NotEq: operator.ne,
    ast.Lt: operator.lt,
    ast.LtE: operator.le,
    ast.Gt: operator.gt,
    ast.GtE: operator.ge,
}
_NAME = re.compile(r"('[^']*'|\"[^\"]*\")|`([^`]+)`|((?<![\w.])[^\W\d][\w.]*(?![\w.]|\s*\())")
_WORDS = {"and", "or", "not", "in", "True", "False"}


def evaluated(data: pd.DataFrame, expression: str) -> pd.Series:
    """Return the value of an expression for each row, missing where a column is missing.

    Raises
    ------
    EstimationError
        ``column-missing``, ``formula-unreadable``, ``value-not-finite`` with the row.

    Examples
    --------
    >>> table = pd.DataFrame({"sch.wide": ["Yes", None], "age": [2.0, 3.0]})
    >>> evaluated(table, "`sch.wide` == 'Yes'").tolist()
    [True, None]
    >>> evaluated(table, "age ** 2 + 1").tolist()
    [5.0, 10.0]
    """
    names: list[str] = []

    def placeholder(found: re.Match[str]) -> str:
        name = found[2] or found[3]
        if found[1] or (found[3] in _WORDS and found[3] not in data.columns):
            return found[0]
        if name not in names:
            names.append(name)
        return f"_{names.index(name)}_"

    replaced = _NAME.sub(placeholder, expression.strip())
    need_columns(data, names)
    columns = [data[name] for name in names]
    missing = np.zeros(len(data), dtype=bool)
    for column in columns:
        missing |= column.isna().to_numpy(dtype=bool)
    if names and replaced == "_0_":
        return columns[0]
    try:
        tree = ast.parse(replaced, mode="eval")
        with np.errstate(all="ignore"):
            value = _value(tree.body, columns)
        spread = np.broadcast_to(np.asarray(value), (len(data),))
    except (SyntaxError, TypeError, ValueError, ArithmeticError, RecursionError) as fault:
        raise formula_refusal(
            "formula-unreadable",
            expression,
            "không tính được biểu thức này",
            "this expression cannot be worked out",
        ) from fault
    if spread.dtype == bool:
        truth = pd.Series(spread)
        return truth.astype(object).where(~missing, None) if missing.any() else truth
    if spread.dtype.kind not in "iuf":
        raise formula_refusal(
            "formula-unreadable", expression, "kết quả không phải số", "the result is no number"
        )
    numbers = spread.astype(np.float64)
    bad = np.flatnonzero(~np.isfinite(numbers) & ~missing)
    if bad.size:
        row = int(bad[0]) + 1
        raise EstimationError.of(
            "value-not-finite",
            f"“{expression}” không xác định ở {bad.size} dòng, đầu tiên là dòng {row}.",
            f"“{expression}” has no finite value in {bad.size} rows, row {row} first.",
            "Ví dụ log của 0: sửa biểu thức hoặc thu hẹp bằng design.where(…).",
            "A log of 0, say: change the expression, or narrow with design.where(…).",
            row=row,
            column=expression,
        )
    return pd.Series(np.where(missing, np.nan, numbers))


# Beyond this, squares and their sums go beyond what a computer holds.
LARGEST = 1e120


def holds_numbers(values: pd.Series) -> bool:
    """Tell whether a column holds real numbers, or true and false."""
    kind = values.dtype
    numbers = pd.api.types.is_numeric_dtype(kind) or pd.api.types.is_bool_dtype(kind)
    return bool(numbers and not pd.api.types.is_complex_dtype(kind))


def formula_refusal(code: str, text: str, vi: str, en: str) -> EstimationError:
    """Return the error that says what is wrong with a formula."""
    shown = text if len(text) <= 80 else text[:79] + "…"
    return EstimationError.of(
        code,
        f"Công thức “{shown}”: {vi}.",
        f"Formula “{shown}”: {en}.",
        "Ví dụ: hai_long ~ tuoi + C(khu_vuc); tên có dấu chấm đặt trong `…`.",
        "For example: satisfied ~ age + C(region); names with dots stand in `…`.",
    )


def _value(node: ast.expr, columns: list[pd.Series]) -> Any:  # noqa: ANN401 - number or array
    """Work out a node of the small language; anything else is a fault."""
    if isinstance(node, ast.Constant) and isinstance(node.value, bool | str):
        return node.value
    if isinstance(node, ast.Constant) and isinstance(node.value, int | float):
        return float(node.value)
    if isinstance(node, ast.Name):
        return _plain(columns[int(node.id.strip("_"))])
    if isinstance(node, ast.BinOp) and type(node.op) in _ARITHMETIC:
        sides = _value(node.left, columns), _value(node.right, columns)
        return _ARITHMETIC[type(node.op)](*sides)
    if isinstance(node, ast.UnaryOp):
        inner = _value(node.operand, columns)
        if isinstance(node.op, ast.Not):
            return np.logical_not(inner)
        return -inner if isinstance(node.op, ast.USub) else inner
    if isinstance(node, ast.BoolOp):
        parts = [np.asarray(_value(part, columns), dtype=bool) for part in _parts(node)]
        together = np.logical_and if isinstance(node.op, ast.And) else np.logical_or
        return together.reduce(np.broadcast_arrays(*parts))
    if isinstance(node, ast.Compare) and len(node.ops) == 1 and type(node.ops[0]) in _COMPARISONS:
        sides = _value(node.left, columns), _value(node.comparators[0], columns)
        return np.asarray(_COMPARISONS[type(node.ops[0])](*sides), dtype=bool)
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and len(node.args) == 1:
        return _FUNCTIONS[_known(node.func.id)](_value(node.args[0], columns))
    raise ValueError(ast.dump(node))


def _parts(node: ast.BoolOp) -> list[ast.expr]:
    return node.values  # noqa: PD011 - a node of the syntax tree, no data frame


def _known(name: str) -> str:
    if name not in _FUNCTIONS:
        raise ValueError(name)
    return name


def _plain(column: pd.Series) -> Any:  # noqa: ANN401 - numbers or objects
    if pd.api.types.is_bool_dtype(column.dtype):
        return column.fillna(value=False).to_numpy(dtype=bool)
    if pd.api.types.is_numeric_dtype(column.dtype):
        return column.to_numpy(dtype=np.float64, na_value=np.nan)
    return column.astype(object).to_numpy()
