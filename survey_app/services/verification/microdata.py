"""The frozen answers of a release, which only those see who may: each row, and its weight."""

from __future__ import annotations

from collections.abc import Iterator
from hashlib import sha256
from itertools import zip_longest
from pathlib import Path

from analysis.respondents import Respondents, read_respondents
from intake.findings import Finding, ReleaseError, Words
from survey_app.services.freezing import file_with_excluded
from survey_app.services.releases import bundles
from survey_app.services.results import RESPONDENTS
from survey_app.services.verification.bundle import Bundle
from survey_app.services.verification.faults import wrong
from survey_app.services.verification.trail import logged_cells

_WEIGHT = 4
"""Place of the design weight among the values of a cell in the log."""


def restricted_file(folder: Path, name: str) -> Path:
    """Return a file of the restricted folder.

    Raises
    ------
    ReleaseError
        ``restricted-missing``.
    """
    path = folder / name
    if path.is_file():
        return path
    raise ReleaseError(
        Finding(
            "restricted-missing",
            Words(f"Thư mục --restricted không có tệp {name}.", f"--restricted holds no {name}."),
            Words(
                "Đó là thư mục restricted/TÊN trong thư mục dữ liệu của nơi lập bản công bố.",
                "It is the folder restricted/NAME of the data folder that made the release.",
            ),
            file=str(path),
        )
    )


def microdata(folder: Path, round_id: str) -> Path:
    """Return the frozen file of a round in the restricted folder."""
    return restricted_file(folder, f"{round_id}/{RESPONDENTS}")


def all_there(bundle: Bundle, restricted: Path) -> Iterator[Finding]:
    """Look first whether the restricted folder holds what computing the figures takes."""
    for name in (*(f"{one}/{RESPONDENTS}" for one in bundle.rounds), *bundles.SCORES):
        try:
            restricted_file(restricted, name)
        except ReleaseError as error:
            yield from error.findings


def answers(bundle: Bundle, restricted: Path) -> Iterator[Finding]:
    """Look whether the frozen answers are those that were frozen, row by row, and their weights."""
    for round_id, facts in bundle.rounds.items():
        path = microdata(restricted, round_id)
        frozen = read_respondents(path)
        yield from _rows(bundle, round_id, frozen)
        yield from _weights(bundle, round_id, frozen)
        if _digest(path) != facts["snapshot_sha256"]:
            yield wrong(
                "snapshot",
                f"{round_id} {RESPONDENTS}",
                f"Tệp đã chốt của đợt {round_id} không phải tệp có mã băm trong nhật ký.",
                f"The frozen file of {round_id} is not the one whose hash is in the log.",
            )
        beside, logged = file_with_excluded(path), bundle.acts("round-frozen", round_id)[-1][1]
        if (_digest(beside) if beside.is_file() else "") != logged.get("all_sha256", ""):
            yield wrong(
                "snapshot",
                f"{round_id} {beside.name}",
                f"Tệp {beside.name} của đợt {round_id} không có mã băm như trong nhật ký.",
                f"{beside.name} of {round_id} is not the one whose hash is in the log.",
            )


def _digest(path: Path) -> str:
    return sha256(path.read_bytes()).hexdigest()


def _rows(bundle: Bundle, round_id: str, frozen: Respondents) -> Iterator[Finding]:
    """Name the first row that is not the frozen one: changed, removed, added or moved."""
    said = bundle.lines(f"data/{round_id}/{bundles.MARKS}")
    try:
        made = bundles.marks(frozen)
    except (KeyError, ValueError):
        made = []
    for number, (mine, kept) in enumerate(zip_longest(made, said), 1):
        if mine != kept:
            yield wrong(
                "response",
                f"{round_id} response {number}",
                f"Phiếu thứ {number} của đợt {round_id} bị sửa, xóa, thêm hoặc đổi chỗ.",
                f"Response {number} of {round_id} was changed, removed, added or moved.",
            )
            return


def _weights(bundle: Bundle, round_id: str, frozen: Respondents) -> Iterator[Finding]:
    cells = logged_cells(bundle, round_id)
    pairs = zip(frozen.table["cell"], frozen.table["design_weight"], strict=True)
    for number, (cell, weight) in enumerate(pairs, 1):
        if str(cell) not in cells or cells[str(cell)][_WEIGHT] != weight:
            yield wrong(
                "weight",
                f"{round_id} response {number}",
                f"Trọng số của phiếu thứ {number} đợt {round_id} không đúng như nhật ký.",
                f"The weight of response {number} of {round_id} is not as the log has it.",
            )
            return
