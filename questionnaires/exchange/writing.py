"""A questionnaire as an XLSForm workbook (.xlsx) that pyxform converts and ``reading`` reads."""

from __future__ import annotations

import io
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from typing import Any

from intake.findings import QuestionnaireError
from questionnaires.exchange.form_rows import FormRows
from questionnaires.exchange.lists import plain_json, wording_of
from questionnaires.exchange.opening import MAX_CELL
from questionnaires.exchange.reading import HEAD_COLUMN
from questionnaires.model import Questionnaire
from questionnaires.texts import MAIN_LANGUAGE, Text

LANGUAGE_NAMES = {"vi": "Tiếng Việt", "en": "English"}
_TRANSLATED = ("label", "hint")
_ORDER = (
    *("list_name", "type", "name", "label", "hint", "required", "relevant", "constraint"),
    *("appearance", "parameters", "calculation", "rows", "hailong"),
)
_WIDTHS = {"label": 48, "hint": 32, "relevant": 36, "constraint": 30, "hailong": 36, "type": 22}


def xlsform_of(questionnaire: Questionnaire) -> bytes:
    """Return the workbook of a questionnaire; the same bytes each time.

    Raises
    ------
    QuestionnaireError
        A value or text that no cell of an XLSForm can hold.
    """
    made = FormRows(questionnaire)
    survey = list(made.survey())
    sheets = {"survey": survey, "choices": list(made.lists.rows())}
    sheets["settings"] = [_settings(questionnaire)]
    data = io.BytesIO()
    from xlsxwriter import Workbook

    book = Workbook(data, {"in_memory": True, "strings_to_formulas": False})
    book.set_properties({"created": datetime(2026, 1, 1, tzinfo=UTC)})
    head = book.add_format({"bold": True, "bg_color": "#E6EEF5", "bottom": 1})
    cell = book.add_format({"text_wrap": True, "valign": "top"})
    for name, rows in sheets.items():
        _write_sheet(book.add_worksheet(name), rows, head, cell)
    book.close()
    return data.getvalue()


def _settings(questionnaire: Questionnaire) -> dict[str, Any]:
    title = questionnaire.title
    main = MAIN_LANGUAGE if MAIN_LANGUAGE in title else next(iter(title))
    row: dict[str, Any] = {
        "form_title": title.in_language(main),
        "form_id": questionnaire.id,
        "version": questionnaire.version,
        "default_language": _named(main),
    }
    head: dict[str, Any] = {
        "title": dict(title),
        "source": dict(questionnaire.source),
        "notice": dict(questionnaire.notice),
        "unverified": [dict(text) for text in questionnaire.unverified],
        "blocks": _blocks(questionnaire),
        "languages": list(questionnaire.languages),
        "language_name": dict(questionnaire.language_name),
        **wording_of(questionnaire),
    }
    return row | {HEAD_COLUMN + key: plain_json(value) for key, value in head.items() if value}


def _blocks(questionnaire: Questionnaire) -> list[dict[str, Any]]:
    """Return blocks and factors; none where they only follow from what the questions name."""
    blocks, factors = questionnaire.blocks, questionnaire.factors
    if [block.code for block in blocks] == [questionnaire.id] and all(
        factor.title == Text({MAIN_LANGUAGE: factor.code}) for factor in factors
    ):
        return []
    return [
        {
            "code": block.code,
            "title": dict(block.title),
            "factors": [
                {"code": factor.code, "title": dict(factor.title)}
                for factor in factors
                if factor.block == block.code
            ],
        }
        for block in blocks
    ]


def _named(tag: str) -> str:
    return f"{LANGUAGE_NAMES.get(tag, tag)} ({tag})"


def _write_sheet(sheet: Any, rows: list[dict[str, Any]], head: Any, cell: Any) -> None:  # noqa: ANN401
    """Write a sheet: one column per key, for texts one per language."""
    columns = _columns(rows)
    for at, (key, tag) in enumerate(columns):
        sheet.write_string(0, at, f"{key}::{_named(tag)}" if tag else key, head)
        sheet.set_column(at, at, _WIDTHS.get(key, 18), cell)
        for number, row in enumerate(rows, start=1):
            held = row.get(key) or ""
            text = held.get(tag, "") if isinstance(held, Mapping) else held
            if text:
                sheet.write_string(number, at, _fitting(text, key))
    sheet.freeze_panes(1, 0)


def _columns(rows: Iterable[Mapping[str, Any]]) -> list[tuple[str, str]]:
    found: dict[tuple[str, str], None] = {}
    for row in rows:
        for key, held in row.items():
            tags = list(held) if isinstance(held, Mapping) else [""] if held else []
            found.update(dict.fromkeys((key, tag) for tag in tags))
    place = {key: at for at, key in enumerate(_ORDER)}
    return sorted(found, key=lambda column: place.get(column[0], len(place)))


def _fitting(text: str, key: str) -> str:
    if len(text) <= MAX_CELL:
        return text
    raise QuestionnaireError.of(
        "xlsform-cell-too-long",
        f"Cột {key}: văn bản dài {len(text)} ký tự, một ô chứa tối đa {MAX_CELL}.",
        f"Column {key}: the text has {len(text)} characters, a cell holds {MAX_CELL} at most.",
        "Hãy rút ngắn hoặc xuất sang DDI.",
        "Shorten it, or export to DDI.",
    )
