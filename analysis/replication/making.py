"""Replicates from the primary units of a design: jackknife, half-samples, bootstrap.

Each kind gives one multiplier per primary unit and replicate; weights by row follow from
them. Units count within strata of the first stage; what later stages and their corrections
add is carried by the units themselves.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from analysis.design import Floats, Integers, SurveyDesign
from analysis.replication.designs import ReplicateDesign
from analysis.replication.hadamard import balanced
from analysis.replication.refusals import refuse_unless
from intake.findings import Finding, Words

KINDS = ("jk1", "jkn", "brr", "fay", "rao_wu", "bootstrap")
_DRAWN = ("rao_wu", "bootstrap")
_WHOLE = 1e-7


@dataclass(frozen=True, eq=False)
class _Units:
    """Primary units in the order in which the table names them, by stratum."""

    of_row: Integers
    strata: list[Integers]
    free: Floats
    labels: list[str]

    @property
    def count(self) -> int:
        return sum(len(units) for units in self.strata)


@dataclass(frozen=True, eq=False)
class _Made:
    multipliers: Floats
    scale: float
    rscales: Floats
    df: int | None = None


def make(
    design: SurveyDesign,
    *,
    kind: str,
    replicates: int | None = None,
    rho: float = 0.0,
    seed: int | np.random.Generator | None = None,
    take: int | None = None,
    mse: bool = False,
) -> ReplicateDesign:
    """Return the replicate design of a design with primary units.

    Parameters
    ----------
    design
        The table and how it was drawn, before its weights were adjusted: adjust the replicate
        design, so that every replicate is adjusted with the full sample.
    kind
        ``jk1`` leaves out one unit at a time (no strata), ``jkn`` one of a stratum (both with
        finite population correction); ``brr`` takes balanced half-samples of strata with an
        even number of units, in pairs as the table names them, and ``fay`` keeps ``rho`` of
        the other half; ``rao_wu`` draws n_h - 1 units of a stratum with replacement and
        rescales, ``bootstrap`` draws n_h from the stratum's population (Canty and Davison).
    replicates
        For ``rao_wu`` and ``bootstrap``; 200 when left out.
    rho
        Fay's coefficient, 0 to below 1.
    seed
        For ``rao_wu`` and ``bootstrap``, which draw.
    take
        Units that ``rao_wu`` draws in each stratum, in place of n_h - 1.
    mse
        True to count distances from the full-sample estimate, not from the replicates' mean.

    Raises
    ------
    EstimationError
        ``replicate-kind-unknown``, ``seed-absent``, ``rho-out-of-range``,
        ``replicates-too-few``, ``take-out-of-range``, ``already-adjusted``,
        ``pps-without-replacement``, ``jk1-with-strata``, ``strata-too-small``, ``strata-odd``,
        ``nothing-drawn``.

    Notes
    -----
    The multiplier of ``rao_wu`` is 1 - λ + λ (n/m) · times drawn, λ² = m (1 - f)/(n - 1), with m
    units drawn of n and f the share of the stratum in the sample; without correction and
    with m = n - 1 this is n/(n - 1) · times drawn.

    References
    ----------
    Rao, J. N. K., Wu, C. F. J. (1988). Resampling inference with complex survey data. JASA 83,
    231-241. Canty, A. J., Davison, A. C. (1999). Resampling-based variance estimation for
    labour force surveys. The Statistician 48, 379-391. Wolter, K. M. (2007). Introduction to
    Variance Estimation, 2nd ed., chapters 3 to 5.

    Examples
    --------
    >>> table = pd.DataFrame({"s": [1, 1, 2, 2], "y": [1.0, 3.0, 2.0, 8.0], "w": 1.0})
    >>> half = make(SurveyDesign(table, weights="w", strata="s"), kind="brr")
    >>> half.replicate_weights[0].tolist()
    [2.0, 0.0, 2.0, 0.0]
    """
    refuse_unless(kind in KINDS, "replicate-kind-unknown", repr(kind), ", ".join(KINDS))
    fine = 0 <= rho < 1 and (rho == 0 or kind == "fay")
    refuse_unless(fine, "rho-out-of-range", rho)
    count = 200 if replicates is None else replicates
    whole = isinstance(count, int | np.integer) and count > 1
    refuse_unless(whole, "replicates-too-few", count)
    refuse_unless(isinstance(design, SurveyDesign), "design-unfit", type(design).__name__)
    refuse_unless(not design.history, "already-adjusted", len(design.history))
    plain = design.form is None and design.stages[0].cluster_free is None
    refuse_unless(plain, "pps-without-replacement")
    units = _units(design)
    if kind in _DRAWN:
        refuse_unless(seed is not None, "seed-absent", repr(kind))
        rng = seed if isinstance(seed, np.random.Generator) else _generator(seed)
        drawn = (
            _rao_wu(design, units, count, take, rng)
            if kind == "rao_wu"
            else _population(design, units, count, rng)
        )
    elif kind in ("brr", "fay"):
        drawn = _half_samples(units, rho)
    else:
        drawn = _jackknife_whole(units) if kind == "jk1" else _jackknife(design, units)
    return ReplicateDesign(
        data=design.data,
        unit_of=units.of_row,
        multipliers=drawn.multipliers,
        scale=drawn.scale,
        rscales=drawn.rscales,
        mse=mse,
        kind=kind,
        findings=tuple(_limits(design, kind)),
        whole_df=drawn.df,
        _weights=np.array(design.weights),
        _member=np.array(design.member),
    )


def export(design: ReplicateDesign, weight: str = "w", prefix: str = "r") -> pd.DataFrame:
    """Return the weights as a table: the full sample, then one column per replicate.

    Parameters
    ----------
    design
        From `make` or `given`; rows outside `where` have weight zero.
    weight, prefix
        Names of the columns: ``w, r1, r2, …``.

    Returns
    -------
    pandas.DataFrame
        One row per row of ``design.data``, in its order; complete weights.

    Examples
    --------
    >>> table = pd.DataFrame({"w": [1.0, 1.0, 1.0]})
    >>> export(make(SurveyDesign(table, weights="w"), kind="jk1")).round(1).values[0].tolist()
    [1.0, 0.0, 1.5, 1.5]
    """
    names = [f"{prefix}{number + 1}" for number in range(design.replicates)]
    table = pd.DataFrame(design.replicate_weights, columns=names)
    table.insert(0, weight, design.weights)
    return table


def _generator(seed: Any) -> np.random.Generator:  # noqa: ANN401 - what NumPy takes as a seed
    try:
        return np.random.Generator(np.random.PCG64(seed))
    except (TypeError, ValueError):
        refuse_unless(False, "seed-unfit", repr(seed))
        raise


def _units(design: SurveyDesign) -> _Units:
    """Return the primary units, numbered by their first row, and the strata they lie in."""
    stage = design.stages[0]
    psu = stage.cluster_of[design.unit_of]
    found, first = np.unique(psu, return_index=True)
    order = np.argsort(first, kind="stable")
    number = np.empty(int(found.max()) + 1, dtype=np.int64)
    number[found[order]] = np.arange(found.size)
    stratum = stage.stratum_of[found[order]]
    codes, appears = np.unique(stratum, return_index=True)
    kept = codes[np.argsort(appears, kind="stable")]
    by_code = np.argsort(stratum, kind="stable")
    ends = np.searchsorted(stratum[by_code], np.arange(int(codes.max()) + 2))
    members = [by_code[ends[code] : ends[code + 1]] for code in kept]
    labels = design.stratum_labels()
    return _Units(number[psu], members, stage.free[kept], [labels[code] for code in kept])


def _jackknife_whole(units: _Units) -> _Made:
    n = units.count
    refuse_unless(len(units.strata) == 1, "jk1-with-strata", len(units.strata))
    refuse_unless(n > 1, "nothing-drawn")
    multipliers = np.full((n, n), n / (n - 1))
    np.fill_diagonal(multipliers, 0.0)
    return _Made(multipliers, float(units.free[0]) * (n - 1) / n, np.ones(n))


def _jackknife(design: SurveyDesign, units: _Units) -> _Made:
    """Leave out one unit after the other; a stratum with a single one as the design says."""
    total, strata = units.count, len(units.strata)
    blocks: list[Floats] = []
    rscales: list[Floats] = []
    for members, free in zip(units.strata, units.free, strict=True):
        n = len(members)
        if n == 1:
            if design.lonely_psu == "adjust" and free > _WHOLE and strata > 1:
                block = np.full((total, 1), strata / (strata - 1))
                block[members] = 0.0
                blocks.append(block)
                rscales.append(np.array([(strata - 1) / strata]))
            continue
        block = np.ones((total, n))
        block[members] = n / (n - 1)
        block[members, np.arange(n)] = 0.0
        blocks.append(block)
        rscales.append(np.full(n, free * (n - 1) / n))
    refuse_unless(bool(blocks), "nothing-drawn")
    factors = np.concatenate(rscales)
    scale = total / len(factors) if design.lonely_psu == "average" else 1.0
    return _Made(np.hstack(blocks), scale, factors)


def _half_samples(units: _Units, rho: float) -> _Made:
    """Pairs of units, one of each taken by every replicate as a Hadamard matrix says."""
    for members, label in zip(units.strata, units.labels, strict=True):
        refuse_unless(len(members) > 1, "strata-too-small", label, "kind='jkn'")
        named = f"“{label}” ({len(members)})" if label else f"({len(members)})"
        refuse_unless(len(members) % 2 == 0, "strata-odd", named, "jkn, rao_wu, bootstrap")
    ordered = sorted(range(len(units.strata)), key=lambda at: units.labels[at])
    large = [at for at in ordered if len(units.strata[at]) > 2]
    pairs = [units.strata[at] for at in [*large, *(a for a in ordered if a not in set(large))]]
    paired = np.concatenate(pairs).reshape(-1, 2)
    signs = balanced(len(paired))
    taken = signs[1 : len(paired) + 1] > 0
    multipliers = np.empty((units.count, signs.shape[1]))
    multipliers[paired[:, 0]] = np.where(taken, 2 - rho, rho)
    multipliers[paired[:, 1]] = np.where(taken, rho, 2 - rho)
    count = signs.shape[1]
    return _Made(multipliers, 1 / (count * (1 - rho) ** 2), np.ones(count))


def _rao_wu(
    design: SurveyDesign, units: _Units, count: int, take: int | None, rng: np.random.Generator
) -> _Made:
    multipliers = np.ones((units.count, count))
    for members, free, label in zip(units.strata, units.free, units.labels, strict=True):
        n = len(members)
        if n == 1:
            _refuse_single(design, free, label)
            continue
        m = n - 1 if take is None else take
        share = m * free / (n - 1)
        # A larger take would let multipliers fall below zero.
        named = f"{take} (“{label}”: {n})"
        refuse_unless(m > 0 and share <= 1 + 1e-9, "take-out-of-range", named, f"1 … {n - 1}")
        times = rng.multinomial(m, np.full(n, 1 / n), size=count).T
        root = np.sqrt(min(share, 1.0))
        multipliers[members] = 1 - root + root * (n / m) * times
    # Far fewer draws than units are free to vary are independent of one another.
    spare = sum(len(members) - 1 for members, free in zip(units.strata, units.free, strict=True)
                if free > _WHOLE)  # fmt: skip
    df = count - 1 if spare >= 2 * count else None
    return _Made(multipliers, 1 / (count - 1), np.ones(count), df)


def _population(design: SurveyDesign, units: _Units, count: int, rng: np.random.Generator) -> _Made:
    multipliers = np.ones((units.count, count))
    sizes = []
    for members, free, label in zip(units.strata, units.free, units.labels, strict=True):
        n = len(members)
        if n == 1:
            _refuse_single(design, free, label)
            continue
        sizes.append(n)
        if free >= 1:
            times = rng.multinomial(n, np.full(n, 1 / n), size=count)
        else:
            size = round(n / (1 - free))
            copies = np.full(n, size // n)
            copies[rng.permutation(n)[: size % n]] += 1
            times = rng.multivariate_hypergeometric(copies, n, size=count)
        multipliers[members] = times.T
    refuse_unless(bool(sizes), "nothing-drawn")
    # The spread of n drawn from n is short by (n - 1)/n, made good on average over strata.
    mean_size = len(sizes) / sum(1 / n for n in sizes)
    return _Made(multipliers, mean_size / ((mean_size - 1) * (count - 1)), np.ones(count))


def _refuse_single(design: SurveyDesign, free: float, label: str) -> None:
    fine = free <= _WHOLE or design.lonely_psu in ("remove", "certainty")
    refuse_unless(fine, "strata-too-small", label, "lonely_psu='remove', 'certainty', kind='jkn'")


def _limits(design: SurveyDesign, kind: str) -> list[Finding]:
    """Say what the replicates leave out of what the design states."""
    found = []
    if kind in ("brr", "fay") and bool((design.stages[0].free < 1).any()):
        found.append(
            Finding(
                "fpc-dropped",
                Words(
                    "Nửa mẫu cân bằng không tính hiệu chỉnh tổng thể hữu hạn.",
                    "Balanced half-samples carry no finite population correction.",
                ),
                Words("Dùng jkn nếu cần hiệu chỉnh.", "Use jkn where it matters."),
                severity="warning",
            )
        )
    if len(design.stages) > 1:
        found.append(
            Finding(
                "later-stages-dropped",
                Words(
                    "Bản lặp chỉ tính hiệu chỉnh của giai đoạn đầu.",
                    "Replicates carry the correction of the first stage alone.",
                ),
                Words(
                    "Phương sai có thể hơi khác cách tuyến tính hóa.",
                    "The variance can differ a little from linearisation.",
                ),
                severity="warning",
            )
        )
    return found
