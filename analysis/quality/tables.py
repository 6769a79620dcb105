"""The table in which every flag is reported, and the checks at the door.

One row is a unit (or a collector) under one rule. Columns, the same for every rule:

``flag, quantity, stratum, unit``
    Rule (``F1`` …), what was measured, and where.
``n, value, reference``
    Responses, the measured value, and what it was held against.
``z, p, p_adjusted``
    How far it lies from the reference, the chance of that among honest units, and the same
    after Benjamini and Hochberg over all units of the table; missing where a rule has none.
``flagged, note, rules``
    The flag; why a unit could not be judged (empty otherwise); version and digest of the rules.

A flag informs. No function here drops a response.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from analysis.quality.rules import Rules
from intake.findings import EstimationError

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]
Flags = NDArray[np.bool_]

FLAG_COLUMNS = (
    "flag",
    "quantity",
    "stratum",
    "unit",
    "n",
    "value",
    "reference",
    "z",
    "p",
    "p_adjusted",
    "flagged",
    "note",
    "rules",
)


def need_columns(table: pd.DataFrame, names: Sequence[str], *, empty: bool = False) -> None:
    """Refuse a table that lacks a column, or that is empty unless that is allowed.

    Raises
    ------
    EstimationError
        ``quality-column-missing``, ``quality-empty``.
    """
    for name in names:
        if name not in table.columns:
            listed = ", ".join(str(column) for column in table.columns)
            raise EstimationError.of(
                "quality-column-missing",
                f"Bảng không có cột “{name}”.",
                f"The table has no column “{name}”.",
                f"Các cột: {listed}.",
                f"The columns are: {listed}.",
                column=name,
            )
    if not len(table) and not empty:
        raise EstimationError.of(
            "quality-empty",
            "Bảng không có dòng nào.",
            "The table has no rows.",
            "Hãy kiểm tra tệp dữ liệu.",
            "Check the data file.",
        )


def numbers(table: pd.DataFrame, names: Sequence[str], *, gaps: bool = True) -> Floats:
    """Return columns as numbers (rows × columns); ``gaps`` allows missing values.

    Raises
    ------
    EstimationError
        ``quality-column-missing``, ``quality-not-numeric``, ``quality-value-missing``.
    """
    need_columns(table, names)
    found = np.empty((len(table), len(names)))
    for place, name in enumerate(names):
        column = table[name]
        values = pd.to_numeric(column, errors="coerce").to_numpy(dtype=np.float64, na_value=np.nan)
        words = np.flatnonzero(column.notna().to_numpy(dtype=bool) & ~np.isfinite(values))
        if words.size:
            row = int(words[0])
            raise EstimationError.of(
                "quality-not-numeric",
                f"Cột “{name}”, dòng {row + 1}: “{column.iloc[row]}” không phải là số.",
                f"Column “{name}”, row {row + 1}: “{column.iloc[row]}” is no number.",
                "Ghi mã số của câu trả lời.",
                "Give the numeric code of the answer.",
                row=row + 1,
                column=name,
            )
        absent = np.flatnonzero(~np.isfinite(values))
        if absent.size and not gaps:
            row = int(absent[0])
            raise EstimationError.of(
                "quality-value-missing",
                f"Cột “{name}”, dòng {row + 1}: thiếu giá trị.",
                f"Column “{name}”, row {row + 1}: the value is missing.",
                "Mỗi dòng cần một giá trị.",
                "Every row needs a value.",
                row=row + 1,
                column=name,
            )
        found[:, place] = values
    return found


def answers_of(table: pd.DataFrame, items: Sequence[str]) -> Floats:
    """Return answers (rows × items); negative codes are reasons and count as missing."""
    found = numbers(table, items)
    return np.where(found < 0, np.nan, found)


def labels_of(table: pd.DataFrame, name: str) -> Any:  # noqa: ANN401 - labels of any kind
    """Return the labels of a column, refusing missing ones (``quality-label-missing``)."""
    need_columns(table, [name])
    absent = np.flatnonzero(table[name].isna().to_numpy(dtype=bool))
    if absent.size:
        row = int(absent[0])
        raise EstimationError.of(
            "quality-label-missing",
            f"Cột “{name}”, dòng {row + 1}: thiếu mã.",
            f"Column “{name}”, row {row + 1}: the label is missing.",
            "Mỗi dòng phải có đơn vị và tầng.",
            "Every row needs its unit and stratum.",
            row=row + 1,
            column=name,
        )
    return table[name].to_numpy()


class Groups:
    """The units of a table of responses and the stratum of each.

    ``of_row`` is the unit of each row, ``stratum_of`` the stratum of each unit, both from 0;
    ``n`` the rows of each unit.
    """

    def __init__(self, table: pd.DataFrame, unit: str, stratum: str | None) -> None:
        codes, names = pd.factorize(labels_of(table, unit), sort=True)
        self.of_row: Integers = codes.astype(np.int64)
        self.units = list(names)
        self.n: Integers = np.bincount(self.of_row, minlength=len(names)).astype(np.int64)
        if stratum is None:
            self.stratum_of_row: Integers = np.zeros(len(table), dtype=np.int64)
            self.strata: list[Any] = [""]
        else:
            codes, found = pd.factorize(labels_of(table, stratum), sort=True)
            self.stratum_of_row = codes.astype(np.int64)
            self.strata = list(found)
        self.stratum_of: Integers = np.zeros(len(names), dtype=np.int64)
        self.stratum_of[self.of_row[::-1]] = self.stratum_of_row[::-1]
        torn = np.flatnonzero(self.stratum_of[self.of_row] != self.stratum_of_row)
        if torn.size:
            row = int(torn[0])
            name = self.units[int(self.of_row[row])]
            raise EstimationError.of(
                "quality-unit-in-two-strata",
                f"Đơn vị “{name}” nằm trong nhiều tầng.",
                f"Unit “{name}” lies in two strata.",
                "Hãy sửa mã đơn vị hoặc tầng.",
                "Mend the code of the unit or stratum.",
                row=row + 1,
                column=unit,
            )

    def sums(self, values: Floats | Flags) -> Floats:
        """Return the sum of a value over the rows of each unit."""
        summed = np.bincount(
            self.of_row, weights=values.astype(np.float64), minlength=len(self.units)
        )
        return summed.astype(np.float64)


def adjusted(p: Floats) -> Floats:
    """Return p-values after Benjamini and Hochberg; missing ones stay missing.

    References
    ----------
    Benjamini, Y. and Hochberg, Y. (1995). Controlling the false discovery rate. Journal of the
    Royal Statistical Society B 57, 289-300.

    Examples
    --------
    >>> adjusted(np.array([0.01, 0.04, np.nan])).tolist()
    [0.02, 0.04, nan]
    """
    # statsmodels takes a second to load.
    from statsmodels.stats.multitest import multipletests

    found = np.full(p.shape, np.nan)
    known = np.isfinite(p)
    if known.any():
        found[known] = multipletests(p[known], method="fdr_bh")[1]
    return found


def flag_table(
    flag: str,
    quantity: str,
    rules: Rules,
    *,
    unit: Sequence[Any],
    stratum: Sequence[Any] | None = None,
    n: Integers | Floats | None = None,
    value: Floats,
    reference: Floats | float = np.nan,
    z: Floats | None = None,
    p: Floats | None = None,
    beyond: Flags,
    note: Sequence[str] | None = None,
) -> pd.DataFrame:
    """Return a table of flags: beyond the limit, and below the false discovery rate.

    ``beyond`` says which units pass the limit of their rule. Where the rule gives p-values a
    unit is flagged only if its adjusted p is at most ``rules.false_discovery``.
    """
    size = len(unit)
    none = np.full(size, np.nan)
    chance = none if p is None else p
    corrected = adjusted(chance)
    kept = beyond if p is None else beyond & (corrected <= rules.false_discovery)
    columns: dict[str, Any] = {
        "flag": flag,
        "quantity": quantity,
        "stratum": [""] * size if stratum is None else list(stratum),
        "unit": list(unit),
        "n": np.zeros(size, dtype=np.int64) if n is None else n,
        "value": value,
        "reference": np.broadcast_to(np.asarray(reference, dtype=np.float64), (size,)),
        "z": none if z is None else z,
        "p": chance,
        "p_adjusted": corrected,
        "flagged": kept,
        "note": [""] * size if note is None else list(note),
        "rules": rules.stamp,
    }
    return pd.DataFrame(columns, columns=list(FLAG_COLUMNS))
