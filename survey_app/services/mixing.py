"""Mixing: answers leave the sealed inbox in a form that nobody can trace back.

One transaction opens the waiting answers, takes those of every cell that has enough of them
but for a pool that stays until the close, and writes the whole table of responses anew in
random order, and the codes and receipts in the order of their keys. After it neither physical
order nor transaction numbers say which answer came with which code.
"""

from __future__ import annotations

import json
import logging
import secrets
from dataclasses import dataclass
from datetime import date
from random import SystemRandom
from typing import Any

from sqlalchemy import Connection, Engine, Table, delete, func, insert, select, text, update

from survey_app.db import reading, writing
from survey_app.db.answers import INBOXES, feedback_code, feedback_inbox, response
from survey_app.db.fieldwork import invitation, receipt, survey_round
from survey_app.services.keys import RoundKeys
from survey_app.services.sealing import seal, unseal
from survey_app.services.trail.audit import record

CELL_MINIMUM = 10
"""Fewest answers of a cell that are taken at a time: among so many each of them hides."""

CELL_POOL = 10
"""Answers of a cell that stay until the close, drawn at random each time. Whoever answers last
hides among them, however few come after the last mix."""

_LOG = logging.getLogger(__name__)
_CHANCE = SystemRandom()
_GUARDS = text("SELECT name, sql FROM sqlite_master WHERE type = 'trigger' AND tbl_name = :name")


@dataclass(frozen=True)
class Mixed:
    """How many answers a mix took and how many of the round still wait."""

    taken: int
    waiting: int


def mix(
    engine: Engine, keys: RoundKeys, *, every_cell: bool = False, on: date | None = None
) -> Mixed:
    """Move the waiting answers of one round into the table of responses.

    Parameters
    ----------
    keys
        Keys of the round; answers of other rounds stay where they are.
    every_cell
        Take every waiting answer, as at the close of a round, and leave none behind.
    on
        The day that the audit log names.
    """
    with writing(engine) as connection:
        _lock(connection)
        foreign, cells = _waiting(connection, keys)
        if not cells:
            return Mixed(0, 0)
        taken, left = _draw(cells, every_cell=every_cell)
        if taken:
            connection.execute(insert(response), [_row(content) for content in taken])
            _rewrite(connection, response, _random_order(engine))
            _rewrite(connection, invitation, "code_mac")
            _rewrite(connection, receipt, "key_mac")
            _rewrite(connection, feedback_inbox, _random_order(engine))
            _rewrite(connection, feedback_code, "code_mac")
        # Sealed anew: nobody can see which of those that waited before are still there.
        anew = [seal(json.dumps(content).encode(), keys.public) for content in left]
        rest = foreign | {secrets.token_bytes(16): sealed for sealed in anew}
        _turn_inbox(
            connection,
            keys.round_id,
            [{"id": place, "sealed": sealed} for place, sealed in sorted(rest.items())],
        )
        if taken:
            record(connection, "answers-mixed", keys.round_id, {"taken": len(taken)}, on=on)
    if engine.dialect.name == "sqlite":
        empty_log(engine)
    return Mixed(len(taken), len(left))


def _draw(
    cells: dict[str, list[dict[str, Any]]], *, every_cell: bool
) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """Draw the answers that are taken, in random order, and those that stay."""
    taken, left = [], []
    for contents in cells.values():
        _CHANCE.shuffle(contents)
        enough = len(contents) >= CELL_POOL + CELL_MINIMUM
        stay = 0 if every_cell else CELL_POOL if enough else len(contents)
        left += contents[:stay]
        taken += _alike(contents[stay:])
    # PostgreSQL's log of writes keeps the order in which rows were first inserted.
    _CHANCE.shuffle(taken)
    return taken, left


def _alike(contents: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return what is taken of a cell, its times left out unless every one of them has a time.

    The one without would be the one on paper or with an interviewer, and somebody knows whose.
    """
    if all(content["duration_band"] for content in contents):
        return contents
    return [content | {"n_fast_pages": None, "duration_band": None} for content in contents]


def count_waiting(engine: Engine) -> int:
    """Return the number of sealed answers that wait, of all rounds."""
    with reading(engine) as connection:
        return sum(
            connection.execute(select(func.count()).select_from(inbox)).scalar_one()
            for inbox in INBOXES.values()
        )


def empty_log(engine: Engine) -> None:
    """Fold SQLite's write-ahead log into the database, so that no earlier state stays in it.

    Whoever reads meanwhile is waited for; a warning says where that took too long, as it always
    does for a program that copies the log continuously.
    """
    connection = engine.raw_connection()
    try:
        busy = connection.cursor().execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()[0]
    finally:
        connection.close()
    if busy:
        _LOG.warning("The write-ahead log holds the order of earlier answers: it is being read")


def _lock(connection: Connection) -> None:
    """Keep submitters out until the commit. SQLite has one writer, so it is done there.

    A statement that writes a million rows takes longer than a page may, so once the tables are
    ours it has the time that it needs: a round that cannot be mixed can never be closed.
    """
    if connection.dialect.name == "postgresql":
        names = ", ".join(
            table.name
            for table in (
                *INBOXES.values(),
                response,
                invitation,
                receipt,
                feedback_inbox,
                feedback_code,
            )
        )
        connection.execute(text(f"LOCK TABLE {names} IN ACCESS EXCLUSIVE MODE"))
        connection.execute(text("SET LOCAL statement_timeout = 0"))


def _waiting(
    connection: Connection, keys: RoundKeys
) -> tuple[dict[bytes, bytes], dict[str, list[dict[str, Any]]]]:
    """Return what other rounds sealed, by id, and the opened answers of this one by cell."""
    foreign: dict[bytes, bytes] = {}
    cells: dict[str, list[dict[str, Any]]] = {}
    for inbox in INBOXES.values():
        for place, sealed in connection.execute(select(inbox)):
            message = unseal(sealed, keys.private)
            if message is None:
                foreign[place] = sealed
            else:
                content = json.loads(message)
                cells.setdefault(content["cell"], []).append(content)
    return foreign, cells


def _row(content: dict[str, Any]) -> dict[str, Any]:
    return {
        "id": secrets.token_bytes(16),
        "questionnaire_version": content["version"],
        "cell_id": content["cell"],
        "round_id": content["round"],
        "answers": content["answers"],
        "n_fast_pages": content["n_fast_pages"],
        "duration_band": content["duration_band"],
        "flags": content["flags"],
        "nonce": secrets.token_bytes(16),
    }


def _random_order(engine: Engine) -> str:
    return "randomblob(16)" if engine.dialect.name == "sqlite" else "gen_random_uuid()"


def _rewrite(connection: Connection, table: Table, order: str) -> None:
    """Write a whole table anew, in an order that does not come from how it grew."""
    name = table.name
    # PostgreSQL gives every row of the statement the same transaction number, SQLite builds
    # the tree anew; both forget the order of arrival.
    connection.execute(text(f"CREATE TEMPORARY TABLE mixing AS SELECT * FROM {name}"))  # noqa: S608
    _empty(connection, table)
    connection.execute(
        text(f"INSERT INTO {name} SELECT * FROM mixing ORDER BY {order}")  # noqa: S608
    )
    connection.execute(text("DROP TABLE mixing"))


def _empty(connection: Connection, table: Table) -> None:
    if connection.dialect.name == "postgresql":
        connection.execute(text(f"TRUNCATE {table.name}"))
        return
    # SQLite's guards against any change are put aside and back within this transaction.
    guards = connection.execute(_GUARDS, {"name": table.name}).all()
    for name, _ in guards:
        connection.execute(text(f"DROP TRIGGER {name}"))
    connection.execute(delete(table))
    for _, sql in guards:
        connection.exec_driver_sql(sql)


def _turn_inbox(connection: Connection, round_id: str, left: list[dict[str, bytes]]) -> None:
    """Empty both inboxes, put what remains into the other one, and let new answers follow."""
    this_round = survey_round.c.round_id == round_id
    in_use = connection.execute(select(survey_round.c.inbox).where(this_round)).scalar_one()
    other = "b" if in_use == "a" else "a"
    for inbox in INBOXES.values():
        _empty(connection, inbox)
    if left:
        connection.execute(insert(INBOXES[other]), left)
    connection.execute(update(survey_round).values(inbox=other))
