"""The rows themselves, read through an engine and made small.

Where a method has to see rows (quantiles, models), or where domains cut so finely across
clusters that the cells are nearly as many as the rows, sums elsewhere save nothing. Then
the columns that are needed come here once, block by block, each number in the smallest kind
that holds it exactly: answers from 1 to 5 take one byte and not eight.

Numbers of items are in the unit of the item; take them as doubles before any arithmetic.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
from numpy.typing import NDArray

from analysis.engines import checks
from analysis.engines.opening import opened
from analysis.engines.places import engine_for, kind_of
from analysis.expressions import names_in, row_condition

_WHOLE = (np.int8, np.int16, np.int32)


def read_columns(
    source: Any,  # noqa: ANN401 - as for cell_table
    columns: Sequence[str],
    *,
    items: Sequence[str] = (),
    where: str | None = None,
    engine: str = "duckdb",
    table: str | None = None,
) -> pd.DataFrame:
    """Return columns of a source, in the order of its rows where it has one.

    Parameters
    ----------
    source, where, engine, table
        As for `analysis.engines.cell_table`; rows that do not meet ``where`` stay away.
    columns
        Columns wanted as they are; whole numbers may come in four bytes.
    items
        Numeric columns wanted as numbers only: a whole number given as a double may come
        as one byte, a missing one makes the column a float with NaN.

    Returns
    -------
    pandas.DataFrame
        ``columns``, then ``items``, without doublets.

    Raises
    ------
    EstimationError
        ``column-missing``, ``item-not-numeric``, ``engine-…``, ``data-…``, ``expression-…``.

    Examples
    --------
    >>> rows = pd.DataFrame({"psu": [1, 1, 2], "sex": ["f", "m", "f"], "q": [1.0, 3.0, 5.0]})
    >>> read_columns(rows, ["psu", "sex"], items=["q"], where="q > 1").dtypes.astype(str).to_dict()
    {'psu': 'int32', 'sex': 'str', 'q': 'int8'}
    """
    names = list(dict.fromkeys([*columns, *items]))
    numbers = set(items) - set(columns)
    place = engine_for(source, len(names), engine)
    with opened(source, place, table=table, in_order=True) as there:
        needed = [*names, *(names_in(where) if where else [])]
        checks.check_columns(there.table.schema(), needed, items)
        rows = there.table.filter(row_condition(there.table, where)) if where else there.table
        expression = rows.select(*names)
        parts: dict[str, list[Any]] = {name: [] for name in names}
        for batch in there.batches(expression):
            for name, values in zip(names, batch.columns, strict=True):
                parts[name].append(_made_small(values, name in numbers))
        schema = expression.schema().to_pyarrow()
    frame = {name: _joined(parts.pop(name), schema.field(name).type) for name in names}
    return pd.DataFrame(frame, copy=False)


def read_frame(
    source: Any,  # noqa: ANN401 - as for cell_table
    columns: Sequence[str],
    items: Sequence[str],
    table: str | None,
) -> pd.DataFrame:
    """Return a source as a table in memory; of files only the columns that are needed."""
    kind = kind_of(source)
    if kind == "frame":
        frame: pd.DataFrame = source.reset_index(drop=True)
        return frame
    if kind == "arrow":
        return source.to_pandas()  # type: ignore[no-any-return]
    plain = [name for name in columns if name not in items]
    return read_columns(source, plain, items=items, table=table)


def _made_small(values: pa.Array, item: bool) -> Any:  # noqa: ANN401 - NumPy or Arrow
    """Return a block of a column as the smallest NumPy kind, or as Arrow for other kinds."""
    kind = values.type
    if item and (pa.types.is_decimal(kind) or pa.types.is_boolean(kind)):
        values, kind = values.cast(pa.float64()), pa.float64()
    if pa.types.is_integer(kind) and item:
        return _small(values.cast(pa.float64()) if values.null_count else values)
    if pa.types.is_integer(kind) and not values.null_count:
        return _small_whole(values)
    if item and pa.types.is_floating(kind):
        return _small(values)
    # A view would keep the whole block with all its columns.
    if pa.types.is_floating(kind):
        return values.to_numpy(zero_copy_only=False).copy()
    return pa.concat_arrays([values, values.slice(0, 0)])


def _small_whole(values: pa.Array) -> NDArray[Any]:
    numbers: NDArray[Any] = values.to_numpy(zero_copy_only=False)
    if not numbers.size:
        return numbers.astype(np.int32)
    low, high = int(numbers.min()), int(numbers.max())
    # One kind for all blocks of a key, where a later one may hold greater numbers.
    if np.iinfo(np.int32).min <= low and high <= np.iinfo(np.int32).max:
        return numbers.astype(np.int32)
    return numbers.copy()


def _small(values: pa.Array) -> NDArray[Any]:
    numbers: NDArray[Any] = values.to_numpy(zero_copy_only=False)
    with np.errstate(invalid="ignore", over="ignore"):
        for kind in (*_WHOLE, np.float32):
            if numbers.size and kind is not np.float32 and not np.isfinite(numbers[0]):
                continue
            small: NDArray[Any] = numbers.astype(kind)
            if np.array_equal(small, numbers, equal_nan=kind is np.float32):
                return small
    return numbers.copy()


def _joined(parts: list[Any], kind: pa.DataType) -> Any:  # noqa: ANN401 - a pandas column
    if not parts:
        return pa.array([], kind).to_pandas()
    if all(isinstance(part, np.ndarray) for part in parts):
        return np.concatenate(parts)
    arrays = [pa.array(part) if isinstance(part, np.ndarray) else part for part in parts]
    return pa.chunked_array([array.cast(kind) for array in arrays]).to_pandas()


def every_column(source: Any) -> pd.DataFrame:  # noqa: ANN401 - as for read_columns
    """Return all columns of a source, in the order of its rows where it has one."""
    engine = "auto" if kind_of(source) in {"ibis", "spark", "name"} else "duckdb"
    with opened(source, engine_for(source, 1, engine), in_order=True) as there:
        names = list(there.table.schema().names)
    return read_columns(source, names, engine=engine)
