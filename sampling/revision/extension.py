"""A larger sample later, with correct probabilities: by going on in order, or by a second draw.

``extend`` goes on in the published order under the seed of the first draw: for simple
random stages the first n + m in hash order are a simple random sample of n + m, and hold the
first n. Nothing new is chosen, so no new secret is needed; whoever redraws with the larger
takes and the old seed gets the same rows.

``join`` unites two independent draws of one frame, whatever their methods. A unit is in the
union with probability 1 − (1 − p)(1 − q); what lies within it keeps its probability there.
Or the second draw is one from the units that a systematic draw left (``remainder``), for a
fixed size. It is an ordinary draw, with its own commitment, secret and files.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from fractions import Fraction

from intake.findings import DrawError
from sampling.design import SampleDesign
from sampling.design.stages import Stage
from sampling.drawing import Draw
from sampling.drawing.draws import Found
from sampling.given import require
from sampling.revision.chances import first_chances
from sampling.revision.queues import IN_HASH_ORDER
from sampling.revision.remainder import remaining, united_chances
from sampling.sample import Row
from sampling.takes import takes_of

Takes = int | Mapping[str, int]


@dataclass(frozen=True)
class Extended:
    """A larger sample: its rows, those of them that are new, and the design that it follows."""

    rows: tuple[Row, ...]
    reserves: tuple[Row, ...]
    added: tuple[Row, ...]
    design: SampleDesign


def extend(draw: Draw, takes: Mapping[str, Takes]) -> Extended:
    """Return the sample of a draw with larger takes, under the seed of the draw.

    Parameters
    ----------
    draw
        The draw to go on with.
    takes
        The new take of each stage by the name of its unit, in the form of a design's
        ``take``: ``{"person": 150}`` or ``{"commune": {"rural": 8}}``.

    Raises
    ------
    DrawError
        A stage is unknown, its method does not go on in order, or a take is not larger.
    DesignError
        The larger design does not fit the frame.
    """
    require((draw, Draw))
    known = {stage.unit: stage for stage in draw.design.stages}
    for unit, take in takes.items():
        _check(known.get(unit), unit, take)
    stages = tuple(_larger(stage, takes.get(stage.unit)) for stage in draw.design.stages)
    design = replace(draw.design, stages=stages)
    wanted, _ = takes_of(design, draw.frame)
    found = Found(design, draw.seed, lambda *_: None)
    found.draw_all(draw.frame, wanted)
    before = {(row.stage, row.unit_id) for row in draw.rows}
    now = {(row.stage, row.unit_id) for row in found.rows}
    if not before <= now:
        lost = min(before - now)[1]
        raise DrawError.of(
            "revision-take-not-larger",
            f"Mẫu mới không còn {lost}: số lấy mới nhỏ hơn số lấy cũ.",
            f"The new sample would lose {lost}: a new take is smaller than the old one.",
            "Ghi số lấy lớn hơn cho mọi tầng.",
            "Give a larger take in every stratum.",
        )
    added = tuple(row for row in found.rows if (row.stage, row.unit_id) not in before)
    return Extended(tuple(found.rows), tuple(found.reserves), added, design)


def _check(stage: Stage | None, unit: str, take: Takes) -> None:
    if stage is None:
        raise DrawError.of(
            "revision-stage-unknown",
            f"Thiết kế không có giai đoạn “{unit}”.",
            f"The design has no stage '{unit}'.",
            "Dùng tên đơn vị của một giai đoạn.",
            "Name the unit of one of its stages.",
        )
    methods = {stage.method, *(one.method for one in stage.per_stratum.values())}
    if stage.rate is not None or not methods <= set(IN_HASH_ORDER):
        raise DrawError.of(
            "revision-method-not-nested",
            f"Giai đoạn “{unit}” ({', '.join(sorted(methods))}) không nối tiếp được theo thứ tự.",
            f"The stage '{unit}' ({', '.join(sorted(methods))}) does not go on in order.",
            "Chọn thêm một mẫu độc lập rồi hợp lại (hailong sample join).",
            "Make a second, independent draw and join the two (hailong sample join).",
        )
    numbers = take.values() if isinstance(take, Mapping) else [take]
    if not all(isinstance(one, int) and not isinstance(one, bool) and one > 0 for one in numbers):
        raise DrawError.of(
            "revision-take-invalid",
            f"Số lấy mới của “{unit}” phải là số nguyên dương.",
            f"The new take of '{unit}' must be whole and positive.",
            "Ví dụ: person=150.",
            "Such as: person=150.",
        )


def _larger(stage: Stage, take: Takes | None) -> Stage:
    if take is None:
        return stage
    if isinstance(take, Mapping) and isinstance(stage.take, Mapping):
        take = {**stage.take, **take}
    return replace(stage, take=take, allocation="fixed", sharing={}, per_stratum={})


def join(first: Draw, second: Draw) -> tuple[Row, ...]:
    """Return the union of two independent draws, with its probabilities.

    Both are from one frame, or the second is from what the first left of it (`remaining`).
    Stage 1 rows carry 1 − (1 − p)(1 − q), or the sum of `united_chances`; a later row
    carries its conditional probability in the unit of stage 1 times that. A unit drawn twice
    keeps what the first draw drew in it.

    Raises
    ------
    DrawError
        The frames differ, the draws share a seed, or their stages are not alike.
    """
    require((first, Draw), (second, Draw))
    apart = first.frame.sha256 != second.frame.sha256 and _left_by(first, second)
    _check_joinable(first, second, apart=apart)
    drawn = _by_unit(first), _by_unit(second)
    chances = _flat(first), _flat(second)
    united = united_chances(first, second) if apart else _either(*chances)
    rows: list[Row] = []
    for name in dict.fromkeys((*drawn[0], *drawn[1])):
        here = 0 if name in drawn[0] else 1
        change = united[name] / chances[here][name]
        rows += [replace(row, chance=change * row.chance) for row in drawn[here][name]]
    return tuple(sorted(rows, key=lambda row: (row.stage, row.stratum)))


def _left_by(first: Draw, second: Draw) -> bool:
    """Tell whether the second draw is from the units that the first one left."""
    taken = sum(row.stage == 1 for row in first.rows)
    whole = sum(map(len, first.design.members(first.frame).values()))
    return taken < whole and remaining(first).sha256 == second.frame.sha256


def _either(first: Mapping[str, Fraction], second: Mapping[str, Fraction]) -> dict[str, Fraction]:
    """Return the probability of each unit to be in either of two independent draws."""
    nothing = Fraction(0)
    return {
        name: 1 - (1 - first.get(name, nothing)) * (1 - second.get(name, nothing))
        for name in {**first, **second}
    }


def _check_joinable(first: Draw, second: Draw, *, apart: bool) -> None:
    same_stages = [one.unit for one in first.design.stages] == [
        one.unit for one in second.design.stages
    ]
    plain = all(
        stage.method != "rao_hartley_cochran"
        for draw in (first, second)
        for stage in draw.design.areas
    )
    independent = first.record["seed"] != second.record["seed"] and not any(
        stage.coordination for draw in (first, second) for stage in draw.design.stages
    )
    same_frame = apart or first.frame.sha256 == second.frame.sha256
    if not same_frame or not same_stages:
        fault = ("hai khung hoặc hai thiết kế khác nhau", "their frames or stages differ")
    elif not independent:
        fault = ("hai lần chọn không độc lập", "they are not independent")
    elif not plain:
        fault = (
            "xác suất chung của Rao-Hartley-Cochran không biết được",
            "Rao-Hartley-Cochran draws have no probabilities of their own",
        )
    else:
        return
    raise DrawError.of(
        "revision-draws-not-joinable",
        f"Không hợp được hai mẫu: {fault[0]}.",
        f"The two samples cannot be joined: {fault[1]}.",
        "Chọn mẫu thứ hai trên cùng khung, hoặc trên các đơn vị còn lại (hailong sample "
        "remaining), với cùng các giai đoạn và giá trị bí mật khác.",
        "Make the second draw on the same frame, or on what is left of it (hailong sample "
        "remaining), with the same stages and another secret.",
    )


def _by_unit(draw: Draw) -> dict[str, list[Row]]:
    """Return the rows of a draw by the unit of stage 1 they lie in."""
    homes: dict[str, str] = {}
    column = draw.design.stages[0].id or "unit_id"
    for unit in draw.frame.units:
        homes[unit.unit_id] = unit.cells.get(column, "")
    found: dict[str, list[Row]] = {}
    for row in draw.rows:
        name = row.unit_id
        if row.stage > 1:
            area = row.stage <= len(draw.design.areas)
            base = name if area else name.rsplit("-", 1)[0]
            name = homes.get(base, base)
        found.setdefault(name, []).append(row)
    return found


def _flat(draw: Draw) -> dict[str, Fraction]:
    """Return the probability of every unit of stage 1, drawn or not."""
    return {unit: one for held in first_chances(draw).values() for unit, one in held.items()}
