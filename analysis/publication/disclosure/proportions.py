"""How far a proportion can be trusted, by presentation standards.

References
----------
Parker, J. D. et al. (2017). National Center for Health Statistics data presentation
standards for proportions. Vital and Health Statistics 2(175).
Korn, E. L. and Graubard, B. I. (1998). Confidence intervals for proportions with small
expected number of positive counts estimated from survey data. Survey Methodology 24, 193-201.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

from scipy.special import betaincinv, stdtrit

RELIABLE_GROUP = 30
WIDEST_INTERVAL = 0.30
NARROW_INTERVAL = 0.05
WIDEST_RELATIVE = 1.30
FEWEST_DF = 8


@dataclass(frozen=True)
class Reliability:
    """How far a proportion can be trusted: effective n, interval, verdict, and its complement.

    ``verdict`` is ``show``, ``hide`` or ``review`` (a person decides); ``complement`` says that
    one minus the proportion is too uncertain to be read by itself.
    """

    n_star: float
    low: float
    high: float
    verdict: str
    complement: bool


def reliability(
    p: float, variance: float, n: int, df: float, *, n_effective: float | None = None
) -> Reliability:
    """Judge a proportion by the standards of the National Center for Health Statistics.

    Parameters
    ----------
    p
        The proportion, 0 to 1.
    variance
        Its sampling variance under the design; not a number when it is not known.
    n
        Unweighted answers, at least 1.
    df
        Degrees of freedom of the variance.
    n_effective
        Effective answers known from elsewhere. Taken for an index that is no proportion,
        whose variance says nothing about ``p * (1 - p)``.

    Examples
    --------
    >>> found = reliability(0.85, 0.85 * 0.15 / 100 * 1.8, 100, 20)
    >>> round(found.n_star, 4), round(found.low, 6), round(found.high, 6), found.verdict
    (50.2681, 0.721096, 0.934946, 'show')
    """
    if n < 1 or not 0 <= p <= 1 or math.isnan(variance) or math.isnan(df) or df <= 0:
        return Reliability(math.nan, math.nan, math.nan, "hide", complement=False)
    n_star = float(n)
    extreme = p in {0.0, 1.0}
    if n_effective is not None and not math.isnan(n_effective):
        n_star = min(n_star, _adjusted(n_effective, n, df))
    elif not extreme and variance > 0:
        n_star = min(n_star, _adjusted(p * (1 - p) / variance, n, df))
    low = 0.0 if p == 0 else float(betaincinv(n_star * p, n_star * (1 - p) + 1, 0.025))
    high = 1.0 if p == 1 else float(betaincinv(n_star * p + 1, n_star * (1 - p), 0.975))
    width = high - low
    wide = width > NARROW_INTERVAL
    hide = (
        n < RELIABLE_GROUP
        or n_star < RELIABLE_GROUP
        or width >= WIDEST_INTERVAL
        or (wide and p > 0 and width / p > WIDEST_RELATIVE)
    )
    complement = not hide and wide and p < 1 and width / (1 - p) > WIDEST_RELATIVE
    verdict = "hide" if hide else "review" if df < FEWEST_DF or extreme else "show"
    return Reliability(n_star, low, high, verdict, complement)


def _adjusted(n_effective: float, n: int, df: float) -> float:
    """Return the effective size that also pays for an uncertain variance."""
    if n < 2:
        return 0.0
    return n_effective * float(stdtrit(n - 1, 0.975) / stdtrit(df, 0.975)) ** 2
