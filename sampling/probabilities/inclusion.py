"""Inclusion probabilities in proportion to size."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

from sampling.probabilities.checks import check_count, check_sizes

# Relative rounding up to which a fractional size counts as equal to the interval.
TIE = 1e-12


def inclusion_probabilities(sizes: ArrayLike, n: int) -> NDArray[np.float64]:
    """Return probabilities proportional to size that sum to ``n``, none above one.

    A unit at least as large as the interval (the total of the sizes over ``n``) is
    certain: its probability is one, and the interval of the others is worked out anew
    without it, until no unit is as large (Särndal, Swensson and Wretman 1992, section
    3.6). With the sizes sorted downwards that is the smallest k for which
    x[k] (n − k) < x[k] + x[k+1] + …; it is found in one pass. Whole sizes are compared in
    whole numbers; fractional sizes are called equal within 1e-12 of themselves.

    Parameters
    ----------
    sizes
        Shape (N,), finite, 0 or above; any unit of measure. Size 0 gives probability 0.
    n
        Units to draw, at most the number of positive sizes.

    Returns
    -------
    numpy.ndarray
        Shape (N,), in the order given; certain units have exactly 1.0.

    Raises
    ------
    DesignError
        ``selection-sizes-invalid``: a size is negative, missing, infinite or text;
        ``selection-count-invalid``: fewer than ``n`` units have a positive size.

    Examples
    --------
    >>> inclusion_probabilities([1, 1, 2, 20], 2).tolist()
    [0.25, 0.25, 0.5, 1.0]
    """
    values = check_sizes(sizes)
    positive = values > 0
    held = int(positive.sum())
    n = check_count(n, held)
    if n == held:
        return positive.astype(np.float64)
    if n == 0:
        return np.zeros(len(values))
    top = np.argpartition(values, len(values) - n)[len(values) - n :]
    top = top[np.argsort(-values[top], kind="stable")]
    certain, share = _certain(sizes, values, top)
    probabilities: NDArray[np.float64] = np.minimum(values / values[top[0]] * share, 1.0)
    probabilities[top[:certain]] = 1.0
    return probabilities


def _certain(
    sizes: ArrayLike, values: NDArray[np.float64], top: NDArray[np.intp]
) -> tuple[int, float]:
    """Return how many are certain, and the probability of a unit as large as the largest."""
    n, largest = len(top), float(values[top[0]])
    given = np.asarray(sizes)
    exact = given.dtype.kind in "iu" and largest * max(len(given), n) < 2**62
    held = given.astype(np.int64) if exact else values / largest
    large = held[top]
    rest = held.sum() - large.sum() if exact else np.delete(held, top).sum()
    tails = np.cumsum(large[::-1])[::-1] + rest
    reach = large * np.arange(n, 0, -1)
    below = reach < tails if exact else reach < tails * (1 - TIE)
    certain = int(np.argmax(below)) if below.any() else n
    # All n certain beside a positive rest is rounding: the rest keeps its tiny share.
    step = min(certain, n - 1)
    total = float(tails[step]) / (largest if exact else 1.0)
    return certain, (n - step) / total


def certainty_units(sizes: ArrayLike, n: int) -> NDArray[np.int64]:
    """Return the ascending positions of the units that are certain to be drawn.

    Parameters and errors are those of ``inclusion_probabilities``.

    Examples
    --------
    >>> certainty_units([100, 40, 10, 10], 3).tolist()
    [0, 1]
    """
    return np.flatnonzero(inclusion_probabilities(sizes, n) == 1.0).astype(np.int64)
