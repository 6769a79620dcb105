"""Phones that send until they have a receipt, each form with one key."""

from __future__ import annotations

import http.client
import json
import secrets
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from itertools import count
from threading import Event, Thread
from urllib.parse import urlencode

from faults.ledger import Ledger, numbered

HOST = "127.0.0.1"
PATIENCE = 30.0
PAUSE = 0.1
FORM_TYPE = "application/x-www-form-urlencoded"


def post(
    line: http.client.HTTPConnection, code: str, key: str, number: int
) -> tuple[int, str | None]:
    """Send a form over a kept connection; return the status and the receipt, if one came."""
    body = urlencode({**numbered(number), "code": code}, doseq=True)
    headers = {
        "Content-Type": FORM_TYPE, "Accept": "application/json", "Idempotency-Key": key,
    }  # fmt: skip
    line.request("POST", "/s/f/x", body, headers)
    answer = line.getresponse()
    content = answer.read()
    return answer.status, json.loads(content)["receipt"] if answer.status in {200, 201} else None


def send_until_counted(
    port: int, ledger: Ledger, code: str, number: int, stop: Callable[[], bool] = lambda: False
) -> bool:
    """Send one form again and again until its receipt comes, as the pages of a phone do."""
    key = secrets.token_hex(16)
    ledger.will_send(key, code, number)
    until = time.monotonic() + PATIENCE
    while time.monotonic() < until and not stop():
        line = http.client.HTTPConnection(HOST, port, timeout=15)
        begun = time.monotonic()
        try:
            status, given = post(line, code, key, number)
        except (OSError, http.client.HTTPException) as error:
            status, given = type(error).__name__, None
        finally:
            line.close()
        ledger.was_answered(key, status, given, time.monotonic() - begun)
        if given is not None:
            return True
        time.sleep(PAUSE)
    return False


@contextmanager
def phones(port: int | list[int], ledger: Ledger, hands: int = 8) -> Iterator[list[Thread]]:
    """Let phones send the codes of a ledger; on leaving, each finishes the form it holds.

    Of several ports each form takes one; the list may change while phones send.
    """
    enough, numbers = Event(), iter(count(len(ledger.sent)))
    last, ports = len(ledger.codes), port if isinstance(port, list) else [port]

    def go() -> None:
        while not enough.is_set() and (number := next(numbers)) < last:
            among = tuple(ports)
            to = among[number % len(among)]
            send_until_counted(to, ledger, ledger.codes[number], number)

    threads = [Thread(target=go, daemon=True) for _ in range(hands)]
    for one in threads:
        one.start()
    try:
        yield threads
    finally:
        enough.set()
        for one in threads:
            one.join(PATIENCE + 15)
            assert not one.is_alive()
