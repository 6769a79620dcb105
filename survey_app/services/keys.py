"""The keys of a round: files outside the database, made once, never replaced in silence.

``code`` turns a one-time code into the MAC that is stored, ``idem`` does so for the client
key of a submission, ``receipt`` makes the receipt code, ``lookup`` finds it again.
``survey`` is the X25519 private key that opens sealed answers when they are mixed.
"""

from __future__ import annotations

import os
import secrets
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey

from intake.findings import Finding, InstallationError, Words
from survey_app.config import Settings

KEY_BYTES = 32
FEEDBACK_KEY = "feedback.key"
LASTING = ("application", "feedback", "audit")
"""Keys of the installation, of no round."""

_NAMES = ("code", "idem", "receipt", "lookup", "survey")


@dataclass(frozen=True, repr=False)
class RoundKeys:
    """The five keys of one round, each of 32 bytes."""

    round_id: str
    code: bytes
    idem: bytes
    receipt: bytes
    lookup: bytes
    survey: bytes

    @property
    def by_file(self) -> dict[str, bytes]:
        """The keys by the names of their files below the folder of keys."""
        return {f"{self.round_id}/{name}": vars(self)[name] for name in _NAMES}

    @cached_property
    def private(self) -> X25519PrivateKey:
        """The key that opens sealed answers."""
        return X25519PrivateKey.from_private_bytes(self.survey)

    @cached_property
    def public(self) -> X25519PublicKey:
        """The key to which answers are sealed."""
        return self.private.public_key()


def make_keys(settings: Settings, round_id: str) -> RoundKeys:
    """Make the keys of a new round; keys that exist already are an error, never replaced."""
    folder = settings.keys / round_id
    try:
        folder.mkdir(mode=0o700, parents=True)
    except FileExistsError:
        raise InstallationError(
            Finding(
                "keys-exist",
                Words(f"Đã có khóa của đợt {round_id}.", f"Keys of round {round_id} exist."),
                Words("Hãy đặt mã đợt khác.", "Choose another round id."),
                file=str(folder),
            )
        ) from None
    for name in _NAMES:
        write_secret(folder / f"{name}.key", secrets.token_bytes(KEY_BYTES))
    return read_keys(settings, round_id)


def read_keys(settings: Settings, round_id: str) -> RoundKeys:
    """Read the keys of a round.

    Raises
    ------
    InstallationError
        Naming every key file that is missing or has the wrong length.
    """
    folder = settings.keys / round_id
    found, findings = {}, []
    for name in _NAMES:
        path = folder / f"{name}.key"
        try:
            found[name] = path.read_bytes()
        except OSError:
            findings.append(missing_key(path))
            continue
        if len(found[name]) != KEY_BYTES:
            findings.append(
                _key_finding(path, "Tệp khóa sai độ dài.", "The key file has the wrong length.")
            )
    if findings:
        raise InstallationError(findings)
    return RoundKeys(round_id, **found)


def application_secret(settings: Settings) -> bytes:
    """Return the secret that signs forms of the staff pages; made by ``hailong init``."""
    return _read_secret(settings.keys / "application.key")


def feedback_secret(settings: Settings) -> bytes:
    """Return the secret under which voluntary feedback is sealed; made by ``hailong init``."""
    return _read_secret(settings.keys / FEEDBACK_KEY)


def has_feedback_secret(settings: Settings) -> bool:
    """Tell whether the installation has a secret for voluntary feedback."""
    return (settings.keys / FEEDBACK_KEY).exists()


def audit_secret(settings: Settings) -> bytes:
    """Return the Ed25519 private key that signs checkpoints; made with the first of them."""
    return _read_secret(settings.keys / "audit.key")


def make_lasting_key(settings: Settings, name: str) -> None:
    """Make a key of the installation, one of `LASTING`, where there is none."""
    path = key_file(settings, name)
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    if not path.exists():
        write_secret(path, secrets.token_bytes(KEY_BYTES))


def write_secret(path: Path, data: bytes) -> None:
    """Write a new file that only its owner can read."""
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
        file.write(data)


def _read_secret(path: Path) -> bytes:
    try:
        secret = path.read_bytes()
    except OSError:
        raise InstallationError(missing_key(path)) from None
    if len(secret) != KEY_BYTES:
        raise InstallationError(
            _key_finding(path, "Tệp khóa sai độ dài.", "The key file has the wrong length.")
        )
    return secret


def key_file(settings: Settings, name: str) -> Path:
    """Return the file of a key, such as ``application`` or ``demo/code``."""
    return settings.keys / f"{name}.key"


def lasting_keys(settings: Settings) -> dict[str, bytes | None]:
    """Return the keys that belong to no round by name; None where there is no file.

    Raises
    ------
    InstallationError
        A file has the wrong length or cannot be read.
    """
    return {
        name: _read_secret(path) if (path := key_file(settings, name)).exists() else None
        for name in LASTING
    }


def missing_key(path: Path) -> Finding:
    """Return what is said of a key file that is not there."""
    return _key_finding(path, "Thiếu tệp khóa.", "The key file is missing.")


def _key_finding(path: Path, vi: str, en: str) -> Finding:
    return Finding(
        "key-file",
        Words(vi, en),
        Words(
            "Hãy chép lại tệp này từ bản sao lưu khóa; không tạo khóa mới, vì câu trả lời cũ sẽ "
            "không đọc được nữa.",
            "Copy it back from the backup of keys; do not make a new one, since earlier answers "
            "could not be read any more.",
        ),
        file=str(path),
    )
