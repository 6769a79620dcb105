"""Fixed size, exact probabilities, one unit a step: Brewer, Tillé's elimination, Midzuno."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

from sampling.chance import Chance
from sampling.probabilities.certain import split
from sampling.probabilities.elimination import growth

Floats = NDArray[np.float64]


def brewer(pi: ArrayLike, rng: Chance) -> NDArray[np.int64]:
    """Return a sample by Brewer's draw-by-draw method for any size.

    At step r = 1 … n a unit not yet drawn is taken with probability proportional to
    πₖ (R − πₖ) / (R − πₖ (n − r + 1)), R the sum of π not yet drawn (Brewer 1975). Takes
    one uniform number per step, n less the certain units.

    Parameters
    ----------
    pi
        Shape (N,), 0 to 1, summing to a whole number.

    Returns
    -------
    numpy.ndarray
        Ascending positions. Pairs have no simple form for n > 2: name an approximation,
        ``joint_probabilities(pi, "brewer")``; for n = 2 they are Sampford's.

    Raises
    ------
    DesignError
        ``selection-probabilities-invalid``.

    Examples
    --------
    >>> from sampling.chance import Uniforms
    >>> brewer([0.2, 0.4, 0.6, 0.8], Uniforms("0" * 64, "a")).tolist()
    [0, 3]
    """
    parts = split(pi)
    rest = parts.pi.copy()
    drawn = []
    for step, u in enumerate(rng.random(parts.n).tolist()):
        left = float(rest.sum())
        chances = rest * (left - rest) / (left - rest * (parts.n - step))
        drawn.append(_pick(chances, u))
        rest[drawn[-1]] = 0.0
    return parts.join(np.array(drawn, dtype=np.int64))


def tille(pi: ArrayLike, rng: Chance) -> NDArray[np.int64]:
    """Return what is left when units are taken out one by one (Tillé 1996).

    From i + 1 units left, k goes with probability 1 − π(k, i) / π(k, i+1), π(k, i) being
    the probabilities in proportion to π for a sample of i, certainties iterated. Takes one
    uniform number per unit taken out.

    Parameters
    ----------
    pi
        Shape (N,), 0 to 1, summing to a whole number.

    Returns
    -------
    numpy.ndarray
        Ascending positions; pairs: ``joint_probabilities(pi, "tille")``.

    Raises
    ------
    DesignError
        ``selection-probabilities-invalid``.

    Examples
    --------
    >>> from sampling.chance import Uniforms
    >>> tille([0.2, 0.4, 0.6, 0.8], Uniforms("0" * 64, "a")).tolist()
    [2, 3]
    """
    parts = split(pi)
    return parts.join(np.flatnonzero(_left(parts.pi, parts.n, rng)))


def midzuno(pi: ArrayLike, rng: Chance) -> NDArray[np.int64]:
    """Return the units that Tillé's elimination with probabilities 1 − π takes out.

    Midzuno's (1952) draw, one unit in proportion to size and the others at random,
    carried over to any probabilities as the complement of elimination (Tillé 2006).
    Takes one uniform number per drawn unit.

    Parameters
    ----------
    pi
        Shape (N,), 0 to 1, summing to a whole number.

    Returns
    -------
    numpy.ndarray
        Ascending positions; pairs: ``joint_probabilities(pi, "midzuno")``.

    Raises
    ------
    DesignError
        ``selection-probabilities-invalid``.

    Examples
    --------
    >>> from sampling.chance import Uniforms
    >>> midzuno([0.2, 0.4, 0.6, 0.8], Uniforms("0" * 64, "a")).tolist()
    [0, 3]
    """
    parts = split(pi)
    if not parts.n:
        return parts.join(np.empty(0, dtype=np.int64))
    return parts.join(np.flatnonzero(~_left(1 - parts.pi, len(parts.pi) - parts.n, rng)))


def _left(pi: Floats, n: int, rng: Chance) -> NDArray[np.bool_]:
    """Return which units are left after elimination down to ``n``; chances in list order."""
    left = np.ones(len(pi), dtype=bool)
    if not n:
        return ~left
    order = np.argsort(-pi, kind="stable")
    back = np.empty_like(order)
    back[order] = np.arange(len(pi))
    grown = growth(pi[order], n)
    places = np.arange(len(pi))
    above = np.ones(len(pi))
    numbers = rng.random(len(pi) - n)
    for i, u in zip(range(len(pi) - 1, n - 1, -1), numbers.tolist(), strict=True):
        now = grown.at(i)[back[places]]
        gone = _pick(1.0 - now / above, u)
        left[places[gone]] = False
        places, above = np.delete(places, gone), np.delete(now, gone)
    return left


def _pick(chances: Floats, u: float) -> int:
    """Return a position with probability proportional to ``chances``."""
    ends = np.cumsum(chances.clip(0))
    # The last unit with a chance stands for everything above by rounding.
    last = int(np.searchsorted(ends, ends[-1], side="left"))
    return min(int(np.searchsorted(ends, u * ends[-1], side="right")), last)
