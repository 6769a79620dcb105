"""One-time codes for drawn cases: made, stored as MACs, handed over once.

The codes themselves leave through the caller's files in shuffled order. Which code goes to
which person is decided by whoever fills the envelopes, and is known to nobody here.
"""

from __future__ import annotations

import secrets
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date

from sqlalchemy import Engine, insert, select

from intake.findings import Finding, RoundError, Words
from survey_app.db import reading, writing
from survey_app.db.fieldwork import DRAWN, OPEN, PLANNED, UNUSED, cell, invitation
from survey_app.services.answering import code_mac
from survey_app.services.codes import new_code
from survey_app.services.keys import RoundKeys
from survey_app.services.rounds import require_round
from survey_app.services.trail.audit import record

CHANNELS = ("P", "T")


@dataclass(frozen=True)
class Issued:
    """One new code and the cell it belongs to. Kept by the caller, never by us."""

    cell_id: str
    unit_id: str
    code: str


def issue_codes(
    engine: Engine,
    keys: RoundKeys,
    *,
    channel: str,
    counts: Mapping[str, int],
    expires_on: date | None = None,
    codes: Iterator[str] | None = None,
) -> list[Issued]:
    """Make codes for the cells of a round and return them in shuffled order.

    Parameters
    ----------
    channel
        ``P`` for letters to a probability sample, ``T`` for tickets of drawn visits.
    counts
        How many codes each cell gets.
    expires_on
        Last day of the codes; the closing day of the round where not given.
    codes
        Where the codes come from; fresh ones where not given.
    """
    codes = codes or iter(new_code, None)
    with reading(engine) as connection:
        found = require_round(connection, keys.round_id, PLANNED, OPEN)
        units = {
            row.cell_id: row.unit_id
            for row in connection.execute(
                select(cell).where(cell.c.round_id == keys.round_id, cell.c.recruitment == DRAWN)
            )
        }
    unknown = sorted(set(counts) - set(units))
    if unknown:
        raise RoundError(
            Finding(
                "cell-unknown",
                Words(f"Không có ô {unknown[0]}.", f"There is no cell {unknown[0]}."),
                Words(f"Các ô: {', '.join(units)}.", f"The cells: {', '.join(units)}."),
            )
        )
    issued = [
        Issued(cell_id, units[cell_id], next(codes))
        for cell_id, count in counts.items()
        for _ in range(count)
    ]
    # Stored in the order of their MACs, so that the table does not show who was printed first.
    rows = [
        {
            "code_mac": mac,
            "cell_id": cell_id,
            "channel": channel,
            "expires_on": expires_on or found.closes,
            "state": UNUSED,
        }
        for mac, cell_id in sorted((code_mac(keys, one.code), one.cell_id) for one in issued)
    ]
    with writing(engine) as connection:
        connection.execute(insert(invitation), rows)
        number = {"codes": len(rows), "channel": channel}
        record(connection, "codes-issued", keys.round_id, number)
    secrets.SystemRandom().shuffle(issued)
    return issued


def link_of(base_url: str, code: str) -> str:
    """Return the link of a code, in capitals so that its QR code stays small."""
    return f"{base_url}/s/{code}".upper()
