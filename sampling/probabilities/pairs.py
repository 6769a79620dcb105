"""Joint probabilities of the units left to chance, one function for each design.

Each takes the inclusion probabilities of the open units, shape (N,), above 0, below 1 and
summing to n, with n, and returns the matrix (N, N) of πᵢⱼ; what it puts on the diagonal
does not matter.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from intake.findings import Words
from sampling.probabilities.checks import refusal
from sampling.probabilities.conditional_poisson import fit_chances, fit_slowly, transform
from sampling.probabilities.elimination import survival_pairs

Floats = NDArray[np.float64]


def srs(pi: Floats, n: int) -> Floats:
    """πᵢⱼ = n (n − 1) / (N (N − 1)); refuses unequal probabilities."""
    held = len(pi)
    far = float(np.abs(pi - n / held).max())
    if far > 1e-9:
        raise refusal(
            "selection-probabilities-unequal",
            Words(
                f"Mẫu ngẫu nhiên đơn giản cần xác suất bằng nhau n/N = {n / held:.9g}; "
                f"lệch nhiều nhất {far:.3g}.",
                f"Simple random sampling needs equal probabilities n/N = {n / held:.9g}; "
                f"the largest difference is {far:.3g}.",
            ),
            Words(
                "Dùng sampford hoặc maximum_entropy cho xác suất không bằng nhau.",
                "Use sampford or maximum_entropy for unequal probabilities.",
            ),
            path="pi",
        )
    return np.full((held, held), n * (n - 1) / (held * max(held - 1, 1)))


def maximum_entropy(pi: Floats, n: int) -> Floats:
    """πᵢⱼ of conditional Poisson sampling with the given πᵢ (Chen, Dempster and Liu 1994)."""
    held = transform(fit_chances(pi, n), n)
    return held.pairs(held.members, held.weights, held.members)


def maximum_entropy_nearly(pi: Floats, n: int, tolerance: float) -> Floats:
    """πᵢⱼ of conditional Poisson sampling from chances that were fitted to a tolerance.

    With the odds w of the trials, πᵢⱼ = (πᵢ wⱼ − πⱼ wᵢ) / (wⱼ − wᵢ) where the two differ
    (Aires 1999); pairs of equal units share what is left of the row's sum (n − 1) πᵢ. For
    units that are nearly alike the quotient magnifies what the fit lacks: where it is off by
    more than 1e-5 of the pair, the exact pair stands.
    """
    exact = maximum_entropy(pi, n)
    p = fit_slowly(pi, n, tolerance)
    odds = p / (1 - p)
    same = pi[:, None] == pi[None, :]
    crossed = pi[:, None] * odds[None, :]
    apart = np.where(same, 1.0, odds[None, :] - odds[:, None])
    found = np.where(same, 0.0, (crossed - crossed.T) / apart)
    others = same.sum(axis=1) - 1
    left = (n - 1) * pi - found.sum(axis=1)
    shared = np.divide(left, others, out=np.zeros_like(left), where=others > 0)
    found = np.where(same, shared[:, None], found)
    return np.where(np.abs(found - exact) <= 1e-5 * exact, found, exact)


def sampford(pi: Floats, n: int) -> Floats:
    """πᵢⱼ of the design P(s) ∝ Σ_s (1 − πₖ) Π_s πₖ / (1 − πₖ) (Sampford 1967).

    Among trials with chances π, of which n succeed, the set s is weighted by
    Σ_s (1 − πₖ). Under the transform the weight is H = Σ (1 − πₖ) bₖ, in which the two
    units that are surely in the set count (1 − π) instead of (1 − π) b.
    """
    held = transform(pi, n)
    outside = (1 - pi)[:, None]
    heaviness = (outside * held.members).sum(axis=0)
    extra = held.members * (outside * (1 - held.members))
    both = held.pairs(held.members, held.weights * heaviness, held.members)
    one = held.pairs(extra, held.weights, held.members)
    return (both + one + one.T) / float(held.mean(heaviness))


def systematic(pi: Floats, n: int) -> Floats:  # noqa: ARG001 - one form for all
    """πᵢⱼ of systematic sampling in the order given (Madow 1949).

    Each unit is hit by the starts of an arc of the unit circle; πᵢⱼ is the length that two
    arcs share. Shared lengths below 1e-13 are rounding.
    """
    ends = np.cumsum(pi.astype(np.longdouble))
    starts = ends - pi
    apart = ((starts[None, :] - starts[:, None]) % 1.0).astype(np.float64)
    apart[apart > 1 - 1e-15] = 0.0
    shared = np.clip(np.minimum(pi[:, None] - apart, pi[None, :]), 0, None)
    shared += np.clip(np.minimum(pi[None, :] - (1.0 - apart), pi[:, None]), 0, None)
    shared[shared < 1e-13] = 0.0
    return shared


def tille(pi: Floats, n: int) -> Floats:
    """πᵢⱼ of Tillé's elimination (Tillé 1996)."""
    order = np.argsort(-pi, kind="stable")
    return _restored(survival_pairs(pi[order], n), order)


def midzuno(pi: Floats, n: int) -> Floats:
    """πᵢⱼ of Midzuno's draw: the units that Tillé's elimination with 1 − π takes out.

    1 − (1 − πᵢ) − (1 − πⱼ) + the probability that both are left; the difference is good
    to some 1e-15, which for rare pairs is less than their leading digits.
    """
    left = 1 - pi
    order = np.argsort(-left, kind="stable")
    both_left = _restored(survival_pairs(left[order], len(pi) - n), order)
    return np.maximum(pi[:, None] + pi[None, :] - 1 + both_left, 0.0)


def _restored(sorted_pairs: Floats, order: NDArray[np.intp]) -> Floats:
    found = np.empty_like(sorted_pairs)
    found[np.ix_(order, order)] = sorted_pairs
    return found


def hajek(pi: Floats, n: int) -> Floats:  # noqa: ARG001 - one form for all
    """πᵢπⱼ {1 − (1 − πᵢ)(1 − πⱼ) / d}, d = Σ πₖ (1 − πₖ) (Hájek 1964): an approximation."""
    left = 1 - pi
    return np.outer(pi, pi) * (1 - np.outer(left, left) / float((pi * left).sum()))


def brewer(pi: Floats, n: int) -> Floats:
    """πᵢπⱼ (cᵢ + cⱼ) / 2 (Brewer and Donadio 2003): an approximation.

    cᵢ = (n − 1) / {n − (2n − 1) πᵢ / (n − 1) + Σ πₖ² / (n − 1)}, their equation (18),
    multiplied through by n − 1 here.
    """
    squares = float((pi**2).sum())
    c = (n - 1) ** 2 / (n * (n - 1) - (2 * n - 1) * pi + squares) if n > 1 else 0 * pi
    return np.outer(pi, pi) * (c[:, None] + c[None, :]) / 2
