"""What is striking in a frame, alone, against the registry, known totals, strata and takes."""

from datetime import date
from fractions import Fraction

import pytest

from intake.findings import FrameError
from sampling import Frame, frame, load_registry
from sampling.frame import (
    build_dossiers,
    certainties_of,
    check_nesting,
    check_registry,
    check_strata,
    coverage,
    read_dossiers,
    read_totals,
)
from sampling.units import AdminUnit, Registry, UnitChange

DAY = date(2026, 3, 1)


def a_frame(rows, columns="unit_id unit_name province stratum size"):
    names = columns.split()
    return Frame.from_rows([dict(zip(names, row, strict=True)) for row in rows])


def sized(*sizes, stratum="s"):
    return a_frame([(f"u{i:02d}", f"N{i}", "HP", stratum, size) for i, size in enumerate(sizes)])


def codes(findings, *leave_out):
    return [(one.code, one.row) for one in findings if one.code not in leave_out]


# One frame alone


def test_units_of_one_name_province_and_parent_look_like_the_same_unit():
    columns = "unit_id unit_name province stratum size parent_id"
    made = a_frame(
        [
            ("a", "Thôn 1", "HP", "s", 5, "x"),
            ("b", "THÔN 1", "HP", "s", 6, "x"),
            ("c", "Thôn 1", "HP", "s", 7, "y"),
            ("d", "", "HP", "s", 8, "y"),
            ("e", "", "HP", "s", 9, "y"),
        ],
        columns,
    )
    found = [one for one in made.findings if one.code == "frame-units-alike"]
    assert [(one.row, one.severity) for one in found] == [(3, "warning")]
    assert "line 2; a, b look like the same unit" in found[0].message.en


def test_an_outlying_size_is_a_warning_with_the_ratio_to_the_median_of_its_stratum():
    made = sized(100, 110, 90, 105, 95, 2000, 5)
    assert codes(made.findings) == [("frame-size-outlying", 7), ("frame-size-outlying", 8)]
    assert "20 times the median 100" in made.findings[0].message.en
    assert sized(100, 110, 90, 105, 95, 1999).findings == ()
    assert sized(1, 1000, 1, 1000).findings == ()


def test_places_are_compared_with_each_other():
    rows = [(f"u{i}", f"N{i}", "HP", "s", 5, 20.8 + i / 100, 106.6) for i in range(8)]
    rows += [("v1", "V1", "HP", "s", 5, 10.8, 106.6), ("v2", "V2", "HP", "s", 5, 20.8, 106.6)]
    rows += [("v3", "V3", "HP", "s", 5, 20.9, "")]
    made = a_frame(rows, "unit_id unit_name province stratum size lat lon")
    assert codes(made.findings) == [
        ("frame-coordinate-far", 10),
        ("frame-coordinates-repeated", 11),
        ("frame-coordinate-missing", 12),
    ]
    assert "1115 km" in made.findings[0].message.en


def test_exchanged_coordinates_are_said_to_be_exchanged():
    with pytest.raises(FrameError) as refusal:
        a_frame(
            [("a", "A", "HP", "s", 5, 106.6, 20.8)],
            "unit_id unit_name province stratum size lat lon",
        )
    assert codes(refusal.value.findings) == [("frame-coordinates-swapped", 2)]


# Villages in communes

VILLAGES = "unit_id unit_name province stratum size parent_id"


def test_a_parent_in_two_strata_is_a_warning_when_read_and_an_error_when_parents_are_drawn():
    made = a_frame(
        [
            ("a1", "A1", "HP", "rural", 5, "c1"),
            ("a2", "A2", "HP", "urban", 5, "c1"),
            ("b1", "B1", "HP", "rural", 5, "c2"),
            ("b2", "B2", "HP", "rural", 5, "c2"),
            ("d1", "D1", "HP", "rural", 5, ""),
        ],
        VILLAGES,
    )
    assert codes(made.findings, "frame-stratum-single") == [
        ("frame-parent-split", 3),
        ("frame-parent-missing", 6),
    ]
    nested = check_nesting(made)
    assert [(one.code, one.row, one.severity) for one in nested] == [
        ("frame-parent-split", 3, "error"),
        ("frame-parent-missing", 6, "error"),
        ("frame-stratum-one-psu", None, "warning"),
    ]
    assert "c1 lies in 2 strata: rural, urban" in nested[0].message.en
    assert "'urban' holds a single primary unit: c1" in nested[2].message.en
    with pytest.raises(FrameError) as refusal:
        check_nesting(made, "ward")
    assert refusal.value.code == "frame-column-unknown"


def test_communes_of_one_province_in_several_strata_are_no_split_parent():
    assert "frame-parent-split" not in {
        one.code for one in Frame.from_rows(
            [dict(unit.cells) for unit in frame.build(load_registry(), DAY).units]
        ).findings
    }  # fmt: skip


# The registry at a day


def test_the_packaged_frame_agrees_with_the_packaged_registry():
    assert check_registry(frame.build(load_registry(), DAY), load_registry(), DAY) == []


def test_units_outside_the_registry_at_a_day_are_named_with_their_successors():
    rows = [dict(unit.cells) for unit in frame.build(load_registry(), DAY).units[3:]]
    rows[0] |= {"unit_id": "00001"}
    rows[1] |= {"unit_id": "99999"}
    rows[2] |= {"unit_name": "Xã Khác", "province": "Tỉnh Cao Bằng", "lat": "10"}
    made = Frame.from_rows(rows)
    found = check_registry(made, load_registry(), DAY)
    assert codes(found)[:5] == [
        ("frame-unit-not-standing", 2),
        ("frame-unit-unknown", 3),
        ("frame-unit-renamed", 4),
        ("frame-unit-elsewhere", 4),
        ("frame-coordinate-differs", 4),
    ]
    assert "it stood until 2025-06-30" in found[0].message.en
    assert found[0].advice.en == "Replace it by Phường Hồng Hà (00097: 100%)."
    assert [one.code for one in found[5:]] == ["frame-unit-uncovered"] * 5
    assert "is not in the frame" in found[5].message.en
    assert not [
        one
        for one in check_registry(made, load_registry(), DAY, full=False)
        if one.code == "frame-unit-uncovered"
    ]


def test_a_unit_is_dated_by_its_own_days_and_shares_that_nobody_published_are_said_to_be_unknown():
    start = date(2025, 7, 1)
    registry = Registry(
        (
            AdminUnit("31", "Thành phố Hải Phòng", "Thành phố", "", start),
            AdminUnit("90001", "Xã Một", "Xã", "31", start),
            AdminUnit("90002", "Xã Hai", "Xã", "31", start),
            AdminUnit("90003", "Xã Cũ", "Xã", "31", start, date(2026, 1, 31)),
            AdminUnit("90004", "Xã Mới", "Xã", "31", date(2026, 7, 1)),
        ),
        tuple(
            UnitChange("90003", "Xã Cũ", "31", "HP", "31", "HP", new, part)
            for new, part in (("90001", "main"), ("90002", "part"))
        ),
    )
    made = a_frame(
        [(f"9000{i}", f"Xã {name}", "31", "s", 5)
         for i, name in enumerate(("Một", "Hai", "Cũ", "Mới"), 1)]
    )  # fmt: skip
    found = check_registry(made, registry, DAY)
    assert codes(found) == [("frame-unit-not-standing", 4), ("frame-unit-not-standing", 5)]
    assert "until 2026-01-31" in found[0].message.en
    assert "90001: the largest part, share unknown" in found[0].advice.en
    assert "since 2026-07-01" in found[1].message.en


def test_villages_are_held_against_the_registry_by_their_parents():
    communes = load_registry().children("31")[:2]
    made = a_frame(
        [(f"v{i}", f"V{i}", "Hải Phòng", "s", 5, unit.code) for i, unit in enumerate(communes)],
        VILLAGES,
    )
    found = check_registry(made, load_registry(), DAY)
    assert {one.code for one in found} == {"frame-unit-uncovered"}
    assert len(found) == 112
    with pytest.raises(FrameError) as refusal:
        check_registry(sized(5, 6), load_registry(), DAY)
    assert refusal.value.code == "frame-without-codes"


# Strata, totals, certain units


def test_strata_that_are_named_and_empty_are_errors_and_those_not_named_warnings():
    made = sized(5, 6)
    found = check_strata(made, ["S", "t"])
    assert [(one.code, one.severity) for one in found] == [
        ("frame-stratum-empty", "error"),
        ("frame-stratum-empty", "error"),
        ("frame-stratum-unnamed", "warning"),
    ]
    assert found[0].advice.en == "The frame has: s."


def test_sizes_are_compared_with_known_totals():
    made = a_frame([("a", "A", "HP", "s", 90), ("b", "B", "HP", "t", 50), ("c", "C", "HP", "v", 7)])
    result = coverage(made, {"s": 100, "t": 50, "w": 3, "z": 0})
    assert [(row.group, row.units, row.held, row.known, row.ratio) for row in result.rows] == [
        ("s", 1, 90, 100, 0.9),
        ("t", 1, 50, 50, 1.0),
        ("w", 0, 0, 3, 0.0),
        ("z", 0, 0, 0, None),
        ("v", 1, 7, None, None),
    ]
    assert [one.code for one in result.findings] == [
        "frame-coverage-off",
        "frame-group-empty",
        "frame-group-empty",
        "frame-group-unknown",
    ]
    assert not coverage(made, {"s": 100, "t": 50, "v": 7}, tolerance=0.1).findings
    with pytest.raises(FrameError) as refusal:
        coverage(made, {"s": float("nan")}, tolerance=-1)
    assert [one.code for one in refusal.value.findings] == ["frame-total-invalid"] * 2


def test_a_file_of_totals_is_read_whole_or_not_at_all(tmp_path):
    path = tmp_path / "totals.csv"
    path.write_text("group,total\ns,100\nt,50.5\n", encoding="utf-8")
    assert read_totals(path) == {"s": 100.0, "t": 50.5}
    path.write_text("group,total\ns,100\nS,1.000,5\nS,x\n", encoding="utf-8")
    with pytest.raises(FrameError):
        read_totals(path)
    path.write_text("group,total\ns,100\nS,x\n", encoding="utf-8")
    with pytest.raises(FrameError) as refusal:
        read_totals(path)
    assert codes(refusal.value.findings) == [
        ("frame-total-repeated", 3),
        ("frame-total-invalid", 3),
    ]
    path.write_text("group,total\n", encoding="utf-8")
    with pytest.raises(FrameError) as refusal:
        read_totals(path)
    assert refusal.value.code == "frame-totals-empty"


def test_units_as_large_as_the_interval_are_certain_and_the_interval_is_worked_out_anew():
    made = sized(100, 40, 30, 10, 10, 10)
    found = certainties_of(made, 3)
    # 200/3; then 100/2 without the first; then nobody reaches 50.
    assert [(one.unit_id, one.interval, one.turn) for one in found] == [
        ("u00", Fraction(200, 3), 1)
    ]
    # 50 a unit; then 100/3: the second reaches it; then 60/2: the third just reaches it.
    four = certainties_of(made, {"s": 4})
    assert [(one.unit_id, one.interval, one.turn) for one in four] == [
        ("u00", Fraction(50), 1),
        ("u01", Fraction(100, 3), 2),
        ("u02", Fraction(30), 3),
    ]
    assert four[0].finding.code == "frame-unit-certain"
    assert four[0].finding.row == 2
    assert "interval 50.0" in four[0].finding.message.en
    assert len(certainties_of(made, 6)) == 6
    assert certainties_of(made, 0) == ()


def test_an_impossible_take_says_what_would_be_possible():
    with pytest.raises(FrameError) as refusal:
        certainties_of(sized(5, 6), {"s": 3, "t": 1})
    assert [one.code for one in refusal.value.findings] == [
        "frame-take-invalid",
        "frame-stratum-empty",
    ]
    assert "Take 0 to 2." in refusal.value.findings[0].advice.en
    with pytest.raises(FrameError) as refusal:
        certainties_of(Frame.from_table({
            "unit_id": ["a"], "unit_name": "A", "province": "HP", "stratum": "s", "size": [5],
            "share": [0.5]}), 1, size="share")  # fmt: skip
    assert refusal.value.code == "frame-size-column"


# Dossiers

COUNTS = "unit_code,field,finished\n10507,Đất đai,120\n10507,Hộ tịch,80\n31,Đất đai,0\n"


def test_counts_of_dossiers_become_a_frame_of_units_and_fields(tmp_path):
    path = tmp_path / "dossiers.csv"
    path.write_text(COUNTS, encoding="utf-8")
    made = build_dossiers(read_dossiers(path), load_registry(), DAY)
    assert [(unit.unit_id, unit.stratum, unit.size) for unit in made.units] == [
        ("10507.dat-dai", "10507", 120),
        ("10507.ho-tich", "10507", 80),
    ]
    unit = made.units[0]
    assert (unit.cells["field"], unit.cells["parent_id"]) == ("Đất đai", "10507")
    assert unit.unit_name == f"{load_registry().unit('10507').name} – Đất đai"
    assert codes(made.findings) == [("frame-dossier-none", 4)]
    by_field = build_dossiers(read_dossiers(path), load_registry(), DAY, stratum="field")
    assert list(by_field.strata) == ["dat-dai", "ho-tich"]


def test_counts_of_dossiers_are_refused_with_every_fault_at_once(tmp_path):
    path = tmp_path / "dossiers.csv"
    path.write_text(
        COUNTS + "10507,đất đai,5\n99999,A,5\n10507,…,5\n10507,B,\n10507,C,1.000\n",
        encoding="utf-8",
    )
    with pytest.raises(FrameError) as refusal:
        build_dossiers(read_dossiers(path), load_registry(), DAY)
    assert codes(refusal.value.findings) == [
        ("frame-dossier-repeated", 5),
        ("frame-dossier-unit", 6),
        ("frame-dossier-field", 7),
        ("frame-dossier-count-missing", 8),
        ("frame-size-not-whole", 9),
        ("frame-dossier-none", 4),
    ]
    with pytest.raises(FrameError) as refusal:
        build_dossiers([], load_registry(), DAY, stratum="x")
    assert refusal.value.code == "frame-dossier-stratum"
    path.write_text("unit_code,field,finished,citizen\n10507,A,5,Lan\n", encoding="utf-8")
    with pytest.raises(FrameError) as refusal:
        read_dossiers(path)
    assert refusal.value.code == "column-unknown"
