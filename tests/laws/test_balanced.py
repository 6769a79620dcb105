"""Laws of balanced and spread samples, over generated populations."""

import numpy as np
from every_chance import inclusion, outcomes
from hypothesis import given, settings
from hypothesis import strategies as st

from sampling import select

shares = st.integers(0, 8).map(lambda eighths: eighths / 8)
levels = st.one_of(st.integers(-3, 3).map(float), st.floats(-1e6, 1e6, allow_subnormal=False))
seeds = st.integers(0, 10**9)


@st.composite
def populations(draw, largest=30, columns=4):
    held = draw(st.integers(1, largest))
    pi = np.array(draw(st.lists(shares, min_size=held, max_size=held)))
    p = draw(st.integers(0, columns))
    rows = draw(st.lists(st.lists(levels, min_size=p, max_size=p), min_size=held, max_size=held))
    return pi, np.array(rows, dtype=float).reshape(held, p)


@given(populations(), seeds)
def test_a_flight_keeps_all_totals_and_leaves_at_most_p_units(population, seed):
    pi, balance = population
    psi = select.flight_phase(pi, balance, np.random.default_rng(seed))
    open_units = (psi > 0) & (psi < 1)
    assert open_units.sum() <= balance.shape[1]
    assert (psi[pi == 0] == 0).all()
    assert (psi[pi == 1] == 1).all()
    drawable = pi > 0
    weighted = balance[drawable] * (psi[drawable] / pi[drawable])[:, None]
    size = np.abs(balance).sum(axis=0)
    gap = np.abs(weighted.sum(axis=0) - balance[drawable].sum(axis=0))
    assert (gap <= 1e-9 * size).all()


@given(populations(), seeds)
def test_with_pi_in_front_the_number_drawn_is_the_sum_rounded_up_or_down(population, seed):
    pi, balance = population
    drawn = select.cube(pi, np.column_stack([pi, balance]), np.random.default_rng(seed))
    assert abs(len(drawn) - pi.sum()) < 1
    assert (np.diff(drawn) > 0).all()


@settings(max_examples=40, deadline=None)
@given(populations(largest=6, columns=2), st.sampled_from(["drop", "lp"]))
def test_the_cube_draws_every_unit_with_its_probability(population, landing):
    pi, balance = population
    found = outcomes(lambda rng: select.cube(pi, balance, rng, landing=landing))
    assert np.abs(inclusion(found, len(pi)) - pi).max() < 1e-9


@settings(max_examples=60, deadline=None)
@given(populations(largest=25, columns=2), st.data(), seeds)
def test_every_stratum_gets_its_sum_rounded_up_or_down(population, data, seed):
    pi, balance = population
    held = len(pi)
    strata = data.draw(st.lists(st.integers(0, 4), min_size=held, max_size=held))
    drawn = select.stratified_cube(pi, balance, strata, np.random.default_rng(seed))
    sums = np.bincount(strata, weights=pi, minlength=5)
    taken = np.bincount(np.array(strata)[drawn], minlength=5)
    assert (np.abs(taken - sums) < 1).all()
    assert abs(len(drawn) - pi.sum()) < 1


@settings(max_examples=25, deadline=None)
@given(populations(largest=5, columns=2), st.data())
def test_a_stratified_cube_draws_every_unit_with_its_probability(population, data):
    pi, balance = population
    strata = data.draw(st.lists(st.sampled_from("ab"), min_size=len(pi), max_size=len(pi)))
    found = outcomes(lambda rng: select.stratified_cube(pi, balance, strata, rng))
    assert np.abs(inclusion(found, len(pi)) - pi).max() < 1e-9


points_of = st.lists(st.tuples(st.integers(0, 3), st.integers(0, 3)), min_size=30, max_size=30)


@given(populations(columns=0), points_of, st.sampled_from(["1", "2", "scps"]), seeds)
def test_a_spread_sample_has_the_size_of_its_probabilities(population, points, method, seed):
    pi, _ = population
    rng, here = np.random.default_rng(seed), points[: len(pi)]
    if method == "scps":
        drawn = select.scps(pi, here, rng)
    else:
        drawn = select.local_pivotal(pi, here, rng, variant=int(method))
    assert abs(len(drawn) - pi.sum()) < 1
    assert set(np.flatnonzero(pi == 1)) <= set(drawn.tolist())
    assert (pi[drawn] > 0).all()


@settings(max_examples=40, deadline=None)
@given(populations(largest=6, columns=0), points_of)
def test_scps_draws_every_unit_with_its_probability(population, points):
    pi, _ = population
    found = outcomes(lambda rng: select.scps(pi, points[: len(pi)], rng))
    assert np.abs(inclusion(found, len(pi)) - pi).max() < 1e-9
