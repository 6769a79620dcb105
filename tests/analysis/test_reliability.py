"""Scales hold together or not, and say how sure that is.

Standard errors are compared with the infinitesimal jackknife: the same statistic computed again
with the weights of one primary unit raised and lowered by a thousandth. It shares no formula with
the linearisation.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd
import pytest
from near_replicates import nearly_the_same_weights

from analysis import SurveyDesign
from analysis.inference import reliability, variances
from analysis.inference.reliability.extraction import extract
from analysis.inference.reliability.polychoric import normal_below, polychoric
from analysis.inference.reliability.rotation import rotate
from intake.findings import EstimationError

ITEMS = ["q1", "q2", "q3", "q4", "q5"]
UNITS = 15


def answers(units: int = UNITS, each: int = 20, seed: int = 7) -> pd.DataFrame:
    """Five-point answers of persons in clusters, with unequal weights, in two modes."""
    rng = np.random.Generator(np.random.PCG64(seed))
    psu = np.repeat(np.arange(units), each)
    common = rng.normal(size=psu.size) + 0.5 * rng.normal(size=units)[psu]
    beneath = common[:, None] * np.linspace(0.6, 1.0, 5) + rng.normal(size=(psu.size, 5))
    table = pd.DataFrame(np.clip(np.round(3.4 + beneath), 1, 5).astype(int), columns=ITEMS)
    return table.assign(
        w=np.exp(0.4 * rng.normal(size=psu.size)),
        psu=psu,
        how=np.where(rng.uniform(size=psu.size) < 0.45, "giấy", "web"),
    )


def a_design(**changes: Any) -> SurveyDesign:
    return SurveyDesign(answers().assign(**changes), weights="w", psu="psu")


def two_factors() -> SurveyDesign:
    """Two correlated factors with three items each."""
    rng = np.random.Generator(np.random.PCG64(5))
    common = rng.normal(size=(300, 2)) @ np.array([[1.0, 0.4], [0.0, 0.9]])
    items = np.repeat(common, 3, axis=1) + rng.normal(size=(300, 6))
    return a_design(**{f"f{k}": items[:, k] for k in range(6)})


STATISTICS: dict[str, Callable[[Any], Any]] = {
    "alpha": lambda d: [reliability.alpha(d, ITEMS).se],
    "omega": lambda d: [reliability.omega(d, ITEMS).se],
    "omega, polychoric": lambda d: [reliability.omega(d, ITEMS, matrix="polychoric").se],
    "kappa": lambda d: [reliability.kappa(d, "q1", "q2").se],
    "kappa, quadratic": lambda d: [reliability.kappa(d, "q1", "q2", distance="quadratic").se],
    "item-total": lambda d: reliability.item_total(d, ITEMS)["se"],
    "alpha without": lambda d: reliability.item_total(d, ITEMS)["alpha_without_se"],
    "communalities": lambda d: reliability.factors(d, ITEMS, 1).communalities["se"],
    "eigenvalues": lambda d: reliability.factors(d, ITEMS, 1).eigenvalues["se"],
    "modes": lambda d: reliability.across_modes(d, ITEMS, "how").table["se"],
    "modes, polychoric": lambda d: reliability.across_modes(
        d, ITEMS, "how", matrix="polychoric"
    ).table["se"],
    "covariances": lambda d: variances.covariances(d, ITEMS)["se"],
}


@pytest.mark.parametrize("name", sorted(STATISTICS))
def test_a_standard_error_is_the_one_that_small_changes_of_weights_give(name: str) -> None:
    statistic, design = STATISTICS[name], a_design()

    linearised = np.asarray(statistic(design))
    by_changes = np.asarray(statistic(nearly_the_same_weights(design)))

    assert (linearised > 0).all()
    np.testing.assert_allclose(linearised, by_changes, rtol=2e-5)


@pytest.mark.parametrize("rotation", ["none", "varimax", "promax", "oblimin"])
def test_intervals_of_loadings_count_how_the_rotation_moves(rotation: str) -> None:
    design, items = two_factors(), [f"f{k}" for k in range(6)]

    linearised, by_changes = (
        reliability.factors(each, items, 2, rotation=rotation).loading_intervals["se"]
        for each in (design, nearly_the_same_weights(design))
    )

    np.testing.assert_allclose(linearised, by_changes, rtol=2e-5)


def test_alpha_of_parallel_items_follows_spearman_and_brown() -> None:
    # Two items of correlation r and equal variance: alpha = 2r / (1 + r).
    table = pd.DataFrame({"a": [1.0, 2, 3, 4], "b": [2.0, 1, 4, 3], "w": 1.0})
    r = table["a"].corr(table["b"])

    found = reliability.alpha(SurveyDesign(table, weights="w"), ["a", "b"])

    assert found.value == pytest.approx(2 * r / (1 + r), abs=1e-12)
    assert float(found) == found.value
    assert found.table["quantity"].tolist() == ["alpha"]


def test_a_weight_of_two_counts_like_two_equal_persons() -> None:
    table = answers().assign(w=1.0)
    doubled = table.assign(w=np.where(table.index < 100, 2.0, 1.0))
    repeated = pd.concat([table, table.iloc[:100]])

    for measure in (reliability.alpha, reliability.omega):
        by_weight = measure(SurveyDesign(doubled, weights="w", psu="psu"), ITEMS)
        by_rows = measure(SurveyDesign(repeated, weights="w", psu="psu"), ITEMS)
        assert by_weight.value == pytest.approx(by_rows.value, abs=1e-9)


def test_a_part_of_the_population_is_measured_by_its_members_alone() -> None:
    table = answers()
    whole = SurveyDesign(table, weights="w", psu="psu")
    alone = SurveyDesign(table[table["how"] == "web"], weights="w", psu="psu")

    part = reliability.omega(whole.where("how == 'web'"), ITEMS, matrix="polychoric")

    assert part.value == pytest.approx(
        reliability.omega(alone, ITEMS, matrix="polychoric").value, abs=1e-9
    )
    assert part.n == len(alone.data)


def test_an_item_coded_the_wrong_way_round_is_named() -> None:
    found = reliability.alpha(a_design(q2=6 - answers()["q2"]), ITEMS)

    assert [finding.code for finding in found.findings] == ["item-against-scale"]
    assert found.findings[0].column == "q2"


def test_alpha_is_at_most_omega() -> None:
    # McDonald (1999), ch. 6: alpha is a lower bound when one factor holds exactly.
    loadings = np.array([0.9, 0.7, 0.5, 0.3])
    matrix = np.outer(loadings, loadings) + np.diag(1 - loadings**2)
    rng = np.random.Generator(np.random.PCG64(1))
    drawn = rng.normal(size=(300, 4))
    centred = drawn - drawn.mean(axis=0)
    exact = centred @ np.linalg.inv(np.linalg.cholesky(np.cov(centred.T))).T
    table = pd.DataFrame(exact @ np.linalg.cholesky(matrix).T, columns=list("abcd")).assign(w=1.0)
    design = SurveyDesign(table, weights="w")

    omega = reliability.omega(design, list("abcd")).value

    assert omega == pytest.approx(2.4**2 / (2.4**2 + 4 - np.sum(loadings**2)), abs=1e-6)
    assert reliability.alpha(design, list("abcd")).value < omega


def test_the_normal_probability_of_two_variables_is_that_of_known_cases() -> None:
    # P(X < 0, Y < 0) = 1/4 + asin(ρ) / 2π; independence; and both sides of one cut.
    rho = np.array([-0.99, -0.3, 0.0, 0.7, 0.999])
    zero = np.zeros(5)
    np.testing.assert_allclose(
        normal_below(zero, zero, rho), 0.25 + np.arcsin(rho) / (2 * np.pi), atol=1e-14
    )
    from scipy.stats import multivariate_normal, norm

    h, k = np.array([-1.5, 0.0, 2.0]), np.array([0.5, -0.7, 2.1])
    np.testing.assert_allclose(normal_below(h, k, zero[:3]), norm.cdf(h) * norm.cdf(k), atol=1e-15)
    joint = multivariate_normal([0, 0], [[1, 0.6], [0.6, 1]])
    expected = [joint.cdf([a, b]) for a, b in zip(h, k, strict=True)]
    np.testing.assert_allclose(normal_below(h, k, zero[:3] + 0.6), expected, atol=1e-7)


def test_a_category_that_nobody_chose_does_not_count_in_polychoric_correlations() -> None:
    table = answers()
    declared = table.assign(
        q1=pd.Categorical(table["q1"], categories=[0, 1, 2, 3, 4, 5, 9], ordered=True)
    )

    plain = reliability.factors(SurveyDesign(table, weights="w"), ITEMS, 1, matrix="polychoric")
    found = reliability.factors(SurveyDesign(declared, weights="w"), ITEMS, 1, matrix="polychoric")

    np.testing.assert_allclose(found.loadings, plain.loadings, atol=1e-12)


def test_varimax_and_promax_turn_towards_simple_structure() -> None:
    simple = np.array([[0.8, 0.1], [0.7, 0.0], [0.6, 0.1], [0.0, 0.7], [0.1, 0.6], [0.1, 0.8]])
    angle = 0.6
    turn = np.array([[np.cos(angle), np.sin(angle)], [-np.sin(angle), np.cos(angle)]])

    turned, between = rotate(simple @ turn, "varimax")
    oblique, correlated = rotate(simple @ turn, "promax")

    np.testing.assert_array_equal(between, np.eye(2))
    np.testing.assert_allclose(turned @ turned.T, simple @ simple.T, atol=1e-8)
    np.testing.assert_allclose(oblique @ correlated @ oblique.T, simple @ simple.T, atol=1e-8)
    assert np.sort(np.abs(oblique), axis=1)[:, 0].max() < 0.07
    assert correlated[0, 1] > 0.1


def test_parallel_analysis_keeps_the_factors_that_are_there() -> None:
    rng = np.random.Generator(np.random.PCG64(2))
    common = rng.normal(size=(400, 2))
    items = np.repeat(common, 3, axis=1) + rng.normal(size=(400, 6))
    table = pd.DataFrame(items, columns=list("abcdef")).assign(w=1.0)
    design = SurveyDesign(table, weights="w")

    found = reliability.parallel(design, list("abcdef"), seed=3, simulations=50)

    assert found["keep"].tolist() == [True, True, False, False, False, False]
    pd.testing.assert_frame_equal(
        found, reliability.parallel(design, list("abcdef"), seed=3, simulations=50)
    )
    assert reliability.factors(design, list("abcdef"), 2, method="ml").rmsea < 0.05
    assert reliability.factors(design, list("abcdef"), 1, method="ml").rmsea > 0.2


def test_clusters_leave_parallel_analysis_fewer_independent_answers() -> None:
    # Every person answers for four, who say the same: a quarter of the rows count.
    table = pd.concat([answers(units=30, each=10)] * 4).assign(w=1.0)
    single = SurveyDesign(table, weights="w")
    clustered = SurveyDesign(table.assign(psu=table.index), weights="w", psu="psu")

    limits = [
        reliability.parallel(d, ITEMS, seed=1, simulations=60)["limit"].iloc[0]
        for d in (single, clustered)
    ]

    assert limits[1] > limits[0] > 1


def test_an_item_that_one_mode_reads_higher_is_named_first() -> None:
    table = answers(units=30)
    shifted = table.assign(q3=table["q3"] + 1.0 * (table["how"] == "giấy"))
    plain = reliability.across_modes(SurveyDesign(table, weights="w", psu="psu"), ITEMS, "how")
    found = reliability.across_modes(
        SurveyDesign(shifted, weights="w", psu="psu"), ITEMS, "how", reference="web"
    )

    assert plain.words[0].en.startswith("The modes of answering show no difference")
    assert found.words[0].vi.startswith("Ở cùng mức chung, câu “q3” được trả lời cao hơn")
    row = found.table.query("kind == 'level' and quantity == 'q3'").iloc[0]
    assert row["low"] > 0.5
    assert row["differs"]
    assert found.table.query("kind == 'mean'")["p_adjusted"].isna().all()


def test_thresholds_that_one_mode_sets_lower_show_as_a_higher_level() -> None:
    table = answers(units=60)
    easier = np.where(table["how"] == "giấy", np.minimum(table["q3"] + 1, 5), table["q3"])
    table["q3"] = np.where((easier == 2) & (np.arange(len(table)) % 9 == 0), 1, easier)
    design = SurveyDesign(table, weights="w", psu="psu")

    found = reliability.across_modes(design, ITEMS, "how", matrix="polychoric", reference="web")

    assert "“q3” được trả lời cao hơn" in found.words[0].vi
    assert "độ lệch chuẩn" in found.words[0].vi
    assert "standard deviations higher in mode giấy than in web" in found.words[0].en


def test_the_reference_mode_can_be_chosen_and_only_turns_the_signs() -> None:
    design = a_design()

    one = reliability.across_modes(design, ITEMS, "how", reference="web").table
    other = reliability.across_modes(design, ITEMS, "how", reference="giấy").table

    np.testing.assert_allclose(one["value"], -other["value"], atol=1e-12)
    np.testing.assert_allclose(one["se"], other["se"], rtol=1e-9)


def test_a_stratum_with_one_unit_gives_no_standard_error_and_says_so() -> None:
    table = answers().assign(s=1, psu=1)
    design = SurveyDesign(table, weights="w", strata="s", psu="psu", lonely_psu="remove")

    found = reliability.alpha(design, ITEMS)

    assert np.isnan(found.se)
    assert np.isfinite(found.value)
    assert found.findings[-1].code == "no-df"


def holes() -> SurveyDesign:
    return a_design(q2=answers()["q2"].where(answers().index != 4))


BAD: dict[str, Callable[[], Any]] = {
    "items-too-few": lambda: reliability.alpha(a_design(), ["q1"]),
    "items-repeated": lambda: reliability.alpha(a_design(), ["q1", "q1"]),
    "item-missing-column": lambda: reliability.omega(a_design(), ["q1", "q2", "q9"]),
    "item-not-numeric": lambda: reliability.alpha(a_design(), ["q1", "how"]),
    "item-not-ordered": lambda: reliability.omega(
        a_design(), ["q1", "q2", "how"], matrix="polychoric"
    ),
    "item-constant": lambda: reliability.alpha(a_design(q1=3), ITEMS),
    "answers-missing": lambda: reliability.alpha(holes(), ITEMS),
    "answer-infinite": lambda: reliability.alpha(a_design(q1=np.inf), ITEMS),
    "no-cases": lambda: reliability.alpha(a_design().where("psu > 99"), ITEMS),
    "scale-constant": lambda: reliability.alpha(a_design(q2=6 - answers()["q1"]), ["q1", "q2"]),
    "matrix-unknown": lambda: reliability.omega(a_design(), ITEMS, matrix="pearson"),
    "missing-unknown": lambda: reliability.alpha(a_design(), ITEMS, missing="ignore"),
    "level-out-of-range": lambda: reliability.alpha(a_design(), ITEMS, level=95),
    "matrix-singular": lambda: reliability.omega(
        a_design(q2=answers()["q1"] * 2), ["q1", "q2", "q3"]
    ),
    "correlation-at-edge": lambda: reliability.omega(
        a_design(q2=answers()["q1"]), ITEMS, matrix="polychoric"
    ),
    "categories-many": lambda: reliability.omega(
        a_design(), ["q1", "q2", "w"], matrix="polychoric"
    ),
    "factors-too-many": lambda: reliability.factors(a_design(), ITEMS, 3),
    "rotation-unknown": lambda: reliability.factors(a_design(), ITEMS, 2, rotation="equamax"),
    "extraction-unknown": lambda: reliability.factors(a_design(), ITEMS, 1, method="pca"),
    "simulations-too-few": lambda: reliability.parallel(a_design(), ITEMS, seed=1, simulations=2),
    "categories-differ": lambda: reliability.kappa(a_design(), "q1", "how"),
    "distance-unknown": lambda: reliability.kappa(a_design(), "q1", "q2", distance="cubic"),
    "modes-too-few": lambda: reliability.across_modes(a_design(how="web"), ITEMS, "how"),
    "mode-missing": lambda: reliability.across_modes(a_design(how=None), ITEMS, "how"),
    "reference-unknown": lambda: reliability.across_modes(
        a_design(), ITEMS, "how", reference="phone"
    ),
    "category-empty": lambda: reliability.across_modes(
        a_design(q1=answers()["q1"].where(answers()["how"] == "web", 3)),
        ITEMS,
        "how",
        matrix="polychoric",
    ),
    "loadings-cancel": lambda: reliability.across_modes(
        a_design(q2=6 - answers()["q2"], q4=6 - answers()["q4"]), ITEMS[1:], "how"
    ),
    "cases-too-few": lambda: reliability.across_modes(
        a_design(how=np.where(np.arange(300) < 8, "counter", "web")), ITEMS, "how"
    ),
}


@pytest.mark.parametrize("code", sorted(BAD))
def test_what_cannot_be_measured_is_refused_by_name(code: str) -> None:
    with pytest.raises(EstimationError) as refused:
        BAD[code]()

    assert refused.value.code == code
    assert refused.value.advice.vi
    assert refused.value.advice.en


def test_a_missing_answer_is_told_with_its_row_and_can_be_left_out() -> None:
    with pytest.raises(EstimationError) as refused:
        reliability.alpha(holes(), ITEMS)

    assert (refused.value.findings[0].row, refused.value.findings[0].column) == (5, "q2")
    assert reliability.alpha(holes(), ITEMS, missing="drop").n == 299


def test_an_item_constant_in_one_mode_is_told_with_the_mode() -> None:
    q1 = answers()["q1"].where(answers()["how"] == "web", 3)

    with pytest.raises(EstimationError, match="in mode “giấy”"):
        reliability.across_modes(a_design(q1=q1), ITEMS, "how")


def test_an_item_without_a_remainder_of_its_own_is_named() -> None:
    # r_ab · r_ac / r_bc above one: no factor model with a positive remainder (Heywood).
    matrix = np.array([[1.0, 0.8, 0.8], [0.8, 1.0, 0.5], [0.8, 0.5, 1.0]])

    assert extract(matrix, 1, "minres").at_bound.tolist() == [True, False, False]


def test_polychoric_correlations_do_not_depend_on_the_order_of_items_or_the_size_of_weights() -> (
    None
):
    code = answers()[ITEMS].to_numpy() - 1
    levels, weights = np.full(5, 5), answers()["w"].to_numpy()
    names = tuple(ITEMS)

    one = polychoric(code, levels, weights, names).matrix
    turned = polychoric(code[:, ::-1], levels, 1000 * weights, names[::-1]).matrix

    np.testing.assert_allclose(one, turned[::-1, ::-1], atol=1e-12)
