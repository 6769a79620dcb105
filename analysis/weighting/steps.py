"""What was done to the weights of a design, kept so that variances can take account of it.

Once weights reproduce a known total, that total is certain. Each step says which part of a
statistic it has made certain: with z the linearised values of a statistic per unit of the
weights after the step, what stays uncertain is

    z - X · coefficients(Xᵀ(ω∘z)),

X being ``auxiliary`` and ω being ``moment_weights``. Several steps act one after the other,
each on values per unit of its own weights (score / ``after``), as in R survey. Trimming and
the adjustments for nonresponse make nothing certain; their ``auxiliary`` is None.

``before`` and ``after`` are weights in row order, zero outside the part picked by ``where``.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import linalg, sparse

from analysis.weighting.diagnostics import Diagnostics, Floats, describe
from analysis.weighting.margins import Margin, weighted_counts, worst_category

Integers = NDArray[np.int64]
RAKING_SWEEPS = 10


@dataclass(frozen=True)
class Numeric:
    """A numeric auxiliary: its values in the rows that were calibrated, and its total."""

    name: str
    row_values: Floats
    total: float


@dataclass(frozen=True, eq=False)
class Step:
    """A step that changes weights and makes nothing certain.

    ``rows`` are the positions of the rows that were weighed, ``margins`` and ``numeric`` what
    the weights were brought to (for these rows), ``settings`` what the caller chose, as plain
    values, ``iterations`` how often an iterative method went round.
    """

    name: str
    before: Floats
    after: Floats
    rows: Integers | slice = field(default_factory=lambda: slice(None))
    margins: tuple[Margin, ...] = ()
    numeric: tuple[Numeric, ...] = ()
    settings: Mapping[str, Any] = field(default_factory=dict)
    iterations: int = 0
    trimmed: int = 0

    @property
    def method(self) -> str:
        """The name of the step."""
        return self.name

    @property
    def auxiliary(self) -> Any:  # noqa: ANN401 - scipy has no types
        """Sparse matrix (rows × p) of what the step has made certain; None for nothing."""
        return None

    @property
    def moment_weights(self) -> Floats:
        """The weights of the moments Xᵀ(ω∘z), in row order."""
        return self.before

    def coefficients(self, moments: Floats) -> Floats:
        """Return the coefficients (p × k) that belong to moments (p × k)."""
        return np.zeros_like(moments)

    def residuals(self, scores: Floats) -> Floats:
        """Return weighted linearised values (rows × k) less what the step has made certain."""
        design = self.auxiliary
        if design is None:
            return scores
        scale = self.after[:, None]
        z = np.divide(scores, scale, out=np.zeros_like(scores), where=scale != 0)
        moments = np.asarray(design.T @ (z * self.moment_weights[:, None]))
        left = z - np.asarray(design @ self.coefficients(moments))
        return np.asarray(left * scale)

    @cached_property
    def diagnostics(self) -> Diagnostics:
        """The weights after the step in numbers, with the largest relative margin error."""
        after = self.after[self.rows]
        return describe(
            after, margin_error=self.largest_error()[2], trimmed=self.trimmed, positive=False
        )

    def largest_error(self) -> tuple[str, str, float | None]:
        """Return margin, category and relative error of the total furthest from its target."""
        if not self.margins and not self.numeric:
            return "", "", None
        after = self.after[self.rows]
        worst = worst_category(after, self.margins)
        for auxiliary in self.numeric:
            held = float(after @ auxiliary.row_values)
            error = abs(held - auxiliary.total) / max(abs(auxiliary.total), 1e-300)
            if error > worst[2] and held != auxiliary.total:
                worst = (auxiliary.name, "", error)
        return worst


@dataclass(frozen=True, eq=False)
class TrimStep(Step):
    """Trimming: ``settings`` holds the bounds; nothing is made certain."""


@dataclass(frozen=True, eq=False)
class CellStep(Step):
    """A step that treats all rows of a cell alike; ``cell`` is -1 outside of it."""

    cell: Integers = field(default_factory=lambda: np.zeros(0, dtype=np.int64))
    cells: int = 0

    @cached_property
    def auxiliary(self) -> Any:  # noqa: ANN401
        """Sparse matrix (rows × cells): which cell a row belongs to."""
        inside = self.cell >= 0
        starts = np.concatenate([[0], np.cumsum(inside)])
        return sparse.csr_matrix(
            (np.ones(int(starts[-1])), self.cell[inside], starts),
            shape=(self.cell.size, self.cells),
        )

    def _sums(self, weights: Floats) -> Floats:
        inside = self.cell >= 0
        return weighted_counts(self.cell[inside], weights[inside], self.cells)


@dataclass(frozen=True, eq=False)
class PoststratificationStep(CellStep):
    """Post-stratification: the mean of each cell, under the weights before, is certain."""

    @cached_property
    def _held(self) -> Floats:
        return self._sums(self.before)

    def coefficients(self, moments: Floats) -> Floats:
        """Return the mean of each cell."""
        held = np.where(self._held > 0, self._held, 1.0)
        return np.asarray(moments / held[:, None])


@dataclass(frozen=True, eq=False)
class RakingStep(CellStep):
    """Raking: unweighted means by margin are taken out in turn, ten times over.

    References
    ----------
    Deville, J.-C., Särndal, C.-E., Sautory, O. (1993). Generalized raking procedures in
    survey sampling. Journal of the American Statistical Association 88, 1013-1020. The ten
    rounds of unweighted means are those of R survey.
    """

    categories: tuple[Integers, ...] = ()

    @cached_property
    def moment_weights(self) -> Floats:
        """One for each row that was raked, zero for the others."""
        return (self.cell >= 0).astype(np.float64)

    @cached_property
    def _gathers(self) -> tuple[tuple[Any, Floats], ...]:
        counts = self._sums(self.moment_weights)
        found = []
        for category in self.categories:
            gather = sparse.csr_matrix(
                (np.ones(self.cells), (category, np.arange(self.cells))),
                shape=(int(category.max()) + 1, self.cells),
            )
            held = np.asarray(gather @ counts)
            found.append((gather, np.where(held > 0, held, 1.0)[:, None]))
        return tuple(found)

    def coefficients(self, moments: Floats) -> Floats:
        """Return what ten rounds take from the rows of each cell."""
        counts = self._sums(self.moment_weights)[:, None]
        taken = np.zeros_like(moments)
        for _ in range(RAKING_SWEEPS):
            for (gather, held), category in zip(self._gathers, self.categories, strict=True):
                means = np.asarray(gather @ (moments - counts * taken)) / held
                taken = taken + means[category]
        return taken


@dataclass(frozen=True, eq=False)
class CalibrationStep(Step):
    """Calibration: the regression on the auxiliaries, under the weights before, is certain.

    With one factor per cluster the auxiliaries are the means of the cluster and ``matrix``
    and ``weights_of_moments`` carry the ratio of mean to own weight.
    """

    matrix: Any = None
    gram: Floats = field(default_factory=lambda: np.zeros((0, 0)))
    weights_of_moments: Floats = field(default_factory=lambda: np.zeros(0))

    @property
    def auxiliary(self) -> Any:  # noqa: ANN401
        """Sparse matrix (rows × p) of the auxiliaries."""
        return self.matrix

    @property
    def moment_weights(self) -> Floats:
        """The weights before the step."""
        return self.weights_of_moments

    @cached_property
    def _factor(self) -> tuple[Floats, bool]:
        found: tuple[Floats, bool] = linalg.cho_factor(self.gram)
        return found

    def coefficients(self, moments: Floats) -> Floats:
        """Return the coefficients of the regression."""
        return np.asarray(linalg.cho_solve(self._factor, moments))
