"""Whether a key file is the one that was made here: its mark is kept in the database.

A file of the right length with other bytes would open no answer, find no code and say nothing.
A mark is HKDF-SHA-256 of the key under its name. Of a key of 256 random bits it tells nothing,
nor of what the key is used for. The name is the path of the file below the folder of keys.
"""

from __future__ import annotations

from collections.abc import Mapping

from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from sqlalchemy import Connection, insert, select

from intake.findings import Finding, InstallationError, Words
from survey_app.config import Settings
from survey_app.db.audit import KEYS_DESTROYED, audit
from survey_app.db.fieldwork import survey_round
from survey_app.db.installed import key_mark
from survey_app.services.keys import KEY_BYTES, key_file, missing_key

_LABEL = b"hailong key mark 1"


def mark_of(name: str, key: bytes) -> bytes:
    """Return the 32 bytes by which a key is known again.

    Examples
    --------
    >>> mark_of("demo/code", bytes(32)) != mark_of("demo/idem", bytes(32))
    True
    """
    return HKDF(SHA256(), KEY_BYTES, salt=_LABEL, info=name.encode()).derive(key)


def marks(connection: Connection) -> dict[str, bytes]:
    """Return all marks by name."""
    return {row.name: row.mark for row in connection.execute(select(key_mark))}


def keep_marks(connection: Connection, keys: Mapping[str, bytes]) -> None:
    """Keep the marks of new keys by name; a mark that is there stays as it is."""
    known = marks(connection)
    new = [{"name": name, "mark": mark_of(name, key)} for name, key in keys.items()]
    new = [row for row in new if row["name"] not in known]
    if new:
        connection.execute(insert(key_mark), new)


def check_marks(
    settings: Settings, known: Mapping[str, bytes], keys: Mapping[str, bytes | None]
) -> None:
    """Refuse keys that are not those whose marks are known.

    Parameters
    ----------
    known
        What `marks` returned.
    keys
        Keys by name; None where the file is missing and may be, unless it was there once.

    Raises
    ------
    InstallationError
        Naming each file: ``key-file``: it is missing; ``key-wrong``: its bytes are others;
        ``key-unmarked``: no mark is known of it.
    """
    findings = []
    for name, key in keys.items():
        if key is None:
            if name in known:
                findings.append(missing_key(key_file(settings, name)))
        elif name not in known:
            findings.append(_unmarked(settings, name))
        elif known[name] != mark_of(name, key):
            findings.append(wrong_key(settings, name))
    if findings:
        raise InstallationError(findings)


def wrong_key(settings: Settings, name: str) -> Finding:
    """Return what is said of a key file whose bytes are others than those of this installation."""
    return Finding(
        "key-wrong",
        Words(
            "Tệp này không phải là khóa đã dùng với cơ sở dữ liệu này.",
            "This file is not the key that this database was used with.",
        ),
        Words(
            "Hãy chép lại đúng tệp khóa từ bản sao lưu khóa của hệ thống này, hoặc kiểm tra "
            "DATABASE_URL.",
            "Copy the right file back from this installation's backup of keys, or check "
            "DATABASE_URL.",
        ),
        file=str(key_file(settings, name)),
    )


def rounds_with_keys(connection: Connection) -> list[str]:
    """Return the rounds whose keys were not destroyed."""
    gone = select(audit.c.object).where(audit.c.action == KEYS_DESTROYED)
    query = select(survey_round.c.round_id).where(survey_round.c.round_id.not_in(gone))
    return list(connection.execute(query).scalars())


def _unmarked(settings: Settings, name: str) -> Finding:
    return Finding(
        "key-unmarked",
        Words(
            "Cơ sở dữ liệu chưa ghi dấu của khóa này.",
            "The database holds no mark of this key.",
        ),
        Words(
            "Hãy kiểm tra rằng tệp khóa là đúng, rồi chạy: hailong db upgrade",
            "See that the file is the right one, then run: hailong db upgrade",
        ),
        file=str(key_file(settings, name)),
    )
