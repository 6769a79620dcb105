"""Independent trials, given that exactly n of them succeed.

Conditional Poisson sampling gives the unit i the chance pᵢ of a trial of its own and keeps
the sets that have n members. Sets of fixed size with the largest entropy are drawn so
(Hájek 1964), and Sampford's are close to them. Everything asked of them is a sum over sets
of n members, worked out here without listing any set: the number of successes S has the
generating function φ(z) = Π(qᵢ + pᵢz), and its values on the unit circle give
P(S = n) = mean of φ(z) z⁻ⁿ over equally spaced z. Inserting bᵢ(z) = pᵢz / (qᵢ + pᵢz) for
each unit that must be in the set gives every joint probability.

The points needed are few: with Σp = n, S stays within 6 standard deviations and a margin
of n (the spacing follows), and |φ| vanishes away from z = 1 (the cut-off follows); both
are set so that what is left out lies below 1e-25.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Complexes = NDArray[np.complex128]


@dataclass(frozen=True)
class Transform:
    """Values on the unit circle: ``weights`` (T,) sum to P(S = n), ``members`` (N, T) are bᵢ."""

    weights: Complexes
    members: Complexes

    def mean(self, factors: Complexes) -> Floats:
        """Return the expectation of ``factors`` (…, T) given S = n."""
        found: Floats = (factors @ self.weights).real / self.weights.sum().real
        return found

    def pairs(self, left: Complexes, weights: Complexes, right: Complexes) -> Floats:
        """Return the sum over points of left × weights × right, shape (N, N), given S = n."""
        scaled = left * (weights / self.weights.sum().real)
        found: Floats = scaled.real @ right.real.T
        found -= scaled.imag @ right.imag.T
        return found


def transform(p: Floats, n: int) -> Transform:
    """Return the transform of trials with chances ``p`` (N,), above 0 and below 1, Σp ≈ n."""
    variance = float((p * (1 - p)).sum())
    points = min(len(p) + 1, int(12 * variance**0.5) + 50) | 1
    steps = np.arange(points // 2 + 1)
    angles = 2 * np.pi * steps / points
    # |φ| ≤ exp(−variance (1 − cos)), so that 70 is e⁻⁷⁰.
    kept = variance * (1 - np.cos(angles)) < 70
    steps, z = steps[kept], np.exp(1j * angles[kept])
    factors = (1 - p)[:, None] + p[:, None] * z
    turned = np.exp(-2j * np.pi * ((steps * n) % points) / points)
    # Points come in conjugate pairs, but for the first.
    weights = factors.prod(axis=0) * turned * np.where(steps == 0, 1, 2) / points
    return Transform(weights, p[:, None] * z / factors)


def fit_chances(pi: Floats, n: int, *, steps: int = 60) -> Floats:
    """Return chances of trials, summing to ``n``, that give the inclusion probabilities.

    Newton's method on the log odds λ (Chen, Dempster and Liu 1994 give the equations):
    the inclusion probabilities are the gradient of a convex function of λ, their
    covariance its Hessian. The step solves Hessian × step = pi − current by conjugate
    gradients, the product with the Hessian by the transform.

    Parameters
    ----------
    pi
        Shape (N,), above 0 and below 1, summing to ``n``; N > n.
    """
    odds = _centred(np.log(pi) - np.log1p(-pi), n)
    best, error = odds, np.inf
    step = np.zeros(len(pi))
    for _ in range(steps):
        p = _chance(odds)
        held = transform(p, n)
        # A step too long can make the size impossible; it is shortened like any bad one.
        likely = held.weights.sum().real > 1e-100
        reached = held.mean(held.members) if likely else np.zeros(len(pi))
        gaps = np.abs(pi - reached) / np.minimum(pi, 1 - pi + 1e-3)
        now = float(gaps.max()) if likely else np.inf
        if now < error:
            best, error = odds, now
            if error < 1e-14:
                break
            step = _newton_step(held, reached, pi)
        else:
            if error < 1e-11:
                break
            step = step / 4
        odds = _centred(best + step, n)
    return _chance(best)


def fit_slowly(pi: Floats, n: int, tolerance: float) -> Floats:
    """Return chances of trials that give the inclusion probabilities nearly, as others stop.

    The fixed point p ← p + π − π(p) of Chen, Dempster and Liu (1994), until the changes of a
    turn add up to at most ``tolerance``.
    """
    p = pi.copy()
    for _ in range(10_000):
        held = transform(p, n)
        change = pi - held.mean(held.members)
        p = p + change
        if float(np.abs(change).sum()) <= tolerance:
            break
    return p


def _newton_step(held: Transform, reached: Floats, pi: Floats) -> Floats:
    """Return the solution of (covariance of the members) × step = pi − reached."""
    own = reached - held.mean(held.members**2)
    share = held.weights / held.weights.sum().real

    def product(v: Floats) -> Floats:
        mixed: Floats = (held.members @ (share * (held.members.T @ v))).real
        return mixed + own * v - reached * float(reached @ v)

    scale = pi * (1 - pi)
    residual = pi - reached
    # Only contrasts can be reached: all log odds together shift nothing.
    residual = residual - scale * (residual.sum() / scale.sum())
    step = np.zeros(len(pi))
    direction = residual / scale
    size = float(residual @ direction)
    start = size
    for _ in range(200):
        if size <= 1e-16 * start or size <= 0:
            break
        image = product(direction)
        curve = float(direction @ image)
        if curve <= 0:
            break
        step = step + (size / curve) * direction
        residual = residual - (size / curve) * image
        residual = residual - scale * (residual.sum() / scale.sum())
        ready = residual / scale
        size, before = float(residual @ ready), size
        direction = ready + (size / before) * direction
    return step


def _chance(odds: Floats) -> Floats:
    """Return the chances of log odds."""
    low = np.exp(-np.abs(odds))
    return np.where(odds >= 0, 1 / (1 + low), low / (1 + low))


def _centred(odds: Floats, n: int) -> Floats:
    """Return the log odds shifted so that the chances sum to ``n``."""
    for _ in range(50):
        p = _chance(odds)
        gap = n - float(p.sum())
        spread = float((p * (1 - p)).sum())
        if abs(gap) < 1e-13 * max(n, 1) or spread == 0:
            break
        odds = odds + float(np.clip(gap / spread, -2, 2))
    return odds
