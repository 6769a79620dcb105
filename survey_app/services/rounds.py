"""One run of a survey: made from a draw, opened, closed, frozen.

A round passes planned → open → closed → frozen and never back. Its cells come from the
draw; what a response later knows of its design, it knows through its cell.
"""

from __future__ import annotations

import shutil
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from hashlib import sha256
from pathlib import Path

from sqlalchemy import Connection, Engine, Row, func, insert, select, update

from intake.findings import Finding, RoundError, Words
from questionnaires import Questionnaire, load
from sampling.visits import TALLY_COLUMNS
from survey_app.config import Settings
from survey_app.db import reading, writing
from survey_app.db.answers import response
from survey_app.db.fieldwork import (
    CLOSED,
    DRAWN,
    OPEN,
    PLANNED,
    UNUSED,
    USED,
    VOLUNTARY,
    cell,
    invitation,
    receipt,
    survey_round,
)
from survey_app.services import drafts
from survey_app.services.cells import cell_rows
from survey_app.services.drawn_cells import cells_of, draw_again
from survey_app.services.drawn_visits import cells_of_visits, read_tally, weigh_visits
from survey_app.services.key_marks import keep_marks
from survey_app.services.keys import make_keys, read_keys
from survey_app.services.mixing import Mixed, count_waiting, mix
from survey_app.services.notices import keep_notices
from survey_app.services.trail.audit import record

SAMPLE_FOLDER = "sample"
RECEIPTS = "receipts.txt"


@dataclass(frozen=True)
class RoundStatus:
    """Where a round stands, in numbers that name nobody.

    ``issued``, ``used`` and ``responses`` count the drawn sample, ``open_issued`` and so on the
    codes that screens of counters gave away and what came of them.
    """

    id: str
    state: str
    issued: int
    used: int
    receipts: int
    inbox: int
    responses: int
    open_issued: int
    open_used: int
    open_responses: int


def round_folder(settings: Settings, round_id: str) -> Path:
    """Return the folder of a round's files: its draw, its frozen answers, what follows."""
    return settings.rounds / round_id


def create_round(
    engine: Engine,
    settings: Settings,
    round_id: str,
    questionnaire: tuple[str, str],
    sample: Path,
    *,
    opens: date,
    closes: date,
    simulated: bool = False,
) -> int:
    """Make a round from a draw and return its number of cells.

    The folder of the draw is copied beside the round, so that the draw can be repeated
    wherever the data folder goes.

    Raises
    ------
    RoundError
        The round exists, it closes before it opens, or the sample is not one that a round
        can use; every fault of the sample file at once.
    """
    load(*questionnaire)
    if closes < opens:
        raise RoundError(
            Finding(
                "round-dates",
                Words("Ngày kết thúc trước ngày mở.", "The round closes before it opens."),
                Words("Hãy sửa --opens hoặc --closes.", "Mend --opens or --closes."),
            )
        )
    with reading(engine) as connection:
        if _find(connection, round_id):
            raise RoundError(
                Finding(
                    "round-exists",
                    Words(f"Đợt {round_id} đã có.", f"Round {round_id} exists already."),
                    Words("Hãy đặt mã khác.", "Choose another id."),
                )
            )
    frame_sha256 = draw_again(sample, questionnaire)
    cells = cells_of(round_id, sample)
    keys = make_keys(settings, round_id)
    shutil.copytree(sample, round_folder(settings, round_id) / SAMPLE_FOLDER)
    with writing(engine) as connection:
        connection.execute(
            insert(survey_round),
            {
                "round_id": round_id,
                "questionnaire_id": questionnaire[0],
                "questionnaire_version": questionnaire[1],
                "opens": opens,
                "closes": closes,
                "state": PLANNED,
                "simulated": simulated,
                "inbox": "a",
                "frame_sha256": frame_sha256,
                "draw_sha256": sha256((sample / "sample.csv").read_bytes()).hexdigest(),
                "snapshot_sha256": None,
            },
        )
        connection.execute(insert(cell), cells)
        keep_marks(connection, keys.by_file)
        made = {"questionnaire": "@".join(questionnaire), "opens": opens, "closes": closes}
        drawn = {"simulated": simulated, "files": digests_of_draw(settings, round_id)}
        drawn["cells"] = cell_rows(connection, round_id)
        record(connection, "round-created", round_id, made | drawn)
        record(connection, "keys-made", round_id)
    return len(cells)


def open_round(
    engine: Engine,
    settings: Settings,
    round_id: str,
    notices: Mapping[str, str] | None = None,
) -> None:
    """Let a planned round take answers; the log says which notices it shows.

    Parameters
    ----------
    notices
        The words before the first question by language and way of answering; they are kept.
    """
    asked, _ = asked_in(engine, round_id)
    read_keys(settings, round_id)
    _move(
        engine,
        round_id,
        PLANNED,
        OPEN,
        lambda connection: {"notices": keep_notices(connection, settings, asked, notices or {})},
    )


def close_round(
    engine: Engine, settings: Settings, round_id: str, *, tally: Path | None = None
) -> Mixed:
    """End fieldwork: mix all that waits, and weigh visits by what was counted.

    Parameters
    ----------
    tally
        For a round of visits: CSV with ``counter_id, finished, served, refused,
        ineligible``, and ``period`` or ``window`` where a counter has several rows, which
        are added up. A visit's weight becomes finished / (served + refused + ineligible),
        and the codes that were printed but not handed out are withdrawn.
    """
    with reading(engine) as connection:
        found = require_round(connection, round_id, OPEN)
        visits = {row.unit_id: row for row in cells_of_visits(connection, found)}
    keys = read_keys(settings, round_id)
    counted = read_tally(tally, visits) if tally else {}
    if visits and not counted:
        raise RoundError(
            Finding(
                "tally-missing",
                Words(
                    "Đợt này chọn mẫu lượt giao dịch nên cần bảng đếm của từng quầy.",
                    "This round drew visits, so it needs the count of each counter.",
                ),
                Words(
                    f"Hãy thêm --tally FILE với các cột {', '.join(TALLY_COLUMNS)}.",
                    f"Add --tally FILE with the columns {', '.join(TALLY_COLUMNS)}.",
                ),
            )
        )
    _move(engine, round_id, OPEN, CLOSED)
    with writing(engine) as connection:
        for unit_id, count in counted.items():
            weigh_visits(connection, visits[unit_id].cell_id, count)
        drafts.forget_round(connection, round_id)
        if counted:
            cells = cell_rows(connection, round_id)
            record(connection, "visits-weighed", round_id, {"cells": cells, "tally": counted})
    return mix(engine, keys, every_cell=True)


def mix_round(
    engine: Engine, settings: Settings, round_id: str, *, every_cell: bool, on: date
) -> Mixed:
    """Mix the waiting answers of one round; drafts past their last day go with it."""
    with reading(engine) as connection:
        require_round(connection, round_id)
    drafts.forget_old(engine, on=on)
    return mix(engine, read_keys(settings, round_id), every_cell=every_cell, on=on)


def list_rounds(engine: Engine, round_id: str | None = None) -> list[RoundStatus]:
    """Return the state of one round or of all."""
    waiting = count_waiting(engine)
    with reading(engine) as connection:
        if round_id:
            require_round(connection, round_id)
        receipts = connection.execute(select(func.count()).select_from(receipt)).scalar_one()
        query = select(survey_round).order_by(survey_round.c.opens, survey_round.c.round_id)
        return [
            _status(connection, row, receipts, waiting)
            for row in connection.execute(query)
            if round_id in {None, row.round_id}
        ]


def require_round(connection: Connection, round_id: str, *states: str) -> Row[tuple[object, ...]]:
    """Return the row of a round, or refuse: it does not exist or is in another state."""
    found = _find(connection, round_id)
    if found is None:
        raise RoundError(
            Finding(
                "round-unknown",
                Words(f"Không có đợt {round_id}.", f"There is no round {round_id}."),
                Words("Xem: hailong round status", "See: hailong round status"),
            )
        )
    if states and found.state not in states:
        raise RoundError(
            Finding(
                "round-state",
                Words(
                    f"Đợt {round_id} đang ở trạng thái {found.state}, cần {' / '.join(states)}.",
                    f"Round {round_id} is {found.state}; it must be {' or '.join(states)}.",
                ),
                Words(
                    "Thứ tự: create → open → close → freeze.",
                    "The order is: create, open, close, freeze.",
                ),
            )
        )
    return found


def asked_in(engine: Engine, round_id: str) -> tuple[tuple[str, str], bool]:
    """Return id and version of a round's questionnaire, and whether the round is simulated."""
    with reading(engine) as connection:
        found = require_round(connection, round_id)
    return (str(found.questionnaire_id), str(found.questionnaire_version)), bool(found.simulated)


def questionnaire_of(row: Row[tuple[object, ...]]) -> Questionnaire:
    """Return the questionnaire of a round."""
    return load(str(row.questionnaire_id), str(row.questionnaire_version))


def questionnaire_in_use(engine: Engine, round_id: str) -> Questionnaire:
    """Return the questionnaire of the round of that id.

    Raises
    ------
    RoundError
        There is no such round.
    """
    with reading(engine) as connection:
        return questionnaire_of(require_round(connection, round_id))


def _find(connection: Connection, round_id: str) -> Row[tuple[object, ...]] | None:
    return connection.execute(
        select(survey_round).where(survey_round.c.round_id == round_id)
    ).one_or_none()


def _move(
    engine: Engine,
    round_id: str,
    before: str,
    after: str,
    about: Callable[[Connection], Mapping[str, object]] = lambda _: {},
) -> None:
    with writing(engine) as connection:
        require_round(connection, round_id, before)
        connection.execute(
            update(survey_round).where(survey_round.c.round_id == round_id).values(state=after)
        )
        action = "round-opened" if after == OPEN else "round-closed"
        record(connection, action, round_id, about(connection))


def _status(
    connection: Connection, row: Row[tuple[object, ...]], receipts: int, waiting: int
) -> RoundStatus:
    counted = connection.execute(
        select(cell.c.recruitment, invitation.c.state, func.count())
        .join(cell, cell.c.cell_id == invitation.c.cell_id)
        .where(cell.c.round_id == row.round_id)
        .group_by(cell.c.recruitment, invitation.c.state)
    )
    codes = {(kind, int(state)): int(count) for kind, state, count in counted}
    mixed = connection.execute(
        select(cell.c.recruitment, func.count())
        .join(cell, cell.c.cell_id == response.c.cell_id)
        .where(response.c.round_id == row.round_id)
        .group_by(cell.c.recruitment)
    )
    responses = {str(kind): int(count) for kind, count in mixed}
    return RoundStatus(
        id=str(row.round_id),
        state=str(row.state),
        issued=codes.get((DRAWN, UNUSED), 0) + codes.get((DRAWN, USED), 0),
        used=codes.get((DRAWN, USED), 0),
        receipts=receipts,
        inbox=waiting,
        responses=responses.get(DRAWN, 0),
        open_issued=codes.get((VOLUNTARY, UNUSED), 0) + codes.get((VOLUNTARY, USED), 0),
        open_used=codes.get((VOLUNTARY, USED), 0),
        open_responses=responses.get(VOLUNTARY, 0),
    )


def digests_of_draw(settings: Settings, round_id: str) -> dict[str, str]:
    """Return the SHA-256 of each file of a round's draw, by name."""
    folder = round_folder(settings, round_id) / SAMPLE_FOLDER
    return {
        path.relative_to(folder).as_posix(): sha256(path.read_bytes()).hexdigest()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }
