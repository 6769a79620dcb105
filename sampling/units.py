"""What exists: provinces and communes through time, and what became of the former ones.

A unit has a code of the statistics office (text, leading zeros kept), a parent, and the
days between which it stands. A change leads from a former unit to a unit of today. The
packaged registry holds the two-tier list in force since 1 July 2025; its files are made
and checked by ``tools/make_units.py`` and name their source on every line.

Populations are persons, areas square kilometres, coordinates degrees.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from functools import cache, cached_property
from pathlib import Path

from intake.findings import Faults, Finding, IntakeError, RegistryError, Words, errors_of
from intake.tables import Row, Table, read_table, write_csv
from intake.text import folded

DATA = Path(__file__).parent / "data"
DEMO_PROVINCE = "31"

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
COMMUNE_TYPES = ("Xã", "Phường", "Đặc khu")
FORMER_TYPES = ("Quận", "Huyện", "Thị xã", "Thị trấn")
MAX_SIZE = 10_000_000

_TYPES = {folded(name): name for name in (*PROVINCE_TYPES, *COMMUNE_TYPES, *FORMER_TYPES)}
_CODE = re.compile(r"^[0-9]{2,5}$")
_WHOLE = re.compile(r"^[0-9]{1,9}$")
_DECIMAL = re.compile(r"^-?[0-9]{1,9}(\.[0-9]{1,12})?$")
_LATITUDES = (-90.0, 90.0)
_LONGITUDES = (-180.0, 180.0)


@dataclass(frozen=True)
class AdminUnit:
    """A province or commune with the days between which it stands.

    ``valid_to`` is the last day; ``None`` means that the unit still stands.
    """

    code: str
    name: str
    type: str
    parent_code: str
    valid_from: date
    valid_to: date | None = None
    population: int | None = None
    area_km2: float | None = None
    lat: float | None = None
    lon: float | None = None
    source: str = ""

    @property
    def is_commune(self) -> bool:
        """Whether the unit is a commune, ward or special zone of the two-tier list."""
        return self.type in COMMUNE_TYPES

    @property
    def is_urban(self) -> bool:
        """Whether the unit is a ward."""
        return self.type == "Phường"

    def stands_on(self, day: date) -> bool:
        """Tell whether the unit stands on a day."""
        return self.valid_from <= day and (self.valid_to is None or day <= self.valid_to)


@dataclass(frozen=True)
class UnitChange:
    """One way from a former unit to a unit of today.

    ``part`` is ``whole`` when all of the former unit went there, ``main`` for the unit
    that took the largest piece, ``part`` for the other pieces. ``share`` is the share of
    the former unit's people that moved along, or ``None`` where nobody published it.
    """

    old_code: str
    old_name: str
    old_parent_code: str
    old_parent_name: str
    old_province_code: str
    old_province_name: str
    new_code: str
    part: str
    share: float | None = None
    source: str = ""


@dataclass(frozen=True)
class PopulationFact:
    """What is known of a commune's population, and which former province it came from.

    ``flag`` is ``doubtful`` where the source's own readings contradict each other.
    """

    code: str
    name: str
    type: str
    population: int
    flag: str
    former_provinces: tuple[str, ...]
    main_former_province: str
    source: str


@dataclass(frozen=True)
class Registry:
    """All units that are known, in the order of the file, and the changes between them."""

    units: tuple[AdminUnit, ...]
    changes: tuple[UnitChange, ...] = ()
    facts: Mapping[str, PopulationFact] = field(default_factory=dict)

    @cached_property
    def by_code(self) -> dict[str, AdminUnit]:
        """The units by code; of several with one code, the latest."""
        return {unit.code: unit for unit in sorted(self.units, key=lambda unit: unit.valid_from)}

    @cached_property
    def _changes_from(self) -> dict[str, tuple[UnitChange, ...]]:
        return _grouped((change.old_code, change) for change in self.changes)

    @cached_property
    def _changes_to(self) -> dict[str, tuple[UnitChange, ...]]:
        return _grouped((change.new_code, change) for change in self.changes)

    def __contains__(self, code: object) -> bool:
        return code in self.by_code

    def unit(self, code: str) -> AdminUnit:
        """Return the unit with this code.

        Raises
        ------
        RegistryError
            No unit has the code.
        """
        if code not in self.by_code:
            raise RegistryError(
                Finding(
                    "unit-not-found",
                    Words(f"Không có đơn vị mã {code}.", f"No unit has the code {code}."),
                    Words("Hãy xem lại danh mục đơn vị.", "Look into the list of units."),
                )
            )
        return self.by_code[code]

    def on(self, day: date) -> Registry:
        """Return the registry as it stands on a day."""
        standing = tuple(unit for unit in self.units if unit.stands_on(day))
        return Registry(standing, self.changes, self.facts)

    def provinces(self) -> tuple[AdminUnit, ...]:
        """Return the units without a parent."""
        return tuple(unit for unit in self.units if not unit.parent_code)

    def children(self, code: str) -> tuple[AdminUnit, ...]:
        """Return the units whose parent is ``code``, in the order of the file."""
        return tuple(unit for unit in self.units if unit.parent_code == code)

    def successors(self, old_code: str) -> tuple[UnitChange, ...]:
        """Return where a former unit went; the way that took most of it comes first."""
        return self._changes_from.get(old_code, ())

    def predecessors(self, code: str) -> tuple[UnitChange, ...]:
        """Return the former units of which a unit of today was made."""
        return self._changes_to.get(code, ())


def _grouped(pairs: Iterable[tuple[str, UnitChange]]) -> dict[str, tuple[UnitChange, ...]]:
    rank = {"whole": 0, "main": 1}
    groups: dict[str, list[UnitChange]] = {}
    for key, change in pairs:
        groups.setdefault(key, []).append(change)
    return {
        key: tuple(sorted(changes, key=lambda change: (rank.get(change.part, 2), change.new_code)))
        for key, changes in groups.items()
    }


@cache
def load_registry() -> Registry:
    """Return the packaged registry: 34 provinces, 3,321 communes, old to new codes.

    Examples
    --------
    >>> registry = load_registry()
    >>> registry.unit("10525").name
    'Phường Hải Dương'
    """
    units, findings = check_units(DATA / "units.csv")
    if units is None:
        raise RegistryError(findings)
    return Registry(units.units, read_changes(DATA / "unit_changes.csv"), load_population())


@cache
def load_population() -> Mapping[str, PopulationFact]:
    """Return the population facts of the demonstration province by commune code."""
    table = read_table(
        DATA / "hai_phong_population.csv",
        required=(
            "code",
            "name",
            "type",
            "population",
            "flag",
            "former_provinces",
            "main_former_province",
            "source",
        ),
        optional=(),
    )
    return {
        row.cells["code"]: PopulationFact(
            code=row.cells["code"],
            name=row.cells["name"],
            type=row.cells["type"],
            population=int(row.cells["population"]),
            flag=row.cells["flag"],
            former_provinces=tuple(row.cells["former_provinces"].split(";")),
            main_former_province=row.cells["main_former_province"],
            source=row.cells["source"],
        )
        for row in table.rows
    }


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
    start = _day(row, "valid_from", faults)
    if start is None and not cells["valid_from"]:
        faults.add(
            "unit-start-missing",
            Words("Thiếu ngày bắt đầu.", "The first day is missing."),
            Words("Ghi dạng 2025-07-01.", "Write it as 2025-07-01."),
            row=row.line,
            column="valid_from",
        )
    end = _day(row, "valid_to", faults)
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
    return AdminUnit(
        code=cells["code"],
        name=cells["name"],
        type=kind,
        parent_code=cells["parent_code"],
        valid_from=start or date.min,
        valid_to=end,
        population=whole_size(row, "population", faults, "unit"),
        area_km2=_number(row, "area_km2", (0.0, 1e6), "unit-area-invalid", faults),
        lat=_number(row, "lat", _LATITUDES, "unit-coordinate-invalid", faults),
        lon=_number(row, "lon", _LONGITUDES, "unit-coordinate-invalid", faults),
        source=cells.get("source", ""),
    )


def whole_size(row: Row, column: str, faults: Faults, prefix: str) -> int | None:
    """Return the size in a cell, a whole number of 1 to 10,000,000, or note the fault.

    An empty cell gives ``None`` without a finding. Separators are never guessed away.
    """
    text = row.cells.get(column, "")
    if not text:
        return None
    if _WHOLE.match(text) and 1 <= int(text) <= MAX_SIZE:
        return int(text)
    if re.match(r"^-?[0-9]+$", text):
        code = "size-not-positive" if int(text) < 1 else "size-too-large"
    else:
        code = "size-not-whole"
    faults.add(
        f"{prefix}-{code}",
        Words(
            f"“{text}” không phải số nguyên từ 1 đến 10000000.",
            f"'{text}' is not a whole number from 1 to 10000000.",
        ),
        Words(
            "Viết số bằng chữ số, không dấu phân cách hàng nghìn.",
            "Write digits only, without thousands separators.",
        ),
        row=row.line,
        column=column,
    )
    return None


def _day(row: Row, column: str, faults: Faults) -> date | None:
    text = row.cells.get(column, "")[:19]
    if not text:
        return None
    try:
        return date.fromisoformat(text.removesuffix(" 00:00:00"))
    except ValueError:
        faults.add(
            "unit-date-invalid",
            Words(f"“{text}” không phải ngày.", f"'{text}' is not a day."),
            Words("Ghi dạng 2025-07-01.", "Write it as 2025-07-01."),
            row=row.line,
            column=column,
        )
        return None


def _number(
    row: Row, column: str, limits: tuple[float, float], code: str, faults: Faults
) -> float | None:
    text = row.cells.get(column, "")
    if not text:
        return None
    low, high = limits
    if _DECIMAL.match(text) and low <= float(text) <= high:
        return float(text)
    faults.add(
        code,
        Words(
            f"“{text}” không phải số từ {low:g} đến {high:g}.",
            f"'{text}' is not a number from {low:g} to {high:g}.",
        ),
        Words("Dùng dấu chấm thập phân.", "Use a decimal point."),
        row=row.line,
        column=column,
    )
    return None


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
