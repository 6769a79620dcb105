"""Where points were lost, and which agencies owe a review report.

Points are lost against the maximum of a criterion. The duties are those of the index year's
file: an agency owes a report when a named domain stays below the threshold, a share of that
domain's maximum, or when its head's rating is one of those named. A share that equals the
threshold is not below it.
"""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any

import pandas as pd

from analysis.par_index.criteria import DutyRules, IndexYear
from analysis.par_index.points import SCORED
from intake.findings import Faults, IndexYearError, Words
from intake.tables import read_table
from intake.text import folded

DUTY_COLUMNS = ("agency_code", "reason", "clause", "domain", "percent", "due_on")
LOSS_COLUMNS = ("agency_code", "criterion", "name", "maximum", "final", "lost", "status")
BELOW_THRESHOLD, HEAD_RATING = "domain-below-threshold", "head-rating"
_DIGITS = 9


def read_heads(path: Path) -> pd.DataFrame:
    """Read the yearly ratings of heads of agencies: ``agency_code, rating``.

    Raises
    ------
    IntakeError
        The file breaks a limit or lacks a column.
    IndexYearError
        All faults at once: ``head-value-missing``, ``head-repeated``.
    """
    stored = read_table(path, required=("agency_code", "rating"))
    faults = Faults(stored.file)
    seen: set[str] = set()
    rows = []
    for row in stored.rows:
        agency, rating = row.cells["agency_code"], row.cells["rating"]
        if not agency or not rating:
            faults.add(
                "head-value-missing",
                Words(
                    "Thiếu mã cơ quan hoặc xếp loại.",
                    "The code of the agency or the rating is missing.",
                ),
                Words("Điền cả hai.", "Enter both."),
                row=row.line,
            )
        elif agency in seen:
            faults.add(
                "head-repeated",
                Words(f"{agency}: có hai dòng.", f"{agency}: two rows."),
                Words("Giữ một dòng.", "Keep one row."),
                row=row.line,
            )
        seen.add(agency)
        rows.append({"agency_code": agency, "rating": rating})
    faults.raise_as(IndexYearError)
    return pd.DataFrame(rows, columns=["agency_code", "rating"])


def losses(points: pd.DataFrame, year: IndexYear) -> pd.DataFrame:
    """Return the points lost on every criterion that is scored itself.

    Returns
    -------
    pandas.DataFrame
        `LOSS_COLUMNS`, agency by agency, largest loss first; ``lost`` is missing where a
        criterion is not scored, and such rows come last.
    """
    leaves = {leaf.code: leaf for leaf in year.leaves()}
    kept = points[points["criterion"].isin(list(leaves))]
    table = pd.DataFrame(
        {
            "agency_code": kept["agency_code"],
            "criterion": kept["criterion"],
            "name": [leaves[code].name.vi for code in kept["criterion"]],
            "maximum": kept["maximum"],
            "final": kept["final"],
            "lost": kept["maximum"] - kept["final"],
            "status": kept["status"],
        }
    )
    return table.sort_values(
        ["agency_code", "lost", "criterion"],
        ascending=[True, False, True],
        na_position="last",
        ignore_index=True,
    )


def list_duties(
    points: pd.DataFrame, year: IndexYear, heads: pd.DataFrame | None = None
) -> pd.DataFrame:
    """Return who owes a review report and why, one row per reason.

    Parameters
    ----------
    points
        The table of `analysis.par_index.points.compute`.
    year
        The rules; its duties may be absent, and then nobody owes anything.
    heads
        ``agency_code, rating``, see `read_heads`.

    Returns
    -------
    pandas.DataFrame
        `DUTY_COLUMNS`: ``reason`` is ``domain-below-threshold`` or ``head-rating``,
        ``clause`` the Vietnamese text of the rule, ``percent`` of the domain's maximum,
        ``due_on`` a date. A domain that is not wholly scored is not judged; see `undecided`.
    """
    rules = year.duties
    rows: list[dict[str, Any]] = []
    if rules is not None:
        rows = [*_below(points, rules, year.year), *_heads(heads, rules, year.year)]
    table = pd.DataFrame(rows, columns=list(DUTY_COLUMNS))
    return table.sort_values(["agency_code", "reason", "domain"], ignore_index=True)


def undecided(points: pd.DataFrame, year: IndexYear) -> pd.DataFrame:
    """Return the agencies and domains that cannot be judged yet, being not wholly scored."""
    domains = year.duties.domains if year.duties else ()
    kept = points[points["criterion"].isin(list(domains)) & (points["status"] != SCORED)]
    table = kept[["agency_code", "criterion", "status"]].rename(columns={"criterion": "domain"})
    return table.reset_index(drop=True)


def _below(points: pd.DataFrame, rules: DutyRules, year: int) -> list[dict[str, Any]]:
    rows = []
    kept = points[points["criterion"].isin(list(rules.domains)) & (points["status"] == SCORED)]
    for agency, domain, final, maximum in kept[
        ["agency_code", "criterion", "final", "maximum"]
    ].itertuples(index=False):
        percent = 100.0 * float(final) / float(maximum)
        if round(percent, _DIGITS) < rules.threshold:
            rows.append(
                {
                    "agency_code": agency,
                    "reason": BELOW_THRESHOLD,
                    "clause": rules.domain_clause.vi,
                    "domain": domain,
                    "percent": percent,
                    "due_on": rules.due_on(year),
                }
            )
    return rows


def _heads(heads: pd.DataFrame | None, rules: DutyRules, year: int) -> list[dict[str, Any]]:
    if heads is None:
        return []
    absent = [name for name in ("agency_code", "rating") if name not in heads.columns]
    if absent:
        raise IndexYearError.of(
            "head-column-missing",
            f"Bảng xếp loại thiếu cột {', '.join(absent)}.",
            f"The ratings lack the column {', '.join(absent)}.",
            "Cần agency_code, rating.",
            "Give agency_code, rating.",
        )
    wanted = {folded(name.strip()) for name in rules.head_ratings}
    return [
        {
            "agency_code": str(agency),
            "reason": HEAD_RATING,
            "clause": rules.head_clause.vi,
            "domain": "",
            "percent": math.nan,
            "due_on": rules.due_on(year),
        }
        for agency, rating in heads[["agency_code", "rating"]].itertuples(index=False)
        if folded(str(rating).strip()) in wanted
    ]
