"""What each driver adds to R² on average over all orders of entering: Shapley values (LMG).

R² of a set of drivers and its derivative both follow from the covariance matrix, so that all
models are solved from one pass over the rows. Up to `EXACT` drivers every set is solved; above,
orders are sampled with a seed. Values have no unit and add up to R².
"""

from __future__ import annotations

from dataclasses import dataclass
from math import comb

import numpy as np

from analysis.design import Flags, Floats, Integers

EXACT = 12
ORDERS = 1000
LEAST_BLOCKS = 30


@dataclass(frozen=True, eq=False)
class Sets:
    """Sets of drivers (s × p), and what each counts for each driver (p × s).

    ``orders`` leads from the sampled orders to the sets before and after each driver, for the
    error that sampling leaves; it is missing where every set is there.
    """

    held: Flags
    share: Floats
    orders: tuple[Integers, Integers] | None = None


def all_sets(size: int) -> Sets:
    """Return every set of drivers; the share of a set follows from its size alone.

    Examples
    --------
    >>> all_sets(2).share.tolist()
    [[-0.5, 0.5, -0.5, 0.5], [-0.5, -0.5, 0.5, 0.5]]
    """
    held = (np.arange(2**size)[:, None] >> np.arange(size)[None, :] & 1).astype(bool)
    count = held.sum(axis=1)
    # A driver that enters after k others does so in 1 / (p · C(p − 1, k)) of the cases.
    entering = np.array([1 / (size * comb(size - 1, k)) for k in range(size)] + [0.0])
    joined = entering[np.maximum(count - 1, 0)]
    share = np.where(held.T, joined[None, :], -entering[count][None, :])
    return Sets(held, share)


def sampled_sets(size: int, seed: int, orders: int = ORDERS) -> Sets:
    """Return the sets that sampled orders run through, in blocks of an order and its turns.

    In a block every driver stands once at every place, which is most of what differs.

    References
    ----------
    Castro, J., Gómez, D., Tejada, J. (2009). Polynomial calculation of the Shapley value based
    on sampling. Computers and Operations Research 36, 1726-1730.
    """
    rng = np.random.Generator(np.random.PCG64(seed))
    blocks = max(LEAST_BLOCKS, -(-orders // size))
    drawn = rng.permuted(np.tile(np.arange(size), (blocks, 1)), axis=1)
    turn = (np.arange(size)[:, None] + np.arange(size)[None, :]) % size
    drawn = drawn[:, turn].reshape(-1, size)
    place = np.argsort(drawn, axis=1)
    prefix = place[:, None, :] < np.arange(size + 1)[None, :, None]
    held, which = np.unique(prefix.reshape(-1, size), axis=0, return_inverse=True)
    which = which.reshape(len(drawn), size + 1)
    before = np.take_along_axis(which, place, axis=1)
    after = np.take_along_axis(which, place + 1, axis=1)
    share = np.zeros((size, len(held)))
    for driver in range(size):
        np.add.at(share[driver], after[:, driver], 1 / len(drawn))
        np.add.at(share[driver], before[:, driver], -1 / len(drawn))
    return Sets(held, share, (before, after))


def shapley(matrix: Floats, sets: Sets) -> tuple[Floats, Floats]:
    """Return the Shapley value of R² of each driver, and its derivative.

    Parameters
    ----------
    matrix
        Shape (p + 1, p + 1), covariances of the outcome (first) and the drivers.
    sets
        `all_sets` or `sampled_sets`.

    Notes
    -----
    The residual of a set A is the item c = (1, −b) with variance v = c'Sc. As b minimises v,
    dv = c' dS c, and R² = 1 − v / s.

    References
    ----------
    Lindeman, R. H., Merenda, P. F., Gold, R. Z. (1980). Introduction to bivariate and
    multivariate analysis. Shapley, L. S. (1953). A value for n-person games.

    Examples
    --------
    >>> matrix = np.array([[1.0, 0.6, 0.5], [0.6, 1.0, 0.2], [0.5, 0.2, 1.0]])
    >>> shapley(matrix, all_sets(2))[0].round(6)
    array([0.310208, 0.200208])
    """
    left = _residual_items(matrix, sets.held)
    variance = np.einsum("sa,ab,sb->s", left, matrix, left)
    total = matrix[0, 0]
    value = sets.share @ (1 - variance / total)
    slope = -np.einsum("ps,sa,sb->pab", sets.share, left, left, optimize=True) / total
    slope[:, 0, 0] += sets.share @ variance / total**2
    return value, slope


def sampling_error(matrix: Floats, sets: Sets) -> Floats:
    """Return the standard error that sampled orders leave in each value; zeros where exact."""
    if sets.orders is None:
        return np.zeros(len(sets.share))
    left = _residual_items(matrix, sets.held)
    explained = 1 - np.einsum("sa,ab,sb->s", left, matrix, left) / matrix[0, 0]
    before, after = sets.orders
    added = explained[after] - explained[before]
    size = added.shape[1]
    blocks = added.reshape(-1, size, size).mean(axis=1)
    return np.asarray(blocks.std(axis=0, ddof=1) / np.sqrt(len(blocks)))


def _residual_items(matrix: Floats, held: Flags) -> Floats:
    """Return (1, −b) of the regression on each set, zero for drivers outside it."""
    found = np.zeros((len(held), len(matrix)))
    found[:, 0] = 1.0
    count = held.sum(axis=1)
    for size in range(1, int(count.max()) + 1):
        which = np.flatnonzero(count == size)
        if not which.size:
            continue
        members = np.nonzero(held[which])[1].reshape(-1, size) + 1
        inner = matrix[members[:, :, None], members[:, None, :]]
        slopes = np.linalg.solve(inner, matrix[members, 0][:, :, None])[:, :, 0]
        found[which[:, None], members] = -slopes
    return found
