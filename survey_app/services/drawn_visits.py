"""Rounds whose visits were drawn: what counters tallied, and what weights that gives."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from pathlib import Path

from sqlalchemy import Connection, Row, func, select, update

from intake.findings import Faults, RoundError
from intake.tables import read_table
from sampling.visits import TALLY_COLUMNS, check_tally
from survey_app.db.fieldwork import UNUSED, USED, WITHDRAWN, cell, invitation


def cells_of_visits(
    connection: Connection, found: Row[tuple[object, ...]]
) -> list[Row[tuple[object, ...]]]:
    """Return the cells of a round whose visits were drawn: they carry channel T codes."""
    query = (
        select(cell)
        .where(cell.c.round_id == found.round_id)
        .where(
            cell.c.cell_id.in_(
                select(invitation.c.cell_id).where(invitation.c.channel == "T").distinct()
            )
        )
    )
    return list(connection.execute(query))


def read_tally(path: Path, visits: Mapping[str, object]) -> dict[str, dict[str, int]]:
    """Return the counts of each counter; its periods and windows, if any, are added up."""
    table = read_table(path, required=TALLY_COLUMNS)
    rows, findings = check_tally(table, visits)
    Faults(table.file, findings).raise_as(RoundError)
    counted: dict[str, dict[str, int]] = {}
    for row in rows:
        own = counted.setdefault(row.key[0], dict.fromkeys(TALLY_COLUMNS[1:], 0))
        for column in own:
            own[column] += getattr(row, column)
    return counted


def weigh_visits(connection: Connection, cell_id: str, count: Mapping[str, int]) -> None:
    """Set a counter's weight from its count, and withdraw the codes that were not handed out."""
    drawn = count["served"] + count["refused"] + count["ineligible"]
    connection.execute(
        update(cell)
        .where(cell.c.cell_id == cell_id)
        .values(design_weight=count["finished"] / drawn)
    )
    unused = list(
        connection.execute(
            select(invitation.c.code_mac)
            .where(invitation.c.cell_id == cell_id, invitation.c.state == UNUSED)
            .order_by(invitation.c.code_mac)
        ).scalars()
    )
    used = connection.execute(
        select(func.count())
        .select_from(invitation)
        .where(invitation.c.cell_id == cell_id, invitation.c.state == USED)
    ).scalar_one()
    eligible = count["served"] + count["refused"]
    surplus = max(len(unused) + used - eligible, 0)
    # Which of the unused codes were never handed out is known to nobody; any will do.
    for mac in secrets.SystemRandom().sample(unused, min(surplus, len(unused))):
        connection.execute(
            update(invitation).where(invitation.c.code_mac == mac).values(state=WITHDRAWN)
        )
