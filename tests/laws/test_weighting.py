"""Properties of weights that hold whatever the sample and the targets are."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import assume, given, reject, settings
from hypothesis import strategies as st

from analysis import SurveyDesign, estimate, replication, weighting
from analysis.residuals import residual_scores
from analysis.weighting.trimming import trimmed
from intake.findings import WeightError

QUICK = settings(max_examples=8, deadline=None)
SEX, AGE = ("f", "m"), (1, 2, 3)


@st.composite
def samples(draw: Any) -> pd.DataFrame:
    """Every combination of sex and age at least twice, in three primary units or more."""
    rng = np.random.Generator(np.random.PCG64(draw(st.integers(0, 10_000))))
    rows = draw(st.integers(2, 5)) * 6
    return pd.DataFrame(
        {
            "sex": np.tile(np.repeat(SEX, 3), rows // 6),
            "age": np.tile(np.tile(AGE, 2), rows // 6),
            "psu": np.arange(rows) % draw(st.sampled_from([4, 5, 7])),
            "income": rng.normal(50, 10, rows),
            "y": rng.integers(1, 6, rows),
            "w": rng.lognormal(1, 0.4, rows),
        }
    )


def a_design(table: pd.DataFrame) -> SurveyDesign:
    return SurveyDesign(table, weights="w", psu="psu")


def targets(table: pd.DataFrame, push: float) -> dict[str, Any]:
    """Counts and a total near those of the sample, moved by a tenth at most."""
    size = float(table["w"].sum())
    women = size * (0.5 + push / 20)
    ages = np.array([1 + push / 10, 1.0, 1 - push / 10]) * size / 3
    return {
        "sex": {"f": women, "m": size - women},
        "age": {age: float(count) for age, count in zip(AGE, ages, strict=True)},
        "income": float(table["w"] @ table["income"]) * (1 + push / 100),
    }


def methods(table: pd.DataFrame, push: float) -> dict[str, Any]:
    wanted = targets(table, push)
    counts = {name: wanted[name] for name in ("sex", "age")}
    cells = {(sex, age): 10.0 + age + push for sex in SEX for age in AGE}
    return {
        "rake": lambda of: weighting.rake(of, counts),
        "poststratify": lambda of: weighting.poststratify(of, ["sex", "age"], cells),
        "linear": lambda of: weighting.calibrate(of, wanted),
        "raking": lambda of: weighting.calibrate(of, wanted, "raking"),
        "logit": lambda of: weighting.calibrate(of, wanted, "logit", (0.05, 8.0)),
        "standardize": lambda of: weighting.standardize(of, "age", "sex", [3, 2, 1]),
    }


NAMES = ["rake", "poststratify", "linear", "raking", "logit", "standardize"]
PUSH = st.floats(-1, 1)


def made(name: str, table: pd.DataFrame, push: float, of: Any = None) -> Any:
    try:
        return methods(table, push)[name](a_design(table) if of is None else of)
    except WeightError as refusal:
        # A small sample may have no weights near enough; that is said, and is another law.
        assume(refusal.code not in {"calibration-infeasible", "calibration-weight-not-positive"})
        raise


@pytest.mark.parametrize("name", NAMES)
@QUICK
@given(table=samples(), push=PUSH)
def test_weights_reproduce_every_total_they_were_given(
    name: str, table: pd.DataFrame, push: float
) -> None:
    found = made(name, table, push)

    step = found.history[-1]
    for margin in step.margins:
        sums = np.bincount(margin.category, found.weights, len(margin.targets))
        assert sums == pytest.approx(margin.targets, rel=1e-8)
    for known in step.numeric:
        assert found.weights @ known.row_values == pytest.approx(known.total, rel=1e-8)
    assert weighting.record(found)["margin_error"].iloc[-1] < 1e-8


@pytest.mark.parametrize("name", NAMES)
@QUICK
@given(table=samples(), push=PUSH, seed=st.integers(0, 99))
def test_the_order_of_rows_changes_no_weight(
    name: str, table: pd.DataFrame, push: float, seed: int
) -> None:
    order = np.random.Generator(np.random.PCG64(seed)).permutation(len(table))

    found = made(name, table, push).weights
    turned = made(name, table.iloc[order].reset_index(drop=True), push).weights

    assert turned == pytest.approx(found[order], rel=1e-8)


@pytest.mark.parametrize("name", ["rake", "raking", "standardize"])
@pytest.mark.parametrize("kind", ["str", "float", "category", "object", "Int64"])
@settings(max_examples=2, deadline=None)
@given(table=samples(), push=PUSH)
def test_the_kind_of_a_column_changes_no_weight(
    name: str, kind: str, table: pd.DataFrame, push: float
) -> None:
    turned = table.assign(age=table["age"].astype(kind))

    assert made(name, turned, push).weights == pytest.approx(
        made(name, table, push).weights, rel=1e-10
    )


@pytest.mark.parametrize("name", NAMES)
@QUICK
@given(table=samples(), push=PUSH)
def test_what_was_calibrated_is_certain(name: str, table: pd.DataFrame, push: float) -> None:
    found = made(name, table, push)

    step = found.history[-1]
    columns = np.asarray(step.auxiliary.todense()) * found.weights[:, None]
    left = residual_scores(found, columns)

    # Raking takes out means ten times over; the others are exact.
    tolerance = 1e-3 if name == "rake" else 1e-8
    assert np.abs(left).max() <= tolerance * np.abs(columns).max()


@pytest.mark.parametrize("name", NAMES)
@QUICK
@given(table=samples(), push=PUSH)
def test_residuals_follow_from_auxiliaries_moments_and_coefficients(
    name: str, table: pd.DataFrame, push: float
) -> None:
    found = made(name, table, push)
    step, y = found.history[-1], table[["y", "income"]].to_numpy(dtype=float)

    moments = step.auxiliary.T @ (step.moment_weights[:, None] * y)
    direct = y - step.auxiliary @ step.coefficients(np.asarray(moments))

    scores = y * step.after[:, None]
    left = residual_scores(found, scores)
    assert left == pytest.approx(direct * step.after[:, None], abs=1e-7)


@pytest.mark.parametrize("name", ["rake", "poststratify", "linear", "raking"])
@settings(max_examples=8, deadline=None)
@given(table=samples(), push=PUSH)
def test_every_replicate_reproduces_the_totals(name: str, table: pd.DataFrame, push: float) -> None:
    jackknife = replication.make(a_design(table), kind="jk1")

    try:
        found = methods(table, push)[name](jackknife)
    except WeightError as refusal:
        # Leaving a unit out may empty a category, or leave no weights near enough.
        assume("Replicate" not in str(refusal) and not refusal.code.startswith("calibration"))
        raise

    for margin in found.history[-1].margins:
        for weights in found.replicate_weights.T:
            sums = np.bincount(margin.category, weights, len(margin.targets))
            assert sums == pytest.approx(margin.targets, rel=1e-7)


@QUICK
@given(table=samples(), push=PUSH)
def test_a_part_is_calibrated_as_if_it_were_alone(table: pd.DataFrame, push: float) -> None:
    counts = {"age": targets(table, push)["age"]}
    whole, alone = a_design(table), table[table["sex"] == "f"].reset_index(drop=True)

    part = weighting.rake(whole.where("sex == 'f'"), counts)
    own = weighting.rake(SurveyDesign(alone, weights="w", psu="psu", lonely_psu="adjust"), counts)

    women = (table["sex"] == "f").to_numpy()
    assert part.weights[women] == pytest.approx(own.weights, rel=1e-9)
    assert (part.weights[~women] == 0).all()
    assert estimate.mean(part, "y").table["value"][0] == pytest.approx(
        estimate.mean(own, "y").table["value"][0]
    )


@pytest.mark.parametrize("distance", ["linear", "raking", "logit"])
@settings(max_examples=6, deadline=None)
@given(table=samples(), lower=st.floats(0.1, 0.5), upper=st.floats(2, 4))
def test_bounded_factors_stay_within_their_bounds(
    distance: str, table: pd.DataFrame, lower: float, upper: float
) -> None:
    wanted = {name: targets(table, 0.5)[name] for name in ("sex", "age")}
    try:
        found = weighting.calibrate(a_design(table), wanted, distance, (lower, upper))
    except WeightError as refusal:
        # The sample is random: its own counts may be further off than the bounds allow.
        assume(not refusal.code.startswith("calibration"))
        raise

    factor = found.weights / table["w"].to_numpy()
    assert factor.min() >= lower - 1e-12
    assert factor.max() <= upper + 1e-12


@QUICK
@given(st.lists(st.floats(0.1, 1e3), min_size=3, max_size=40), st.floats(0.2, 0.9))
def test_strict_trimming_equals_trimming_again_and_again(
    weights: list[float], share: float
) -> None:
    values = np.array(weights)
    upper = float(values.mean()) * (1 + share)
    assume((values > upper).any())

    current = values
    for _ in range(2000):
        if not (current > upper * (1 + 1e-13)).any():
            break
        outside = current > upper
        cut = np.minimum(current, upper)
        cut[~outside] += (current - cut).sum() / np.count_nonzero(~outside)
        current = cut

    found = trimmed(values, -np.inf, upper, strict=True)
    assert found == pytest.approx(current, rel=1e-6)
    assert found.sum() == pytest.approx(values.sum())


@QUICK
@given(table=samples(), seed=st.integers(0, 99))
def test_those_who_answered_carry_the_weight_of_all(table: pd.DataFrame, seed: int) -> None:
    rng = np.random.Generator(np.random.PCG64(seed))
    came = table.assign(responded=(rng.random(len(table)) < 0.7) | (table.index < 6))
    design = a_design(came)
    try:
        modelled = weighting.nonresponse(design, model=["income"], groups=1)
    except WeightError as refused:
        # Where incomes alone tell who answered there is no model, as other tests show.
        if refused.code != "propensity-separates":
            raise
        reject()

    for found in (weighting.nonresponse(design, classes=["sex", "age"]), modelled):
        assert found.weights.sum() == pytest.approx(table["w"].sum())
        assert (found.weights[~came["responded"]] == 0).all()
