"""The questionnaire as one document: everything a respondent needs in one answer.

The document is made once per version, language and kind of data, and its bytes hold nothing
about a person. Style and script stand inside it, allowed by their hashes. A form that could not
be taken is shown by the same page, with all that was typed and a sentence at each problem.

What is asked and when comes from `questionnaires`; who may send it, and what happens to it, is
for `respond`.
"""

from __future__ import annotations

import gzip
import json
import re
from base64 import b64encode
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property, lru_cache
from hashlib import sha256
from pathlib import Path

import brotli  # type: ignore[import-untyped]
from flask import render_template
from flask_babel import force_locale
from markupsafe import Markup

from questionnaires import Option, Question, Questionnaire, Section
from questionnaires.routing import Step, steps
from survey_app.web.language import LANGUAGE_NAMES, interface_language

STATIC = Path(__file__).parent.parent / "static"
STYLE = ("pages.css", "respond.css")
SCRIPT = tuple(
    f"respond/{name}.js"
    for name in (
        *("form", "routing", "topics", "answering", "memory", "record", "sending", "draft"),
        *("outbox", "faults", "languages", "start"),
    )
)
"""The parts of the script of the page, in the order in which they stand there."""
WORKER = tuple(f"respond/{name}.js" for name in ("memory", "sending", "worker"))
"""The parts of the service worker, which keeps and sends as the page does."""

LAYERS_OF_NOTICE = 2
"""Paragraphs of the notice in plain view; the rest unfolds below them."""

SHORT_TEXT = 200
"""Characters that a "please specify" field takes; longer ones the server would refuse."""

FACES = 5
"""A scale of this many steps is one of satisfaction and carries faces beside its words."""

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
    values: Mapping[str, Sequence[str]] | None = None,
    problems: Mapping[str, str] | None = None,
    simulated: bool = False,
) -> Document:
    """Return the page of a questionnaire in one language. Needs an application context.

    Parameters
    ----------
    questionnaire
        What is asked.
    lang
        The language wished for. Texts that the definition lacks in it, and an interface that
        does not speak it, are Vietnamese.
    values
        Form field -> values as sent, to show a form again; among them ``code``, when the
        script sent one. None for the document that is the same for everyone.
    problems
        Form field -> what is wrong and what to do, in the language of the page. The empty
        name stands for the whole form.
    simulated
        Whether the round holds simulated data, which every page then says.

    Returns
    -------
    Document
        The page with its policy; compressed forms on demand.
    """
    style, script = inline(*STYLE), inline(*SCRIPT)
    with force_locale(interface_language(lang)):
        html = render_template(
            "respond.html",
            page=_page(questionnaire, lang),
            style=Markup(style),  # noqa: S704 - our own file, no data in it
            script=Markup(script),  # noqa: S704 - our own file, no data in it
            values=values or _NOTHING,
            problems=problems or {},
            typed=values is not None,
            simulated=simulated,
        )
    policy = _POLICY.format(script=_source(script), style=_source(style))
    return Document(html.encode(), policy)


# The texts of one language, worked out once: a form shown again must not wait for them ----------


@dataclass(frozen=True)
class _Choice:
    value: str
    label: str
    alone: bool
    apart: bool
    more: str | None


@dataclass(frozen=True)
class _Ask:
    """One item on the page: a field name and the words of its question or row."""

    name: str
    label: str


@dataclass(frozen=True)
class _QuestionView:
    type: str
    name: str
    label: str
    hint: str | None
    asks: tuple[_Ask, ...]
    choices: tuple[_Choice, ...]
    faces: bool
    steps: int
    limit: int
    sought: bool
    fields: str
    conditions: str
    jumps: str


@dataclass(frozen=True)
class _Topic:
    id: str
    title: str
    intro: str | None
    questions: tuple[_QuestionView, ...]


@dataclass(frozen=True)
class _Page:
    lang: str
    text_lang: str
    languages: tuple[tuple[str, str], ...]
    title: str
    notice: tuple[str, ...]
    more_notice: tuple[str, ...]
    topics: tuple[_Topic, ...]
    labels: Mapping[str, str] = field(default_factory=dict)


@lru_cache(maxsize=32)
def _page(questionnaire: Questionnaire, lang: str) -> _Page:
    notice = [part for part in questionnaire.notice.in_language(lang).split("\n") if part.strip()]
    walk = iter(steps(questionnaire))
    topics = tuple(_topic(section, walk, lang) for section in questionnaire.sections)
    tags = dict.fromkeys((*LANGUAGE_NAMES, *questionnaire.languages))
    return _Page(
        lang=interface_language(lang),
        text_lang=lang if lang in questionnaire.languages else interface_language(""),
        languages=tuple((tag, LANGUAGE_NAMES.get(tag, tag)) for tag in tags),
        title=questionnaire.title.in_language(lang),
        notice=tuple(notice[:LAYERS_OF_NOTICE]),
        more_notice=tuple(notice[LAYERS_OF_NOTICE:]),
        topics=topics,
        labels={
            ask.name: ask.label
            for topic in topics
            for question in topic.questions
            for ask in question.asks
        }
        | {
            choice.more: question.label
            for topic in topics
            for question in topic.questions
            for choice in question.choices
            if choice.more
        },
    )


def _topic(section: Section, walk: Iterator[Step], lang: str) -> _Topic:
    return _Topic(
        section.id,
        section.title.in_language(lang),
        section.intro.in_language(lang) if section.intro else None,
        tuple(_question(next(walk), lang) for _ in section.questions),
    )


def _question(step: Step, lang: str) -> _QuestionView:
    question = step.question
    label = question.label.in_language(lang)
    rows = [(question.row_code(row), row.label.in_language(lang)) for row in question.rows]
    asks = rows if question.type == "matrix" else [(question.id, label)]
    real = [option for option in question.options if option.missing is None]
    return _QuestionView(
        type=question.type,
        name=question.id,
        label=label,
        hint=question.hint.in_language(lang) if question.hint else None,
        asks=tuple(_Ask(name, words) for name, words in asks),
        choices=tuple(_choice(question, option, lang) for option in question.options),
        faces=question.type in ("matrix", "scale") and len(real) == FACES,
        steps=len(real),
        limit=question.max_length,
        sought=question.type not in ("text", "date") or question.required,
        fields=" ".join(step.fields),
        conditions=_compact([[c.question, c.values] for c in step.conditions]),
        jumps=_compact(
            [[[[c.question, c.values] for c in jump.when], jump.position] for jump in step.jumps]
        ),
    )


def _choice(question: Question, option: Option, lang: str) -> _Choice:
    specified = question.type != "matrix" and option in question.specified
    return _Choice(
        option.value,
        option.label.in_language(lang),
        alone=question.type == "multi" and (option.exclusive or option.missing is not None),
        apart=option.missing is not None,
        more=question.specify_code(option) if specified else None,
    )


def _compact(value: list[object]) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":")) if value else ""


# Style and script inside the page ---------------------------------------------------------------


@lru_cache(maxsize=8)
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


@lru_cache(maxsize=8)
def _source(text: str) -> str:
    """Return the source expression that allows exactly this inline text."""
    return f"'sha256-{b64encode(sha256(text.encode()).digest()).decode()}'"
