"""The dates of the impact-assessment file: when processing began, by when it is filed and reviewed.

Filed within 60 days of the start, reviewed every six months (security.md, section 10; not compared
with the original law). What was done is a row in the audit log.
"""

from __future__ import annotations

import calendar
import json
from dataclasses import dataclass
from datetime import date, timedelta

from sqlalchemy import Connection, Engine, func, select

from intake.findings import InstallationError
from survey_app.db import reading, writing
from survey_app.db.audit import audit
from survey_app.db.fieldwork import survey_round
from survey_app.services.trail.audit import record

FILED, REVIEWED, OPENED = "impact-filed", "impact-reviewed", "round-opened"
ABOUT = "impact-assessment"
FILE_WITHIN = timedelta(days=60)
REVIEW_MONTHS = 6


@dataclass(frozen=True)
class ImpactDates:
    """Days of the file; None for what has not happened, or is not due for that reason."""

    start: date | None
    file_by: date | None
    filed: date | None
    reviewed: date | None
    review_by: date | None


def read_dates(engine: Engine) -> ImpactDates:
    """Return the dates; processing starts when the first round that is no trial opens."""
    with reading(engine) as connection:
        start = connection.execute(
            select(func.min(audit.c.day))
            .join(survey_round, survey_round.c.round_id == audit.c.object)
            .where(audit.c.action == OPENED, survey_round.c.simulated.is_(False))
        ).scalar()
        filed, reviewed = (_last(connection, action) for action in (FILED, REVIEWED))
    seen = max((day for day in (filed, reviewed) if day), default=None)
    return ImpactDates(
        start,
        None if filed or not start else start + FILE_WITHIN,
        filed,
        reviewed,
        _months_after(seen, REVIEW_MONTHS) if seen else None,
    )


def note_filed(engine: Engine, day: date, *, on: date) -> ImpactDates:
    """Note that the file was filed on a day.

    Raises
    ------
    InstallationError
        ``impact-day``: after today.
    """
    return _note(engine, FILED, day, on)


def note_reviewed(engine: Engine, day: date, *, on: date) -> ImpactDates:
    """Note that the file was reviewed on a day.

    Raises
    ------
    InstallationError
        ``impact-day``: after today; ``impact-not-filed``.
    """
    if read_dates(engine).filed is None:
        raise InstallationError.of(
            "impact-not-filed",
            "Chưa ghi ngày nộp hồ sơ đánh giá tác động.",
            "No day is noted on which the impact-assessment file was filed.",
            "Hãy ghi trước: hailong privacy filed",
            "Note it first: hailong privacy filed",
        )
    return _note(engine, REVIEWED, day, on)


def _note(engine: Engine, action: str, day: date, on: date) -> ImpactDates:
    if day > on:
        raise InstallationError.of(
            "impact-day",
            f"Ngày {day:%d/%m/%Y} chưa đến.",
            f"{day} is not yet.",
            "Hãy sửa --on.",
            "Mend --on.",
        )
    with writing(engine) as connection:
        record(connection, action, ABOUT, {"day": day}, on=on)
    return read_dates(engine)


def _last(connection: Connection, action: str) -> date | None:
    rows = connection.execute(select(audit.c.payload).where(audit.c.action == action)).scalars()
    return max((date.fromisoformat(json.loads(one)["day"]) for one in rows), default=None)


def _months_after(day: date, months: int) -> date:
    year, month = divmod(day.month - 1 + months, 12)
    year, month = day.year + year, month + 1
    return date(year, month, min(day.day, calendar.monthrange(year, month)[1]))
