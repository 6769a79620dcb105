"""How likely a draw holds at least one of some units: exact, for the methods that allow it.

A unit that a reform merged from former units is in a sample of former units when any of them
is. Strata are drawn independently of each other. Within one, for k former units:

- ``srs``, n of N: 1 − C(N − k, n) / C(N, n); at a rate, over both numbers it may round to;
- ``poisson``: 1 − Π (1 − p);
- ``systematic``, ``pps_systematic``: the share of the starts that hit one of the k, given
  the order of the list, which the draw records; ``systematic_circular`` likewise;
- ``sampford`` with k = 2: p + q less the joint probability (Sampford 1967), in floating point.

For the other methods no exact figure is given; shared weights (``reform``) need none.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from fractions import Fraction
from math import comb, prod

from intake.findings import DrawError
from sampling.design import Stage
from sampling.drawing import Draw
from sampling.given import require
from sampling.revision.chances import first_chances


def union_chance(draw: Draw, units: Collection[str]) -> Fraction | None:
    """Return the probability that a draw holds at least one of some units of stage 1.

    Parameters
    ----------
    draw
        A draw.
    units
        Units of its frame, drawn or not.

    Returns
    -------
    Fraction or None
        ``None`` where the method of a stratum has no exact figure.

    Raises
    ------
    DrawError
        ``revision-unit-unknown``: with the units that the frame does not hold.

    Examples
    --------
    >>> from sampling import Frame, SampleDesign, draw
    >>> frame = Frame.from_rows([{"unit_id": name, "unit_name": "X", "province": "31",
    ...     "stratum": "s", "size": size} for name, size in (("a", 1), ("b", 1), ("c", 2))])
    >>> design = SampleDesign.from_dict(
    ...     {"version": 1, "stages": [{"unit": "commune", "method": "srs", "take": 1}]})
    >>> str(union_chance(draw(frame, design, 7), ["a", "b"]))
    '2/3'
    """
    require((draw, Draw))
    members = draw.design.members(draw.frame)
    homes = {one.unit.unit_id: stratum for stratum, held in members.items() for one in held}
    unknown = sorted(set(units) - set(homes))
    if unknown:
        raise DrawError.of(
            "revision-unit-unknown",
            f"Khung mẫu không có {', '.join(unknown[:5])}.",
            f"The frame does not hold {', '.join(unknown[:5])}.",
            "Dùng mã đơn vị giai đoạn 1 của khung.",
            "Name units of stage 1 of the frame.",
            path="units",
        )
    chances, strata = first_chances(draw), draw.record["strata"]
    told = {str(one["stratum"]): one for one in strata} if isinstance(strata, list) else {}
    missed = Fraction(1)
    for stratum in sorted({homes[one] for one in units}):
        here = [one for one in dict.fromkeys(units) if homes[one] == stratum]
        stage = draw.design.stages[0].within(stratum)
        order = [str(one) for one in told[stratum]["order"]]
        hit = _in_stratum(stage, order, chances[stratum], here)
        if hit is None:
            return None
        missed *= 1 - hit
    return 1 - missed


def _in_stratum(
    stage: Stage, order: Sequence[str], chances: Mapping[str, Fraction], of: Sequence[str]
) -> Fraction | None:
    """Return it for one stratum; ``order`` are its units without those taken with certainty."""
    listed = [chances.get(one, Fraction(0)) for one in order]
    own = [chances.get(one, Fraction(0)) for one in of]
    if 1 in own or not any(own):
        return max(own)
    places = [order.index(one) for one, chance in zip(of, own, strict=True) if chance]
    if stage.method == "poisson":
        return 1 - prod((1 - one for one in own), start=Fraction(1))
    if stage.method == "srs":
        return _of_first(len(order), sum(listed, Fraction(0)), len(places))
    if stage.method in ("systematic", "pps_systematic"):
        return _of_starts(listed, set(places))
    if stage.method == "systematic_circular":
        return _of_circle(len(order), int(sum(listed, Fraction(0))), places)
    if stage.method == "rao_hartley_cochran":
        return None
    if len(places) == 1:
        return max(own)
    if stage.method == "sampford" and len(places) == 2:
        from sampling.probabilities import joint_probabilities

        pairs = joint_probabilities([float(one) for one in listed], "sampford")
        return sum(own, Fraction(0)) - Fraction(float(pairs[places[0], places[1]]))
    return None


def _of_first(held: int, expected: Fraction, k: int) -> Fraction:
    """Return it for the first n in a random order; a broken n is rounded by chance."""
    least = int(expected)
    missed = [Fraction(comb(held - k, n), comb(held, n)) for n in (least, min(held, least + 1))]
    return 1 - missed[0] - (expected - least) * (missed[1] - missed[0])


def _of_starts(chances: Sequence[Fraction], places: Collection[int]) -> Fraction:
    """Return the share of the starts in [0, 1) of which a point, 1 apart, hits a place."""
    arcs: list[tuple[Fraction, Fraction]] = []
    before = Fraction(0)
    for place, chance in enumerate(chances):
        if place in places:
            low, high = before % 1, before % 1 + chance
            arcs += [(low, min(high, Fraction(1))), (Fraction(0), max(Fraction(0), high - 1))]
        before += chance
    covered = reached = Fraction(0)
    for low, high in sorted(arcs):
        covered += max(Fraction(0), high - max(low, reached))
        reached = max(reached, high)
    return covered


def _of_circle(held: int, n: int, places: Collection[int]) -> Fraction:
    step = held // n
    starts = {(place - turn * step) % held for place in places for turn in range(n)}
    return Fraction(len(starts), held)
