"""The database: how it is opened, and the tables it holds.

SQLite and PostgreSQL hold the same tables. Every setting that an acknowledged answer
depends on is set when a connection opens, and read back when the application starts.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from time import monotonic
from typing import Any

from sqlalchemy import Connection, Engine, MetaData, create_engine, event, text
from sqlalchemy.exc import InvalidatePoolError

from intake.findings import Finding, InstallationError, Words

metadata = MetaData()

# Names that dumps, documents and tests may rely on.
_SQLITE_SETTINGS = {
    "journal_mode": "wal",
    "synchronous": 2,  # FULL
    "foreign_keys": 1,
    "busy_timeout": 5000,
    "secure_delete": 1,
    "temp_store": 2,  # answers that are being mixed never reach a temporary file
}
_POSTGRES_SETTINGS = {"synchronous_commit": "on", "fsync": "on", "full_page_writes": "on"}
_STATEMENT_TIMEOUT = "10s"
_RESTED = 1.0  # seconds


def open_database(url: str) -> Engine:
    """Return an engine on SQLite or PostgreSQL whose connections carry our settings."""
    if url.startswith("sqlite"):
        engine = create_engine(
            url,
            connect_args={"timeout": 5},
            pool_size=8,
            pool_use_lifo=True,
            hide_parameters=True,  # an error that is logged names no code and no answer
        )
        event.listen(engine, "connect", _prepare_sqlite)
        event.listen(engine, "begin", _begin_sqlite)
        return engine
    engine = create_engine(
        url,
        pool_size=8,
        pool_use_lifo=True,
        pool_reset_on_return=None,  # `_end_what_is_open` does it, where anything can be
        hide_parameters=True,
        connect_args={"options": f"-c statement_timeout={_STATEMENT_TIMEOUT}"},
    )
    event.listen(engine, "connect", _let_statements_commit)
    event.listen(engine, "begin", _begin_postgres)
    event.listen(engine, "reset", _end_what_is_open)
    event.listen(engine, "checkin", _rest)
    event.listen(engine, "checkout", _ping_rested(engine.dialect.loaded_dbapi.OperationalError))
    return engine


@contextmanager
def writing(engine: Engine) -> Iterator[Connection]:
    """Open a transaction that will write. On SQLite it takes the one writer's place at once."""
    with engine.connect().execution_options(hailong_writes=True) as connection, connection.begin():
        yield connection


@contextmanager
def reading(engine: Engine) -> Iterator[Connection]:
    """Open a transaction that only reads."""
    with engine.connect() as connection, connection.begin():
        yield connection


def check_database(engine: Engine) -> None:
    """Refuse a database whose settings may lose an acknowledged answer.

    Raises
    ------
    InstallationError
        Naming each setting, its value and the value it must have.
    """
    with reading(engine) as connection:
        if engine.dialect.name == "sqlite":
            found: dict[str, Any] = {
                name: connection.execute(text(f"PRAGMA {name}")).scalar()
                for name in _SQLITE_SETTINGS
            }
            wanted: dict[str, Any] = dict(_SQLITE_SETTINGS)
        else:
            found = {
                name: connection.execute(text(f"SHOW {name}")).scalar()
                for name in _POSTGRES_SETTINGS
            }
            wanted = dict(_POSTGRES_SETTINGS)
    wrong = [name for name in wanted if found[name] != wanted[name]]
    if wrong:
        raise InstallationError(
            [
                Finding(
                    "database-setting",
                    Words(
                        f"Cơ sở dữ liệu: {name} = {found[name]}.",
                        f"The database has {name} = {found[name]}.",
                    ),
                    Words(f"Cần {name} = {wanted[name]}.", f"It must be {wanted[name]}."),
                )
                for name in wrong
            ]
        )


def _prepare_sqlite(connection: Any, _record: object) -> None:  # noqa: ANN401 - a DBAPI connection
    connection.isolation_level = None
    cursor = connection.cursor()
    for name, value in _SQLITE_SETTINGS.items():
        cursor.execute(f"PRAGMA {name}={value}")
    cursor.close()


def _begin_sqlite(connection: Connection) -> None:
    writes = connection.get_execution_options().get("hailong_writes", False)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")


def _let_statements_commit(connection: Any, _record: object) -> None:  # noqa: ANN401
    # As on SQLite: what is a transaction of its own needs no word before and after it.
    connection.autocommit = True


def _begin_postgres(connection: Connection) -> None:
    connection.connection.dbapi_connection.autocommit = False  # type: ignore[union-attr]


def _end_what_is_open(connection: Any, _record: object, _state: object) -> None:  # noqa: ANN401
    # A connection on which this fails is thrown away by the pool; one that failed later, in
    # `_rest`, would never come back to it.
    if not connection.autocommit:
        connection.rollback()


def _rest(connection: Any, record: Any) -> None:  # noqa: ANN401 - a pool's record
    record.info["rests_since"] = monotonic()
    if connection is not None and not connection.autocommit:
        connection.autocommit = True


def _ping_rested(lost: type[Exception]) -> Callable[[Any, Any, object], None]:
    """Make sure that a server which was restarted meanwhile is noticed before a connection is used.

    Under load connections hardly rest, and one question a statement would cost a round trip.
    """

    def ping(connection: Any, record: Any, _proxy: object) -> None:  # noqa: ANN401
        if monotonic() - record.info.get("rests_since", monotonic()) < _RESTED:
            return
        try:
            connection.execute("SELECT 1")
        except lost:
            # All that were made before it are forgotten with it.
            raise InvalidatePoolError from None

    return ping
