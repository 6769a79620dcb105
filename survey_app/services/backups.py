"""Copies of the database that are complete, checked and free of what must not lie about.

A copy is one file and beside it one line with its SHA-256, as ``sha256sum -c`` reads it. Keys are
never part of it, nor are unfinished forms. A copy is restored into an empty place alone, and only
when every byte is the one that was written.
"""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from hashlib import file_digest
from pathlib import Path

from sqlalchemy import make_url, select
from sqlalchemy.exc import SQLAlchemyError

from intake.findings import Finding, InstallationError, Words
from survey_app.config import Settings
from survey_app.db import reading
from survey_app.db.fieldwork import draft, survey_round
from survey_app.services import postgres_copies
from survey_app.services.installation import engine_of, state_of_database

_SQLITE, _POSTGRES = b"SQLite format 3\0", b"PGDMP"


@dataclass(frozen=True)
class Copied:
    """A copy of the database: its file, SHA-256 in hex, bytes, and the state of its tables."""

    file: str
    sha256: str
    size: int
    state: str | None


def back_up(settings: Settings, file: Path) -> Copied:
    """Copy the database into a new file while it is in use.

    The copy holds everything that was acknowledged before it began. Drafts are left out.

    Raises
    ------
    InstallationError
        The file exists; the database is missing; or ``pg_dump`` is missing or refuses.
    """
    if file.exists() or _line_of(file).exists():
        raise _wrong(
            "backup-exists",
            file,
            Words("Tệp này đã có.", "That file is there already."),
            Words("Hãy đặt tên khác.", "Choose another name."),
        )
    state = state_of_database(settings)[0]
    if state is None:
        raise _wrong(
            "backup-of-nothing",
            None,
            Words("Cơ sở dữ liệu chưa có bảng nào.", "The database has no tables."),
            Words("Hãy kiểm tra HAILONG_DATA, DATABASE_URL.", "Check HAILONG_DATA, DATABASE_URL."),
        )
    with _whole_file(file) as part:
        if _is_sqlite(settings):
            _copy_sqlite(_file_of(settings), part)
        else:
            postgres_copies.dump(settings.database_url, part, without_rows_of=draft.name)
        digest, size = _digest(part), part.stat().st_size
    _line_of(file).write_text(f"{digest}  {file.name}\n", encoding="utf-8")
    return Copied(str(file), digest, size, state)


def restore(settings: Settings, file: Path) -> Copied:
    """Bring a copy back into a database that holds no round.

    Raises
    ------
    InstallationError
        A byte of the file differs or is missing, its SHA-256 is not beside it, it is of the other
        kind of database or of another program, or the database holds rounds already. Nothing was
        changed.
    """
    digest = _checked(file)
    _refuse_other_kind(settings, file)
    _refuse_foreign(settings, file)
    _refuse_full(settings)
    if _is_sqlite(settings):
        _restore_sqlite(file, _file_of(settings))
    else:
        postgres_copies.restore(settings.database_url, file)
    return Copied(str(file), digest, file.stat().st_size, state_of_database(settings)[0])


def _copy_sqlite(source: Path, part: Path) -> None:
    """Copy by SQLite's own online backup: one moment of the database, its log included."""
    with (
        closing(sqlite3.connect(source, timeout=30)) as here,
        closing(sqlite3.connect(part)) as copy,
    ):
        here.backup(copy)
        copy.execute("PRAGMA journal_mode=DELETE")
        copy.execute("PRAGMA secure_delete=ON")
        copy.execute(f"DELETE FROM {draft.name}")  # noqa: S608 - a name of ours
        copy.commit()


def _restore_sqlite(file: Path, target: Path) -> None:
    with _whole_file(target, replace=True) as part:
        with closing(sqlite3.connect(f"{file.resolve().as_uri()}?mode=ro", uri=True)) as copy:
            found = copy.execute("PRAGMA integrity_check").fetchone()[0]
            if found != "ok":
                raise _damaged(file)
            with closing(sqlite3.connect(part)) as new:
                copy.backup(new)
        # What a log of the empty database holds must not be applied to the restored one.
        for end in ("-wal", "-shm"):
            Path(f"{target}{end}").unlink(missing_ok=True)


@contextmanager
def _whole_file(file: Path, *, replace: bool = False) -> Iterator[Path]:
    """Give a file to write beside the wanted one, for its owner alone; it appears when complete."""
    part = file.with_name(f"{file.name}.part")
    part.unlink(missing_ok=True)
    os.close(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600))
    try:
        yield part
        with part.open("rb+") as written:
            os.fsync(written.fileno())
        if replace:
            part.replace(file)
        else:
            part.rename(file)
    finally:
        part.unlink(missing_ok=True)


def _checked(file: Path) -> str:
    """Return the SHA-256 of a copy after comparing it with the line beside it."""
    digest = _digest(file)
    try:
        line = _line_of(file).read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError):
        raise _wrong(
            "backup-line-missing",
            _line_of(file),
            Words("Thiếu dòng SHA-256 của bản sao lưu.", "The line with its SHA-256 is missing."),
            Words(
                "Hãy chép tệp này lại từ nơi lưu bản sao.",
                "Copy it back from where the backup was kept.",
            ),
        ) from None
    if line.split()[:1] != [digest]:
        raise _damaged(file)
    return digest


def _damaged(file: Path) -> InstallationError:
    return _wrong(
        "backup-damaged",
        file,
        Words(
            "Bản sao lưu bị cắt hoặc đã bị thay đổi; chưa có gì được khôi phục.",
            "The backup is cut or was changed; nothing was restored.",
        ),
        Words("Hãy dùng một bản sao lưu khác.", "Use another backup."),
    )


def _refuse_other_kind(settings: Settings, file: Path) -> None:
    with file.open("rb") as opened:
        head = opened.read(len(_SQLITE))
    if not head.startswith(_SQLITE if _is_sqlite(settings) else _POSTGRES):
        raise _wrong(
            "backup-other-kind",
            file,
            Words(
                "Bản sao lưu không phải của loại cơ sở dữ liệu đang đặt.",
                "The backup is not of the kind of database that is set.",
            ),
            Words("Hãy kiểm tra DATABASE_URL.", "Check DATABASE_URL."),
        )


def _refuse_foreign(settings: Settings, file: Path) -> None:
    if _is_sqlite(settings):
        try:
            with closing(sqlite3.connect(f"{file.resolve().as_uri()}?mode=ro", uri=True)) as copy:
                tables = {name for (name,) in copy.execute("SELECT name FROM sqlite_master")}
        except sqlite3.DatabaseError:
            raise _damaged(file) from None
    else:
        tables = postgres_copies.tables_of(file)
    if not {survey_round.name, draft.name} <= tables:
        raise _wrong(
            "backup-foreign",
            file,
            Words(
                "Tệp là bản sao của một chương trình khác.",
                "The file is a copy of another program's database.",
            ),
            Words(
                "Hãy dùng tệp do hailong db backup tạo ra.", "Use a file made by hailong db backup."
            ),
        )


def _refuse_full(settings: Settings) -> None:
    if _is_sqlite(settings) and not _file_of(settings).exists():
        settings.data.mkdir(mode=0o700, parents=True, exist_ok=True)
        return
    engine = engine_of(settings)
    try:
        with reading(engine) as connection:
            full = connection.execute(select(survey_round.c.round_id).limit(1)).first()
    except SQLAlchemyError:
        # No table of rounds; a server that is away is told by the restore itself.
        full = None
    finally:
        engine.dispose()
    if full:
        raise _wrong(
            "restore-not-empty",
            None,
            Words(
                "Cơ sở dữ liệu đang có đợt khảo sát; khôi phục sẽ ghi đè lên câu trả lời.",
                "The database holds rounds; restoring would overwrite their answers.",
            ),
            Words(
                "Hãy khôi phục vào một thư mục hoặc cơ sở dữ liệu trống.",
                "Restore into an empty folder or database.",
            ),
        )


def _is_sqlite(settings: Settings) -> bool:
    return settings.database_url.startswith("sqlite")


def _file_of(settings: Settings) -> Path:
    return Path(make_url(settings.database_url).database or "")


def _line_of(file: Path) -> Path:
    return file.with_name(f"{file.name}.sha256")


def _digest(file: Path) -> str:
    with file.open("rb") as opened:
        return file_digest(opened, "sha256").hexdigest()


def _wrong(code: str, file: Path | None, what: Words, remedy: Words) -> InstallationError:
    return InstallationError(Finding(code, what, remedy, file=str(file) if file else None))
