"""What only shows after many submissions: memory, rates, migrations (FI-16, 18, 19)."""

import hashlib
import multiprocessing
import os
import secrets
import signal
import time
from pathlib import Path
from urllib.parse import urlencode

import pytest
from builders import an_installation
from faults.conftest import a_ledger
from faults.ledger import numbered, tally
from faults.phones import FORM_TYPE, HOST
from faults.servers import served
from sqlalchemy import event, insert, select

from bench.clients import Journey, walk
from intake.findings import HailongError
from survey_app import migrations
from survey_app.config import Settings
from survey_app.db import open_database, reading, writing
from survey_app.db.answers import feedback_inbox, inbox_a, inbox_b, response
from survey_app.db.fieldwork import invitation, receipt
from survey_app.services.installation import open_installation

RESPONSES = 100_000
ANSWER_TABLES = (response, invitation, receipt, inbox_a, inbox_b, feedback_inbox)


def submission(code: str, key: str, number: int) -> bytes:
    """The bytes of one post of a form."""
    body = urlencode({**numbered(number), "code": code}, doseq=True).encode()
    head = (
        f"POST /s/f/x HTTP/1.1\r\nHost: {HOST}\r\nContent-Type: {FORM_TYPE}\r\n"
        f"Accept: application/json\r\nIdempotency-Key: {key}\r\nContent-Length: {len(body)}\r\n\r\n"
    )
    return head.encode() + body


class Posts:
    """Forms to be posted once, as the fast client of the load bench takes them."""

    def __init__(self, ledger, first: int, count: int) -> None:
        self.journeys = []
        for number in range(first, first + count):
            key, code = secrets.token_hex(16), ledger.codes[number]
            ledger.will_send(key, code, number)
            ready = f"GET /ready HTTP/1.1\r\nHost: {HOST}\r\n\r\n"
            self.journeys.append(Journey(ready.encode(), submission(code, key, number)))


def resident(pids: list[int]) -> int:
    """Bytes of memory that processes hold, as the system counts them."""
    pages = (int(Path(f"/proc/{pid}/statm").read_text().split()[1]) for pid in pids)
    return sum(pages) * os.sysconf("SC_PAGE_SIZE")


def handles(pids: list[int]) -> int:
    """Open files of processes."""
    return sum(len(list(Path(f"/proc/{pid}/fd").iterdir())) for pid in pids)


@pytest.mark.faults
def test_memory_and_handles_stay_flat_over_fifty_thousand_submissions(installation):
    begun, total, warm = time.monotonic(), 52_000, 2_000
    ledger = a_ledger(installation, total)
    with served(installation) as server:
        walk(server.port, Posts(ledger, 0, warm).journeys, 8)
        pids = server.worker_ids()
        memory, files = resident(pids), handles(pids)
        seen = [walk(server.port, Posts(ledger, at, 10_000).journeys, 8)
                for at in range(warm, total, 10_000)]  # fmt: skip
        grown, more = resident(pids) - memory, handles(pids) - files
        assert server.worker_ids() == pids
    assert [one for part in seen for one in part.faults] == []
    found = tally(installation, ledger)
    print(
        f"\nFI-18 {installation.engine.dialect.name} 50,000 submissions: memory "
        f"{grown / 2**20:+.1f} MiB of {memory / 2**20:.0f} in {len(pids)} workers, handles "
        f"{more:+d}  present {found.present}  lost {found.lost}  doubled {found.doubled}  "
        f"{time.monotonic() - begun:.0f} s",
        end="",
    )
    assert (found.present, found.lost, found.doubled) == (total, 0, 0)
    assert grown < 50 * 2**20
    assert more < 20


@pytest.mark.faults
def test_sixty_seconds_at_the_promised_rate(installation):
    rate = 300 if installation.engine.dialect.name == "postgresql" else 100
    count = 60 * rate
    ledger = a_ledger(installation, count + 200)
    with served(installation) as server:
        walk(server.port, Posts(ledger, 0, 200).journeys, 8)
        seen = walk(server.port, Posts(ledger, 200, count).journeys, 64, rate)
    found = tally(installation, ledger)
    print(
        f"\nFI-19 {installation.engine.dialect.name} {rate} submissions/s for 60 s: took "
        f"{seen.wall:.1f} s  p50 {1000 * seen.percentile(0.5):.0f}  p95 "
        f"{1000 * seen.percentile(0.95):.0f}  p99 {1000 * seen.percentile(0.99):.0f} ms  faults "
        f"{len(seen.faults)}  lost {found.lost}  doubled {found.doubled}",
        end="",
    )
    assert seen.faults == []
    assert (found.present, found.lost, found.doubled) == (count + 200, 0, 0)
    assert seen.percentile(0.99) < 1


def digests(engine) -> dict[str, str]:
    """SHA-256 of the rows of every table of answers, in the order of their keys."""
    found = {}
    with reading(engine) as connection:
        for table in ANSWER_TABLES:
            digest = hashlib.sha256()
            key = next(iter(table.primary_key))
            for row in connection.execute(select(table).order_by(key)):
                digest.update(repr(tuple(row)).encode())
            found[table.name] = digest.hexdigest()
    return found


def _migrate(settings: Settings, step: int) -> None:
    engine, left = open_database(settings.database_url), [step]

    def count(*_: object) -> None:
        if left[0] == 0:
            os.kill(os.getpid(), signal.SIGKILL)
        left[0] -= 1

    event.listen(engine, "after_cursor_execute", count)
    migrations.upgrade(engine)


@pytest.mark.faults
def test_migrations_change_no_answer_of_a_hundred_thousand(installation, tmp_path):
    begun = time.monotonic()
    ledger = a_ledger(installation, 10)
    assert ledger.codes
    answers = {f"cau_9_{number:02}": 4 for number in range(1, 40)}
    with writing(installation.engine) as connection:
        for _ in range(RESPONSES // 5000):
            rows = [
                {
                    "id": secrets.token_bytes(16),
                    "questionnaire_version": "citizen@2026-1",
                    "cell_id": "demo.10507",
                    "round_id": "demo",
                    "answers": answers,
                    "n_fast_pages": None,
                    "duration_band": None,
                    "flags": 0,
                    "nonce": secrets.token_bytes(16),
                }
                for _ in range(5000)
            ]
            connection.execute(insert(response), rows)
    before = digests(installation.engine)
    times, killed = [], 0
    context = multiprocessing.get_context("forkserver")
    for _ in range(2):
        at = time.monotonic()
        migrations.downgrade(installation.engine, "0002")
        times.append(time.monotonic() - at)
        for step in range(0, 200, 3):
            installation.engine.dispose()
            process = context.Process(target=_migrate, args=(installation.settings, step))
            process.start()
            process.join(120)
            if process.exitcode == 0:
                break
            killed += 1
            assert process.exitcode == -signal.SIGKILL
            if migrations.current(installation.engine) != migrations.head():
                with pytest.raises(HailongError):
                    open_installation(installation.settings)
        assert migrations.current(installation.engine) == migrations.head()
        assert digests(installation.engine) == before
    print(
        f"\nFI-16 {installation.engine.dialect.name} {RESPONSES} responses: down in "
        f"{max(times):.1f} s, up killed {killed} times, hashes of {len(before)} tables equal  "
        f"{time.monotonic() - begun:.0f} s",
        end="",
    )


def test_a_migration_that_was_killed_is_never_served(tmp_path):
    made = an_installation(tmp_path / "data")
    migrations.downgrade(made.engine, "0002")
    made.engine.dispose()
    context = multiprocessing.get_context("forkserver")
    process = context.Process(target=_migrate, args=(made.settings, 4))
    process.start()
    process.join(60)
    assert process.exitcode == -signal.SIGKILL
    with pytest.raises(HailongError) as error:
        open_installation(made.settings)
    assert error.value.code == "database-not-migrated"
