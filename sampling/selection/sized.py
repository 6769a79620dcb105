"""Samples straight from sizes: random groups (Rao, Hartley, Cochran), Chromy's sequence."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from intake.findings import Words
from sampling.chance import Chance
from sampling.probabilities.checks import check_count, check_sizes, check_whole, refusal


class GroupedDraw(NamedTuple):
    """Units drawn one from each random group, ascending by position.

    ``positions`` (n,); ``weights`` (n,), group total over size: Σ weight × y estimates the
    total of y without bias; ``groups`` (N,), the group of every unit, −1 for size 0.
    """

    positions: NDArray[np.int64]
    weights: NDArray[np.float64]
    groups: NDArray[np.int64]


def rao_hartley_cochran(sizes: ArrayLike, n: int, rng: Chance) -> NDArray[np.int64]:
    """Return the positions of ``rao_hartley_cochran_groups``, which also gives the weights.

    Examples
    --------
    >>> from sampling.chance import Uniforms
    >>> rao_hartley_cochran([5, 3, 2, 8], 2, Uniforms("0" * 64, "a")).tolist()
    [2, 3]
    """
    return rao_hartley_cochran_groups(sizes, n, rng).positions


def rao_hartley_cochran_groups(sizes: ArrayLike, n: int, rng: Chance) -> GroupedDraw:
    """Split the units at random into ``n`` groups, draw one of each in proportion to size.

    Groups are as equal in number as possible, which makes the variance smallest (Rao,
    Hartley and Cochran 1962). Given the groups a unit has probability size / group total;
    its weight is the inverse. Inclusion probabilities over all groupings are not
    n·size/total, and no unit is certain; the weights are all that an estimate needs. Units of
    size 0 belong to no group. Takes one uniform number per unit of positive size (their
    order makes the groups), then one per group.

    Parameters
    ----------
    sizes
        Shape (N,), finite, 0 or above.
    n
        Groups, at most the number of positive sizes.

    Raises
    ------
    DesignError
        ``selection-sizes-invalid``, ``selection-count-invalid``.

    Examples
    --------
    >>> from sampling.chance import Uniforms
    >>> drawn = rao_hartley_cochran_groups([5, 3, 2, 8], 2, Uniforms("0" * 64, "a"))
    >>> drawn.weights.tolist(), drawn.groups.tolist()
    ([2.5, 1.625], [1, 0, 0, 1])
    """
    values = check_sizes(sizes)
    positive = np.flatnonzero(values > 0)
    n = check_count(n, len(positive))
    shuffled = positive[np.argsort(rng.random(len(positive)), kind="stable")]
    numbers = rng.random(n)
    groups = np.full(len(values), -1, dtype=np.int64)
    positions, weights = np.empty(n, dtype=np.int64), np.empty(n)
    for number, members in enumerate(np.array_split(shuffled, n) if n else []):
        groups[members] = number
        scaled = values[members] / values[members].max()
        ends = np.cumsum(scaled)
        place = int(np.searchsorted(ends, numbers[number] * ends[-1], side="right"))
        place = min(place, len(members) - 1)
        positions[number] = members[place]
        weights[number] = ends[-1] / scaled[place]
    order = np.argsort(positions, kind="stable")
    return GroupedDraw(positions[order], weights[order], groups)


def chromy(sizes: ArrayLike, n: int, rng: Chance) -> NDArray[np.int64]:
    """Return a sequential sample with minimal replacement: n hits, spread down the list.

    A unit is expected to be hit E = n·size/total times, exactly, and is hit ⌊E⌋ or ⌈E⌉
    times (Chromy 1979). The list is a circle, entered at a unit drawn in proportion to
    size; up to each unit the hits number the whole part of ΣE or one more, one more with
    probability its fraction F. Going on by one unit, where F rises from F₀ a missing one is
    added with probability (F − F₀) / (1 − F₀); where ΣE passes a whole number, the one more
    is kept with probability F/F₀, and none is added.

    Parameters
    ----------
    sizes
        Shape (N,), finite, 0 or above, in the order that the sample shall follow.
    n
        Hits, which may exceed N.
    rng
        One uniform number for the entry, then one per unit.

    Returns
    -------
    numpy.ndarray
        Shape (n,), ascending; a unit hit more than once is repeated as often. Where no
        n·size exceeds the total, positions differ and E is the inclusion probability.

    Raises
    ------
    DesignError
        ``selection-sizes-invalid``, ``selection-count-invalid``.

    Examples
    --------
    >>> from sampling.chance import Uniforms
    >>> chromy([1, 1, 2, 20], 3, Uniforms("0" * 64, "a")).tolist()
    [3, 3, 3]
    """
    values = check_sizes(sizes)
    n = check_whole(n, "n")
    total = float((values / (values.max() if values.any() else 1.0)).sum())
    if n and not total:
        raise refusal(
            "selection-sizes-invalid",
            Words("Mọi quy mô đều bằng 0.", "Every size is 0."),
            path="sizes",
        )
    entry, numbers = rng.random(), rng.random(len(values))
    if not n:
        return np.empty(0, dtype=np.int64)
    ends = np.cumsum(values / values.max())
    first = min(int(np.searchsorted(ends, entry * ends[-1], side="right")), len(values) - 1)
    order = (np.arange(len(values)) + first) % len(values)
    whole, part = _expected(sizes, values, order, n)
    hits = np.diff(whole + _one_more(part, numbers), prepend=0)
    positions = np.repeat(order, hits)
    return np.sort(positions).astype(np.int64)


def _expected(
    sizes: ArrayLike, values: NDArray[np.float64], order: NDArray[np.int64], n: int
) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
    """Return whole part and fraction of ΣE down the list; in whole numbers where they are."""
    given = np.asarray(sizes)
    if given.dtype.kind in "iu" and float(values.sum()) * n < 2**62:
        sums = np.cumsum(given[order].astype(np.int64))
        total = int(sums[-1])
        return sums * n // total, (sums * n % total) / total
    sums = np.cumsum(values[order] / values.max())
    expected = sums * (n / sums[-1])
    whole = np.floor(expected)
    # After the last positive size everything has been hit.
    done = sums == sums[-1]
    whole[done] = n
    part = np.where(done, 0.0, np.clip(expected - whole, 0, 1))
    return np.minimum(whole, n).astype(np.int64), part


def _one_more(part: NDArray[np.float64], u: NDArray[np.float64]) -> NDArray[np.int64]:
    """Return, down the list, whether the hits number one more than the whole part.

    Each unit sets the state to 1, to 0, or leaves it: the last setting holds.
    """
    before = np.append(0.0, part[:-1])
    rises = part >= before
    added = rises & (u * (1 - before) < part - before)
    lost = ~rises & (u * before >= part)
    settings = np.where(added | lost, np.arange(len(part)) + 1, 0)
    last = np.maximum.accumulate(settings)
    return np.append(False, added)[last].astype(np.int64)
