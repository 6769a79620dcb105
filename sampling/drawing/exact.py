"""Selections in whole numbers: no rounding, the same on any machine.

``start`` and ``number`` are whole numbers below 2^256, to be read as fractions of it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
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
        # The total reached is whole: it lies above the point as soon as above its whole part.
        point = (start + step * WHOLE) * total // (n * WHOLE)
        while reached <= point:
            position += 1
            reached += sizes[position]
        hit.append(position)
    return hit


def exact_at_rate(held: int, rate: Fraction, start: int) -> list[int]:
    """Return the positions at the points ``(start / 2^256 + j) / rate`` below ``held``.

    Examples
    --------
    >>> exact_at_rate(10, Fraction(2, 5), start=WHOLE // 2)
    [1, 3, 6, 8]
    """
    positions: list[int] = []
    step = 0
    while True:
        position = (start + step * WHOLE) * rate.denominator // (rate.numerator * WHOLE)
        if position >= held:
            return positions
        positions.append(position)
        step += 1


def exact_circular(held: int, n: int, start: int) -> list[int]:
    """Return ``n`` positions ``held // n`` apart on a circle, from a start at any of them.

    References
    ----------
    Murthy, M. N. (1967). Sampling Theory and Methods, chapter 5 (Lahiri's circular
    systematic sampling).

    Examples
    --------
    >>> exact_circular(7, 3, start=WHOLE // 2)
    [0, 3, 5]
    """
    first = start * held >> 256
    return sorted((first + step * (held // n)) % held for step in range(n))


def take_at_rate(held: int, rate: Fraction, start: int) -> int:
    """Return ``rate * held``, rounded up with a chance of its fraction, else down."""
    whole, rest = divmod(rate * held, 1)
    return int(whole) + (start < rest * WHOLE)


def exact_poisson(numbers: Sequence[int], chances: Sequence[Fraction]) -> list[int]:
    """Return the positions whose number lies below their probability."""
    return [
        place
        for place, (number, chance) in enumerate(zip(numbers, chances, strict=True))
        if number * chance.denominator < chance.numerator * WHOLE
    ]


def exact_pareto(numbers: Sequence[int], chances: Sequence[Fraction], n: int) -> list[int]:
    """Return the ``n`` positions with the least u(1 − p) / (p(1 − u)), in the order given.

    References
    ----------
    Rosén, B. (1997). On sampling with probability proportional to size. Journal of
    Statistical Planning and Inference 62, 159-191.
    """
    ranked = sorted(
        range(len(numbers)), key=lambda place: pareto_rank(numbers[place], chances[place])
    )
    return sorted(ranked[:n])


def pareto_rank(number: int, chance: Fraction) -> Fraction:
    """Return u(1 − p) / (p(1 − u)), by which a Pareto sample ranks its units."""
    return Fraction(number, WHOLE - number) * (1 / chance - 1)


def poisson_rank(number: int, chance: Fraction) -> Fraction:
    """Return u / p: below 1 in a Poisson sample, next to 1 where a larger one begins."""
    return number / chance


def exact_groups(held: int, n: int) -> list[range]:
    """Return ``n`` runs of positions, as long as each other or one longer, the longer first."""
    short, longer = divmod(held, n)
    groups, first = [], 0
    for number in range(n):
        last = first + short + (number < longer)
        groups.append(range(first, last))
        first = last
    return groups


def exact_one(sizes: Sequence[int], start: int) -> int:
    """Return one position, in proportion to size."""
    return exact_systematic(sizes, 1, start)[0]


def certainties(sizes: Sequence[int], n: int) -> tuple[list[int], list[Fraction]]:
    """Return the positions that must be taken with certainty, and the interval of each.

    A unit as large as the interval or larger is taken with certainty; the interval of the
    others is worked out anew without it, until none is left that large.
    """
    rest = list(range(len(sizes)))
    taken: list[int] = []
    intervals: list[Fraction] = []
    while rest and n > len(taken):
        total, left = sum(sizes[place] for place in rest), n - len(taken)
        large = [place for place in rest if sizes[place] * left >= total]
        if not large:
            break
        taken += large
        intervals += [Fraction(total, left)] * len(large)
        gone = set(large)
        rest = [place for place in rest if place not in gone]
    return taken, intervals


class ChancesBySize(Mapping[str, Fraction]):
    """n times size over the total of the sizes, by name; worked out for those asked for.

    Examples
    --------
    >>> ChancesBySize(["a", "b"], {"a": 1, "b": 3}, 1)["b"]
    Fraction(3, 4)
    """

    def __init__(self, names: Iterable[str], sizes: Mapping[str, int], n: int) -> None:
        self._sizes = {name: sizes[name] for name in names}
        self._total = sum(self._sizes.values())
        self._n = n

    def __getitem__(self, name: str) -> Fraction:
        return Fraction(self._n * self._sizes[name], self._total)

    def __contains__(self, name: object) -> bool:
        return name in self._sizes

    def __iter__(self) -> Iterator[str]:
        return iter(self._sizes)

    def __len__(self) -> int:
        return len(self._sizes)
