"""Whether the rows of an audit log seal one another, wherever the rows come from."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from hashlib import sha256
from typing import Any

from survey_app.services.audit import BEGINNING, hash_of


def first_bad_row(rows: Sequence[Mapping[str, Any]]) -> int | None:
    """Return the place, from 1, of the first row that was changed, cut, filled in or moved.

    A row may lack its ``payload``; its hash stands for it.
    """
    before = BEGINNING
    for place, row in enumerate(rows, 1):
        payload = row.get("payload")
        sound = (
            row["seq"] == place
            and row["prev"] == before
            and row["hash"] == hash_of(row)
            and (payload is None or row["payload_sha256"] == sha256(payload.encode()).hexdigest())
        )
        if not sound:
            return place
        before = row["hash"]
    return None
