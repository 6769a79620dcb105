"""Make the lists of units under ``sampling/data`` from the package vietnamadminunits.

The package (version 1.0.4, MIT licence) carries the lists of the statistics office and a
map's areas and centre points. Fetch its wheel and pass it, or the folder it was unpacked
to::

    pip download --no-deps --dest . vietnamadminunits==1.0.4
    python tools/make_units.py vietnamadminunits-1.0.4-py3-none-any.whl
    python tools/make_units.py vietnamadminunits-1.0.4-py3-none-any.whl --check

The first call writes ``units.csv`` and ``unit_changes.csv``; with ``--check`` nothing is
written, the files are compared, and the exit code is 1 at the first difference. The
populations come from ``hai_phong_population.csv``, which is kept by hand with its source
on every line; no other commune gets one, and no province gets an area, since the package
has none that could be relied on.
"""

from __future__ import annotations

import argparse
import csv
import io
import json
import sqlite3
import sys
import tempfile
import unicodedata
import zipfile
from collections.abc import Iterable, Iterator, Sequence
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

DATA = Path(__file__).resolve().parent.parent / "sampling" / "data"
SOURCE = "vietnamadminunits 1.0.4 (MIT)"
VALID_FROM = "2025-07-01"
MEMBERS = ("vietnamadminunits/data/dataset.db", "vietnamadminunits/data/converter_2025.json")

Rows = list[tuple[str, ...]]


def main(arguments: Sequence[str] | None = None) -> int:
    """Write the two files, or compare them; return the exit code."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n", maxsplit=1)[0])
    parser.add_argument("package", type=Path, help="the wheel, or the folder it was unpacked to")
    parser.add_argument("--check", action="store_true", help="compare, write nothing")
    options = parser.parse_args(arguments)
    with _unpacked(options.package) as folder:
        made = make(folder)
    wrong = 0
    for name, text in made.items():
        path = DATA / name
        if not options.check:
            path.write_text(text, encoding="utf-8", newline="")
            sys.stdout.write(f"{path.name}: {text.count(chr(10)) - 1} lines written\n")
        elif not path.exists() or path.read_text(encoding="utf-8") != text:
            wrong += 1
            sys.stdout.write(f"{path.name}: {_first_difference(path, text)}\n")
        else:
            sys.stdout.write(f"{path.name}: equal, {text.count(chr(10)) - 1} lines\n")
    return 1 if wrong else 0


def make(folder: Path) -> dict[str, str]:
    """Return the text of each file, made from the unpacked package."""
    from sampling.units import CHANGE_COLUMNS, UNIT_COLUMNS

    with closing(sqlite3.connect(f"file:{folder / MEMBERS[0]}?mode=ro", uri=True)) as base:
        units = _units(base)
        changes = _changes(base, json.loads((folder / MEMBERS[1]).read_text(encoding="utf-8")))
    return {
        "units.csv": _csv(UNIT_COLUMNS, units),
        "unit_changes.csv": _csv(CHANGE_COLUMNS, changes),
    }


def _units(base: sqlite3.Connection) -> Rows:
    with (DATA / "hai_phong_population.csv").open(encoding="utf-8", newline="") as file:
        population = {row["code"]: row["population"] for row in csv.DictReader(file)}
    provinces = base.execute(
        "SELECT DISTINCT provinceCode, province, provinceLat, provinceLon FROM admin_units"
    ).fetchall()
    rows: Rows = [
        (
            code,
            _nfc(name),
            "Thành phố" if name.startswith("Thành phố") else "Tỉnh",
            "",
            VALID_FROM,
            "",
            "",
            "",
            _decimal(lat),
            _decimal(lon),
            SOURCE,
        )
        for code, name, lat, lon in sorted(provinces)
    ]
    communes = base.execute(
        "SELECT provinceCode, wardCode, ward, wardType, wardAreaKm2, wardLat, wardLon"
        " FROM admin_units"
    ).fetchall()
    rows += [
        (
            code,
            _nfc(name),
            _type_in(_nfc(name)),
            parent,
            VALID_FROM,
            "",
            population.get(code, ""),
            # The package writes 0 where its map prints no area.
            _decimal(area) if area else "",
            _decimal(lat),
            _decimal(lon),
            SOURCE
            + ("; type as in the name" if _type_in(_nfc(name)) != _nfc(kind) else "")
            + ("; population: hai_phong_population.csv" if code in population else ""),
        )
        for parent, code, name, kind, area, lat, lon in sorted(communes)
    ]
    return rows


def _type_in(name: str) -> str:
    """Return the type that the full name begins with.

    Four communes of the package carry another type than their name and than the list of
    the statistics office; the name is right (10543, 11848, 31213, 31299).
    """
    return next(kind for kind in ("Xã", "Phường", "Đặc khu") if name.startswith(kind + " "))


def _changes(
    base: sqlite3.Connection, converter: dict[str, dict[str, dict[str, list[Any]]]]
) -> Rows:
    """Pair every former commune (or island district) with the units that took it in."""
    former: dict[str, tuple[str, ...]] = {}
    for row in base.execute(
        "SELECT provinceKey, districtKey, wardKey, wardCode, ward, districtCode, district,"
        " provinceCode, province FROM admin_units_legacy"
    ):
        province_key, district_key, ward_key, *facts = row
        code, name, district_code, district, province_code, province = facts
        own = (code, name, district_code, district) if code else (district_code, district, "", "")
        key = f"{province_key}_{district_key}_{ward_key or ''}"
        former[key] = tuple(_nfc(text) for text in (*own, province_code, province))
    today = {
        (province, ward): code
        for province, ward, code in base.execute(
            "SELECT provinceKey, wardKey, wardCode FROM admin_units"
        )
    }
    rows: Rows = []
    for province, wards in converter["DICT_PROVINCE_WARD_NO_DIVIDED"].items():
        for ward, keys in wards.items():
            rows += [(*former[key], today[province, ward], "whole", "1", SOURCE) for key in keys]
    for province, olds in converter["DICT_PROVINCE_WARD_DIVIDED"].items():
        for key, pieces in olds.items():
            for piece in pieces:
                part = "main" if piece["isDefaultNewWard"] else "part"
                code = today[province, piece["newWardKey"]]
                rows.append((*former[key], code, part, "", SOURCE))
    return sorted(rows, key=lambda row: (row[4], row[2], row[0], row[6]))


@contextmanager
def _unpacked(package: Path) -> Iterator[Path]:
    """Give a folder that holds the two files, whatever was passed."""
    if package.is_dir():
        yield package.parent if package.name == "vietnamadminunits" else package
        return
    with tempfile.TemporaryDirectory() as name, zipfile.ZipFile(package) as wheel:
        for member in MEMBERS:
            wheel.extract(member, name)
        yield Path(name)


def _csv(columns: Iterable[str], rows: Rows) -> str:
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(columns)
    writer.writerows(rows)
    return text.getvalue()


def _first_difference(path: Path, text: str) -> str:
    if not path.exists():
        return "missing"
    there = path.read_text(encoding="utf-8").split("\n")
    for number, (mine, theirs) in enumerate(zip(text.split("\n"), there, strict=False), start=1):
        if mine != theirs:
            return f"line {number} is {theirs!r}, the package gives {mine!r}"
    return "another number of lines"


def _nfc(text: str) -> str:
    return unicodedata.normalize("NFC", text)


def _decimal(value: float | None) -> str:
    return "" if value is None else f"{value:.6f}".rstrip("0").rstrip(".")


if __name__ == "__main__":
    sys.exit(main())
