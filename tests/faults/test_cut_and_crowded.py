"""Connections that are cut, hands that press together, phones that dawdle (FI-08, 09, 13, 20)."""

import secrets
import socket
import struct
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from http.client import HTTPConnection
from random import Random
from urllib.parse import urlencode

import pytest
from builders import an_installation
from faults.conftest import a_ledger
from faults.ledger import numbered, tally
from faults.phones import FORM_TYPE, HOST, phones, post
from faults.servers import served

from survey_app.services.mixing import mix


def _reset(line: socket.socket) -> None:
    """Close a connection as a lost network does, without a word."""
    line.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    line.close()


def send_and_cut(port: int, code: str, key: str, number: int, share: float) -> None:
    """Send a share of a request, or all of it, and read no answer."""
    body = urlencode({**numbered(number), "code": code}, doseq=True).encode()
    head = (
        f"POST /s/f/x HTTP/1.1\r\nHost: {HOST}\r\nContent-Type: {FORM_TYPE}\r\n"
        f"Accept: application/json\r\nIdempotency-Key: {key}\r\n"
        f"Content-Length: {len(body)}\r\n\r\n"
    )
    request = head.encode() + body
    line = socket.create_connection((HOST, port), timeout=10)
    line.sendall(request[: int(share * len(request))])
    if share == 1:
        time.sleep(0.002 * (number % 5))
    _reset(line)


@pytest.mark.faults
def test_a_form_that_was_cut_and_sent_again_counts_once(installation, nothing_is_lost):
    made, forms = installation, 1000
    ledger = a_ledger(made, forms)
    again = Counter()

    def one(number: int) -> None:
        key, code, chance = secrets.token_hex(16), ledger.codes[number], Random(number)
        ledger.will_send(key, code, number)
        share = 1 if number % 2 else chance.random()
        send_and_cut(server.port, code, key, number, share)
        line = HTTPConnection(HOST, server.port, timeout=20)
        status, given = post(line, code, key, number)
        line.close()
        again[status, share == 1] += 1
        ledger.was_answered(key, status, given)

    with served(made) as server, ThreadPoolExecutor(8) as pool:
        list(pool.map(one, range(forms)))
    found = tally(made, ledger)
    assert (found.acknowledged, found.present) == (forms, forms)
    counted = again[200, True]
    also = f"counted before the cut {counted} of {forms // 2} whole ones"
    nothing_is_lost(made, ledger, "FI-08 cut and sent again", also)


@pytest.mark.faults
def test_sixteen_phones_on_one_code_make_one_response(installation, nothing_is_lost):
    codes = 50
    ledger = a_ledger(installation, codes)

    def press(pair: tuple[int, int]) -> None:
        number, _ = pair
        key = secrets.token_hex(16)
        ledger.will_send(key, ledger.codes[number], number)
        line = HTTPConnection(HOST, server.port, timeout=30)
        status, given = post(line, ledger.codes[number], key, number)
        line.close()
        ledger.was_answered(key, status, given)

    with served(installation) as server, ThreadPoolExecutor(16) as pool:
        list(pool.map(press, [(number, hand) for number in range(codes) for hand in range(16)]))
    assert ledger.answers == {201: codes, 409: 15 * codes}
    also = f"201 × {ledger.answers[201]}  409 × {ledger.answers[409]}"
    found = nothing_is_lost(installation, ledger, "FI-09 sixteen on one code", also)
    assert found.present == codes


@pytest.mark.faults
def test_mixes_while_eight_phones_send_lose_nothing(installation, nothing_is_lost):
    ledger = a_ledger(installation, 20_000)
    keys = installation.keyring()["demo"]
    taken = []
    with served(installation) as server, phones(server.port, ledger):
        for _ in range(6):
            time.sleep(0.7)
            taken.append(mix(installation.engine, keys).taken)
    assert sum(taken) > 0
    assert set(ledger.answers) <= {200, 201}
    also = f"mixed {taken}  slowest answer {ledger.longest:.2f} s"
    nothing_is_lost(installation, ledger, "FI-13 mixed under load", also)


@pytest.mark.faults
def test_two_hundred_slow_phones_hold_up_nobody(tmp_path, nothing_is_lost):
    made = an_installation(tmp_path / "data")
    ledger = a_ledger(made, 600)
    slow, seconds = [], []
    with served(made) as server:
        for _ in range(200):
            line = socket.create_connection((HOST, server.port), timeout=10)
            line.sendall(b"POST /s/f/x HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 500\r\n")
            slow.append(line)
        begun = time.monotonic()
        number = 0
        while time.monotonic() - begun < 8:
            for line in slow[number % 20 :: 20]:
                line.sendall(b"X: y\r\n")  # a byte now and then, never the end
            key = secrets.token_hex(16)
            ledger.will_send(key, ledger.codes[number], number)
            asked = time.monotonic()
            line = HTTPConnection(HOST, server.port, timeout=20)
            status, given = post(line, ledger.codes[number], key, number)
            line.close()
            ledger.was_answered(key, status, given)
            seconds.append(time.monotonic() - asked)
            number += 1
            time.sleep(0.02)
        for line in slow:
            line.close()
    worst = sorted(seconds)[int(0.99 * len(seconds))]
    also = f"others p99 {1000 * worst:.0f} ms of {len(seconds)}"
    nothing_is_lost(made, ledger, "FI-20 200 slow phones", also)
    made.engine.dispose()
    assert worst < 1
