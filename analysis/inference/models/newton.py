"""Where a concave likelihood has its top, and what to say when it has none.

Newton's method on weighted sums over rows: the score, and the information. Columns are put
on one scale first. When the steps do not die out, the direction in which the likelihood
rises for ever is looked at, because it names the rows and terms that separate the outcome.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from scipy import linalg

from analysis.design import Flags, Floats, Integers
from analysis.inference.models import blocks
from intake.findings import EstimationError

_STEPS = 60
_PATIENCE = 9
_DONE = 1e-9
_ALIASED = 1e-7


class Likelihood(Protocol):
    """A log-likelihood over rows, concave in its parameters."""

    @property
    def names(self) -> tuple[str, ...]:
        """The names of the parameters."""
        ...

    def derivatives(self, parameters: Floats, weights: Floats) -> tuple[Floats, Floats]:
        """Return the weighted score (p,) and information (p, p)."""
        ...

    def rises(self, direction: Floats) -> tuple[Floats, Floats]:
        """Return what each row gains and loses far out in a direction, in logits."""
        ...

    def reach(self, direction: Floats) -> Floats:
        """Return by how much each parameter moves some row at most, in logits."""
        ...


@dataclass(frozen=True, eq=False)
class Optimum:
    """The parameters at the top, and the information there."""

    parameters: Floats
    information: Floats


def maximize(
    likelihood: Likelihood, weights: Floats, start: Floats, *, replicate: bool = False
) -> Optimum:
    """Return the top of a weighted log-likelihood.

    Raises
    ------
    SeparationError
        The likelihood rises for ever in a direction.
    EstimationError
        ``model-not-converged``, ``replicate-not-estimable``.
    """
    at = start
    score, information = likelihood.derivatives(at, weights)
    last = np.inf
    for step in range(_STEPS):
        scale = np.sqrt(np.diag(information))
        delta = solve_positive(information, score)
        if delta is None:
            if replicate:
                raise _replicate_lost()
            break
        promised = float(score @ delta)
        size, stepped = 1.0, at + delta
        if np.max(np.abs(delta) * scale) <= _DONE * (scale.max() + np.max(np.abs(at) * scale)):
            return Optimum(stepped, information)
        score, information = likelihood.derivatives(stepped, weights)
        # For a concave function, a slope beyond the top as steep as the one before is too far.
        while not abs(float(score @ delta)) <= promised and size > 1e-6:
            size /= 2
            stepped = at + size * delta
            score, information = likelihood.derivatives(stepped, weights)
        at = stepped
        if step >= _PATIENCE and promised > 0.05 * last and not replicate:
            _refuse_separation(likelihood, delta, weights)
        last = promised
    if replicate:
        raise _replicate_lost()
    raise EstimationError.of(
        "model-not-converged",
        "Mô hình không hội tụ.",
        "The model does not converge.",
        "Bớt số hạng, hoặc gộp các hạng mục rất hiếm.",
        "Use fewer terms, or merge very rare categories.",
    )


def solve_positive(matrix: Floats, right: Floats) -> Floats | None:
    """Solve with a positive definite matrix, its columns put on one scale; None if it is not."""
    diagonal = np.diag(matrix)
    if not (np.isfinite(matrix).all() and (diagonal > 0).all()):
        return None
    scale = 1.0 / np.sqrt(diagonal)
    try:
        factor = linalg.cho_factor(matrix * np.outer(scale, scale), lower=True)
    except linalg.LinAlgError:
        return None
    shaped = scale if right.ndim == 1 else scale[:, None]
    return np.asarray(shaped * linalg.cho_solve(factor, shaped * right))


def inverse(matrix: Floats) -> Floats:
    """Return the inverse of an information matrix."""
    found = solve_positive(matrix, np.eye(len(matrix)))
    if found is None:
        raise EstimationError.of(
            "terms-collinear",
            "Ma trận thông tin suy biến.",
            "The information matrix is singular.",
            "Bớt số hạng của mô hình.",
            "Use fewer terms.",
        )
    return found


def refuse_collinear(x: Floats, weights: Floats, names: Sequence[str]) -> None:
    """Refuse a matrix with a column that is a combination of those before it.

    Raises
    ------
    EstimationError
        ``terms-collinear`` with the column and what it is a combination of,
        ``rows-too-few``.
    """
    rows, columns = x.shape
    if rows < columns:
        raise EstimationError.of(
            "rows-too-few",
            f"Mô hình có {columns} hệ số nhưng chỉ có {rows} dòng.",
            f"The model has {columns} coefficients but only {rows} rows.",
            "Bớt số hạng của mô hình.",
            "Use fewer terms.",
        )
    gram = blocks.gram(x, weights)
    scale = np.sqrt(np.diag(gram))
    if (scale == 0).any():
        raise _collinear(names, int(np.flatnonzero(scale == 0)[0]), [])
    left = gram / np.outer(scale, scale)
    for column in range(columns):
        pivot = left[column, column]
        if pivot < 1e-9:
            _check_column(x, weights, names, column)
            pivot = max(pivot, 1e-15)
        if column + 1 < columns:
            below = left[column + 1 :, column]
            left[column + 1 :, column + 1 :] -= np.outer(below, below) / pivot


def _check_column(x: Floats, weights: Floats, names: Sequence[str], column: int) -> None:
    """Refuse a column that the ones before it explain up to rounding."""
    root = np.sqrt(weights)[:, None]
    before = x[:, :column] * root
    wanted = x[:, column] * root[:, 0]
    size = np.linalg.norm(before, axis=0)
    found = np.linalg.lstsq(before / size, wanted, rcond=1e-13)[0]
    if np.linalg.norm(wanted - (before / size) @ found) > _ALIASED * np.linalg.norm(wanted):
        return
    used = [n for n, f in zip(names, found, strict=False) if abs(f) > 1e-6 * np.abs(found).max()]
    raise _collinear(names, column, used)


def _collinear(names: Sequence[str], column: int, used: Sequence[str]) -> Exception:
    listed = ", ".join(used[:10])
    vi = f"là tổ hợp của: {listed}" if used else "bằng 0 ở mọi dòng"
    en = f"is a combination of: {listed}" if used else "is zero in every row"
    return EstimationError.of(
        "terms-collinear",
        f"“{names[column]}” {vi}.",
        f"“{names[column]}” {en}.",
        "Bỏ một trong các số hạng này khỏi công thức.",
        "Leave one of these terms out of the formula.",
        column=names[column],
    )


def _refuse_separation(likelihood: Likelihood, direction: Floats, weights: Floats) -> None:
    """Refuse a model whose likelihood rises for ever in the direction of the last step."""
    gains, losses = likelihood.rises(direction)
    counted: Flags = weights > 0
    top = float(np.max(gains, where=counted, initial=0.0))
    if top <= 0 or float(np.max(losses, where=counted, initial=0.0)) > 1e-4 * top:
        return
    certain = np.flatnonzero(counted & (gains > 0.01 * top))
    moved = likelihood.reach(direction) > 0.01 * top
    terms = [name for name, part in zip(likelihood.names, moved, strict=True) if part]
    raise SeparationError([t for t in terms if t != "(Intercept)"] or terms, certain)


class SeparationError(Exception):
    """Some rows are predicted with certainty: the columns that do it, and those rows."""

    def __init__(self, terms: Sequence[str], certain: Integers) -> None:
        super().__init__(", ".join(terms))
        self.terms, self.certain = tuple(terms), certain


def _replicate_lost() -> Exception:
    return EstimationError.of(
        "replicate-not-estimable",
        "Với một bộ trọng số lặp, mô hình không ước lượng được: một hạng mục không còn ai.",
        "In one replicate the model cannot be fitted: a category has nobody left, or separates.",
        "Gộp hạng mục hiếm, hoặc dùng thiết kế với tầng và đơn vị sơ cấp.",
        "Merge rare categories, or use the design with strata and primary units.",
    )
