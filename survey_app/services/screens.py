"""The rotating code of a counter's screen, and the one-time code that it is exchanged for.

A screen shows a code of 40 bits that changes every minute and cannot be foretold without the
round's code key. Whoever types or scans it in time gets a one-time code of their own, to be
answered anywhere within seven days. These people were not drawn: their codes belong to an open
cell of round and counter, whose answers enter no estimate.

A window is a minute of Unix time. Which counters have a screen is for `screen_switch`.
"""

from __future__ import annotations

import hmac
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from hashlib import sha256

from sqlalchemy import Engine, insert
from sqlalchemy.exc import DBAPIError

from survey_app.db import writing
from survey_app.db.fieldwork import OPEN, PLANNED, UNUSED, invitation
from survey_app.services.answering import code_mac
from survey_app.services.codes import new_code, receipt_code, screen_code
from survey_app.services.counters import Counter
from survey_app.services.keys import RoundKeys
from survey_app.services.refusals import refused
from survey_app.services.screen_switch import Screen, list_screens
from survey_app.services.shared_counts import SharedCounts

CHANNEL = "R"
WINDOW = 60
"""Seconds for which a screen shows one code."""

EARLY, LATE = 1, 2
"""A code is taken one window before its own, for a clock that is behind, and two after it."""

STARTS = 6
"""How many people may start with the code of one window."""

DAYS = 7
_REMEMBERED = 24 * 60
"""Windows of the past day: their codes are told from codes that never were."""


@dataclass(frozen=True)
class Exchanged:
    """A one-time code for its holder alone, and the last day on which it can be used."""

    code: str
    last_day: date
    screen: Screen


def window_of(at: float) -> int:
    """Return the number of the window of a moment, in seconds of Unix time."""
    return int(at // WINDOW)


def code_of(keys: RoundKeys, screen: Screen, window: int) -> str:
    """Return the 9 characters that a screen shows in a window."""
    return screen_code(_mac(keys, screen, str(window)))


def monitor_key(keys: RoundKeys, screen: Screen) -> str:
    """Return the 16 characters in the address of a counter's monitor; they open no answer."""
    return receipt_code(_mac(keys, screen, "monitor"))


def link_of(base_url: str, counter: Counter, code: str) -> str:
    """Return the link that a screen shows, in capitals so that its QR code stays small."""
    return f"{base_url}/q/{counter.id}/{code}".upper()


def monitor_link(base_url: str, keys: RoundKeys, screen: Screen) -> str:
    """Return the address that a counter's monitor is to show all day."""
    return f"{base_url}/q/{screen.counter_id}/screen/{monitor_key(keys, screen)}"


def find_monitor(
    engine: Engine, keyring: Mapping[str, RoundKeys], counter: Counter, key: str
) -> Screen | None:
    """Return the screen whose monitor has this address, or None."""
    for screen in list_screens(engine, counter.id):
        right = monitor_key(keyring[screen.round_id], screen)
        if hmac.compare_digest(right.encode(), key.upper().encode()):
            return screen
    return None


def find_window(
    engine: Engine,
    keyring: Mapping[str, RoundKeys],
    counter: Counter,
    code: str,
    *,
    at: float,
    on: date,
) -> tuple[Screen, int]:
    """Return the screen and window of a code that can be used now; nothing is changed.

    Raises
    ------
    ResponseError
        ``screen-unknown``, ``screen-old``, ``screen-withdrawn``, ``round-not-open`` or
        ``round-closed``.
    """
    now, old = window_of(at), False
    for screen in list_screens(engine, counter.id):
        keys = keyring[screen.round_id]
        for window in range(now + EARLY, now - LATE - 1, -1):
            if hmac.compare_digest(code_of(keys, screen, window), code):
                if screen.off:
                    raise refused("screen-withdrawn")
                if not screen.is_open(on):
                    late = screen.state not in {PLANNED, OPEN} or on > screen.closes
                    raise refused("round-closed" if late else "round-not-open")
                return screen, window
        if screen.is_open(on):
            past = range(now - LATE - 1, now - _REMEMBERED, -1)
            old = old or any(hmac.compare_digest(code_of(keys, screen, w), code) for w in past)
    raise refused("screen-old" if old else "screen-unknown")


def exchange(
    engine: Engine,
    keyring: Mapping[str, RoundKeys],
    starts: SharedCounts,
    counter: Counter,
    code: str,
    *,
    at: float,
    on: date,
) -> Exchanged:
    """Make a one-time code for whoever brings the code of a screen in time.

    Raises
    ------
    ResponseError
        As `find_window`; ``screen-busy`` where six have started with this code already;
        ``not-saved`` where the database could not take the new code.
    """
    screen, window = find_window(engine, keyring, counter, code, at=at, on=on)
    name = f"{screen.cell_id}\0{window}".encode()
    if starts.add(name, (window + LATE + 1) * WINDOW) > STARTS:
        raise refused("screen-busy")
    made, last = new_code(), min(on + timedelta(days=DAYS), screen.closes)
    row = {
        "code_mac": code_mac(keyring[screen.round_id], made),
        "cell_id": screen.cell_id,
        "channel": CHANNEL,
        "expires_on": last,
        "state": UNUSED,
    }
    try:
        with writing(engine) as connection:
            connection.execute(insert(invitation), row)
    except DBAPIError:
        raise refused("not-saved") from None
    return Exchanged(made, last, screen)


def _mac(keys: RoundKeys, screen: Screen, about: str) -> bytes:
    """Return a MAC under the counter's own key, which comes from the code key of the round.

    No one-time code has a NUL, so no MAC of a code is a counter's key.
    """
    own = hmac.digest(keys.code, f"screen\0{screen.counter_id}".encode(), sha256)
    return hmac.digest(own, f"{screen.round_id}\0{screen.counter_id}\0{about}".encode(), sha256)
