"""The weight a case has from the draw alone: one over the probability of being drawn."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from analysis.weighting.diagnostics import Floats
from intake.findings import WeightError


def base_weights(data: pd.DataFrame, probabilities: str | Sequence[str]) -> Floats:
    """Return one over the product of the inclusion probabilities of all stages.

    Parameters
    ----------
    data
        One row per case.
    probabilities
        Column, or one column per stage: the probability of being drawn, given the stages
        before.

    Returns
    -------
    numpy.ndarray
        Shape (rows,), persons represented, at least 1.

    Raises
    ------
    WeightError
        ``probability-column-missing``; ``probability-out-of-range`` with the first row whose
        probability is missing, not above 0, or above 1.

    References
    ----------
    Horvitz, D. G., Thompson, D. J. (1952). A generalization of sampling without replacement
    from a finite universe. Journal of the American Statistical Association 47, 663-685.

    Examples
    --------
    >>> table = pd.DataFrame({"unit": [0.5, 0.25], "person": [0.1, 0.2]})
    >>> base_weights(table, ["unit", "person"]).round(6).tolist()
    [20.0, 20.0]
    """
    names = [probabilities] if isinstance(probabilities, str) else list(probabilities)
    product = np.ones(len(data))
    for name in names:
        if name not in data.columns:
            raise WeightError.of(
                "probability-column-missing",
                f"Bảng không có cột “{name}”.",
                f"The table has no column “{name}”.",
                "Hãy sửa tên cột xác suất.",
                "Mend the name of the column of probabilities.",
                column=name,
            )
        values = pd.to_numeric(data[name], errors="coerce").to_numpy(dtype=np.float64)
        bad = np.flatnonzero(~((values > 0) & (values <= 1)))
        if bad.size:
            row = int(bad[0])
            raise WeightError.of(
                "probability-out-of-range",
                f"Dòng {row + 1}: xác suất ở cột “{name}” là {data[name].iloc[row]}.",
                f"Row {row + 1}: the probability in column “{name}” is {data[name].iloc[row]}.",
                "Xác suất phải lớn hơn 0 và không quá 1.",
                "A probability lies above 0 and not above 1.",
                row=row + 1,
                column=name,
            )
        product *= values
    return np.asarray(1.0 / product)
