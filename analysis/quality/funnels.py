"""Whether a unit lies further from its stratum than its number of answers explains.

The share of a small unit swings widely by chance alone; a funnel judges each unit by its own
size. Three forms are here: counts against the other responses of the stratum, differences
against their own mean (DerSimonian and Laird), and shares on the arcsine scale. All give z:
how many standard deviations a unit lies above what is usual.

References
----------
Spiegelhalter, D. J. (2005). Funnel plots for comparing institutional performance. Statistics
in Medicine 24, 1185-1202.
DerSimonian, R. and Laird, N. (1986). Meta-analysis in clinical trials. Controlled Clinical
Trials 7, 177-188.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
import pandas as pd
from scipy import special

from analysis.quality.rules import Rules
from analysis.quality.tables import Flags, Floats, Groups, Integers, flag_table

# Rounding of the hypergeometric sums; below it a tail is a tie.
_TINY = 1e-300


class Funnel(NamedTuple):
    """``z``, upper ``p`` and the usual share (``reference``), one of each per unit."""

    z: Floats
    p: Floats
    reference: Floats


class Pooled(NamedTuple):
    """Mean and variance of true values between units, and z of each unit."""

    mean: float
    between: float
    z: Floats


def count_funnel(
    counts: Floats, n: Integers, stratum_of: Integers, winsorised: float = 0.10
) -> Funnel:
    """Judge how many responses of a unit show a sign, given how many of its stratum do.

    With K of the N responses of the stratum showing it, the count of a unit with n responses
    is hypergeometric (N, K, n) among units that do not differ: the reference of a permutation
    of the responses over the units, without drawing. The upper tail is turned into z. Units do
    differ honestly, so z is divided by √φ, φ the mean of the squared winsorised z over all
    units, where φ is above 1 (Spiegelhalter 2005, section 3.2).

    Parameters
    ----------
    counts, n
        Responses with the sign and responses, one per unit.
    stratum_of
        The stratum of each unit, from 0.
    winsorised
        Share of each end of z that is pulled in before φ is measured.

    Returns
    -------
    Funnel
        ``reference`` is the share of the whole stratum, K / N.

    Examples
    --------
    >>> counts, n = np.array([1.0] * 9 + [6.0]), np.full(10, 20)
    >>> float(count_funnel(counts, n, np.zeros(10, dtype=np.int64)).z[-1].round(2))
    3.01
    """
    whole = _of_stratum(n.astype(np.float64), stratum_of)
    marked = _of_stratum(counts, stratum_of)
    above, at = _upper_tail(counts, n, marked, whole)
    exact = np.clip(above + at, _TINY, 1.0)
    middle = -special.ndtri(np.clip(above + at / 2, _TINY, 1 - 1e-16))
    # A unit alone in its stratum, or one where nobody or everybody shows the sign, says nothing.
    free = (whole > n) & (marked > 0) & (marked < whole)
    middle = np.where(free, middle, 0.0)
    spread = overdispersion(middle[free], winsorised)
    z = np.maximum(-special.ndtri(exact), np.minimum(middle, 0.0)) / np.sqrt(spread)
    z = np.where(free, z, np.nan)
    p = np.where(free, special.ndtr(-z), np.nan)
    with np.errstate(invalid="ignore"):
        return Funnel(z, p, marked / whole)


def share_flags(
    flag: str, quantity: str, sign: Flags, counted: Flags, groups: Groups, rules: Rules
) -> pd.DataFrame:
    """Return the table of a sign whose share of a unit is judged by a funnel."""
    n = groups.sums(counted)
    counts = groups.sums(sign & counted)
    funnel = count_funnel(counts, n.astype(np.int64), groups.stratum_of, rules.winsorised)
    with np.errstate(invalid="ignore", divide="ignore"):
        value = counts / n
    note = np.where(n == 0, "no-responses", np.where(np.isnan(funnel.z), "no-reference", ""))
    return flag_table(
        flag,
        quantity,
        rules,
        unit=groups.units,
        stratum=[groups.strata[code] for code in groups.stratum_of],
        n=n.astype(np.int64),
        value=value,
        reference=funnel.reference,
        z=funnel.z,
        p=funnel.p,
        beyond=np.nan_to_num(funnel.z, nan=-np.inf) > rules.z_limit,
        note=[str(word) for word in note],
    )


def overdispersion(z: Floats, winsorised: float) -> float:
    """Return φ, the mean squared z after pulling both ends in; at least 1.

    Pulling in the ends of a normal z leaves less than 1 (0.68 at 10 %); the mean is divided by
    that, so that units that differ by chance alone have φ = 1 and not less.
    """
    return max(1.0, _robust_square(z, winsorised)) if z.size > 1 else 1.0


def _robust_square(z: Floats, winsorised: float) -> float:
    low, high = np.quantile(z, [winsorised, 1 - winsorised])
    edge = float(-special.ndtri(winsorised))
    density = np.exp(-edge * edge / 2) / np.sqrt(2 * np.pi)
    left = (1 - 2 * winsorised) - 2 * edge * density + 2 * winsorised * edge * edge
    return float(np.mean(np.clip(z, low, high) ** 2)) / float(left)


def difference_funnel(difference: Floats, variance: Floats) -> Pooled:
    """Judge differences against their mean over units (DerSimonian and Laird).

    z = (d - δ̄) / √(v + τ²) with δ̄ = Σ w d / Σ w, w = 1 / (v + τ²), and
    τ² = max(0, (Q - (k - 1)) / (Σ 1/v - Σ 1/v² / Σ 1/v)), Q being the weighted squares around
    the mean with weights 1 / v.

    Examples
    --------
    >>> found = difference_funnel(np.array([0.1, 0.3]), np.array([0.01, 0.01]))
    >>> round(found.mean, 3), round(found.between, 3)
    (0.2, 0.01)
    """
    weight = 1.0 / variance
    first = float(weight @ difference / weight.sum())
    between = _between(float(weight @ (difference - first) ** 2), weight)
    weight = 1.0 / (variance + between)
    mean = float(weight @ difference / weight.sum())
    return Pooled(mean, between, (difference - mean) / np.sqrt(variance + between))


def arcsine_funnel(share: Floats, n: Floats, winsorised: float = 0.10) -> Pooled:
    """Judge shares on the scale y = arcsin √p, whose variance is 1 / 4n whatever p is.

    z = (y - θ) / √(s² + τ²). θ is the mean of y weighted by n and τ² the moment estimate of
    Spiegelhalter (2005), both after pulling in the outer ``winsorised`` of each end, so that
    the units that are looked for do not widen the funnel.

    Examples
    --------
    >>> found = arcsine_funnel(np.array([0.5, 0.5, 0.5, 0.9]), np.full(4, 100.0))
    >>> round(found.mean, 3)
    0.867
    """
    y = np.arcsin(np.sqrt(share))
    weight = 4.0 * n
    low, high = np.quantile(y, [winsorised, 1 - winsorised])
    mean = float(weight @ np.clip(y, low, high) / weight.sum())
    naive = (y - mean) * np.sqrt(weight)
    between = _between(_robust_square(naive, winsorised) * naive.size, weight)
    return Pooled(mean, between, (y - mean) / np.sqrt(1.0 / weight + between))


def _between(squares: float, weight: Floats) -> float:
    spare = float(weight.sum() - (weight**2).sum() / weight.sum())
    return max(0.0, (squares - (weight.size - 1)) / spare) if spare > 0 else 0.0


def _upper_tail(x: Floats, n: Integers, marked: Floats, whole: Floats) -> tuple[Floats, Floats]:
    """Return P(X > x) and P(X = x) for hypergeometric counts, one per unit."""
    width = int(n.max()) + 1
    above, at = np.zeros(x.size), np.zeros(x.size)
    block = max(1, 2_000_000 // width)
    constant = _choose(whole, n)
    for start in range(0, x.size, block):
        part = slice(start, start + block)
        k = np.arange(width)[None, :]
        m, d, t = marked[part, None], n[part, None], whole[part, None]
        possible = (k <= d) & (k <= m) & (d - k <= t - m)
        kk = np.where(possible, k, np.maximum(0, d - (t - m)))
        log = _choose(m, kk) + _choose(t - m, d - kk) - constant[part, None]
        mass = np.where(possible, np.exp(log), 0.0)
        above[part] = np.where(k > x[part, None], mass, 0.0).sum(axis=1)
        at[part] = np.where(k == x[part, None], mass, 0.0).sum(axis=1)
    return above, at


def _of_stratum(values: Floats, stratum_of: Integers) -> Floats:
    sums: Floats = np.bincount(stratum_of, weights=values)[stratum_of].astype(np.float64)
    return sums


def _choose(n: Any, k: Any) -> Any:  # noqa: ANN401 - numbers of any shape
    return special.gammaln(n + 1) - special.gammaln(k + 1) - special.gammaln(n - k + 1)
