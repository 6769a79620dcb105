"""How likely a weighted sum of chi-squares exceeds a value.

Tests that compare a working likelihood with what a complex design really varies follow
Σ λᵢ χ²₁ (Rao and Scott 1981); with few primary units the sum is divided by an independent
χ²_d / d, so that it becomes a sum of F variables with one denominator. Three answers are
given: exact by a contour integral, the saddlepoint approximation, and Satterthwaite's.

References
----------
Rao, J. N. K., Scott, A. J. (1981). The analysis of categorical data from complex sample
surveys. Journal of the American Statistical Association 76, 221-230.
Kuonen, D. (1999). Saddlepoint approximations for distributions of quadratic forms in normal
variables. Biometrika 86, 929-935.
Rice, S. O. (1980). Distribution of quadratic forms in normal random variables: evaluation by
numerical integration. SIAM Journal on Scientific and Statistical Computing 1, 438-448.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy import optimize, special

Floats = NDArray[np.float64]
_NEGLIGIBLE = 1e-12
_FINEST = 1 << 15


def exact_tail(x: float, weights: Floats, ddf: float = np.inf) -> float:
    """Return P(Σ λᵢ χ²₁ > x), or P(Σ λᵢ χ²₁ / (χ²_d / d) > x) for finite ``ddf`` = d.

    The moment generating function is inverted along a path through a point near the
    saddlepoint, so that small probabilities keep their relative precision (about 1e-9).

    Examples
    --------
    Two equal weights make an exponential distribution:

    >>> round(exact_tail(4.0, np.array([1.0, 1.0])), 12)
    0.135335283237
    >>> round(exact_tail(5.0, np.array([1.0, 1.0]), ddf=20), 12) == round(
    ...     float(special.fdtrc(2, 20, 2.5)), 12
    ... )
    True
    """
    scaled, place, powers = _standard(x, weights, ddf)
    if not scaled.size or x <= 0:
        return 1.0 if x <= 0 else 0.0
    centre = _saddlepoint(scaled, place, powers)
    if abs(centre) < 0.05:
        centre = 0.05
    tail, points = np.nan, 64
    while points <= _FINEST:
        before, tail = tail, _path_integral(scaled, place, powers, centre, points)
        if abs(tail - before) <= 1e-11 * abs(tail):
            break
        points *= 2
    return float(np.clip(tail if centre > 0 else 1.0 + tail, 0.0, 1.0))


def saddlepoint_tail(x: float, weights: Floats, ddf: float = np.inf) -> float:
    """Return the saddlepoint approximation to the probability of `exact_tail`.

    As in R survey, ``ddf`` is cut to a whole number, and where the saddlepoint lies at the
    mean Satterthwaite's approximation takes its place.

    Examples
    --------
    >>> round(saddlepoint_tail(4.0, np.array([1.0, 1.0])), 3)
    0.137
    """
    whole = ddf if np.isinf(ddf) else float(np.floor(ddf))
    scaled, place, powers = _standard(x, weights, ddf)
    if not scaled.size or x <= 0:
        return 1.0 if x <= 0 else 0.0
    if np.isfinite(whole):
        powers = np.where(np.arange(powers.size) == powers.size - 1, whole, powers)
    point = _saddlepoint(scaled, place, powers)
    if abs(point) < 1e-4:
        return satterthwaite_tail(x, weights, ddf)
    k = -0.5 * float(np.sum(powers * np.log1p(-2 * point * scaled)))
    curvature = 2 * float(np.sum(powers * (scaled / (1 - 2 * point * scaled)) ** 2))
    w = np.sign(point) * np.sqrt(2 * (point * place - k))
    v = point * np.sqrt(curvature)
    return float(special.ndtr(-(w + np.log(v / w) / w)))


def satterthwaite_tail(x: float, weights: Floats, ddf: float = np.inf) -> float:
    """Return the probability with one scaled chi-square (or F) of the same two moments.

    Examples
    --------
    >>> round(satterthwaite_tail(4.0, np.array([1.0, 1.0])), 12)
    0.135335283237
    """
    scale, df = satterthwaite(weights)
    if scale == 0:
        return 1.0 if x <= 0 else 0.0
    if np.isinf(ddf):
        return float(special.chdtrc(df, x / scale))
    return float(special.fdtrc(df, ddf, x / (scale * df)))


def satterthwaite(weights: Floats) -> tuple[float, float]:
    """Return scale and degrees of freedom of the chi-square that stands for the sum.

    Examples
    --------
    >>> satterthwaite(np.array([2.0, 2.0, 2.0]))
    (2.0, 3.0)
    """
    first, second = float(np.sum(weights)), float(np.sum(np.square(weights)))
    if second == 0:
        return 0.0, 0.0
    return second / first, first * first / second


def _standard(x: float, weights: Floats, ddf: float) -> tuple[Floats, float, Floats]:
    """Return weights with largest 1, the value on the same scale, and the df of each.

    With a denominator the question becomes whether Σ λᵢ χ²₁ - (x/d) χ²_d exceeds zero.
    """
    kept = np.asarray(weights, dtype=np.float64)
    largest = float(np.max(np.abs(kept), initial=0.0))
    kept = kept[np.abs(kept) > _NEGLIGIBLE * largest] / (largest or 1.0)
    powers = np.ones(kept.size)
    if np.isinf(ddf) or not kept.size:
        return kept, x / (largest or 1.0), powers
    return np.append(kept, -x / largest / ddf), 0.0, np.append(powers, ddf)


def _saddlepoint(weights: Floats, x: float, powers: Floats) -> float:
    """Return the root of K'(s) = x between the poles of the moment generating function."""

    def slope(s: float) -> float:
        return float(np.sum(powers * weights / (1 - 2 * s * weights))) - x

    high = 0.5 / float(weights.max())
    low = 0.5 / float(weights.min()) if weights.min() < 0 else -1.0
    near = 1.0 - 1e-12
    if weights.min() >= 0:
        while slope(low) > 0 and low > -1e12:
            low *= 4.0
        near_low = low
    else:
        near_low = low * near
    return float(optimize.brentq(slope, near_low, high * near, xtol=1e-14, rtol=1e-14))


def _path_integral(weights: Floats, x: float, powers: Floats, centre: float, points: int) -> float:
    """Return (1/2πi) ∫ exp(K(s) - s x) / s ds on a path that leaves the axis at ``centre``.

    The path bends away from the poles where ``x`` is above zero, so that the integrand falls
    off fast; the substitution by sinh makes the trapezoidal rule converge exponentially.
    """
    high = 0.5 / float(weights.max())
    room = min(high - centre, abs(centre)) if centre > 0 else abs(centre)
    step = 2 * 22.0 / points
    at = (np.arange(points) - (points - 1) / 2) * step
    v = np.sinh(at)
    # A parabola that opens towards the right lets exp(-s x) die out.
    bend = 0.25 / room if x > 0 else 0.0
    with np.errstate(over="ignore", invalid="ignore", under="ignore"):
        u = room * v
        s = centre + 1j * u + bend * u * u
        ds = (1j + 2 * bend * u) * room * np.cosh(at)
        k = -0.5 * (powers @ np.log(1 - 2 * np.multiply.outer(weights, s)))
        # Far out the exponent falls without bound, and overflow there means zero.
        values = np.exp(k - s * x) / s * ds
    values = np.where(np.isfinite(values), values, 0.0)
    return float(np.sum(values).imag * step / (2 * np.pi))
