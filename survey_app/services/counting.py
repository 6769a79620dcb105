"""Counting a questionnaire exactly once: the one transaction that every answer goes through.

The receipt, the spent code, the sealed answer, and the draft forgotten, together or not at all.
On SQLite, where the server is a library, they are four statements in the one writer's
transaction. On PostgreSQL they are one statement, which is a transaction of its own: one round
trip instead of seven, and nobody waits for a worker between two of its parts.
"""

from __future__ import annotations

import secrets
from contextlib import suppress
from dataclasses import dataclass
from datetime import date
from functools import cache

from sqlalchemy import (
    CTE,
    Connection,
    Engine,
    Executable,
    Insert,
    Table,
    bindparam,
    delete,
    exists,
    func,
    insert,
    literal_column,
    select,
    update,
)
from sqlalchemy.dialects import sqlite
from sqlalchemy.exc import IntegrityError

from survey_app.db import looking, writing
from survey_app.db.answers import INBOXES, feedback_inbox
from survey_app.db.fieldwork import UNUSED, USED, draft, invitation, receipt
from survey_app.services.refusals import refused

_SPEND = (
    update(invitation)
    .where(
        invitation.c.code_mac == bindparam("of_code"),
        invitation.c.state == UNUSED,
        invitation.c.expires_on >= bindparam("on"),
    )
    .values(state=USED)
)
_FORGET_DRAFT = delete(draft).where(draft.c.code_mac == bindparam("of_code"))
# The constraint decides, not an earlier look: no row comes back where the key is known.
_NEW_RECEIPT = sqlite.insert(receipt).on_conflict_do_nothing().returning(receipt.c.key_mac)
_HAS_KEY = select(receipt.c.key_mac).where(receipt.c.key_mac == bindparam("of_key"))
_LAY_IN = {name: insert(inbox) for name, inbox in INBOXES.items()}
_LAY_IN_REMARK = insert(feedback_inbox)


@dataclass(frozen=True)
class Submission:
    """What is written of one questionnaire. Nothing of it tells a person, a time or an order.

    ``code_mac``, ``key_mac`` and ``receipt_mac`` are the 32 bytes of the code, of the sender's key
    and of the receipt; ``sealed`` and ``remark`` the answers and the comment, sealed; ``on`` the
    day by which the code must be valid, which is not stored.
    """

    code_mac: bytes
    key_mac: bytes
    receipt_mac: bytes
    inbox: str
    sealed: bytes
    remark: bytes | None
    on: date


def count_once(engine: Engine, one: Submission) -> bool:
    """Write a submission; return False where its key had been counted before.

    Raises
    ------
    ResponseError
        ``code-used`` where the code is spent or no longer valid: nothing was written.
    DBAPIError
        Where the database could not take it: nothing was written.
    """
    if engine.dialect.name == "sqlite":
        with writing(engine) as connection:
            return _four_statements(connection, one)
    return _one_statement(engine, one)


def key_is_known(connection: Connection, key_mac: bytes) -> bool:
    """Tell whether a submission with this key has been counted."""
    return connection.execute(_HAS_KEY, {"of_key": key_mac}).first() is not None


def _four_statements(connection: Connection, one: Submission) -> bool:
    macs = {"key_mac": one.key_mac, "receipt_mac": one.receipt_mac}
    if connection.execute(_NEW_RECEIPT, macs).first() is None:
        return False
    of_code = {"of_code": one.code_mac}
    if connection.execute(_SPEND, of_code | {"on": one.on}).rowcount == 0:
        raise refused("code-used")
    connection.execute(_LAY_IN[one.inbox], {"id": _new_id(), "sealed": one.sealed})
    if one.remark:
        connection.execute(_LAY_IN_REMARK, {"id": _new_id(), "sealed": one.remark})
    connection.execute(_FORGET_DRAFT, of_code)
    return True


def _one_statement(engine: Engine, one: Submission) -> bool:
    # Of two submissions of one code the second waits at the row of the invitation and then finds
    # it spent. Of two codes with one key the second fails at the key's constraint, as a whole.
    values = {
        "of_code": one.code_mac,
        "on": one.on,
        "of_key": one.key_mac,
        "of_receipt": one.receipt_mac,
        "answers_id": _new_id(),
        "sealed_answers": one.sealed,
    }
    if one.remark:
        values |= {"remark_id": _new_id(), "sealed_remark": one.remark}
    with suppress(IntegrityError), looking(engine) as connection:
        if connection.scalar(_together(one.inbox, one.remark is not None), values):
            return True
    with looking(engine) as connection:
        if key_is_known(connection, one.key_mac):
            return False
    raise refused("code-used")


def _new_id() -> bytes:
    return secrets.token_bytes(16)


@cache
def _together(inbox: str, with_remark: bool) -> Executable:
    """Return the statement that spends a code with all that goes with it, and counts it."""
    spent = _SPEND.where(~exists(_HAS_KEY)).returning(literal_column("1")).cte("spent")
    receipts = _from_spent(receipt, spent, key_mac="of_key", receipt_mac="of_receipt").cte(
        "receipts"
    )
    answers = _from_spent(INBOXES[inbox], spent, id="answers_id", sealed="sealed_answers").cte(
        "answers"
    )
    forgotten = _FORGET_DRAFT.where(exists(select(1).select_from(spent))).cte("forgotten")
    parts = [receipts, answers, forgotten]
    if with_remark:
        remarks = _from_spent(feedback_inbox, spent, id="remark_id", sealed="sealed_remark")
        parts.append(remarks.cte("remarks"))
    return select(func.count()).select_from(spent).add_cte(*parts)


def _from_spent(table: Table, spent: CTE, **columns: str) -> Insert:
    chosen = [bindparam(name, type_=table.c[column].type) for column, name in columns.items()]
    return insert(table).from_select(list(columns), select(*chosen).select_from(spent))
