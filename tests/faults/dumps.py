"""What somebody sees who holds a dump of the database, its files, and its write-ahead log."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from random import SystemRandom

from sqlalchemy import Table, select, text

from survey_app.db import reading
from survey_app.db.answers import response
from survey_app.db.fieldwork import USED, invitation
from survey_app.services.installation import Installation

chance = SystemRandom()

# A row as an attacker sees it: its columns, and whatever the storage adds to them.
Row = dict[str, object]


def used_invitations(here: Installation, files: Callable[[], Mapping[str, bytes]]) -> list[Row]:
    """Rows of the spent codes with every trace that could order them."""
    return _rows(here, invitation, "code_mac", invitation.c.state == USED, files())


def responses(here: Installation, files: Callable[[], Mapping[str, bytes]]) -> list[Row]:
    """Rows of the responses with every trace that could order them."""
    return _rows(here, response, "id", True, files())


def files_of_sqlite(here: Installation) -> dict[str, bytes]:
    """The bytes of the database and of its log, as far as there is one."""
    folder = here.settings.data
    return {one.name: one.read_bytes() for one in sorted(folder.glob("hailong.sqlite3*"))}


def log_file(here: Installation) -> tuple[Path, str]:
    """The data folder of PostgreSQL and the file of its log that is written now."""
    with reading(here.engine) as connection:
        name = connection.scalar(text("SELECT pg_walfile_name(pg_current_wal_lsn())"))
        return Path(connection.scalar(text("SHOW data_directory"))), name


def files_of_postgres(here: Installation, data: Path, since: str) -> dict[str, bytes]:
    """The bytes of the tables, of their indexes and of the log from one of its files on."""
    with reading(here.engine) as connection:
        connection.execute(text("CHECKPOINT"))
        paths = {
            name: connection.scalar(text(f"SELECT pg_relation_filepath('{name}')"))
            for name in ("response", "response_pkey", "invitation", "invitation_pkey")
        }
    found = {name: (data / path).read_bytes() for name, path in paths.items()}
    _, now = log_file(here)
    log = sorted(one for one in (data / "pg_wal").iterdir() if since <= one.name <= now)
    return found | {"wal": b"".join(one.read_bytes().rstrip(b"\0") for one in log)}


def _rows(
    here: Installation, table: Table, key: str, where: object, files: Mapping[str, bytes]
) -> list[Row]:
    columns: list = list(table.c)
    if here.engine.dialect.name == "postgresql":
        columns += [text("ctid::text AS ctid"), text("xmin::text::bigint AS xmin")]
    query = select(*columns)
    if where is not True:
        query = query.where(where)
    with reading(here.engine) as connection:
        rows = [dict(row._mapping) for row in connection.execute(query)]
    for scanned, row in enumerate(rows):
        row["scan"] = scanned
        if "ctid" in row:
            row["ctid"] = tuple(int(part) for part in row["ctid"].strip("()").split(","))
        for name, content in files.items():
            row[f"first in {name}"] = content.find(row[key])
            row[f"last in {name}"] = content.rfind(row[key])
    return rows


def best_match(
    waiting: Iterable[tuple[object, Row]], taken: Iterable[tuple[object, Row]]
) -> dict[tuple[str, str], int]:
    """Match two groups of rows by every pair of traces; return how many pairs are right.

    Both groups are pairs of the truth (who it is) and a row. Matching goes by rank: the row that
    is n-th by one trace belongs to the row that is n-th by the other, in either direction.
    """
    left, right = list(waiting), list(taken)
    orders = {trace: _in_order(left, trace) for trace in left[0][1]}
    others = {trace: _in_order(right, trace) for trace in right[0][1]}
    found = {}
    for one, people in orders.items():
        for two, answers in others.items():
            for name, ranked in ((two, answers), (f"-{two}", answers[::-1])):
                step = len(people) / len(ranked)
                found[one, name] = sum(
                    people[int(rank * step)] == who for rank, who in enumerate(ranked)
                )
    return found


def _in_order(pairs: list[tuple[object, Row]], trace: str) -> list[object]:
    # Rows that a trace does not tell apart stay in an order that tells nothing.
    chance.shuffle(pairs)
    return [who for who, _ in sorted(pairs, key=lambda pair: _value(pair[1][trace]))]


def _value(value: object) -> object:
    return value if isinstance(value, int | bytes | tuple) else repr(value)
