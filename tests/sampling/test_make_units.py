"""The script that makes the lists of units, on a package of three communes."""

import importlib.util
import json
import sqlite3
from contextlib import closing
from pathlib import Path
from zipfile import ZipFile

import pytest

SCRIPT = Path(__file__).parents[2] / "tools" / "make_units.py"


@pytest.fixture
def tool():
    spec = importlib.util.spec_from_file_location("make_units", SCRIPT)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture
def package(tmp_path):
    data = tmp_path / "vietnamadminunits" / "data"
    data.mkdir(parents=True)
    with closing(sqlite3.connect(data / "dataset.db")) as base:
        base.execute(
            "CREATE TABLE admin_units (provinceCode, province, provinceLat, provinceLon, wardCode,"
            " ward, wardType, wardAreaKm2, wardLat, wardLon, provinceKey, wardKey)"
        )
        here = ("31", "Thành phố Hải Phòng", 20.75, 106.5)
        base.executemany(
            "INSERT INTO admin_units VALUES (?,?,?,?,?,?,?,?,?,?,?,?)",
            [
                (*here, "10543", "Phường Việt Hòa", "Xã", 17.02, 20.9, 106.2, "hp", "viethoa"),
                (*here, "10804", "Xã Kim Thành", "Xã", 0.0, 20.8, 106.5, "hp", "kimthanh"),
            ],
        )
        base.execute(
            "CREATE TABLE admin_units_legacy (provinceKey, districtKey, wardKey, wardCode, ward,"
            " districtCode, district, provinceCode, province)"
        )
        old = ("30", "Tỉnh Hải Dương")
        base.executemany(
            "INSERT INTO admin_units_legacy VALUES (?,?,?,?,?,?,?,?,?)",
            [
                ("hd", "kt", "a", "00001", "Xã A", "293", "Huyện Kim Thành", *old),
                ("hd", "kt", "b", "00002", "Xã B", "293", "Huyện Kim Thành", *old),
                ("hd", "dao", None, None, None, "318", "Huyện Đảo", *old),
            ],
        )
        base.commit()
    converter = {
        "DICT_PROVINCE_WARD_NO_DIVIDED": {"hp": {"kimthanh": ["hd_kt_a", "hd_dao_"]}},
        "DICT_PROVINCE_WARD_DIVIDED": {
            "hp": {
                "hd_kt_b": [
                    {"newWardKey": "kimthanh", "isDefaultNewWard": False},
                    {"newWardKey": "viethoa", "isDefaultNewWard": True},
                ]
            }
        },
    }
    (data / "converter_2025.json").write_text(json.dumps(converter), encoding="utf-8")
    return tmp_path


def test_a_commune_has_the_type_of_its_name_and_no_area_of_zero(tool, package):
    lines = tool.make(package)["units.csv"].splitlines()
    assert lines[1].startswith("31,Thành phố Hải Phòng,Thành phố,,2025-07-01,,,,20.75,106.5,")
    assert lines[2].startswith("10543,Phường Việt Hòa,Phường,31,2025-07-01,,31001,17.02,20.9,")
    assert "type as in the name" in lines[2]
    assert lines[3].startswith("10804,Xã Kim Thành,Xã,31,2025-07-01,,42915,,20.8,106.5,")


def test_a_divided_commune_has_a_line_for_each_piece_and_an_island_its_district_code(tool, package):
    lines = tool.make(package)["unit_changes.csv"].splitlines()[1:]
    assert [line.split(",")[0] + ">" + ">".join(line.split(",")[6:8]) for line in lines] == [
        "318>10804>whole",
        "00001>10804>whole",
        "00002>10543>main",
        "00002>10804>part",
    ]


def test_the_comparison_names_the_first_line_that_differs(tool, package, monkeypatch, capsys):
    wheel = package / "some.whl"
    with ZipFile(wheel, "w") as archive:
        for member in tool.MEMBERS:
            archive.write(package / member, member)
    there = package / "lists"
    there.mkdir()
    facts = tool.DATA / "hai_phong_population.csv"
    (there / facts.name).write_bytes(facts.read_bytes())
    monkeypatch.setattr(tool, "DATA", there)
    assert tool.main([str(wheel), "--check"]) == 1
    assert "missing" in capsys.readouterr().out
    assert tool.main([str(wheel)]) == 0
    assert tool.main([str(package), "--check"]) == 0
    text = (there / "units.csv").read_text(encoding="utf-8")
    (there / "units.csv").write_text(text.replace("17.02", "17.03"), encoding="utf-8")
    capsys.readouterr()
    assert tool.main([str(wheel), "--check"]) == 1
    assert "units.csv: line 3 is" in capsys.readouterr().out
