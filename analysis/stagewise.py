"""The variance of totals, stage by stage: how far clusters of one stratum lie apart.

For a total Σ z over the clusters i of the strata h of a stage,

    v = Σ_h c_h · f_h · n_h / (n_h - 1) · Σ_i (z_hi - z̄_h)²,

with n_h drawn clusters, f_h the share that was not drawn and c_h the sampling fraction of the
stages before; the stages add up. A cluster without a member of a domain has z = 0 and counts.
Values are linearised and weighted, in the unit of the estimate.

References
----------
Särndal, C.-E., Swensson, B., Wretman, J. (1992). Model Assisted Survey Sampling, chapter 4.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy import sparse

from analysis.cells import add_up, every_unit, indicator
from analysis.design import SurveyDesign
from analysis.stages import Flags, Floats, Integers, Stage, compressed

_ALL_DRAWN = 1e-7


@dataclass(frozen=True, eq=False)
class StageCells:
    """The cells of one stage, and what their squares count.

    ``up`` adds finest cells up to cells of this stage (None where they are the same);
    ``key_of`` leads from there to the pair of stratum and category, of which ``gather`` sums
    cells, ``share`` is 1/n (0 where nothing is centred), ``unheld`` the clusters without a
    member, ``factor`` what squares are multiplied with and ``key_category`` the category.
    """

    up: Any
    key_of: Integers
    gather: Any
    share: Floats
    unheld: Floats
    factor: Floats
    key_category: Integers
    own_free: Floats | None


@dataclass(frozen=True, eq=False)
class Spread:
    """All stages of a design over the cells of one domain variable."""

    stages: tuple[StageCells, ...]
    categories: int
    df: Integers

    def variances(self, values: Floats) -> Floats:
        """Return the variance of the total of each column (cells × k) in each category."""
        whole = np.zeros((self.categories, values.shape[1]))
        for stage in self.stages:
            centre, spread = _centred(stage, values)
            np.multiply(spread, spread, out=spread)
            if stage.own_free is not None:
                spread *= stage.own_free[:, None]
            squares = np.asarray(stage.gather @ spread)
            squares += stage.unheld[:, None] * centre * centre
            squares *= stage.factor[:, None]
            whole += add_up(stage.key_category, self.categories, squares)
        return whole

    def covariance(self, values: Floats) -> Floats:
        """Return the covariance matrix (k × k) of the totals of columns over every cluster."""
        whole = np.zeros((values.shape[1], values.shape[1]))
        for stage in self.stages:
            _, spread = _centred(stage, values)
            weight = stage.factor[stage.key_of]
            if stage.own_free is not None:
                weight = weight * stage.own_free
            whole += (spread * weight[:, None]).T @ spread
        return whole


def spread_over(
    design: SurveyDesign, unit: Integers, category: Integers, categories: int
) -> Spread:
    """Prepare the stages of a design over cells (finest cluster, category)."""
    stages = []
    df = np.zeros(categories, dtype=np.int64)
    for depth, stage in enumerate(design.stages):
        cells = _stage_cells(design, stage, unit, category, categories)
        stages.append(cells)
        if depth == 0:
            df = np.bincount(
                cells.key_category,
                weights=np.asarray(cells.gather.sum(axis=1)).ravel() - 1,
                minlength=categories,
            ).astype(np.int64)
    return Spread(tuple(stages), categories, df)


def spread_over_all(design: SurveyDesign) -> Spread:
    """Prepare the stages of a design over every finest cluster, members or not."""
    return spread_over(design, *every_unit(design), 1)


def _centred(stage: StageCells, values: Floats) -> tuple[Floats, Floats]:
    summed = values if stage.up is None else np.asarray(stage.up @ values)
    centre = np.asarray(stage.gather @ summed)
    centre *= stage.share[:, None]
    return centre, summed - centre[stage.key_of]


def _stage_cells(
    design: SurveyDesign, stage: Stage, unit: Integers, category: Integers, categories: int
) -> StageCells:
    width = np.int64(categories)
    clusters = len(stage.stratum_of)
    if clusters == design.units:
        up, cluster, own = None, stage.cluster_of[unit], category
    else:
        pairs, cell = compressed(stage.cluster_of[unit] * width + category, clusters * categories)
        up = sparse.csr_matrix(
            (np.ones(cell.size), (cell, np.arange(cell.size))), shape=(pairs.size, cell.size)
        )
        cluster, own = pairs // width, pairs % width
    keys, key_of = compressed(
        stage.stratum_of[cluster] * width + own, len(stage.counts) * categories
    )
    stratum, key_category = keys // width, keys % width
    held = np.bincount(key_of, minlength=keys.size)
    counts = stage.counts[stratum]
    factor, uncentred, left_out = _factors(design, stage, stratum, counts, held)
    if left_out.any():
        factor = factor * _inflation(stage.parent_of[stratum] * width + key_category, left_out)
    share = np.where(uncentred, 0.0, 1.0 / counts)
    unheld = (counts - held).astype(np.float64)
    own_free = None
    if stage.cluster_free is not None:
        own_free = stage.cluster_free[cluster]
        whole = np.bincount(stage.stratum_of, weights=stage.cluster_free)[stratum]
        unheld = whole - np.bincount(key_of, weights=own_free, minlength=keys.size)
    return StageCells(
        up, key_of, indicator(key_of, keys.size), share, unheld, factor, key_category, own_free
    )


def _factors(
    design: SurveyDesign, stage: Stage, stratum: Integers, counts: Integers, held: Integers
) -> tuple[Floats, Flags, Flags]:
    """Return what squares are multiplied with, which pairs are not centred, which left out."""
    free = stage.free[stratum]
    certain = free <= _ALL_DRAWN
    lonely = (counts == 1) & ~certain
    alone = (held == 1) & (counts > 1) & ~certain & design.lonely_domains
    factor = stage.carried[stratum] * free * counts / np.maximum(counts - 1, 1)
    factor[certain] = 0.0
    if design.lonely_psu == "adjust":
        return factor, lonely | alone, np.zeros_like(lonely)
    factor[lonely] = 0.0
    if design.lonely_psu == "average":
        factor[alone] = 0.0
        return factor, np.zeros_like(lonely), lonely | alone
    return factor, np.zeros_like(lonely), np.zeros_like(lonely)


def _inflation(parent: Integers, left_out: Flags) -> Floats:
    """Return, per parent and category, strata over strata that could be measured."""
    _, group = np.unique(parent, return_inverse=True)
    strata = np.bincount(group).astype(np.float64)
    measured = np.bincount(group, weights=~left_out, minlength=strata.size)
    with np.errstate(divide="ignore"):
        ratio = np.where(measured > 0, strata / measured, np.nan)
    return np.asarray(ratio[group])
