"""Tables of the trail: what was done, what it stood for each day, and who had to agree.

Rows of ``response``, ``audit``, ``checkpoint`` and ``exclusion`` are added and never changed or
removed: triggers refuse it (`APPEND_ONLY`). Only a mix may write ``response`` as a whole anew.
No row here tells of one respondent; what they did is in counts of a mix alone.
"""

from __future__ import annotations

from sqlalchemy import Boolean, Column, Date, Integer, LargeBinary, String, Table

from survey_app.db import metadata

APPEND_ONLY = ("response", "audit", "checkpoint", "exclusion")

KEYS_DESTROYED = "keys-destroyed"
"""The act after which a round has no keys, and needs none."""

audit = Table(
    "audit",
    metadata,
    Column("seq", Integer, primary_key=True, autoincrement=False),
    Column("day", Date, nullable=False),
    Column("actor", String(40), nullable=False),
    Column("action", String(40), nullable=False),
    Column("object", String(200), nullable=False),
    Column("payload", String, nullable=False),
    Column("payload_sha256", String(64), nullable=False),
    Column("prev", String(64), nullable=False),
    Column("hash", String(64), nullable=False),
)

# ``leaves`` are those that the checkpoint before did not have: ids of 16 and leaves of 32 bytes.
checkpoint = Table(
    "checkpoint",
    metadata,
    Column("seq", Integer, primary_key=True, autoincrement=False),
    Column("day", Date, nullable=False),
    Column("hash", String(64), nullable=False),
    Column("root", String(64), nullable=False),
    Column("count", Integer, nullable=False),
    Column("leaves", LargeBinary, nullable=False),
    Column("signature", LargeBinary, nullable=False),
)

# A response that counts no longer, why, and the two people who say so.
exclusion = Table(
    "exclusion",
    metadata,
    Column("response_id", LargeBinary(16), primary_key=True),
    Column("round_id", String(40), nullable=False),
    Column("reason", String(1000), nullable=False),
    Column("asked_by", String(40), nullable=False),
    Column("agreed_by", String(40), nullable=False),
    sqlite_with_rowid=False,
)

account = Table(
    "account",
    metadata,
    Column("name", String(40), primary_key=True),
    Column("role", String(40), nullable=False),
    Column("unit_code", String(40)),
    Column("password", String(200), nullable=False),
    Column("disabled", Boolean, nullable=False),
)

# A step that one person asked for and a second one has not agreed to yet.
pending_step = Table(
    "pending_step",
    metadata,
    Column("action", String(40), primary_key=True),
    Column("object", String(200), primary_key=True),
    Column("details_sha256", String(64), nullable=False),
    Column("asked_by", String(40), nullable=False),
    Column("day", Date, nullable=False),
)
