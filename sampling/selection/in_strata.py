"""Samples of all strata of a long frame at once, from the arrays of its columns."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from intake.findings import Words
from sampling.chance import Chance
from sampling.probabilities.checks import refusal
from sampling.selection.blocks import Blocks, Floats, Integers, open_blocks
from sampling.selection.columns import Strata, check_columns, check_held, coded
from sampling.selection.equal import srs

# Relative rounding up to which a fractional size counts as equal to the interval.
TIE = 1e-12


@dataclass(frozen=True)
class StratifiedDraw:
    """What was drawn from all strata, ascending by stratum, then in frame order.

    ``positions`` (n,) in the frame; ``probabilities`` (n,); ``strata`` (n,), the stratum of
    each as the frame names it; ``certainties``, how many units were certain, in the strata
    that have any.
    """

    positions: Integers
    probabilities: Floats
    strata: NDArray[np.generic]
    certainties: dict[Hashable, int]


def stratified(
    sizes: ArrayLike | None,
    strata: ArrayLike,
    takes: ArrayLike | Mapping[Hashable, int],
    rng: Chance,
    *,
    method: str = "pps_systematic",
) -> StratifiedDraw:
    """Return a sample of every stratum of a frame, in the order of its rows.

    Made for frames of tens of millions of rows: a few passes over blocks of rows, no
    sorting of the frame, little memory beside the frame itself. A unit as large as its
    stratum's interval or larger is certain, and the interval of the others is worked out
    anew without it (whole sizes are compared as whole numbers).

    Parameters
    ----------
    sizes
        Shape (N,), any number type, finite, 0 or above; None for methods that need none.
    strata
        Shape (N,): whole numbers, or labels.
    takes
        Units to draw: an array indexed by stratum number, or a mapping from every label.
    rng
        ``pps_systematic`` and ``systematic`` take one uniform number per stratum with a
        take, ``srs`` as many as its take; strata ascending.
    method
        ``pps_systematic`` (Madow 1949), ``systematic`` (fractional interval) or ``srs``.

    Raises
    ------
    DesignError
        ``selection-sizes-invalid``, ``selection-strata-invalid``,
        ``selection-takes-invalid`` (each stratum that holds too few units, and how many it
        holds), ``selection-method-unknown``.

    Examples
    --------
    >>> from sampling.chance import Uniforms
    >>> drawn = stratified([1, 9, 1, 1, 1], [0, 0, 0, 1, 1], [2, 1], Uniforms("0" * 64, "a"))
    >>> drawn.positions.tolist(), drawn.probabilities.tolist(), drawn.certainties
    ([1, 2, 3], [1.0, 0.5, 0.5], {0: 1})
    """
    lay = METHODS.get(method)
    if lay is None:
        known = ", ".join(METHODS)
        raise refusal(
            "selection-method-unknown",
            Words(f"Không có phương pháp {method!r}.", f"There is no method {method!r}."),
            Words(f"Chọn một trong: {known}.", f"Choose one of: {known}."),
            path="method",
        )
    by_size = method == "pps_systematic"
    found = coded(strata, takes)
    columns = check_columns(sizes if by_size else None, found, needed=by_size)
    held = check_held(columns, found)
    blocks = open_blocks(columns, found.codes, len(found.takes))
    counts = _take_certain(blocks, found.takes, held)
    return _drawn(blocks, found, counts, lay(blocks, found.takes - counts, rng))


def _take_certain(blocks: Blocks, takes: Integers, held: Integers) -> Integers:
    """Let certain units count nothing any more; return how many there are by stratum."""
    counts = np.zeros(len(takes), dtype=np.int64)
    if blocks.sizes is None:
        return counts
    left = takes.copy()
    while (left > 0).any():
        large = blocks.reaching(_thresholds(blocks, left, held - counts))
        large = np.setdiff1d(large, blocks.skipped, assume_unique=True)
        if not len(large):
            break
        found = np.bincount(blocks.codes[large].astype(np.intp), minlength=len(takes))
        blocks.skip(large)
        counts += found
        # Where nothing was found the interval stands.
        left = np.where(found > 0, takes - counts, 0)
    return counts


def _thresholds(blocks: Blocks, left: Integers, held: Integers) -> NDArray[np.generic]:
    """Return the size from which a unit is certain, by stratum."""
    totals = blocks.measures.sum(axis=0)
    whole = blocks.sizes is not None and blocks.sizes.dtype.kind in "iu"
    if not whole:
        reach = np.full(len(left), np.inf)
        drawn = left > 0
        reach[drawn] = totals[drawn] / left[drawn] * (1 - TIE)
        reach[drawn & (left >= held)] = np.nextafter(0.0, 1.0)
        return reach
    never = np.iinfo(np.int64).max
    return np.array(
        [
            never if n <= 0 else 1 if n >= units else -(-int(total) // n)
            for total, n, units in zip(totals.tolist(), left.tolist(), held.tolist(), strict=True)
        ],
        dtype=np.int64,
    )


def _starts(takes: Integers, rng: Chance) -> Floats:
    """Return one uniform number for each stratum with a take, repeated by its points."""
    drawn = takes > 0
    return np.repeat(rng.random(int(drawn.sum())), takes[drawn])


def _systematic_points(blocks: Blocks, takes: Integers, rng: Chance) -> tuple[Integers, Floats]:
    """Return (u + j) × interval for j = 0 … n − 1 in each stratum."""
    strata: Integers = np.repeat(np.arange(len(takes), dtype=np.int64), takes)
    firsts = np.repeat(np.cumsum(takes) - takes, takes)
    steps = np.arange(len(strata)) - firsts
    intervals = blocks.measures.cumsum(axis=0)[-1] / np.maximum(takes, 1)
    points: Floats = (_starts(takes, rng) + steps) * intervals[strata]
    return strata, points


def _srs_points(blocks: Blocks, takes: Integers, rng: Chance) -> tuple[Integers, Floats]:
    """Return the middles of n rows of each stratum."""
    strata: Integers = np.repeat(np.arange(len(takes), dtype=np.int64), takes)
    held = blocks.measures.sum(axis=0).astype(np.int64)
    ranks = [srs(int(held[h]), int(takes[h]), rng) for h in np.flatnonzero(takes)]
    return strata, np.concatenate([np.empty(0), *ranks]) + 0.5


METHODS: dict[str, Callable[[Blocks, Integers, Chance], tuple[Integers, Floats]]] = {
    "pps_systematic": _systematic_points,
    "systematic": _systematic_points,
    "srs": _srs_points,
}


def _drawn(
    blocks: Blocks, found: Strata, counts: Integers, points: tuple[Integers, Floats]
) -> StratifiedDraw:
    """Return the units hit together with the certain ones, and their probabilities."""
    strata, places = points
    hit = blocks.hit(strata, places)
    left = found.takes - counts
    rates = left / np.where(left > 0, blocks.measures.sum(axis=0), 1.0)
    counted = 1.0 if blocks.sizes is None else blocks.sizes[hit].astype(np.float64)
    certain = blocks.codes[blocks.skipped].astype(np.int64)
    positions = np.concatenate([blocks.skipped, hit])
    codes = np.concatenate([certain, strata])
    sure = np.ones(len(certain))
    probabilities = np.concatenate([sure, np.minimum(rates[strata] * counted, 1.0)])
    order = np.lexsort((positions, codes))
    return StratifiedDraw(
        positions[order],
        probabilities[order],
        found.labels[codes[order]],
        {found.labels[h].item(): int(counts[h]) for h in np.flatnonzero(counts)},
    )
