"""From an XLSForm workbook to the document that a file of questionnaires would hold.

Everything that cannot be held is refused with the row it stands in, all at once; what is left out
without changing an answer is warned of. The document is then checked like any other.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import cast

from intake.documents import Document, Place, path_text
from intake.findings import Finding, Words, errors_of
from intake.text import ID_PATTERN
from questionnaires.exchange.acceptance import check_accepted
from questionnaires.exchange.asked import question_of
from questionnaires.exchange.choices import read_choices
from questionnaires.exchange.columns import EXTRA, FormRow, language_of, rows_of
from questionnaires.exchange.conditions import Known
from questionnaires.exchange.faults import FormFaults
from questionnaires.exchange.groups import Sections
from questionnaires.exchange.kinds import QUESTIONS, kind_of
from questionnaires.exchange.opening import Sheet, open_form
from questionnaires.exchange.state import Mapped, Reading
from questionnaires.exchange.tables import matrix_of, table_rows
from questionnaires.texts import MAIN_LANGUAGE

_LABEL_OF = re.compile(r"jr:choice-name\(\s*\$\{([^{}\s]+)\}\s*,\s*'\$\{\1\}'\s*\)")
_HEAD = (
    *("title", "source", "notice", "unverified", "blocks", "wording"),
    *("languages", "language_name"),
)
HEAD_COLUMN = EXTRA + "_"
"""How columns of the sheet ``settings`` begin that say, as JSON, what XLSForm cannot."""


@dataclass(frozen=True)
class Form:
    """An XLSForm as it was read: the document it stands for, and what was found on the way."""

    document: Document
    findings: tuple[Finding, ...]
    places: dict[str, tuple[FormRow, str]]
    sheets: dict[str, Sheet]

    @property
    def value(self) -> Mapped:
        """The document as a file of questionnaires would hold it."""
        return cast(Mapped, self.document.value)

    def with_checks(self, checked: Iterable[Finding]) -> list[Finding]:
        """Return all findings, those of the checks at the cells that the values come from.

        What was refused while reading is not refused again for what it left behind.
        """
        refused = {(one.path, one.row) for one in errors_of(self.findings)}
        more = dict.fromkeys(self.relocated(finding) for finding in checked)
        kept = [one for one in more if (one.path, one.row) not in refused or one.row is None]
        if refused:
            kept = [one for one in kept if one.code != "no-questions"]
        return sorted([*self.findings, *kept], key=lambda one: one.severity != "error")

    def unaccepted(self) -> list[Finding]:
        """Return what pyxform refuses in a form in which nothing else is wrong."""
        faults = FormFaults(self.document.file)
        check_accepted(self.sheets, faults)
        return faults.findings

    def relocated(self, finding: Finding) -> Finding:
        """Return a finding about the document at the cell that it comes from.

        A text missing in Vietnamese is a warning here: it may be written before a round opens.
        """
        path = finding.path or ""
        while path and path not in self.places:
            path = re.sub(r"(?:^|\.)[^.\[\]]*$|\[\d+\]$", "", path)
        if finding.code == "missing-text":
            finding = replace(finding, severity="warning")
        if path not in self.places:
            return finding
        row, key = self.places[path]
        return replace(finding, row=row.number, column=row.header(key), path=row.sheet)


def read_form(path: Path, language: str = MAIN_LANGUAGE) -> Form:
    """Read an XLSForm workbook (.xls, .xlsx).

    Parameters
    ----------
    path
        The workbook.
    language
        The language of texts that the form does not mark.

    Raises
    ------
    IntakeError
        The workbook cannot be opened.
    """
    sheets = open_form(path)
    faults = FormFaults(path.name)
    reading = Reading(faults)
    settings = rows_of(sheets["settings"], language, faults)
    first = settings[0] if settings else FormRow("settings", 2)
    language = language_of(first.get("default_language")) or language
    head = _head(first, path, language, reading)
    read_choices(rows_of(sheets["choices"], language, faults), reading)
    sections = _sections(rows_of(sheets["survey"], language, faults), reading)
    value = head | _scales(sections, reading) | {"sections": sections}
    value.setdefault("languages", _languages(value))
    lines = {place: row.number for place, (row, _) in reading.places.items()}
    places = {path_text(place): cell for place, cell in reading.places.items()}
    return Form(Document(path.name, value, lines), tuple(faults.findings), places, sheets)


def _head(row: FormRow, path: Path, language: str, reading: Reading) -> Mapped:
    """Return what the form says of itself, its file's name standing in for its id."""
    name = path.stem if ID_PATTERN.match(path.stem) else "form"
    head: Mapped = {
        "id": row.get("form_id") or name,
        "version": row.get("version") or "1",
        "title": row.texts("form_title") or {language: row.get("form_id") or name},
    }
    for key in _HEAD:
        text = row.get(HEAD_COLUMN + key)
        if text:
            held = replace(row, cells={EXTRA: {"": f'{{"{key}": {text}}}'}})
            head |= {k: v for k, v in reading.beside(held).items() if k == key}
    title = row.texts("form_title")
    if title and isinstance(head["title"], dict):
        head["title"] |= title
    reading.title = head["title"] if isinstance(head["title"], dict) else {}
    for key, column in (
        *(("id", "form_id"), ("version", "version"), ("title", "form_title")),
        *((key, HEAD_COLUMN + key) for key in _HEAD[1:]),
    ):
        reading.put((key,), row, column)
    return head


def _sections(rows: list[FormRow], reading: Reading) -> list[Mapped]:
    sections = Sections(reading)
    at = 0
    while at < len(rows):
        table = table_rows(rows[at:])
        if table:
            sections.add(matrix_of(rows[at], table, sections.place(rows[at]), reading))
            at += len(table) + 2
            continue
        _read_row(rows[at], sections, reading)
        at += 1
    sections.close()
    return sections.made


def _read_row(row: FormRow, sections: Sections, reading: Reading) -> None:
    kind = kind_of(row.get("type"))
    extra = reading.beside(row) if row.get(EXTRA) else {}
    if "made" in extra:
        _read_made(row, extra, sections, reading)
    elif kind.name == "begin":
        sections.begin(row)
    elif kind.name == "end":
        sections.end(row)
    elif kind.name == "note":
        sections.note(row)
    elif kind.name == "metadata":
        reading.faults.leave_out(
            row,
            "type",
            row.get("type"),
            Words("giờ, máy và người gửi không được ghi lại", "no time, device or sender is kept"),
        )
    elif kind.name in QUESTIONS:
        sections.add(question_of(row, kind, sections.place(row), reading))
    else:
        _refuse_row(row, kind.name, reading)
    if kind.name == "repeat":
        sections.begin(row)


def _read_made(row: FormRow, extra: Mapped, sections: Sections, reading: Reading) -> None:
    """Read a row that the export made for other programs and that is part of a question here."""
    made, name = extra["made"], row.get("name")
    question = sections.open["questions"][-1] if sections.open else {}
    if made == "label":
        found = _LABEL_OF.fullmatch(row.get("calculation"))
        if found and found[1] in reading.pipes:
            reading.pipes[name] = reading.pipes[found[1]]
    elif made == "unit":
        reading.pipes[name] = "unit"
    elif made == "reasons" and question:
        kind = kind_of(row.get("type"))
        reasons = [dict(option) for option, _ in reading.lists.get(kind.choices, [])]
        _insert(question.setdefault("options", []), reasons, extra.get("at"))
        question.pop("scale", None)
        values = tuple(option["value"] for option in reasons)
        reading.known[name] = Known(f"{question['id']}.missing", values)


def _insert(options: list[Mapped], reasons: list[Mapped], places: object) -> None:
    """Put reasons at their places among the options, at the end where none are told."""
    at = iter(places if isinstance(places, list) else ())
    for reason in reasons:
        place = next(at, None)
        options.insert(place if isinstance(place, int) else len(options), reason)


def _refuse_row(row: FormRow, kind: str, reading: Reading) -> None:
    text = row.get("type")
    code, why, do = {
        "repeat": (
            "xlsform-repeat",
            Words("câu hỏi lặp lại không giữ được", "questions that repeat cannot be held"),
            Words(
                "Hãy hỏi mỗi câu một lần, hoặc tách thành các câu riêng.",
                "Ask each question once, or write them out one by one.",
            ),
        ),
        "calculate": (
            "xlsform-calculation",
            Words("giá trị tính sẵn không giữ được", "values that are computed cannot be held"),
            Words("Hãy bỏ dòng này; tính khi phân tích.", "Leave it out; compute it later."),
        ),
    }.get(
        kind,
        (
            "xlsform-type",
            Words("không có loại câu hỏi này", "there is no such type of question here"),
            Words(
                "Dùng: select_one, select_multiple, rank, integer, decimal, date, text, note, "
                "begin group.",
                "Use: select_one, select_multiple, rank, integer, decimal, date, text, note, "
                "begin group.",
            ),
        ),
    )
    reading.faults.refuse(code, row, "type", text or "–", why, do)


def _scales(sections: list[Mapped], reading: Reading) -> Mapped:
    """Name the lists that several questions share; the others stand in their questions."""
    scales: Mapped = {}
    for section in sections:
        for question in section["questions"]:
            name = question.pop("scale", None)
            if name is not None and reading.uses[name] > 1:
                scales[name] = question.pop("options")
                question["scale"] = name
    for name, options in scales.items():
        _note_options(("scales", name), name, len(options), reading)
    for at, section in enumerate(sections):
        for number, question in enumerate(section["questions"]):
            place: Place = ("sections", at, "questions", number, "options")
            _note_own(place, question, reading)
    return {"scales": scales} if scales else {}


def _note_options(place: Place, name: str, count: int, reading: Reading) -> None:
    for number, (_, row) in enumerate(reading.lists.get(name, ())[:count]):
        reading.put((*place, number), row, "name")
        for key, column in (("value", "name"), ("label", "label"), ("missing", EXTRA)):
            reading.put((*place, number, key), row, column)


def _note_own(place: Place, question: Mapped, reading: Reading) -> None:
    """Find the rows of options that stand in their question, by what they are."""
    for number, option in enumerate(question.get("options", ())):
        for listed in reading.lists.values():
            for held, row in listed:
                if held["label"] is option["label"]:
                    reading.put((*place, number), row, "name")
                    reading.put((*place, number, "value"), row, "name")
                    reading.put((*place, number, "label"), row, "label")


def _languages(value: Mapped) -> list[str]:
    """Return the languages of the title and of all labels, Vietnamese first."""
    tags: dict[str, None] = {}

    def walk(part: object) -> None:
        if isinstance(part, dict):
            for key, entry in part.items():
                if key in ("label", "title", "hint", "intro") and isinstance(entry, dict):
                    tags.update(dict.fromkeys(entry))
                else:
                    walk(entry)
        elif isinstance(part, list):
            for entry in part:
                walk(entry)

    walk(value)
    return sorted(tags, key=lambda tag: tag != MAIN_LANGUAGE)


def is_workbook(path: Path) -> bool:
    """Tell whether a file bears the name of a workbook."""
    return path.suffix.lower() in (".xls", ".xlsx")
