"""The weight of each row of a design: from its column, or from how likely its draw was.

Weights are in persons (or visits) represented.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from analysis.stages import Flags, Floats, plain_numbers
from intake.findings import WeightError

# Squares of larger weights, and of their sums, leave the range of numbers.
_LARGEST = 1e75


def row_weights(
    data: pd.DataFrame, weights: str | None, probabilities: Sequence[str], fractions: Floats
) -> Floats:
    """Return the weight of each row, from its column or from how likely its draw was."""
    if weights is not None:
        values = plain_numbers(data, weights)
        _refuse_words(data, weights, values)
        check_weights(values, np.ones(len(values), dtype=bool), weights)
        _refuse_extreme(values, weights)
        return values
    if probabilities:
        product = np.ones(len(data))
        for name in probabilities:
            column = plain_numbers(data, name)
            _refuse_words(data, name, column)
            _refuse_impossible(column, name)
            product *= column
    elif (fractions > 0).all():  # without a correction they are zero; a census has ones
        product = fractions
    else:
        raise WeightError.of(
            "weights-absent",
            "Không có cột trọng số, cũng không có xác suất hay hiệu chỉnh.",
            "There are no weights, and no fpc or probabilities to derive them from.",
            "Hãy ghi weights=, probabilities= hoặc fpc=.",
            "Give weights=, probabilities= or fpc=.",
        )
    _refuse_impossible(product, None)
    return np.asarray(1.0 / product)


def _refuse_impossible(values: Floats, column: str | None) -> None:
    """Refuse what is no probability, naming the first row."""
    bad = np.flatnonzero(~((values > 0) & (values <= 1)))
    if not bad.size:
        return
    row = int(bad[0])
    raise WeightError.of(
        "probability-out-of-range",
        f"Dòng {row + 1}: xác suất {values[row]:g} phải lớn hơn 0 và không quá 1.",
        f"Row {row + 1}: probability {values[row]:g} must lie above 0 and not above 1.",
        "Hãy sửa dòng này.",
        "Mend this row.",
        row=row + 1,
        column=column,
    )


def _refuse_words(data: pd.DataFrame, column: str, values: Floats) -> None:
    """Refuse a column of weights or probabilities that holds words, naming the first row."""
    words = np.flatnonzero(np.isnan(values) & data[column].notna().to_numpy(dtype=bool))
    if not words.size:
        return
    row = int(words[0])
    held = data[column].iloc[row]
    raise WeightError.of(
        "weight-not-numeric",
        f"Dòng {row + 1}: “{held}” trong cột {column} không phải là số.",
        f"Row {row + 1}: “{held}” in column {column} is no number.",
        "Cần một cột số, dấu chấm thập phân.",
        "Give a column of numbers, with a decimal point.",
        row=row + 1,
        column=column,
    )


def _refuse_extreme(values: Floats, column: str) -> None:
    """Refuse weights whose squares leave the range of numbers."""
    row = int(np.argmax(values))
    if values[row] <= _LARGEST and float(values.sum()) >= 1.0 / _LARGEST:
        return
    raise WeightError.of(
        "weight-out-of-range",
        f"Dòng {row + 1}: trọng số lớn nhất là {values[row]:g}.",
        f"Row {row + 1}: the largest weight is {values[row]:g}.",
        "Trọng số là số người đại diện; hãy kiểm tra đơn vị của cột.",
        "Weights are persons represented; check the unit of the column.",
        row=row + 1,
        column=column,
    )


def check_weights(
    values: Floats, member: Flags, column: str | None, *, signed: bool = False
) -> None:
    """Refuse weights that are missing, zero or negative, naming the first row.

    ``signed`` weights, as calibration without bounds can leave them, need only be known.
    """
    fine = np.isfinite(values) if signed else np.isfinite(values) & (values > 0)
    bad = np.flatnonzero(member & ~fine)
    if not bad.size:
        return
    row = int(bad[0])
    missing = not np.isfinite(values[row])
    endless = np.isinf(values[row])
    vi = "vô hạn" if endless else "bị thiếu" if missing else "không lớn hơn 0"
    en = "infinite" if endless else "missing" if missing else "not above zero"
    raise WeightError.of(
        "weight-missing" if missing else "weight-not-positive",
        f"Dòng {row + 1}: trọng số {vi}.",
        f"Row {row + 1}: the weight is {en}.",
        "Chỉ giữ các dòng đã được chọn; mỗi dòng có trọng số lớn hơn 0.",
        "Keep only rows that were drawn; each has a weight above zero.",
        row=row + 1,
        column=column,
    )
