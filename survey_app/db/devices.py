"""Tables of devices that are not a respondent's own: tablets at counters, phones of interviewers.

What opens such a device is kept as a MAC, as a code is. Nothing here names a case, an answer or
a day; `case_count` is what interviewers found, as numbers.
"""

from __future__ import annotations

from sqlalchemy import Column, ForeignKey, LargeBinary, SmallInteger, String, Table

from survey_app.db import metadata

kiosk = Table(
    "kiosk",
    metadata,
    Column("key_mac", LargeBinary(32), primary_key=True),
    Column("counter_id", String(40), nullable=False),
    Column("pin_salt", LargeBinary(16), nullable=False),
    Column("pin_digest", LargeBinary(32), nullable=False),
    sqlite_with_rowid=False,
)

# A batch of cases of one cell. Its codes follow from its key, which is not here.
assignment = Table(
    "assignment",
    metadata,
    Column("key_mac", LargeBinary(32), primary_key=True),
    Column("cell_id", ForeignKey("cell.cell_id"), nullable=False),
    Column("label", String(40), nullable=False),
    Column("cases", SmallInteger, nullable=False),
    sqlite_with_rowid=False,
)

# How many cases of a batch ended in which way after how many visits; written anew as a whole.
case_count = Table(
    "case_count",
    metadata,
    Column("key_mac", ForeignKey("assignment.key_mac"), primary_key=True),
    Column("outcome", String(20), primary_key=True),
    Column("visits", SmallInteger, primary_key=True),
    Column("cases", SmallInteger, nullable=False),
    sqlite_with_rowid=False,
)
