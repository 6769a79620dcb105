"""Inclusion probabilities in proportion to size."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

from intake.findings import Words
from sampling.probabilities.checks import check_count, refusal


def inclusion_probabilities(sizes: ArrayLike, n: int) -> NDArray[np.float64]:
    """Return probabilities proportional to size that sum to ``n``, none above one.

    Units that would exceed one are set to one and the others worked out anew.

    Raises
    ------
    DesignError
        A size is negative or not finite, or fewer than ``n`` units have a positive size.

    Examples
    --------
    >>> inclusion_probabilities([1, 1, 2, 20], 2).tolist()
    [0.25, 0.25, 0.5, 1.0]
    """
    values = np.asarray(sizes, dtype=np.float64)
    if values.ndim != 1 or not np.isfinite(values).all() or (values < 0).any():
        raise refusal(
            "selection-sizes-invalid",
            Words("Quy mô phải là số không âm.", "Sizes must be finite and not negative."),
        )
    check_count(n, int((values > 0).sum()))
    probabilities = np.zeros(len(values))
    open_units = values > 0
    while True:
        left = n - int((~open_units & (values > 0)).sum())
        total = values[open_units].sum()
        if left <= 0 or total == 0:
            break
        probabilities[open_units] = values[open_units] * (left / total)
        large = open_units & (probabilities >= 1.0)
        if not large.any():
            break
        probabilities[large] = 1.0
        open_units &= ~large
    return probabilities
