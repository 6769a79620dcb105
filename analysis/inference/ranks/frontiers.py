"""The largest studentised difference among independent values, without looking at every pair.

For thousands of units there are millions of pairs in every draw, but few of them can be the
largest. Errors and standard errors come per draw (draws × units), in the unit of the values.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from analysis.inference.ranks.order import Flags, Floats

BLOCK = 2_000_000


def largest_difference(error: Floats, scale: Floats, left_out: Flags) -> Floats:
    """Return the maxima where estimates are independent, without looking at every pair.

    A unit with a higher error and a smaller standard error beats another one against every
    opponent, so the largest pair lies between two frontiers: the units that nobody beats
    upwards, and downwards. Where pairs are left out, frontier after frontier is peeled off
    until those behind could not give more, even if no pair of theirs were left out.
    """
    order = np.argsort(scale, axis=1, kind="stable")
    scale = np.take_along_axis(scale, order, axis=1)
    error = np.take_along_axis(error, order, axis=1)
    high, low = _Peel(error, scale, order), _Peel(-error, scale, order)
    best = np.zeros(len(error))
    first_high, first_low = high.layer(), low.layer()
    highs, lows = first_high, first_low
    draws = np.arange(len(error))
    while draws.size:
        found = _between(highs, lows, left_out)
        best[draws] = np.maximum(best[draws], found)
        high, low = high.behind(), low.behind()
        next_high, next_low = high.layer(), low.layer()
        reach = np.maximum(
            _between(next_high, first_low, None), _between(first_high, next_low, None)
        )
        going = reach > best[draws]
        draws = draws[going]
        high, low = high.only(going), low.only(going)
        first_high, first_low = first_high.only(going), first_low.only(going)
        highs = highs.joined(next_high, going)
        lows = lows.joined(next_low, going)
    return best


@dataclass(frozen=True, eq=False)
class _Units:
    """Some units of each draw (draws × width): error, standard error, number; padded by -inf."""

    error: Floats
    scale: Floats
    unit: NDArray[np.int64]

    def only(self, draws: Flags) -> _Units:
        return _Units(self.error[draws], self.scale[draws], self.unit[draws])

    def joined(self, other: _Units, draws: Flags) -> _Units:
        return _Units(
            np.hstack([self.error[draws], other.error[draws]]),
            np.hstack([self.scale[draws], other.scale[draws]]),
            np.hstack([self.unit[draws], other.unit[draws]]),
        )


@dataclass(frozen=True, eq=False)
class _Peel:
    """Units of each draw in the order of their standard errors, those peeled off at -inf."""

    error: Floats
    scale: Floats
    unit: NDArray[np.int64]

    def frontier(self) -> Flags:
        """Say which units no other one beats: a higher error at no larger standard error."""
        before = np.maximum.accumulate(self.error, axis=1)
        flags = np.ones(self.error.shape, dtype=bool)
        flags[:, 1:] = self.error[:, 1:] > before[:, :-1]
        return flags & (self.error > -np.inf)

    def layer(self) -> _Units:
        flags = self.frontier()
        place = np.cumsum(flags, axis=1) - 1
        row, column = np.nonzero(flags)
        shape = (len(flags), int(place[:, -1].max(initial=-1)) + 1)
        error, scale = np.full(shape, -np.inf), np.ones(shape)
        unit = np.zeros(shape, dtype=np.int64)
        at = place[row, column]
        error[row, at] = self.error[row, column]
        scale[row, at] = self.scale[row, column]
        unit[row, at] = self.unit[row, column]
        return _Units(error, scale, unit)

    def behind(self) -> _Peel:
        return _Peel(np.where(self.frontier(), -np.inf, self.error), self.scale, self.unit)

    def only(self, draws: Flags) -> _Peel:
        return _Peel(self.error[draws], self.scale[draws], self.unit[draws])


def _between(high: _Units, low: _Units, left_out: Flags | None) -> Floats:
    """Return for each draw the largest studentised difference of a high and a low unit."""
    best = np.zeros(len(high.error))
    step = max(1, BLOCK // max(1, high.error.shape[1] * low.error.shape[1]))
    for start in range(0, len(best), step):
        part = slice(start, start + step)
        difference = high.error[part, :, None] + low.error[part, None, :]
        variance = high.scale[part, :, None] ** 2 + low.scale[part, None, :] ** 2
        t = difference / np.sqrt(np.where(variance > 0, variance, 1.0))
        if left_out is not None:
            t[left_out[high.unit[part, :, None], low.unit[part, None, :]]] = 0.0
        best[part] = t.max(axis=(1, 2), initial=0.0)
    return best
