"""The sheet ``choices`` of an XLSForm as lists of options."""

from __future__ import annotations

from intake.findings import Words
from questionnaires.exchange.columns import EXTRA, FormRow
from questionnaires.exchange.state import Mapped, Reading

_READ = {"list_name", "name", "label", EXTRA, "image", "audio", "video"}
_OTHER = {"vi": "Khác (ghi rõ)", "en": "Other (please specify)"}
OTHER_VALUE = "other"
_ALLOWED = ("missing", "exclusive", "specify", "fixed", "wording")


def read_choices(rows: list[FormRow], reading: Reading) -> None:
    """Fill the lists of the reading with the options of the sheet ``choices``."""
    for row in rows:
        name = row.get("list_name")
        if not name:
            reading.faults.leave_out(
                row, "list_name", row.get("name"), Words("thiếu tên danh sách", "it has no list")
            )
            continue
        option: Mapped = {"value": row.get("name"), "label": row.texts("label")}
        extra = reading.beside(row)
        option |= {key: value for key, value in extra.items() if key in _ALLOWED}
        reading.lists.setdefault(name, []).append((option, row))


def _check_media(row: FormRow, reading: Reading) -> None:
    for key in ("image", "video"):
        if row.get(key):
            refuse_media(row, key, reading)
    if row.get("audio"):
        leave_audio(row, reading)


def refuse_media(row: FormRow, key: str, reading: Reading) -> None:
    """Refuse a picture or a film: without it the words may mean nothing."""
    reading.faults.refuse(
        "xlsform-media",
        row,
        key,
        row.get(key),
        Words("phiếu không mang hình ảnh hay phim", "a questionnaire carries no picture or film"),
        Words("Hãy nói bằng chữ trong cột label.", "Say it in words in the column label."),
    )


def leave_audio(row: FormRow, reading: Reading) -> None:
    """Warn that a sound file is left out."""
    reading.faults.leave_out(
        row,
        "audio",
        row.get("audio"),
        Words(
            "tệp đọc thành tiếng được đặt riêng theo từng câu",
            "files that read aloud are put in place apart, for each question",
        ),
    )


def options_of(row: FormRow, name: str, other: bool, reading: Reading) -> list[Mapped] | None:
    """Return the options that a row offers; None where its list is not in the workbook."""
    listed = reading.lists.get(name)
    if listed is None:
        reading.faults.refuse(
            "xlsform-list-missing",
            row,
            "type",
            name,
            Words(
                "không có danh sách này trong trang choices",
                "there is no such list in the sheet choices",
            ),
            Words("Hãy thêm danh sách đó.", "Add that list."),
        )
        return None
    if name not in reading.used:
        reading.used.add(name)
        for _, of in listed:
            _check_media(of, reading)
    options = [dict(option) for option, _ in listed]
    if other and not any(option["value"] == OTHER_VALUE for option in options):
        languages = {tag for option in options for tag in option["label"]} or {"vi"}
        label = {tag: text for tag, text in _OTHER.items() if tag in languages}
        options.append({"value": OTHER_VALUE, "label": label or dict(_OTHER), "specify": True})
    return options
