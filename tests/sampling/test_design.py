"""Designs: what they may say, and whether a frame can carry them."""

import hashlib
import json
from datetime import date

import pytest

from intake.findings import DesignError, errors_of
from sampling import (
    DESIGNS,
    Frame,
    SampleDesign,
    build_visits,
    check_design,
    frame,
    load_offices,
    load_registry,
    takes_of,
)
from sampling.design import check_mapping

STAGE = {"unit": "commune", "method": "srs", "take": 2}


def a_frame(**sizes):
    """Units named like ``a1`` in the stratum ``a``, with 100 adults each."""
    return Frame.from_rows(
        [
            {
                "unit_id": name,
                "unit_name": name.upper(),
                "province": "HP",
                "stratum": name[0],
                "size": size,
                "adults": 100,
            }
            for name, size in sizes.items()
        ]
    )


def a_design(first=None, second=None, **fields):
    stages = [{**STAGE, **(first or {})}]
    if second is not None:
        stages.append({"unit": "person", "method": "srs", "take": 10, "size": "adults", **second})
    return {"version": 1, "stages": stages, **fields}


def faults(mapping):
    return sorted((finding.code, finding.path) for finding in check_mapping(mapping)[1])


def against(mapping, units):
    findings = SampleDesign.from_dict(mapping).check_against(units)
    return [(finding.code, finding.severity) for finding in findings]


def test_the_shipped_designs_fit_the_frames_of_the_demonstration():
    registry = load_registry()
    population = SampleDesign.read(DESIGNS / "hai-phong-population.yaml")
    assert errors_of(population.check_against(frame.build(registry, date(2026, 3, 1)))) == []
    visits = SampleDesign.read(DESIGNS / "hai-phong-visits.yaml")
    counters = build_visits(list(load_offices().counters.values()), registry)
    assert visits.check_against(counters) == []


def test_the_shipped_takes_are_28_communes_shared_out_in_proportion_to_the_population():
    units = frame.build(load_registry(), date(2026, 3, 1))
    shipped = SampleDesign.read(DESIGNS / "hai-phong-population.yaml")
    takes, _ = takes_of(shipped, units)
    first = {**shipped.stages[0].as_dict(), "take": 28, "allocation": "proportional"}
    proposed, _ = takes_of(SampleDesign.from_dict({"version": 1, "stages": [first]}), units)
    assert takes == proposed
    assert sum(takes.values()) == 30


def test_a_design_without_what_it_needs_is_refused_with_every_fault_at_once():
    mapping = {
        "version": 3,
        "colour": "red",
        "name": ["x"],
        "stages": [
            {"unit": "xã", "method": "by hand", "allocation": "fair", "sort": 3, "size": 7},
            {"unit": "person", "method": "srs", "take": 0, "certainty": ["a1"], "size": "adults"},
            {"unit": "third", "method": "srs", "take": 1},
            {"unit": "fourth", "method": "kish"},
            {"unit": "fifth", "method": "kish"},
        ],
        "reserves": {"household": 2},
        "targets": {"share": 2},
        "costs": {"per_unit": "dear"},
    }
    assert faults(mapping) == [
        ("design-allocation-unknown", "stages[0].allocation"),
        ("design-certainty-invalid", "stages[1].certainty"),
        ("design-column-invalid", "stages[0].size"),
        ("design-costs-invalid", "costs.per_unit"),
        ("design-key-unknown", "colour"),
        ("design-method-unknown", "stages[0].method"),
        ("design-reserves-invalid", "reserves"),
        ("design-sort-invalid", "stages[0].sort"),
        ("design-stages-out-of-order", "stages[2]"),
        ("design-stages-out-of-order", "stages[3]"),
        ("design-stages-too-many", "stages"),
        ("design-take-invalid", "stages[1].take"),
        ("design-take-missing", "stages[0].take"),
        ("design-targets-invalid", "targets.share"),
        ("design-text-invalid", "name"),
        ("design-unit-invalid", "stages[0].unit"),
        ("design-version-unknown", "version"),
    ]
    with pytest.raises(DesignError) as refusal:
        SampleDesign.from_dict(mapping)
    assert len(refusal.value.findings) == 17


@pytest.mark.parametrize(
    ("mapping", "expected"),
    [
        (["version"], "design-not-a-mapping"),
        ({"version": 1}, "design-stages-missing"),
        ({"version": 1, "stages": ["srs"]}, "design-stage-not-a-mapping"),
        ({"stages": [STAGE]}, "design-version-unknown"),
        ({"version": True, "stages": [STAGE]}, "design-version-unknown"),
        (a_design(targets=[0.8]), "design-targets-invalid"),
        (a_design(reserves={"commune": -1}), "design-reserves-invalid"),
        (a_design({"take": {"a": 1.5}}), "design-take-invalid"),
        (a_design({"take": {"a": 1}, "allocation": "equal"}), "design-take-invalid"),
        (a_design({"take": True}), "design-take-invalid"),
        (a_design(second={"allocation": "equal"}), "design-allocation-unknown"),
        (a_design(second={"method": "pps_systematic"}), "design-method-unknown"),
    ],
)
def test_one_fault_is_named_by_its_code(mapping, expected):
    assert expected in [finding.code for finding in check_mapping(mapping)[1]]


def test_a_fault_in_a_file_names_its_line(tmp_path):
    path = tmp_path / "design.yaml"
    path.write_text(
        "version: 1\nstages:\n  - unit: commune\n    method: guess\n    take: 2\n", encoding="utf-8"
    )
    (finding,) = check_design(path)[1]
    assert (finding.code, finding.row, finding.path) == (
        "design-method-unknown",
        4,
        "stages[0].method",
    )
    assert check_design(tmp_path / "none.yaml")[1][0].code == "file-missing"


def test_the_hash_is_that_of_the_canonical_json_and_reading_it_back_keeps_it(tmp_path):
    design = SampleDesign.read(DESIGNS / "hai-phong-population.yaml")
    path = tmp_path / "design.json"
    path.write_bytes(design.canonical)
    assert SampleDesign.read(path).sha256 == design.sha256
    assert hashlib.sha256(path.read_bytes()).hexdigest() == design.sha256
    assert json.loads(design.canonical) == design.as_dict()


def test_a_take_above_its_stratum_says_by_how_much_and_what_would_fit():
    design = SampleDesign.from_dict(a_design({"take": {"a": 5, "b": 2}}))
    finding, *_ = errors_of(design.check_against(a_frame(a1=5, a2=5, a3=5, b1=5, b2=5)))
    assert finding.code == "design-take-above-stratum"
    assert "'a' holds 3 units, but stage 1 draws 5 from it: 2 too many" in finding.message.en
    assert "at most 3" in finding.advice.en


def test_an_unknown_stratum_and_a_stratum_without_take_are_refused():
    assert against(a_design({"take": {"a": 2, "z": 2}}), a_frame(a1=5, a2=5, a3=1, b1=5, b2=5)) == [
        ("design-stratum-unknown", "error"),
        ("design-stratum-without-take", "error"),
    ]


def test_a_unit_larger_than_the_interval_is_announced_as_a_certainty():
    design = a_design({"method": "pps_systematic", "take": 3})
    findings = SampleDesign.from_dict(design).check_against(a_frame(a1=60, a2=20, a3=20, a4=20))
    assert [(finding.code, finding.severity) for finding in findings] == [
        ("design-probability-above-one", "warning")
    ]
    # 3 * 60 / 120 = 1.5; the nearest take that keeps it at one is 2.
    assert "1.500" in findings[0].message.en
    assert "at most 2" in findings[0].advice.en


def test_one_unit_drawn_of_several_is_announced_as_lonely():
    assert against(a_design({"take": 1}), a_frame(a1=5, a2=5)) == [
        ("design-lonely-unit", "warning")
    ]


def test_certainties_must_exist_and_fit_into_the_take():
    assert against(a_design({"certainty": ["z9"]}), a_frame(a1=5, a2=5, a3=5)) == [
        ("design-certainty-unknown", "error")
    ]
    assert against(
        a_design({"certainty": ["a1", "a2", "a3"]}), a_frame(a1=5, a2=5, a3=5, a4=5)
    ) == [("design-take-below-certainty", "error")]


def test_columns_and_their_numbers_must_be_in_the_frame():
    assert against(a_design({"sort": "lat"}), a_frame(a1=5, a2=5)) == [
        ("design-column-missing", "error")
    ]
    units = Frame.from_rows(
        [
            {
                "unit_id": name,
                "unit_name": "A",
                "province": "HP",
                "stratum": "a",
                "size": 5,
                "adults": adults,
            }
            for name, adults in (("a1", 100), ("a2", "many"))
        ]
    )
    assert against(a_design(second={}), units) == [("design-size-not-whole", "error")]


def test_a_list_shorter_than_the_take_within_a_unit_is_refused():
    assert (
        against(a_design(second={"take": 101}), a_frame(a1=5, a2=5))
        == [("design-take-above-list", "error")] * 2
    )


def test_a_design_made_for_another_frame_is_refused():
    units = a_frame(a1=5, a2=5)
    assert against(a_design(frame="0" * 64), units) == [("design-frame-differs", "error")]
    assert against(a_design(frame=units.sha256), units) == []
    assert against(a_design(frame="communes of 2026"), units) == []


def test_a_shared_out_total_must_leave_one_unit_for_each_stratum():
    units = a_frame(a1=5, a2=5, b1=5, b2=5)
    design = SampleDesign.from_dict(a_design({"take": 1, "allocation": "equal"}))
    with pytest.raises(DesignError) as refusal:
        takes_of(design, units)
    assert refusal.value.code == "allocation-floors-above-total"
    design = SampleDesign.from_dict(a_design({"take": 3, "allocation": "square_root"}))
    assert sum(takes_of(design, units)[0].values()) == 3
