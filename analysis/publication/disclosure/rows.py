"""One row of an estimates table: its count, its numbers, the columns it has."""

from __future__ import annotations

import math
from collections.abc import Mapping

import pandas as pd

SMALLEST_GROUP = 10
CONFIDENTIAL, UNRELIABLE = "c", "u"
REVIEW, COMPLEMENT = "r", "k"
SHARE_RULES = frozenset({"top2", "share"})
UNIT_DOMAIN, URBAN_DOMAIN = "unit", "urban"

ESTIMATE_COLUMNS = (
    "round",
    "quantity",
    "level",
    "rule",
    "domain",
    "category",
    "value",
    "se",
    "low",
    "high",
    "n",
    "n_effective",
    "deff",
    "df",
    "flag",
)
PROTECTED_COLUMNS = (*ESTIMATE_COLUMNS, "note", "bound")
FIGURES = ("value", "se", "low", "high", "n_effective", "deff", "df")


def number_of(value: object) -> float:
    """Return a cell as a number; missing and infinite ones as not a number."""
    if value is None or value is pd.NA:
        return math.nan
    number = value if isinstance(value, float) else float(str(value))
    return number if math.isfinite(number) else math.nan


def count_of(row: Mapping[str, object]) -> int:
    """Return the answers of a row, 0 where they are not known."""
    count = row["n"]
    return count if isinstance(count, int) else 0
