"""The matrix that a factor model is fitted to, and how any function of it varies.

Three matrices: weighted covariances, weighted correlations, or polychoric correlations of
answers in ordered categories. Each knows how it looks under other weights, and turns the
derivative of a statistic with respect to it into weighted linearised values.

Covariances are in squared units of the items, correlations have no unit.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np
import pandas as pd

from analysis.choices import one_of
from analysis.design import Flags, Floats, Integers
from analysis.estimation.results import Design
from analysis.inference.reliability.polychoric import Polychoric, codes_matrix, polychoric
from analysis.inference.variances import Moments, answered, listed, moments
from intake.findings import EstimationError

MATRICES = ("linear", "polychoric")
# More categories than this are a scale, for which Pearson's correlation serves.
MOST_CATEGORIES = 20


class Association(Protocol):
    """A symmetric matrix of p items with its linearisation."""

    @property
    def names(self) -> tuple[str, ...]:
        """The items."""
        ...

    @property
    def matrix(self) -> Floats:
        """Shape (p, p)."""
        ...

    @property
    def n(self) -> int:
        """The rows that were counted."""
        ...

    def scores(self, gradient: Floats) -> Floats:
        """Return scores (rows, k) of statistics whose derivatives are (k, p, p), symmetric."""
        ...

    def at(self, weights: Floats) -> Floats:
        """Return the matrix under other weights, in row order."""
        ...


@dataclass(frozen=True, eq=False)
class Covariances:
    """Weighted covariances."""

    moments: Moments

    @property
    def names(self) -> tuple[str, ...]:
        """The items."""
        return self.moments.names

    @property
    def matrix(self) -> Floats:
        """Shape (p, p), divided by the sum of weights."""
        return self.moments.matrix

    @property
    def n(self) -> int:
        """The rows that were counted."""
        return self.moments.n

    def scores(self, gradient: Floats) -> Floats:
        """Return scores (rows, k)."""
        return self.moments.scores(gradient)

    def at(self, weights: Floats) -> Floats:
        """Return the matrix under other weights."""
        return self.moments.matrix_at(weights)


@dataclass(frozen=True, eq=False)
class Correlations:
    """Weighted product-moment correlations."""

    moments: Moments

    @property
    def names(self) -> tuple[str, ...]:
        """The items."""
        return self.moments.names

    @property
    def matrix(self) -> Floats:
        """Shape (p, p), ones on the diagonal."""
        return standardized(self.moments.matrix)

    @property
    def n(self) -> int:
        """The rows that were counted."""
        return self.moments.n

    def scores(self, gradient: Floats) -> Floats:
        """Return scores (rows, k): dr = ds/√(s s) − r/2 (ds/s + ds/s)."""
        root = np.sqrt(np.diag(self.moments.matrix))
        chained = gradient / np.outer(root, root)
        size = np.arange(len(root))
        chained[:, size, size] -= np.sum(gradient * self.matrix, axis=2) / root**2
        return self.moments.scores(chained)

    def at(self, weights: Floats) -> Floats:
        """Return the matrix under other weights."""
        return standardized(self.moments.matrix_at(weights))


@dataclass(frozen=True, eq=False)
class PolychoricCorrelations:
    """Polychoric correlations of items in ordered categories."""

    names: tuple[str, ...]
    weights: Floats
    kept: Flags
    categories: tuple[tuple[Any, ...], ...]
    fitted: Polychoric
    marks: Any

    @property
    def matrix(self) -> Floats:
        """Shape (p, p), ones on the diagonal."""
        return self.fitted.matrix

    @property
    def n(self) -> int:
        """The rows that were counted."""
        return int(self.kept.sum())

    def scores(self, gradient: Floats) -> Floats:
        """Return scores (rows, k): each pair's effect, looked up by the two answers of a row."""
        effects, code = self.fitted.effects(), self.fitted.code
        width = effects.shape[1]
        found = np.zeros((len(code), len(gradient)))
        first, second = np.triu_indices(len(self.names), 1)
        for pair, (a, b) in enumerate(zip(first, second, strict=True)):
            table = effects[pair].ravel()[:, None] * (gradient[:, a, b] + gradient[:, b, a])
            found += table[code[:, a] * width + code[:, b]]
        own = self.weights[self.kept]
        whole = np.zeros((len(self.weights), len(gradient)))
        whole[self.kept] = found * (own / own.sum())[:, None]
        return whole

    def location_scores(self) -> Floats:
        """Return scores (rows, p) of the items' mean thresholds."""
        effects, code = self.fitted.location_effects(), self.fitted.code
        own = self.weights[self.kept]
        whole = np.zeros((len(self.weights), len(self.names)))
        found = effects[np.arange(len(self.names)), code]
        whole[self.kept] = found * (own / own.sum())[:, None]
        return whole

    def at(self, weights: Floats) -> Floats:
        """Return the matrix under other weights: thresholds and correlations anew."""
        return self.refitted(weights).matrix

    def refitted(self, weights: Floats) -> Polychoric:
        """Return thresholds and correlations under other weights."""
        fitted = self.fitted
        return polychoric(fitted.code, fitted.levels, weights[self.kept], self.names, self.marks)


def associate(
    design: Design,
    items: Sequence[str],
    matrix: str,
    missing: str,
    *,
    least: int,
    standard: bool = True,
) -> Association:
    """Return the matrix of items: ``linear`` (Pearson) or ``polychoric``.

    Parameters
    ----------
    standard
        False keeps the covariances of ``linear`` as they are.

    Raises
    ------
    EstimationError
        ``matrix-unknown``, ``categories-many``, and those of the matrix.
    """
    one_of("matrix-unknown", "matrix", matrix, MATRICES)
    if matrix == "linear":
        found = moments(design, items, missing, least=least)
        return Correlations(found) if standard else Covariances(found)
    names = listed(design, items, least)
    known = design.data[list(names)].notna().to_numpy(dtype=bool)
    kept = answered(design, known, names, missing)
    return ordered(names, design.data, kept, design.weights)


def ordered(
    names: tuple[str, ...],
    data: pd.DataFrame,
    kept: Flags,
    weights: Floats,
) -> PolychoricCorrelations:
    """Return the polychoric correlations of the rows that are kept."""
    coded = [_categories(data[name][kept], name) for name in names]
    code = np.column_stack([part for part, _ in coded])
    levels = np.array([len(values) for _, values in coded], dtype=np.int64)
    marks = codes_matrix(code, levels)
    fitted = polychoric(code, levels, weights[kept], names, marks)
    categories = tuple(values for _, values in coded)
    return PolychoricCorrelations(names, weights, kept, categories, fitted, marks)


def standardized(matrix: Floats) -> Floats:
    """Return correlations from covariances; also for a stack of matrices."""
    root = np.sqrt(np.diagonal(matrix, axis1=-2, axis2=-1))
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.asarray(matrix / (root[..., :, None] * root[..., None, :]))


def _categories(column: Any, name: str) -> tuple[Integers, tuple[Any, ...]]:  # noqa: ANN401
    """Return the category of each answer from 0, those that nobody chose left out."""
    declared = getattr(column.dtype, "categories", None)
    if declared is not None and column.dtype.ordered:
        held = column.cat.remove_unused_categories()
        code, values = held.cat.codes.to_numpy(dtype=np.int64), tuple(held.cat.categories)
    elif pd.api.types.is_numeric_dtype(column.dtype) or pd.api.types.is_bool_dtype(column.dtype):
        found, code = np.unique(column.to_numpy(dtype=np.float64), return_inverse=True)
        values = tuple(float(value) for value in found)
    else:
        raise EstimationError.of(
            "item-not-ordered",
            f"Câu “{name}” là chữ, không có thứ tự.",
            f"Item “{name}” holds text, which has no order.",
            "Mã hóa bằng số theo thứ tự, hoặc dùng pandas Categorical có ordered=True.",
            "Code it as numbers in order, or as a pandas Categorical with ordered=True.",
            column=name,
        )
    if len(values) < 2:
        raise EstimationError.of(
            "item-constant",
            f"Mọi người trả lời câu “{name}” giống nhau ({values[0]}).",
            f"Everybody gives the same answer ({values[0]}) to item “{name}”.",
            "Bỏ câu này.",
            "Leave it out.",
            column=name,
        )
    if len(values) > MOST_CATEGORIES:
        raise EstimationError.of(
            "categories-many",
            f"Câu “{name}” có {len(values)} giá trị khác nhau, nhiều hơn {MOST_CATEGORIES}.",
            f"Item “{name}” has {len(values)} different values, more than {MOST_CATEGORIES}.",
            "Dùng matrix='linear'.",
            "Use matrix='linear'.",
            column=name,
        )
    return np.asarray(code, dtype=np.int64), values
