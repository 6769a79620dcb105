"""The questionnaire as one document: everything a respondent needs in one answer.

The document is made once per version, language and kind of data, and its bytes hold nothing
about a person. Style and script stand inside it, allowed by their hashes. A form that could not
be taken is shown by the same page, with all that was typed and a sentence at each problem.

What is asked and when comes from `questionnaires`; who may send it, and what happens to it, is
for `respond`.
"""

from __future__ import annotations

import gzip
import re
from base64 import b64encode
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property, lru_cache
from hashlib import sha256
from pathlib import Path

import brotli  # type: ignore[import-untyped]
from flask import render_template
from flask_babel import force_locale
from markupsafe import Markup

from questionnaires import Questionnaire
from survey_app.services.pace import Median
from survey_app.web.language import interface_language
from survey_app.web.lasts import told
from survey_app.web.topics import page_of

STATIC = Path(__file__).parent.parent / "static"
STYLE = ("pages.css", "respond.css")
SCRIPT = tuple(
    f"respond/{name}.js"
    for name in (
        *("form", "device", "typed", "routing", "piping", "order", "topics", "answering", "memory"),
        *("record", "pace", "sending", "draft", "outbox", "faults", "languages", "start"),
    )
)
"""The parts of the script of the page, in the order in which they stand there."""
MODES = {
    "phone": ((), ("respond/idle.js", "respond/shared.js")),
    "kiosk": (("kiosk.css",), ("respond/sealing.js", "respond/idle.js", "respond/kiosk.js")),
    "interviewer": (("interviewer.css",), ("respond/sealing.js", "respond/interviewer.js")),
}
"""What each kind of device adds to style and script."""
USED = ("respond/memory.js", "respond/used.js")
"""The script of the page of a used code."""
WORKER = tuple(f"respond/{name}.js" for name in ("memory", "sending", "worker"))
"""The parts of the service worker, which keeps and sends as the page does."""

_POLICY = (
    "default-src 'none'; script-src 'self' {script}; style-src 'self' {style}; "
    "img-src 'self' data:; media-src 'self'; manifest-src 'self'; worker-src 'self'; "
    "connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
_NOTHING: Mapping[str, Sequence[str]] = {}


@dataclass(frozen=True)
class Document:
    """One page as bytes, with what must be sent beside it.

    ``csp`` is the whole Content-Security-Policy, ``etag`` the bare tag without quotes. The
    compressed forms are made when first asked for: a page that is shown once to one person
    need not wait for them.
    """

    html: bytes
    csp: str

    @cached_property
    def etag(self) -> str:
        """A name for these bytes."""
        return sha256(self.html).hexdigest()[:32]

    @cached_property
    def gzip(self) -> bytes:
        """The page as gzip, the same bytes each time it is made."""
        return gzip.compress(self.html, 9, mtime=0)

    @cached_property
    def brotli(self) -> bytes:
        """The page as brotli."""
        return bytes(brotli.compress(self.html, mode=brotli.MODE_TEXT, quality=11))


def build_document(
    questionnaire: Questionnaire,
    lang: str,
    *,
    mode: str = "phone",
    values: Mapping[str, Sequence[str]] | None = None,
    problems: Mapping[str, str] | None = None,
    simulated: bool = False,
    sealing_key: str = "",
    recordings: Mapping[str, str] | None = None,
    median: Median | None = None,
) -> Document:
    """Return the page of a questionnaire in one language. Needs an application context.

    Parameters
    ----------
    questionnaire
        What is asked.
    lang
        The language wished for. Texts that the definition lacks in it, and an interface that
        does not speak it, are Vietnamese.
    mode
        The way of answering, which may have words of its own.
    values
        Form field -> values as sent, to show a form again; among them ``code``, when the
        script sent one. None for the document that is the same for everyone.
    problems
        Form field -> what is wrong and what to do, in the language of the page. The empty
        name stands for the whole form.
    simulated
        Whether the round holds simulated data, which every page then says.
    sealing_key
        What a device that is not the respondent's own seals finished forms to.
    recordings
        Form field -> address of the sound file that reads it; ``intro`` for the notice.
    median
        How long others took; the first view then says so in place of the estimate.

    Returns
    -------
    Document
        The page with its policy; compressed forms on demand.
    """
    more_style, more_script = MODES.get(mode, ((), ()))
    page = page_of(questionnaire.in_mode(mode), lang)
    if median:
        page = replace(page, notice=told(page.notice, median, page.text_lang))
    return self_contained(
        "respond.html",
        lang,
        STYLE + more_style,
        SCRIPT + more_script,
        page=page,
        mode=mode,
        sealing_key=sealing_key,
        values=values or _NOTHING,
        problems=problems or {},
        typed=values is not None,
        simulated=simulated,
        recordings=recordings or {},
    )


def self_contained(
    template: str, lang: str, styles: Sequence[str], scripts: Sequence[str], **shown: object
) -> Document:
    """Return a page with its style and script inside, allowed by their hashes."""
    style, script = inline(*styles), inline(*scripts)
    with force_locale(interface_language(lang)):
        html = render_template(
            template,
            style=Markup(style),  # noqa: S704 - our own file, no data in it
            script=Markup(script),  # noqa: S704 - our own file, no data in it
            **shown,
        )
    policy = _POLICY.format(script=_source(script), style=_source(style))
    return Document(html.encode(), policy)


# Style and script inside the page ---------------------------------------------------------------


@lru_cache(maxsize=16)
def inline(*names: str) -> str:
    """Return our own files as one text without comments and indentation.

    Scripts become one function, so that they share their names with each other and with
    nothing else.
    """
    text = "\n".join((STATIC / name).read_text("utf-8") for name in names)
    if names[0].endswith(".css"):
        return _bare(re.sub(r"/\*.*?\*/", "", text, flags=re.DOTALL))
    return f'(function () {{\n"use strict";\n{_bare(text)}\n}})();'


def _bare(text: str) -> str:
    lines = (line.strip() for line in text.splitlines())
    return "\n".join(line for line in lines if line and not line.startswith("//"))


@lru_cache(maxsize=16)
def _source(text: str) -> str:
    """Return the source expression that allows exactly this inline text."""
    return f"'sha256-{b64encode(sha256(text.encode()).digest()).decode()}'"
