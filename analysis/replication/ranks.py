"""How many replicates say something new: the rank of replicate weights.

The rank minus one is the number of degrees of freedom that R survey gives to replicate
weights. A column counts when what the others do not explain exceeds 1e-5 of its length.
"""

from __future__ import annotations

from itertools import pairwise

import numpy as np
from scipy.linalg import lapack

from analysis.design import Floats, Integers

# Gram matrices hold squared lengths, so the share 1e-5 enters as its square.
_NEGLIGIBLE = 1e-10


def by_category(columns: Floats, category: Integers, categories: int) -> Integers:
    """Return the rank of the rows of each category (-1 belongs to none).

    Parameters
    ----------
    columns
        Shape (rows, R).
    category
        Shape (rows,).

    Examples
    --------
    >>> weights = np.array([[0.0, 2.0], [2.0, 0.0], [1.0, 1.0]])
    >>> by_category(weights, np.array([0, 0, 1]), 2).tolist()
    [2, 1]
    """
    order = np.argsort(category, kind="stable")
    ends = np.searchsorted(category[order], np.arange(categories + 1))
    if categories == 1 and ends[0] == 0 and ends[1] == len(category):
        return np.array([_rank(columns)], dtype=np.int64)
    parts = [_rank(columns[order[start:end]]) for start, end in pairwise(ends)]
    return np.array(parts, dtype=np.int64)


def _rank(columns: Floats) -> int:
    if not columns.size:
        return 0
    lengths = np.sqrt(np.einsum("ij,ij->j", columns, columns))
    kept = lengths > 0
    if not kept.any():
        return 0
    scaled = columns[:, kept] / lengths[kept]
    wide = scaled.shape[0] < scaled.shape[1]
    gram = scaled @ scaled.T if wide else scaled.T @ scaled
    *_, rank, _ = lapack.dpstrf(gram, tol=_NEGLIGIBLE * (gram.diagonal().max() if wide else 1.0))
    return int(rank)
