"""Whether the ranks of two units can be told apart: chances before anything is asked.

Two units with own samples differ truly by δ; their estimates have standard errors s1 and s2.
``test`` calls them different where |d| > z s_d, with s_d = sqrt(s1² + s2²); ``joint`` where
their joint intervals do not meet, |d| > z_K (s1 + s2), z_K the quantile of (1 − α)^(1/K) for K
units ranked together: then their rank intervals cannot be the same either.

References
----------
Klein, M., Wright, T., Wieczorek, J. (2020). A joint confidence region for an overall ranking of
populations. Journal of the Royal Statistical Society C 69, 589-606.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import ArrayLike

from intake.findings import DesignError
from sampling.precision.layout import Floats
from sampling.precision.refusals import check_choice, check_number

if TYPE_CHECKING:
    import pandas as pd

METHODS = ("test", "joint")


def chance_of_telling(
    difference: ArrayLike,
    se: ArrayLike,
    se_other: ArrayLike | None = None,
    *,
    level: float = 0.95,
    method: str = "test",
    units: int = 2,
) -> Floats:
    """Return the chance that two units are told apart whose true values differ so much.

    Parameters
    ----------
    difference
        True difference, in the unit of the standard errors; its sign does not matter.
    se, se_other
        Standard errors of the two; the second is like the first where it is not given.
    method, units
        ``test``, or ``joint`` for ``units`` ranked together.

    Raises
    ------
    DesignError
        A value is no number, a standard error not above 0.

    Examples
    --------
    >>> round(float(chance_of_telling(2.8, 1.0, 0.0001)), 2)
    0.8
    """
    from scipy import special

    true, first, second = _values(difference, se, se_other)
    spread = np.hypot(first, second)
    bar = _bar(first, second, level, method, units) / spread
    shift = np.abs(true) / spread
    return np.asarray(special.ndtr(shift - bar) + special.ndtr(-shift - bar))


def smallest_difference(
    se: ArrayLike,
    se_other: ArrayLike | None = None,
    *,
    power: float = 0.8,
    level: float = 0.95,
    method: str = "test",
    units: int = 2,
) -> Floats:
    """Return the least true difference that is told with the chance ``power``.

    The chance of calling it the wrong way round is left out of account (it is below one in a
    thousand for a power above one half).

    Examples
    --------
    >>> round(float(smallest_difference(1.0)), 2)  # (1.96 + 0.84) · √2
    3.96
    """
    from scipy import special

    _, first, second = _values(0.0, se, se_other)
    check_number("power", power, 0, 1)
    beyond = float(special.ndtri(power)) * np.hypot(first, second)
    return np.maximum(_bar(first, second, level, method, units) + beyond, 0.0)


def share_separable(
    sd: float,
    se: ArrayLike,
    se_other: ArrayLike | None = None,
    *,
    level: float = 0.95,
    method: str = "test",
    units: int = 2,
) -> Floats:
    """Return the expected share of pairs told apart, where true values are normal with ``sd``.

    The estimated difference is then normal with variance 2 sd² + s1² + s2², so the share is
    2 Φ(−c / sqrt(2 sd² + s1² + s2²)) with the bar c of the method.

    Examples
    --------
    >>> round(float(share_separable(4.0, 1.0)), 3)  # units much more different than sure
    0.635
    >>> round(float(share_separable(0.0, 1.0)), 3)  # no differences: the error of the test
    0.05
    """
    from scipy import special

    check_number("sd", sd, 0, math.inf, ends=(True, False))
    _, first, second = _values(0.0, se, se_other)
    bar = _bar(first, second, level, method, units)
    return np.asarray(2 * special.ndtr(-bar / np.sqrt(2 * sd**2 + first**2 + second**2)))


def spread_of(values: ArrayLike, ses: ArrayLike = 0.0) -> float:
    """Return the standard deviation between true values, stripped of sampling noise.

    The variance of published values less the mean of their squared standard errors, at least 0.

    References
    ----------
    Fay, R. E., Herriot, R. A. (1979). Estimates of income for small places. Journal of the
    American Statistical Association 74, 269-277 (the moment estimator without covariates and
    with equal weights).

    Examples
    --------
    >>> round(spread_of([80, 84, 88, 92], 2.0), 3)
    4.761
    """
    held = np.asarray(values, dtype=np.float64)
    _, noise, _ = _values(0.0, np.maximum(np.asarray(ses, dtype=np.float64), 1e-300), None)
    if held.ndim != 1 or len(held) < 2 or not np.isfinite(held).all():
        raise DesignError.of(
            "precision-values-too-few",
            "Cần ít nhất hai giá trị là số để tính độ phân tán giữa các đơn vị.",
            "The spread between units takes at least two values that are numbers.",
            "Bỏ các đơn vị không có giá trị.",
            "Leave out units without a value.",
            path="values",
        )
    return math.sqrt(max(float(held.var(ddof=1) - (noise**2).mean()), 0.0))


def separation_table(
    answers: Sequence[float],
    sd: float,
    variance: float,
    *,
    deff: float = 1.0,
    units: int = 2,
    level: float = 0.95,
    power: float = 0.8,
    population: float = math.inf,
) -> pd.DataFrame:
    """Return what so many answers in every unit can tell of their ranks.

    Parameters
    ----------
    answers
        Answers in each unit, several numbers to compare.
    sd
        Standard deviation of the true values of units.
    variance, deff
        Unit variance of an answer inside a unit, and the design effect there.
    units
        How many are ranked together.
    population
        Persons of a unit, for the finite population correction.

    Returns
    -------
    pandas.DataFrame
        ``answers, se, half_width, difference`` (the smallest told with ``power``), ``pairs``
        (share of all pairs that a test tells apart), ``joint`` (the same by joint intervals).
    """
    import pandas as pd

    check_number("variance", variance, 0, math.inf)
    check_number("deff", deff, 0, math.inf)
    n = np.array([check_number("answers", value, 0, math.inf) for value in answers])
    se = np.sqrt(variance * deff / n * np.maximum(1 - n / population, 1e-12))
    return pd.DataFrame(
        {
            "answers": n,
            "se": se,
            "half_width": se * _quantile(level),
            "difference": smallest_difference(se, power=power, level=level),
            "pairs": share_separable(sd, se, level=level),
            "joint": share_separable(sd, se, method="joint", level=level, units=units),
        }
    )


def _quantile(level: float) -> float:
    from scipy import special

    return float(special.ndtri((1 + check_number("level", level, 0, 1)) / 2))


def _bar(first: Floats, second: Floats, level: float, method: str, units: int) -> Floats:
    """Return how far estimates must lie apart to be called different."""
    check_choice("method", method, METHODS)
    check_number("units", units, 2, math.inf, ends=(True, False))
    if method == "test":
        return np.asarray(_quantile(level) * np.hypot(first, second))
    return np.asarray(
        _quantile(check_number("level", level, 0, 1) ** (1 / units)) * (first + second)
    )


def _values(
    difference: ArrayLike, se: ArrayLike, se_other: ArrayLike | None
) -> tuple[Floats, Floats, Floats]:
    """Return the three as numbers, standard errors above 0."""
    given = {"difference": difference, "se": se, "se_other": se if se_other is None else se_other}
    made = {}
    for name, value in given.items():
        try:
            numbers = np.asarray(value, dtype=np.float64)
        except (TypeError, ValueError):
            numbers = np.array(np.nan)
        bad = ~np.isfinite(numbers) | ((numbers <= 0) & (name != "difference"))
        if bad.any():
            low = -math.inf if name == "difference" else 0.0
            check_number(name, float(numbers[bad].flat[0]), low, math.inf)
        made[name] = numbers
    return made["difference"], made["se"], made["se_other"]
