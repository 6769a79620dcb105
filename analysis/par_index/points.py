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
from typing import Any

import numpy as np
import pandas as pd
from scipy import special

from analysis.par_index.criteria import Criterion, Expression, IndexYear
from intake.findings import IndexYearError

TOTAL = "total"
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
        The table of `analysis.par_index.assessments.read_assessments`.
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
                raise IndexYearError.of(
                    "estimate-ambiguous",
                    f"Có hai kết quả khác nhau cho {' / '.join(key)}.",
                    f"There are two different estimates of {' / '.join(key)}.",
                    "Chỉ đưa vào mỗi đợt một bảng kết quả.",
                    "Pass one table of estimates per round.",
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
            raise IndexYearError.of(
                "assessment-repeated",
                f"{key[0]}, tiêu chí {key[1]}: có hai dòng.",
                f"{key[0]}, criterion {key[1]}: two rows.",
                "Giữ một dòng.",
                "Keep one row.",
            )
        found[key] = (float(own), float(appraised))
    return found


def _added(values: Sequence[float]) -> float:
    known = [value for value in values if not math.isnan(value)]
    return math.fsum(known) if known else math.nan
