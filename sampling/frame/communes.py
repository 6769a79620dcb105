"""The frame of a province's communes, from the registry as it stands on a day."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection, Mapping, Sequence
from datetime import date
from fractions import Fraction

from intake.findings import Faults, FrameError, Words
from intake.tables import Table
from sampling.frame.cells import text_of
from sampling.frame.listing import Frame
from sampling.frame.reading import built
from sampling.given import require
from sampling.units import COMMUNE_TYPES, DEMO_PROVINCE, AdminUnit, Registry, UnitChange

# Planning figure only: some 69 million electors stood on the lists of May 2021 in a
# population of 98.5 million. The resident list of a drawn commune replaces it.
ADULT_SHARE = Fraction(7, 10)


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
    require((registry, Registry))
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
    return built(rows, faults)


def slug(text: str) -> str:
    """Return a name in plain lower-case letters and dashes.

    Examples
    --------
    >>> slug("Hải Dương"), slug("Đặc khu Cát Hải")
    ('hai-duong', 'dac-khu-cat-hai')
    """
    plain = unicodedata.normalize("NFD", text.lower().replace("đ", "d"))
    return re.sub(r"[^a-z0-9]+", "-", "".join(c for c in plain if c.isascii())).strip("-")


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
        "size": text_of(unit.population),
        "size_flag": fact.flag if fact else "",
        "adults": "",
        "adults_flag": "",
        "type": unit.type,
        "urban": "1" if unit.is_urban else "0",
        "former_province": former,
        "parent_id": unit.parent_code,
        "area_km2": text_of(unit.area_km2),
        "lat": text_of(unit.lat),
        "lon": text_of(unit.lon),
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
