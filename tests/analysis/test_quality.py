"""Flags F1-F4 and F10-F13 of the list of fraud indicators (security.md, section 6).

F1 straight line · F2 low variation · F3 fast · F4 fast reading · F10 voluntary against drawn ·
F11 too good · F12 rate and score · F13 collectors. And the three scores that are published for
every unit; F5 and F6 are in `test_quality_likeness.py`. All data here are simulated.
"""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from honest_answers import ITEMS, a_generator, flagged, honest_answers
from scipy import stats

from analysis import quality
from analysis.quality import FLAG_COLUMNS, Rules
from intake.findings import EstimationError


def test_the_limits_have_a_digest_that_changes_with_any_of_them() -> None:
    assert len(Rules().digest) == 64
    assert Rules().digest == Rules().digest
    assert Rules().digest != Rules(jaccard=0.81).digest
    assert Rules().digest != Rules(code="4f2a").digest
    assert Rules().stamp.startswith("quality-1:")


@pytest.mark.parametrize("change", [{"z_limit": 0.0}, {"jaccard": 1.2}, {"battery": -1}])
def test_a_limit_that_cannot_be_is_refused(change: dict[str, float]) -> None:
    with pytest.raises(EstimationError) as refusal:
        Rules(**change)  # type: ignore[arg-type]

    assert refusal.value.code == "quality-rule-impossible"
    assert refusal.value.findings[0].column == next(iter(change))


def test_a_run_of_equal_answers_goes_on_over_a_missing_one() -> None:
    answers = np.array([[1, 1, np.nan, 1, 2], [2, 3, 3, 3, 3], [np.nan] * 5])

    assert quality.longest_runs(answers).tolist() == [3, 4, 0]


def test_a_unit_where_straight_lines_abound_stands_out_and_no_other() -> None:
    table = honest_answers(a_generator(1), units=20, size=60, strata=2)
    rows = np.flatnonzero(table["unit"] == "u07")[:15]
    table.loc[rows, ITEMS] = 4

    found = quality.straight_lines(table, ITEMS, unit="unit", stratum="stratum")

    assert list(found.columns) == list(FLAG_COLUMNS)
    assert flagged(found) == ["u07"]
    assert found.set_index("unit").loc["u07", "value"] >= 0.25
    assert set(found["flag"]) == {"F1"}


def test_honest_units_that_differ_in_satisfaction_are_rarely_flagged_for_straight_lines() -> None:
    # Given 2,000 units of one level and 2,000 with true differences, all honest.
    rng = a_generator(2)
    n = np.full(2000, 50)
    stratum = np.zeros(2000, dtype=np.int64)
    even = rng.binomial(50, 0.1, 2000).astype(float)
    uneven = rng.binomial(50, rng.beta(4, 36, 2000)).astype(float)

    # Then z > 3.09 comes about once in a thousand.
    assert (quality.count_funnel(even, n, stratum).z > 3.09).sum() <= 5
    assert (quality.count_funnel(uneven, n, stratum).z > 3.09).sum() <= 8


def test_the_funnel_of_counts_is_the_exact_chance_of_a_permutation() -> None:
    # scipy.stats.hypergeom: 6 of 20 where the stratum has 15 of 200.
    counts, n = np.array([1.0] * 9 + [6.0]), np.full(10, 20)
    p = stats.hypergeom(200, 15, 20).sf(5)

    found = quality.count_funnel(counts, n, np.zeros(10, dtype=np.int64))

    assert found.p[-1] == pytest.approx(p, rel=1e-9)
    assert found.z[-1] == pytest.approx(stats.norm.isf(p), rel=1e-9)
    assert found.reference[-1] == pytest.approx(15 / 200)


def test_a_unit_alone_in_its_stratum_has_no_reference() -> None:
    table = honest_answers(a_generator(3), units=4, size=30, strata=1)
    table.loc[table["unit"] == "u03", "stratum"] = "alone"

    found = quality.low_variation(table, ITEMS, unit="unit", stratum="stratum").set_index("unit")

    assert found.loc["u03", "note"] == "no-reference"
    assert not found.loc["u03", "flagged"]


def test_a_unit_with_flat_answers_is_seen_by_their_variation() -> None:
    table = honest_answers(a_generator(4), units=12, size=50, strata=1)
    rows = np.flatnonzero(table["unit"] == "u05")[:20]
    table.loc[rows, ITEMS] = 4
    table.loc[rows, ITEMS[3]] = 5

    assert flagged(quality.low_variation(table, ITEMS, unit="unit")) == ["u05"]
    assert flagged(quality.straight_lines(table, ITEMS, unit="unit")) == []


def test_fast_pages_are_counted_and_hasty_units_flagged() -> None:
    rng = a_generator(5)
    items = np.array([4, 5, 6, 7])
    times = items * rng.lognormal(1.5, 0.4, (600, 4))
    unit = np.repeat([f"u{number}" for number in range(10)], 60)
    times[np.flatnonzero(unit == "u4")[:30]] = items * 1.1
    times[0, 3] = np.nan
    fast, seen = quality.fast_pages(times, items, pace=Rules().seconds_per_item)
    table = pd.DataFrame({"unit": unit, "fast": fast, "seen": seen})

    found = quality.fast_responses(table, fast="fast", seen="seen", unit="unit")
    reading = quality.fast_responses(table, fast="fast", seen="seen", unit="unit", reading=True)

    assert seen[0] == 3
    assert flagged(found) == ["u4"]
    assert set(found["flag"]) == {"F3"}
    assert set(reading["flag"]) == {"F4"}


def test_vietnamese_words_are_read_by_the_syllable() -> None:
    assert quality.syllables("Ông/bà có hài lòng – về nơi ngồi chờ không ?") == 9
    assert quality.reading_pace([[15.0, 6.0]], [50, 20], 0.01) == pytest.approx(0.3)


def test_voluntary_answers_are_compared_with_drawn_ones_over_all_units() -> None:
    # statsmodels 0.14, combine_effects(method_re="dl"): the same mean and tau squared.
    from statsmodels.stats.meta_analysis import combine_effects

    rng = a_generator(16)
    variance = rng.uniform(0.0004, 0.002, 30)
    difference = 0.05 + rng.normal(0, 0.02, 30) + rng.normal(0, np.sqrt(variance))
    difference[4] = 0.35
    units = pd.DataFrame(
        {
            "unit": [f"u{number}" for number in range(30)],
            "drawn_share": 0.6,
            "open_share": 0.6 + difference,
            "drawn_variance": variance / 2,
            "open_variance": variance / 2,
        }
    )
    expected = combine_effects(difference, variance, method_re="dl")

    found = quality.streams(units)

    assert found["reference"].iloc[0] == pytest.approx(expected.mean_effect_re)
    z = (difference - expected.mean_effect_re) / np.sqrt(variance + expected.tau2)
    assert found["z"].to_numpy() == pytest.approx(z)
    assert flagged(found) == ["u4"]


def test_a_unit_that_is_too_good_to_be_true_is_flagged_and_a_bad_one_is_not() -> None:
    rng = a_generator(17)
    true = np.clip(rng.normal(0.75, 0.04, 60), 0, 1)
    share = rng.binomial(80, true) / 80
    share[3], share[8] = 1.0, 0.35
    units = pd.DataFrame({"unit": range(60), "share": share, "n_effective": 80.0})

    found = quality.too_good(units)

    assert flagged(found) == [3]
    assert found["z"].iloc[8] < -3


def test_a_high_response_rate_and_a_high_score_count_only_together() -> None:
    rng = a_generator(18)
    units = pd.DataFrame(
        {
            "unit": [f"u{number:02d}" for number in range(40)],
            "stratum": ["a"] * 35 + ["b"] * 5,
            "response_rate": rng.uniform(0.4, 0.7, 40),
            "share": rng.uniform(0.6, 0.8, 40),
        }
    )
    units.loc[[2, 37], ["response_rate", "share"]] = 0.99

    found = quality.rate_and_score(units, stratum="stratum")

    assert set(flagged(found)) == {"u02"}
    assert set(found.loc[found["stratum"] == "b", "note"]) == {"few-units"}


def test_the_collector_effect_is_that_of_an_analysis_of_variance() -> None:
    rng = a_generator(19)
    score = np.repeat(rng.normal(0, 1, 12), 20) + rng.normal(0, 1.5, 240)
    collector = np.repeat(np.arange(12), 20)
    f = stats.f_oneway(*score.reshape(12, 20)).statistic

    effect = quality.collector_effect(score, collector)

    assert effect.between / effect.within == pytest.approx(f)
    assert effect.rho == pytest.approx((f - 1) / (f + 19))
    assert effect.deff == pytest.approx(1 + 19 * effect.rho)


def test_a_collector_who_makes_answers_up_has_too_little_variance() -> None:
    rng = a_generator(20)
    collector = np.repeat([f"k{number}" for number in range(8)], 40)
    score = rng.normal(70, 12, 320)
    made_up = collector == "k5"
    score[made_up] = rng.normal(70, 4, 40)
    table = pd.DataFrame({"collector": collector, "score": score, "c1": 3, "comment": ""})
    table.loc[np.flatnonzero(made_up)[:30], "c1"] = -1
    rules = Rules(collector_draws=4999)

    found = quality.collectors(
        table, "score", collector="collector", items=["c1"], comment="comment", rules=rules
    )
    by_kind = dict(list(found.groupby("quantity")))

    assert flagged(by_kind["variance"]) == ["k5"]
    assert flagged(by_kind["missing"]) == ["k5"]
    assert flagged(by_kind["comment"]) == []
    assert not by_kind["correlation"]["flagged"].any()


def test_collectors_that_shift_answers_show_as_correlation() -> None:
    rng = a_generator(21)
    collector = np.repeat(np.arange(10), 30)
    score = rng.normal(0, 1, 10)[collector] + rng.normal(0, 1, 300)
    table = pd.DataFrame({"collector": collector, "score": score})

    found = quality.collectors(
        table, "score", collector="collector", rules=Rules(collector_draws=999)
    )

    assert found.loc[found["quantity"] == "correlation", "flagged"].tolist() == [True]


def test_scores_with_and_without_what_was_flagged_stand_side_by_side() -> None:
    unit = np.repeat(["a", "b", "c"], 100)
    y = np.tile(np.r_[np.zeros(20), np.ones(80)], 3)
    flagged_rows = (unit == "b") & (np.tile(np.arange(100), 3) >= 60)
    excluded = (unit == "c") & (np.tile(np.arange(100), 3) >= 98)

    def score(keep: np.ndarray) -> pd.DataFrame:
        grouped = pd.DataFrame({"unit": unit[keep], "y": y[keep]}).groupby("unit")["y"]
        table = grouped.agg(value="mean", n="size").reset_index()
        reach = 1.96 * np.sqrt(table["value"] * (1 - table["value"]) / table["n"])
        return table.assign(low=table["value"] - reach, high=table["value"] + reach)

    found = quality.review_scores(score, flagged_rows, excluded).set_index("unit")

    assert found["value"].tolist() == pytest.approx([0.8, 0.8, 0.8])
    assert found.loc["b", "change_without_flagged"] == pytest.approx(40 / 60 - 0.8)
    assert found["n_without_excluded"].tolist() == [100, 100, 98]
    assert found["under_review"].to_dict() == {"a": False, "b": True, "c": False}


def test_a_change_of_tier_or_a_lost_score_puts_a_unit_under_review() -> None:
    headline = pd.DataFrame(
        {"unit": ["a", "b"], "value": [80.0, 70], "low": [70.0, 60], "high": [90.0, 80], "n": 50}
    ).assign(tier=["A", "B"])
    without = pd.DataFrame({"unit": ["a"], "value": [79.0], "n": [40], "tier": ["B"]})

    found = quality.compare_scores(headline, without, headline)

    assert found["under_review"].tolist() == [True, True]
    assert found["tier_changed"].tolist() == [True, False]


@pytest.mark.parametrize(
    ("change", "code", "row"),
    [
        ({"c3": [1, "cao", 2]}, "quality-not-numeric", 2),
        ({"unit": ["a", None, "b"]}, "quality-label-missing", 2),
        ({"stratum": ["s", "t", "s"], "unit": ["a", "a", "b"]}, "quality-unit-in-two-strata", 2),
    ],
)
def test_columns_that_cannot_be_read_are_refused_with_their_row(
    change: dict[str, list[object]], code: str, row: int
) -> None:
    table = honest_answers(a_generator(22), units=3, size=1, strata=1).assign(**change)

    with pytest.raises(EstimationError) as refusal:
        quality.straight_lines(table, ITEMS, unit="unit", stratum="stratum")

    assert refusal.value.code == code
    assert refusal.value.findings[0].row == row


def test_faults_of_every_rule_have_a_code() -> None:
    table = honest_answers(a_generator(23), units=3, size=2, strata=1)
    units = pd.DataFrame({"unit": ["a", "a"], "share": [0.5, 0.6], "n_effective": [10.0, 10.0]})
    cases = [
        (lambda: quality.straight_lines(table, ITEMS[:5], unit="unit"), "quality-battery-short"),
        (lambda: quality.straight_lines(table, ["x"] * 8, unit="unit"), "quality-column-missing"),
        (lambda: quality.near_duplicates(table, ["c1"], unit="unit"), "quality-items-few"),
        (lambda: quality.agreement(np.ones((40_001, 2))), "quality-stratum-large"),
        (lambda: quality.low_variation(table[:0], ITEMS, unit="unit"), "quality-empty"),
        (lambda: quality.too_good(units), "quality-unit-repeated"),
        (lambda: quality.too_good(units.assign(share=80.0)), "quality-share-impossible"),
        (lambda: quality.too_good(units.assign(n_effective=0.0)), "quality-count-impossible"),
        (lambda: quality.too_good(units[:1]), "quality-units-few"),
        (
            lambda: quality.same_comments(table, comment="c1", unit="unit"),
            "quality-comment-kind",
        ),
        (lambda: quality.fast_pages([[1.0]], [1, 2], 2.0), "page-times-shape"),
        (lambda: quality.fast_pages([[-1.0]], [1], 2.0), "page-time-negative"),
        (lambda: quality.reading_pace([[np.nan]], [1]), "page-times-none"),
        (
            lambda: quality.fast_responses(table, fast="c1", seen="c2", unit="unit"),
            "page-counts-impossible",
        ),
        (
            lambda: quality.collector_effect(np.ones(4), np.array([0, 0, 1, 1])),
            "collectors-no-variation",
        ),
        (lambda: quality.collector_effect(np.ones(3), np.array([0, 1, 2])), "collectors-few"),
        (
            lambda: quality.review_scores(lambda _: units, np.ones(2), np.ones(3)),
            "quality-mask-length",
        ),
    ]
    for act, code in cases:
        with pytest.raises(EstimationError) as refusal:
            act()
        assert refusal.value.code == code
