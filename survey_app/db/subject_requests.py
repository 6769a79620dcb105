"""Table of what persons have asked for about their own data: kind and clocks, no person.

Who asked, and how to reach them, stays in the office's own file under the same number.
"""

from __future__ import annotations

from sqlalchemy import Boolean, Column, Date, String, Table

from survey_app.db import metadata

subject_request = Table(
    "subject_request",
    metadata,
    Column("number", String(12), primary_key=True),
    Column("kind", String(20), nullable=False),
    Column("about", String(20), nullable=False),
    Column("received", Date, nullable=False),
    Column("third_parties", Boolean, nullable=False),
    Column("extended", Boolean, nullable=False),
    Column("answered", Date),
    Column("closed", Date),
    Column("outcome", String(20)),
)
