"""Marks for keys that were made before marks were kept, once the database speaks for them.

Nothing can tell whether the key of codes is the right one: codes are kept nowhere. But the keys
of a round lie and are restored together, and receipts and sealed answers speak for theirs.
"""

from __future__ import annotations

import hmac
from collections.abc import Iterator

from sqlalchemy import Connection, Engine, func, select

from intake.findings import HailongError, InstallationError
from survey_app.config import Settings
from survey_app.db import writing
from survey_app.db.answers import INBOXES, response
from survey_app.db.fieldwork import USED, cell, invitation, receipt
from survey_app.services.answering import receipt_of
from survey_app.services.key_marks import keep_marks, marks, rounds_with_keys, wrong_key
from survey_app.services.keys import RoundKeys, lasting_keys, read_keys
from survey_app.services.sealing import unseal


def adopt_keys(settings: Settings, engine: Engine) -> None:
    """Keep the marks of all keys that have none yet; a key whose file is missing stays without.

    Raises
    ------
    InstallationError
        ``key-wrong``, naming each file that does not fit what the database holds: then no mark
        is kept.
    """
    with writing(engine) as connection:
        known = marks(connection)
        found = {name: key for name, key in lasting_keys(settings).items() if key is not None}
        wrong: list[str] = []
        for round_id in rounds_with_keys(connection):
            if f"{round_id}/survey" in known:
                continue
            try:
                keys = read_keys(settings, round_id)
            except HailongError:
                continue  # whoever opens the installation is told
            wrong += _wrong_files(connection, keys)
            found |= keys.by_file
        if wrong:
            raise InstallationError([wrong_key(settings, name) for name in wrong])
        keep_marks(connection, found)


def _wrong_files(connection: Connection, keys: RoundKeys) -> Iterator[str]:
    """Yield the keys of a round that open or find nothing, where something must be there."""
    used = (
        select(func.count())
        .select_from(invitation)
        .join(cell, cell.c.cell_id == invitation.c.cell_id)
        .where(cell.c.round_id == keys.round_id, invitation.c.state == USED)
    )
    mixed = select(func.count()).select_from(response).where(response.c.round_id == keys.round_id)
    counted = connection.execute(used).scalar_one()
    if counted and not _finds_receipt(connection, keys):
        yield from (f"{keys.round_id}/{name}" for name in ("receipt", "lookup"))
    if counted > connection.execute(mixed).scalar_one() and not _opens_answer(connection, keys):
        yield f"{keys.round_id}/survey"


def _finds_receipt(connection: Connection, keys: RoundKeys) -> bool:
    return any(
        hmac.compare_digest(receipt_of(keys, row.key_mac), row.receipt_mac)
        for row in connection.execute(select(receipt))
    )


def _opens_answer(connection: Connection, keys: RoundKeys) -> bool:
    return any(
        unseal(sealed, keys.private) is not None
        for inbox in INBOXES.values()
        for sealed in connection.execute(select(inbox.c.sealed)).scalars()
    )
