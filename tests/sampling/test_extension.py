"""A larger sample later: by going on in order, or by a second draw, with correct probabilities."""

from collections import Counter
from fractions import Fraction

import pytest
from staged_designs import HOUSEHOLD, VILLAGE, a_design, by_method, villages

from intake.findings import DrawError
from sampling import draw
from sampling.revision import chance_table, extend, first_chances, join


def code(call, *arguments):
    with pytest.raises(DrawError) as refusal:
        call(*arguments)
    return refusal.value.code


def test_more_households_go_on_in_the_published_order_and_weigh_as_a_larger_sample():
    made = draw(villages(), a_design(VILLAGE, HOUSEHOLD), 7)
    larger = extend(made, {"household": 8})
    before = [row.unit_id for row in made.rows if row.stage == 3]
    now = [row.unit_id for row in larger.rows if row.stage == 3]
    assert set(before) < set(now)
    assert len(larger.added) == 3 * 4
    for row in larger.rows:
        if row.stage == 3:
            old = next((one for one in made.rows if one.unit_id == row.unit_id), None)
            assert old is None or row.chance == old.chance * Fraction(8, 5)


def test_more_communes_keep_those_that_were_drawn_with_their_households():
    made = draw(villages(), a_design(VILLAGE, HOUSEHOLD), 7)
    larger = extend(made, {"commune": 3})
    assert {row.unit_id for row in made.rows} < {row.unit_id for row in larger.rows}
    assert sum(row.stage == 1 for row in larger.rows) == 3
    assert {row.chance for row in larger.rows if row.stage == 1} == {Fraction(3, 5)}


def test_going_on_is_refused_where_the_order_does_not_nest():
    made = draw(villages(), by_method("pps_systematic"), 7)
    assert code(extend, made, {"village": 8}) == "revision-method-not-nested"
    made = draw(villages(), by_method("srs"), 7)
    assert code(extend, made, {"hamlet": 8}) == "revision-stage-unknown"
    assert code(extend, made, {"village": 5}) == "revision-take-not-larger"
    assert code(extend, made, {"village": 0}) == "revision-take-invalid"


def test_the_union_of_two_draws_holds_every_unit_as_often_as_its_probability_says():
    units, repeats = villages(), 400
    design, more = by_method("pps_systematic"), by_method("sampford", take=3)
    sizes = sum(unit.size for unit in units.units)
    hits, chances = Counter(), {}
    total = Fraction(0)
    for seed in range(repeats):
        rows = join(draw(units, design, seed), draw(units, more, 10_000 + seed))
        assert len({row.unit_id for row in rows}) == len(rows)
        hits.update(row.unit_id for row in rows)
        chances |= {row.unit_id: row.chance for row in rows}
        total += sum(units.by_id[row.unit_id].size / row.chance for row in rows)
    for unit in units.units:
        p, q = Fraction(6 * unit.size, sizes), Fraction(3 * unit.size, sizes)
        expected = 1 - (1 - p) * (1 - q)
        assert chances[unit.unit_id] == expected
        spread = float(repeats * expected * (1 - expected)) ** 0.5
        assert abs(hits[unit.unit_id] - repeats * float(expected)) < 4.2 * spread
    assert float(total / repeats) == pytest.approx(sizes, rel=0.03)


def test_a_union_keeps_what_lies_within_a_unit_at_its_probability_there():
    units = villages()
    first, second = (draw(units, a_design(VILLAGE, HOUSEHOLD), seed) for seed in (1, 2))
    rows = join(first, second)
    communes = {row.unit_id: row.chance for row in rows if row.stage == 1}
    assert set(communes.values()) == {1 - Fraction(3, 5) ** 2}
    for row in rows:
        if row.stage == 2:
            held = sum(unit.cells["parent_id"] == row.unit_id[:2] for unit in units.units)
            assert row.chance == communes[row.unit_id[:2]] * Fraction(2, held)


def test_draws_that_are_not_independent_or_not_of_one_frame_are_not_joined():
    units = villages()
    made = draw(units, by_method("srs"), 1)
    assert code(join, made, made) == "revision-draws-not-joinable"
    other = draw(villages(stratum="b"), by_method("srs"), 2)
    assert code(join, made, other) == "revision-draws-not-joinable"
    groups = draw(units, by_method("rao_hartley_cochran"), 2)
    assert code(join, made, groups) == "revision-draws-not-joinable"


def test_the_probabilities_of_all_units_add_up_to_the_take_or_are_not_told():
    units = villages()
    for method in ("srs", "pps_systematic", "sampford", "poisson"):
        made = draw(units, by_method(method), 7)
        assert sum(first_chances(made)["a"].values()) == 6
        table = chance_table(made)
        assert table["unit_id"].tolist() == sorted(units.by_id)
        assert table["probability"].sum() == pytest.approx(6)
    assert chance_table(draw(units, by_method("rao_hartley_cochran"), 7)) is None
