"""How wide an interval of a share is with n answers, and how many answers a width needs.

Both directions in closed form, for numbers and arrays alike, so that thousands of domains
cost no more than one. Half-widths are parts of one (0.05 is five points).
"""

from __future__ import annotations

from typing import Literal, TypeAlias, TypeVar

import numpy as np
from numpy.typing import NDArray

from sampling.size.checks import check, quantile, refusal

Method: TypeAlias = Literal["wald", "wilson", "logit"]
METHODS = ("wald", "wilson", "logit")
Numbers = TypeVar("Numbers", float, NDArray[np.float64])


def half_width(
    p: float,
    n: float,
    *,
    deff: float = 1.0,
    level: float = 0.95,
    population: float | None = None,
    method: Method = "wald",
) -> float:
    """Return the expected half-width of the interval of a share from ``n`` answers.

    Parameters
    ----------
    p
        The share expected, between 0 and 1.
    n
        Answers, above 0; divided by ``deff`` they are worth that many of a simple random
        sample, whose finite population is ``population`` persons.

    Examples
    --------
    >>> round(half_width(0.8, 400, deff=4), 4)
    0.0784
    """
    check("p", p, 0, 1)
    check("n", n, 0, np.inf)
    check("deff", deff, 0, np.inf)
    check_method(method)
    worth = n / deff
    if population is not None:
        check("population", population, 1, np.inf)
        if worth >= population:
            return 0.0
        worth = unlimited(worth, 1, population)
    return float(width_of(np.asarray(p, float), np.asarray(worth, float), quantile(level), method))


def check_method(method: str) -> None:
    """Refuse an interval that is not known."""
    if method not in METHODS:
        raise refusal(
            "size-method-unknown",
            f"Không có loại khoảng “{method}”.",
            f"There is no interval '{method}'.",
            f"Chọn một trong: {', '.join(METHODS)}.",
            f"Choose one of: {', '.join(METHODS)}.",
            path="method",
        )


def answers_for(
    p: NDArray[np.float64], half: NDArray[np.float64], z: float, method: str
) -> NDArray[np.float64]:
    """Return the answers of a simple random sample that give the half-width ``half``.

    Wald: n = z² p q / e². Wilson: half the length of the score interval equals e, which is
    a quadratic in n. Logit: the interval of the log-odds, brought back to shares, has the
    length 2 e, which is a quadratic in exp(z / sqrt(n p q)). The last two need e < 1/2.

    References
    ----------
    Wilson, E. B. (1927). Probable inference, the law of succession, and statistical
    inference. Journal of the American Statistical Association 22, 209-212.
    Valliant, R., Dever, J. A., Kreuter, F. (2018). Practical Tools for Designing and
    Weighting Survey Samples, 2nd ed., chapter 3.
    """
    spread = p * (1 - p)
    if method == "wald":
        return np.asarray(z * z * spread / half**2)
    if method == "wilson":
        middle = spread - 2 * half**2
        root = np.sqrt(middle**2 + half**2 - 4 * half**4)
        return np.asarray(z * z * (middle + root) / (2 * half**2))
    odds = (1 - p) / p
    linear = half * (1 + odds**2)
    reach = (linear + np.sqrt(linear**2 + odds**2 * (1 - 4 * half**2))) / (odds * (1 - 2 * half))
    return np.asarray((z / np.log(reach)) ** 2 / spread)


def width_of(
    p: NDArray[np.float64], n: NDArray[np.float64], z: float, method: str
) -> NDArray[np.float64]:
    """Return the half-width that ``n`` answers of a simple random sample give."""
    spread = p * (1 - p)
    if method == "wald":
        return np.asarray(z * np.sqrt(spread / n))
    if method == "wilson":
        return np.asarray(z * np.sqrt(spread * n + z * z / 4) / (n + z * z))
    reach = np.exp(-np.minimum(z / np.sqrt(n * spread), 700.0))
    odds = (1 - p) / p
    return np.asarray((1 / (1 + odds * reach) - reach / (reach + odds)) / 2)


def limited(exact: Numbers, less: int, population: Numbers) -> Numbers:
    """Return a size for a finite population: n0 / (1 + (n0 − less) / N).

    ``less`` is 1 where the variance is that of a share, S² = N p q / (N − 1), and 0 where
    S² itself is given (Cochran 1977, sections 4.4 and 4.6).
    """
    return exact / (1 + (exact - less) / population)


def unlimited(exact: Numbers, less: int, population: Numbers) -> Numbers:
    """Return what :func:`limited` was made from."""
    return exact * (1 - less / population) / (1 - exact / population)
