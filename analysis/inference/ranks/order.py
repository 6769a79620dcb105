"""Which value comes first, and what ties do to the ranks that follow.

Rank 1 is the highest value. Equal values share a rank and the next ranks are skipped, as in
published tables.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]


def rank(values: Sequence[float] | Floats) -> Floats:
    """Return the rank of each value, 1 for the highest; missing values have no rank.

    Examples
    --------
    >>> rank([80.0, 90.0, 80.0, 70.0]).tolist()
    [2.0, 1.0, 2.0, 4.0]
    """
    column = np.asarray(values, dtype=np.float64)
    ranks = np.full(column.shape, np.nan)
    known = np.isfinite(column)
    ranks[known] = from_the_top(column[known])
    return ranks


def from_the_top(values: Floats) -> Floats:
    """Return 1 for the largest value; ties share a rank and the next ranks are skipped."""
    return np.asarray(1.0 + np.searchsorted(np.sort(-values), -values), dtype=np.float64)


def ranks_by_row(values: Floats) -> NDArray[np.int64]:
    """Return the ranks within each row of values (rows × units), ties sharing the best one."""
    order = np.argsort(-values, axis=1, kind="stable")
    sorted_values = np.take_along_axis(values, order, axis=1)
    place = np.broadcast_to(np.arange(1, values.shape[1] + 1), values.shape).copy()
    place[:, 1:][sorted_values[:, 1:] == sorted_values[:, :-1]] = 0
    np.maximum.accumulate(place, axis=1, out=place)
    ranks = np.empty_like(place)
    np.put_along_axis(ranks, order, place, axis=1)
    return ranks.astype(np.int64)
