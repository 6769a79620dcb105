"""A frame held against the registry: units unknown, no longer standing, misnamed, forgotten."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import date, timedelta

from intake.findings import Finding, FrameError, Words
from intake.text import folded
from sampling.frame.listing import Frame
from sampling.frame.noting import Noting
from sampling.frame.parents import PARENT
from sampling.frame.places import kilometres
from sampling.given import require
from sampling.units import AdminUnit, Registry, UnitChange

AWAY_KM = 20.0
_CODE = re.compile(r"^[0-9]{2,5}$")
_TYPES = ("tỉnh ", "thành phố ", "tp. ", "tp ")


def check_registry(
    frame: Frame, registry: Registry, on: date, *, column: str = "", full: bool = True
) -> list[Finding]:
    """Return what a frame has that the registry has not on a day, and the other way round.

    Parameters
    ----------
    frame
        Units whose ids, or whose parents' ids, are codes of the registry.
    registry
        Units with their days, and the changes from former units to those of today.
    on
        The reference day.
    column
        The column that holds the codes; by default ``unit_id`` where most ids are codes,
        else ``parent_id``.
    full
        Whether the frame should hold every commune of its provinces.

    Returns
    -------
    list of Finding
        Errors: ``frame-unit-unknown``, ``frame-unit-not-standing`` (since when or until
        when, and the successors with their shares). Warnings: ``frame-unit-renamed``,
        ``frame-unit-elsewhere`` (province), ``frame-coordinate-differs`` (more than 20 km
        from where the registry has the unit), ``frame-unit-uncovered`` (undercoverage).

    Raises
    ------
    FrameError
        The frame has neither codes as ids nor a column of parents.
    """
    require((frame, Frame), (registry, Registry))
    held = column or _code_column(frame)
    faults = Noting(frame.listed.file)
    standing = registry.on(on)
    found: dict[str, int] = {}
    own = held == "unit_id"
    for row, code in enumerate(frame.column(held)):
        if code in found:
            continue
        found[code] = row
        unit = standing.by_code.get(code)
        if unit is not None:
            _compare(frame, row, unit, standing, own, faults)
        elif not _stood_before(code, registry, on):
            _absent(frame, row, held, code, registry, on, faults)
    if full:
        _note_uncovered(found, standing, held, faults)
    return faults.in_order()


def _code_column(frame: Frame) -> str:
    ids = frame.column("unit_id")
    if 2 * sum(bool(_CODE.match(text)) for text in ids) > len(ids):
        return "unit_id"
    if PARENT in frame.columns:
        return PARENT
    raise FrameError.of(
        "frame-without-codes",
        "Khung mẫu không có mã đơn vị hành chính.",
        "The frame holds no codes of administrative units.",
        "Dùng mã làm unit_id, hoặc thêm cột parent_id.",
        "Use the codes as unit_id, or add a column parent_id.",
        file=frame.listed.file,
    )


def _stood_before(code: str, registry: Registry, on: date) -> bool:
    """Tell whether a former unit, of which only the changes are known, stood on a day."""
    changes = registry.successors(code)
    return bool(changes) and on < _day_of_change(changes, registry)


def _day_of_change(changes: Sequence[UnitChange], registry: Registry) -> date:
    days = [registry.by_code[one.new_code].valid_from for one in changes
            if one.new_code in registry]  # fmt: skip
    return min(days, default=date.max)


def _absent(
    frame: Frame, row: int, held: str, code: str, registry: Registry, on: date, faults: Noting
) -> None:
    others = [unit for unit in registry.units if unit.code == code]
    changes = registry.successors(code)
    line = frame.listed.line(row)
    if not others and not changes:
        faults.add(
            "frame-unit-unknown",
            Words(
                f"Danh mục không có đơn vị mã {code or '(trống)'}.",
                f"The registry has no unit with the code {code or '(empty)'}.",
            ),
            Words(
                "Dùng mã của Cục Thống kê, giữ số 0 ở đầu.",
                "Use the statistics office's code, leading zeros kept.",
            ),
            row=line,
            column=held,
        )
        return
    name = others[-1].name if others else f"{changes[0].old_name}, {changes[0].old_parent_name}"
    ended, vi, en = _days(others, changes, registry, on)
    next_vi, next_en = _successors(changes, registry) if ended else ("", "")
    faults.add(
        "frame-unit-not-standing",
        Words(
            f"{name} ({code}) không có vào ngày {on:%d/%m/%Y}: {vi}.",
            f"{name} ({code}) does not stand on {on}: {en}.",
        ),
        Words(
            f"Thay bằng {next_vi}." if next_vi else "Dùng đơn vị có vào ngày đó.",
            f"Replace it by {next_en}." if next_en else "Use the units that stand on that day.",
        ),
        row=line,
        column=held,
    )


def _days(
    others: Sequence[AdminUnit], changes: Sequence[UnitChange], registry: Registry, on: date
) -> tuple[bool, str, str]:
    """Return whether a unit has ended by a day, and when it ended or begins."""
    later = [unit.valid_from for unit in others if unit.valid_from > on]
    if later:
        day = min(later)
        return False, f"có từ ngày {day:%d/%m/%Y}", f"it stands since {day}"
    ends = [unit.valid_to for unit in others if unit.valid_to]
    day = max(ends) if ends else _day_of_change(changes, registry) - timedelta(days=1)
    return True, f"có đến ngày {day:%d/%m/%Y}", f"it stood until {day}"


def _successors(changes: Sequence[UnitChange], registry: Registry) -> tuple[str, str]:
    """Return where a former unit went, each way with the share of its people."""
    told_vi, told_en = [], []
    for change in changes:
        name = registry.by_code[change.new_code].name if change.new_code in registry else "?"
        if change.share is not None:
            share_vi, share_en = f"{change.share:.0%}", f"{change.share:.0%}"
        elif change.part == "whole":
            share_vi, share_en = "toàn bộ", "all of it"
        elif change.part == "main":
            share_vi, share_en = "phần lớn nhất, tỷ lệ chưa rõ", "the largest part, share unknown"
        else:
            share_vi, share_en = "một phần, tỷ lệ chưa rõ", "a part, share unknown"
        told_vi.append(f"{name} ({change.new_code}: {share_vi})")
        told_en.append(f"{name} ({change.new_code}: {share_en})")
    return ", ".join(told_vi), ", ".join(told_en)


def _compare(
    frame: Frame, row: int, unit: AdminUnit, standing: Registry, own: bool, faults: Noting
) -> None:
    """Note where a unit of the frame is described otherwise than in the registry."""
    cells = frame.units[row].cells
    line = frame.listed.line(row)
    if own and cells["unit_name"] and folded(cells["unit_name"]) != folded(unit.name):
        faults.add(
            "frame-unit-renamed",
            Words(
                f"Mã {unit.code} là “{unit.name}”, khung ghi “{cells['unit_name']}”.",
                f"The code {unit.code} is '{unit.name}', the frame says '{cells['unit_name']}'.",
            ),
            Words("Kiểm tra mã hoặc tên.", "Check the code or the name."),
            row=line,
            column="unit_name",
            severity="warning",
        )
    province = standing.by_code.get(unit.parent_code, unit)
    if cells["province"] and not _is_province(cells["province"], province):
        faults.add(
            "frame-unit-elsewhere",
            Words(
                f"{unit.name} ({unit.code}) thuộc {province.name}, khung ghi "
                f"“{cells['province']}”.",
                f"{unit.name} ({unit.code}) lies in {province.name}, the frame says "
                f"'{cells['province']}'.",
            ),
            Words("Kiểm tra mã hoặc tỉnh.", "Check the code or the province."),
            row=line,
            column="province",
            severity="warning",
        )
    _note_away(cells, line, unit, faults)


def _is_province(text: str, province: AdminUnit) -> bool:
    return text == province.code or _bare(text) == _bare(province.name)


def _bare(name: str) -> str:
    name = folded(name)
    for kind in _TYPES:
        name = name.removeprefix(kind)
    return name


def _note_away(cells: Mapping[str, str], line: int | None, unit: AdminUnit, faults: Noting) -> None:
    import numpy as np

    lat, lon = cells.get("lat", ""), cells.get("lon", "")
    if not (lat and lon) or unit.lat is None or unit.lon is None:
        return
    east = (float(lon) - unit.lon) * np.cos(np.radians(unit.lat))
    away = float(kilometres(np.array([float(lat) - unit.lat]), np.array([east]))[0])
    # A wide unit may have its people far from its middle.
    reach = AWAY_KM + (0.0 if unit.area_km2 is None else float(np.sqrt(unit.area_km2)))
    if away > reach:
        faults.add(
            "frame-coordinate-differs",
            Words(
                f"Tọa độ cách {unit.name} ({unit.code}) {away:.0f} km.",
                f"The point lies {away:.0f} km from {unit.name} ({unit.code}).",
            ),
            Words("Kiểm tra tọa độ hoặc mã.", "Check the coordinates or the code."),
            row=line,
            column="lat",
            severity="warning",
        )


def _note_uncovered(
    found: Mapping[str, int], standing: Registry, held: str, faults: Noting
) -> None:
    """Name the communes of the frame's provinces that the frame has not."""
    units = [standing.by_code[code] for code in found if code in standing.by_code]
    provinces = sorted({unit.parent_code for unit in units if unit.is_commune})
    for province in provinces:
        communes = [unit for unit in standing.children(province) if unit.is_commune]
        for unit in communes:
            if unit.code not in found:
                name = standing.by_code[province].name
                faults.add(
                    "frame-unit-uncovered",
                    Words(
                        f"{unit.name} ({unit.code}), {name}, không có trong khung.",
                        f"{unit.name} ({unit.code}), {name}, is not in the frame.",
                    ),
                    Words(
                        "Thêm vào, hoặc ghi trong báo cáo vì sao bỏ ra.",
                        "Add it, or say in the report why it is left out.",
                    ),
                    column=held,
                    severity="warning",
                )
