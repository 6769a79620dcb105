"""The files of units and of changes: read, checked whole, and written."""

from __future__ import annotations

import re
from datetime import date
from pathlib import Path

from intake.findings import Faults, Finding, IntakeError, RegistryError, Words, errors_of
from intake.tables import Row, Table, read_table, write_csv
from intake.text import folded
from sampling.units.cells import day_in, number_in, whole_size
from sampling.units.registry import COMMUNE_TYPES, AdminUnit, Registry, UnitChange

UNIT_COLUMNS = (
    "code",
    "name",
    "type",
    "parent_code",
    "valid_from",
    "valid_to",
    "population",
    "area_km2",
    "lat",
    "lon",
    "source",
)
CHANGE_COLUMNS = (
    "old_code",
    "old_name",
    "old_parent_code",
    "old_parent_name",
    "old_province_code",
    "old_province_name",
    "new_code",
    "part",
    "share",
    "source",
)
PROVINCE_TYPES = ("Tỉnh", "Thành phố")
FORMER_TYPES = ("Quận", "Huyện", "Thị xã", "Thị trấn")

_TYPES = {folded(name): name for name in (*PROVINCE_TYPES, *COMMUNE_TYPES, *FORMER_TYPES)}
_CODE = re.compile(r"^[0-9]{2,5}$")
_LATITUDES = (-90.0, 90.0)
_LONGITUDES = (-180.0, 180.0)


def read_changes(path: Path) -> tuple[UnitChange, ...]:
    """Read a file of changes from former units to units of today.

    Raises
    ------
    IntakeError
        The file breaks a limit or lacks a column.
    """
    table = read_table(path, required=CHANGE_COLUMNS, optional=())
    return tuple(
        UnitChange(
            **{name: row.cells[name] for name in CHANGE_COLUMNS if name != "share"},
            share=float(row.cells["share"]) if row.cells["share"] else None,
        )
        for row in table.rows
    )


def read_units(path: Path) -> Registry:
    """Read a file of units; refuse it with every fault at once.

    Raises
    ------
    RegistryError
        With all findings of the file: codes, repeats, parents, dates, sizes, coordinates.
    """
    registry, findings = check_units(path)
    if registry is None:
        raise RegistryError(findings)
    return registry


def check_units(path: Path) -> tuple[Registry | None, list[Finding]]:
    """Return the units of a file and its findings; no registry where one is an error."""
    try:
        table = read_table(
            path, required=UNIT_COLUMNS[:5], optional=(*UNIT_COLUMNS[5:], "population_source")
        )
    except IntakeError as error:
        return None, list(error.findings)
    faults = Faults(path.name)
    if not table.rows:
        faults.add(
            "units-empty",
            Words("Tệp không có đơn vị nào.", "The file holds no unit."),
            Words("Mỗi đơn vị một dòng.", "Write one unit a line."),
        )
    units = [_unit_of(row, faults) for row in table.rows]
    _check_repeats(table, units, faults)
    _check_parents(table, faults)
    if errors_of(faults.findings):
        return None, faults.findings
    return Registry(tuple(units)), faults.findings


def write_units(registry: Registry, path: Path) -> None:
    """Write units as CSV with the columns that ``read_units`` reads."""
    write_csv(
        path,
        UNIT_COLUMNS,
        ([getattr(unit, column) for column in UNIT_COLUMNS] for unit in registry.units),
    )


def _unit_of(row: Row, faults: Faults) -> AdminUnit:
    cells = row.cells
    _check_names(row, faults)
    kind = _type_of(row, faults)
    start, end = _days_of(row, faults)
    return AdminUnit(
        code=cells["code"],
        name=cells["name"],
        type=kind,
        parent_code=cells["parent_code"],
        valid_from=start or date.min,
        valid_to=end,
        population=whole_size(row, "population", faults, "unit"),
        area_km2=number_in(row, "area_km2", (0.0, 1e6), "unit-area-invalid", faults),
        lat=number_in(row, "lat", _LATITUDES, "unit-coordinate-invalid", faults),
        lon=number_in(row, "lon", _LONGITUDES, "unit-coordinate-invalid", faults),
        source=cells.get("source", ""),
    )


def _check_names(row: Row, faults: Faults) -> None:
    cells = row.cells
    if not _CODE.match(cells["code"]):
        faults.add(
            "unit-code-invalid",
            Words(f"Mã “{cells['code']}” không hợp lệ.", f"'{cells['code']}' is not a unit code."),
            Words(
                "Mã là 2 đến 5 chữ số, giữ số 0 ở đầu.",
                "A code has 2 to 5 digits, leading zeros kept: format the column as text.",
            ),
            row=row.line,
            column="code",
        )
    if not cells["name"]:
        faults.add(
            "unit-name-missing",
            Words("Thiếu tên đơn vị.", "The unit has no name."),
            Words("Hãy ghi tên đầy đủ.", "Write its full name."),
            row=row.line,
            column="name",
        )


def _type_of(row: Row, faults: Faults) -> str:
    """Return the type of a unit in its usual spelling, empty where nobody knows it."""
    cells = row.cells
    kind = _TYPES.get(folded(cells["type"]), "")
    if not kind:
        faults.add(
            "unit-type-unknown",
            Words(
                f"Không hiểu loại đơn vị “{cells['type']}”.",
                f"'{cells['type']}' is not a type of unit.",
            ),
            Words(
                f"Dùng một trong: {', '.join(_TYPES.values())}.",
                f"Use one of: {', '.join(_TYPES.values())}.",
            ),
            row=row.line,
            column="type",
        )
    return kind


def _days_of(row: Row, faults: Faults) -> tuple[date | None, date | None]:
    """Return the first and the last day of a unit."""
    start = day_in(row, "valid_from", faults)
    if start is None and not row.cells["valid_from"]:
        faults.add(
            "unit-start-missing",
            Words("Thiếu ngày bắt đầu.", "The first day is missing."),
            Words("Ghi dạng 2025-07-01.", "Write it as 2025-07-01."),
            row=row.line,
            column="valid_from",
        )
    end = day_in(row, "valid_to", faults)
    if start and end and end < start:
        faults.add(
            "unit-dates-reversed",
            Words(
                f"Ngày kết thúc {end} trước ngày bắt đầu {start}.",
                f"The last day {end} lies before the first day {start}.",
            ),
            Words("Hãy đổi lại hai ngày.", "Put the two days in order."),
            row=row.line,
            column="valid_to",
        )
    return start, end


def _check_repeats(table: Table, units: list[AdminUnit], faults: Faults) -> None:
    """Note codes that two units carry on the same day; a code may return later."""
    seen: dict[str, list[tuple[AdminUnit, int]]] = {}
    for row, unit in zip(table.rows, units, strict=True):
        for other, line in seen.get(unit.code, ()):
            if unit.stands_on(other.valid_from) or other.stands_on(unit.valid_from):
                faults.add(
                    "unit-code-repeated",
                    Words(
                        f"Mã {unit.code} đã có ở dòng {line}.",
                        f"The code {unit.code} already stands on line {line}.",
                    ),
                    Words(
                        "Bỏ một dòng hoặc sửa thời gian hiệu lực.",
                        "Remove one of them, or give them days that do not overlap.",
                    ),
                    row=row.line,
                    column="code",
                )
                break
        seen.setdefault(unit.code, []).append((unit, row.line))


def _check_parents(table: Table, faults: Faults) -> None:
    codes = {row.cells["code"] for row in table.rows}
    for row in table.rows:
        parent = row.cells["parent_code"]
        if parent and (parent not in codes or parent == row.cells["code"]):
            faults.add(
                "unit-parent-unknown",
                Words(
                    f"Không có đơn vị cấp trên mã {parent}.",
                    f"No other unit of the file has the parent's code {parent}.",
                ),
                Words(
                    "Thêm đơn vị cấp trên hoặc sửa mã.",
                    "Add the parent to the file or mend the code.",
                ),
                row=row.line,
                column="parent_code",
            )
