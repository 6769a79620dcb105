"""Leaves and roots of RFC 9162: one short value that stands for all responses."""

from __future__ import annotations

from collections.abc import Iterable
from hashlib import sha256
from typing import Any

from survey_app.services.trail.audit import canonical

_LEAF, _NODE = b"\x00", b"\x01"


def leaf_of(row: Any) -> bytes:  # noqa: ANN401 - a row of the database
    """Return the leaf of a response, 32 bytes; its nonce hides what it says, flags may change."""
    content = {
        "id": row.id.hex(),
        "questionnaire_version": row.questionnaire_version,
        "cell_id": row.cell_id,
        "round_id": row.round_id,
        "answers": row.answers,
        "n_fast_pages": row.n_fast_pages,
        "duration_band": row.duration_band,
    }
    return sha256(_LEAF + row.nonce + canonical(content)).digest()


def root_of(leaves: Iterable[bytes]) -> str:
    """Return the Merkle root over sorted leaves, in hex."""
    level = sorted(leaves)
    if not level:
        return sha256(b"").hexdigest()
    while len(level) > 1:
        pairs = zip(level[::2], level[1::2], strict=False)
        odd = level[-1:] if len(level) % 2 else []
        level = [sha256(_NODE + left + right).digest() for left, right in pairs] + odd
    return level[0].hex()
