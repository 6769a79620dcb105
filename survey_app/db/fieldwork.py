"""Tables of fieldwork: rounds, their cells, and codes of which only a MAC is kept.

The columns of ``invitation``, ``receipt``, ``cell`` and ``draft`` are complete: nothing may
be added that could order a row in time or join it to a person or to an answer.
"""

from __future__ import annotations

from sqlalchemy import (
    Boolean,
    Column,
    Date,
    Float,
    ForeignKey,
    Integer,
    LargeBinary,
    SmallInteger,
    String,
    Table,
)

from survey_app.db import metadata

# States of a round, in the order in which it passes through them.
PLANNED, OPEN, CLOSED, FROZEN = "planned", "open", "closed", "frozen"

# States of an invitation.
UNUSED, USED, WITHDRAWN = 0, 1, 2

# How the people of a cell came to answer. Answers of open cells enter no estimate.
DRAWN, VOLUNTARY = "drawn", "open"

survey_round = Table(
    "round",
    metadata,
    Column("round_id", String(40), primary_key=True),
    Column("questionnaire_id", String(40), nullable=False),
    Column("questionnaire_version", String(40), nullable=False),
    Column("opens", Date, nullable=False),
    Column("closes", Date, nullable=False),
    Column("state", String(10), nullable=False),
    Column("simulated", Boolean, nullable=False),
    Column("inbox", String(1), nullable=False),
    Column("frame_sha256", String(64), nullable=False),
    Column("draw_sha256", String(64), nullable=False),
    Column("snapshot_sha256", String(64)),
)

cell = Table(
    "cell",
    metadata,
    Column("cell_id", String(80), primary_key=True),
    Column("round_id", ForeignKey("round.round_id"), nullable=False),
    Column("stratum", String(80), nullable=False),
    Column("psu", String(80)),
    Column("unit_id", String(40), nullable=False),
    Column("design_weight", Float, nullable=False),
    Column("expected", Integer, nullable=False),
    Column("recruitment", String(10), nullable=False, server_default=DRAWN),
)

invitation = Table(
    "invitation",
    metadata,
    Column("code_mac", LargeBinary(32), primary_key=True),
    Column("cell_id", ForeignKey("cell.cell_id"), nullable=False),
    Column("channel", String(1), nullable=False),
    Column("expires_on", Date, nullable=False),
    Column("state", SmallInteger, nullable=False),
    sqlite_with_rowid=False,
)

receipt = Table(
    "receipt",
    metadata,
    Column("key_mac", LargeBinary(32), primary_key=True),
    Column("receipt_mac", LargeBinary(32), nullable=False, unique=True),
    sqlite_with_rowid=False,
)

draft = Table(
    "draft",
    metadata,
    Column("code_mac", LargeBinary(32), primary_key=True),
    Column("sealed", LargeBinary, nullable=False),
    Column("until", Date, nullable=False),
    Column("version", Integer, nullable=False),
    sqlite_with_rowid=False,
)

# Addresses on posters and monitors that are switched off for now: "screen" with the cell of its
# round and counter, "feedback" with the counter.
withdrawal = Table(
    "withdrawal",
    metadata,
    Column("kind", String(10), primary_key=True),
    Column("place", String(80), primary_key=True),
    sqlite_with_rowid=False,
)

# How many codes a screen gave away in a quarter of an hour of a day (0 to 95). It carries no link
# to any of them; unusual crowds show in it.
start_count = Table(
    "start_count",
    metadata,
    Column("counter_id", String(40), primary_key=True),
    Column("day", Date, primary_key=True),
    Column("quarter_hour", SmallInteger, primary_key=True),
    Column("starts", Integer, nullable=False),
)
