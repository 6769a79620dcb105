"""Mixing: answers leave the sealed inbox in a form that nobody can trace back.

One transaction takes the waiting answers of every cell that has enough of them, opens
them, and writes the whole table of responses anew in random order, and the codes and
receipts in the order of their keys. After it neither physical order nor transaction
numbers say which answer came with which code.
"""

from __future__ import annotations

import json
import secrets
from collections import Counter
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Engine, Table, delete, func, insert, select, text, update

from survey_app.db import reading, writing
from survey_app.db.answers import INBOXES, feedback_code, feedback_inbox, response
from survey_app.db.fieldwork import invitation, receipt, survey_round
from survey_app.services.keys import RoundKeys
from survey_app.services.sealing import unseal

CELL_MINIMUM = 10


@dataclass(frozen=True)
class Mixed:
    """How many answers a mix took and how many of the round still wait."""

    taken: int
    waiting: int


def mix(engine: Engine, keys: RoundKeys, *, every_cell: bool = False) -> Mixed:
    """Move the waiting answers of one round into the table of responses.

    Parameters
    ----------
    keys
        Keys of the round; answers of other rounds stay where they are.
    every_cell
        Take cells with fewer than ten waiting answers too, as at the close of a round.
    """
    with writing(engine) as connection:
        _lock(connection)
        waiting = _waiting(connection)
        opened = {
            place: json.loads(message)
            for place, sealed in waiting.items()
            if (message := unseal(sealed, keys.private)) is not None
        }
        per_cell = Counter(content["cell"] for content in opened.values())
        taken = {
            place: content
            for place, content in opened.items()
            if every_cell or per_cell[content["cell"]] >= CELL_MINIMUM
        }
        if taken:
            connection.execute(insert(response), [_row(content) for content in taken.values()])
            _rewrite(connection, response, _random_order(engine))
            _rewrite(connection, invitation, "code_mac")
            _rewrite(connection, receipt, "key_mac")
            _rewrite(connection, feedback_inbox, _random_order(engine))
            _rewrite(connection, feedback_code, "code_mac")
        left = [
            {"id": place, "sealed": sealed}
            for place, sealed in sorted(waiting.items())
            if place not in taken
        ]
        _turn_inbox(connection, keys.round_id, left)
    if engine.dialect.name == "sqlite":
        _empty_log(engine)
    return Mixed(len(taken), len(opened) - len(taken))


def count_waiting(engine: Engine) -> int:
    """Return the number of sealed answers that wait, of all rounds."""
    with reading(engine) as connection:
        return sum(
            connection.execute(select(func.count()).select_from(inbox)).scalar_one()
            for inbox in INBOXES.values()
        )


def _empty_log(engine: Engine) -> None:
    """Fold SQLite's write-ahead log into the database, so that no earlier state stays in it."""
    connection = engine.raw_connection()
    try:
        connection.cursor().execute("PRAGMA wal_checkpoint(TRUNCATE)")
    finally:
        connection.close()


def _lock(connection: Connection) -> None:
    """Keep submitters out until the commit. SQLite has one writer, so it is done there."""
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


def _waiting(connection: Connection) -> dict[bytes, bytes]:
    return {
        row.id: row.sealed
        for inbox in INBOXES.values()
        for row in connection.execute(select(inbox))
    }


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
    else:
        connection.execute(delete(table))


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
