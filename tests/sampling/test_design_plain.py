"""Designs handed over as Python values, or with characters named by their numbers."""

import json

import pytest

from intake.findings import DesignError, errors_of
from sampling import SampleDesign, check_design
from sampling.design import check_mapping

STAGE = {"unit": "commune", "method": "srs", "take": 2}
HUGE = 10**5000


def of_stage(**changes):
    return {"version": 1, "stages": [{**STAGE, **changes}]}


@pytest.mark.parametrize(
    ("design", "path"),
    [
        (of_stage(take=HUGE), "stages[0].take"),
        (of_stage(take={"a": -HUGE}), "stages[0].take.a"),
        (of_stage(sort="\ud800"), "stages[0].sort"),
        (of_stage(take={"\ud800": 1}), "stages[0].take"),
        (of_stage(per_stratum={None: {}, "a": {}}), "stages[0].per_stratum"),
        (of_stage(take={1: 2, "1": 3}), "stages[0].take"),
        (of_stage(certainty={"a", "b"}), "stages[0].certainty"),
        ({**of_stage(), "targets": {"share\u202e": 0.5}}, "targets"),
        ({**of_stage(), "name": HUGE}, "name"),
    ],
)
def test_a_value_that_no_file_could_hold_is_refused_with_its_place(design, path):
    with pytest.raises(DesignError) as refused:
        SampleDesign.from_dict(design)
    found = refused.value.findings
    assert [one.path for one in found if one.code == "design-value-invalid"] == [path]
    assert refused.value.text("vi").encode() != refused.value.text("en").encode()


def test_a_value_without_end_is_refused():
    endless = []
    endless.append(endless)
    with pytest.raises(DesignError):
        SampleDesign.from_dict(of_stage(sort=endless))


def test_all_unusable_values_are_named_at_once():
    design, found = check_mapping(of_stage(sort="\x00", take=HUGE, strata=b"a"))
    assert design is None
    assert sum(one.code == "design-value-invalid" for one in found) == 3


def test_strata_may_be_named_by_numbers_and_texts_become_nfc():
    design = SampleDesign.from_dict(of_stage(take={1: 2, "Đa\u0323i": 3}))
    assert design.stages[0].take == {"1": 2, "Đạ" + "i": 3}


def test_a_character_named_by_its_number_is_refused_in_a_file(tmp_path):
    path = tmp_path / "design.json"
    path.write_text(json.dumps(of_stage(take={"a\u202e": 1})), encoding="ascii")
    design, found = check_design(path)
    assert design is None
    assert {(one.code, one.path, one.row) for one in errors_of(found)} == {
        ("character-forbidden", "stages[0].take", 1)
    }


@pytest.mark.parametrize("floor", [float("inf"), float("nan")])
def test_a_floor_that_is_no_number_is_refused(floor):
    with pytest.raises(DesignError) as refused:
        SampleDesign.from_dict(of_stage(allocation="power", sharing={"floor": floor}))
    assert refused.value.code == "design-sharing-invalid"


def test_a_line_feed_does_not_hide_behind_a_seed_or_a_name():
    with pytest.raises(DesignError) as refused:
        SampleDesign.from_dict(of_stage(coordination={"seed": "a" * 64 + "\n"}, unit="commune\n"))
    codes = {one.code for one in refused.value.findings}
    assert codes == {"design-coordination-invalid", "design-unit-invalid"}
