"""One group of units of the frame, drawn: certainties, the method, reserves, the record."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction

from sampling.chance import start_number
from sampling.design import Member, Stage, measure
from sampling.drawing.exact import certainties, pareto_rank, poisson_rank, take_at_rate
from sampling.drawing.methods import Hits, Task, carry_out, fraction_text
from sampling.drawing.ordering import listed, numbers_of
from sampling.frame import FrameUnit


@dataclass(frozen=True, slots=True)
class Pick:
    """A unit with its probability in this group; ``certain`` where it did not depend on chance."""

    member: Member
    chance: Fraction
    certain: bool = False


@dataclass(frozen=True)
class Group:
    """What was drawn in one group, its reserves in order, and what goes on record."""

    drawn: list[Pick]
    reserves: list[Pick]
    told: dict[str, object]
    whole: bool


def draw_group(
    stage: Stage,
    name: str,
    members: Sequence[Member],
    take: int,
    key: str,
    *,
    stream: str,
    reserve: int,
) -> Group:
    """Draw ``take`` of the members of a group by the stage's method.

    Parameters
    ----------
    stage
        As it is carried out in this group.
    name, stream
        What the record calls the group, and the name of its hash stream.
    members
        Every unit of the group, in any order.
    take
        Units to draw; a stage with a rate rounds rate times units by chance instead.
    key
        The seed of the draw.
    reserve
        Units to set aside.
    """
    by_id = {one.unit.unit_id: one for one in members}
    units = {unit_id: one.unit for unit_id, one in by_id.items()}
    numbers = numbers_of(stage, key, by_id)
    hashed = list(numbers)
    order = listed(stage, units, hashed)
    sizes = {unit_id: measure(stage, units[unit_id]) for unit_id in order}
    rate = stage.exact_rate
    if rate is not None:
        named = sum(map(stage.is_certain, units.values()))
        take = named + take_at_rate(len(members) - named, rate, start_number(key, f"{stream}|take"))
    certain = _certainties(stage, units, order, sizes, take)
    sure = [str(one["unit_id"]) for one in certain]
    gone = set(sure)
    rest = [unit_id for unit_id in order if unit_id not in gone]
    task = Task(stage, stream, key, rest, units, sizes, numbers, take - len(sure))
    hits = carry_out(task)
    drawn = [Pick(by_id[unit_id], Fraction(1), certain=True) for unit_id in sure]
    drawn += [Pick(by_id[unit_id], hits.chances[unit_id]) for unit_id in hits.names]
    spare = _reserves(task, by_id, hits, reserve)
    told = {
        "stratum": name,
        "method": stage.method,
        "units": len(members),
        "take": take,
        "certainties": certain,
        "order": rest,
        **hits.told,
        "drawn": [one.member.unit.unit_id for one in drawn],
        "reserves": [one.member.unit.unit_id for one in spare],
    }
    return Group(drawn, spare, told, whole=take == len(members) and rate is None)


_RANKS = {"pareto": pareto_rank, "poisson": poisson_rank}


def _reserves(task: Task, by_id: Mapping[str, Member], hits: Hits, reserve: int) -> list[Pick]:
    """Return the next units, with the probability they had of being drawn.

    They come in hash order. Where the hash itself decided who was drawn, what it leaves is no
    longer in an order of chance (small units stand first): there the next are those with the
    next rank, in a Poisson draw those whom a larger take would have drawn.
    """
    gone = set(hits.names)
    left = [one for one in task.numbers if one in hits.chances and one not in gone]
    rank = _RANKS.get(task.stage.method)
    if rank is not None:
        left.sort(key=lambda one: rank(task.numbers[one], hits.chances[one]))
    return [Pick(by_id[unit_id], hits.chances[unit_id]) for unit_id in left[:reserve]]


def _certainties(
    stage: Stage,
    units: Mapping[str, FrameUnit],
    order: Sequence[str],
    sizes: Mapping[str, int],
    take: int,
) -> list[dict[str, object]]:
    """Return the units taken with certainty, those that the design names first, and why."""
    named = [unit_id for unit_id in order if stage.is_certain(units[unit_id])]
    told: list[dict[str, object]] = [{"unit_id": one, "reason": "design"} for one in named]
    whole = take == len(order)
    if stage.exact_rate is not None or (not stage.by_size and not whole):
        return told
    gone = set(named)
    left = [unit_id for unit_id in order if unit_id not in gone]
    places, intervals = certainties([sizes[unit_id] for unit_id in left], take - len(named))
    reason = "whole stratum" if whole else "as large as the interval"
    told += [
        {
            "unit_id": left[place],
            "reason": reason,
            "size": sizes[left[place]],
            "interval": fraction_text(interval),
        }
        for place, interval in zip(places, intervals, strict=True)
    ]
    return told
