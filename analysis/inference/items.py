"""What every comparison of means begins and ends with: items as numbers, domains, t tests.

Numbers are in the units of the item; rows without an answer are named or left out, never guessed.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd
from scipy import special

from analysis.design import Flags, Floats, SurveyDesign
from analysis.estimation.columns import check_missing
from analysis.tables import need_design
from intake.findings import EstimationError, Words

# How a table is called in a message where there is only one.
TABLE = Words("Bảng", "The table")


def answers(
    design: SurveyDesign, names: Sequence[str], missing: str, source: Words = TABLE
) -> tuple[Floats, Flags]:
    """Return items as numbers (rows × items) and which are known, refusing what is neither."""
    need_design(design)
    check_missing(missing)
    columns, valid = [], []
    for name in names:
        if name not in design.data.columns:
            raise EstimationError.of(
                "item-missing-column",
                f"{source.vi}: không có cột “{name}”.",
                f"{source.en}: there is no column “{name}”.",
                "Hãy kiểm tra tên cột.",
                "Check the name of the column.",
                column=name,
            )
        column = design.data[name]
        if not pd.api.types.is_numeric_dtype(column.dtype):
            raise EstimationError.of(
                "item-not-numeric",
                f"{source.vi}: cột “{name}” không phải là số.",
                f"{source.en}: column “{name}” holds no numbers.",
                "Ghi mã số của câu trả lời.",
                "Give the numeric code of the answer.",
                column=name,
            )
        values = column.to_numpy(dtype=np.float64, na_value=np.nan)
        known = np.isfinite(values)
        absent = np.flatnonzero(~known & design.member)
        if absent.size and missing != "drop":
            raise EstimationError.of(
                "answers-missing",
                f"{source.vi}, dòng {absent[0] + 1}: thiếu “{name}” ({absent.size} dòng).",
                f"{source.en}, row {absent[0] + 1}: “{name}” is missing ({absent.size} rows).",
                "Dùng missing='drop' nếu chỉ tính các dòng có trả lời.",
                "Use missing='drop' to count the rows with answers alone.",
                row=int(absent[0]) + 1,
                column=name,
            )
        columns.append(np.where(known, values, 0.0))
        valid.append(known)
    return np.column_stack(columns), np.column_stack(valid)


def groups(
    design: SurveyDesign, by: str | None, code: str = "item-missing-column", source: Words = TABLE
) -> tuple[Any, list[Any]]:
    """Return the domain of each row from 0, -1 for none, and the values that stand for them."""
    if by is None:
        return np.where(design.member, 0, -1), [""]
    if by not in design.data.columns:
        raise EstimationError.of(
            code,
            f"{source.vi}: không có cột “{by}”.",
            f"{source.en}: there is no column “{by}”.",
            "Hãy kiểm tra tên cột.",
            "Check the name of the column.",
            column=by,
        )
    codes, labels = pd.factorize(design.data[by].where(design.member), sort=True)
    return codes.astype(np.int64), list(labels)


def tested(value: Floats, variance: Floats, df: Floats, level: float) -> pd.DataFrame:
    """Return ``se, low, high, df, p`` of values by t."""
    se = np.sqrt(np.maximum(variance, 0.0))
    free = np.where(df > 0, df, np.nan)
    with np.errstate(divide="ignore", invalid="ignore"):
        reach = special.stdtrit(free, 0.5 + level / 2) * se
        p = 2 * special.stdtr(free, -np.abs(value / se))
    return pd.DataFrame({"se": se, "low": value - reach, "high": value + reach, "df": free, "p": p})
