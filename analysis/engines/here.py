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
    frame: pd.DataFrame, wanted: Wanted, by: Sequence[str], fpc: Sequence[str] = ()
) -> pd.DataFrame:
    """Return the cells of a table; see `analysis.engines.sums` for the columns."""
    checks.check_names(list(frame.columns), [*wanted.columns(by), *fpc])
    rows = np.arange(len(frame))
    if wanted.where is not None:
        rows = np.flatnonzero(matching_rows(frame, wanted.where))
    items = np.empty((len(rows), len(wanted.items)), order="F")
    for number, name in enumerate(wanted.items):
        items[:, number] = numbers(frame, name)[rows]
    dropped = 0
    if wanted.missing == "drop":
        kept = ~np.isnan(items).any(axis=1)
        dropped = int((~kept).sum())
        rows, items = rows[kept], items[kept]
    _refuse_missing(items, wanted.items, rows)
    weight = _weights(frame, wanted)[rows]
    _refuse_weights(weight, wanted.weights, rows)
    checks.check_probabilities(weight, wanted.probabilities)
    columns: dict[str, NDArray[Any]] = {
        "rows": np.ones(len(rows), dtype=np.int64),
        "weight": weight,
    }
    if wanted.squares:
        columns["weight_squares"] = weight * weight
    for number, name in enumerate(wanted.items):
        columns[f"sum_{name}"] = weight * items[:, number]
        if wanted.squares:
            columns[f"squares_{name}"] = columns[f"sum_{name}"] * items[:, number]
    for a, b in wanted.products:
        columns[f"product_{a}_{b}"] = columns[f"sum_{a}"] * items[:, wanted.items.index(b)]
    keys = {
        key: frame[name].iloc[rows].reset_index(drop=True) for key, name in wanted.keys(by).items()
    }
    corrections = {
        f"fpc_{number}": numbers(frame, name)[rows] for number, name in enumerate(fpc, start=1)
    }
    found = _grouped(keys, columns, corrections)
    checks.check_keys(found, wanted.keys(by))
    found.attrs["dropped"] = dropped
    return found


def _grouped(
    keys: dict[str, pd.Series], columns: dict[str, NDArray[Any]], extremes: dict[str, Floats]
) -> pd.DataFrame:
    size = len(columns["rows"])
    if keys:
        group = pd.DataFrame(keys).groupby(list(keys), sort=True, dropna=False, observed=True)
        cell = group.ngroup().to_numpy()
        found = group.size().index.to_frame(index=False)
        # Rows that were made small have short labels; a table has the same kinds everywhere.
        short = [key for key in found if found[key].dtype == np.int32]
        found = found.astype(dict.fromkeys(short, np.int64))
    else:
        cell, found = np.zeros(size, dtype=np.int64), pd.DataFrame(index=range(min(size, 1)))
    gather = sparse.csr_matrix((np.ones(size), (cell, np.arange(size))), shape=(len(found), size))
    sums = {name: gather @ values for name, values in columns.items()}
    sums["rows"] = sums["rows"].astype(np.int64)
    found = pd.concat([found, pd.DataFrame(sums)], axis=1)
    for name, values in extremes.items():
        of_cell = pd.Series(values).groupby(cell, sort=True)
        found[f"{name}_low"] = of_cell.min().to_numpy()
        found[f"{name}_high"] = of_cell.max().to_numpy()
        found[f"{name}_known"] = of_cell.count().to_numpy()
    return found


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


def _refuse_missing(items: Floats, names: Sequence[str], rows: NDArray[np.int64]) -> None:
    empty = np.isnan(items)
    if empty.any():
        counts = {
            name: int(number)
            for name, number in zip(names, empty.sum(axis=0), strict=True)
            if number
        }
        first = int(rows[np.flatnonzero(empty.any(axis=1))[0]])
        raise checks.answers_missing(counts, row=first + 1)


def _refuse_weights(weight: Floats, column: str | None, rows: NDArray[np.int64]) -> None:
    wrong = np.flatnonzero(~(np.isfinite(weight) & (weight > 0)))
    if wrong.size:
        missing = bool(np.isnan(weight[wrong[0]]))
        count = int(np.isnan(weight).sum()) if missing else wrong.size
        row = int(rows[wrong[0]]) + 1
        raise checks.weight_fault(missing=missing, rows=count, column=column, row=row)
