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
from functools import cached_property
from typing import Any, NamedTuple

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
    ``key_of`` leads from there to one of the ``pairs`` of stratum and category, of which
    ``share`` is 1/n (0 where nothing is centred), ``unheld`` the clusters without a
    member, ``factor`` what squares are multiplied with and ``key_category`` the category.
    """

    up: Any
    key_of: Integers
    pairs: int
    share: Floats
    unheld: Floats
    factor: Floats
    key_category: Integers
    own_free: Floats | None

    def summed(self, values: Floats) -> Summed:
        """Add columns over finest cells (cells × k) up to this stage and its pairs."""
        held = values if self.up is None else np.asarray(self.up @ values)
        return Summed(held, self.added(held))

    def added(self, values: Floats) -> Floats:
        """Add cells of this stage (cells × k) up to pairs of stratum and category."""
        if values.shape[1] == 1:
            return add_up(self.key_of, self.pairs, values)
        return np.asarray(self.gather @ values)

    @cached_property
    def gather(self) -> Any:  # noqa: ANN401 - scipy has no types
        """The matrix (pairs × cells) that adds up several columns."""
        return indicator(self.key_of, self.pairs)

    def spread_out(self, values: Floats) -> Floats:
        """Return the value of its pair (pairs × k) for each cell (cells × k)."""
        return values.take(self.key_of, axis=0)


class Summed(NamedTuple):
    """Columns summed by cell of a stage, and by pair of stratum and category."""

    cells: Floats
    pairs: Floats


@dataclass(frozen=True, eq=False)
class Spread:
    """All stages of a design over the cells of one domain variable."""

    stages: tuple[StageCells, ...]
    categories: int
    df: Integers

    def summed(self, values: Floats) -> tuple[Summed, ...]:
        """Add columns (finest cells × k) up to every stage."""
        return tuple(stage.summed(values) for stage in self.stages)

    def totals(self, over: tuple[Summed, ...]) -> Floats:
        """Return the totals of columns by category (categories × k)."""
        return add_up(self.stages[0].key_category, self.categories, over[0].pairs)

    def variances(
        self,
        over: tuple[Summed, ...],
        under: tuple[Summed, ...] | None = None,
        slope: Floats | None = None,
    ) -> Floats:
        """Return the variance (categories × k) of the totals of over - slope·under.

        ``slope`` (categories × k) is constant within a category, so that cell sums alone
        need to be gone through. Distances from the mean of a stratum are taken cell by cell:
        what is constant has a variance of zero to the last digit.
        """
        whole = np.zeros((self.categories, over[0].cells.shape[1]))
        for number, stage in enumerate(self.stages):
            centre = over[number].pairs
            if under is None or slope is None:
                centre = centre * stage.share[:, None]
                spread = over[number].cells - stage.spread_out(centre)
            else:
                steep = slope[stage.key_category]
                centre = centre - steep * under[number].pairs
                centre *= stage.share[:, None]
                own = slope if self.categories == 1 else stage.spread_out(steep)
                spread = own * under[number].cells
                spread += stage.spread_out(centre)
                np.subtract(over[number].cells, spread, out=spread)
            np.multiply(spread, spread, out=spread)
            if stage.own_free is not None:
                spread *= stage.own_free[:, None]
            squares = stage.added(spread)
            squares += stage.unheld[:, None] * centre * centre
            squares *= stage.factor[:, None]
            whole += add_up(stage.key_category, self.categories, squares)
        return whole

    def covariance(self, values: Floats) -> Floats:
        """Return the covariance matrix (k × k) of the totals of columns (cells × k)."""
        whole = np.zeros((values.shape[1], values.shape[1]))
        for stage in self.stages:
            held, pairs = stage.summed(values)
            centre = pairs * stage.share[:, None]
            spread = held - stage.spread_out(centre)
            whole += (centre * (stage.factor * stage.unheld)[:, None]).T @ centre
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
                weights=np.bincount(cells.key_of, minlength=cells.pairs) - 1.0,
                minlength=categories,
            ).astype(np.int64)
    return Spread(tuple(stages), categories, df)


def spread_over_all(design: SurveyDesign) -> Spread:
    """Prepare the stages of a design over every finest cluster, members or not."""
    return spread_over(design, *every_unit(design), 1)


def covariance_of_totals(design: SurveyDesign, totals: Floats) -> Floats:
    """Return the covariance (k × k) of totals given by finest cluster (clusters × k)."""
    if design.form is not None:
        return design.form(totals)
    return spread_over_all(design).covariance(totals)


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
    return StageCells(up, key_of, keys.size, share, unheld, factor, key_category, own_free)


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
