"""The audit log: each act that matters, written with it, each row sealed by the next.

``hash`` is the SHA-256 of the canonical JSON of a row without its payload and hash; ``prev`` is
the hash of the row before. Of what respondents do, only counts of a mix stand here.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from datetime import date
from hashlib import sha256
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, Row, insert, select, text

from survey_app.db import reading
from survey_app.db.audit import audit

OPERATOR = "operator"
"""The actor of steps that take no account: whoever may run commands on the server."""

BEGINNING = "0" * 64
_SEALED = ("seq", "day", "actor", "action", "object", "payload_sha256", "prev")
_POSTGRES_LOCK = 0x4A11_09


def canonical(value: object) -> bytes:
    """Return the one JSON text of a value: sorted keys, no blanks, UTF-8; days as text."""
    return json.dumps(
        value, sort_keys=True, separators=(",", ":"), ensure_ascii=False, default=_plain
    ).encode()


def record(
    connection: Connection,
    action: str,
    about: str,
    payload: Mapping[str, Any] | None = None,
    *,
    actor: str = OPERATOR,
    on: date | None = None,
) -> None:
    """Add a row to the log within the transaction of the act itself, as its last statement.

    Parameters
    ----------
    about
        What the act was done to: the id of a round, an account, a counter.
    payload
        What there is to know of it; it can be written as JSON and names no respondent.
    on
        The day, today's where this machine stands if not given.
    """
    lock(connection)
    last = last_row(connection)
    kept = canonical(payload or {})
    row = {
        "seq": last.seq + 1 if last else 1,
        "day": on or date.today(),  # noqa: DTZ011 - the calendar of the office is meant
        "actor": actor,
        "action": action,
        "object": about,
        "payload": kept.decode(),
        "payload_sha256": sha256(kept).hexdigest(),
        "prev": last.hash if last else BEGINNING,
    }
    connection.execute(insert(audit), row | {"hash": hash_of(row)})


def lock(connection: Connection) -> None:
    """Keep others from adding to the log until the commit; SQLite has one writer anyway.

    Whoever waits here must hold no lock that the one before needs, so it comes last.
    """
    if connection.dialect.name == "postgresql":
        connection.execute(text(f"SELECT pg_advisory_xact_lock({_POSTGRES_LOCK})"))


def digests(paths: Iterable[Path]) -> dict[str, str]:
    """Return the SHA-256 of files in hex, by their names."""
    return {path.name: sha256(path.read_bytes()).hexdigest() for path in paths}


def hash_of(row: Mapping[str, Any]) -> str:
    """Return the hash that a row of the log must carry, in hex."""
    return sha256(canonical({name: row[name] for name in _SEALED})).hexdigest()


def last_row(connection: Connection) -> Row[Any] | None:
    """Return the newest row of the log, or None."""
    return connection.execute(select(audit).order_by(audit.c.seq.desc()).limit(1)).first()


def _plain(value: object) -> str:
    if isinstance(value, date):
        return value.isoformat()
    raise TypeError(f"{type(value).__name__} has no canonical text")


def newest(engine: Engine, number: int) -> list[dict[str, Any]]:
    """Return the newest rows of the log, the oldest of them first."""
    with reading(engine) as connection:
        rows = connection.execute(select(audit).order_by(audit.c.seq.desc()).limit(number)).all()
    return [dict(row._mapping) for row in reversed(rows)]
