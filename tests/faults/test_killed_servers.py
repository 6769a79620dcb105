"""Servers that are killed under load: what was acknowledged is there, once (FI-01, 03, 04, 05)."""

import os
import signal
import time
from contextlib import suppress
from random import Random

import pytest
from faults.conftest import a_ledger
from faults.phones import phones
from faults.servers import served
from sqlalchemy import text

from survey_app.db import reading

ALLOWED_ERRORS = {200, 201, 503}


def kill_workers(server, kills: int, pause: float) -> int:
    """Kill one worker after the other at random moments; return how many were killed."""
    chance, killed = Random(1), 0
    for _ in range(kills):
        time.sleep(pause * (0.5 + chance.random()))
        with suppress(ProcessLookupError, IndexError):
            os.kill(chance.choice(server.worker_ids()), signal.SIGKILL)
            killed += 1
    return killed


@pytest.mark.faults
def test_thirty_killed_workers_lose_nothing(installation, nothing_is_lost):
    ledger = a_ledger(installation, 20_000)
    with served(installation) as server, phones(server.port, ledger):
        killed = kill_workers(server, 30, 0.8)
    assert killed >= 28
    nothing_is_lost(installation, ledger, "FI-01 worker killed", f"kills {killed}")


@pytest.mark.faults
def test_the_whole_application_killed_comes_back_within_ten_seconds(installation, nothing_is_lost):
    ledger = a_ledger(installation, 20_000)
    ready = []
    with served(installation) as server, phones(server.port, ledger):
        for _ in range(5):
            time.sleep(1.5)
            server.kill()
            ready.append(server.start())
        time.sleep(1)
    assert max(ready) < 10
    if installation.engine.dialect.name == "sqlite":
        with reading(installation.engine) as connection:
            assert connection.scalar(text("PRAGMA integrity_check")) == "ok"
    also = f"kills 5  ready within {max(ready):.1f} s"
    nothing_is_lost(installation, ledger, "FI-03 application killed", also)


@pytest.mark.faults
@pytest.mark.postgres
@pytest.mark.parametrize(("fault", "how"), [("FI-04", "immediate"), ("FI-05", "fast")])
def test_a_restarted_postgresql_loses_nothing(
    fault, how, on_restartable, restartable, nothing_is_lost
):
    ledger = a_ledger(on_restartable, 20_000)
    healed = []
    with served(on_restartable) as server, phones(server.port, ledger):
        for _ in range(5):
            time.sleep(1.5)
            restartable.stop(how)
            restartable.start()
            back, before = time.monotonic(), len(ledger.got)
            while len(ledger.got) < before + 20:
                assert time.monotonic() - back < 15
                time.sleep(0.01)
            healed.append(time.monotonic() - back)
    assert set(ledger.answers) <= ALLOWED_ERRORS
    also = f"healed within {max(healed):.2f} s  answers {dict(ledger.answers)}"
    nothing_is_lost(on_restartable, ledger, f"{fault} PostgreSQL {how}", also)


@pytest.mark.faults
@pytest.mark.postgres
def test_a_postgresql_that_stays_away_is_said_with_503(
    on_restartable, restartable, nothing_is_lost
):
    ledger = a_ledger(on_restartable, 20_000)
    with served(on_restartable) as server, phones(server.port, ledger):
        time.sleep(1)
        restartable.stop("fast")
        time.sleep(7)
        restartable.start()
        time.sleep(1)
    assert set(ledger.sent) == set(ledger.got)
    assert set(ledger.answers) <= ALLOWED_ERRORS
    assert ledger.answers[503] > 0
    also = f"slowest answer {ledger.longest:.1f} s  answers {dict(ledger.answers)}"
    nothing_is_lost(on_restartable, ledger, "FI-05 PostgreSQL away 7 s", also)
