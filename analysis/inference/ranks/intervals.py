"""Between which ranks every unit surely lies, all units at the same time.

With the stated confidence all true ranks lie in their intervals together. Ranks have no unit;
values and standard errors share theirs.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd
from scipy import special

from analysis.estimation import Estimates
from analysis.inference.ranks import max_t
from analysis.inference.ranks.order import Floats, from_the_top
from analysis.inference.ranks.values import Values, refusal, take

METHODS = ("kww", "max_t")


def joint_intervals(
    estimates: Estimates | pd.DataFrame | Sequence[float] | Floats,
    se: Sequence[float] | Floats | None = None,
    method: str = "kww",
    level: float = 0.95,
    df: float | Sequence[float] | Floats | None = None,
    *,
    covariance: Floats | None = None,
    draws: int = max_t.DRAWS,
    seed: int = max_t.SEED,
    names: Sequence[str] | None = None,
) -> pd.DataFrame:
    """Return ranks with joint intervals.

    ``kww`` gives each value an interval of its own at level ``level ** (1 / K)`` for K values,
    which makes all of them hold together where the estimates are independent (and, being
    symmetric normal intervals, wherever they are not). A unit is surely behind those whose
    interval lies wholly above its own, and surely ahead of those whose interval lies wholly
    below. ``max_t`` looks at the differences themselves, with the joint distribution of the
    estimates and stepdown; its intervals are as sure and mostly shorter.

    Parameters
    ----------
    estimates
        The K values; or `Estimates`, or a table with columns ``value`` and ``se``.
        `Estimates` bring their degrees of freedom and, up to 500 rows, their covariance.
    se
        Standard errors of the values, zero where a value is certain.
    method
        ``kww`` (Klein, Wright and Wieczorek) or ``max_t`` (Mogstad, Romano, Shaikh and
        Wilhelm, drawn from the estimates' normal distribution).
    level
        Joint confidence level.
    df
        Degrees of freedom of each standard error, or one number that they share; normal
        without.
    covariance
        K × K, for ``max_t``; without it the estimates count as independent.
    draws, seed
        How many times chance is drawn for ``max_t``, and from where.
    names
        Names of the units; without, the domains of `Estimates` or a column ``unit``, else
        positions from 0.

    Returns
    -------
    pandas.DataFrame
        ``unit, value, se, rank, rank_low, rank_high`` in the order of the input; a value or
        standard error that is missing has no rank and stands against nobody.

    Raises
    ------
    EstimationError
        ``ranks-method``, ``ranks-shape``, ``ranks-se-absent``, ``ranks-se-negative``,
        ``ranks-level``, ``ranks-df``, ``ranks-covariance``, ``ranks-draws``, ``ranks-names``,
        ``ranks-unit-repeated``.

    References
    ----------
    Klein, M., Wright, T., Wieczorek, J. (2020). A joint confidence region for an overall
    ranking of populations. Journal of the Royal Statistical Society C 69, 589-606.

    Mogstad, M., Romano, J. P., Shaikh, A. M., Wilhelm, D. (2024). Inference for ranks with
    applications to mobility across neighbourhoods and academic achievement across countries.
    Review of Economic Studies 91, 476-518.

    Examples
    --------
    >>> joint_intervals([90.0, 80.0, 79.0], [1.0, 1.0, 1.0])[["rank_low", "rank_high"]].values
    array([[1., 1.],
           [2., 3.],
           [2., 3.]])
    >>> se = [1.0, 1.0, 1.0]
    >>> joint_intervals([90.0, 83.0, 79.6], se, "max_t")["rank_high"].tolist()
    [1.0, 2.0, 3.0]
    >>> joint_intervals([90.0, 83.0, 79.6], se, "kww")["rank_high"].tolist()
    [1.0, 3.0, 3.0]
    """
    if method not in METHODS:
        raise refusal("ranks-method", f"method={method!r}; {', '.join(METHODS)}")
    values = take(estimates, se, df, covariance, level)
    known = values.known
    ranks = np.full(values.value.shape, np.nan)
    best, worst = ranks.copy(), ranks.copy()
    if known.any():
        if method == "kww":
            ahead, behind = _apart(values, level)
        else:
            above = max_t.surely_above(values, level, draws, seed)
            ahead, behind = above.sum(axis=0), above.sum(axis=1)
        ranks[known] = from_the_top(values.mean)
        best[known] = 1 + ahead
        worst[known] = known.sum() - behind
    return pd.DataFrame(
        {
            "unit": values.label(names),
            "value": values.value,
            "se": values.error,
            "rank": ranks,
            "rank_low": best,
            "rank_high": worst,
        }
    )


def _apart(values: Values, level: float) -> tuple[Floats, Floats]:
    """Return how many intervals lie wholly above each one, and how many wholly below."""
    count = len(values.mean)
    single = 1 - (1 - level ** (1 / count)) / 2
    freedom = np.broadcast_to(np.asarray(values.df, dtype=np.float64), (count,))
    quantile = np.full(count, special.ndtri(single))
    few = np.isfinite(freedom)
    quantile[few] = special.stdtrit(np.maximum(freedom[few], 1e-9), single)
    quantile[freedom <= 0] = np.inf
    reach = np.where(values.se == 0, 0.0, quantile * np.where(values.se == 0, 1.0, values.se))
    low, high = values.mean - reach, values.mean + reach
    surely_ahead = count - np.searchsorted(np.sort(low), high, side="right")
    surely_behind = np.searchsorted(np.sort(high), low, side="left")
    return np.asarray(surely_ahead, dtype=np.float64), np.asarray(surely_behind, dtype=np.float64)
