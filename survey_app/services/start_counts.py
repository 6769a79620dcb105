"""How many people started at a counter's screen in a quarter of an hour: crowds, not persons.

The table has no link to any code and is written in a transaction of its own. A quarter of an
hour with far more starts than its like is looked at by people (security, F7).
"""

from __future__ import annotations

from contextlib import suppress
from datetime import datetime

from sqlalchemy import Engine
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.exc import DBAPIError

from survey_app.db import writing
from survey_app.db.fieldwork import start_count

QUARTER_HOUR = 15
_ONCE_MORE = {
    dialect.name: dialect_insert(start_count).on_conflict_do_update(
        index_elements=list(start_count.primary_key), set_={"starts": start_count.c.starts + 1}
    )
    for dialect, dialect_insert in (
        (sqlite.dialect, sqlite.insert),
        (postgresql.dialect, postgresql.insert),
    )
}


def count_start(engine: Engine, counter_id: str, at: float) -> None:
    """Count one start at a moment of Unix time, in the calendar of this machine.

    Nobody is sent away because it could not be counted.
    """
    local = datetime.fromtimestamp(at)  # noqa: DTZ006 - opening hours are local
    row = {
        "counter_id": counter_id,
        "day": local.date(),
        "quarter_hour": (local.hour * 60 + local.minute) // QUARTER_HOUR,
        "starts": 1,
    }
    with suppress(DBAPIError), writing(engine) as connection:
        connection.execute(_ONCE_MORE[engine.dialect.name], row)
