"""What is wrong with an installation, and what to do about it."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from intake.findings import Finding, HailongError, Words
from survey_app.config import Settings
from survey_app.services import examinations
from survey_app.services.installation import open_installation
from survey_app.services.reminders import find_reminders

# What opening an installation goes through in its order, with the codes of what it refuses there;
# the codes that are not listed are of the database.
_OPENING = {
    Words("thư mục dữ liệu", "data folder"): {"data-folder-missing"},
    Words("cơ sở dữ liệu", "database"): None,
    Words("bảng dữ liệu", "tables"): {"database-not-migrated", "database-newer"},
    Words("tệp khóa", "key files"): {"key-file", "key-wrong", "key-unmarked"},
}


@dataclass(frozen=True)
class Check:
    """One thing that was looked at, and what is wrong with it."""

    name: Words
    findings: tuple[Finding, ...]
    looked: bool = True

    @property
    def state(self) -> str:
        """``ok``, ``warning``, ``error``, or ``skipped`` where an error before it hid it."""
        if not self.looked:
            return "skipped"
        severities = {finding.severity for finding in self.findings}
        return "error" if "error" in severities else "warning" if severities else "ok"


@dataclass(frozen=True)
class Examined:
    """The settings with their sources, and what was looked at."""

    settings: tuple[tuple[str, str, str], ...]
    checks: tuple[Check, ...]

    @property
    def findings(self) -> tuple[Finding, ...]:
        """Everything that is wrong."""
        return tuple(finding for check in self.checks for finding in check.findings)


def examine(settings: Settings) -> Examined:
    """Look at settings, folder, database and keys; nothing is changed."""
    values = {
        "HAILONG_BASE_URL": settings.base_url,
        "HAILONG_TRUSTED_HOSTS": ",".join(settings.trusted_hosts),
        "HAILONG_PROXIES": str(settings.proxies),
        "HAILONG_LANG": settings.lang,
        "HAILONG_TWO_PERSON": "on" if settings.two_person else "off",
        "HAILONG_ENTRY": "local" if settings.entry else "off",
        "HAILONG_ORGANISATION": settings.organisation,
        "HAILONG_CONTACT": settings.contact,
        "HAILONG_PROVINCE": settings.province,
        "DATABASE_URL": _without_password(settings.database_url),
    }
    shown = [("HAILONG_DATA", str(settings.data), _source_of_data())]
    shown += [(name, value, settings.sources.get(name, "")) for name, value in values.items()]
    return Examined(tuple(shown), tuple(_checks(settings)))


def _checks(settings: Settings) -> Iterator[Check]:
    """Yield each thing that is looked at with what is wrong with it."""
    now = datetime.now(UTC).astimezone()
    opened, clock, due = _open(settings, now)
    yield from _opening(opened)
    for name, found in (
        (Words("địa chỉ trang", "base address"), examinations.of_address(settings)),
        (Words("cách liên hệ", "contact"), examinations.of_contact(settings)),
        (Words("quyền đọc khóa", "rights to keys"), examinations.of_keys(settings)),
        (Words("quyền vào thư mục", "rights to the folder"), examinations.of_folder(settings)),
        (Words("ổ đĩa", "disk"), examinations.of_disk(settings)),
        (Words("đồng hồ", "clock"), examinations.of_clock(settings, now) + clock),
    ):
        yield Check(name, tuple(found))
    yield Check(Words("việc đến hạn", "what is due"), tuple(due), looked=not opened)


def _opening(opened: Sequence[Finding]) -> Iterator[Check]:
    listed = {code for codes in _OPENING.values() for code in codes or ()}
    refused = False
    for name, codes in _OPENING.items():
        found = [one for one in opened if (one.code in codes if codes else one.code not in listed)]
        yield Check(name, tuple(found), looked=bool(found) or not refused)
        refused = refused or bool(found)


def _open(
    settings: Settings, now: datetime
) -> tuple[Sequence[Finding], list[Finding], list[Finding]]:
    """Open the installation: what forbids to serve it, its database's clock, what is due."""
    try:
        installation = open_installation(settings)
    except HailongError as error:
        return error.findings, [], []
    try:
        clock = examinations.of_database_clock(installation.engine, now)
        return (), clock, find_reminders(installation)
    finally:
        installation.engine.dispose()


def _without_password(url: str) -> str:
    from sqlalchemy import make_url
    from sqlalchemy.exc import ArgumentError

    try:
        return make_url(url).render_as_string(hide_password=True)
    except ArgumentError:
        return "?"


def _source_of_data() -> str:
    return "environment" if "HAILONG_DATA" in os.environ else "--data / default"
