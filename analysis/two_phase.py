"""How sure an estimate is when a sample was drawn from a sample.

A first phase draws units and asks little; a second phase draws some of them, by strata that
the first phase may have found out, and asks the rest. Weighted linearised values come in for
the rows of the second phase, in phase-2 row order, and add up to the estimate; rows outside a
domain are zero. Every phase has one stage of drawing or more.

The covariance is Σᵢⱼ Δᵢⱼ zᵢ zⱼ′ with Δ = Δ₁ + Δ₂ − Δ₁ ∘ Δ₂, where each Δᵢⱼ = 1 − πᵢπⱼ / πᵢⱼ
belongs to a phase. Stages of one phase are put together in the same way. Each Δ is made of
blocks (same cluster; same stratum), so that no matrix over rows is needed.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray

from intake.findings import EstimationError, WeightError

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]
Flags = NDArray[np.bool_]


@dataclass(frozen=True, eq=False)
class DrawStage:
    """One stage of drawing, seen from the rows of the second phase.

    Each has shape (phase-2 rows,). ``cluster`` and ``stratum`` are numbers that never come
    again under another parent; ``count`` is how many clusters of the stratum the stage drew
    (in the first phase also those that the second phase left behind); ``probability`` that of
    the cluster at this stage. ``independent`` means that no cluster's drawing told anything
    about another's: with replacement, from no list that ends, or one by one.
    """

    cluster: Integers
    stratum: Integers
    count: Integers
    probability: Floats
    independent: bool = False


def draw_stages(
    clusters: Sequence[ArrayLike],
    strata: Sequence[ArrayLike | None] = (),
    population: Sequence[ArrayLike | None] = (),
    probabilities: Sequence[ArrayLike | None] = (),
    *,
    drawn: Flags,
    kept: Flags,
) -> tuple[DrawStage, ...]:
    """Return the stages of one phase from columns of the whole table.

    Parameters
    ----------
    clusters
        For each stage, a label per row of the table, the first stage first.
    strata, population, probabilities
        For each stage, or shorter: strata labels, number of clusters in the stratum, the
        probability of the cluster. Without the latter two a stage is taken as drawn from an
        endless list, independently.
    drawn
        Shape (rows,): which rows this phase drew; all of them for the first phase.
    kept
        Shape (rows,): which rows the second phase drew.

    Returns
    -------
    tuple of DrawStage
        Over the rows that were kept.

    Raises
    ------
    EstimationError
        ``two-phase-empty``, ``two-phase-count`` (a stratum drew more than it holds),
        ``two-phase-label`` (a label is missing).
    WeightError
        ``probability-out-of-range``.

    Examples
    --------
    Three of a list of six, of which two are asked again:

    >>> everyone, again = np.ones(3, dtype=bool), np.array([True, True, False])
    >>> first = draw_stages([[1, 2, 3]], population=[[6, 6, 6]], drawn=everyone, kept=again)
    >>> first[0].probability.tolist(), first[0].count.tolist()
    ([0.5, 0.5], [3, 3])
    """
    if not kept.any() or (kept & ~drawn).any():
        raise _refusal("two-phase-empty", int(kept.sum()), int(drawn.sum()))
    parent = np.zeros(len(drawn), dtype=np.int64)
    stages: list[DrawStage] = []
    for level, labels in enumerate(clusters):
        own = _at(strata, level)
        stratum = parent if own is None else _pairs(parent, _codes(own))
        cluster = _pairs(stratum, _codes(labels))
        first = np.zeros(len(drawn), dtype=bool)
        first[np.flatnonzero(drawn)[np.unique(cluster[drawn], return_index=True)[1]]] = True
        count = np.bincount(stratum[first], minlength=int(stratum.max()) + 1)[stratum]
        given, size = _at(probabilities, level), _at(population, level)
        share = _share(given, size, count, drawn)
        stages.append(
            DrawStage(
                cluster[kept],
                stratum[kept],
                count[kept].astype(np.int64),
                share[kept],
                independent=size is None,
            )
        )
        parent = cluster
    return tuple(stages)


def weights(phase1: Sequence[DrawStage], phase2: Sequence[DrawStage]) -> Floats:
    """Return one over the product of all probabilities, for each row of the second phase."""
    product = np.ones(len(phase2[0].probability))
    for stage in (*phase1, *phase2):
        product = product * stage.probability
    return np.asarray(1.0 / product)


def two_phase_covariance(
    scores: ArrayLike, phase1: Sequence[DrawStage], phase2: Sequence[DrawStage]
) -> Floats:
    """Return the covariance matrix of the column sums of the scores.

    Parameters
    ----------
    scores
        Shape (phase-2 rows, k): weighted linearised values.
    phase1, phase2
        The stages of each phase, as `draw_stages` makes them.

    Returns
    -------
    numpy.ndarray
        Shape (k, k), in squared units of the statistic.

    Raises
    ------
    EstimationError
        ``two-phase-shape``.

    References
    ----------
    Särndal, C.-E., Swensson, B., Wretman, J. (1992). Model assisted survey sampling, ch. 9.

    Examples
    --------
    All of the first phase asked again is single-phase sampling, here n = 3 of N = 6:

    >>> yes = np.ones(3, dtype=bool)
    >>> first = draw_stages([[1, 2, 3]], population=[[6, 6, 6]], drawn=yes, kept=yes)
    >>> second = draw_stages([[1, 2, 3]], population=[[3, 3, 3]], drawn=yes, kept=yes)
    >>> y = np.array([1.0, 2.0, 6.0])
    >>> round(float(two_phase_covariance(y * 2, first, second)[0, 0]), 6)
    42.0
    """
    both = phase_parts(scores, phase1, phase2)
    return both[0] + both[1]


def phase_parts(
    scores: ArrayLike, phase1: Sequence[DrawStage], phase2: Sequence[DrawStage]
) -> tuple[Floats, Floats]:
    """Return what each phase adds to the covariance, the first phase first."""
    z = np.asarray(scores, dtype=np.float64)
    z = z[:, None] if z.ndim == 1 else z
    rows = {len(stage.cluster) for stage in (*phase1, *phase2)}
    if rows != {len(z)}:
        raise _refusal("two-phase-shape", len(z), sorted(rows))
    second = _blocks(phase2)
    first = _blocks(phase1)
    own = _form(z, second)
    whole = _form(z, _together(first, second))
    return whole - own, own


# A block is a coefficient per row and a grouping: its Δᵢⱼ is the coefficient of row i where
# the rows i and j are of one group, and 0 elsewhere.
_Block = tuple[Floats, Integers]


def _blocks(stages: Sequence[DrawStage]) -> list[_Block]:
    whole: list[_Block] = []
    for stage in stages:
        whole = _together(whole, _stage_blocks(stage))
    return whole


def _stage_blocks(stage: DrawStage) -> list[_Block]:
    left = 1.0 - stage.probability
    if stage.independent:
        # Sure to be there and drawn from no list: the units stand for an endless population.
        endless = bool((stage.probability == 1).all())
        return [(np.ones(len(left)) if endless else left, stage.cluster)]
    several = stage.count > 1
    apart = np.where(several, left / np.maximum(stage.count - 1, 1), 0.0)
    return [(left + apart, stage.cluster), (-apart, stage.stratum)]


def _together(first: list[_Block], second: list[_Block]) -> list[_Block]:
    crossed = [(-a * b, _pairs(group, other)) for a, group in first for b, other in second]
    return [*first, *second, *crossed]


def _form(z: Floats, blocks: list[_Block]) -> Floats:
    whole = np.zeros((z.shape[1], z.shape[1]))
    for coefficient, group in blocks:
        if not coefficient.any():
            continue
        number = int(group.max()) + 1
        plain = np.zeros((number, z.shape[1]))
        np.add.at(plain, group, z)
        weighted = np.zeros((number, z.shape[1]))
        np.add.at(weighted, group, z * coefficient[:, None])
        whole += weighted.T @ plain
    return (whole + whole.T) / 2


def _share(
    given: ArrayLike | None, size: ArrayLike | None, count: Integers, drawn: Flags
) -> Floats:
    if given is not None:
        share = np.asarray(given, dtype=np.float64)
    elif size is not None:
        share = count / np.asarray(size, dtype=np.float64)
        over = np.flatnonzero(drawn & (share > 1 + 1e-9))
        if over.size:
            row = int(over[0])
            held = float(np.asarray(size, dtype=np.float64)[row])
            raise _refusal("two-phase-count", int(count[row]), held, row + 1)
        share = np.minimum(share, 1.0)
    else:
        return np.ones(len(drawn))
    bad = np.flatnonzero(drawn & ~((share > 0) & (share <= 1)))
    if bad.size:
        row = int(bad[0])
        raise WeightError.of(
            "probability-out-of-range",
            f"Dòng {row + 1}: xác suất {share[row]:g} phải lớn hơn 0 và không quá 1.",
            f"Row {row + 1}: the probability {share[row]:g} must lie above 0 and not above 1.",
            "Hãy sửa dòng này.",
            "Mend this row.",
            row=row + 1,
        )
    return share


def _at(columns: Sequence[ArrayLike | None], level: int) -> ArrayLike | None:
    return columns[level] if level < len(columns) else None


def _codes(labels: ArrayLike) -> Integers:
    codes = pd.factorize(np.asarray(labels), sort=True)[0].astype(np.int64)
    missing = np.flatnonzero(codes < 0)
    if missing.size:
        row = int(missing[0]) + 1
        raise _refusal("two-phase-label", "NaN", "1, 2, …", row)
    return np.asarray(codes)


def _pairs(first: Integers, second: Integers) -> Integers:
    joint = first * np.int64(second.max() + 1) + second
    return np.asarray(np.unique(joint, return_inverse=True)[1].astype(np.int64))


_SAID = {
    "two-phase-empty": (
        "Pha hai phải là một phần của pha một và không rỗng",
        "The second phase must be a part of the first, and not empty",
        "Cột pha hai ghi đúng/sai cho từng dòng của pha một.",
        "The column of the second phase says true or false for each row of the first.",
    ),
    "two-phase-count": (
        "Tầng có nhiều đơn vị trong mẫu hơn trong tổng thể",
        "A stratum holds more units in the sample than in the population",
        "Hãy sửa số đơn vị của tầng.",
        "Mend the number of units of the stratum.",
    ),
    "two-phase-label": (
        "Thiếu mã đơn vị hoặc mã tầng",
        "The label of a unit or stratum is missing",
        "Mỗi dòng phải có tầng và đơn vị của mình.",
        "Every row needs its stratum and its unit.",
    ),
    "two-phase-shape": (
        "Số dòng không khớp với pha hai",
        "The number of rows does not fit the second phase",
        "Mỗi dòng của pha hai có một giá trị.",
        "Give one value for each row of the second phase.",
    ),
}


def _refusal(code: str, got: object, expected: object, row: int | None = None) -> EstimationError:
    vi, en, advice_vi, advice_en = _SAID[code]
    return EstimationError.of(
        code,
        f"{vi}: có {got}, mong đợi {expected}.",
        f"{en}: got {got}, expected {expected}.",
        advice_vi,
        advice_en,
        row=row,
    )
