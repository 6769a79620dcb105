"""How likely a unit is in both of two coordinated samples."""

from __future__ import annotations

import math
import operator
from fractions import Fraction

from intake.findings import DesignError
from sampling.coordination.exact import Number, share_of, whole_of

METHODS = ("poisson", "srs", "independent")
EXACT_UP_TO = 300


def expected_overlap(
    pi_a: Number,
    pi_b: Number,
    *,
    shift: Number = 0,
    method: str = "poisson",
    population: int | None = None,
) -> Fraction:
    """Return the probability that a unit is in both of two samples.

    Summed over the units that both frames hold, it is the expected number of units shared.

    Parameters
    ----------
    pi_a, pi_b
        The unit's inclusion probabilities in the two samples.
    shift
        How far the second sample's start lies behind the first one's on the circle.
    method
        ``poisson``: both take the units whose number lies within π of the start; the
        probability is the length common to [0, π_a) and [d, d + π_b) on the circle.
        ``srs``: both are the first n_a and n_b of N in order from their starts; with K
        numbers between the starts, K binomial (N, d), they share what the places 1 … n_a
        and K + 1 … K + n_b have in common on a circle of N places.
        ``independent``: other seeds; π_a π_b.
    population
        N, for ``srs``: both frames hold the same N units in the stratum.

    Returns
    -------
    Fraction
        Exact; for ``srs`` of more than 300 units computed in floating point.

    Raises
    ------
    DesignError
        A number lies outside its limits, or π N is no whole number.

    References
    ----------
    Ohlsson (1995); the sum for ``srs`` is worked out here.

    Examples
    --------
    >>> expected_overlap("1/5", "1/5", shift="1/20")
    Fraction(3, 20)
    >>> expected_overlap("1/2", "1/2", shift="1/2", method="srs", population=2)
    Fraction(1, 4)
    """
    a, b = share_of(pi_a, "pi_a"), share_of(pi_b, "pi_b")
    d = share_of(shift, "shift")
    if method not in METHODS:
        raise DesignError.of(
            "coordination-method-unknown",
            f"Không có cách “{method}”.",
            f"There is no method '{method}'.",
            f"Dùng một trong: {', '.join(METHODS)}.",
            f"Use one of: {', '.join(METHODS)}.",
            path="method",
        )
    if method == "independent":
        return a * b
    if method == "poisson":
        return _common(a, b, d % 1)
    n = whole_of(population, "population")
    takes = [_take(a, n, "pi_a"), _take(b, n, "pi_b")]
    return _expected_places(n, takes[0], takes[1], d % 1)


def _common(a: Fraction, b: Fraction, d: Fraction) -> Fraction:
    """Return the length that [0, a) and [d, d + b) share on a circle of length 1."""
    straight = max(Fraction(0), min(a, d + b) - d)
    around = max(Fraction(0), min(a, d + b - 1))
    return straight + around


def _take(pi: Fraction, population: int, name: str) -> int:
    take = pi * population
    if take.denominator != 1:
        raise DesignError.of(
            "coordination-take-not-whole",
            f"{name} · N = {float(take):g} không phải số nguyên.",
            f"{name} · N = {float(take):g} is not whole.",
            f"Gần nhất: {name} = {round(take)}/{population}.",
            f"The nearest is {name} = {round(take)}/{population}.",
            path=name,
        )
    return int(take)


def _expected_places(n: int, take_a: int, take_b: int, d: Fraction) -> Fraction:
    """Return the expected number of places shared, divided by n."""
    circle = Fraction(1, n)
    shared = [
        int(_common(take_a * circle, take_b * circle, Fraction(k % n, n)) * n) for k in range(n + 1)
    ]
    if d == 0 or n <= EXACT_UP_TO:
        whole, part = d.denominator, d.numerator
        terms = (
            math.comb(n, k) * part**k * (whole - part) ** (n - k) * shared[k]
            for k in range(n + 1)
            if shared[k]
        )
        return Fraction(sum(terms), whole**n * n)
    from scipy.stats import binom

    chances = binom.pmf(range(n + 1), n, float(d)).tolist()
    return Fraction(math.fsum(map(operator.mul, chances, shared)) / n)
