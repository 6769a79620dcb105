"""What each agency scores on each criterion: self-scored, appraised, and from the survey.

Points are those of the tree. An administrative criterion counts as appraised by the council;
what was not appraised is *not scored*, which is not zero: a sum over parts that are not
scored says so. A survey criterion is worth its maximum times the index over 100, and is the
only part with a standard error.

The standard error of a sum adds the errors of one round as if they moved together, because
the same people answered; errors of different rounds are independent. It is an upper bound.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from scipy import special

from analysis.par_index.criteria import Criterion, Expression, IndexYear
from intake.findings import Faults, Finding, IndexYearError, Words
from intake.tables import Row, read_table

TOTAL = "total"
ASSESSMENT_COLUMNS = ("agency_code", "criterion", "self_scored", "appraised", "evidence", "source")
POINT_COLUMNS = (
    "agency_code",
    "criterion",
    "parent",
    "maximum",
    "self_scored",
    "appraised",
    "survey",
    "final",
    "se",
    "low",
    "high",
    "maximum_scored",
    "status",
)
SCORED, PARTIAL, NOT_SCORED = "scored", "partial", "not scored"


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


def compute(
    year: IndexYear,
    assessments: pd.DataFrame | None,
    estimates: pd.DataFrame | None,
    *,
    agencies: Sequence[str] | None = None,
    units: Mapping[str, str] | None = None,
    rounds: Mapping[str, str] | None = None,
    level: float = 0.95,
) -> pd.DataFrame:
    """Return the points of every agency on every part of the tree.

    Parameters
    ----------
    year
        The rules.
    assessments
        Columns `ASSESSMENT_COLUMNS`, see `read_assessments`.
    estimates
        Tables of estimates (several rounds stacked): `analysis.satisfaction`.
    agencies
        The agencies to be scored; by default those of the assessments, and those of
        ``units``.
    units
        Survey unit of each agency; by default the agency's own code.
    rounds
        Round ids by the names that the tree uses; by default those of the file.
    level
        Confidence level of the intervals of sums.

    Returns
    -------
    pandas.DataFrame
        `POINT_COLUMNS`: leaves and sums, agency by agency, the row ``total`` first.
        ``status`` is scored, partial or not scored; ``maximum_scored`` is the maximum of
        what was scored. ``final`` of a sum counts what was scored.

    Raises
    ------
    IndexYearError
        ``assessment-repeated``, ``estimate-ambiguous``.
    """
    found = _assessed(assessments)
    named = agencies
    if named is None:
        named = sorted({agency for agency, _ in found} | set(units or {}))
    lookup = _Surveyed(estimates, {**year.rounds, **(rounds or {})})
    quantile = float(special.ndtri((1 + level) / 2))
    rows: list[dict[str, Any]] = []
    for agency in dict.fromkeys(str(name) for name in named):
        unit = (units or {}).get(agency, agency)
        below: list[dict[str, Any]] = []
        tops = [
            _score(domain, TOTAL, agency, unit, found, lookup, quantile, below)
            for domain in year.domains
        ]
        rows.append(_sum(TOTAL, "", agency, year.maximum, tops, quantile))
        rows.extend(below)
    return pd.DataFrame(rows, columns=[*POINT_COLUMNS, "_errors"]).drop(columns="_errors")


def _score(
    part: Criterion,
    parent: str,
    agency: str,
    unit: str,
    found: Mapping[tuple[str, str], tuple[float, float]],
    lookup: _Surveyed,
    quantile: float,
    rows: list[dict[str, Any]],
) -> dict[str, Any]:
    place = len(rows)
    if part.children:
        children = [
            _score(child, part.code, agency, unit, found, lookup, quantile, rows)
            for child in part.children
        ]
        row = _sum(part.code, parent, agency, part.maximum, children, quantile)
    else:
        row = _leaf(part, parent, agency, unit, found, lookup)
    rows.insert(place, row)
    return row


def _leaf(
    part: Criterion,
    parent: str,
    agency: str,
    unit: str,
    found: Mapping[tuple[str, str], tuple[float, float]],
    lookup: _Surveyed,
) -> dict[str, Any]:
    expression = part.expression or Expression()
    row: dict[str, Any] = dict.fromkeys(POINT_COLUMNS, math.nan)
    row.update(
        agency_code=agency,
        criterion=part.code,
        parent=parent,
        maximum=part.maximum,
        maximum_scored=0.0,
        status=NOT_SCORED,
        _errors={},
    )
    if expression.kind == "survey":
        estimate = lookup.find(expression, unit)
        if estimate is not None:
            worth = part.maximum / 100.0
            row.update(
                survey=worth * estimate["value"],
                final=worth * estimate["value"],
                se=worth * estimate["se"],
                low=worth * estimate["low"],
                high=worth * estimate["high"],
            )
            row["_errors"] = {expression.round: row["se"]}
    else:
        own, appraised = found.get((agency, part.code), (math.nan, math.nan))
        if not math.isnan(own):
            row["self_scored"] = expression.points(own, part.maximum)
        if not math.isnan(appraised):
            points = expression.points(appraised, part.maximum)
            row.update(appraised=points, final=points, se=0.0, low=points, high=points)
    if not math.isnan(row["final"]):
        row.update(status=SCORED, maximum_scored=part.maximum)
    return row


def _sum(
    code: str,
    parent: str,
    agency: str,
    maximum: float,
    parts: Sequence[Mapping[str, Any]],
    quantile: float,
) -> dict[str, Any]:
    row: dict[str, Any] = {
        name: _added([part[name] for part in parts])
        for name in ("self_scored", "appraised", "survey", "final")
    }
    scored = [part for part in parts if part["status"] != NOT_SCORED]
    errors: dict[str, float] = {}
    for part in scored:
        for name, error in part["_errors"].items():
            errors[name] = errors.get(name, 0.0) + error
    whole = all(part["status"] == SCORED for part in parts)
    row.update(
        agency_code=agency,
        criterion=code,
        parent=parent,
        maximum=maximum,
        maximum_scored=math.fsum(part["maximum_scored"] for part in parts),
        status=SCORED if whole else PARTIAL if scored else NOT_SCORED,
        se=math.nan,
        low=math.nan,
        high=math.nan,
        _errors=errors,
    )
    if scored:
        error = math.sqrt(math.fsum(value * value for value in errors.values()))
        row["se"] = error
        row["low"] = float(np.clip(row["final"] - quantile * error, 0.0, maximum))
        row["high"] = float(np.clip(row["final"] + quantile * error, 0.0, maximum))
    return row


class _Surveyed:
    """Estimates by round, rule, quantity and unit."""

    def __init__(self, estimates: pd.DataFrame | None, rounds: Mapping[str, str]) -> None:
        self._rounds = dict(rounds)
        self._found: dict[tuple[str, str, str, str, str], dict[str, float]] = {}
        if estimates is None or not len(estimates):
            return
        kept = estimates[estimates["level"] != "share"]
        kept = kept[kept["domain"].fillna("").isin(["", "unit"])]
        # The factor, block and overall of one name win over an item of that name.
        columns = ["round", "rule", "quantity", "domain", "category"]
        keys = kept[columns].fillna("").astype(str).itertuples(index=False, name=None)
        values = kept[["value", "se", "low", "high"]].to_dict("records")
        for key, value in zip(keys, values, strict=True):
            if key in self._found and self._found[key] != value:
                raise IndexYearError(
                    Finding(
                        "estimate-ambiguous",
                        Words(
                            f"Có hai kết quả khác nhau cho {' / '.join(key)}.",
                            f"There are two different estimates of {' / '.join(key)}.",
                        ),
                        Words(
                            "Chỉ đưa vào mỗi đợt một bảng kết quả.",
                            "Pass one table of estimates per round.",
                        ),
                    )
                )
            self._found[key] = {str(name): float(number) for name, number in value.items()}

    def find(self, expression: Expression, unit: str) -> dict[str, float] | None:
        """Return the estimate that an expression asks for, or None where there is none."""
        where = ("unit", unit) if expression.scope == "unit" else ("", "")
        name = self._rounds.get(expression.round, expression.round)
        estimate = self._found.get((name, expression.rule, expression.quantity, *where))
        if estimate is None or math.isnan(estimate["value"]):
            return None
        return estimate


def _assessed(assessments: pd.DataFrame | None) -> dict[tuple[str, str], tuple[float, float]]:
    found: dict[tuple[str, str], tuple[float, float]] = {}
    if assessments is None:
        return found
    columns = ["agency_code", "criterion", "self_scored", "appraised"]
    for agency, criterion, own, appraised in assessments[columns].itertuples(index=False):
        key = (str(agency), str(criterion))
        if key in found:
            raise IndexYearError(
                Finding(
                    "assessment-repeated",
                    Words(
                        f"{key[0]}, tiêu chí {key[1]}: có hai dòng.",
                        f"{key[0]}, criterion {key[1]}: two rows.",
                    ),
                    Words("Giữ một dòng.", "Keep one row."),
                )
            )
        found[key] = (float(own), float(appraised))
    return found


def _added(values: Sequence[float]) -> float:
    known = [value for value in values if not math.isnan(value)]
    return math.fsum(known) if known else math.nan


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
