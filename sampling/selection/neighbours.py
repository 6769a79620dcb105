"""Nearest units among those still undecided, while units leave one after the other.

Units with equal coordinates form a *site*. A search tree over the sites (scipy's ``cKDTree``)
gives, for many sites at once, a list of the nearest other sites; the tree is made anew over the
sites still held when half of them have gone. Within a site the units are linked in the order of
their positions, so that thousands of units at one point cost no more than elsewhere.

Squared distances are the sums of squared coordinate differences, added in the order of the
columns, in double precision. **Equal squared distances: the unit with the lower position comes
first.** The answers do not depend on how the lists are made.
"""

from __future__ import annotations

from collections.abc import Iterator
from heapq import merge

import numpy as np
from numpy.typing import NDArray

Row = tuple[list[int], list[float], float]
"""Sites, their squared distances ascending, and up to where no site is missing."""

Lists = tuple[NDArray[np.int32], NDArray[np.float64], NDArray[np.float64]]
"""The same for many sites, one row each."""

SHORT = 16
"""Lists of at most this length are made for all sites at once, longer ones as they come."""

LIST_ENTRIES = 500_000
"""Longer lists are made for as many sites as have so many entries together."""

PIECE = 50_000
"""So many entries at a time are sorted."""

MARGIN = 1 - 1e-12
"""The tree and this module may round a distance differently by so much."""


def _sites_of(points: NDArray[np.float64]) -> tuple[NDArray[np.float64], list[int]]:
    """Return the different points in the order of their first unit, and the site of each unit."""
    different, first, site = np.unique(points, axis=0, return_index=True, return_inverse=True)
    order = np.argsort(first, kind="stable")
    number = np.empty(len(order), dtype=np.int64)
    number[order] = np.arange(len(order))
    return different[order], number[site.reshape(-1)].tolist()


class Neighbours:
    """The units still undecided, each with its nearest others.

    Parameters
    ----------
    points : array (N, d)
    units : list of int
        The positions of the undecided units, ascending.
    length : int
        How many other sites a list holds.
    """

    def __init__(self, points: NDArray[np.float64], units: list[int], length: int) -> None:
        self._sites, sites = _sites_of(points[units] + 0.0)
        nothing = [-1] * len(points)
        self._site, self._next, self._previous = nothing.copy(), nothing.copy(), nothing
        self._first: list[int] = [-1] * len(self._sites)
        last = self._first.copy()
        for unit, at in zip(units, sites, strict=True):
            self._site[unit] = at
            if last[at] < 0:
                self._first[at] = unit
            else:
                self._next[last[at]], self._previous[unit] = unit, last[at]
            last[at] = unit
        self._length = length
        self._held = len(self._sites)
        self._rebuild()

    def remove(self, unit: int) -> None:
        """Take out a unit that is decided."""
        before, after = self._previous[unit], self._next[unit]
        if after >= 0:
            self._previous[after] = before
        if before >= 0:
            self._next[before] = after
        else:
            self._first[self._site[unit]] = after
            self._held -= after < 0

    def nearest(self, unit: int) -> tuple[int, float]:
        """Return the nearest other undecided unit and its squared distance."""
        at = self._site[unit]
        first = self._first[at]
        if first != unit:
            return first, 0.0
        if self._next[unit] >= 0:
            return self._next[unit], 0.0
        sites, squared = next(self._groups(at))
        if len(sites) == 1:
            return self._first[sites[0]], squared
        return min(self._first[other] for other in sites), squared

    def walk(self, unit: int) -> Iterator[int]:
        """Return the other undecided units by distance, then position.

        No unit may be removed while the walk lasts.
        """
        at, following = self._site[unit], self._next
        for other in self._members(at):
            if other != unit:
                yield other
        for sites, _ in self._groups(at):
            if len(sites) == 1:
                other = self._first[sites[0]]
                while other >= 0:
                    yield other
                    other = following[other]
            else:
                yield from merge(*(self._members(site) for site in sites))

    def _members(self, site: int) -> Iterator[int]:
        unit = self._first[site]
        while unit >= 0:
            yield unit
            unit = self._next[unit]

    def _groups(self, at: int) -> Iterator[tuple[list[int], float]]:
        """Return the other sites held by distance, those at equal distance together."""
        if self._held * 2 < len(self._ids):
            self._rebuild()
        first, reached, length = self._first, -1.0, self._length
        while True:
            sites, squares, end = self._row(at, length)
            group: list[int] = []
            here = reached
            for other, squared in zip(sites, squares, strict=True):
                if squared >= end:
                    break
                if squared > here:
                    if group:
                        yield group, here
                    group, here = [], squared
                if squared > reached and first[other] >= 0:
                    group.append(other)
            if group:
                yield group, here
            if end == np.inf:
                return
            reached, length = here, 4 * length

    def _rebuild(self) -> None:
        """Make the tree over the sites that still hold a unit, and forget the lists."""
        from scipy.spatial import cKDTree

        self._ids = np.flatnonzero(np.array(self._first) >= 0)
        ranks = np.full(len(self._sites), -1)
        ranks[self._ids] = np.arange(len(self._ids))
        self._rank: list[int] = ranks.tolist()
        self._tree = cKDTree(self._sites[self._ids])
        self._begin = self._end = 0
        self._lists: Lists = (np.zeros((0, 0), np.int32), np.zeros((0, 0)), np.zeros(0))

    def _row(self, at: int, length: int) -> Row:
        """Return the nearest sites of one site, from the lists made ahead where they hold it."""
        rank = self._rank[at]
        if length > self._length or rank < self._begin:
            near, squares, end = self._listed(np.array([at]), length)
            return near[0].tolist(), squares[0].tolist(), float(end[0])
        if rank >= self._end:
            ahead = LIST_ENTRIES // length
            self._begin = 0 if length <= SHORT else rank
            self._end = len(self._ids) if length <= SHORT else min(rank + ahead, len(self._ids))
            self._lists = self._in_pieces(self._ids[self._begin : self._end], length)
        near, squares, end = self._lists
        row = rank - self._begin
        return near[row].tolist(), squares[row].tolist(), float(end[row])

    def _in_pieces(self, sites: NDArray[np.int64], length: int) -> Lists:
        """Make lists for many sites; what lies beside them while they are made stays small."""
        step = max(PIECE // length, 1)
        made = [self._listed(sites[at : at + step], length) for at in range(0, len(sites), step)]
        near, squares, beyond = (np.concatenate(parts) for parts in zip(*made, strict=True))
        return near, squares, beyond

    def _listed(self, sites: NDArray[np.int64], length: int) -> Lists:
        k = min(length + 1, len(self._ids))
        points = self._sites[sites]
        _, found = self._tree.query(points, k=np.arange(1, k + 1))
        near = self._ids[found].astype(np.int32)
        squares = np.zeros(near.shape)
        for column in range(points.shape[1]):
            apart = self._sites[:, column][near] - points[:, column, None]
            squares += apart * apart
        # A site is no neighbour of its own: it goes before all distances.
        squares[near == sites[:, None]] = -1.0
        order = np.argsort(squares, axis=1, kind="stable")
        squares = np.take_along_axis(squares, order, axis=1)
        beyond = squares[:, -1] * MARGIN if k < len(self._ids) else np.full(len(sites), np.inf)
        return np.take_along_axis(near, order, axis=1), squares, beyond


def nearest_shares(
    centres: NDArray[np.float64], points: NDArray[np.float64], weights: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Return how much weight has each centre as its nearest, shared where equally near."""
    from scipy.spatial import cKDTree

    sites, site, members = np.unique(centres + 0.0, axis=0, return_inverse=True, return_counts=True)
    tree = cKDTree(sites)
    share = np.zeros(len(sites))
    left, k = np.arange(len(points)), min(4, len(sites))
    while len(left):
        distance, found = tree.query(points[left], k=np.arange(1, k + 1))
        tied = distance * MARGIN <= distance[:, :1]
        complete = ~tied[:, -1] | (k == len(sites))
        part = np.where(tied, members[found], 0) * complete[:, None]
        part = part * (weights[left] / np.maximum(part.sum(axis=1), 1))[:, None]
        share += np.bincount(found.ravel(), weights=part.ravel(), minlength=len(sites))
        left, k = left[~complete], min(4 * k, len(sites))
    return share[site.reshape(-1)] / members[site.reshape(-1)]
