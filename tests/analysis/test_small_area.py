"""Figures for areas with few answers: models, their errors, agreement with the whole."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd
import pytest
from scipy import optimize, stats

from analysis.inference import small_area
from analysis.inference.small_area import ShowingRule, benchmark, diagnose, may_show
from intake.findings import EstimationError

RNG = np.random.Generator(np.random.PCG64(8))
AREAS = 30
D = RNG.uniform(1, 16, AREAS)
X = np.column_stack([np.ones(AREAS), RNG.normal(0, 1, AREAS)])
Y = X @ [80.0, 4.0] + RNG.normal(0, 3, AREAS) + np.sqrt(D) * RNG.normal(0, 1, AREAS)


def with_gap() -> Any:
    y = Y.copy()
    y[4] = np.nan
    return small_area.fay_herriot(y, D, X, names=[f"xã {k}" for k in range(AREAS)])


# Area level --------------------------------------------------------------------------------------


def height(a: float, method: str) -> float:
    """The (restricted) likelihood by SciPy's normal density: the plain formulation."""
    v = a + D
    precision = X.T @ (X / v[:, None])
    beta = np.linalg.solve(precision, X.T @ (Y / v))
    found = stats.norm.logpdf(Y, X @ beta, np.sqrt(v)).sum()
    return float(found - np.linalg.slogdet(precision)[1] / 2 if method == "reml" else found)


@pytest.mark.parametrize("method", ["reml", "ml"])
def test_the_variance_between_areas_is_at_the_top_of_the_likelihood(method: str) -> None:
    top = optimize.minimize_scalar(
        lambda a: -height(a, method), bounds=(0, 100), method="bounded", options={"xatol": 1e-10}
    ).x

    assert small_area.fay_herriot(Y, D, X, method).area_variance == pytest.approx(top, rel=1e-6)


def test_the_moment_method_of_fay_and_herriot_solves_its_equation() -> None:
    found = small_area.fay_herriot(Y, D, X, "fh")

    assert (found.residual**2).sum() == pytest.approx(AREAS - 2, rel=1e-10)


@pytest.mark.parametrize("method", ["reml", "ml", "fh"])
def test_the_mean_squared_error_has_the_parts_of_its_method(method: str) -> None:
    # Datta, Rao and Smith (2005), written out area by area.
    found = small_area.fay_herriot(Y, D, X, method)
    a = found.area_variance
    v = a + D
    spread = np.linalg.inv(X.T @ (X / v[:, None]))
    for k in (0, 7):
        gamma = a / v[k]
        g1 = gamma * D[k]
        g2 = (1 - gamma) ** 2 * X[k] @ spread @ X[k]
        var_a = 2 / (1 / v**2).sum() if method != "fh" else 2 * AREAS / (1 / v).sum() ** 2
        g3 = (1 - gamma) ** 2 * var_a / v[k]
        bias = {
            "reml": 0.0,
            "ml": -np.trace(spread @ X.T @ (X / v[:, None] ** 2)) / (1 / v**2).sum(),
            "fh": 2 * (AREAS * (1 / v**2).sum() - (1 / v).sum() ** 2) / (1 / v).sum() ** 3,
        }[method]
        assert found.mse[k] == pytest.approx(g1 + g2 + 2 * g3 - (1 - gamma) ** 2 * bias)


def test_the_mean_squared_error_is_what_repeated_samples_show() -> None:
    rng = np.random.Generator(np.random.PCG64(1))
    said, seen = 0.0, 0.0

    for _ in range(120):
        truth = X @ [80.0, 4.0] + rng.normal(0, 3, AREAS)
        found = small_area.fay_herriot(truth + np.sqrt(D) * rng.normal(0, 1, AREAS), D, X)
        said += found.mse.mean()
        seen += ((found.eblup - truth) ** 2).mean()

    assert said == pytest.approx(seen, rel=0.06)


def test_the_bootstrap_agrees_with_the_formula_and_repeats_with_its_seed() -> None:
    by_formula = small_area.fay_herriot(Y, D, X)

    first = small_area.fay_herriot(Y, D, X, mse="bootstrap", replicates=400, seed=5)
    again = small_area.fay_herriot(Y, D, X, mse="bootstrap", replicates=400, seed=5)

    assert first.mse.tolist() == again.mse.tolist()
    assert first.mse.mean() == pytest.approx(by_formula.mse.mean(), rel=0.08)


def test_an_area_without_a_sample_gets_the_regression_and_says_so() -> None:
    found = with_gap()

    assert found.eblup[4] == pytest.approx(X[4] @ found.beta)
    assert found.gamma[4] == 0
    assert found.mse[4] > found.area_variance
    assert np.isnan(found.direct[4])
    assert "xã 4" in found.findings[0].message.vi
    assert found.table["area"].iloc[4] == "xã 4"


def test_a_variance_of_zero_is_said_and_leaves_the_regression() -> None:
    found = small_area.fay_herriot(Y, D * 50, X)

    assert found.area_variance == 0
    assert found.eblup == pytest.approx(X @ found.beta)
    assert [finding.code for finding in found.findings] == ["area-variance-zero"]
    assert not diagnose(found, replicates=50).passed


@pytest.mark.parametrize(
    ("call", "code", "row"),
    [
        (lambda: small_area.fay_herriot(Y[:3], D, X), "area-shape", None),
        (lambda: small_area.fay_herriot(Y, D, X, "mcmc"), "area-choice", None),
        (lambda: small_area.fay_herriot(Y, D, X, mse="jackknife"), "area-choice", None),
        (
            lambda: small_area.fay_herriot(Y, np.where(np.arange(AREAS) == 2, 0, D), X),
            "sampling-variance-not-positive",
            3,
        ),
        (
            lambda: small_area.fay_herriot(
                Y, D, np.where(np.arange(AREAS)[:, None] == 6, np.nan, X)
            ),
            "covariate-missing",
            7,
        ),
        (
            lambda: small_area.fay_herriot(Y, D, np.column_stack([X, X[:, 1]])),
            "covariates-dependent",
            None,
        ),
        (lambda: small_area.fay_herriot(Y[:3], D[:3], X[:3]), "areas-too-few", None),
        (lambda: small_area.fay_herriot(Y, D, X, names=["a"]), "area-shape", None),
        (
            lambda: small_area.fay_herriot(Y, D, X, mse="bootstrap", replicates=3),
            "area-choice",
            None,
        ),
    ],
)
def test_each_fault_of_area_data_is_refused_with_its_row(
    call: Callable[[], object], code: str, row: int | None
) -> None:
    with pytest.raises(EstimationError) as refusal:
        call()

    assert refusal.value.code == code
    assert refusal.value.findings[0].row == row


# Unit level --------------------------------------------------------------------------------------


def answers(seed: int = 3) -> tuple[pd.DataFrame, pd.DataFrame, dict[str, int]]:
    rng = np.random.Generator(np.random.PCG64(seed))
    names = np.array([f"a{k}" for k in range(12)])
    area = np.repeat(np.arange(12), [1, 1, 2, 2, 3, 3, 4, 5, 6, 6, 8, 10])
    x = rng.normal(0, 1, len(area))
    y = 80 + 2 * x + rng.normal(0, 3, 12)[area] + rng.normal(0, 4, len(area))
    table = pd.DataFrame({"y": y, "x": x, "area": names[area]})
    means = pd.DataFrame({"x": rng.normal(0, 0.2, 12)}, index=names)
    return table, means, dict.fromkeys(names, 60)


def test_the_nested_error_model_equals_that_of_statsmodels() -> None:
    import statsmodels.api as sm

    table, means, sizes = answers()
    found = small_area.unit_eblup(table, "y", "x", "area", means, sizes)

    for reml, method in ((True, "reml"), (False, "ml")):
        theirs = sm.MixedLM(table["y"], sm.add_constant(table["x"]), groups=table["area"]).fit(
            reml=reml
        )
        ours = small_area.unit_eblup(table, "y", "x", "area", means, sizes, method=method)
        assert ours.area_variance == pytest.approx(theirs.cov_re.to_numpy()[0, 0], rel=1e-4)
        assert ours.error_variance == pytest.approx(theirs.scale, rel=1e-5)
        assert ours.beta == pytest.approx(theirs.fe_params.to_numpy(), rel=1e-5)
    effects = np.array([theirs.random_effects[name].iloc[0] for name in means.index])
    assert np.corrcoef(effects, found.effect)[0, 1] > 0.9999


def test_an_area_whose_people_all_answered_has_its_own_mean_without_error() -> None:
    table, means, sizes = answers()
    everyone = table[table["area"] == "a11"]
    sizes["a11"] = len(everyone)
    means.loc["a11", "x"] = everyone["x"].mean()

    found = small_area.unit_eblup(table, "y", "x", "area", means, sizes)

    assert found.eblup[11] == pytest.approx(everyone["y"].mean())
    assert found.mse[11] == pytest.approx(0, abs=1e-12)


def test_areas_are_matched_by_name_in_whatever_shape_the_population_comes() -> None:
    table, means, sizes = answers()
    plain = small_area.unit_eblup(table, "y", "x", "area", means, sizes)

    turned = means.iloc[::-1]
    by_mapping = {name: [value] for name, value in means["x"].items()}
    column = means.rename_axis("area").reset_index()
    for population in (turned, by_mapping, column):
        found = small_area.unit_eblup(table, "y", "x", "area", population, pd.Series(sizes))
        again = dict(zip(found.names, found.eblup, strict=True))
        assert [again[name] for name in plain.names] == pytest.approx(plain.eblup.tolist())


def test_a_commune_without_answers_gets_the_regression_and_says_so() -> None:
    table, means, sizes = answers()
    table = table[table["area"] != "a5"]

    found = small_area.unit_eblup(table, "y", "x", "area", means, sizes)

    assert found.n[5] == 0
    assert found.eblup[5] == pytest.approx(found.synthetic[5])
    assert found.mse[5] > found.area_variance * (1 - 1e-9)
    assert found.findings[0].code == "areas-synthetic"


@pytest.mark.parametrize("method", ["reml", "ml"])
def test_unit_level_errors_are_what_repeated_samples_show(method: str) -> None:
    table, means, sizes = answers()
    rng = np.random.Generator(np.random.PCG64(6))
    area = table["area"].str[1:].astype(int).to_numpy()
    n = np.bincount(area)
    said, seen = 0.0, 0.0

    for _ in range(80):
        effect, noise = rng.normal(0, 3, 12), rng.normal(0, 4, len(area))
        others = rng.normal(0, 4, 12) * np.sqrt(60 - n)
        truth = 80 + 2 * means["x"] + effect + (np.bincount(area, noise) + others) / 60
        drawn = table.assign(y=80 + 2 * table["x"] + effect[area] + noise)
        found = small_area.unit_eblup(drawn, "y", "x", "area", means, sizes, method=method)
        said += found.mse.mean()
        seen += ((found.eblup - truth.to_numpy()) ** 2).mean()

    assert said == pytest.approx(seen, rel=0.1)


def test_the_unit_level_bootstrap_agrees_with_the_formula() -> None:
    table, means, sizes = answers()
    by_formula = small_area.unit_eblup(table, "y", "x", "area", means, sizes)

    found = small_area.unit_eblup(
        table, "y", "x", "area", means, sizes, mse="bootstrap", replicates=400
    )

    assert found.mse.mean() == pytest.approx(by_formula.mse.mean(), rel=0.15)


def spoilt(**changes: Any) -> Callable[[], object]:
    def call() -> object:
        table, means, sizes = answers()
        given = {"data": table, "y": "y", "x": "x", "area": "area"}
        given |= {"population_means": means, "population_sizes": sizes}
        return small_area.unit_eblup(**(given | {k: v(given) for k, v in changes.items()}))

    return call


@pytest.mark.parametrize(
    ("call", "code"),
    [
        (spoilt(y=lambda _: "score"), "area-column-missing"),
        (spoilt(data=lambda g: g["data"].assign(y="tốt")), "area-value-missing"),
        (spoilt(data=lambda g: g["data"].assign(x=np.nan)), "area-value-missing"),
        (spoilt(data=lambda g: g["data"].assign(area=None)), "area-value-missing"),
        (spoilt(data=lambda g: g["data"].assign(x=1.0)), "covariates-dependent"),
        (spoilt(data=lambda g: g["data"].iloc[:5]), "areas-too-few"),
        (spoilt(population_means=lambda g: g["population_means"].iloc[1:]), "area-unknown"),
        (
            spoilt(population_means=lambda g: pd.concat([g["population_means"]] * 2)),
            "area-twice",
        ),
        (
            spoilt(population_sizes=lambda g: pd.concat([pd.Series(g["population_sizes"])] * 2)),
            "area-twice",
        ),
        (spoilt(population_means=lambda g: g["population_means"] * np.nan), "covariate-missing"),
        (
            spoilt(population_means=lambda g: g["population_means"].rename(columns={"x": "z"})),
            "area-column-missing",
        ),
        (spoilt(population_sizes=lambda g: g["population_sizes"] | {"a11": 5}), "area-size"),
        (spoilt(population_sizes=lambda _: {"a0": 5}), "area-size"),
        (spoilt(method=lambda _: "fh"), "area-choice"),
    ],
)
def test_each_fault_of_unit_data_is_refused(call: Callable[[], object], code: str) -> None:
    with pytest.raises(EstimationError) as refusal:
        call()

    assert refusal.value.code == code
    assert refusal.value.advice.vi


# Agreement with the whole, checks, showing --------------------------------------------------------


@pytest.mark.parametrize("method", ["ratio", "difference"])
def test_benchmarked_figures_have_the_published_mean_and_a_larger_error(method: str) -> None:
    model = small_area.fay_herriot(Y, D, X)
    people = np.linspace(1_000, 9_000, AREAS)

    found = benchmark(model, 82.5, people, method=method)

    assert people @ found.estimates / people.sum() == pytest.approx(82.5)
    assert (found.mse >= model.mse).all()
    assert "82.5" in found.note.vi


def test_impossible_benchmarks_are_refused() -> None:
    for call in (
        lambda: benchmark([1.0, -1.0], 5.0, [1.0, 1.0]),
        lambda: benchmark([1.0, 2.0], np.nan, [1.0, 1.0]),
        lambda: benchmark([1.0, 2.0], 5.0, [1.0, 0.0]),
    ):
        with pytest.raises(EstimationError, match="published total"):
            call()


def test_a_model_that_holds_passes_its_checks_and_gains_precision() -> None:
    found = diagnose(small_area.fay_herriot(Y, D, X))

    assert found.passed
    assert found.cv_ratio < 1
    assert found.coverage > 0.95
    assert found.bias_p > 0.05


def test_one_area_far_off_fails_the_model() -> None:
    y = Y.copy()
    y[0] += 60

    found = diagnose(small_area.fay_herriot(y, D, X))

    assert not found.passed
    assert found.normality_p < 0.001
    assert "Phần dư" in found.faults()[0].vi


def test_a_unit_level_model_is_checked_by_its_residuals_and_effects() -> None:
    table, means, sizes = answers()

    found = diagnose(small_area.unit_eblup(table, "y", "x", "area", means, sizes))

    assert found.passed
    assert np.isnan(found.bias_p)
    assert 0 < found.median_gamma < 1


def test_a_figure_is_shown_only_where_every_bound_holds_and_each_reason_is_said() -> None:
    model = with_gap()
    n = np.full(AREAS, 40)
    n[1], n[4] = 9, 0
    checked = diagnose(model)

    shown = may_show(model, n, diagnostics=checked)
    strict = may_show(model, n, diagnostics=checked, rule=ShowingRule(most_half_width=1.0))
    unchecked = may_show(model, n)

    assert not shown["show"].iloc[1]
    assert shown["reasons"].iloc[1][0].vi == "Ít hơn 10 câu trả lời."
    assert not shown["show"].iloc[4]
    assert shown["show"].sum() == AREAS - 2
    assert not strict["show"].any()
    assert not unchecked["show"].any()
    assert "least_n" not in ShowingRule().proposals
    assert "most_cv" in ShowingRule().proposals


def shares(variance: float = 4e-4) -> small_area.AreaModel:
    y = np.array([0.70, 0.80, 0.90, 0.60, 0.75, 0.82])
    return small_area.fay_herriot(y, np.full(6, variance), np.ones((6, 1)))


def test_shares_are_held_to_the_bound_in_points_once_they_say_that_they_are_shares() -> None:
    n = np.full(6, 40)
    shown = may_show(shares(), n, rule=ShowingRule(scale=1, model_must_pass=False))
    wide = may_show(shares(25e-4), n, rule=ShowingRule(scale=1, model_must_pass=False))

    # Twice the standard error: 0.02 is four points, 0.05 close to ten; of ten points none is wide.
    assert shown["show"].all()
    assert shown["half_width"].between(0.03, 0.04).all()
    strict = ShowingRule(scale=1, most_half_width=5.0, model_must_pass=False)
    reasons = may_show(shares(25e-4), n, rule=strict)["reasons"]
    half = 100 * wide["half_width"].iloc[0]
    assert reasons.iloc[0][0].en.startswith(f"The interval of ±{half:.1f} points is wider than")
    assert reasons.iloc[0][0].vi == (
        f"Khoảng tin cậy ±{half:.1f}".replace(".", ",")
        + " điểm rộng hơn mức cho phép ±5,0 điểm (thang 0–100)."
    )


@pytest.mark.parametrize("scale", [None, 10])
def test_a_scale_that_is_not_known_is_asked_for(scale: int | None) -> None:
    with pytest.raises(EstimationError) as refusal:
        may_show(shares(), np.full(6, 40), rule=ShowingRule(scale=scale))

    assert refusal.value.code == ("area-scale" if scale is None else "area-choice")
    assert "scale=1" in refusal.value.findings[0].message.en


def test_points_called_shares_are_refused_and_percentages_below_one_may_say_so() -> None:
    n = np.full(AREAS, 40)

    with pytest.raises(EstimationError) as refusal:
        may_show(with_gap(), n, rule=ShowingRule(scale=1))

    assert refusal.value.code == "area-scale"
    rare = ShowingRule(scale=100, model_must_pass=False)
    assert may_show(shares(), np.full(6, 40), rule=rare)["show"].all()
    free = ShowingRule(most_half_width=None, model_must_pass=False)
    assert may_show(shares(), np.full(6, 40), rule=free)["show"].all()


def test_a_value_just_past_its_bound_is_told_apart_from_it() -> None:
    half = may_show(shares(), np.full(6, 40), rule=ShowingRule(scale=1))["half_width"].iloc[0]
    close = ShowingRule(scale=1, most_half_width=100 * half - 0.004, model_must_pass=False)

    why = may_show(shares(), np.full(6, 40), rule=close)["reasons"].iloc[0][0].en

    own, bound = why.split("±")[1].split()[0], why.split("±")[2].split()[0]
    assert float(own) > float(bound)


def test_answers_must_be_known_before_a_figure_is_shown() -> None:
    with pytest.raises(EstimationError) as refusal:
        may_show(with_gap())

    assert refusal.value.code == "area-choice"


def test_population_means_come_by_area_or_by_covariate() -> None:
    data, means, sizes = answers()
    covariates = [name for name in means.columns if name != "area"]
    by_area = means.set_index("area") if "area" in means.columns else means

    def fitted(given: Any) -> list[float]:
        found = small_area.unit_eblup(data, "y", covariates, "area", given, sizes)
        return list(found.eblup)

    wanted = fitted(by_area)
    assert fitted(by_area.to_dict(orient="index")) == pytest.approx(wanted)
    assert fitted(by_area.to_dict()) == pytest.approx(wanted)


def test_two_areas_of_one_name_are_refused_with_the_row_of_the_second() -> None:
    covariates = np.column_stack([np.ones(5), np.arange(5.0)])

    with pytest.raises(EstimationError) as refusal:
        small_area.fay_herriot(
            [1.0, 2.5, 2.0, 4.5, 5.0], [1.0] * 5, covariates, names=["a", "b", "c", "b", "e"]
        )

    assert refusal.value.code == "area-twice"
    assert refusal.value.findings[0].row == 4
    assert "“b”" in str(refusal.value)


@pytest.mark.parametrize(
    ("y", "covariate", "place"),
    [
        ([1.0, np.inf, 3.0, 4.0], [1.0, 2.0, 3.0, 5.0], ("area-value-missing", 2, "y")),
        ([1.0, 2.0, "ba", 4.0], [1.0, 2.0, 3.0, 5.0], ("area-not-numeric", 3, "y")),
        ([1.0, 2.0, 3.0, 4.0], ["1", "2", "3", "xã"], ("area-not-numeric", 4, "online")),
    ],
)
def test_what_is_no_number_is_named_with_its_area(
    y: list[Any], covariate: list[Any], place: tuple[str, int, str]
) -> None:
    with pytest.raises(EstimationError) as refusal:
        small_area.fay_herriot(y, [1.0] * 4, pd.DataFrame({"one": 1.0, "online": covariate}))

    finding = refusal.value.findings[0]
    assert (finding.code, finding.row, finding.column) == place
