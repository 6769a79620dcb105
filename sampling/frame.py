"""The list from which a stage draws: units with their strata and sizes at a reference day.

A frame comes from the registry (``build``, ``build_visits``) or from a file
(``read_frame``). It is kept as text, so that what is hashed is what was read. Coverage
problems are findings beside the frame; they stop nobody, but they are said.

The canonical form of a frame is a CSV file: UTF-8, NFC, line feeds, the five required
columns first and the others after them by name, rows sorted by ``unit_id``, a leading
apostrophe before what a spreadsheet could run. ``H_frame`` is the SHA-256 of its bytes,
and ``write_frame`` writes exactly these bytes: ``sha256sum frame.csv`` gives it.

Sizes are persons (or transactions in a frame of counters), whole numbers.
"""

from __future__ import annotations

import csv
import hashlib
import io
import re
import unicodedata
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from fractions import Fraction
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from intake.findings import Faults, Finding, FrameError, IntakeError, Words, errors_of
from intake.tables import Row, Table, read_table
from intake.text import ID_PATTERN, folded, normalized
from sampling.offices import ServicePoint
from sampling.units import (
    COMMUNE_TYPES,
    DEMO_PROVINCE,
    AdminUnit,
    Registry,
    UnitChange,
    whole_size,
)

if TYPE_CHECKING:
    import pandas as pd

REQUIRED = ("unit_id", "unit_name", "province", "stratum", "size")

# Planning figure only: some 69 million electors stood on the lists of May 2021 in a
# population of 98.5 million. The resident list of a drawn commune replaces it.
ADULT_SHARE = Fraction(7, 10)

_FORMULA = re.compile("^\\s*[=+\\-@\t\r\x00＝]")
_NUMBER = re.compile(r"^-?[0-9]+(\.[0-9]+)?$")
_COORDINATES = {"lat": 90.0, "lon": 180.0}


@dataclass(frozen=True)
class FrameUnit:
    """One unit that can be drawn; ``cells`` holds every column as text."""

    unit_id: str
    unit_name: str
    province: str
    stratum: str
    size: int
    cells: Mapping[str, str]


@dataclass(frozen=True)
class Frame:
    """The units that can be drawn, sorted by id, and what was noticed about them."""

    units: tuple[FrameUnit, ...]
    columns: tuple[str, ...] = REQUIRED
    findings: tuple[Finding, ...] = field(default=(), compare=False)

    @cached_property
    def by_id(self) -> dict[str, FrameUnit]:
        """The units by their id."""
        return {unit.unit_id: unit for unit in self.units}

    @cached_property
    def strata(self) -> dict[str, tuple[FrameUnit, ...]]:
        """The units of each stratum, strata sorted by name."""
        return self.by_column("stratum")

    def by_column(self, column: str) -> dict[str, tuple[FrameUnit, ...]]:
        """Return the units by the value of a column, values sorted."""
        groups: dict[str, list[FrameUnit]] = {}
        for unit in self.units:
            groups.setdefault(unit.cells.get(column, ""), []).append(unit)
        return {name: tuple(groups[name]) for name in sorted(groups)}

    @property
    def total_size(self) -> int:
        """The sum of all sizes."""
        return sum(unit.size for unit in self.units)

    @cached_property
    def canonical(self) -> bytes:
        """The bytes of the canonical CSV file."""
        text = io.StringIO()
        writer = csv.writer(text, lineterminator="\n")
        writer.writerow(self.columns)
        writer.writerows(
            [unit.cells.get(column, "") for column in self.columns] for unit in self.units
        )
        return text.getvalue().encode("utf-8")

    @cached_property
    def sha256(self) -> str:
        """``H_frame``: the SHA-256 of the canonical CSV, in lower-case hexadecimal."""
        return hashlib.sha256(self.canonical).hexdigest()

    @property
    def summary(self) -> dict[str, object]:
        """``units``, ``total_size``, ``strata`` (their number) and ``sha256``."""
        return {
            "units": len(self.units),
            "total_size": self.total_size,
            "strata": len(self.strata),
            "sha256": self.sha256,
        }

    @property
    def table(self) -> pd.DataFrame:
        """The frame as a data frame: text columns, ``size`` as whole numbers."""
        import pandas as pd

        columns = {name: [unit.cells.get(name, "") for unit in self.units] for name in self.columns}
        return pd.DataFrame(columns).assign(size=[unit.size for unit in self.units])

    @classmethod
    def from_rows(cls, rows: Sequence[Mapping[str, object]], name: str = "frame") -> Frame:
        """Make a frame from mappings of column to value, checked as a file would be.

        Raises
        ------
        FrameError
            With every fault; ``row`` counts as in a file whose header is line 1.
        """
        columns = tuple(dict.fromkeys(column for row in rows for column in row))
        lines = tuple(
            Row(line, {column: _text(row.get(column)) for column in columns})
            for line, row in enumerate(rows, start=2)
        )
        frame, findings = check_table(Table(name, columns, lines))
        if frame is None:
            raise FrameError(findings)
        return frame


def build(
    registry: Registry, on: date, province: str = DEMO_PROVINCE, extra: Table | None = None
) -> Frame:
    """Return the frame of a province's communes as they stand on a day.

    Strata are urban (wards) or rural (communes) by former province; a special zone is a
    stratum of its own. ``size`` is the population, ``adults`` the residents aged 18 and
    over: assumed from the population until ``extra`` brings counts.

    Parameters
    ----------
    registry
        Units, changes and population facts.
    on
        The reference day.
    province
        Code of the province.
    extra
        Further columns by ``unit_id``; they add to the frame and replace what is there.

    Raises
    ------
    FrameError
        The province is unknown, or no commune of it can be drawn.
    """
    faults = Faults(extra.file if extra else None)
    standing = registry.on(on)
    if province not in standing:
        faults.add(
            "frame-province-unknown",
            Words(f"Không có tỉnh mã {province}.", f"No province has the code {province}."),
            Words("Dùng mã hai chữ số.", "Use its two-digit code."),
        )
        raise FrameError(faults.findings)
    name = standing.unit(province).name
    more = _extra_columns(extra, {unit.code for unit in standing.children(province)}, faults)
    rows = []
    for unit in standing.children(province):
        if unit.type not in COMMUNE_TYPES:
            continue
        row = {**_row_of(unit, name, standing, faults), **more.get(unit.code, {})}
        if row["size"]:
            rows.append(_with_adults(row))
        else:
            _left_out(unit, faults)
    _note_assumptions(rows, faults)
    faults.raise_as(FrameError)
    return _built(rows, faults)


def build_visits(counters: Sequence[ServicePoint], registry: Registry) -> Frame:
    """Return the frame of a visit survey: counters, sized by the transactions expected.

    Each counter is a stratum of its own; the visits drawn at it are its sample.

    Raises
    ------
    FrameError
        No counter says how many transactions it expects.
    """
    faults = Faults()
    rows: list[dict[str, str]] = []
    for counter in counters:
        if counter.expected is None:
            faults.add(
                "frame-counter-without-size",
                Words(
                    f"Quầy {counter.counter_id} chưa có số giao dịch dự kiến.",
                    f"The counter {counter.counter_id} does not say how many transactions "
                    "are expected and is left out.",
                ),
                Words("Điền cột expected.", "Fill the column 'expected'."),
                severity="warning",
            )
            continue
        unit = registry.unit(counter.unit_code)
        rows.append(
            {
                "unit_id": counter.counter_id,
                "unit_name": counter.name,
                "province": _province_name(unit, registry),
                "stratum": counter.counter_id,
                "size": str(counter.expected),
                "agency_code": counter.agency_code,
                "parent_id": counter.unit_code,
                "lat": _text(unit.lat),
                "lon": _text(unit.lon),
            }
        )
        if counter.flag == "example":
            faults.add(
                "frame-size-example",
                Words(
                    f"Số giao dịch của quầy {counter.counter_id} là ví dụ.",
                    f"The expected transactions of {counter.counter_id} are an example.",
                ),
                Words("Thay bằng số liệu thật.", "Replace them by the counter's own count."),
                severity="warning",
            )
    return _built(rows, faults)


def read_frame(path: Path) -> Frame:
    """Read a frame from CSV or XLSX; refuse it with every fault at once.

    Raises
    ------
    FrameError
        With all findings: limits, ids, sizes, strata, coordinates.
    """
    frame, findings = check_frame(path)
    if frame is None:
        raise FrameError(findings)
    return frame


def check_frame(path: Path) -> tuple[Frame | None, list[Finding]]:
    """Return the frame of a file and its findings; no frame where one is an error."""
    try:
        table = read_table(path, required=REQUIRED, optional=None)
    except IntakeError as error:
        return None, list(error.findings)
    return check_table(table)


def check_table(table: Table) -> tuple[Frame | None, list[Finding]]:
    """Return the frame that a table holds and its findings."""
    faults = Faults(table.file)
    for column in REQUIRED:
        if column not in table.columns:
            faults.add(
                "column-missing",
                Words(f"Thiếu cột “{column}”.", f"The column '{column}' is missing."),
                Words(f"Cần: {', '.join(REQUIRED)}.", f"Needed: {', '.join(REQUIRED)}."),
                row=1,
                column=column,
            )
    if errors_of(faults.findings):
        return None, faults.findings
    if not table.rows:
        faults.add(
            "frame-empty",
            Words("Khung mẫu không có đơn vị nào.", "The frame holds no unit."),
            Words("Mỗi đơn vị một dòng.", "Write one unit a line."),
        )
    seen: dict[str, int] = {}
    units = []
    for row in table.rows:
        _check_id(row, seen, faults)
        _check_texts(row, faults)
        size = whole_size(row, "size", faults, "frame")
        if not row.cells["size"]:
            faults.add(
                "frame-size-missing",
                Words("Thiếu quy mô.", "The size is missing."),
                Words("Ghi số nguyên từ 1.", "Write a whole number of at least 1."),
                row=row.line,
                column="size",
            )
        # Neutralised here and not when written, so that a frame read back is the same frame.
        cells = {spreadsheet_safe(name): spreadsheet_safe(text) for name, text in row.cells.items()}
        cells["size"] = str(size)
        unit_id, name, province, stratum = (cells[column] for column in REQUIRED[:4])
        units.append(FrameUnit(unit_id, name, province, stratum, size or 1, cells))
    _check_strata(table, faults)
    if errors_of(faults.findings):
        return None, faults.findings
    columns = (*REQUIRED, *sorted(set(map(spreadsheet_safe, table.columns)) - set(REQUIRED)))
    ordered = tuple(sorted(units, key=lambda unit: unit.unit_id))
    return Frame(ordered, columns, tuple(faults.findings)), faults.findings


def write_frame(frame: Frame, path: Path) -> None:
    """Write the canonical CSV, whose SHA-256 is the frame's."""
    path.write_bytes(frame.canonical)


def compare_frames(frame: Frame, against: Frame) -> list[Finding]:
    """Return a warning for each unit that is new, gone, or changed against another frame."""
    faults = Faults()
    for unit_id in sorted({*frame.by_id, *against.by_id}):
        here, there = frame.by_id.get(unit_id), against.by_id.get(unit_id)
        if here is None or there is None:
            code, vi, en = (
                ("frame-unit-gone", "không còn", "is no longer there")
                if here is None
                else ("frame-unit-new", "là mới", "is new")
            )
            faults.add(
                code,
                Words(f"Đơn vị {unit_id} {vi}.", f"The unit {unit_id} {en}."),
                Words("Kiểm tra lý do.", "See whether that is meant."),
                severity="warning",
            )
            continue
        changed = [
            column
            for column in dict.fromkeys((*frame.columns, *against.columns))
            if here.cells.get(column, "") != there.cells.get(column, "")
        ]
        for column in changed:
            faults.add(
                "frame-unit-changed",
                Words(
                    f"Đơn vị {unit_id}, cột {column}: “{there.cells.get(column, '')}” → "
                    f"“{here.cells.get(column, '')}”.",
                    f"The unit {unit_id} had '{there.cells.get(column, '')}' in '{column}', "
                    f"now '{here.cells.get(column, '')}'.",
                ),
                Words("Kiểm tra lý do.", "See whether that is meant."),
                column=column,
                severity="warning",
            )
    return faults.findings


def slug(text: str) -> str:
    """Return a name in plain lower-case letters and dashes.

    Examples
    --------
    >>> slug("Hải Dương"), slug("Đặc khu Cát Hải")
    ('hai-duong', 'dac-khu-cat-hai')
    """
    plain = unicodedata.normalize("NFD", text.lower().replace("đ", "d"))
    return re.sub(r"[^a-z0-9]+", "-", "".join(c for c in plain if c.isascii())).strip("-")


def _check_id(row: Row, seen: dict[str, int], faults: Faults) -> None:
    identifier = row.cells["unit_id"]
    if not identifier:
        faults.add(
            "frame-id-missing",
            Words("Thiếu mã đơn vị.", "The unit has no id."),
            Words("Mỗi đơn vị cần một mã riêng.", "Give each unit an id of its own."),
            row=row.line,
            column="unit_id",
        )
        return
    if not ID_PATTERN.match(identifier):
        faults.add(
            "frame-id-invalid",
            Words(f"Mã “{identifier}” không hợp lệ.", f"'{identifier}' is not an id."),
            Words(
                "Dùng chữ không dấu, số, dấu chấm, gạch; tối đa 40 ký tự.",
                "Use plain letters, digits, dots and dashes, at most 40.",
            ),
            row=row.line,
            column="unit_id",
        )
    line = seen.setdefault(folded(identifier), row.line)
    if line != row.line:
        faults.add(
            "frame-id-repeated",
            Words(
                f"Mã “{identifier}” đã có ở dòng {line}.",
                f"The id '{identifier}' already stands on line {line}.",
            ),
            Words(
                "Mỗi đơn vị chỉ xuất hiện một lần.", "A unit stands once; remove the other line."
            ),
            row=row.line,
            column="unit_id",
        )


def _check_texts(row: Row, faults: Faults) -> None:
    if not row.cells["stratum"]:
        faults.add(
            "frame-stratum-missing",
            Words("Thiếu tầng.", "The unit has no stratum."),
            Words("Ghi tên tầng.", "Write the stratum's name."),
            row=row.line,
            column="stratum",
        )
    elif spreadsheet_safe(row.cells["stratum"]) != row.cells["stratum"]:
        faults.add(
            "frame-stratum-invalid",
            Words(
                f"Tên tầng “{row.cells['stratum']}” bắt đầu như một công thức.",
                f"The stratum's name '{row.cells['stratum']}' begins like a formula.",
            ),
            Words("Bắt đầu bằng chữ hoặc số.", "Begin it with a letter or a digit."),
            row=row.line,
            column="stratum",
        )
    for column, code, words in (
        ("unit_name", "frame-name-missing", Words("Thiếu tên.", "The unit has no name.")),
        ("province", "frame-province-missing", Words("Thiếu tỉnh.", "The province is missing.")),
    ):
        if not row.cells[column]:
            faults.add(
                code,
                words,
                Words("Nên điền để biên bản dễ đọc.", "Fill it in: the minutes show it."),
                row=row.line,
                column=column,
                severity="warning",
            )
    for column, limit in _COORDINATES.items():
        text = row.cells.get(column, "")
        if text and not (_NUMBER.match(text) and abs(float(text)) <= limit):
            faults.add(
                "frame-coordinate-invalid",
                Words(f"“{text}” không phải tọa độ.", f"'{text}' is not a coordinate."),
                Words("Ghi độ, dấu chấm thập phân.", "Write degrees with a decimal point."),
                row=row.line,
                column=column,
            )


def _check_strata(table: Table, faults: Faults) -> None:
    """Note strata whose names a reader would take for one, and those with a single unit."""
    names: dict[str, str] = {}
    counts: dict[str, int] = {}
    for row in table.rows:
        stratum = row.cells["stratum"]
        counts[stratum] = counts.get(stratum, 0) + 1
        first = names.setdefault(folded(stratum), stratum)
        if first != stratum and counts[stratum] == 1:
            faults.add(
                "frame-stratum-ambiguous",
                Words(
                    f"Tầng “{stratum}” và “{first}” chỉ khác kiểu chữ.",
                    f"The strata '{stratum}' and '{first}' differ only in how they are typed.",
                ),
                Words("Dùng một cách viết.", "Write the name in one way."),
                row=row.line,
                column="stratum",
            )
    for stratum, count in counts.items():
        if stratum and count == 1 and len(table.rows) > 1:
            faults.add(
                "frame-stratum-single",
                Words(
                    f"Tầng “{stratum}” chỉ có một đơn vị.",
                    f"The stratum '{stratum}' holds a single unit.",
                ),
                Words(
                    "Chọn chắc chắn đơn vị này hoặc gộp tầng.",
                    "Take it with certainty, or merge the stratum.",
                ),
                column="stratum",
                severity="warning",
            )


def _row_of(unit: AdminUnit, province: str, registry: Registry, faults: Faults) -> dict[str, str]:
    former = _former_province(unit, registry, faults)
    short = unit.name.removeprefix(unit.type).strip()
    if unit.type == "Đặc khu":
        stratum = f"special-{slug(short)}"
    else:
        stratum = f"{'urban' if unit.is_urban else 'rural'}-{slug(former)}"
    fact = registry.facts.get(unit.code)
    return {
        "unit_id": unit.code,
        "unit_name": unit.name,
        "province": province,
        "stratum": stratum,
        "size": _text(unit.population),
        "size_flag": fact.flag if fact else "",
        "adults": "",
        "adults_flag": "",
        "type": unit.type,
        "urban": "1" if unit.is_urban else "0",
        "former_province": former,
        "parent_id": unit.parent_code,
        "area_km2": _text(unit.area_km2),
        "lat": _text(unit.lat),
        "lon": _text(unit.lon),
    }


def _former_province(unit: AdminUnit, registry: Registry, faults: Faults) -> str:
    """Return the name of the former province that most of a commune came from."""
    changes = registry.predecessors(unit.code)
    names = {change.old_province_code: change.old_province_name for change in changes}
    fact = registry.facts.get(unit.code)
    if fact and fact.main_former_province in names:
        main = fact.main_former_province
    else:
        pieces = [_weight(change) for change in changes]
        totals = {
            code: sum(
                piece
                for piece, change in zip(pieces, changes, strict=True)
                if change.old_province_code == code
            )
            for code in names
        }
        main = max(sorted(totals), key=lambda code: totals[code], default="")
    if len(names) > 1:
        faults.add(
            "frame-former-province-mixed",
            Words(
                f"{unit.name} ({unit.code}) hình thành từ nhiều tỉnh cũ; tính vào "
                f"{names.get(main, '?')}.",
                f"{unit.name} ({unit.code}) was made from several former provinces and counts "
                f"with {names.get(main, '?')}.",
            ),
            Words("Kiểm tra tầng của đơn vị.", "Check its stratum."),
            severity="warning",
        )
    name = names.get(main, "")
    return name.removeprefix("Tỉnh ").removeprefix("Thành phố ") or "unknown"


def _weight(change: UnitChange) -> int:
    return {"whole": 100, "main": 10}.get(change.part, 1)


def _extra_columns(
    extra: Table | None, codes: Collection[str], faults: Faults
) -> dict[str, dict[str, str]]:
    if extra is None:
        return {}
    found: dict[str, dict[str, str]] = {}
    for row in extra.rows:
        code = row.cells.get("unit_id", "")
        if code not in codes or code in found:
            faults.add(
                "frame-extra-unknown",
                Words(
                    f"“{code}” không phải xã của tỉnh, hoặc bị lặp.",
                    f"'{code}' is no commune of the province, or stands twice.",
                ),
                Words("Dùng mã xã, mỗi mã một dòng.", "Use commune codes, each once."),
                row=row.line,
                column="unit_id",
            )
        cells = {column: text for column, text in row.cells.items() if column != "unit_id" and text}
        if cells.get("adults"):
            cells.setdefault("adults_flag", "counted")
        found[code] = cells
    return found


def _with_adults(row: dict[str, str]) -> dict[str, str]:
    if row.get("adults") or not row["size"].isdecimal():
        return row
    assumed = max(1, round(int(row["size"]) * ADULT_SHARE))
    return {**row, "adults": str(assumed), "adults_flag": "assumed"}


def _left_out(unit: AdminUnit, faults: Faults) -> None:
    faults.add(
        "frame-unit-left-out",
        Words(
            f"{unit.name} ({unit.code}) chưa có dân số nên không vào khung.",
            f"{unit.name} ({unit.code}) has no population and is left out of the frame.",
        ),
        Words(
            "Bổ sung cột size qua tệp kèm theo.",
            "Bring its size in the file of further columns.",
        ),
        severity="warning",
    )


def _note_assumptions(rows: Sequence[Mapping[str, str]], faults: Faults) -> None:
    for row in rows:
        if row["size_flag"] == "doubtful":
            faults.add(
                "frame-size-doubtful",
                Words(
                    f"Dân số {row['size']} của {row['unit_name']} ({row['unit_id']}) còn nghi ngờ.",
                    f"The population {row['size']} of {row['unit_name']} ({row['unit_id']}) "
                    "is doubtful: its sources contradict each other.",
                ),
                Words("Đối chiếu với đăng ký cư trú.", "Compare it with the residence register."),
                column="size",
                severity="warning",
            )
    assumed = sum(row["adults_flag"] == "assumed" for row in rows)
    if assumed:
        percent = float(ADULT_SHARE) * 100
        faults.add(
            "frame-adults-assumed",
            Words(
                f"Số người từ 18 tuổi của {assumed} đơn vị được giả định bằng {percent:g} % "
                "dân số.",
                f"The residents aged 18 and over of {assumed} units are assumed to be "
                f"{percent:g} % of the population.",
            ),
            Words(
                "Thay bằng số đếm trong danh sách cư trú trước khi chọn mẫu.",
                "Replace them by counts of the resident lists before the draw.",
            ),
            column="adults",
            severity="warning",
        )


def _built(rows: Sequence[Mapping[str, str]], faults: Faults) -> Frame:
    columns = tuple(rows[0]) if rows else REQUIRED
    for row in rows:
        columns = tuple(dict.fromkeys((*columns, *row)))
    lines = tuple(
        Row(number, {column: row.get(column, "") for column in columns})
        for number, row in enumerate(rows, start=2)
    )
    frame, findings = check_table(Table(faults.file or "frame", columns, lines))
    if frame is None:
        raise FrameError([*faults.findings, *findings])
    # A special zone or a counter alone in its stratum is meant, not a problem of coverage.
    kept = [finding for finding in findings if finding.code != "frame-stratum-single"]
    return Frame(frame.units, frame.columns, (*faults.findings, *kept))


def _province_name(unit: AdminUnit, registry: Registry) -> str:
    return registry.unit(unit.parent_code).name if unit.parent_code else unit.name


def _text(value: object) -> str:
    if value is None or (isinstance(value, float) and value != value):
        return ""
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return normalized(str(value)).strip()


def spreadsheet_safe(text: str) -> str:
    """Return a cell that no spreadsheet runs as a formula; numbers stay numbers."""
    if text[:1].isalnum():
        return text
    return "'" + text if _FORMULA.match(text) and not _NUMBER.match(text) else text
