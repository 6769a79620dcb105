"""Values of the wrong kind at the public functions: what was given, and what to pass instead."""

from datetime import UTC, date, datetime

import pytest

from intake.findings import DesignError, DrawError, FrameError, HailongError, RegistryError
from sampling import (
    Frame,
    SampleDesign,
    build_visits,
    certainties_of,
    check_nesting,
    check_registry,
    check_strata,
    compare_frames,
    coverage,
    draw,
    frame,
    plan,
    revision,
    takes_of,
    write_draw,
    write_frame,
)
from sampling.minutes import commit, read_commitment
from sampling.precision import components_from_file, lay_out

UNITS = Frame.from_rows(
    [{"unit_id": "a1", "unit_name": "A", "province": "HP", "stratum": "a", "size": 9}]
)
PLAN = {"version": 1, "stages": [{"unit": "commune", "method": "srs", "take": 1}]}
DESIGN = SampleDesign.from_dict(PLAN)
DAY = date(2026, 3, 1)
FOR_FRAME, FOR_DESIGN = "frame-not-a-frame", "design-not-a-design"
FOR_DRAW = ["draw-not-a-draw"]
TIMES = {"public_at": datetime(2026, 7, 2, tzinfo=UTC), "made_at": datetime(2026, 6, 2, tzinfo=UTC)}


@pytest.mark.parametrize(
    ("call", "family", "codes"),
    [
        (lambda: draw(UNITS, PLAN, 1), DesignError, [FOR_DESIGN]),
        (lambda: draw("frame.csv", DESIGN, 1), FrameError, [FOR_FRAME]),
        (lambda: draw(DESIGN, UNITS, 1), DesignError, [FOR_DESIGN, FOR_FRAME]),
        (lambda: plan(None, UNITS), DesignError, [FOR_DESIGN]),
        (lambda: plan(DESIGN, [1]), FrameError, [FOR_FRAME]),
        (lambda: takes_of(10**5000, Frame), DesignError, [FOR_DESIGN, FOR_FRAME]),
        (lambda: DESIGN.check_against(PLAN), FrameError, [FOR_FRAME]),
        (lambda: DESIGN.members(None), FrameError, [FOR_FRAME]),
        (lambda: DESIGN.strata_of("x"), FrameError, [FOR_FRAME]),
        (lambda: DESIGN.names_of("x"), FrameError, [FOR_FRAME]),
        (lambda: commit("f", "d", "7", public_source="s", **TIMES), DesignError,
         [FOR_DESIGN, FOR_FRAME]),
        (lambda: lay_out(PLAN, "x"), DesignError, [FOR_DESIGN, FOR_FRAME]),
        (lambda: revision.first_chances(UNITS), DrawError, FOR_DRAW),
        (lambda: revision.chance_table("draw"), DrawError, FOR_DRAW),
        (lambda: revision.union_chance(None, ["a1"]), DrawError, FOR_DRAW),
        (lambda: revision.extend("draw", {}), DrawError, FOR_DRAW),
        (lambda: revision.join(DESIGN, UNITS), DrawError, FOR_DRAW * 2),
        (lambda: revision.replace("draw", []), DrawError, FOR_DRAW),
        (lambda: revision.remaining(UNITS), DrawError, FOR_DRAW),
        (lambda: revision.united_chances(1, 2), DrawError, FOR_DRAW * 2),
        (lambda: revision.links_of(UNITS, DAY), RegistryError, ["units-not-a-registry"]),
        (lambda: write_draw(UNITS, "draw"), DrawError, FOR_DRAW),
        (lambda: write_frame("x", "frame.csv"), FrameError, [FOR_FRAME]),
        (lambda: compare_frames(UNITS, DESIGN), FrameError, [FOR_FRAME]),
        (lambda: check_nesting(None), FrameError, [FOR_FRAME]),
        (lambda: check_strata(1.5, ["a"]), FrameError, [FOR_FRAME]),
        (lambda: coverage("x", {}), FrameError, [FOR_FRAME]),
        (lambda: certainties_of(True, 2), FrameError, [FOR_FRAME]),
        (lambda: check_registry("x", "y", DAY), FrameError, [FOR_FRAME, "units-not-a-registry"]),
        (lambda: frame.build(UNITS, DAY), RegistryError, ["units-not-a-registry"]),
        (lambda: build_visits([], None), RegistryError, ["units-not-a-registry"]),
    ],
)  # fmt: skip
def test_a_value_of_another_kind_is_refused_with_what_to_pass(call, family, codes):
    with pytest.raises(HailongError) as refused:
        call()
    assert type(refused.value) is family
    assert [one.code for one in refused.value.findings] == codes
    assert all("sampling." in one.advice.vi for one in refused.value.findings)


def test_the_refusal_says_what_was_read_and_what_makes_the_right_thing():
    with pytest.raises(FrameError) as refused:
        draw("frame.csv", DESIGN, 1)
    assert refused.value.text("en").startswith(
        "This needs a frame (Frame), but was given str 'frame.csv'. "
        "Make one with sampling.read_frame(path)"
    )
    assert "nhận được str 'frame.csv'" in refused.value.text("vi")
    with pytest.raises(DesignError) as refused:
        draw(UNITS, PLAN, 1)
    assert "was given dict" in refused.value.text("en")
    assert "SampleDesign.from_dict(mapping)" in refused.value.text("en")
    with pytest.raises(DesignError) as refused:
        takes_of("Đ" * 10**6, None)
    assert len(refused.value.text("vi")) < 500
    assert "but was given None" in refused.value.text("en")


def test_one_domain_may_be_named_as_it_is():
    assert plan(DESIGN, UNITS, domains="stratum").domain_rows[0]["domain"] == "a"


def test_files_may_be_named_by_texts(tmp_path):
    answers = tmp_path / "answers.csv"
    answers.write_text("q,psu\n" + "".join(f"{n % 2},{n % 3}\n" for n in range(12)), "utf-8")
    assert components_from_file(str(answers), "q", "psu").rows[0]["n"] == 12
    made = commit(UNITS, DESIGN, "7", public_source="s", **TIMES)
    (tmp_path / "commitment.json").write_bytes(made.canonical)
    assert read_commitment(str(tmp_path / "commitment.json")) == made
