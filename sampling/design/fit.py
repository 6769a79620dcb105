"""How a design fits its frame: what keeps it from being carried out, and what to note."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence

from intake.documents import path_text
from intake.findings import Faults, Finding, Words, errors_of
from sampling.design.stages import Stage, column_size, stratum_take
from sampling.frame import Frame, FrameUnit


def check_fit(stages: Sequence[Stage], named: str, frame: Frame) -> list[Finding]:
    """Return what is wrong with drawing these stages from a frame.

    ``named`` is the frame that the design was made for: a hash, or a name without one.
    Takes that an allocation shares out are checked when it has shared them.
    """
    faults = Faults()
    _check_named_frame(named, frame, faults)
    _check_columns(stages, frame, faults)
    if not errors_of(faults.findings):
        _check_takes(stages[0], frame, faults)
        if len(stages) > 1:
            _check_lists(stages[1], frame, faults)
    return faults.findings


def check_stratum(
    stage: Stage, stratum: str, units: tuple[FrameUnit, ...], take: int, faults: Faults
) -> None:
    """Note where a take does not fit its stratum, by how much, and the nearest that does."""
    certain = sum(stage.is_certain(unit) for unit in units)
    held = len(units)
    if take > held:
        faults.add(
            "design-take-above-stratum",
            Words(
                f"Tầng “{stratum}” có {held} đơn vị, giai đoạn 1 lấy {take}: thừa {take - held}.",
                f"The stratum '{stratum}' holds {held} units, but stage 1 draws {take} from it: "
                f"{take - held} too many.",
            ),
            Words(
                f"Lấy nhiều nhất {held}, hoặc gộp với tầng bên cạnh.",
                f"Set its take to at most {held}, or merge it with a neighbour.",
            ),
            path="stages[0].take",
        )
        return
    if take < certain:
        faults.add(
            "design-take-below-certainty",
            Words(
                f"Tầng “{stratum}” có {certain} đơn vị chọn chắc chắn, số lấy là {take}.",
                f"The stratum '{stratum}' has {certain} units taken with certainty, but its "
                f"take is {take}.",
            ),
            Words(f"Lấy ít nhất {certain}.", f"Set its take to at least {certain}."),
            path="stages[0].take",
        )
        return
    rest = [unit for unit in units if not stage.is_certain(unit)]
    if stage.method == "pps_systematic" and take - certain < len(rest):
        _check_probabilities(stage, stratum, rest, take - certain, faults)
    if take - certain == 1 and len(rest) > 1:
        faults.add(
            "design-lonely-unit",
            Words(
                f"Tầng “{stratum}” chỉ chọn một trong {len(rest)} đơn vị.",
                f"Only one of the {len(rest)} units of the stratum '{stratum}' is drawn, so "
                "its sampling error cannot be estimated.",
            ),
            Words("Lấy từ 2 trở lên hoặc gộp tầng.", "Draw at least 2, or merge the stratum."),
            path="stages[0].take",
            severity="warning",
        )


def _check_probabilities(
    stage: Stage, stratum: str, rest: list[FrameUnit], take: int, faults: Faults
) -> None:
    sizes = {unit.unit_id: column_size(unit, stage.size) or 1 for unit in rest}
    total = sum(sizes.values())
    above = [name for name, size in sizes.items() if size * take > total]
    if not above:
        return
    largest = max(sizes.values())
    nearest = total // largest
    excess = largest * take / total
    faults.add(
        "design-probability-above-one",
        Words(
            f"Tầng “{stratum}”, lấy {take}: xác suất của {', '.join(above)} lên tới "
            f"{excess:.3f}; các đơn vị này được chọn chắc chắn.",
            f"With a take of {take} in the stratum '{stratum}' the probability of "
            f"{', '.join(above)} would reach {excess:.3f}; they are taken with certainty.",
        ),
        Words(
            f"Nếu không muốn, lấy nhiều nhất {nearest}.",
            f"If that is not meant, set the take to at most {nearest}.",
        ),
        path="stages[0].take",
        severity="warning",
    )


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


def _check_columns(stages: Sequence[Stage], frame: Frame, faults: Faults) -> None:
    first = stages[0]
    wanted: list[tuple[tuple[str | int, ...], str]] = [(("stages", 0, "strata"), first.strata)]
    wanted += [(("stages", 0, "sort"), column) for column in first.sort]
    if first.method == "pps_systematic":
        wanted.append((("stages", 0, "size"), first.size))
    if len(stages) > 1:
        wanted.append((("stages", 1, "size"), stages[1].size))
    missing = {column for _, column in wanted if column not in frame.columns}
    for place, column in wanted:
        if column in missing:
            faults.add(
                "design-column-missing",
                Words(f"Khung không có cột “{column}”.", f"The frame has no column '{column}'."),
                Words(
                    f"Các cột có: {', '.join(frame.columns)}.",
                    f"It has: {', '.join(frame.columns)}.",
                ),
                path=path_text(place),
            )
    _check_sizes(stages, missing, frame, faults)


def _check_sizes(
    stages: Sequence[Stage], missing: Collection[str], frame: Frame, faults: Faults
) -> None:
    for number, stage in enumerate(stages):
        measured = number == 1 or stage.method == "pps_systematic"
        if not measured or stage.size in missing:
            continue
        for unit in frame.units:
            if column_size(unit, stage.size) is None:
                faults.add(
                    "design-size-not-whole",
                    Words(
                        f"Đơn vị {unit.unit_id}: cột {stage.size} không phải số nguyên dương.",
                        f"The column '{stage.size}' of the unit {unit.unit_id} holds no whole "
                        "positive number.",
                    ),
                    Words("Sửa khung mẫu.", "Mend the frame."),
                    column=stage.size,
                    path=f"stages[{number}].size",
                )


def _check_takes(stage: Stage, frame: Frame, faults: Faults) -> None:
    strata = frame.by_column(stage.strata)
    if isinstance(stage.take, Mapping):
        for stratum in stage.take:
            if stratum not in strata:
                faults.add(
                    "design-stratum-unknown",
                    Words(
                        f"Khung không có tầng “{stratum}”.",
                        f"The frame has no stratum '{stratum}'.",
                    ),
                    Words(f"Các tầng: {', '.join(strata)}.", f"It has: {', '.join(strata)}."),
                    path=f"stages[0].take.{stratum}",
                )
    for unit_id in () if isinstance(stage.certainty, str) else stage.certainty:
        if unit_id not in frame.by_id:
            faults.add(
                "design-certainty-unknown",
                Words(f"Khung không có đơn vị “{unit_id}”.", f"The frame has no unit '{unit_id}'."),
                Words("Sửa mã hoặc bỏ đi.", "Mend the id or leave it out."),
                path="stages[0].certainty",
            )
    for stratum, units in strata.items():
        if all(stage.is_certain(unit) for unit in units):
            continue
        take = stratum_take(stage, stratum)
        if take is not None:
            check_stratum(stage, stratum, units, take, faults)
        elif stage.allocation == "fixed":
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


def _check_lists(stage: Stage, frame: Frame, faults: Faults) -> None:
    """Note units whose list of persons is shorter than what stage 2 takes from it."""
    if stage.method == "every_kth" or not isinstance(stage.take, int):
        return
    for unit in frame.units:
        held = column_size(unit, stage.size) or 0
        if held < stage.take:
            faults.add(
                "design-take-above-list",
                Words(
                    f"{unit.unit_name} ({unit.unit_id}) có {held} {stage.size}, giai đoạn 2 lấy "
                    f"{stage.take}: thừa {stage.take - held}.",
                    f"{unit.unit_name} ({unit.unit_id}) lists {held} under '{stage.size}', but "
                    f"stage 2 draws {stage.take}: {stage.take - held} too many.",
                ),
                Words(
                    f"Lấy nhiều nhất {held}, hoặc gộp đơn vị.",
                    f"Set the take to at most {held}, or merge the unit with a neighbour.",
                ),
                path="stages[1].take",
            )
