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

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import linalg, sparse

from analysis.weighting.diagnostics import Diagnostics, Floats, describe
from analysis.weighting.margins import Margin, worst_category

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

    @cached_property
    def signed(self) -> bool:
        """Whether the step has left weights that are not above zero, as linear calibration may.

        They are in order for totals and means; trimming or raking makes them positive again.
        """
        return bool((self.after[self.rows] <= 0).any())

    @cached_property
    def diagnostics(self) -> Diagnostics:
        """The weights after the step in numbers, with the largest relative margin error."""
        after = self.after[self.rows]
        return describe(
            after, margin_error=self.largest_error()[2], trimmed=self.trimmed, positive=False
        )

    def largest_error(self, weights: Floats | None = None) -> tuple[str, str, float | None]:
        """Return margin, category and relative error of the total furthest from its target.

        The error is that of other weights (row order) where they are given.
        """
        if not self.margins and not self.numeric:
            return "", "", None
        after = (self.after if weights is None else weights)[self.rows]
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
class PoststratificationStep(Step):
    """Post-stratification: the mean of each cell, under the weights before, is certain."""

    @cached_property
    def auxiliary(self) -> Any:  # noqa: ANN401
        """Sparse matrix (rows × cells): which cell a row belongs to."""
        return _indicators(self.margins, self.rows, self.before.size)

    @cached_property
    def _held(self) -> Floats:
        held = self.margins[0].sums(self.before[self.rows])
        return np.where(held != 0, held, 1.0)

    def coefficients(self, moments: Floats) -> Floats:
        """Return the mean of each cell."""
        return np.asarray(moments / self._held[:, None])


@dataclass(frozen=True, eq=False)
class RakingStep(Step):
    """Raking: unweighted means by margin are taken out in turn, ten times over.

    What is taken from a row is one number per category of each margin, so that the moments
    are sums by category and the rounds run on the counts of pairs of categories.

    References
    ----------
    Deville, J.-C., Särndal, C.-E., Sautory, O. (1993). Generalized raking procedures in
    survey sampling. Journal of the American Statistical Association 88, 1013-1020. The ten
    rounds of unweighted means are those of R survey.
    """

    @cached_property
    def auxiliary(self) -> Any:  # noqa: ANN401
        """Sparse matrix (rows × categories of all margins)."""
        return _indicators(self.margins, self.rows, self.before.size)

    @cached_property
    def moment_weights(self) -> Floats:
        """One for each row that was raked, zero for the others."""
        ones = np.zeros(self.before.size)
        ones[self.rows] = 1.0
        return ones

    @cached_property
    def _pairs(self) -> Floats:
        return np.asarray((self.auxiliary.T @ self.auxiliary).todense())

    def coefficients(self, moments: Floats) -> Floats:
        """Return what ten rounds take from the rows of each category."""
        counts = np.maximum(np.diag(self._pairs), 1.0)[:, None]
        ends = np.cumsum([len(margin.targets) for margin in self.margins])
        taken = np.zeros_like(moments)
        for _ in range(RAKING_SWEEPS):
            for start, end in zip([0, *ends[:-1]], ends, strict=True):
                left = moments[start:end] - self._pairs[start:end] @ taken
                taken[start:end] += left / counts[start:end]
        return taken


@dataclass(frozen=True, eq=False)
class CalibrationStep(Step):
    """Calibration: the regression on the auxiliaries, under the weights before, is certain.

    ``matrix`` makes the auxiliaries by row when a variance needs them. With one factor per
    cluster they are the means of the cluster, and ``matrix`` and ``weights_of_moments`` carry
    the ratio of mean to own weight.
    """

    matrix: Callable[[], Any] = lambda: None
    gram: Floats = field(default_factory=lambda: np.zeros((0, 0)))
    weights_of_moments: Floats = field(default_factory=lambda: np.zeros(0))

    @cached_property
    def auxiliary(self) -> Any:  # noqa: ANN401
        """Sparse matrix (rows × p) of the auxiliaries."""
        return self.matrix()

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


def scattered(matrix: Any, rows: Integers | slice, length: int) -> Any:  # noqa: ANN401
    """Return a sparse matrix of some rows with empty rows in between."""
    own = matrix.tocsr()
    if isinstance(rows, slice):
        return own
    counts = np.zeros(length, dtype=np.int64)
    counts[rows] = np.diff(own.indptr)
    starts = np.concatenate([[0], np.cumsum(counts)])
    return sparse.csr_matrix((own.data, own.indices, starts), shape=(length, own.shape[1]))


def _indicators(margins: Sequence[Margin], rows: Integers | slice, length: int) -> Any:  # noqa: ANN401
    """Return which categories each row belongs to, the margins side by side."""
    starts = np.cumsum([0, *(len(margin.targets) for margin in margins)])
    columns = np.column_stack(
        [start + margin.category for start, margin in zip(starts[:-1], margins, strict=True)]
    )
    number, width = columns.shape
    own = sparse.csr_matrix(
        (np.ones(columns.size), columns.ravel(), np.arange(number + 1) * width),
        shape=(number, int(starts[-1])),
    )
    return scattered(own, rows, length)
