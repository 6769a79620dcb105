"""How many to tell two groups or two rounds apart."""

from __future__ import annotations

import math
from statistics import NormalDist
from typing import Literal

from sampling.size.checks import check, refusal
from sampling.size.results import PairSizes
from sampling.size.single import issued


def difference(
    first: float,
    second: float,
    *,
    sds: tuple[float, float] | None = None,
    confidence: float = 0.95,
    power: float = 0.8,
    alternative: Literal["two-sided", "one-sided"] = "two-sided",
    ratio: float = 1.0,
    overlap: float = 0.0,
    correlation: float = 0.0,
    deff: float = 1.0,
    response: float = 1.0,
    eligible: float = 1.0,
) -> PairSizes:
    """Return how many cases two groups or rounds need for their difference to be seen.

    n1 = (z_α + z_β)² (S1² + r S2² − 2 γ r ρ S1 S2) / Δ², n2 = n1 / r.

    Parameters
    ----------
    first, second
        The shares expected; with ``sds`` the means expected, in their unit.
    sds
        Standard deviations of the values in the two groups, when means are compared.
    power
        Chance that a difference of this size is found.
    ratio
        r = n1 / n2, above 0.
    overlap
        γ, the part of the first sample that is also in the second (a panel), 0 to
        min(1, 1 / r); ``correlation`` is ρ between the two answers of such a person.

    Returns
    -------
    PairSizes
        ``.n`` and ``.exact`` of the first, ``.second`` and ``.exact_second`` of the other.

    Raises
    ------
    DesignError
        The two are equal, a value lies outside its range, or two shares cannot have that
        correlation.

    References
    ----------
    Valliant, R., Dever, J. A., Kreuter, F. (2018). Practical Tools for Designing and
    Weighting Survey Samples, 2nd ed., chapter 4.

    Examples
    --------
    >>> difference(0.80, 0.75).n
    1091
    >>> difference(0.80, 0.75, overlap=0.5, correlation=0.6).n
    765
    """
    s1, s2 = _spreads(first, second, sds, correlation)
    check("power", power, 0, 1)
    check("ratio", ratio, 0, math.inf)
    check("overlap", overlap, 0, min(1.0, 1 / ratio), closed="low high")
    check("confidence", confidence, 0, 1)
    if alternative not in ("two-sided", "one-sided"):
        raise refusal(
            "size-alternative-unknown",
            f"Không có kiểm định “{alternative}”.",
            f"There is no alternative '{alternative}'.",
            "Chọn 'two-sided' (hai phía) hoặc 'one-sided' (một phía).",
            "Choose 'two-sided' or 'one-sided'.",
            path="alternative",
        )
    if first == second:
        raise refusal(
            "size-shares-equal",
            f"Hai giá trị bằng nhau ({first:g}), cỡ mẫu nào cũng không phân biệt được.",
            f"Both values are {first:g}: no number of cases tells them apart.",
            "Ghi chênh lệch nhỏ nhất cần phát hiện.",
            "Give the least difference that must be seen.",
        )
    normal = NormalDist()
    side = (1 + confidence) / 2 if alternative == "two-sided" else confidence
    reach = max(normal.inv_cdf(side) + normal.inv_cdf(power), 0.0)
    unit = s1**2 + ratio * s2**2 - 2 * overlap * ratio * correlation * s1 * s2
    exact = reach**2 * unit / (first - second) ** 2
    one = issued(exact, None, deff, response, eligible)
    other = issued(exact / ratio, None, deff, response, eligible)
    return PairSizes(one.n, one.exact, one.respondents, second=other.n, exact_second=other.exact)


def _spreads(
    first: float, second: float, sds: tuple[float, float] | None, correlation: float
) -> tuple[float, float]:
    """Return the two standard deviations; for shares, refuse a correlation they cannot have."""
    if sds is not None:
        for name, value in (("first", first), ("second", second)):
            check(name, value, -math.inf, math.inf)
        check("correlation", correlation, -1, 1, closed="low high")
        given = (*(sds if isinstance(sds, tuple | list) else ()), None, None)
        s1, s2 = (check(f"sds[{at}]", given[at], 0, math.inf) for at in (0, 1))
        return s1, s2
    check("p1", first, 0, 1)
    check("p2", second, 0, 1)
    s1, s2 = math.sqrt(first * (1 - first)), math.sqrt(second * (1 - second))
    # The part with both lies between max(0, p1 + p2 − 1) and min(p1, p2).
    low = (max(0.0, first + second - 1) - first * second) / (s1 * s2)
    high = (min(first, second) - first * second) / (s1 * s2)
    if not low - 1e-12 <= correlation <= high + 1e-12:
        raise refusal(
            "size-correlation-impossible",
            f"Hai tỷ lệ {first:g} và {second:g} không thể có tương quan {correlation:g}.",
            f"Shares of {first:g} and {second:g} cannot have the correlation {correlation:g}.",
            f"Tương quan chỉ có thể từ {low:.4f} đến {high:.4f}.",
            f"It can lie from {low:.4f} to {high:.4f}.",
            path="correlation",
        )
    return s1, s2
