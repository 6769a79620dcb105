"""How many units two coordinated samples share on average, before they are drawn."""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction
from math import comb

from sampling.coordination.checks import Number, checked_chances, checked_count
from sampling.coordination.numbers import checked_shift


def expected_overlap_poisson(
    first: Mapping[str, Number], second: Mapping[str, Number], shift: Number = 0
) -> Fraction:
    """Return the expected number of units in both of two Poisson samples with one seed.

    A unit is in the first sample on the arc from 0 to p, in the second on the arc from the
    shift to the shift plus q; the two share the unit where the arcs overlap. Without a shift
    that is min(p, q). It is least, max(0, p + q − 1), wherever p ≤ shift ≤ 1 − q; where p +
    q > 1, for any shift from 1 − q to p. Pareto samples come near these figures.

    Parameters
    ----------
    first, second
        Probability of each unit in the two samples; a unit of one frame only (a birth, a
        death) cannot be shared.
    shift
        From the start of the first to that of the second sample, at least 0, below 1.

    Raises
    ------
    DesignError
        ``coordination-chance-invalid``, ``coordination-shift-invalid``.

    References
    ----------
    Ohlsson, E. (1995), chapter 9.

    Examples
    --------
    >>> half = {"a": 0.5, "b": 0.75}
    >>> [str(expected_overlap_poisson(half, half, shift)) for shift in (0, "0.5")]
    ['5/4', '1/2']
    """
    start = checked_shift(shift)
    one, other = checked_chances(first, "first"), checked_chances(second, "second")
    return sum(
        (_shared_arc(one[unit], other[unit], start) for unit in one if unit in other), Fraction(0)
    )


def _shared_arc(p: Fraction, q: Fraction, start: Fraction) -> Fraction:
    end = start + q
    straight = max(Fraction(0), min(p, end) - start)
    wrapped = max(Fraction(0), min(p, end - 1))
    return straight + wrapped


def expected_overlap_srs(held: int, n: int, m: int, shift: Number = 0) -> Fraction:
    """Return the expected number of units in both of two sequential simple random samples.

    The second starts behind K units of the first one's order, K binomial with N and the
    shift; given K, the runs 1 … n and K + 1 … K + m of the circle overlap by a fixed
    number. Without a shift that is min(n, m), with independent samples it would be nm/N,
    the least possible is max(0, n + m − N).

    Parameters
    ----------
    held, n, m
        Units of the stratum, takes of the two samples.
    shift
        From the start of the first to that of the second sample, at least 0, below 1.

    Raises
    ------
    DesignError
        ``coordination-count-invalid``, ``coordination-shift-invalid``.

    Examples
    --------
    >>> [float(expected_overlap_srs(4, 2, 2, shift)) for shift in (0, "0.5")]
    [2.0, 0.5]
    """
    held = checked_count(held, "held", 0)
    n, m = checked_count(n, "n", 0, held), checked_count(m, "m", 0, held)
    start = checked_shift(shift)
    total = Fraction(0)
    for behind in range(held + 1):
        weight = comb(held, behind) * start**behind * (1 - start) ** (held - behind)
        total += weight * _shared_run(held, n, m, behind % held if held else 0)
    return total


def _shared_run(held: int, n: int, m: int, behind: int) -> int:
    straight = max(0, min(n, behind + m) - behind)
    return straight + max(0, min(n, behind + m - held))
