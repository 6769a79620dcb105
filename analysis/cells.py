"""Sums of linearised values by unit and domain, and the variance that follows from them.

A cell is one cluster of the design in one category of a domain variable. Rows are summed
into cells once, with a sparse matrix, for all items and categories together; everything
after that works on the cells, whose number does not grow with the sample.

The scores that come in are weighted linearised values: they add up to a total.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from scipy import sparse

from analysis.design import Flags, Floats, Integers, Stage, SurveyDesign

_BLOCK = 2_000_000


def indicator(category: Integers, categories: int) -> Any:  # noqa: ANN401 - scipy has no types
    """Return the sparse matrix (categories × rows) that sums rows; -1 belongs to none."""
    rows = np.flatnonzero(category >= 0)
    return sparse.csr_matrix(
        (np.ones(rows.size), (category[rows], rows)), shape=(categories, category.size)
    )


def cell_totals(design: SurveyDesign, category: Integers, categories: int, scores: Floats) -> Any:  # noqa: ANN401
    """Sum scores (rows × items) into a sparse matrix (units × categories·items).

    Columns run category by category, the items of one category together. Where weights were
    calibrated, the values are first reduced to what calibration left uncertain; then rows
    outside a category count in it as well.
    """
    if design.history:
        return _calibrated_totals(design, category, categories, scores)
    items = scores.shape[1]
    units = int(design.unit_of.max()) + 1
    kept = np.flatnonzero((category >= 0) & design.member)
    keys = design.unit_of[kept] * np.int64(categories) + category[kept]
    cells, cell_of = np.unique(keys, return_inverse=True)
    gather = sparse.csr_matrix(
        (np.ones(kept.size), (cell_of, kept)), shape=(cells.size, category.size)
    )
    sums = np.asarray(gather @ scores)
    row = np.repeat(cells // categories, items)
    column = ((cells % categories)[:, None] * items + np.arange(items)).ravel()
    return sparse.csc_matrix((sums.ravel(), (row, column)), shape=(units, categories * items))


def _calibrated_totals(
    design: SurveyDesign, category: Integers, categories: int, scores: Floats
) -> Any:  # noqa: ANN401
    units = int(design.unit_of.max()) + 1
    gather = indicator(design.unit_of, units)
    blocks = []
    for number in range(categories):
        own = np.where(((category == number) & design.member)[:, None], scores, 0.0)
        for step in design.history:
            own = step.residuals(own)
        blocks.append(np.asarray(gather @ own))
    return sparse.csc_matrix(np.hstack(blocks))


def variances(design: SurveyDesign, totals: Any) -> Floats:  # noqa: ANN401
    """Return the variance of each column of totals (units × columns)."""
    columns = totals.shape[1]
    strata = max(len(stage.counts) for stage in design.stages)
    width = max(1, _BLOCK // strata)
    parts = [
        _block_variances(design, totals[:, start : start + width])
        for start in range(0, columns, width)
    ]
    return np.concatenate(parts) if parts else np.zeros(0)


def covariance(design: SurveyDesign, totals: Floats) -> Floats:
    """Return the covariance matrix of the columns of totals (units × columns, dense)."""
    columns = totals.shape[1]
    whole = np.zeros((columns, columns))
    for stage in design.stages:
        summed = np.zeros((len(stage.stratum_of), columns))
        np.add.at(summed, stage.cluster_of, totals)
        centre = np.zeros((len(stage.counts), columns))
        np.add.at(centre, stage.stratum_of, summed)
        centre /= stage.counts[:, None]
        factor, left_out = _factors(design, stage)
        if design.lonely_psu == "adjust":
            centre[stage.counts == 1] = 0.0
        spread = summed - centre[stage.stratum_of]
        parts = spread * factor[stage.stratum_of][:, None]
        if not left_out.any():
            whole += parts.T @ spread
            continue
        parent = stage.parent_of[stage.stratum_of]
        inflation = _inflation(stage, left_out)
        whole += (parts * inflation[parent][:, None]).T @ spread
    return whole


def _block_variances(design: SurveyDesign, totals: Any) -> Floats:  # noqa: ANN401
    columns = totals.shape[1]
    whole = np.zeros(columns)
    for stage in design.stages:
        clusters = len(stage.stratum_of)
        units = np.arange(len(stage.cluster_of))
        up = sparse.csr_matrix(
            (np.ones(units.size), (stage.cluster_of, units)), shape=(clusters, units.size)
        )
        summed = (up @ totals).tocoo()
        key = stage.stratum_of[summed.row] * np.int64(columns) + summed.col
        shape = (len(stage.counts), columns)
        size = shape[0] * shape[1]
        sums = np.bincount(key, weights=summed.data, minlength=size)
        held = np.bincount(key, minlength=size).reshape(shape)
        centre = sums.reshape(shape) / stage.counts[:, None]
        factor, left_out = _factors(design, stage)
        if design.lonely_psu == "adjust":
            centre[stage.counts == 1] = 0.0
        spread = summed.data - centre.ravel()[key]
        # Counting nothing at all would give whole numbers.
        squares = np.bincount(key, weights=spread * spread, minlength=size).astype(np.float64)
        squares = squares.reshape(shape)
        # Clusters without a member of the domain have a total of zero and count as well.
        squares += (stage.counts[:, None] - held) * centre * centre
        parts = squares * factor[:, None]
        if left_out.any():
            parts *= _inflation(stage, left_out)[stage.parent_of][:, None]
        whole += parts.sum(axis=0)
    return whole


def _factors(design: SurveyDesign, stage: Stage) -> tuple[Floats, Flags]:
    """Return what the squares of each stratum are multiplied with, and the strata left out."""
    lonely = (stage.counts == 1) & (stage.free > 1e-7)
    spare = np.where(stage.counts > 1, stage.counts / np.maximum(stage.counts - 1, 1), 1.0)
    factor = stage.carried * stage.free * spare
    factor[stage.free <= 1e-7] = 0.0
    if design.lonely_psu != "adjust":
        factor[lonely] = 0.0
    return factor, lonely if design.lonely_psu == "average" else np.zeros_like(lonely)


def _inflation(stage: Stage, left_out: Flags) -> Floats:
    """Return, per parent, strata over strata that could be measured."""
    parents = int(stage.parent_of.max()) + 1
    strata = np.bincount(stage.parent_of, minlength=parents)
    measured = np.bincount(stage.parent_of[~left_out], minlength=parents)
    return np.where(measured > 0, strata / np.maximum(measured, 1), np.nan)
