"""Which targets cannot hold together, when no weights reproduce them all.

A linear programme asks for factors within their bounds that reproduce all targets; where
there are none, its multipliers point at targets that contradict each other, and leaving these
out one by one finds a set of which every member is needed for the contradiction.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from typing import Any

import numpy as np
from scipy import sparse

from analysis.weighting.cells import JointCells
from analysis.weighting.diagnostics import Floats
from analysis.weighting.margins import Margin

_LARGEST_FILTER = 60
_SLACK = 1e-7
_CELLS = 2000


def culprits(system: Any, targets: Floats, lower: float, upper: float) -> list[int]:  # noqa: ANN401
    """Return targets that no factors within the bounds reproduce, each of them needed for it.

    Parameters
    ----------
    system
        Sparse (targets × cells): what a factor of 1 on each cell adds to each target.
    targets
        The totals wanted, one per row of the system.
    lower, upper
        Bounds of every factor; infinite for none.

    Returns
    -------
    list of int
        Positions of targets; empty where all can hold together.

    References
    ----------
    Chinneck, J. W., Dravnieks, E. W. (1991). Locating minimal infeasible constraint sets in
    linear programs. ORSA Journal on Computing 3, 157-168.

    Examples
    --------
    >>> system = sparse.csr_matrix([[1.0, 1.0, 0.0], [1.0, 1.0, 0.0], [0.0, 0.0, 1.0]])
    >>> culprits(system, np.array([2.0, 3.0, 5.0]), 0.0, np.inf)
    [0, 1]
    """
    slack, multipliers = _elastic(system, targets, lower, upper)
    if slack <= _SLACK:
        return []
    marked = [int(place) for place in np.flatnonzero(np.abs(multipliers) > 1e-7)]
    if len(marked) > _LARGEST_FILTER:
        return marked
    starts = [marked]
    if system.shape[0] <= _LARGEST_FILTER and system.shape[1] <= _CELLS // 2:
        starts.append(list(range(system.shape[0]))[::-1])
    found = [_filtered(system, targets, lower, upper, start) for start in starts]
    least = min(found, key=lambda places: len(places))
    return sorted(least)


def _filtered(
    system: Any,  # noqa: ANN401
    targets: Floats,
    lower: float,
    upper: float,
    start: list[int],
) -> list[int]:
    """Leave targets out one by one as long as the others still contradict each other."""
    kept = list(start)
    for place in start:
        rest = [other for other in kept if other != place]
        if rest and _elastic(system[rest], targets[rest], lower, upper)[0] > _SLACK:
            kept = rest
    return kept


def attainable(system: Any, targets: Floats, lower: float, upper: float) -> bool:  # noqa: ANN401
    """Say whether factors within the bounds reproduce all targets."""
    return _elastic(system, targets, lower, upper)[0] <= _SLACK


def nearest_bound(system: Any, targets: Floats, lower: float, upper: float, *, widen: str) -> float:  # noqa: ANN401
    """Return how far one bound must move, the other kept, for all targets to hold.

    ``widen`` is ``upper`` or ``lower``; the result is missing where no bound is enough.
    """
    cells = system.shape[1]
    sign = 1.0 if widen == "upper" else -1.0
    scaled, wanted = _scaled(system, targets)
    whole = sparse.hstack([scaled, sparse.csr_matrix((scaled.shape[0], 1))])
    limit = sparse.hstack([sign * sparse.eye(cells), -sign * np.ones((cells, 1))])
    fixed = (lower, None) if widen == "upper" else (None, upper)
    found = _solve(
        np.append(np.zeros(cells), sign), whole, wanted, [fixed] * cells + [(None, None)], limit
    )
    return float(found.x[-1]) if found.status == 0 else float("nan")


def unattainable(start: Floats, margins: Sequence[Margin], cells: JointCells) -> str:
    """Name the counts of margins that no positive weights on the cells reproduce together."""
    used = np.flatnonzero(start > 0)
    blocks, names, wanted = [], [], []
    for margin, category in zip(margins, cells.categories, strict=True):
        shape = (len(margin.targets), used.size)
        entries = (start[used], (category[used], np.arange(used.size)))
        blocks.append(sparse.csr_matrix(entries, shape=shape))
        names += [named(margin.name, label) for label in margin.labels]
        wanted.append(margin.targets)
    system, targets = sparse.vstack(blocks).tocsr(), np.concatenate(wanted)
    found = culprits(system, targets, 0.0, np.inf) or _at_the_edge(system, targets)
    return listed(names, targets, found)


def named(margin: str, label: str) -> str:
    """Return how messages name a category."""
    return f"{margin}={label}" if label else margin


def listed(names: Sequence[str], targets: Floats, places: Sequence[int]) -> str:
    """Return targets with their names, the first twenty of them."""
    shown = [f"“{names[place]}” ({targets[place]:,.10g})" for place in places[:20]]
    return ", ".join(shown)


def _at_the_edge(system: Any, targets: Floats) -> list[int]:  # noqa: ANN401
    """Return the targets that can only hold with a weight of zero on some cell."""
    cells = system.shape[1]
    scaled, wanted = _scaled(system, targets)
    whole = sparse.hstack([scaled, sparse.csr_matrix((scaled.shape[0], 1))])
    floor = sparse.hstack([-sparse.eye(cells), np.ones((cells, 1))])
    found = _solve(
        np.append(np.zeros(cells), -1.0), whole, wanted, [(0, None)] * cells + [(0, 1)], floor
    )
    if found.status != 0 or found.x[-1] > 1e-7:
        return []
    return [int(place) for place in np.flatnonzero(np.abs(found.eqlin.marginals) > 1e-9)]


def _elastic(system: Any, targets: Floats, lower: float, upper: float) -> tuple[float, Floats]:  # noqa: ANN401
    """Return the least sum of relative misses, and the multiplier of each target."""
    rows, cells = system.shape
    scaled, wanted = _scaled(system, targets)
    whole = sparse.hstack([scaled, sparse.eye(rows), -sparse.eye(rows)])
    cost = np.concatenate([np.zeros(cells), np.ones(2 * rows)])
    low = None if np.isinf(lower) else lower
    high = None if np.isinf(upper) else upper
    found = _solve(cost, whole, wanted, [(low, high)] * cells + [(0, None)] * (2 * rows))
    if found.status != 0:
        return 0.0, np.zeros(rows)
    return float(found.fun), np.asarray(found.eqlin.marginals)


def _scaled(system: Any, targets: Floats) -> tuple[Any, Floats]:  # noqa: ANN401
    size = np.maximum(np.abs(targets), np.asarray(abs(system).sum(axis=1)).ravel())
    size = np.where(size > 0, size, 1.0)
    return sparse.diags(1 / size) @ system, targets / size


def _solve(
    cost: Floats,
    system: Any,  # noqa: ANN401
    targets: Floats,
    bounds: Sequence[tuple[float | None, float | None]],
    limit: Any = None,  # noqa: ANN401
) -> Any:  # noqa: ANN401
    from scipy.optimize import linprog

    return linprog(
        cost,
        A_ub=None if limit is None else sparse.csr_matrix(limit),
        b_ub=None if limit is None else np.zeros(limit.shape[0]),
        A_eq=sparse.csr_matrix(system),
        b_eq=targets,
        bounds=bounds,
        method="highs",
    )


def condensed(matrix: Any, weights: Floats) -> Any:  # noqa: ANN401
    """Return the system (targets × cells) of a long table, its rows brought into fewer cells.

    Rows that agree in their indicators and lie next to one another in the other columns share
    a cell; the ends of each run stay alone, since they decide what can be attained. What such
    cells attain, the rows attain as well.
    """
    used = np.flatnonzero(weights > 0)
    own, held = matrix[used].tocsc(), weights[used]
    if used.size <= _CELLS:
        return (sparse.diags(held) @ own).T.tocsr()
    flags = np.array(
        [bool((own.data[start:end] == 1).all()) for start, end in pairwise(own.indptr)]
    )
    marks = np.sqrt(np.arange(2.0, 2.0 + int(flags.sum())))
    pattern = np.unique(np.round(own[:, flags] @ marks, 9), return_inverse=True)[1]
    along = np.asarray(own[:, ~flags].sum(axis=1)).ravel()
    order = np.lexsort((along, pattern))
    fresh = np.diff(pattern[order], prepend=-1) != 0
    last = np.append(fresh[1:], True)
    start = fresh | np.append(False, fresh[:-1]) | last
    start |= np.arange(used.size) % max(1, used.size // _CELLS) == 0
    cell = np.cumsum(start) - 1
    gather = sparse.csr_matrix((held[order], (cell, order)), shape=(int(cell[-1]) + 1, used.size))
    return (gather @ own).T.tocsr()
