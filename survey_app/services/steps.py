"""Steps that two people take: the first asks, a second one agrees to exactly the same.

What was asked for waits seven days. Both names stand in the log.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from hashlib import sha256
from typing import Any

from sqlalchemy import Engine, delete, insert, select

from intake.findings import Finding, InstallationError, Words
from survey_app.db import reading, writing
from survey_app.db.audit import account, pending_step
from survey_app.services.trail.audit import canonical, record

WAITS = timedelta(days=7)


@dataclass(frozen=True)
class Pair:
    """Who asked for a step and who agreed; both ``operator`` in a trial."""

    asked_by: str
    agreed_by: str


@dataclass(frozen=True)
class Step:
    """A step: what is to be done, to what, and every detail that both must mean."""

    action: str
    about: str
    details: Mapping[str, Any]

    @property
    def digest(self) -> str:
        """SHA-256 of the details, in hex."""
        return sha256(canonical(dict(self.details))).hexdigest()


def take(engine: Engine, step: Step, name: str, on: date) -> Pair | None:
    """Ask for a step, or agree to what another account asked for; None while one alone asked.

    What an account asked for that is disabled since counts as not asked.

    Raises
    ------
    InstallationError
        ``step-differs``: another account asked for the same with other details.
    """
    own = _own(step)
    with reading(engine) as connection:
        row = connection.execute(select(pending_step).where(own)).one_or_none()
        left = select(account.c.name).where(account.c.disabled)
        gone = row and row.asked_by in connection.execute(left).scalars().all()
    if row is None or gone or row.asked_by == name or row.day < on - WAITS:
        _ask(engine, step, name, on)
        return None
    if row.details_sha256 != step.digest:
        raise InstallationError(
            Finding(
                "step-differs",
                Words(
                    f"{row.asked_by} đã yêu cầu bước này với chi tiết khác.",
                    f"{row.asked_by} asked for this step with other details.",
                ),
                Words(
                    "Hai người phải chạy cùng một lệnh; hãy hỏi lại người kia.",
                    "Both must give the same command; talk to each other.",
                ),
            )
        )
    return Pair(row.asked_by, name)


def settle(engine: Engine, step: Step, pair: Pair, on: date) -> None:
    """Note that a step was done by both; nothing of it waits any more."""
    with writing(engine) as connection:
        connection.execute(delete(pending_step).where(_own(step)))
        kept = {"action": step.action, "asked_by": pair.asked_by, "details": dict(step.details)}
        record(connection, "step-agreed", step.about, kept, actor=pair.agreed_by, on=on)


def _ask(engine: Engine, step: Step, name: str, on: date) -> None:
    with writing(engine) as connection:
        connection.execute(delete(pending_step).where(_own(step)))
        row = {"action": step.action, "object": step.about, "details_sha256": step.digest}
        connection.execute(insert(pending_step), row | {"asked_by": name, "day": on})
        kept = {"action": step.action, "details": dict(step.details)}
        record(connection, "step-asked", step.about, kept, actor=name, on=on)


def _own(step: Step) -> Any:  # noqa: ANN401 - a condition
    return (pending_step.c.action == step.action) & (pending_step.c.object == step.about)
