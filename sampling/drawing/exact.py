"""Systematic draws and certainties in whole numbers: no rounding, the same on any machine."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction

from sampling.chance import WHOLE


def exact_systematic(sizes: Sequence[int], n: int, start: int) -> list[int]:
    """Return the positions that a systematic draw by size hits, in whole numbers.

    The interval is T/n for the total T; the points are ``(start / 2^256 + j) * T / n`` for
    j = 0 … n−1; a unit is hit when the point lies at or above the total before it and below
    the total with it. No size may exceed the interval, else it could be hit twice.

    Parameters
    ----------
    sizes
        Whole numbers in the order of the draw; ones for an equal-probability draw.
    n
        Units to hit.
    start
        A number of ``start_number``.

    Examples
    --------
    >>> exact_systematic([3, 1, 2], 2, start=WHOLE // 2)
    [0, 2]
    """
    total = sum(sizes)
    hit: list[int] = []
    reached = 0
    position = -1
    for step in range(n):
        # Point < reached, both multiplied by n * 2^256.
        point = (start + step * WHOLE) * total
        while reached * n * WHOLE <= point:
            position += 1
            reached += sizes[position]
        hit.append(position)
    return hit


def certainties(sizes: Sequence[int], n: int) -> tuple[list[int], list[Fraction]]:
    """Return the positions that must be taken with certainty, and the interval of each.

    A unit as large as the interval or larger is taken with certainty; the interval of the
    others is worked out anew without it, until none is left that large.
    """
    rest = list(range(len(sizes)))
    taken: list[int] = []
    intervals: list[Fraction] = []
    while rest and n > len(taken):
        interval = Fraction(sum(sizes[place] for place in rest), n - len(taken))
        large = [place for place in rest if sizes[place] >= interval]
        if not large:
            break
        taken += large
        intervals += [interval] * len(large)
        gone = set(large)
        rest = [place for place in rest if place not in gone]
    return taken, intervals
