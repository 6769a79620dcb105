"""How many to ask: targets, clusters, overlapping rounds, many domains, and refusals."""

import math

import numpy as np
import pytest

from intake.findings import DesignError
from sampling import sample_size

Z = 1.959963984540054


def refusal(call, *arguments, **options):
    with pytest.raises(DesignError) as caught:
        call(*arguments, **options)
    return caught.value


def test_nonresponse_and_ineligible_cases_are_issued_on_top():
    plain = sample_size.share(0.5, margin=0.05)
    issued = sample_size.share(0.5, margin=0.05, deff=1.5, response=0.8, eligible=0.9)
    assert issued.respondents == pytest.approx(plain.exact * 1.5)
    assert issued.exact == pytest.approx(plain.exact * 1.5 / 0.72)
    assert issued.n == math.ceil(issued.exact)
    for size in (
        sample_size.mean(15, margin=2, eligible=0.5),
        sample_size.ministry(1000, eligible=0.5),
        sample_size.difference(0.8, 0.7, eligible=0.5),
        sample_size.clusters(750, 100, 0.05, 1.0, cv=0.05, eligible=0.5),
        sample_size.clusters_three_stages((500, 100, 120), 0.01, 0.1, 1.0, cv=0.05, eligible=0.5),
    ):
        assert size.exact > size.n / 2 > 0
    assert sample_size.mean(15, margin=2, eligible=0.5).exact == pytest.approx(
        2 * sample_size.mean(15, margin=2).exact
    )


@pytest.mark.parametrize("method", ["wald", "wilson", "logit"])
def test_the_half_width_of_the_answer_is_the_margin_asked_for(method):
    for p in (0.03, 0.5, 0.85):
        n = sample_size.share(p, margin=0.02, method=method).exact
        assert sample_size.half_width(p, n, method=method) == pytest.approx(0.02, rel=1e-9)
    n = sample_size.share(0.85, margin=0.02, population=4000, method="wald").exact
    assert sample_size.half_width(0.85, n, population=4000) == pytest.approx(0.02, rel=1e-9)
    assert sample_size.half_width(0.85, 4000, population=4000) == 0.0


def test_a_whole_population_is_enough_for_any_margin():
    assert sample_size.share(0.5, margin=1e-6, population=500).n == 500
    assert sample_size.share(0.5, margin=1e-6, population=500).possible
    assert not sample_size.share(0.5, margin=0.01, population=500, response=0.5).possible


def test_a_mean_by_relative_margin_or_cv_is_the_same_as_by_its_parts():
    by_margin = sample_size.mean(12, margin=1.5, population=900)
    assert sample_size.mean(12, mean=60, relative_margin=0.025, population=900) == by_margin
    assert sample_size.mean(12, mean=-60, cv=0.01).exact == pytest.approx((12 / 0.6) ** 2)
    assert refusal(sample_size.mean, 12, cv=0.01).code == "size-mean-missing"


def test_the_ministrys_formula_says_what_it_assumes_in_both_languages():
    found = sample_size.ministry(1000, 0.05)
    assert found.exact == pytest.approx(1000 / 3.5)
    assert "95,45" in found.assumptions.vi
    assert "simple random" in found.assumptions.en
    # Cochran's formula with z = 2, p = 0.5 and N / (N - 1) taken as 1 gives the same.
    confidence = math.erf(2 / math.sqrt(2))
    assert confidence == pytest.approx(0.9545, abs=1e-4)
    cochran = sample_size.mean(0.5, margin=0.05, confidence=confidence, population=1000)
    assert cochran.exact == pytest.approx(found.exact, rel=1e-9)


def test_a_panel_needs_fewer_to_see_a_change_and_the_saving_is_twice_the_covariance():
    apart = sample_size.difference(0.80, 0.75)
    panel = sample_size.difference(0.80, 0.75, overlap=0.5, correlation=0.6)
    spread = math.sqrt(0.16 * 0.1875)
    assert panel.exact / apart.exact == pytest.approx(1 - 0.6 * spread / (0.16 + 0.1875) * 1.0)
    assert panel.total == panel.n + panel.second
    wide = sample_size.difference(0.80, 0.75, ratio=2.0)
    assert wide.exact_second == pytest.approx(wide.exact / 2)
    one = sample_size.difference(0.80, 0.75, alternative="one-sided", confidence=0.975)
    assert one.exact == pytest.approx(apart.exact)


def test_means_of_two_groups_are_told_apart_by_their_spreads():
    found = sample_size.difference(70, 67, sds=(15, 20))
    reach = Z + 0.8416212335729143
    assert found.exact == pytest.approx(reach**2 * (225 + 400) / 9)


def test_the_design_effect_counts_clusters_and_unequal_weights():
    takes = np.array([5, 15, 10])
    assert sample_size.design_effect(takes, 0.1) == pytest.approx(1 + (350 / 30 - 1) * 0.1)
    # Person by person: n Σ w² / (Σ w)² times 1 + (b̄ − 1) ρ, b̄ = Σ_c (Σ w)² / Σ w².
    weights = np.array([1.0, 2.0, 4.0])
    persons = np.repeat(weights, takes)
    kish = 30 * (persons**2).sum() / persons.sum() ** 2
    take = ((takes * weights) ** 2).sum() / (persons**2).sum()
    assert sample_size.design_effect(takes, 0.1, weights=weights) == pytest.approx(
        kish * (1 + (take - 1) * 0.1)
    )
    assert sample_size.design_effect(10, 0.05, relvariance=kish - 1) == pytest.approx(kish * 1.45)
    assert refusal(sample_size.design_effect, takes, 0.1, weights=[1]).code == (
        "size-length-differs"
    )


def test_no_other_take_is_cheaper_than_the_cluster_optimum():
    best = sample_size.clusters(750, 100, 0.05, 1.3, cv=0.05)
    for take in np.linspace(1, 60, 500):
        number = 1.3 * (1 + (take - 1) * 0.05) / take / 0.05**2
        assert number * (750 + 100 * take) >= best.cost * (1 - 1e-12)
    assert best.cv == pytest.approx(0.05)


def test_without_clustering_one_cluster_is_enough_and_with_nothing_else_one_interview():
    alone = sample_size.clusters(750, 100, 0.0, 1.0, cv=0.05)
    assert (alone.clusters, alone.n) == (1.0, 400)
    assert sample_size.clusters(750, 100, 0.0, 1.0, budget=10_750).take == pytest.approx(100)
    assert sample_size.clusters(750, 100, 1.0, 1.0, cv=0.05).take == 1.0
    small = sample_size.clusters(750, 100, 0.0, 1.0, cv=0.05, largest_take=40)
    assert (small.clusters, small.take) == (pytest.approx(10), 40)
    poor = refusal(sample_size.clusters, 750, 100, 0.05, 1.0, budget=800)
    assert poor.code == "size-budget-too-small"
    assert "850" in poor.advice.en


def test_no_other_takes_are_cheaper_than_the_three_stage_optimum():
    best = sample_size.clusters_three_stages((500, 100, 120), 0.01, 0.1, 1.0, cv=0.05)

    def cost(units, take):
        unit = 0.01 + (1 + 0.1 * (take - 1)) / (units * take)
        return unit / 0.05**2 * (500 + units * (100 + 120 * take))

    assert best.cost == pytest.approx(cost(best.units, best.take))
    for units in np.linspace(1, 20, 60):
        for take in np.linspace(1, 10, 60):
            assert cost(units, take) >= best.cost * (1 - 1e-12)
    # Villages so alike their commune that one of them tells all.
    single = sample_size.clusters_three_stages((1, 100, 120), 0.5, 0.1, 1.0, budget=1e5)
    assert single.units == 1.0
    assert single.cost == pytest.approx(1e5)


def test_many_domains_are_worked_out_as_each_alone():
    sizes, p = [40_000, 900, 2_500], [0.8, 0.6, 0.95]
    for method in ("wald", "wilson", "logit"):
        found = sample_size.domains(
            sizes, p=p, margin=0.03, method=method, deff=1.4, response=0.9, eligible=[1, 0.9, 0.8]
        )
        for at in range(3):
            alone = sample_size.share(
                p[at], margin=0.03, population=sizes[at], method=method, deff=1.4, response=0.9,
                eligible=[1, 0.9, 0.8][at],
            )  # fmt: skip
            assert found.exact[at] == pytest.approx(alone.exact, rel=1e-12)
            assert found.n[at] == alone.n
            assert found.possible[at] == alone.possible
    means = sample_size.domains(sizes, sd=[10, 12, 8], mean=60, cv=0.01)
    assert means.n.tolist() == [
        sample_size.mean(sd, mean=60, cv=0.01, population=size).n
        for sd, size in zip([10, 12, 8], sizes, strict=True)
    ]
    assert means.total == means.n.sum()


@pytest.mark.parametrize("method", ["wald", "wilson", "logit"])
def test_a_domain_that_is_too_small_is_told_the_nearest_margin(method):
    found = sample_size.domains(
        {"lớn": 50_000, "nhỏ": 400}, p=0.8, margin=0.03, deff=1.5, response=0.6, method=method
    )
    assert found.unmet == ("nhỏ",)
    nearest = float(found.nearest[1])
    assert nearest > 0.03
    again = sample_size.domains(
        {"nhỏ": 400}, p=0.8, margin=nearest, deff=1.5, response=0.6, method=method
    )
    assert again.exact[0] == pytest.approx(400, rel=1e-9)
    assert found.table.columns.tolist()[-1] == "nearest_margin"


def test_all_domains_with_impossible_values_are_named_at_once():
    found = refusal(
        sample_size.domains, {"A": 100, "B": -5}, p={"A": 1.5, "B": 0.5}, margin=0.1,
        response={"A": 0.9},
    )  # fmt: skip
    paths = [finding.path for finding in found.findings]
    assert {"sizes.B", "p.A", "response"} <= set(paths)
    assert refusal(sample_size.domains, [1, 2], p=[0.5] * 3, margin=0.1).code == (
        "size-length-differs"
    )
    assert refusal(sample_size.domains, [], p=0.5, margin=0.1).code == "size-length-differs"
    assert refusal(sample_size.domains, [9], sd=1, cv=0.1).code == "size-mean-missing"
    assert refusal(sample_size.domains, [9], sd=1, p=0.5, cv=0.1).code == ("size-precision-unclear")


@pytest.mark.parametrize("wrong", [math.nan, math.inf, -1, 0, "0.5", None, True])
def test_values_that_are_no_numbers_are_refused_by_name(wrong):
    for call in (
        lambda: sample_size.share(wrong, margin=0.1),
        lambda: sample_size.share(0.5, margin=0.1, deff=wrong),
        lambda: sample_size.mean(wrong, margin=1),
        lambda: sample_size.ministry(wrong),
        lambda: sample_size.clusters(wrong, 1, 0.1, 1, cv=0.1),
        lambda: sample_size.clusters_three_stages((wrong, 1, 1), 0.1, 0.1, 1, cv=0.1),
        lambda: sample_size.difference(wrong, 0.5),
        lambda: sample_size.difference(1, 2, sds=(wrong, 1)),
        lambda: sample_size.domains([wrong], p=0.5, margin=0.1),
    ):
        assert refusal(call).code == "size-value-out-of-range"


@pytest.mark.parametrize("wrong", [math.nan, math.inf, -1, "a", [3, 0], [], [[1]], [2, None]])
def test_takes_that_are_no_numbers_are_refused(wrong):
    assert refusal(sample_size.design_effect, wrong, 0.1).code == "size-value-out-of-range"


def test_other_refusals_name_what_is_possible():
    impossible = refusal(sample_size.difference, 0.9, 0.1, overlap=1, correlation=0.9)
    assert impossible.code == "size-correlation-impossible"
    assert "0.1111" in impossible.advice.en
    assert refusal(sample_size.difference, 0.5, 0.6, alternative="x").code == (
        "size-alternative-unknown"
    )
    assert refusal(sample_size.difference, 0.5, 0.6, overlap=0.8, ratio=2).code == (
        "size-value-out-of-range"
    )
    assert refusal(sample_size.clusters_three_stages, (1, 2), 0.1, 0.1, 1, cv=0.1).code == (
        "size-length-differs"
    )
    assert refusal(sample_size.share, 0.5, margin=0.6, method="wilson").code == (
        "size-value-out-of-range"
    )
