"""The tables that belong to a round: its weights row by row, its units by code."""

from __future__ import annotations

import numpy as np
import pandas as pd

from analysis.weighting.diagnostics import checked_weights
from analysis.weighting.spec.model import WEIGHT_COLUMNS
from intake.findings import WeightError


def check_weights(weights: pd.DataFrame, respondents: pd.DataFrame) -> None:
    """Refuse a table of weights that does not belong to these respondents, row by row."""
    absent = [name for name in WEIGHT_COLUMNS if name not in weights.columns]
    same = (
        not absent
        and len(weights) == len(respondents)
        and bool(
            (
                weights["cell"].astype(str).to_numpy() == respondents["cell"].astype(str).to_numpy()
            ).all()
        )
    )
    if not same:
        raise WeightError.of(
            "weights-of-other-data",
            "Bảng trọng số không khớp từng dòng với tệp trả lời.",
            "The weights do not belong to these responses, row by row.",
            "Tính lại trọng số từ đúng tệp đã chốt.",
            "Make the weights again from this frozen file.",
        )
    checked_weights(weights["final"].to_numpy(dtype=np.float64))


def with_units(table: pd.DataFrame, units: pd.DataFrame | None) -> pd.DataFrame:
    """Return the responses with the columns of their unit added; own columns come first."""
    if units is None:
        return table
    codes = _unit_codes(units)
    new = [name for name in units.columns if name != "unit_id" and name not in table.columns]
    indexed = units.assign(unit_id=codes).set_index("unit_id")[new]
    position = indexed.index.get_indexer(pd.Index(table["unit"].astype(str)))
    lacking = sorted(set(table["unit"].astype(str)[position < 0]))
    if lacking:
        raise WeightError.of(
            "units-table",
            f"Bảng đơn vị thiếu: {', '.join(lacking[:10])}.",
            f"The table of units lacks: {', '.join(lacking[:10])}.",
            "Thêm các đơn vị này.",
            "Add these units.",
        )
    added = indexed.iloc[position].reset_index(drop=True)
    return pd.concat([table.reset_index(drop=True), added], axis=1)


def _unit_codes(units: pd.DataFrame) -> pd.Series:
    """Return the codes of the units as text; refuse a table without, and two units of one."""
    if "unit_id" not in units.columns:
        raise WeightError.of(
            "units-table",
            "Bảng đơn vị thiếu cột unit_id.",
            "The table of units lacks column unit_id.",
            f"Các cột hiện có: {', '.join(map(str, units.columns))}.",
            f"The columns are: {', '.join(map(str, units.columns))}.",
            column="unit_id",
        )
    codes = units["unit_id"].astype(str)
    again = np.flatnonzero(codes.duplicated().to_numpy())
    if again.size:
        row = int(again[0])
        raise WeightError.of(
            "units-table",
            f"Bảng đơn vị có hai dòng cùng mã “{codes.iloc[row]}”.",
            f"The table of units has two rows of code “{codes.iloc[row]}”.",
            "Mỗi đơn vị một dòng; hãy sửa mã hoặc bỏ dòng lặp.",
            "Give each unit one row: mend the code, or leave out the repeated row.",
            row=row + 1,
            column="unit_id",
        )
    return codes
