"""What is deleted when its time is over: the job of each day.

Its report is a row in the audit log that holds counts alone. What it may not do, such as destroying
keys, which takes two people, is in `survey_app.services.reminders`. Contact data of samples and
merge files are not stored here.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import ColumnElement, Table, and_, delete, func, select, update

from intake.findings import Finding
from survey_app.db import reading, writing
from survey_app.db.audit import account, audit, pending_step
from survey_app.db.devices import assignment
from survey_app.db.fieldwork import (
    CLOSED,
    FROZEN,
    cell,
    draft,
    start_count,
    survey_round,
)
from survey_app.services.accounts import NO_PASSWORD
from survey_app.services.drafts import left_over
from survey_app.services.installation import Installation
from survey_app.services.mixing import empty_log
from survey_app.services.paper.entry import forget_old, old_keyings
from survey_app.services.retention import KEPT_AFTER_CLOSE
from survey_app.services.steps import WAITS
from survey_app.services.trail.audit import record

RUN = "retention-run"
"""The act that the log names; its object is `ABOUT`."""
ABOUT = "installation"
KEYINGS = "keyings"
"""The one rule about files: forms on paper of which one keying waits for the other."""


@dataclass(frozen=True)
class Rule:
    """Rows of one table whose time is over on a day: deleted, or a value in them emptied."""

    id: str
    table: Table
    over: Callable[[date], ColumnElement[bool]]
    emptied: Mapping[str, Any] | None = None


def _ended_long_ago(on: date) -> ColumnElement[bool]:
    """Return what is true of batches of rounds that ended thirty days ago."""
    ended = (
        select(cell.c.cell_id)
        .join(survey_round, survey_round.c.round_id == cell.c.round_id)
        .where(survey_round.c.closes < on - KEPT_AFTER_CLOSE)
        .where(survey_round.c.state.in_((CLOSED, FROZEN)))
    )
    return and_(assignment.c.cell_id.in_(ended), assignment.c.label != "")


def _a_year_before(day: date) -> date:
    return day.replace(year=day.year - 1, day=28 if (day.month, day.day) == (2, 29) else day.day)


RULES = (
    Rule("drafts", draft, left_over),
    Rule("steps", pending_step, lambda on: pending_step.c.day < on - WAITS),
    Rule(
        "passwords",
        account,
        lambda _: and_(account.c.disabled, account.c.password != NO_PASSWORD),
        {"password": NO_PASSWORD},
    ),
    Rule("labels", assignment, _ended_long_ago, {"label": ""}),
    Rule("starts", start_count, lambda on: start_count.c.day < _a_year_before(on)),
)


def count_due(installation: Installation) -> dict[str, int]:
    """Return what a run would delete or empty today, by rule."""
    day = installation.today()
    with reading(installation.engine) as connection:
        found = {
            rule.id: connection.execute(
                select(func.count()).select_from(rule.table).where(rule.over(day))
            ).scalar_one()
            for rule in RULES
        }
    return found | {KEYINGS: len(old_keyings(installation))}


def run_retention(installation: Installation, reminders: Sequence[Finding]) -> dict[str, int]:
    """Delete and empty what is due, write the counts into the log, and return them by rule.

    Of the reminders the log gets how many there are of each code.
    """
    day = installation.today()
    with writing(installation.engine) as connection:
        done = {rule.id: connection.execute(_ending(rule, day)).rowcount for rule in RULES}
        done[KEYINGS] = forget_old(installation)
        kept = {"deleted": done, "reminders": Counter(one.code for one in reminders)}
        record(connection, RUN, ABOUT, kept, on=day)
    if installation.engine.dialect.name == "sqlite":
        empty_log(installation.engine)
    return done


def _ending(rule: Rule, day: date) -> Any:  # noqa: ANN401 - DELETE or UPDATE
    if rule.emptied is None:
        return delete(rule.table).where(rule.over(day))
    return update(rule.table).where(rule.over(day)).values(**rule.emptied)


def last_run(installation: Installation) -> date | None:
    """Return the day of the newest run that the log names."""
    with reading(installation.engine) as connection:
        query = select(func.max(audit.c.day)).where(audit.c.action == RUN)
        found: date | None = connection.execute(query).scalar()
    return found
