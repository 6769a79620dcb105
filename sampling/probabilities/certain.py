"""Units whose fate is sealed: certain ones, impossible ones, and those left to chance."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from sampling.probabilities.checks import check_probabilities

# A probability this near to one is one: the rest is rounding.
CERTAIN = 1.0 - 1e-12


@dataclass(frozen=True)
class Split:
    """A population of N units taken apart by what chance may still decide.

    ``certain`` and ``open`` are ascending positions, ``pi`` the probabilities of the open
    units (above 0, below 1), ``n`` how many of the open units are to be drawn.
    """

    certain: NDArray[np.int64]
    open: NDArray[np.int64]
    pi: NDArray[np.float64]
    n: int

    def join(self, chosen: NDArray[np.int64]) -> NDArray[np.int64]:
        """Return the drawn positions, ascending, from positions among the open units."""
        return np.sort(np.concatenate([self.certain, self.open[chosen]]))


def split(pi: ArrayLike) -> Split:
    """Take a population apart; the probabilities must sum to a whole number.

    Examples
    --------
    >>> found = split([0.5, 1.0, 0.0, 0.5])
    >>> found.certain.tolist(), found.open.tolist(), found.n
    ([1], [0, 3], 1)
    """
    values = check_probabilities(pi)
    sure = values >= CERTAIN
    unsure = (values > 0) & ~sure
    n = round(float(values[unsure].sum()))
    if n and int(unsure.sum()) <= n:
        sure, unsure, n = sure | unsure, np.zeros(len(values), dtype=bool), 0
    places = np.flatnonzero(unsure).astype(np.int64)
    return Split(np.flatnonzero(sure).astype(np.int64), places, values[places], n)
