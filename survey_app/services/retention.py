"""The end of a round's keys: after it nobody can tell whether a code was of it, or used.

Of its receipts the published hashes stay, so that the page of a receipt can say that it was
counted and can be looked up no more (`survey_app.services.receipts`).
"""

from __future__ import annotations

import shutil
from datetime import timedelta

from intake.findings import Finding, RoundError, Words
from survey_app.db import reading, writing
from survey_app.db.audit import KEYS_DESTROYED
from survey_app.db.fieldwork import FROZEN
from survey_app.services import receipts
from survey_app.services.installation import Installation
from survey_app.services.keys import read_keys
from survey_app.services.rounds import require_round
from survey_app.services.trail.audit import record

KEPT_AFTER_CLOSE = timedelta(days=30)


def check_destruction(installation: Installation, round_id: str) -> None:
    """Refuse to destroy keys that are still needed.

    Raises
    ------
    RoundError
        ``keys-needed``: before the thirtieth day after the round's last; ``round-…`` unless it
        is frozen; ``keys-destroyed``: they are gone already.
    """
    with reading(installation.engine) as connection:
        found = require_round(connection, round_id, FROZEN)
    if not (installation.settings.keys / round_id).is_dir():
        raise RoundError(
            Finding(
                "keys-destroyed",
                Words(f"Khóa của đợt {round_id} không còn.", f"The keys of {round_id} are gone."),
                Words("Không có gì để hủy.", "There is nothing to destroy."),
            )
        )
    first = found.closes + KEPT_AFTER_CLOSE
    if installation.today() < first:
        raise RoundError(
            Finding(
                "keys-needed",
                Words(
                    f"Người trả lời còn tra được biên nhận đến {first:%d/%m/%Y}.",
                    f"Respondents may look up receipts until {first:%Y-%m-%d}.",
                ),
                Words("Hãy hủy khóa từ ngày đó.", "Destroy the keys from that day on."),
            )
        )


def destroy_keys(installation: Installation, round_id: str, *, actor: str) -> None:
    """Remove the key files of a round and write it down; copies elsewhere are not reached."""
    keys = read_keys(installation.settings, round_id)
    with writing(installation.engine) as connection:
        receipts.keep_hashes(connection, keys)
        record(connection, KEYS_DESTROYED, round_id, actor=actor, on=installation.today())
        shutil.rmtree(installation.settings.keys / round_id)
