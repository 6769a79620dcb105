"""What is refused before or after a pass of sums: columns, keys, weights and answers.

An engine does not number its rows; where rows are elsewhere a refusal says how many are
wrong and in which column.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
from numpy.typing import NDArray

from intake.findings import EstimationError, Finding, WeightError, Words


def check_names(known: Sequence[object], needed: Sequence[str]) -> None:
    """Refuse a column that is not there."""
    for name in needed:
        if name not in known:
            listed = ", ".join(str(column) for column in known)
            raise EstimationError.of(
                "column-missing",
                f"Bảng không có cột “{name}”.",
                f"The table has no column “{name}”.",
                f"Các cột: {listed}.",
                f"The columns are: {listed}.",
                column=name,
            )


def check_columns(
    schema: Any,  # noqa: ANN401 - an Ibis schema
    needed: Sequence[str],
    numbers: Sequence[str],
) -> None:
    """Refuse a column that is not there, or holds no numbers where numbers are needed."""
    check_names(list(schema.names), needed)
    for name in numbers:
        kind = schema[name]
        if not (kind.is_numeric() or kind.is_boolean()):
            raise not_numeric(name, str(kind))


def not_numeric(name: str, kind: str) -> EstimationError:
    """Return the refusal of a column that holds no numbers."""
    return EstimationError.of(
        "item-not-numeric",
        f"Cột “{name}” kiểu {kind}, không phải số.",
        f"Column “{name}” is of type {kind} and holds no numbers.",
        "Dùng share cho giá trị chữ.",
        "Use share for text.",
        column=name,
    )


def refuse_faults(
    found: pd.DataFrame,
    weights: str | None,
    items: Sequence[str],
    counts: Callable[[], pa.Table],
) -> None:
    """Refuse cells that hold a row without a weight above zero, or without an answer."""
    if (found["complete"] < found["rows"]).any():
        known = counts().to_pylist()[0]
        without = int(known["rows"] - known["weights"])
        if without:
            raise weight_fault(missing=True, rows=without, column=weights)
        missing = {
            name: int(known["rows"] - known[f"known_{number}"]) for number, name in enumerate(items)
        }
        raise answers_missing({name: rows for name, rows in missing.items() if rows})
    least, sums = found["weight_least"].to_numpy(np.float64), found["weight"].to_numpy(np.float64)
    # A least weight is not a number only where there are no rows at all.
    if (least <= 0).any() or np.isinf(sums).any():
        raise weight_fault(missing=False, rows=None, column=weights)


def weight_fault(
    *, missing: bool, rows: int | None, column: str | None, row: int | None = None
) -> WeightError:
    """Return the refusal of weights."""
    some = ("Có dòng", "Some rows have") if rows is None else (f"{rows} dòng", f"{rows} rows have")
    wrong = ("thiếu trọng số", "no weight") if missing else (
        "có trọng số không lớn hơn 0 hoặc vô hạn", "a weight that is not above zero, or infinite",
    )  # fmt: skip
    return WeightError.of(
        "weight-missing" if missing else "weight-not-positive",
        f"{some[0]} {wrong[0]}.",
        f"{some[1]} {wrong[1]}.",
        "Chỉ giữ các dòng đã được chọn; mỗi dòng có trọng số lớn hơn 0.",
        "Keep only rows that were drawn; each has a weight above zero.",
        column=column,
        row=row,
    )


def check_probabilities(weight: NDArray[np.float64], probabilities: Sequence[str]) -> None:
    """Refuse weights below 1 where they are one over a probability."""
    if probabilities and (weight < 1 - 1e-12).any():
        raise WeightError.of(
            "probability-out-of-range",
            "Xác suất phải lớn hơn 0 và không quá 1.",
            "A probability must lie above 0 and not above 1.",
            "Hãy sửa các dòng có xác suất sai.",
            "Mend the rows that are outside.",
            column=probabilities[0],
        )


def answers_missing(missing: Mapping[str, int], row: int | None = None) -> EstimationError:
    """Return the refusal of missing answers, one finding per item."""
    return EstimationError(
        [
            Finding(
                "answers-missing",
                Words(
                    f"Cột “{name}” thiếu câu trả lời ở {rows} dòng.",
                    f"Column “{name}” misses the answer in {rows} rows.",
                ),
                Words(
                    "Dùng missing='drop', hoặc where= để chỉ lấy người đã trả lời.",
                    "Use missing='drop', or narrow the rows to those who answered with where=.",
                ),
                column=name,
                row=row,
            )
            for name, rows in missing.items()
        ]
    )


def check_keys(found: pd.DataFrame, keys: Mapping[str, str], optional: str = "") -> None:
    """Refuse clusters or strata without a label, but for those of one key that may lack it."""
    for key, name in keys.items():
        if key.startswith("domain_") or key == optional or not found[key].isna().any():
            continue
        rows = int(found.loc[found[key].isna(), "rows"].sum())
        raise EstimationError.of(
            "design-value-missing",
            f"Cột {name} thiếu giá trị ở {rows} dòng.",
            f"Column {name} has a missing value in {rows} rows.",
            "Mỗi dòng phải có tầng và đơn vị của mình.",
            "Every row needs its stratum and its unit.",
            column=name,
        )


def finished(found: pd.DataFrame, keys: Sequence[str], ordered: bool) -> pd.DataFrame:
    """Return the cells in the order of their keys, without what only checks needed."""
    kept = found.drop(columns=["complete", "weight_least"])
    if (kept["rows"] == 0).any():
        kept = kept[kept["rows"] > 0]
    if ordered and keys:
        kept = kept.sort_values(list(keys), ignore_index=True)
    sums = {
        name: np.int64 if name == "rows" else np.float64
        for name in kept.columns
        if name not in keys and not name.endswith("_known")
    }
    changed = {name: kind for name, kind in sums.items() if kept[name].dtype != kind}
    if changed:
        kept = kept.astype(changed)
    kept.attrs = dict(found.attrs)
    return kept


def check_fpc(found: pd.DataFrame, fpc: Sequence[str]) -> pd.DataFrame:
    """Refuse a correction that is missing or not above zero, and drop the counts for that."""
    for number, name in enumerate(fpc, start=1):
        low = found[f"fpc_{number}_low"].to_numpy(np.float64)
        wrong = ~(low > 0) | (found[f"fpc_{number}_known"] < found["rows"]).to_numpy(dtype=bool)
        if wrong.any():
            keys = [column for column in found if str(column).startswith(("stratum_", "psu_"))]
            place = ", ".join(str(value) for value in found.loc[wrong, keys].iloc[0])
            raise EstimationError.of(
                "fpc-not-positive",
                f"Cột {name} thiếu giá trị hoặc không lớn hơn 0 (đơn vị {place}).",
                f"Column {name} has a value that is missing or not above zero (unit {place}).",
                "Ghi số đơn vị của tầng (count) hoặc tỷ lệ đã chọn (fraction).",
                "Give the units of the stratum (count) or the share drawn (fraction).",
                column=name,
            )
    return found.drop(columns=[f"fpc_{number}_known" for number in range(1, len(fpc) + 1)])
