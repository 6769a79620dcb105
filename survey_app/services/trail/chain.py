"""What the rows of an audit log tell by themselves, wherever the rows come from."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from hashlib import sha256
from typing import Any

from survey_app.services.trail.audit import BEGINNING, hash_of


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


def is_by_two(rows: Sequence[Mapping[str, Any]], about: str, seq: int) -> bool:
    """Tell whether the act of a row was asked for by one account and agreed to by another."""
    own = [row for row in rows if row["object"] == about]
    actor = next(row["actor"] for row in own if row["seq"] == seq)
    asked = {row["actor"] for row in own if row["action"] == "step-asked" and row["seq"] < seq}
    agreed = {row["actor"] for row in own if row["action"] == "step-agreed" and row["seq"] > seq}
    return actor in agreed and bool(asked - {actor})
