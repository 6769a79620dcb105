"""More units from those that a systematic draw left: a fixed size, and exact probabilities.

A second draw is made among the units that the first one left. A unit is then in the sample
with probability

    π = Σ over the samples s of the first draw: p(s) (1 if the unit is in s, else q(s)),

where q(s) is the probability that the second draw takes it among those that s leaves. A
systematic draw (with equal probabilities or by size) has no more samples than its list has
units: each start from 0 to 1 gives one, and it changes only where the sum of the
probabilities passes a whole number. So the sum is worked out, in fractions. Other draws have
too many samples for that.
"""

from __future__ import annotations

import math
from bisect import bisect_right
from collections.abc import Iterator, Mapping, Sequence
from fractions import Fraction
from itertools import accumulate, pairwise
from typing import Any

from intake.findings import DrawError
from sampling.design import Stage, measure
from sampling.drawing import Draw
from sampling.frame import Frame
from sampling.given import require
from sampling.revision.chances import first_chances
from sampling.takes import takes_of

FROM_STARTS = ("systematic", "pps_systematic")
_OF_OTHER_SIZE = ("poisson", "pareto", "rao_hartley_cochran")


def remaining(draw: Draw) -> Frame:
    """Return the frame of a draw without the units of stage 1 that it took.

    Raises
    ------
    FrameError
        No unit is left.
    """
    require((draw, Draw))
    column = draw.design.stages[0].id or "unit_id"
    taken = {row.unit_id for row in draw.rows if row.stage == 1}
    held = [unit.cells for unit in draw.frame.units if unit.cells[column] not in taken]
    return Frame.from_rows(held, "frame.csv")


def united_chances(first: Draw, second: Draw) -> dict[str, Fraction]:
    """Return the probability of each unit of stage 1 to be in either of two draws.

    Parameters
    ----------
    first
        A draw whose stage 1 is ``systematic`` or ``pps_systematic`` in every stratum of
        which it left units.
    second
        A draw from `remaining` of it, with a fixed take in each stratum.

    Returns
    -------
    dict
        By unit. In each stratum they sum to the units of both draws.

    Raises
    ------
    DrawError
        ``revision-remainder-unfit``: for these draws the sum cannot be worked out.

    References
    ----------
    Särndal, Swensson & Wretman (1992), Model Assisted Survey Sampling, section 2.4: the
    probability of a unit is the sum of p(s) over the samples that hold it.
    """
    require((first, Draw), (second, Draw))
    _check(first, second)
    takes, _ = takes_of(second.design, second.frame)
    orders = {str(one["stratum"]): one["order"] for one in _strata(first)}
    chances, found = first_chances(first), dict[str, Fraction]()
    for stratum, members in first.design.members(first.frame).items():
        own, order = chances[stratum], orders[stratum]
        found |= dict.fromkeys((one.unit.unit_id for one in members), Fraction(1))
        stage = second.design.stages[0].within(stratum)
        sizes = {one.unit.unit_id: measure(stage, one.unit) for one in members}
        listed = [own[name] for name in order], [sizes[name] for name in order]
        found |= _both(order, *listed, takes.get(stratum, 0))
    return found


def _both(
    order: Sequence[str], chances: Sequence[Fraction], sizes: Sequence[int], take: int
) -> dict[str, Fraction]:
    """Return it for the units of one stratum that the first draw left to chance.

    With q(s) = take · size / R(s), R(s) the sizes that s leaves, the sum for a unit is
    p + take · size · (Σ p(s) / R(s) over all s, less that over the s that hold the unit).
    """
    if take == len(order) - sum(chances):
        return dict.fromkeys(order, Fraction(1))
    largest = sorted(range(len(order)), key=lambda place: -sizes[place])
    everywhere, holding = Fraction(0), [Fraction(0)] * len(order)
    for share, places in samples_of_starts(chances):
        left = sum(sizes) - sum(sizes[place] for place in places)
        most = next(sizes[place] for place in largest if place not in places)
        if take * most >= left:
            # Refused whether or not this sample came: a rule must not depend on who was drawn.
            raise _unfit(
                "lần chọn thứ hai có thể có đơn vị chắc chắn, nhưng tính chung thì không chắc chắn",
                "the second draw may take units with certainty that are not certain over both",
            )
        part = share / left
        everywhere += part
        for place in places:
            holding[place] += part
    return {
        name: chance + take * size * (everywhere - held)
        for name, chance, size, held in zip(order, chances, sizes, holding, strict=True)
    }


def samples_of_starts(
    chances: Sequence[Fraction],
) -> Iterator[tuple[Fraction, frozenset[int]]]:
    """Yield the samples of a systematic draw as places, each with its part of the starts.

    Parameters
    ----------
    chances
        In the order of the list, each at most 1.

    Examples
    --------
    >>> [(str(share), sorted(places))
    ...  for share, places in samples_of_starts([Fraction(1, 2), Fraction(3, 4), Fraction(3, 4)])]
    [('1/4', [0, 1]), ('1/4', [0, 2]), ('1/2', [1, 2])]
    """
    scale = math.lcm(*(one.denominator for one in chances))
    sums = list(accumulate(int(one * scale) for one in chances))
    marks = sorted({0, scale, *(one % scale for one in sums)})
    for low, high in pairwise(marks):
        # The points of a start are 1 apart; a unit is hit by one below its sum and not before.
        hit = frozenset(bisect_right(sums, point) for point in range(low, sums[-1], scale))
        yield Fraction(high - low, scale), hit


def _check(first: Draw, second: Draw) -> None:
    mine, other = first.design.stages[0], second.design.stages[0]
    methods = {mine.within(str(one["stratum"])).method for one in _strata(first)
               if one["take"] != one["units"]}  # fmt: skip
    if not methods <= set(FROM_STARTS) or mine.rate is not None:
        raise _unfit(
            "lần chọn đầu không phải chọn hệ thống với số lấy cố định",
            "the first draw is not systematic with a fixed take",
        )
    if (mine.id or "unit_id", mine.strata) != (other.id or "unit_id", other.strata):
        raise _unfit("đơn vị hoặc tầng khác nhau", "their units or strata are not the same")
    if not all(map(_fixed, (other, *other.per_stratum.values()))):
        raise _unfit(
            "lần chọn thứ hai phải có số lấy cố định theo tầng và không nêu đơn vị chắc chắn",
            "the second draw needs a fixed take by stratum and names no certainties",
        )


def _unfit(vi: str, en: str) -> DrawError:
    return DrawError.of(
        "revision-remainder-unfit",
        f"Không tính được xác suất chung của hai lần chọn: {vi}.",
        f"The probabilities over both draws cannot be worked out: {en}.",
        "Chọn mẫu thứ hai trên cả khung rồi hợp lại, hoặc giảm số lấy.",
        "Make the second draw from the whole frame and join the two, or lower its take.",
    )


def _strata(draw: Draw) -> list[Mapping[str, Any]]:
    strata = draw.record["strata"]
    return list(strata) if isinstance(strata, list) else []


def _fixed(stage: Stage) -> bool:
    fixed = stage.allocation == "fixed" and stage.rate is None and not stage.certainty
    return fixed and stage.method not in _OF_OTHER_SIZE
