"""Statements of the submission, given to the driver as they were compiled once.

SQLAlchemy writes these statements, keeps the connections and tells which errors mean a lost one.
Only its work of each execution is left out, which was a third of the time of a submission when
it was measured. Everything else of Hailong goes through `reading` and `writing`.
"""

from __future__ import annotations

from collections import namedtuple
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from sqlalchemy import Dialect, Engine
from sqlalchemy.exc import DBAPIError
from sqlalchemy.sql import ClauseElement

_Process = Callable[[Any], Any] | None
_NAMED: Any = namedtuple  # the columns are known at run time only


class Prepared:
    """A statement and its compiled form for each kind of database.

    Parameters
    ----------
    statement
        A statement whose bound parameters are all named.
    """

    def __init__(self, statement: ClauseElement) -> None:
        self._statement = statement
        self._compiled: dict[str, _Compiled] = {}

    def of(self, dialect: Dialect) -> _Compiled:
        """Return the form for a database; made when it is asked for first."""
        found = self._compiled.get(dialect.name)
        if found is None:
            found = self._compiled[dialect.name] = _Compiled(self._statement, dialect)
        return found


class _Compiled:
    def __init__(self, statement: ClauseElement, dialect: Dialect) -> None:
        compiled: Any = statement.compile(dialect=dialect)
        self.sql = str(compiled)
        self._fixed = compiled.params
        self._order: list[str] | None = compiled.positiontup
        self._binds = {
            name: bind.type.dialect_impl(dialect).bind_processor(dialect)
            for name, bind in compiled.binds.items()
        }
        columns = list(getattr(statement, "exported_columns", ()))
        names = [one.key for one in columns]
        self._row = _NAMED("Row", names, rename=True)
        self._results: list[_Process] = [
            one.type.dialect_impl(dialect).result_processor(dialect, None) for one in columns
        ]

    def values(self, given: Mapping[str, object]) -> Any:  # noqa: ANN401 - as the driver wants them
        """Return the parameters as the driver takes them."""
        whole = {
            name: bind(value) if (bind := self._binds[name]) else value
            for name, value in {**self._fixed, **given}.items()
        }
        return [whole[name] for name in self._order] if self._order is not None else whole

    def row(self, raw: tuple[Any, ...]) -> Any:  # noqa: ANN401 - a named tuple
        """Return a row with the values as SQLAlchemy would give them."""
        pairs = zip(raw, self._results, strict=True)
        return self._row._make(change(value) if change else value for value, change in pairs)


class Driver:
    """An open connection of the driver, for `Prepared` statements."""

    def __init__(self, dialect: Dialect, connection: Any) -> None:  # noqa: ANN401 - a DBAPI connection
        self._dialect = dialect
        self._connection = connection

    def count(self, prepared: Prepared, values: Mapping[str, object]) -> int:
        """Execute a statement and return how many rows it changed."""
        one = prepared.of(self._dialect)
        count: int = self._connection.execute(one.sql, one.values(values)).rowcount
        return count

    def first(self, prepared: Prepared, values: Mapping[str, object]) -> Any | None:  # noqa: ANN401 - a named tuple
        """Execute a statement and return its first row, or None."""
        one = prepared.of(self._dialect)
        raw = self._connection.execute(one.sql, one.values(values)).fetchone()
        return one.row(raw) if raw is not None else None


@contextmanager
def direct_look(engine: Engine) -> Iterator[Driver]:
    """Open a connection on which each statement is a transaction of its own.

    Raises
    ------
    DBAPIError
        As SQLAlchemy raises it; a connection that was lost leaves the pool.
    """
    with _pooled(engine) as connection:
        yield Driver(engine.dialect, connection)


@contextmanager
def direct_write(engine: Engine) -> Iterator[Driver]:
    """Open a transaction of SQLite that writes; it takes the one writer's place at once.

    Raises
    ------
    DBAPIError
        As SQLAlchemy raises it; nothing was written.
    """
    with _pooled(engine) as connection:
        connection.execute("BEGIN IMMEDIATE")
        try:
            yield Driver(engine.dialect, connection)
        except BaseException:
            connection.rollback()
            raise
        connection.commit()


@contextmanager
def _pooled(engine: Engine) -> Iterator[Any]:
    pool, errors = engine.pool, engine.dialect.loaded_dbapi.Error
    try:
        pooled = engine.raw_connection()
    except errors as error:
        raise _as_told(engine, error, lost=True) from error
    try:
        yield pooled.driver_connection
    except errors as error:
        lost = engine.dialect.is_disconnect(error, pooled.dbapi_connection, None)
        if lost:
            pooled.invalidate(error)
            # Whatever took this connection took those that were made before it, too.
            if engine.pool is pool:
                engine.dispose()
        raise _as_told(engine, error, lost) from error
    finally:
        pooled.close()


def _as_told(engine: Engine, error: Exception, lost: bool) -> BaseException:
    """Return an error of the driver as SQLAlchemy tells it."""
    dialect = engine.dialect
    return DBAPIError.instance(
        None, None, error, dialect.loaded_dbapi.Error, connection_invalidated=lost, dialect=dialect
    )
