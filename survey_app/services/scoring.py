"""The index of a year: what was scored and what was surveyed become points and ranks.

The rules are the files of the year, one per block. Assessments are kept in the database;
points, standings, losses and duties are laid down as files of the year.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import pandas as pd
from sqlalchemy import Engine, bindparam, delete, insert, select

from analysis.par_index import (
    assessments,
    criteria,
    points,
    remediation,
    rule_files,
    standing,
)
from intake.findings import Finding, HailongError, IndexYearError, Words, errors_of
from intake.tables import Table, read_table
from survey_app.db import reading, writing
from survey_app.db.registry import agency, service_point
from survey_app.db.scoring import assessment, head_rating
from survey_app.services.installation import Installation
from survey_app.services.results import ESTIMATES, read_made_table, write_table
from survey_app.services.rounds import round_folder
from survey_app.services.trail.audit import digests, record

PROVINCE = "province"
COUNTERS = "counters"


# A score given again replaces the earlier one; what a file does not name stays.
_FORGET = {
    table.name: delete(table).where(
        *(column == bindparam(f"key_{column.name}") for column in table.primary_key)
    )
    for table in (assessment, head_rating)
}


@dataclass(frozen=True)
class Block:
    """The results of one block of agencies."""

    year: criteria.IndexYear
    points: pd.DataFrame
    standing: pd.DataFrame
    losses: pd.DataFrame
    duties: pd.DataFrame


def index_years(year: int) -> list[criteria.IndexYear]:
    """Return the rules of a year, one per block.

    Raises
    ------
    IndexYearError
        No file of the package is about this year.
    """
    found = [
        rule_files.load(name) for name in rule_files.available() if name.startswith(f"{year}-")
    ]
    if not found:
        listed = ", ".join(rule_files.available())
        raise IndexYearError(
            Finding(
                "index-year-unknown",
                Words(f"Chưa có bộ tiêu chí năm {year}.", f"There are no rules for {year}."),
                Words(f"Hiện có: {listed}.", f"There are: {listed}."),
            )
        )
    return found


def import_scores(engine: Engine, year: int, paths: Sequence[Path]) -> dict[str, int]:
    """Take in assessments and ratings of heads; a single fault writes nothing."""
    scored: list[pd.DataFrame] = []
    heads: list[pd.DataFrame] = []
    findings: list[Finding] = []
    known = {part.code for rules in index_years(year) for part in rules.leaves()}
    seen: dict[tuple[str, ...], Path] = {}
    for path in paths:
        try:
            listed = read_table(path, required=["agency_code"])
            if "rating" in listed.columns:
                heads.append(remediation.read_heads(path))
            else:
                scored.append(assessments.read_assessments(path))
                findings += _unknown_criteria(listed, known, year)
            findings += _given_before(listed, path, seen)
        except HailongError as error:
            findings += error.findings
    if errors_of(findings):
        raise IndexYearError(findings)
    with writing(engine) as connection:
        for table, parts in ((assessment, scored), (head_rating, heads)):
            if parts:
                rows = _rows(pd.concat(parts), year, table.name)
                connection.execute(_FORGET[table.name], [_keyed(row) for row in rows])
                connection.execute(insert(table), rows)
        record(connection, "scores-imported", str(year), {"files": digests(paths)})
    return {
        "assessments": sum(len(part) for part in scored),
        "heads": sum(len(part) for part in heads),
    }


def compute_year(installation: Installation, year: int) -> dict[str, Block]:
    """Compute every block of a year and lay down its tables."""
    scores = stored_scores(installation.engine, year)
    blocks = {}
    for rules in index_years(year):
        estimates = _estimates(installation, rules)
        units = _agencies(installation.engine, rules, estimates)
        block = blocks[rules.block] = compute_block(rules, estimates, scores, units)
        folder = installation.settings.index / str(year)
        for name in ("points", "standing", "losses", "duties"):
            write_table(getattr(block, name), folder / f"{name}-{rules.block}.csv")
    return blocks


def compute_block(
    rules: criteria.IndexYear,
    estimates: pd.DataFrame,
    scores: tuple[pd.DataFrame, pd.DataFrame],
    units: Mapping[str, str],
) -> Block:
    """Compute one block from estimates and from what was scored.

    Parameters
    ----------
    scores
        Assessments of criteria and ratings of heads, as `stored_scores` returns them.
    units
        The survey unit of each agency of the block, by its code.
    """
    assessed, heads = scores
    made = points.compute(rules, assessed, estimates, agencies=list(units), units=units)
    return Block(
        rules,
        made,
        standing.rank(made, rules),
        remediation.losses(made, rules),
        remediation.list_duties(made, rules, heads[heads["agency_code"].isin(list(units))]),
    )


def _unknown_criteria(table: Table, known: set[str], year: int) -> list[Finding]:
    return [
        Finding(
            "criterion-unknown",
            Words(
                f"Không khối nào của năm {year} có tiêu chí {row.cells['criterion']}.",
                f"No block of {year} has the criterion {row.cells['criterion']}.",
            ),
            Words(
                "Xem mã tiêu chí trong bộ tiêu chí của năm.",
                "See the codes in the rules of the year.",
            ),
            file=table.file,
            row=row.line,
            column="criterion",
        )
        for row in table.rows
        if row.cells["criterion"] not in known
    ]


def _given_before(table: Table, path: Path, seen: dict[tuple[str, ...], Path]) -> list[Finding]:
    """Find what an earlier file of the same call has given already; files add up."""
    kind = "rating" if "rating" in table.columns else "criterion"
    findings = []
    for row in table.rows:
        key = (kind, row.cells["agency_code"], "" if kind == "rating" else row.cells[kind])
        earlier = seen.setdefault(key, path)
        if earlier is not path:
            findings.append(
                Finding(
                    "score-given-twice",
                    Words(
                        f"Tệp {earlier.name} đã có dòng này.",
                        f"{earlier.name} holds this row already.",
                    ),
                    Words("Hãy bỏ một trong hai dòng.", "Remove one of the two."),
                    file=table.file,
                    row=row.line,
                    column="agency_code",
                )
            )
    return findings


def _estimates(installation: Installation, rules: criteria.IndexYear) -> pd.DataFrame:
    """Return the estimates of all rounds that the rules of a block name."""
    found = []
    for round_id in dict.fromkeys(rules.rounds.values()):
        path = round_folder(installation.settings, round_id) / ESTIMATES
        if not path.is_file():
            raise IndexYearError(
                Finding(
                    "index-round-missing",
                    Words(
                        f"Khối {rules.block} cần đợt {round_id}, chưa có ước lượng.",
                        f"Block {rules.block} needs the estimates of round {round_id}.",
                    ),
                    Words("Hãy chạy: hailong estimate", "Run: hailong estimate"),
                    file=str(path),
                )
            )
        found.append(read_made_table(path, "estimate"))
    return pd.concat(found, ignore_index=True)


def _agencies(
    engine: Engine,
    rules: criteria.IndexYear,
    estimates: pd.DataFrame,
) -> dict[str, str]:
    """Return the agencies of a block that have a sample of their own, and their survey unit."""
    if rules.block == PROVINCE:
        return {PROVINCE: PROVINCE}
    surveyed = set(estimates.loc[estimates["domain"] == "unit", "category"])
    with reading(engine) as connection:
        if rules.block == COUNTERS:
            known = {
                row: row for row in connection.execute(select(service_point.c.counter_id)).scalars()
            }
        else:
            known = {
                row.agency_code: row.unit_code
                for row in connection.execute(select(agency).where(agency.c.type == "commune"))
            }
    return {code: unit for code, unit in sorted(known.items()) if unit in surveyed}


def stored_scores(engine: Engine, year: int) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return what was imported for a year: assessments of criteria, ratings of heads."""
    with reading(engine) as connection:
        scored = connection.execute(select(assessment).where(assessment.c.year == year)).mappings()
        heads = connection.execute(select(head_rating).where(head_rating.c.year == year)).mappings()
        return (
            pd.DataFrame(
                [dict(row) for row in scored], columns=list(assessments.ASSESSMENT_COLUMNS)
            ),
            pd.DataFrame([dict(row) for row in heads], columns=["agency_code", "rating"]),
        )


def _keyed(row: Mapping[str, object]) -> dict[str, object]:
    return {
        f"key_{name}": row[name] for name in ("year", "agency_code", "criterion") if name in row
    }


def _rows(table: pd.DataFrame, year: int, name: str) -> list[Mapping[str, object]]:
    filled = table.astype(object).where(table.notna(), None)
    rows = [{str(key): value for key, value in row.items()} for row in filled.to_dict("records")]
    if name == head_rating.name:
        return [
            {"year": year, "agency_code": row["agency_code"], "rating": row["rating"]}
            for row in rows
        ]
    return [{"evidence": "", "source": "", **row, "year": year} for row in rows]
