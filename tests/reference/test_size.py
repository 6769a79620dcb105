"""Sizes and allocations against R.

PracTools: R 4.2.2, PracTools 1.7.5, the calls beside the numbers. The others are made by
``sizes_and_allocations.R`` beside this file (R 4.2.2, nloptr 2.0.3, 2026-11-26), by root
finding and general optimisation instead of formulas.
"""

import numpy as np
import pytest

from sampling import allocate, sample_size

# Strata of R PracTools' own example of strAlloc.
SIZES = [215, 65, 252, 50, 149, 144]
SDS = [26787207, 10645109, 6909676, 11085034, 9817762, 44553355]
COSTS = [1400, 200, 300, 600, 450, 1000]


def test_sizes_of_shares_and_means_equal_r_practools():
    # nProp(CV0 = 0.05, N = 1e+06, pU = 0.3)
    found = sample_size.share(0.3, cv=0.05, population=1_000_000)
    assert found.exact == pytest.approx(932.46396609561, rel=1e-12)
    # nPropMoe(moe.sw = 1, e = 0.03, alpha = 0.05, pU = 0.5, N = 20000)
    found = sample_size.share(0.5, margin=0.03, population=20_000)
    assert found.exact == pytest.approx(1013.07153984308, rel=1e-12)
    # nWilson(moe.sw = 1, alpha = 0.05, pU = 0.04, e = 0.01)
    found = sample_size.share(0.04, margin=0.01, method="wilson")
    assert found.exact == pytest.approx(1492.15142205481, rel=1e-12)
    # nContMoe(moe.sw = 1, e = 0.5, alpha = 0.05, S2 = 40, N = 9000)
    found = sample_size.mean(40**0.5, margin=0.5, population=9000)
    assert found.exact == pytest.approx(575.341821695647, rel=1e-12)


def test_the_cluster_optimum_equals_r_practools():
    # clusOpt2(C1 = 750, C2 = 100, delta = 0.05, unit.rv = 1, tot.cost = 1e+05, cal.sw = 1)
    found = sample_size.clusters(750, 100, 0.05, 1.0, budget=100_000)
    assert round(found.clusters, 1) == 51.4
    assert round(found.take, 1) == 11.9
    assert round(found.cv, 4) == 0.0502


def test_neyman_and_proportional_allocations_equal_r_practools():
    # strAlloc(n.tot = 100, Nh = Nh, Sh = Sh, alloc = "neyman"), alloc = "prop"
    neyman = allocate.neyman(100, SIZES, SDS, rounding=None)
    expected = [34.6416828348418, 4.16194710977725, 10.4734873315489, 3.33380445]
    assert neyman[:3] == pytest.approx(expected[:3], rel=1e-12)
    assert neyman[3] == pytest.approx(expected[3], rel=1e-8)
    assert allocate.anticipated_se(SIZES, SDS, neyman) == pytest.approx(1727172.85682714, rel=1e-12)
    proportional = allocate.proportional(100, SIZES, rounding=None)
    assert proportional[[0, 5]] == pytest.approx([24.5714285714286, 16.4571428571429], rel=1e-12)


def test_sizes_by_closed_form_equal_sizes_by_root_finding():
    for p, margin, method, expected in (
        (0.9, 0.04, "wilson", 218.866673929141),
        (0.02, 0.01, "wilson", 791.816024074502),
        (0.9, 0.04, "logit", 222.38970492973),
        (0.15, 0.05, "logit", 198.188513421036),
    ):
        found = sample_size.share(p, margin=margin, method=method)
        assert found.exact == pytest.approx(expected, rel=1e-9)


def test_two_groups_have_the_power_asked_for():
    assert sample_size.difference(0.8, 0.75).exact == pytest.approx(1090.99428307453, rel=1e-4)
    panel = sample_size.difference(
        0.8, 0.75, ratio=2, overlap=0.25, correlation=0.6, alternative="one-sided", power=0.9
    )
    assert panel.exact == pytest.approx(1476.67088377204, rel=1e-9)


def test_three_stages_are_the_optimum_of_a_general_search():
    found = sample_size.clusters_three_stages((500, 100, 120), 0.01, 0.1, 1.0, budget=1e5)
    assert (found.units, found.take) == pytest.approx((7.07106738, 2.73861260), rel=1e-6)
    assert found.cv == pytest.approx(0.0499344212621755, rel=1e-10)


def test_bethels_allocation_is_the_optimum_of_sequential_quadratic_programming():
    sizes = [1200, 800, 3000, 450, 90]
    means = np.transpose([[72, 65, 80, 70, 60], [0.30, 0.20, 0.12, 0.40, 0.50], [9, 14, 6, 30, 80]])
    sds = np.transpose([[15, 20, 12, 18, 22], [0.46, 0.40, 0.32, 0.49, 0.50], [8, 20, 6, 40, 120]])
    cv = {"all": [0.01, 0.05, 0.05], "A": [0.02, 0.06, 0.10], "B": [0.02, 0.08, 0.06]}

    found = allocate.bethel(
        sizes, means, sds, cv, domains=[["all"] * 5, list("AABBB")],
        costs=[1, 1.5, 1, 2, 4], rounding=None,
    )  # fmt: skip

    assert found == pytest.approx(
        [384.431419371036, 181.963410385881, 465.801168579616, 102.385177652845, 31.90731805234],
        rel=1e-6,
    )
