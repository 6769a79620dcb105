"""Drawn and voluntary answers: side by side, never merged, adjusted as a series of its own.

product.md, promise 1: voluntary answers are listened to and shown, as their own series; they
enter no ranked figure. All data are simulated.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd
import pytest
from scipy import optimize, special, stats

from analysis import estimation as estimate
from analysis import replication
from analysis.design import SurveyDesign
from analysis.inference.two_sources import (
    LABELS,
    compare,
    diagnose,
    doubly_robust,
    mass_imputed,
    participation,
    pool,
    quasi_randomized,
)
from intake.findings import EstimationError

PEOPLE = 10_000


def a_generator(seed: int) -> np.random.Generator:
    return np.random.Generator(np.random.PCG64(seed))


def a_population(rng: np.random.Generator, shape: str = "line") -> pd.DataFrame:
    """People with an age, an area and an answer that follows from both."""
    x = rng.standard_normal(PEOPLE)
    area = rng.choice(["plain", "upland"], PEOPLE, p=[0.6, 0.4])
    answer = 0.8 * x if shape == "line" else np.exp(0.7 * x)
    y = answer + (area == "upland") + rng.standard_normal(PEOPLE)
    top = (y > 0.5).astype(float)
    return pd.DataFrame({"age": x, "area": area, "y": y, "top": top})


def volunteers(
    rng: np.random.Generator, people: pd.DataFrame, shape: str = "logit"
) -> pd.DataFrame:
    if shape == "logit":
        chance = special.expit(-3 + 0.6 * people["age"] + 0.5 * (people["area"] == "upland"))
    else:
        chance = np.where(people["age"] > 0.5, 0.12, 0.03)
    return people[rng.random(PEOPLE) < chance].reset_index(drop=True)


def a_sample(rng: np.random.Generator, people: pd.DataFrame, n: int = 400) -> SurveyDesign:
    """Half of the sample from each area, whatever its size."""
    parts = []
    for _, part in people.groupby("area"):
        chosen = rng.choice(part.index.to_numpy(), n // 2, replace=False)
        parts.append(people.loc[chosen].assign(w=2 * len(part) / n))
    return SurveyDesign(pd.concat(parts, ignore_index=True), weights="w", strata="area")


def both(seed: int) -> tuple[SurveyDesign, pd.DataFrame]:
    rng = a_generator(seed)
    people = a_population(rng)
    return a_sample(rng, people), volunteers(rng, people)


def test_both_series_stand_side_by_side_with_their_labels() -> None:
    drawn, eager = both(1)

    found = compare(drawn, eager, ["y", "top"])

    assert found.table["series"].tolist() == ["drawn", "drawn", "voluntary", "voluntary"]
    assert found.table["label"].iloc[2] == "phản hồi tự nguyện – không đại diện"
    assert LABELS["voluntary"].en.endswith("not representative")
    drawn_rows = found.table[found.table["series"] == "drawn"]
    expected = estimate.mean(drawn, ["y", "top"]).table
    for name in ("value", "se", "low", "high"):
        assert drawn_rows[name].to_numpy() == pytest.approx(expected[name].to_numpy())


def test_the_difference_has_the_interval_of_two_independent_samples() -> None:
    # scipy.stats: Welch's t of two simple random samples.
    rng = a_generator(2)
    one, other = rng.normal(3.5, 1, 40), rng.normal(4.2, 0.6, 70)
    drawn = SurveyDesign(pd.DataFrame({"y": one, "w": 20.0}), weights="w")
    welch = stats.ttest_ind(other, one, equal_var=False)
    interval = welch.confidence_interval()

    row = compare(drawn, pd.DataFrame({"y": other}), "y").differences.iloc[0]

    assert row["difference"] == pytest.approx(other.mean() - one.mean())
    assert row["p"] == pytest.approx(welch.pvalue)
    assert row["df"] == pytest.approx(welch.df)
    assert (row["low"], row["high"]) == pytest.approx((interval.low, interval.high))


def test_differences_are_given_by_domain_and_missing_where_a_source_has_none() -> None:
    drawn, eager = both(3)
    eager = eager[eager["area"] == "plain"]

    found = compare(drawn, eager, "y", by="area").differences.set_index("area")

    assert np.isfinite(found.loc["plain", "p"])
    assert np.isnan(found.loc["upland", "difference"])


def test_answers_at_one_counter_resemble_each_other() -> None:
    drawn, eager = both(4)
    eager = eager.assign(counter=np.arange(len(eager)) % 8, y=np.arange(len(eager)) % 8)

    alone = compare(drawn, eager, "y").table
    clustered = compare(drawn, eager, "y", clusters="counter").table

    assert clustered["se"].iloc[1] > 3 * alone["se"].iloc[1]
    assert clustered["df"].iloc[1] == 7


def test_the_two_series_are_never_merged() -> None:
    drawn, eager = both(5)

    with pytest.raises(EstimationError) as refusal:
        pool(drawn, eager)

    assert refusal.value.code == "voluntary-not-pooled"


def test_a_source_that_holds_rows_of_the_other_is_refused() -> None:
    drawn, eager = both(6)
    mixed = drawn.data.assign(recruitment=["drawn"] * 7 + ["open"] * (len(drawn.data) - 7))
    polluted = SurveyDesign(mixed, weights="w", strata="area")
    recruited = eager.assign(recruitment="drawn")

    for act, code, row in (
        (lambda: compare(polluted, eager, "y"), "voluntary-in-sample", 8),
        (lambda: doubly_robust(drawn, recruited, "y", ["age"]), "drawn-in-voluntary", 1),
        (lambda: compare(drawn, drawn, "y"), "sources-same", None),
    ):
        with pytest.raises(EstimationError) as refusal:
            act()
        assert (refusal.value.code, refusal.value.findings[0].row) == (code, row)


def test_the_pseudo_likelihood_balances_what_it_solves_for() -> None:
    # Given the estimating equation of Chen, Li and Wu (2020), solved by scipy.optimize.root.
    drawn, eager = both(7)
    x_a = np.column_stack([np.ones(len(eager)), eager["age"], eager["area"] == "upland"])
    data = drawn.data
    x_b = np.column_stack([np.ones(len(data)), data["age"], data["area"] == "upland"])
    d = drawn.weights

    def equation(theta: np.ndarray) -> np.ndarray:
        return x_a.sum(axis=0) - x_b.T @ (d * special.expit(x_b @ theta))

    theta = optimize.root(equation, np.array([-3.0, 0.5, 0.5]), tol=1e-12).x

    found = participation(drawn, eager, ["age", "area"])

    assert found.propensities == pytest.approx(special.expit(x_a @ theta), rel=1e-7)


def test_categories_alone_make_weights_that_reproduce_the_sample() -> None:
    drawn, eager = both(8)

    for method in ("pseudo_likelihood", "elliott_valliant"):
        found = participation(drawn, eager, ["area"], method)
        sizes = pd.Series(found.weights).groupby(eager["area"]).sum()
        truth = pd.Series(drawn.weights).groupby(drawn.data["area"]).sum()
        assert sizes.to_dict() == pytest.approx(truth.to_dict())


def test_the_variance_is_the_formula_of_chen_li_and_wu() -> None:
    # Their section 3.2 for DR2, written out, with a stratified variance for the drawn sample.
    drawn, eager = both(9)
    row = doubly_robust(drawn, eager, "y", ["age", "area"], variance="plugin").table.iloc[0]
    data, d = drawn.data, drawn.weights
    x_a = np.column_stack([np.ones(len(eager)), eager["age"], eager["area"] == "upland"])
    x_b = np.column_stack([np.ones(len(data)), data["age"], data["area"] == "upland"])
    pi_a = participation(drawn, eager, ["age", "area"]).propensities
    pi_b = participation(drawn, eager, ["age", "area"]).drawn_propensities
    y = eager["y"].to_numpy()
    beta = np.linalg.lstsq(x_a, y, rcond=None)[0]
    u, m = y - x_a @ beta, x_b @ beta
    n_a, n_b = (1 / pi_a).sum(), d.sum()
    h = (u / pi_a).sum() / n_a
    left = ((1 / pi_a - 1) * (u - h)) @ x_a
    b = left @ np.linalg.inv((x_b * (d * pi_b * (1 - pi_b))[:, None]).T @ x_b)
    own = ((1 - pi_a) * ((u - h) / pi_a - x_a @ b) ** 2).sum() / n_a**2
    t = d * (pi_b * (x_b @ b) / n_a + (m - d @ m / n_b) / n_b)
    other = sum(len(part) * part.var(ddof=1) for _, part in pd.Series(t).groupby(data["area"]))

    assert row["value"] == pytest.approx(h + d @ m / n_b)
    assert row["se"] == pytest.approx(np.sqrt(own + other), rel=1e-6)


@pytest.mark.parametrize("propensity", ["pseudo_likelihood", "elliott_valliant"])
@pytest.mark.parametrize("act", [quasi_randomized, doubly_robust])
def test_the_error_agrees_with_a_bootstrap_of_both_sources(
    act: Callable[..., Any], propensity: str
) -> None:
    drawn, eager = both(10)
    given = {"items": ["y", "top"], "covariates": ["age", "area"], "propensity": propensity}

    formula = act(drawn, eager, **given)
    drawn_again = act(drawn, eager, **given, variance="bootstrap", replicates=150, seed=3)

    assert formula.table["se"].to_numpy() == pytest.approx(
        drawn_again.table["se"].to_numpy(), rel=0.15
    )
    assert formula.covariance[0, 1] > 0


@pytest.mark.parametrize(
    ("answers", "stream"), [("line", "logit"), ("curve", "logit"), ("line", "steps")]
)
def test_the_doubly_robust_estimate_is_right_when_either_model_holds(
    answers: str, stream: str
) -> None:
    # Given one population and 40 pairs of sources; of the models one or both are right.
    rng = a_generator(11)
    people = a_population(rng, answers)
    truth = people["y"].mean()
    found = []
    for _ in range(40):
        drawn, eager = a_sample(rng, people), volunteers(rng, people, stream)
        row = doubly_robust(drawn, eager, "y", ["age", "area"]).table.iloc[0]
        found.append((row["value"], row["se"], row["low"] <= truth <= row["high"]))
    value, se, covered = np.array(found, dtype=float).T

    assert value.mean() == pytest.approx(truth, abs=3 * value.std() / np.sqrt(40))
    assert se.mean() == pytest.approx(value.std(), rel=0.3)
    assert covered.mean() >= 0.87


def test_adjusting_takes_off_most_of_the_bias_of_volunteers() -> None:
    rng = a_generator(12)
    people = a_population(rng)
    truth = people["y"].mean()
    drawn, eager = a_sample(rng, people), volunteers(rng, people)

    for act in (quasi_randomized, doubly_robust, mass_imputed):
        row = act(drawn, eager, "y", ["age", "area"]).table.iloc[0]
        assert abs(row["unadjusted"] - truth) > 0.4
        assert abs(row["value"] - truth) < 0.2
        assert row["series"] == "voluntary-adjusted"
        assert "không thay cho mẫu" in row["label"]


def test_the_drawn_sample_needs_no_answers() -> None:
    drawn, eager = both(13)
    bare = SurveyDesign(drawn.data.drop(columns=["y", "top"]), weights="w", strata="area")

    one = doubly_robust(drawn, eager, "y", ["age", "area"]).table
    other = doubly_robust(bare, eager, "y", ["age", "area"]).table

    assert one["value"].iloc[0] == other["value"].iloc[0]


def test_a_part_of_the_sample_is_the_population_of_that_part() -> None:
    drawn, eager = both(14)
    upland = eager[eager["area"] == "upland"].reset_index(drop=True)
    alone = SurveyDesign(
        drawn.data[drawn.data["area"] == "upland"].reset_index(drop=True), weights="w"
    )

    whole = doubly_robust(drawn.where("area == 'upland'"), upland, "y", ["age"]).table.iloc[0]
    part = doubly_robust(alone, upland, "y", ["age"]).table.iloc[0]

    assert whole["value"] == pytest.approx(part["value"])
    assert whole["se"] == pytest.approx(part["se"])


def test_order_of_rows_changes_nothing() -> None:
    drawn, eager = both(15)
    mixed = SurveyDesign(drawn.data.sample(frac=1, random_state=1), weights="w", strata="area")

    one = doubly_robust(drawn, eager, "y", ["age", "area"]).table
    other = doubly_robust(mixed, eager.iloc[::-1], "y", ["age", "area"]).table

    assert one[["value", "se"]].to_numpy() == pytest.approx(other[["value", "se"]].to_numpy())


def test_overlap_weights_and_balance_are_shown() -> None:
    drawn, eager = both(16)
    found = diagnose(participation(drawn, eager, ["age", "area"]))

    assert found.n_effective < found.n
    assert 0 <= found.outside < 0.05
    assert found.population == pytest.approx(found.population_drawn, rel=0.1)
    balance = found.balance
    assert (balance["difference_after"].abs() < balance["difference_before"].abs() / 2).all()
    assert found.overlap["source"].tolist() == ["voluntary", "drawn"]


def test_a_category_without_volunteers_is_named() -> None:
    drawn, eager = both(17)

    with pytest.raises(EstimationError) as refusal:
        doubly_robust(drawn, eager[eager["area"] == "plain"], "y", ["age", "area"])

    assert refusal.value.code == "no-overlap"
    assert "upland" in refusal.value.text("en")
    assert "tự nguyện" in refusal.value.text("vi")


def test_ages_that_do_not_meet_are_refused() -> None:
    drawn, eager = both(18)
    apart = drawn.data.assign(age=drawn.data["age"] - 20)

    with pytest.raises(EstimationError) as refusal:
        participation(SurveyDesign(apart, weights="w"), eager, ["age"])

    assert (refusal.value.code, refusal.value.findings[0].column) == ("separation", "age")


def wrong(**columns: Any) -> Callable[[pd.DataFrame], pd.DataFrame]:
    return lambda table: table.assign(**columns)


@pytest.mark.parametrize(
    ("change", "options", "code"),
    [
        (wrong(age=np.nan), {}, "covariate-missing"),
        (wrong(age="old"), {}, "covariate-kind"),
        (wrong(area="island"), {}, "no-overlap"),
        (wrong(y=np.nan), {}, "answers-missing"),
        (wrong(y="tốt"), {}, "item-not-numeric"),
        (wrong(), {"covariates": ["income"]}, "covariate-column-missing"),
        (wrong(), {"covariates": []}, "covariates-none"),
        (wrong(), {"items": "z"}, "item-missing-column"),
        (wrong(), {"outcome": "logistic"}, "outcome-not-binary"),
        (wrong(), {"outcome": "cubic"}, "outcome-unknown"),
        (wrong(), {"variance": "guess"}, "variance-unknown"),
        (wrong(), {"propensity": "guess"}, "participation-method"),
        (wrong(), {"clusters": "counter"}, "item-missing-column"),
    ],
)
def test_what_cannot_be_adjusted_is_refused(
    change: Callable[[pd.DataFrame], pd.DataFrame], options: dict[str, Any], code: str
) -> None:
    drawn, eager = both(19)
    given = {"items": "y", "covariates": ["age", "area"], **options}

    with pytest.raises(EstimationError) as refusal:
        doubly_robust(drawn, change(eager), **given)

    assert refusal.value.code == code


def test_weights_that_are_no_persons_are_refused() -> None:
    drawn, eager = both(20)
    relative = SurveyDesign(drawn.data.assign(w=drawn.data["w"] / 1000), weights="w")

    with pytest.raises(EstimationError) as pseudo:
        participation(relative, eager, ["age"])
    with pytest.raises(EstimationError) as quasi:
        participation(relative, eager, ["age"], "elliott_valliant")

    assert pseudo.value.code == "weights-not-population"
    assert quasi.value.code == "weight-below-one"


def test_the_bootstrap_asks_for_two_units_in_every_stratum() -> None:
    drawn, eager = both(21)
    lonely = SurveyDesign(drawn.data, weights="w", psu="area", strata="area", lonely_psu="remove")

    with pytest.raises(EstimationError) as refusal:
        doubly_robust(lonely, eager, "y", ["age"], variance="bootstrap")

    assert refusal.value.code == "bootstrap-needs-design"


def test_missing_answers_are_left_out_only_when_asked() -> None:
    drawn, eager = both(22)
    gaps = eager.copy()
    gaps.loc[[3, 5], "y"] = np.nan

    whole = doubly_robust(drawn, gaps, "y", ["age", "area"], missing="drop").table.iloc[0]
    part = doubly_robust(drawn, eager.drop([3, 5]), "y", ["age", "area"]).table.iloc[0]

    assert whole["n"] == len(eager) - 2
    assert whole[["value", "se"]].tolist() == pytest.approx(part[["value", "se"]].tolist())


def test_replicate_weights_of_the_sample_give_the_same_error() -> None:
    drawn, eager = both(23)
    replicates = replication.make(drawn, kind="jkn")

    for act in (quasi_randomized, doubly_robust, mass_imputed):
        taylor = act(drawn, eager, "y", ["age", "area"]).table
        jackknife = act(replicates, eager, "y", ["age", "area"]).table
        assert taylor["value"].iloc[0] == pytest.approx(jackknife["value"].iloc[0])
        assert taylor["se"].iloc[0] == pytest.approx(jackknife["se"].iloc[0], rel=0.02)
