"""Who stays in the ranking, with which rank, when some own figures are not published."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

import pandas as pd

from analysis.publication.disclosure import shown_units
from analysis.publication.tables.printing import cell_text

NO_SAMPLE = "x"
BANDS = {
    "Xuất sắc": "Excellent",
    "Tốt": "Good",
    "Khá": "Fair",
    "Trung bình": "Average",
    "Yếu": "Weak",
}


def protect_standing(
    standing: pd.DataFrame,
    protected: pd.DataFrame,
    rule: str,
    points: pd.DataFrame | None = None,
) -> pd.DataFrame:
    """Take every agency out of the ranking whose own survey figure is not published.

    An agency without a ``unit_id`` has no survey unit and stays as it is. The others are
    ranked again among themselves, since a gap in the ranks would tell where the withheld one
    stood; their rank intervals shrink only as far as is certain. Adds ``flag`` (``c``, ``u``,
    or ``x`` for no sample of its own) and ``group`` (units not told apart from the first of
    the group: the interval of the difference holds zero).
    """
    table = standing.copy()
    shown = shown_units(protected, rule)
    own = protected[
        (protected["domain"] == "unit")
        & (protected["level"] == "overall")
        & (protected["rule"] == rule)
    ]
    flags = dict(zip(own["category"].astype(str), own["flag"].astype(str), strict=True))
    flags |= _flags_of_used_figures(table, points, protected, rule)
    table["unit_id"] = [cell_text(unit) for unit in table["unit_id"]]
    table["flag"] = [
        "" if not unit or (unit in shown and not flags.get(unit)) else flags.get(unit, NO_SAMPLE)
        for unit in table["unit_id"]
    ]
    for column in ("band", "band_en"):
        table[column] = table[column].astype(object) if column in table else ""
    table["band_en"] = [
        en or BANDS.get(cell_text(vi), cell_text(vi))
        for vi, en in zip(table["band"], table["band_en"].map(cell_text), strict=True)
    ]
    figures = ["total", "se", "low", "high", "rank", "rank_low", "rank_high"]
    for column in figures:
        table[column] = pd.to_numeric(table[column]).astype(float)
    out = table["flag"] != ""
    ranked = table[~out & table["total"].notna() & table["rank"].notna()]
    removed = table[out & table["rank"].notna()]
    again = {
        position: _rank_again(row, ranked, removed)
        for position, row in zip(ranked.index, ranked.to_dict("records"), strict=True)
    }
    table.loc[out, figures] = math.nan
    table.loc[out, ["band", "band_en"]] = ""
    for position, ranks in again.items():
        table.loc[position, ["rank", "rank_low", "rank_high"]] = ranks
    table = table.sort_values(["rank", "name"], na_position="last", kind="stable")
    table["group"] = _groups(table)
    return table


def _flags_of_used_figures(
    standing: pd.DataFrame, points: pd.DataFrame | None, protected: pd.DataFrame, rule: str
) -> dict[str, str]:
    """Return, by unit, the flag of any withheld figure that its survey points come from."""
    if points is None or "quantity" not in points.columns:
        return {}
    own = protected[
        (protected["domain"] == "unit")
        & (protected["flag"] != "")
        & protected["rule"].isin({rule, "share"})
    ]
    hidden = {
        (str(row["quantity"]), str(row["category"])): str(row["flag"])
        for row in own.to_dict("records")
    }
    unit_of = dict(
        zip(standing["agency_code"].astype(str), standing["unit_id"].map(cell_text), strict=True)
    )
    found: dict[str, str] = {}
    for row in points.to_dict("records"):
        unit = unit_of.get(str(row["agency_code"]), "")
        flag = hidden.get((cell_text(row["quantity"]), unit))
        if unit and flag:
            found[unit] = flag
    return found


def _rank_again(
    row: Mapping[Any, Any], ranked: pd.DataFrame, removed: pd.DataFrame
) -> tuple[float, float, float]:
    rank = 1 + int((ranked["rank"] < row["rank"]).sum())
    surely_above = removed["rank_high"] < row["rank_low"]
    surely_below = removed["rank_low"] > row["rank_high"]
    unsure = int((~surely_above & ~surely_below).sum())
    above = int(surely_above.sum())
    low = max(1.0, row["rank_low"] - above - unsure)
    high = min(float(len(ranked)), row["rank_high"] - above)
    return float(rank), min(low, rank), max(high, rank)


def _groups(table: pd.DataFrame) -> list[str]:
    groups: list[str] = []
    number, leader, leader_se = 0, math.nan, math.nan
    for total, se, rank in zip(table["total"], table["se"], table["rank"], strict=True):
        if math.isnan(rank) or math.isnan(total) or math.isnan(se):
            groups.append("")
            continue
        if number == 0 or leader - total > 1.959964 * math.hypot(se, leader_se):
            number, leader, leader_se = number + 1, total, se
        groups.append(str(number))
    return groups
