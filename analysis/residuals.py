"""What calibration has made certain, taken off linearised values.

A calibration step reproduces the totals of its auxiliaries X. Of a linearised value z only the
residual z - X·B stays uncertain, with B from the moments Xᵀ(ω∘z). Several steps apply one
after the other. Scores are weighted linearised values; the weights of a step are those after
it.

References
----------
Deville, J.-C., Särndal, C.-E. (1992). Calibration estimators in survey sampling. Journal of
the American Statistical Association 87, 376-382.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from scipy import sparse

from analysis.cells import indicator
from analysis.design import SurveyDesign, WeightStep
from analysis.stages import Floats, Integers


def binding(design: SurveyDesign) -> list[WeightStep]:
    """Return the steps of a design that have made something certain, the first one first."""
    return [step for step in design.history if step.auxiliary is not None]


def residual_scores(design: SurveyDesign, scores: Floats) -> Floats:
    """Return scores (rows × k) less what each calibration of the design explains of them."""
    left = np.asarray(scores, dtype=np.float64)
    for step in binding(design):
        moments = step.auxiliary.T @ (_share(step)[:, None] * left)
        explained = step.auxiliary @ step.coefficients(np.asarray(moments))
        left = left - step.after[:, None] * np.asarray(explained)
    return left


class CalibratedMoments:
    """Moments of columns with the auxiliaries of every step, by domain category.

    All steps are stacked: ``of`` returns p × categories for the p auxiliaries of all steps
    together, ``explained`` takes such moments of linearised values and returns what the steps
    explain of their totals in each finest cluster.
    """

    def __init__(self, design: SurveyDesign, category: Integers, categories: int) -> None:
        self._steps = binding(design)
        self._categories = categories
        member = (category >= 0) & design.member
        self._sizes = [step.auxiliary.shape[1] for step in self._steps]
        gather = indicator(design.unit_of, design.units)
        self._unit_sums = [
            np.asarray((gather @ sparse.diags_array(step.after) @ step.auxiliary).todense())
            for step in self._steps
        ]
        keys, weights, rows, offset = [], [], [], 0
        for step, size in zip(self._steps, self._sizes, strict=True):
            entries = sparse.coo_array(step.auxiliary)
            row, column = entries.coords
            kept = member[row]
            keys.append((offset + column[kept]) * np.int64(categories) + category[row[kept]])
            share = (_share(step) * design.all_weights)[row[kept]]
            weights.append(entries.data[kept] * share)
            rows.append(row[kept])
            offset += size
        self._keys = np.concatenate(keys).astype(np.int64)
        self._weights = np.concatenate(weights)
        self._rows = np.concatenate(rows)
        self._crossed = {
            (later, earlier): _crossed(self._steps[later], self._steps[earlier])
            for later in range(len(self._steps))
            for earlier in range(later)
        }

    def of(self, values: Floats | float) -> Floats:
        """Return Xᵀ(ω∘w∘y) by category (auxiliaries × categories) of one column."""
        weights = self._weights
        if not isinstance(values, float):
            weights = weights * values[self._rows]
        size = sum(self._sizes) * self._categories
        held = np.bincount(self._keys, weights=weights, minlength=size)
        return np.asarray(held.reshape(-1, self._categories), dtype=np.float64)

    def explained(self, moments: Floats) -> Floats:
        """Return what the steps explain (finest clusters × k) of values with these moments."""
        parts = np.split(moments, np.cumsum(self._sizes)[:-1])
        found: list[Floats] = []
        whole = np.zeros((len(self._unit_sums[0]), moments.shape[1]))
        for at, step in enumerate(self._steps):
            own = np.array(parts[at])
            for earlier in range(at):
                own -= self._crossed[at, earlier] @ found[earlier]
            found.append(step.coefficients(own))
            whole += self._unit_sums[at] @ found[at]
        return whole


def _share(step: WeightStep) -> Floats:
    """Return ω over the weights after the step: the moments are taken of weighted scores."""
    share = np.zeros_like(step.after)
    np.divide(step.moment_weights, step.after, out=share, where=step.after != 0)
    return share


def _crossed(later: WeightStep, earlier: WeightStep) -> Any:  # noqa: ANN401 - scipy has no types
    scale = sparse.diags_array(_share(later) * earlier.after)
    return np.asarray((later.auxiliary.T @ scale @ earlier.auxiliary).todense())
