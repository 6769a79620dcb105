"""How a figure becomes the characters that pages, charts and the workbook repeat."""

from __future__ import annotations

import math
import unicodedata
from collections.abc import Iterable
from datetime import datetime

import pandas as pd

from analysis.publication.disclosure import decimals_for, half_up


def printed_estimates(protected: pd.DataFrame) -> pd.DataFrame:
    """Return estimates with the digits that each sample carries."""
    table = protected.copy()
    decimals = [
        decimals_for(0 if n is None or pd.isna(n) else float(n)) for n in protected["n"].to_list()
    ]
    for column in ("value", "se", "low", "high"):
        table[column] = pd.Series(
            [printed_digits(cell, d) for cell, d in zip(protected[column], decimals, strict=True)],
            index=table.index,
            dtype=object,
        )
    for column, kept in (("n_effective", 0), ("deff", 2), ("df", 0), ("n", 0)):
        table[column] = pd.Series(
            [printed_digits(cell, kept) for cell in protected[column]],
            index=table.index,
            dtype=object,
        )
    return table


def printed_points(points: pd.DataFrame) -> pd.DataFrame:
    """Return points with two decimals."""
    columns = ("maximum", "self_scored", "appraised", "survey", "final", "low", "high")
    return fixed_decimals(points, 2, columns)


def printed_truth(truth: pd.DataFrame, protected: pd.DataFrame, rule: str) -> pd.DataFrame:
    """Return truth beside estimate, empty where the estimate is withheld."""
    whole = protected[(protected["domain"] == "") & (protected["rule"] == rule)]
    flags = {
        (str(row["round"]), str(row["quantity"])): str(row["flag"])
        for row in whole.to_dict("records")
    }
    table = fixed_decimals(truth, 2, ("truth", "estimate", "low", "high"))
    hidden = [
        bool(flags.get((str(each), str(quantity)), ""))
        for each, quantity in zip(truth["round"], truth["quantity"], strict=True)
    ]
    table["covered"] = pd.Series(
        ["1" if bool(covered) else "0" for covered in truth["covered"]],
        index=table.index,
        dtype=object,
    )
    table.loc[hidden, ["estimate", "low", "high", "covered"]] = ""
    return table


def fixed_decimals(
    table: pd.DataFrame, decimals: int, columns: Iterable[str], *, trim: bool = False
) -> pd.DataFrame:
    """Return a table with as many decimals in these columns; ``trim`` drops final zeros."""
    fixed = table.copy()
    for column in columns:
        if column in fixed:
            cells = [printed_digits(cell, decimals) for cell in fixed[column]]
            if trim:
                cells = [cell.rstrip("0").rstrip(".") if "." in cell else cell for cell in cells]
            fixed[column] = pd.Series(cells, index=fixed.index, dtype=object)
    return fixed


def printed_digits(cell: object, decimals: int) -> str:
    """Return a number with its decimals, any other cell as its text."""
    text = cell_text(cell)
    try:
        number = float(text)
    except ValueError:
        return text
    return f"{half_up(number, decimals):.{decimals}f}" if math.isfinite(number) else ""


def cell_text(cell: object) -> str:
    """Return the text of a cell: NFC, empty for a missing one."""
    if cell is None or cell is pd.NA or cell is pd.NaT:
        return ""
    if isinstance(cell, float):
        return "" if math.isnan(cell) else f"{cell:.10g}"
    if isinstance(cell, datetime):
        return cell.date().isoformat()
    return unicodedata.normalize("NFC", str(cell))
