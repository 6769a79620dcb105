"""Which earlier draws a design takes its random numbers from."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from sampling.design.stages import COORDINATED

if TYPE_CHECKING:
    from sampling.design import SampleDesign, Stage


@dataclass(frozen=True)
class NumbersFrom:
    """A stage, counted from 1, that goes by the permanent numbers of another draw's seed."""

    stage: int
    unit: str
    seed: str


def numbers_from(design: SampleDesign) -> tuple[NumbersFrom, ...]:
    """Return the seeds that a design names, stage by stage, each once."""
    found = (
        NumbersFrom(number, stage.unit, one.coordination.seed)
        for number, stage in enumerate(design.stages, start=1)
        for one in _parts(stage)
        if one.coordination is not None
    )
    return tuple(dict.fromkeys(found))


def goes_by(design: SampleDesign, own: str, unit: str, seed: str) -> bool:
    """Tell whether a draw took the units of a stage by the permanent numbers of a seed.

    Only such draws and later ones that name the same seed have a controlled overlap: a draw
    by another method, or by the numbers of a third draw, did not go by these.

    Parameters
    ----------
    design, own
        What was carried out, and the seed of that draw.
    unit
        The unit of the stage.
    seed
        The seed whose numbers are asked for.
    """
    return any(
        one.method in COORDINATED
        and (one.coordination.seed if one.coordination is not None else own) == seed
        for stage in design.stages
        if stage.unit == unit
        for one in _parts(stage)
    )


def _parts(stage: Stage) -> Iterator[Stage]:
    yield stage
    yield from stage.per_stratum.values()
