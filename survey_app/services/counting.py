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
    Delete,
    Engine,
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

from survey_app.db.answers import INBOXES, feedback_inbox
from survey_app.db.direct import Driver, Prepared, direct_look, direct_write
from survey_app.db.fieldwork import UNUSED, USED, draft, invitation, receipt
from survey_app.db.lasting import lasting
from survey_app.services.refusals import refused

_SPENT = (
    update(invitation)
    .where(
        invitation.c.code_mac == bindparam("of_code"),
        invitation.c.state == UNUSED,
        invitation.c.expires_on >= bindparam("on"),
    )
    .values(state=USED)
)
_FORGOTTEN = delete(draft).where(draft.c.code_mac == bindparam("of_code"))
_SPEND, _FORGET_DRAFT = Prepared(_SPENT), Prepared(_FORGOTTEN)
# The constraint decides, not an earlier look: no row is new where the key is known.
_NEW_RECEIPT = Prepared(sqlite.insert(receipt).on_conflict_do_nothing())
_KNOWN = select(receipt.c.key_mac).where(receipt.c.key_mac == bindparam("of_key"))
_HAS_KEY = Prepared(_KNOWN)
_LAY_IN = {name: Prepared(insert(inbox)) for name, inbox in INBOXES.items()}
_LAY_IN_REMARK = Prepared(insert(feedback_inbox))


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

    Where the database was away for a moment it is sent once more, with the same key.

    Raises
    ------
    ResponseError
        ``code-used`` where the code is spent or no longer valid: nothing was written.
    DBAPIError
        Where the database could not take it: nothing was written.
    """
    if engine.dialect.name == "sqlite":
        with direct_write(engine) as driver:
            return _four_statements(driver, one)
    return lasting(engine, lambda: _one_statement(engine, one))


def key_is_known(engine: Engine, key_mac: bytes) -> bool:
    """Tell whether a submission with this key has been counted."""
    return lasting(engine, lambda: _finds_key(engine, key_mac))


def _finds_key(engine: Engine, key_mac: bytes) -> bool:
    with direct_look(engine) as driver:
        return driver.first(_HAS_KEY, {"of_key": key_mac}) is not None


def _four_statements(driver: Driver, one: Submission) -> bool:
    macs = {"key_mac": one.key_mac, "receipt_mac": one.receipt_mac}
    if driver.count(_NEW_RECEIPT, macs) == 0:
        return False
    of_code = {"of_code": one.code_mac}
    if driver.count(_SPEND, of_code | {"on": one.on}) == 0:
        raise refused("code-used")
    driver.count(_LAY_IN[one.inbox], {"id": _new_id(), "sealed": one.sealed})
    if one.remark:
        driver.count(_LAY_IN_REMARK, {"id": _new_id(), "sealed": one.remark})
    driver.count(_FORGET_DRAFT, of_code)
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
    with suppress(IntegrityError), direct_look(engine) as driver:
        row = driver.first(_together(one.inbox, one.remark is not None), values)
        if row is not None and row.spent:
            return True
    if _finds_key(engine, one.key_mac):
        return False
    raise refused("code-used")


def _new_id() -> bytes:
    return secrets.token_bytes(16)


@cache
def _together(inbox: str, with_remark: bool) -> Prepared:
    """Return the statement that spends a code with all that goes with it, and counts it."""
    spent = _SPENT.where(~exists(_KNOWN)).returning(literal_column("1")).cte("spent")
    parts: dict[str, Delete | Insert] = {
        "counted": _from_spent(receipt, spent, key_mac="of_key", receipt_mac="of_receipt"),
        "answers": _from_spent(INBOXES[inbox], spent, id="answers_id", sealed="sealed_answers"),
        "forgotten": _FORGOTTEN.where(exists(select(1).select_from(spent))),
    }
    if with_remark:
        parts["remark"] = _from_spent(feedback_inbox, spent, id="remark_id", sealed="sealed_remark")
    counted = select(func.count().label("spent")).select_from(spent)
    return Prepared(counted.add_cte(*(part.cte(name) for name, part in parts.items())))


def _from_spent(table: Table, spent: CTE, **columns: str) -> Insert:
    chosen = [bindparam(name, type_=table.c[column].type) for column, name in columns.items()]
    return insert(table).from_select(list(columns), select(*chosen).select_from(spent))
