"""Steps from one state of the tables to the next, on SQLite and PostgreSQL alike.

Alembic keeps the order; one head only. A step is whole or not done. Commands work on the head
alone. Pages are also served on a newer state that names this program's own in ``served_state``:
from here to there tables and columns were only added, so that servers can be upgraded in turn.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from pathlib import Path
from random import random
from time import sleep

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, Engine, inspect, select, text
from sqlalchemy.exc import OperationalError

from intake.findings import Finding, InstallationError, Words
from survey_app.db import writing
from survey_app.db.installed import served_state

# Of PostgreSQL: a table was held by others for too long, or each waited for the other.
_HELD = {"55P03", "40P01"}
_WAIT, _PAUSE, _TRIES = "500ms", 0.1, 50
# Tables in the order in which the statements of respondents take them.
_IN_TURN = (
    *("invitation", "cell", "round", "receipt", "draft"),
    *("inbox_a", "inbox_b", "feedback_inbox", "feedback_code", "feedback_reply"),
)


@cache
def head() -> str:
    """Return the name of the newest state."""
    newest = ScriptDirectory.from_config(_config()).get_current_head()
    if newest is None:
        raise RuntimeError("no migration is packaged")
    return newest


def current(engine: Engine) -> str | None:
    """Return the state of a database, or None where no migration has run."""
    with engine.connect() as connection:
        return _state_of(connection)


def upgrade(engine: Engine, to: str = "head") -> None:
    """Bring a database forward to a state."""
    _run(engine, lambda config: command.upgrade(config, to))


def downgrade(engine: Engine, to: str) -> None:
    """Take a database back to a state."""
    _run(engine, lambda config: command.downgrade(config, to))


def check_migrated(engine: Engine, *, pages_only: bool = False) -> None:
    """Refuse a database whose tables are not those of this program.

    Parameters
    ----------
    pages_only
        Also take a newer state on which this program can still serve pages.

    Raises
    ------
    InstallationError
        ``database-not-migrated``: the state is older; ``database-newer``: it is one that this
        program does not know. Each says which state it is and what mends it.
    """
    with engine.connect() as connection:
        found = _state_of(connection)
        if found == head() or (pages_only and is_served(connection)):
            return
    if found is None or found in _known():
        raise InstallationError(
            Finding(
                "database-not-migrated",
                Words(
                    f"Cơ sở dữ liệu đang ở bản {found or 'trống'}, cần bản {head()}.",
                    f"The database is at {found or 'no state'}, this program needs {head()}.",
                ),
                Words("Hãy chạy: hailong db upgrade", "Run: hailong db upgrade"),
            )
        )
    raise InstallationError(
        Finding(
            "database-newer",
            Words(
                f"Cơ sở dữ liệu đang ở bản {found}, mới hơn chương trình này (bản {head()}).",
                f"The database is at {found}, newer than this program ({head()}).",
            ),
            Words(
                "Hãy chạy bằng phiên bản chương trình mới.", "Run the newer version of the program."
            ),
        )
    )


def is_served(connection: Connection) -> bool:
    """Tell whether this program can serve pages on the tables as they are now."""
    found = _state_of(connection)
    if found is None or found in _known():
        return found == head()
    if not inspect(connection).has_table(served_state.name):
        return False
    own = select(served_state.c.state).where(served_state.c.state == head())
    return connection.execute(own).first() is not None


def _state_of(connection: Connection) -> str | None:
    return MigrationContext.configure(connection).get_current_revision()


@cache
def _known() -> frozenset[str]:
    scripts = ScriptDirectory.from_config(_config())
    return frozenset(script.revision for script in scripts.walk_revisions())


def _config() -> Config:
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent))
    return config


def _run(engine: Engine, step: Callable[[Config], None]) -> None:
    """Take a step in one transaction; where servers hold the tables, again and again."""
    for tries_left in reversed(range(_TRIES)):
        again = tries_left < _TRIES - 1
        try:
            # The one writer's place is taken at once: servers may be writing meanwhile.
            with writing(engine) as connection:
                _wait_little(connection)
                if again:
                    _take_in_turn(connection)
                config = _config()
                config.attributes["connection"] = connection
                step(config)
        except OperationalError as error:
            if getattr(error.orig, "sqlstate", None) not in _HELD or not tries_left:
                raise
            sleep(_PAUSE * (1 + random()))  # noqa: S311 - out of step with the servers
        else:
            return


def _wait_little(connection: Connection) -> None:
    """Let PostgreSQL give up a table that is held before whoever holds it waits for us for long."""
    if connection.dialect.name == "postgresql":
        connection.execute(text(f"SET LOCAL lock_timeout = '{_WAIT}'"))
        # A step may take longer on many rows than any page may.
        connection.execute(text("SET LOCAL statement_timeout = 0"))


def _take_in_turn(connection: Connection) -> None:
    """Take the tables of respondents before the step does in its own order.

    Whoever came for the first of them then waits for us and holds none of the others.
    """
    there = set(inspect(connection).get_table_names())
    quoted = connection.dialect.identifier_preparer.quote
    for table in _IN_TURN:
        if table in there:
            connection.execute(text(f"LOCK TABLE {quoted(table)} IN ACCESS EXCLUSIVE MODE"))
