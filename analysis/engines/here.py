"""The same sums over a pandas table in memory."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy import sparse

from analysis.engines import checks
from analysis.engines.statement import Wanted
from analysis.expressions import matching_rows

Floats = NDArray[np.float64]


def summed(
    frame: pd.DataFrame,
    wanted: Wanted,
    by: Sequence[str],
    fpc: Sequence[str] = (),
    optional: str = "",
) -> pd.DataFrame:
    """Return the cells of a table; see `analysis.engines.sums` for the columns."""
    checks.check_names(list(frame.columns), [*wanted.columns(by), *fpc])
    every = np.arange(len(frame))
    rows = every if wanted.where is None else every[matching_rows(frame, wanted.where)]
    before = len(rows)
    if wanted.missing == "drop":
        for name in wanted.items:
            rows = rows[~np.isnan(_taken(numbers(frame, name), rows))]
    weight = _taken(_weights(frame, wanted), rows)
    _refuse_missing(frame, wanted.items, rows)
    _refuse_weights(weight, wanted.weights, rows)
    checks.check_probabilities(weight, wanted.probabilities)
    keys = {key: frame[name] for key, name in wanted.keys(by).items()}
    found, cell = _cells(keys, rows)
    position = np.arange(len(rows) + 1) if len(rows) else np.zeros(1, dtype=np.int64)
    gather = sparse.csc_matrix((weight, cell, position), shape=(len(found), len(rows)))
    columns: dict[str, NDArray[Any]] = {
        "rows": np.bincount(cell, minlength=len(found)),
        "weight": gather @ np.ones(len(rows)),
    }
    if wanted.squares:
        columns["weight_squares"] = gather @ weight
    for name in wanted.items:
        values = _taken(numbers(frame, name), rows)
        columns[f"sum_{name}"] = gather @ values
        if wanted.squares:
            columns[f"squares_{name}"] = gather @ (values * values)
    for a, b in wanted.products:
        both = _taken(numbers(frame, a), rows) * _taken(numbers(frame, b), rows)
        columns[f"product_{a}_{b}"] = gather @ both
    for number, name in enumerate(fpc, start=1):
        of_cell = pd.Series(_taken(numbers(frame, name), rows)).groupby(cell, sort=True)
        columns[f"fpc_{number}_low"] = of_cell.min().to_numpy()
        columns[f"fpc_{number}_high"] = of_cell.max().to_numpy()
        columns[f"fpc_{number}_known"] = of_cell.count().to_numpy()
    found = pd.concat([found, pd.DataFrame(columns, copy=False)], axis=1)
    checks.check_keys(found, wanted.keys(by), optional)
    found.attrs["dropped"] = before - len(rows)
    return found


def _taken(values: Floats, rows: NDArray[np.int64]) -> Floats:
    return values if len(rows) == len(values) else values[rows]


def _cells(
    keys: dict[str, pd.Series], rows: NDArray[np.int64]
) -> tuple[pd.DataFrame, NDArray[np.int64]]:
    """Return the labels of the cells in their order, and the cell of each row."""
    if not keys:
        none = pd.DataFrame(index=range(min(len(rows), 1)))
        return none, np.zeros(len(rows), dtype=np.int64)
    table = pd.DataFrame(keys)
    if len(rows) < len(table):
        table = table.iloc[rows]
    group = table.groupby(list(keys), sort=True, dropna=False, observed=True)
    found = group.size().index.to_frame(index=False)
    # Rows that were made small have short labels; a table has the same kinds everywhere.
    short = [key for key in found if found[key].dtype == np.int32]
    cell: NDArray[np.int64] = np.asarray(group.ngroup(), dtype=np.int64)
    return found.astype(dict.fromkeys(short, np.int64)), cell


def numbers(frame: pd.DataFrame, name: str) -> Floats:
    """Return a column as doubles, missing values as NaN."""
    column = frame[name]
    if pd.api.types.is_numeric_dtype(column.dtype) or pd.api.types.is_bool_dtype(column.dtype):
        return column.to_numpy(dtype=np.float64, na_value=np.nan)
    if column.dtype == object:
        try:
            return pd.to_numeric(column).to_numpy(dtype=np.float64, na_value=np.nan)
        except (ValueError, TypeError):
            pass
    raise checks.not_numeric(name, str(column.dtype))


def _weights(frame: pd.DataFrame, wanted: Wanted) -> Floats:
    if wanted.weights:
        return numbers(frame, wanted.weights)
    weight = np.ones(len(frame))
    for name in wanted.probabilities:
        share = numbers(frame, name)
        weight = weight / np.where(share == 0, np.nan, share)
    return weight


def _refuse_missing(frame: pd.DataFrame, names: Sequence[str], rows: NDArray[np.int64]) -> None:
    counts: dict[str, int] = {}
    first = len(frame)
    for name in names:
        empty = np.flatnonzero(np.isnan(_taken(numbers(frame, name), rows)))
        if empty.size:
            counts[name] = empty.size
            first = min(first, int(rows[empty[0]]))
    if counts:
        raise checks.answers_missing(counts, row=first + 1)


def _refuse_weights(weight: Floats, column: str | None, rows: NDArray[np.int64]) -> None:
    wrong = np.flatnonzero(~(np.isfinite(weight) & (weight > 0)))
    if wrong.size:
        missing = bool(np.isnan(weight[wrong[0]]))
        count = int(np.isnan(weight).sum()) if missing else wrong.size
        row = int(rows[wrong[0]]) + 1
        raise checks.weight_fault(missing=missing, rows=count, column=column, row=row)
