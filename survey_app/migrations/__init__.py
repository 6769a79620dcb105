"""Steps from one state of the tables to the next, on SQLite and PostgreSQL alike.

Alembic keeps the order; one head only. A database that is not at the head is never served.
"""

from __future__ import annotations

from functools import cache
from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Engine

from intake.findings import Finding, InstallationError, Words


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
        return MigrationContext.configure(connection).get_current_revision()


def upgrade(engine: Engine, to: str = "head") -> None:
    """Bring a database forward to a state."""
    _run(engine, lambda config: command.upgrade(config, to))


def downgrade(engine: Engine, to: str) -> None:
    """Take a database back to a state."""
    _run(engine, lambda config: command.downgrade(config, to))


def check_migrated(engine: Engine) -> None:
    """Refuse a database that is not at the newest state.

    Raises
    ------
    InstallationError
        Saying which state it is in and the command that mends it.
    """
    found = current(engine)
    if found != head():
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


def _config() -> Config:
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent))
    return config


def _run(engine: Engine, step: object) -> None:
    config = _config()
    with engine.connect() as connection:
        config.attributes["connection"] = connection
        step(config)  # type: ignore[operator]
        connection.commit()
