"""Every unit equally likely: simple random and systematic samples."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from sampling.chance import Chance
from sampling.probabilities.checks import check_count, check_probabilities, check_whole


def srs(N: int, n: int, rng: Chance) -> NDArray[np.int64]:  # noqa: N803
    """Return ``n`` positions out of ``N``, every set equally likely, ascending.

    Floyd's algorithm (Bentley and Floyd 1987): for j = N − n … N − 1 take a number t of
    0 … j, or j itself where t is taken already. Takes ``n`` uniform numbers.

    Parameters
    ----------
    N, n
        Units held and units to draw, 0 ≤ n ≤ N.
    rng
        Source of uniform numbers; only ``rng.random`` is used.

    Raises
    ------
    DesignError
        ``selection-count-invalid``.

    Examples
    --------
    >>> from sampling.chance import Uniforms
    >>> srs(1000, 3, Uniforms("0" * 64, "a")).tolist()
    [105, 110, 643]
    """
    held = check_whole(N, "N")
    n = check_count(n, held)
    above = np.arange(held - n, held)
    # A double has 53 bits: one number of 0 … j is likelier than another by at most j/2^53.
    tried = np.minimum((rng.random(n) * (above + 1)).astype(np.int64), above)
    taken: set[int] = set()
    for last, number in zip(above.tolist(), tried.tolist(), strict=True):
        taken.add(last if number in taken else number)
    return np.array(sorted(taken), dtype=np.int64)


def srs_with_replacement(N: int, n: int, rng: Chance) -> NDArray[np.int64]:  # noqa: N803
    """Return ``n`` positions out of ``N``, each drawn independently of the others.

    A position comes out as often as it was drawn, in ascending order; the expected number
    of times is n/N. Takes ``n`` uniform numbers. Errors as ``srs``, but ``n`` may exceed
    ``N``.

    Examples
    --------
    >>> from sampling.chance import Uniforms
    >>> srs_with_replacement(4, 5, Uniforms("0" * 64, "a")).tolist()
    [0, 0, 0, 2, 3]
    """
    held = check_whole(N, "N")
    n = check_whole(n, "n")
    if n and not held:
        check_count(n, held)
    drawn = (rng.random(n) * held).astype(np.int64)
    return np.sort(np.minimum(drawn, max(held - 1, 0)))


def systematic(N: int, n: int, rng: Chance) -> NDArray[np.int64]:  # noqa: N803
    """Return ``n`` positions at equal fractional distances from a random start.

    The whole parts of (u + j) N/n for j = 0 … n − 1: every unit has probability n/N
    whether or not n divides N (fractional interval; Murthy 1967). Takes one uniform
    number; errors as ``srs``.

    Examples
    --------
    >>> from sampling.chance import Uniforms
    >>> systematic(10, 4, Uniforms("0" * 64, "a")).tolist()
    [1, 4, 6, 9]
    """
    held = check_whole(N, "N")
    n = check_count(n, held)
    points = (rng.random() + np.arange(n)) * (held / n) if n else np.empty(0)
    return np.minimum(points.astype(np.int64), max(held - 1, 0))


def systematic_circular(N: int, n: int, rng: Chance) -> NDArray[np.int64]:  # noqa: N803
    """Return ``n`` positions around a circle of ``N``, from a start anywhere on it.

    The start r is one of the N units, each equally likely; drawn are r + ⌊j N/n⌋ modulo N
    for j = 0 … n − 1. Every unit has probability n/N. Where n divides N, or nearly, this
    is Lahiri's circular systematic sampling (Cochran 1977, chapter 8); elsewhere the
    interval keeps its fraction, since a rounded one bunches the sample (rounded down) or
    can hit a unit twice (rounded up). Takes one uniform number; errors as ``srs``.

    Returns
    -------
    numpy.ndarray
        Shape (n,), ascending.

    Examples
    --------
    >>> from sampling.chance import Uniforms
    >>> systematic_circular(10, 4, Uniforms("0" * 64, "a")).tolist()
    [1, 3, 6, 8]
    """
    held = check_whole(N, "N")
    n = check_count(n, held)
    if not n:
        return np.empty(0, dtype=np.int64)
    start = min(int(rng.random() * held), held - 1)
    return np.sort((start + np.arange(n) * held // n) % held).astype(np.int64)


def bernoulli(N: int, p: float, rng: Chance) -> NDArray[np.int64]:  # noqa: N803
    """Return the positions of ``N`` units that come up in trials of chance ``p`` each.

    The number drawn is left to chance, N p on average (Särndal, Swensson and Wretman
    1992, section 3.2). Takes ``N`` uniform numbers.

    Raises
    ------
    DesignError
        ``selection-count-invalid``; ``selection-probabilities-invalid``: ``p`` lies
        outside 0 … 1.

    Examples
    --------
    >>> from sampling.chance import Uniforms
    >>> bernoulli(6, 0.5, Uniforms("0" * 64, "a")).tolist()
    [1, 2, 4]
    """
    held = check_whole(N, "N")
    chance = check_probabilities([p], whole=False)[0]
    return np.flatnonzero(rng.random(held) < chance).astype(np.int64)
