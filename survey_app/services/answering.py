"""From a code to a counted answer: each code once, each acknowledged answer kept.

A submission is one transaction: the receipt, the spent code, the sealed answer. Whoever
repeats it with the same key gets the same receipt, and nothing is stored twice. What is
written holds no time, no address and no order.
"""

from __future__ import annotations

import hmac
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from hashlib import sha256

from sqlalchemy import Engine, bindparam, select
from sqlalchemy.exc import DBAPIError

from intake.findings import ResponseError
from survey_app.db import reading
from survey_app.db.direct import Driver, Prepared, direct_look
from survey_app.db.fieldwork import (
    CLOSED,
    FROZEN,
    OPEN,
    USED,
    WITHDRAWN,
    cell,
    invitation,
    receipt,
    survey_round,
)
from survey_app.db.lasting import lasting
from survey_app.services import receipts
from survey_app.services.codes import CodeError, display, read_receipt
from survey_app.services.counting import Submission, count_once, key_is_known
from survey_app.services.keys import RoundKeys
from survey_app.services.pace import UNMEASURED, Pace
from survey_app.services.refusals import refused
from survey_app.services.sealing import seal

_FORM_KEY = b"form"


@dataclass(frozen=True)
class Invited:
    """What a valid code opens: its round, its cell, the questionnaire to show."""

    round_id: str
    cell_id: str
    unit_id: str
    questionnaire: tuple[str, str]
    inbox: str
    simulated: bool


class NotSavedError(ResponseError):
    """The database could not take a submission; its questionnaire, to show it again."""

    def __init__(self, invited: Invited) -> None:
        super().__init__(refused("not-saved").findings)
        self.invited = invited


@dataclass(frozen=True)
class Counted:
    """An acknowledged submission. ``again`` when it had been counted before."""

    receipt: str
    again: bool


def code_mac(keys: RoundKeys, code: str) -> bytes:
    """Return what is stored of a code: HMAC-SHA-256 under the round's code key."""
    return hmac.digest(keys.code, code.encode("ascii"), sha256)


_FIND = Prepared(
    select(
        survey_round.c.round_id,
        survey_round.c.state.label("round_state"),
        survey_round.c.questionnaire_id,
        survey_round.c.questionnaire_version,
        survey_round.c.inbox,
        survey_round.c.simulated,
        survey_round.c.opens,
        invitation.c.cell_id,
        cell.c.unit_id,
        invitation.c.state,
        invitation.c.expires_on,
    )
    .join_from(invitation, cell, invitation.c.cell_id == cell.c.cell_id)
    .join(survey_round, cell.c.round_id == survey_round.c.round_id)
    .where(invitation.c.code_mac == bindparam("mac"))
)
_HAS_RECEIPT = select(receipt.c.key_mac).where(receipt.c.receipt_mac == bindparam("mac"))


def find_invitation(
    engine: Engine, keyring: Mapping[str, RoundKeys], code: str, on: date
) -> Invited:
    """Return what a code opens; nothing is changed by looking.

    Raises
    ------
    ResponseError
        ``code-unknown``, ``code-used``, ``code-expired``, ``round-not-open`` or
        ``round-closed``; each says what the respondent can do.
    """

    def look() -> Invited:
        with direct_look(engine) as driver:
            return _invited(driver, keyring, code, on)

    try:
        return lasting(engine, look)
    except DBAPIError:
        raise refused("not-saved") from None


def _invited(driver: Driver, keyring: Mapping[str, RoundKeys], code: str, on: date) -> Invited:
    for keys in keyring.values():
        row = driver.first(_FIND, {"mac": code_mac(keys, code)})
        # A MAC under one round's key must not open a code of another round.
        if row is None or row.round_id != keys.round_id:
            continue
        if row.state == USED:
            raise refused("code-used")
        if row.round_state in {CLOSED, FROZEN}:
            raise refused("round-closed")
        if row.state == WITHDRAWN or row.expires_on < on:
            raise refused("code-expired")
        if row.round_state != OPEN or on < row.opens:
            raise refused("round-not-open")
        return Invited(
            row.round_id,
            row.cell_id,
            row.unit_id,
            (row.questionnaire_id, row.questionnaire_version),
            row.inbox,
            row.simulated,
        )
    raise refused("code-unknown")


def submit(
    engine: Engine,
    keyring: Mapping[str, RoundKeys],
    code: str,
    invited: Invited,
    answers: Mapping[str, int | str],
    *,
    on: date,
    client_key: str | None = None,
    comments: Mapping[str, str] | None = None,
    pace: Pace = UNMEASURED,
) -> Counted:
    """Count one questionnaire, exactly once.

    Parameters
    ----------
    code
        The one-time code, as `survey_app.services.codes.read_code` returns it.
    invited
        What `find_invitation` said of the code.
    answers
        Every item of the questionnaire with its code, a text, or a reason for missing.
    on
        The day, which decides whether the code has expired. It is not stored.
    client_key
        The ``Idempotency-Key`` of the sending script; none for the plain form, whose key is
        derived from the code.
    comments
        What was written for the agency. It is sealed by itself and never lies with the
        answers.
    pace
        What the page has measured; it is sealed with the answers.

    Raises
    ------
    ResponseError
        ``code-used`` where another submission was quicker; ``not-saved`` (`NotSavedError`) where
        the database could not take it: then nothing was written, and the same submission
        can be sent again.
    """
    keys = keyring[invited.round_id]
    key_mac = _key_mac(keys, code, client_key)
    receipt_code = _receipt_code(keys, key_mac)
    # Sealing happens before the transaction: the one writer's place is held for no longer
    # than four statements and a commit.
    sealed = seal(_message(invited, answers, pace), keys.public)
    remark = seal(_remark(invited, comments, on), keys.public) if comments else None
    one = Submission(
        code_mac(keys, code),
        key_mac,
        _receipt_mac(keys, receipt_code),
        invited.inbox,
        sealed,
        remark,
        on,
    )
    try:
        new = count_once(engine, one)
    except DBAPIError:
        raise NotSavedError(invited) from None
    return Counted(receipt_code, again=not new)


def counted_before(
    engine: Engine, keyring: Mapping[str, RoundKeys], code: str, client_key: str | None
) -> Counted | None:
    """Return the receipt of an earlier submission with the same key, if there was one."""
    for keys in keyring.values():
        key_mac = _key_mac(keys, code, client_key)
        if key_is_known(engine, key_mac):
            return Counted(_receipt_code(keys, key_mac), again=True)
    return None


def is_counted(engine: Engine, keyring: Mapping[str, RoundKeys], receipt_code: str) -> bool:
    """Tell whether a receipt stands for a counted answer; never which one."""
    try:
        read = read_receipt(receipt_code)
    except CodeError:
        return False
    with reading(engine) as connection:
        return any(
            connection.execute(_HAS_RECEIPT, {"mac": _receipt_mac(keys, read)}).first()
            for keys in keyring.values()
        )


def is_past(engine: Engine, receipt_code: str) -> bool:
    """Tell whether a receipt was counted in a round whose keys are destroyed."""
    try:
        read = read_receipt(receipt_code)
    except CodeError:
        return False
    with reading(engine) as connection:
        return connection.execute(_HAS_RECEIPT, {"mac": receipts.hash_of(read)}).first() is not None


def receipt_of(keys: RoundKeys, key_mac: bytes) -> bytes:
    """Return the MAC of the receipt that belongs to the MAC of a sender's key."""
    return _receipt_mac(keys, _receipt_code(keys, key_mac))


def _key_mac(keys: RoundKeys, code: str, client_key: str | None) -> bytes:
    source = client_key.encode() if client_key else _FORM_KEY + code.encode("ascii")
    return hmac.digest(keys.idem, source, sha256)


def _receipt_code(keys: RoundKeys, key_mac: bytes) -> str:
    return display(receipts.code_of(keys, key_mac))


def _receipt_mac(keys: RoundKeys, receipt_code: str) -> bytes:
    return receipts.mac_of(keys, receipt_code.replace("-", ""))


def _message(invited: Invited, answers: Mapping[str, int | str], pace: Pace) -> bytes:
    content = {
        "cell": invited.cell_id,
        "round": invited.round_id,
        "version": "@".join(invited.questionnaire),
        "answers": dict(answers),
        "n_fast_pages": pace.n_fast_pages,
        "duration_band": pace.duration_band,
        "flags": 0,
    }
    return json.dumps(content, ensure_ascii=False, separators=(",", ":")).encode()


def _remark(invited: Invited, comments: Mapping[str, str], on: date) -> bytes:
    """Return a comment with the unit it is about and the quarter, and nothing finer."""
    content = {
        "unit": invited.unit_id,
        "quarter": f"{on.year}-Q{(on.month + 2) // 3}",
        "comments": dict(comments),
    }
    return json.dumps(content, ensure_ascii=False, separators=(",", ":")).encode()
