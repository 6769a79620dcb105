"""The frame of a transaction survey: dossiers finished in a period, by unit and field.

Only counts are taken in. The list of the dossiers themselves stays with the unit that
holds it; what is drawn are positions in that list.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from pathlib import Path

from intake.findings import Faults, FrameError, IntakeError, Words
from intake.tables import Row, Table, read_table
from sampling.frame.cells import text_of
from sampling.frame.communes import slug
from sampling.frame.listing import Frame
from sampling.frame.reading import built
from sampling.units import Registry, whole_size

DOSSIER_COLUMNS = ("unit_code", "field", "finished")
STRATA = ("unit", "field")
_LONGEST = 30


def read_dossiers(path: Path) -> Table:
    """Read the counts of finished dossiers; other columns are refused, as they may name people.

    Raises
    ------
    FrameError
        With every fault of the file.
    """
    try:
        return read_table(path, required=DOSSIER_COLUMNS, optional=())
    except IntakeError as error:
        raise FrameError(error.findings) from None


def build_dossiers(
    rows: Table | Sequence[Mapping[str, object]],
    registry: Registry,
    on: date,
    *,
    stratum: str = "unit",
) -> Frame:
    """Return the frame of a transaction survey from counts of finished dossiers.

    Parameters
    ----------
    rows
        Counts with the columns ``unit_code`` (of the registry), ``field`` (of the
        procedures) and ``finished`` (dossiers finished in the reference period).
    registry
        The units that there are.
    on
        The day on which the units must stand, usually the last one of the period.
    stratum
        ``unit`` or ``field``: what the strata are.

    Returns
    -------
    Frame
        ``unit_id`` is ``<unit>.<field>``, the field in plain letters and dashes; ``size``
        counts the dossiers; ``field`` and ``parent_id`` (the unit) are further columns. A
        count of 0 is left out with a warning.

    Raises
    ------
    FrameError
        With every fault: unknown units, repeated pairs, counts that are none.
    """
    if stratum not in STRATA:
        raise FrameError.of(
            "frame-dossier-stratum",
            f"Không thể phân tầng theo “{stratum}”.",
            f"Dossiers cannot be stratified by '{stratum}'.",
            f"Dùng một trong: {', '.join(STRATA)}.",
            f"Use one of: {', '.join(STRATA)}.",
        )
    table = rows if isinstance(rows, Table) else _table_of(rows)
    faults = Faults(table.file)
    standing = registry.on(on)
    seen: dict[str, int] = {}
    made = []
    for row in table.rows:
        unit_id = _id_of(row, standing, on, seen, faults)
        size = _count_of(row, faults)
        if unit_id and size:
            made.append(_row_of(row, unit_id, size, standing, stratum))
    faults.raise_as(FrameError)
    return built(made, faults)


def _table_of(rows: Sequence[Mapping[str, object]]) -> Table:
    return Table(
        "dossiers",
        DOSSIER_COLUMNS,
        tuple(
            Row(line, {name: text_of(row.get(name)) for name in DOSSIER_COLUMNS})
            for line, row in enumerate(rows, start=2)
        ),
    )


def _id_of(
    row: Row, standing: Registry, on: date, seen: dict[str, int], faults: Faults
) -> str | None:
    """Return the id of a unit and field, or note what keeps it from being one."""
    code, field = row.cells["unit_code"], row.cells["field"]
    if code not in standing:
        faults.add(
            "frame-dossier-unit",
            Words(
                f"Không có đơn vị mã “{code}” vào ngày {on:%d/%m/%Y}.",
                f"No unit has the code '{code}' on {on}.",
            ),
            Words("Dùng mã trong danh mục đơn vị.", "Use a code of the registry."),
            row=row.line,
            column="unit_code",
        )
    name = slug(field)
    if not 0 < len(name) <= _LONGEST:
        faults.add(
            "frame-dossier-field",
            Words(
                f"Lĩnh vực “{field[:60]}” không đặt thành mã được.",
                f"The field '{field[:60]}' gives no id.",
            ),
            Words(
                f"Ghi tên hoặc mã, nhiều nhất {_LONGEST} ký tự.",
                f"Write its name or code in at most {_LONGEST} characters.",
            ),
            row=row.line,
            column="field",
        )
        return None
    unit_id = f"{code}.{name}"
    first = seen.setdefault(unit_id, row.line)
    if first != row.line:
        faults.add(
            "frame-dossier-repeated",
            Words(
                f"Lĩnh vực “{field}” của {code} đã có ở dòng {first}.",
                f"The field '{field}' of {code} already stands on line {first}.",
            ),
            Words("Cộng hai dòng thành một.", "Add the two lines up."),
            row=row.line,
            column="field",
        )
        return None
    return unit_id if code in standing else None


def _count_of(row: Row, faults: Faults) -> int | None:
    text = row.cells["finished"]
    if not text:
        faults.add(
            "frame-dossier-count-missing",
            Words("Thiếu số hồ sơ.", "The count is missing."),
            Words("Ghi 0 nếu không có hồ sơ.", "Write 0 where there were none."),
            row=row.line,
            column="finished",
        )
        return None
    if text.strip("0"):
        return whole_size(row, "finished", faults, "frame")
    faults.add(
        "frame-dossier-none",
        Words("Không có hồ sơ nào nên bỏ ra.", "No dossier was finished: it is left out."),
        Words("Kiểm tra kỳ báo cáo.", "See whether the period is right."),
        row=row.line,
        column="finished",
        severity="warning",
    )
    return None


def _row_of(row: Row, unit_id: str, size: int, standing: Registry, stratum: str) -> dict[str, str]:
    unit = standing.unit(row.cells["unit_code"])
    province = standing.unit(unit.parent_code) if unit.parent_code in standing else unit
    field = row.cells["field"]
    return {
        "unit_id": unit_id,
        "unit_name": f"{unit.name} – {field}",
        "province": province.name,
        "stratum": unit.code if stratum == "unit" else slug(field),
        "size": str(size),
        "field": field,
        "parent_id": unit.code,
    }
