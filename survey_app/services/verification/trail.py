"""The log of a release: its chain, its checkpoints, and what it says of each round."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import zip_longest
from typing import Any

from intake.findings import Finding
from survey_app.services.releases import bundles
from survey_app.services.rounds import RECEIPTS, SAMPLE_FOLDER
from survey_app.services.trail.audit import BEGINNING
from survey_app.services.trail.chain import first_bad_row, is_by_two
from survey_app.services.verification.bundle import Bundle
from survey_app.services.verification.faults import wrong

_MADE = "checkpoint-made"


def chain(bundle: Bundle) -> Iterator[Finding]:
    """Look for the first row of the log that does not follow from the one before."""
    place = first_bad_row(bundle.log)
    if place is not None:
        yield wrong(
            "audit-row",
            f"audit {place}",
            f"Nhật ký bị sửa, xóa, chèn hoặc đổi chỗ từ dòng {place}.",
            f"The log was changed, cut, filled in or reordered from row {place} on.",
        )


def checkpoints(bundle: Bundle) -> Iterator[Finding]:
    """Look whether each checkpoint is signed, of this log, and the last one covers it."""
    hashes = {0: BEGINNING} | {row["seq"]: row["hash"] for row in bundle.log}
    logged = [made for _, made in bundle.acts(_MADE)]
    count = 0
    for one, made in zip_longest(bundle.checkpoints, logged):
        sound = (
            one is not None
            and vars(one) == made
            and one.is_signed_by(bundle.key)
            and hashes.get(one.seq) == one.hash
            and one.count >= count
        )
        if not sound:
            seq = one.seq if one else made["seq"]
            yield wrong(
                "checkpoint",
                f"checkpoint {seq}",
                f"Điểm kiểm {seq} bị sửa, bị xóa, hoặc không phải của nhật ký này.",
                f"Checkpoint {seq} was changed or removed, or is not of this log.",
            )
            return
        count = one.count
    covered = bundle.checkpoints[-1].seq if bundle.checkpoints else -1
    beyond = [row["seq"] for row in bundle.log if row["seq"] > covered and row["action"] != _MADE]
    if beyond or covered < 0:
        first = beyond[0] if beyond else 1
        yield wrong(
            "audit-uncovered",
            f"audit {first}",
            f"Không điểm kiểm nào bao phủ nhật ký từ dòng {first}.",
            f"No checkpoint covers the log from row {first} on.",
        )


def exclusions(bundle: Bundle) -> Iterator[Finding]:
    """Look whether the excluded responses are those of the log, each with its reason."""
    logged = {
        row["object"]: made
        for row in bundle.log
        if row["action"] == "response-excluded"
        for seq, made in bundle.acts("response-excluded", row["object"])
        if seq == row["seq"]
    }
    said = [
        [made["round_id"], place, made["reason"], made["asked_by"], made["agreed_by"]]
        for place, made in logged.items()
    ]
    for mine, kept in zip_longest(sorted(said), bundle.exclusions):
        if mine != kept:
            place = (kept or mine)[1]
            yield wrong(
                "exclusion",
                f"exclusion {place}",
                f"Việc loại phiếu {place} không đúng như nhật ký.",
                f"The exclusion of response {place} is not as the log has it.",
            )
            return


def rounds(bundle: Bundle) -> Iterator[Finding]:
    """Look whether draw, frozen answers and receipts of each round are those of the log."""
    for round_id, facts in bundle.rounds.items():
        created, frozen = (bundle.acts(act, round_id) for act in ("round-created", "round-frozen"))
        if not created or not frozen:
            yield _unlogged(round_id, f"log/{bundles.LOG}")
            return
        yield from _files(bundle, round_id, created[-1][1]["files"])
        seq, made = frozen[-1]
        if made["sha256"] != facts["snapshot_sha256"]:
            yield _unlogged(round_id, "snapshot_sha256")
        if made.get("receipts_sha256") != bundle.digest(f"data/{round_id}/{RECEIPTS}"):
            yield _unlogged(round_id, RECEIPTS)
        lines = bundle.lines(f"data/{round_id}/{RECEIPTS}")
        if lines != sorted(set(lines)):
            yield _unlogged(round_id, RECEIPTS)
        if made["answers"] != len(bundle.lines(f"data/{round_id}/{bundles.MARKS}")):
            yield _unlogged(round_id, bundles.MARKS)
        own = [one for one in bundle.exclusions if one[0] == round_id]
        if made["excluded"] != len(own):
            yield _unlogged(round_id, bundles.EXCLUSIONS)
        if bundle.facts["two_person"] and not is_by_two(bundle.log, round_id, seq):
            yield wrong(
                "freeze-by-one",
                f"audit {seq}",
                f"Việc chốt đợt {round_id} (dòng {seq}) không có hai người.",
                f"The freeze of {round_id} (row {seq}) was not done by two people.",
            )


def _files(bundle: Bundle, round_id: str, logged: dict[str, str]) -> Iterator[Finding]:
    folder = f"data/{round_id}/{SAMPLE_FOLDER}"
    for name, digest in sorted(logged.items()):
        if (
            not (bundle.folder / folder / name).is_file()
            or bundle.digest(f"{folder}/{name}") != digest
        ):
            yield wrong(
                "draw-file",
                f"{folder}/{name}",
                f"Tệp chọn mẫu {name} của đợt {round_id} không còn như khi tạo đợt.",
                f"The file {name} of the draw of {round_id} is not as when the round was made.",
            )
            return


def _unlogged(round_id: str, what: str) -> Finding:
    return wrong(
        "round-unlogged",
        f"{round_id} {what}",
        f"{what} của đợt {round_id} không đúng như nhật ký.",
        f"{what} of round {round_id} is not as the log has it.",
    )


def logged_cells(bundle: Bundle, round_id: str) -> dict[str, list[Any]]:
    """Return the cells of a round and their weights as the log has them when it was frozen."""
    cells: dict[str, list[Any]] = {}
    for act in ("round-created", "visits-weighed"):
        for _, made in bundle.acts(act, round_id):
            cells |= made["cells"]
    return cells
