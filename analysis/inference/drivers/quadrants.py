"""Which drivers to improve, keep, or leave: the four quadrants of importance and performance.

The dividing lines are the averages of the drivers, so that a quadrant compares a driver with
the others and not with a fixed mark.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from analysis.design import Floats
from analysis.inference.variances import with_intervals
from intake.findings import Words

QUADRANTS = {
    "improve-first": Words("Ưu tiên cải thiện", "Improve first"),
    "maintain": Words("Duy trì", "Maintain"),
    "low-priority": Words("Ưu tiên thấp", "Low priority"),
    "possible-overkill": Words("Có thể đã đầu tư quá mức cần", "Possibly more than needed"),
}


def quadrants(
    importance: Floats, performance: Floats, covariance: Floats, df: int, level: float
) -> dict[str, Any]:
    """Return the quadrant of each driver, and whether chance could have put it there.

    Parameters
    ----------
    importance, performance
        Shape (p,).
    covariance
        Shape (2p, 2p), of the importances and then the performances.

    Returns
    -------
    dict
        Columns ``quadrant, quadrant_vi, quadrant_en, sure``. A driver is sure of its quadrant
        when the intervals of both distances to the dividing lines, which move with the drivers,
        leave out zero.

    Examples
    --------
    >>> found = quadrants(np.array([0.6, 0.2]), np.array([40.0, 80.0]), np.eye(4) / 1e4, 30, 0.95)
    >>> found["quadrant_en"], found["sure"].tolist()
    (['Improve first', 'Possibly more than needed'], [True, True])
    """
    size = len(importance)
    centre = np.kron(np.eye(2), np.eye(size) - 1 / size)
    apart = centre @ np.concatenate([importance, performance])
    se = np.sqrt(np.maximum(np.diag(centre @ covariance @ centre.T), 0.0))
    ends = with_intervals(apart, se, df, level)
    clear = (ends["low"] > 0) | (ends["high"] < 0)
    counts, does_well = apart[:size] >= 0, apart[size:] >= 0
    names = np.where(
        counts,
        np.where(does_well, "maintain", "improve-first"),
        np.where(does_well, "possible-overkill", "low-priority"),
    )
    return {
        "quadrant": names,
        "quadrant_vi": [QUADRANTS[name].vi for name in names],
        "quadrant_en": [QUADRANTS[name].en for name in names],
        "sure": clear[:size] & clear[size:],
    }
