"""What agencies and the council entered on each criterion, read from a file and checked.

A value is in the unit of its criterion: points, percent, a count, 0 or 1.
"""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any

import pandas as pd

from analysis.par_index.criteria import Criterion, Expression, IndexYear
from intake.findings import Faults, IndexYearError, Words
from intake.tables import Row, read_table

ASSESSMENT_COLUMNS = ("agency_code", "criterion", "self_scored", "appraised", "evidence", "source")


def read_assessments(path: Path, year: IndexYear | None = None) -> pd.DataFrame:
    """Read self-scored and appraised values of agencies.

    Parameters
    ----------
    path
        CSV or XLSX with ``agency_code, criterion, self_scored, appraised``, and
        ``evidence, source`` where there are. A value is in the unit of its criterion:
        points, percent, a count, 0 or 1; empty means not given. Comma or point as decimal.
    year
        Checks criteria and ranges when given.

    Raises
    ------
    IntakeError
        The file breaks a limit or lacks a column.
    IndexYearError
        All faults at once, with line and column: ``assessment-number``,
        ``assessment-repeated``, ``assessment-code-missing``, ``criterion-unknown``,
        ``criterion-not-assessed``, ``assessment-out-of-range``.
    """
    stored = read_table(path, required=ASSESSMENT_COLUMNS[:4], optional=ASSESSMENT_COLUMNS[4:])
    faults = Faults(stored.file)
    leaves = {leaf.code: leaf for leaf in year.leaves()} if year else None
    known = {part.code for domain in year.domains for part in domain.walk()} if year else set()
    seen: set[tuple[str, str]] = set()
    rows: list[dict[str, Any]] = []
    for row in stored.rows:
        agency, criterion = row.cells["agency_code"], row.cells["criterion"]
        if not agency or not criterion:
            faults.add(
                "assessment-code-missing",
                Words(
                    "Thiếu mã cơ quan hoặc mã tiêu chí.",
                    "The code of the agency or of the criterion is missing.",
                ),
                Words("Điền cả hai mã.", "Enter both codes."),
                row=row.line,
            )
        elif (agency, criterion) in seen:
            faults.add(
                "assessment-repeated",
                Words(
                    f"{agency}, tiêu chí {criterion}: có hai dòng.",
                    f"{agency}, criterion {criterion}: two rows.",
                ),
                Words("Giữ một dòng.", "Keep one row."),
                row=row.line,
            )
        seen.add((agency, criterion))
        leaf = leaves.get(criterion) if leaves is not None else None
        if leaves is not None and criterion:
            _check_criterion(criterion, leaf, known, row, faults)
        values = {name: _value(row, name, leaf, faults) for name in ("self_scored", "appraised")}
        rows.append(
            {
                "agency_code": agency,
                "criterion": criterion,
                **values,
                "evidence": row.cells.get("evidence", ""),
                "source": row.cells.get("source", ""),
            }
        )
    faults.raise_as(IndexYearError)
    return pd.DataFrame(rows, columns=list(ASSESSMENT_COLUMNS))


def _check_criterion(
    code: str, leaf: Criterion | None, known: set[str], row: Row, faults: Faults
) -> None:
    if leaf is None and code not in known:
        faults.add(
            "criterion-unknown",
            Words(f"Không có tiêu chí “{code}”.", f"There is no criterion “{code}”."),
            Words("Dùng mã trong bộ tiêu chí của năm.", "Use the codes of the index year."),
            row=row.line,
            column="criterion",
        )
    elif leaf is None or (leaf.expression or Expression()).kind == "survey":
        faults.add(
            "criterion-not-assessed",
            Words(
                f"Tiêu chí “{code}” không do cơ quan chấm.",
                f"Criterion “{code}” is not scored by agencies.",
            ),
            Words(
                "Bỏ dòng này: điểm đến từ khảo sát hoặc từ các thành phần.",
                "Remove the row: its points come from the survey or from its parts.",
            ),
            row=row.line,
            column="criterion",
        )


def _value(row: Row, name: str, leaf: Criterion | None, faults: Faults) -> float:
    text = row.cells.get(name, "")
    if not text:
        return math.nan
    try:
        value = float(text.replace(",", ".") if text.count(",") == 1 and "." not in text else text)
    except ValueError:
        value = math.nan
    if not math.isfinite(value):
        faults.add(
            "assessment-number",
            Words(f"“{text}” không phải là số.", f"“{text}” is not a number."),
            Words("Để trống nếu chưa chấm.", "Leave it empty where nothing was scored."),
            row=row.line,
            column=name,
        )
        return math.nan
    expression = leaf.expression if leaf is not None else None
    if leaf is None or expression is None:
        return value
    highest = {"points": leaf.maximum, "boolean": 1.0}.get(expression.kind, math.inf)
    if value < 0 or value > highest or (expression.kind == "boolean" and value not in (0, 1)):
        faults.add(
            "assessment-out-of-range",
            Words(
                f"{leaf.code}: giá trị {value:g} nằm ngoài 0–{highest:g}.",
                f"{leaf.code}: the value {value:g} lies outside 0 to {highest:g}.",
            ),
            Words("Kiểm tra điểm tối đa của tiêu chí.", "Check the maximum of the criterion."),
            row=row.line,
            column=name,
        )
    return value
