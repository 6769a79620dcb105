"""What is switched off for a time at a counter: its screen in a round, its feedback form.

Its address is printed or stands on a monitor, so it goes on answering, and says that it is off.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

from sqlalchemy import Connection, Engine, delete, insert, select

from survey_app.db import reading, writing
from survey_app.db.fieldwork import withdrawal
from survey_app.services.counters import require_counter
from survey_app.services.trail.audit import record

Kind = Literal["screen", "feedback"]


def withdrawn(connection: Connection, kind: Kind) -> set[str]:
    """Return the places of a kind that are switched off."""
    return set(connection.scalars(select(withdrawal.c.place).where(withdrawal.c.kind == kind)))


def change(connection: Connection, kind: Kind, places: Sequence[str], *, off: bool) -> None:
    """Switch places off or on again; those that are so already stay as they are."""
    own = (withdrawal.c.kind == kind) & withdrawal.c.place.in_(places)
    connection.execute(delete(withdrawal).where(own))
    if off and places:
        rows = [{"kind": kind, "place": place} for place in sorted(set(places))]
        connection.execute(insert(withdrawal), rows)


def switch_feedback(engine: Engine, counter_ids: Sequence[str], *, off: bool) -> list[str]:
    """Take no feedback, or take it again, behind the posters of counters; return their ids.

    Raises
    ------
    RoundError
        ``counter-unknown``.
    """
    places = [require_counter(engine, counter_id).id for counter_id in counter_ids]
    with writing(engine) as connection:
        change(connection, "feedback", places, off=off)
        record(connection, "feedback-off" if off else "feedback-on", "", {"counters": places})
    return places


def takes_feedback(engine: Engine, counter_id: str) -> bool:
    """Tell whether the feedback form of a counter is open."""
    with reading(engine) as connection:
        return counter_id not in withdrawn(connection, "feedback")
