"""Balanced samples: the totals of known variables come out as in the population.

The rule of the draw stands in ``sampling.selection.flight`` (flight, with order, window, pivots,
uniform numbers) and ``sampling.selection.landing`` (landing), precisely enough to repeat
it with another program.
"""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from sampling.chance import Chance
from sampling.selection.flight import (
    Floats,
    fly_groups,
    fly_within_strata,
    scale,
    scaled_table,
    undecided,
)
from sampling.selection.inputs import (
    read_columns,
    read_positions,
    read_probabilities,
    read_strata,
    refuse_option,
)
from sampling.selection.landing import land_by_dropping, land_by_programme


def cube(
    pi: ArrayLike, balance: ArrayLike, rng: Chance, *, landing: str = "drop"
) -> NDArray[np.int64]:
    """Return the positions of a sample balanced on the columns of ``balance``.

    Each unit is drawn with exactly its ``pi``, and the estimated totals, the sums of x/pi over
    the sample, equal the population totals up to the rounding of the last few units.
    A column equal to ``pi`` fixes the number drawn. Units are taken in the order given; a frame
    in a meaningful order is also spread along it, a shuffled one is not.

    Parameters
    ----------
    pi : array (N,)
        Inclusion probabilities, 0 … 1.
    balance : array (N, p)
        Balancing variables, the most important ones first (the landing gives up the last ones
        first). Constant, zero and linearly dependent columns do no harm.
    rng : numpy generator or hash stream
        Only its ``random(size)`` is used.
    landing : "drop" or "lp"
        See ``sampling.selection.landing``. ``drop`` can be repeated anywhere; ``lp`` gives the
        least expected deviation but needs a solver.

    Raises
    ------
    DesignError
        ``selection-probabilities-invalid``, ``selection-balance-invalid``,
        ``selection-landing-unknown``.

    Notes
    -----
    Deville & Tillé (2004), Biometrika 91, sections 4 and 5; Chauvet & Tillé (2006),
    Computational Statistics 21. Time grows as N·p², about a second for 100,000 units and ten
    variables; memory as N·p, about twice the table beside it.

    Examples
    --------
    >>> import numpy as np
    >>> rng = np.random.Generator(np.random.PCG64(1))
    >>> pi, x = np.full(400, 0.25), np.arange(400.0)
    >>> drawn = cube(pi, np.column_stack([pi, x]), rng)
    >>> len(drawn), bool(abs(balance_gap(drawn, pi, x)[0]) < 0.02)
    (100, True)
    """
    psi, values, start = _start(pi, balance)
    table = scaled_table(start, values)
    fly_groups(psi, table, [np.arange(len(psi))], rng)
    return _land(psi, table, start, values, rng, landing)


def flight_phase(pi: ArrayLike, balance: ArrayLike, rng: Chance) -> Floats:
    """Return psi after the flight alone: 0 and 1 where decided, at most p units between.

    The sums of x·psi/pi are the totals of ``balance`` up to rounding. Arguments and errors as
    of :func:`cube`.
    """
    psi, values, start = _start(pi, balance)
    fly_groups(psi, scaled_table(start, values), [np.arange(len(psi))], rng)
    return psi


def landing_phase(
    psi: ArrayLike, pi: ArrayLike, balance: ArrayLike, rng: Chance, *, landing: str = "drop"
) -> NDArray[np.int64]:
    """Return the positions drawn by landing from ``psi``, what :func:`flight_phase` returned.

    Errors as of :func:`cube`.
    """
    _, values, start = _start(pi, balance)
    reached = read_probabilities(psi)
    read_columns(reached, len(start), "balance")
    return _land(reached, scaled_table(start, values), start, values, rng, landing)


def stratified_cube(
    pi: ArrayLike,
    balance: ArrayLike,
    strata: Sequence[Hashable] | NDArray[Any],
    rng: Chance,
) -> NDArray[np.int64]:
    """Return a sample of fixed size in each stratum, balanced within strata as far as possible.

    First each stratum flies alone, balanced on pi and its own ``balance`` (strata in the order of
    their first unit, side by side as the groups of ``sampling.selection.flight``). Then the units
    left fly together, balanced on ``balance`` in the whole population, with the number of each
    stratum kept; then the last variable is given up, and so on, always within strata.
    Where the pi of a stratum do not sum to a whole number one unit of it remains: these units are
    drawn together by flight and landing (``drop``) with pi and ``balance``, stratum by stratum,
    so that a stratum gets its sum rounded up or down.

    Parameters
    ----------
    pi, balance, rng
        As of :func:`cube`; pi need not be a column of ``balance``.
    strata : sequence of N labels

    Raises
    ------
    DesignError
        As :func:`cube`, and ``selection-strata-invalid``.

    Notes
    -----
    Chauvet (2009), Stratified balanced sampling, Survey Methodology 35 (flight in each stratum,
    flight of those left, landing). The flight of those left looks at few strata at a time, as
    Hasler & Tillé (2014), Fast balanced sampling for highly stratified population,
    Computational Statistics & Data Analysis 74.

    Examples
    --------
    >>> import numpy as np
    >>> rng = np.random.Generator(np.random.PCG64(1))
    >>> x = np.arange(12.0)
    >>> drawn = stratified_cube(np.full(12, 0.5), x, ["a", "b", "c"] * 4, rng)
    >>> np.bincount(drawn % 3).tolist()
    [2, 2, 2]
    """
    psi, values, start = _start(pi, balance)
    groups = read_strata(strata, len(psi))
    own = np.column_stack([start, values])
    scale(own, start)
    fly_groups(psi, own, groups, rng)
    for p in range(values.shape[1], -1, -1):
        fly_within_strata(psi, own[:, 1 : p + 1], groups, rng)
    alone = np.concatenate([np.arange(0), *(group[undecided(psi[group])] for group in groups)])
    fly_groups(psi, own, [alone], rng)
    land_by_dropping(psi, own, [alone], rng)
    return np.flatnonzero(psi == 1)


def balance_gap(positions: ArrayLike, pi: ArrayLike, balance: ArrayLike) -> Floats:
    """Return by how much the estimated totals miss the true ones, as parts of them.

    For each column: the sum over the sample of x/pi, less the sum of x, over the absolute sum
    of x. Where the true total is 0 (below 1e-12 of the sum of absolute x), the sum of absolute x
    is the divisor; a column of zeros has gap 0.

    Parameters
    ----------
    positions : array (n,)
        The sample.
    pi : array (N,)
    balance : array (N, p)

    Returns
    -------
    array (p,)

    Raises
    ------
    DesignError
        ``selection-positions-invalid`` (also a drawn unit with probability 0),
        ``selection-probabilities-invalid``, ``selection-balance-invalid``.

    Examples
    --------
    >>> balance_gap([0, 3], [0.5, 0.5, 0.5, 0.5], [1.0, 2.0, 3.0, 5.0]).round(4).tolist()
    [0.0909]
    """
    probabilities = read_probabilities(pi)
    values = read_columns(balance, len(probabilities), "balance")
    drawn = read_positions(positions, probabilities)
    totals, sizes = values.sum(axis=0), np.abs(values).sum(axis=0)
    found = (values[drawn] / probabilities[drawn, None]).sum(axis=0)
    divisor = np.where(np.abs(totals) > 1e-12 * sizes, np.abs(totals), sizes)
    gap: Floats = (found - totals) / np.where(divisor > 0, divisor, 1.0)
    return gap


def _start(pi: ArrayLike, balance: ArrayLike) -> tuple[Floats, Floats, Floats]:
    start = read_probabilities(pi)
    return start.copy(), read_columns(balance, len(start), "balance"), start


def _land(
    psi: Floats, table: Floats, pi: Floats, balance: Floats, rng: Chance, landing: str
) -> NDArray[np.int64]:
    if landing == "drop":
        land_by_dropping(psi, table, [np.arange(len(psi))], rng)
    elif landing == "lp":
        land_by_programme(psi, table, _cost_weights(pi, balance), rng)
    else:
        raise refuse_option("selection-landing-unknown", "landing", landing, "drop, lp")
    return np.flatnonzero(psi == 1)


def _cost_weights(pi: Floats, balance: Floats) -> Floats:
    """Return the largest x/pi (the scale of the table) over the sum of all x, by variable."""
    scales = scale(balance.copy(), pi)
    sums = np.abs(balance).sum(axis=0)
    weights: Floats = scales / np.where(sums > 0, sums, 1.0)
    return weights
