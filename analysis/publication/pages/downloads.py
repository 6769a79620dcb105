"""The page of downloads, and the files that are copied beside it."""

from __future__ import annotations

import hashlib
import shutil
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from analysis.publication.pages.view import View
from analysis.publication.tables import FACTS
from intake.findings import Words


def copy_downloads(folder: Path, site: Path) -> list[tuple[str, int, str]]:
    """Copy tables and data beside the pages; return path, size and digest of each."""
    listed = []
    for part in ("tables", "data", "log"):
        for file in sorted((folder / part).rglob("*")):
            if not file.is_file() or file.name == FACTS:
                continue
            path = f"{part}/{file.relative_to(folder / part).as_posix()}"
            target = site / "downloads" / path
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(file, target)
            content = file.read_bytes()
            listed.append((path, len(content), hashlib.sha256(content).hexdigest()))
    return listed


_FILE_WORDS: Mapping[str, Words] = {
    "tables/hailong.xlsx": Words(
        "Tất cả các bảng trong một tệp Excel", "All tables in one Excel workbook"
    ),
    "tables/estimates.csv": Words(
        "Ước lượng: mọi chỉ số, mọi nhóm", "Estimates: all indices, all groups"
    ),
    "tables/labels.csv": Words("Tên các chỉ số", "Names of the quantities"),
    "tables/units.csv": Words("Đơn vị và điểm trung tâm", "Units and their centre points"),
    "tables/duties.csv": Words(
        "Đơn vị phải báo cáo kiểm điểm", "Agencies that owe a review report"
    ),
    "tables/weighting.csv": Words("Trọng số từng bước", "Weights, step by step"),
    "tables/rounds.csv": Words("Các đợt khảo sát", "Survey rounds"),
    "tables/sensitivity.csv": Words("Phiếu bị loại đổi gì", "What excluding answers changed"),
    "tables/truth.csv": Words("So với giá trị thật của mô phỏng", "Against the simulated truth"),
    "tables/province-points.csv": Words("Điểm của tỉnh, thành phố", "Points of the province"),
}


_NAMED: Mapping[str, Words] = {
    "audit.jsonl": Words(
        "Nhật ký, mỗi dòng khóa dòng trước", "Log, each row sealing the one before"
    ),
    "checkpoints.jsonl": Words("Điểm kiểm có chữ ký", "Signed checkpoints"),
    "checkpoint.pub": Words("Khóa công khai", "Public key"),
    "exclusions.csv": Words("Phiếu bị loại và lý do", "Excluded answers and the reasons"),
    "withheld.csv": Words(
        "Kết quả không công bố vì đã có bản công bố trước",
        "Results withheld because an earlier release exists",
    ),
    "receipts.txt": Words("Mã SHA-256 của biên nhận, đã xếp", "SHA-256 of receipts, sorted"),
    "answers.txt": Words("Dấu của từng phiếu đã chốt", "A mark for each frozen answer"),
    "weights.yaml": Words("Cách tính trọng số", "How weights were made"),
    "estimate.yaml": Words("Cách ước lượng", "How estimates were made"),
    "questionnaire.yaml": Words("Phiếu hỏi", "Questionnaire"),
}


def download_groups(view: View, files: Sequence[tuple[str, int, str]]) -> list[dict[str, Any]]:
    """Return the files of a release by kind, each with what it holds."""
    groups = []
    for part, name in (
        ("tables", Words("Bảng kết quả", "Tables of results")),
        ("data", Words("Dữ liệu và tệp gốc", "Data and source files")),
        ("log", Words("Nhật ký, điểm kiểm, khóa công khai", "Log, checkpoints, public key")),
    ):
        own = [file for file in files if file[0].startswith(f"{part}/")]
        own.sort(key=lambda file: (not file[0].endswith(".xlsx"), file[0]))
        rows = [
            {
                "path": f"{'' if view.lang == 'vi' else '../'}downloads/{path}",
                "name": path.removeprefix(f"{part}/"),
                "what": _file_words(view, path),
                "size": view.number(str(max(1, round(size / 1024)))) + " KB",
                "sha256": digest,
            }
            for path, size, digest in own
        ]
        if rows:
            groups.append({"key": part, "name": view.words(name), "rows": rows})
    return groups


def _file_words(view: View, path: str) -> str:
    if path in _FILE_WORDS:
        return view.words(_FILE_WORDS[path])
    stem = Path(path).stem
    for prefix, words in (
        ("tables/standing-", Words("Xếp hạng: ", "Ranking: ")),
        ("tables/points-", Words("Điểm từng tiêu chí: ", "Points by criterion: ")),
    ):
        block = stem.partition("-")[2]
        if path.startswith(prefix) and block in view.frozen.facts["blocks"]:
            return view.words(words) + view.words(view.frozen.facts["blocks"][block])
    for name, words in _NAMED.items():
        if path.endswith(f"/{name}"):
            return view.words(words)
    return view.say("Tệp của đợt khảo sát", "File of the round")
