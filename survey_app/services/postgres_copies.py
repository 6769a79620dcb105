"""PostgreSQL's own programs for copies: ``pg_dump`` and ``pg_restore``.

The password goes through the environment of the program, never through its command line, where
every user of the machine could read it.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from sqlalchemy import make_url

from intake.findings import Finding, InstallationError, Words

_TABLE = re.compile(r"^\d+; \d+ \d+ TABLE \S+ (\S+) ", re.MULTILINE)


def dump(url: str, file: Path, *, without_rows_of: str) -> None:
    """Write one moment of a database into a file, without the rows of one table.

    Raises
    ------
    InstallationError
        The program is missing or older than the server, or the server does not answer.
    """
    options = ("--format=custom", "--no-owner", "--no-privileges")
    _run("pg_dump", url, *options, f"--exclude-table-data={without_rows_of}", f"--file={file}")


def restore(url: str, file: Path) -> None:
    """Bring such a file back in one transaction, in place of tables of the same names.

    Raises
    ------
    InstallationError
        As for `dump`; the database is as it was.
    """
    options = ("--no-owner", "--no-privileges", "--clean", "--if-exists")
    _run("pg_restore", url, *options, "--single-transaction", "--exit-on-error", str(file))


def tables_of(file: Path) -> set[str]:
    """Return the names of the tables that such a file holds; no server is asked.

    Raises
    ------
    InstallationError
        The program is missing, or finds that the file is none of its own.
    """
    return set(_TABLE.findall(_done("pg_restore", ["--list", str(file)])))


def _run(program: str, url: str, *arguments: str) -> None:
    from psycopg.conninfo import make_conninfo

    parts: dict[str, Any] = make_url(url).translate_connect_args(username="user", database="dbname")
    parts |= dict(make_url(url).query)
    password = parts.pop("password", None)
    place = f"--dbname={make_conninfo('', **parts)}"
    _done(program, ["--no-password", place, *arguments], password)


def _done(program: str, arguments: Sequence[str], password: str | None = None) -> str:
    """Run a program of PostgreSQL's and return what it says."""
    found = shutil.which(program)
    if found is None:
        raise _failed(program, "not found")
    done = subprocess.run(  # noqa: S603 - a program of PostgreSQL's, no shell
        [found, *arguments],
        env=os.environ | ({"PGPASSWORD": str(password)} if password else {}),
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        # What the server adds may quote a row; the lines of the program itself say what failed.
        own = [line for line in done.stderr.splitlines() if line.startswith(program)]
        raise _failed(program, "; ".join(own))
    return done.stdout


def _failed(program: str, said: str) -> InstallationError:
    return InstallationError(
        Finding(
            "backup-program",
            Words(f"{program} không chạy được: {said}", f"{program} failed: {said}"),
            Words(
                "Hãy cài postgresql-client cùng bản với máy chủ hoặc mới hơn, rồi kiểm tra "
                "DATABASE_URL.",
                "Install the postgresql-client of the server's version or newer, and check "
                "DATABASE_URL.",
            ),
        )
    )
