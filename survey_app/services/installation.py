"""One installation, opened: its settings, database, keys and day.

Opening refuses what would lose or mix up answers later: a database that is not migrated,
settings that may drop an acknowledged commit, a missing key.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date
from itertools import chain
from shutil import disk_usage
from time import monotonic

from alembic.util import CommandError
from sqlalchemy import Engine, select
from sqlalchemy.exc import DBAPIError, SQLAlchemyError

from intake.findings import Finding, InstallationError, Words
from survey_app.config import SETTINGS_FILE, Settings
from survey_app.db import check_database, open_database, reading
from survey_app.db.fieldwork import survey_round
from survey_app.migrations import (
    check_migrated,
    current,
    downgrade,
    head,
    is_served,
    upgrade,
)
from survey_app.services.feedback import has_feedback
from survey_app.services.key_adoption import adopt_keys
from survey_app.services.key_marks import check_marks, marks, rounds_with_keys
from survey_app.services.keys import (
    RoundKeys,
    application_secret,
    feedback_secret,
    key_file,
    lasting_keys,
    make_lasting_key,
    missing_key,
    read_keys,
)

# A round made while the server runs is found after at most this long.
_KEYRING_SECONDS = 5.0

SPACE_TO_ANSWER = 1 << 24
"""Bytes of free disk below which a proxy should send respondents to another host."""


def local_day() -> date:
    """Return today's date where this machine stands; codes open and expire by it."""
    return date.today()  # noqa: DTZ011 - the respondents' own calendar is meant


@dataclass
class Installation:
    """What pages and commands work with."""

    settings: Settings
    engine: Engine
    today: Callable[[], date]
    _keyring: dict[str, RoundKeys] = field(default_factory=dict)
    _read_at: float | None = None

    def keyring(self) -> dict[str, RoundKeys]:
        """Return the keys of all rounds by round id.

        Raises
        ------
        InstallationError
            Naming each key file that is missing.
        """
        now = monotonic()
        if self._read_at is None or now - self._read_at > _KEYRING_SECONDS:
            try:
                new = self._current_keys()
            except DBAPIError:
                if self._read_at is None:
                    raise
                # The database is away for a moment. The keys that are known stay what they are.
                return self._keyring
            self._keyring, self._read_at = new, now
        return self._keyring

    def _current_keys(self) -> dict[str, RoundKeys]:
        with reading(self.engine) as connection:
            rounds = rounds_with_keys(connection)
            new = [one for one in rounds if one not in self._keyring]
            known = marks(connection) if new else {}
        found = {one: read_keys(self.settings, one) for one in new}
        files = (keys.by_file for keys in found.values())
        check_marks(self.settings, known, dict(chain.from_iterable(map(dict.items, files))))
        return {one: self._keyring.get(one) or found[one] for one in rounds}

    def is_ready(self) -> bool:
        """Tell whether answers can be taken: the database answers, keys and space are there.

        Not so once the tables have become those of a program that is not compatible.
        """
        try:
            with reading(self.engine) as connection:
                if not is_served(connection):
                    return False
                connection.execute(select(survey_round.c.round_id).limit(1))
            self.keyring()
            return disk_usage(self.settings.data).free >= SPACE_TO_ANSWER
        except (SQLAlchemyError, InstallationError, OSError):
            return False


def open_installation(
    settings: Settings, today: Callable[[], date] = local_day, *, pages_only: bool = False
) -> Installation:
    """Open a migrated installation, or say what is wrong with it.

    Parameters
    ----------
    pages_only
        Only pages are served, which is also done on newer tables that allow it.
    """
    engine = engine_of(settings)
    installation = Installation(settings, engine, today)
    try:
        check_migrated(engine, pages_only=pages_only)
        check_database(engine)
        application_secret(settings)
        with reading(engine) as connection:
            check_marks(settings, marks(connection), lasting_keys(settings))
        installation.keyring()
    except SQLAlchemyError as error:
        engine.dispose()
        raise InstallationError(
            Finding(
                "database-unreachable",
                Words("Không mở được cơ sở dữ liệu.", "The database cannot be opened."),
                Words(
                    "Hãy kiểm tra DATABASE_URL và máy chủ cơ sở dữ liệu.",
                    "Check DATABASE_URL and the database server.",
                ),
                path=type(error).__name__,
            )
        ) from None
    except InstallationError:
        engine.dispose()
        raise
    return installation


def make_installation(settings: Settings, given: dict[str, str]) -> None:
    """Make the data folder, its keys and settings file, and an empty migrated database.

    What exists stays as it is, so the command can be repeated.
    """
    settings.data.mkdir(mode=0o700, parents=True, exist_ok=True)
    kept = settings.data / SETTINGS_FILE
    if not kept.exists():
        lines = [f"{name}={value}" for name, value in given.items()]
        kept.write_text("\n".join(lines) + "\n" if lines else "", encoding="utf-8")
    engine = engine_of(settings)
    try:
        upgrade(engine)
        with reading(engine) as connection:
            lost = marks(connection)
        _make_key(settings, "application", lost)
        if has_feedback(engine):
            feedback_secret(settings)  # says which file is missing and what to do
        _make_key(settings, "feedback", lost)
        adopt_keys(settings, engine)
    finally:
        engine.dispose()


def _make_key(settings: Settings, name: str, known: Mapping[str, bytes]) -> None:
    """Make a key that never was; one that was and is missing is named instead."""
    if name in known and not key_file(settings, name).exists():
        raise InstallationError(missing_key(key_file(settings, name)))
    make_lasting_key(settings, name)


def upgrade_database(settings: Settings) -> tuple[str | None, str]:
    """Bring the tables to the newest state; return the state and the newest one.

    Raises
    ------
    InstallationError
        ``key-wrong``: a key file that no mark is kept of yet does not fit the database.
    """
    engine = engine_of(settings)
    try:
        upgrade(engine)
        adopt_keys(settings, engine)
        return current(engine), head()
    finally:
        engine.dispose()


def _holds_rounds(engine: Engine) -> bool:
    try:
        with reading(engine) as connection:
            return connection.execute(select(survey_round.c.round_id).limit(1)).first() is not None
    except SQLAlchemyError:  # a state without that table holds none
        return False


def downgrade_database(settings: Settings, to: str, *, confirmed: bool) -> tuple[str | None, str]:
    """Take the tables back to a state; return the state and the newest one.

    Raises
    ------
    InstallationError
        There is no such state, or rounds with their answers would be lost and nobody
        confirmed it.
    """
    engine = engine_of(settings)
    try:
        if not confirmed and _holds_rounds(engine):
            raise InstallationError(
                Finding(
                    "database-holds-rounds",
                    Words(
                        "Cơ sở dữ liệu có các đợt khảo sát; bước này có thể xóa câu trả lời.",
                        "The database holds rounds; this step may remove their answers.",
                    ),
                    Words(
                        "Hãy sao lưu trước, rồi chạy lại với --yes.",
                        "Make a copy first, then run it again with --yes.",
                    ),
                )
            )
        downgrade(engine, to)
        return current(engine), head()
    except CommandError:
        raise InstallationError(
            Finding(
                "database-state-unknown",
                Words(f"Không có trạng thái {to}.", f"There is no state {to}."),
                Words(
                    "Xem: hailong db current; base là trước bảng đầu tiên.",
                    "See: hailong db current; base is before the first table.",
                ),
            )
        ) from None
    finally:
        engine.dispose()


def state_of_database(settings: Settings) -> tuple[str | None, str]:
    """Return the state of the tables and the newest one."""
    engine = engine_of(settings)
    try:
        return current(engine), head()
    finally:
        engine.dispose()


def engine_of(settings: Settings) -> Engine:
    """Return an engine on the database of the settings.

    Raises
    ------
    InstallationError
        The data folder is missing, the address is neither SQLite's nor PostgreSQL's, or
        PostgreSQL's driver is not installed.
    """
    url = settings.database_url
    if url.startswith("sqlite:///"):
        if not settings.data.is_dir():
            raise InstallationError(
                Finding(
                    "data-folder-missing",
                    Words(
                        f"Không có thư mục dữ liệu {settings.data}.",
                        f"There is no data folder {settings.data}.",
                    ),
                    Words(
                        "Hãy chạy: hailong init, hoặc đặt HAILONG_DATA.",
                        "Run: hailong init, or set HAILONG_DATA.",
                    ),
                )
            )
        return open_database(url)
    if not url.startswith("postgresql+psycopg://"):
        raise InstallationError(
            Finding(
                "database-url-unknown",
                Words(
                    "DATABASE_URL không phải địa chỉ SQLite hay PostgreSQL.",
                    "DATABASE_URL is the address of neither SQLite nor PostgreSQL.",
                ),
                Words(
                    "Ví dụ: postgresql://hailong@localhost/hailong; bỏ trống để dùng SQLite.",
                    "Such as postgresql://hailong@localhost/hailong; without it, SQLite is used.",
                ),
            )
        )
    try:
        return open_database(url)
    except ImportError:
        raise InstallationError(
            Finding(
                "database-driver-missing",
                Words(
                    "Chưa cài trình điều khiển PostgreSQL.",
                    "The driver of PostgreSQL is not installed.",
                ),
                Words("Hãy chạy: pip install psycopg", "Run: pip install psycopg"),
            )
        ) from None
