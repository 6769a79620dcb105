"""Looks at what the audit log covers: guards, exclusions, cells, draws, frozen answers.

Each gives what is wrong with the first bad item of its kind.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from typing import Any

from sqlalchemy import Connection, Row, select, text

from intake.findings import Finding, Words
from survey_app.config import Settings
from survey_app.db.audit import APPEND_ONLY, exclusion
from survey_app.db.fieldwork import survey_round
from survey_app.services.cells import cell_rows
from survey_app.services.rounds import digests_of_draw
from survey_app.services.trail.audit import canonical

_EVENTS = ("update", "delete")


def guards(connection: Connection) -> Iterator[Finding]:
    """Look whether the triggers that refuse changes are in place and in force."""
    if connection.dialect.name == "sqlite":
        wanted = {(table, f"{table}_no_{event}") for table in APPEND_ONLY for event in _EVENTS}
        query = "SELECT tbl_name, name FROM sqlite_master WHERE type = 'trigger'"
    else:
        wanted = {(table, f"{table}_append_only") for table in APPEND_ONLY}
        query = (
            "SELECT tgrelid::regclass::text, tgname FROM pg_trigger WHERE tgenabled IN ('O','A')"
        )
    found = {(str(table), str(name)) for table, name in connection.execute(text(query))}
    for table, _ in sorted(wanted - found)[:1]:
        yield bad(
            "guard-missing",
            table,
            f"Bảng {table} không còn được bảo vệ khỏi sửa và xóa.",
            f"Nothing keeps the table {table} from being changed any more.",
        )


def exclusions(connection: Connection, rows: Sequence[Row[Any]]) -> Iterator[Finding]:
    """Look whether each exclusion is in the log, and each of the log is there."""
    logged = {row.object: row.payload for row in rows if row.action == "response-excluded"}
    kept = {
        row.response_id.hex(): canonical(
            {name: row._mapping[name] for name in ("round_id", "reason", "asked_by", "agreed_by")}
        ).decode()
        for row in connection.execute(select(exclusion))
    }
    for place in sorted(set(logged) | set(kept)):
        if logged.get(place) != kept.get(place):
            yield bad(
                "exclusion",
                f"exclusion {place}",
                f"Việc loại phiếu {place} không đúng như nhật ký.",
                f"The exclusion of response {place} is not as the log has it.",
            )
            return


def cells(connection: Connection, rows: Sequence[Row[Any]]) -> Iterator[Finding]:
    """Look whether cells and their weights are those of the log."""
    created = {row.object for row in rows if row.action == "round-created"}
    cells: dict[str, list[object]] = {}
    for row in rows:
        if row.object in created:
            cells |= json.loads(row.payload).get("cells", {})
    now = {
        name: values for name, values in cell_rows(connection).items() if str(values[0]) in created
    }
    for name in sorted(set(cells) | set(now)):
        if cells.get(name) != now.get(name):
            yield bad(
                "cell",
                f"cell {name}",
                f"Ô {name} hoặc trọng số của ô không đúng như nhật ký.",
                f"The cell {name} or its weight is not as the log has it.",
            )
            return


def draws(rows: Sequence[Row[Any]], settings: Settings) -> Iterator[Finding]:
    """Look whether the files of each draw, its frame among them, are those of the log."""
    created = {row.object: json.loads(row.payload) for row in rows if row.action == "round-created"}
    for round_id, made in sorted(created.items()):
        found = digests_of_draw(settings, round_id)
        wrong = sorted(name for name, _ in set(found.items()) ^ set(made["files"].items()))
        if wrong:
            yield bad(
                "draw-file",
                f"{round_id} {wrong[0]}",
                f"Tệp chọn mẫu {wrong[0]} của đợt {round_id} không còn như khi tạo đợt.",
                f"The file {wrong[0]} of the draw of {round_id} is not as when the round was made.",
            )
            return


def snapshots(connection: Connection, rows: Sequence[Row[Any]]) -> Iterator[Finding]:
    """Look whether the hash of each round's frozen answers is that of the log."""
    frozen = {row.object: json.loads(row.payload) for row in rows if row.action == "round-frozen"}
    kept = dict(
        connection.execute(select(survey_round.c.round_id, survey_round.c.snapshot_sha256)).all()
    )
    for round_id, made in sorted(frozen.items()):
        if kept.get(round_id) != made["sha256"]:
            yield bad(
                "snapshot",
                f"round {round_id}",
                f"Mã băm của bản đã chốt đợt {round_id} không đúng như nhật ký.",
                f"The hash of the frozen answers of {round_id} is not as the log has it.",
            )
            return


def bad(code: str, item: str, vi: str, en: str) -> Finding:
    """Return the finding that names a bad item."""
    return Finding(
        code,
        Words(vi, en),
        Words(
            "Hãy dừng công bố, giữ nguyên máy chủ và bản sao lưu, báo người phụ trách.",
            "Stop publishing, leave server and backups as they are, tell who is in charge.",
        ),
        path=item,
    )
