"""Cutting a skewed variable into strata: rules of thumb and the search for the smallest sample."""

import csv
import itertools
import math

import numpy as np
import pytest

from intake.findings import DesignError
from sampling import DESIGNS, stratification


def refusal(call, *arguments, **options):
    with pytest.raises(DesignError) as caught:
        call(*arguments, **options)
    return caught.value


@pytest.fixture(scope="module")
def communes():
    """Populations of the communes of Hải Phòng: 686 to 161 051 persons."""
    path = DESIGNS.parent / "hai_phong_population.csv"
    with path.open(encoding="utf-8") as lines:
        rows = csv.DictReader(line for line in lines if not line.startswith("#"))
        return np.array([float(row["population"]) for row in rows])


def size_for(parts, cv, take_all):
    """The size in fractions under Neyman's allocation, by bisection on the one factor."""
    total = sum(part.sum() for part in parts)
    n = np.array([len(part) for part in parts], dtype=float)
    sd = np.array([part.std(ddof=1) if len(part) > 1 else 0.0 for part in parts])
    low = np.minimum(n, 2)
    if take_all:
        low[-1] = n[-1]

    def spread(takes):
        return (n**2 * sd**2 * (1 / takes - 1 / n)).sum()

    under, over = 0.0, 1 / max((sd[sd > 0]).min(), 1e-9) if (sd > 0).any() else 1.0
    for _ in range(200):
        middle = (under + over) / 2
        if spread(np.clip(middle * n * sd, low, n)) > (cv * total) ** 2:
            under = middle
        else:
            over = middle
    return np.clip(over * n * sd, low, n).sum()


def parted(x, cuts):
    return np.split(np.sort(x), cuts)


@pytest.mark.parametrize("take_all", [True, False])
def test_the_search_over_all_cuts_finds_what_enumeration_from_the_definition_finds(rng, take_all):
    for strata in (2, 3):
        x = np.unique(np.round(rng.lognormal(3, 1, 16), 1))
        best = min(
            size_for(parted(x, cuts), 0.08, take_all)
            for cuts in itertools.combinations(range(1, len(x)), strata - 1)
        )
        found = stratification.lavallee_hidiroglou(x, strata, cv=0.08, take_all=take_all)
        assert found.proven
        assert found.n_exact == pytest.approx(best, rel=1e-6)
        again = size_for(parted(x, np.searchsorted(np.sort(x), found.boundaries)), 0.08, take_all)
        assert again == pytest.approx(best, rel=1e-6)


@pytest.mark.parametrize("allocation", ["neyman", "power"])
@pytest.mark.parametrize("cv", [0.01, 0.02, 0.05])
def test_the_search_from_six_starts_reaches_the_optimum_on_hai_phong(communes, allocation, cv):
    for strata in (2, 3):
        options = {"cv": cv, "allocation": allocation}
        proven = stratification.lavallee_hidiroglou(communes, strata, **options)
        searched = stratification.lavallee_hidiroglou(communes, strata, exhaustive=0, **options)
        assert proven.proven
        assert not searched.proven
        assert searched.n_exact == pytest.approx(proven.n_exact, rel=1e-9)


def test_the_search_is_within_one_percent_of_the_optimum_on_random_skewed_values(rng):
    exact = 0
    for _ in range(10):
        x = np.round(rng.lognormal(6, rng.uniform(0.5, 1.5), 40))
        best = stratification.lavallee_hidiroglou(x, 4, cv=0.05)
        found = stratification.lavallee_hidiroglou(x, 4, cv=0.05, exhaustive=0)
        assert best.n_exact - 1e-9 <= found.n_exact <= best.n_exact * 1.01
        exact += found.n_exact <= best.n_exact * (1 + 1e-9)
    assert exact >= 8


def test_more_strata_and_the_search_never_need_more_than_the_rules(communes):
    before = math.inf
    for strata in (2, 3, 4, 5):
        found = stratification.lavallee_hidiroglou(communes, strata, cv=0.02)
        assert found.n_exact <= before
        before = found.n_exact
        rule = stratification.dalenius_hodges(communes, strata, cv=0.02, take_all=True)
        assert found.n_exact <= rule.n_exact + 1e-9
        assert rule.cv <= 0.02
    assert found.n < len(communes) / 3
    assert found.cv <= 0.02


def test_strata_describe_their_units_and_assign_new_ones(communes):
    found = stratification.lavallee_hidiroglou(communes, 4, cv=0.02)
    places = found.assign(communes)
    for stratum in range(4):
        held = communes[places == stratum]
        assert found.counts[stratum] == len(held)
        assert found.means[stratum] == pytest.approx(held.mean())
        assert found.sds[stratum] == pytest.approx(held.std(ddof=1), rel=1e-9)
    assert found.takes[-1] == found.counts[-1]
    assert found.n == found.takes.sum()
    # A boundary is the least value of the stratum above it.
    assert found.assign(found.boundaries).tolist() == [1, 2, 3]
    assert found.assign(found.boundaries - 1e-6).tolist() == [0, 1, 2]
    error = (found.counts**2 * found.sds**2 * (1 / found.takes - 1 / found.counts)).sum()
    assert found.cv == pytest.approx(math.sqrt(error) / communes.sum())


def test_cumulative_roots_are_cut_at_equal_steps():
    # Ten bins of width 10 with f = 16 9 4 4 4 1 1 1 0 1, roots 4 3 2 2 2 1 1 1 0 1: 17 in all;
    # steps of 17 / 3 come nearest after the second bin (7, from 5.67; the first has 4) and
    # after the fourth (11, from 11.33).
    counts = [16, 9, 4, 4, 4, 1, 1, 1, 0, 1]
    x = np.repeat(np.arange(10) * 10 + 5.0, counts)
    x[0], x[-1] = 0.0, 100.0
    found = stratification.dalenius_hodges(x, 3, bins=10)
    assert found.boundaries.tolist() == [25.0, 45.0]
    assert found.counts.tolist() == [25, 8, 8]
    assert found.takes.tolist() == []


def test_a_geometric_progression_makes_strata_of_like_relative_spread():
    x = np.exp(np.linspace(0, math.log(10_000), 400))
    found = stratification.geometric(x, 4, cv=0.05)
    assert found.boundaries == pytest.approx([10, 100, 1000], rel=0.03)
    relative = found.sds / found.means
    assert relative == pytest.approx(np.full(4, relative.mean()), rel=0.02)
    assert found.cv <= 0.05


def test_equal_values_are_never_parted_and_few_values_are_enough():
    x = [3, 3, 3, 3, 7, 7, 7, 900]
    found = stratification.lavallee_hidiroglou(x, 3, cv=0.05)
    assert found.boundaries.tolist() == [7.0, 900.0]
    assert found.sds.tolist() == [0.0, 0.0, 0.0]
    assert found.takes.tolist() == [2, 2, 1]
    assert found.cv == 0.0


def test_the_same_values_in_another_order_give_the_same_strata(communes, rng):
    one = stratification.lavallee_hidiroglou(communes, 5, cv=0.02)
    other = stratification.lavallee_hidiroglou(rng.permutation(communes), 5, cv=0.02)
    assert one.boundaries.tolist() == other.boundaries.tolist()
    assert one.takes.tolist() == other.takes.tolist()


def test_what_cannot_be_cut_is_refused():
    x = [1, 2, 3, 4, 50]
    cases = [
        ((["1", "2"], 2), {"cv": 0.1}, "stratification-values-invalid"),
        (([1, math.nan], 2), {"cv": 0.1}, "stratification-values-invalid"),
        (([[1, 2]], 2), {"cv": 0.1}, "stratification-values-invalid"),
        (([], 2), {"cv": 0.1}, "stratification-values-invalid"),
        ((x, 1), {"cv": 0.1}, "stratification-count-invalid"),
        ((x, 2.5), {"cv": 0.1}, "stratification-count-invalid"),
        (([1, 1, 2], 3), {"cv": 0.1}, "stratification-too-few-values"),
        ((x, 2), {"cv": 0}, "stratification-cv-invalid"),
        ((x, 2), {"cv": math.nan}, "stratification-cv-invalid"),
        (([-1, 0, 1], 2), {"cv": 0.1}, "stratification-cv-invalid"),
        ((x, 2), {"cv": 0.1, "allocation": "equal"}, "stratification-allocation-unknown"),
    ]
    for arguments, options, code in cases:
        found = refusal(stratification.lavallee_hidiroglou, *arguments, **options)
        assert found.code == code
    assert refusal(stratification.dalenius_hodges, x, 3, bins=2).code == (
        "stratification-bins-invalid"
    )
    narrow = refusal(stratification.dalenius_hodges, [1, 1, 1, 2, 1000], 3, bins=3)
    assert narrow.code == "stratification-boundaries-coincide"
    assert refusal(stratification.geometric, [0, 1, 2], 2).code == "stratification-values-invalid"
