"""What a page says about a one-stop counter."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import Engine, func, select

from survey_app.db import reading
from survey_app.db.registry import agency, service_point


@dataclass(frozen=True)
class Counter:
    """A counter as a visitor knows it."""

    id: str
    name: str
    agency: str
    address: str


def find_counter(engine: Engine, counter_id: str) -> Counter | None:
    """Return the counter of an id, whatever the case of its letters, or None."""
    found = [
        counter for counter in list_counters(engine) if counter.id.lower() == counter_id.lower()
    ]
    return found[0] if found else None


def list_counters(engine: Engine) -> list[Counter]:
    """Return all counters of the registry in the order of their ids."""
    query = (
        select(service_point, func.coalesce(agency.c.name, "").label("agency_name"))
        .outerjoin(agency, agency.c.agency_code == service_point.c.agency_code)
        .order_by(service_point.c.counter_id)
    )
    with reading(engine) as connection:
        return [
            Counter(row.counter_id, row.name, row.agency_name, row.address)
            for row in connection.execute(query)
        ]
