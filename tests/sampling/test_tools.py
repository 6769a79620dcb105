"""Single tools: sizes, allocations, selections, and how they refuse."""

import math

import numpy as np
import pytest

from intake.findings import DesignError
from sampling import allocate, inclusion_probabilities, sample_size, select


def code(call, *arguments, **options):
    with pytest.raises(DesignError) as refusal:
        call(*arguments, **options)
    return refusal.value.code


def test_a_share_of_one_half_within_five_points_needs_385():
    assert sample_size.share(0.5, margin=0.05).n == 385
    # Cochran (1977), section 4.5: n0 / (1 + (n0 - 1) / N).
    n0 = 1.959963984540054**2 * 0.25 / 0.05**2
    assert sample_size.share(0.5, margin=0.05, population=3000).exact == pytest.approx(
        n0 / (1 + (n0 - 1) / 3000)
    )


def test_a_relative_margin_and_a_cv_are_parts_of_the_share():
    assert sample_size.share(0.2, relative_margin=0.25).exact == pytest.approx(
        sample_size.share(0.2, margin=0.05).exact
    )
    assert sample_size.share(0.2, cv=0.1).exact == pytest.approx(0.8 / (0.2 * 0.01))


def test_the_wilson_and_logit_sizes_give_the_margin_asked_for():
    z = 1.959963984540054
    n = sample_size.share(0.9, margin=0.04, method="wilson").exact
    half = z * math.sqrt(0.09 / n + z * z / (4 * n * n)) / (1 + z * z / n)
    assert half == pytest.approx(0.04)
    n = sample_size.share(0.9, margin=0.04, method="logit").exact
    ends = [1 / (1 + math.exp(-(math.log(9) + s * z / math.sqrt(0.09 * n)))) for s in (1, -1)]
    assert (ends[0] - ends[1]) / 2 == pytest.approx(0.04)


def test_the_design_effect_multiplies_and_the_response_rate_divides():
    plain = sample_size.ministry(3000).exact
    # n = N / (1 + N e^2): 3000 / 8.5; sipas.md section 6.2.
    assert plain == pytest.approx(3000 / 8.5)
    assert sample_size.ministry(3000, deff=1.5, response=0.6).exact == pytest.approx(plain * 2.5)
    assert sample_size.design_effect(150, 0.05) == pytest.approx(8.45)
    assert sample_size.half_width(0.8, 400, deff=4) == pytest.approx(0.0784, abs=1e-4)


def test_a_difference_and_a_mean_follow_the_normal_formula():
    z = 1.959963984540054 + 0.8416212335729143
    assert sample_size.difference(0.5, 0.6).exact == pytest.approx(z * z * 0.49 / 0.01)
    assert sample_size.mean(10, margin=1, population=500).exact == pytest.approx(
        (19.59963984540054**2) / (1 + 19.59963984540054**2 / 500)
    )


def test_clusters_spend_the_budget_or_reach_the_cv():
    spent = sample_size.clusters(750, 100, 0.05, 1.0, budget=100_000)
    assert spent.take == pytest.approx(math.sqrt(7.5 * 19))
    assert spent.cost == pytest.approx(100_000)
    reached = sample_size.clusters(750, 100, 0.05, 1.0, cv=0.05)
    variance = (1 + (reached.take - 1) * 0.05) / (reached.clusters * reached.take)
    assert math.sqrt(variance) == pytest.approx(0.05)


def test_sizes_refuse_what_they_cannot_use():
    assert code(sample_size.share, 0.5) == "size-precision-unclear"
    assert code(sample_size.share, 0.5, margin=0.1, cv=0.1) == "size-precision-unclear"
    assert code(sample_size.share, 1.0, margin=0.1) == "size-value-out-of-range"
    assert code(sample_size.share, 0.5, margin=0.1, method="t") == "size-method-unknown"
    assert code(sample_size.difference, 0.5, 0.5) == "size-shares-equal"
    assert code(sample_size.clusters, 1, 1, 0.1, 1) == "size-precision-unclear"
    assert code(sample_size.ministry, 100, response=0) == "size-value-out-of-range"


def test_allocations_keep_the_total_within_floors_and_caps():
    sizes = [1000, 400, 90, 3]
    for rule in (allocate.equal, allocate.proportional, allocate.square_root, allocate.power):
        shares = rule(50, sizes, floor=2, cap=[100, 100, 100, 3])
        assert shares.sum() == 50
        assert (shares >= 2).all()
        assert shares[3] <= 3
    assert allocate.neyman(50, sizes, [1, 2, 1, 1]).sum() == 50
    assert allocate.proportional(50, sizes, rounding=None).sum() == pytest.approx(50)
    assert allocate.power(10, [100, 50], exponent=0).tolist() == [5, 5]


def test_a_stratum_without_spread_gets_only_what_the_others_cannot_hold():
    assert allocate.neyman(12, [10, 10], [1.0, 0.0]).tolist() == [10, 2]
    assert allocate.neyman(8, [10, 10], [0.0, 0.0]).tolist() == [4, 4]


def test_allocations_refuse_what_cannot_be_shared():
    assert code(allocate.equal, 5, [1, 1]) == "allocation-caps-below-total"
    assert code(allocate.equal, 1, [9, 9], floor=1) == "allocation-floors-above-total"
    assert code(allocate.equal, 5, [9, 9], floor=3, cap=2) == "allocation-floor-above-cap"
    assert code(allocate.proportional, 5, [9, -1]) == "allocation-sizes-invalid"
    assert code(allocate.proportional, 5, []) == "allocation-sizes-invalid"
    assert code(allocate.power, 5, [9, 9], exponent=2) == "allocation-exponent-invalid"
    assert code(allocate.equal, 5, [9, 9], rounding="up") == "allocation-rounding-unknown"


def test_probabilities_follow_size_until_one():
    assert inclusion_probabilities([10, 20, 30, 40], 2).tolist() == pytest.approx(
        [0.2, 0.4, 0.6, 0.8]
    )
    # 100 is certain; then 40 of the rest 60 would reach 4/3: certain too.
    assert inclusion_probabilities([100, 40, 10, 10], 3).tolist() == pytest.approx([1, 1, 0.5, 0.5])
    assert code(inclusion_probabilities, [1, 0], 2) == "selection-count-invalid"
    assert code(inclusion_probabilities, [1, -1], 1) == "selection-sizes-invalid"


def test_the_tools_with_a_generator_draw_with_the_stated_probabilities(rng):
    pi = inclusion_probabilities([5, 10, 20, 30, 60], 3)
    repeats = 4000
    for tool, expected in (
        (lambda: select.pps_systematic(pi, rng), pi),
        (lambda: select.srs(5, 3, rng), np.full(5, 0.6)),
        (lambda: select.systematic(5, 3, rng), np.full(5, 0.6)),
    ):
        hits = np.zeros(5)
        for _ in range(repeats):
            places = tool()
            assert len(set(places.tolist())) == 3
            hits[places] += 1
        spread = np.sqrt(expected * (1 - expected) / repeats)
        assert (np.abs(hits / repeats - expected) <= 4.5 * spread + 1e-12).all()


def test_the_tools_refuse_impossible_counts_and_probabilities(rng):
    assert code(select.srs, 3, 4, rng) == "selection-count-invalid"
    assert code(select.systematic, 3, -1, rng) == "selection-count-invalid"
    assert code(select.pps_systematic, [0.5, 0.6], rng) == "selection-probabilities-invalid"
    assert code(select.pps_systematic, [1.5, 0.5], rng) == "selection-probabilities-invalid"
    assert select.systematic(3, 0, rng).tolist() == []
