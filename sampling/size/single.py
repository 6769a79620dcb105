"""How many: sample sizes for a share, a mean, a difference, and the ministry's formula.

All answers are for simple random sampling, then multiplied by the design effect and
divided by the expected response rate: the number of cases to issue. ``n`` is rounded up,
``exact`` is not.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from statistics import NormalDist
from typing import Literal

from intake.findings import DesignError, Finding, Words


@dataclass(frozen=True)
class SampleSize:
    """A number of cases to issue: rounded up, and as the formula gives it."""

    n: int
    exact: float


@dataclass(frozen=True)
class ClusterSize:
    """Clusters, interviews in each, and what they cost together."""

    n: int
    exact: float
    clusters: float
    take: float
    cost: float


def share(
    p: float,
    *,
    margin: float | None = None,
    relative_margin: float | None = None,
    cv: float | None = None,
    confidence: float = 0.95,
    population: int | None = None,
    method: Literal["wald", "wilson", "logit"] = "wald",
    deff: float = 1.0,
    response: float = 1.0,
) -> SampleSize:
    """Return how many cases a share of ``p`` needs for a given precision.

    Parameters
    ----------
    p
        The share expected, between 0 and 1.
    margin, relative_margin, cv
        Half-width of the interval, the same as a part of ``p``, or the standard error as a
        part of ``p``: exactly one of them.
    method
        The interval whose half-width is meant; ``cv`` knows none.

    Raises
    ------
    DesignError
        A value lies outside its range, or the precision is not said exactly once.

    Examples
    --------
    >>> share(0.5, margin=0.05).n
    385
    >>> share(0.5, margin=0.05, population=1000).n
    278
    """
    _check("p", p, 0, 1)
    given = [value for value in (margin, relative_margin, cv) if value is not None]
    if len(given) != 1:
        raise _refusal(
            "size-precision-unclear",
            Words("Ghi đúng một yêu cầu chính xác.", "Give exactly one precision."),
        )
    z = _quantile(confidence)
    if cv is not None:
        _check("cv", cv, 0, math.inf)
        return _issued((1 - p) / (p * cv**2), 1, population, deff, response)
    half = margin if margin is not None else (relative_margin or 0.0) * p
    _check("margin", half, 0, 1)
    widths: dict[str, Callable[[float], float]] = {
        "wald": lambda n: z * math.sqrt(p * (1 - p) / n),
        "wilson": lambda n: z * math.sqrt(p * (1 - p) / n + z * z / (4 * n * n)) / (1 + z * z / n),
        "logit": lambda n: _logit_half_width(p, z / math.sqrt(n * p * (1 - p))),
    }
    if method not in widths:
        raise _refusal(
            "size-method-unknown",
            Words("Không hiểu loại khoảng.", "The method is 'wald', 'wilson' or 'logit'."),
        )
    exact = z * z * p * (1 - p) / half**2 if method == "wald" else _solve(widths[method], half)
    return _issued(exact, 1, population, deff, response)


def mean(
    sd: float,
    *,
    margin: float,
    confidence: float = 0.95,
    population: int | None = None,
    deff: float = 1.0,
    response: float = 1.0,
) -> SampleSize:
    """Return how many cases a mean needs whose values have the standard deviation ``sd``.

    Examples
    --------
    >>> mean(15, margin=2).n
    217
    """
    _check("sd", sd, 0, math.inf)
    _check("margin", margin, 0, math.inf)
    exact = (_quantile(confidence) * sd / margin) ** 2
    return _issued(exact, 0, population, deff, response)


def difference(
    p1: float,
    p2: float,
    *,
    confidence: float = 0.95,
    power: float = 0.8,
    deff: float = 1.0,
    response: float = 1.0,
) -> SampleSize:
    """Return how many cases each of two groups needs to tell the shares apart.

    References
    ----------
    Valliant, R., Dever, J. A., Kreuter, F. (2018). Practical Tools for Designing and
    Weighting Survey Samples, 2nd ed., section 4.3.

    Examples
    --------
    >>> difference(0.80, 0.75).n
    1091
    """
    _check("p1", p1, 0, 1)
    _check("p2", p2, 0, 1)
    _check("power", power, 0, 1)
    if p1 == p2:
        raise _refusal(
            "size-shares-equal",
            Words("Hai tỷ lệ bằng nhau.", "The two shares are equal: no number tells them apart."),
        )
    reach = _quantile(confidence) + NormalDist().inv_cdf(power)
    exact = reach**2 * (p1 * (1 - p1) + p2 * (1 - p2)) / (p1 - p2) ** 2
    return _issued(exact, 0, None, deff, response)


def ministry(
    N: int,  # noqa: N803
    e: float = 0.05,
    *,
    deff: float = 1.0,
    response: float = 1.0,
) -> SampleSize:
    """Return the classic n = N / (1 + N e²), which takes a share of 0.5 and z = 2.

    Examples
    --------
    >>> ministry(1000).n
    286
    """
    _check("N", N, 0, math.inf)
    _check("e", e, 0, 1)
    return _issued(N / (1 + N * e**2), 0, None, deff, response)


def clusters(
    cost_cluster: float,
    cost_interview: float,
    icc: float,
    unit_relvariance: float,
    *,
    cv: float | None = None,
    budget: float | None = None,
) -> ClusterSize:
    """Return the cheapest number of clusters and interviews in each, for a cv or a budget.

    References
    ----------
    Hansen, M. H., Hurwitz, W. N., Madow, W. G. (1953). Sample Survey Methods and Theory I,
    chapter 6.
    """
    for name, value in (("cost_cluster", cost_cluster), ("cost_interview", cost_interview)):
        _check(name, value, 0, math.inf)
    _check("icc", icc, 0, 1)
    _check("unit_relvariance", unit_relvariance, 0, math.inf)
    if (cv is None) == (budget is None):
        raise _refusal(
            "size-precision-unclear",
            Words("Ghi cv hoặc ngân sách.", "Give either a cv or a budget."),
        )
    take = math.sqrt(cost_cluster / cost_interview * (1 - icc) / icc)
    per_cluster = cost_cluster + cost_interview * take
    if budget is not None:
        _check("budget", budget, 0, math.inf)
        number = budget / per_cluster
    else:
        _check("cv", cv or 0.0, 0, math.inf)
        number = unit_relvariance * design_effect(take, icc) / (take * (cv or 1.0) ** 2)
    exact = number * take
    return ClusterSize(math.ceil(exact - 1e-9), exact, number, take, number * per_cluster)


def design_effect(take: float, rho: float) -> float:
    """Return 1 + (b − 1) ρ: what drawing ``take`` persons together costs in variance.

    Examples
    --------
    >>> design_effect(11, 0.05)
    1.5
    """
    return 1 + max(take - 1, 0) * rho


def half_width(p: float, n: float, *, deff: float = 1.0, level: float = 0.95) -> float:
    """Return the expected half-width of the interval of a share from ``n`` responses."""
    _check("p", p, 0, 1)
    _check("n", n, 0, math.inf)
    return _quantile(level) * math.sqrt(deff * p * (1 - p) / n)


def _issued(
    exact: float, less: int, population: int | None, deff: float, response: float
) -> SampleSize:
    """Correct for the finite population, then for the design, then for nonresponse."""
    _check("deff", deff, 0, math.inf)
    if not 0 < response <= 1:
        _check("response", response, 0, 1)
    if population is not None:
        _check("population", population, 0, math.inf)
        exact /= 1 + (exact - less) / population
    exact *= deff / response
    return SampleSize(math.ceil(exact - 1e-9), exact)


def _solve(width: Callable[[float], float], half: float) -> float:
    low, high = 1e-9, 1e15
    for _ in range(300):
        middle = math.sqrt(low * high)
        low, high = (middle, high) if width(middle) > half else (low, middle)
    return high


def _logit_half_width(p: float, reach: float) -> float:
    middle = math.log(p / (1 - p))
    high, low = (1 / (1 + math.exp(-min(x, 700.0))) for x in (middle + reach, middle - reach))
    return (high - low) / 2


def _quantile(confidence: float) -> float:
    _check("confidence", confidence, 0, 1)
    return NormalDist().inv_cdf((1 + confidence) / 2)


def _check(name: str, value: float, low: float, high: float) -> None:
    if not (low < value < high):
        raise _refusal(
            "size-value-out-of-range",
            Words(
                f"{name} = {value:g} phải nằm giữa {low:g} và {high:g}.",
                f"{name} is {value:g}; it must lie between {low:g} and {high:g}.",
            ),
        )


def _refusal(code: str, message: Words) -> DesignError:
    return DesignError(
        Finding(code, message, Words("Hãy xem lại giá trị.", "Look at what was passed."))
    )
