"""Guessing codes stops early and leaves no trace (security.md section 3, guessing codes)."""

import os
import re
from pathlib import Path

import pytest
from builders import a_round, some_codes

from survey_app.services.attempts import WRONG_CODES, Attempts
from survey_app.services.codes import new_code
from survey_app.services.shared_counts import SLOTS


class Clock:
    def __init__(self) -> None:
        self.now = 1_000_000.0

    def __call__(self) -> float:
        return self.now


def test_forty_wrong_codes_of_a_minute_are_twenty_times_unknown_and_then_held_back(
    app, installation
):
    a_round(installation)
    client = app.test_client()
    answers = [client.get(f"/s/{new_code()}") for _ in range(40)]
    assert [answer.status_code for answer in answers] == [404] * 20 + [429] * 20
    assert 1 <= int(answers[-1].headers["Retry-After"]) <= 60
    code = some_codes(installation, "demo")[0]
    assert client.get(f"/s/{code}").status_code == 429
    elsewhere = {"REMOTE_ADDR": "203.0.113.9"}
    assert client.get(f"/s/{code}", environ_base=elsewhere).status_code == 303


def test_a_right_code_is_counted_even_where_others_guess(app, installation):
    a_round(installation)
    client = app.test_client()
    for _ in range(25):
        client.get(f"/s/{new_code()}")
    code = some_codes(installation, "demo")[0]
    form = {"code": code, "gioi_tinh": "1"}
    assert client.post("/s/f/somewhere", data=form).status_code == 303
    form["code"] = new_code()
    assert client.post("/s/f/somewhere", data=form).status_code == 429


def test_a_slip_of_typing_is_no_guess(app, installation):
    a_round(installation)
    client, code = app.test_client(), some_codes(installation, "demo")[0]
    slip = code[:-1] + ("0" if code[-1] != "0" else "1")
    assert {client.get(f"/s/{slip}").status_code for _ in range(40)} == {404}
    assert client.get(f"/s/{code}").status_code == 303


def test_the_workers_of_a_host_count_together():
    attempts = Attempts()
    for _ in range(4):
        child = os.fork()
        if child == 0:
            for _ in range(5):
                attempts.count("192.0.2.7")
            os._exit(0)
        os.waitpid(child, 0)
    assert attempts.wait("192.0.2.200") > 0
    assert attempts.wait("192.0.3.7") == 0


def test_a_new_minute_begins_from_nothing():
    clock = Clock()
    attempts = Attempts(clock=clock)
    for _ in range(WRONG_CODES):
        attempts.count("2001:db8:1:200::1")
    assert attempts.wait("2001:db8:1:2ff::9") > 0
    assert attempts.wait("2001:db8:1:300::1") == 0
    clock.now += 60
    assert attempts.wait("2001:db8:1:200::1") == 0


def test_a_flood_of_sources_does_not_clear_a_guesser():
    attempts = Attempts(clock=Clock())
    for _ in range(WRONG_CODES):
        attempts.count("198.51.100.1")
    for number in range(2 * SLOTS):
        attempts.count(f"10.{number >> 8 & 255}.{number & 255}.1")
    assert attempts.wait("198.51.100.1") > 0


@pytest.mark.parametrize("address", ["", "unix:", "256.1.1.1"])
def test_what_is_no_address_is_one_source(address):
    attempts = Attempts(clock=Clock())
    for _ in range(WRONG_CODES):
        attempts.count(address)
    assert attempts.wait("no address either") > 0


def test_no_file_holds_the_address_of_a_guesser(app, installation, tmp_path):
    a_round(installation)
    client = app.test_client()
    for _ in range(25):
        client.get(f"/s/{new_code()}", environ_base={"REMOTE_ADDR": "203.0.113.77"})
    files = [path for path in Path(tmp_path).rglob("*") if path.is_file()]
    assert files
    assert not any(re.search(rb"203\.0\.113", path.read_bytes()) for path in files)
