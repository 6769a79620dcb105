"""The impact-assessment file (hồ sơ đánh giá tác động), from the inventory and what is installed.

Its words are one reviewed file, ``impact.yaml``. What the program knows is put in; all else is
left to the office: a dotted line, or `inventory.TO_FILL`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date
from itertools import groupby
from pathlib import Path
from typing import Any

from sqlalchemy import select

from intake.documents import read_document
from intake.findings import InstallationError, Words
from sampling.minutes.papers import (
    Block,
    Column,
    Fact,
    Facts,
    Lines,
    Paper,
    Section,
    Signature,
    Table,
    shown,
)
from survey_app.db import reading
from survey_app.db.fieldwork import survey_round
from survey_app.services.installation import Installation
from survey_app.services.notices import list_notices, list_shown
from survey_app.services.privacy.impact_dates import read_dates
from survey_app.services.privacy.inventory import NONE, PERSONAL, TO_FILL, Kept, read_inventory
from survey_app.services.privacy.retention_job import last_run
from survey_app.services.privacy.subject_requests import CANNOT_BE_FOUND, list_requests
from survey_app.services.privacy.working_days import WorkingDays
from survey_app.services.registry import asker

FILE = Path(__file__).with_suffix(".yaml")
FORMATS = (".docx", ".md")

_ROUNDS = Words("Đợt;Bộ câu hỏi;Từ;Đến;Bản thông báo", "Round;Questionnaire;From;To;Notices")
_DATA = Words(
    "Dữ liệu;Nội dung;Của ai;Thời hạn;Ai xem được;Căn cứ",
    "Data;Content;Whose;Kept;Seen by;Ground",
)
_RISKS = Words("Rủi ro;Hậu quả;Cách giảm;Mức độ", "Risk;Consequence;Mitigation;Level")
_TRIAL = Words("chạy thử", "trial")


def write_impact(installation: Installation, path: Path, lang: str) -> None:
    """Write the file as Word or Markdown, by the ending of its name.

    Raises
    ------
    InstallationError
        ``impact-format``: another ending.
    """
    if path.suffix not in FORMATS:
        raise InstallationError.of(
            "impact-format",
            f"Không ghi được dạng “{path.suffix}”.",
            f"It cannot be written as '{path.suffix}'.",
            f"Đuôi tệp: {', '.join(FORMATS)}.",
            f"Endings: {', '.join(FORMATS)}.",
        )
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(_bytes_of(impact_paper(installation, lang), path.suffix))


def _bytes_of(paper: Paper, ending: str) -> bytes:
    if ending == ".docx":
        from sampling.minutes.word_file import docx_of

        return docx_of(paper)
    from sampling.minutes.markdown import markdown_of

    return markdown_of(paper).encode()


def impact_paper(installation: Installation, lang: str) -> Paper:
    """Return the file as an official paper in a language."""
    words: Any = read_document(FILE).value
    known, head = _known(installation, lang), words["head"]
    tables = {"rounds": _rounds, "personal": _personal, "unnamed": _unnamed}

    def block(given: Mapping[str, Any]) -> Block:
        if "table" in given:
            make = tables.get(given["table"])
            return make(installation, given, lang) if make else _risks(given, lang)
        if "facts" in given:
            return Facts(tuple(_fact(one, known, lang) for one in given["facts"]))
        return Lines(tuple(_line(one, known, lang) for one in given["lines"]))

    return Paper(
        lang,
        heading=head["heading"][lang],
        kind=head["kind"][lang],
        subject=head["subject"][lang],
        mark="HS",
        sections=tuple(
            Section(f"{number}. {part['title'][lang]}", tuple(map(block, part["blocks"])))
            for number, part in enumerate(words["sections"], start=1)
        ),
        signatures=tuple(
            Signature(capacity[lang], manner[lang])
            for capacity, manner in zip(head["signatures"], head["manners"], strict=True)
        ),
        issuer=shown(asker(installation.engine, installation.settings)),
    )


def _known(installation: Installation, lang: str) -> dict[str, str]:
    """Return what the program knows of the file, by name; empty where it does not."""
    engine, settings = installation.engine, installation.settings
    dates, inventory = read_dates(engine), read_inventory()
    requests = list_requests(engine, WorkingDays())
    still = sum(one.closed is None for one in requests)
    personal = {one.place.en for one in inventory.kept if one.kind != NONE}
    others = {one.place.en: one.purpose.in_language(lang) for one in inventory.kept if one.table}
    return {
        "organisation": asker(engine, settings),
        "contact": settings.contact,
        "others": "; ".join(
            f"{purpose} ({name})" for name, purpose in others.items() if name not in personal
        ),
        "notices": str(len(list_notices(engine))),
        "last_run": _day(last_run(installation), lang),
        "cannot_be_found": CANNOT_BE_FOUND.in_language(lang),
        "requests": f"{len(requests)}; {still}",
        "start": _day(dates.start, lang),
        "file_by": _day(dates.file_by, lang),
        "filed": _day(dates.filed, lang),
        "reviewed": _day(dates.reviewed, lang),
        "review_by": _day(dates.review_by, lang),
    }


def _fact(given: Mapping[str, Any], known: Mapping[str, str], lang: str) -> Fact:
    value = known.get(given["name"], "")
    mark = "" if value else f"{TO_FILL.in_language(lang)} "
    return Fact(f"{mark}{given[lang]}", shown(value))


def _line(given: Mapping[str, Any], known: Mapping[str, str], lang: str) -> str:
    value = known.get(given.get("name", ""))
    return f"{given[lang]}: {shown(value)}" if value else str(given[lang])


def _rounds(installation: Installation, given: Mapping[str, Any], lang: str) -> Table:
    with reading(installation.engine) as connection:
        query = select(survey_round).order_by(survey_round.c.opens, survey_round.c.round_id)
        rounds = connection.execute(query).all()
    rows = []
    for row in rounds:
        numbers = sorted(
            {
                number
                for one in list_shown(installation.engine, row.round_id)
                for number in one.numbers.values()
            }
        )
        name = f"{row.round_id} ({_TRIAL.in_language(lang)})" if row.simulated else row.round_id
        rows.append(
            (
                shown(name),
                shown(f"{row.questionnaire_id}@{row.questionnaire_version}"),
                _day(row.opens, lang),
                _day(row.closes, lang),
                ", ".join(map(str, numbers)) or "–",
            )
        )
    return Table(given[lang], _columns(_ROUNDS, lang, (45, 40, 27, 27, 26)), tuple(rows))


def _personal(_: Installation, given: Mapping[str, Any], lang: str) -> Table:
    return _kept(given[lang], lambda one: one.kind == PERSONAL, lang)


def _unnamed(_: Installation, given: Mapping[str, Any], lang: str) -> Table:
    return _kept(given[lang], lambda one: one.kind not in {PERSONAL, NONE}, lang)


def _kept(title: str, wanted: Callable[[Kept], bool], lang: str) -> Table:
    """Return a table with one row for each table or place that holds such data."""
    inventory = read_inventory()
    rows = []
    for place, lines in groupby(filter(wanted, inventory.kept), key=lambda one: one.place):
        listed = list(lines)
        _, _, purpose, _, whose, _, ground, period, seen_by = inventory.row(listed[0], lang)
        where, content = place.in_language(lang), purpose
        if listed[0].table:
            where = f"{purpose} ({where}: {', '.join(one.column for one in listed)})"
            content = "; ".join(one.content.in_language(lang) for one in listed)
        rows.append((where, content, whose, period, seen_by, ground))
    return Table(title, _columns(_DATA, lang, (33, 34, 24, 25, 26, 23)), tuple(rows))


def _risks(given: Mapping[str, Any], lang: str) -> Table:
    rows = tuple(
        (*(part[lang] for part in row), TO_FILL.in_language(lang)) for row in given["rows"]
    )
    return Table(given[lang], _columns(_RISKS, lang, (42, 44, 54, 25)), rows)


def _columns(heads: Words, lang: str, widths: tuple[int, ...]) -> tuple[Column, ...]:
    names = heads.in_language(lang).split(";")
    return tuple(Column(name, width) for name, width in zip(names, widths, strict=True))


def _day(day: date | None, lang: str) -> str:
    if day is None:
        return ""
    return f"{day:%Y-%m-%d}" if lang == "en" else f"{day:%d/%m/%Y}"
