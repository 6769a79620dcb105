"""A larger sample later: by going on in order, or by a second draw, with correct probabilities."""

from collections import Counter
from fractions import Fraction

import pytest
from staged_designs import HOUSEHOLD, VILLAGE, a_design, by_method, villages

from intake.findings import DrawError
from sampling import draw
from sampling.chance import WHOLE
from sampling.drawing.exact import exact_systematic
from sampling.revision import chance_table, extend, first_chances, join, remaining, united_chances
from sampling.revision.remainder import samples_of_starts


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


def test_the_samples_of_all_starts_are_those_that_the_draw_gives():
    sizes, n = [3, 1, 4, 1, 5, 2], 3
    total = sum(sizes)
    shares = {}
    for share, places in samples_of_starts([Fraction(n * size, total) for size in sizes]):
        shares[places] = shares.get(places, 0) + share
    # Points that cut the starts into equal parts finer than all their marks.
    cells = 2 * total
    counted = Counter(
        frozenset(exact_systematic(sizes, n, (2 * cell + 1) * WHOLE // (2 * cells)))
        for cell in range(cells)
    )
    assert shares == {places: Fraction(count, cells) for places, count in counted.items()}


@pytest.mark.parametrize("again", ["pps_systematic", "sampford", "srs"])
def test_units_added_from_what_is_left_have_the_probability_of_counting_every_start(again):
    units = villages()
    first = draw(units, by_method("pps_systematic", 4), 1)
    second = draw(remaining(first), by_method(again, take=3), 2)
    order = first.record["strata"][0]["order"]
    sizes = {unit.unit_id: unit.size for unit in units.units}
    listed = [sizes[name] for name in order]
    cells, expected = sum(listed), Counter()
    for cell in range(cells):
        taken = {order[place] for place in
                 exact_systematic(listed, 4, (2 * cell + 1) * WHOLE // (2 * cells))}  # fmt: skip
        left = sum(sizes[name] for name in order if name not in taken)
        for name in order:
            chance = Fraction(3, 17) if again == "srs" else Fraction(3 * sizes[name], left)
            expected[name] += Fraction(1 if name in taken else chance) / cells
    found = united_chances(first, second)
    assert found == expected
    assert sum(found.values()) == 7
    rows = join(first, second)
    assert len({row.unit_id for row in rows}) == 7
    assert all(row.chance == found[row.unit_id] for row in rows)


def test_the_size_never_varies_and_each_stratum_has_its_own_probabilities():
    units = villages({"c4": "b", "c5": "b"})
    first_design = by_method("pps_systematic", 3, sort=["size"])
    for seed in range(5):
        first = draw(units, first_design, seed)
        second = draw(remaining(first), by_method("sampford", {"a": 2, "b": 1}), 100 + seed)
        assert Counter(row.stratum for row in join(first, second)) == {"a": 5, "b": 4}
        sums = Counter()
        for name, chance in united_chances(first, second).items():
            assert 0 < chance < 1
            sums[units.by_id[name].stratum] += chance
        assert sums == {"a": 5, "b": 4}


def test_what_lies_within_an_added_unit_keeps_its_probability_there():
    design = a_design(VILLAGE, HOUSEHOLD)
    stages = [stage.as_dict() for stage in design.stages]
    stages[0] |= {"method": "systematic"}
    design = design.from_dict({"version": 1, "stages": stages})
    units = villages()
    first = draw(units, design, 1)
    second = draw(remaining(first), design, 2)
    assert len({row.unit_id[:2] for row in (*first.rows, *second.rows) if row.stage == 1}) == 4
    communes = {row.unit_id: row.chance for row in join(first, second) if row.stage == 1}
    assert set(communes.values()) == {Fraction(4, 5)}
    before = {(row.stage, row.unit_id): row.chance for row in (*first.rows, *second.rows)}
    own = {"c": Fraction(2, 5)} | {row.unit_id: row.chance for row in second.rows if row.stage == 1}
    for row in join(first, second):
        inner = before[row.stage, row.unit_id] / own.get(row.unit_id[:2], own["c"])
        assert row.chance == inner * Fraction(4, 5)


def test_probabilities_that_cannot_be_worked_out_are_refused():
    units = villages()
    by_start, by_chance = by_method("pps_systematic", 4), by_method("sampford", 4)
    first = draw(units, by_start, 1)
    rest = remaining(first)
    unfit = "revision-remainder-unfit"
    sampford = draw(units, by_chance, 1)
    assert code(join, sampford, draw(remaining(sampford), by_start, 2)) == unfit
    assert code(join, first, draw(rest, by_method("poisson", 3), 2)) == unfit
    certain = by_method("sampford", 3, certainty=[rest.units[0].unit_id])
    assert code(join, first, draw(rest, certain, 2)) == unfit
    assert code(join, first, draw(rest, by_method("pps_systematic", 16), 2)) == unfit
    strata = by_method("sampford", 2, strata="terrain")
    assert code(join, first, draw(rest, strata, 2)) == unfit
    everybody = join(first, draw(rest, by_method("srs", 17), 2))
    assert {row.chance for row in everybody} == {1}
    other = remaining(draw(units, by_start, 9))
    assert code(join, first, draw(other, by_start, 2)) == "revision-draws-not-joinable"
