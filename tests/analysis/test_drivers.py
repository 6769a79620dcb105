"""Importance and performance of drivers, with design-based intervals.

Values are compared with their definitions written out, standard errors with the infinitesimal
jackknife (the weights of one primary unit raised and lowered by a thousandth).
"""

from __future__ import annotations

from collections.abc import Callable
from itertools import permutations
from typing import Any

import numpy as np
import pandas as pd
import pytest
from near_replicates import nearly_the_same_weights
from scipy import linalg

from analysis import SurveyDesign
from analysis.inference import models
from analysis.inference.drivers import importance_performance
from analysis.inference.drivers.shapley import all_sets, sampled_sets, shapley
from intake.findings import EstimationError

DRIVERS = ["manner", "time", "place", "fee"]
UNITS = 15


def answers(units: int = UNITS, each: int = 20) -> pd.DataFrame:
    """Overall satisfaction and four drivers, five-point answers of persons in clusters."""
    rng = np.random.Generator(np.random.PCG64(11))
    psu = np.repeat(np.arange(units), each)
    common = 0.5 * rng.normal(size=units)[psu] + rng.normal(size=psu.size)
    beneath = 0.7 * common[:, None] + rng.normal(size=(psu.size, 4))
    overall = beneath @ np.array([0.7, 0.4, 0.1, 0.0]) + rng.normal(size=psu.size)
    table = pd.DataFrame(
        np.clip(np.round(np.array([3.0, 4.0, 3.2, 4.1]) + beneath), 1, 5), columns=DRIVERS
    )
    return table.assign(
        overall=np.clip(np.round(3.4 + overall), 1, 5),
        w=np.exp(0.4 * rng.normal(size=psu.size)),
        psu=psu,
    )


def a_design(**changes: Any) -> SurveyDesign:
    return SurveyDesign(answers().assign(**changes), weights="w", psu="psu")


def weighted_matrix(table: pd.DataFrame) -> np.ndarray:
    return np.cov(table[["overall", *DRIVERS]].T, aweights=table["w"], ddof=0)


def r_squared(matrix: np.ndarray, held: list[int]) -> float:
    if not held:
        return 0.0
    inner = matrix[np.ix_(held, held)]
    return float(matrix[0, held] @ np.linalg.solve(inner, matrix[held, 0]) / matrix[0, 0])


@pytest.mark.parametrize("method", ["standardized", "relative_weights", "shapley", "ordinal"])
def test_standard_errors_are_those_that_small_changes_of_weights_give(method: str) -> None:
    by_lines, by_changes = (
        importance_performance(design, "overall", DRIVERS, method, scale=(1, 5))
        for design in (a_design(), nearly_the_same_weights(a_design()))
    )

    np.testing.assert_allclose(
        by_lines.table["importance_se"], by_changes.table["importance_se"], rtol=2e-5
    )
    np.testing.assert_allclose(
        by_lines.table["performance_se"], by_changes.table["performance_se"], rtol=2e-5
    )
    np.testing.assert_allclose(by_lines.covariance(), by_changes.covariance(), atol=2e-5)
    if by_lines.r_squared is not None:
        assert by_lines.r_squared_se == pytest.approx(by_changes.r_squared_se, rel=2e-5)


def test_standardized_weights_are_slopes_times_ratios_of_deviations() -> None:
    table = answers()
    deviation = np.sqrt(np.diag(weighted_matrix(table)))
    fitted = models.linear(a_design(), "overall ~ manner + time + place + fee")

    found = importance_performance(a_design(), "overall", DRIVERS, scale=(1, 5))

    slopes = fitted.table.set_index("term")["value"][DRIVERS]
    np.testing.assert_allclose(
        found.table["importance"], slopes * deviation[1:] / deviation[0], rtol=1e-9
    )


def test_ordinal_importance_is_the_log_odds_of_one_standard_deviation() -> None:
    deviation = np.sqrt(np.diag(weighted_matrix(answers())))
    fitted = models.ordinal(a_design(), "overall ~ manner + time + place + fee")

    found = importance_performance(a_design(), "overall", DRIVERS, "ordinal", scale=(1, 5))

    slopes = fitted.table.set_index("term")["value"][DRIVERS]
    np.testing.assert_allclose(found.table["importance"], slopes * deviation[1:], rtol=1e-6)
    assert found.r_squared is None


def test_shapley_values_are_what_drivers_add_over_all_orders() -> None:
    matrix = weighted_matrix(answers())
    added = np.zeros(4)
    for order in permutations(range(1, 5)):
        for place, driver in enumerate(order):
            before = list(order[:place])
            added[driver - 1] += r_squared(matrix, [*before, driver]) - r_squared(matrix, before)

    found = importance_performance(a_design(), "overall", DRIVERS, "shapley", scale=(1, 5))

    np.testing.assert_allclose(found.table["importance"], added / 24, rtol=1e-10)
    assert found.table["importance"].sum() == pytest.approx(found.r_squared, abs=1e-12)
    assert found.r_squared == pytest.approx(r_squared(matrix, [1, 2, 3, 4]), abs=1e-12)


def test_relative_weights_go_through_the_nearest_uncorrelated_variables() -> None:
    # Johnson (2000): the symmetric root of the correlations carries R² back to the drivers.
    matrix = weighted_matrix(answers())
    root = np.sqrt(np.diag(matrix))
    correlation = matrix / np.outer(root, root)
    nearest = np.real(linalg.sqrtm(correlation[1:, 1:]))
    expected = nearest**2 @ np.linalg.solve(nearest, correlation[1:, 0]) ** 2

    found = importance_performance(a_design(), "overall", DRIVERS, "relative_weights", scale=(1, 5))

    np.testing.assert_allclose(found.table["importance"], expected, rtol=1e-9)
    assert found.table["importance"].sum() == pytest.approx(found.r_squared, abs=1e-9)


def test_sampled_orders_come_near_to_all_orders_and_repeat_with_their_seed() -> None:
    rng = np.random.Generator(np.random.PCG64(4))
    matrix = np.cov((rng.normal(size=(300, 1)) + rng.normal(size=(300, 9))).T)

    exact, _ = shapley(matrix, all_sets(8))
    drawn, _ = shapley(matrix, sampled_sets(8, seed=1))
    again, _ = shapley(matrix, sampled_sets(8, seed=1))

    np.testing.assert_array_equal(drawn, again)
    np.testing.assert_allclose(drawn, exact, atol=0.003)
    assert drawn.sum() == pytest.approx(exact.sum(), abs=1e-12)


def test_many_drivers_need_a_seed_and_say_what_sampling_adds() -> None:
    rng = np.random.Generator(np.random.PCG64(4))
    names = [f"x{k}" for k in range(14)]
    table = pd.DataFrame(rng.normal(size=(200, 14)), columns=names)
    design = SurveyDesign(table.assign(y=table.sum(axis=1), w=1.0), weights="w")

    with pytest.raises(EstimationError) as refused:
        importance_performance(design, "y", names, "shapley")
    found = importance_performance(design, "y", names, "shapley", seed=2)

    assert refused.value.code == "seed-missing"
    assert [finding.code for finding in found.findings] == ["scale-taken", "shapley-sampled"]
    assert found.r_squared == pytest.approx(1.0, abs=1e-9)


def test_performance_runs_from_the_worst_answer_to_the_best() -> None:
    table = answers()
    mean = np.average(table["fee"], weights=table["w"])

    found = importance_performance(a_design(), "overall", DRIVERS, scale=(1, 5)).table
    turned = importance_performance(a_design(), "overall", DRIVERS, scale=(5, 1)).table

    assert found["performance"].iloc[3] == pytest.approx(100 * (mean - 1) / 4)
    np.testing.assert_allclose(turned["performance"], 100 - found["performance"])
    np.testing.assert_allclose(turned["performance_se"], found["performance_se"])


def test_a_driver_that_counts_and_does_badly_is_to_be_improved_first() -> None:
    design = SurveyDesign(answers(units=120), weights="w", psu="psu")

    found = importance_performance(design, "overall", DRIVERS, "shapley", scale=(1, 5)).table

    assert found["quadrant_en"].tolist() == [
        "Improve first",
        "Maintain",
        "Low priority",
        "Possibly more than needed",
    ]
    assert found["quadrant_vi"].iloc[0] == "Ưu tiên cải thiện"
    assert found["sure"].iloc[0]


def test_a_part_of_the_population_keeps_the_design() -> None:
    design = a_design().where("psu < 9")
    table = answers()
    members = table["psu"] < 9

    found = importance_performance(design, "overall", DRIVERS, scale=(1, 5))

    assert (found.n, found.df) == (int(members.sum()), 8)
    mean = np.average(table["time"][members], weights=table["w"][members])
    assert found.table["performance"].iloc[1] == pytest.approx(25 * (mean - 1))


@pytest.mark.parametrize(("lang", "word"), [("vi", "Ưu tiên cải thiện"), ("en", "Improve first")])
def test_the_plot_names_axes_quadrants_and_drivers_in_its_language(lang: str, word: str) -> None:
    import vl_convert

    found = importance_performance(a_design(), "overall", DRIVERS, "shapley", scale=(1, 5))

    chart = found.plot(lang=lang, labels={"manner": "Thái độ của công chức"})
    svg = vl_convert.vegalite_to_svg(chart.to_dict())

    for text in (word, "1 – Thái độ của công chức", "4 – fee", "R²", "0–100"):
        assert text in svg
    assert (">0,2" in svg) == (lang == "vi")


def test_the_plot_draws_its_signs_since_few_fonts_have_them() -> None:
    import vl_convert

    found = importance_performance(a_design(), "overall", DRIVERS, "shapley", scale=(1, 5))

    svg = vl_convert.vegalite_to_svg(found.plot(lang="vi").to_dict())

    assert "chắc chắn thuộc ô của mình" in svg
    assert "có thể do ngẫu nhiên" in svg
    assert not {"●", "○"} & set(svg)


def test_numbers_in_the_plot_touch_neither_each_other_nor_a_point() -> None:
    from analysis.inference.drivers import plot

    rng = np.random.Generator(np.random.PCG64(8))
    points = np.array([230.0, 190.0]) + 45 * rng.normal(size=(25, 2))

    places = plot._places(points, 433)

    boxes = [(*place, 17.0, 13.0) for place in places]
    marks = [(*point, 9.0, 9.0) for point in points]
    for at, box in enumerate(boxes):
        others = [*boxes[:at], *boxes[at + 1 :], *marks]
        assert sum(plot._overlap(box, other) for other in others) == 0


def collinear() -> SurveyDesign:
    table = answers()
    return a_design(fee=table["manner"] + table["time"])


def run(design: SurveyDesign, method: str = "standardized", **settings: Any) -> Any:
    return importance_performance(design, "overall", DRIVERS, method, **settings)


BAD: dict[str, Callable[[], Any]] = {
    "drivers-collinear": lambda: run(collinear()),
    "item-constant": lambda: run(a_design(overall=4.0)),
    "answers-missing": lambda: run(a_design(time=np.where(np.arange(300) == 7, np.nan, 3.0))),
    "items-repeated": lambda: importance_performance(a_design(), "overall", ["time", "overall"]),
    "drivers-too-few": lambda: importance_performance(a_design(), "overall", ["time"]),
    "item-missing-column": lambda: importance_performance(a_design(), "overall", ["time", "x"]),
    "item-not-numeric": lambda: run(a_design(time="good")),
    "method-unknown": lambda: run(a_design(), "lasso"),
    "answer-outside-scale": lambda: run(a_design(), scale=(1, 4)),
    "scale-empty": lambda: run(a_design(), scale=(3, 3)),
    "cases-too-few": lambda: run(a_design(first=np.arange(300)).where("first < 5")),
    "no-cases": lambda: run(a_design().where("psu > 99")),
    "categories-many": lambda: run(a_design(overall=answers()["w"]), "ordinal"),
    "outcome-separated": lambda: run(a_design(overall=answers()["time"]), "ordinal"),
}


@pytest.mark.parametrize("code", sorted(BAD))
def test_what_cannot_be_shared_out_is_refused_by_name(code: str) -> None:
    with pytest.raises(EstimationError) as refused:
        BAD[code]()

    assert refused.value.code == code
    assert refused.value.advice.vi


def test_a_driver_that_follows_from_others_is_told_with_them() -> None:
    with pytest.raises(EstimationError) as refused:
        run(collinear())

    assert refused.value.findings[0].message.en == (
        "Driver “fee” follows exactly from: manner, time."
    )


def test_an_answer_outside_the_scale_is_told_with_its_row() -> None:
    with pytest.raises(EstimationError) as refused:
        run(a_design(time=np.where(np.arange(300) == 6, 9.0, answers()["time"])), scale=(1, 5))

    assert (refused.value.findings[0].row, refused.value.findings[0].column) == (7, "time")
