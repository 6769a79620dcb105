"""The registry of this installation: units, agencies, counters and procedures.

Files are told apart by their columns, checked by the module that knows them, and taken in
together or not at all.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import fields
from datetime import date
from pathlib import Path

from sqlalchemy import Connection, Engine, Table, delete, func, insert, select

from intake.findings import Finding, HailongError, RegistryError, Words
from intake.tables import read_table
from sampling import offices, units
from survey_app.config import Settings
from survey_app.db import reading, writing
from survey_app.db.registry import admin_unit, agency, procedure, service_point, unit_change
from survey_app.services.trail.audit import digests, record

_KEY_COLUMNS = {
    "parent_code": "units",
    "old_code": "changes",
    "counter_id": "counters",
    "procedure_id": "procedures",
    "agency_code": "agencies",
}
_TABLES = {
    "units": admin_unit,
    "changes": unit_change,
    "agencies": agency,
    "counters": service_point,
    "procedures": procedure,
}


def check_files(paths: Sequence[Path]) -> tuple[dict[str, list[object]], list[Finding]]:
    """Read registry files and return what they hold by kind, and every finding of all."""
    kinds: dict[str, Path] = {}
    findings: list[Finding] = []
    for path in paths:
        try:
            kind = _kind_of(path)
        except HailongError as error:
            findings += error.findings
            continue
        if kind in kinds:
            findings.append(_twice(kind, kinds[kind], path))
        kinds.setdefault(kind, path)
    held: dict[str, list[object]] = {}
    registry = units.load_registry()
    if "units" in kinds:
        found, faults = units.check_units(kinds["units"])
        findings += faults
        if found:
            registry = found
            held["units"] = list(found.units)
    if "changes" in kinds:
        try:
            held["changes"] = list(units.read_changes(kinds["changes"]))
        except HailongError as error:
            findings += error.findings
    agencies: list[str] | None = None
    if "agencies" in kinds:
        read, faults = offices.check_agencies(kinds["agencies"], registry)
        findings += faults
        held["agencies"] = list(read or ())
        agencies = [one.agency_code for one in read or ()]
    if "counters" in kinds:
        counters, faults = offices.check_counters(kinds["counters"], registry, agencies)
        findings += faults
        held["counters"] = list(counters or ())
    if "procedures" in kinds:
        procedures, faults = offices.check_procedures(kinds["procedures"], registry, agencies)
        findings += faults
        held["procedures"] = list(procedures or ())
    return held, findings


def import_files(engine: Engine, paths: Sequence[Path]) -> tuple[dict[str, int], list[Finding]]:
    """Replace the registry's lists by those of the files; a single fault writes nothing.

    Returns
    -------
    tuple
        The number of rows of each list taken in, and the warnings.
    """
    held, findings = check_files(paths)
    if any(finding.severity == "error" for finding in findings):
        raise RegistryError(findings)
    with writing(engine) as connection:
        for kind, things in held.items():
            _replace(connection, _TABLES[kind], things)
        rows = {kind: len(things) for kind, things in held.items()}
        record(connection, "registry-imported", "registry", {"rows": rows, "files": digests(paths)})
    return rows, findings


def count_registry(engine: Engine) -> dict[str, int]:
    """Return the number of rows of each list."""
    with reading(engine) as connection:
        return {
            kind: connection.execute(select(func.count()).select_from(table)).scalar_one()
            for kind, table in _TABLES.items()
        }


def stored_registry(engine: Engine) -> units.Registry:
    """Return the units and changes of this installation."""
    facts = units.load_population()
    with reading(engine) as connection:
        stored = tuple(
            units.AdminUnit(
                code=row.code,
                name=row.name,
                type=row.type,
                parent_code=row.parent_code or "",
                valid_from=row.valid_from,
                valid_to=row.valid_to,
                population=row.population,
                area_km2=row.area_km2,
                lat=row.lat,
                lon=row.lon,
                source=row.source,
            )
            for row in connection.execute(select(admin_unit).order_by(admin_unit.c.code))
        )
        changes = tuple(
            units.UnitChange(**row) for row in connection.execute(select(unit_change)).mappings()
        )
    if not stored:
        raise RegistryError(
            Finding(
                "registry-empty",
                Words("Danh mục còn trống.", "The registry is empty."),
                Words("Hãy chạy: hailong registry import FILE…", "Run: hailong registry import"),
            )
        )
    return units.Registry(stored, changes, facts)


def stored_counters(engine: Engine) -> list[offices.ServicePoint]:
    """Return the counters of this installation in the order of their ids."""
    with reading(engine) as connection:
        return [
            offices.ServicePoint(
                counter_id=row.counter_id,
                name=row.name,
                agency_code=row.agency_code,
                unit_code=row.unit_code,
                address=row.address,
                opens=row.opens,
                closes=row.closes,
                expected=row.expected,
                source=row.source,
            )
            for row in connection.execute(
                select(service_point).order_by(service_point.c.counter_id)
            )
        ]


def province_name(engine: Engine, code: str) -> str:
    """Return the name of a province, or its code where the registry does not hold it."""
    with reading(engine) as connection:
        found = connection.execute(
            select(admin_unit.c.name).where(admin_unit.c.code == code)
        ).scalar()
    return str(found or code)


def asker(engine: Engine, settings: Settings) -> str:
    """Return who asks: the organisation, with the name of its province where that is known."""
    name = province_name(engine, settings.province)
    return f"{settings.organisation} {name}" if name != settings.province else settings.organisation


def unit_name(engine: Engine, unit_id: str) -> str:
    """Return what people call a unit or a counter; its id where the registry does not know it."""
    unit = (
        select(admin_unit.c.name)
        .where(admin_unit.c.code == unit_id)
        .order_by(admin_unit.c.valid_from.desc())
        .limit(1)
    )
    counter = select(service_point.c.name).where(service_point.c.counter_id == unit_id)
    with reading(engine) as connection:
        return connection.scalar(unit) or connection.scalar(counter) or unit_id


def agency_names(engine: Engine) -> dict[str, tuple[str, str]]:
    """Return name and unit of every agency by its code."""
    with reading(engine) as connection:
        return {
            row.agency_code: (row.name, row.unit_code or "")
            for row in connection.execute(select(agency))
        }


def units_on(engine: Engine, province: str, day: date) -> dict[str, units.AdminUnit]:
    """Return the communes of a province on a day, by code."""
    registry = stored_registry(engine).on(day)
    return {unit.code: unit for unit in registry.children(province)}


def _kind_of(path: Path) -> str:
    table = read_table(path, required=[])
    for column, kind in _KEY_COLUMNS.items():
        if column in table.columns:
            return kind
    raise RegistryError(
        Finding(
            "registry-file-kind",
            Words(
                "Không nhận ra đây là danh mục nào.", "It cannot be told which list this file is."
            ),
            Words(
                "Cần một trong các cột: parent_code, counter_id, procedure_id, agency_code.",
                "It needs one of the columns parent_code, counter_id, procedure_id, agency_code.",
            ),
            file=path.name,
        )
    )


def _twice(kind: str, first: Path, second: Path) -> Finding:
    return Finding(
        "registry-list-twice",
        Words(
            f"{first.name} và {second.name} là cùng một danh mục ({kind}).",
            f"{first.name} and {second.name} are the same list ({kind}).",
        ),
        Words(
            "Hãy gộp thành một tệp: mỗi danh mục được thay cả một lần.",
            "Make them one file: each list is replaced as a whole.",
        ),
        file=second.name,
    )


def _replace(connection: Connection, table: Table, things: Sequence[object]) -> None:
    connection.execute(delete(table))
    if things:
        rows = [_row(table, thing) for thing in things]
        connection.execute(insert(table), rows)


def _row(table: Table, thing: object) -> dict[str, object]:
    values = {one.name: getattr(thing, one.name) for one in fields(thing)}  # type: ignore[arg-type]
    if "kind" in values:
        values["type"] = values.pop("kind")
    return {column.name: values.get(column.name) for column in table.columns}
