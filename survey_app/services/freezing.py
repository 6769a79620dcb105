"""The answers of a closed round as one file, whose hash is logged before any result is known.

Beside it lie the voluntary answers, ``…-open.parquet``; where responses were excluded, all
answers with them still in, ``…-all.parquet``, so that it can be told what excluding changed; and
in the folder of the round the list of its receipts.
"""

from __future__ import annotations

from hashlib import sha256
from pathlib import Path
from typing import Any

import pandas as pd
from sqlalchemy import Connection, Engine, Row, update

from analysis.respondents import write_respondents
from intake.findings import Finding, RoundError, Words
from intake.tables import read_table
from questionnaires import MISSING_CODES
from survey_app.config import Settings
from survey_app.db import exports, reading, writing
from survey_app.db.fieldwork import CLOSED, DRAWN, FROZEN, VOLUNTARY, survey_round
from survey_app.services.keys import read_keys
from survey_app.services.mixing import mix
from survey_app.services.receipts import receipt_list
from survey_app.services.rounds import (
    RECEIPTS,
    SAMPLE_FOLDER,
    questionnaire_of,
    require_round,
    round_folder,
)
from survey_app.services.trail.audit import OPERATOR, record


def freeze_round(
    engine: Engine,
    settings: Settings,
    round_id: str,
    out: Path,
    *,
    correction: str = "",
    actor: str = OPERATOR,
) -> tuple[int, str]:
    """Write the answers of a closed round to one file and return its rows and SHA-256.

    Every estimate reads this file. It holds the drawn sample alone, without what was excluded. An
    answer whose code was looked at before the close and that was written after its mix is mixed
    first, so that it is counted as its receipt says.

    Raises
    ------
    RoundError
        ``round-…``: unknown, in another state, or without answers; ``snapshot-differs``: other
        answers than before, and no correction is given. The file that stood there stays.
    """
    with reading(engine) as connection:
        found = require_round(connection, round_id, CLOSED, FROZEN)
    if found.state == CLOSED:
        mix(engine, read_keys(settings, round_id), every_cell=True)
    with reading(engine) as connection:
        table, voluntary = (
            exports.respondents(connection, round_id, questionnaire_of(found), kind)
            for kind in (DRAWN, VOLUNTARY)
        )
        whole = exports.respondents(
            connection, round_id, questionnaire_of(found), with_excluded=True
        )
        meta = _meta(connection, settings, found)
        excluded = exports.count_excluded(connection, round_id)
        receipts = _receipts(connection, settings, round_id)
    if table.empty:
        raise RoundError(
            Finding(
                "round-empty",
                Words(f"Đợt {round_id} chưa có câu trả lời.", f"Round {round_id} has no answers."),
                Words("Không có gì để chốt.", "There is nothing to freeze."),
            )
        )
    out.parent.mkdir(parents=True, exist_ok=True)
    if not voluntary.empty:
        beside = out.with_name(f"{out.stem}-open.parquet")
        meta["open_sha256"] = write_respondents(
            voluntary, meta | {"cases": []}, beside, recruitment=VOLUNTARY
        )
    digest = _write(table, meta, out, None if correction else found.snapshot_sha256)
    kept = {"sha256": digest, "answers": len(table), "excluded": excluded}
    kept |= {"receipts": receipts.count("\n"), "receipts_sha256": _sha256(receipts)}
    if len(whole) > len(table):
        kept["all_sha256"] = write_respondents(whole, meta, file_with_excluded(out))
    if correction:
        kept |= {"replaces": found.snapshot_sha256, "correction": correction}
    listed = round_folder(settings, round_id) / RECEIPTS
    listed.parent.mkdir(parents=True, exist_ok=True)
    listed.write_text(receipts, encoding="ascii")
    with writing(engine) as connection:
        own = survey_round.c.round_id == round_id
        frozen = {"state": FROZEN, "snapshot_sha256": digest}
        connection.execute(update(survey_round).where(own).values(**frozen))
        record(connection, "round-frozen", round_id, kept, actor=actor)
    return len(table), digest


def file_with_excluded(frozen: Path) -> Path:
    """Return where all answers of a round lie, those that were excluded among them."""
    return frozen.with_name(f"{frozen.stem}-all.parquet")


def _meta(connection: Connection, settings: Settings, found: Row[Any]) -> dict[str, Any]:
    """Return what the frozen file says of itself."""
    round_id = str(found.round_id)
    frame = read_table(
        round_folder(settings, round_id) / SAMPLE_FOLDER / "frame.csv", required=["unit_id"]
    )
    units = {row.cells["unit_id"]: row.cells for row in frame.rows}
    return {
        "round": round_id,
        "questionnaire": found.questionnaire_id,
        "version": found.questionnaire_version,
        "simulated": found.simulated,
        "missing": MISSING_CODES,
        "salt": exports.salt(connection, round_id),
        "cases": exports.cases(connection, round_id).to_dict(orient="records"),
        "units": {unit: cells.get("unit_name", unit) for unit, cells in units.items()},
    }


def _write(table: pd.DataFrame, meta: dict[str, Any], out: Path, before: str | None) -> str:
    """Write the frozen file and return its SHA-256, unless another one was frozen before."""
    new = out.with_name(f".{out.name}.new")
    digest = write_respondents(table, meta, new)
    if before in {None, digest}:
        new.replace(out)
        return digest
    new.unlink()
    raise RoundError(
        Finding(
            "snapshot-differs",
            Words(
                "Dữ liệu khác với bản đã chốt trước đây.",
                "The answers differ from those frozen before.",
            ),
            Words(
                "Hãy dừng lại và kiểm tra: hailong audit verify. Nếu có phiếu bị loại, dùng "
                "--correction.",
                "Stop and examine it: hailong audit verify. If responses were excluded since, "
                "use --correction.",
            ),
        )
    )


def _receipts(connection: Connection, settings: Settings, round_id: str) -> str:
    """Return the list of receipts of a round; without keys it is the one of the freeze before."""
    kept = round_folder(settings, round_id) / RECEIPTS
    if not (settings.keys / round_id).is_dir() and kept.is_file():
        return kept.read_text(encoding="ascii")
    return receipt_list(connection, read_keys(settings, round_id))


def _sha256(text: str) -> str:
    return sha256(text.encode("ascii")).hexdigest()
