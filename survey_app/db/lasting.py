"""Work that outlasts a database which restarts: the same once more, after a short pause.

Only work that may be repeated belongs here: a look, or a submission, whose key is kept with it. A
connection may be lost after the commit and before its answer; the repeated submission then
finds its own key.
"""

from __future__ import annotations

from collections.abc import Callable
from time import sleep
from typing import TypeVar

from sqlalchemy import Engine
from sqlalchemy.exc import DBAPIError, OperationalError

PAUSES = (0.05, 0.15, 0.3, 0.5, 0.9)
"""Seconds before each repetition: 1.9 together, as long as somebody may look at a still page."""

# Serialization failure, deadlock, shutdown by the administrator, crash of another session,
# and a server that cannot take connections yet.
_PASSING = {"40001", "40P01", "57P01", "57P02", "57P03"}

_T = TypeVar("_T")


def lasting(engine: Engine, work: Callable[[], _T]) -> _T:
    """Do work that may be repeated; do it again where the database was away for a moment.

    Raises
    ------
    DBAPIError
        At once where repeating would not help, else after five repetitions.
    """
    for pause in PAUSES:
        try:
            return work()
        except DBAPIError as error:
            if not _passes(engine, error):
                raise
        sleep(pause)
    return work()


def _passes(engine: Engine, error: DBAPIError) -> bool:
    # SQLite has no server to come back, and its own patience for a lock is over by now.
    if engine.dialect.name == "sqlite":
        return False
    state = getattr(error.orig, "sqlstate", None)
    never_reached = state is None and isinstance(error, OperationalError)
    return error.connection_invalidated or never_reached or state in _PASSING
