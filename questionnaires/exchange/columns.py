"""What the columns of an XLSForm mean, and in which language their texts are.

Headers are understood by pyxform's own rules (aliases, ``label::English (en)``, ``bind:relevant``).
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

from intake.findings import Words
from questionnaires.exchange.faults import FormFaults
from questionnaires.exchange.opening import Sheet

UNMARKED = ""
"""The language of a column that names none, until the form or its reader says which it is."""

EXTRA = "hailong"
"""The column that holds, as JSON, what a questionnaire says and XLSForm cannot."""

_TAG = re.compile(r"\(\s*([A-Za-z]{2,3}(?:-[A-Za-z0-9]{2,8})*)\s*\)\s*$")
_BARE_TAG = re.compile(r"[a-z]{2,3}(-[a-z0-9]{2,8})*", re.IGNORECASE)
_NAMES = {
    "vietnamese": "vi",
    "tiếng việt": "vi",
    "english": "en",
    "tiếng anh": "en",
    "french": "fr",
    "spanish": "es",
    "chinese": "zh",
    "swahili": "sw",
    "khmer": "km",
}
_NESTED = ("bind", "control", "media", "instance", "body")
_KEYS = {
    "bind::relevant": "relevant",
    "bind::constraint": "constraint",
    "bind::required": "required",
    "bind::readonly": "readonly",
    "bind::calculate": "calculation",
    "bind::jr:constraintMsg": "constraint_message",
    "bind::jr:requiredMsg": "required_message",
    "control::appearance": "appearance",
    "control::rows": "rows",
    "control::jr:count": "repeat_count",
    "media::image": "image",
    "media::big-image": "image",
    "media::audio": "audio",
    "media::video": "video",
    "list name": "list_name",
    "title": "form_title",
    "id_string": "form_id",
}


class Column(NamedTuple):
    """What a header says: the key of the column, and the language of its texts."""

    key: str
    language: str


@dataclass(frozen=True)
class FormRow:
    """One row: its sheet and number, its cells by key and language, the header of each key."""

    sheet: str
    number: int
    cells: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    headers: Mapping[str, str] = field(default_factory=dict)

    def get(self, key: str) -> str:
        """Return the first text under a key, empty when there is none."""
        return next(iter(self.cells.get(key, {}).values()), "")

    def texts(self, key: str) -> dict[str, str]:
        """Return the texts under a key by language."""
        return dict(self.cells.get(key, {}))

    def header(self, key: str) -> str:
        """Return the header of a key as it is written in the sheet."""
        return self.headers.get(key, key)


def rows_of(sheet: Sheet, unmarked: str, faults: FormFaults) -> list[FormRow]:
    """Return the rows of a sheet by what their columns mean.

    ``unmarked`` is the language of the columns that name none.
    """
    columns = {header: _column(sheet, header, faults) for header in sheet.header}
    rows = []
    for number, given in sheet.rows:
        cells: dict[str, dict[str, str]] = {}
        headers: dict[str, str] = {}
        for header, text in given.items():
            key, language = columns[header]
            texts = cells.setdefault(key, {})
            language = language or unmarked
            if texts.setdefault(language, text) != text:
                faults.say(
                    "xlsform-two-texts",
                    FormRow(sheet.name, number, {}, {key: header}),
                    key,
                    Words(
                        f"Có hai văn bản khác nhau cho ngôn ngữ “{language}”.",
                        f"There are two different texts in the language '{language}'.",
                    ),
                    Words("Hãy giữ lại một.", "Keep one of them."),
                )
            headers.setdefault(key, header)
        rows.append(FormRow(sheet.name, number, cells, headers))
    return rows


def _column(sheet: Sheet, header: str, faults: FormFaults) -> Column:
    tokens = _tokens(sheet, header)
    if tokens[0] in _NESTED and len(tokens) > 1:
        key, rest = "::".join(tokens[:2]), tokens[2:]
    else:
        key, rest = tokens[0], tokens[1:]
    key = _KEYS.get(key, key)
    if not rest or key == EXTRA:
        return Column(key, UNMARKED)
    language = language_of(rest[0])
    if language is None:
        faults.say(
            "xlsform-unknown-language",
            FormRow(sheet.name, 1, {}, {key: header}),
            key,
            Words(
                f"Không rõ mã ngôn ngữ của “{rest[0]}”.",
                f"The language tag of '{rest[0]}' is not known.",
            ),
            Words(
                f"Hãy ghi mã trong ngoặc, ví dụ {tokens[0]}::Tiếng Việt (vi).",
                f"Write the tag in brackets, such as {tokens[0]}::English (en).",
            ),
        )
    return Column(key, language or UNMARKED)


def _tokens(sheet: Sheet, header: str) -> tuple[str, ...]:
    from pyxform import aliases
    from pyxform.parsing.sheet_headers import process_header
    from pyxform.question import MultipleChoiceQuestion, Option
    from pyxform.survey import Survey

    known, names = {
        "survey": (aliases.survey_header, MultipleChoiceQuestion.get_slot_names()),
        "choices": (aliases.list_header, Option.get_slot_names()),
        "settings": (aliases.settings_header, Survey.get_slot_names()),
    }[sheet.name]
    marked = any("::" in one for one in sheet.header)
    return tuple(process_header(header, marked, known, set(names))[1])


def language_of(name: str) -> str | None:
    """Return the tag of a language as forms name it, None when it cannot be told.

    Examples
    --------
    >>> language_of("Tiếng Việt (vi)"), language_of("English"), language_of("Klingon")
    ('vi', 'en', None)
    """
    found = _TAG.search(name)
    if found:
        head, *rest = found[1].split("-")
        return "-".join([head.lower(), *rest])
    plain = name.strip().casefold()
    return _NAMES.get(plain) or (plain if _BARE_TAG.fullmatch(plain) else None)
