"""Samples spread over space: neighbours compete, so that they are rarely drawn together.

Both methods keep every inclusion probability exactly and draw a fixed number where the
probabilities sum to a whole one. Distances are Euclidean between the coordinates **as given**:
standardise columns of different kinds, project degrees by :func:`projected`. Equal distances: the
unit with the lower position counts as nearer.
"""

from __future__ import annotations

from array import array
from math import cos, fsum, radians

import numpy as np
from numpy.typing import ArrayLike, NDArray

from intake.findings import DesignError
from sampling.chance import Chance
from sampling.selection.flight import Floats, undecided
from sampling.selection.inputs import (
    ROUNDING,
    read_columns,
    read_positions,
    read_probabilities,
    refuse_option,
)
from sampling.selection.neighbours import Neighbours, nearest_shares

KM_PER_DEGREE = 111.195
"""Length of a degree of a great circle: 2·pi·6371.0 km / 360."""

LIST_LENGTH = 7


def local_pivotal(
    pi: ArrayLike, coordinates: ArrayLike, rng: Chance, variant: int = 1
) -> NDArray[np.int64]:
    """Return the positions drawn by the local pivotal method.

    Two near neighbours fight: one gets as much of the other's probability as it can hold, and one
    of them is decided; until none is left.

    Parameters
    ----------
    pi : array (N,)
        Inclusion probabilities, 0 … 1.
    coordinates : array (N, d)
    rng : numpy generator or hash stream
        Only its ``random()`` is used.
    variant : 1 or 2
        1 (default): only pairs that are nearest to each other fight; the better spread. 2: the
        unit chosen fights its nearest neighbour; somewhat faster, and simpler to repeat by hand.

    Raises
    ------
    DesignError
        ``selection-probabilities-invalid``, ``selection-coordinates-invalid``,
        ``selection-variant-unknown``.

    Notes
    -----
    Grafström, Lundström & Schelin (2012), Spatially balanced sampling through the pivotal method,
    Biometrics 68: LPM1 and LPM2; the fight is that of Deville & Tillé (1998), Biometrika 85.

    *Rule.* The list L holds the undecided units by position. While L has two or more units: take
    a uniform number v; i = L[min(floor(v·len(L)), len(L) − 1)]; j is the nearest other unit of L
    (lower position where equally near). Variant 1: if some unit is nearer to j than i is, begin
    again with the next number. Take a uniform number w; with a = pi_i, b = pi_j, s = a + b:

    - s < 1: if w < b/s, then pi_i = 0 and pi_j = s, else pi_i = s and pi_j = 0;
    - s ≥ 1: if w < (1 − b)/(2 − s), then pi_i = 1 and pi_j = s − 1, else pi_i = s − 1, pi_j = 1.

    Values within 1e-12 of 0 or 1 are put there. Of i, then j, each that is decided leaves L: the
    last unit of L takes its place. A unit alone at the end is drawn if one more uniform number is
    below its pi.

    Examples
    --------
    >>> import numpy as np
    >>> rng = np.random.Generator(np.random.PCG64(1))
    >>> drawn = local_pivotal(np.full(6, 0.5), [0.0, 0.1, 5.0, 5.1, 9.0, 9.1], rng)
    >>> (drawn // 2).tolist()
    [0, 1, 2]
    """
    if variant not in (1, 2):
        raise refuse_option("selection-variant-unknown", "variant", variant, "1, 2")
    psi, units = _start(pi)
    near = _neighbours(coordinates, psi, units, LIST_LENGTH)
    place = array("i", bytes(4 * len(psi)))
    for at, unit in enumerate(units):
        place[unit] = at
    while len(units) > 1:
        i = units[min(int(rng.random() * len(units)), len(units) - 1)]
        j = near.nearest(i)
        if variant == 1 and not near.is_nearest(j, i):
            continue
        psi[i], psi[j] = _fight(psi[i], psi[j], rng.random())
        for unit in (i, j):
            if psi[unit] in (0.0, 1.0):
                near.remove(unit)
                last = units.pop()
                if last != unit:
                    at = place[unit]
                    units[at] = last
                    place[last] = at
    for unit in units:
        psi[unit] = float(rng.random() < psi[unit])
    return np.flatnonzero(np.frombuffer(psi) == 1)


def _fight(a: float, b: float, number: float) -> tuple[float, float]:
    both = a + b
    if both < 1:
        kept = _settled(both)
        return (0.0, kept) if number < b / both else (kept, 0.0)
    kept = _settled(both - 1)
    return (1.0, kept) if number < (1 - b) / (2 - both) else (kept, 1.0)


def _settled(value: float) -> float:
    if value < ROUNDING:
        return 0.0
    return 1.0 if value > 1 - ROUNDING else value


def scps(pi: ArrayLike, coordinates: ArrayLike, rng: Chance) -> NDArray[np.int64]:
    """Return the positions of a spatially correlated Poisson sample with maximal weights.

    Units are decided one after the other; what a decision adds to or takes from a unit's
    probability is given back to its nearest neighbours, as much as each can hold.

    Parameters
    ----------
    pi : array (N,)
        Inclusion probabilities, 0 … 1.
    coordinates : array (N, d)
    rng : numpy generator or hash stream
        Only its ``random()`` is used.

    Raises
    ------
    DesignError
        ``selection-probabilities-invalid``, ``selection-coordinates-invalid``.

    Notes
    -----
    Grafström (2012), Spatially correlated Poisson sampling, Journal of Statistical Planning and
    Inference 142, with the maximal weights proposed there.

    *Rule.* Go through the units by position, leaving out those decided. Take a uniform number v;
    with a = pi_i, the unit i is drawn if v < a. Then, g = 0; go through the other
    undecided units j by distance to i, then position. With b = pi_j:
    w = min(b/(1 − a), (1 − b)/a), but 1 − g where g + w ≥ 1; pi_j = b + a·w if i was not drawn,
    b − (1 − a)·w if it was (within 1e-12 of 0 or 1: put there, j is decided); g = g + w; stop when
    g + w reached 1.

    A unit looks at about 1/pi neighbours, so very small probabilities take longer.

    Examples
    --------
    >>> import numpy as np
    >>> rng = np.random.Generator(np.random.PCG64(1))
    >>> drawn = scps(np.full(6, 0.5), [0.0, 0.1, 5.0, 5.1, 9.0, 9.1], rng)
    >>> (drawn // 2).tolist()
    [0, 1, 2]
    """
    psi, units = _start(pi)
    mean = float(np.frombuffer(psi)[units].mean()) if units else 1.0
    near = _neighbours(coordinates, psi, units, LIST_LENGTH + int(1.5 / mean))
    for unit in units:
        if psi[unit] not in (0.0, 1.0):
            drawn = rng.random() < psi[unit]
            decided = _give_back(psi, near, unit, drawn)
            psi[unit] = float(drawn)
            for gone in (unit, *decided):
                near.remove(gone)
    return np.flatnonzero(np.frombuffer(psi) == 1)


def _give_back(psi: array[float], near: Neighbours, unit: int, drawn: bool) -> list[int]:
    """Change the neighbours' psi after a decision; return those thereby decided."""
    a, given, decided = psi[unit], 0.0, []
    rest = 1 - a
    change = -rest if drawn else a
    for other in near.walk(unit):
        b = psi[other]
        weight = min(b / rest, (1 - b) / a)
        full = given + weight >= 1
        if full:
            weight = 1 - given
        psi[other] = moved = _settled(b + change * weight)
        if moved in (0.0, 1.0):
            decided.append(other)
        if full:
            break
        given += weight
    return decided


def _start(pi: ArrayLike) -> tuple[array[float], array[int]]:
    """Return the probabilities and the positions of those undecided, as compact arrays."""
    psi = read_probabilities(pi)
    units = np.flatnonzero(undecided(psi)).astype(np.int32)
    return array("d", psi.tobytes()), array("i", units.tobytes())


def _neighbours(
    coordinates: ArrayLike, psi: array[float], units: array[int], length: int
) -> Neighbours:
    points = read_columns(coordinates, len(psi), "coordinates")
    return Neighbours(points, np.frombuffer(units, dtype=np.int32), length)


def projected(lat: ArrayLike, lon: ArrayLike) -> Floats:
    """Return kilometres east and north for latitudes and longitudes in degrees.

    Equirectangular around the mean latitude: east = lon·111.195·cos(mean lat),
    north = lat·111.195. Over a province the distances are right to about one part in a hundred.

    Returns
    -------
    array (N, 2)

    Raises
    ------
    DesignError
        ``selection-coordinates-invalid``: not two rows of equal length, a latitude outside
        −90 … 90 or a longitude outside −180 … 180.

    Examples
    --------
    >>> projected([20.8, 20.9], [106.6, 106.7]).round(1).tolist()
    [[11077.2, 2312.9], [11087.6, 2324.0]]
    """
    north = read_columns(lat, np.size(lat), "coordinates")
    east = read_columns(lon, len(north), "coordinates")
    if north.shape[1] != 1 or east.shape[1] != 1 or _outside(north, 90) or _outside(east, 180):
        raise DesignError.of(
            "selection-coordinates-invalid",
            "Vĩ độ phải từ −90 đến 90 và kinh độ từ −180 đến 180, mỗi loại một dãy số.",
            "Latitudes must lie from −90 to 90 and longitudes from −180 to 180, one row each.",
            "Hãy xem có đảo vĩ độ với kinh độ không.",
            "Look whether latitude and longitude are exchanged.",
            path="lat",
        )
    middle = fsum(north[:, 0]) / max(len(north), 1)
    scale = KM_PER_DEGREE * cos(radians(middle))
    return np.column_stack([east[:, 0] * scale, north[:, 0] * KM_PER_DEGREE])


def _outside(values: Floats, limit: float) -> bool:
    return bool((np.abs(values) > limit).any())


def spatial_balance(positions: ArrayLike, pi: ArrayLike, coordinates: ArrayLike) -> float:
    """Return the mean squared deviation of the sample's Voronoi cells from one unit each.

    Every unit of the population belongs to the nearest unit of the sample, in equal parts to
    those equally near; v_i is the sum of the pi that belong to i. Returned is
    the mean of (v_i − 1)²: near 0 for a well spread sample, about 0.3 for a simple random one
    in the plane.

    Parameters
    ----------
    positions : array (n,)
        The sample, not empty.
    pi : array (N,)
    coordinates : array (N, d)

    Raises
    ------
    DesignError
        ``selection-positions-invalid``, ``selection-probabilities-invalid``,
        ``selection-coordinates-invalid``.

    Notes
    -----
    Stevens & Olsen (2004), Spatially balanced sampling of natural resources, Journal of the
    American Statistical Association 99; in this form Grafström, Lundström & Schelin (2012).

    Examples
    --------
    >>> spatial_balance([0, 3], [0.5, 0.5, 0.5, 0.5], [0.0, 1.0, 2.0, 3.0])
    0.0
    """
    probabilities = read_probabilities(pi)
    points = read_columns(coordinates, len(probabilities), "coordinates")
    drawn = read_positions(positions, probabilities)
    if not len(drawn):
        drawn = read_positions([-1], probabilities)
    share = nearest_shares(points[drawn], points, probabilities)
    return float(((share - 1) ** 2).mean())
