"""The interval of a share from its likelihood: which shares the answers do not contradict.

The binomial log-likelihood of the weighted answers is scaled to what the design's standard
error says they are worth. A share m is inside when

    2 [p log(p / m) + (1 - p) log((1 - p) / (1 - m))] <= n/(n - 1) · t² · s² / (p (1 - p)),

with p the estimate, s its standard error, n answers and t Student's quantile. Shares lie
between 0 and 1.

The bounds are found as R survey finds them, which keeps published numbers comparable: the root
of the left side is laid out in steps on the logit scale, joined by a cubic spline, and the
spline read off at three points a step along straight lines. For small shares this can move a
bound by some thousandths of itself. Where the steps do not reach, the bound is exact.

References
----------
Rao, J. N. K., Scott, A. J. (1984). On chi-squared tests for multiway contingency tables with
cell proportions estimated from survey data. Annals of Statistics 12, 46-60. Forsythe, G. E.,
Malcolm, M. A., Moler, C. B. (1977). Computer Methods for Mathematical Computations (spline).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from scipy import interpolate, optimize, special

from analysis.stages import Floats, Integers

_FAR, _FARTHEST = 30.0, -float(np.log(np.finfo(np.float64).eps))
_STEPS = 9
_EDGE = 1e-14
_CONVERGED = 1e-8


def bounds(
    p: Floats, s: Floats, n: Floats, t: Floats, first: Floats | None = None
) -> tuple[Floats, Floats]:
    """Return the interval of each share.

    Parameters
    ----------
    p, s
        Shape (k,): shares strictly between 0 and 1 and their standard errors, above 0.
    n
        Shape (k,): answers behind each share.
    t
        Shape (k,): two-sided quantile of Student's t.
    first
        Shape (k,): from `first_logits`; rows count alike without, which moves a bound by some
        1e-5 of itself.

    Returns
    -------
    tuple
        Lower and upper bounds, each (k,).

    Examples
    --------
    R survey: ``svyciprop(~I(awards == "No"), dstrat, method = "likelihood")``

    >>> one = np.array([1.0])
    >>> low, high = bounds(0.361063935949422 * one, 0.0344059179972689 * one, 200 * one,
    ...                    1.97207903 * one)
    >>> round(float(low[0]), 6), round(float(high[0]), 6)
    (0.295214, 0.430604)
    """
    low, high = np.full(p.shape, np.nan), np.full(p.shape, np.nan)
    start = (2 * p - 1) * (np.log(3.0) + 4 / 3) if first is None else first
    for at in range(p.size):
        if n[at] > 1 and s[at] > 0 and np.isfinite(t[at]):
            low[at], high[at] = _bounds(
                float(p[at]), float(s[at]), float(n[at]), float(t[at]), float(start[at])
            )
    return low, high


def first_logits(
    weights: Floats, shares: Sequence[Floats], category: Integers, categories: int
) -> Floats:
    """Return the logit of each share after the first step of R's fit, which starts at the rows.

    Parameters
    ----------
    weights
        Shape (rows,): zero for rows that do not count.
    shares
        Columns of 0 and 1, each (rows,).
    category
        Shape (rows,): -1 belongs to none.

    Returns
    -------
    numpy.ndarray
        Shape (categories, columns).
    """
    kept = np.flatnonzero((category >= 0) & (weights > 0))
    own, held = category[kept], weights[kept]
    with np.errstate(divide="ignore", invalid="ignore"):
        mean = np.bincount(own, weights=held, minlength=categories) / np.bincount(
            own, minlength=categories
        )
        relative = held / mean[own]
        found = np.empty((categories, len(shares)))
        for at, column in enumerate(shares):
            y = column[kept]
            m = (relative * y + 0.5) / (relative + 1)
            spread = m * (1 - m)
            moved = relative * (spread * special.logit(m) + y - m)
            found[:, at] = np.bincount(own, weights=moved, minlength=categories) / np.bincount(
                own, weights=relative * spread, minlength=categories
            )
    return found


def _bounds(p: float, s: float, n: float, t: float, first: float) -> tuple[float, float]:
    root = t * s / (p * (1 - p)) * np.sqrt(n * _fitted_variance(p, n, first))
    centre, error = np.log(p / (1 - p)), s / (p * (1 - p))
    longest = float(np.sqrt(special.fdtri(1, n - 1, 1 - special.ndtr(-root) / 2)))
    found = [np.nan, np.nan]
    if np.isfinite(longest) and longest > 0:
        points = _profile(p, n, float(centre), float(error) * longest / 5, longest)
        found = _read_off(*points, float(root)) if len(points[0]) > 3 else found
    exact = n / (n - 1) * t * t * s * s / (p * (1 - p))
    low = found[0] if np.isfinite(found[0]) else _exact(p, exact, _EDGE, p)
    high = found[1] if np.isfinite(found[1]) else _exact(p, exact, p, 1 - _EDGE)
    return float(low), float(high)


def _fitted_variance(p: float, n: float, first: float) -> float:
    """Return m (1 - m) at the step before the fit of the share was close enough.

    That is where R's fit (least squares, weighted anew until the deviance moves by less than
    1e-8 of itself) takes its variance from.
    """
    eta, before, deviance = first, p * (1 - p), np.inf
    for _ in range(25):
        m = float(special.expit(eta))
        now = -2 * n * (special.xlogy(p, m) + special.xlogy(1 - p, 1 - m))
        if abs(now - deviance) / (abs(now) + 0.1) < _CONVERGED:
            break
        before, deviance = m * (1 - m), now
        eta += (p - m) / before
    return before


def _profile(
    p: float, n: float, centre: float, step: float, longest: float
) -> tuple[Floats, Floats]:
    """Return logits and signed roots, in steps from the estimate until the root is passed."""
    logits, roots = [centre], [0.0]
    for sign in (-1, 1):
        for number in range(1, _STEPS + 1):
            logit = centre + sign * number * step
            # Beyond 30, R takes the logit of the smallest share that a computer tells from zero.
            inside = logit if abs(logit) <= _FAR else sign * _FARTHEST
            distance = _distance(p, float(special.expit(inside)))
            reached = np.sqrt(max(n * distance * (n - 1) / n, 0.0))
            logits.append(logit)
            roots.append(sign * reached)
            if reached >= longest:
                break
    order = np.argsort(logits)
    return np.array(logits)[order], np.array(roots)[order]


def _read_off(logits: Floats, roots: Floats, root: float) -> list[float]:
    """Return the shares at which the splined roots reach -root and root; nan beyond them."""
    points = np.linspace(logits[0], logits[-1], 3 * logits.size)
    values = _spline(logits, roots)(points)
    found = np.interp([-root, root], values, points, left=np.nan, right=np.nan)
    return [float(share) for share in special.expit(found)]


def _spline(x: Floats, y: Floats) -> Any:  # noqa: ANN401 - scipy carries no types
    """Return the cubic spline whose ends bend like the cubics through four end points."""
    width = np.diff(x)
    slope = np.diff(y) / width
    size = x.size
    system, wanted = np.zeros((size, size)), np.zeros(size)
    inner = np.arange(1, size - 1)
    system[inner, inner - 1], system[inner, inner + 1] = width[:-1], width[1:]
    system[inner, inner] = 2 * (width[:-1] + width[1:])
    wanted[1:-1] = 6 * np.diff(slope)
    for row, side, end in ((0, slice(0, 4), 0), (size - 1, slice(size - 4, size), -1)):
        near = min(row, size - 2)
        system[row, near], system[row, near + 1] = -1.0, 1.0
        wanted[row] = 6 * width[end] * np.polyfit(x[side] - x[row], y[side], 3)[0]
    bend = np.linalg.solve(system, wanted)
    return interpolate.CubicSpline(x, y, bc_type=((2, bend[0]), (2, bend[-1])))


def _distance(p: float, m: float) -> float:
    if not 0 < m < 1:
        return 0.0 if m == p else float("inf")
    return float(2 * (special.xlogy(p, p / m) + special.xlogy(1 - p, (1 - p) / (1 - m))))


def _exact(p: float, limit: float, start: float, end: float) -> float:
    outer = start if end == p else end
    if _distance(p, outer) <= limit:
        return 0.0 if end == p else 1.0
    return float(optimize.brentq(lambda m: _distance(p, m) - limit, start, end, xtol=1e-15))
