"""Draws of single tools: exact where every way can be counted, else against their theory."""

import itertools
from collections import Counter
from fractions import Fraction

import numpy as np
import pytest

from intake.findings import DesignError
from sampling import inclusion_probabilities, joint_probabilities, select
from sampling.chance import Uniforms
from sampling.probabilities import certainty_units
from sampling.probabilities.conditional_poisson import fit_chances

PI = np.array([0.2, 0.35, 0.5, 0.45, 0.5])


class Numbers:
    """Uniform numbers that the test chose."""

    def __init__(self, *numbers):
        self._left = list(numbers)

    def random(self, size=None):
        if size is None:
            return self._left.pop(0)
        taken, self._left = self._left[:size], self._left[size:]
        return np.array(taken, dtype=float)


def sets_of_sampford(pi, n):
    """P(s) as Sampford (1967) wrote it, for every set."""
    odds = pi / (1 - pi)
    weights = {
        s: float(np.prod(odds[list(s)]) * (1 - pi[list(s)]).sum())
        for s in itertools.combinations(range(len(pi)), n)
    }
    return {s: weight / sum(weights.values()) for s, weight in weights.items()}


def sets_of_maximum_entropy(pi, n):
    p = fit_chances(pi, n)
    odds = p / (1 - p)
    sets = itertools.combinations(range(len(pi)), n)
    weights = {s: float(np.prod(odds[list(s)])) for s in sets}
    return {s: weight / sum(weights.values()) for s, weight in weights.items()}


def sets_of_tille(pi, n):
    """Every way of taking units out, step by step."""
    left = {frozenset(range(len(pi))): 1.0}
    above = np.ones(len(pi))
    for size in range(len(pi) - 1, n - 1, -1):
        now = inclusion_probabilities(pi, size)
        following = Counter()
        for held, chance in left.items():
            for k in held:
                following[held - {k}] += chance * (1 - now[k] / above[k])
        left, above = following, now
    return {tuple(sorted(s)): chance for s, chance in left.items()}


def sets_of_midzuno(pi, n):
    everyone = set(range(len(pi)))
    left = sets_of_tille(1 - pi, len(pi) - n)
    return {tuple(sorted(everyone - set(s))): chance for s, chance in left.items()}


def sets_of_brewer(pi, n):
    drawn = {(): 1.0}
    for step in range(n):
        following = Counter()
        for held, chance in drawn.items():
            rest = n - pi[list(held)].sum()
            open_units = [k for k in range(len(pi)) if k not in held]
            scores = [pi[k] * (rest - pi[k]) / (rest - pi[k] * (n - step)) for k in open_units]
            for k, score in zip(open_units, scores, strict=True):
                following[(*held, k)] += chance * score / sum(scores)
        drawn = following
    found = Counter()
    for held, chance in drawn.items():
        found[tuple(sorted(held))] += chance
    return dict(found)


EVERY_SET = {
    "sampford": sets_of_sampford,
    "maximum_entropy": sets_of_maximum_entropy,
    "tille": sets_of_tille,
    "midzuno": sets_of_midzuno,
    "brewer": sets_of_brewer,
}


def pairs(sets, held):
    found = np.zeros((held, held))
    for s, chance in sets.items():
        found[np.ix_(s, s)] += chance
    return found


@pytest.mark.parametrize("method", ["sampford", "maximum_entropy", "tille", "midzuno"])
@pytest.mark.parametrize("n", [2, 3, 5])
def test_joint_probabilities_are_the_sums_over_all_sets(method, n):
    pi = inclusion_probabilities([3, 8, 5, 1, 13, 6, 9], n)
    inside = (pi > 0) & (pi < 1)
    counted = pairs(EVERY_SET[method](pi[inside], n - int((~inside).sum())), int(inside.sum()))

    found = joint_probabilities(pi, method, tolerance=None)

    assert found[np.ix_(inside, inside)] == pytest.approx(counted, rel=1e-11, abs=1e-14)
    assert found.sum(axis=1) == pytest.approx(n * pi, rel=1e-12)


@pytest.mark.parametrize("method", sorted(EVERY_SET))
def test_a_design_draws_every_set_as_often_as_it_says(method, rng):
    expected = EVERY_SET[method](PI, 2)
    repeats = 1500
    drawn = Counter(tuple(getattr(select, method)(PI, rng).tolist()) for _ in range(repeats))

    # Impossible sets never come; the others within chi-square's 99.99 % for 9 free counts.
    assert set(drawn) <= {s for s, chance in expected.items() if chance > 1e-15}
    distance = sum(
        (drawn[s] - repeats * chance) ** 2 / (repeats * chance)
        for s, chance in expected.items()
        if chance > 1e-15
    )
    assert distance < 33.7
    assert pairs(expected, 5).diagonal() == pytest.approx(PI, rel=1e-12)


def test_two_units_of_brewer_are_sampfords():
    assert pairs(sets_of_brewer(PI, 2), 5) == pytest.approx(
        joint_probabilities(PI, "sampford"), rel=1e-12
    )


def test_systematic_pairs_are_the_starts_that_draw_both():
    starts = (np.arange(2000) + 0.5) / 2000
    hits = np.zeros((5, 5))
    for start in starts:
        drawn = select.pps_systematic(PI, Numbers(start))
        hits[np.ix_(drawn, drawn)] += 1
    assert hits / 2000 == pytest.approx(joint_probabilities(PI, "systematic"), abs=1e-12)


ONE_DRAW = ("brewer", "maximum_entropy", "midzuno", "pareto", "pps_systematic", "sampford", "tille")


@pytest.mark.parametrize("method", ONE_DRAW)
def test_certain_units_always_come_and_impossible_ones_never(method, rng):
    pi = np.array([0.0, 1.0, 0.3, 1.0, 0.7, 0.5, 0.5, 0.0])
    for _ in range(50):
        drawn = getattr(select, method)(pi, rng).tolist()
        assert drawn == sorted(set(drawn))
        assert len(drawn) == 4
        assert {1, 3} <= set(drawn) <= {1, 2, 3, 4, 5, 6}
    assert getattr(select, method)([1, 0, 1], rng).tolist() == [0, 2]
    assert getattr(select, method)([0.0, 0.0], rng).tolist() == []
    assert getattr(select, method)([], rng).tolist() == []


@pytest.mark.parametrize("method", ONE_DRAW)
def test_hash_streams_repeat_a_draw(method):
    tool = getattr(select, method)
    once, again = (tool(PI, Uniforms("7" * 64, "a")).tolist() for _ in range(2))
    assert once == again
    assert len(once) == 2


@pytest.mark.parametrize("method", ["sampford", "maximum_entropy"])
def test_500_of_10000_very_unequal_units_are_drawn_without_rejection(method, rng):
    pi = inclusion_probabilities(np.random.default_rng(4).lognormal(0, 1.5, 10_000), 500)
    drawn = getattr(select, method)(pi, rng)
    assert len(set(drawn.tolist())) == 500
    assert set(np.flatnonzero(pi == 1)) <= set(drawn.tolist())


def test_hard_probabilities_near_one_and_zero_keep_their_size(rng):
    pi = np.array([1 - 1e-9, 1e-9, 0.999999, 1e-6, 0.5, 0.5])
    for method in ONE_DRAW:
        assert len(set(getattr(select, method)(pi, rng).tolist())) == 3
    for method in ("sampford", "maximum_entropy"):
        assert joint_probabilities(pi, method).sum(axis=1) == pytest.approx(3 * pi, rel=1e-6)
        rare = inclusion_probabilities([1, 1, 1, 1, 1e-9, 1e-9], 4)
        assert (joint_probabilities(rare, method) >= 0).all()


def test_pareto_comes_near_its_probabilities(rng):
    pi = inclusion_probabilities(np.arange(1, 31), 10)
    repeats = 3000
    hits = np.zeros(30)
    for _ in range(repeats):
        hits[select.pareto(pi, rng)] += 1
    # Rosén (1997): not exact; here the bias is below the noise.
    assert np.abs(hits / repeats - pi).max() < 4.5 * np.sqrt(0.25 / repeats)


def test_poisson_and_bernoulli_trials_are_one_number_each():
    assert select.poisson([0.5, 0.5, 0, 1], Numbers(0.4, 0.6, 0.0, 0.9)).tolist() == [0, 3]
    assert select.bernoulli(3, 0.5, Numbers(0.1, 0.5, 0.4)).tolist() == [0, 2]
    assert joint_probabilities([0.5, 0.2], "poisson").tolist() == [[0.5, 0.1], [0.1, 0.2]]


# Equal probabilities ---------------------------------------------------------------


def test_every_set_of_a_simple_random_sample_is_equally_likely(rng):
    repeats = 6000
    drawn = Counter(tuple(select.srs(6, 3, rng).tolist()) for _ in range(repeats))
    assert len(drawn) == 20
    assert sum((k - 300) ** 2 / 300 for k in drawn.values()) < 50.8  # chi-square, 19, 99.99 %
    # All 24 ways of the numbers t of 0…2, 0…3 (and 2 of 4): each pair of 4 as often as another.
    counted = Counter(
        tuple(select.srs(4, 2, Numbers((a + 0.5) / 3, (b + 0.5) / 4)).tolist())
        for a in range(3)
        for b in range(4)
    )
    assert sorted(counted.values()) == [2] * 6


@pytest.mark.parametrize(("held", "n"), [(10, 4), (7, 5), (12, 3), (5, 5), (9, 1)])
@pytest.mark.parametrize("tool", [select.systematic, select.systematic_circular])
def test_over_all_starts_each_unit_is_drawn_n_of_n_times(tool, held, n):
    cells = held * n
    hits = np.zeros(held)
    for cell in range(cells):
        drawn = tool(held, n, Numbers((cell + 0.5) / cells)).tolist()
        assert len(set(drawn)) == n
        gaps = np.diff([*sorted(drawn), min(drawn) + held])
        assert gaps.max() - gaps.min() <= 2
        hits[drawn] += 1
    assert hits.tolist() == [cells * n / held] * held


def test_draws_with_replacement_may_repeat_and_count_their_number():
    drawn = select.srs_with_replacement(4, 5, Numbers(0.0, 0.99, 0.3, 0.3, 0.5))
    assert drawn.tolist() == [0, 1, 1, 2, 3]


def test_serpentine_turns_at_each_border():
    region = ["b", "a", "a", "b", "a", "b", "a", "b"]
    urban = [0, 1, 0, 1, 1, 0, 0, 1]
    size = [1, 4, 1, 2, 3, 6, 2, 5]
    order = select.serpentine([region, urban, size]).tolist()
    rows = [(region[i], urban[i], size[i]) for i in order]
    assert rows == [
        *(("a", 0, 1), ("a", 0, 2), ("a", 1, 4), ("a", 1, 3)),
        *(("b", 1, 2), ("b", 1, 5), ("b", 0, 6), ("b", 0, 1)),
    ]
    assert select.serpentine([[2, 1, 2, 1]]).tolist() == [1, 3, 0, 2]


# Straight from sizes ---------------------------------------------------------------


def test_random_groups_give_back_the_total_of_the_sizes(rng):
    sizes = np.array([3, 1, 0, 7, 2, 30, 4])
    hits = np.zeros(7)
    for _ in range(2000):
        drawn = select.rao_hartley_cochran_groups(sizes, 3, rng)
        # Weight × size is the group's total: the total of the sizes is exact in every draw.
        assert (drawn.weights * sizes[drawn.positions]).sum() == pytest.approx(47)
        assert sorted(np.bincount(drawn.groups[drawn.groups >= 0])) == [2, 2, 2]
        assert drawn.groups[2] == -1
        hits[drawn.positions] += drawn.weights
    # Horvitz–Thompson weights have mean 1 for each unit that can be drawn.
    assert hits[5] / 2000 == pytest.approx(1, abs=0.02)
    assert hits[2] == 0
    assert select.rao_hartley_cochran([2, 0, 2], 2, rng).tolist() == [0, 2]


def test_random_groups_are_unbiased_over_all_their_ways():
    # Three units in two groups: all 6 orders, and all cells of the drawing within groups.
    sizes, total = [1, 2, 3], np.zeros(3)
    for order in itertools.permutations([0.1, 0.5, 0.9]):
        for cell in range(60):
            drawn = select.rao_hartley_cochran_groups(
                sizes, 2, Numbers(*order, (cell + 0.5) / 60, 0.5)
            )
            total[drawn.positions] += drawn.weights / 360
    assert total == pytest.approx([1, 1, 1], rel=1e-12)


def test_chromy_hits_a_unit_as_often_as_its_size_says(rng):
    sizes = np.array([3, 1, 0, 7, 2, 30])
    expected = 5 * sizes / 43
    repeats = 5000
    hits = np.zeros(6)
    for kind in (np.int64, np.float64):
        for _ in range(repeats // 2):
            drawn = select.chromy(sizes.astype(kind), 5, rng)
            count = np.bincount(drawn, minlength=6)
            assert len(drawn) == 5
            assert (count >= np.floor(expected)).all()
            assert (count <= np.ceil(expected)).all()
            hits += count
    spread = np.sqrt((expected % 1) * (1 - expected % 1) / repeats)
    assert (np.abs(hits / repeats - expected) <= 4.5 * spread + 1e-12).all()
    assert select.chromy([1, 1], 4, rng).tolist() == [0, 0, 1, 1]
    assert select.chromy([0.1] * 10, 10, rng).tolist() == list(range(10))


# Probabilities ---------------------------------------------------------------------


def test_certainties_are_iterated_and_said():
    # 20 of 27 over 3: certain; then 4 of 7 over 2: certain; then nobody.
    assert inclusion_probabilities([20, 4, 1, 1, 1], 3).tolist() == pytest.approx(
        [1, 1, 1 / 3, 1 / 3, 1 / 3]
    )
    assert certainty_units([20, 4, 1, 1, 1], 3).tolist() == [0, 1]


def test_a_size_equal_to_the_interval_is_certain_and_one_below_it_is_not():
    assert inclusion_probabilities([3, 1, 1, 1], 2)[0] == 1
    assert inclusion_probabilities([0.3, 0.1, 0.1, 0.1], 2)[0] == 1
    big = 10**15
    assert certainty_units([big + 1, big, 1], 2).tolist() == [0]
    assert certainty_units([big + 1, big, 2], 2).tolist() == []
    assert certainty_units([big, big, 1], 2).tolist() == []


def test_sizes_far_apart_keep_every_chance_above_zero():
    for sizes in ([1, 10**17], [1.0, 1e17], [1e-300, 1e300, 1e300]):
        pi = inclusion_probabilities(sizes, 1)
        assert pi.sum() == pytest.approx(1)
    assert inclusion_probabilities([1e-300, 1e300], 2).tolist() == [1, 1]
    assert inclusion_probabilities([5e-324, 0, 1], 2).tolist() == [1, 0, 1]
    assert inclusion_probabilities([0.1] * 10, 10).tolist() == [1] * 10
    assert inclusion_probabilities([0.1] * 10, 0).tolist() == [0] * 10


def test_exact_fractions_agree():
    sizes = [17, 5, 5, 3, 2, 90, 41, 8, 1, 1]
    for n in range(1, 11):
        rest, left = sorted(range(10), key=lambda k: -sizes[k]), n
        expected = [Fraction(0)] * 10
        while rest and left and sizes[rest[0]] * left >= sum(sizes[k] for k in rest):
            expected[rest.pop(0)] = Fraction(1)
            left -= 1
        for k in rest:
            expected[k] = Fraction(sizes[k] * left, sum(sizes[j] for j in rest))
        assert inclusion_probabilities(sizes, n) == pytest.approx(
            [float(p) for p in expected], rel=1e-15
        )


@pytest.mark.parametrize("method", ["sampford", "maximum_entropy", "tille", "midzuno", "hajek"])
def test_certain_units_pair_with_the_others_own_probability(method):
    pi = np.array([0.4, 1.0, 0.6, 0.0, 0.5, 0.5])
    found = joint_probabilities(pi, method)
    assert found[1].tolist() == pi.tolist()
    assert found[3].tolist() == [0] * 6
    assert found.tolist() == found.T.tolist()
    assert found[np.ix_([0, 2, 4, 5], [0, 2, 4, 5])] == pytest.approx(
        joint_probabilities(pi[[0, 2, 4, 5]], method)
    )


def test_equal_probabilities_make_every_design_simple_random():
    pi = np.full(9, 4 / 9)
    plain = joint_probabilities(pi, "srs")
    assert plain[0, 1] == pytest.approx(4 * 3 / (9 * 8))
    for method in ("sampford", "maximum_entropy", "tille", "midzuno", "brewer"):
        assert joint_probabilities(pi, method) == pytest.approx(plain, rel=1e-12)


def test_the_digits_of_r_stand_only_where_its_early_stop_costs_little():
    # Two units so alike that the quotient of their odds would magnify the fit's gap.
    pi = np.array([0.2, 0.2000001, 0.35, 0.55, 0.6999999])
    near, exact = (joint_probabilities(pi, "maximum_entropy", tolerance=t) for t in (1e-6, None))
    assert near == pytest.approx(exact, rel=1.1e-5)
    assert (near != exact).any()
    for wrong in (0, 2.0, True):
        assert (
            code(joint_probabilities, pi, "maximum_entropy", tolerance=wrong)
            == "selection-tolerance-invalid"
        )


def test_the_approximations_are_their_formulas():
    d = (PI * (1 - PI)).sum()
    hajek = PI[0] * PI[1] * (1 - (1 - PI[0]) * (1 - PI[1]) / d)
    assert joint_probabilities(PI, "hajek")[0, 1] == pytest.approx(hajek)
    c = 1 / (2 - 3 * PI + (PI**2).sum())
    brewer = PI[0] * PI[1] * (c[0] + c[1]) / 2
    assert joint_probabilities(PI, "brewer")[0, 1] == pytest.approx(brewer)
    assert joint_probabilities([0.5, 0.5], "brewer").tolist() == [[0.5, 0], [0, 0.5]]


def test_one_unit_makes_no_pair():
    for method in ("sampford", "maximum_entropy", "tille", "midzuno", "hajek", "systematic"):
        found = joint_probabilities([0.2, 0.3, 0.5], method)
        assert found.tolist() == np.diag([0.2, 0.3, 0.5]).tolist()


# Refusals --------------------------------------------------------------------------


def code(call, *arguments, **options):
    with pytest.raises(DesignError) as refusal:
        call(*arguments, **options)
    assert refusal.value.text("vi")
    return refusal.value.code


@pytest.mark.parametrize("method", [*ONE_DRAW, "poisson"])
@pytest.mark.parametrize(
    "pi", [[0.5, np.nan], [0.5, -0.5], [1.5, 0.5], [[0.5], [0.5]], ["a", "b"], "0.5", [np.inf], 0.5]
)
def test_what_is_no_probability_is_refused(method, pi, rng):
    assert code(getattr(select, method), pi, rng) == "selection-probabilities-invalid"


@pytest.mark.parametrize("method", ONE_DRAW)
def test_probabilities_that_sum_to_a_fraction_are_refused_with_the_nearest_sum(method, rng):
    with pytest.raises(DesignError) as refusal:
        getattr(select, method)([0.5, 0.6], rng)
    assert "1.1" in refusal.value.text("en")
    assert "nearest whole number is 1" in refusal.value.text("en")


@pytest.mark.parametrize("tool", [select.rao_hartley_cochran, select.chromy])
def test_what_is_no_size_is_refused(tool, rng):
    for sizes in ([1, np.nan], [1, -1], [[1]], ["a"], None):
        assert code(tool, sizes, 1, rng) == "selection-sizes-invalid"
    assert code(tool, [1, 2], -1, rng) == "selection-count-invalid"
    assert code(tool, [1, 2], 1.5, rng) == "selection-count-invalid"
    assert tool([], 0, rng).tolist() == []
    assert code(select.chromy, [0, 0], 1, rng) == "selection-sizes-invalid"
    assert code(select.rao_hartley_cochran, [0, 1], 2, rng) == "selection-count-invalid"


@pytest.mark.parametrize("tool", [select.srs, select.systematic, select.systematic_circular])
def test_counts_that_cannot_be_drawn_are_refused(tool, rng):
    for held, n in ((3, 4), (3, -1), (-3, 1), (3, 1.5), ("3", 1), (3, True), (3, np.nan)):
        assert code(tool, held, n, rng) == "selection-count-invalid"
    assert tool(3, 0, rng).tolist() == tool(0, 0, rng).tolist() == []
    assert tool(np.int64(3), 3.0, rng).tolist() == [0, 1, 2]
    assert code(select.srs_with_replacement, 0, 1, rng) == "selection-count-invalid"
    assert code(select.bernoulli, 3, 1.5, rng) == "selection-probabilities-invalid"
    assert code(select.bernoulli, 3, "x", rng) == "selection-probabilities-invalid"


def test_columns_that_cannot_be_sorted_are_refused():
    assert code(select.serpentine, []) == "selection-columns-invalid"
    assert code(select.serpentine, [[1, 2], [1]]) == "selection-columns-invalid"
    assert code(select.serpentine, [[1.0, np.nan]]) == "selection-columns-invalid"
    assert code(select.serpentine, [[1, "a"]]) == "selection-columns-invalid"
    assert code(select.serpentine, [[1, None]]) == "selection-columns-invalid"
    assert code(select.serpentine, ["ab"]) == "selection-columns-invalid"


def test_pairs_without_an_exact_form_name_their_stand_in():
    for method in ("pareto", "chromy", "rao_hartley_cochran", "cube"):
        assert code(joint_probabilities, PI, method) == "selection-pairs-unknown"
    with pytest.raises(DesignError) as refusal:
        joint_probabilities(PI, "pareto")
    assert "hajek" in refusal.value.text("en")
    assert code(joint_probabilities, PI, "smpford") == "selection-method-unknown"
    assert code(joint_probabilities, PI, "srs") == "selection-probabilities-unequal"
    assert code(joint_probabilities, [0.3, 0.7], "srs") == "selection-probabilities-unequal"
    assert code(joint_probabilities, [0.5, 0.6]) == "selection-probabilities-invalid"
    many = np.full(20_002, 0.5)
    assert code(joint_probabilities, many) == "selection-matrix-too-large"
    assert code(joint_probabilities, many, "poisson") == "selection-matrix-too-large"
    assert code(select.pps_systematic, PI, None, order="size") == "selection-order-unknown"


def test_systematic_in_random_order_draws_with_the_same_probabilities(rng):
    hits = np.zeros(5)
    for _ in range(4000):
        hits[select.pps_systematic(PI, rng, order="random")] += 1
    assert (np.abs(hits / 4000 - PI) < 4.5 * np.sqrt(PI * (1 - PI) / 4000)).all()
