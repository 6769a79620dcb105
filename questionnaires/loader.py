"""From a YAML or JSON file to a ``Questionnaire``; what is wrong carries file, line and path."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path
from typing import Any, cast

from intake.documents import Document, read_document
from intake.findings import Finding, IntakeError, QuestionnaireError, Words, errors_of
from intake.text import ID_PATTERN
from questionnaires.checks import (
    BELONGS,
    check_document,
    check_reachable,
    numbered_scale,
    plain_text,
    values_of,
)
from questionnaires.model import Block, Factor, Questionnaire, Section
from questionnaires.questions import TEXT_LIMIT, Condition, Goto, Option, Question, Row
from questionnaires.texts import MAIN_LANGUAGE, Text

DEFINITIONS = Path(__file__).parent / "definitions"

_XLSFORM = (".xls", ".xlsx")

Mapped = dict[str, Any]


def available() -> tuple[tuple[str, str], ...]:
    """Return id and version of every questionnaire that comes with the package.

    Examples
    --------
    >>> ("citizen", "2026-1") in available()
    True
    """
    return tuple(sorted((path.parent.name, path.stem) for path in DEFINITIONS.glob("*/*.yaml")))


@lru_cache(maxsize=32)
def load(code: str, version: str) -> Questionnaire:
    """Return a questionnaire that comes with the package.

    Raises
    ------
    QuestionnaireError
        There is none of that id and version; the advice lists those there are.

    Examples
    --------
    >>> load("citizen", "2026-1").title.in_language("en")
    'Citizen satisfaction survey on the service of state administrative agencies'
    """
    path = DEFINITIONS / code / f"{version}.yaml"
    if not (ID_PATTERN.match(code) and ID_PATTERN.match(version)) or not path.is_file():
        known = ", ".join(f"{one}@{of}" for one, of in available())
        raise QuestionnaireError(
            Finding(
                "questionnaire-unknown",
                Words(f"Không có phiếu {code}@{version}.", f"There is no form {code}@{version}."),
                Words(f"Các phiếu hiện có: {known}.", f"These exist: {known}."),
            )
        )
    return read_questionnaire(path)


def read_questionnaire(path: Path) -> Questionnaire:
    """Read one definition.

    Raises
    ------
    QuestionnaireError
        With every finding, warnings among them, when at least one is an error.
    """
    questionnaire, findings = check_questionnaire(path)
    if questionnaire is None:
        raise QuestionnaireError(findings)
    return questionnaire


def check_questionnaire(path: Path) -> tuple[Questionnaire | None, list[Finding]]:
    """Return the questionnaire, None when there are errors, and every finding about the file."""
    if path.suffix.lower() in _XLSFORM:
        return None, [_no_xlsform(path)]
    try:
        document = read_document(path)
    except IntakeError as error:
        return None, list(error.findings)
    findings = check_document(document)
    if errors_of(findings):
        return None, findings
    questionnaire = build(document)
    findings += check_reachable(questionnaire, document)
    return (None if errors_of(findings) else questionnaire), findings


def _no_xlsform(path: Path) -> Finding:
    return Finding(
        "xlsform-not-readable",
        Words(
            "Chưa đọc được biểu mẫu XLSForm trực tiếp.",
            "XLSForm files cannot be read here yet.",
        ),
        Words(
            "Hãy viết phiếu bằng YAML hoặc JSON.",
            "Write the form as YAML or JSON.",
        ),
        file=path.name,
    )


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
    )


def _clean(value: object) -> object:
    """Return the value without keys that hold nothing."""
    if isinstance(value, dict):
        return {key: _clean(entry) for key, entry in value.items() if entry is not None}
    return [_clean(entry) for entry in value] if isinstance(value, list) else value


def _word(value: object) -> str:
    return plain_text(value) or ""


def _text(texts: Mapped) -> Text:
    return Text({tag: _word(text) for tag, text in texts.items()})


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
    )


def _question(question: Mapped, scales: dict[str, tuple[Option, ...]]) -> Question:
    kind = question["type"]
    # What means nothing for this type was warned of, and is left out.
    question = {
        key: value for key, value in question.items() if key not in BELONGS or kind in BELONGS[key]
    }
    steps = numbered_scale(question)
    if steps is not None:
        options = tuple(Option(str(n), Text({MAIN_LANGUAGE: str(n)})) for n in steps)
    elif "options" in question or "scale" not in question:
        options = _options(question.get("options", []))
    else:
        options = scales[_word(question["scale"])]
    return Question(
        id=_word(question["id"]),
        type=kind,
        label=_text(question["label"]),
        hint=_maybe(question.get("hint")),
        options=options,
        rows=tuple(
            Row(_word(row["id"]), _text(row["label"]), _word(row.get("factor")) or None)
            for row in question.get("rows", [])
        ),
        required=question.get("required", False),
        show_if=_conditions(question.get("show_if", {})),
        goto=tuple(
            Goto(_conditions(jump.get("when", {})), _word(jump["to"]))
            for jump in question.get("goto", [])
        ),
        min=question.get("min"),
        max=question.get("max"),
        max_length=question.get("max_length", TEXT_LIMIT),
        factor=_word(question.get("factor")) or None,
        sensitive=question.get("sensitive", False),
        reverse=question.get("reverse", False),
        feedback=question.get("feedback", False),
        code=_word(question.get("code")),
    )


def _options(options: list[Mapped]) -> tuple[Option, ...]:
    return tuple(
        Option(
            value=_word(option["value"]),
            label=_text(option["label"]),
            missing=_reason(option.get("missing", False)),
            exclusive=option.get("exclusive", False),
            specify=option.get("specify", False),
        )
        for option in options
    )


def _reason(missing: bool | str) -> str | None:
    if isinstance(missing, bool):
        return "dont_know" if missing else None
    return missing


def _conditions(conditions: Mapped) -> tuple[Condition, ...]:
    return tuple(Condition(name, values_of(value) or ()) for name, value in conditions.items())


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
