"""What interviewers found, as counts: how many cases ended in which way after how many visits.

A count belongs to a batch, so that a report which is sent twice counts once, and is shown for a
cell. No case and no day is kept: a count cannot be joined to an answer (decision 21).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from sqlalchemy import Engine, delete, func, insert, select

from intake.findings import Finding, RoundError, Words
from survey_app.db import reading, writing
from survey_app.db.devices import assignment, case_count
from survey_app.db.fieldwork import cell
from survey_app.services.assignments import Assignment

OUTCOMES = ("complete", "refusal", "non_contact", "other", "unknown", "not_eligible")
"""Final outcomes of a case by the classes of AAPOR, as an interviewer can tell them."""

MOST_VISITS = 20

Counts = Mapping[tuple[str, int], int]
"""(outcome, visits) -> cases."""


@dataclass(frozen=True)
class Found:
    """What interviewers found in one cell: cases by outcome, of all batches together."""

    cell_id: str
    assigned: int
    outcomes: Mapping[str, int]


def report(engine: Engine, found: Assignment, counts: Counts) -> None:
    """Keep what became of the cases of a batch, in place of what was kept before.

    The whole is replaced, so a report that is sent twice counts once.

    Raises
    ------
    RoundError
        ``case-counts-wrong``: an unknown outcome, or more cases than the batch has.
    """
    right = all(
        outcome in OUTCOMES and 0 < visits <= MOST_VISITS and cases > 0
        for (outcome, visits), cases in counts.items()
    )
    if not right or sum(counts.values()) > found.cases:
        raise RoundError(
            Finding(
                "case-counts-wrong",
                Words(
                    "Số trường hợp theo kết quả không hợp với số được giao.",
                    "The cases by outcome do not fit those that were assigned.",
                ),
                Words("Xin mở lại trang được giao.", "Please open the assigned page again."),
            )
        )
    rows = [
        {"key_mac": found.key_mac, "outcome": outcome, "visits": visits, "cases": cases}
        for (outcome, visits), cases in sorted(counts.items())
    ]
    with writing(engine) as connection:
        connection.execute(delete(case_count).where(case_count.c.key_mac == found.key_mac))
        if rows:
            connection.execute(insert(case_count), rows)


def outcomes_of_round(engine: Engine, round_id: str) -> list[Found]:
    """Return what interviewers found in each cell of a round that has batches."""
    of_round = cell.c.round_id == round_id
    batches = (
        select(assignment.c.cell_id, func.sum(assignment.c.cases).label("cases"))
        .join(cell, cell.c.cell_id == assignment.c.cell_id)
        .where(of_round)
        .group_by(assignment.c.cell_id)
        .order_by(assignment.c.cell_id)
    )
    counts = (
        select(
            assignment.c.cell_id, case_count.c.outcome, func.sum(case_count.c.cases).label("cases")
        )
        .join(assignment, assignment.c.key_mac == case_count.c.key_mac)
        .join(cell, cell.c.cell_id == assignment.c.cell_id)
        .where(of_round)
        .group_by(assignment.c.cell_id, case_count.c.outcome)
    )
    with reading(engine) as connection:
        assigned = {row.cell_id: int(row.cases) for row in connection.execute(batches)}
        ended = {(row.cell_id, row.outcome): int(row.cases) for row in connection.execute(counts)}
    return [
        Found(cell_id, cases, {outcome: ended.get((cell_id, outcome), 0) for outcome in OUTCOMES})
        for cell_id, cases in assigned.items()
    ]
