"""What a page says about a one-stop counter."""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import urlsplit

from sqlalchemy import Engine, func, select

from intake.findings import Finding, RoundError, Words
from survey_app.db import reading
from survey_app.db.registry import agency, service_point


@dataclass(frozen=True)
class Counter:
    """A counter as a visitor knows it."""

    id: str
    name: str
    agency: str
    address: str
    agency_code: str = ""


def typed_address(base_url: str, counter: Counter | None = None) -> str:
    """Return the address of a counter's page, or of the first page, as people type it.

    Examples
    --------
    >>> typed_address("https://haiphong.example", Counter("Q1", "Quầy 1", "", ""))
    'haiphong.example/q/q1'
    """
    host = urlsplit(base_url).netloc
    return f"{host}/q/{counter.id.lower()}" if counter else host


def find_counter(engine: Engine, counter_id: str) -> Counter | None:
    """Return the counter of an id, whatever the case of its letters, or None."""
    found = [
        counter for counter in list_counters(engine) if counter.id.lower() == counter_id.lower()
    ]
    return found[0] if found else None


def require_counter(engine: Engine, counter_id: str) -> Counter:
    """Return the counter of an id, or refuse one that the registry does not hold."""
    found = find_counter(engine, counter_id)
    if found is None:
        raise RoundError(unknown_counter(counter_id))
    return found


def unknown_counter(counter_id: str) -> Finding:
    """Return what is said of a counter that the registry does not hold."""
    return Finding(
        "counter-unknown",
        Words(f"Không có quầy {counter_id}.", f"There is no counter {counter_id}."),
        Words("Xem: hailong registry export", "See: hailong registry export"),
    )


def list_counters(engine: Engine) -> list[Counter]:
    """Return all counters of the registry in the order of their ids."""
    query = (
        select(service_point, func.coalesce(agency.c.name, "").label("agency_name"))
        .outerjoin(agency, agency.c.agency_code == service_point.c.agency_code)
        .order_by(service_point.c.counter_id)
    )
    with reading(engine) as connection:
        return [
            Counter(row.counter_id, row.name, row.agency_name, row.address, row.agency_code)
            for row in connection.execute(query)
        ]
