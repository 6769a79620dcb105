"""The variance of a mean over every k-th visit of one segment."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np

from intake.findings import Words
from sampling.visits import checks

METHODS = ("srs", "successive")


def mean_variance(values: Sequence[float], finished: int, *, method: str = "srs") -> float:
    """Return the estimated variance of the mean of one segment's drawn visits.

    No unbiased estimator exists for one systematic sample, since most pairs of visits can
    never be drawn together; the two here are the usual stand-ins (Wolter 2007, chapter 8).

    Parameters
    ----------
    values
        What was observed, in the order of drawing for ``successive``.
    finished
        Transactions finished in the segment, N; f = n/N.
    method
        ``srs``: (1 - f) s² / n, as if drawn at random within the segment; on the safe side
        where satisfaction drifts over the day. ``successive``: (1 - f)/n times the sum of
        squared differences of neighbours over 2 (n - 1); follows a drift, but needs the
        order, which answers never have (they are mixed): for counts and waiting times.

    Raises
    ------
    DesignError
        ``visits-variance-impossible``: fewer than two values, more than ``finished``, or
        one that is no number; ``visits-method-unknown``.

    Examples
    --------
    >>> round(mean_variance([4, 5, 3, 4, 5], 60), 4)
    0.1283
    """
    if method not in METHODS:
        raise checks.refusal(
            "visits-method-unknown",
            Words(f"Không hiểu “{method}”.", f"The method '{method}' is not known."),
            Words(f"Dùng: {', '.join(METHODS)}.", f"Use one of {', '.join(METHODS)}."),
            "method",
        )
    total = checks.whole(finished, "finished")
    numbers = [checks.exact(value) for value in values]
    n = len(numbers)
    if None in numbers or not 2 <= n <= total:
        raise checks.refusal(
            "visits-variance-impossible",
            Words(
                f"Cần từ 2 đến {total} giá trị là số, có {n}.",
                f"2 to {total} numbers are needed; {n} values were given.",
            ),
            Words(
                "Gộp kỳ này với kỳ liền kề, hoặc bỏ ô trống.",
                "Merge the segment with the next one, or leave out empty values.",
            ),
            "values",
        )
    array = np.array([float(value) for value in values])
    if method == "srs":
        spread = float(np.var(array, ddof=1))
    else:
        spread = math.fsum(np.diff(array) ** 2) / (2 * (n - 1))
    return (1 - n / total) * spread / n
