"""The settings of one installation, read once and passed on.

Settings come from the environment (``HAILONG_…``, ``DATABASE_URL``) or from a ``.env``
file in the data folder. Everything an installation keeps lies in its data folder, which
can be moved by copying it.
"""

from __future__ import annotations

import ipaddress
import os
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

from dotenv import dotenv_values
from pydantic import Field
from pydantic_settings import BaseSettings, SettingsConfigDict

from intake.findings import Finding, InstallationError, Words

DEFAULT_DATA = Path("var/hailong")
SETTINGS_FILE = ".env"


class _Values(BaseSettings):
    """What may be set from outside, under the names used outside."""

    model_config = SettingsConfigDict(env_prefix="HAILONG_", extra="ignore")

    base_url: str = "http://127.0.0.1:8000"
    trusted_hosts: str = ""
    lang: str = "vi"
    two_person: str = "on"
    entry: str = "off"
    organisation: str = "Sở Nội vụ"
    contact: str = ""
    province: str = "31"
    proxies: str = "0"
    database_url: str | None = Field(default=None, validation_alias="DATABASE_URL")


@dataclass(frozen=True)
class Settings:
    """The settings of this run.

    ``proxies`` is the number of proxies before the server, each of which adds the address that
    it saw to ``X-Forwarded-For``; ``contact`` how respondents reach the organisation;
    ``sources`` says where each setting came from.
    """

    data: Path
    base_url: str
    database_url: str
    trusted_hosts: tuple[str, ...]
    lang: str
    two_person: bool
    organisation: str
    province: str
    proxies: int = 0
    entry: bool = False
    contact: str = ""
    sources: dict[str, str] = field(default_factory=dict, compare=False)

    @property
    def keys(self) -> Path:
        """The folder of keys, outside the database and its backups."""
        return self.data / "keys"

    @property
    def rounds(self) -> Path:
        """The folder of frozen files, one folder a round."""
        return self.data / "rounds"

    @property
    def index(self) -> Path:
        """The folder of index results, one folder a year."""
        return self.data / "index"

    @property
    def releases(self) -> Path:
        """The folder of releases."""
        return self.data / "releases"

    @property
    def secure(self) -> bool:
        """Whether respondents reach the server over https."""
        return self.base_url.startswith("https://")

    @property
    def host(self) -> str:
        """The host name that QR codes carry."""
        return urlsplit(self.base_url).hostname or ""

    @property
    def port(self) -> int:
        """The port that QR codes carry."""
        parts = urlsplit(self.base_url)
        return parts.port or (443 if parts.scheme == "https" else 80)


def data_folder(given: Path | None = None) -> Path:
    """Return the data folder: the one given, else ``HAILONG_DATA``, else ``var/hailong``."""
    return given or Path(os.environ.get("HAILONG_DATA") or DEFAULT_DATA)


def read_settings(data: Path | None = None) -> Settings:
    """Read the settings of the installation in a data folder.

    Raises
    ------
    InstallationError
        A public ``http`` base URL, which would send answers over the open network, or an
        unknown value of ``HAILONG_TWO_PERSON`` or ``HAILONG_LANG``.
    """
    folder = data_folder(data).resolve()
    kept = folder / SETTINGS_FILE
    values = _Values(_env_file=kept if kept.is_file() else None)  # type: ignore[call-arg]
    _refuse_wrong(values)
    return Settings(
        data=folder,
        base_url=values.base_url.rstrip("/"),
        database_url=_with_driver(
            values.database_url or f"sqlite:///{(folder / 'hailong.sqlite3').as_posix()}"
        ),
        trusted_hosts=tuple(
            name for host in values.trusted_hosts.split(",") if (name := host.strip())
        ),
        lang=values.lang,
        two_person=values.two_person == "on",
        entry=values.entry == "local",
        organisation=values.organisation,
        contact=values.contact.strip(),
        province=values.province,
        proxies=int(values.proxies),
        sources=_sources(kept),
    )


def _sources(kept: Path) -> dict[str, str]:
    in_file = dotenv_values(kept) if kept.is_file() else {}
    found = {}
    for name in _Values.model_fields:
        variable = "DATABASE_URL" if name == "database_url" else f"HAILONG_{name.upper()}"
        if variable in os.environ:
            found[variable] = "environment"
        else:
            found[variable] = str(kept) if variable in in_file else "default"
    return found


def _with_driver(url: str) -> str:
    for plain in ("postgresql://", "postgres://"):
        if url.startswith(plain):
            return "postgresql+psycopg://" + url.removeprefix(plain)
    return url


def _refuse_wrong(values: _Values) -> None:
    findings = []
    for name, value, allowed in (
        ("HAILONG_TWO_PERSON", values.two_person, ("on", "off")),
        ("HAILONG_LANG", values.lang, ("vi", "en")),
        ("HAILONG_ENTRY", values.entry, ("off", "local")),
        ("HAILONG_PROXIES", values.proxies, ("0", "1", "2", "3")),
    ):
        if value not in allowed:
            findings.append(
                Finding(
                    "setting-unknown-value",
                    Words(f"{name}={value} không hợp lệ.", f"{name}={value} is not understood."),
                    Words(f"Hãy đặt {' hoặc '.join(allowed)}.", f"Set {' or '.join(allowed)}."),
                )
            )
    if not _is_address(values.base_url):
        findings.append(
            Finding(
                "base-url-not-address",
                Words(
                    f"HAILONG_BASE_URL={values.base_url} không phải một địa chỉ web.",
                    f"HAILONG_BASE_URL={values.base_url} is not the address of a site.",
                ),
                Words(
                    "Ví dụ: https://haiphong.example hoặc http://192.168.1.5:8000.",
                    "Such as https://haiphong.example or http://192.168.1.5:8000.",
                ),
            )
        )
    elif not _is_http_allowed(values.base_url):
        findings.append(
            Finding(
                "base-url-not-private",
                Words(
                    f"HAILONG_BASE_URL={values.base_url} là địa chỉ công khai không mã hóa.",
                    f"HAILONG_BASE_URL={values.base_url} is public and not encrypted.",
                ),
                Words(
                    "Hãy dùng https, hoặc địa chỉ mạng nội bộ khi chạy thử.",
                    "Use https, or a private address for a trial.",
                ),
            )
        )
    if findings:
        raise InstallationError(findings)


def _is_address(url: str) -> bool:
    """Tell whether a text is a web address with a host and, where given, a possible port."""
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        return False
    return parts.scheme in {"http", "https"} and bool(parts.hostname) and port != 0


def _is_http_allowed(url: str) -> bool:
    """Plain http is for a trial on this machine or on a private network only."""
    parts = urlsplit(url)
    if parts.scheme == "https":
        return True
    host = parts.hostname or ""
    if host == "localhost":
        return True
    try:
        address = ipaddress.ip_address(host)
    except ValueError:
        return False
    return address.is_loopback or address.is_private
