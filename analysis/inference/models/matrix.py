"""The numbers that a formula makes of a design: outcome, model matrix, names of its columns.

Categories (text, true or false, `C(…)`) become indicators against the first category in
sorted order, or in the declared order of pandas categories. Where a term's margin is not in
the model, all its categories get an indicator, as in R.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pandas as pd

from analysis.design import Flags, Floats, Integers, SurveyDesign
from analysis.estimation.columns import check_missing
from analysis.inference.columns import LARGEST
from analysis.inference.formulas import Formula, Term, read, values_of
from analysis.inference.testing.categories import sorted_codes
from analysis.inference.testing.tables import is_replicated
from analysis.tables import need_design
from intake.findings import EstimationError, Finding, Words


@dataclass(frozen=True, eq=False)
class Variable:
    """A variable of a model over the rows that count: numbers, or codes with their levels."""

    name: str
    values: Floats | Integers
    levels: tuple[Any, ...] | None

    def columns(self, whole: bool) -> list[tuple[str, Floats]]:
        """Return names and columns; ``whole`` gives every level an indicator."""
        if self.levels is None:
            return [(self.name, np.asarray(self.values, dtype=np.float64))]
        return [
            (f"{self.name}{named(level)}", (self.values == code).astype(np.float64))
            for code, level in enumerate(self.levels)
            if whole or code > 0
        ]

    def at(self, value: float) -> Variable:
        """Return the variable with one value (or code) in every row."""
        return replace(self, values=np.full_like(self.values, value))


@dataclass(frozen=True, eq=False)
class ModelFrame:
    """The rows of a design that count for a model, ready for arithmetic.

    ``rows`` are their positions in the table, ``design`` is narrowed to them; ``term_of``
    gives the term of each column of ``x``, 0 for the intercept. ``freedom`` are the degrees of
    freedom of the design: of these rows, or, with replicate weights, of all its members, whether
    they answered or not (as R survey's svyglm has it).
    """

    design: SurveyDesign
    freedom: int
    formula: Formula
    rows: Integers
    outcome: pd.Series
    x: Floats
    names: tuple[str, ...]
    term_of: tuple[int, ...]
    variables: Mapping[str, Variable]
    mean_weight: float
    findings: tuple[Finding, ...]

    @property
    def weights(self) -> Floats:
        """The weights of the rows that count."""
        return self.design.weights[self.rows]


def model_frame(design: SurveyDesign, text: str, missing: str) -> ModelFrame:
    """Read a formula against a design.

    Raises
    ------
    EstimationError
        ``formula-…``, ``column-missing``, ``answers-missing`` with counts by column,
        ``rows-none``, ``term-one-level``, ``term-levels-many``, ``item-mixed-kinds``.
    """
    need_design(design)
    check_missing(missing)
    formula = read(text)
    data = design.data
    parts = {name: values_of(data, name) for name in formula.variables}
    outcome, _ = values_of(data, formula.outcome)
    known, findings = _complete(
        design, {formula.outcome: outcome, **{k: v for k, (v, _) in parts.items()}}, missing
    )
    counted = design.member & known
    rows = np.flatnonzero(counted)
    if not rows.size:
        raise EstimationError.of(
            "rows-none",
            "Không có dòng nào đủ giá trị cho mô hình.",
            "No row has all values that the model needs.",
            "Hãy kiểm tra các cột và nhóm dân cư đã chọn.",
            "Check the columns and the part of the population.",
        )
    whole = rows.size == len(data)
    variables: dict[str, Variable] = {}
    for name, (values, coded) in parts.items():
        made, dropped = _variable(name, values if whole else values.iloc[rows], coded)
        variables[name] = made
        findings.extend(dropped)
    x, names, term_of = design_matrix(formula, variables, rows.size)
    narrowed = design if known.all() else design.where(counted)
    return ModelFrame(
        narrowed,
        int((design if is_replicated(design) else narrowed).df),
        formula,
        rows,
        outcome if whole else outcome.iloc[rows],
        x,
        names,
        term_of,
        variables,
        float(design.weights[design.member].mean()),
        tuple(findings),
    )


def design_matrix(
    formula: Formula, variables: Mapping[str, Variable], rows: int
) -> tuple[Floats, tuple[str, ...], tuple[int, ...]]:
    """Return the model matrix (rows × columns), its column names and the term of each."""
    columns: list[Floats] = []
    names: list[str] = []
    term_of: list[int] = []
    if formula.intercept:
        columns.append(np.ones(rows))
        names.append("(Intercept)")
        term_of.append(0)
    for number, term in enumerate(formula.terms, start=1):
        for label, column in _term_columns(formula, term, variables):
            columns.append(column)
            names.append(label)
            term_of.append(number)
    x = np.empty((rows, len(columns)))
    for at, column in enumerate(columns):
        x[:, at] = column
    return x, tuple(names), tuple(term_of)


def named(level: object) -> str:
    """Return how a level is written: whole numbers without decimals."""
    if isinstance(level, float | np.floating) and float(level).is_integer():
        return str(int(level))
    return str(level)


def _term_columns(
    formula: Formula, term: Term, variables: Mapping[str, Variable]
) -> list[tuple[str, Floats]]:
    """Return the products of the columns of a term's variables, the first one fastest."""
    found: list[tuple[str, Floats]] = []
    for name in term:
        own = variables[name].columns(_whole(formula, term, name, variables))
        if not found:
            found = own
        else:
            found = [
                (f"{left}:{right}", before * column)
                for right, column in own
                for left, before in found
            ]
    return found


def _whole(formula: Formula, term: Term, name: str, variables: Mapping[str, Variable]) -> bool:
    """Tell whether a category variable needs an indicator for each level in this term."""
    if not formula.intercept:
        first = next(
            ((t, v) for t in formula.terms for v in t if variables[v].levels is not None), None
        )
        if first == (term, name):
            return True
    margin = frozenset(other for other in term if other != name)
    return bool(margin) and margin not in {frozenset(other) for other in formula.terms}


def _variable(name: str, values: pd.Series, coded: bool) -> tuple[Variable, list[Finding]]:
    kind = values.dtype
    numeric = pd.api.types.is_numeric_dtype(kind) and not pd.api.types.is_bool_dtype(kind)
    if pd.api.types.is_complex_dtype(kind):
        raise EstimationError.of(
            "item-not-numeric",
            f"Cột “{name}” là số phức.",
            f"Column “{name}” holds complex numbers.",
            "Dùng số thực.",
            "Use real numbers.",
            column=name,
        )
    if numeric and not coded:
        numbers = values.to_numpy(dtype=np.float64, na_value=np.nan)
        if not np.abs(numbers).max(initial=0.0) <= LARGEST:
            raise EstimationError.of(
                "value-not-finite",
                f"Cột “{name}” có giá trị vô hạn, hoặc quá lớn.",
                f"Column “{name}” has an infinite value, or one too large.",
                "Hãy sửa giá trị này.",
                "Mend this value.",
                column=name,
            )
        return Variable(name, numbers, None), []
    if pd.api.types.is_datetime64_any_dtype(kind):
        raise EstimationError.of(
            "item-not-numeric",
            f"Cột “{name}” là ngày.",
            f"Column “{name}” holds dates.",
            "Đổi ngày thành số hoặc nhóm trước khi đưa vào mô hình.",
            "Turn dates into numbers or groups first.",
            column=name,
        )
    raw, every = sorted_codes(name, values)
    present = np.bincount(raw, minlength=len(every)) > 0
    codes = (np.cumsum(present) - 1)[raw]
    levels = [level for level, there in zip(every, present, strict=True) if there]
    absent = [named(level) for level, there in zip(every, present, strict=True) if not there]
    findings = [_absent(name, absent)] if absent else []
    _refuse_levels(name, levels, len(values))
    return Variable(name, codes.astype(np.int64), tuple(levels)), findings


def _refuse_levels(name: str, levels: list[Any], rows: int) -> None:
    if len(levels) < 2:
        raise EstimationError.of(
            "term-one-level",
            f"“{name}” chỉ có một hạng mục: {named(levels[0])}.",
            f"“{name}” has a single category: {named(levels[0])}.",
            "Bỏ số hạng này khỏi công thức, hoặc xem lại nhóm dân cư đã chọn.",
            "Leave the term out of the formula, or look again at the part of the population.",
            column=name,
        )
    if len(levels) >= rows or len(levels) > 2000:
        raise EstimationError.of(
            "term-levels-many",
            f"“{name}” có {len(levels)} hạng mục cho {rows} dòng.",
            f"“{name}” has {len(levels)} categories for {rows} rows.",
            "Có phải đây là mã hoặc số được ghi bằng chữ? Hãy gộp hoặc đổi kiểu.",
            "Is it an identifier, or a number stored as text? Merge or convert it.",
            column=name,
        )


def _absent(name: str, absent: list[str]) -> Finding:
    listed = ", ".join(absent[:10])
    return Finding(
        "category-without-rows",
        Words(
            f"“{name}” không có ai ở: {listed}; các hạng mục này không có hệ số.",
            f"“{name}” has nobody in: {listed}; these categories get no coefficient.",
        ),
        Words("Không cần làm gì nếu đúng như vậy.", "Nothing to do if that is right."),
        severity="warning",
        column=name,
    )


def _complete(
    design: SurveyDesign, columns: Mapping[str, pd.Series], missing: str
) -> tuple[Flags, list[Finding]]:
    """Return the rows without a missing value, and a finding where member rows are left out."""
    known = np.ones(len(design.data), dtype=bool)
    gaps: list[str] = []
    first = 0
    for name, values in columns.items():
        absent = values.isna().to_numpy(dtype=bool)
        if not absent.any():
            continue
        known &= ~absent
        mine = np.flatnonzero(absent & design.member)
        if mine.size:
            gaps.append(f"{name} ({mine.size})")
            first = first or int(mine[0]) + 1
    if not gaps:
        return known, []
    listed = ", ".join(gaps)
    if missing == "fail":
        raise EstimationError.of(
            "answers-missing",
            f"Thiếu giá trị ở: {listed}; đầu tiên là dòng {first}.",
            f"Values are missing in: {listed}; row {first} first.",
            "Dùng missing='drop' nếu chỉ tính các dòng đủ giá trị.",
            "Use missing='drop' to count the complete rows alone.",
            row=first,
        )
    lost = int(np.count_nonzero(~known & design.member))
    finding = Finding(
        "answers-missing",
        Words(
            f"{lost} dòng thiếu giá trị không được tính: {listed}.",
            f"{lost} rows with missing values do not count: {listed}.",
        ),
        Words("Thiết kế mẫu vẫn giữ nguyên.", "The design is kept."),
        severity="warning",
        row=first,
    )
    return known, [finding]
