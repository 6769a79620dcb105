"""Replicate weights: what they are made of, what they give back, and what is refused."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest

from analysis import SurveyDesign
from analysis.estimation import mean, total
from analysis.replication import ReplicateDesign, export, given, make
from analysis.replication.hadamard import balanced
from analysis.sampling_error import covariance_of
from analysis.weighting.steps import Step
from intake.findings import EstimationError, WeightError


def a_sample(strata: int = 6, psus: int = 2, rows: int = 5, **columns: object) -> pd.DataFrame:
    size = strata * psus * rows
    rng = np.random.Generator(np.random.PCG64(7))
    psu = np.repeat(np.arange(strata * psus), rows)
    table = {
        "stratum": [f"s{number:03d}" for number in psu // psus],
        "psu": psu,
        "w": np.round(rng.uniform(1, 9, size), 2),
        "y": np.round(rng.normal(50, 10, size) + psu, 1),
        "x": np.round(rng.uniform(1, 5, size), 1),
        "sex": rng.choice(["f", "m"], size),
        "population": 40.0,
    }
    return pd.DataFrame({**table, **columns})


def a_step() -> Step:
    """A step that was taken, whatever it did."""
    return Step("adjusted", np.ones(1), np.ones(1))


def a_design(table: pd.DataFrame | None = None, **settings: object) -> SurveyDesign:
    table = a_sample() if table is None else table
    return SurveyDesign(table, **{"weights": "w", "strata": "stratum", "psu": "psu"} | settings)


@pytest.mark.parametrize("strata", [1, 3, 4, 13, 27, 29, 51, 89, 120, 181])
def test_half_samples_are_balanced_for_any_number_of_strata(strata: int) -> None:
    signs = balanced(strata).astype(np.int64)

    order = len(signs)
    assert order > strata
    assert (signs[0] == 1).all()
    assert (signs @ signs.T == order * np.eye(order, dtype=np.int64)).all()


@pytest.mark.parametrize("kind", ["jkn", "brr", "fay"])
def test_the_error_of_a_total_is_the_one_of_linearisation(kind: str) -> None:
    design = a_design()

    replicated = make(design, kind=kind, rho=0.4 if kind == "fay" else 0.0)

    wanted = total(design, ["y", "x"]).covariance()
    values = design.data[["y", "x"]].to_numpy(dtype=np.float64)
    # Without mse the jackknife centres on the mean of all replicates, which is the total.
    found = replicated.covariance_of(
        replicated.replicate_totals(values)[:, 0], design.weights @ values
    )
    np.testing.assert_allclose(found, wanted, rtol=1e-10)


def test_the_jackknife_knows_the_finite_population_correction() -> None:
    design = a_design(fpc="population")

    found = total(make(design, kind="jkn"), "y").table["se"]

    assert found.iloc[0] == pytest.approx(total(design, "y").table["se"].iloc[0], rel=1e-10)


def test_a_census_has_no_error_under_replicates() -> None:
    design = a_design(fpc="all", table=a_sample(psus=3, all=3.0))

    jackknife = make(design, kind="jkn")
    drawn = [make(design, kind=kind, seed=1) for kind in ("rao_wu", "bootstrap")]

    assert total(jackknife, "y").table["se"].iloc[0] == pytest.approx(0)
    assert all((replicated.multipliers == 1).all() for replicated in drawn)


@pytest.mark.parametrize("kind", ["rao_wu", "bootstrap"])
def test_many_bootstrap_replicates_come_near_linearisation(kind: str) -> None:
    table = a_sample(strata=8, psus=6)
    for design in (a_design(table), a_design(table, fpc="population")):
        replicated = make(design, kind=kind, replicates=4000, seed=3)

        found = total(replicated, "y").table["se"].iloc[0]

        assert found == pytest.approx(total(design, "y").table["se"].iloc[0], rel=0.05)


def test_rao_wu_multipliers_are_times_drawn_over_one_less_than_the_units() -> None:
    replicated = make(a_design(a_sample(psus=4)), kind="rao_wu", replicates=50, seed=11)

    times = replicated.multipliers * 3 / 4

    np.testing.assert_allclose(times, np.round(times), atol=1e-12)
    np.testing.assert_allclose(times.reshape(6, 4, 50).sum(axis=1), 3.0)


def test_a_seed_repeats_the_bootstrap_and_another_one_does_not() -> None:
    first, again, other = (
        make(a_design(), kind="rao_wu", replicates=20, seed=seed).multipliers for seed in (5, 5, 6)
    )

    assert (first == again).all()
    assert not (first == other).all()


@pytest.mark.parametrize("kind", ["jkn", "rao_wu"])
def test_multipliers_and_row_weights_give_the_same_totals(kind: str) -> None:
    made = make(a_design(), kind=kind, replicates=30, seed=2).where("y > 45")
    table = pd.concat([made.data, export(made, weight="main")], axis=1)
    columns = [f"r{number + 1}" for number in range(made.replicates)]
    # A given design keeps every row, so the part is picked again.
    table["main"] = made.data["w"]
    rows = given(table, weights="main", columns=columns, kind="bootstrap").where("y > 45")
    values = made.data[["y", "x"]].to_numpy(dtype=np.float64)
    for categories in (1, 2, 40):
        category = np.arange(len(table)) % categories

        found = made.replicate_totals(values, category, categories)

        np.testing.assert_allclose(
            found, rows.replicate_totals(values, category, categories), rtol=1e-12
        )
        assert found.shape == (made.replicates, categories, 2)
        np.testing.assert_allclose(
            made.replicate_totals(values[:, 0], category, categories), found[:, :, 0]
        )


def test_where_counts_the_same_as_by() -> None:
    design = make(a_design(), kind="jkn")

    whole = mean(design, "y", by="sex").table
    part = mean(design.where("sex == 'f'"), "y").table

    for column in ("value", "se", "low", "high", "n", "df"):
        assert part[column].iloc[0] == pytest.approx(whole[column].iloc[0], rel=1e-12)


def test_a_statistic_is_computed_again_from_every_replicate() -> None:
    design = make(a_design(), kind="jkn")
    y = design.data["y"].to_numpy()

    def median_like(weights: np.ndarray) -> np.ndarray:
        return np.array([weights @ np.log(y) / weights.sum()])

    found = covariance_of(design, np.zeros((len(y), 1)), median_like)

    logs = (
        mean(make(a_design(design.data.assign(y=np.log(y))), kind="jkn"), "y").table["se"].iloc[0]
    )
    assert float(np.sqrt(found[0, 0])) == pytest.approx(logs, rel=1e-10)


def test_a_statistic_without_a_way_to_compute_it_again_is_an_error_of_the_programmer() -> None:
    design = make(a_design(), kind="jkn")

    with pytest.raises(TypeError, match="recompute"):
        covariance_of(design, np.zeros((len(design.data), 1)))


def test_a_replicate_without_an_estimate_is_left_out_and_counted() -> None:
    design = given(
        pd.DataFrame({"w": [1.0, 1.0, 2.0], "r1": [0.0, 2, 2], "r2": [2.0, 0, 2], "r3": [1, 1, 0]}),
        weights="w",
        columns="r[0-9]",
        kind="other",
        scale=1.0,
    )
    replicates = np.array([[1.0, np.nan], [3.0, np.nan], [5.0, np.nan]])
    replicates[0, 1], replicates[1, 1] = 2.0, 4.0

    found = design.covariance_of(replicates, np.zeros(2))

    assert design.lost(replicates).tolist() == [0, 1]
    assert np.diag(found).tolist() == [8.0, 2.0]
    np.testing.assert_allclose(design.variance_of(replicates, np.zeros(2)), [8.0, 2.0])
    assert np.isnan(design.covariance_of(np.full((3, 1), np.nan), np.zeros(1))[0, 0])


def test_mse_counts_from_the_estimate_of_the_full_sample() -> None:
    centred = make(a_design(), kind="jkn")
    away = make(a_design(), kind="jkn", mse=True)
    replicates = np.arange(12.0)[:, None]

    difference = away.variance_of(replicates, np.array([0.0])) - centred.variance_of(
        replicates, np.array([0.0])
    )

    assert difference[0] == pytest.approx(0.5 * 12 * 5.5**2)


def test_new_weights_carry_over_to_each_replicate_or_come_with_them() -> None:
    design = make(a_design(), kind="jkn")
    step = a_step()

    doubled = design.reweighted(design.weights * 2, step)
    own = design.reweighted(design.weights * 2, step, replicate_weights=design.replicate_weights)
    again = own.reweighted(own.weights * 2, step)

    np.testing.assert_allclose(doubled.replicate_weights, design.replicate_weights * 2)
    np.testing.assert_allclose(own.replicate_weights, design.replicate_weights)
    np.testing.assert_allclose(again.replicate_weights, design.replicate_weights * 2)
    assert doubled.history == own.history == (step,)


def test_degrees_of_freedom_that_the_producer_states_are_an_upper_bound() -> None:
    made = make(a_design(), kind="jkn")
    table = pd.concat([made.data, export(made, weight="main")], axis=1)
    columns = [f"r{number + 1}" for number in range(made.replicates)]

    def df(**settings: int) -> ReplicateDesign:
        return given(
            table, weights="main", columns=columns, kind="jkn", rscales=made.rscales, **settings
        )

    assert made.df == 6
    assert df().df == 6
    assert df(df=4).df == 4
    assert df(df=4).where("psu == 3").df == 0


@pytest.mark.parametrize(
    ("settings", "code"),
    [
        ({"kind": "jack"}, "replicate-kind-unknown"),
        ({"kind": "jk1"}, "jk1-with-strata"),
        ({"kind": "rao_wu"}, "seed-absent"),
        ({"kind": "rao_wu", "seed": 1, "replicates": 1}, "replicates-too-few"),
        ({"kind": "rao_wu", "seed": 1, "take": 5}, "take-out-of-range"),
        ({"kind": "fay", "rho": 1.0}, "rho-out-of-range"),
        ({"kind": "brr", "rho": 0.3}, "rho-out-of-range"),
    ],
)
def test_replicates_that_cannot_be_made_are_refused(settings: dict[str, object], code: str) -> None:
    with pytest.raises(EstimationError) as refused:
        make(a_design(), **settings)

    assert refused.value.code == code


def test_strata_that_have_no_pairs_are_named() -> None:
    with pytest.raises(EstimationError) as odd:
        make(a_design(a_sample(psus=3)), kind="brr")
    single = a_design(a_sample(psus=1), lonely_psu="average")
    with pytest.raises(EstimationError) as alone:
        make(single, kind="brr")
    with pytest.raises(EstimationError) as drawn:
        make(single, kind="rao_wu", seed=1)
    with pytest.raises(EstimationError) as nothing:
        make(single, kind="jkn")

    assert (odd.value.code, alone.value.code) == ("strata-odd", "strata-too-small")
    assert (drawn.value.code, nothing.value.code) == ("strata-too-small", "nothing-drawn")
    assert "s000" in odd.value.text("vi")


def test_half_samples_say_that_they_drop_the_correction() -> None:
    design = make(a_design(fpc="population"), kind="brr")

    assert [finding.code for finding in design.findings] == ["fpc-dropped"]


def test_weights_that_were_adjusted_are_replicated_before_not_after() -> None:
    adjusted = a_design().reweighted(a_design().weights * 2, a_step())

    with pytest.raises(EstimationError) as refused:
        make(adjusted, kind="jkn")

    assert refused.value.code == "already-adjusted"


@pytest.mark.parametrize(
    ("settings", "code"),
    [
        ({"kind": "jk2"}, "replicate-kind-unknown"),
        ({"columns": "z*"}, "columns-absent"),
        ({"columns": "^z[0-9]+$"}, "columns-absent"),
        ({"columns": "*("}, "columns-absent"),
        ({"columns": ["r1", "r9"]}, "column-missing"),
        ({"kind": "jkn"}, "rscales-absent"),
        ({"kind": "other"}, "scale-absent"),
        ({"kind": "fay"}, "scale-absent"),
        ({"kind": "fay", "rho": 1.5}, "rho-out-of-range"),
        ({"rscales": [1.0, 1.0, 1.0]}, "rscales-length"),
        ({"rscales": [1.0, -1.0]}, "scale-out-of-range"),
        ({"scale": float("nan")}, "scale-out-of-range"),
        ({"df": 0}, "df-out-of-range"),
    ],
)
def test_given_weights_that_do_not_fit_are_refused(settings: dict[str, object], code: str) -> None:
    table = pd.DataFrame({"w": [1.0, 1.0], "r1": [0.0, 2.0], "r2": [2.0, 0.0]})

    with pytest.raises(EstimationError) as refused:
        given(table, **{"weights": "w", "columns": ["r1", "r2"], "kind": "brr"} | settings)

    assert refused.value.code == code


def test_columns_are_found_by_a_pattern_of_either_spelling() -> None:
    table = pd.DataFrame({"w": [1.0, 1.0], "r1": [0.0, 2.0], "r2": [2.0, 0.0], "rho": 1.0})

    for columns in ("r[0-9]*", "^r[0-9]+$", r"r\d+"):
        design = given(table, weights="w", columns=columns, kind="brr")
        assert design.replicates == 2


def test_rescaled_bootstrap_weights_that_are_given_have_the_error_of_those_made() -> None:
    made = make(a_design(), kind="rao_wu", replicates=30, seed=1)
    table = made.data.join(export(made, weight="weight", prefix="r"))

    brought = given(table, weights="weight", columns="r[0-9]*", kind="rao_wu")

    expected = mean(made, "y").table["se"].to_numpy()
    assert mean(brought, "y").table["se"].to_numpy() == pytest.approx(expected)


def test_a_missing_replicate_weight_is_refused_with_its_row_and_column() -> None:
    table = pd.DataFrame({"w": [1.0, 1.0], "r1": [0.0, 2.0], "r2": [2.0, None]})

    with pytest.raises(WeightError) as refused:
        given(table, weights="w", columns=["r1", "r2"], kind="brr")

    assert refused.value.code == "replicate-weight-missing"
    assert (refused.value.findings[0].row, refused.value.findings[0].column) == (2, "r2")


def test_a_mask_of_another_length_is_refused() -> None:
    design = make(a_design(), kind="jkn")

    with pytest.raises(EstimationError) as refused:
        design.where([True, False])

    assert refused.value.code == "mask-length"


@pytest.mark.parametrize(
    ("weights", "code"),
    [(np.nan, "weight-missing"), (0.0, "weight-not-positive")],
)
def test_new_weights_that_are_no_weights_are_refused(weights: float, code: str) -> None:
    design = make(a_design(), kind="jkn")
    changed = design.weights
    changed[4] = weights

    with pytest.raises(WeightError) as refused:
        design.reweighted(changed, a_step())

    assert refused.value.code == code
    assert refused.value.findings[0].row == 5


def test_replicate_weights_of_another_shape_are_refused() -> None:
    design = make(a_design(), kind="jkn")

    with pytest.raises(WeightError) as refused:
        design.reweighted(design.weights, a_step(), np.ones((3, 3)))

    assert refused.value.code == "replicate-weights-shape"


@pytest.mark.parametrize(
    ("call", "code"),
    [
        (lambda d: make(d, kind="rao_wu", seed="a"), "seed-unfit"),
        (lambda d: make(d, kind="rao_wu", seed=-1), "seed-unfit"),
        (lambda d: make(d, kind="rao_wu", seed=1, replicates=2.5), "replicates-too-few"),
        (lambda d: make(make(d, kind="jkn"), kind="jkn"), "design-unfit"),
        (lambda d: given(d.data, weights="w", columns=3, kind="bootstrap"), "columns-absent"),
        (
            lambda d: given(d.data, weights="w", columns=["y", "x"], kind="other", scale="a"),
            "scale-out-of-range",
        ),
    ],
)
def test_arguments_of_another_kind_are_refused(call: Any, code: str) -> None:
    with pytest.raises(EstimationError) as refused:
        call(a_design())

    assert refused.value.code == code


def test_replicates_that_hold_nobody_of_a_domain_are_reported() -> None:
    table = a_sample().assign(r1=0.0, r2=2.0, r3=1.0)
    design = given(table, weights="w", columns=["r1", "r2", "r3"], kind="bootstrap")

    found = mean(design, "y")

    assert [finding.code for finding in found.findings] == ["replicates-lost"]
    assert "1 of 3" in found.findings[0].message.en
