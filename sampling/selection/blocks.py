"""Passes over a long frame, a block of rows at a time: nothing as long as the frame is made.

A frame of N rows in H strata is known by its measure: what each row counts (its size, or
one), summed per block and stratum. From these sums it is clear in which block a point of a
stratum's line falls; only blocks that are hit are opened again.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]

ROWS = 1 << 16


@dataclass
class Blocks:
    """A frame seen in blocks: ``sizes`` (N,) or None where each row counts one, ``codes`` (N,).

    ``skipped`` are ascending positions that count nothing any more (certain units),
    ``measures`` (blocks, strata) the sums of what the others count, and ``sorted`` (blocks,)
    says where rows stand by stratum.
    """

    sizes: NDArray[np.generic] | None
    codes: NDArray[np.integer]
    strata: int
    skipped: Integers
    measures: Floats
    sorted: NDArray[np.bool_]

    @property
    def rows(self) -> int:
        """Rows of a block: more for many strata, so that the sums stay small."""
        return max(ROWS, 16 * self.strata)

    def spans(self) -> Iterator[tuple[int, slice]]:
        """Return the number and the rows of each block."""
        for number, low in enumerate(range(0, len(self.codes), self.rows)):
            yield number, slice(low, min(low + self.rows, len(self.codes)))

    def span(self, number: int) -> slice:
        """Return the rows of one block."""
        low = number * self.rows
        return slice(low, min(low + self.rows, len(self.codes)))

    def weights(self, span: slice) -> Floats | None:
        """Return what each row of a block counts; None where all count one."""
        if self.sizes is None:
            return None
        found = self.sizes[span].astype(np.float64)
        low, high = np.searchsorted(self.skipped, [span.start, span.stop])
        if high > low:
            found[self.skipped[low:high] - span.start] = 0.0
        return found

    def measure(self, number: int) -> None:
        """Sum a block by stratum."""
        span = self.span(number)
        codes = self.codes[span]
        self.sorted[number] = in_runs(codes)
        self.measures[number] = sums(
            codes, self.weights(span), self.strata, runs=bool(self.sorted[number])
        )

    def skip(self, positions: Integers) -> None:
        """Let rows count nothing from now on."""
        self.skipped = np.union1d(self.skipped, positions)
        for number in np.unique(positions // self.rows).tolist():
            self.measure(number)

    def reaching(self, thresholds: NDArray[np.generic]) -> Integers:
        """Return the positions whose size is at least the threshold of their stratum."""
        if self.sizes is None:
            return np.empty(0, dtype=np.int64)
        found = []
        lowest = thresholds.min()
        for number, span in self.spans():
            sizes, codes = self.sizes[span], self.codes[span]
            met = thresholds[codes[0] : codes[-1] + 1] if self.sorted[number] else thresholds
            largest = sizes.max()
            if largest < lowest or largest < met.min():
                continue
            large = np.flatnonzero(sizes >= thresholds[codes])
            if len(large):
                found.append(large + span.start)
        return np.concatenate(found) if found else np.empty(0, dtype=np.int64)

    def hit(self, strata: Integers, points: Floats) -> Integers:
        """Return the position that each point of a stratum's line falls on.

        ``strata`` ascends; ``points`` count from the stratum's first row.
        """
        if not len(points):
            return np.empty(0, dtype=np.int64)
        blocks, targets = self._located(strata, points)
        order = np.argsort(blocks, kind="stable")
        found = np.empty(len(points), dtype=np.int64)
        groups = np.split(order, np.flatnonzero(np.diff(blocks[order])) + 1)
        for group in groups:
            number = int(blocks[group[0]])
            found[group] = self._opened(number, strata[group], targets[group])
        return found

    def _located(self, strata: Integers, points: Floats) -> tuple[Integers, Floats]:
        """Return the block of each point, and how far into the stratum's part of it."""
        ends = np.cumsum(self.measures, axis=0)
        blocks = np.empty(len(points), dtype=np.int64)
        firsts = np.flatnonzero(np.diff(strata, prepend=-1))
        for low, high in zip(firsts, np.append(firsts[1:], len(strata)), strict=True):
            line = np.ascontiguousarray(ends[:, strata[low]])
            blocks[low:high] = _fallen(line, points[low:high])
        before = np.where(blocks > 0, ends[blocks - 1, strata], 0.0)
        return blocks, points - before

    def _opened(self, number: int, strata: Integers, targets: Floats) -> Integers:
        """Return the positions hit within one block."""
        span = self.span(number)
        held, order = self.codes[span], np.arange(span.stop - span.start)
        if not self.sorted[number]:
            # Sorting 16-bit numbers is a matter of two passes.
            held = held.astype(np.uint16) if self.strata <= 1 << 16 else held
            order = np.argsort(held, kind="stable")
            held = held[order]
        weights = self.weights(span)
        met, firsts = np.unique(strata, return_index=True)
        starts = np.searchsorted(held, met.astype(held.dtype), side="left")
        stops = np.searchsorted(held, met.astype(held.dtype), side="right")
        found = np.empty(len(targets), dtype=np.int64)
        # Each stratum has a line of its own: large sizes must not drown another's small ones.
        for low, high, start, stop in zip(
            firsts, np.append(firsts[1:], len(strata)), starts, stops, strict=True
        ):
            rows = order[start:stop]
            counted = np.ones(len(rows)) if weights is None else weights[rows]
            found[low:high] = rows[_fallen(np.cumsum(counted), targets[low:high])]
        found += span.start
        return found


def _fallen(ends: Floats, points: Floats) -> NDArray[np.intp]:
    """Return where points fall on a line of parts with these ends.

    Rounding must not push a point beyond the last part that counts.
    """
    last = np.searchsorted(ends, ends[-1], side="left")
    return np.searchsorted(ends, points, side="right").clip(max=last)


def in_runs(codes: NDArray[np.integer]) -> bool:
    """Return whether rows stand by stratum, strata ascending."""
    return bool(codes[0] <= codes[-1]) and bool((codes[1:] >= codes[:-1]).all())


def sums(
    codes: NDArray[np.integer], weights: Floats | None, strata: int, *, runs: bool
) -> Floats | Integers:
    """Return the sums of the weights by stratum, of ones without weights."""
    if not runs:
        return np.bincount(codes.astype(np.intp), weights, strata)
    firsts = np.append(0, np.flatnonzero(codes[1:] != codes[:-1]) + 1)
    found = np.zeros(strata)
    lengths = np.diff(firsts, append=len(codes))
    found[codes[firsts]] = lengths if weights is None else np.add.reduceat(weights, firsts)
    return found


def open_blocks(
    sizes: NDArray[np.generic] | None, codes: NDArray[np.integer], strata: int
) -> Blocks:
    """Return a frame in blocks, measured."""
    none = np.empty(0, dtype=np.int64)
    blocks = Blocks(sizes, codes, strata, none, np.empty((0, strata)), np.empty(0, dtype=bool))
    number = -(-len(codes) // blocks.rows)
    blocks.measures, blocks.sorted = np.zeros((number, strata)), np.zeros(number, dtype=bool)
    for number, _ in blocks.spans():
        blocks.measure(number)
    return blocks
