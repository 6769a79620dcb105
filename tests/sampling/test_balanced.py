"""The cube: exact probabilities, kept totals, a rule that plain Python can repeat."""

import numpy as np
import pytest
from every_chance import inclusion, outcomes
from sampling_plain_balanced import cube as plain_cube
from scipy.stats import chi2

from intake.findings import DesignError
from sampling import inclusion_probabilities, select
from sampling.chance import Uniforms
from sampling.selection import flight, landing


def code(call, *arguments, **options):
    with pytest.raises(DesignError) as refusal:
        call(*arguments, **options)
    return refusal.value.code


def population(held, p, seed, n=None):
    rng = np.random.default_rng(seed)
    x = rng.lognormal(size=(held, p))
    pi = inclusion_probabilities(x[:, 0] + 0.5, n or held // 4)
    return pi, np.column_stack([pi, x])


SMALL = np.array([0.2, 0.35, 0.45, 0.6, 0.6, 0.8])
LEVELS = np.column_stack([SMALL, [3.0, 1, 4, 1, 5, 9], [1.0, 0, 0, 1, 1, 0]])


@pytest.mark.parametrize("rule", ["drop", "lp"])
@pytest.mark.parametrize("columns", [0, 1, 2, 3])
def test_over_all_ways_of_chance_each_unit_is_drawn_with_its_probability(columns, rule):
    found = outcomes(lambda rng: select.cube(SMALL, LEVELS[:, :columns], rng, landing=rule))

    assert sum(found.values()) == pytest.approx(1, abs=1e-12)
    assert inclusion(found, 6) == pytest.approx(SMALL, abs=1e-9)
    if columns:
        assert {len(drawn) for drawn in found} == {3}


def test_over_all_ways_of_chance_a_stratified_cube_keeps_probabilities_and_sizes():
    pi = np.array([0.5, 0.25, 0.75, 0.5, 0.4, 0.3, 0.3, 0.7])
    strata = ["a", "b", "b", "a", "c", "c", "c", "c"]
    x = [2.0, 7, 1, 8, 2, 8, 1, 8]

    found = outcomes(lambda rng: select.stratified_cube(pi, x, strata, rng))

    assert inclusion(found, 8) == pytest.approx(pi, abs=1e-12)
    for drawn in found:
        taken = [strata[k] for k in drawn]
        assert taken.count("a") == taken.count("b") == 1
        assert len(drawn) in (3, 4)


def test_strata_without_whole_sums_get_theirs_rounded_up_or_down_and_the_total_is_kept():
    pi = np.array([0.5, 0.7, 0.1, 0.4, 0.6, 0.9, 0.3, 0.5])
    strata = np.array([0, 0, 0, 1, 1, 1, 2, 2])

    found = outcomes(lambda rng: select.stratified_cube(pi, np.arange(8.0), strata, rng))

    assert inclusion(found, 8) == pytest.approx(pi, abs=1e-12)
    sums = np.bincount(strata, weights=pi)
    for drawn in found:
        assert len(drawn) == 4
        assert (np.abs(np.bincount(strata[list(drawn)], minlength=3) - sums) < 1).all()


def test_many_repeats_draw_every_unit_as_often_as_its_probability_says():
    held, repeats = 60, 1500
    pi, balance = population(held, 3, seed=1, n=15)
    psi = np.tile(pi, repeats)
    table = np.tile(flight.scaled_table(pi, balance), (repeats, 1))
    groups = list(np.arange(held * repeats).reshape(repeats, held))

    rng = np.random.default_rng(2)
    flight.fly(psi, table, groups, rng)
    landing.land_by_dropping(psi, table, groups, rng)

    drawn = psi.reshape(repeats, held)
    assert (drawn.sum(axis=1) == 15).all()
    # Fixed size: the counts of N units have N - 1 degrees of freedom, at most.
    open_units = pi < 1
    pi, counts = pi[open_units], drawn.sum(axis=0)[open_units]
    z = (counts - repeats * pi) / np.sqrt(repeats * pi * (1 - pi))
    assert (z**2).sum() < chi2.ppf(0.999, len(pi))


@pytest.mark.parametrize("held", [40, 1000, 3000])
def test_the_flight_keeps_every_total_to_rounding_and_leaves_at_most_p_units(held):
    pi, balance = population(held, 6, seed=held)

    psi = select.flight_phase(pi, balance, np.random.default_rng(1))

    totals = balance.sum(axis=0)
    gap = (balance * (psi / pi)[:, None]).sum(axis=0) / totals - 1
    assert np.abs(gap).max() < 1e-9
    assert ((psi > 0) & (psi < 1)).sum() <= 7


@pytest.mark.parametrize("seed", range(4))
def test_plain_python_written_from_the_text_draws_the_same_units(seed):
    pi, balance = population(70, 4, seed)
    balance[:, 3] = np.round(balance[:, 3])

    drawn = select.cube(pi, balance, Uniforms("0" * 64, str(seed)))

    again = plain_cube(pi.tolist(), balance.tolist(), Uniforms("0" * 64, str(seed)))
    assert drawn.tolist() == again


def test_a_large_frame_flown_in_blocks_is_as_balanced_and_as_likely():
    pi, balance = population(2500, 3, seed=5, n=250)

    draws = [select.cube(pi, balance, np.random.default_rng(seed)) for seed in range(10)]

    assert {len(drawn) for drawn in draws} == {250}
    gaps = np.array([select.balance_gap(drawn, pi, balance) for drawn in draws])
    independent = (balance**2 * (1 - pi[:, None]) / pi[:, None]).sum(axis=0)
    assert (
        np.sqrt((gaps**2).mean(axis=0)) < 0.3 * np.sqrt(independent) / balance.sum(axis=0)
    ).all()
    open_units = pi < 1
    counts = np.bincount(np.concatenate(draws), minlength=2500)[open_units]
    z = (counts - 10 * pi[open_units]) / np.sqrt(10 * (pi * (1 - pi))[open_units])
    assert (z**2).sum() < chi2.ppf(0.9999, len(z))


def test_dependent_constant_and_zero_columns_change_nothing():
    pi, balance = population(50, 2, seed=8, n=12)
    more = np.column_stack([balance, np.zeros(50), 2 * balance[:, 0] - balance[:, 1], pi])

    drawn = select.cube(pi, more, np.random.default_rng(3))
    psi = select.flight_phase(pi, more, np.random.default_rng(3))

    assert len(drawn) == 12
    assert ((psi > 0) & (psi < 1)).sum() <= 3
    assert np.abs((balance * (psi / pi)[:, None]).sum(axis=0) - balance.sum(axis=0)).max() < 1e-9


def test_certain_units_are_drawn_impossible_ones_never_and_little_input_is_no_trouble():
    rng = np.random.default_rng(4)
    pi = np.array([1.0, 0.5, 0.0, 0.5, 1 - 1e-14, 1e-14])
    drawn = select.cube(pi, pi, rng).tolist()
    assert {0, 4} <= set(drawn)
    assert not {2, 5} & set(drawn)
    assert len(drawn) == 3
    assert select.cube([], np.zeros((0, 3)), rng).tolist() == []
    assert select.cube([1.0, 0.0], [[1.0], [2.0]], rng).tolist() == [0]
    assert select.cube([0.0, 0.0], [[1.0], [2.0]], rng, landing="lp").tolist() == []
    assert select.stratified_cube([], np.zeros((0, 1)), [], rng).tolist() == []


def test_both_landings_fix_the_size_and_the_programme_misses_the_totals_less():
    pi, balance = population(30, 4, seed=9, n=10)
    squares = {}
    for rule in ("drop", "lp"):
        draws = [
            select.cube(pi, balance, np.random.default_rng(seed), landing=rule)
            for seed in range(25)
        ]
        assert {len(drawn) for drawn in draws} == {10}
        gaps = [select.balance_gap(drawn, pi, balance) for drawn in draws]
        squares[rule] = float((np.array(gaps) ** 2).sum())
    assert squares["lp"] < squares["drop"]


def test_flight_then_landing_is_the_cube():
    pi, balance = population(40, 3, seed=2)
    rng = np.random.default_rng(6)
    psi = select.flight_phase(pi, balance, rng)

    drawn = select.landing_phase(psi, pi, balance, rng)

    assert drawn.tolist() == select.cube(pi, balance, np.random.default_rng(6)).tolist()


def test_a_stratified_cube_is_balanced_within_strata_and_over_all():
    held, rng = 600, np.random.default_rng(7)
    strata = np.repeat(np.arange(20), 30)
    x = rng.lognormal(size=(held, 3))
    pi = np.full(held, 1 / 3)

    drawn = select.stratified_cube(pi, x, strata, rng)

    assert (np.bincount(strata[drawn]) == 10).all()
    assert np.abs(select.balance_gap(drawn, pi, x)).max() < 0.03
    # Within a stratum, against the variance of the mean of a simple random sample.
    apart = []
    for stratum in range(20):
        own, of_sample = x[strata == stratum], x[drawn[strata[drawn] == stratum]]
        simple = np.sqrt(own.var(axis=0, ddof=1) * (1 - 1 / 3) / 10)
        apart.append((of_sample.mean(axis=0) - own.mean(axis=0)) / simple)
    assert np.mean(np.square(apart)) < 0.5


def test_a_gap_is_relative_to_the_total_or_to_the_sizes_where_the_total_is_zero():
    pi = [0.5, 0.5, 0.5, 0.5]
    x = [[1.0, 1, 0], [2.0, -1, 0], [3.0, 2, 0], [4.0, -2, 0]]
    # Totals 10, 0, 0; estimates 2·(1 + 3) = 8, 2·(1 + 2) = 6, 0.
    assert select.balance_gap([0, 2], pi, x).tolist() == pytest.approx([-0.2, 1.0, 0.0])


def test_the_cube_refuses_what_it_cannot_use():
    rng = np.random.default_rng(1)
    half = [0.5, 0.5]
    for wrong in ([0.5, 1.2], [0.5, -0.1], [0.5, float("nan")], [[0.5, 0.5]], ["a", "b"], 0.5):
        assert code(select.cube, wrong, [1, 2], rng) == "selection-probabilities-invalid"
    for wrong in ([1, 2, 3], [[1, 2]], [1, float("inf")], ["a", "b"], [1, None], [[[1]], [[2]]], 1):
        assert code(select.cube, half, wrong, rng) == "selection-balance-invalid"
    assert code(select.cube, half, [1, 2], rng, landing="fast") == "selection-landing-unknown"
    for wrong in (["a"], ["a", None], ["a", float("nan")]):
        call = select.stratified_cube
        assert code(call, half, [1, 2], wrong, rng) == "selection-strata-invalid"
    for wrong in ([2], [-1], [0, 0], [0.5], ["a"], [[0]]):
        assert code(select.balance_gap, wrong, half, [1, 2]) == "selection-positions-invalid"
    assert code(select.balance_gap, [0], [0, 1], [1, 2]) == "selection-positions-invalid"


def test_a_programme_that_the_solver_gives_up_is_refused(monkeypatch):
    import scipy.optimize

    class Failed:
        success = False

    monkeypatch.setattr(scipy.optimize, "linprog", lambda *_, **__: Failed())
    rng = np.random.default_rng(1)
    assert code(select.cube, SMALL, LEVELS, rng, landing="lp") == "selection-landing-failed"
