"""Continuous copies: whatever was acknowledged by a moment is there again, from the copy alone.

The files of deploy/replication are used as operators use them, with their folders changed.
"""

import os
import shutil
import stat
import subprocess
import time
from collections import Counter
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from builders import an_installation
from faults.conftest import a_ledger
from faults.ledger import Ledger, tally
from faults.phones import phones
from faults.servers import own_postgres, served
from sqlalchemy import create_engine, text

from survey_app.services.installation import Installation, open_installation
from survey_app.services.mixing import mix

REPLICATION = Path(__file__).parents[2] / "deploy" / "replication"
PAUSE = 1.2  # a moment lies between two answers, whichever clock rounds it


def two_spells(made: Installation, ledger: Ledger):
    """Send for two seconds, mix, send again; return what was known at the moment between."""
    with served(made) as server:
        with phones(server.port, ledger):
            time.sleep(2)
        mix(made.engine, made.keyring()["demo"])
        time.sleep(PAUSE)
        moment = datetime.now(UTC)
        then = Ledger(ledger.codes, dict(ledger.sent), dict(ledger.got), Counter())
        time.sleep(PAUSE)
        with phones(server.port, ledger):
            time.sleep(2)
    return moment, then


def all_is_there(fault: str, back: Installation, ledger: Ledger, begun: float) -> int:
    """Compare a restored installation with what was known; return how many it holds."""
    found = tally(back, ledger)
    print("\n" + found.line(fault, time.monotonic() - begun), end="")
    assert (found.lost, found.doubled) == (0, 0)
    assert found.acknowledged > 0
    return found.present


def with_keys_of(made: Installation, data: Path, url: str) -> Installation:
    """Another installation on a restored database, with the same keys."""
    shutil.copytree(made.settings.keys, data / "keys")
    return open_installation(replace(made.settings, data=data, database_url=url))


class Archived:
    """A PostgreSQL server with the archive of deploy/replication, and its two programs."""

    def __init__(self, folder: Path, server) -> None:
        self.wal, self.bases, self.server = folder / "wal", folder / "base", server
        self.restored = folder / "restored"
        for place in (self.wal, self.bases, self.restored):
            place.mkdir()
            shutil.chown(place, server.user)
        wanted = (REPLICATION / "postgresql-archive.conf").read_text(encoding="utf-8")
        wanted = wanted.replace("/srv/hailong-wal", str(self.wal))
        wanted = wanted.replace("archive_timeout = 300", "archive_timeout = 1")
        with (server.data / "postgresql.conf").open("a", encoding="utf-8") as settings:
            settings.write(wanted)
        server.stop("fast")
        server.start()

    def run(self, program: str, *words: object) -> subprocess.CompletedProcess:
        return subprocess.run(
            [REPLICATION / program, *map(str, words)],
            env={
                "PATH": f"{self.server.binaries}:{os.environ['PATH']}",
                "PGHOST": self.server.sockets, "PGUSER": "postgres",
            },
            user=self.server.user, capture_output=True, text=True, check=False,
        )  # fmt: skip

    def is_back(self, url: str) -> None:
        """Wait until a restored server has read its log; until then it can only be read."""
        engine = create_engine(url, isolation_level="AUTOCOMMIT")
        until = time.monotonic() + 60
        with engine.connect() as connection:
            while connection.scalar(text("SELECT pg_is_in_recovery()")):
                assert time.monotonic() < until
                time.sleep(0.05)
        engine.dispose()

    def hold(self, made: Installation) -> None:
        """Wait until the file of the log that holds a line written now is in the archive."""
        line = "SELECT pg_walfile_name(pg_logical_emit_message(true, 'test', 'the end'))"
        with made.engine.begin() as connection:
            name = connection.scalar(text(line))
        until = time.monotonic() + 30
        while not (self.wal / name).exists():
            assert time.monotonic() < until, sorted(self.wal.iterdir())
            time.sleep(0.1)


@pytest.mark.faults
@pytest.mark.postgres
def test_postgresql_comes_back_as_it_was_at_a_moment_and_as_late_as_its_log(tmp_path):
    with TemporaryDirectory() as place, own_postgres(Path(place)) as server:
        archived = Archived(Path(place), server)
        made = an_installation(tmp_path / "data", server.url)
        ledger = a_ledger(made, 4000)
        first = archived.run("base-copy", archived.bases, archived.wal)
        assert first.returncode == 0, first.stderr
        moment, then = two_spells(made, ledger)
        begun = time.monotonic()
        archived.hold(made)
        reached = time.monotonic() - begun
        server.stop("immediate")
        (base,) = archived.bases.iterdir()
        assert stat.S_IMODE(base.stat().st_mode) == 0o700
        held = []
        for name, at, known in (("moment", moment, then), ("latest", "", ledger)):
            begun = time.monotonic()
            data = archived.restored / name
            done = archived.run("restore-to-a-moment", base, archived.wal, data, at)
            assert done.returncode == 0, done.stderr
            with server.on(data):
                archived.is_back(made.settings.database_url)
                back = with_keys_of(made, tmp_path / name, made.settings.database_url)
                held.append(all_is_there(f"WAL archive, {name}", back, known, begun))
                back.engine.dispose()
        print(f"  log reached the archive within {reached:.1f} s", end="")
        assert held == [len(then.sent), len(ledger.sent)]

        again = archived.run(
            "restore-to-a-moment", base, archived.wal, archived.restored / "latest"
        )
        assert again.returncode != 0  # a folder that is there is never written into
        packed = bytearray((base / "base.tar.gz").read_bytes())
        packed[len(packed) // 2] ^= 1
        (base / "base.tar.gz").write_bytes(packed)
        damaged = archived.run(
            "restore-to-a-moment", base, archived.wal, archived.restored / "other"
        )
        assert damaged.returncode != 0
        assert "base.tar.gz" in damaged.stderr + damaged.stdout
        assert not (archived.restored / "other").exists()
        made.engine.dispose()


@pytest.mark.faults
@pytest.mark.postgres
def test_nothing_of_the_archive_is_kept_longer_than_seven_days(tmp_path):
    with TemporaryDirectory() as place, own_postgres(Path(place)) as server:
        archived = Archived(Path(place), server)
        week = (datetime.now(UTC) - timedelta(days=7, minutes=1)).timestamp()
        nearly = (datetime.now(UTC) - timedelta(days=6, hours=23)).timestamp()
        for name, age in (("old", week), ("kept", nearly)):
            (archived.bases / name).mkdir()
            for file in (archived.wal / name, archived.bases / name / "base.tar.gz"):
                file.write_bytes(b"x")
            for one in (archived.wal / name, archived.bases / name):
                shutil.chown(one, server.user)
                os.utime(one, (age, age))
            shutil.chown(archived.bases / name / "base.tar.gz", server.user)
        done = archived.run("base-copy", archived.bases, archived.wal)
        assert done.returncode == 0, done.stderr
        assert not (archived.wal / "old").exists()
        assert (archived.wal / "kept").exists()
        assert {one.name for one in archived.bases.iterdir()} >= {"kept"}
        assert not (archived.bases / "old").exists()


@pytest.mark.faults
def test_litestream_brings_sqlite_back_as_it_was_at_a_moment_and_at_the_end(tmp_path):
    program = shutil.which("litestream")
    if program is None:
        pytest.skip("litestream is not installed")
    made = an_installation(tmp_path / "data")
    ledger = a_ledger(made, 4000)
    replica, config = tmp_path / "replica", tmp_path / "litestream.yml"
    wanted = (REPLICATION / "litestream.yml").read_text(encoding="utf-8")
    for ours, here in (
        ("/srv/hailong-replica", str(replica)),
        ("/srv/hailong/hailong.sqlite3", str(made.settings.data / "hailong.sqlite3")),
    ):
        assert ours in wanted
        wanted = wanted.replace(ours, here)
    config.write_text(wanted, encoding="utf-8")
    with (tmp_path / "litestream.log").open("wb") as log:
        copying = subprocess.Popen(
            [program, "replicate", "-config", config], stdout=log, stderr=log
        )
        try:
            moment, then = two_spells(made, ledger)
        finally:
            copying.terminate()
            copying.wait(20)
    for name, at, known in (
        ("moment", ["-timestamp", moment.strftime("%Y-%m-%dT%H:%M:%SZ")], then),
        ("latest", [], ledger),
    ):
        begun = time.monotonic()
        file = tmp_path / name / "hailong.sqlite3"
        file.parent.mkdir()
        subprocess.run(
            [program, "restore", *at, "-o", file, f"file://{replica}"],
            check=True, capture_output=True,
        )  # fmt: skip
        back = with_keys_of(made, file.parent, f"sqlite:///{file}")
        held = all_is_there(f"Litestream, {name}", back, known, begun)
        assert held == len(known.sent)
        back.engine.dispose()
    made.engine.dispose()
