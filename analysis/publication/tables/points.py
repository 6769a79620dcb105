"""Points and duties without what would tell a withheld figure of the survey."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Mapping

import pandas as pd

from analysis.publication.disclosure import CONFIDENTIAL, UNRELIABLE
from analysis.publication.tables.columns import DUTY_COLUMNS
from analysis.publication.tables.printing import cell_text

_CRITERION = re.compile(r"^[0-9]+(\.[0-9]+)*$")


def protect_points(points: pd.DataFrame, withheld: Mapping[str, str]) -> pd.DataFrame:
    """Withhold the survey points of agencies whose survey figure is withheld, and their sums."""
    table = points.copy()
    codes = table["agency_code"].astype(str)
    criteria = table["criterion"].astype(str)
    table["flag"] = ""
    surveyed = pd.to_numeric(table["survey"]).notna()
    for column in ("survey", "final", "low", "high"):
        table[column] = pd.to_numeric(table[column]).astype(float)
    for code, flag in withheld.items():
        own = codes == code
        leaves = set(criteria[own & surveyed])
        sums = {part for leaf in leaves for part in _ancestors(leaf)} | {"", "total"}
        hide = own & (criteria.isin(leaves | sums) | surveyed)
        table.loc[hide, ["survey", "final", "low", "high"]] = math.nan
        table.loc[hide, "flag"] = flag
    return table


def protect_duties(
    duties: pd.DataFrame, withheld: Mapping[str, str], points: Iterable[pd.DataFrame]
) -> pd.DataFrame:
    """Withhold the percentage of a duty where survey points of a withheld agency are part of it.

    That the agency owes the report stays: it is a duty, not a result of the survey.
    """
    surveyed: dict[str, list[str]] = {}
    for table in points:
        with_survey = pd.to_numeric(table["survey"]).notna()
        for code, criterion, survey in zip(
            table["agency_code"], table["criterion"], with_survey, strict=True
        ):
            known = surveyed.setdefault(str(code), [])
            if survey:
                known.append(str(criterion))

    def told(code: str, domain: str) -> bool:
        if withheld.get(code) not in {CONFIDENTIAL, UNRELIABLE}:
            return True
        if code not in surveyed or not _CRITERION.match(domain):
            return False
        return not any(leaf == domain or leaf.startswith(f"{domain}.") for leaf in surveyed[code])

    table = duties.reindex(columns=list(DUTY_COLUMNS)).copy()
    table["percent"] = [
        percent if told(str(code), cell_text(domain)) else None
        for percent, code, domain in zip(
            table["percent"], table["agency_code"], table["domain"], strict=True
        )
    ]
    return table


def _ancestors(criterion: str) -> list[str]:
    parts = criterion.split(".")
    return [".".join(parts[:count]) for count in range(1, len(parts))]
