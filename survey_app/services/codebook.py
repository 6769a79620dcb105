"""The printable codebook of a questionnaire: what was asked of whom, and what the columns hold."""

from __future__ import annotations

from itertools import groupby

from questionnaires import Question, Questionnaire, Section
from questionnaires.exchange import Described, Value, described
from questionnaires.parts import MISSING_CODES
from questionnaires.texts import plain
from survey_app.services.prints import sheet

_MOST_CHARACTERS = 2_000
"""Of one text on the sheet; the rest of a longer one can be read in the questionnaire."""


def codebook(questionnaire: Questionnaire, lang: str = "vi") -> bytes:
    """Return the codebook as a PDF (A4, PDF/UA-1), in Vietnamese or English.

    Raises
    ------
    PrintError
        The fonts lack a letter of a text.
    """
    lang = "en" if lang == "en" else "vi"
    columns = list(described(questionnaire))
    title = _line(questionnaire.title.in_language(lang))
    name = f"{questionnaire.id}@{questionnaire.version}"
    values: dict[str, object] = {
        "lang": lang,
        "document_title": f"{'Codebook' if lang == 'en' else 'Sổ mã'} – {title}",
        "organisation": "",
        "title": title,
        "name": name,
        "source": _line(questionnaire.source.in_language(lang)),
        "unverified": [_line(text.in_language(lang)) for text in questionnaire.unverified],
        "questions": len(questionnaire.questions),
        "columns": len(columns),
        "missing": dict(MISSING_CODES),
        "sections": [
            _section(section, number, columns, lang)
            for number, section in enumerate(questionnaire.sections, start=1)
        ],
        "factors": [
            {
                "code": factor.code,
                "title": _line(factor.title.in_language(lang)),
                "items": list(factor.items),
            }
            for factor in questionnaire.factors
        ],
    }
    return sheet("codebook", values)


def _line(text: str) -> str:
    """Return a text on one line, holes filled with their own words."""
    line = " ".join(plain(text).split())
    return line if len(line) <= _MOST_CHARACTERS else f"{line[:_MOST_CHARACTERS]}…"


def _section(
    section: Section, number: int, columns: list[Described], lang: str
) -> dict[str, object]:
    held = [column for column in columns if column.section is section]
    of_question = {
        name: list(group) for name, group in groupby(held, key=lambda one: one.item.question_id)
    }
    return {
        "number": number,
        "title": _line(section.title.in_language(lang)),
        "order": [_column(column, lang) for column in of_question.get(section.id, ())],
        "questions": [
            _question(question, of_question.get(question.id, []), lang)
            for question in section.questions
        ],
    }


def _question(question: Question, columns: list[Described], lang: str) -> dict[str, object]:
    """Return one question with its columns; values that they share are told once."""
    first = columns[0] if columns else None
    universe = first.universe if first else None
    groups = [
        {
            "columns": [_column(column, lang) for column in group],
            "values": [_value(value, lang) for value in values if not value.missing],
            "missing": [_value(value, lang) for value in values if value.missing],
            "range": list(bounds),
        }
        for (values, bounds, _), group in groupby(columns, key=_alike)
    ]
    hint = question.hint.in_language(lang) if question.hint else ""
    return {
        "code": question.id,
        "type": question.type,
        "label": _line(question.label.in_language(lang)),
        "hint": _line(hint),
        "universe": _line(universe.in_language(lang)) if universe else "",
        "required": question.required,
        "sensitive": question.sensitive,
        "reverse": question.reverse,
        "apart": question.feedback,
        "groups": groups,
    }


def _alike(column: Described) -> tuple[tuple[Value, ...], tuple[str, str], str]:
    return column.values, column.range, column.item.kind


def _column(column: Described, lang: str) -> dict[str, object]:
    item = column.item
    return {
        "code": item.code,
        "label": _line(column.label.in_language(lang)),
        "kind": item.kind,
        "factor": item.factor or "",
        "decimals": item.decimals,
    }


def _value(value: Value, lang: str) -> dict[str, object]:
    return {"code": value.code, "label": _line(value.label.in_language(lang))}
