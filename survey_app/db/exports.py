"""Rows of the database as tables for the analysis: the only place where the two meet.

A respondent's row carries the design of the cell it belongs to and one column per item;
texts that people typed stay behind.
"""

from __future__ import annotations

import json
from hashlib import sha256
from typing import Any

import pandas as pd
from sqlalchemy import Connection, func, literal, select

from questionnaires import MISSING_CODES, Questionnaire
from survey_app.db.answers import response
from survey_app.db.audit import exclusion
from survey_app.db.devices import assignment, case_count
from survey_app.db.fieldwork import DRAWN, UNUSED, USED, cell, invitation

REPORTED = ("refusal", "non_contact", "other", "unknown", "not_eligible")
"""Outcomes of cases that are no answer, as interviewers report them."""

_MODES = {"P": "letter", "T": "ticket", "R": "screen"}


def respondents(
    connection: Connection,
    round_id: str,
    questionnaire: Questionnaire,
    recruitment: str = DRAWN,
    *,
    with_excluded: bool = False,
) -> pd.DataFrame:
    """Return one row per response of a round, in an order that is the same each time.

    Responses that were excluded are left out, unless asked for.

    The drawn sample and the voluntary answers (``recruitment="open"``) never share a table.

    Columns: ``round, cell, unit, stratum, psu, mode, recruitment, design_weight``, then one
    whole-number column per item that is not a text: ``int16``, ``int64`` for numbers, which are
    counted in units of 10 to the power of minus the item's decimals. Missing answers are
    negative. ``psu`` is empty where each response is its own PSU.
    """
    rows = connection.execute(
        select(
            response.c.id,
            response.c.answers,
            cell.c.cell_id,
            cell.c.unit_id,
            cell.c.stratum,
            cell.c.psu,
            cell.c.design_weight,
            select(func.max(invitation.c.channel))
            .where(invitation.c.cell_id == cell.c.cell_id)
            .scalar_subquery()
            .label("channel"),
        )
        .join(cell, response.c.cell_id == cell.c.cell_id)
        .where(response.c.round_id == round_id, cell.c.recruitment == recruitment)
        .where(literal(with_excluded) | response.c.id.not_in(select(exclusion.c.response_id)))
        .order_by(cell.c.cell_id, response.c.id)
    ).all()
    items = [item for item in questionnaire.items if not item.text]
    columns: dict[str, Any] = {
        "round": [round_id] * len(rows),
        "cell": [row.cell_id for row in rows],
        "unit": [row.unit_id for row in rows],
        "stratum": [row.stratum for row in rows],
        "psu": [row.psu or "" for row in rows],
        "mode": [_MODES[row.channel or "P"] for row in rows],
        "recruitment": [recruitment] * len(rows),
        "design_weight": [row.design_weight for row in rows],
    }
    answers = [
        json.loads(row.answers) if isinstance(row.answers, str) else row.answers for row in rows
    ]
    for item in items:
        columns[item.code] = pd.array(
            [given.get(item.code, MISSING_CODES["not_reached"]) for given in answers],
            dtype="int64" if item.kind == "number" else "int16",
        )
    return pd.DataFrame(columns)


def salt(connection: Connection, round_id: str) -> str:
    """Return a secret of a round that is the same each time: a hash of what hides its responses.

    Whoever has the frozen file has it; without it nobody can guess a row from its published mark.
    """
    query = select(response.c.nonce).where(response.c.round_id == round_id).order_by(response.c.id)
    nonces = connection.execute(query).scalars()
    return sha256(b"hailong-salt-1|" + b"".join(map(bytes, nonces))).hexdigest()


def count_excluded(connection: Connection, round_id: str) -> int:
    """Return how many responses of a round count no longer."""
    query = select(func.count()).select_from(exclusion).where(exclusion.c.round_id == round_id)
    return connection.execute(query).scalar_one()


def cases(connection: Connection, round_id: str) -> pd.DataFrame:
    """Return one row per drawn cell: its design, and what became of the codes issued in it.

    ``issued`` and ``used`` count codes. The classes of `analysis.dispositions` follow, so that
    the table goes into `outcome_rates` as it is: ``complete`` is ``used``; what interviewers
    reported (``refusal`` to ``not_eligible``) is as it stood when they last had a network;
    ``unknown_other`` are the codes of which nobody has heard.
    """
    counts = {
        (row.cell_id, row.state): row.number
        for row in connection.execute(
            select(invitation.c.cell_id, invitation.c.state, func.count().label("number"))
            .join(cell, cell.c.cell_id == invitation.c.cell_id)
            .where(cell.c.round_id == round_id)
            .group_by(invitation.c.cell_id, invitation.c.state)
        )
    }
    rows = connection.execute(
        select(cell)
        .where(cell.c.round_id == round_id, cell.c.recruitment == DRAWN)
        .order_by(cell.c.cell_id)
    ).all()
    used = [counts.get((row.cell_id, USED), 0) for row in rows]
    table = pd.DataFrame(
        {
            "cell": [row.cell_id for row in rows],
            "unit_id": [row.unit_id for row in rows],
            "stratum": [row.stratum for row in rows],
            "psu_id": [row.psu or "" for row in rows],
            "design_weight": [row.design_weight for row in rows],
            "issued": [
                counts.get((row.cell_id, UNUSED), 0) + done
                for row, done in zip(rows, used, strict=True)
            ],
            "used": used,
            "expected": [row.expected for row in rows],
            "complete": used,
            "partial": 0,
        }
    )
    reported = _reported(connection, round_id)
    for outcome in REPORTED:
        table[outcome] = [reported.get((row.cell_id, outcome), 0) for row in rows]
    # A case that was reported and then answered by its letter counts twice until the next report.
    known = table["used"] + table[list(REPORTED)].sum(axis=1)
    table["unknown_other"] = (table["issued"] - known).clip(lower=0).astype("int64")
    return table


def _reported(connection: Connection, round_id: str) -> dict[tuple[str, str], int]:
    """Return the cases of each cell by the outcome that interviewers reported."""
    query = (
        select(
            assignment.c.cell_id, case_count.c.outcome, func.sum(case_count.c.cases).label("number")
        )
        .join(assignment, assignment.c.key_mac == case_count.c.key_mac)
        .join(cell, cell.c.cell_id == assignment.c.cell_id)
        .where(cell.c.round_id == round_id)
        .group_by(assignment.c.cell_id, case_count.c.outcome)
    )
    return {(row.cell_id, row.outcome): int(row.number) for row in connection.execute(query)}
