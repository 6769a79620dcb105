"""Tables of answers: sealed on arrival, readable only after they were mixed.

No date finer than the round, no order of arrival, no row number. The columns are complete.
"""

from __future__ import annotations

from sqlalchemy import (
    JSON,
    Column,
    ForeignKey,
    Integer,
    LargeBinary,
    SmallInteger,
    String,
    Table,
)
from sqlalchemy.dialects.postgresql import JSONB

from survey_app.db import metadata


def _inbox(name: str) -> Table:
    return Table(
        name,
        metadata,
        Column("id", LargeBinary(16), primary_key=True),
        Column("sealed", LargeBinary, nullable=False),
        sqlite_with_rowid=False,
    )


inbox_a = _inbox("inbox_a")
inbox_b = _inbox("inbox_b")
feedback_inbox = _inbox("feedback_inbox")

INBOXES = {"a": inbox_a, "b": inbox_b}

response = Table(
    "response",
    metadata,
    Column("id", LargeBinary(16), primary_key=True),
    Column("questionnaire_version", String(80), nullable=False),
    Column("cell_id", ForeignKey("cell.cell_id"), nullable=False),
    Column("round_id", ForeignKey("round.round_id"), nullable=False),
    Column("answers", JSON().with_variant(JSONB(), "postgresql"), nullable=False),
    Column("n_fast_pages", Integer),
    Column("duration_band", Integer),
    Column("flags", Integer, nullable=False),
    Column("nonce", LargeBinary(16), nullable=False),
    sqlite_with_rowid=False,
)

feedback = Table(
    "feedback",
    metadata,
    Column("id", LargeBinary(16), primary_key=True),
    Column("agency_code", String(40)),
    Column("quarter", String(7), nullable=False),
    Column("text", String(2000), nullable=False),
    sqlite_with_rowid=False,
)

# What somebody may learn of the feedback that a code was given for: how far it has come.
# The sealed text names its code, no row here names a text.
feedback_code = Table(
    "feedback_code",
    metadata,
    Column("code_mac", LargeBinary(32), primary_key=True),
    Column("state", SmallInteger, nullable=False),
    sqlite_with_rowid=False,
)

# A short reply to feedback, sealed as its text is, for whoever has its code.
feedback_reply = Table(
    "feedback_reply",
    metadata,
    Column("code_mac", LargeBinary(32), primary_key=True),
    Column("sealed", LargeBinary, nullable=False),
    sqlite_with_rowid=False,
)
