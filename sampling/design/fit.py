"""How a design fits its frame: what keeps it from being carried out, and what to note."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING

from intake.documents import path_text
from intake.findings import Faults, Finding, Words, errors_of
from sampling.design.grouping import ROWS, Member, members_by, members_of
from sampling.design.stages import (
    EQUAL,
    Stage,
    column_size,
    finite_number,
    stratum_take,
    whole_size,
)
from sampling.design.stratum import check_stratum
from sampling.frame import Frame, FrameUnit

if TYPE_CHECKING:
    from sampling.design import SampleDesign


def check_fit(design: SampleDesign, frame: Frame) -> list[Finding]:
    """Return what is wrong with drawing these stages from a frame.

    ``design.frame`` is the frame that the design was made for: a hash, or a name without
    one. Takes that an allocation shares out are checked when it has shared them.
    """
    faults = Faults()
    _check_named_frame(design.frame, frame, faults)
    _check_columns(design, frame, faults)
    if not errors_of(faults.findings):
        _check_nesting(design, frame, faults)
    if not errors_of(faults.findings):
        _check_takes(design, frame, faults)
        _check_within(design, frame, faults)
    return faults.findings


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


def _variants(design: SampleDesign) -> Iterator[tuple[int, Stage]]:
    """Yield every stage with its place, and its variants in single strata."""
    for number, stage in enumerate(design.stages):
        yield number, stage
        for variant in stage.per_stratum.values():
            yield number, variant


def _wanted(design: SampleDesign) -> dict[tuple[str | int, ...], str]:
    """Return the columns that a design needs, by the place that names them."""
    wanted: dict[tuple[str | int, ...], str] = {}
    for number, stage in _variants(design):
        area = number < len(design.areas)
        keys = {"balance": stage.balance, "spread": stage.spread}
        if area:
            wanted["stages", number, "strata"] = stage.strata
            keys["sort"] = stage.sort
        for key, columns in keys.items():
            for column in columns:
                wanted["stages", number, key, column] = column
        if stage.id:
            wanted["stages", number, "id"] = stage.id
        if (area and stage.by_size) or (not area and stage is design.listing):
            wanted["stages", number, "size", stage.size] = stage.size
    for column in design.domains:
        wanted["domains", column] = column
    return wanted


def _check_columns(design: SampleDesign, frame: Frame, faults: Faults) -> None:
    wanted = _wanted(design)
    missing = {column for column in wanted.values() if column not in frame.columns}
    for place, column in wanted.items():
        if column in missing:
            faults.add(
                "design-column-missing",
                Words(f"Khung không có cột “{column}”.", f"The frame has no column '{column}'."),
                Words(
                    f"Các cột có: {', '.join(frame.columns)}.",
                    f"It has: {', '.join(frame.columns)}.",
                ),
                path=path_text(place[:3] if place[0] == "stages" else place[:1]),
            )
    _check_needs(design, faults)
    for place, column in wanted.items():
        if column in missing or place[0] != "stages" or column == EQUAL:
            continue
        if place[2] == "size":
            _check_sizes(int(place[1]), column, frame, faults)
        elif place[2] in ("balance", "spread"):
            _check_numbers(place, column, frame, faults)


def _check_needs(design: SampleDesign, faults: Faults) -> None:
    """Note methods that lack the columns they work on."""
    for number, stage in _variants(design):
        for method, key, columns in (
            ("cube", "balance", stage.balance),
            ("local_pivotal", "spread", stage.spread),
            ("scps", "spread", stage.spread),
        ):
            if stage.method == method and not columns:
                faults.add(
                    f"design-{key}-missing",
                    Words(
                        f"Phương pháp {method} cần khóa “{key}”.",
                        f"The method {method} needs the key '{key}'.",
                    ),
                    Words("Ghi các cột của khung.", "Name columns of the frame."),
                    path=f"stages[{number}].{key}",
                )


def _check_sizes(number: int, column: str, frame: Frame, faults: Faults) -> None:
    for row, text in enumerate(frame.column(column)):
        if whole_size(text) is None:
            unit_id = frame.units[row].unit_id
            faults.add(
                "design-size-not-whole",
                Words(
                    f"Đơn vị {unit_id}: cột {column} không phải số nguyên dương.",
                    f"The column '{column}' of the unit {unit_id} holds no whole positive number.",
                ),
                Words("Sửa khung mẫu.", "Mend the frame."),
                column=column,
                path=f"stages[{number}].size",
            )


def _check_numbers(place: tuple[str | int, ...], column: str, frame: Frame, faults: Faults) -> None:
    for row, text in enumerate(frame.column(column)):
        if finite_number(text) is None:
            unit_id = frame.units[row].unit_id
            faults.add(
                "design-column-not-a-number",
                Words(
                    f"Đơn vị {unit_id}: cột {column} ghi “{text}”, không phải số.",
                    f"The column '{column}' of the unit {unit_id} holds '{text}', which is no "
                    "number.",
                ),
                Words("Sửa khung mẫu.", "Mend the frame."),
                column=column,
                path=path_text(place[:3]),
            )


def _check_nesting(design: SampleDesign, frame: Frame, faults: Faults) -> None:
    """Note units of a stage that lie in two strata, or in two units of the stage before."""
    above = [design.stages[0].strata]
    for number, stage in enumerate(design.areas):
        column = stage.id or ROWS
        names = frame.column(column)
        if len(set(names)) == len(names) and "" not in names:
            above.append(column)
            continue
        homes: dict[str, set[tuple[str, ...]]] = {}
        for name, *place in zip(names, *map(frame.column, above), strict=True):
            homes.setdefault(name, set()).add(tuple(place))
        for name, found in homes.items():
            if len(found) > 1 or not name:
                where = sorted(" / ".join(place) for place in found)
                faults.add(
                    "design-unit-divided",
                    Words(
                        f"Giai đoạn {number + 1}: “{name}” nằm ở {len(found)} nơi: "
                        f"{', '.join(where[:5])}.",
                        f"In stage {number + 1}, '{name}' lies in {len(found)} places: "
                        f"{', '.join(where[:5])}.",
                    ),
                    Words(
                        "Mỗi đơn vị có mã riêng và thuộc một tầng, một đơn vị cấp trên.",
                        "Give each unit an id of its own, in one stratum and one unit above it.",
                    ),
                    column=column,
                    path=f"stages[{number}].id",
                )
        above.append(column)


def _check_takes(design: SampleDesign, frame: Frame, faults: Faults) -> None:
    stage = design.stages[0]
    _check_names(stage, frame.rows_by(stage.strata), 0, faults)
    named = () if isinstance(stage.certainty, str) else stage.certainty
    known = set(frame.column(stage.id or ROWS)) if named else set()
    for unit_id in named:
        if unit_id not in known:
            faults.add(
                "design-certainty-unknown",
                Words(f"Khung không có đơn vị “{unit_id}”.", f"The frame has no unit '{unit_id}'."),
                Words("Sửa mã hoặc bỏ đi.", "Mend the id or leave it out."),
                path="stages[0].certainty",
            )
    for stratum, members in members_by(frame, stage.strata, stage.id, design.quantities):
        units = tuple(one.unit for one in members)
        if all(stage.is_certain(unit) for unit in units):
            continue
        here = stage.within(stratum)
        take = stratum_take(stage, stratum)
        if take is not None:
            check_stratum(here, stratum, units, take, faults)
        elif here.allocation == "fixed" and here.rate is None:
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


def _check_names(stage: Stage, strata: Mapping[str, object], number: int, faults: Faults) -> None:
    named = {"take": stage.take if isinstance(stage.take, Mapping) else {}}
    for key, names in {**named, "per_stratum": stage.per_stratum}.items():
        for stratum in names:
            if stratum not in strata:
                faults.add(
                    "design-stratum-unknown",
                    Words(
                        f"Khung không có tầng “{stratum}”.",
                        f"The frame has no stratum '{stratum}'.",
                    ),
                    Words(f"Các tầng: {', '.join(strata)}.", f"It has: {', '.join(strata)}."),
                    path=f"stages[{number}].{key}.{stratum}",
                )


def _check_within(design: SampleDesign, frame: Frame, faults: Faults) -> None:
    """Note units that hold less than a later stage takes from them."""
    if len(design.stages) == 1:
        return
    rows: Sequence[Member] = [one for group in design.members(frame).values() for one in group]
    for number, stage in enumerate(design.areas[1:], start=1):
        _check_names(stage, frame.by_column(stage.strata), number, faults)
        below: list[Member] = []
        for parent in rows:
            groups: dict[str, list[Member]] = {}
            for one in members_of(parent.rows, stage.id, design.quantities):
                groups.setdefault(one.unit.cells.get(stage.strata, ""), []).append(one)
                below.append(one)
            for name, group in groups.items():
                _check_held(stage, name, parent.unit, len(group), number, faults)
        rows = below
    last = design.listing
    if last is None:
        return
    number = design.stages.index(last)
    _check_names(last, frame.by_column(last.strata), number, faults)
    for one in rows:
        here = last.within(one.unit.cells.get(last.strata, ""))
        if here.method != "every_kth":
            held = column_size(one.unit, here.size) or 0
            name = one.unit.cells.get(last.strata, "")
            _check_held(last, name, one.unit, held, number, faults)


def _check_held(
    stage: Stage, group: str, unit: FrameUnit, held: int, number: int, faults: Faults
) -> None:
    here = stage.within(group)
    take = stratum_take(stage, group)
    if take is None and here.rate is None:
        faults.add(
            "design-stratum-without-take",
            Words(
                f"{unit.unit_name} ({unit.unit_id}), nhóm “{group}”: giai đoạn {number + 1} "
                "không có số lấy.",
                f"{unit.unit_name} ({unit.unit_id}) has no take for '{group}' in stage "
                f"{number + 1}.",
            ),
            Words("Ghi số lấy cho nhóm này.", "Give this group a take."),
            path=f"stages[{number}].take",
        )
    if take is not None and held < here.fitting(take, held):
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
