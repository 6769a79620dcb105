"""The harness of repeated draws itself: it runs, it agrees with `analysis`, it can say no."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from simulation import judging
from simulation.catalogue import cases
from simulation.reading import Reader, asked_of
from simulation.repeating import block, reader_of

from analysis import SurveyDesign, estimate
from sampling import draw
from sampling.design.stages import METHODS
from sampling.drawing.places import person_places


def test_every_method_and_every_shipped_design_is_repeated_in_one_stage_and_in_two() -> None:
    told = [case.design.stages[0].method for case in cases().values() if case.group == "one stage"]
    twice = [
        case.design.stages[0].method for case in cases().values() if len(case.design.stages) == 2
    ]

    assert set(METHODS) <= set(told)
    assert set(METHODS) <= set(twice)
    assert sum(case.group == "shipped" for case in cases().values()) == 4
    assert all(case.draws >= 2000 for case in cases().values())


def test_twenty_draws_are_judged() -> None:
    name, found = block(("one stage: pps_systematic", 0, 20))

    verdict = judging.judge(cases()[name], reader_of(name), found)

    assert verdict.draws == len(found.estimates) == 20
    assert (np.abs(verdict.bias_hajek) < 5).all()
    assert 1e-4 < verdict.inclusion["units"] <= 1
    assert "one stage: pps_systematic" in judging.line(verdict)


@pytest.mark.parametrize(
    "name",
    [
        "one stage: sampford",
        "one stage: poisson",
        "one stratum: srs",
        "shipped: transactions",
        "two stages: srs + 12 srs",
        "two stages: pps_systematic + 12 srs",
    ],
)
def test_variances_of_the_harness_are_those_of_analysis(name: str) -> None:
    reader = Reader(cases()[name])
    made = draw(reader.people.frame, reader.case.design, "as analysis")
    value, variance, df = reader.estimates(made)

    rows = reader.rows(made)
    means = declared(rows, reader.case.variance, "mean" if rows.persons.max() == 1 else "ratio")

    assert np.allclose(means["value"], value[2:], rtol=1e-9, atol=0)
    assert np.allclose(means["se"] ** 2, variance[2:], rtol=1e-9, atol=0)
    assert df > 0


def declared(rows: object, kind: str, what: str) -> pd.DataFrame:
    """Estimate by `analysis` what the harness estimates."""
    first, answers = rows.chances[0], rows.answers
    table = pd.DataFrame(
        {
            "stratum": rows.strata,
            "unit": rows.units[0],
            "row": np.arange(len(first)),
            "weight": rows.weights,
            "chance": first,
            "satisfied": answers[:, 0],
            "score": answers[:, 1],
            "persons": rows.persons,
        }
    )
    if what == "ratio":
        pps: object = "brewer"
        if kind == "poisson":
            pps = np.outer(first, first)
            np.fill_diagonal(pps, first)
            table["stratum"] = 0
        design = SurveyDesign(
            table,
            strata="stratum",
            psu="unit",
            probabilities="chance",
            pps=pps,
            lonely_psu="certainty",
        )
        pairs = [("satisfied", "persons"), ("score", "persons")]
        return estimate.ratio(design, pairs).table
    table["first"] = (
        table.drop_duplicates("unit")
        .groupby("stratum")["chance"]
        .mean()[table["stratum"]]
        .to_numpy()
    )
    table["second"] = rows.chances[1]
    design = SurveyDesign(
        table,
        weights="weight",
        strata="stratum",
        psu=["unit", "row"],
        fpc=["first", "second"],
        fpc_as="fraction",
        lonely_psu="certainty",
    )
    return estimate.mean(design, ["satisfied", "score"]).table


def test_the_person_asked_is_the_one_on_the_sheet_of_the_draw() -> None:
    seed = "5" * 64

    asked = [asked_of(seed, "10507v01-000003", count) for count in range(1, 13)]

    assert asked == person_places(seed, "10507v01-000003")


def test_the_reference_of_simple_random_draws_is_the_exact_one() -> None:
    rng = np.random.Generator(np.random.PCG64(4))
    drawn = srs(rng, 2000, held=40, take=10)
    chance = np.full(40, 0.25)

    weights = judging.eigenvalues(
        (drawn - chance) / np.sqrt(2000 * chance * (1 - chance)), np.zeros(40, int)
    )

    mean, square = judging.at_random(40, 10.0)
    assert mean == pytest.approx(40)
    assert square == pytest.approx(40**2 / 39)
    assert weights.sum() == pytest.approx(mean, rel=0.02)
    assert np.sort(weights)[0] == pytest.approx(0, abs=1e-9)


def test_a_draw_that_favours_some_units_is_found_and_a_fair_one_is_not() -> None:
    rng = np.random.Generator(np.random.PCG64(5))
    fair = srs(rng, 1000, held=40, take=10)
    bent = fair.copy()
    # In one draw in six without it, unit 0 takes the place of another unit.
    for row in np.flatnonzero(bent[:, 0] == 0)[::6]:
        bent[row, np.flatnonzero(bent[row])[0]] = 0
        bent[row, 0] = 1
    spread = np.full(40, 1000 * 0.25 * 0.75)

    p = [judging.of_units(one - 0.25, spread, np.zeros(40, int)) for one in (fair, bent)]

    assert p[0] > 0.01
    assert p[1] < 1e-4


def test_the_starts_of_a_systematic_list_have_the_covariance_of_all_their_samples() -> None:
    mean, square = judging.at_a_step(12, 4.0)

    # Three samples of four places: each place has probability 1/3, two eigenvalues of 6.
    assert mean == pytest.approx(12)
    assert square == pytest.approx(2 * 6**2)


def srs(rng: np.random.Generator, draws: int, held: int, take: int) -> np.ndarray:
    ranks = np.argsort(rng.random((draws, held)), axis=1).argsort(axis=1)
    return (ranks < take).astype(float)
