"""Balanced sets of half-samples: Hadamard matrices of any order that balance needs.

Row and column products of a Hadamard matrix vanish, which makes a few half-samples reproduce
the variance that all of them together would give. Entries are +1 and -1, the first row +1.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy import linalg

Signs = NDArray[np.int8]


def balanced(strata: int) -> Signs:
    """Return the smallest matrix known here with more rows than there are strata.

    Orders are multiples of four: powers of two (Sylvester), one above a prime that leaves 3
    modulo 4, twice one above a prime that leaves 1 (Paley), and doublings of these.

    Parameters
    ----------
    strata
        Pairs of primary units, at least 1.

    Returns
    -------
    numpy.ndarray
        Shape (order, order), order > ``strata``; +1 and -1, the first row +1.

    References
    ----------
    Wolter, K. M. (2007). Introduction to Variance Estimation, 2nd ed., appendix A.
    Paley, R. E. A. C. (1933). On orthogonal matrices. J. Math. Phys. 12, 311-320.

    Examples
    --------
    >>> balanced(3)[:, 1].tolist()
    [1, -1, 1, -1]
    >>> balanced(8).shape
    (12, 12)
    """
    order = 4 * (strata // 4 + 1)
    while (found := _of_order(order)) is None:
        order += 4
    return found


def _of_order(order: int) -> Signs | None:
    if order & (order - 1) == 0:
        return np.asarray(linalg.hadamard(order), dtype=np.int8)
    half = _of_order(order // 2) if order % 8 == 0 else None
    if half is not None:
        return np.block([[half, half], [half, -half]]).astype(np.int8)
    if order % 4 == 0 and _is_prime(order - 1):
        return _paley(order - 1)
    if order % 4 == 0 and _is_prime(order // 2 - 1) and (order // 2 - 1) % 4 == 1:
        return _paley_double(order // 2 - 1)
    return None


def _paley(prime: int) -> Signs:
    """Order prime + 1, for a prime that leaves 3 modulo 4; symmetric."""
    signs = np.ones((prime + 1, prime + 1), dtype=np.int8)
    number = np.arange(prime)
    square = np.zeros(prime, dtype=bool)
    square[number * number % prime] = True
    signs[1:, 1:] = np.where(square[np.add.outer(number, number) % prime], -1, 1)
    return signs


def _paley_double(prime: int) -> Signs:
    """Order 2 (prime + 1), for a prime that leaves 1 modulo 4; columns turned to start at +1."""
    number = np.arange(prime)
    square = np.zeros(prime, dtype=bool)
    square[number * number % prime] = True
    character = np.where(square, 1, -1)
    character[0] = 0
    conference = np.ones((prime + 1, prime + 1), dtype=np.int8)
    conference[0, 0] = 0
    conference[1:, 1:] = character[np.subtract.outer(number, number) % prime]
    ones = np.eye(prime + 1, dtype=np.int8)
    signs = np.kron(conference, [[1, 1], [1, -1]]) + np.kron(ones, [[1, -1], [-1, -1]])
    return np.asarray(signs * signs[0], dtype=np.int8)


def _is_prime(number: int) -> bool:
    return number > 1 and all(number % part for part in range(2, int(number**0.5) + 1))
