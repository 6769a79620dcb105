"""Fixed size, unequal probabilities, as little order as possible: Sampford, maximum entropy.

Both are conditional Poisson samples at heart (one of Sampford's units is drawn first), and
those are drawn here unit by unit down the list, each with its probability given how many
are still wanted (the list-sequential form of Chen, Dempster and Liu 1994). No attempt is ever
rejected, so the time does not depend on luck or on how hard the population is: N × n
additions, whatever the probabilities.
"""

from __future__ import annotations

import itertools
import math

import numpy as np
from numpy.typing import ArrayLike, NDArray

from sampling.chance import Chance
from sampling.probabilities.certain import split
from sampling.probabilities.conditional_poisson import fit_chances, transform

Floats = NDArray[np.float64]


def maximum_entropy(pi: ArrayLike, rng: Chance) -> NDArray[np.int64]:
    """Return a conditional Poisson sample with exactly the given probabilities.

    Of all designs with these probabilities and this size the one of largest entropy
    (Hájek 1964; Chen, Dempster and Liu 1994). Takes one uniform number per unit that is
    neither certain nor impossible.

    Parameters
    ----------
    pi
        Shape (N,), 0 to 1, summing to a whole number.

    Returns
    -------
    numpy.ndarray
        Ascending positions; pairs: ``joint_probabilities(pi, "maximum_entropy")``.

    Raises
    ------
    DesignError
        ``selection-probabilities-invalid``.

    Examples
    --------
    >>> from sampling.chance import Uniforms
    >>> maximum_entropy([0.2, 0.4, 0.6, 0.8], Uniforms("0" * 64, "a")).tolist()
    [1, 2]
    """
    parts = split(pi)
    u = rng.random(len(parts.pi))
    if not parts.n:
        return parts.join(np.empty(0, dtype=np.int64))
    return parts.join(_down_the_list(fit_chances(parts.pi, parts.n), parts.n, u))


def sampford(pi: ArrayLike, rng: Chance) -> NDArray[np.int64]:
    """Return a sample by the design of Rao and Sampford with the given probabilities.

    P(s) ∝ Σ_s (1 − πₖ) × Π_s πₖ / (1 − πₖ) (Sampford 1967). His own way draws with
    replacement until all n units differ, which for large samples never happens. The same
    P(s) has a first unit k with probability ∝ (1 − πₖ) × P(k is drawn | n are drawn) under
    independent trials of chances π, and n − 1 others as trials given their number; that is
    how it is drawn, without rejection. Takes one uniform number for the first unit and one
    for each unit that is neither certain nor impossible.

    Parameters
    ----------
    pi
        Shape (N,), 0 to 1, summing to a whole number.

    Returns
    -------
    numpy.ndarray
        Ascending positions; pairs: ``joint_probabilities(pi, "sampford")``.

    Raises
    ------
    DesignError
        ``selection-probabilities-invalid``.

    Examples
    --------
    >>> from sampling.chance import Uniforms
    >>> sampford([0.2, 0.4, 0.6, 0.8], Uniforms("0" * 64, "a")).tolist()
    [1, 2]
    """
    parts = split(pi)
    first, u = rng.random(), rng.random(len(parts.pi))
    if not parts.n:
        return parts.join(np.empty(0, dtype=np.int64))
    held = transform(parts.pi, parts.n)
    ends = np.cumsum((1 - parts.pi) * held.mean(held.members).clip(0))
    k = min(int(np.searchsorted(ends, first * ends[-1], side="right")), len(u) - 1)
    others = np.delete(np.arange(len(u)), k)
    more = others[_down_the_list(parts.pi[others], parts.n - 1, u[others])]
    return parts.join(np.append(more, k))


def _down_the_list(p: Floats, n: int, u: Floats) -> NDArray[np.int64]:
    """Return n positions: trials of chances ``p`` down the list, given that n succeed.

    With T(k, m) the probability that the units from k on give m successes, the unit k is
    taken with probability p(k) T(k+1, m−1) / T(k, m) when m are still wanted. The table T
    is kept for every √N-th unit and made again between two of them.
    """
    held = len(p)
    block = max(math.isqrt(held), 1)
    corners = [np.append(1.0, np.zeros(n))]
    bounds = [*range(0, held, block), held]
    for low, high in reversed(list(itertools.pairwise(bounds))):
        corners.append(_tails(p[low:high], corners[-1])[0])
    corners.reverse()
    taken: list[int] = []
    for number, (low, high) in enumerate(itertools.pairwise(bounds)):
        if len(taken) == n:
            break
        tails = _tails(p[low:high], corners[number + 1])
        for k in range(low, high):
            wanted = n - len(taken)
            if wanted and (
                held - k == wanted
                or u[k] * tails[k - low, wanted] < p[k] * tails[k - low + 1, wanted - 1]
            ):
                taken.append(k)
    return np.array(taken, dtype=np.int64)


def _tails(p: Floats, after: Floats) -> Floats:
    """Return the rows T(k, ·) for the units of a block and, last, for the unit after it."""
    rows = np.empty((len(p) + 1, len(after)))
    rows[-1] = after
    for k in range(len(p) - 1, -1, -1):
        np.multiply(rows[k + 1], 1 - p[k], out=rows[k])
        rows[k, 1:] += p[k] * rows[k + 1, :-1]
    return rows
