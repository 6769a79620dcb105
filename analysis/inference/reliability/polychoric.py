"""How answers in ordered categories correlate beneath their categories: polychoric correlations.

Each item is taken as a normal variable cut at thresholds. Thresholds come from the weighted
shares of the categories, then each correlation from the weighted table of its two items by
maximum likelihood (two steps). Correlations and thresholds have no unit; thresholds are in
standard deviations of the variable beneath the item.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy import sparse, special

from analysis.design import Floats, Integers
from intake.findings import EstimationError

# Where a correlation would have to lie to be told from one.
_EDGE = 0.9999
# Beyond this many standard deviations there is nobody.
_FAR = 9.0
_ROUNDS = 60


@dataclass(frozen=True, eq=False)
class Polychoric:
    """Polychoric correlations of p items, with what their linearisation needs.

    ``code`` (rows × p) is the category of each answer from 0, ``levels`` the number of
    categories of each item, ``tables`` the weighted shares of each pair of items (pairs × K ×
    K, empty cells where an item has fewer than K categories), in the order of the upper
    triangle. ``thresholds`` is p × (K + 1), from −9 to 9, the unused ones at 9; ``share`` p × K.
    """

    code: Integers
    levels: Integers
    tables: Floats
    thresholds: Floats
    matrix: Floats
    share: Floats

    def locations(self) -> Floats:
        """Return the mean threshold of each item: how hard it is to answer high."""
        inner = self.thresholds[:, 1:-1]
        used = np.arange(1, inner.shape[1] + 1)[None, :] < self.levels[:, None]
        return np.asarray(np.sum(np.where(used, inner, 0.0), axis=1) / (self.levels - 1))

    def location_effects(self) -> Floats:
        """Return the linearised value of each item's mean threshold by category, p × K."""
        inner = self.thresholds[:, 1:-1]
        used = np.arange(1, inner.shape[1] + 1)[None, :] < self.levels[:, None]
        slope = np.where(used, 1.0, 0.0) / (self.levels - 1)[:, None]
        return self._through(self.share, self.thresholds, slope)

    def effects(self) -> Floats:
        """Return the linearised value of each correlation in each cell, pairs × K × K.

        The score equation of ρ holds under the estimated thresholds, so a row moves ρ through
        its own cell and through the thresholds, whose linearised values are
        (1{y ≤ k} − share below k) / φ(τ_k).
        """
        first, second = np.triu_indices(len(self.levels), 1)
        rho = self.matrix[first, second]
        t = [self.thresholds[first], self.thresholds[second]]
        by_rho, curvature, by_left, by_right = _derivatives(self.tables, t[0], t[1], rho)
        left = self._through(self.tables.sum(axis=2), t[0], by_left)
        right = self._through(self.tables.sum(axis=1), t[1], by_right)
        effect: Floats = (by_rho + left[:, :, None] + right[:, None, :]) / curvature[:, None, None]
        return effect

    def _through(self, share: Floats, threshold: Floats, slope: Floats) -> Floats:
        """Return, per category, what an answer does by way of thresholds of a given slope."""
        below = np.cumsum(share, axis=1)[:, :-1]
        inner = threshold[:, 1:-1]
        used = np.abs(inner) < _FAR
        rate = np.where(used, slope / np.where(used, _density(inner), 1.0), 0.0)
        # An answer in category c lies below the thresholds after c.
        reversed_sums = np.cumsum(rate[:, ::-1], axis=1)[:, ::-1]
        total = np.concatenate([reversed_sums, np.zeros((len(rate), 1))], axis=1)
        return np.asarray(total - np.sum(rate * below, axis=1)[:, None])


def codes_matrix(code: Integers, levels: Integers) -> Any:  # noqa: ANN401 - scipy has no types
    """Return the sparse matrix (rows × p·K) that marks the category of each answer."""
    rows, size = code.shape
    width = int(levels.max())
    column = (code + np.arange(size) * width).ravel()
    start = np.arange(0, rows * size + 1, size)
    return sparse.csr_matrix((np.ones(rows * size), column, start), shape=(rows, size * width))


def polychoric(
    code: Integers,
    levels: Integers,
    weights: Floats,
    names: tuple[str, ...],
    marks: Any = None,  # noqa: ANN401
) -> Polychoric:
    """Return the polychoric correlations of items.

    Parameters
    ----------
    code
        Shape (rows, p): categories from 0, without gaps among all rows.
    levels
        Shape (p,): number of categories of each item, at least 2.
    weights
        Shape (rows,), persons represented; zero leaves a row out.
    names
        Item names, for messages.
    marks
        `codes_matrix` of the codes where it is there already.

    Raises
    ------
    EstimationError
        ``correlation-at-edge``: two items determine each other, so that the likelihood has no
        maximum below a correlation of one.

    References
    ----------
    Olsson, U. (1979). Maximum likelihood estimation of the polychoric correlation coefficient.
    Psychometrika 44, 443-460 (two-step estimator).

    Examples
    --------
    A 2 × 2 table with equal halves has r = sin(2π(p − 1/4)), p being the share of (low, low):

    >>> code = np.array([[0, 0], [0, 1], [1, 0], [1, 1]])
    >>> levels, weights = np.array([2, 2]), np.array([2.0, 1.0, 1.0, 2.0])
    >>> float(polychoric(code, levels, weights, ("a", "b")).matrix[0, 1].round(6))
    0.5
    """
    size, width = len(levels), int(levels.max())
    gather = codes_matrix(code, levels) if marks is None else marks
    total = weights.sum()
    grid = np.asarray((gather.T @ gather.multiply(weights[:, None]).tocsr()).todense()) / total
    blocks = grid.reshape(size, width, size, width).transpose(0, 2, 1, 3)
    first, second = np.triu_indices(size, 1)
    tables = blocks[first, second]
    share = np.einsum("iikk->ik", blocks)
    inner = special.ndtri(np.clip(np.cumsum(share, axis=1)[:, :-1], 0.0, 1.0))
    inner = np.clip(inner, -_FAR, _FAR)
    inner[np.arange(1, width)[None, :] >= levels[:, None]] = _FAR
    ends = np.full((size, 1), _FAR)
    thresholds = np.concatenate([-ends, inner, ends], axis=1)
    rho = _maximum(tables, thresholds[first], thresholds[second])
    stuck = np.flatnonzero(np.abs(rho) >= _EDGE)
    if stuck.size:
        left, right = names[first[stuck[0]]], names[second[stuck[0]]]
        raise EstimationError.of(
            "correlation-at-edge",
            f"Câu “{left}” và “{right}” gần như quyết định lẫn nhau; tương quan polychoric chạm 1.",
            f"Items “{left}” and “{right}” nearly determine each other; their polychoric "
            "correlation runs into one.",
            "Bỏ một trong hai câu, gộp các mức hiếm, hoặc dùng matrix='linear'.",
            "Leave one of them out, merge rare categories, or use matrix='linear'.",
            column=left,
        )
    matrix = np.eye(size)
    matrix[first, second] = rho
    matrix[second, first] = rho
    return Polychoric(code, levels, tables, thresholds, matrix, share)


def normal_below(h: Floats, k: Floats, rho: Floats) -> Floats:
    """Return the probability that two standard normal variables lie below h and below k.

    By Owen's T function, to about 1e-15, for |rho| < 1.

    References
    ----------
    Owen, D. B. (1956). Tables for computing bivariate normal probabilities. Annals of
    Mathematical Statistics 27, 1075-1090.

    Examples
    --------
    >>> normal_below(np.array([0.0]), np.array([0.0]), np.array([0.5])).round(6)
    array([0.333333])
    """
    # T(h, a) needs a ratio to h; a threshold this near to zero is zero.
    h = np.where(np.abs(h) < 1e-280, 1e-280, h)
    k = np.where(np.abs(k) < 1e-280, 1e-280, k)
    root = np.sqrt(1.0 - rho * rho)
    # (k − ρh) / (h √(1 − ρ²)), written without the difference of two large ratios.
    with np.errstate(over="ignore"):
        at_h = (k / h - rho) / root
        at_k = (h / k - rho) / root
    opposite = np.where((h > 0) == (k > 0), 0.0, 0.5)
    below = (special.ndtr(h) + special.ndtr(k)) / 2 - opposite
    return np.asarray(below - special.owens_t(h, at_h) - special.owens_t(k, at_k))


def _maximum(tables: Floats, left: Floats, right: Floats) -> Floats:
    """Return the correlation of each pair: Newton's steps, halved where they leave the bracket."""
    rho = np.clip(np.sin(np.pi / 2 * _association(tables)), -0.9, 0.9)
    low, high = np.full(len(tables), -_EDGE), np.full(len(tables), _EDGE)
    for _ in range(_ROUNDS):
        slope, curvature = _slope(tables, left, right, rho)
        low = np.where(slope > 0, rho, low)
        high = np.where(slope > 0, high, rho)
        with np.errstate(divide="ignore", invalid="ignore"):
            step = slope / curvature
        new = rho + step
        outside = ~((new > low) & (new < high)) | (curvature <= 0)
        new = np.where(outside, (low + high) / 2, new)
        moved = float(np.max(np.abs(new - rho)))
        rho = new
        if moved < 1e-13:
            break
    return np.where(rho > _EDGE - 1e-9, _EDGE, np.where(rho < 1e-9 - _EDGE, -_EDGE, rho))


def _association(tables: Floats) -> Floats:
    """Return the correlation of mid-ranks of each table, a place to start from."""
    rows, columns = tables.sum(axis=2), tables.sum(axis=1)
    x = np.cumsum(rows, axis=1) - rows / 2 - 0.5
    y = np.cumsum(columns, axis=1) - columns / 2 - 0.5
    together = np.einsum("qa,qab,qb->q", x, tables, y)
    spread = np.sqrt(np.sum(rows * x * x, axis=1) * np.sum(columns * y * y, axis=1))
    return np.asarray(together / np.where(spread > 0, spread, 1.0))


def _cells(corners: Floats) -> Floats:
    """Return what lies between neighbouring corners, from sums below each corner."""
    return np.asarray(np.diff(np.diff(corners, axis=1), axis=2))


def _corners(left: Floats, right: Floats, rho: Floats) -> tuple[Floats, Floats, Floats]:
    h, k, r = np.broadcast_arrays(left[:, :, None], right[:, None, :], rho[:, None, None])
    return h, k, r


def _surface(h: Floats, k: Floats, rho: Floats) -> tuple[Floats, Floats]:
    """Return the density at each corner and its derivative by the correlation."""
    free = 1.0 - rho * rho
    distance = h * h - 2 * rho * h * k + k * k
    density = np.exp(-distance / (2 * free)) / (2 * np.pi * np.sqrt(free))
    density = np.where((np.abs(h) < _FAR) & (np.abs(k) < _FAR), density, 0.0)
    slope = density * (rho / free + h * k / free - rho * distance / free**2)
    return np.asarray(density), np.asarray(slope)


def _ratios(tables: Floats, h: Floats, k: Floats, rho: Floats) -> tuple[Floats, Floats, Floats]:
    """Return probability of each cell, and first and second derivative by ρ over it."""
    chance = np.maximum(_cells(_bounded(h, k, rho)), 1e-300)
    density, slope = _surface(h, k, rho)
    held = tables > 0
    first = np.where(held, _cells(density) / chance, 0.0)
    return chance, first, np.where(held, _cells(slope) / chance, 0.0)


def _bounded(h: Floats, k: Floats, rho: Floats) -> Floats:
    below = normal_below(h, k, rho)
    below = np.where(h <= -_FAR, 0.0, np.where(h >= _FAR, special.ndtr(k), below))
    below = np.where(k <= -_FAR, 0.0, np.where(k >= _FAR, special.ndtr(h), below))
    both = (h >= _FAR) & (k >= _FAR)
    none = (h <= -_FAR) | (k <= -_FAR)
    return np.asarray(np.where(both, 1.0, np.where(none, 0.0, below)))


def _slope(tables: Floats, left: Floats, right: Floats, rho: Floats) -> tuple[Floats, Floats]:
    _, first, second = _ratios(tables, *_corners(left, right, rho))
    slope = np.sum(tables * first, axis=(1, 2))
    curvature = np.sum(tables * (first * first - second), axis=(1, 2))
    return np.asarray(slope), np.asarray(curvature)


def _derivatives(
    tables: Floats, left: Floats, right: Floats, rho: Floats
) -> tuple[Floats, Floats, Floats, Floats]:
    """Return the score of each cell, the curvature, and the score's slope by each threshold.

    The last two are means over the weighted table: −∂²/∂ρ², and ∂²/∂ρ∂τ (pairs × K − 1).
    """
    h, k, r = _corners(left, right, rho)
    chance, first, second = _ratios(tables, h, k, r)
    curvature = np.sum(tables * (first * first - second), axis=(1, 2))
    density, _ = _surface(h, k, r)
    free = 1.0 - r * r
    weight = np.where(tables > 0, tables / chance, 0.0)
    slopes = []
    for axis, (own, other) in enumerate(((h, k), (k, h))):
        # ∂Φ₂/∂h = φ(h) Φ((k − ρh)/√(1 − ρ²)), and the same with the density for ∂φ₂/∂h.
        edge = _density(own) * special.ndtr((other - r * own) / np.sqrt(free))
        edge = np.where(other >= _FAR, _density(own), np.where(other <= -_FAR, 0.0, edge))
        turn = -density * (own - r * other) / free
        along = 2 - axis  # corners are differenced along the other item
        of_chance, of_slope = np.diff(edge, axis=along), np.diff(turn, axis=along)
        pieces = []
        for shift, sign in ((1, 1.0), (0, -1.0)):  # the threshold as upper and as lower edge
            at = [slice(None)] * 3
            at[axis + 1] = slice(1, -1)
            cell = [slice(None)] * 3
            cell[axis + 1] = slice(0, -1) if shift else slice(1, None)
            part = of_slope[tuple(at)] - first[tuple(cell)] * of_chance[tuple(at)]
            pieces.append(sign * np.sum(weight[tuple(cell)] * part, axis=along))
        slopes.append(pieces[0] + pieces[1])
    return first, curvature, slopes[0], slopes[1]


def _density(x: Floats) -> Floats:
    return np.asarray(np.exp(-x * x / 2) / np.sqrt(2 * np.pi))
