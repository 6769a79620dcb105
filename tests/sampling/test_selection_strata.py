"""All strata of a long frame at once: the same as stratum by stratum, in whole numbers."""

import numpy as np
import pytest

from intake.findings import DesignError
from sampling import inclusion_probabilities, select
from sampling.chance import WHOLE
from sampling.drawing.exact import certainties, exact_systematic
from sampling.selection import blocks

TAKES = [5, 3, 0, 8, 1, 4, 7]


class Noted:
    """A generator whose numbers are kept."""

    def __init__(self, rng):
        self._rng, self.given = rng, []

    def random(self, size=None):
        numbers = self._rng.random(size)
        self.given += np.atleast_1d(numbers).tolist()
        return numbers


def a_frame(kind=np.int64, rows=4000):
    numbers = np.random.default_rng(8)
    sizes = np.ceil(numbers.lognormal(3, 1.5, rows)).astype(kind)
    sizes[numbers.random(rows) < 0.05] = 0
    return sizes, numbers.integers(0, len(TAKES), rows)


def stratum_by_stratum(sizes, strata, starts):
    """Certain units and systematic hits of each stratum, by exact arithmetic."""
    found, probabilities, starts = [], [], iter(starts)
    for h, take in enumerate(TAKES):
        rows = np.flatnonzero(strata == h)
        held = [int(size) for size in sizes[rows]]
        sure, _ = certainties(held, take)
        rest = [place for place in range(len(held)) if place not in sure]
        hit = []
        if take > len(sure):
            start = int(next(starts) * 2**53) * (WHOLE >> 53)
            hit = exact_systematic([held[place] for place in rest], take - len(sure), start)
        drawn = sorted([*sure, *(rest[place] for place in hit)])
        found += rows[drawn].tolist()
        if take:
            probabilities += inclusion_probabilities(held, take)[drawn].tolist()
    return found, probabilities


@pytest.fixture
def small_blocks(monkeypatch):
    monkeypatch.setattr(blocks, "ROWS", 128)


@pytest.mark.usefixtures("small_blocks")
@pytest.mark.parametrize("kind", [np.int64, np.int32, np.uint16, np.float64, np.float32])
@pytest.mark.parametrize("codes", [np.int64, np.uint8, np.int16])
@pytest.mark.parametrize("in_order", [True, False])
def test_each_stratum_is_drawn_as_if_it_stood_alone(kind, codes, in_order, rng):
    sizes, strata = a_frame(kind)
    strata = np.sort(strata) if in_order else strata
    chance = Noted(rng)

    drawn = select.stratified(sizes, strata.astype(codes), TAKES, chance)

    expected, probabilities = stratum_by_stratum(sizes, strata, chance.given)
    assert drawn.positions.tolist() == expected
    assert drawn.probabilities == pytest.approx(probabilities, rel=1e-12)
    assert drawn.strata.tolist() == np.repeat(range(7), TAKES).tolist()
    assert len(chance.given) == 6


@pytest.mark.usefixtures("small_blocks")
def test_certain_units_are_counted_by_stratum_and_have_probability_one(rng):
    sizes, strata = a_frame()
    large = np.flatnonzero(strata == 3)[[4, 90, 300]]
    sizes[large] = [10**9, 10**8, 10**6]

    drawn = select.stratified(sizes, strata, TAKES, rng)

    assert drawn.certainties[3] == 3
    assert set(large) <= set(drawn.positions[drawn.probabilities == 1].tolist())
    assert np.bincount(drawn.strata, minlength=7).tolist() == TAKES


@pytest.mark.usefixtures("small_blocks")
def test_a_take_of_all_that_can_be_drawn_takes_all(rng):
    sizes = np.array([3, 0, 5, 2, 0, 9])
    for kind in (np.int64, np.float64):
        drawn = select.stratified(sizes.astype(kind), [0, 0, 0, 1, 1, 1], [2, 1], rng)
        assert drawn.positions.tolist()[:2] == [0, 2]
        assert drawn.certainties == {0: 2}
    assert select.stratified([3, 4], [0, 0], [2], rng).positions.tolist() == [0, 1]
    assert select.stratified([3, 4], [0, 0], [0], rng).positions.tolist() == []


@pytest.mark.usefixtures("small_blocks")
@pytest.mark.parametrize("method", ["srs", "systematic"])
def test_equal_probabilities_are_the_take_over_the_rows(method, rng):
    _, strata = a_frame()
    drawn = select.stratified(None, strata, TAKES, rng, method=method)
    held = np.bincount(strata, minlength=7)
    assert (np.diff(drawn.positions)[np.diff(drawn.strata) == 0] > 0).all()
    assert drawn.probabilities == pytest.approx((np.array(TAKES) / held)[drawn.strata])
    assert (strata[drawn.positions] == drawn.strata).all()
    everyone = select.stratified(None, strata, held, rng, method=method)
    assert sorted(everyone.positions.tolist()) == list(range(4000))


@pytest.mark.parametrize("method", ["srs", "systematic", "pps_systematic"])
def test_every_row_comes_as_often_as_its_probability(method, rng):
    sizes, strata, takes = np.array([1, 2, 3, 4, 5, 6, 1, 1]), [0, 1, 0, 1, 0, 1, 1, 0], [2, 3]
    repeats = 2500
    hits, said = np.zeros(8), np.zeros(8)
    for _ in range(repeats):
        drawn = select.stratified(sizes, strata, takes, rng, method=method)
        hits[drawn.positions] += 1
        said[drawn.positions] = drawn.probabilities
    assert (np.abs(hits / repeats - said) <= 4.5 * np.sqrt(said * (1 - said) / repeats)).all()


def test_labels_take_by_name_and_come_back_by_name(rng):
    strata = np.array(["đồi", "biển", "đồi", "biển", "phố"])
    drawn = select.stratified([1, 2, 3, 50, 1], strata, {"đồi": 1, "biển": 2, "phố": 0}, rng)
    assert drawn.strata.tolist() == ["biển", "biển", "đồi"]
    assert drawn.certainties == {"biển": 2}
    numbered = select.stratified([1, 2, 3, 4], [901, 5, 901, 5], {5: 1, 901: 2}, rng)
    assert numbered.strata.tolist() == [5, 901, 901]
    assert set(numbered.positions[1:].tolist()) == {0, 2}


def refused(*arguments, **options):
    with pytest.raises(DesignError) as refusal:
        select.stratified(*arguments, None, **options)
    assert refusal.value.text("vi")
    return refusal.value


def test_every_stratum_that_holds_too_few_is_named_with_what_it_holds():
    error = refused([1, 0, 1, 1], [0, 0, 1, 1], [2, 3])
    assert [finding.code for finding in error.findings] == ["selection-takes-invalid"] * 2
    assert "Stratum 0 holds 1 units" in error.text("en")
    assert "Take at most 2" in error.text("en")


def test_columns_that_cannot_be_drawn_from_are_refused():
    assert refused([1.0, np.nan], [0, 0], [1]).code == "selection-sizes-invalid"
    assert refused([1.0, np.inf], [0, 0], [1]).code == "selection-sizes-invalid"
    assert refused([1, -1], [0, 0], [1]).code == "selection-sizes-invalid"
    assert refused([1, 1, 1], [0, 0], [1]).code == "selection-sizes-invalid"
    assert refused(["a", "b"], [0, 0], [1]).code == "selection-sizes-invalid"
    assert refused(None, [0, 0], [1]).code == "selection-sizes-invalid"
    assert refused([1, 1], [0, 1], [1]).code == "selection-strata-invalid"
    assert refused([1, 1], [0, -1], [1]).code == "selection-strata-invalid"
    assert refused([1, 1], ["a", "b"], [1, 1]).code == "selection-strata-invalid"
    assert refused([1, 1], [[0, 1]], [1]).code == "selection-strata-invalid"
    assert refused([], [], [1]).code == "selection-strata-invalid"
    missing = np.array(["a", None], dtype=object)
    assert refused([1, 1], missing, {"a": 1}).code == "selection-strata-invalid"
    assert refused([1, 1], ["a", "b"], {"a": 1}).code == "selection-takes-invalid"
    assert refused([1, 1], ["a", "a"], {"a": 1, "c": 1}).code == "selection-takes-invalid"
    assert refused([1, 1], [0, 0], [-1]).code == "selection-takes-invalid"
    assert refused([1, 1], [0, 0], [0.5]).code == "selection-count-invalid"
    assert refused([1, 1], [0, 0], [1], method="pps").code == "selection-method-unknown"
