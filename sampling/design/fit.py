"""How a design fits its frame: what keeps it from being carried out, and what to note.

Everything that can be known is said at once. A check is left out only where what it counts
is unknown because of another fault: its column is missing, a cell of it holds no number, or
rows that should make one unit lie in several places.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from intake.findings import Faults, Finding, Words
from sampling.design.columns import check_columns
from sampling.design.grouping import ROWS, members_by
from sampling.design.named_strata import check_stratum_names
from sampling.design.nesting import check_nesting
from sampling.design.stages import Stage, stratum_take
from sampling.design.stratum import check_stratum
from sampling.design.within import check_within
from sampling.frame import Frame

if TYPE_CHECKING:
    from sampling.design import SampleDesign

_UNKNOWING = ("design-column-missing", "design-size-not-whole", "design-unit-divided")


def check_fit(design: SampleDesign, frame: Frame) -> list[Finding]:
    """Return what is wrong with drawing these stages from a frame.

    ``design.frame`` is the frame that the design was made for: a hash, or a name without
    one. Takes that an allocation shares out are checked when it has shared them.
    """
    faults = Faults()
    _check_named_frame(design.frame, frame, faults)
    check_columns(design, frame, faults)
    divided = check_nesting(design, frame, faults)
    _check_first(design, frame, divided[0], faults)
    check_within(design, frame, divided, faults)
    return faults.findings


def units_known(findings: Iterable[Finding]) -> bool:
    """Tell whether strata, ids and units of every stage are known in spite of these faults."""
    keys = (".strata", ".id")
    return not any(one.code in _UNKNOWING and str(one.path).endswith(keys) for one in findings)


def unknown_at_first(findings: Iterable[Finding]) -> set[str]:
    """Return which of ``strata``, ``id`` and ``size`` say nothing of stage 1 by these faults."""
    places = {f"stages[0].{key}": key for key in ("strata", "id", "size")}
    return {places[one.path] for one in findings if one.code in _UNKNOWING and one.path in places}


def _check_named_frame(named: str, frame: Frame, faults: Faults) -> None:
    named = named.lower()
    if len(named) == 64 and all(c in "0123456789abcdef" for c in named) and named != frame.sha256:
        faults.add(
            "design-frame-differs",
            Words(
                f"Thiết kế dành cho khung {named[:12]}…, khung này là {frame.sha256[:12]}….",
                f"The design was made for the frame {named[:12]}…, this one is "
                f"{frame.sha256[:12]}….",
            ),
            Words("Dùng đúng khung đã công bố.", "Use the frame that was published."),
            path="frame",
        )


def _check_first(
    design: SampleDesign, frame: Frame, divided: frozenset[str], faults: Faults
) -> None:
    """Note what is wrong with strata, certainties and takes of stage 1."""
    stage = design.stages[0]
    column = stage.id or ROWS
    if stage.strata in frame.columns:
        check_stratum_names(stage, frame.rows_by(stage.strata), 0, faults)
    if column not in frame.columns:
        _check_takes_named(stage, frame, faults)
        return
    _check_certainties(stage.certainty, frame, column, faults)
    if stage.strata not in frame.columns:
        return
    unknown = _strata_of(divided, column, stage.strata, frame)
    _check_strata(design, frame, unknown, faults)


def _check_takes_named(stage: Stage, frame: Frame, faults: Faults) -> None:
    """Note strata without a take where nothing tells their units."""
    if stage.strata not in frame.columns or stage.certainty:
        return
    for stratum in frame.rows_by(stage.strata):
        if stage.lacks_take(stratum):
            faults.add(
                "design-stratum-without-take",
                Words(
                    f"Tầng “{stratum}” không có số lấy.",
                    f"The stratum '{stratum}' has no take, so nobody in it could be drawn.",
                ),
                Words("Ghi số lấy cho tầng này.", "Give this stratum a take."),
                path="stages[0].take",
            )


def _strata_of(divided: frozenset[str], column: str, strata: str, frame: Frame) -> set[str]:
    if not divided:
        return set()
    placed = zip(frame.column(column), frame.column(strata), strict=True)
    return {stratum for name, stratum in placed if name in divided}


def _check_certainties(
    certainty: tuple[str, ...] | str, frame: Frame, column: str, faults: Faults
) -> None:
    named = () if isinstance(certainty, str) else certainty
    known = set(named).intersection(frame.listed.columns[column]) if named else ()
    for unit_id in named:
        if unit_id not in known:
            faults.add(
                "design-certainty-unknown",
                Words(f"Khung không có đơn vị “{unit_id}”.", f"The frame has no unit '{unit_id}'."),
                Words("Sửa mã hoặc bỏ đi.", "Mend the id or leave it out."),
                path="stages[0].certainty",
            )


def _check_strata(design: SampleDesign, frame: Frame, unknown: set[str], faults: Faults) -> None:
    """Note takes that do not fit; strata that hold divided units are ``unknown``."""
    stage = design.stages[0]
    for stratum, members in members_by(frame, stage.strata, stage.id, design.quantities):
        units = tuple(one.unit for one in members)
        if stratum in unknown or all(stage.is_certain(unit) for unit in units):
            continue
        here = stage.within(stratum)
        take = stratum_take(stage, stratum)
        if take is not None:
            check_stratum(here, stratum, units, take, faults)
        elif stage.lacks_take(stratum):
            faults.add(
                "design-stratum-without-take",
                Words(
                    f"Tầng “{stratum}” ({len(units)} đơn vị) không có số lấy.",
                    f"The stratum '{stratum}' ({len(units)} units) has no take, so nobody in "
                    "it could be drawn.",
                ),
                Words(f"Ghi số từ 1 đến {len(units)}.", f"Give it a take of 1 to {len(units)}."),
                path="stages[0].take",
            )
