"""Whether anything was changed, added, removed or reordered since it was covered.

Each look returns what is wrong with the first bad item of its kind. A checkpoint is made only
over what is sound, so a fault is never signed.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from itertools import zip_longest
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from sqlalchemy import Connection, Row, func, select, text

from intake.findings import Finding, InstallationError
from survey_app.config import Settings
from survey_app.db import reading, writing
from survey_app.db.answers import response
from survey_app.db.audit import audit, checkpoint
from survey_app.services import covered
from survey_app.services.covered import bad
from survey_app.services.installation import Installation
from survey_app.services.trail import checkpoints
from survey_app.services.trail.audit import BEGINNING, last_row, lock, record
from survey_app.services.trail.chain import first_bad_row
from survey_app.services.trail.checkpoints import Checkpoint
from survey_app.services.trail.merkle import root_of

MADE = "checkpoint-made"


def make_checkpoint(installation: Installation) -> tuple[Checkpoint, Path]:
    """Sign the state of the log and of the responses; return the checkpoint and its file.

    A day on which nothing was done since the last checkpoint gives that one again.

    Raises
    ------
    InstallationError
        What was covered before is not as it was; nothing is signed.
    """
    settings, day = installation.settings, installation.today()
    with writing(installation.engine) as connection:
        _wait_for_mix(connection)
        lock(connection)
        now = checkpoints.leaves_now(connection)
        last = last_row(connection)
        before = list(checkpoints.kept(connection))
        key = checkpoints.own_public_key(settings) if before else None
        faults = list(_faults(connection, installation, key, now))
        faults += _files(connection, _published(settings), key)
        if faults:
            raise InstallationError(faults)
        if last and last.action == MADE and last.day == day:
            return before[-1][0], checkpoints.publish(settings, before[-1][0])
        signed = {place for _, leaves in before for place in leaves}
        made = checkpoints.sign(
            settings,
            connection,
            {place: leaf for place, leaf in now.items() if place not in signed},
            {
                "seq": last.seq if last else 0,
                "day": day.isoformat(),
                "hash": last.hash if last else BEGINNING,
                "root": root_of(now.values()),
                "count": len(now),
            },
        )
        record(connection, MADE, str(made.seq), vars(made), on=day)
    return made, checkpoints.publish(settings, made)


def find_faults(
    installation: Installation,
    *,
    key: Ed25519PublicKey | None = None,
    published: Sequence[Path] = (),
) -> list[Finding]:
    """Return what is wrong with the log, the checkpoints and what they cover; none if sound.

    Parameters
    ----------
    key
        The public key as it was published; the installation's own if not given.
    published
        Files of checkpoints from elsewhere, looked at with those of the data folder.
    """
    # One moment of the whole; a mix empties its table for every moment, so it ends first.
    engine = installation.engine
    if engine.dialect.name == "postgresql":
        engine = engine.execution_options(isolation_level="REPEATABLE READ")
    with reading(engine) as connection:
        _wait_for_mix(connection)
        has_checkpoints = connection.scalar(select(func.count()).select_from(checkpoint))
        if key is None and has_checkpoints:
            key = checkpoints.own_public_key(installation.settings)
        now = checkpoints.leaves_now(connection)
        faults = list(_faults(connection, installation, key, now))
        files = [*_published(installation.settings), *published]
        faults += _files(connection, files, key)
    return faults


def _wait_for_mix(connection: Connection) -> None:
    """Let a mix that is under way end, and the next one wait for this transaction."""
    if connection.dialect.name == "postgresql":
        connection.execute(text(f"LOCK TABLE {response.name} IN ACCESS SHARE MODE"))


def _faults(
    connection: Connection,
    installation: Installation,
    key: Ed25519PublicKey | None,
    now: Mapping[bytes, bytes],
) -> Iterator[Finding]:
    rows = connection.execute(select(audit).order_by(audit.c.seq)).all()
    yield from covered.guards(connection)
    yield from _chain(rows)
    yield from _checkpoints(connection, rows, key)
    yield from _responses(connection, rows, now)
    yield from covered.exclusions(connection, rows)
    yield from covered.cells(connection, rows)
    yield from covered.draws(rows, installation.settings)
    yield from covered.snapshots(connection, rows)


def _chain(rows: Sequence[Row[Any]]) -> Iterator[Finding]:
    place = first_bad_row([row._mapping for row in rows])  # type: ignore[misc]
    if place is not None:
        yield bad(
            "audit-row",
            f"audit {place}",
            f"Nhật ký bị sửa, xóa, chèn hoặc đổi chỗ từ dòng {place}.",
            f"The log was changed, cut, filled in or reordered from row {place} on.",
        )


def _checkpoints(
    connection: Connection, rows: Sequence[Row[Any]], key: Ed25519PublicKey | None
) -> Iterator[Finding]:
    hashes = {0: BEGINNING} | {row.seq: row.hash for row in rows}
    leaves: dict[bytes, bytes] = {}
    seen = []
    for one, added in checkpoints.kept(connection):
        again = set(added) & set(leaves)
        leaves |= added
        seen.append(vars(one))
        sound = (
            key is not None
            and one.is_signed_by(key)
            and not again
            and one.count == len(leaves)
            and one.root == root_of(leaves.values())
        )
        if not sound:
            yield _bad_checkpoint(one.seq)
            return
        if hashes.get(one.seq) != one.hash:
            yield bad(
                "audit-row",
                f"audit {one.seq}",
                f"Nhật ký không còn đúng dòng {one.seq} như điểm kiểm ngày {one.day}.",
                f"Row {one.seq} of the log is not the one of the checkpoint of {one.day}.",
            )
            return
    logged = [json.loads(row.payload) for row in rows if row.action == MADE]
    for kept, made in zip_longest(seen, logged):
        if kept != made:
            yield _bad_checkpoint((made or kept)["seq"])
            return


def _bad_checkpoint(seq: int) -> Finding:
    return bad(
        "checkpoint",
        f"checkpoint {seq}",
        f"Điểm kiểm {seq} bị sửa, bị xóa hoặc chữ ký không đúng.",
        f"Checkpoint {seq} was changed or removed, or its signature is not by the key.",
    )


def _responses(
    connection: Connection, rows: Sequence[Row[Any]], now: Mapping[bytes, bytes]
) -> Iterator[Finding]:
    signed: dict[bytes, bytes] = {}
    last = -1
    for one, added in checkpoints.kept(connection):
        signed |= added
        last = one.seq
    if last < 0:
        return
    for place in sorted(signed):
        if now.get(place) != signed[place]:
            changed = place in now
            yield bad(
                "response-changed" if changed else "response-removed",
                f"response {place.hex()}",
                f"Phiếu {place.hex()} đã bị {'sửa' if changed else 'xóa'}.",
                f"Response {place.hex()} was {'changed' if changed else 'removed'}.",
            )
            return
    new = sorted(set(now) - set(signed))
    mixed = sum(
        json.loads(row.payload)["taken"]
        for row in rows
        if row.action == "answers-mixed" and row.seq > last
    )
    if len(new) != mixed:
        first = f"response {new[0].hex()}" if new and not mixed else "response"
        yield bad(
            "response-count",
            first,
            f"Có {len(new)} phiếu mới, nhật ký ghi {mixed}.",
            f"There are {len(new)} new responses; the log knows of {mixed}.",
        )


def _published(settings: Settings) -> list[Path]:
    return sorted(checkpoints.folder_of(settings).glob("*.json"))


def _files(
    connection: Connection, files: Sequence[Path], key: Ed25519PublicKey | None
) -> Iterator[Finding]:
    """Compare checkpoints that were published with those of the database."""
    ours = [one for one, _ in checkpoints.kept(connection)]
    for path in files:
        found = checkpoints.read_published(path)
        if found is None or found not in ours or key is None or not found.is_signed_by(key):
            yield bad(
                "checkpoint-published",
                path.name,
                f"Điểm kiểm đã công bố {path.name} không khớp với cơ sở dữ liệu.",
                f"The published checkpoint {path.name} is not that of the database.",
            )
            return
