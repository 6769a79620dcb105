"""What the questionnaire page shows, in the words of one language, worked out once.

A form shown again must not wait for it. Texts that hold earlier answers are marked up, so that
the script finds the places; all else stays plain text, which the template escapes.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

from babel import Locale, UnknownLocaleError
from markupsafe import Markup, escape

from intake.findings import Words
from questionnaires import Condition, Option, Question, Questionnaire, Section, Text
from questionnaires.fields import RANKED_TWICE
from questionnaires.parts import SPECIFY_LIMIT
from questionnaires.routing import Step, steps
from questionnaires.texts import Hole, parts_of, plain
from questionnaires.typed import ANSWER_MISSING, bounds_of, faults_of, forbidden, too_long
from survey_app.web.language import LANGUAGE_NAMES, interface_language

LAYERS_OF_NOTICE = 2
"""Paragraphs of the notice above the button that starts; the rest unfolds below it."""

FACES = 5
"""A scale of this many steps is one of satisfaction and carries faces beside its words."""


@dataclass(frozen=True)
class Choice:
    """One answer to choose; ``key`` names it where the answers stand in random order."""

    value: str
    label: str
    alone: bool
    apart: bool
    more: str | None
    key: str | None


@dataclass(frozen=True)
class Ask:
    """One item on the page: a field name and the words of its question or row."""

    name: str
    label: str
    key: str | None


@dataclass(frozen=True)
class Asked:
    """A question on the page. ``check`` says what can be typed; it is for the script."""

    type: str
    name: str
    label: str
    hint: str | None
    asks: tuple[Ask, ...]
    choices: tuple[Choice, ...]
    beside: tuple[Choice, ...]
    beside_name: str
    faces: bool
    steps: int
    limit: int
    lines: int
    decimals: int
    sought: bool
    must: bool
    fields: str
    conditions: str
    jumps: str
    check: str
    order: str | None
    key: str | None


@dataclass(frozen=True)
class Topic:
    """A section on the page."""

    id: str
    title: str
    intro: str | None
    questions: tuple[Asked, ...]
    order: str | None


@dataclass(frozen=True)
class Page:
    """All that the template shows of a questionnaire.

    ``labels`` are the words of each field, ``short`` what is checked of a short text.
    """

    lang: str
    text_lang: str
    languages: tuple[tuple[str, str], ...]
    title: str
    notice: tuple[str, ...]
    more_notice: tuple[str, ...]
    topics: tuple[Topic, ...]
    must: str
    short: str
    labels: Mapping[str, str] = field(default_factory=dict)


@lru_cache(maxsize=32)
def page_of(questionnaire: Questionnaire, lang: str) -> Page:
    """Return what the page shows in a language; texts that it lacks are Vietnamese."""
    notice = [part for part in questionnaire.notice.in_language(lang).split("\n") if part.strip()]
    walk = iter(steps(questionnaire))
    tags = dict.fromkeys((*LANGUAGE_NAMES, *questionnaire.languages))
    required = any(question.required for question in questionnaire.questions)
    return Page(
        lang=interface_language(lang),
        text_lang=lang if lang in questionnaire.languages else interface_language(""),
        languages=tuple((tag, _own_name(questionnaire, tag)) for tag in tags),
        title=questionnaire.title.in_language(lang),
        notice=tuple(notice[:LAYERS_OF_NOTICE]),
        more_notice=tuple(notice[LAYERS_OF_NOTICE:]),
        topics=tuple(_topic(section, walk, lang) for section in questionnaire.sections),
        must=ANSWER_MISSING.in_language(interface_language(lang)) if required else "",
        short=_with_words(
            {"text": SPECIFY_LIMIT}, _said_of_text(SPECIFY_LIMIT), interface_language(lang)
        ),
        labels=_labels(questionnaire, lang),
    )


def _own_name(questionnaire: Questionnaire, tag: str) -> str:
    """Return what a language calls itself: by the questionnaire, by CLDR, else its tag."""
    if tag in LANGUAGE_NAMES or tag in questionnaire.language_name:
        return LANGUAGE_NAMES.get(tag) or questionnaire.language_name[tag]
    try:
        return Locale.parse(tag, sep="-").get_language_name() or tag
    except (UnknownLocaleError, ValueError):
        return tag


def _labels(questionnaire: Questionnaire, lang: str) -> dict[str, str]:
    labels: dict[str, str] = {}
    for question in questionnaire.questions:
        asked = [row.label for row in question.rows] or [question.label]
        texts = [plain(text.in_language(lang)) for text in asked]
        labels |= dict(zip(question.heads, texts, strict=True))
        labels |= {question.specify_code(option): texts[0] for option in question.specified}
    return labels


def _topic(section: Section, walk: Iterator[Step], lang: str) -> Topic:
    return Topic(
        section.id,
        section.title.in_language(lang),
        _piped(section.intro, lang) if section.intro else None,
        tuple(_asked(next(walk), lang, moves=section.random) for _ in section.questions),
        section.order.field if section.order else None,
    )


def _asked(step: Step, lang: str, *, moves: bool) -> Asked:
    question = step.question
    label = _piped(question.label, lang)
    moving = question.order.names if question.order else ()
    rows = [
        Ask(question.row_code(row), _piped(row.label, lang), row.id if moving else None)
        for row in question.rows
    ]
    real = [option for option in question.options if option.missing is None]
    return Asked(
        type=question.type,
        name=question.id,
        label=label,
        hint=_piped(question.hint, lang) if question.hint else None,
        asks=tuple(rows if question.type == "matrix" else [Ask(question.id, label, None)]),
        choices=tuple(_choice(question, option, lang, moving) for option in question.choices),
        beside=tuple(_choice(question, option, lang, ()) for option in question.apart),
        beside_name=question.missing_field,
        faces=question.type in ("matrix", "scale") and len(real) == FACES,
        steps=len(real),
        limit=question.max_length,
        lines=question.lines,
        decimals=question.decimals,
        sought=question.sought,
        must=question.required,
        fields=" ".join(step.fields),
        conditions=_compact(_named(step.conditions)),
        jumps=_compact([[_named(jump.when), jump.position] for jump in step.jumps]),
        check=_check(question, interface_language(lang)),
        order=question.order.field if question.order else None,
        key=question.id if moves else None,
    )


def _choice(question: Question, option: Option, lang: str, moving: tuple[str, ...]) -> Choice:
    specified = option in question.specified
    real = option.missing is None
    return Choice(
        option.value,
        option.label.in_language(lang),
        alone=question.type == "multi" and (option.exclusive or not real),
        apart=not real,
        more=question.specify_code(option) if specified else None,
        key=option.value if option.value in moving and question.type != "matrix" else None,
    )


def _piped(text: Text, lang: str) -> str:
    """Return the text with its holes marked for the script, the words of the text in them."""
    parts = list(parts_of(text.in_language(lang)))
    if not any(isinstance(part, Hole) for part in parts):
        return text.in_language(lang)
    return Markup("").join(
        Markup('<span data-pipe="{}">{}</span>').format(part.field, part.otherwise)
        if isinstance(part, Hole)
        else escape(part)
        for part in parts
    )


def _check(question: Question, lang: str) -> str:
    """Return what the script needs to tell what cannot be taken, in the words of the server."""
    rule: dict[str, Any] = {}
    if question.type == "number":
        low, high = bounds_of(question)
        rule = {"number": question.decimals, "low": low, "high": high}
    elif question.type == "date":
        bounds = (question.earliest, question.latest)
        rule = {"date": [day.isoformat() if day else "" for day in bounds]}
    elif question.type == "text":
        rule = {"text": question.max_length}
    elif question.type == "ranking":
        rule = {"ranking": 1}
    else:
        return ""
    return _with_words(rule, _said(question), lang)


def _with_words(rule: Mapping[str, Any], said: Mapping[str, Words], lang: str) -> str:
    words = {code: words.in_language(lang) for code, words in said.items()}
    return _compact({**rule, "words": words})


def _said(question: Question) -> Mapping[str, Words]:
    if question.type == "text":
        return _said_of_text(question.max_length)
    return {"ranked-twice": RANKED_TWICE} if question.type == "ranking" else faults_of(question)


def _said_of_text(limit: int) -> Mapping[str, Words]:
    return {"text-too-long": too_long(limit), "forbidden-character": forbidden()}


def _named(conditions: tuple[Condition, ...]) -> list[Any]:
    return [[condition.question, condition.values] for condition in conditions]


def _compact(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":")) if value else ""
