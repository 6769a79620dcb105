"""Tables of the installation itself: which programs may serve it, and which keys are its own."""

from __future__ import annotations

from sqlalchemy import Column, LargeBinary, String, Table

from survey_app.db import metadata

# States of the tables whose programs can still take answers on these tables: this state, and
# those before it from which only additions led here.
served_state = Table(
    "served_state",
    metadata,
    Column("state", String(32), primary_key=True),
    sqlite_with_rowid=False,
)

# What tells whether a key file is the one that was made here; it says nothing of the key.
key_mark = Table(
    "key_mark",
    metadata,
    Column("name", String(60), primary_key=True),
    Column("mark", LargeBinary(32), nullable=False),
    sqlite_with_rowid=False,
)
