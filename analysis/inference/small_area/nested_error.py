"""How much answers differ within areas, and areas among each other.

The model is y = x′β + u + e with one u ~ (0, σᵤ²) per area and one e ~ (0, σₑ²) per answer.
Everything follows from sums by area, so that many vectors y (a bootstrap) cost little more
than one. Variances are in the squared unit of y; λ is their ratio σᵤ² / σₑ².
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]

METHODS = ("reml", "ml")
_GRID = 60
_STEPS = 100


@dataclass(frozen=True, eq=False)
class Sums:
    """Sums over the answers: n answers in D areas, p covariates, B vectors y.

    ``count`` (D,), ``x`` (D, p) and ``y`` (D, B) by area; ``xx`` (p, p), ``xy`` (p, B) and
    ``yy`` (B,) over all.
    """

    count: Floats
    x: Floats
    y: Floats
    xx: Floats
    xy: Floats
    yy: Floats

    @property
    def rows(self) -> float:
        """The number of answers."""
        return float(self.count.sum())


@dataclass(frozen=True, eq=False)
class Fit:
    """Estimates at λ (B,).

    ``beta`` (p, B), its ``spread`` (B, p, p) as a multiple of σₑ², ``left`` (D, B) the sums of
    residuals by area, ``square`` (B,) their weighted square, ``log_det`` that of X′V⁻¹X.
    """

    beta: Floats
    spread: Floats
    left: Floats
    square: Floats
    log_det: Floats


def sums_of(x: Floats, y: Floats, area: Integers, areas: int) -> Sums:
    """Return the sums of covariates x (n, p) and answers y (n, B), areas numbered from 0."""
    of_x, of_y = np.zeros((areas, x.shape[1])), np.zeros((areas, y.shape[1]))
    np.add.at(of_x, area, x)
    np.add.at(of_y, area, y)
    count = np.bincount(area, minlength=areas).astype(np.float64)
    return Sums(count, of_x, of_y, x.T @ x, x.T @ y, (y**2).sum(axis=0))


def fit_at(ratio: Floats, sums: Sums) -> Fit:
    """Return the generalised least squares fit at the ratios λ (B,)."""
    shrink = ratio / (1.0 + sums.count[:, None] * ratio)
    size = sums.x.shape[1]
    products = (sums.x[:, :, None] * sums.x[:, None, :]).reshape(len(sums.x), -1)
    precision = sums.xx - (products.T @ shrink).T.reshape(-1, size, size)
    right = sums.xy - sums.x.T @ (shrink * sums.y)
    spread = np.asarray(np.linalg.inv(precision), dtype=np.float64)
    beta = np.einsum("bij,jb->ib", spread, right)
    whole = sums.yy - (shrink * sums.y**2).sum(axis=0)
    square = whole - (beta * right).sum(axis=0)
    log_det = np.asarray(np.linalg.slogdet(precision)[1], dtype=np.float64)
    return Fit(beta, spread, sums.y - sums.x @ beta, np.maximum(square, 0.0), log_det)


def free(sums: Sums, method: str) -> float:
    """Return what the residual square is divided by: n − p, or n for ``ml``."""
    return sums.rows - (sums.x.shape[1] if method == "reml" else 0)


def estimate_ratio(sums: Sums, method: str) -> Floats:
    """Return λ (B,) at the top of the (restricted) likelihood, at least zero."""
    vectors = sums.y.shape[1]
    held = sums.count[sums.count > 0]
    grid = np.concatenate([[0.0], np.geomspace(1e-6 / held.max(), 1e6 / held.min(), _GRID)])
    height = np.array([_height(np.full(vectors, point), sums, method) for point in grid])
    best = height.argmax(axis=0)
    low = grid[np.maximum(best - 1, 0)]
    high = grid[np.minimum(best + 1, _GRID)]
    zero = (low == 0) & (_slope(low, sums, method) <= 0)
    for _ in range(_STEPS):
        at = np.where(low > 0, np.sqrt(low * high), high / 2)
        if (high - low <= 1e-14 * high).all():
            break
        rising = _slope(at, sums, method) > 0
        low, high = np.where(rising, at, low), np.where(rising, high, at)
    return np.where(zero, 0.0, (low + high) / 2)


def _height(ratio: Floats, sums: Sums, method: str) -> Floats:
    fit = fit_at(ratio, sums)
    found = free(sums, method) * np.log(np.maximum(fit.square, 1e-300))
    found = found + np.log1p(sums.count[:, None] * ratio).sum(axis=0)
    return np.asarray(-(found + fit.log_det if method == "reml" else found) / 2)


def _slope(ratio: Floats, sums: Sums, method: str) -> Floats:
    """Return the derivative of the profile likelihood by λ, shape (B,)."""
    fit = fit_at(ratio, sums)
    spare = 1.0 / (1.0 + sums.count[:, None] * ratio)
    own = free(sums, method) * ((spare * fit.left) ** 2).sum(axis=0) / fit.square
    found = own - (sums.count[:, None] * spare).sum(axis=0)
    if method == "reml":
        leverage = np.einsum("di,bij,dj->db", sums.x, fit.spread, sums.x)
        found = found + (spare**2 * leverage).sum(axis=0)
    return np.asarray(found / 2)
