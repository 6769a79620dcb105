"""The frozen tables as one workbook, with a sheet that explains them."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime
from pathlib import Path
from typing import Any

from analysis.publication.content import RULES
from analysis.publication.tables.columns import MEANINGS
from intake.findings import Words

_NUMBER = re.compile(r"^-?[0-9]+(\.[0-9]+)?$")
_TEXT_COLUMNS = frozenset(
    {
        "round",
        "quantity",
        "category",
        "unit_id",
        "agency_code",
        "criterion",
        "name",
        "urban",
        "id",
        "questionnaire_version",
        "clause",
        "domain",
        "title_vi",
        "title_en",
        "label_vi",
        "label_en",
    }
)


def write_workbook(
    path: Path,
    facts: Mapping[str, Any],
    tables: Mapping[str, tuple[Sequence[str], list[list[str]]]],
) -> None:
    """Write every table as a sheet, after a sheet of notes."""
    import xlsxwriter

    released = date.fromisoformat(str(facts["released_on"]))
    # A workbook carries its time of making: the release date, so that a rebuild is the same file.
    made = datetime(released.year, released.month, released.day)  # noqa: DTZ001
    options = {
        "strings_to_formulas": False,
        "strings_to_numbers": False,
        "strings_to_urls": False,
        "in_memory": True,
    }
    with xlsxwriter.Workbook(str(path), options) as book:
        book.set_properties({"title": facts["title"]["vi"], "created": made})
        plain = book.add_format({"valign": "top"})
        wrapped = book.add_format({"valign": "top", "text_wrap": True})
        head = book.add_format(
            {"bold": True, "bg_color": "#173f5f", "font_color": "#ffffff", "valign": "top"}
        )
        title = book.add_format({"bold": True, "font_size": 14})
        warning = book.add_format({"bold": True, "bg_color": "#fff1cf", "font_color": "#6b4400"})
        formats = {
            digits: book.add_format({"valign": "top", "num_format": shape})
            for digits, shape in ((0, "0"), (1, "0.0"), (2, "0.00"), (4, "0.0000"))
        }
        notes = book.add_worksheet("Ghi chú - Notes")
        notes.set_column(0, 0, 24, plain)
        notes.set_column(1, 2, 70, wrapped)
        lines = list(_notes(facts, tables))
        for line, (first, vietnamese, english) in enumerate(lines):
            style = title if line == 0 else warning if first == "!" else None
            notes.write_string(line, 0, "" if first == "!" else first, style)
            notes.write_string(line, 1, vietnamese, style)
            notes.write_string(line, 2, english, style)
        for name, (columns, rows) in tables.items():
            sheet = book.add_worksheet(name[:31])
            sheet.freeze_panes(1, 0)
            for number, column in enumerate(columns):
                sheet.write_string(0, number, column, head)
                longest = max((len(row[number]) for row in rows), default=0)
                sheet.set_column(number, number, min(max(longest, len(column)) + 2, 60))
            for line, row in enumerate(rows, start=1):
                for number, (column, cell) in enumerate(zip(columns, row, strict=True)):
                    if not cell:
                        continue
                    if column not in _TEXT_COLUMNS and _NUMBER.match(cell) and len(cell) < 16:
                        digits = len(cell.partition(".")[2])
                        sheet.write_number(line, number, float(cell), formats.get(digits, plain))
                    else:
                        sheet.write_string(line, number, cell, plain)
            sheet.autofilter(0, 0, max(len(rows), 1), len(columns) - 1)


def _notes(
    facts: Mapping[str, Any], tables: Mapping[str, tuple[Sequence[str], list[list[str]]]]
) -> Iterable[tuple[str, str, str]]:
    yield "", facts["title"]["vi"], facts["title"]["en"]
    yield "", facts["province"]["vi"], facts["province"]["en"]
    if facts["simulated"]:
        yield (
            "!",
            "DỮ LIỆU MÔ PHỎNG – không phải kết quả thật.",
            "SIMULATED DATA – not real results.",
        )
    if not facts["two_person"]:
        yield (
            "!",
            "Một người thực hiện cả hai bước (chế độ thử).",
            "One person carried out both steps (trial mode).",
        )
    released = date.fromisoformat(facts["released_on"])
    yield "", f"Ngày công bố: {released:%d/%m/%Y}", f"Released on {released.isoformat()}"
    rule, version = RULES.get(facts["rule"], Words(facts["rule"], facts["rule"])), ""
    if facts["rule_version"]:
        version = f" ({facts['rule_version']})"
    yield "", f"Quy tắc tính: {rule.vi}{version}", f"Index rule: {rule.en}{version}"
    for each in facts["rounds"]:
        status = each["weight_status"]
        yield each["id"], f"Trọng số: {status['vi']}", f"Weights: {status['en']}"
    yield (
        "flag c",
        "bảo mật: dưới 10 người trả lời, hoặc ẩn kèm để không suy ngược được",
        "confidential: fewer than ten answers, or withheld so that such a figure cannot be derived",
    )
    yield (
        "flag u",
        "không đủ tin cậy: mẫu hiệu dụng dưới 30 hoặc khoảng tin cậy quá rộng",
        "unreliable: effective sample below 30, or an interval that is too wide",
    )
    yield "", "Mỗi trang tính là một bảng:", "Each sheet is one table:"
    for name, (_, rows) in tables.items():
        yield name[:31], f"{len(rows)} dòng", f"{len(rows)} rows"
    yield "", "Các cột:", "The columns:"
    used = {column for columns, _ in tables.values() for column in columns}
    for column, meaning in MEANINGS.items():
        if column in used:
            yield column, meaning.vi, meaning.en
