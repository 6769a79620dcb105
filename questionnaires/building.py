"""From a definition in which the checks found no error to the ``Questionnaire``."""

from __future__ import annotations

from typing import Any, cast

from intake.documents import Document
from questionnaires.checks import (
    BELONGS,
    day_of,
    number_of,
    numbered_scale,
    plain_text,
    values_of,
)
from questionnaires.model import Block, Factor, Questionnaire, Section
from questionnaires.parts import SPECIFY_LIMIT, TEXT_LIMIT, Condition, Goto, Option, Row, Wording
from questionnaires.questions import Question
from questionnaires.texts import MAIN_LANGUAGE, Text

Mapped = dict[str, Any]


def build(document: Document) -> Questionnaire:
    """Return the questionnaire of a document in which the checks found no error."""
    root = cast(Mapped, _clean(document.value))
    languages = tuple(map(_word, root.get("languages", [MAIN_LANGUAGE])))
    scales = {name: _options(options) for name, options in root.get("scales", {}).items()}
    sections = tuple(_section(section, root, scales) for section in _sections(root))
    blocks, factors = _blocks(root, sections)
    source = root.get("source", {})
    return Questionnaire(
        id=_word(root["id"]),
        version=_word(root["version"]),
        languages=languages,
        title=_text(root["title"]),
        sections=sections,
        source=_text(source if isinstance(source, dict) else {MAIN_LANGUAGE: source}),
        unverified=tuple(map(_text, root.get("unverified", []))),
        notice=_text(root.get("notice", {})),
        blocks=blocks,
        factors=factors,
        wording=_wording(root),
        language_name=_text(root.get("language_name", {})),
    )


def _clean(value: object) -> object:
    """Return the value without keys that hold nothing."""
    if isinstance(value, dict):
        return {key: _clean(entry) for key, entry in value.items() if entry is not None}
    return [_clean(entry) for entry in value] if isinstance(value, list) else value


def _word(value: object) -> str:
    return plain_text(value) or ""


def _text(texts: Mapped) -> Text:
    """Return a text in the languages that say something: a blank would hide the Vietnamese."""
    return Text({tag: _word(text) for tag, text in texts.items() if _word(text).strip()})


def _maybe(texts: Mapped | None) -> Text | None:
    return _text(texts) if texts is not None else None


def _sections(root: Mapped) -> list[Mapped]:
    """Return the sections; a flat list of questions is one section."""
    if "sections" in root:
        return list(root["sections"])
    taken = {_word(question["id"]).casefold() for question in root["questions"]}
    name = "questions"
    while name in taken:
        name += "-"
    return [{"id": name, "questions": root["questions"]}]


def _section(section: Mapped, root: Mapped, scales: dict[str, tuple[Option, ...]]) -> Section:
    return Section(
        id=_word(section["id"]),
        title=_text(section["title"] if "title" in section else root["title"]),
        intro=_maybe(section.get("intro")),
        show_if=_conditions(section.get("show_if", {})),
        questions=tuple(_question(question, scales) for question in section["questions"]),
        random="order" in section,
        wording=_wording(section),
    )


def _question(question: Mapped, scales: dict[str, tuple[Option, ...]]) -> Question:
    kind = question["type"]
    # What means nothing for this type was warned of, and is left out.
    question = {
        key: value for key, value in question.items() if key not in BELONGS or kind in BELONGS[key]
    }
    required = question.get("required")
    lines = question.get("lines", 5)
    return Question(
        id=_word(question["id"]),
        type=kind,
        label=_text(question["label"]),
        hint=_maybe(question.get("hint")),
        options=_question_options(question, scales),
        rows=tuple(map(_row, question.get("rows", []))),
        required=required is True,
        soft=None if required is None else required == "soft",
        show_if=_conditions(question.get("show_if", {})),
        goto=tuple(
            Goto(_conditions(jump.get("when", {})), _word(jump["to"]))
            for jump in question.get("goto", [])
        ),
        **_bounds(question),
        decimals=question.get("decimals", 0),
        max_length=question.get("max_length", SPECIFY_LIMIT if lines == 1 else TEXT_LIMIT),
        lines=lines,
        random="order" in question,
        factor=_word(question.get("factor")) or None,
        sensitive=question.get("sensitive", False),
        reverse=question.get("reverse", False),
        feedback=question.get("feedback", False),
        code=_word(question.get("code")),
        wording=_wording(question),
    )


def _question_options(
    question: Mapped, scales: dict[str, tuple[Option, ...]]
) -> tuple[Option, ...]:
    steps = numbered_scale(question)
    if steps is not None:
        return tuple(Option(str(n), Text({MAIN_LANGUAGE: str(n)})) for n in steps)
    if "options" in question or "scale" not in question:
        return _options(question.get("options", []))
    return scales[_word(question["scale"])]


def _bounds(question: Mapped) -> Mapped:
    """Return the bounds of a date or of a number by the names that they have in a question."""
    low, high = question.get("min"), question.get("max")
    if question["type"] == "date":
        return {"earliest": day_of(low), "latest": day_of(high)}
    return {"min": number_of(low), "max": number_of(high)}


def _row(row: Mapped) -> Row:
    factor = _word(row.get("factor")) or None
    return Row(_word(row["id"]), _text(row["label"]), factor, _wording(row))


def _wording(part: Mapped) -> tuple[Wording, ...]:
    return tuple(
        Wording(mode, key, _text(text))
        for mode, texts in part.get("wording", {}).items()
        for key, text in texts.items()
    )


def _options(options: list[Mapped]) -> tuple[Option, ...]:
    return tuple(
        Option(
            value=_word(option["value"]),
            label=_text(option["label"]),
            missing=_reason(option.get("missing", False)),
            exclusive=option.get("exclusive", False),
            specify=option.get("specify", False),
            fixed=option.get("fixed", False),
            wording=_wording(option),
        )
        for option in options
    )


def _reason(missing: bool | str) -> str | None:
    if isinstance(missing, bool):
        return "dont_know" if missing else None
    return missing


def _conditions(conditions: Mapped) -> tuple[Condition, ...]:
    return tuple(
        Condition(name, tuple(dict.fromkeys(values_of(value) or ())))
        for name, value in conditions.items()
    )


def _blocks(
    root: Mapped, sections: tuple[Section, ...]
) -> tuple[tuple[Block, ...], tuple[Factor, ...]]:
    """Return blocks and factors; factors that are only named form one block without a title."""
    items: dict[str, list[str]] = {}
    for section in sections:
        for question in section.questions:
            for item in question.items:
                if item.factor is not None:
                    items.setdefault(item.factor, []).append(item.code)
    blocks: list[Mapped] = root.get("blocks", [])
    if not blocks and items:
        named = [{"code": code, "title": {MAIN_LANGUAGE: code}} for code in items]
        blocks = [{"code": _word(root["id"]), "title": root["title"], "factors": named}]
    factors = tuple(
        Factor(
            code=_word(factor["code"]),
            block=_word(block["code"]),
            title=_text(factor["title"]),
            items=tuple(items.get(_word(factor["code"]), ())),
        )
        for block in blocks
        for factor in block["factors"]
    )
    return tuple(
        Block(
            code=_word(block["code"]),
            title=_text(block["title"]),
            factors=tuple(factor.code for factor in factors if factor.block == block["code"]),
        )
        for block in blocks
    ), factors
