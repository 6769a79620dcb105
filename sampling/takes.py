"""How many units stage 1 draws in each stratum: as the design says, or shared out by its rule."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import replace

from intake.findings import DesignError, Faults, Finding, Words
from sampling import allocation
from sampling.design import (
    SampleDesign,
    Stage,
    check_stratum,
    measure,
    members_by,
    stratum_take,
    unknown_at_first,
)
from sampling.frame import Frame, FrameUnit
from sampling.given import require


def takes_of(design: SampleDesign, frame: Frame) -> tuple[dict[str, int], list[Finding]]:
    """Return how many units stage 1 draws in each stratum, and the warnings about it.

    A rate gives the expected number, rounded up: the draw itself rounds it by chance.

    Raises
    ------
    DesignError
        The design cannot be carried out on the frame; every reason is named. Or it is none.
    FrameError
        The frame is none.
    """
    require((design, SampleDesign), (frame, Frame))
    faults = Faults(findings=design.check_against(frame))
    unknown = unknown_at_first(faults.findings)
    if unknown & {"strata", "id"}:
        faults.raise_as(DesignError)
    stage = design.stages[0]
    takes: dict[str, int] = {}
    shared: dict[str, tuple[FrameUnit, ...]] = {}
    for stratum, members in members_by(frame, stage.strata, stage.id, design.quantities):
        units = tuple(one.unit for one in members)
        take, rate = stratum_take(stage, stratum), stage.within(stratum).exact_rate
        if all(stage.is_certain(unit) for unit in units):
            takes[stratum] = len(units)
        elif take is not None:
            takes[stratum] = take
        elif rate is not None:
            takes[stratum] = math.ceil(rate * len(units))
        else:
            shared[stratum] = units
    if shared and stage.allocation != "fixed":  # what is fixed and missing is a fault already
        takes |= _shared_out(stage, shared, faults, sized="size" not in unknown)
    faults = Faults(findings=design.placed(faults.findings))
    faults.raise_as(DesignError)
    return takes, faults.findings


def _shared_out(
    stage: Stage, shared: Mapping[str, tuple[FrameUnit, ...]], faults: Faults, *, sized: bool
) -> dict[str, int]:
    """Share out the stage's take and check each part; what cannot be stands beside the rest.

    Without sizes it is only known whether the total lies between floors and caps.
    """
    try:
        takes = _in_place(stage, shared)
    except DesignError as error:
        faults.findings += error.findings
        return {}
    if stage.allocation == "neyman" and not any(_deviations(stage, shared)):
        _warn_nothing_varies(faults)
    if not sized:
        return {}
    for stratum, take in takes.items():
        check_stratum(stage, stratum, shared[stratum], take, faults)
    return takes


def _warn_nothing_varies(faults: Faults) -> None:
    faults.add(
        "allocation-nothing-varies",
        Words(
            "Mọi độ lệch chuẩn đều bằng 0, nên phân bổ Neyman không chọn được cách nào; số lấy "
            "được chia theo tỷ lệ với quy mô.",
            "Every standard deviation is zero, so that Neyman's allocation favours none; the take "
            "is shared out in proportion to size.",
        ),
        Words(
            "Ghi độ lệch chuẩn của một vòng trước, hoặc “allocation: proportional”.",
            "Give standard deviations of an earlier round, or write 'allocation: proportional'.",
        ),
        path="stages[0].sharing.sds",
        severity="warning",
    )


def _in_place(stage: Stage, shared: Mapping[str, Sequence[FrameUnit]]) -> dict[str, int]:
    """Share out the stage's take; what cannot be is said with its place in the design."""
    try:
        return _allocated(stage, shared)
    except DesignError as error:
        places = {"n": "take", "floor": "sharing.floor", "cap": "sharing.cap"}
        raise DesignError(
            [
                replace(one, path=f"stages[0].{places.get(str(one.path), 'sharing')}")
                if one.code.startswith("allocation-")
                else one
                for one in error.findings
            ]
        ) from None


def _allocated(stage: Stage, shared: Mapping[str, Sequence[FrameUnit]]) -> dict[str, int]:
    """Share out the stage's take among strata; by size where the draw is by size."""
    counts = [len(units) for units in shared.values()]
    measures = [sum(measure(stage, unit) for unit in units) for units in shared.values()]
    least = int(float(str(stage.sharing.get("floor", 1))))
    most = float(str(stage.sharing.get("cap", math.inf)))
    floors = [
        max(min(least, len(units)), 1, sum(map(stage.is_certain, units)))
        for units in shared.values()
    ]
    caps = [max(low, min(count, most)) for low, count in zip(floors, counts, strict=True)]
    total = stage.take if isinstance(stage.take, int) else 0
    if stage.allocation == "power":
        exponent = float(str(stage.sharing.get("exponent", 0.5)))
        numbers = allocation.power(total, measures, exponent=exponent, floor=floors, cap=caps)
    elif stage.allocation == "neyman":
        numbers = allocation.neyman(
            total, measures, _deviations(stage, shared), floor=floors, cap=caps
        )
    else:
        rules = {
            "equal": allocation.equal,
            "proportional": allocation.proportional,
            "square_root": allocation.square_root,
        }
        numbers = rules[stage.allocation](total, measures, floor=floors, cap=caps)
    return {stratum: int(number) for stratum, number in zip(shared, numbers, strict=True)}


def _deviations(stage: Stage, shared: Mapping[str, object]) -> list[float]:
    """Return the standard deviations that a Neyman allocation needs, one for each stratum."""
    given = stage.sharing.get("sds")
    sds = given if isinstance(given, Mapping) else {}
    lacking = [stratum for stratum in shared if stratum not in sds]
    if lacking:
        raise DesignError.of(
            "design-sharing-incomplete",
            f"Phân bổ Neyman thiếu độ lệch chuẩn của tầng: {', '.join(lacking)}.",
            f"A Neyman allocation lacks the standard deviation of: {', '.join(lacking)}.",
            "Ghi sharing.sds cho mọi tầng.",
            "Give sharing.sds for every stratum.",
            path="stages[0].sharing.sds",
        )
    return [float(sds[stratum]) for stratum in shared]
