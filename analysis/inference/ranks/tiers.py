"""Which units form groups that cannot be told apart.

A ranking of units whose values hardly differ says more than is known. Tiers say less and can
be defended: the rule below is fixed, and the same input always gives the same tiers.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from analysis.estimation import Estimates
from analysis.inference.ranks import max_t
from analysis.inference.ranks.order import Floats, from_the_top
from analysis.inference.ranks.values import take


def tiers(
    estimates: Estimates | pd.DataFrame | Sequence[float] | Floats,
    se: Sequence[float] | Floats | None = None,
    names: Sequence[str] | None = None,
    *,
    level: float = 0.95,
    df: float | Sequence[float] | Floats | None = None,
    covariance: Floats | None = None,
    draws: int = max_t.DRAWS,
    seed: int = max_t.SEED,
) -> pd.DataFrame:
    """Group the units from the top down into tiers.

    The unit with the highest value leads tier 1. Going down the ranking, the first unit that
    surely lies below the leader opens the next tier and leads it, and so on. "Surely" is meant
    jointly over all pairs, by the stepdown of `joint_intervals` with ``max_t``. So, with
    confidence ``level``, each leader truly lies below the leader before. Within a tier nobody
    up to the next leader can be told from the tier's own leader; two units on either side of a
    border need not differ.

    Parameters
    ----------
    estimates, se, df, covariance, level, draws, seed
        As for `joint_intervals`.
    names
        Names of the units; without as for `joint_intervals`. Equal values are taken in the order
        of the input and share a tier unless one of them is certain.

    Returns
    -------
    pandas.DataFrame
        ``unit, value, se, rank, tier, leader`` in the order of the input; ``tier`` is missing
        where the value or its standard error is.

    Raises
    ------
    EstimationError
        As `joint_intervals`, and ``ranks-names``.

    Examples
    --------
    >>> tiers([90.0, 80.0, 79.0], [1.0, 1.0, 1.0], ["a", "b", "c"])["tier"].tolist()
    [1, 2, 2]
    """
    values = take(estimates, se, df, covariance, level)
    label = values.label(names)
    above = max_t.surely_above(values, level, draws, seed)
    order = np.lexsort((np.arange(len(values.mean)), -values.mean))
    tier = np.zeros(len(order), dtype=np.int64)
    leader = np.zeros(len(order), dtype=np.int64)
    start, number = 0, 0
    while start < len(order):
        number += 1
        below = np.flatnonzero(above[order[start], order[start:]])
        end = start + int(below[0]) if below.size else len(order)
        tier[order[start:end]] = number
        leader[order[start:end]] = order[start]
        start = end
    positions = np.flatnonzero(values.known)
    table = pd.DataFrame({"unit": label, "value": values.value, "se": values.error})
    table["rank"] = np.nan
    table.loc[values.known, "rank"] = from_the_top(values.mean)
    table["tier"] = pd.array([pd.NA] * len(label), dtype="Int64")
    table.loc[values.known, "tier"] = tier
    table["leader"] = None
    table.loc[values.known, "leader"] = [label[positions[k]] for k in leader]
    return table
