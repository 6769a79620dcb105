"""What flags and exclusions would do to the published scores.

For every unit three scores are published side by side: of all valid responses (the
headline), without the flagged ones, and without those that two reviewers excluded. Where the
choice moves a score by more than half of its interval, or into another tier, the unit is
under review and has no rank. Scores and intervals are in the unit of the tables given.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd

from analysis.quality.tables import Flags, need_columns, numbers
from intake.findings import EstimationError

REVIEW_COLUMNS = (
    "unit",
    "n",
    "value",
    "low",
    "high",
    "n_without_flagged",
    "value_without_flagged",
    "change_without_flagged",
    "n_without_excluded",
    "value_without_excluded",
    "change_without_excluded",
    "half_width",
    "tier_changed",
    "under_review",
)
_WITHOUT = ("flagged", "excluded")


def compare_scores(
    headline: pd.DataFrame,
    without_flagged: pd.DataFrame,
    without_excluded: pd.DataFrame,
    unit: str = "unit",
) -> pd.DataFrame:
    """Put the three scores of every unit side by side, with what they change.

    Parameters
    ----------
    headline
        One row per unit: ``value, low, high, n`` and, if wanted, ``tier``. All valid responses.
    without_flagged, without_excluded
        The same units with ``value, n`` (and ``tier``); a unit that has no response left may
        be absent and is then under review.
    unit
        Name of the column with the unit.

    Returns
    -------
    pandas.DataFrame
        `REVIEW_COLUMNS`, in the order of ``headline``. ``under_review`` holds where
        |change| > half the width of the headline's interval, or the tier differs, or no score
        is left.

    Raises
    ------
    EstimationError
        ``quality-column-missing``, ``quality-unit-repeated``, ``quality-unit-unknown``.

    Examples
    --------
    >>> all_of = pd.DataFrame({"unit": ["a"], "value": [80.0], "low": [78.0], "high": [82.0],
    ...                        "n": [90]})
    >>> fewer = pd.DataFrame({"unit": ["a"], "value": [77.5], "n": [70]})
    >>> compare_scores(all_of, fewer, all_of)["under_review"].tolist()
    [True]
    """
    first = _indexed(headline, unit, ["value", "low", "high", "n"])
    half = (first["high"] - first["low"]) / 2
    columns: dict[str, Any] = {
        "unit": first.index,
        **{name: first[name].to_numpy() for name in ("n", "value", "low", "high")},
        "half_width": half.to_numpy(),
    }
    tier = np.zeros(len(first), dtype=bool)
    review = np.zeros(len(first), dtype=bool)
    for name, table in zip(_WITHOUT, (without_flagged, without_excluded), strict=True):
        other = _indexed(table, unit, ["value", "n"])
        strange = [label for label in other.index if label not in first.index]
        if strange:
            raise EstimationError.of(
                "quality-unit-unknown",
                f"Đơn vị “{strange[0]}” không có trong bảng chính.",
                f"Unit “{strange[0]}” is not in the headline table.",
                "Ba bảng phải cùng một đợt.",
                "The three tables must be of one round.",
                column=unit,
            )
        other = other.reindex(first.index)
        change = (other["value"] - first["value"]).to_numpy(dtype=np.float64)
        columns[f"n_without_{name}"] = other["n"].fillna(0).to_numpy(dtype=np.int64)
        columns[f"value_without_{name}"] = other["value"].to_numpy()
        columns[f"change_without_{name}"] = change
        if "tier" in first and "tier" in other:
            tier |= (other["tier"] != first["tier"]).to_numpy() & np.isfinite(change)
        lost = np.isfinite(first["value"].to_numpy(dtype=np.float64)) & ~np.isfinite(change)
        review |= lost | (np.abs(change) > half.to_numpy())
    columns["tier_changed"] = tier
    columns["under_review"] = review | tier
    return pd.DataFrame(columns, columns=list(REVIEW_COLUMNS))


def review_scores(
    score: Callable[[Flags], pd.DataFrame], flagged: Flags, excluded: Flags, unit: str = "unit"
) -> pd.DataFrame:
    """Compute the three scores with one function and compare them.

    Parameters
    ----------
    score
        From a mask of the responses that count to a table of units, see `compare_scores`; with
        a design, for example ``lambda keep: estimate.mean(design.where(keep), "y", "unit").table``.
    flagged, excluded
        One boolean per response: flagged by a rule, excluded by two reviewers.

    Raises
    ------
    EstimationError
        ``quality-mask-length``, and those of `compare_scores`.
    """
    without = [np.asarray(mask, dtype=bool) for mask in (flagged, excluded)]
    if without[0].shape != without[1].shape or without[0].ndim != 1:
        raise EstimationError.of(
            "quality-mask-length",
            f"Hai danh sách có dạng {without[0].shape} và {without[1].shape}.",
            f"The two masks have shapes {without[0].shape} and {without[1].shape}.",
            "Mỗi phiếu một giá trị đúng/sai.",
            "Give one true or false per response.",
        )
    everyone = np.ones_like(without[0])
    return compare_scores(score(everyone), score(~without[0]), score(~without[1]), unit)


def _indexed(table: pd.DataFrame, unit: str, names: list[str]) -> pd.DataFrame:
    need_columns(table, [unit, *names], empty=True)
    if len(table):
        # Values may be missing where a unit has no responses.
        numbers(table, names)
    again = np.flatnonzero(table[unit].duplicated().to_numpy())
    if again.size:
        row = int(again[0])
        raise EstimationError.of(
            "quality-unit-repeated",
            f"Đơn vị “{table[unit].iloc[row]}” có hai dòng.",
            f"Unit “{table[unit].iloc[row]}” has two rows.",
            "Mỗi đơn vị một dòng.",
            "Give each unit one row.",
            row=row + 1,
            column=unit,
        )
    return table.set_index(unit)
