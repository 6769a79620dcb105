"""Likelihood of the proportional odds model: P(Y ≤ k) = F(ζ_k - x'β), F logistic.

With u = F(ζ_y - η) and l = F(ζ_{y-1} - η) the log-likelihood of a row is log(u - l), its
slope in η is u + l - 1 and its curvature u(1 - u) + l(1 - l): no division by a difference
that may vanish. Rows are sorted by category, so that a cutpoint meets whole slices.

References
----------
McCullagh, P. (1980). Regression models for ordinal data. Journal of the Royal Statistical
Society B 42, 109-142.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from analysis.design import Floats, Integers
from analysis.inference.models.blocks import BLOCK, blocks, times


@dataclass(frozen=True, eq=False)
class Cumulative:
    """Rows sorted by category: ``bounds`` are where each category begins and the last ends."""

    x: Floats
    bounds: Integers
    names: tuple[str, ...]

    @property
    def cuts(self) -> int:
        """The number of cutpoints: categories less one."""
        return len(self.bounds) - 2

    def derivatives(self, parameters: Floats, weights: Floats) -> tuple[Floats, Floats]:
        """Return the weighted score and information in (β, ζ)."""
        p, q = self.x.shape[1], self.cuts
        beta, zeta = parameters[:p], parameters[p:]
        score, info = np.zeros(p + q), np.zeros((p + q, p + q))
        if q > 1 and not (np.diff(zeta) > 0).all():
            # Outside of the parameter space: the slope is made to say "far too far".
            return np.full(p + q, np.nan), info
        buffer = np.empty((BLOCK, p))
        for category in range(q + 1):
            upper = zeta[category] if category < q else np.inf
            lower = zeta[category - 1] if category > 0 else -np.inf
            up, low = p + category, p + category - 1
            for rows in blocks(self.bounds[category], self.bounds[category + 1]):
                x, w = self.x[rows], weights[rows]
                u, l, fu, fl = _edges(x @ beta, upper, lower)  # noqa: E741 - the symbols above
                score[:p] += (w * (u + l - 1.0)) @ x
                scaled = buffer[: len(x)]
                np.multiply(x, (w * (fu + fl))[:, None], out=scaled)
                info[:p, :p] += x.T @ scaled
                gap = -np.expm1(lower - upper)
                if category < q:
                    # f_u / (u - l): one where there is no lower cutpoint.
                    a = _ratio_up(u, l, upper, lower) / gap
                    score[up] += w @ a
                    info[up, up] += w @ (a * a - a * (1.0 - 2.0 * u))
                    info[:p, up] -= (w * fu) @ x
                if category > 0:
                    b = _ratio_down(u, l) / gap
                    score[low] -= w @ b
                    info[low, low] += w @ (b * b + b * (1.0 - 2.0 * l))
                    info[:p, low] -= (w * fl) @ x
                if 0 < category < q:
                    info[low, up] -= w @ (a * b)
        for category in range(1, q):
            info[p + category, p + category - 1] = info[p + category - 1, p + category]
        info[p:, :p] = info[:p, p:].T
        return score, info

    def score(self, parameters: Floats, weights: Floats) -> Floats:
        """Return the weighted score alone."""
        p, q = self.x.shape[1], self.cuts
        zeta = parameters[p:]
        found = np.zeros(p + q)
        for category in range(q + 1):
            upper = zeta[category] if category < q else np.inf
            lower = zeta[category - 1] if category > 0 else -np.inf
            gap = -np.expm1(lower - upper)
            for rows in blocks(self.bounds[category], self.bounds[category + 1]):
                x, w = self.x[rows], weights[rows]
                u, l = _probabilities(x @ parameters[:p], upper, lower)  # noqa: E741
                found[:p] += (w * (u + l - 1.0)) @ x
                if category < q:
                    found[p + category] += w @ _ratio_up(u, l, upper, lower) / gap
                if category > 0:
                    found[p + category - 1] -= w @ _ratio_down(u, l) / gap
        return found

    def row_scores(self, parameters: Floats) -> Floats:
        """Return the unweighted score of each row, shape (rows, p + q)."""
        p, q = self.x.shape[1], self.cuts
        zeta = parameters[p:]
        found = np.zeros((len(self.x), p + q))
        for category in range(q + 1):
            rows = slice(self.bounds[category], self.bounds[category + 1])
            upper = zeta[category] if category < q else np.inf
            lower = zeta[category - 1] if category > 0 else -np.inf
            x = self.x[rows]
            u, l = _probabilities(times(x, parameters[:p]), upper, lower)  # noqa: E741
            gap = -np.expm1(lower - upper)
            np.multiply(x, (u + l - 1.0)[:, None], out=found[rows, :p])
            if category < q:
                found[rows, p + category] = _ratio_up(u, l, upper, lower) / gap
            if category > 0:
                found[rows, p + category - 1] = -_ratio_down(u, l) / gap
        return found

    def deviance(self, parameters: Floats, weights: Floats) -> float:
        """Return minus twice the weighted log-likelihood."""
        p, q = self.x.shape[1], self.cuts
        zeta = parameters[p:]
        total = 0.0
        for category in range(q + 1):
            rows = slice(self.bounds[category], self.bounds[category + 1])
            eta = times(self.x[rows], parameters[:p])
            likelihood = np.zeros(len(eta))
            upper = zeta[category] if category < q else np.inf
            lower = zeta[category - 1] if category > 0 else -np.inf
            # log u + log(1 - l) + log(1 - exp(lower - upper))
            if category < q:
                likelihood -= np.logaddexp(0.0, eta - upper)
            if category > 0:
                likelihood -= np.logaddexp(0.0, lower - eta)
            if 0 < category < q:
                likelihood += np.log(-np.expm1(lower - upper))
            total += float(np.sum(weights[rows] * likelihood))
        return -2.0 * total

    def rises(self, direction: Floats) -> tuple[Floats, Floats]:
        """Return what each row gains and loses far out in a direction."""
        p, q = self.x.shape[1], self.cuts
        moved = self.x @ direction[:p]
        gains, losses = np.empty(len(moved)), np.empty(len(moved))
        for category in range(q + 1):
            rows = slice(self.bounds[category], self.bounds[category + 1])
            parts = []
            if category < q:
                parts.append(direction[p + category] - moved[rows])
            if category > 0:
                parts.append(moved[rows] - direction[p + category - 1])
            gains[rows] = np.maximum.reduce(parts)
            losses[rows] = -np.minimum.reduce(parts)
        return gains, losses

    def reach(self, direction: Floats) -> Floats:
        """Return by how much each parameter moves some row at most."""
        spans = np.concatenate([np.abs(self.x).max(axis=0), np.ones(self.cuts)])
        return np.asarray(np.abs(direction) * spans)


def _probabilities(eta: Floats, upper: float, lower: float) -> tuple[Floats, Floats]:
    """Return u and l."""
    with np.errstate(over="ignore", under="ignore"):
        e = np.exp(eta)
        u = np.ones_like(e) if np.isinf(upper) else 1.0 / (1.0 + np.exp(-upper) * e)
        low = np.zeros_like(e) if np.isinf(lower) else 1.0 / (1.0 + np.exp(-lower) * e)
    return u, low


def _edges(eta: Floats, upper: float, lower: float) -> tuple[Floats, Floats, Floats, Floats]:
    """Return u, l and their densities u(1 - u), l(1 - l), from a single exponential."""
    with np.errstate(over="ignore", under="ignore", invalid="ignore"):
        e = np.exp(eta)
        if np.isinf(upper):
            u, fu = np.ones_like(e), np.zeros_like(e)
        else:
            t = np.exp(-upper) * e
            u = 1.0 / (1.0 + t)
            fu = t * u * u
        if np.isinf(lower):
            return u, np.zeros_like(e), fu, np.zeros_like(e)
        t = np.exp(-lower) * e
        low = 1.0 / (1.0 + t)
        return u, low, fu, t * low * low


def _ratio_up(u: Floats, low: Floats, upper: float, lower: float) -> Floats:
    """Return (1 - u) / (1 - l), which is e^(lower - upper) u / l where both cutpoints exist."""
    if np.isinf(lower):
        return 1.0 - u
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.asarray(np.exp(lower - upper) * u / low)


def _ratio_down(u: Floats, low: Floats) -> Floats:
    """Return l / u."""
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.asarray(low / u)
