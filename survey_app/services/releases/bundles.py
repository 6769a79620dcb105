"""What a release carries beside its tables, so that a stranger can check it without the server.

``log/``: the audit log as far as it may be told, its checkpoints, the public key, exclusions.
``data/ROUND/``: the questionnaire, how weights and estimates were made, the list of receipts, and
one mark for each frozen answer. A mark is an HMAC under a salt that only the frozen file holds.
"""

from __future__ import annotations

import hmac
import json
import shutil
from collections.abc import Mapping, Sequence
from hashlib import sha256
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Row, select

from intake.findings import Finding, ReleaseError, Words
from intake.tables import write_csv, write_data_frame
from questionnaires.loader import DEFINITIONS
from survey_app.config import Settings
from survey_app.db import exports, reading
from survey_app.db.audit import audit, exclusion
from survey_app.services.freezing import file_with_excluded
from survey_app.services.installation import Installation
from survey_app.services.results import (
    ESTIMATED,
    ESTIMATES,
    RECORD,
    RESPONDENTS,
    read_round_files,
)
from survey_app.services.rounds import RECEIPTS, require_round, round_folder
from survey_app.services.trail import checkpoints
from survey_app.services.trail.audit import canonical
from survey_app.services.trail.chain import is_by_two

LOG, CHECKPOINTS, EXCLUSIONS = "audit.jsonl", "checkpoints.jsonl", "exclusions.csv"
MARKS, WEIGHT_SPEC, ESTIMATE_SPEC = "answers.txt", "weights.yaml", "estimate.yaml"
QUESTIONNAIRE, SCORES = "questionnaire.yaml", ("assessments.csv", "heads.csv")
EXCLUSION_COLUMNS = ("round", "response", "reason", "asked_by", "agreed_by")
SEALED = ("seq", "day", "actor", "action", "object", "payload_sha256", "prev", "hash")
_TOLD = {
    "round-created", "visits-weighed", "round-frozen", "response-excluded", "checkpoint-made",
    "release-built",
}  # fmt: skip
"""Acts whose details are published. Of a round of another release not even these are."""


def require_recorded(installation: Installation, rounds: Sequence[str]) -> None:
    """Refuse to publish what does not follow from the frozen answers that the log knows.

    Raises
    ------
    ReleaseError
        ``frozen-unrecorded``: the frozen file is not the one whose hash was logged;
        ``results-unrecorded``: weights or estimates were made from another file, or changed since;
        ``receipts-unrecorded``; ``excluded-since``: responses were excluded after the freeze;
        ``frozen-by-one``: though steps take two people. All at once.
    """
    findings = []
    with reading(installation.engine) as connection:
        frozen = {one: _last_freeze(connection, one) for one in rounds}
        alone = [one for one in rounds if not _frozen_by_two(connection, one)]
        now = {one: exports.count_excluded(connection, one) for one in rounds}
    findings += [
        _excluded_since(one) for one in rounds if frozen[one].get("excluded", now[one]) != now[one]
    ]
    if installation.settings.two_person:
        findings += [_frozen_by_one(one) for one in alone]
    for round_id, logged in frozen.items():
        folder = round_folder(installation.settings, round_id)
        if _digest(folder / RESPONDENTS) != logged.get("sha256"):
            findings.append(_unrecorded("frozen", round_id, RESPONDENTS, "round freeze"))
        if _digest(folder / RECEIPTS) != logged.get("receipts_sha256"):
            findings.append(_unrecorded("receipts", round_id, RECEIPTS, "round freeze"))
        if _digest(file_with_excluded(folder / RESPONDENTS)) != logged.get("all_sha256", ""):
            findings.append(_unrecorded("frozen", round_id, RESPONDENTS, "round freeze"))
        made, weighed = _json(folder / ESTIMATED), _json(folder / RECORD)
        sources = {made.get("frozen_sha256"), weighed.get("frozen_sha256", logged.get("sha256"))}
        if sources != {logged.get("sha256")} or made.get("estimates_sha256") != _digest(
            folder / ESTIMATES
        ):
            findings.append(
                _unrecorded("results", round_id, ESTIMATES, "weights, hailong estimate")
            )
    if findings:
        raise ReleaseError(findings)


def bundle_files(installation: Installation, rounds: Sequence[str], place: Path) -> dict[str, Path]:
    """Write the further files of a release into a folder; return them by their path in it."""
    settings = installation.settings
    with reading(installation.engine) as connection:
        signed = [vars(one) for one, _ in checkpoints.kept(connection)]
        # What came after the checkpoint and its own row is for the next release.
        query = select(audit).where(audit.c.seq <= signed[-1]["seq"] + 1)
        rows = connection.execute(query.order_by(audit.c.seq)).all()
        excluded = _exclusions(connection, rounds)
        kinds = {one: require_round(connection, one) for one in rounds}
    texts = {f"log/{LOG}": _lines(told(row, rounds) for row in rows)}
    texts[f"log/{CHECKPOINTS}"] = _lines(signed)
    key = checkpoints.own_public_key(settings).public_bytes_raw().hex()
    texts[f"log/{checkpoints.PUBLIC_KEY}"] = f"{key}\n"
    for round_id in rounds:
        folder, data = round_folder(settings, round_id), f"data/{round_id}"
        respondents, _, _ = read_round_files(settings, round_id)
        texts[f"{data}/{MARKS}"] = "".join(f"{one}\n" for one in marks(respondents))
        texts[f"{data}/{RECEIPTS}"] = (folder / RECEIPTS).read_text(encoding="ascii")
        texts |= {f"{data}/{name}": text for name, text in _specifications(folder).items()}
        kind = kinds[round_id]
        asked = DEFINITIONS / str(kind.questionnaire_id) / f"{kind.questionnaire_version}.yaml"
        texts[f"{data}/{QUESTIONNAIRE}"] = asked.read_text(encoding="utf-8")
    found = {}
    for name, text in texts.items():
        found[name] = place / name
        found[name].parent.mkdir(parents=True, exist_ok=True)
        found[name].write_text(text, encoding="utf-8")
    found[f"log/{EXCLUSIONS}"] = place / "log" / EXCLUSIONS
    write_csv(place / "log" / EXCLUSIONS, EXCLUSION_COLUMNS, excluded)
    return found


def write_specifications(settings: Settings, round_id: str, place: Path) -> dict[str, Path]:
    """Write how the weights and estimates of a round were made; return the files by their names."""
    found = {}
    for name, text in _specifications(round_folder(settings, round_id)).items():
        found[name] = place / name
        found[name].write_text(text, encoding="utf-8")
    return found


def _specifications(folder: Path) -> dict[str, str]:
    held = {ESTIMATE_SPEC: _json(folder / ESTIMATED), WEIGHT_SPEC: _json(folder / RECORD)}
    return {
        name: str(record["specification"])
        for name, record in held.items()
        if "specification" in record
    }


def told(row: Row[Any], rounds: Sequence[str]) -> dict[str, Any]:
    """Return a row of the log as a release tells it: all that is sealed, details where they may."""
    shown = {name: row._mapping[name] for name in SEALED} | {"day": row.day.isoformat()}
    about = json.loads(row.payload)
    own = {row.object, about.get("round_id")} & set(rounds)
    if row.action in _TOLD and (own or row.action in {"checkpoint-made", "release-built"}):
        shown["payload"] = row.payload
    return shown


def marks(respondents: Any) -> list[str]:  # noqa: ANN401 - Respondents, which need pandas
    """Return one mark for each row of a frozen file, in its order: HMAC-SHA-256 in hex."""
    salt = bytes.fromhex(str(respondents.meta["salt"]))
    rows = respondents.table.astype(object).to_dict("records")
    return [hmac.new(salt, canonical(_plain(row)), sha256).hexdigest() for row in rows]


def keep_restricted(
    installation: Installation, rounds: Sequence[str], year: int, place: Path
) -> None:
    """Lay down what only verifying needs: the frozen answers of rounds, the scores of a year."""
    from survey_app.services.scoring import stored_scores

    place.mkdir(mode=0o700, parents=True, exist_ok=True)
    for round_id in rounds:
        frozen = round_folder(installation.settings, round_id) / RESPONDENTS
        target = place / round_id
        target.mkdir(exist_ok=True)
        for file in (frozen, file_with_excluded(frozen)):
            if file.is_file():
                shutil.copyfile(file, target / file.name)
    for name, table in zip(SCORES, stored_scores(installation.engine, year), strict=True):
        write_data_frame(place / name, table)


def _plain(row: Mapping[str, Any]) -> dict[str, Any]:
    return {str(name): one.item() if hasattr(one, "item") else one for name, one in row.items()}


def _lines(rows: Any) -> str:  # noqa: ANN401 - any values that JSON carries
    return "".join(canonical(row).decode() + "\n" for row in rows)


def _exclusions(connection: Connection, rounds: Sequence[str]) -> list[list[str]]:
    query = select(exclusion).where(exclusion.c.round_id.in_(rounds))
    rows = connection.execute(query.order_by(exclusion.c.round_id, exclusion.c.response_id))
    return [
        [row.round_id, row.response_id.hex(), row.reason, row.asked_by, row.agreed_by]
        for row in rows
    ]


def _last_freeze(connection: Connection, round_id: str) -> dict[str, Any]:
    query = select(audit.c.payload).where(audit.c.action == "round-frozen")
    own = query.where(audit.c.object == round_id).order_by(audit.c.seq.desc()).limit(1)
    found = connection.scalar(own)
    return json.loads(found) if found else {}


def _frozen_by_two(connection: Connection, round_id: str) -> bool:
    query = select(audit).where(audit.c.object == round_id).order_by(audit.c.seq)
    rows = [row._mapping for row in connection.execute(query)]
    freezes = [row["seq"] for row in rows if row["action"] == "round-frozen"]
    return not freezes or is_by_two(rows, round_id, freezes[-1])  # type: ignore[arg-type]


def _digest(path: Path) -> str:
    return sha256(path.read_bytes()).hexdigest() if path.is_file() else ""


def _json(path: Path) -> dict[str, Any]:
    try:
        held = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return held if isinstance(held, dict) else {}


def _excluded_since(round_id: str) -> Finding:
    return Finding(
        "excluded-since",
        Words(
            f"Có phiếu của đợt {round_id} bị loại sau khi chốt.",
            f"Responses of {round_id} were excluded after it was frozen.",
        ),
        Words(
            "Hãy chốt lại: hailong round freeze --correction, rồi tính lại trọng số, ước lượng.",
            "Freeze again: hailong round freeze --correction; then weigh and estimate anew.",
        ),
    )


def _frozen_by_one(round_id: str) -> Finding:
    return Finding(
        "frozen-by-one",
        Words(f"Đợt {round_id} do một người chốt.", f"Round {round_id} was frozen by one person."),
        Words(
            "Hai người chốt lại: hailong round freeze --as.",
            "Two people freeze it again: hailong round freeze --as.",
        ),
    )


def _unrecorded(kind: str, round_id: str, file: str, command: str) -> Finding:
    return Finding(
        f"{kind}-unrecorded",
        Words(
            f"{file} của đợt {round_id} không làm ra từ dữ liệu đã chốt trong nhật ký.",
            f"{file} of round {round_id} is not what follows from the frozen answers of the log.",
        ),
        Words(
            f"Hãy chạy lại: hailong {command}. Nếu vẫn vậy: hailong audit verify",
            f"Run again: hailong {command}. If it stays so: hailong audit verify",
        ),
        file=file,
    )
