"""The notice as the page shows it: the words before the first question, taken from the page.

Nothing is worded twice, so what is kept of a notice cannot differ from what people read.
"""

from __future__ import annotations

import unicodedata
from html.parser import HTMLParser

from questionnaires import load
from survey_app.services import notices
from survey_app.services.installation import Installation
from survey_app.web import make_app
from survey_app.web.document import MODES, build_document
from survey_app.web.topics import page_of

START = "t-start"
"""The part of the page before the first question."""
_BLOCKS = {"h1", "p", "summary", "details", "div", "section"}


class _Words(HTMLParser):
    """Collects the text inside the section of `START`, a line for each block."""

    def __init__(self) -> None:
        super().__init__()
        self.lines = [""]
        self._inside = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag == "section":
            self._inside = dict(attrs).get("id") == START
        if tag in _BLOCKS:
            self.lines.append("")

    def handle_endtag(self, tag: str) -> None:
        if tag == "section":
            self._inside = False
        if tag in _BLOCKS:
            self.lines.append("")

    def handle_data(self, data: str) -> None:
        if self._inside:
            self.lines[-1] += data


def text_of(html: str) -> str:
    """Return the words before the first question of a page, a paragraph a line, in NFC."""
    words = _Words()
    words.feed(html)
    lines = (" ".join(line.split()) for line in words.lines)
    return unicodedata.normalize("NFC", "\n".join(line for line in lines if line)) + "\n"


def notices_of(installation: Installation, questionnaire: notices.Questionnaire) -> dict[str, str]:
    """Return the notice of a questionnaire by language and way of answering, ``vi-phone``.

    The time of answering is the estimate of the definition; a measured one may stand in its place.
    """
    asked = load(*questionnaire)
    with make_app(installation).app_context():
        return {
            f"{lang}-{mode}": text_of(build_document(asked, lang, mode=mode).html.decode())
            for lang, _ in page_of(asked, "vi").languages
            for mode in MODES
        }


def note_open_rounds(installation: Installation) -> list[str]:
    """Note what each open round shows from now on; return the rounds whose notice is another.

    A server does so when it starts: settings and program, which the notice follows, are read then.
    """
    here = installation
    return [
        round_id
        for round_id, questionnaire in notices.open_rounds(here.engine).items()
        if notices.note_shown(
            here.engine,
            here.settings,
            round_id,
            questionnaire,
            notices_of(here, questionnaire),
            on=here.today(),
        )
    ]
