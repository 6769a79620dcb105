"""How many for one share or one mean, and the ministry's formula.

All answers are for simple random sampling, then multiplied by the design effect (that is
how many must answer) and divided by the expected rates of response and of eligible cases
(that is how many to issue). ``n`` is rounded up, ``exact`` is not. A ``population`` counts
eligible persons; its list holds ``population / eligible``.
"""

from __future__ import annotations

import math

import numpy as np

from intake.findings import Words
from sampling.size.checks import check, check_one, quantile, refusal
from sampling.size.intervals import Method, answers_for, check_method, limited
from sampling.size.results import NOTHING_ASSUMED, SampleSize

MINISTRY = Words(
    "Công thức n = N/(1 + N·e²) giả định: chọn ngẫu nhiên đơn giản từ toàn bộ N; tỷ lệ bằng "
    "0,5 (trường hợp phân tán nhất); z = 2, tức độ tin cậy khoảng 95,45 %; không chọn theo "
    "cụm, không có quyền số khác nhau; mọi phiếu đều được trả lời. Nếu chọn theo cụm hoặc "
    "có người không trả lời thì phải nhân với hệ số thiết kế và chia cho tỷ lệ trả lời.",
    "The formula n = N/(1 + N·e²) takes for granted: a simple random sample from all N; a "
    "share of 0.5 (the widest case); z = 2, a confidence of about 95.45 %; no clusters and "
    "no unequal weights; an answer from everybody. With clusters or nonresponse the result "
    "must be multiplied by the design effect and divided by the response rate.",
)


def share(
    p: float,
    *,
    margin: float | None = None,
    relative_margin: float | None = None,
    cv: float | None = None,
    confidence: float = 0.95,
    population: float | None = None,
    method: Method = "wald",
    deff: float = 1.0,
    response: float = 1.0,
    eligible: float = 1.0,
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
    deff, response, eligible
        Design effect; expected rates of response and of eligible cases, above 0, at most 1.

    Raises
    ------
    DesignError
        A value lies outside its range, or the precision is not said exactly once.

    Notes
    -----
    With a finite population n = n0 / (1 + (n0 − 1) / N). The logit size alone uses
    1 / n = N / (N − 1) / n0 + 1 / N, as PracTools has it. From the variance
    of a share, S² = N p q / (N − 1), one would expect N − 1 over N instead: its n is smaller by
    less than 2 / N of n.

    References
    ----------
    Cochran, W. G. (1977). Sampling Techniques, 3rd ed., sections 4.4 and 4.5.
    Valliant, R., Dever, J. A., Kreuter, F. (2018). Practical Tools for Designing and
    Weighting Survey Samples, 2nd ed., chapter 3.

    Examples
    --------
    >>> share(0.5, margin=0.05).n
    385
    >>> share(0.5, margin=0.05, population=1000, response=0.8, eligible=0.95).n
    366
    """
    check("p", p, 0, 1)
    said = check_one(margin=margin, relative_margin=relative_margin, cv=cv)
    z = quantile(confidence)
    check_method(method)
    if said == "cv":
        check("cv", cv, 0, math.inf)
        exact = (1 - p) / p / (cv or 1.0) ** 2
    else:
        half = margin if margin is not None else p * check_relative(relative_margin)
        check("margin", half, 0, 1 if method == "wald" else 0.5)
        exact = float(answers_for(np.asarray(p, float), np.asarray(half, float), z, method))
    if population is not None:
        check("population", population, 1, math.inf)
        if method == "logit" and said != "cv":
            exact = 1 / (population / (population - 1) / exact + 1 / population)
        else:
            exact = limited(exact, 1, float(population))
    return issued(exact, population, deff, response, eligible)


def mean(
    sd: float,
    *,
    margin: float | None = None,
    relative_margin: float | None = None,
    cv: float | None = None,
    mean: float | None = None,
    confidence: float = 0.95,
    population: float | None = None,
    deff: float = 1.0,
    response: float = 1.0,
    eligible: float = 1.0,
) -> SampleSize:
    """Return how many cases a mean needs whose values have the standard deviation ``sd``.

    Parameters
    ----------
    sd
        Standard deviation of the values, in their unit, above 0.
    margin, relative_margin, cv
        Half-width of the interval in the unit of the values, the same as a part of
        ``mean``, or the standard error as a part of ``mean``: exactly one of them.
    mean
        The mean expected; the last two need it. Who knows only the population's cv gives
        it as ``sd`` with ``mean=1``.

    References
    ----------
    Cochran, W. G. (1977). Sampling Techniques, 3rd ed., section 4.6.

    Examples
    --------
    >>> mean(15, margin=2).n
    217
    >>> mean(15, mean=75, cv=0.01).n
    400
    """
    check("sd", sd, 0, math.inf)
    said = check_one(margin=margin, relative_margin=relative_margin, cv=cv)
    reach = 1.0 if said == "cv" else quantile(confidence)
    error = check(said, margin or relative_margin or cv or 0.0, 0, math.inf)
    if said != "margin":
        if mean is None:
            raise refusal(
                "size-mean-missing",
                f"Muốn dùng {said} phải ghi số trung bình dự kiến.",
                f"A {said} is a part of the mean, which is not given.",
                "Ghi thêm mean=….",
                "Add mean=….",
                path="mean",
            )
        error *= check("abs(mean)", abs(check("mean", mean, -math.inf, math.inf)), 0, math.inf)
    exact = (reach * sd / error) ** 2
    if population is not None:
        check("population", population, 0, math.inf)
        exact = limited(exact, 0, float(population))
    return issued(exact, population, deff, response, eligible)


def ministry(
    N: float,  # noqa: N803
    e: float = 0.05,
    *,
    deff: float = 1.0,
    response: float = 1.0,
    eligible: float = 1.0,
) -> SampleSize:
    """Return the classic n = N / (1 + N e²) of the ministry's guidance.

    ``N`` is the number of transactions (or persons) in the period, ``e`` the half-width.
    The formula assumes a simple random sample, a share of 0.5, z = 2 (95.45 %), no
    clusters and an answer from everybody; the result says so in ``assumptions``, in
    Vietnamese and English. ``deff``, ``response`` and ``eligible`` mend the last two.

    References
    ----------
    Yamane, T. (1967). Statistics: An Introductory Analysis, 2nd ed.

    Examples
    --------
    >>> ministry(1000).n
    286
    """
    check("N", N, 0, math.inf)
    check("e", e, 0, 1)
    return issued(N / (1 + N * e**2), N, deff, response, eligible, MINISTRY)


def check_relative(relative_margin: float | None) -> float:
    """Return a relative margin that is a positive number."""
    return check("relative_margin", relative_margin, 0, math.inf)


def issued(
    exact: float,
    population: float | None,
    deff: float,
    response: float,
    eligible: float,
    assumptions: Words = NOTHING_ASSUMED,
) -> SampleSize:
    """Return the cases to issue for a simple random sample of ``exact`` answers."""
    check("deff", deff, 0, math.inf)
    check("response", response, 0, 1, closed="high")
    check("eligible", eligible, 0, 1, closed="high")
    respondents = exact * deff
    cases = respondents / (response * eligible)
    n = round_up(cases)
    # A list of N eligible persons holds N / eligible entries; none can be issued twice.
    possible = population is None or cases <= population / eligible * (1 + 1e-12)
    return SampleSize(n, cases, respondents, possible, assumptions)


def round_up(exact: float) -> int:
    """Return the next whole number; a billionth above one still counts as that one."""
    return math.ceil(exact - 1e-9)
