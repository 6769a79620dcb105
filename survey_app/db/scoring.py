"""Tables of the index: what agencies and the council score beside the survey."""

from __future__ import annotations

from sqlalchemy import Column, Float, Integer, String, Table

from survey_app.db import metadata

assessment = Table(
    "assessment",
    metadata,
    Column("year", Integer, primary_key=True),
    Column("agency_code", String(40), primary_key=True),
    Column("criterion", String(40), primary_key=True),
    Column("self_scored", Float),
    Column("appraised", Float),
    Column("evidence", String(1000), nullable=False),
    Column("source", String(1000), nullable=False),
)

head_rating = Table(
    "head_rating",
    metadata,
    Column("year", Integer, primary_key=True),
    Column("agency_code", String(40), primary_key=True),
    Column("rating", String(80), nullable=False),
)
