"""Precision before anything is spent: components, expected variance, ranks, curves, figures."""

from __future__ import annotations

import math
from datetime import date

import numpy as np
import pandas as pd
import pytest

from intake.findings import DesignError
from sampling import DESIGNS, SampleDesign, frame, load_registry
from sampling.precision import (
    Spread,
    chance_of_telling,
    components_from_file,
    expected,
    lay_out,
    precision_curve,
    separation_table,
    share_separable,
    smallest_difference,
    spread_of,
    variance_components,
)
from sampling.takes import takes_of

Z = 1.959963984540054


def code(call, *arguments, **options):
    with pytest.raises(DesignError) as refusal:
        call(*arguments, **options)
    return refusal.value.code


def people(rng, units, within, *, rho=0.1, mean=50.0):
    """Return answers of units whose values have variance 1, of which rho lies between units."""
    psu = np.repeat(np.arange(units), within)
    level = rng.normal(0, math.sqrt(rho), units)
    y = mean + level[psu] + rng.normal(0, math.sqrt(1 - rho), len(psu))
    return pd.DataFrame({"y": y, "psu": psu})


def rows(units, strata=("s",), size=1000):
    return [
        {
            "unit_id": f"{stratum}{at:03d}",
            "unit_name": "c",
            "province": "p",
            "stratum": stratum,
            "size": size if isinstance(size, int) else size[at],
        }
        for stratum in strata
        for at in range(units)
    ]


def two_stages(take, persons, method="srs", **more):
    return SampleDesign.from_dict(
        {
            "version": 1,
            "stages": [
                {"unit": "commune", "method": method, "take": take},
                {"unit": "person", "method": "srs", "take": persons},
            ],
            **more,
        }
    )


# Components


def test_balanced_components_are_those_of_the_analysis_of_variance():
    # Mean squares by hand: means 2, 6, 5; MSB = 3 · 13/3 = 13, MSW = (2 + 8 + 2) / 6 = 2.
    data = pd.DataFrame({"y": [1, 2, 3, 4, 6, 8, 4, 5, 6], "v": list("aaabbbccc")})

    row = variance_components(data, "y", "v").rows[0]

    assert row["within"] == pytest.approx(2)
    assert row["between"] == pytest.approx((13 - 2) / 3)
    assert row["icc"] == pytest.approx((11 / 3) / (11 / 3 + 2))
    assert row["mean_take"] == pytest.approx(3)
    assert row["relvariance"] == pytest.approx((11 / 3 + 2) / row["mean"] ** 2)
    # Ends of F: 6.5 / F(0.975; 2, 6) = 6.5 / 7.259856 and 6.5 · F(0.975; 6, 2) = 6.5 · 39.331458.
    low, high = 6.5 / 7.259856, 6.5 * 39.331458
    assert row["icc_low"] == max(0, (low - 1) / (low + 2))
    assert row["icc_high"] == pytest.approx((high - 1) / (high + 2), abs=1e-6)


def test_the_interval_of_the_correlation_holds_the_truth_as_often_as_it_says(rng):
    held = {"balanced": 0, "unbalanced": 0}
    repeats = 250
    for _ in range(repeats):
        for kind in held:
            within = 10 if kind == "balanced" else rng.integers(4, 20, 30)
            row = variance_components(people(rng, 30, within), "y", "psu").rows[0]
            held[kind] += row["icc_low"] <= 0.1 <= row["icc_high"]
    for hits in held.values():
        assert 0.91 <= hits / repeats <= 0.985


def test_components_of_a_clustered_population_are_found_with_weights_and_strata(rng):
    data = people(rng, 3000, rng.integers(3, 12, 3000))
    data["stratum"] = data["psu"] % 3
    data["y"] += 5 * data["stratum"]
    data["w"] = rng.uniform(0.5, 2, len(data))

    made = variance_components(data, "y", "psu", stratum="stratum", weights="w")

    assert made.rows[0]["between"] == pytest.approx(0.1, abs=0.012)
    assert made.rows[0]["within"] == pytest.approx(0.9, abs=0.025)
    assert made.spread().rho == (made.rows[0]["icc"],)


def test_a_negative_component_is_set_to_zero_and_said():
    data = pd.DataFrame({"y": [1, 3, 1, 3, 1, 3], "v": list("aabbcc")})
    made = variance_components(data, "y", "v")
    assert made.rows[0]["between"] == 0
    assert made.rows[0]["icc"] == 0
    assert [finding.code for finding in made.findings] == ["precision-component-negative"]


def test_answers_become_what_the_index_counts_and_codes_of_missing_are_left_out():
    data = pd.DataFrame({"q": [5, 4, -9, 1, 3, 5, 4, 2], "v": list("aaaabbbb")})
    made = variance_components(data, "q", "v", rule="top2")
    assert made.rows[0]["n"] == 7
    assert made.rows[0]["mean"] == pytest.approx(4 / 7)
    assert made.spread("q").share
    assert variance_components(data, "q", "v", rule="mean04").rows[0]["mean"] == pytest.approx(
        25 * (24 / 7 - 1)
    )


def test_a_frozen_file_gives_what_its_table_gives(tmp_path, rng):
    data = people(rng, 8, 5)
    data.to_parquet(tmp_path / "round.parquet")
    data.to_csv(tmp_path / "round.csv", index=False)
    for name in ("round.parquet", "round.csv"):
        made = components_from_file(tmp_path / name, ["y"], "psu")
        assert made.table["icc"].iloc[0] == pytest.approx(
            variance_components(data, "y", "psu").rows[0]["icc"]
        )
    (tmp_path / "no.parquet").write_text("no", encoding="utf-8")
    assert code(components_from_file, tmp_path / "no.parquet", "y", "psu") == (
        "precision-file-unreadable"
    )
    assert code(components_from_file, tmp_path / "round.csv", "z", "psu") == (
        "precision-column-missing"
    )


def test_rows_of_units_taken_with_certainty_belong_to_no_unit_in_any_file(tmp_path):
    told = pd.DataFrame({"y": [1, 2, 3, 5, 6, 7, 9, 1], "psu_id": [*"aaabbb", "", ""]})
    told.to_csv(tmp_path / "told.csv", index=False)
    told.to_parquet(tmp_path / "told.parquet")
    for name in ("told.csv", "told.parquet"):
        row = components_from_file(tmp_path / name, "y", "psu_id").rows[0]
        assert (row["psus"], row["within"]) == (2, 1.0)


def test_components_refuse_what_they_cannot_use():
    data = pd.DataFrame({"y": [1.0, -0.5, 2, 3], "t": list("abcd"), "v": list("aabb")})
    assert code(variance_components, data, "x", "v") == "precision-column-missing"
    assert code(variance_components, data, "t", "v") == "precision-column-not-numbers"
    assert code(variance_components, data, "y", "v") == "precision-values-negative"
    assert code(variance_components, data, "y", "t", codes=False) == "precision-data-too-few"
    assert code(variance_components, data, "y", "v", rule="best") == "precision-choice-unknown"
    assert code(variance_components, data, "y", "v", level=2) == "precision-value-out-of-range"


# Expected variance


def test_few_of_many_equal_units_cost_one_plus_take_less_one_times_rho():
    design = two_stages(10, 21)
    found = expected(
        design,
        lay_out(design, frame.Frame.from_rows(rows(5000, size=10**6))),
        [10],
        Spread.of_share(0.5, 0.05),
        interval="z",
    ).overall()
    assert found["deff"] == pytest.approx(1 + 20 * 0.05, rel=2e-3)
    assert found["half_width"] == pytest.approx(Z * math.sqrt(0.25 * 2 / 210), rel=1e-3)
    assert found["deff_weights"] == pytest.approx(1)


def test_equal_chances_of_unequal_units_cost_what_their_weights_say():
    sizes = [500, 1500] * 500
    units = frame.Frame.from_rows(rows(1000, size=sizes))
    spread = Spread.of_share(0.5, 0.0)
    drawn = {}
    for method in ("srs", "pps_systematic"):
        design = two_stages(10, 20, method)
        drawn[method] = expected(design, lay_out(design, units), [10], spread).overall()
    # Weights in proportion to sizes 1 and 3: 1 + cv² = mean of squares over squared mean.
    assert drawn["srs"]["deff_weights"] == pytest.approx(1.25)
    assert drawn["srs"]["deff"] == pytest.approx(1.25, rel=0.05)
    assert drawn["pps_systematic"]["deff_weights"] == pytest.approx(1)


def test_a_census_of_units_leaves_the_variance_within_them_and_a_census_none():
    units = frame.Frame.from_rows(rows(4))
    spread = Spread.of_share(0.5, 0.2)
    design = two_stages(4, 100)
    found = expected(design, lay_out(design, units), [4], spread).overall()
    assert found["se"] ** 2 == pytest.approx(0.25 * 0.8 * (1 - 0.1) / 400)
    assert found["df"] == 4 * 99
    design = two_stages(4, 1000)
    assert expected(design, lay_out(design, units), [4], spread).overall()["se"] == 0


def test_persons_drawn_from_the_frame_are_a_simple_random_sample():
    design = SampleDesign.from_dict(
        {"version": 1, "stages": [{"unit": "person", "method": "srs", "take": 100}]}
    )
    units = frame.Frame.from_rows(rows(1000, size=1))
    found = expected(design, lay_out(design, units), [100], Spread.of_share(0.5, 0.0)).overall()
    assert found["se"] ** 2 == pytest.approx(0.25 / 100 * 0.9)
    assert found["df"] == 99


def test_three_stages_add_a_variance_at_each():
    villages = [
        row | {"unit_id": f"{row['unit_id']}v{at}", "parent_id": row["unit_id"]}
        for row in rows(20, size=200)
        for at in range(6)
    ]
    design = SampleDesign.from_dict(
        {
            "version": 1,
            "stages": [
                {"unit": "commune", "id": "parent_id", "method": "srs", "take": 5},
                {"unit": "village", "id": "unit_id", "method": "srs", "take": 3},
                {"unit": "person", "method": "srs", "take": 10},
            ],
        }
    )
    spread = Spread(0.5, 0.25, (0.04, 0.06))
    found = expected(
        design, lay_out(design, frame.Frame.from_rows(villages)), [5], spread
    ).overall()
    # 1 − f at each stage: 15/20, 3/6, 190/200 (equal sizes, so no weights).
    within = 0.015 * 0.5 / 3 + 0.225 * 0.95 / 30
    assert found["se"] ** 2 == pytest.approx((0.01 * 0.75 + within) / 5)
    assert found["answers"] == pytest.approx(150)
    assert found["df"] == 4


def test_response_and_eligible_rates_and_weights_lower_what_is_learnt():
    units = frame.Frame.from_rows(rows(1000))
    spread = Spread.of_share(0.5, 0.0)
    full = two_stages(10, 20)
    part = two_stages(10, 20, targets={"response": 0.5, "eligible": 0.8, "relvariance": 0.3})
    found = expected(part, lay_out(part, units), [10], spread).overall()
    whole = expected(full, lay_out(full, units), [10], spread).overall()
    assert found["answers"] == pytest.approx(80)
    assert found["se"] ** 2 == pytest.approx(1.3 * whole["se"] ** 2 / 0.4 * (1 - 8 / 800) / 0.98)


def test_systematic_pps_on_the_real_frame_has_the_standard_error_it_was_expected_to_have(rng):
    """Repeated samples of a synthetic population with known components, drawn by `draw`."""
    from simulation.expecting import compared

    ratios = compared(rng, rounds=300)

    # Monte-Carlo error of a standard error from 300 samples: 1 / sqrt(600) = 4.1 %.
    assert all(0.88 <= ratio <= 1.12 for ratio in ratios.values()), ratios


# Ranks


def test_the_chance_of_telling_is_the_power_of_the_test():
    least = smallest_difference(2.0, 3.0)
    assert least == pytest.approx((Z + 0.8416212335729143) * math.sqrt(13))
    assert chance_of_telling(least, 2.0, 3.0) == pytest.approx(0.8, abs=1e-5)
    assert chance_of_telling(0.0, 1.0) == pytest.approx(0.05)
    assert chance_of_telling(3.0, 1.0, method="joint", units=50) < chance_of_telling(3.0, 1.0)


def test_the_share_of_pairs_told_apart_is_that_of_simulated_rankings(rng):
    sd, se, units = 4.0, 2.0, 400
    true = rng.normal(0, sd, units)
    seen = true + rng.normal(0, se, units)
    gap = np.abs(seen[:, None] - seen)[np.triu_indices(units, 1)]
    by_test = (gap > Z * se * math.sqrt(2)).mean()
    assert share_separable(sd, se) == pytest.approx(by_test, abs=0.03)
    reach = 2 * se * 4.01  # z of (1 + 0.95^(1/400)) / 2 is 3.826
    assert share_separable(sd, se, method="joint", units=units) >= (gap > reach).mean() - 0.03
    assert spread_of(seen, se) == pytest.approx(sd, abs=0.45)


def test_more_answers_tell_more_pairs_apart():
    table = separation_table([50, 200, 800], 0.04, 0.16, units=100)
    assert table["pairs"].is_monotonic_increasing
    assert table["difference"].is_monotonic_decreasing
    assert (table["joint"] < table["pairs"]).all()


def test_ranks_refuse_what_they_cannot_use():
    assert code(chance_of_telling, 1.0, 0.0) == "precision-value-out-of-range"
    assert code(chance_of_telling, "a", 1.0) == "precision-value-out-of-range"
    assert code(share_separable, 1.0, 1.0, method="guess") == "precision-choice-unknown"
    assert code(spread_of, [1.0]) == "precision-values-too-few"
    assert code(Spread.of_share, 1.2, 0.1) == "precision-value-out-of-range"
    assert code(Spread, 0.5, 0.25, (0.6, 0.6)) == "precision-value-out-of-range"


# Curves


@pytest.fixture(scope="module")
def city():
    units = frame.build(load_registry(), date(2026, 3, 1))
    design = SampleDesign.read(DESIGNS / "hai-phong-population.yaml")
    return design, units, takes_of(design, units)[0]


def test_more_money_makes_every_interval_narrower(city):
    made = precision_curve(*city, domains=("type",))
    assert made.table["cost"].is_monotonic_increasing
    assert made.table["half_width"].is_monotonic_decreasing
    wide = made.domains.query("domain == 'Xã'")
    assert wide["half_width"].is_monotonic_decreasing
    assert made.table.query("factor == 1")["units"].item() == 30


def test_a_budget_is_spent_as_nearly_as_whole_units_allow(city):
    made = precision_curve(*city, budgets=[150e6, 300e6])
    left = np.array([150e6, 300e6]) - made.table["cost"]
    # One more commune costs 2,000,000 and 66 interviews of 60,000.
    assert ((left >= 0) & (left < 5.96e6)).all()
    assert code(precision_curve, *city, budgets=[1e6]) == "precision-budget-too-small"
    assert code(precision_curve, *city, budgets=[1e9], factors=[1]) == "precision-sizes-unclear"
    assert code(precision_curve, *city, factors=[-1]) == "precision-value-out-of-range"
    assert code(precision_curve, *city, domains=["no"]) == "precision-column-missing"


def test_the_best_take_is_the_textbook_one_and_the_table_agrees(city):
    made = precision_curve(*city)
    # sqrt(2,000,000 / 60,000 · 0.98 / 0.02) answers, of 0.6 responses each.
    assert made.optimal_take == pytest.approx(math.sqrt(2e6 / 6e4 * 49) / 0.6)
    table = made.takes.set_index("role")
    assert table.loc["optimum", "half_width"] <= made.takes["half_width"].min() + 5e-4
    assert (made.takes["cost"] <= 178_800_000).all()
    assert made.take == 110
