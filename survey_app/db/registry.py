"""Tables of what exists: units, agencies, counters and procedures, with their dates."""

from __future__ import annotations

from sqlalchemy import Column, Date, Float, Integer, String, Table

from survey_app.db import metadata

admin_unit = Table(
    "admin_unit",
    metadata,
    Column("code", String(40), primary_key=True),
    Column("valid_from", Date, primary_key=True),
    Column("name", String(200), nullable=False),
    Column("type", String(40), nullable=False),
    Column("parent_code", String(40)),
    Column("valid_to", Date),
    Column("population", Integer),
    Column("area_km2", Float),
    Column("lat", Float),
    Column("lon", Float),
    Column("source", String(1000), nullable=False),
)

agency = Table(
    "agency",
    metadata,
    Column("agency_code", String(40), primary_key=True),
    Column("name", String(200), nullable=False),
    Column("type", String(40), nullable=False),
    Column("unit_code", String(40)),
    Column("source", String(1000), nullable=False),
)

service_point = Table(
    "service_point",
    metadata,
    Column("counter_id", String(40), primary_key=True),
    Column("name", String(200), nullable=False),
    Column("agency_code", String(40), nullable=False),
    Column("unit_code", String(40), nullable=False),
    Column("address", String(1000), nullable=False),
    Column("opens", String(40), nullable=False),
    Column("closes", String(40), nullable=False),
    Column("expected", Integer),
    Column("source", String(1000), nullable=False),
)

procedure = Table(
    "procedure",
    metadata,
    Column("procedure_id", String(40), primary_key=True),
    Column("name", String(1000), nullable=False),
    Column("field", String(200), nullable=False),
    Column("agency_code", String(40), nullable=False),
    Column("source", String(1000), nullable=False),
)

unit_change = Table(
    "unit_change",
    metadata,
    Column("old_code", String(40), primary_key=True),
    Column("new_code", String(40), primary_key=True),
    Column("old_name", String(200), nullable=False),
    Column("old_parent_code", String(40), nullable=False),
    Column("old_parent_name", String(200), nullable=False),
    Column("old_province_code", String(40), nullable=False),
    Column("old_province_name", String(200), nullable=False),
    Column("part", String(40), nullable=False),
    Column("share", Float),
    Column("source", String(1000), nullable=False),
)
