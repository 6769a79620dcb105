"""The screens of counters in rounds: switched on, listed, switched off.

What is known of a screen is whether the round has an open cell for its counter, and whether it
was withdrawn. What a screen shows is in `screens`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from hashlib import sha256

from sqlalchemy import Engine, Row, insert, select

from intake.findings import Finding, RoundError, Words
from survey_app.db import reading, writing
from survey_app.db.fieldwork import OPEN, PLANNED, VOLUNTARY, cell, survey_round
from survey_app.services.cells import cell_rows
from survey_app.services.counters import Counter, list_counters, unknown_counter
from survey_app.services.rounds import require_round
from survey_app.services.trail.audit import record
from survey_app.services.withdrawals import change, withdrawn


@dataclass(frozen=True)
class Screen:
    """The screen of one counter in one round."""

    round_id: str
    cell_id: str
    counter_id: str
    opens: date
    closes: date
    state: str
    simulated: bool
    off: bool = False

    def is_open(self, on: date) -> bool:
        """Tell whether codes are given away on a day."""
        return not self.off and self.state == OPEN and self.opens <= on <= self.closes


def switch_on(engine: Engine, round_id: str, counter_ids: Sequence[str]) -> list[Screen]:
    """Give counters a screen in a round that is planned or open; return those asked for.

    Raises
    ------
    RoundError
        ``counter-unknown``, naming each counter that the registry does not hold; ``round-…``.
    """
    known = {one.id.lower(): one.id for one in list_counters(engine)}
    unknown = [one for one in counter_ids if one.lower() not in known]
    if unknown:
        raise RoundError([unknown_counter(one) for one in unknown])
    wanted = {known[one.lower()] for one in counter_ids}
    with writing(engine) as connection:
        require_round(connection, round_id, PLANNED, OPEN)
        there = set(
            connection.scalars(
                select(cell.c.unit_id).where(
                    cell.c.round_id == round_id, cell.c.recruitment == VOLUNTARY
                )
            )
        )
        new = [_open_cell(round_id, counter_id) for counter_id in sorted(wanted - there)]
        if new:
            connection.execute(insert(cell), new)
        change(connection, "screen", [_cell_id(round_id, one) for one in wanted], off=False)
        rows = {
            name: row for name, row in cell_rows(connection, round_id).items() if row[3] in wanted
        }
        record(connection, "screens-on", round_id, {"cells": rows})
    return [
        one for one in list_screens(engine) if one.round_id == round_id and one.counter_id in wanted
    ]


def switch_off(engine: Engine, round_id: str, counter_ids: Sequence[str]) -> list[str]:
    """Let the screens of counters give no more codes in a round; return the counters' ids.

    Codes that were given away stay valid: people were promised seven days. Switched on again, a
    screen shows what it showed before.

    Raises
    ------
    RoundError
        ``screen-off``, naming each counter that has no screen in the round; ``round-…``.
    """
    with writing(engine) as connection:
        require_round(connection, round_id, PLANNED, OPEN)
        rows = connection.execute(
            select(cell.c.cell_id, cell.c.unit_id).where(
                cell.c.round_id == round_id, cell.c.recruitment == VOLUNTARY
            )
        ).all()
        there = {row.unit_id.lower(): row for row in rows}
        missing = [one for one in counter_ids if one.lower() not in there]
        if missing:
            raise RoundError([_no_screen(one) for one in missing])
        found = [there[one.lower()] for one in counter_ids]
        change(connection, "screen", [row.cell_id for row in found], off=True)
        units = sorted(row.unit_id for row in found)
        record(connection, "screens-off", round_id, {"counters": units})
    return [row.unit_id for row in found]


def list_screens(engine: Engine, counter_id: str | None = None) -> list[Screen]:
    """Return the screens of all rounds, or those of one counter, the newest round first."""
    query = (
        select(cell.c.cell_id, cell.c.unit_id, survey_round)
        .join(survey_round, survey_round.c.round_id == cell.c.round_id)
        .where(cell.c.recruitment == VOLUNTARY)
        .order_by(survey_round.c.opens.desc(), survey_round.c.round_id, cell.c.unit_id)
    )
    if counter_id is not None:
        query = query.where(cell.c.unit_id == counter_id)
    with reading(engine) as connection:
        off = withdrawn(connection, "screen")
        return [_screen(row, row.cell_id in off) for row in connection.execute(query)]


def the_screen(engine: Engine, counter: Counter, round_id: str | None) -> Screen:
    """Return the screen of a counter in a round, or in the only round that still runs.

    Raises
    ------
    RoundError
        ``screen-off`` where there is none; ``screen-several`` where a round must be named.
    """
    found = [
        one
        for one in list_screens(engine, counter.id)
        if not one.off
        and (one.round_id == round_id or (round_id is None and one.state in {PLANNED, OPEN}))
    ]
    if len(found) == 1:
        return found[0]
    if found:
        named = ", ".join(one.round_id for one in found)
        raise RoundError(
            Finding(
                "screen-several",
                Words(f"Quầy có màn hình ở các đợt: {named}.", f"It has screens in: {named}."),
                Words("Hãy thêm --round.", "Add --round."),
            )
        )
    raise RoundError(_no_screen(counter.id))


def _cell_id(round_id: str, counter_id: str) -> str:
    return f"{round_id}.R{sha256(counter_id.encode()).hexdigest()[:16]}"


def _open_cell(round_id: str, counter_id: str) -> dict[str, object]:
    return {
        "cell_id": _cell_id(round_id, counter_id),
        "round_id": round_id,
        "stratum": VOLUNTARY,
        "psu": None,
        "unit_id": counter_id,
        # Nobody was drawn here, so nobody stands for others.
        "design_weight": 1.0,
        "expected": 0,
        "recruitment": VOLUNTARY,
    }


def _screen(row: Row[tuple[object, ...]], off: bool) -> Screen:
    return Screen(
        row.round_id,
        row.cell_id,
        row.unit_id,
        row.opens,
        row.closes,
        row.state,
        row.simulated,
        off,
    )


def _no_screen(counter_id: str) -> Finding:
    return Finding(
        "screen-off",
        Words(f"Quầy {counter_id} không bật màn hình.", f"Counter {counter_id} has no screen on."),
        Words(
            f"Hãy chạy: hailong round screens ROUND {counter_id}",
            f"Run: hailong round screens ROUND {counter_id}",
        ),
    )
