"""The units of a release, each with its area."""

from __future__ import annotations

import unicodedata

import pandas as pd

from analysis.publication.tables.columns import UNIT_COLUMNS
from analysis.publication.tables.printing import cell_text


def ordered_units(units: pd.DataFrame) -> pd.DataFrame:
    """Return the units by their codes; where it is not given, a ward counts as urban."""
    table = units.reindex(columns=list(UNIT_COLUMNS)).copy()
    table["unit_id"] = table["unit_id"].astype(str)
    table["drawn"] = ["1" if bool(drawn) else "0" for drawn in table["drawn"]]
    wards = table["type"].astype(str).map(_folded).isin({"phuong", "thi tran", "ward", "town"})
    guessed = ["urban" if ward else "rural" for ward in wards]
    table["urban"] = [
        cell_text(given) or guess for given, guess in zip(table["urban"], guessed, strict=True)
    ]
    return table.sort_values("unit_id", kind="stable")


def areas(units: pd.DataFrame) -> dict[str, str]:
    """Return the area of each unit by its code."""
    table = ordered_units(units)
    return dict(zip(table["unit_id"], table["urban"], strict=True))


def _folded(text: str) -> str:
    plain = unicodedata.normalize("NFD", text.casefold()).replace("đ", "d")
    return "".join(letter for letter in plain if not unicodedata.combining(letter))
