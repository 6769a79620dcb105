"""Paper forms of a round: codes issued, forms set, and the layout that their scans are read by.

A paper form is an invitation of its cell like a letter: its number is a one-time code of channel
P, stored as a MAC only. Whoever gets a form may also answer on a phone with the same code; what
comes first counts.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from typing import Any

from intake.findings import Words
from questionnaires import Questionnaire, load
from survey_app.db import reading
from survey_app.services import handover, issuing, prints, qr
from survey_app.services.codes import CODE_LENGTH, display
from survey_app.services.installation import Installation
from survey_app.services.invitations import Issued, issue_codes, link_of
from survey_app.services.keys import read_keys
from survey_app.services.paper.layout import Box, Layout, PaperError, Space, page_mark
from survey_app.services.paper.words import Form
from survey_app.services.registry import province_name
from survey_app.services.rounds import require_round

FORMS_PER_FILE = 20
"""Forms in one PDF: a jammed printer loses one file, and 20 of twelve pages take some 600 MB."""
LAYOUT_FILE = "layout.json"
CHANNEL = "P"

_OWNER_ONLY = 0o600
_SPECIMEN = "0" * CODE_LENGTH
_TITLE = Words("Phiếu khảo sát trên giấy", "Paper form")
_Values = dict[str, object]


@dataclass(frozen=True)
class PrintedForms:
    """How many forms were made, of how many pages each, and the files."""

    forms: int
    pages: int
    files: list[Path]


def print_forms(
    installation: Installation,
    round_id: str,
    *,
    cell: str | None = None,
    count: int | None = None,
    expires_on: date | None = None,
    lang: str = "vi",
    contact: str = "",
    out: Path,
    progress: Callable[[str], None] = lambda _name: None,
) -> PrintedForms:
    """Issue codes for every drawn case (or ``count`` for each cell) and print a form for each.

    Parameters
    ----------
    lang
        ``vi`` or ``en``, one language of the questionnaire.
    contact
        Where to complain, as it is printed; the organisation alone where it is empty.
    out
        A new or empty folder: gets ``forms-<unit>-<n>.pdf`` and ``layout.json``.

    Raises
    ------
    RoundError
        As for `issuing.issue`.
    PaperError
        ``language-not-offered``: the questionnaire is not asked in that language.
    prints.PrintError
        A text does not fit, or the fonts lack a letter; then no code stays valid.
    """
    issuing.refuse_past(expires_on, installation.today())
    with reading(installation.engine) as connection:
        found = require_round(connection, round_id)
    issuing.channel_of(installation.settings, round_id, CHANNEL)
    counts = issuing.counts_per_cell(installation, round_id, cell, count)
    questionnaire = load(found.questionnaire_id, found.questionnaire_version)
    about = replace(
        handover.facts(
            installation.settings,
            (found.questionnaire_id, found.questionnaire_version),
            province_name(installation.engine, installation.settings.province),
            expires_on or found.closes,
            simulated=found.simulated,
        ),
        lang=lang,
        contact=contact or installation.settings.contact,
    )
    sheets = set_form(questionnaire, about)
    issuing.make_folder(out)
    keys = read_keys(installation.settings, round_id)
    issued = issue_codes(
        installation.engine, keys, channel=CHANNEL, counts=counts, expires_on=expires_on
    )
    try:
        sheets.layout.write(out / LAYOUT_FILE)
        files = [out / LAYOUT_FILE, *_write(sheets, issued, about, out, progress)]
    except BaseException:
        issuing.take_back(installation, keys, issued)
        raise
    return PrintedForms(len(issued), sheets.layout.pages, files)


@dataclass(frozen=True)
class Sheets:
    """A form that was laid out: its layout, and what the template shows beside the numbers."""

    layout: Layout
    values: _Values

    def pdf(self, codes: Sequence[str], base_url: str) -> bytes:
        """Return one PDF with a form for each code, each beginning on a sheet of its own."""
        forms = _forms(codes, base_url, self.layout)
        return prints.sheet("paper", self.values | {"forms": forms})


def set_form(questionnaire: Questionnaire, about: prints.PrintFacts) -> Sheets:
    """Lay out the form of a questionnaire and learn where everything on it stands.

    Raises
    ------
    PaperError
        ``language-not-offered``.
    prints.PrintError
        A text does not fit, or the fonts lack a letter.
    """
    if about.lang not in questionnaire.languages:
        raise PaperError.of(
            "language-not-offered",
            f"Phiếu này không có bản tiếng “{about.lang}”.",
            f"The questionnaire is not asked in '{about.lang}'.",
            f"Các bản: {', '.join(questionnaire.languages)}.",
            f"There are: {', '.join(questionnaire.languages)}.",
        )
    form = Form.of(questionnaire, about.lang)
    empty = Layout((questionnaire.id, questionnaire.version), about.lang, 1, (), (), form.asked)
    values = _values(form, about) | {"foot": "", "pages": 1}
    found = prints.spots("paper", values | {"forms": _forms([_SPECIMEN], about.base_url, empty)})
    layout = replace(
        empty,
        pages=max(int(spot["page"]) for spot in found),
        boxes=tuple(_box(spot) for spot in found if spot["kind"] == "box"),
        spaces=tuple(_space(spot) for spot in found if spot["kind"] == "space"),
    )
    foot = f"{questionnaire.id} {questionnaire.version} · {layout.id}"
    return Sheets(layout, values | {"foot": foot, "pages": layout.pages})


def _values(form: Form, about: prints.PrintFacts) -> _Values:
    notice = form.text(form.questionnaire.notice).split("\n")
    return prints.shared_values(about, _TITLE) | {
        "sections": form.sections,
        "notice": [part.strip() for part in notice if part.strip()],
    }


def _forms(codes: Sequence[str], base_url: str, layout: Layout) -> list[_Values]:
    """Return the numbers of forms with the QR codes of their pages and of the link."""
    links = [link_of(base_url, code) for code in codes]
    pages = range(1, layout.pages + 1)
    marks = [page_mark(layout.id, page, code) for code in codes for page in pages]
    drawn = [prints.picture(code) for code in qr.encode([*links, *marks])]
    of_pages = drawn[len(codes) :]
    return [
        drawn[place]
        | {
            "code": display(code),
            "pages": of_pages[place * layout.pages : (place + 1) * layout.pages],
        }
        for place, code in enumerate(codes)
    ]


def _write(
    sheets: Sheets,
    issued: Sequence[Issued],
    about: prints.PrintFacts,
    out: Path,
    progress: Callable[[str], None],
) -> list[Path]:
    """Write the forms of each unit in files that only the owner can read."""
    files = []
    for unit_id in sorted({one.unit_id for one in issued}):
        codes = [one.code for one in issued if one.unit_id == unit_id]
        for start in range(0, len(codes), FORMS_PER_FILE):
            path = out / f"forms-{unit_id}-{start // FORMS_PER_FILE + 1:03}.pdf"
            path.touch(_OWNER_ONLY)
            path.write_bytes(sheets.pdf(codes[start : start + FORMS_PER_FILE], about.base_url))
            prints.forget()
            files.append(path)
            progress(path.name)
    return files


def _box(spot: dict[str, Any]) -> Box:
    return Box(spot["page"], _mm(spot["x"]), _mm(spot["y"]), spot["field"], spot["number"])


def _space(spot: dict[str, Any]) -> Space:
    return Space(
        spot["page"],
        _mm(spot["x"]),
        _mm(spot["y"]),
        _mm(spot["width"]),
        _mm(spot["height"]),
        spot["field"],
        spot["number"],
    )


def _mm(length: float) -> float:
    return round(float(length), 2)
