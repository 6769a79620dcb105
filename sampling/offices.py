"""Who serves: agencies that are scored, one-stop counters, the catalogue of procedures.

A counter belongs to an agency and stands in a unit; a procedure names the agency that
decides. Since Decree 118/2025 a dossier may be received anywhere in the province, so who
receives and who decides are kept apart.

The packaged files describe the demonstration province. Their ``flag`` says what a line
is worth: empty for a public fact, ``example`` for what was set up for the demonstration.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TypeVar

from intake.findings import Faults, Finding, IntakeError, RegistryError, Words, errors_of
from intake.tables import Row, read_table
from sampling.units import DATA, Registry, check_id, load_registry, whole_size

AGENCY_COLUMNS = ("agency_code", "name", "kind", "unit_code", "source", "flag")
COUNTER_COLUMNS = (
    "counter_id",
    "name",
    "agency_code",
    "unit_code",
    "address",
    "opens",
    "closes",
    "expected",
    "source",
    "flag",
)
PROCEDURE_COLUMNS = ("procedure_id", "name", "field", "agency_code", "source", "flag")
AGENCY_KINDS = ("department", "commune", "centre", "group")

_TIME = re.compile(r"^([01]?[0-9]|2[0-3]):[0-5][0-9]$")


@dataclass(frozen=True)
class Agency:
    """A body that is scored: a department of the province or a commune's committee.

    ``kind`` is ``department``, ``commune``, ``centre`` (a service centre) or ``group``
    (stands for all committees of a level, as the decider of a commune procedure).
    """

    agency_code: str
    name: str
    kind: str
    unit_code: str
    source: str = ""
    flag: str = ""


@dataclass(frozen=True)
class ServicePoint:
    """A one-stop counter or service centre, with its hours as ``HH:MM``.

    ``expected`` is the number of transactions expected to finish there in one round.
    """

    counter_id: str
    name: str
    agency_code: str
    unit_code: str
    address: str = ""
    opens: str = ""
    closes: str = ""
    expected: int | None = None
    source: str = ""
    flag: str = ""


@dataclass(frozen=True)
class Procedure:
    """An administrative procedure with its field and the agency that decides."""

    procedure_id: str
    name: str
    field: str
    agency_code: str
    source: str = ""
    flag: str = ""


@dataclass(frozen=True)
class Offices:
    """Agencies, counters and procedures of one province, each by its id."""

    agencies: Mapping[str, Agency]
    counters: Mapping[str, ServicePoint]
    procedures: Mapping[str, Procedure]


_Office = TypeVar("_Office", Agency, ServicePoint, Procedure)


@cache
def load_offices() -> Offices:
    """Return the packaged agencies, counters and procedures of the demonstration province.

    Examples
    --------
    >>> len(load_offices().counters)
    3
    """
    registry = load_registry()
    agencies = read_agencies(DATA / "hai_phong_agencies.csv", registry)
    known = {agency.agency_code for agency in agencies}
    counters = read_counters(DATA / "hai_phong_counters.csv", registry, known)
    procedures = read_procedures(DATA / "hai_phong_procedures.csv", registry, known)
    return Offices(
        {agency.agency_code: agency for agency in agencies},
        {counter.counter_id: counter for counter in counters},
        {procedure.procedure_id: procedure for procedure in procedures},
    )


def kind_of(columns: Collection[str]) -> str | None:
    """Return which registry file has these columns, or None.

    Examples
    --------
    >>> kind_of(["procedure_id", "name", "field", "agency_code"])
    'procedures'
    """
    kinds = {
        "counter_id": "counters",
        "procedure_id": "procedures",
        "agency_code": "agencies",
        "code": "units",
    }
    return next((kind for column, kind in kinds.items() if column in columns), None)


def read_agencies(path: Path, registry: Registry) -> tuple[Agency, ...]:
    """Read a file of agencies; raise ``RegistryError`` with every fault at once."""
    return _read(check_agencies(path, registry))


def read_counters(
    path: Path, registry: Registry, agencies: Collection[str] | None = None
) -> tuple[ServicePoint, ...]:
    """Read a file of counters; raise ``RegistryError`` with every fault at once.

    With ``agencies``, the codes that may be named, an unknown agency is a fault too.
    """
    return _read(check_counters(path, registry, agencies))


def read_procedures(
    path: Path, registry: Registry | None = None, agencies: Collection[str] | None = None
) -> tuple[Procedure, ...]:
    """Read the catalogue of procedures; raise ``RegistryError`` with every fault at once."""
    return _read(check_procedures(path, registry, agencies))


def check_agencies(
    path: Path, registry: Registry
) -> tuple[tuple[Agency, ...] | None, list[Finding]]:
    """Return the agencies of a file, or none where a finding is an error, and the findings."""

    def one(row: Row, faults: Faults) -> Agency:
        cells = row.cells
        if cells["kind"] not in AGENCY_KINDS:
            faults.add(
                "agency-kind-unknown",
                Words(f"Không hiểu loại “{cells['kind']}”.", f"'{cells['kind']}' is no kind."),
                Words(f"Dùng: {', '.join(AGENCY_KINDS)}.", f"Use: {', '.join(AGENCY_KINDS)}."),
                row=row.line,
                column="kind",
            )
        _check_unit(row, registry, faults)
        return Agency(**{name: cells.get(name, "") for name in AGENCY_COLUMNS})

    return _check(path, AGENCY_COLUMNS, 4, one)


def check_counters(
    path: Path, registry: Registry, agencies: Collection[str] | None = None
) -> tuple[tuple[ServicePoint, ...] | None, list[Finding]]:
    """Return the counters of a file, or none where a finding is an error, and the findings."""

    def one(row: Row, faults: Faults) -> ServicePoint:
        cells = row.cells
        _check_unit(row, registry, faults)
        _check_agency(row, agencies, faults)
        _check_hours(row, faults)
        texts = {name: cells.get(name, "") for name in COUNTER_COLUMNS if name != "expected"}
        return ServicePoint(**texts, expected=whole_size(row, "expected", faults, "counter"))

    return _check(path, COUNTER_COLUMNS, 7, one)


def check_procedures(
    path: Path, registry: Registry | None = None, agencies: Collection[str] | None = None
) -> tuple[tuple[Procedure, ...] | None, list[Finding]]:
    """Return the procedures of a file, or none where a finding is an error, and the findings.

    ``registry`` is taken so that the three readers are called alike; a procedure names no
    unit.
    """
    del registry

    def one(row: Row, faults: Faults) -> Procedure:
        _check_agency(row, agencies, faults)
        if not row.cells["field"]:
            faults.add(
                "procedure-field-missing",
                Words("Thiếu lĩnh vực.", "The procedure has no field."),
                Words("Hãy ghi lĩnh vực.", "Name its field."),
                row=row.line,
                column="field",
            )
        return Procedure(**{name: row.cells.get(name, "") for name in PROCEDURE_COLUMNS})

    return _check(path, PROCEDURE_COLUMNS, 4, one)


def _read(checked: tuple[tuple[_Office, ...] | None, list[Finding]]) -> tuple[_Office, ...]:
    values, findings = checked
    if values is None:
        raise RegistryError(findings)
    return values


def _check(
    path: Path, columns: tuple[str, ...], required: int, one: Callable[[Row, Faults], _Office]
) -> tuple[tuple[_Office, ...] | None, list[Finding]]:
    try:
        table = read_table(path, required=columns[:required], optional=columns[required:])
    except IntakeError as error:
        return None, list(error.findings)
    faults = Faults(path.name)
    seen: dict[str, int] = {}
    values: list[_Office] = []
    for row in table.rows:
        _check_id(row, columns[0], seen, faults)
        values.append(one(row, faults))
    return (None if errors_of(faults.findings) else tuple(values)), faults.findings


def _check_id(row: Row, column: str, seen: dict[str, int], faults: Faults) -> None:
    remedy = Words("Mỗi mã dùng một lần.", "Use each id once.")
    check_id(row, column, seen, faults, prefix="office", remedy=remedy)
    if not row.cells["name"]:
        faults.add(
            "office-name-missing",
            Words("Thiếu tên.", "The name is missing."),
            Words("Hãy ghi tên đầy đủ.", "Write the full name."),
            row=row.line,
            column="name",
        )


def _check_unit(row: Row, registry: Registry, faults: Faults) -> None:
    code = row.cells["unit_code"]
    if code not in registry:
        faults.add(
            "office-unit-unknown",
            Words(f"Không có đơn vị mã “{code}”.", f"No unit has the code '{code}'."),
            Words("Dùng mã trong danh mục đơn vị.", "Use a code of the list of units."),
            row=row.line,
            column="unit_code",
        )


def _check_agency(row: Row, agencies: Collection[str] | None, faults: Faults) -> None:
    code = row.cells["agency_code"]
    if not code or (agencies is not None and code not in agencies):
        faults.add(
            "office-agency-unknown",
            Words(f"Không có cơ quan mã “{code}”.", f"No agency has the code '{code}'."),
            Words("Nhập danh sách cơ quan trước.", "Import the agencies first, or mend the code."),
            row=row.line,
            column="agency_code",
        )


def _check_hours(row: Row, faults: Faults) -> None:
    hours = [row.cells[name] for name in ("opens", "closes")]
    for name, text in zip(("opens", "closes"), hours, strict=True):
        if text and not _TIME.match(text):
            faults.add(
                "counter-hours-invalid",
                Words(f"“{text}” không phải giờ.", f"'{text}' is not a time of day."),
                Words("Ghi dạng 07:30.", "Write it as 07:30."),
                row=row.line,
                column=name,
            )
            return
    if all(hours) and hours[0].zfill(5) >= hours[1].zfill(5):
        faults.add(
            "counter-hours-reversed",
            Words("Giờ đóng cửa không sau giờ mở cửa.", "It closes no later than it opens."),
            Words("Hãy đổi lại hai giờ.", "Put the two times in order."),
            row=row.line,
            column="closes",
        )
