"""Agencies, counters and procedures: what is packaged, and the faults of a file."""

import pytest

from intake.findings import RegistryError
from sampling import load_offices, load_registry
from sampling.offices import (
    check_agencies,
    check_counters,
    check_procedures,
    read_agencies,
    read_counters,
)


def written(tmp_path, text):
    path = tmp_path / "file.csv"
    path.write_text(text, encoding="utf-8")
    return path


def codes(findings):
    return sorted((finding.code, finding.row) for finding in findings)


def test_every_commune_of_the_demonstration_has_its_committee():
    offices = load_offices()
    committees = {a.unit_code for a in offices.agencies.values() if a.kind == "commune"}
    assert committees == {unit.code for unit in load_registry().children("31")}


def test_what_is_no_public_fact_is_marked_an_example_and_has_no_address():
    offices = load_offices()
    assert len(offices.counters) == 3
    assert len(offices.procedures) == 12
    assert all(counter.flag == "example" for counter in offices.counters.values())
    assert all(counter.address == "" for counter in offices.counters.values())
    assert all(procedure.flag == "example" for procedure in offices.procedures.values())
    assert all(agency.source for agency in offices.agencies.values())


def test_agencies_are_refused_with_every_fault_at_once(tmp_path):
    path = written(
        tmp_path,
        "agency_code,name,kind,unit_code\n"
        "sở,Sở A,department,31\n"
        "so-b,,department,31\n"
        "SO-B,Sở B,ministry,99\n",
    )
    assert codes(check_agencies(path, load_registry())[1]) == [
        ("agency-kind-unknown", 4),
        ("office-id-invalid", 2),
        ("office-id-repeated", 4),
        ("office-name-missing", 3),
        ("office-unit-unknown", 4),
    ]
    with pytest.raises(RegistryError):
        read_agencies(path, load_registry())


def test_counters_are_refused_with_every_fault_at_once(tmp_path):
    path = written(
        tmp_path,
        "counter_id,name,agency_code,unit_code,address,opens,closes,expected\n"
        "q1,Quầy 1,so-a,31,,7h30,16:30,10\n"
        "q2,Quầy 2,so-a,31,,16:30,7:30,10\n"
        "q3,Quầy 3,so-x,31,,,,ten\n"
        "q4,Quầy 4,so-a,31,,,,0\n"
        "q5,Quầy 5,so-a,31,,,,99999999\n",
    )
    assert codes(check_counters(path, load_registry(), {"so-a"})[1]) == [
        ("counter-hours-invalid", 2),
        ("counter-hours-reversed", 3),
        ("counter-size-not-positive", 5),
        ("counter-size-not-whole", 4),
        ("counter-size-too-large", 6),
        ("office-agency-unknown", 4),
    ]


def test_counters_without_known_agencies_need_only_name_one(tmp_path):
    path = written(
        tmp_path,
        "counter_id,name,agency_code,unit_code,address,opens,closes\n"
        "q1,Quầy 1,so-a,31,,07:30,16:30\n",
    )
    (counter,) = read_counters(path, load_registry())
    assert (counter.agency_code, counter.expected) == ("so-a", None)


def test_a_procedure_needs_a_field_and_a_known_agency(tmp_path):
    path = written(
        tmp_path,
        "procedure_id,name,field,agency_code\nkhai-sinh,Khai sinh,,ubnd-x\n",
    )
    assert codes(check_procedures(path, None, {"ubnd-cap-xa"})[1]) == [
        ("office-agency-unknown", 2),
        ("procedure-field-missing", 2),
    ]


def test_a_file_with_unknown_columns_is_refused(tmp_path):
    path = written(tmp_path, "procedure_id,name,field,agency_code,fee\n")
    assert codes(check_procedures(path)[1]) == [("column-unknown", 1)]
