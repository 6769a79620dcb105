"""Which category each row of a design belongs to, and what missing values do to a test."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from analysis.design import Flags, Floats, Integers, SurveyDesign
from analysis.estimation.columns import check_missing
from analysis.inference.columns import LARGEST, holds_numbers
from analysis.inference.formulas import values_of
from analysis.tables import need_design
from intake.findings import EstimationError, Finding, Words


@dataclass(frozen=True, eq=False)
class Coded:
    """The category of each row, -1 for none, and the categories in order."""

    name: str
    codes: Integers
    levels: tuple[Any, ...]


def coded(design: SurveyDesign, item: str, kept: Flags | None = None) -> Coded:
    """Return the category of each member row; only categories with respondents are listed.

    The categories are sorted; a declared order (pandas categories) is kept.
    """
    need_design(design)
    values, _ = values_of(design.data, item)
    known = values.notna().to_numpy(dtype=bool) & design.member
    if kept is not None:
        known &= kept
    raw, every = sorted_codes(item, values)
    present = np.bincount(raw[known], minlength=len(every)) > 0
    renumbered = np.cumsum(present) - 1
    codes = np.where(known, renumbered[np.where(known, raw, 0)] if every else -1, -1)
    levels = tuple(level for level, there in zip(every, present, strict=True) if there)
    return Coded(item, codes.astype(np.int64), levels)


def sorted_codes(name: str, values: pd.Series) -> tuple[Integers, list[Any]]:
    """Return the code of each value (-1 where missing) and the categories in order.

    Categories are sorted; those that pandas categories declare keep their order, and are
    listed even where no row has them.

    Raises
    ------
    EstimationError
        ``item-mixed-kinds``.
    """
    if isinstance(values.dtype, pd.CategoricalDtype):
        return values.cat.codes.to_numpy().astype(np.int64), list(values.cat.categories)
    mixed = pd.api.types.is_object_dtype(values.dtype) and pd.api.types.infer_dtype(
        values
    ).startswith("mixed")
    try:
        if mixed or pd.api.types.is_complex_dtype(values.dtype):
            raise TypeError(name)
        codes, levels = pd.factorize(values, sort=True)
    except TypeError as fault:
        raise EstimationError.of(
            "item-mixed-kinds",
            f"Cột “{name}” lẫn chữ và số, hoặc giá trị không xếp thứ tự được.",
            f"Column “{name}” mixes text and numbers, or holds values without an order.",
            "Hãy đưa mọi giá trị về một kiểu.",
            "Bring all values to one kind.",
            column=name,
        ) from fault
    return codes.astype(np.int64), list(levels)


def numbers(design: SurveyDesign, item: str, missing: str) -> tuple[Floats, Flags, list[Finding]]:
    """Return the numbers of an item, which rows count, and a finding where rows are left out."""
    need_design(design)
    check_missing(missing)
    values, _ = values_of(design.data, item)
    kind = values.dtype
    if pd.api.types.is_object_dtype(kind) and pd.api.types.infer_dtype(values) == "boolean":
        values = values.astype("boolean")
    if not holds_numbers(values):
        raise EstimationError.of(
            "item-not-numeric",
            f"Cột “{item}” không chứa số.",
            f"Column “{item}” does not hold numbers.",
            "Cần một cột số; với hạng mục dùng testing.chisq.",
            "A column of numbers is needed; for categories use testing.chisq.",
            column=item,
        )
    y = values.to_numpy(dtype=np.float64, na_value=np.nan)
    gaps = np.flatnonzero(np.isnan(y) & design.member)
    known = ~np.isnan(y) & design.member
    _refuse_infinite(item, y, known)
    return np.where(known, y, 0.0), known, _about_missing(item, gaps, missing)


def left_out(design: SurveyDesign, parts: list[Coded], missing: str) -> list[Finding]:
    """Return the finding about member rows without a category, or refuse them."""
    check_missing(missing)
    findings = []
    for part in parts:
        gaps = np.flatnonzero((part.codes < 0) & design.member)
        findings.extend(_about_missing(part.name, gaps, missing))
    return findings


def _about_missing(item: str, gaps: Integers, missing: str) -> list[Finding]:
    if not gaps.size:
        return []
    row = int(gaps[0]) + 1
    if missing == "fail":
        raise EstimationError.of(
            "answers-missing",
            f"Thiếu {gaps.size} giá trị ở “{item}”, đầu tiên là dòng {row}.",
            f"{gaps.size} values of “{item}” are missing, row {row} first.",
            "Dùng missing='drop' nếu chỉ tính các dòng có trả lời.",
            "Use missing='drop' to count the rows with answers alone.",
            row=row,
            column=item,
        )
    return [
        Finding(
            "answers-missing",
            Words(
                f"{gaps.size} dòng thiếu “{item}” không được tính.",
                f"{gaps.size} rows without “{item}” do not count.",
            ),
            Words(
                "Thiết kế mẫu vẫn giữ nguyên các dòng này.", "They stay in the design all the same."
            ),
            severity="warning",
            row=row,
            column=item,
        )
    ]


def _refuse_infinite(item: str, y: Floats, known: Flags) -> None:
    bad = np.flatnonzero(known & ~(np.abs(y) <= LARGEST))
    if bad.size:
        row = int(bad[0]) + 1
        raise EstimationError.of(
            "value-not-finite",
            f"Cột “{item}” có giá trị vô hạn, hoặc quá lớn, ở dòng {row}.",
            f"Column “{item}” is infinite, or too large, in row {row}.",
            "Hãy sửa giá trị này.",
            "Mend this value.",
            row=row,
            column=item,
        )


def two_or_more(part: Coded) -> None:
    """Refuse an item that has fewer than two categories with respondents."""
    if len(part.levels) < 2:
        only = ", ".join(str(level) for level in part.levels) or "—"
        raise EstimationError.of(
            "category-single",
            f"“{part.name}” cần ít nhất hai hạng mục có người trả lời; hiện có: {only}.",
            f"“{part.name}” needs two categories with respondents; there is: {only}.",
            "Hãy kiểm tra cột, hoặc nhóm dân cư đã chọn bằng where.",
            "Check the column, or the part of the population picked by where.",
            column=part.name,
        )
