"""The primary units of a design on its frame, as arrays: what each holds, how each is drawn."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from sampling.design import (
    Member,
    SampleDesign,
    Stage,
    column_size,
    measure,
    members_of,
    stratum_take,
)
from sampling.design.stages import METHODS_OF_PERSONS
from sampling.frame import Frame
from sampling.given import require
from sampling.precision.refusals import check_columns
from sampling.probabilities import inclusion_probabilities

Floats: TypeAlias = NDArray[np.float64]


@dataclass(frozen=True)
class Step:
    """A later stage inside each primary unit, on average over it.

    ``held`` is what a unit of the stage before holds (inf where not known), ``issued`` what is
    drawn from it, ``in_time`` whether every k-th is taken.
    """

    held: Floats
    issued: Floats
    in_time: NDArray[np.bool_]

    def with_take(self, take: float) -> Floats:
        """Return what is drawn with another take, the same in every list."""
        steps = np.maximum(np.floor(np.where(self.in_time, self.held, take) / take), 1.0)
        return np.where(self.in_time, self.held / steps, np.minimum(self.held, take))


@dataclass(frozen=True)
class Layout:
    """Units of stage 1, sorted by stratum, and what later stages find in them.

    ``persons`` are those whom a unit stands for (places on its list, or its ``size``),
    ``measure`` the size that makes the chance, ``certain`` those named as certain, ``domains``
    the labels of each unit by column.
    """

    strata: tuple[str, ...]
    stratum: NDArray[np.intp]
    persons: Floats
    measure: Floats
    certain: NDArray[np.bool_]
    steps: tuple[Step, ...]
    domains: Mapping[str, tuple[str, ...]]

    @property
    def counts(self) -> NDArray[np.intp]:
        """How many units each stratum holds."""
        return np.bincount(self.stratum, minlength=len(self.strata))

    @property
    def list_step(self) -> int:
        """The place of the last step that draws several from a list; −1 where there is none."""
        known = [at for at, step in enumerate(self.steps) if np.isfinite(step.held).all()]
        return known[-1] if known else -1

    @property
    def longest(self) -> int:
        """The longest list of that step."""
        if self.list_step < 0:
            return 1
        return int(np.ceil(self.steps[self.list_step].held.max(initial=1.0)))

    def chances(self, takes: Sequence[int] | NDArray[np.int64]) -> Floats:
        """Return the inclusion probability of each unit for the takes of the strata."""
        made = np.ones(len(self.stratum))
        ends = np.cumsum(self.counts)
        for start, end, take in zip(ends - self.counts, ends, takes, strict=True):
            if take >= end - start:
                continue
            own = np.arange(start, end)
            free = own[~self.certain[start:end]]
            left = int(take) - (end - start - len(free))
            made[free] = inclusion_probabilities(self.measure[free], max(left, 0))
        return made


def lay_out(design: SampleDesign, frame: Frame, domains: Sequence[str] = ()) -> Layout:
    """Return the primary units of a design as arrays.

    Parameters
    ----------
    design, frame
        They fit each other (``design.check_against``).
    domains
        Frame columns whose values are domains. A primary unit made of several rows belongs to
        the domain of most of its persons.

    Raises
    ------
    DesignError
        The frame has no such column.
    """
    require((design, SampleDesign), (frame, Frame))
    check_columns(domains, frame.columns, "domains")
    strata = design.members(frame)
    first = design.stages[0]
    members = [one for units in strata.values() for one in units]
    names = [name for name, units in strata.items() for _ in units]
    numbers = {name: place for place, name in enumerate(strata)}
    return Layout(
        strata=tuple(strata),
        stratum=np.array([numbers[name] for name in names], dtype=np.intp),
        persons=np.array([_persons(design, one) for one in members]),
        measure=np.array(
            [
                float(measure(first.within(name), one.unit))
                for name, one in zip(names, members, strict=True)
            ]
        ),
        certain=np.array([first.is_certain(one.unit) for one in members], dtype=np.bool_),
        steps=_steps(design, members),
        domains={name: tuple(_label(one, name) for one in members) for name in domains},
    )


def _persons(design: SampleDesign, member: Member) -> float:
    """Return whom a unit stands for: the places on its lists, else its size."""
    listed = design.listing
    if listed is None or design.person is not None:
        return float(member.unit.size)
    return float(column_size(member.unit, listed.size) or member.unit.size)


def _steps(design: SampleDesign, members: Sequence[Member]) -> tuple[Step, ...]:
    """Return the later stages: areas that lie in each other, then places, then a person."""
    steps: list[Step] = []
    groups = [[one] for one in members]
    for stage in design.stages[1:]:
        if stage.id:
            inside = [
                [inner for one in group for inner in members_of(one.rows, stage.id)]
                for group in groups
            ]
            held = [len(found) / len(group) for found, group in zip(inside, groups, strict=True)]
            issued = [
                sum(_areas_drawn(stage, one) for one in group) / len(group) for group in groups
            ]
            steps.append(_step(held, issued))
            groups = inside
        elif stage.method in METHODS_OF_PERSONS:
            steps.append(_step([np.inf] * len(members), [1.0] * len(members)))
        else:
            steps.append(_places(stage, groups))
    return tuple(steps)


def _step(held: Sequence[float], issued: Sequence[float]) -> Step:
    return Step(np.array(held), np.array(issued), np.zeros(len(held), dtype=np.bool_))


def _areas_drawn(stage: Stage, parent: Member) -> float:
    """Return how many units of an area stage are drawn in a unit, over the strata in it."""
    strata: dict[str, int] = {}
    for one in members_of(parent.rows, stage.id):
        name = one.unit.cells.get(stage.strata, "")
        strata[name] = strata.get(name, 0) + 1
    return sum(_drawn(stage, name, float(count)) for name, count in strata.items())


def _places(stage: Stage, groups: Sequence[Sequence[Member]]) -> Step:
    """Return the stage that draws places on the lists of the units that lie in each group."""
    held, issued, in_time = [], [], []
    for group in groups:
        names = [one.unit.cells.get(stage.strata, "") for one in group]
        sizes = [
            float(sum(column_size(row, stage.within(name).size) or 1 for row in one.rows))
            for one, name in zip(group, names, strict=True)
        ]
        drawn = [_drawn(stage, name, size) for name, size in zip(names, sizes, strict=True)]
        held.append(sum(sizes) / len(group))
        issued.append(sum(drawn) / len(group))
        in_time.append(stage.within(names[0]).method == "every_kth")
    return Step(np.array(held), np.array(issued), np.array(in_time, dtype=np.bool_))


def _drawn(stage: Stage, stratum: str, held: float) -> float:
    """Return how many a stage is expected to draw from a list of ``held``."""
    here = stage.within(stratum)
    if here.rate is not None:
        return held * here.rate
    take = float(stratum_take(stage, stratum) or 1)
    if here.method == "every_kth":
        return held / max(1.0, held // take)
    return min(held, take)


def _label(member: Member, column: str) -> str:
    if len(member.rows) == 1:
        return member.rows[0].cells.get(column, "")
    votes: dict[str, int] = {}
    for row in member.rows:
        label = row.cells.get(column, "")
        votes[label] = votes.get(label, 0) + row.size
    return max(sorted(votes), key=votes.__getitem__)
