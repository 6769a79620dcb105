"""Intervals around an estimate: on its own scale, and for shares so that they stay within 0 and 1.

All intervals use Student's t on the degrees of freedom of the design (primary units minus
strata that hold members of the domain). Values and standard errors are on the scale of the
estimate; shares lie between 0 and 1.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy import special

from intake.findings import EstimationError

Floats = NDArray[np.float64]

SHARE_INTERVALS = ("logit", "wilson", "beta", "likelihood", "arcsine", "mean")


def check_level(level: object) -> None:
    """Refuse a confidence level that is not a number between 0 and 1."""
    if isinstance(level, int | float | np.number) and 0 < level < 1:
        return
    raise EstimationError.of(
        "level-out-of-range",
        f"Mức tin cậy {level!r} không hợp lệ.",
        f"The level {level!r} is not possible.",
        "Chọn giữa 0 và 1, ví dụ 0.95.",
        "Choose between 0 and 1, such as 0.95.",
    )


def quantile_of_t(level: float, df: Floats) -> Floats:
    """Return the two-sided quantile of Student's t; missing where there is no freedom left."""
    check_level(level)
    known = df > 0
    # Many domains share few degrees of freedom, and a quantile is searched for.
    different, place = np.unique(np.where(known, df, 1.0), return_inverse=True)
    found = special.stdtrit(different, (1 + level) / 2)[place].reshape(df.shape)
    return np.where(known, found, np.nan)


def around(value: Floats, se: Floats, df: Floats, level: float) -> tuple[Floats, Floats]:
    """Return value ± t · se; the value itself where the standard error is zero."""
    reach = np.where(se == 0, 0.0, quantile_of_t(level, df) * se)
    return value - reach, value + reach


def of_share(
    value: Floats,
    se: Floats,
    n: Floats,
    df: Floats,
    level: float,
    method: str = "logit",
    first: Floats | None = None,
) -> tuple[Floats, Floats]:
    """Return the interval of a share.

    Parameters
    ----------
    value, se
        Shares between 0 and 1 and their standard errors.
    n
        Answers behind each share; the interval of a share of exactly 0 or 1, whose standard
        error is zero, is the exact binomial one on these answers.
    df
        Degrees of freedom.
    level
        Two-sided confidence level.
    method
        ``logit`` (R's xlogit), ``wilson``, ``beta`` (Korn and Graubard), ``likelihood``
        (scaled binomial, see `analysis.estimation.likelihood`), ``arcsine``, ``mean``.
    first
        For ``likelihood``, from `analysis.estimation.likelihood.first_logits`; may be left out.

    Raises
    ------
    EstimationError
        ``interval-unknown`` with the choices.

    References
    ----------
    Korn, E. L., Graubard, B. I. (1998). Confidence intervals for proportions with small
    expected number of positive counts estimated from survey data. Survey Methodology 24.
    """
    if method not in SHARE_INTERVALS:
        listed = ", ".join(SHARE_INTERVALS)
        raise EstimationError.of(
            "interval-unknown",
            f"Không có khoảng “{method}”.",
            f"There is no interval “{method}”.",
            f"Các lựa chọn: {listed}.",
            f"The choices are: {listed}.",
        )
    t = quantile_of_t(level, df)
    low, high = np.full(value.shape, np.nan), np.full(value.shape, np.nan)
    inner = (value > 0) & (value < 1) & np.isfinite(t)
    p, s = value[inner], se[inner]
    reach = t[inner] * s
    if method == "mean":
        low[inner], high[inner] = p - reach, p + reach
    elif method == "logit":
        middle = np.log(p / (1 - p))
        step = reach / (p * (1 - p))
        low[inner], high[inner] = 1 / (1 + np.exp(step - middle)), 1 / (1 + np.exp(-step - middle))
    elif method == "arcsine":
        middle = np.arcsin(np.sqrt(p))
        step = reach / (2 * np.sqrt(p * (1 - p)))
        # As R survey has it, a bound beyond 0 or 1 on the angle is folded back.
        low[inner], high[inner] = np.sin(middle - step) ** 2, np.sin(middle + step) ** 2
    elif method == "likelihood":
        from analysis.estimation import likelihood

        low[inner], high[inner] = likelihood.bounds(
            p, s, n[inner], t[inner], None if first is None else first[inner]
        )
    else:
        low[inner], high[inner] = _by_effective_size(p, s, n[inner], t[inner], level, method)
    certain = (se == 0) & inner
    low[certain], high[certain] = value[certain], value[certain]
    edge = ((value <= 0) | (value >= 1)) & (n > 0) & np.isfinite(t)
    tail = (1 - level) / 2
    hits = n[edge] * value[edge]
    low[edge] = np.nan_to_num(special.betaincinv(hits, n[edge] - hits + 1, tail), nan=0.0)
    high[edge] = np.nan_to_num(special.betaincinv(hits + 1, n[edge] - hits, 1 - tail), nan=1.0)
    return low, high


def _by_effective_size(
    p: Floats, s: Floats, n: Floats, t: Floats, level: float, method: str
) -> tuple[Floats, Floats]:
    """Wilson and Korn–Graubard: binomial intervals on the answers the variance is worth."""
    with np.errstate(divide="ignore", invalid="ignore"):
        effective = p * (1 - p) / (s * s)
        if method == "beta":
            tail = (1 - level) / 2
            effective *= (special.stdtrit(np.maximum(n - 1, 1), 1 - tail) / t) ** 2
            return (
                special.betaincinv(effective * p, effective * (1 - p) + 1, tail),
                special.betaincinv(effective * p + 1, effective * (1 - p), 1 - tail),
            )
        share = t * t / effective
        centre = (p + share / 2) / (1 + share)
        reach = t * np.sqrt(p * (1 - p) / effective + share / (4 * effective)) / (1 + share)
        return centre - reach, centre + reach
