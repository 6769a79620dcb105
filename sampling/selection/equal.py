"""Every unit equally likely: simple random and systematic samples."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from sampling.probabilities.checks import check_count


def srs(N: int, n: int, rng: np.random.Generator) -> NDArray[np.int64]:  # noqa: N803
    """Return ``n`` positions out of ``N``, every set equally likely, ascending."""
    check_count(n, N)
    return np.sort(rng.choice(N, size=n, replace=False)).astype(np.int64)


def systematic(N: int, n: int, rng: np.random.Generator) -> NDArray[np.int64]:  # noqa: N803
    """Return ``n`` positions at equal fractional distances from a random start."""
    check_count(n, N)
    points = (rng.random() + np.arange(n)) * (N / n) if n else np.empty(0)
    return np.minimum(points.astype(np.int64), N - 1)
