"""Samples spread over space: exact probabilities, ties, duplicates, the measure of spread."""

import numpy as np
import pytest
from every_chance import inclusion, outcomes
from sampling_plain_balanced import local_pivotal as plain_local_pivotal
from sampling_plain_balanced import scps as plain_scps

from intake.findings import DesignError
from sampling import select
from sampling.chance import Uniforms


def code(call, *arguments, **options):
    with pytest.raises(DesignError) as refusal:
        call(*arguments, **options)
    return refusal.value.code


def lpm1(pi, points, rng):
    return select.local_pivotal(pi, points, rng, variant=1)


def lpm2(pi, points, rng):
    return select.local_pivotal(pi, points, rng, variant=2)


TOOLS = {"lpm1": lpm1, "lpm2": lpm2, "scps": select.scps}
PLAIN = {
    "lpm1": lambda pi, points, rng: plain_local_pivotal(pi, points, rng, 1),
    "lpm2": lambda pi, points, rng: plain_local_pivotal(pi, points, rng, 2),
    "scps": plain_scps,
}
LINE = [[0.0], [1.0], [3.0], [3.0], [4.5]]
UNEQUAL = np.array([0.5, 0.2, 0.7, 0.25, 0.35])


@pytest.mark.parametrize("name", ["lpm2", "scps"])
def test_over_all_ways_of_chance_each_unit_is_drawn_with_its_probability(name):
    found = outcomes(lambda rng: TOOLS[name](UNEQUAL, LINE, rng))

    assert inclusion(found, 5) == pytest.approx(UNEQUAL, abs=1e-12)
    assert {len(drawn) for drawn in found} == {2}


class GivenChoices:
    """Units are chosen by a generator of their own; what the fights may bring is enumerated."""

    def __init__(self, way, seed):
        self.way, self.choices = way, np.random.default_rng(seed)

    def random(self):
        number = self.way.random()
        return ChoiceOrFight(number, self.choices)


class ChoiceOrFight:
    def __init__(self, number, choices):
        self.number, self.choices = number, choices

    def __mul__(self, held):
        return self.choices.random() * held

    def __lt__(self, chance):
        return self.number < chance


@pytest.mark.parametrize("seed", range(10))
def test_whatever_pairs_fight_first_lpm1_keeps_the_probabilities(seed):
    # All ways of choosing would go on without end: a pair that is not mutual is chosen anew.
    found = outcomes(lambda way: lpm1(UNEQUAL, LINE, GivenChoices(way, seed)))

    assert inclusion(found, 5) == pytest.approx(UNEQUAL, abs=1e-12)


def places(kind, held, rng):
    return {
        "plane": rng.random((held, 2)),
        "grid": rng.integers(0, 5, (held, 2)).astype(float),
        "line": np.round(rng.random((held, 1)), 1),
        "space": rng.normal(size=(held, 3)),
        "point": np.zeros((held, 2)),
        "circle": np.column_stack([np.cos(np.arange(held)), np.sin(np.arange(held))]).round(9),
    }[kind]


@pytest.mark.parametrize("kind", ["plane", "grid", "line", "space", "point", "circle"])
@pytest.mark.parametrize("name", list(TOOLS))
def test_plain_python_written_from_the_text_draws_the_same_units(name, kind):
    for seed in range(3):
        rng = np.random.default_rng(seed)
        points = places(kind, 60, rng)
        pi = rng.random(60) ** 2

        drawn = TOOLS[name](pi, points, Uniforms("0" * 64, kind))

        again = PLAIN[name](pi.tolist(), points.tolist(), Uniforms("0" * 64, kind))
        assert drawn.tolist() == again


@pytest.mark.parametrize("name", list(TOOLS))
def test_long_lists_and_new_trees_change_nothing(name, monkeypatch):
    rng = np.random.default_rng(3)
    points, pi = np.round(rng.random((500, 2)) * 40), np.full(500, 0.1)
    drawn = TOOLS[name](pi, points, np.random.default_rng(1)).tolist()

    monkeypatch.setattr("sampling.selection.neighbours.LIST_ENTRIES", 40)
    monkeypatch.setattr("sampling.selection.neighbours.SHORT", 1)
    monkeypatch.setattr("sampling.selection.spatial.LIST_LENGTH", 2)

    assert TOOLS[name](pi, points, np.random.default_rng(1)).tolist() == drawn


@pytest.mark.parametrize("name", list(TOOLS))
def test_thousands_of_units_at_one_point_are_no_trouble(name):
    points = np.zeros((6000, 2))
    points[3000:] = np.random.default_rng(1).random((3000, 2))

    drawn = TOOLS[name](np.full(6000, 0.05), points, np.random.default_rng(2))

    assert len(drawn) == 300
    assert abs((drawn < 3000).sum() - 150) <= 2


@pytest.mark.parametrize("name", list(TOOLS))
def test_a_spread_sample_is_several_times_more_even_than_a_random_one(name):
    rng = np.random.default_rng(5)
    points, pi = rng.random((800, 2)), np.full(800, 0.1)

    spread = [select.spatial_balance(TOOLS[name](pi, points, rng), pi, points) for _ in range(4)]

    random = [
        select.spatial_balance(rng.choice(800, 80, replace=False), pi, points) for _ in range(4)
    ]
    assert np.mean(spread) < 0.5 * np.mean(random)


def test_the_measure_of_spread_is_that_of_all_pairs_and_shares_ties():
    rng = np.random.default_rng(6)
    for kind in ("plane", "grid", "line", "point"):
        points, pi = places(kind, 60, rng), rng.random(60)
        drawn = rng.choice(60, 12, replace=False)
        apart = ((points[:, None, :] - points[None, drawn, :]) ** 2).sum(axis=2)
        tied = apart <= apart.min(axis=1, keepdims=True) * (1 + 1e-9)
        cells = (tied / tied.sum(axis=1, keepdims=True) * pi[:, None]).sum(axis=0)
        found = select.spatial_balance(drawn, pi, points)
        assert found == pytest.approx(((cells - 1) ** 2).mean())


def test_certain_and_impossible_units_and_little_input_are_no_trouble():
    rng = np.random.default_rng(7)
    for tool in TOOLS.values():
        assert tool([], np.zeros((0, 2)), rng).tolist() == []
        assert tool([1.0, 0.0], [[0.0, 0], [1, 1]], rng).tolist() == [0]
        assert tool([1.0, 0.5, 0.0, 0.5], [0.0, 0, 0, 0], rng).tolist() in ([0, 1], [0, 3])
        assert len(tool([0.4], [0.0], rng)) in (0, 1)
        assert len(tool([0.5, 0.5], [-0.0, 0.0], rng)) == 1


def test_degrees_become_kilometres():
    east, north = np.diff(select.projected([20.0, 21.0], [106.0, 107.0]), axis=0)[0]
    assert north == pytest.approx(111.195)
    assert east == pytest.approx(111.195 * np.cos(np.radians(20.5)))
    # Hải Phòng's town hall to Cát Bà by the haversine formula: 41.8 km.
    a, b = select.projected([20.8561, 20.7273], [106.6822, 107.0484])
    great = np.radians([[20.8561, 106.6822], [20.7273, 107.0484]])
    dlat, dlon = (great[1] - great[0]) / 2
    h = np.sin(dlat) ** 2 + np.cos(great[0, 0]) * np.cos(great[1, 0]) * np.sin(dlon) ** 2
    assert np.hypot(*(a - b)) == pytest.approx(2 * 6371 * np.arcsin(np.sqrt(h)), rel=1e-3)


def test_spread_samples_refuse_what_they_cannot_use():
    rng = np.random.default_rng(1)
    half, line = [0.5, 0.5], [0.0, 1.0]
    for tool in TOOLS.values():
        for wrong in ([0.5, 1.2], [0.5, float("nan")], [[0.5, 0.5]], ["a", "b"]):
            assert code(tool, wrong, line, rng) == "selection-probabilities-invalid"
        for wrong in ([0.0], [0.0, float("nan")], [0, 1e200], ["a", 1], np.zeros((2, 0)), None):
            assert code(tool, half, wrong, rng) == "selection-coordinates-invalid"
    assert code(select.local_pivotal, half, line, rng, variant=3) == "selection-variant-unknown"
    assert code(select.spatial_balance, [], half, line) == "selection-positions-invalid"
    assert code(select.projected, [106.0], [20.0]) == "selection-coordinates-invalid"
    assert code(select.projected, [20.0, 21], [106.0]) == "selection-coordinates-invalid"
