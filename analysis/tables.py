"""Where the rows of a design come from: a table in memory, or a file.

A table is read as it is; what its columns mean is left to the design.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow as pa

from analysis.engines.places import ENDINGS
from analysis.engines.rows import every_column
from intake.findings import EstimationError, Finding, Words

SQLITE = frozenset(ending for ending, kind in ENDINGS.items() if kind == "sqlite")


def read_table(data: pd.DataFrame | pa.Table | str | Path | Sequence[str | Path]) -> pd.DataFrame:
    """Return a table in memory, or one or several files of one kind, as a data frame.

    Files are CSV, Parquet or SQLite with a single table.

    Raises
    ------
    EstimationError
        ``data-unreadable``, ``data-kind``, ``column-repeated``.
    """
    if isinstance(data, pd.DataFrame):
        return _distinct(data.reset_index(drop=True))
    if isinstance(data, pa.Table):
        return _distinct(_frame(data.to_pandas()))
    if isinstance(data, Sequence) and not isinstance(data, str):
        return every_column(data)
    if isinstance(data, str | Path):
        path = Path(data)
        if path.suffix.lower() in SQLITE:
            return every_column(path)
        try:
            if path.suffix.lower() == ".parquet":
                return pd.read_parquet(path)
            return pd.read_csv(path)
        except (OSError, ValueError) as fault:
            raise EstimationError.of(
                "data-unreadable",
                f"Không đọc được {path.name}.",
                f"{path.name} cannot be read: {fault}.",
                "Cần tệp CSV hoặc Parquet.",
                "Give a CSV or Parquet file.",
                file=path.name,
            ) from fault
    raise EstimationError.of(
        "data-kind",
        f"Không nhận dữ liệu kiểu {type(data).__name__}.",
        f"Data of type {type(data).__name__} are not taken.",
        "Dùng bảng pandas, bảng pyarrow hoặc đường dẫn tới CSV, Parquet.",
        "Use a pandas data frame, a pyarrow table, or the path of a CSV or Parquet file.",
    )


def _distinct(table: pd.DataFrame) -> pd.DataFrame:
    """Refuse a table with two columns of one name."""
    twice = list(dict.fromkeys(str(name) for name in table.columns[table.columns.duplicated()]))
    if not twice:
        return table
    together = ", ".join(twice)
    raise EstimationError.of(
        "column-repeated",
        f"Có nhiều cột cùng tên: {together}.",
        f"There are several columns of one name: {together}.",
        "Đặt tên khác nhau cho các cột.",
        "Give the columns different names.",
        column=twice[0],
    )


def need_columns(data: pd.DataFrame, names: Sequence[str], code: str = "column-missing") -> None:
    """Refuse, all at once, columns that the table does not have."""
    absent = [name for name in dict.fromkeys(names) if name not in data.columns]
    if not absent:
        return
    columns = ", ".join(str(column) for column in data.columns[:40])
    raise EstimationError(
        [
            Finding(
                code,
                Words(f"Bảng không có cột “{name}”.", f"The table has no column “{name}”."),
                Words(f"Các cột: {columns}.", f"The columns are: {columns}."),
                column=str(name),
            )
            for name in absent
        ]
    )


def need_design(design: object) -> None:
    """Refuse a table, or whatever else, that comes where a design is needed."""
    if hasattr(design, "reweighted"):
        return
    kind = type(design).__name__
    raise EstimationError.of(
        "design-unfit",
        f"Cần một thiết kế mẫu, không phải {kind}.",
        f"A design is needed; here is {kind}.",
        "Tạo thiết kế trước: SurveyDesign(bảng, weights=…, strata=…, psu=…) hoặc replicate.given.",
        "Make one first: SurveyDesign(table, weights=…, strata=…, psu=…), or replicate.given.",
    )


def _frame(value: Any) -> pd.DataFrame:  # noqa: ANN401 - pyarrow carries no types
    return pd.DataFrame(value)
