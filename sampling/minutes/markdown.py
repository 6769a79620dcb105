"""The minutes of a draw (biên bản chọn mẫu), as Markdown, to be completed and signed."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import date

from intake.findings import Finding
from sampling.design import SampleDesign
from sampling.frame import Frame
from sampling.sample import Row

_BLANK = "……………………"


def minutes_of(
    record: Mapping[str, object],
    design: SampleDesign,
    frame: Frame,
    rows: Sequence[Row],
    findings: Sequence[Finding],
    *,
    lang: str = "vi",
    operator: str = "",
    drawn_on: date | None = None,
) -> str:
    """Return the minutes of a draw: what it rests on, who was drawn, how it is checked.

    Parameters
    ----------
    record
        What ``draw.json`` holds.
    design, frame
        What was carried out, and on what.
    rows
        The drawn rows and the reserves, each in their order.
    findings
        What is to be noted.
    lang
        ``en`` for English, else Vietnamese.
    operator, drawn_on
        Who drew and when; left blank to be filled in by hand.
    """
    said = _EN if lang == "en" else _VI
    first = [row for row in rows if row.stage == 1]
    drawn = [row for row in first if row.role == "drawn"]
    spare = [row for row in first if row.role == "reserve"]
    within = _listed(record["units"])
    lines = [
        f"# {said['title']}",
        "",
        *_head(record, design, frame, said, operator, drawn_on),
        *("", f"## {said['strata']}", "", said["strata_head"], "|---|---|--:|--:|---|---|"),
        *(_stratum_line(told) for told in _listed(record["strata"])),
        *("", f"## {said['drawn']}", "", said["drawn_head"], "|--:|---|---|---|--:|"),
        *(_unit_line(number, row, frame, said) for number, row in enumerate(drawn, start=1)),
    ]
    if spare:
        lines += ["", f"## {said['reserves']}", "", said["drawn_head"], "|--:|---|---|---|--:|"]
        lines += [_unit_line(row.order, row, frame, said) for row in spare]
    if within:
        lines += ["", f"## {said['within']}", ""]
        lines += [_within_line(told, frame, said) for told in within]
    notes = [_plain(finding.message.in_language(lang)) for finding in findings]
    if notes:
        lines += ["", f"## {said['notes']}", "", *(f"- {note}" for note in notes)]
    lines += ["", f"## {said['check']}", "", said["check_text"], "", said["signatures"], ""]
    return "\n".join(lines)


def _head(
    record: Mapping[str, object],
    design: SampleDesign,
    frame: Frame,
    said: Mapping[str, str],
    operator: str,
    drawn_on: date | None,
) -> list[str]:
    """Return the facts on which the draw rests, one a line."""
    facts = [
        ("design", _plain(design.name)),
        ("instrument", _plain(design.instrument) or _BLANK),
        ("day", drawn_on.strftime("%d/%m/%Y") if drawn_on else _BLANK),
        ("operator", _plain(operator) or _BLANK),
        ("present", _BLANK),
        ("frame", said["frame_of"].format(units=len(frame.units), total=_grouped(frame, said))),
        *((key, f"`{record[key]}`") for key in ("H_frame", "H_design", "commitment", "secret")),
        ("public", f"`{record['public']}`" if record["public"] else said["none"]),
        ("seed", f"`{record['seed']}`"),
        ("algorithm", str(record["algorithm"])),
    ]
    return [f"- {said[key]}: {value}" for key, value in facts]


def _stratum_line(told: Mapping[str, object]) -> str:
    sure = ", ".join(str(one["unit_id"]) for one in _listed(told["certainties"]))
    interval = str(told.get("interval", "")).removesuffix("/1") or "–"
    return (
        f"| {_plain(told['stratum'])} | {told['method']} | {told['units']} | {told['take']} "
        f"| {interval} | {sure or '–'} |"
    )


def _listed(value: object) -> list[dict[str, object]]:
    return list(value) if isinstance(value, list) else []


def _unit_line(number: int, row: Row, frame: Frame, said: Mapping[str, str]) -> str:
    name = _plain(frame.by_id[row.unit_id].unit_name)
    chance = f"{float(row.chance):.4f}".replace(".", said["point"])
    return f"| {number} | {row.unit_id} | {name} | {_plain(row.stratum)} | {chance} |"


def _within_line(told: Mapping[str, object], frame: Frame, said: Mapping[str, str]) -> str:
    key = "visits_of" if told["method"] == "every_kth" else "persons_of"
    unit = frame.by_id[str(told["unit_id"])]
    return "- " + said[key].format(name=f"{_plain(unit.unit_name)} ({unit.unit_id})", **told)


def _plain(text: object) -> str:
    """Return a name that cannot break out of a table cell or become markup."""
    return " ".join(re.sub(r"[|<>`\\\[\]]", "/", str(text)).split())


def _grouped(frame: Frame, said: Mapping[str, str]) -> str:
    return f"{frame.total_size:,}".replace(",", said["thousands"])


_VI = {
    "title": "BIÊN BẢN CHỌN MẪU",
    "design": "Thiết kế mẫu",
    "instrument": "Phiếu khảo sát",
    "day": "Ngày chọn mẫu",
    "operator": "Người thực hiện",
    "present": "Người chứng kiến",
    "frame": "Khung mẫu",
    "frame_of": "{units} đơn vị, tổng quy mô {total}",
    "H_frame": "Mã băm khung mẫu (SHA-256 của frame.csv)",
    "H_design": "Mã băm thiết kế (SHA-256 của design.json)",
    "commitment": "Cam kết (SHA-256 của giá trị bí mật)",
    "secret": "Giá trị bí mật, nay công bố",
    "public": "Giá trị công khai",
    "none": "không dùng",
    "seed": "Hạt giống",
    "algorithm": "Thuật toán",
    "strata": "Các tầng ở giai đoạn 1",
    "strata_head": "| Tầng | Phương pháp | Số đơn vị | Số chọn | Khoảng cách | Chọn chắc chắn |",
    "drawn": "Đơn vị được chọn",
    "drawn_head": "| TT | Mã | Tên | Tầng | Xác suất |",
    "reserves": "Đơn vị dự phòng, theo thứ tự thay thế",
    "within": "Chọn trong từng đơn vị",
    "persons_of": "{name}: {take} trong {held} người của danh sách, {reserves} dự phòng",
    "visits_of": "{name}: cứ {k} giao dịch hoàn thành lấy một, bắt đầu từ giao dịch thứ {start}, "
    "dự kiến {expected} giao dịch",
    "notes": "Lưu ý",
    "check": "Kiểm tra lại",
    "check_text": "Bất kỳ ai cũng chọn lại được bằng các tệp kèm theo: `hailong sample verify` "
    "hoặc các lệnh `sha256sum` và `sort` theo mục “encoding” của draw.json.",
    "signatures": "Người thực hiện: ……………………    Người chứng kiến: ……………………",
    "point": ",",
    "thousands": ".",
}
_EN = {
    "title": "MINUTES OF THE DRAW",
    "design": "Sample design",
    "instrument": "Questionnaire",
    "day": "Day of the draw",
    "operator": "Carried out by",
    "present": "Witnesses",
    "frame": "Frame",
    "frame_of": "{units} units, total size {total}",
    "H_frame": "Hash of the frame (SHA-256 of frame.csv)",
    "H_design": "Hash of the design (SHA-256 of design.json)",
    "commitment": "Commitment (SHA-256 of the secret)",
    "secret": "Secret, now opened",
    "public": "Public value",
    "none": "not used",
    "seed": "Seed",
    "algorithm": "Algorithm",
    "strata": "Strata of stage 1",
    "strata_head": "| Stratum | Method | Units | Drawn | Interval | Certainties |",
    "drawn": "Units drawn",
    "drawn_head": "| No. | Id | Name | Stratum | Probability |",
    "reserves": "Reserves, in the order in which they replace",
    "within": "Drawn within the units",
    "persons_of": "{name}: {take} of the {held} persons on the list, {reserves} in reserve",
    "visits_of": "{name}: one in {k} finished transactions, from number {start}, {expected} "
    "expected",
    "notes": "To note",
    "check": "To check",
    "check_text": "Anyone can draw again from the files: `hailong sample verify`, or "
    "`sha256sum` and `sort` as draw.json says under 'encoding'.",
    "signatures": "Carried out by: ……………………    Witness: ……………………",
    "point": ".",
    "thousands": ",",
}
