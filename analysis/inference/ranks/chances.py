"""How probable each rank is, a place among the first k, and each band.

The true values are drawn around the estimates, as if nothing else were known about them (a
flat prior), and ranked. Such probabilities help to read a ranking; they are no confidence
statement, and they spread further than the truth does when many values are alike.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy import special

from analysis.estimation import Estimates
from analysis.inference.ranks.max_t import SEED, draw_noise
from analysis.inference.ranks.order import Floats, ranks_by_row
from analysis.inference.ranks.values import Values, refusal, take

_BLOCK = 4_000_000


@dataclass(frozen=True, eq=False)
class Chances:
    """Probabilities, one row per unit in the order of the input, empty where it has no value.

    ``rank`` has a column per rank 1 … K, ``top`` a column per k, ``band`` a column per band
    from the lowest up; each row of ``rank`` and ``band`` adds to 1.
    """

    rank: pd.DataFrame
    top: pd.DataFrame
    band: pd.DataFrame


def probabilities(
    estimates: Estimates | pd.DataFrame | Sequence[float] | Floats,
    se: Sequence[float] | Floats | None = None,
    names: Sequence[str] | None = None,
    *,
    top: int | Sequence[int] = (1, 3, 10),
    thresholds: Sequence[float] = (),
    bands: Sequence[str] | None = None,
    df: float | Sequence[float] | Floats | None = None,
    covariance: Floats | None = None,
    draws: int = 10_000,
    seed: int = SEED,
) -> Chances:
    """Return the probabilities of ranks, of being among the first k, and of bands.

    Ranks come from draws (their error is about √(p (1 − p) / draws)), bands from the normal or
    t distribution of each value, exactly.

    Parameters
    ----------
    estimates, se, df, covariance, seed
        As for `joint_intervals`.
    names
        Names of the units; without as for `joint_intervals`.
    top
        One or several k; those beyond the number of units are left out when several are given.
    thresholds, bands
        Lower bounds of the bands above the lowest, rising, and the names of all bands from the
        lowest up (without: 1, 2, …). A value equal to a bound belongs to the higher band.

    Returns
    -------
    Chances

    Raises
    ------
    EstimationError
        As `joint_intervals`, and ``ranks-names``, ``ranks-top``, ``ranks-thresholds``.

    References
    ----------
    Goldstein, H., Spiegelhalter, D. J. (1996). League tables and their limitations. Journal of
    the Royal Statistical Society A 159, 385-443.

    Examples
    --------
    >>> found = probabilities([90.0, 80.0], [0.0, 0.0], ["a", "b"], thresholds=[85.0])
    >>> found.top[1].tolist(), found.band.values.tolist()
    ([1.0, 0.0], [[0.0, 1.0], [1.0, 0.0]])
    """
    values = take(estimates, se, df, covariance)
    label = pd.Index(values.label(names), name="unit")
    count = len(values.mean)
    chosen = _places(top, count)
    edges, band_names = _edges(thresholds, bands)
    share = _rank_shares(values, draws, seed)
    cumulated = np.cumsum(share, axis=1)
    held = [k for k in chosen if k <= count]
    return Chances(
        rank=_spread(share, values, label, list(range(1, count + 1))),
        top=_spread(cumulated[:, [k - 1 for k in held]], values, label, held),
        band=_spread(_band_shares(values, edges), values, label, band_names),
    )


def _rank_shares(values: Values, draws: int, seed: int) -> Floats:
    """Return the share of draws (K × K) in which unit j has rank r."""
    count = len(values.mean)
    if not count:
        return np.zeros((0, 0))
    noise = draw_noise(values, draws, seed)
    counts = np.zeros(count * count, dtype=np.int64)
    step = max(1, _BLOCK // count)
    for start in range(0, draws, step):
        part = slice(start, start + step)
        drawn = values.mean + noise.error[part] / noise.spread[part]
        place = ranks_by_row(drawn) - 1
        counts += np.bincount((np.arange(count) * count + place).ravel(), minlength=count * count)
    return counts.reshape(count, count) / draws


def _band_shares(values: Values, edges: Floats) -> Floats:
    """Return the probability (K × bands) that the true value lies in each band."""
    mean, se = values.mean, values.se
    away = edges[None, :] - mean[:, None]
    below = np.where(away > 0, 1.0, 0.0)
    some = se > 0
    z = away[some] / se[some, None]
    freedom = np.broadcast_to(np.asarray(values.df, dtype=np.float64), mean.shape)[some, None]
    t = special.stdtr(np.where(np.isfinite(freedom) & (freedom > 0), freedom, 1.0), z)
    below[some] = np.where(np.isfinite(freedom), t, special.ndtr(z))
    full = np.hstack([np.zeros((len(mean), 1)), below, np.ones((len(mean), 1))])
    return np.diff(full, axis=1)


def _spread(
    table: Floats, values: Values, label: pd.Index, columns: Sequence[object]
) -> pd.DataFrame:
    whole = np.full((len(label), len(columns)), np.nan)
    whole[values.known] = table
    return pd.DataFrame(whole, index=label, columns=list(columns))


def _places(top: int | Sequence[int], count: int) -> list[int]:
    chosen = [top] if isinstance(top, int) else list(top)
    wrong = [k for k in chosen if k < 1 or (isinstance(top, int) and k > count)]
    if wrong:
        raise refusal("ranks-top", str(wrong[0]))
    return chosen


def _edges(thresholds: Sequence[float], bands: Sequence[str] | None) -> tuple[Floats, list[object]]:
    edges = np.asarray(list(thresholds), dtype=np.float64)
    names: list[object] = list(range(1, len(edges) + 2)) if bands is None else list(bands)
    if len(names) != len(edges) + 1 or not np.isfinite(edges).all() or (np.diff(edges) <= 0).any():
        raise refusal("ranks-thresholds", f"{list(thresholds)} / {names}")
    return edges, names
