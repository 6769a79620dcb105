"""Laws of allocations: totals, targets, and no cheaper one."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sampling import allocate, sample_size

counts = st.lists(st.integers(1, 5_000), min_size=1, max_size=12)
spreads = st.floats(0, 100, allow_subnormal=False).map(lambda value: round(value, 3))


@st.composite
def strata(draw, least=1):
    sizes = draw(st.lists(st.integers(1, 5_000), min_size=least, max_size=10))
    sds = draw(st.lists(spreads, min_size=len(sizes), max_size=len(sizes)))
    costs = draw(st.lists(st.integers(1, 50), min_size=len(sizes), max_size=len(sizes)))
    return np.array(sizes), np.array(sds), np.array(costs, dtype=float)


@given(strata(), st.floats(0, 1))
def test_neymans_allocation_moves_no_case_to_less_variance(problem, part):
    sizes, sds, _ = problem
    n = int(len(sizes) + part * (sizes.sum() - len(sizes)))
    shares = allocate.neyman(n, sizes, sds, floor=1, rounding=None)
    assert shares.sum() == pytest.approx(n)
    with np.errstate(divide="ignore"):
        gain = (sizes * sds / shares) ** 2
    takers, givers = shares < sizes * (1 - 1e-9), shares > 1 + 1e-9
    if takers.any() and givers.any():
        assert gain[takers].max() <= gain[givers].min() * (1 + 1e-6) + 1e-9
    whole = allocate.neyman(n, sizes, sds, floor=1)
    assert whole.sum() == n
    assert (np.abs(whole - shares) < 1 + 1e-6).all()


@given(strata(), st.floats(0, 1.2))
def test_a_budget_is_kept_and_spent_as_far_as_one_more_case_costs(problem, part):
    sizes, sds, costs = problem
    floors = float(costs.sum())
    budget = floors + part * float((costs * (sizes - 1)).sum())
    exact = allocate.cost(sizes, sds, costs, budget=budget, floor=1, rounding=None)
    whole = allocate.cost(sizes, sds, costs, budget=budget, floor=1)
    assert (costs * exact).sum() <= budget * (1 + 1e-9)
    assert (costs * whole).sum() <= budget * (1 + 1e-9)
    assert ((whole >= 1) & (whole <= sizes)).all()
    open_strata = (whole < sizes) & (sds > 0)
    if open_strata.any():
        assert budget - (costs * whole).sum() < costs[open_strata].min() + 1e-6
    se, least = (allocate.anticipated_se(sizes, sds, n) for n in (whole, exact))
    assert least <= se * (1 + 1e-9) + 1e-9


@given(strata(), st.floats(0.01, 1))
def test_a_variance_is_reached_and_no_single_case_can_be_saved(problem, part):
    sizes, sds, costs = problem
    wanted = part * allocate.anticipated_se(sizes, sds, np.ones(len(sizes))) ** 2
    whole = allocate.cost(sizes, sds, costs, variance=wanted, floor=1)
    exact = allocate.cost(sizes, sds, costs, variance=wanted, floor=1, rounding=None)
    assert allocate.anticipated_se(sizes, sds, whole) ** 2 <= wanted * (1 + 1e-9) + 1e-12
    assert (costs * exact).sum() <= (costs * whole).sum() * (1 + 1e-9)
    for at in np.flatnonzero(whole > 1):
        fewer = whole - np.eye(len(sizes), dtype=int)[at]
        assert allocate.anticipated_se(sizes, sds, fewer) ** 2 > wanted * (1 - 1e-9)


@settings(max_examples=60, deadline=None)
@given(strata(least=2), st.integers(1, 4), st.data())
def test_every_target_is_met_and_the_dual_proves_that_nothing_is_cheaper(problem, variables, data):
    sizes, _, costs = problem
    shape = (len(sizes), variables)
    rng = np.random.default_rng(data.draw(st.integers(0, 2**32)))
    means, sds = rng.uniform(1, 50, shape), rng.uniform(0, 50, shape)
    labels = data.draw(st.lists(st.sampled_from("abc"), min_size=len(sizes), max_size=len(sizes)))
    cv = rng.uniform(0.01, 0.4, variables)

    found = allocate.bethel_solution(
        sizes, means, sds, cv, domains=[["all"] * len(sizes), labels], costs=costs
    )

    assert (found.reached <= found.targets * (1 + 1e-12)).all()
    assert ((found.n >= np.minimum(sizes, 2)) & (found.n <= sizes)).all()
    assert found.lower_bound <= found.cost_exact * (1 + 1e-12)
    assert found.cost_exact <= found.lower_bound * (1 + 1e-8)
    assert found.kkt_residual < 1e-5
    assert found.cost_exact <= found.cost * (1 + 1e-9)
    assert found.cost <= found.cost_exact + costs.sum() + 1e-9


@given(
    st.floats(0.01, 0.99), st.floats(0.001, 0.3), st.integers(2, 10**7),
    st.sampled_from(["wald", "wilson", "logit"]),
)  # fmt: skip
def test_a_size_grows_with_precision_and_never_exceeds_its_population(p, margin, held, method):
    found = sample_size.share(p, margin=margin, population=held, method=method)
    finer = sample_size.share(p, margin=margin / 2, population=held, method=method)
    assert found.exact <= finer.exact <= held * (1 + 1e-9)
    assert found.exact <= sample_size.share(p, margin=margin, method=method).exact * (1 + 1e-9) + 1
