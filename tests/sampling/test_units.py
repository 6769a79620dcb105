"""The registry: published counts, facts against their sources, faults of a file at once."""

import csv
from collections import Counter
from datetime import date
from pathlib import Path

import pytest

from intake.findings import RegistryError
from sampling.units import check_units, load_population, load_registry, read_units, write_units

SHARED = Path(__file__).parents[3] / "shared" / "data" / "admin_units"
HEADER = "code,name,type,parent_code,valid_from,valid_to,population,area_km2,lat,lon,source\n"
PROVINCE = "31,Thành phố Hải Phòng,Thành phố,,2025-07-01,,,,,,x\n"


def shared(name):
    path = SHARED / name
    if not path.exists():
        pytest.skip(f"{name} of the shared data is not here")
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def codes_of(tmp_path, text, header=HEADER):
    path = tmp_path / "units.csv"
    path.write_text(header + text, encoding="utf-8")
    return [(finding.code, finding.row) for finding in check_units(path)[1]]


def test_the_two_tier_list_has_34_provinces_and_3321_communes():
    # Published: 2,621 xã, 687 phường, 13 đặc khu; sipas.md section 10.
    registry = load_registry()
    kinds = Counter(unit.type for unit in registry.units if unit.parent_code)
    assert len(registry.provinces()) == 34
    assert kinds == {"Xã": 2621, "Phường": 687, "Đặc khu": 13}
    assert Counter(unit.type for unit in registry.provinces()) == {"Tỉnh": 28, "Thành phố": 6}


def test_hai_phong_has_45_wards_67_communes_and_two_special_zones():
    kinds = Counter(unit.type for unit in load_registry().children("31"))
    assert kinds == {"Phường": 45, "Xã": 67, "Đặc khu": 2}


def test_every_former_commune_leads_to_a_unit_of_today_and_every_unit_came_from_one():
    registry = load_registry()
    communes = {unit.code for unit in registry.units if unit.parent_code}
    assert {change.new_code for change in registry.changes} == communes
    # 10,035 communes and five island districts without communes.
    assert len({change.old_code for change in registry.changes}) == 10_040
    assert len({change.old_province_code for change in registry.changes}) == 63


def test_a_divided_commune_leads_first_to_the_unit_that_took_most_of_it():
    ways = load_registry().successors("11890")
    assert [way.new_code for way in ways] == ["11911", "10804", "10843"]
    assert [way.share for way in load_registry().successors("00004")] == [1.0]


def test_the_populations_are_those_of_the_shared_data():
    theirs = {row["code"]: row for row in shared("units_2025.csv") if row["parent_code"] == "31"}
    facts = load_population()
    assert {code: fact.population for code, fact in facts.items()} == {
        code: int(row["population"]) for code, row in theirs.items()
    }
    assert {code for code, fact in facts.items() if fact.flag == "doubtful"} == {
        code for code, row in theirs.items() if row["pop_flag"] in ("differ", "single")
    }
    assert all(
        ";".join(facts[code].former_provinces) == row["former_province_codes"]
        for code, row in theirs.items()
    )


def test_six_of_the_114_populations_are_doubtful_and_say_why():
    facts = load_population()
    doubtful = [fact for fact in facts.values() if fact.flag]
    assert len(facts) == 114
    assert sum(fact.population for fact in facts.values()) == 4_662_669
    assert sorted(fact.code for fact in doubtful) == [
        "10525",
        "10888",
        "11359",
        "11533",
        "11680",
        "11692",
    ]
    assert all("contradict each other" in fact.source for fact in doubtful)


def test_three_communes_of_two_former_provinces_name_the_one_most_people_came_from():
    facts = load_population()
    mixed = {
        code: fact.main_former_province
        for code, fact in facts.items()
        if len(fact.former_provinces) > 1
    }
    assert mixed == {"10804": "30", "10843": "30", "11911": "31"}
    assert all("Main former province" in facts[code].source for code in mixed)


def test_most_people_of_the_mixed_communes_came_whole_from_the_named_province():
    people = {row["code"]: row["pop_census_2019"] for row in shared("units_2024.csv")}
    mapping = shared("mapping.csv")
    for code, fact in load_population().items():
        if len(fact.former_provinces) == 1:
            continue
        # Given: pieces of the two Hòa Bình communes (10798, 11890), whose shares nobody
        # published. Then: the undivided part alone outweighs the larger of them or names
        # the province in which it lies.
        whole = Counter()
        for row in mapping:
            if row["new_code"] == code and row["old_code"] not in ("10798", "11890"):
                whole[row["old_province_code"]] += int(people[row["old_code"]])
        assert whole.most_common(1)[0][0] == fact.main_former_province
        assert whole.most_common(1)[0][1] > max(int(people["10798"]), int(people["11890"]))


def test_units_and_changes_are_those_of_the_shared_data():
    theirs = {row["code"]: row for row in shared("units_2025.csv")}
    registry = load_registry()
    assert {unit.code: (unit.type, unit.parent_code) for unit in registry.units} == {
        code: (row["type"], row["parent_code"]) for code, row in theirs.items()
    }
    assert {(change.old_code, change.new_code) for change in registry.changes} == {
        (row["old_code"], row["new_code"])
        for row in shared("mapping.csv")
        if row["in_vietnamadminunits"] == "1"
    }


def test_areas_of_hai_phong_add_to_the_published_total():
    # 3,194.72 km2: README of the shared data, from the resolution's list.
    area = sum(unit.area_km2 or 0 for unit in load_registry().children("31"))
    assert area == pytest.approx(3194.72, abs=0.005)


def test_every_line_of_the_packaged_lists_names_its_source():
    registry = load_registry()
    assert all(unit.source for unit in registry.units)
    assert all(change.source for change in registry.changes)
    assert all(fact.source for fact in registry.facts.values())
    assert all(
        unit.population is None for unit in registry.units if unit.code not in registry.facts
    )


def test_the_registry_of_a_day_holds_what_stood_on_it():
    registry = load_registry()
    assert len(registry.on(date(2026, 3, 1)).units) == 3355
    assert registry.on(date(2025, 6, 30)).units == ()
    assert registry.unit("11914").name == "Đặc khu Cát Hải"


def test_an_unknown_code_is_refused_with_its_number():
    with pytest.raises(RegistryError) as refusal:
        load_registry().unit("99999")
    assert refusal.value.code == "unit-not-found"


def test_a_file_of_units_is_refused_with_every_fault_at_once(tmp_path):
    text = (
        PROVINCE
        + "3,Sai mã,Xã,31,2025-07-01,,,,,,\n"
        + "10507,,Xã,31,2025-07-01,,,,,,\n"
        + "10510,Thôn A,Thôn,31,2025-07-01,,,,,,\n"
        + "10513,Xã B,Xã,99,2025-07-01,,,,,,\n"
        + "10514,Xã C,Xã,31,,,,,,,\n"
        + "10515,Xã D,Xã,31,1/7/2025,,,,,,\n"
        + "10516,Xã E,Xã,31,2025-07-01,2024-01-01,,,,,\n"
        + "10517,Xã F,Xã,31,2025-07-01,,1.234,-3,200,x,\n"
        + "10518,Xã G,Xã,31,2025-07-01,,0,,,,\n"
        + "10519,Xã H,Xã,31,2025-07-01,,10000001,,,,\n"
        + "10519,Xã I,Xã,31,2025-07-01,,5,,,,\n"
    )
    assert sorted(codes_of(tmp_path, text)) == sorted(
        [
            ("unit-code-invalid", 3),
            ("unit-name-missing", 4),
            ("unit-type-unknown", 5),
            ("unit-parent-unknown", 6),
            ("unit-start-missing", 7),
            ("unit-date-invalid", 8),
            ("unit-dates-reversed", 9),
            ("unit-size-not-whole", 10),
            ("unit-area-invalid", 10),
            ("unit-coordinate-invalid", 10),
            ("unit-coordinate-invalid", 10),
            ("unit-size-not-positive", 11),
            ("unit-size-too-large", 12),
            ("unit-code-repeated", 13),
        ]
    )
    with pytest.raises(RegistryError) as refusal:
        read_units(tmp_path / "units.csv")
    assert len(refusal.value.findings) == 14


def test_a_code_may_return_when_its_former_unit_is_gone(tmp_path):
    text = PROVINCE + (
        "10507,Phường Cẩm Thượng,Phường,31,2019-01-01,2025-06-30,,,,,\n"
        "10507,Phường Thành Đông,Phường,31,2025-07-01,,,,,,\n"
    )
    assert codes_of(tmp_path, text) == []


def test_a_file_without_units_or_columns_is_refused(tmp_path):
    assert codes_of(tmp_path, "") == [("units-empty", None)]
    assert codes_of(tmp_path, "", header="code,name\n")[0][0] == "column-missing"


def test_written_units_are_read_back_equal(tmp_path):
    registry = load_registry()
    write_units(registry, tmp_path / "units.csv")
    assert read_units(tmp_path / "units.csv").units == registry.units
