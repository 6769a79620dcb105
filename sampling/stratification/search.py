"""The cuts that need the smallest sample for a cv: all tried, or searched without chance."""

from __future__ import annotations

import math
from collections.abc import Iterator
from itertools import combinations, islice

import numpy as np
from numpy.typing import ArrayLike, NDArray

from sampling.stratification.rules import starts
from sampling.stratification.values import (
    Allocation,
    Row,
    Strata,
    Values,
    check_cv,
    distinct,
    made,
    needed,
    refusal,
)

Cuts = NDArray[np.int64]
BATCH = 20_000
REACH = 4


class _Search:
    """What is minimised: the size in fractions that a set of cuts needs."""

    def __init__(
        self, values: Values, cv: float, allocation: Allocation, exponent: float, take_all: bool
    ) -> None:
        self.values, self.cv, self.take_all = values, cv, take_all
        self.allocation, self.exponent = allocation, exponent

    def takes(self, cuts: Cuts) -> Row:
        return needed(self.values, cuts, self.cv, self.allocation, self.exponent, self.take_all)

    def best(self, candidates: Cuts) -> tuple[float, Cuts]:
        """Return the least size and its cuts; of equal ones the first."""
        sizes = self.takes(candidates).sum(axis=-1)
        at = int(sizes.argmin())
        return float(sizes[at]), candidates[at]


def lavallee_hidiroglou(
    x: ArrayLike,
    strata: int,
    *,
    cv: float,
    take_all: bool = True,
    allocation: Allocation = "neyman",
    exponent: float = 0.5,
    exhaustive: int = 50_000,
) -> Strata:
    """Return the strata that need the smallest sample for a cv of the mean of the variable.

    The top stratum is taken as a whole (``take_all``), the others by ``allocation``; each
    gets at least 2 or all its units, and one that would get more than it holds is taken as
    a whole too. The size in fractions is minimised over all cuts between different values.

    Parameters
    ----------
    x
        The variable, shape (N,), one value a unit, not all equal.
    strata
        L, at least 2.
    cv
        Standard error of the mean as a part of it, between 0 and 1.
    allocation, exponent
        ``"neyman"``, or ``"power"``: in proportion to the stratum's total to ``exponent``.
    exhaustive
        Up to this many sets of cuts all are tried and the result is ``proven``. Beyond,
        from six starts (equal counts, equal totals, equal roots, …) one cut at a time goes
        to its best place, then neighbouring cuts move together, until nothing improves.
        No chance is used: the same values give the same strata.

    Raises
    ------
    DesignError
        Values that are no numbers, fewer different values than strata, or a cv outside its
        range.

    References
    ----------
    Lavallée, P., Hidiroglou, M. A. (1988). On the stratification of skewed populations.
    Survey Methodology 14, 33-43.
    Kozak, M. (2004). Optimal stratification using random search method in agricultural
    surveys. Statistics in Transition 6, 797-806 (search over the values themselves).

    Examples
    --------
    >>> found = lavallee_hidiroglou([1, 2, 2, 3, 3, 4, 5, 6, 40, 90], 2, cv=0.1)
    >>> found.boundaries.tolist(), found.takes.tolist(), found.proven
    ([40.0], [2, 2], True)
    """
    values = distinct(x, strata)
    target = check_cv(cv, values.mean)
    if allocation not in ("neyman", "power"):
        raise refusal(
            "stratification-allocation-unknown",
            f"Không có cách phân bổ “{allocation}”.",
            f"There is no allocation '{allocation}'.",
            "Chọn 'neyman' hoặc 'power'.",
            "Choose 'neyman' or 'power'.",
            "allocation",
        )
    search = _Search(values, target, allocation, exponent, take_all)
    places = len(values.distinct) - 1
    proven = math.comb(places, strata - 1) <= exhaustive
    batches = _all(places, strata - 1) if proven else None
    if batches is not None:
        _, cuts = min((search.best(batch) for batch in batches), key=lambda found: found[0])
    else:
        begun = (_descend(search, start) for start in starts(values, strata))
        _, cuts = min(begun, key=lambda found: found[0])
    return made(values, cuts, "lavallee_hidiroglou", search.takes(cuts), target, proven)


def _all(places: int, count: int) -> Iterator[Cuts]:
    """Yield all sets of cuts, a batch at a time."""
    sets = combinations(range(1, places + 1), count)
    while batch := list(islice(sets, BATCH)):
        yield np.array(batch, dtype=np.int64)


def _descend(search: _Search, start: Cuts) -> tuple[float, Cuts]:
    """Return where single moves, then moves of two neighbours, improve no more."""
    size, cuts = search.best(start[None, :])
    while True:
        before = size
        for at in range(len(cuts)):
            size, cuts = _better(search, size, cuts, _single(search, cuts, at))
        if size >= before - 1e-9:
            for at in range(len(cuts) - 1):
                size, cuts = _better(search, size, cuts, _pairs(search, cuts, at))
        if size >= before - 1e-9:
            return size, cuts


def _better(search: _Search, size: float, cuts: Cuts, candidates: Cuts) -> tuple[float, Cuts]:
    if not len(candidates):
        return size, cuts
    found, moved = search.best(candidates)
    return (found, moved) if found < size - 1e-9 else (size, cuts)


def _single(search: _Search, cuts: Cuts, at: int) -> Cuts:
    """Return the cuts with one of them at every place between its neighbours."""
    first = cuts[at - 1] + 1 if at else 1
    last = cuts[at + 1] if at + 1 < len(cuts) else len(search.values.distinct)
    moved = np.repeat(cuts[None, :], last - first, axis=0)
    moved[:, at] = np.arange(first, last)
    return moved


def _pairs(search: _Search, cuts: Cuts, at: int) -> Cuts:
    """Return the cuts with two neighbours moved together, at most four places each."""
    span = np.arange(-REACH, REACH + 1)
    moved = np.repeat(cuts[None, :], len(span) ** 2, axis=0)
    moved[:, at] += np.repeat(span, len(span))
    moved[:, at + 1] += np.tile(span, len(span))
    fenced = np.pad(moved, ((0, 0), (1, 1)), constant_values=(0, len(search.values.distinct)))
    return moved[(np.diff(fenced, axis=1) > 0).all(axis=1)]
