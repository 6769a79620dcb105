"""Signed checkpoints: so far the log, so many responses, this root over them.

Each goes into the database, and as a small file into ``checkpoints/`` of the data folder, to be
published and sent to a second body. Whoever holds one can tell later whether anything that it
covers was changed, added or removed.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from hashlib import sha256
from pathlib import Path
from typing import Any

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from sqlalchemy import Connection, insert, select

from intake.findings import Finding, InstallationError, Words
from survey_app.config import Settings
from survey_app.db.answers import response
from survey_app.db.audit import checkpoint
from survey_app.services.key_marks import keep_marks, marks
from survey_app.services.keys import audit_secret, make_lasting_key
from survey_app.services.trail.audit import canonical
from survey_app.services.trail.merkle import leaf_of

PUBLIC_KEY = "checkpoint.pub"
_NAME = "audit"
_SIGNED = ("seq", "day", "hash", "root", "count")
_ID, _PAIR = 16, 48


@dataclass(frozen=True)
class Checkpoint:
    """One checkpoint: the last row of the log that it covers, its hash, root and count."""

    seq: int
    day: str
    hash: str
    root: str
    count: int
    signature: str

    def is_signed_by(self, key: Ed25519PublicKey) -> bool:
        """Tell whether the signature over the other values is that key's."""
        try:
            key.verify(bytes.fromhex(self.signature), _message(vars(self)))
        except (InvalidSignature, ValueError):
            return False
        return True


def folder_of(settings: Settings) -> Path:
    """Return the folder of published checkpoints."""
    return settings.data / "checkpoints"


def signing_key(settings: Settings, connection: Connection) -> Ed25519PrivateKey:
    """Return the key that signs checkpoints; made with the first, never anew once there is one.

    Raises
    ------
    InstallationError
        ``key-file``: the key was made before, and is missing.
    """
    first = connection.execute(select(checkpoint.c.seq).limit(1)).first() is None
    if first and _NAME not in marks(connection):
        make_lasting_key(settings, _NAME)
    secret = audit_secret(settings)
    keep_marks(connection, {_NAME: secret})
    return Ed25519PrivateKey.from_private_bytes(secret)


def own_public_key(settings: Settings) -> Ed25519PublicKey:
    """Return the public part of this installation's signing key."""
    return Ed25519PrivateKey.from_private_bytes(audit_secret(settings)).public_key()


def sign_bytes(settings: Settings, data: bytes) -> bytes:
    """Return the Ed25519 signature of data by this installation's key, 64 bytes."""
    return Ed25519PrivateKey.from_private_bytes(audit_secret(settings)).sign(data)


def fingerprint(key: Ed25519PublicKey) -> str:
    """Return what is printed of a public key: the SHA-256 of its 32 bytes, in hex."""
    return sha256(key.public_bytes_raw()).hexdigest()


def read_public_key(path: Path) -> Ed25519PublicKey:
    """Read a public key: 64 hexadecimal digits.

    Raises
    ------
    InstallationError
        ``public-key-unreadable``.
    """
    try:
        return Ed25519PublicKey.from_public_bytes(bytes.fromhex(path.read_text("ascii").strip()))
    except ValueError:
        raise InstallationError(
            Finding(
                "public-key-unreadable",
                Words("Tệp này không phải khóa công khai.", "That file is no public key."),
                Words(f"Dùng tệp {PUBLIC_KEY} đã công bố.", f"Use the published {PUBLIC_KEY}."),
                file=str(path),
            )
        ) from None


def sign(
    settings: Settings, connection: Connection, leaves: dict[bytes, bytes], values: dict[str, Any]
) -> Checkpoint:
    """Sign the values of a checkpoint and keep it, with the leaves that it has first.

    Parameters
    ----------
    leaves
        Leaf of each new response by the response's id.
    values
        ``seq, day, hash, root, count``; the day as ISO text.
    """
    key = signing_key(settings, connection)
    signature = key.sign(_message(values))
    made = Checkpoint(**values, signature=signature.hex())
    packed = b"".join(sorted(place + leaf for place, leaf in leaves.items()))
    row = vars(made) | {"signature": signature, "leaves": packed}
    connection.execute(insert(checkpoint), row | {"day": date.fromisoformat(made.day)})
    return made


def publish(settings: Settings, made: Checkpoint) -> Path:
    """Write a checkpoint and the public key into the folder of checkpoints."""
    folder = folder_of(settings)
    folder.mkdir(exist_ok=True)
    public = own_public_key(settings).public_bytes_raw().hex()
    (folder / PUBLIC_KEY).write_text(public + "\n", encoding="ascii")
    file = folder / f"{made.seq:08}.json"
    file.write_text(json.dumps(vars(made), indent=2) + "\n", encoding="ascii")
    return file


def read_published(path: Path) -> Checkpoint | None:
    """Read the file of a checkpoint, or None where it is not one."""
    try:
        return Checkpoint(**json.loads(path.read_text(encoding="ascii")))
    except (TypeError, ValueError, RecursionError):
        return None


def kept(connection: Connection) -> Iterator[tuple[Checkpoint, dict[bytes, bytes]]]:
    """Give each checkpoint in its order with the leaves that it has first."""
    for row in connection.execute(select(checkpoint).order_by(checkpoint.c.seq)):
        packed = row.leaves
        leaves = {
            packed[at : at + _ID]: packed[at + _ID : at + _PAIR]
            for at in range(0, len(packed), _PAIR)
        }
        yield (
            Checkpoint(
                row.seq,
                row.day.isoformat(),
                row.hash,
                row.root,
                row._mapping["count"],
                row.signature.hex(),
            ),
            leaves,
        )


def leaves_now(connection: Connection) -> dict[bytes, bytes]:
    """Return the leaf of every response as it is now, by id."""
    return {row.id: leaf_of(row) for row in connection.execute(select(response))}


def key_name(key: Ed25519PublicKey) -> str:
    """Return the first sixteen digits of a public key's SHA-256, by which it is printed."""
    return sha256(key.public_bytes_raw()).hexdigest()[:16]


def _message(values: dict[str, Any]) -> bytes:
    return b"hailong-checkpoint-v1\0" + canonical({name: values[name] for name in _SIGNED})
