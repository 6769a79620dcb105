"""Unequal probabilities without replacement, and samples drawn from samples."""

from __future__ import annotations

from collections.abc import Callable
from itertools import combinations

import numpy as np
import pytest

from analysis import pps, two_phase
from intake.findings import EstimationError, HailongError, WeightError

P = np.array([0.9, 0.6, 0.3, 0.2, 0.5, 0.1])
Y = np.array([[9.0, 1.0], [5.0, 0.0], [4.0, 1.0], [1.0, 1.0], [6.0, 0.0], [2.0, 1.0]])
Z = Y / P[:, None]
STRATA = np.array([0, 0, 0, 1, 1, 1])


def written_out(joint: np.ndarray, z: np.ndarray, variance: str) -> np.ndarray:
    """Sum over every pair, as the definitions say."""
    whole = np.zeros((z.shape[1], z.shape[1]))
    for i in range(len(z)):
        for j in range(len(z)):
            delta = 1 - joint[i, i] * joint[j, j] / joint[i, j] if i != j else 1 - joint[i, i]
            if variance == "ht":
                whole += delta * np.outer(z[i], z[j])
            else:
                whole -= delta * np.outer(z[i] - z[j], z[i] - z[j]) / 2
    return (whole + whole.T) / 2


@pytest.mark.parametrize("variance", ["ht", "yg"])
@pytest.mark.parametrize("kind", ["overton", "hartley_rao"])
@pytest.mark.parametrize("strata", [None, STRATA])
def test_sums_without_a_matrix_equal_the_sum_over_all_pairs(
    kind: str, variance: str, strata: np.ndarray | None
) -> None:
    joint = pps.pairwise_matrix(P, kind, strata=strata)

    found = pps.covariance(Z, P, kind=kind, variance=variance, strata=strata)

    assert np.allclose(found, written_out(joint, Z, variance), rtol=1e-12)
    by_matrix = pps.covariance(Z, P, joint, variance=variance, tolerance=0)
    assert np.allclose(found, by_matrix, rtol=1e-12)


def test_equal_probabilities_give_simple_random_sampling_in_every_form() -> None:
    # n = 4 of N = 10: N² (1 - n / N) s² / n.
    y, p = np.array([1.0, 4.0, 2.0, 9.0]), np.full(4, 0.4)
    simple = 100 * 0.6 * y.var(ddof=1) / 4
    joint = np.full((4, 4), 4 * 3 / (10 * 9))
    np.fill_diagonal(joint, 0.4)

    for variance in ("ht", "yg"):
        assert pps.covariance(y / p, p, joint, variance=variance)[0, 0] == pytest.approx(simple)
        # Hartley and Rao over the whole stratum: P = 10 · 0.4² / 4.
        exact = pps.covariance(
            y / p, p, kind="hartley_rao", variance=variance, sum_of_squares=10 * 0.16 / 4
        )
        assert exact[0, 0] == pytest.approx(simple)
        assert pps.covariance(y / p, p, kind="overton", variance=variance)[0, 0] == pytest.approx(
            simple
        )
    assert pps.covariance(y / p, p)[0, 0] == pytest.approx(simple)


def test_over_all_samples_the_forms_with_true_joint_probabilities_are_unbiased() -> None:
    # Four units, two drawn; each pair's probability is given, so all samples can be listed.
    y = np.array([3.0, 8.0, 4.0, 10.0])
    pairs = dict(zip(combinations(range(4), 2), [0.1, 0.15, 0.2, 0.05, 0.25, 0.25], strict=True))
    joint = np.zeros((4, 4))
    for (i, j), chance in pairs.items():
        joint[i, j] = joint[j, i] = chance
        joint[i, i] += chance
        joint[j, j] += chance
    single = np.diag(joint)
    totals = np.array([sum(y[list(pair)] / single[list(pair)]) for pair in pairs])
    chances = np.array(list(pairs.values()))
    truth = float(chances @ (totals - y.sum()) ** 2)

    for variance in ("ht", "yg"):
        expected = sum(
            chance
            * pps.covariance(
                y[list(pair)] / single[list(pair)],
                single[list(pair)],
                joint[np.ix_(pair, pair)],
                variance=variance,
                tolerance=0,
            )[0, 0]
            for pair, chance in pairs.items()
        )
        assert expected == pytest.approx(truth)


def test_brewer_counts_each_stratum_for_itself_and_nothing_for_units_surely_drawn() -> None:
    whole = pps.covariance(Z, P, strata=STRATA)

    parts = [pps.covariance(Z[:3], P[:3]), pps.covariance(Z[3:], P[3:])]

    assert np.allclose(whole, parts[0] + parts[1])
    with_sure = pps.covariance(
        np.vstack([Z, [[100.0, 1.0]]]), np.append(P, 1.0), strata=np.append(STRATA, 2)
    )
    assert np.allclose(with_sure, whole)


@pytest.mark.parametrize(
    ("call", "code", "row"),
    [
        (lambda: pps.covariance(Z, P, kind="tille"), "pps-kind", None),
        (lambda: pps.covariance(Z, P, variance="SYG"), "pps-kind", None),
        (lambda: pps.pairwise_matrix(P, "brewer"), "pps-kind", None),
        (lambda: pps.covariance(Z[:3], P), "pps-shape", None),
        (lambda: pps.covariance(Z, P, strata=[0, 1]), "pps-shape", None),
        (lambda: pps.covariance(Z, P * 3), "probability-out-of-range", 1),
        (lambda: pps.covariance(Z, [0.5, np.nan, *P[2:]]), "probability-out-of-range", 2),
        (lambda: pps.covariance(Z, P, np.eye(5)), "pps-joint", None),
        (lambda: pps.covariance(Z, P, np.eye(6)), "pps-joint", 1),
        (lambda: pps.covariance(Z, P, np.diag(P)), "pps-joint", 1),
        (lambda: pps.covariance(Z, P, kind="hartley_rao", sum_of_squares=-1), "pps-sum", None),
        (
            lambda: pps.covariance(Z, P, kind="hartley_rao", sum_of_squares=[0.1, 0.2]),
            "pps-sum",
            None,
        ),
        (lambda: pps.covariance(Z, P, strata=[0, 0, 0, 0, 0, 1]), "psu-lonely", 6),
    ],
)
def test_each_fault_of_unequal_probabilities_is_refused_with_its_row(
    call: Callable[[], object], code: str, row: int | None
) -> None:
    with pytest.raises(HailongError) as refusal:
        call()

    assert refusal.value.code == code
    assert refusal.value.findings[0].row == row


# A sample of a sample -----------------------------------------------------------------


def simple_joint(stratum: np.ndarray, drawn: np.ndarray, held: np.ndarray) -> np.ndarray:
    p = drawn / held
    same = stratum[:, None] == stratum[None, :]
    together = np.where(same, (p * (drawn - 1) / (held - 1))[:, None], np.outer(p, p))
    np.fill_diagonal(together, p)
    return together


def test_two_stratified_phases_equal_the_sum_over_pairs_with_products_of_probabilities() -> None:
    # Phase 1: strata a (4 of 10), b (5 of 20). Phase 2: by what phase 1 found out, crossing them.
    stratum = np.array([0, 0, 0, 0, 1, 1, 1, 1, 1])
    held = np.where(stratum == 0, 10, 20)
    found_out = np.array([0, 1, 0, 1, 0, 1, 0, 1, 0])
    kept = np.array([True, True, True, True, False, True, True, False, True])
    everyone = np.ones(9, dtype=bool)
    y = np.array([[1.0, 5.0, 2.0, 7.0, 3.0, 8.0, 1.0, 4.0, 6.0], np.arange(9.0)]).T
    second_held = np.where(found_out == 0, 5, 4)

    first = two_phase.draw_stages([np.arange(9)], [stratum], [held], drawn=everyone, kept=kept)
    second = two_phase.draw_stages(
        [np.arange(9)], [found_out], [second_held], drawn=kept, kept=kept
    )
    z = y[kept] * two_phase.weights(first, second)[:, None]

    drawn_first = np.where(stratum == 0, 4, 5)[kept]
    drawn_second = np.where(found_out == 0, 4, 3)[kept]
    joint = simple_joint(stratum[kept], drawn_first, held[kept]) * simple_joint(
        found_out[kept], drawn_second, second_held[kept]
    )
    single = np.diag(joint)
    plain = z.T @ (1 - np.outer(single, single) / joint) @ z
    assert np.allclose(two_phase.two_phase_covariance(z, first, second), plain)


def test_what_the_phases_add_makes_the_whole() -> None:
    everyone, kept = np.ones(6, dtype=bool), np.array([True, True, True, False, True, False])
    first = two_phase.draw_stages([np.arange(6)], drawn=everyone, kept=kept)
    second = two_phase.draw_stages([np.arange(6)], [None], [np.full(6, 6)], drawn=kept, kept=kept)
    z = np.array([1.0, -2.0, 0.5, 0.5]) * 1.5

    one, two = two_phase.phase_parts(z, first, second)

    # Phase 2 alone is simple random sampling, 4 of 6.
    assert two[0, 0] == pytest.approx((1 - 4 / 6) * 4 / 3 * ((z - z.mean()) ** 2).sum())
    assert (one + two)[0, 0] == pytest.approx(
        two_phase.two_phase_covariance(z, first, second)[0, 0]
    )


@pytest.mark.parametrize(
    ("call", "code", "kind"),
    [
        (lambda yes: {"drawn": yes, "kept": ~yes}, "two-phase-empty", EstimationError),
        (lambda yes: {"drawn": ~yes, "kept": yes}, "two-phase-empty", EstimationError),
        (
            lambda yes: {"population": [[2, 2, 2]], "drawn": yes, "kept": yes},
            "two-phase-count",
            None,
        ),
        (
            lambda yes: {"strata": [["a", None, "b"]], "drawn": yes, "kept": yes},
            "two-phase-label",
            None,
        ),
        (
            lambda yes: {"probabilities": [[0.5, 0, 1]], "drawn": yes, "kept": yes},
            "probability-out-of-range",
            WeightError,
        ),
    ],
)
def test_each_fault_of_two_phases_is_refused(
    call: Callable[[np.ndarray], dict[str, object]],
    code: str,
    kind: type[HailongError] | None,
) -> None:
    settings = call(np.ones(3, dtype=bool))

    with pytest.raises(kind or EstimationError) as refusal:
        two_phase.draw_stages([[1, 2, 3]], **settings)  # type: ignore[arg-type]

    assert refusal.value.code == code


def test_scores_of_other_rows_than_the_second_phase_are_refused() -> None:
    yes = np.ones(3, dtype=bool)
    stages = two_phase.draw_stages([[1, 2, 3]], drawn=yes, kept=yes)

    with pytest.raises(EstimationError) as refusal:
        two_phase.two_phase_covariance(np.ones(2), stages, stages)

    assert refusal.value.code == "two-phase-shape"
