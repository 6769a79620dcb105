"""A drawn unit on its way through the stages: its stratum, its PSU, its probability so far."""

from __future__ import annotations

from dataclasses import dataclass, replace
from fractions import Fraction

from sampling.design import Member
from sampling.drawing.groups import Group, Pick
from sampling.frame import FrameUnit
from sampling.sample import Row


@dataclass(frozen=True, slots=True)
class Drawn:
    """A unit of the frame that was drawn, with the stratum and PSU its cases belong to.

    While every unit on the way was certain, none of them is a PSU (``psu_id`` empty) and
    each is a stratum of its own.
    """

    member: Member
    stratum: str
    psu_id: str
    chance: Fraction

    @property
    def unit(self) -> FrameUnit:
        """The unit with its columns."""
        return self.member.unit

    def row(self, stage: int, order: int, role: str) -> Row:
        """Return the row of the unit in the sample file."""
        return Row(self.unit.unit_id, self.stratum, self.psu_id, stage, order, self.chance, role)


def first_stage(stratum: str, group: Group, pick: Pick, *, last: bool) -> Drawn:
    """Return a unit of stage 1; ``last`` where no later stage follows."""
    unit_id = pick.member.unit.unit_id
    if not pick.certain:
        return Drawn(pick.member, stratum, unit_id, pick.chance)
    alone = group.told["units"] == 1 or (group.whole and last)
    own = stratum if alone else f"{stratum}/{unit_id}"
    return Drawn(pick.member, own, unit_id if last else "", pick.chance)


def later_stage(parent: Drawn, name: str, group: Group, pick: Pick, *, last: bool) -> Drawn:
    """Return a unit of a later stage, with what it takes over from the unit it lies in.

    ``name`` is the stratum within that unit, empty where it has one only.
    """
    chance = parent.chance * pick.chance
    if parent.psu_id:
        return replace(parent, member=pick.member, chance=chance)
    within = f"{parent.stratum}/{name}" if name else parent.stratum
    found = first_stage(within, group, pick, last=last)
    return replace(found, chance=chance)
