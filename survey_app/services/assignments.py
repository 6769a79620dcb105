"""Batches of drawn cases for interviewers: a link whose key makes the codes of all its cases.

An interviewer gets a link with a key of 80 bits. The code of case *i* is a MAC of *i* under that
key, so the codes are on the interviewer's phone and nowhere else: here are their MACs, as of any
code, and a MAC of the key under the application's secret. From the database nobody can say which
codes belong to a batch, let alone to a case; and no code leads to an answer (decision 21).

Cases are numbers from 1 within their batch. What became of them comes back as counts.
"""

from __future__ import annotations

import hmac
from dataclasses import dataclass
from datetime import date
from hashlib import sha256

from sqlalchemy import Engine, Row, func, insert, select, update

from intake.findings import Finding, RoundError, Words
from intake.text import forbidden_character
from survey_app.db import reading, writing
from survey_app.db.devices import assignment
from survey_app.db.fieldwork import (
    OPEN,
    PLANNED,
    UNUSED,
    USED,
    WITHDRAWN,
    cell,
    invitation,
    survey_round,
)
from survey_app.services.answering import code_mac
from survey_app.services.codes import CODE_BITS, CodeError, display, new_code, plain, read_code
from survey_app.services.codes import with_check as checked
from survey_app.services.installation import Installation
from survey_app.services.invitations import issue_codes
from survey_app.services.issuing import channel_of, refuse_past
from survey_app.services.keys import RoundKeys, application_secret, read_keys
from survey_app.services.registry import unit_name
from survey_app.services.rounds import require_round
from survey_app.services.trail.audit import record

CHANNEL = "P"
MOST_CASES = 200
LONGEST_LABEL = 40


@dataclass(frozen=True)
class Assignment:
    """A batch of cases, as its link opens it."""

    key_mac: bytes
    round_id: str
    cell_id: str
    unit: str
    label: str
    cases: int
    simulated: bool
    title: tuple[str, str]


def assign(
    installation: Installation,
    round_id: str,
    *,
    label: str,
    cell_id: str,
    count: int,
    expires_on: date | None = None,
) -> str:
    """Make a batch of cases of one cell and return its link, which is told once.

    Raises
    ------
    RoundError
        The round or the cell does not exist, the round takes no codes any more or drew visits,
        the last day is past, or the label is too long.
    """
    refuse_past(expires_on, installation.today())
    _refuse_label(label)
    channel_of(installation.settings, round_id, CHANNEL)
    keys = read_keys(installation.settings, round_id)
    key = make_batch(
        installation, keys, label=label, cell_id=cell_id, count=count, expires_on=expires_on
    )
    return link_of(installation, key)


def make_batch(
    installation: Installation,
    keys: RoundKeys,
    *,
    label: str,
    cell_id: str,
    count: int,
    expires_on: date | None = None,
) -> str:
    """Issue the codes of a batch and return its key."""
    key, secret = new_code(), application_secret(installation.settings)
    issue_codes(
        installation.engine,
        keys,
        channel=CHANNEL,
        counts={cell_id: count},
        expires_on=expires_on,
        codes=iter(codes_of(key, count)),
    )
    row = {
        "key_mac": _mac(secret, key),
        "cell_id": cell_id,
        "label": label,
        "cases": count,
    }
    with writing(installation.engine) as connection:
        connection.execute(insert(assignment), row)
    return key


def link_of(installation: Installation, key: str) -> str:
    """Return the link of a batch."""
    return f"{installation.settings.base_url}/i/{display(key)}"


def codes_of(key: str, cases: int) -> list[str]:
    """Return the codes of the cases of a batch, case 1 first.

    Examples
    --------
    >>> codes_of("00000000000000012", 2) == codes_of("00000000000000012", 3)[:2]
    True
    """
    return [_code(key, number) for number in range(1, cases + 1)]


def find_assignment(installation: Installation, text: str) -> Assignment | None:
    """Return the batch that a key opens, or None."""
    try:
        mac = _mac(application_secret(installation.settings), read_code(text))
    except CodeError:
        return None
    query = (
        select(assignment, cell.c.unit_id, survey_round)
        .join(cell, cell.c.cell_id == assignment.c.cell_id)
        .join(survey_round, survey_round.c.round_id == cell.c.round_id)
        .where(assignment.c.key_mac == mac)
    )
    with reading(installation.engine) as connection:
        row = connection.execute(query).one_or_none()
        if row is None:
            return None
    return _opened(row, unit_name(installation.engine, row.unit_id))


def questionnaire_of_round(engine: Engine, round_id: str) -> tuple[tuple[str, str], bool]:
    """Return which questionnaire a round asks, and whether its data are simulated.

    Raises
    ------
    RoundError
        There is no such round, or it is over.
    """
    with reading(engine) as connection:
        row = require_round(connection, round_id, PLANNED, OPEN)
    return (row.questionnaire_id, row.questionnaire_version), row.simulated


def used_codes(installation: Installation, found: Assignment, codes: list[str]) -> set[str]:
    """Return those of a batch's codes that can be sent no more: counted, or taken back."""
    keys = installation.keyring()[found.round_id]
    by_mac = {code_mac(keys, code): code for code in codes}
    query = select(invitation.c.code_mac).where(
        invitation.c.code_mac.in_(by_mac), invitation.c.state != UNUSED
    )
    with reading(installation.engine) as connection:
        return {by_mac[bytes(mac)] for mac in connection.scalars(query)}


def withdraw(installation: Installation, link: str) -> tuple[int, int]:
    """Take back the codes of a batch that were not used; return how many, and how many were.

    Raises
    ------
    RoundError
        ``assignment-unknown``.
    """
    key = link.rsplit("/", 1)[-1]
    found = find_assignment(installation, key)
    if found is None:
        raise RoundError(
            Finding(
                "assignment-unknown",
                Words("Không có đợt giao nào với đường dẫn này.", "No batch has this link."),
                Words(
                    "Đường dẫn đã hiện khi giao; số trường hợp: hailong interviewer status",
                    "It was shown when the batch was made; see: hailong interviewer status",
                ),
            )
        )
    keys = installation.keyring()[found.round_id]
    macs = [code_mac(keys, code) for code in codes_of(read_code(key), found.cases)]
    own = invitation.c.code_mac.in_(macs)
    with writing(installation.engine) as connection:
        taken = connection.execute(
            update(invitation).where(own, invitation.c.state == UNUSED).values(state=WITHDRAWN)
        ).rowcount
        counted = connection.scalar(
            select(func.count()).select_from(invitation).where(own, invitation.c.state == USED)
        )
        record(connection, "codes-withdrawn", found.round_id, {"codes": taken})
    return taken, counted or 0


def _refuse_label(label: str) -> None:
    if len(label) > LONGEST_LABEL or "\n" in label or forbidden_character(label):
        raise RoundError(
            Finding(
                "label-unusable",
                Words(
                    "Tên của đợt giao không dùng được.", "The label of the batch cannot be used."
                ),
                Words(
                    f"Nhiều nhất {LONGEST_LABEL} ký tự trên một dòng, không ghi tên người.",
                    f"At most {LONGEST_LABEL} characters on one line, and no person's name.",
                ),
            )
        )


def _code(key: str, number: int) -> str:
    mac = hmac.digest(key.encode("ascii"), f"case {number}".encode(), sha256)
    return checked(plain(int.from_bytes(mac[: CODE_BITS // 8], "big")))


def _mac(secret: bytes, key: str) -> bytes:
    own = hmac.digest(secret, b"assignment", sha256)
    return hmac.digest(own, key.encode("ascii"), sha256)


def _opened(row: Row[tuple[object, ...]], unit: str) -> Assignment:
    return Assignment(
        key_mac=bytes(row.key_mac),
        round_id=row.round_id,
        cell_id=row.cell_id,
        unit=unit,
        label=row.label,
        cases=row.cases,
        simulated=row.simulated,
        title=(row.questionnaire_id, row.questionnaire_version),
    )
