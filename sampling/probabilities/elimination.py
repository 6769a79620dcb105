"""How probabilities grow with the sample size: the basis of drawing by elimination.

Tillé (1996) starts from all N units and takes one out at a time; the unit k leaves the
sample of i + 1 units with probability 1 − π(k, i) / π(k, i+1), where π(k, i) are the
probabilities in proportion to π for samples of i. Units sorted downwards become certain
one after the other as i grows, so that two vectors describe all these probabilities.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Growth:
    """Probabilities for samples of n … N units, from probabilities sorted downwards.

    ``certain[i − n]`` units are certain in a sample of i, ``rate[i − n]`` is the factor
    that makes the others' probabilities.
    """

    pi: Floats
    n: int
    certain: NDArray[np.int64]
    rate: Floats

    def at(self, i: int) -> Floats:
        """Return π(k, i) of all units."""
        found: Floats = self.pi * self.rate[i - self.n]
        found[: self.certain[i - self.n]] = 1.0
        np.minimum(found, 1.0, out=found)
        return found


def growth(pi: Floats, n: int) -> Growth:
    """Return the probabilities by sample size of ``pi`` (N,), sorted downwards, N > n.

    The unit c is the first that is not certain in a sample of i when c is the smallest
    with i < c + T(c) / π(c), T(c) the sum of π from c on; the right side never falls.
    """
    held = len(pi)
    tails = np.cumsum(pi[::-1])[::-1]
    limits = np.arange(held) + tails / pi
    sizes = np.arange(n, held + 1)
    # A limit that equals a whole number up to rounding makes the unit certain.
    certain = np.searchsorted(np.maximum.accumulate(limits), sizes * (1 + 1e-12), side="right")
    # While units are left, one place at least is left to chance.
    certain = np.minimum(certain, sizes - 1)
    # The sample of n has the given probabilities, the sample of N holds everyone.
    certain[0], certain[-1] = 0, held
    beyond = np.append(tails, 1.0)[certain]
    rate = (sizes - certain) / beyond
    rate[0] = 1.0
    return Growth(pi, n, certain.astype(np.int64), rate)


def survival_pairs(pi: Floats, n: int) -> Floats:
    """Return the probabilities (N, N) that two units are both left at size ``n``.

    Π over i of (1 − v(k,i) − v(l,i)), v the chances of leaving (Tillé 1996). Both factors
    are 1 while both units are certain; once both are open the factors are the same for
    all such pairs, and while only l is open they telescope to π(l, i). So the product is
    π(l, τ+1) × (factor at τ) × (common factors below τ), τ being the size at which the
    larger unit k opens.
    """
    grown = growth(pi, n)
    held = len(pi)
    # The largest size at which each unit is open, counted from n.
    opens = np.searchsorted(grown.certain, np.arange(held), side="right") - 1
    # From N to N − 1 no unit was open before.
    common = np.append(1.0 - grown.rate[:-2] / grown.rate[1:-1], 0.0)
    factors = np.maximum(1.0 - 2.0 * common, 0.0)
    below = np.append(1.0, np.cumprod(factors))
    found = np.empty((held, held))
    for k in range(held):
        step = int(opens[k])
        now, above = grown.at(n + step)[k:], grown.at(n + step + 1)[k:]
        left = 1.0 - now / above
        found[k, k:] = above * np.maximum(1.0 - left[0] - left, 0.0) * below[step]
        found[k:, k] = found[k, k:]
    np.fill_diagonal(found, pi)
    return found
