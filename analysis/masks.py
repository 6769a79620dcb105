"""Which rows a design is narrowed to: an expression, or one true or false per row."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd

from analysis.expressions import matching_rows
from analysis.stages import Flags
from intake.findings import EstimationError


def rows_that_meet(
    data: pd.DataFrame,
    condition: str | Sequence[bool] | Flags | pd.Series,
    index: pd.Index | None = None,
) -> Flags:
    """Return which rows meet an expression, or check one true or false per row.

    A missing truth picks no row, as in an expression. ``index`` is that of the table as it was
    given: a series of another index would pick other rows than it seems to.

    Raises
    ------
    EstimationError
        ``mask-length``, ``mask-not-boolean``, ``mask-index``, ``expression-…``.

    Examples
    --------
    >>> rows_that_meet(pd.DataFrame({"y": [1, 2]}), [True, False]).tolist()
    [True, False]
    """
    if isinstance(condition, str):
        return matching_rows(data, condition)
    if isinstance(condition, pd.Series):
        known = [data.index] if index is None else [data.index, index]
        if len(condition) == len(data) and not any(condition.index.equals(one) for one in known):
            raise EstimationError.of(
                "mask-index",
                "Chỉ mục của điều kiện khác chỉ mục của bảng.",
                "The index of the mask is not that of the table.",
                "Dùng cột của chính bảng này, hoặc .to_numpy().",
                "Take a column of this very table, or .to_numpy().",
            )
    given: Any = condition if hasattr(condition, "dtype") else np.asarray(condition, dtype=object)
    mask = pd.Series(np.ravel(given) if isinstance(given, np.ndarray) else given)
    missing = mask.isna().to_numpy(dtype=bool)
    strange = ~missing & ~mask.isin([True, False]).to_numpy(dtype=bool)
    kind = mask.dtype
    plain = pd.api.types.is_bool_dtype(kind) or pd.api.types.is_integer_dtype(kind)
    plain = plain or pd.api.types.is_object_dtype(kind)
    if len(mask) != len(data):
        raise EstimationError.of(
            "mask-length",
            f"Điều kiện có {len(mask)} giá trị, bảng có {len(data)} dòng.",
            f"The mask has {len(mask)} values, the table {len(data)} rows.",
            "Cần một giá trị đúng/sai cho mỗi dòng.",
            "Give one true or false per row.",
        )
    if strange.any() or not plain:
        row = int(np.flatnonzero(strange)[0]) if strange.any() else 0
        raise EstimationError.of(
            "mask-not-boolean",
            f"Điều kiện ở dòng {row + 1} là {mask.iloc[row]!r}, không phải đúng/sai.",
            f"The mask of row {row + 1} is {mask.iloc[row]!r}, neither true nor false.",
            "Cần một giá trị đúng/sai cho mỗi dòng.",
            "Give one true or false per row.",
            row=row + 1,
        )
    return np.asarray(mask.where(~missing, other=False).to_numpy(dtype=bool))
