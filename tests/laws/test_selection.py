"""Laws of probabilities and draws, over generated populations."""

import numpy as np
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from sampling import inclusion_probabilities, joint_probabilities, select
from sampling.chance import Uniforms

whole = st.lists(st.integers(1, 10**9), min_size=2, max_size=40)
broken = st.lists(st.floats(1e-3, 1e6), min_size=2, max_size=40)
seeds = st.text("0123456789abcdef", min_size=64, max_size=64)
FIXED = ("brewer", "maximum_entropy", "midzuno", "pareto", "pps_systematic", "sampford", "tille")
PAIRS = ("sampford", "maximum_entropy", "systematic", "tille", "midzuno")


@settings(deadline=None, max_examples=60)
@given(whole | broken, seeds, st.data())
def test_every_design_of_fixed_size_draws_that_many_different_units(sizes, seed, data):
    n = data.draw(st.integers(0, len(sizes)))
    pi = inclusion_probabilities(sizes, n)
    for method in FIXED:
        drawn = getattr(select, method)(pi, Uniforms(seed, method)).tolist()
        assert len(set(drawn)) == len(drawn) == n
        assert drawn == sorted(drawn)
        assert set(np.flatnonzero(pi == 1)) <= set(drawn)


@settings(deadline=None, max_examples=60)
@given(whole | broken, st.data())
def test_joint_probabilities_sum_to_n_times_each_units_own(sizes, data):
    n = data.draw(st.integers(1, len(sizes)))
    pi = inclusion_probabilities(sizes, n)
    for method in PAIRS:
        found = joint_probabilities(pi, method, tolerance=None)
        assert np.abs(found.sum(axis=1) - n * pi).max() < 1e-8 * n
        assert (found >= 0).all()
        assert (found <= np.minimum.outer(pi, pi) + 1e-9).all()
        assert (found.diagonal() == pi).all()


@given(whole | broken, st.data())
def test_probabilities_do_not_depend_on_the_unit_of_measure_or_the_order(sizes, data):
    n = data.draw(st.integers(1, len(sizes)))
    order = data.draw(st.permutations(range(len(sizes))))
    pi = inclusion_probabilities(sizes, n)
    turned = inclusion_probabilities([sizes[k] for k in order], n)
    assert np.allclose(turned, pi[list(order)], rtol=1e-9)
    assert np.allclose(inclusion_probabilities([4.0 * size for size in sizes], n), pi, rtol=1e-9)
    assert (pi[np.argsort(sizes)][:-1] <= pi[np.argsort(sizes)][1:] + 1e-12).all()


@given(whole | broken, st.integers(0, 60), seeds)
def test_chromy_hits_the_whole_part_or_one_more(sizes, n, seed):
    drawn = select.chromy(sizes, n, Uniforms(seed, "a"))
    expected = n * np.array(sizes) / sum(sizes)
    hits = np.bincount(drawn, minlength=len(sizes))
    assert hits.sum() == n
    assert (hits >= np.floor(expected - 1e-9)).all()
    assert (hits <= np.ceil(expected + 1e-9)).all()


@given(whole | broken, seeds, st.data())
def test_random_groups_reproduce_the_total_of_the_sizes(sizes, seed, data):
    n = data.draw(st.integers(1, len(sizes)))
    drawn = select.rao_hartley_cochran_groups(sizes, n, Uniforms(seed, "a"))
    assert np.isclose((drawn.weights * np.array(sizes)[drawn.positions]).sum(), sum(sizes))
    assert len(set(drawn.positions.tolist())) == n


@given(st.integers(1, 60), seeds, st.data())
def test_equal_probability_draws_are_different_units_in_order(held, seed, data):
    n = data.draw(st.integers(0, held))
    for tool in (select.srs, select.systematic, select.systematic_circular):
        drawn = tool(held, n, Uniforms(seed, "a")).tolist()
        assert drawn == sorted(set(drawn))
        assert len(drawn) == n
        assert all(0 <= place < held for place in drawn)


@settings(deadline=None)
@given(whole | broken, seeds, st.integers(1, 5), st.data())
def test_a_draw_of_all_strata_keeps_each_take_and_each_probability(sizes, seed, strata, data):
    codes = [place % strata for place in range(len(sizes))]
    assume(len(sizes) >= strata)
    takes = [data.draw(st.integers(0, codes.count(h))) for h in range(strata)]
    drawn = select.stratified(sizes, codes, takes, Uniforms(seed, "a"))
    assert len(set(drawn.positions.tolist())) == sum(takes)
    assert np.bincount(drawn.strata, minlength=strata).tolist() == takes
    for h in range(strata):
        own = np.flatnonzero(np.array(codes) == h)
        pi = inclusion_probabilities(np.array(sizes)[own], takes[h])
        mine = drawn.strata == h
        places = np.searchsorted(own, drawn.positions[mine])
        assert np.allclose(drawn.probabilities[mine], pi[places], rtol=1e-9)


@given(st.lists(st.tuples(st.integers(0, 3), st.integers(0, 3)), min_size=1, max_size=30))
def test_serpentine_neighbours_differ_by_one_column_at_most_beside_a_border(rows):
    order = select.serpentine([[row[0] for row in rows], [row[1] for row in rows]])
    assert sorted(order.tolist()) == list(range(len(rows)))
    turned = [rows[place] for place in order]
    groups = sorted({row[0] for row in rows})
    assert [row[0] for row in turned] == sorted(row[0] for row in rows)
    for number, group in enumerate(groups):
        inner = [row[1] for row in turned if row[0] == group]
        assert inner == sorted(inner, reverse=number % 2 == 1)
