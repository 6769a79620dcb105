"""Nearest units among those still undecided, while units leave one after the other.

Units with equal coordinates form a *site*, named by its first unit. A search tree over the sites
(scipy's ``cKDTree``) gives, for many sites at once, a list of the nearest other sites; the tree
is made anew over the sites still held when half of them have gone. Within a site the units are
linked in the order of their positions, so that thousands of units at one point cost no more than
elsewhere.

Squared distances are the sums of squared coordinate differences, added in the order of the
columns, in double precision. **Equal squared distances: the unit with the lower position comes
first.** The answers do not depend on how the lists are made.

Everything is kept in arrays of 4-byte numbers: a list of Python would take nine times as much.
A list of neighbours keeps no distances, only which ones are equal.
"""

from __future__ import annotations

from array import array
from collections.abc import Iterator
from heapq import merge
from typing import Any

import numpy as np
from numpy.typing import NDArray

Lists = NDArray[np.int32]
"""The nearest other sites of many sites, one row each, by distance.

A site as far away as the one before it stands as ``~site``. Where sites may be missing from
there on, the row goes on with the site whose list it is.
"""

_NO_LISTS: Lists = np.empty((0, 0), np.int32)

SHORT = 16
"""Lists of at most this length are made for all sites at once, longer ones as they come."""

LIST_ENTRIES = 200_000
"""Longer lists are made for as many sites as have so many entries together."""

PIECE = 10_000
"""So many entries at a time are sorted."""

LEAF = 32
"""So many sites in a leaf of the tree: half the nodes of 16, as fast."""

MARGIN = 1 - 1e-12
"""The tree and this module may round a distance differently by so much."""


def _first_alike(points: NDArray[np.float64]) -> NDArray[np.int32]:
    """Return for each point the place of the first one that equals it."""
    order = np.lexsort(points.T).astype(np.int32)
    begins = np.ones(len(order), dtype=np.bool_)
    begins[1:] = False
    for column in points.T:
        line = column[order]
        begins[1:] |= line[1:] != line[:-1]
    alike = np.empty_like(order)
    alike[order] = np.repeat(order[begins], np.diff(np.flatnonzero(np.append(begins, True))))
    return alike


def _numbers(values: NDArray[np.generic]) -> array[int]:
    return array("i", values.astype(np.int32, copy=False).tobytes())


class Neighbours:
    """The units still undecided, each with its nearest others.

    Parameters
    ----------
    points : array (N, d)
        Not copied.
    units : array of int
        The positions of the undecided units, ascending.
    length : int
        How many other sites a list holds.
    """

    def __init__(self, points: NDArray[np.float64], units: NDArray[np.int32], length: int) -> None:
        self._points, self._length = points, length
        self._link(units)
        self._held = sum(first >= 0 for first in self._first)
        self._rebuild()

    def _link(self, units: NDArray[np.int32]) -> None:
        """Name each site by its first unit, and link the units of a site."""
        site, first, following, previous = (
            np.full(len(self._points), -1, np.int32) for _ in range(4)
        )
        site[units] = units[_first_alike(self._points[units])]
        sites = site[units]
        first[sites] = sites
        by_site = units[np.argsort(sites, kind="stable")]
        same = site[by_site[1:]] == site[by_site[:-1]]
        following[by_site[:-1][same]] = by_site[1:][same]
        previous[by_site[1:][same]] = by_site[:-1][same]
        self._site, self._first = _numbers(site), _numbers(first)
        self._next, self._previous = _numbers(following), _numbers(previous)

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

    def nearest(self, unit: int) -> int:
        """Return the nearest other undecided unit."""
        at = self._site[unit]
        first = self._first[at]
        if first != unit:
            return first
        if self._next[unit] >= 0:
            return self._next[unit]
        return min(self._first[other] for other in next(self._groups(at)))

    def is_nearest(self, unit: int, other: int) -> bool:
        """Say whether no undecided unit is nearer to ``unit`` than ``other`` is."""
        at, there = self._site[unit], self._site[other]
        if at == there:
            return True
        alone = self._first[at] == unit and self._next[unit] < 0
        return alone and there in next(self._groups(at))

    def walk(self, unit: int) -> Iterator[int]:
        """Return the other undecided units by distance, then position.

        No unit may be removed while the walk lasts.
        """
        at, following = self._site[unit], self._next
        for other in self._members(at):
            if other != unit:
                yield other
        for sites in self._groups(at):
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

    def _groups(self, at: int) -> Iterator[list[int]]:
        """Return the other sites held by distance, those at equal distance together."""
        if self._held * 2 < len(self._ids):
            self._rebuild()
        first, seen, length = self._first, 0, self._length
        while True:
            group: list[int] = []
            row = self._row(at, length)
            for entry in row[seen:]:
                if entry == at:
                    break
                if entry >= 0 and group:
                    yield group
                    group = []
                site = entry if entry >= 0 else ~entry
                if first[site] >= 0:
                    group.append(site)
                seen += 1
            if group:
                yield group
            if length >= len(self._ids) - 1:
                return
            length *= 4

    def _rebuild(self) -> None:
        """Make the tree over the sites that still hold a unit, and forget the lists."""
        from scipy.spatial import cKDTree

        self._tree: Any = None  # the old ones go before others are made
        self._lists = _NO_LISTS
        self._ids = np.flatnonzero(np.frombuffer(self._first, np.int32) >= 0).astype(np.int32)
        ranks = np.full(len(self._first), -1, np.int32)
        ranks[self._ids] = np.arange(len(self._ids))
        self._rank = _numbers(ranks)
        every = len(self._ids) == len(self._points)
        self._tree = cKDTree(self._points if every else self._points[self._ids], leafsize=LEAF)
        self._begin = self._end = 0

    def _row(self, at: int, length: int) -> list[int]:
        """Return the nearest sites of one site, from the lists made ahead where they hold it."""
        rank = self._rank[at]
        if length > self._length or rank < self._begin:
            alone: list[int] = self._listed(np.array([at], np.int32), length)[0].tolist()
            return alone
        if rank >= self._end:
            ahead = LIST_ENTRIES // length
            self._lists = _NO_LISTS
            self._begin = 0 if length <= SHORT else rank
            self._end = len(self._ids) if length <= SHORT else min(rank + ahead, len(self._ids))
            self._lists = self._in_pieces(self._ids[self._begin : self._end], length)
        row: list[int] = self._lists[rank - self._begin].tolist()
        return row

    def _in_pieces(self, sites: NDArray[np.int32], length: int) -> Lists:
        """Make lists for many sites; what lies beside them while they are made stays small."""
        step = max(PIECE // length, 1)
        made = np.empty((len(sites), min(length, len(self._ids) - 1)), np.int32)
        for at in range(0, len(sites), step):
            made[at : at + step] = self._listed(sites[at : at + step], length)
        return made

    def _listed(self, sites: NDArray[np.int32], length: int) -> Lists:
        k = min(length + 1, len(self._ids))
        points = self._points[sites]
        _, found = self._tree.query(points, k=np.arange(1, k + 1))
        near = self._ids[found]
        squares = np.zeros(near.shape)
        for column in range(points.shape[1]):
            apart = self._points[:, column][near] - points[:, column, None]
            squares += apart * apart
        # A site is no neighbour of its own: it goes before all distances, and out.
        squares[near == sites[:, None]] = -1.0
        order = np.argsort(squares, axis=1, kind="stable")
        squares = np.take_along_axis(squares, order, axis=1)
        near = np.take_along_axis(near, order, axis=1)
        near[:, 1:][squares[:, 1:] == squares[:, :-1]] ^= -1
        if k < len(self._ids):
            missing = squares >= squares[:, -1:] * MARGIN
            near[missing] = np.broadcast_to(sites[:, None], near.shape)[missing]
        return near[:, 1:]


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
