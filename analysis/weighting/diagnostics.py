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

from intake.findings import WeightError

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
    try:
        values = np.asarray(weights, dtype=np.float64)
    except (TypeError, ValueError):
        raise WeightError.of(
            "weight-not-number",
            "Trọng số không phải là số.",
            "The weights are no numbers.",
            "Ghi một số cho mỗi trả lời.",
            "Give one number per response.",
        ) from None
    if values.size == 0:
        raise WeightError.of(
            "weights-empty",
            "Không có trọng số nào.",
            "There are no weights.",
            "Cần ít nhất một trả lời hợp lệ.",
            "At least one valid response is needed.",
        )
    if positive and values.min() > 0 and np.isfinite(values.max()):
        return values
    right = values > 0 if positive else np.isfinite(values)
    bad = np.flatnonzero(~(np.isfinite(values) & right))
    if bad.size:
        row = int(bad[0]) + 1
        raise WeightError.of(
            "weight-not-positive",
            f"Dòng {row}: trọng số thiếu hoặc không lớn hơn 0.",
            f"Row {row}: the weight is missing or not above zero.",
            "Mỗi trả lời phải có trọng số lớn hơn 0.",
            "Every response needs a weight above zero.",
            row=row,
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


def spencer_factor(p: Floats, w: Floats, y: Floats, *, residual_covariance: bool = False) -> float:
    """Return the design effect of unequal weights where the answer depends on the probability.

    With the weighted regression y = α + βp + e, variances and correlations under the weights,

        deff = α²(K-1)/σ²_y + K(1-ρ²_yp) + n ρ_{e²w} σ_{e²} σ_w / (N σ²_y),

    K being the Kish factor and N the sum of the weights. The last term of Spencer's formula,
    2nα ρ_{ew} σ_e σ_w / (N σ²_y), is left out, as `deffS` of PracTools leaves it out;
    ``residual_covariance`` adds it.

    Parameters
    ----------
    p
        Shape (n,): the probability of being drawn in a single draw.
    w
        Shape (n,): weights, all above zero.
    y
        Shape (n,): the answers, no missing value.
    residual_covariance
        Whether to add the last term.

    Returns
    -------
    float
        No unit.

    Raises
    ------
    WeightError
        The faults of weights; ``lengths-differ``; ``value-missing`` with the row;
        ``no-variation`` where y or p does not vary.

    References
    ----------
    Spencer, B. D. (2000). An approximate design effect for unequal weighting when
    measurements may correlate with selection probabilities. Survey Methodology 26, 137-138.
    Valliant, R., Dever, J. A., Kreuter, F. (2018). PracTools, function deffS.

    Examples
    --------
    >>> p = np.array([0.1, 0.2, 0.3, 0.4])
    >>> round(spencer_factor(p, 1 / (4 * p), np.array([3.0, 1.0, 2.0, 5.0])), 4)
    1.7155
    """
    weights = checked_weights(w)
    draws, answers = np.asarray(p, dtype=np.float64), np.asarray(y, dtype=np.float64)
    _need_vectors(weights, {"p": draws, "y": answers})
    n, size = weights.size, float(weights.sum())

    def mean(values: Floats) -> float:
        return float(weights @ values / size)

    def spread(values: Floats) -> float:
        return n / (n - 1) * mean((values - mean(values)) ** 2)

    def product(first: Floats, second: Floats) -> float:
        return mean((first - mean(first)) * (second - mean(second)))

    variance = spread(answers)
    # Covariance over the spread of p: both n/(n-1) cancel in the slope only.
    slope = product(answers, draws) / product(draws, draws)
    constant = mean(answers) - slope * mean(draws)
    error = answers - constant - slope * draws
    kish = kish_factor(weights)
    correlation = product(answers, draws) / np.sqrt(variance * spread(draws))
    # ρ σ σ of PracTools is the covariance with the divisor N.
    found = constant**2 * (kish - 1) / variance + kish * (1 - correlation**2)
    found += n * product(error**2, weights) / (size * variance)
    if residual_covariance:
        found += 2 * n * constant * product(error, weights) / (size * variance)
    return float(found)


def _need_vectors(weights: Floats, given: dict[str, Floats]) -> None:
    for name, values in given.items():
        if values.shape != weights.shape:
            raise WeightError.of(
                "lengths-differ",
                f"{name} có {values.size} giá trị, trọng số có {weights.size}.",
                f"{name} has {values.size} values, the weights {weights.size}.",
                "Mỗi dòng một giá trị.",
                "Give one value per row.",
            )
        bad = np.flatnonzero(~np.isfinite(values))
        if bad.size:
            raise WeightError.of(
                "value-missing",
                f"{name} thiếu giá trị ở dòng {int(bad[0]) + 1}.",
                f"{name} has no value in row {int(bad[0]) + 1}.",
                "Bỏ các dòng thiếu giá trị.",
                "Leave out rows without a value.",
                row=int(bad[0]) + 1,
            )
        if values.size < 2 or np.ptp(values) == 0:
            raise WeightError.of(
                "no-variation",
                f"{name} không biến thiên.",
                f"{name} does not vary.",
                "Hệ số này không xác định.",
                "The factor is not defined.",
            )
