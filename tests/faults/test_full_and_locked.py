"""Databases that cannot write for a while: said with 503, nothing lost (FI-06, 07)."""

import os
import subprocess
import time
from contextlib import contextmanager, suppress
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from builders import an_installation
from faults.conftest import a_ledger
from faults.phones import phones
from faults.servers import own_postgres, served
from sqlalchemy import text

from survey_app.db import open_database

ALLOWED = {200, 201, 503}


@contextmanager
def small_disk(size: str):
    """A file system of a few megabytes in memory; only root can make one."""
    if os.geteuid() != 0:
        pytest.skip("only root can mount a small disk")
    with TemporaryDirectory() as name:
        folder = Path(name)
        folder.chmod(0o755)
        command = ["mount", "-t", "tmpfs", "-o", f"size={size},mode=755", "tmpfs", name]
        if subprocess.run(command, check=False, capture_output=True).returncode:
            pytest.skip("this machine lets nobody mount a small disk")
        try:
            yield folder
        finally:
            subprocess.run(["umount", "-l", name], check=True)


def fill(folder: Path) -> Path:
    """Take all the space that is left on a disk."""
    ballast = folder / "ballast"
    with suppress(OSError), ballast.open("wb", buffering=0) as file:
        while file.write(b"x" * 65536):
            pass
    return ballast


def starve(server, ledger, folder: Path, seconds: float) -> None:
    """Fill the disk under load, and empty it again."""
    with phones(server.port, ledger):
        time.sleep(1)
        ballast = fill(folder)
        until = time.monotonic() + seconds
        while time.monotonic() < until and not ledger.answers[503]:
            fill(folder / ".." / folder.name)
            time.sleep(0.2)
        time.sleep(1)
        ballast.unlink()
        time.sleep(2)


@pytest.mark.faults
def test_a_full_disk_of_sqlite_loses_nothing(nothing_is_lost):
    with small_disk("40m") as disk:
        made = an_installation(disk / "data")
        ledger = a_ledger(made, 1500)
        with served(made) as server:
            starve(server, ledger, disk, 20)
        assert set(ledger.answers) <= ALLOWED
        assert ledger.answers[503] > 0
        assert set(ledger.got) == set(ledger.sent)
        also = f"answers {dict(ledger.answers)}"
        nothing_is_lost(made, ledger, "FI-06 disk full", also)
        made.engine.dispose()


@pytest.mark.faults
@pytest.mark.postgres
def test_a_full_disk_of_postgresql_loses_nothing(tmp_path, nothing_is_lost):
    with small_disk("160m") as disk, own_postgres(disk) as database:
        made = an_installation(tmp_path / "data", database.url)
        ledger = a_ledger(made, 4000)
        with served(made) as server, phones(server.port, ledger):
            time.sleep(1)
            ballast = fill(disk)
            until = time.monotonic() + 20
            while time.monotonic() < until and not ledger.answers[503]:
                time.sleep(0.2)
            time.sleep(1)
            ballast.unlink()
            fell = not database.runs()
            if fell:
                database.start()
            time.sleep(2)
        assert set(ledger.answers) <= ALLOWED
        assert ledger.answers[503] > 0
        assert set(ledger.got) == set(ledger.sent)
        also = f"server fell: {fell}  answers {dict(ledger.answers)}"
        nothing_is_lost(made, ledger, "FI-06 disk full", also)
        made.engine.dispose()


@pytest.mark.faults
def test_a_database_locked_for_eight_seconds_is_waited_for_or_said(installation, nothing_is_lost):
    ledger = a_ledger(installation, 4000)
    other = open_database(installation.settings.database_url)
    lock = "BEGIN IMMEDIATE"
    if other.dialect.name == "postgresql":
        lock = "LOCK TABLE invitation IN ACCESS EXCLUSIVE MODE"
    with served(installation) as server, phones(server.port, ledger):
        time.sleep(0.5)
        with other.connect() as connection:
            if other.dialect.name == "sqlite":
                connection = connection.execution_options(hailong_writes=True)
                connection.execute(text("SELECT 1"))
            else:
                connection.execute(text(lock))
            time.sleep(8)
            connection.rollback()
        time.sleep(1)
    other.dispose()
    assert set(ledger.answers) <= ALLOWED
    also = f"slowest answer {ledger.longest:.1f} s  answers {dict(ledger.answers)}"
    nothing_is_lost(installation, ledger, "FI-07 locked 8 s", also)
