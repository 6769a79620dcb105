"""Products with a tall matrix, a block of rows at a time.

A block stays in the cache of one processor, no copy of the matrix is made, and the linear
algebra library has no reason to wake threads that would wait for each other.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from analysis.design import Floats

BLOCK = 4096


def blocks(start: int, stop: int) -> Iterator[slice]:
    """Return slices that cover the rows from ``start`` to ``stop``.

    Examples
    --------
    >>> list(blocks(0, 5000))
    [slice(0, 4096, None), slice(4096, 5000, None)]
    """
    for first in range(start, stop, BLOCK):
        yield slice(first, min(first + BLOCK, stop))


def times(x: Floats, vector: Floats) -> Floats:
    """Return X b.

    Examples
    --------
    >>> times(np.array([[1.0, 2.0], [3.0, 4.0]]), np.array([1.0, 1.0])).tolist()
    [3.0, 7.0]
    """
    found = np.empty(len(x))
    for rows in blocks(0, len(x)):
        np.dot(x[rows], vector, out=found[rows])
    return found


def sums(x: Floats, rows_by: Floats) -> Floats:
    """Return X' r.

    Examples
    --------
    >>> sums(np.array([[1.0, 2.0], [3.0, 4.0]]), np.array([1.0, 1.0])).tolist()
    [4.0, 6.0]
    """
    found = np.zeros(x.shape[1])
    for rows in blocks(0, len(x)):
        found += rows_by[rows] @ x[rows]
    return found


def gram(x: Floats, weights: Floats) -> Floats:
    """Return X' W X.

    Examples
    --------
    >>> gram(np.array([[1.0, 2.0], [3.0, 4.0]]), np.array([1.0, 2.0])).tolist()
    [[19.0, 26.0], [26.0, 36.0]]
    """
    found = np.zeros((x.shape[1], x.shape[1]))
    buffer = np.empty((min(BLOCK, len(x)), x.shape[1]))
    for rows in blocks(0, len(x)):
        part = x[rows]
        scaled = buffer[: len(part)]
        np.multiply(part, weights[rows, None], out=scaled)
        found += part.T @ scaled
    return found
