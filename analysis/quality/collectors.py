"""How much answers depend on who collected them.

Answers of one interviewer resemble each other a little; too much resemblance, too little
spread, or far more blanks than others have is a reason to look. Scores are in any unit that
has a mean, such as index points of a response; shares lie between 0 and 1.

References
----------
AAPOR and ASA (2020). Data falsification in survey research: report of the joint task force.
Kish, L. (1962). Studies of interviewer variance for attitudinal variables. Journal of the
American Statistical Association 57, 92-115.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple

import numpy as np
import pandas as pd
from scipy import sparse

from analysis.quality.funnels import share_flags
from analysis.quality.rules import Rules
from analysis.quality.tables import (
    Floats,
    Groups,
    Integers,
    answers_of,
    flag_table,
    need_columns,
    numbers,
)
from intake.findings import EstimationError


class CollectorEffect(NamedTuple):
    """Mean squares, their correlation ρ, and the design effect of the collectors."""

    between: float
    within: float
    size: float
    rho: float
    deff: float


def collector_effect(score: Floats, collector: Integers) -> CollectorEffect:
    """Return ρ = (MSB - MSW) / (MSB + (m - 1) MSW) and deff = 1 + (m - 1) ρ.

    m is the number of responses per collector; where they differ, the number that makes the
    mean squares of a one-way analysis of variance fit, (N - Σ n² / N) / (k - 1).

    Parameters
    ----------
    score, collector
        Shape (responses,): the value, and the number of its collector from 0.

    Raises
    ------
    EstimationError
        ``collectors-few`` with fewer than two collectors or no collector with two responses;
        ``collectors-no-variation`` where all scores are equal.

    Examples
    --------
    >>> collector_effect(np.array([1.0, 3.0, 3.0, 5.0]), np.array([0, 0, 1, 1])).rho
    0.3333333333333333
    """
    n = np.bincount(collector).astype(np.float64)
    n = n[n > 0]
    if n.size < 2 or score.size <= n.size:
        raise EstimationError.of(
            "collectors-few",
            f"{n.size} người thu thập, {score.size} phiếu: không đủ để so sánh.",
            f"{n.size} collectors with {score.size} responses cannot be compared.",
            "Cần ít nhất hai người, có người thu hơn một phiếu.",
            "Give at least two, one of them with more than one response.",
        )
    between, within = _mean_squares(score[:, None], collector)
    size = float((n.sum() - (n**2).sum() / n.sum()) / (n.size - 1))
    whole = float(between[0] + (size - 1) * within[0])
    if whole <= 0:
        raise EstimationError.of(
            "collectors-no-variation",
            "Mọi điểm đều bằng nhau.",
            "All scores are equal.",
            "Chọn điểm có khác biệt.",
            "Choose a score that varies.",
        )
    rho = float(between[0] - within[0]) / whole
    return CollectorEffect(float(between[0]), float(within[0]), size, rho, 1 + (size - 1) * rho)


def collectors(
    responses: pd.DataFrame,
    score: str,
    *,
    collector: str,
    items: Sequence[str] = (),
    comment: str | None = None,
    seed: int = 0,
    rules: Rules | None = None,
) -> pd.DataFrame:
    """F13: the effect of collectors on a score, and the collectors that differ.

    Parameters
    ----------
    responses
        Responses that could have gone to any of the collectors: those of one unit.
    score, collector
        Columns with the value and the collector of each response.
    items
        Columns whose missing answers are counted (missing or negative).
    comment
        Column of comments; a text that is not blank counts as one.
    seed
        For the permutations of responses over collectors.

    Returns
    -------
    pandas.DataFrame
        `FLAG_COLUMNS`, ``unit`` being the collector. ``correlation`` (one row, unit
        empty): ρ against ``rules.collector_correlation``, ``p`` of MSB / MSW by permutation;
        ``design-effect`` (one row). ``variance``: the variance of a collector over that of all
        others around their own means, two-sided p by permutation of those deviations;
        ``missing`` and ``comment``: shares by funnel, in both directions of z, flagged above.

    Raises
    ------
    EstimationError
        Those of `collector_effect`, and ``quality-value-missing`` with the row.
    """
    limits = rules or Rules()
    values = numbers(responses, [score], gaps=False)[:, 0]
    groups = Groups(responses, collector, None)
    effect = collector_effect(values, groups.of_row)
    rng = np.random.Generator(np.random.PCG64(seed))
    tables = [_whole(effect, values, groups, limits, rng), _variances(values, groups, limits, rng)]
    everyone = np.ones(len(responses), dtype=bool)
    if items:
        gaps = np.asarray(np.isnan(answers_of(responses, items)).any(axis=1), dtype=np.bool_)
        tables.append(share_flags("F13", "missing", gaps, everyone, groups, limits))
    if comment is not None:
        need_columns(responses, [comment])
        given = responses[comment].fillna("").astype(str).str.strip().ne("").to_numpy(dtype=bool)
        tables.append(share_flags("F13", "comment", given, everyone, groups, limits))
    return pd.concat(tables, ignore_index=True)


def _whole(
    effect: CollectorEffect,
    values: Floats,
    groups: Groups,
    rules: Rules,
    rng: np.random.Generator,
) -> pd.DataFrame:
    observed = effect.between / effect.within if effect.within > 0 else np.inf
    reached = 0
    for block in _permutations(values, rules.collector_draws, rng):
        between, within = _mean_squares(block, groups.of_row)
        reached += int((between >= observed * within * (1 - 1e-12)).sum())
    p = np.array([(1 + reached) / (1 + rules.collector_draws)])
    common = {"unit": [""], "n": np.array([values.size])}
    correlation = flag_table(
        "F13",
        "correlation",
        rules,
        **common,  # type: ignore[arg-type]
        value=np.array([effect.rho]),
        reference=rules.collector_correlation,
        p=p,
        beyond=np.array([effect.rho > rules.collector_correlation]),
    )
    inflation = flag_table(
        "F13",
        "design-effect",
        rules,
        **common,  # type: ignore[arg-type]
        value=np.array([effect.deff]),
        reference=1.0,
        beyond=np.array([False]),
    )
    return pd.concat([correlation, inflation], ignore_index=True)


def _variances(
    values: Floats, groups: Groups, rules: Rules, rng: np.random.Generator
) -> pd.DataFrame:
    n = groups.n.astype(np.float64)
    deviations = values - (groups.sums(values) / n)[groups.of_row]
    free = n - 1
    # Deviations from a mean of few are too small; this gives all the same spread.
    scaled = deviations / np.sqrt(np.where(n > 1, free / n, 1.0))[groups.of_row]
    several = (n > 1)[groups.of_row]
    observed = _log_ratios(deviations[:, None], groups)[:, 0]
    upper, lower = np.zeros(n.size), np.zeros(n.size)
    pool = scaled[several]
    draws = max(rules.collector_draws, int(np.ceil(4 * n.size / rules.false_discovery)))
    for drawn in _permutations(pool, draws, rng):
        block = np.zeros((values.size, drawn.shape[1]))
        block[several] = drawn
        block -= (_sums(block, groups) / n[:, None])[groups.of_row]
        ratios = _log_ratios(block, groups)
        upper += (ratios >= observed[:, None] - 1e-9).sum(axis=1)
        lower += (ratios <= observed[:, None] + 1e-9).sum(axis=1)
    p = np.minimum(1.0, 2 * (1 + np.minimum(upper, lower)) / (1 + draws))
    known = ~np.isnan(observed) & (n > 1)
    p = np.where(known, p, np.nan)
    return flag_table(
        "F13",
        "variance",
        rules,
        unit=groups.units,
        n=groups.n,
        value=np.where(known, np.exp(observed), np.nan),
        reference=1.0,
        p=p,
        beyond=np.nan_to_num(p, nan=1.0) < rules.collector_p,
        note=["" if good else "few-responses" for good in known],
    )


def _sums(block: Floats, groups: Groups) -> Floats:
    """Return sums by unit of each column (units × columns)."""
    rows = groups.of_row.size
    gather = sparse.csr_matrix(
        (np.ones(rows), (groups.of_row, np.arange(rows))), shape=(len(groups.units), rows)
    )
    return np.asarray(gather @ block)


def _log_ratios(deviations: Floats, groups: Groups) -> Floats:
    """Return log of the variance of each collector over that of all others."""
    free = (groups.n - 1).astype(np.float64)[:, None]
    squares = _sums(deviations**2, groups)
    rest, rest_free = squares.sum(axis=0) - squares, free.sum() - free
    with np.errstate(divide="ignore", invalid="ignore"):
        ratios: Floats = np.log(squares / free) - np.log(np.maximum(rest, 0.0) / rest_free)
    return ratios


def _mean_squares(block: Floats, collector: Integers) -> tuple[Floats, Floats]:
    """Return mean squares between and within collectors, for each column."""
    rows, kinds = collector.size, int(collector.max()) + 1
    gather = sparse.csr_matrix((np.ones(rows), (collector, np.arange(rows))), shape=(kinds, rows))
    n = np.bincount(collector, minlength=kinds).astype(np.float64)
    present = n > 0
    centred = block - block.mean(axis=0)
    sums = np.asarray(gather @ centred)[present]
    between = (sums**2 / n[present, None]).sum(axis=0)
    within = np.maximum((centred**2).sum(axis=0) - between, 0.0)
    groups = int(present.sum())
    return between / (groups - 1), within / (rows - groups)


def _permutations(values: Floats, draws: int, rng: np.random.Generator) -> Iterator[Floats]:
    """Yield blocks (values × draws) of the values in random order, ``draws`` in all."""
    width = max(1, 2_000_000 // max(values.size, 1))
    for start in range(0, draws, width):
        number = min(width, draws - start)
        yield np.ascontiguousarray(rng.permuted(np.tile(values, (number, 1)), axis=1).T)
