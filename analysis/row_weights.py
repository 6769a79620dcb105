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
        check_weights(values, np.ones(len(values), dtype=bool), weights)
        _refuse_extreme(values, weights)
        return values
    if probabilities:
        product = np.ones(len(data))
        for name in probabilities:
            product *= plain_numbers(data, name)
    elif (fractions < 1).any() and (fractions > 0).all():
        product = fractions
    else:
        raise WeightError.of(
            "weights-absent",
            "Không có cột trọng số, cũng không có xác suất hay hiệu chỉnh.",
            "There are no weights, and no fpc or probabilities to derive them from.",
            "Hãy ghi weights=, probabilities= hoặc fpc=.",
            "Give weights=, probabilities= or fpc=.",
        )
    bad = np.flatnonzero(~((product > 0) & (product <= 1)))
    if bad.size:
        raise WeightError.of(
            "probability-out-of-range",
            "Xác suất phải lớn hơn 0 và không quá 1.",
            "A probability must lie above 0 and not above 1.",
            "Hãy sửa dòng này.",
            "Mend this row.",
            row=int(bad[0]) + 1,
        )
    return np.asarray(1.0 / product)


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
    raise WeightError.of(
        "weight-missing" if missing else "weight-not-positive",
        f"Dòng {row + 1}: trọng số {'bị thiếu' if missing else 'không lớn hơn 0'}.",
        f"Row {row + 1}: the weight is {'missing' if missing else 'not above zero'}.",
        "Chỉ giữ các dòng đã được chọn; mỗi dòng có trọng số lớn hơn 0.",
        "Keep only rows that were drawn; each has a weight above zero.",
        row=row + 1,
        column=column,
    )
