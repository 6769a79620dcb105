"""What drawing people together costs, and how many clusters and interviews are cheapest."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike, NDArray

from sampling.size.checks import as_numbers, check, check_one, refusal
from sampling.size.results import ClusterSize, ThreeStageSize
from sampling.size.single import round_up


def design_effect(
    take: ArrayLike, rho: float, *, relvariance: float = 0.0, weights: ArrayLike | None = None
) -> float:
    """Return (1 + cv_w²) (1 + (b̄ − 1) ρ): what clusters and unequal weights cost.

    Parameters
    ----------
    take
        Answers in a cluster, one number b̄; or shape (C,), answers in each cluster, and
        then b̄ = Σ (b w)² / Σ b w², which is Σ b² / Σ b with equal weights.
    rho
        Intraclass correlation, from −1 to 1; a take below 1 counts as 1.
    relvariance
        cv_w², the relative variance of the weights (standard deviation over mean, squared).
    weights
        Shape (C,): the weight of the persons of each cluster; gives cv_w² itself.

    References
    ----------
    Kish, L. (1987). Weighting in deft². The Survey Statistician, June 1987, 26-30.
    Gabler, S., Häder, S., Lahiri, P. (1999). A model based justification of Kish's formula
    for design effects for weighting and clustering. Survey Methodology 25, 105-106.

    Examples
    --------
    >>> design_effect(11, 0.05)
    1.5
    >>> round(design_effect([5, 15], 0.1), 6)
    2.15
    >>> design_effect(11, 0.05, relvariance=0.5)
    2.25
    """
    check("rho", rho, -1, 1, closed="low high")
    check("relvariance", relvariance, 0, math.inf, closed="low")
    takes = _positive("take", take)
    if takes.ndim == 0 and weights is None:
        return (1 + relvariance) * (1 + max(float(takes) - 1, 0.0) * rho)
    takes = np.atleast_1d(takes)
    w = np.ones_like(takes) if weights is None else _positive("weights", weights)
    if w.shape != takes.shape:
        raise refusal(
            "size-length-differs",
            f"Có {takes.size} cụm nhưng {w.size} quyền số.",
            f"There are {takes.size} clusters but {w.size} weights.",
            "Ghi một quyền số cho mỗi cụm.",
            "Give one weight for each cluster.",
            path="weights",
        )
    squares = float((takes * w**2).sum())
    unequal = float(takes.sum()) * squares / float((takes * w).sum()) ** 2
    mean_take = float(((takes * w) ** 2).sum()) / squares
    return (1 + relvariance) * unequal * (1 + max(mean_take - 1, 0.0) * rho)


def clusters(
    cost_cluster: float,
    cost_interview: float,
    icc: float,
    unit_relvariance: float,
    *,
    cv: float | None = None,
    budget: float | None = None,
    largest_take: float = math.inf,
    response: float = 1.0,
    eligible: float = 1.0,
) -> ClusterSize:
    """Return the cheapest number of clusters and interviews in each, for a cv or a budget.

    The best take is sqrt(C1 / C2 · (1 − ρ) / ρ), kept between 1 and ``largest_take``: at
    ρ = 1 one interview tells all of a cluster; at ρ = 0 one cluster is enough. There is
    at least one cluster.

    Parameters
    ----------
    cost_cluster, cost_interview
        C1 of one more cluster and C2 of one more interview, above 0, in one currency.
    icc
        ρ, from 0 to 1.
    unit_relvariance
        Relative variance of a value, S² / mean².
    largest_take
        Persons that a cluster can give at most.
    response, eligible
        Expected rates; ``n`` and ``exact`` are cases to issue, everything else is of answers.

    References
    ----------
    Hansen, M. H., Hurwitz, W. N., Madow, W. G. (1953). Sample Survey Methods and Theory I,
    chapter 6.

    Examples
    --------
    >>> found = clusters(750, 100, 0.05, 1.0, budget=100_000)
    >>> round(found.clusters, 1), round(found.take, 1), round(found.cv, 4)
    (51.4, 11.9, 0.0502)
    """
    c1 = check("cost_cluster", cost_cluster, 0, math.inf)
    c2 = check("cost_interview", cost_interview, 0, math.inf)
    check("icc", icc, 0, 1, closed="low high")
    check("unit_relvariance", unit_relvariance, 0, math.inf)
    if largest_take != math.inf:
        check("largest_take", largest_take, 1, math.inf, closed="low")
    said = check_one(cv=cv, budget=budget)
    take = math.sqrt(c1 / c2 * (1 - icc) / icc) if icc > 0 else math.inf
    take = min(max(take, 1.0), largest_take)
    if said == "budget":
        number, take = _within_budget(check("budget", budget, 0, math.inf), c1, c2, take)
    else:
        target = check("cv", cv, 0, math.inf) ** 2 / unit_relvariance
        number, take = _for_target(target, icc, take)
    exact = number * take / _issue_rate(response, eligible)
    reached = math.sqrt(unit_relvariance * (1 + (take - 1) * icc) / (number * take))
    cost = number * (c1 + c2 * take)
    return ClusterSize(round_up(exact), exact, number, take, cost, reached)


def _within_budget(budget: float, c1: float, c2: float, take: float) -> tuple[float, float]:
    """Return clusters and take that spend the budget, at least one of each."""
    if budget < c1 + c2:
        raise refusal(
            "size-budget-too-small",
            f"Kinh phí {budget:g} không đủ cho một cụm với một phiếu ({c1 + c2:g}).",
            f"The budget of {budget:g} does not pay one cluster with one interview ({c1 + c2:g}).",
            f"Cần ít nhất {c1 + c2:g}.",
            f"It takes at least {c1 + c2:g}.",
            path="budget",
        )
    if math.isinf(take) or budget < c1 + c2 * take:
        return 1.0, (budget - c1) / c2
    return budget / (c1 + c2 * take), take


def _for_target(target: float, icc: float, take: float) -> tuple[float, float]:
    """Return clusters and take for (1 + (b − 1) ρ) / (m b) = target, with m at least 1."""
    if math.isfinite(take):
        number = (1 + (take - 1) * icc) / (take * target)
        if number >= 1:
            return number, take
    return 1.0, max((1 - icc) / (target - icc), 1.0)


def clusters_three_stages(
    costs: tuple[float, float, float],
    icc_clusters: float,
    icc_units: float,
    unit_relvariance: float,
    *,
    cv: float | None = None,
    budget: float | None = None,
    ratios: tuple[float, float] = (1.0, 1.0),
    response: float = 1.0,
    eligible: float = 1.0,
) -> ThreeStageSize:
    """Return the cheapest numbers of communes, villages in each, and interviews in each.

    relvariance = V / (m n q) · (k1 δ1 n q + k2 (1 + δ2 (q − 1))), cost = m (C1 + n (C2 + q C3));
    q = sqrt((1 − δ2) / δ2 · C2 / C3), n = sqrt((1 − δ2) / δ1 · C1 / C3 · k2 / k1) / q, both at
    least 1 (with n at 1 the best q is that of clusters costing C1 + C2).

    Parameters
    ----------
    costs
        C1 of a first-stage unit, C2 of a second-stage unit, C3 of an interview.
    icc_clusters, icc_units
        δ1 between values of a first-stage unit, above 0 and at most 1; δ2 between values
        of a second-stage unit, above 0 and at most 1.
    ratios
        k1 and k2: the relative variance between first-stage units and within them, as
        ratios to ``unit_relvariance``; 1 and 1 unless sizes vary much.

    References
    ----------
    Hansen, M. H., Hurwitz, W. N., Madow, W. G. (1953). Sample Survey Methods and Theory I,
    chapter 7.
    Valliant, R., Dever, J. A., Kreuter, F. (2018). Practical Tools for Designing and
    Weighting Survey Samples, 2nd ed., chapter 9.

    Examples
    --------
    >>> found = clusters_three_stages((500, 100, 120), 0.01, 0.10, 1.0, budget=100_000)
    >>> round(found.clusters, 1), round(found.units, 1), round(found.take, 1)
    (28.3, 7.1, 2.7)
    """
    c1, c2, c3 = _several("costs", costs, 3)
    k1, k2 = _several("ratios", ratios, 2)
    d1 = check("icc_clusters", icc_clusters, 0, 1, closed="high")
    d2 = check("icc_units", icc_units, 0, 1, closed="high")
    check("unit_relvariance", unit_relvariance, 0, math.inf)
    said = check_one(cv=cv, budget=budget)
    take = max(math.sqrt((1 - d2) / d2 * c2 / c3), 1.0)
    units = math.sqrt(k2 * (1 + d2 * (take - 1)) / (k1 * d1 * take) * c1 / (c2 + c3 * take))
    if units < 1:
        units = 1.0
        take = max(math.sqrt(k2 * (1 - d2) / (k1 * d1 + k2 * d2) * (c1 + c2) / c3), 1.0)
    per_cluster = c1 + units * (c2 + take * c3)
    unit = k1 * d1 + k2 * (1 + d2 * (take - 1)) / (units * take)
    if said == "budget":
        number = check("budget", budget, 0, math.inf) / per_cluster
    else:
        number = unit_relvariance * unit / check("cv", cv, 0, math.inf) ** 2
    exact = number * units * take / _issue_rate(response, eligible)
    reached = math.sqrt(unit_relvariance * unit / number)
    return ThreeStageSize(
        round_up(exact), exact, number, units, take, number * per_cluster, reached
    )


def _several(name: str, values: Sequence[float], count: int) -> list[float]:
    if len(values) != count:
        raise refusal(
            "size-length-differs",
            f"{name} phải có {count} giá trị, ở đây có {len(values)}.",
            f"{name} has {len(values)} values; it takes {count}.",
            f"Ghi đủ {count} giá trị.",
            f"Give {count} values.",
            path=name,
        )
    return [check(f"{name}[{at}]", value, 0, math.inf) for at, value in enumerate(values)]


def _issue_rate(response: float, eligible: float) -> float:
    check("response", response, 0, 1, closed="high")
    check("eligible", eligible, 0, 1, closed="high")
    return response * eligible


def _positive(name: str, values: ArrayLike) -> NDArray[np.float64]:
    """Return a number or a row of positive numbers."""
    numbers = as_numbers(values)
    if numbers.ndim > 1 or not numbers.size:
        check(name, "", 0, math.inf)
    for number in np.atleast_1d(numbers)[~(np.atleast_1d(numbers) > 0)][:1]:
        check(name, float(number), 0, math.inf, closed="low" if numbers.ndim == 0 else "")
    if not np.isfinite(numbers).all():
        check(name, math.inf, 0, math.inf)
    return numbers
