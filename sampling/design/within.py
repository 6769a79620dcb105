"""Whether each unit holds what a later stage takes from it."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from typing import TYPE_CHECKING

from intake.findings import Faults, Words
from sampling.design.grouping import ROWS, members_of
from sampling.design.named_strata import check_stratum_names
from sampling.design.nesting import Divided
from sampling.design.stages import Stage, column_size, stratum_take
from sampling.frame import Frame, FrameUnit

if TYPE_CHECKING:
    from sampling.design import SampleDesign

# A unit, the group in it that is drawn from, and how many that holds (None: not known).
_Held = tuple[FrameUnit, str, int | None]


def check_within(design: SampleDesign, frame: Frame, divided: Divided, faults: Faults) -> None:
    """Note groups without a take, and units that hold less than a later stage takes.

    A stage whose columns are missing is passed over, and so is a unit that is divided
    (``check_nesting``): how many it holds is not known.
    """
    for number, stage in enumerate(design.areas[1:], start=1):
        _check_stage(stage, number, frame, _units_in(design, number, frame, divided), faults)
    last = design.listing
    if last is not None:
        number = design.stages.index(last)
        _check_stage(last, number, frame, _lists(design, last, frame, divided[-1]), faults)


def _check_stage(
    stage: Stage, number: int, frame: Frame, held: Iterable[_Held], faults: Faults
) -> None:
    if stage.strata not in frame.columns:
        return
    check_stratum_names(stage, frame.rows_by(stage.strata), number, faults)
    lacking: dict[str, list[FrameUnit]] = {}
    for unit, group, count in held:
        here, take = stage.within(group), stratum_take(stage, group)
        if stage.lacks_take(group):
            lacking.setdefault(group, []).append(unit)
        # One in every k takes what there is.
        elif take is not None and count is not None and here.method != "every_kth":
            _check_held(stage, here, unit, take, count, number, faults)
    for group, units in lacking.items():
        _without_take(group, units, number, faults)


def _units_in(design: SampleDesign, number: int, frame: Frame, divided: Divided) -> Iterator[_Held]:
    """Yield each unit of the stage before with the units it holds, by their stratum.

    Where nothing names the units of the stage before, each unit stands for its own group.
    """
    stage = design.areas[number]
    above = design.areas[number - 1].id or ROWS
    if stage.id not in frame.columns:
        return
    if above not in frame.columns:
        for one in members_of(frame.units, stage.id, design.quantities):
            yield one.unit, one.unit.cells.get(stage.strata, ""), None
        return
    for parent in members_of(frame.units, above):
        groups: dict[str, int] = {}
        within = members_of(parent.rows, stage.id, design.quantities)
        for one in within:
            group = one.unit.cells.get(stage.strata, "")
            groups[group] = groups.get(group, 0) + 1
        known = parent.unit.unit_id not in divided[number - 1] and not any(
            one.unit.unit_id in divided[number] for one in within
        )
        for group, count in groups.items():
            yield parent.unit, group, count if known else None


def _lists(
    design: SampleDesign, last: Stage, frame: Frame, divided: Collection[str]
) -> Iterator[_Held]:
    """Yield each unit that holds a list, with the length of its list."""
    column = design.areas[-1].id or ROWS
    if column not in frame.columns:
        return
    for unit in _units(frame, column, design.quantities):
        group = unit.cells.get(last.strata, "")
        known = unit.unit_id not in divided
        yield unit, group, column_size(unit, last.within(group).size) if known else None


def _units(frame: Frame, column: str, quantities: Collection[str]) -> Iterable[FrameUnit]:
    if column == ROWS:
        return frame.units
    return (one.unit for one in members_of(frame.units, column, quantities))


def _without_take(group: str, units: list[FrameUnit], number: int, faults: Faults) -> None:
    first = f"{units[0].unit_name} ({units[0].unit_id})"
    faults.add(
        "design-stratum-without-take",
        Words(
            f"Giai đoạn {number + 1}: nhóm “{group}” không có số lấy, trong {len(units)} đơn vị, "
            f"đầu tiên là {first}.",
            f"In stage {number + 1} the group '{group}' has no take; it stands in {len(units)} "
            f"units, the first of them {first}.",
        ),
        Words("Ghi số lấy cho nhóm này.", "Give this group a take."),
        path=f"stages[{number}].take",
    )


def _check_held(
    stage: Stage,
    here: Stage,
    unit: FrameUnit,
    take: int,
    held: int,
    number: int,
    faults: Faults,
) -> None:
    if held >= here.fitting(take, held):
        return
    what = stage.unit if stage.id else here.size
    faults.add(
        "design-take-above-list",
        Words(
            f"{unit.unit_name} ({unit.unit_id}) có {held} {what}, giai đoạn {number + 1} lấy "
            f"{take}: thừa {take - held}.",
            f"{unit.unit_name} ({unit.unit_id}) lists {held} under '{what}', but "
            f"stage {number + 1} draws {take}: {take - held} too many.",
        ),
        Words(
            f"Lấy nhiều nhất {held}, gộp đơn vị, hoặc ghi “short: all”.",
            f"Set the take to at most {held}, merge the unit with a neighbour, or write "
            "'short: all'.",
        ),
        path=f"stages[{number}].take",
    )
