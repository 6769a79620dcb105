"""Tablets at counters: a link that makes a tablet one, and a PIN that lets staff out again.

The link carries a random key, of which only a MAC is kept. Of the PIN a scrypt digest is kept;
the application's secret goes into it, so that a copy of the database alone does not tell it.
"""

from __future__ import annotations

import hmac
import secrets
from dataclasses import dataclass
from datetime import date
from hashlib import scrypt, sha256

from sqlalchemy import Engine, delete, func, insert, select

from intake.findings import Finding, RegistryError, Words
from survey_app.db import reading, writing
from survey_app.db.devices import kiosk
from survey_app.db.fieldwork import OPEN, cell, survey_round
from survey_app.db.registry import service_point
from survey_app.services.codes import CodeError, display, new_code, read_code
from survey_app.services.counters import require_counter
from survey_app.services.installation import Installation
from survey_app.services.keys import application_secret
from survey_app.services.shared_counts import SharedCounts
from survey_app.services.trail.audit import record

PIN_DIGITS = 6
WRONG_PINS = 5
"""Wrong PINs that a tablet may be given in a quarter of an hour."""

QUARTER = 15 * 60
_SCRYPT = {"n": 2**14, "r": 8, "p": 1, "dklen": 32}


@dataclass(frozen=True)
class NewKiosk:
    """What is told once: the link that makes a tablet a kiosk, and the PIN of its staff."""

    counter_id: str
    link: str
    pin: str


@dataclass(frozen=True)
class Kiosk:
    """A tablet that was set up, by the MAC of its key."""

    key_mac: bytes
    counter_id: str


def add_kiosk(installation: Installation, counter_id: str) -> NewKiosk:
    """Make the link and the PIN of a new tablet at a counter of the registry.

    Raises
    ------
    RoundError
        ``counter-unknown``.
    """
    counter = require_counter(installation.engine, counter_id)
    secret, key = application_secret(installation.settings), new_code()
    pin = f"{secrets.randbelow(10**PIN_DIGITS):0{PIN_DIGITS}}"
    salt = secrets.token_bytes(16)
    row = {
        "key_mac": _mac(secret, key),
        "counter_id": counter.id,
        "pin_salt": salt,
        "pin_digest": _digest(secret, salt, pin),
    }
    with writing(installation.engine) as connection:
        connection.execute(insert(kiosk), row)
        record(connection, "tablet-added", counter.id)
    return NewKiosk(counter.id, f"{installation.settings.base_url}/k/{display(key)}", pin)


def find_kiosk(engine: Engine, secret: bytes, key: str) -> Kiosk | None:
    """Return the tablet that a key belongs to, or None."""
    try:
        mac = _mac(secret, read_code(key))
    except CodeError:
        return None
    with reading(engine) as connection:
        row = connection.execute(select(kiosk).where(kiosk.c.key_mac == mac)).one_or_none()
    return None if row is None else Kiosk(row.key_mac, row.counter_id)


def rounds_at(engine: Engine, counter_id: str, on: date) -> list[tuple[str, tuple[str, str]]]:
    """Return the open rounds whose letters or tickets people may bring to a counter.

    These are the rounds with a cell of the counter itself or of the commune it stands in, each
    with the id and version of its questionnaire. A tablet keeps their documents, so that a form
    can be begun without network; the server decides about its code when it arrives.
    """
    here = (
        select(service_point.c.unit_code)
        .where(service_point.c.counter_id == counter_id)
        .scalar_subquery()
    )
    query = (
        select(
            survey_round.c.round_id,
            survey_round.c.questionnaire_id,
            survey_round.c.questionnaire_version,
        )
        .join(cell, cell.c.round_id == survey_round.c.round_id)
        .where(
            survey_round.c.state == OPEN,
            survey_round.c.opens <= on,
            survey_round.c.closes >= on,
            (cell.c.unit_id == counter_id) | (cell.c.unit_id == here),
        )
        .distinct()
        .order_by(survey_round.c.round_id)
    )
    with reading(engine) as connection:
        return [
            (row.round_id, (row.questionnaire_id, row.questionnaire_version))
            for row in connection.execute(query)
        ]


def wait_for_pin(tries: SharedCounts, found: Kiosk) -> int:
    """Return the seconds until a tablet takes another PIN; 0 when it takes one now."""
    if tries.count(found.key_mac) < WRONG_PINS:
        return 0
    return QUARTER - int(tries.clock() % QUARTER)


def pin_fits(engine: Engine, secret: bytes, tries: SharedCounts, found: Kiosk, pin: str) -> bool:
    """Tell whether a PIN lets staff out of a tablet; a wrong one is counted."""
    # Counted before it is looked at, so that many tries at once are all counted.
    tries.add(found.key_mac, (int(tries.clock() // QUARTER) + 1) * QUARTER)
    with reading(engine) as connection:
        row = connection.execute(select(kiosk).where(kiosk.c.key_mac == found.key_mac)).first()
    if row is None or len(pin) > PIN_DIGITS:
        return False
    return hmac.compare_digest(row.pin_digest, _digest(secret, row.pin_salt, pin))


def list_kiosks(engine: Engine) -> dict[str, int]:
    """Return how many tablets each counter has, for counters that have any."""
    query = select(kiosk.c.counter_id, func.count().label("tablets")).group_by(kiosk.c.counter_id)
    with reading(engine) as connection:
        rows = connection.execute(query.order_by(kiosk.c.counter_id))
        return {row.counter_id: row.tablets for row in rows}


def remove_kiosks(engine: Engine, counter_id: str) -> int:
    """Forget all tablets of a counter and return how many there were.

    Raises
    ------
    RegistryError
        ``kiosk-unknown``: the counter has none.
    """
    same = func.lower(kiosk.c.counter_id) == counter_id.lower()
    with writing(engine) as connection:
        removed = connection.execute(delete(kiosk).where(same)).rowcount
        if removed:
            record(connection, "tablets-removed", counter_id, {"tablets": removed})
    if not removed:
        raise RegistryError(
            Finding(
                "kiosk-unknown",
                Words(
                    f"Quầy {counter_id} không có máy tính bảng nào.",
                    f"Counter {counter_id} has no tablet.",
                ),
                Words("Xem: hailong kiosk list", "See: hailong kiosk list"),
            )
        )
    return removed


def _mac(secret: bytes, key: str) -> bytes:
    return hmac.digest(hmac.digest(secret, b"kiosk", sha256), key.encode("ascii"), sha256)


def _digest(secret: bytes, salt: bytes, pin: str) -> bytes:
    return scrypt(hmac.digest(secret, pin.encode(), sha256), salt=salt, **_SCRYPT)
