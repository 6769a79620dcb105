"""Systematic samples in proportion to size."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

from intake.findings import Words
from sampling.chance import Chance
from sampling.probabilities.certain import split
from sampling.probabilities.checks import refusal

ORDERS = ("given", "random")


def pps_systematic(pi: ArrayLike, rng: Chance, *, order: str = "given") -> NDArray[np.int64]:
    """Return the positions drawn systematically with the given inclusion probabilities.

    The probabilities are laid end to end; a unit is drawn when one of the points u, u + 1,
    … falls on it (Madow 1949). Certain units are drawn beforehand.

    Parameters
    ----------
    pi
        Shape (N,), 0 to 1, summing to a whole number within 1e-6.
    rng
        Source of uniform numbers. Order ``given`` takes one; ``random`` takes one per unit
        that is neither certain nor impossible, then one for the start.
    order
        ``given``: as they stand, sorted by the caller (implicit stratification; joint
        probabilities ``systematic``, many of them 0). ``random``: shuffled first
        (joint probabilities approximately ``hajek``).

    Returns
    -------
    numpy.ndarray
        Ascending positions, as many as ``pi`` sums to.

    Raises
    ------
    DesignError
        ``selection-probabilities-invalid``: a probability lies outside 0 … 1, or the sum
        is not a whole number; ``selection-order-unknown``.

    Examples
    --------
    >>> from sampling.chance import Uniforms
    >>> pps_systematic([0.2, 0.4, 0.6, 0.8], Uniforms("0" * 64, "a")).tolist()
    [2, 3]
    """
    if order not in ORDERS:
        raise refusal(
            "selection-order-unknown",
            Words(f"Không có thứ tự {order!r}.", f"There is no order {order!r}."),
            Words("Chọn given hoặc random.", "Choose given or random."),
            path="order",
        )
    parts = split(pi)
    held, n = len(parts.pi), parts.n
    laid = np.argsort(rng.random(held), kind="stable") if order == "random" else np.arange(held)
    start = rng.random()
    if not n:
        return parts.join(np.empty(0, dtype=np.int64))
    ends = np.cumsum(parts.pi[laid])
    # Rounding must not push the last point beyond the end.
    ends[-1] = n
    return parts.join(laid[np.searchsorted(ends, start + np.arange(n), side="right")])
