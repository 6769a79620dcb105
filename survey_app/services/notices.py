"""The notice before the first question: each text that was shown, numbered, and who showed which.

A text belongs to a version of a questionnaire, a language and a way of answering. The first is
number 1; another text gets the next number. Texts lie as files in ``notices/`` of the data folder,
their numbers and SHA-256 in the audit log: a file that was changed shows. Nothing is kept with a
person.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date
from hashlib import sha256
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, select

from intake.findings import Finding, InstallationError, Words
from survey_app.config import Settings
from survey_app.db import reading, writing
from survey_app.db.audit import audit
from survey_app.db.fieldwork import OPEN, survey_round
from survey_app.services.trail.audit import lock, record

FOLDER = "notices"
KEPT, SHOWN, OPENED = "notice-kept", "notice-shown", "round-opened"

Questionnaire = tuple[str, str]
"""Id and version."""


@dataclass(frozen=True)
class Notice:
    """One text by its number and SHA-256 (hex), and the day from which on it was kept.

    ``name`` is language and way of answering, such as ``vi-phone``.
    """

    questionnaire: str
    name: str
    number: int
    sha256: str
    since: date


@dataclass(frozen=True)
class Shown:
    """What a round showed from a day on: the number of its notice by name."""

    since: date
    numbers: Mapping[str, int]


def keep_notices(
    connection: Connection,
    settings: Settings,
    questionnaire: Questionnaire,
    texts: Mapping[str, str],
    *,
    on: date | None = None,
) -> dict[str, int]:
    """Keep texts by name that are not kept yet; return the number of each.

    It is the last work of a transaction: the log is locked until its end.
    """
    lock(connection)
    known: dict[str, list[Notice]] = {}
    for one in _kept(connection, "@".join(questionnaire)):
        known.setdefault(one.name, []).append(one)
    numbers = {}
    for name, text in sorted(texts.items()):
        digest = sha256(text.encode()).hexdigest()
        same = [one.number for one in known.get(name, []) if one.sha256 == digest]
        numbers[name] = same[0] if same else len(known.get(name, [])) + 1
        path = _path(settings, "@".join(questionnaire), name, numbers[name])
        if not same or not path.is_file():
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8")
        if not same:
            about = f"{'@'.join(questionnaire)} {name}"
            record(connection, KEPT, about, {"number": numbers[name], "sha256": digest}, on=on)
    return numbers


def note_shown(
    engine: Engine,
    settings: Settings,
    round_id: str,
    questionnaire: Questionnaire,
    texts: Mapping[str, str],
    *,
    on: date,
) -> bool:
    """Note the texts that an open round shows now; return whether they are others than before."""
    with reading(engine) as connection:
        before = _shown(connection, round_id)
        digests = {
            (one.name, one.sha256): one.number for one in _kept(connection, "@".join(questionnaire))
        }
    now = {
        name: digests.get((name, sha256(text.encode()).hexdigest())) for name, text in texts.items()
    }
    held = all(
        _path(settings, "@".join(questionnaire), name, number or 0).is_file()
        for name, number in now.items()
    )
    if before and dict(before[-1].numbers) == now and held:
        return False
    with writing(engine) as connection:
        numbers = keep_notices(connection, settings, questionnaire, texts, on=on)
        again = _shown(connection, round_id)  # another server of this host may have been first
        if again and dict(again[-1].numbers) == numbers:
            return False
        record(connection, SHOWN, round_id, {"notices": numbers}, on=on)
    return True


def open_rounds(engine: Engine) -> dict[str, Questionnaire]:
    """Return the questionnaire of each open round by its id."""
    with reading(engine) as connection:
        return {
            row.round_id: (row.questionnaire_id, row.questionnaire_version)
            for row in connection.execute(select(survey_round).where(survey_round.c.state == OPEN))
        }


def list_notices(engine: Engine, questionnaire: str | None = None) -> list[Notice]:
    """Return all texts that were kept, of all questionnaires or one (``id@version``)."""
    with reading(engine) as connection:
        return _kept(connection, questionnaire)


def list_shown(engine: Engine, round_id: str) -> list[Shown]:
    """Return what a round showed, the oldest first."""
    with reading(engine) as connection:
        return _shown(connection, round_id)


def read_notice(
    engine: Engine, settings: Settings, questionnaire: str, name: str, number: int | None = None
) -> tuple[Notice, str]:
    """Return a text, the newest of its name where no number is given.

    Raises
    ------
    InstallationError
        ``notice-unknown``; ``notice-changed``: the file is gone or not the one that was kept.
    """
    found = [
        one
        for one in list_notices(engine, questionnaire)
        if one.name == name and number in {None, one.number}
    ]
    if not found:
        raise InstallationError.of(
            "notice-unknown",
            f"Chưa có bản thông báo nào như vậy của {questionnaire}.",
            f"There is no such notice of {questionnaire}.",
            "Xem: hailong notices list",
            "See: hailong notices list",
        )
    data = _data(settings, found[-1])
    if data is None:
        raise InstallationError(_changed(settings, found[-1]))
    return found[-1], data.decode("utf-8")


def find_changed(engine: Engine, settings: Settings) -> list[Finding]:
    """Return a warning for each kept text whose file is gone or has other bytes."""
    return [
        replace(_changed(settings, one), severity="warning")
        for one in list_notices(engine)
        if _data(settings, one) is None
    ]


def _data(settings: Settings, notice: Notice) -> bytes | None:
    """Return the bytes of a text, or None where they are not those that were kept."""
    path = _path(settings, notice.questionnaire, notice.name, notice.number)
    data = path.read_bytes() if path.is_file() else b""
    return data if sha256(data).hexdigest() == notice.sha256 else None


def _changed(settings: Settings, notice: Notice) -> Finding:
    return Finding(
        "notice-changed",
        Words(
            "Tệp thông báo bị mất hoặc khác với bản đã lưu.",
            "The file of the notice is gone or not the one that was kept.",
        ),
        Words(
            "Hãy chép lại từ bản sao lưu; nhật ký giữ mã SHA-256 đúng.",
            "Copy it back from the backup; the log holds the right SHA-256.",
        ),
        file=str(_path(settings, notice.questionnaire, notice.name, notice.number)),
    )


def _path(settings: Settings, questionnaire: str, name: str, number: int) -> Path:
    identifier, _, version = questionnaire.partition("@")
    return settings.data / FOLDER / identifier / version / f"{name}-{number}.txt"


def _kept(connection: Connection, questionnaire: str | None) -> list[Notice]:
    query = select(audit).where(audit.c.action == KEPT).order_by(audit.c.seq)
    found = []
    for row in connection.execute(query):
        of, _, name = row.object.partition(" ")
        if questionnaire in {None, of}:
            said: dict[str, Any] = json.loads(row.payload)
            found.append(Notice(of, name, said["number"], said["sha256"], row.day))
    return found


def _shown(connection: Connection, round_id: str) -> list[Shown]:
    query = (
        select(audit)
        .where(audit.c.action.in_((OPENED, SHOWN)), audit.c.object == round_id)
        .order_by(audit.c.seq)
    )
    said = [(row.day, json.loads(row.payload).get("notices")) for row in connection.execute(query)]
    return [Shown(day, numbers) for day, numbers in said if numbers]
