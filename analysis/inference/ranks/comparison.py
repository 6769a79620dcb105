"""Whether two units differ: one pair alone, each with the next, or all pairs at once.

One pair alone may be judged by its own interval. Who looks at many pairs will find some that
differ by chance; `pairwise` holds the risk of a single wrong call among all pairs.
Differences are in the unit of the values.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise as consecutive
from typing import Any

import numpy as np
import pandas as pd
from scipy import special

from analysis.estimation import Estimates
from analysis.inference.ranks import max_t
from analysis.inference.ranks.order import Floats
from analysis.inference.ranks.values import Values, refusal, take
from intake.findings import Words

METHODS = ("max_t", "holm", "none")
_BLOCK = 4_000_000


@dataclass(frozen=True)
class Comparison:
    """Two values side by side: their difference, its interval, and whether it excludes zero."""

    difference: float
    low: float
    high: float
    differ: bool

    @property
    def words(self) -> Words:
        """The statement to print beside two neighbours of a ranking."""
        if self.differ:
            return Words("Khác biệt có ý nghĩa thống kê.", "The difference is significant.")
        return Words("Không khác biệt có ý nghĩa thống kê.", "The difference is not significant.")


def compare(
    a: float,
    b: float,
    se_a: float,
    se_b: float,
    *,
    covariance: float = 0.0,
    level: float = 0.95,
    df: float | None = None,
) -> Comparison:
    """Say whether two estimates differ: the interval of their difference excludes zero.

    Examples
    --------
    >>> compare(80.0, 79.0, 1.0, 1.0).differ
    False
    """
    variance = max(se_a**2 + se_b**2 - 2 * covariance, 0.0)
    tail = 1 - (1 - level) / 2
    quantile = float(special.ndtri(tail) if df is None else special.stdtrit(df, tail))
    reach = 0.0 if variance == 0 else quantile * variance**0.5
    difference = a - b
    low, high = difference - reach, difference + reach
    return Comparison(difference, low, high, bool(low > 0 or high < 0))


def neighbours(
    values: Sequence[float] | Floats,
    se: Sequence[float] | Floats,
    names: Sequence[str] | None = None,
    level: float = 0.95,
) -> pd.DataFrame:
    """Compare each unit with the next one in the ranking, each pair for itself.

    Returns
    -------
    pandas.DataFrame
        ``unit, next_unit, difference, low, high, differ``, from the highest value down;
        missing values are left out.

    Examples
    --------
    >>> neighbours([90.0, 80.0, 79.0], [1.0, 1.0, 1.0], ["a", "b", "c"])["differ"].tolist()
    [True, False]
    """
    value, error = np.asarray(values, dtype=np.float64), np.asarray(se, dtype=np.float64)
    labels = [str(k) for k in range(len(value))] if names is None else [str(n) for n in names]
    known = [k for k in range(len(value)) if np.isfinite(value[k]) and np.isfinite(error[k])]
    order = sorted(known, key=lambda k: (-value[k], labels[k]))
    rows: list[dict[str, Any]] = []
    for first, second in consecutive(order):
        found = compare(value[first], value[second], error[first], error[second], level=level)
        rows.append(
            {
                "unit": labels[first],
                "next_unit": labels[second],
                "difference": found.difference,
                "low": found.low,
                "high": found.high,
                "differ": found.differ,
            }
        )
    columns = ["unit", "next_unit", "difference", "low", "high", "differ"]
    return pd.DataFrame(rows, columns=columns)


def pairwise(
    estimates: Estimates | pd.DataFrame | Sequence[float] | Floats,
    se: Sequence[float] | Floats | None = None,
    names: Sequence[str] | None = None,
    *,
    method: str = "max_t",
    level: float = 0.95,
    df: float | Sequence[float] | Floats | None = None,
    covariance: Floats | None = None,
    draws: int = max_t.DRAWS,
    seed: int = max_t.SEED,
) -> pd.DataFrame:
    """Compare all pairs; with confidence ``level`` no pair is called in the wrong order.

    Parameters
    ----------
    estimates, se, df, covariance, level, draws, seed
        As for `joint_intervals`.
    names
        Names of the units; without as for `joint_intervals`.
    method
        ``max_t``: stepdown over the joint distribution; ``holm``: from the pairs' own p-values
        (t on Satterthwaite's degrees of freedom); ``none``: each pair for itself.

    Returns
    -------
    pandas.DataFrame
        ``unit, other, difference, se, low, high, t, p, differ``, the higher value first, in
        the order of the ranking; K (K − 1) / 2 rows for K known values. ``p`` is adjusted for
        all pairs, and ``differ`` is p ≤ 1 − level. The interval holds for all pairs at the
        same time (``holm``: by Bonferroni); being of one step it can touch zero where the
        sharper stepdown tells a pair apart.

    Raises
    ------
    EstimationError
        As `joint_intervals`, and ``ranks-names``.

    References
    ----------
    Romano, J. P., Wolf, M. (2005). Exact and approximate stepdown methods for multiple
    hypothesis testing. Journal of the American Statistical Association 100, 94-108.

    Examples
    --------
    >>> table = pairwise([90.0, 80.0, 79.0], [1.0, 1.0, 1.0], ["a", "b", "c"])
    >>> table[["unit", "other", "differ"]].values.tolist()
    [['a', 'b', True], ['a', 'c', True], ['b', 'c', False]]
    """
    if method not in METHODS:
        raise refusal("ranks-method", f"method={method!r}; {', '.join(METHODS)}")
    values = take(estimates, se, df, covariance, level)
    label = np.array(values.label(names), dtype=object)[values.known]
    mean = values.mean
    order = np.lexsort((np.arange(len(mean)), -mean))
    upper, lower = np.triu_indices(len(mean), k=1)
    first, second = order[upper], order[lower]
    t = max_t.studentised(values)[first, second]
    error = _standard_error(values, first, second)
    if method == "max_t":
        p, step_bar = _stepdown(values, first, second, t, level, draws, seed)
        bar = np.full(len(t), step_bar)
    else:
        p, bar = _own(values, first, second, t, level, holm=method == "holm")
    reach = np.where(error == 0, 0.0, bar * np.where(error == 0, 1.0, error))
    difference = mean[first] - mean[second]
    return pd.DataFrame(
        {
            "unit": label[first],
            "other": label[second],
            "difference": difference,
            "se": error,
            "low": difference - reach,
            "high": difference + reach,
            "t": t,
            "p": p,
            "differ": p <= 1 - level + 1e-12,
        }
    )


def _standard_error(values: Values, first: np.ndarray, second: np.ndarray) -> Floats:
    own = values.se[first] ** 2 + values.se[second] ** 2
    variance = own if values.covariance is None else own - 2 * values.covariance[first, second]
    return np.sqrt(np.where(variance > 1e-14 * own, variance, 0.0))


def _stepdown(
    values: Values,
    first: np.ndarray,
    second: np.ndarray,
    t: Floats,
    level: float,
    draws: int,
    seed: int,
) -> tuple[Floats, float]:
    """Return stepdown-adjusted p-values, and the one-step bar of the intervals."""
    p = np.ones(len(t))
    if not len(t):
        return p, 0.0
    noise = max_t.draw_noise(values, draws, seed)
    bar = max_t.critical(max_t.largest(noise, np.zeros((len(noise.se),) * 2, dtype=bool)), level)
    drawn = np.flatnonzero(np.isfinite(t))
    drawn = drawn[np.argsort(-t[drawn], kind="stable")]
    beyond = np.zeros(drawn.size, dtype=np.int64)
    step = max(1, _BLOCK // max(1, drawn.size))
    for start in range(0, draws, step):
        chance = _differences(noise, slice(start, start + step), first[drawn], second[drawn])
        # The pair in the other direction is never called, so it never leaves the family.
        reverse = (-chance).max(axis=1, initial=-np.inf)[:, None]
        rest = np.maximum.accumulate(chance[:, ::-1], axis=1)[:, ::-1]
        beyond += (np.maximum(rest, reverse) >= t[drawn]).sum(axis=0)
    p[drawn] = np.maximum.accumulate((1.0 + beyond) / (1.0 + draws))
    p[np.isinf(t)] = 0.0
    return p, bar


def _differences(noise: max_t.Noise, part: slice, first: np.ndarray, second: np.ndarray) -> Floats:
    error = noise.error[part]
    scale = noise.spread[part] * noise.se
    variance = scale[:, first] ** 2 + scale[:, second] ** 2
    if noise.correlation is not None:
        variance = variance - 2 * noise.correlation[first, second] * (
            scale[:, first] * scale[:, second]
        )
    difference = error[:, first] - error[:, second]
    return np.asarray(difference / np.sqrt(np.maximum(variance, 1e-300)), dtype=np.float64)


def _own(
    values: Values, first: np.ndarray, second: np.ndarray, t: Floats, level: float, *, holm: bool
) -> tuple[Floats, Floats]:
    """Return p-values from each pair's own t, by Holm or as they are, and the bars."""
    freedom = _pair_df(values, first, second)
    p = 2 * special.stdtr(freedom, -np.abs(t))
    p[np.isinf(freedom)] = 2 * special.ndtr(-np.abs(t[np.isinf(freedom)]))
    tests = max(len(t), 1) if holm else 1
    tail = 1 - (1 - level) / (2 * tests)
    bar = special.stdtrit(freedom, tail)
    bar[np.isinf(freedom)] = special.ndtri(tail)
    if holm and len(p):
        order = np.argsort(p, kind="stable")
        stepped = np.maximum.accumulate(p[order] * np.arange(len(p), 0, -1))
        p = p.copy()
        p[order] = np.minimum(stepped, 1.0)
    return p, bar


def _pair_df(values: Values, first: np.ndarray, second: np.ndarray) -> Floats:
    if isinstance(values.df, float):
        return np.full(len(first), values.df)
    a, b = values.se[first] ** 2, values.se[second] ** 2
    # A value without degrees of freedom leaves its pairs without a call (t is zero there).
    df = np.where(values.df > 0, values.df, 1e-3)
    with np.errstate(invalid="ignore", divide="ignore"):
        welch = (a + b) ** 2 / (a**2 / df[first] + b**2 / df[second])
    return np.where(np.isfinite(welch), welch, np.inf)
