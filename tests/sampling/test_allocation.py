"""Sharing out a sample: rules, optima under a cost, and many targets at once."""

import itertools
import math

import numpy as np
import pytest

from intake.findings import DesignError
from sampling import allocate

SIZES = [215, 65, 252, 50, 149, 144]
SDS = [26787207, 10645109, 6909676, 11085034, 9817762, 44553355]
COSTS = [1400, 200, 300, 600, 450, 1000]


def refusal(call, *arguments, **options):
    with pytest.raises(DesignError) as caught:
        call(*arguments, **options)
    return caught.value


def variance(sizes, sds, n):
    weights = np.asarray(sizes) / np.sum(sizes)
    return float((weights**2 * np.square(sds) * (1 / np.asarray(n) - 1 / np.asarray(sizes))).sum())


def test_power_allocation_lies_between_equal_precision_and_neyman():
    sizes, means, sds = np.array([900, 400, 100]), np.array([60, 80, 50]), np.array([12, 24, 10])
    cvs = sds / means
    # q = 1 with the strata's totals as importance is Neyman's allocation.
    neyman = allocate.neyman(100, sizes, sds, rounding=None)
    best = allocate.power(100, sizes, exponent=1, cvs=cvs, importance=sizes * means, rounding=None)
    assert best == pytest.approx(neyman)
    flat = allocate.power(100, sizes, exponent=0, cvs=cvs, rounding=None)
    assert flat == pytest.approx(100 * cvs / cvs.sum())
    # Bankier (1988): it minimises the sum of (X^q cv of the stratum's estimate)².
    half = allocate.power(90, sizes, exponent=0.5, cvs=cvs, rounding=None)

    def loss(n):
        return (sizes * cvs**2 / n).sum()

    for shift in ([1, -1, 0], [0, 1, -1], [-1, 0, 1]):
        assert loss(half) <= loss(half + np.array(shift)) + 1e-12
        assert loss(half) <= loss(half - np.array(shift)) + 1e-12


def test_strata_that_would_get_more_than_they_hold_are_taken_as_a_whole_and_the_rest_anew():
    shares = allocate.neyman(60, [100, 20, 10], [1.0, 30.0, 80.0], rounding=None)
    assert shares == pytest.approx([30, 20, 10])
    shares = allocate.neyman(50, [100, 60, 10], [1.0, 2.0, 80.0], floor=5, rounding=None)
    # 10 taken whole; 40 shared as 100 to 120.
    assert shares == pytest.approx([40 * 100 / 220, 40 * 120 / 220, 10])


def test_where_nothing_varies_numbers_are_in_proportion_to_the_sizes():
    assert allocate.neyman(10, [60, 25, 15], [0, 0, 0]).tolist() == [6, 3, 1]
    assert allocate.neyman(10, [600, 25], 0.0, floor=2, cap=[7, 25]).tolist() == [7, 3]
    assert allocate.neyman(10, [60, 25, 15], [0, 1, 0]).tolist() == [0, 10, 0]
    without = allocate.power(10, [60, 25, 15], exponent=0.5)
    assert allocate.power(10, [60, 25, 15], exponent=0.5, cvs=0).tolist() == without.tolist()


def test_the_variance_is_the_least_that_whole_numbers_near_it_can_have():
    sizes, sds, costs = [40, 25, 12], [3.0, 8.0, 20.0], [2.0, 3.0, 5.0]
    budget = 70.0
    exact = allocate.cost(sizes, sds, costs, budget=budget, rounding=None)
    whole = allocate.cost(sizes, sds, costs, budget=budget)
    assert np.dot(costs, exact) == pytest.approx(budget)
    assert np.dot(costs, whole) <= budget
    possible = [
        n
        for n in itertools.product(*(range(1, size + 1) for size in sizes))
        if np.dot(costs, n) <= budget
    ]
    least = min(variance(sizes, sds, n) for n in possible)
    assert variance(sizes, sds, exact) <= least
    assert variance(sizes, sds, whole) <= 1.02 * least


def test_the_cost_is_the_least_for_which_whole_numbers_reach_the_variance():
    sizes, sds, costs = [40, 25, 12], [3.0, 8.0, 20.0], [2.0, 3.0, 5.0]
    exact = allocate.cost(sizes, sds, costs, variance=0.8, rounding=None)
    whole = allocate.cost(sizes, sds, costs, variance=0.8)
    assert variance(sizes, sds, exact) == pytest.approx(0.8)
    assert variance(sizes, sds, whole) <= 0.8
    cheapest = min(
        np.dot(costs, n)
        for n in itertools.product(*(range(1, size + 1) for size in sizes))
        if variance(sizes, sds, n) <= 0.8
    )
    assert np.dot(costs, exact) <= cheapest <= np.dot(costs, whole) <= cheapest + min(costs)


def test_cost_optimal_allocations_follow_cochrans_formulas():
    sizes, sds, costs = (np.array(row, dtype=float) for row in (SIZES, SDS, COSTS))
    share = sizes / sizes.sum()
    over, under = share * sds / np.sqrt(costs), share * sds * np.sqrt(costs)
    # (5.24): n = C Σ (W S / √c) / Σ (W S √c).
    found = allocate.cost(SIZES, SDS, COSTS, budget=100_000, rounding=None)
    assert found == pytest.approx(100_000 * over / under.sum(), rel=1e-12)
    fixed = allocate.cost(SIZES, SDS, COSTS, budget=110_000, fixed=10_000, rounding=None)
    assert fixed == pytest.approx(found, rel=1e-12)
    # (5.25): n = Σ (W S √c) Σ (W S / √c) / (V + Σ W S² / N).
    wanted = 1e12
    bound = wanted + (share * sds**2).sum() / sizes.sum()
    found = allocate.cost(SIZES, SDS, COSTS, variance=wanted, rounding=None)
    assert found == pytest.approx(over * under.sum() / bound, rel=1e-12)
    by_cv = allocate.cost(SIZES, SDS, COSTS, cv=1e6 / 11664181, mean=11664181, rounding=None)
    assert by_cv == pytest.approx(found, rel=1e-12)
    assert allocate.anticipated_se(SIZES, SDS, found) == pytest.approx(1e6)


def test_a_budget_for_everybody_takes_everybody_and_no_spread_takes_the_floor():
    assert allocate.cost([5, 7], [1, 2], [3, 4], budget=1e6).tolist() == [5, 7]
    assert allocate.cost([50, 70], [0, 2], [3, 4], variance=0.05, floor=2).tolist()[0] == 2
    assert allocate.cost([50, 70], [1, 2], [1, 1], variance=0).tolist() == [50, 70]
    assert allocate.anticipated_se([50, 70], [1, 2], [50, 70]) == 0.0


def test_impossible_budgets_and_variances_name_the_nearest():
    poor = refusal(allocate.cost, [50, 70], [1, 2], [3, 4], budget=10, floor=2, fixed=5)
    assert poor.code == "allocation-budget-too-small"
    assert "19" in poor.advice.en
    capped = refusal(allocate.cost, [50, 70], [1, 2], [3, 4], variance=1e-9, cap=10)
    assert capped.code == "allocation-target-unreachable"
    nearest = variance([50, 70], [1, 2], [10, 10])
    assert f"{nearest:g}" in capped.advice.en
    assert refusal(allocate.cost, [5], [1], [1]).code == "allocation-target-unclear"
    assert refusal(allocate.cost, [5], [1], [1], cv=0.1).code == "allocation-target-unclear"
    assert refusal(allocate.anticipated_se, [5, 5], [1, 1], [3, 6]).code == (
        "allocation-take-impossible"
    )
    assert refusal(allocate.anticipated_se, [5, 5], [1, 1], [3, 0]).code == (
        "allocation-take-impossible"
    )


def test_a_plan_by_type_of_unit_is_carried_out_or_refused_with_every_reason():
    # Bình Dương 2018: 150 forms a commune, 200 a ward or township (sipas.md 6.2).
    takes = {"xã": 150, "phường": 200, "thị trấn": 200}
    assert allocate.fixed_by_type(["xã", "phường"], takes, sizes=[900, 200]).tolist() == [150, 200]
    small = refusal(allocate.fixed_by_type, ["xã", "phường"], takes, sizes=[100, 199])
    assert [finding.code for finding in small.findings] == ["allocation-take-above-size"] * 2
    whole = allocate.fixed_by_type(["xã", "xã"], takes, sizes=[100, 500], above="take_all")
    assert whole.tolist() == [100, 150]
    unknown = refusal(allocate.fixed_by_type, ["đặc khu", "xã", "huyện"], takes)
    assert [finding.code for finding in unknown.findings] == ["allocation-type-without-take"] * 2


def test_one_variable_and_one_domain_is_the_cost_optimum():
    means = np.array([11e6, 9e6, 8e6, 12e6, 7e6, 30e6])
    total_mean = np.dot(SIZES, means) / np.sum(SIZES)
    expected = allocate.cost(SIZES, SDS, COSTS, cv=0.06, mean=total_mean, floor=2, rounding=None)
    found = allocate.bethel_solution(SIZES, means, SDS, 0.06, costs=COSTS)
    assert found.exact == pytest.approx(expected, rel=1e-8)
    assert found.reached[0] <= 0.06
    assert found.binding.tolist() == [True]


def a_problem(rng, strata, variables):
    sizes = rng.integers(20, 4000, strata)
    means = rng.uniform(0.2, 0.9, (strata, variables))
    return sizes, means, np.sqrt(means * (1 - means)), rng.uniform(1, 6, strata)


def constraint_table(sizes, means, sds, cv, groups):
    """The constraints, straight from their definition."""
    rows = []
    for members, targets in zip(groups, cv, strict=True):
        for j, target in enumerate(targets):
            held = np.where(members, sizes, 0)
            bound = (target * (held * means[:, j]).sum()) ** 2 + (held * sds[:, j] ** 2).sum()
            rows.append(held * sizes * sds[:, j] ** 2 / bound)
    return np.array(rows)


def chromy(usage, costs, rounds=20_000):
    """Chromy's fixed point, with neither floors nor caps."""
    multipliers = np.ones(len(usage))
    for _ in range(rounds):
        n = np.sqrt(multipliers @ usage / costs)
        multipliers *= (usage / n).sum(axis=1) ** 2
    return n


def slsqp(usage, costs, sizes):
    """The least cost by a general optimiser, in log n."""
    from scipy.optimize import minimize

    whole = np.dot(costs, sizes)
    found = minimize(
        lambda t: np.dot(costs, np.exp(t)) / whole,
        np.log(sizes * 0.99),
        jac=lambda t: costs * np.exp(t) / whole,
        bounds=[(-5, math.log(size)) for size in sizes],
        constraints={
            "type": "ineq",
            "fun": lambda t: 1 - usage @ np.exp(-t),
            "jac": lambda t: usage * np.exp(-t),
        },
        method="SLSQP",
        options={"ftol": 1e-14, "maxiter": 1000},
    )
    return np.exp(found.x)


def test_many_targets_agree_with_chromys_iteration_and_with_slsqp(rng):
    for _ in range(5):
        sizes, means, sds, costs = a_problem(rng, 6, 3)
        labels = np.array(list("aabbcc"))
        targets = {name: rng.uniform(0.03, 0.1, 3) for name in ("all", "a", "b", "c")}
        groups = [labels == labels, *(labels == name for name in "abc")]
        usage = constraint_table(sizes, means, sds, targets.values(), groups)

        found = allocate.bethel_solution(
            sizes, means, sds, targets, domains=[["all"] * 6, labels], costs=costs, floor=0
        )

        assert found.exact == pytest.approx(chromy(usage, costs), rel=1e-5)
        other = slsqp(usage, costs, sizes)
        assert found.cost_exact == pytest.approx(np.dot(costs, other), rel=1e-6)
        assert found.kkt_residual < 1e-8
        assert found.lower_bound == pytest.approx(found.cost_exact, rel=1e-9)


def test_whole_numbers_cost_no_more_than_the_best_ones_by_enumeration_and_one_case():
    sizes, costs = np.array([30, 24, 16]), np.array([1.0, 2.0, 3.0])
    means = np.array([[10, 4], [20, 5], [40, 2.0]])
    sds = np.array([[4, 3], [9, 2], [12, 2.0]])
    usage = constraint_table(sizes, means, sds, [(0.08, 0.12)], [np.ones(3, bool)])
    feasible = [
        n
        for n in itertools.product(*(range(2, size + 1) for size in sizes))
        if (usage @ (1 / np.array(n)) <= 1).all()
    ]
    best = min(np.dot(costs, n) for n in feasible)

    found = allocate.bethel_solution(sizes, means, sds, [0.08, 0.12], costs=costs)

    assert tuple(found.n) in feasible
    assert found.lower_bound <= best <= found.cost <= best + costs.min()
    for at in range(3):
        fewer = found.n.copy()
        fewer[at] -= 1
        assert fewer[at] < 2 or (usage @ (1 / fewer) > 1).any()


def test_the_saving_is_what_a_slightly_wider_target_saves():
    sizes, means = [2000, 900, 400], [[50, 0.3], [60, 0.2], [80, 0.5]]
    sds = [[10, 0.46], [25, 0.4], [30, 0.5]]
    found = allocate.bethel_solution(sizes, means, sds, [0.02, 0.06], variables=["time", "paid"])
    for j in np.flatnonzero(found.binding):
        wider = np.array([0.02, 0.06])
        wider[j] *= 1.0001
        other = allocate.bethel_solution(sizes, means, sds, wider)
        assert (found.cost_exact - other.cost_exact) * 100 == pytest.approx(
            found.saving[j], rel=1e-2
        )
    assert set(found.table["variable"]) == {"time", "paid"}


def test_floors_caps_whole_strata_and_missing_targets_are_kept():
    sizes, means, sds = [500, 1, 40, 300], [10, 10, 900, 10.0], [0, 0, 800, 4.0]
    found = allocate.bethel(sizes, means, sds, 0.01)
    # No spread: the floor, 2 or all; a wide stratum: as a whole.
    assert found[:2].tolist() == [2, 1]
    assert found[2] == 40
    assert allocate.bethel([50, 50], [1, 2], [1, 1], 0.0).tolist() == [50, 50]
    assert allocate.bethel([50, 50], [1, 2], [1, 1], math.inf).tolist() == [2, 2]
    assert allocate.bethel([50, 50], [1, 2], [1, 1], math.inf, floor=[3, 4]).tolist() == [3, 4]
    part = allocate.bethel([500, 500], [1, 2], [1, 1], {"a": 0.1}, domains=["a", "b"])
    assert part[1] == 2
    single = allocate.bethel_solution([500, 500], [1, 2], [1, 1], 0.1, domains=["a", "b"])
    # One stratum a domain: n = N² S² / (cv² T² + N S²).
    expected = [500**2 / ((0.1 * 500 * mean) ** 2 + 500) for mean in (1, 2)]
    assert single.exact == pytest.approx(expected, rel=1e-9)
    tied = allocate.bethel_solution([500, 400], [[5, 5], [8, 8]], [[2, 2], [3, 3]], 0.02)
    assert tied.kkt_residual < 1e-8


def test_targets_that_only_the_caps_meet_are_met_by_the_caps():
    sizes, means, sds, cap = [500, 400], [5.0, 8.0], [2.0, 3.0], [50, 60]
    se = math.sqrt(variance(sizes, sds, cap)) * 900
    cv = se / np.dot(sizes, means)
    found = allocate.bethel(sizes, means, sds, cv * (1 + 1e-13), cap=cap)
    assert found.tolist() == [50, 60]


def test_targets_beyond_the_caps_are_all_named_with_the_nearest_cv():
    sizes, means, sds = [500, 400], [[5, 0.5], [8, 0.4]], [[2, 0.5], [3, 0.49]]
    found = refusal(
        allocate.bethel, sizes, means, sds, 0.01, domains=["x", "y"], cap=[50, 60],
        variables=["wait", "paid"],
    )  # fmt: skip
    assert {finding.code for finding in found.findings} == {"allocation-target-unreachable"}
    assert len(found.findings) == 4
    nearest = 2 * math.sqrt(1 / 50 - 1 / 500) / 5
    assert f"{nearest:.6g}" in found.findings[0].message.en
    assert found.findings[0].path == "cv.x.wait"
    advised = math.ceil(nearest * 1e4) / 1e4
    assert allocate.bethel([500], [5], [2], advised, cap=50).tolist()[0] <= 50


def test_rows_that_do_not_fit_are_refused_by_name():
    cases = [
        (([10, 10], [1, 2, 3], [1, 1], 0.1), {}, "allocation-length-differs"),
        (([10, 10], [[1, 2], [1, 2]], [1, 1], 0.1), {}, "allocation-length-differs"),
        (([10, 10], [1, 2], [1, 1], [0.1, 0.2]), {}, "allocation-length-differs"),
        (([10, 10], [1, 2], [1, 1], 0.1), {"domains": ["a"]}, "allocation-length-differs"),
        (([10, 10], [1, 2], [1, 1], 0.1), {"variables": ["a", "b"]}, "allocation-length-differs"),
        (([10, 10], [1, 2], [1, 1], 0.1), {"costs": [1, 0]}, "allocation-sizes-invalid"),
        (([10, 10], [1, math.nan], [1, 1], 0.1), {}, "allocation-sizes-invalid"),
        (([10, 10], [1, 2], [1, -1], 0.1), {}, "allocation-sizes-invalid"),
        (([10, 10], [1, 2], [1, 1], -0.1), {}, "allocation-sizes-invalid"),
        (([10, 0], [1, 2], [1, 1], 0.1), {}, "allocation-sizes-invalid"),
        (([10, 10], [1, -1], [1, 1], 0.1), {}, "allocation-mean-zero"),
        (([10, 10], [[[1]], [[2]]], [1, 1], 0.1), {}, "allocation-sizes-invalid"),
        (([10, 10], [1, 2], [1, 1], 0.1), {"floor": 11}, "allocation-floor-above-cap"),
        (([10, 10], [1, 2], [1, 1], 0.1), {"rounding": "up"}, "allocation-rounding-unknown"),
    ]
    for arguments, options, code in cases:
        assert refusal(allocate.bethel, *arguments, **options).code == code
    for wrong in (["10", "5"], [True, False], [[1, 2]], 5, None, [1, math.inf]):
        assert refusal(allocate.equal, 3, wrong).code == "allocation-sizes-invalid"
    assert refusal(allocate.neyman, 3, [9, 9], [1]).code == "allocation-length-differs"
    assert refusal(allocate.equal, 3, [9, 9], floor=[1, 1, 1]).code == "allocation-length-differs"
    for wrong in (2.5, -1, math.nan, math.inf, True):
        assert refusal(allocate.equal, wrong, [9, 9]).code == "allocation-total-invalid"


def test_three_hundred_strata_twelve_variables_and_forty_domains_meet_every_target(rng):
    sizes, means, sds, costs = a_problem(rng, 300, 12)
    labels = rng.integers(0, 40, 300)
    targets = {**{str(label): 0.08 for label in range(40)}, "all": 0.01}

    found = allocate.bethel_solution(
        sizes, means, sds, targets, domains=[["all"] * 300, labels], costs=costs
    )

    assert (found.reached <= found.targets).all()
    assert found.kkt_residual < 1e-6
    assert found.lower_bound <= found.cost_exact * (1 + 1e-12)
    assert found.cost_exact == pytest.approx(found.lower_bound, rel=1e-7)
    assert found.cost <= found.cost_exact * 1.02
