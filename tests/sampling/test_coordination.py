"""Rounds that share units, or spread the burden: what is promised, counted on every case."""

from fractions import Fraction
from itertools import product

import numpy as np
import pandas as pd
import pytest
from staged_designs import by_method, villages

from intake.findings import DesignError
from sampling import Frame, SampleDesign, draw
from sampling.coordination import (
    burden,
    expected_overlap,
    overlap,
    permanent_numbers,
    rotation,
    rotation_schedule,
    shift_for,
)
from sampling.revision import chance_table

F = Fraction


def at_rate(rate, **coordination):
    stage = {"unit": "village", "method": "poisson", "rate": rate, "coordination": coordination}
    return SampleDesign.from_dict({"version": 1, "stages": [stage]})


def many(count, first=0):
    return Frame.from_rows(
        [
            {"unit_id": f"u{one}", "unit_name": f"U {one}", "province": "HP",
             "stratum": "a", "size": 10}
            for one in range(first, first + count)
        ]
    )  # fmt: skip


def ids(made):
    return {row.unit_id for row in made.rows}


@pytest.mark.parametrize("shift", [F(0), F(1, 12), F(1, 2), F(5, 6), F(11, 12)])
def test_the_chance_of_being_in_both_is_what_counting_the_circle_gives(shift):
    cells = 12
    for a, b in product(range(cells + 1), repeat=2):
        first = set(range(a))
        second = {int(cell + shift * cells) % cells for cell in range(b)}
        counted = F(len(first & second), cells)
        assert expected_overlap(F(a, cells), F(b, cells), shift=shift) == counted


def test_the_overlap_of_simple_random_samples_is_that_over_every_placement_of_the_numbers():
    # Numbers in the 6 cells of a circle, order within a cell by chance: all 4! orders count
    # alike, so that 4 numbers in 6 cells with distinct ranks stand for any numbers.
    n, cells, rate_a, rate_b = 4, 6, F(1, 2), F(1, 4)
    shared, cases = F(0), 0
    for where in product(range(cells), repeat=n):
        numbers = [cell + F(place + 1, n + 1) for place, cell in enumerate(where)]
        first = sorted(range(n), key=lambda one: numbers[one])[:2]
        second = sorted(range(n), key=lambda one: (numbers[one] - 2) % cells)[:1]
        shared += F(len(set(first) & set(second)), n)
        cases += 1
    found = expected_overlap(rate_a, rate_b, shift=F(2, cells), method="srs", population=n)
    assert found == shared / cases


def test_few_units_share_more_than_the_intervals_and_many_as_much():
    def shared(population):
        return expected_overlap("0.2", "0.2", shift="0.05", method="srs", population=population)

    few, more, many_units = float(shared(5)), float(shared(20)), float(shared(20_000))
    assert many_units == pytest.approx(0.15, abs=1e-9)
    assert few - 0.15 > more - 0.15 > 1e-4
    # The sum in floating point goes on where the exact one stops.
    assert float(shared(300)) == pytest.approx(float(shared(305)), abs=1e-6)


def test_a_shift_keeps_the_share_that_was_asked_for():
    for rate, share in product([F(1, 10), F(1, 3), F(1, 2), F(3, 4)], [F(2, 3), F(4, 5), F(1)]):
        shift = shift_for(rate, share)
        assert expected_overlap(rate, rate, shift=shift) == rate * share
        assert expected_overlap(rate, rate, shift=1 - shift) == rate * share
    assert expected_overlap("0.3", "0.3", shift=shift_for("0.3", 0)) == 0
    assert expected_overlap("0.3", "0.2", method="independent") == F(3, 50)


def test_the_numbers_are_those_of_the_published_draw():
    units = villages()
    first = draw(units, by_method("srs", 6), 1)
    numbers = permanent_numbers(first.record["seed"], units.by_id)
    assert ids(first) == set(sorted(numbers, key=numbers.get)[:6])
    turned = by_method("srs", 6, coordination={"seed": first.record["seed"], "shift": 0.25})
    assert ids(draw(units, turned, 2)) == set(
        sorted(numbers, key=lambda one: (numbers[one] - F(1, 4)) % 1)[:6]
    )


def test_real_draws_share_all_units_without_shift_and_none_with_one_above_the_rate():
    units = many(400)
    first = draw(units, by_method("srs", 40), 1)
    seed = first.record["seed"]
    same = draw(units, by_method("srs", 40, coordination={"seed": seed}), 2)
    apart = draw(units, by_method("srs", 40, coordination={"seed": seed, "shift": 0.5}), 3)
    assert ids(same) == ids(first)
    assert not ids(apart) & ids(first)


def test_real_simple_random_draws_share_on_average_what_is_expected_of_their_shift():
    units = many(60)
    shift = shift_for("0.2", "0.75")
    shared = []
    for seed in range(60):
        first = draw(units, by_method("srs", 12), seed)
        key = {"seed": first.record["seed"], "shift": float(shift)}
        shared.append(len(ids(first) & ids(draw(units, by_method("srs", 12, coordination=key), 0))))
    expected = 60 * float(expected_overlap("0.2", "0.2", shift=shift, method="srs", population=60))
    error = np.std(shared, ddof=1) / np.sqrt(len(shared))
    assert abs(np.mean(shared) - expected) < 3 * error


def test_a_rotating_panel_draws_exactly_the_units_of_its_schedule():
    units, seed = many(300), "ab" * 32
    plan = rotation(rounds=5, groups=4, stay=2)
    table = rotation_schedule(seed, units.by_id, groups=4, rounds=5, stay=2).set_index("unit_id")
    found = []
    for number in range(1, 6):
        made = draw(units, at_rate(0.5, seed=seed, shift=float(plan.shift(number))), number)
        assert ids(made) == set(table.index[table[f"round_{number}"]])
        assert {row.chance for row in made.rows} == {plan.rate}
        found.append(ids(made))
    groups = table.groupby("group").groups
    assert found[0] & found[1] == set(groups[1])
    assert not found[0] & found[2]
    assert found[0] == found[4]
    assert (plan.overlap(1, 2), plan.overlap(1, 3), plan.rest) == (F(1, 2), 0, 2)
    assert set(table["asked"]) == {2, 3}


@pytest.mark.parametrize("pattern", [(2, 2, 2), (3,), (1, 4, 2), (4, 8, 4), (2, 2, 2, 2, 2)])
def test_every_group_is_in_and_out_as_the_pattern_says_and_each_round_asks_its_share(pattern):
    groups = sum(pattern) + 3
    rounds = 3 * groups
    plan = rotation(rounds, groups, pattern)
    inside = [place % 2 == 0 for place, length in enumerate(pattern) for _ in range(length)]
    cycle = inside + [False] * plan.rest
    entries = set()
    for group in range(groups):
        asked = [group in plan.asked(number) for number in range(1, rounds + 1)]
        turns = [turn for turn in range(groups) if cycle == asked[turn : turn + groups]]
        assert len(turns) == 1, "the group goes through the pattern once in so many rounds"
        assert asked[: 2 * groups] == asked[groups:], "and comes again"
        entries.add(turns[0])
    assert len(entries) == groups, "one group enters in each round"
    for number in range(1, rounds + 1):
        held = plan.asked(number)
        assert len(set(held)) == len(held) == sum(inside)
        assert plan.rate == F(len(held), groups)
        # The arcs to be drawn cover the asked groups, each once.
        cells = [
            int(shift * groups + step) % groups
            for shift, rate in plan.arcs(number)
            for step in range(int(rate * groups))
        ]
        assert sorted(cells) == sorted(held)


def test_a_panel_two_in_two_out_two_in_is_two_published_draws_a_round():
    units, seed, groups = many(240), "ab" * 32, 8
    plan = rotation(rounds=9, groups=groups, stay=(2, 2, 2))
    table = rotation_schedule(seed, units.by_id, groups=groups, rounds=9, stay=(2, 2, 2))
    table = table.set_index("unit_id")
    for number in (1, 4, 8):
        parts = [
            ids(draw(units, at_rate(float(rate), seed=seed, shift=float(shift)), number))
            for shift, rate in plan.arcs(number)
        ]
        assert not parts[0] & parts[1]
        assert parts[0] | parts[1] == set(table.index[table[f"round_{number}"]])
    entering = table[table["group"] == 5]
    rounds = [f"round_{number}" for number in range(1, 10)]
    assert len(entering)
    assert set(map(tuple, entering[rounds].to_numpy().tolist())) == {
        (True, True, False, False, True, True, False, False, True)
    }


def test_a_unit_born_between_rounds_has_the_chance_of_everybody_and_moves_nobody():
    seed = "cd" * 32
    old, new = many(200), many(300, first=50)
    design = at_rate(0.25, seed=seed, shift=0.125)
    before, after = draw(old, design, 1), draw(new, design, 2)
    both = set(old.by_id) & set(new.by_id)
    assert ids(before) & both == ids(after) & both
    assert {row.chance for row in after.rows} == {F(1, 4)}
    # Over 400 seeds each of the newborn is drawn as often as the others.
    numbers = [permanent_numbers(f"{one:064x}", ["u10", "u300"]) for one in range(400)]
    hits = np.array([[(n[name] - F(1, 8)) % 1 < F(1, 4) for name in n] for n in numbers])
    assert np.abs(hits.sum(axis=0) - 100).max() < 4 * np.sqrt(400 * 3 / 16)


def frame_table(frame, chance):
    return pd.DataFrame(
        [(unit.unit_id, unit.stratum, chance) for unit in frame.units],
        columns=["unit_id", "stratum", "probability"],
    )


def test_the_table_counts_both_what_chance_would_share_and_births_and_deaths():
    old, new = many(40), many(40, first=10)
    first, second = draw(old, by_method("srs", 10), 1), draw(new, by_method("srs", 20), 2)
    table = overlap(
        first.sample,
        second.sample,
        frame_a=frame_table(old, 0.25),
        frame_b=frame_table(new, 0.5),
    )
    row = table.iloc[0]
    assert (row["stage"], row["stratum"], row["a"], row["b"]) == (1, "a", 10, 20)
    assert row["both"] == len(ids(first) & ids(second))
    assert row["expected"] == pytest.approx(30 * 0.25 * 0.5)
    assert (row["common"], row["gone"], row["born"]) == (30, 10, 10)
    alone = overlap(first.sample, second.sample).iloc[0]
    assert alone["both"] == row["both"]
    assert np.isnan(alone["expected"])


def test_the_burden_counts_rounds_and_can_forget_early_ones():
    samples = [
        pd.DataFrame({"unit_id": units, "stratum": "a", "stage": 1})
        for units in (["x", "y"], ["y"], ["y", "z"])
    ]
    table = burden(samples).set_index("unit_id")
    assert table["times"].to_dict() == {"y": 3, "x": 1, "z": 1}
    assert table["last_round"].to_dict() == {"y": 3, "x": 1, "z": 3}
    assert burden(samples, last=2)["unit_id"].tolist() == ["y", "z"]


SAMPLE = pd.DataFrame({"unit_id": ["x"], "stratum": ["a"], "stage": [1]})


@pytest.mark.parametrize(
    ("call", "code"),
    [
        (lambda: shift_for(0, 1), "coordination-rate-zero"),
        (lambda: shift_for(0.8, 0.5), "coordination-share-too-small"),
        (lambda: shift_for(float("nan"), 0.5), "coordination-number-invalid"),
        (lambda: shift_for(0.2, -1), "coordination-number-invalid"),
        (lambda: expected_overlap(0.1, "x"), "coordination-number-invalid"),
        (lambda: expected_overlap(0.1, 0.1, method="pps"), "coordination-method-unknown"),
        (lambda: expected_overlap(0.1, 0.1, method="srs"), "coordination-count-invalid"),
        (
            lambda: expected_overlap(0.1, 0.1, method="srs", population=15),
            "coordination-take-not-whole",
        ),
        (lambda: rotation(3, 4, 5), "coordination-stay-too-long"),
        (lambda: rotation(3, 4, 1.5), "coordination-count-invalid"),
        (lambda: rotation(3, 9, (2, 0, 2)), "coordination-count-invalid"),
        (lambda: rotation(3, 5, (2, 2, 2)), "coordination-stay-too-long"),
        (lambda: rotation(3, 9, (2, 2)), "coordination-pattern-open"),
        (lambda: rotation(3, 9, ()), "coordination-pattern-open"),
        (lambda: burden([]), "coordination-samples-missing"),
        (lambda: overlap(SAMPLE, SAMPLE.drop(columns="stage")), "coordination-column-missing"),
        (lambda: overlap(SAMPLE, pd.concat([SAMPLE, SAMPLE])), "coordination-unit-repeated"),
        (
            lambda: overlap(
                SAMPLE,
                SAMPLE,
                frame_a=SAMPLE.assign(probability=1.5),
                frame_b=SAMPLE.assign(probability=0.5),
            ),
            "coordination-probability-invalid",
        ),
    ],
)
def test_what_cannot_be_is_refused_by_its_code(call, code):
    with pytest.raises(DesignError) as refusal:
        call()
    assert refusal.value.code == code


def test_too_small_a_share_names_the_least_share_and_the_rate_that_would_do():
    with pytest.raises(DesignError) as refusal:
        shift_for(0.8, 0.5)
    assert "0.75" in refusal.value.text("en")
    nearest = F(2, 3)
    assert "0.6667" in refusal.value.text("en")
    assert shift_for(nearest, 0.5) == F(1, 3)


def test_the_probabilities_of_a_draw_cover_every_unit_unless_groups_were_random():
    made = draw(villages(), by_method("pps_systematic", 6), 1)
    table = chance_table(made)
    assert len(table) == 21
    assert table["probability"].sum() == pytest.approx(6)
    assert chance_table(draw(villages(), by_method("rao_hartley_cochran", 6), 1)) is None
