"""What a set of weights costs, and how well it keeps its promises.

Weights remove bias and add variance. The functions here put a number on the second part,
and on how far weighted counts are from the totals they should reproduce. Weights are in
persons represented, one value per respondent.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from intake.findings import Finding, WeightError, Words

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Diagnostics:
    """A set of weights in numbers.

    ``deff`` is the Kish factor, ``n_effective`` the sample over it, ``margin_error`` the
    largest relative distance from a calibration target (None without calibration),
    ``trimmed`` the number of weights that were cut.
    """

    n: int
    total: float
    smallest: float
    largest: float
    median: float
    deff: float
    n_effective: float
    margin_error: float | None = None
    trimmed: int = 0


def kish_factor(weights: Floats) -> float:
    """Return the variance inflation that unequal weights alone bring to a mean.

    The factor is n * sum(w**2) / sum(w)**2. It takes the weights as unrelated to the
    answers; strata and clusters enter in the design effect.

    Parameters
    ----------
    weights
        Shape (n,), n >= 1; persons represented; every value above zero.

    Returns
    -------
    float
        No unit, at least 1, and 1 when all weights are equal.

    Raises
    ------
    WeightError
        The vector is empty, or a value is missing, zero or negative. The message names the
        first such row.

    References
    ----------
    Kish, L. (1992). Weighting for unequal P_i. Journal of Official Statistics 8, 183-200.

    Examples
    --------
    >>> kish_factor(np.array([1.0, 1.0, 2.0]))
    1.125
    """
    checked = checked_weights(weights)
    return float(checked.size * np.sum(checked**2) / np.sum(checked) ** 2)


def checked_weights(weights: Floats | Sequence[float], *, positive: bool = True) -> Floats:
    """Return the weights as an array; refuse none, missing, zero or negative ones.

    Without ``positive`` only missing ones are refused: linear calibration can make weights
    negative, and trimming mends them.
    """
    values = np.asarray(weights, dtype=np.float64)
    if values.size == 0:
        raise WeightError(
            Finding(
                "weights-empty",
                Words("Không có trọng số nào.", "There are no weights."),
                Words("Cần ít nhất một trả lời hợp lệ.", "At least one valid response is needed."),
            )
        )
    if positive and values.min() > 0 and np.isfinite(values.max()):
        return values
    right = values > 0 if positive else np.isfinite(values)
    bad = np.flatnonzero(~(np.isfinite(values) & right))
    if bad.size:
        row = int(bad[0]) + 1
        raise WeightError(
            Finding(
                "weight-not-positive",
                Words(
                    f"Dòng {row}: trọng số thiếu hoặc không lớn hơn 0.",
                    f"Row {row}: the weight is missing or not above zero.",
                ),
                Words(
                    "Mỗi trả lời phải có trọng số lớn hơn 0.",
                    "Every response needs a weight above zero.",
                ),
                row=row,
            )
        )
    return values


def describe(
    weights: Floats,
    *,
    margin_error: float | None = None,
    trimmed: int = 0,
    positive: bool = True,
) -> Diagnostics:
    """Return the diagnostics of a weight vector; ``positive`` refuses others than above zero."""
    values = checked_weights(weights, positive=positive)
    deff = float(values.size * np.sum(values**2) / np.sum(values) ** 2)
    return Diagnostics(
        n=int(values.size),
        total=float(values.sum()),
        smallest=float(values.min()),
        largest=float(values.max()),
        median=float(np.median(values)),
        deff=deff,
        n_effective=values.size / deff,
        margin_error=margin_error,
        trimmed=trimmed,
    )
