"""In which band an agency's total falls, and which rank it has, with the interval of the rank.

Only agencies whose whole tree is scored are graded and ranked; the others are listed with
what they have. Bands and ranks use unrounded points; the lower bound of a band belongs to
it. Rank intervals come from the standard error of the survey part.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from analysis.inference import ranks
from analysis.par_index.criteria import Band, IndexYear
from analysis.par_index.points import SCORED, TOTAL

STANDING_COLUMNS = (
    "agency_code",
    "total",
    "se",
    "low",
    "high",
    "band",
    "rank",
    "rank_low",
    "rank_high",
    "maximum_scored",
    "status",
)
_DIGITS = 9  # Sums of decimal points are off by rounding in the last binary digits.


def grade(total: float, bands: Sequence[Band]) -> Band:
    """Return the band of a total; the lower bound belongs to the band.

    Raises
    ------
    ValueError
        Never for a total of 0 or more: the last band of a checked index year starts at 0.
    """
    for band in bands:
        if round(total, _DIGITS) >= band.floor:
            return band
    return bands[-1]


def rank(points: pd.DataFrame, year: IndexYear, level: float = 0.95) -> pd.DataFrame:
    """Return the standing of every agency.

    Parameters
    ----------
    points
        The table of `analysis.par_index.points.compute`.
    year
        The rules, for the bands.
    level
        Joint confidence level of the rank intervals.

    Returns
    -------
    pandas.DataFrame
        `STANDING_COLUMNS`, ranked agencies first, best first; ``band`` is the code of the
        band, empty where the agency is not wholly scored; ranks are missing there.
    """
    totals = points[points["criterion"] == TOTAL].reset_index(drop=True)
    complete = (totals["status"] == SCORED).to_numpy()
    value = np.where(complete, totals["final"].to_numpy(dtype=np.float64), np.nan)
    value = np.asarray(np.round(value, _DIGITS), dtype=np.float64)
    intervals = ranks.joint_intervals(value, totals["se"].to_numpy(dtype=np.float64), level=level)
    table = pd.DataFrame(
        {
            "agency_code": totals["agency_code"],
            "total": totals["final"],
            "se": totals["se"],
            "low": totals["low"],
            "high": totals["high"],
            "band": [
                grade(total, year.bands).code if whole and year.bands else ""
                for total, whole in zip(totals["final"], complete, strict=True)
            ],
            "rank": pd.Series(ranks.rank(value)).astype("Int64"),
            "rank_low": intervals["rank_low"].astype("Int64"),
            "rank_high": intervals["rank_high"].astype("Int64"),
            "maximum_scored": totals["maximum_scored"],
            "status": totals["status"],
        }
    )
    return table.sort_values(["rank", "agency_code"], na_position="last", ignore_index=True)
