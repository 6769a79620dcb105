"""Frames: built from the registry, read from files, hashed in one canonical form."""

import hashlib
from datetime import date

import pytest

from intake.findings import FrameError
from intake.tables import Row, Table
from sampling import (
    Frame,
    build_visits,
    check_frame,
    compare_frames,
    frame,
    load_offices,
    load_registry,
    read_frame,
    write_frame,
)

DAY = date(2026, 3, 1)
HEADER = "unit_id,unit_name,province,stratum,size\n"


def written(tmp_path, text, header=HEADER, name="frame.csv"):
    path = tmp_path / name
    path.write_text(header + text, encoding="utf-8")
    return path


def codes(findings):
    return sorted((finding.code, finding.row) for finding in findings)


def extra(rows):
    columns = tuple(rows[0])
    return Table("extra.csv", columns, tuple(Row(i + 2, row) for i, row in enumerate(rows)))


def test_hai_phong_has_four_strata_of_communes_and_two_special_zones():
    built = frame.build(load_registry(), DAY)
    assert {name: len(units) for name, units in built.strata.items()} == {
        "rural-hai-duong": 43,
        "rural-hai-phong": 24,
        "special-bach-long-vi": 1,
        "special-cat-hai": 1,
        "urban-hai-duong": 21,
        "urban-hai-phong": 24,
    }
    assert built.total_size == 4_662_669


def test_what_is_doubtful_or_assumed_in_the_frame_is_said_beside_it():
    built = frame.build(load_registry(), DAY)
    found = [finding.code for finding in built.findings]
    assert found.count("frame-size-doubtful") == 6
    assert found.count("frame-former-province-mixed") == 3
    assert found.count("frame-adults-assumed") == 1
    assert all(finding.severity == "warning" for finding in built.findings)
    unit = built.by_id["10804"]
    assert (unit.stratum, unit.cells["adults"], unit.cells["adults_flag"]) == (
        "rural-hai-duong",
        "30040",
        "assumed",
    )


def test_counts_of_adults_replace_the_assumed_ones():
    more = extra([{"unit_id": "10804", "adults": "31000", "note": "danh sách 01/02/2026"}])
    built = frame.build(load_registry(), DAY, extra=more)
    assert built.by_id["10804"].cells["adults"] == "31000"
    assert built.by_id["10804"].cells["adults_flag"] == "counted"
    assert built.by_id["10804"].cells["note"] == "danh sách 01/02/2026"


def test_further_columns_for_a_unit_outside_the_province_are_refused():
    with pytest.raises(FrameError) as refusal:
        frame.build(load_registry(), DAY, extra=extra([{"unit_id": "00004", "adults": "5"}]))
    assert refusal.value.code == "frame-extra-unknown"


def test_a_province_without_populations_is_left_out_unit_by_unit():
    with pytest.raises(FrameError) as refusal:
        frame.build(load_registry(), DAY, province="04")
    found = [finding.code for finding in refusal.value.findings]
    assert found.count("frame-unit-left-out") == 56
    assert found[0] == "frame-empty"


def test_a_province_with_sizes_from_a_file_becomes_a_frame():
    communes = load_registry().children("04")
    built = frame.build(
        load_registry(),
        DAY,
        province="04",
        extra=extra([{"unit_id": unit.code, "size": "9000"} for unit in communes]),
    )
    assert built.total_size == 56 * 9000
    assert set(built.strata) == {"rural-cao-bang", "urban-cao-bang"}


def test_an_unknown_province_is_refused():
    with pytest.raises(FrameError) as refusal:
        frame.build(load_registry(), DAY, province="32")
    assert refusal.value.code == "frame-province-unknown"
    with pytest.raises(FrameError):
        frame.build(load_registry(), date(2024, 1, 1))


def test_counters_are_a_frame_of_visits_sized_by_what_they_expect():
    counters = list(load_offices().counters.values())
    built = build_visits(counters, load_registry())
    assert {unit.unit_id: unit.stratum for unit in built.units} == {
        counter.counter_id: counter.counter_id for counter in counters
    }
    assert {finding.code for finding in built.findings} == {"frame-size-example"}


def test_a_counter_that_expects_nothing_is_left_out_and_named():
    from dataclasses import replace

    first, second, _ = load_offices().counters.values()
    built = build_visits([first, replace(second, expected=None)], load_registry())
    assert [unit.unit_id for unit in built.units] == [first.counter_id]
    assert "frame-counter-without-size" in {finding.code for finding in built.findings}


def test_a_frame_is_refused_with_every_fault_at_once(tmp_path):
    path = written(
        tmp_path,
        ",A,HP,s,5\n"
        "xã-1,A,HP,s,5\n"
        "b1,B,HP,s,5\n"
        "B1,B,HP,s,5\n"
        "c1,,,s,5\n"
        "d1,D,HP,,5\n"
        "e1,E,HP,s,\n"
        "f1,F,HP,s,1.234\n"
        "g1,G,HP,s,-4\n"
        "h1,H,HP,s,10000001\n"
        "i1,I,HP,S,5\n"
        "j1,J,HP,=s,5\n",
    )
    built, findings = check_frame(path)
    assert built is None
    assert codes(findings) == [
        ("frame-id-invalid", 3),
        ("frame-id-missing", 2),
        ("frame-id-repeated", 5),
        ("frame-name-missing", 6),
        ("frame-province-missing", 6),
        ("frame-size-missing", 8),
        ("frame-size-not-positive", 10),
        ("frame-size-not-whole", 9),
        ("frame-size-too-large", 11),
        ("frame-stratum-ambiguous", 12),
        ("frame-stratum-invalid", 13),
        ("frame-stratum-missing", 7),
        ("frame-stratum-single", None),
        ("frame-stratum-single", None),
    ]
    with pytest.raises(FrameError) as refusal:
        read_frame(path)
    assert len(refusal.value.findings) == 14


def test_coordinates_must_be_degrees(tmp_path):
    path = written(tmp_path, "a,A,HP,s,5,95,x\nb,B,HP,s,5,20.8,106.7\n", HEADER[:-1] + ",lat,lon\n")
    assert codes(check_frame(path)[1]) == [
        ("frame-coordinate-invalid", 2),
        ("frame-coordinate-invalid", 2),
    ]


def test_a_frame_without_units_or_columns_is_refused(tmp_path):
    assert codes(check_frame(written(tmp_path, ""))[1]) == [("frame-empty", None)]
    assert (
        codes(check_frame(written(tmp_path, "", "unit_id,size\n"))[1])
        == [("column-missing", 1)] * 3
    )
    with pytest.raises(FrameError) as refusal:
        Frame.from_rows([{"unit_id": "a"}])
    assert {finding.code for finding in refusal.value.findings} == {"column-missing"}


def test_the_hash_is_that_of_the_written_file_whatever_the_order_or_separator(tmp_path):
    first = read_frame(
        written(tmp_path, "a,Xã A,HP,s,5,x\nb,Xã B,HP,s,7,=1+1\n", HEADER[:-1] + ",z\n")
    )
    again = read_frame(
        written(
            tmp_path,
            "7;b;s;=1+1;Xã B;HP\r\n5;a;s;x;Xa\u0303 A;HP\r\n",
            "\ufeffsize;unit_id;stratum;z;unit_name;province\r\n",
        )
    )
    assert first.sha256 == again.sha256
    write_frame(first, tmp_path / "out.csv")
    data = (tmp_path / "out.csv").read_bytes()
    assert hashlib.sha256(data).hexdigest() == first.sha256
    assert b",'=1+1\n" in data
    assert read_frame(tmp_path / "out.csv").sha256 == first.sha256


def test_one_changed_row_changes_the_hash():
    rows = [
        {"unit_id": f"u{i}", "unit_name": "A", "province": "HP", "stratum": "s", "size": 5 + i}
        for i in range(4)
    ]
    whole = Frame.from_rows(rows)
    rows[2] = {**rows[2], "size": 8}
    assert Frame.from_rows(rows).sha256 != whole.sha256
    assert Frame.from_rows(rows[:3]).sha256 != whole.sha256


def test_two_frames_are_compared_unit_by_unit():
    def rows(*pairs):
        return Frame.from_rows(
            [
                {"unit_id": name, "unit_name": "A", "province": "HP", "stratum": "s", "size": size}
                for name, size in pairs
            ]
        )

    found = compare_frames(rows(("a", 5), ("b", 6)), rows(("b", 7), ("c", 8)))
    assert [finding.code for finding in found] == [
        "frame-unit-new",
        "frame-unit-changed",
        "frame-unit-gone",
    ]
    assert "had '7' in 'size', now '6'" in found[1].message.en


def test_a_workbook_gives_the_same_frame_as_a_csv_file(tmp_path):
    from openpyxl import Workbook

    book = Workbook()
    sheet = book.active
    sheet.append(HEADER.strip().split(","))
    sheet.append(["a", "Xã A", "HP", "s", 5])
    sheet.append(["b", "Xã B", "HP", "s", 7])
    book.save(tmp_path / "frame.xlsx")
    csv_frame = read_frame(written(tmp_path, "a,Xã A,HP,s,5\nb,Xã B,HP,s,7\n"))
    assert read_frame(tmp_path / "frame.xlsx").sha256 == csv_frame.sha256


def test_the_table_of_a_frame_has_whole_sizes():
    built = frame.build(load_registry(), DAY)
    assert built.table["size"].sum() == 4_662_669
    assert list(built.table.columns[:5]) == HEADER.strip().split(",")
    assert built.summary == {
        "units": 114,
        "total_size": 4_662_669,
        "strata": 6,
        "sha256": built.sha256,
    }
