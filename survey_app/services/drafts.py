"""Drafts of unfinished forms: sealed in the browser, kept under the MAC of the code for a week.

The server cannot read one. Each change carries the version it was made from, so that of two
views of one link none overwrites what it has not seen. A draft goes with the submission of its
code, after seven days, and at the close of the round.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta

from sqlalchemy import (
    ColumnElement,
    Connection,
    Engine,
    bindparam,
    delete,
    or_,
    select,
    update,
)
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.exc import DBAPIError

from survey_app.db import reading, writing
from survey_app.db.fieldwork import (
    CLOSED,
    FROZEN,
    UNUSED,
    USED,
    cell,
    draft,
    invitation,
    survey_round,
)
from survey_app.services.answering import code_mac, find_invitation
from survey_app.services.keys import RoundKeys
from survey_app.services.refusals import refused

DAYS = 7
LARGEST = 24 * 1024
"""Bytes of a sealed draft: the longest questionnaire needs a third of it."""


@dataclass(frozen=True)
class Draft:
    """A sealed draft and how often it has been changed."""

    version: int
    sealed: bytes


class NewerDraftError(Exception):
    """Another view of the link has saved in the meantime; carries what it saved."""

    def __init__(self, newer: Draft) -> None:
        super().__init__()
        self.draft = newer


_READ = select(draft.c.version, draft.c.sealed).where(
    draft.c.code_mac == bindparam("mac"), draft.c.until >= bindparam("on")
)
# The row of the code is held until the draft is written, so that none is written for a used code.
_STILL_OPEN = (
    select(invitation.c.state)
    .where(invitation.c.code_mac == bindparam("mac"))
    .with_for_update(read=True)
)
_RENEW = (
    update(draft)
    .where(draft.c.code_mac == bindparam("mac"), draft.c.version == bindparam("base"))
    .values(sealed=bindparam("new"), until=bindparam("last"), version=draft.c.version + 1)
)
_FIRST = {
    dialect.name: dialect_insert(draft).on_conflict_do_nothing().returning(draft.c.version)
    for dialect, dialect_insert in (
        (sqlite.dialect, sqlite.insert),
        (postgresql.dialect, postgresql.insert),
    )
}


def read(engine: Engine, keyring: Mapping[str, RoundKeys], code: str, *, on: date) -> Draft | None:
    """Return the draft of a code that can still be used, or None.

    Raises
    ------
    ResponseError
        As `answering.find_invitation`.
    """
    invited = find_invitation(engine, keyring, code, on)
    mac = code_mac(keyring[invited.round_id], code)
    try:
        with reading(engine) as connection:
            return _found(connection, mac, on)
    except DBAPIError:
        raise refused("not-saved") from None


def save(
    engine: Engine,
    keyring: Mapping[str, RoundKeys],
    code: str,
    sealed: bytes,
    base: int,
    *,
    on: date,
) -> int:
    """Keep a draft and return its version.

    Parameters
    ----------
    sealed
        At most ``LARGEST`` bytes, which nobody here can read.
    base
        The version from which the change was made; 0 where none was known.

    Raises
    ------
    NewerDraftError
        Another view has saved since ``base``.
    ResponseError
        As `answering.find_invitation`; ``not-saved`` where the database could not take it.
    """
    invited = find_invitation(engine, keyring, code, on)
    mac = code_mac(keyring[invited.round_id], code)
    last = on + timedelta(days=DAYS)
    try:
        with writing(engine) as connection:
            if connection.scalar(_STILL_OPEN, {"mac": mac}) != UNUSED:
                raise refused("code-used")
            changed = connection.execute(
                _RENEW, {"mac": mac, "base": base, "new": sealed, "last": last}
            )
            if changed.rowcount:
                return base + 1
            row = {"code_mac": mac, "sealed": sealed, "until": last, "version": base + 1}
            if connection.execute(_FIRST[engine.dialect.name], row).first():
                return base + 1
            newer = _found(connection, mac, date.min)
    except DBAPIError:
        raise refused("not-saved") from None
    assert newer is not None  # noqa: S101 - the conflict has just shown it
    raise NewerDraftError(newer)


def forget(engine: Engine, keyring: Mapping[str, RoundKeys], code: str, *, on: date) -> None:
    """Delete the draft of a code.

    Raises
    ------
    ResponseError
        As `answering.find_invitation`; ``not-saved`` where the database could not do it.
    """
    invited = find_invitation(engine, keyring, code, on)
    mac = code_mac(keyring[invited.round_id], code)
    try:
        with writing(engine) as connection:
            connection.execute(delete(draft).where(draft.c.code_mac == mac))
    except DBAPIError:
        raise refused("not-saved") from None


def left_over(on: date) -> ColumnElement[bool]:
    """Return what is true of drafts past their last day, of used codes and of closed rounds.

    A draft is deleted with the submission. On PostgreSQL one that is saved in the very moment of
    the submission is not seen by it; that one is left over.
    """
    of_ended = (
        select(invitation.c.code_mac)
        .join(cell, cell.c.cell_id == invitation.c.cell_id)
        .join(survey_round, survey_round.c.round_id == cell.c.round_id)
        .where(or_(invitation.c.state == USED, survey_round.c.state.in_((CLOSED, FROZEN))))
    )
    return or_(draft.c.until < on, draft.c.code_mac.in_(of_ended))


def forget_old(engine: Engine, *, on: date) -> int:
    """Delete the drafts that are left over, and return how many."""
    with writing(engine) as connection:
        return connection.execute(delete(draft).where(left_over(on))).rowcount


def forget_round(connection: Connection, round_id: str) -> None:
    """Delete the drafts of a round that closes."""
    codes = (
        select(invitation.c.code_mac)
        .join(cell, cell.c.cell_id == invitation.c.cell_id)
        .where(cell.c.round_id == round_id)
    )
    connection.execute(delete(draft).where(draft.c.code_mac.in_(codes)))


def _found(connection: Connection, mac: bytes, on: date) -> Draft | None:
    row = connection.execute(_READ, {"mac": mac, "on": on}).one_or_none()
    return None if row is None else Draft(row.version, row.sealed)
