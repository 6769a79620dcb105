"""The joint cells of several margins, on which raking and its variance are worked out.

Rows that share the categories of all margins get the same factor. Summed into joint cells
once, a million rows become a few hundred numbers, and everything after that costs nothing.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from analysis.weighting.diagnostics import Floats
from analysis.weighting.margins import Margin, weighted_counts

Integers = NDArray[np.int64]
_DIRECT = 65_536


@dataclass(frozen=True, eq=False)
class JointCells:
    """The cell of each row, and the category of each cell in each margin."""

    of_row: Integers
    categories: tuple[Integers, ...]
    size: int

    def sums(self, weights: Floats) -> Floats:
        """Return the weight of each cell."""
        return weighted_counts(self.of_row, weights, self.size)


def joint_cells(margins: Sequence[Margin]) -> JointCells:
    """Cross the margins; cells without rows may occur and have weight zero.

    Examples
    --------
    >>> first = Margin("a", ("x", "y"), np.array([0, 1, 1]), np.ones(2))
    >>> second = Margin("b", ("u", "v"), np.array([0, 0, 1]), np.ones(2))
    >>> cells = joint_cells([first, second])
    >>> cells.of_row.tolist(), cells.size
    ([0, 2, 3], 4)
    """
    widths = [len(margin.targets) for margin in margins]
    key = margins[0].category
    size = widths[0]
    found: list[Integers] = [np.arange(size, dtype=np.int64)]
    limit = max(_DIRECT, key.size // 4)
    for margin, width in zip(margins[1:], widths[1:], strict=True):
        key = key * width
        key += margin.category
        kept = np.arange(size * width if size * width <= limit else 0, dtype=np.int64)
        if size * width > limit:
            kept, dense = np.unique(key, return_inverse=True)
            key = np.asarray(dense, dtype=np.int64)
        found = [categories[kept // width] for categories in found]
        found.append(kept % width)
        size = int(kept.size)
    return JointCells(key, tuple(found), size)
