"""Names that two parts of a draw share would bias it; takes that leave units no chance."""

import pytest

from intake.findings import DesignError
from sampling import Frame, SampleDesign, draw, takes_of


def frame_of(*rows):
    """Units given as ``unit_id, stratum, parent_id``; ten persons in each."""
    keys = ("unit_id", "stratum", "parent_id")
    fixed = {"unit_name": "x", "province": "HP", "size": 10, "adults": 10}
    return Frame.from_rows([{**fixed, **dict(zip(keys, row, strict=True))} for row in rows])


def design_of(*stages):
    return SampleDesign.from_dict({"version": 1, "stages": list(stages)})


COMMUNES = {"unit": "commune", "id": "parent_id", "method": "srs", "take": 1}
VILLAGES = {"unit": "village", "id": "unit_id", "method": "srs", "take": 1}
PERSONS = {"unit": "person", "method": "systematic", "size": "adults", "take": 2}


def refused(design, frame, code="design-name-shared"):
    with pytest.raises(DesignError) as error:
        takes_of(design, frame)
    found = [one for one in error.value.findings if one.code == code]
    assert all(one.message.vi and one.advice.vi and one.path for one in found)
    return [one.message.en.split("'")[1] for one in found]


@pytest.mark.parametrize(
    ("rows", "shared"),
    [
        ([("a", "s", "a"), ("a2", "s", "a"), ("b1", "s", "b"), ("b2", "s", "b")], ["a"]),
        ([("b", "s", "a"), ("a2", "s", "a"), ("b1", "s", "b"), ("b2", "s", "b")], ["b"]),
        ([("b", "s", "a"), ("b1", "s", "b"), ("a", "s", "c")], ["a", "b"]),
    ],
)
def test_a_village_named_like_a_commune_would_be_drawn_with_it(rows, shared):
    assert refused(design_of(COMMUNES, VILLAGES), frame_of(*rows)) == shared


def test_a_commune_of_one_village_may_share_its_name_with_it():
    frame = frame_of(("a", "s", "a"), ("b1", "s", "b"), ("b2", "s", "b"))
    assert len(draw(frame, design_of(COMMUNES, VILLAGES), 1).rows) == 2


def test_a_stratum_and_a_unit_in_it_would_have_one_start():
    frame = frame_of(("a", "a", ""), ("b", "a", ""), ("c", "a", ""))
    stage = {"unit": "ward", "method": "systematic", "take": 2}
    assert refused(design_of(stage, PERSONS), frame) == ["a"]
    # Where one of the two draws has no start, or nothing is left to chance, nothing is shared.
    for first, second in (
        ({**stage, "method": "srs"}, PERSONS),
        (stage, {**PERSONS, "method": "srs"}),
        ({**stage, "take": 3}, PERSONS),
    ):
        assert draw(frame, design_of(first, second), 1).rows


def test_a_unit_named_like_a_place_on_a_list_is_refused():
    frame = frame_of(("a", "s", ""), ("a-000002", "s", ""))
    stage = {"unit": "ward", "method": "srs", "take": 1}
    assert refused(design_of(stage, {**PERSONS, "method": "srs"}), frame) == ["a-000002"]


@pytest.mark.parametrize("name", ["2|a|s", "s|take", "s|group 1", "a-000001|3"])
def test_a_stratum_named_like_the_stream_of_a_later_stage_is_refused(name):
    frame = frame_of(("a", name, ""), ("b", name, ""))
    stage = {"unit": "ward", "method": "systematic", "take": 1}
    assert refused(design_of(stage, PERSONS), frame) == [name]
    assert draw(frame, design_of(stage), 1).rows


def test_a_stratum_named_like_a_certain_unit_of_another_is_refused():
    frame = frame_of(("a", "s", ""), ("b", "s", ""), ("c", "s/a", ""), ("d", "s/z", ""))
    stage = {"unit": "ward", "method": "srs", "take": 1}
    assert refused(design_of(stage), frame) == ["s/a"]


def test_certainties_that_use_up_the_take_leave_the_others_no_chance():
    frame = frame_of(*((name, "s", "") for name in "abcde"))
    stage = {"unit": "ward", "method": "srs", "take": 2, "certainty": ["a", "b"]}
    assert refused(design_of(stage), frame, "design-units-without-chance") == ["s"]
    assert draw(frame, design_of({**stage, "take": 3}), 1).rows


def test_who_is_drawn_by_an_earlier_seed_is_known_before_the_draw_and_that_is_said():
    frame = frame_of(*((name, "s", "") for name in "abcdefgh"))
    stage = {"unit": "ward", "method": "srs", "take": 3}
    coordinated = design_of({**stage, "coordination": {"seed": "a" * 64, "shift": 0.25}})
    one, other = (draw(frame, coordinated, secret) for secret in (1, 2))
    assert [row.unit_id for row in one.rows] == [row.unit_id for row in other.rows]
    assert [(f.code, f.severity, f.path) for f in one.findings] == [
        ("design-outcome-foreseen", "warning", "stages[0].coordination")
    ]
    assert "aaaaaaaaaaaaaaaa…" in one.minutes()
    assert not draw(frame, design_of(stage), 1).findings


@pytest.mark.parametrize(
    ("take", "code"), [(9, "allocation-caps-below-total"), (1, "allocation-floors-above-total")]
)
def test_a_total_that_cannot_be_shared_out_is_named_where_the_design_says_it(take, code):
    frame = frame_of(("a", "s", ""), ("b", "s", ""), ("c", "t", ""), ("d", "t", ""))
    stage = {"unit": "ward", "method": "srs", "take": take, "allocation": "equal"}
    with pytest.raises(DesignError) as error:
        takes_of(design_of(stage), frame)
    assert [(one.code, one.path) for one in error.value.findings] == [(code, "stages[0].take")]
