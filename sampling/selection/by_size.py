"""Systematic samples in proportion to size."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

from intake.findings import Words
from sampling.probabilities.checks import refusal


def pps_systematic(pi: ArrayLike, rng: np.random.Generator) -> NDArray[np.int64]:
    """Return the positions drawn systematically with the given inclusion probabilities.

    The order is the order given. The probabilities should sum to a whole number.

    Raises
    ------
    DesignError
        A probability lies outside 0 … 1, or the sum is not a whole number.
    """
    values = np.asarray(pi, dtype=np.float64)
    n = round(float(values.sum())) if values.size and np.isfinite(values).all() else 0
    if (
        values.ndim != 1
        or not np.isfinite(values).all()
        or (values < 0).any()
        or (values > 1 + 1e-12).any()
        or abs(float(values.sum()) - n) > 1e-6
    ):
        raise refusal(
            "selection-probabilities-invalid",
            Words(
                "Xác suất phải từ 0 đến 1 và có tổng là số nguyên.",
                "Probabilities must lie from 0 to 1 and sum to a whole number.",
            ),
        )
    ends = np.cumsum(values)
    if n:
        # Rounding must not push the last point beyond the end.
        ends[np.flatnonzero(values)[-1] :] = n
    points = rng.random() + np.arange(n)
    return np.searchsorted(ends, points, side="right").astype(np.int64)
