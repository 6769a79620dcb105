"""How much areas differ beyond what their covariates say and chance of sampling explains.

The model of Fay and Herriot is y = Xβ + u + e with u ~ (0, A) and e ~ (0, Dᵢ), the Dᵢ known.
Here A is found from y, X and D, for one vector y or many at once (a bootstrap), always at the
optimum itself, at zero where that lies there. A and D are in the squared unit of y.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

METHODS = ("reml", "ml", "fh")
_GRID = 48
_STEPS = 100


@dataclass(frozen=True, eq=False)
class Fit:
    """What the model says at given A: shapes for B vectors of m areas and p covariates.

    ``weight`` 1 / (A + D) and ``residual`` y − Xβ are (m, B), ``beta`` (p, B),
    ``precision`` X′V⁻¹X and its inverse ``spread`` (B, p, p).
    """

    weight: Floats
    residual: Floats
    beta: Floats
    spread: Floats
    log_det: Floats


def fit_at(a: Floats, y: Floats, d: Floats, x: Floats) -> Fit:
    """Return weights, coefficients and residuals at the area variances a (B,)."""
    weight = 1.0 / (a[None, :] + d[:, None])
    products = (x[:, :, None] * x[:, None, :]).reshape(len(x), -1)
    precision = (products.T @ weight).T.reshape(-1, x.shape[1], x.shape[1])
    spread = np.asarray(np.linalg.inv(precision), dtype=np.float64)
    beta = np.einsum("bij,jb->ib", spread, x.T @ (weight * y))
    log_det = np.asarray(np.linalg.slogdet(precision)[1], dtype=np.float64)
    return Fit(weight, y - x @ beta, beta, spread, log_det)


def log_likelihood(a: Floats, y: Floats, d: Floats, x: Floats, method: str) -> Floats:
    """Return the profile (restricted) log-likelihood without its constant, shape (B,)."""
    fit = fit_at(a, y, d, x)
    found = np.log(fit.weight).sum(axis=0) - (fit.weight * fit.residual**2).sum(axis=0)
    return np.asarray((found - fit.log_det if method == "reml" else found) / 2)


def estimate_variance(y: Floats, d: Floats, x: Floats, method: str) -> Floats:
    """Return A for each column of y, shape (B,), at least zero.

    ``reml`` and ``ml`` are the highest point of their likelihood; ``fh`` solves
    Σ (yᵢ − xᵢ′β)² / (A + Dᵢ) = m − p.
    """
    areas, covariates = x.shape
    ordinary = y - x @ np.linalg.lstsq(x, y, rcond=None)[0]
    top = 4 * (ordinary**2).sum(axis=0) / max(areas - covariates, 1) + 1e-12 * d.min()
    if method == "fh":
        low, high = np.zeros(y.shape[1]), top
    else:
        low, high = _bracket(y, d, x, method, top)
    slope, information = _score(low, y, d, x, method)
    zero = (low == 0) & (slope <= 0)
    at = np.where(low > 0, np.sqrt(low * high), high / 4)
    for _ in range(_STEPS):
        slope, information = _score(at, y, d, x, method)
        low, high = np.where(slope > 0, at, low), np.where(slope > 0, high, at)
        step = at + slope / information
        inside = (step > low) & (step < high)
        following = np.where(inside, step, (low + high) / 2)
        if (np.abs(following - at) <= 1e-13 * np.maximum(at, 1e-6 * d.min())).all():
            at = following
            break
        at = following
    return np.where(zero, 0.0, at)


def _bracket(y: Floats, d: Floats, x: Floats, method: str, top: Floats) -> tuple[Floats, Floats]:
    """Return the neighbours of the best point of a grid; likelihoods can have two tops."""
    grid = np.vstack([np.zeros_like(top), np.geomspace(top * 1e-5, top * 4, _GRID)])
    height = np.array([log_likelihood(point, y, d, x, method) for point in grid])
    best = height.argmax(axis=0)
    column = np.arange(len(top))
    low = grid[np.maximum(best - 1, 0), column]
    return low, grid[np.minimum(best + 1, _GRID), column]


def _score(a: Floats, y: Floats, d: Floats, x: Floats, method: str) -> tuple[Floats, Floats]:
    """Return the estimating function and (minus) its expected slope, each (B,)."""
    fit = fit_at(a, y, d, x)
    if method == "fh":
        squares = (fit.weight * fit.residual**2).sum(axis=0)
        return squares - (len(x) - x.shape[1]), fit.weight.sum(axis=0)
    scaled = ((fit.weight * fit.residual) ** 2).sum(axis=0)
    first, second = fit.weight.sum(axis=0), (fit.weight**2).sum(axis=0)
    if method == "ml":
        return (scaled - first) / 2, second / 2
    products = (x[:, :, None] * x[:, None, :]).reshape(len(x), -1)
    size = x.shape[1]
    squared = (products.T @ fit.weight**2).T.reshape(-1, size, size)
    cubed = (products.T @ fit.weight**3).T.reshape(-1, size, size)
    part = fit.spread @ squared
    trace = first - np.einsum("bii->b", part)
    twice = (
        second
        - 2 * np.einsum("bij,bji->b", fit.spread, cubed)
        + np.einsum("bij,bji->b", part, part)
    )
    return (scaled - trace) / 2, np.maximum(twice, 1e-300) / 2
