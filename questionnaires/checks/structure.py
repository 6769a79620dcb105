"""The structure of a form: its head, scales, blocks of factors and sections of questions."""

from __future__ import annotations

from intake.findings import Words
from intake.text import ID_PATTERN
from questionnaires.checks.columns import claim, order_columns
from questionnaires.checks.entries import (
    LANGUAGE,
    NOTICE_LIMIT,
    Look,
    Place,
    mappings_of,
    plain_text,
)
from questionnaires.checks.limits import MAX_LANGUAGES
from questionnaires.checks.options import check_options
from questionnaires.checks.orders import check_order
from questionnaires.checks.questions import check_question
from questionnaires.checks.routing import check_conditions, gather_targets, questions_of
from questionnaires.checks.wording import check_texts

MAX_QUESTIONS = 300
MAX_NESTING = 8


def check_structure(look: Look) -> None:
    """Look at the whole file, what is referred to before what refers to it."""
    root = look.mapping(look.document.value, (), "questionnaire")
    if not root:
        return
    _check_nesting(look, root, (), 1)
    look.identifier(root, "id", ())
    if look.needed(root, "version", ()):
        _check_version(look, root["version"])
    _check_languages(look, root)
    look.needed(root, "title", ())
    check_texts(look, root, "questionnaire", ())
    if "language_name" in root:
        look.text(root["language_name"], ("language_name",))
    if "source" in root and plain_text(root["source"]) is None:
        look.text(root["source"], ("source",), NOTICE_LIMIT)
    if "source" not in root:
        look.say(
            "source-missing",
            (),
            Words("Chưa ghi nguồn của phiếu.", "The source of the form is not given."),
            Words("Hãy thêm source.", "Add source."),
            "warning",
        )
    for entry, place in look.each(root.get("unverified", []), ("unverified",)):
        look.text(entry, place)
    _check_scales(look, root.get("scales", {}))
    if "blocks" in root:
        _check_blocks(look, root["blocks"])
    gather_targets(look)
    _check_sections(look, root)
    for code, place in (look.factors or {}).items():
        if code not in look.used_factors:
            look.say(
                "factor-without-items",
                place,
                Words(f"Yếu tố “{code}” không có tiêu chí.", f"Factor '{code}' has no items."),
                Words(
                    "Hãy gắn factor vào câu hỏi hoặc bỏ yếu tố này.",
                    "Name it as the factor of a question, or leave it out.",
                ),
            )


def _check_nesting(look: Look, value: object, place: Place, depth: int) -> bool:
    """Report the first place that lies more than eight mappings deep; True when found."""
    if isinstance(value, dict):
        if depth > MAX_NESTING:
            look.say(
                "nested-too-deeply",
                place,
                Words(
                    f"Lồng sâu hơn {MAX_NESTING} bậc.",
                    f"This is nested deeper than {MAX_NESTING} levels.",
                ),
                Words("Hãy viết phẳng hơn.", "Write it flatter."),
            )
            return True
        return any(_check_nesting(look, v, (*place, k), depth + 1) for k, v in value.items())
    if isinstance(value, list):
        return any(_check_nesting(look, v, (*place, n), depth) for n, v in enumerate(value))
    return False


def _check_version(look: Look, value: object) -> None:
    text = look.word(value, ("version",))
    usual = text is not None and ID_PATTERN.match(text) and any(c.isdigit() for c in text)
    if text is not None and not usual:
        look.say(
            "bad-version",
            ("version",),
            Words(f"Phiên bản “{text[:60]}” không hợp lệ.", f"'{text[:60]}' is no version."),
            Words('Viết như "2026-1".', 'Write it like "2026-1".'),
        )


def _check_languages(look: Look, root: dict[str, object]) -> None:
    if "languages" not in root:
        look.say(
            "languages-missing",
            (),
            Words("Chưa ghi các ngôn ngữ.", "The languages are not listed."),
            Words("Hãy thêm languages: [vi, en].", "Add languages: [vi, en]."),
            "warning",
        )
        return
    tags: list[str] = []
    for entry, place in look.each(root["languages"], ("languages",)):
        tag = look.word(entry, place)
        if tag is not None and not LANGUAGE.match(tag):
            look.bad_language(tag, place)
        elif tag is not None:
            tags.append(tag)
    if len(tags) > MAX_LANGUAGES:
        look.say(
            "too-many-languages",
            ("languages",),
            Words(
                f"Có {len(tags)} ngôn ngữ, tối đa {MAX_LANGUAGES}.",
                f"There are {len(tags)} languages, the limit is {MAX_LANGUAGES}.",
            ),
            Words("Hãy bớt ngôn ngữ.", "List fewer."),
        )
    look.languages = tuple(tags[:MAX_LANGUAGES])


def _check_scales(look: Look, value: object) -> None:
    if not isinstance(value, dict):
        look.shape(("scales",), "một nhóm “tên: danh sách”", "a mapping of names to lists")
        return
    for name, options in value.items():
        look.scales[name] = check_options(look, options, ("scales", name))


def _check_blocks(look: Look, value: object) -> None:
    factors: dict[str, Place] = {}
    seen: dict[str, Place] = {}
    for entry, place in look.each(value, ("blocks",)):
        block = look.mapping(entry, place, "block")
        _check_named(look, block, place, seen)
        if not block or not look.needed(block, "factors", place):
            continue
        for inner, inner_place in look.each(block["factors"], (*place, "factors")):
            factor = look.mapping(inner, inner_place, "factor")
            code = _check_named(look, factor, inner_place, seen)
            if code is not None:
                factors.setdefault(code, inner_place)
    look.factors = factors


def _check_named(
    look: Look, mapping: dict[str, object], place: Place, seen: dict[str, Place]
) -> str | None:
    """Look at the code and title of a block or factor."""
    if not mapping:
        return None
    code = look.identifier(mapping, "code", place)
    if code is not None:
        look.once(code, (*place, "code"), seen, "duplicate-id")
    if look.needed(mapping, "title", place):
        look.text(mapping["title"], (*place, "title"))
    return code


def _check_sections(look: Look, root: dict[str, object]) -> None:
    if "sections" in root and "questions" in root:
        look.say(
            "sections-and-questions",
            ("questions",),
            Words(
                "Phiếu có cả sections và questions.",
                "The file has both sections and questions.",
            ),
            Words("Hãy chuyển mọi câu vào sections.", "Move every question into sections."),
        )
    count = 0
    if "sections" in root:
        for entry, place in look.each(root["sections"], ("sections",)):
            count = _check_section(look, entry, place, count)
    elif "questions" in root:
        for entry, place in look.each(root["questions"], ("questions",)):
            check_question(look, entry, place, count)
            count += 1
    if count == 0:
        look.say(
            "no-questions",
            (),
            Words("Phiếu không có câu hỏi nào.", "The file has no questions."),
            Words("Hãy thêm questions hoặc sections.", "Add questions or sections."),
        )
    asked = count + sum(
        max(len(mappings_of(question.get("rows"))) - 1, 0)
        for _, question in questions_of(root)
        if question.get("type") == "matrix"
    )
    if asked > MAX_QUESTIONS:
        look.say(
            "too-many-questions",
            (),
            Words(
                f"Phiếu có {asked} câu (mỗi dòng của bảng là một câu), tối đa {MAX_QUESTIONS}.",
                f"There are {asked} questions (each row of a matrix counts), the limit is "
                f"{MAX_QUESTIONS}.",
            ),
            Words("Hãy bớt câu hỏi hoặc chia phiếu.", "Ask less, or make two forms."),
        )


def _check_section(look: Look, entry: object, place: Place, count: int) -> int:
    section = look.mapping(entry, place, "section")
    if not section:
        return count
    name = look.identifier(section, "id", place)
    if name is not None:
        look.once(name, (*place, "id"), look.names, "duplicate-id")
        claim(look, order_columns(section, name), name, place)
    check_texts(look, section, "section", place, count)
    if "show_if" in section:
        check_conditions(look, section["show_if"], (*place, "show_if"), count)
    before, loose = count, "order" in section
    names = [plain_text(q.get("id")) or "" for q in mappings_of(section.get("questions"))]
    check_order(look, section, names, place)
    for question, inner in look.each(section.get("questions", []), (*place, "questions")):
        check_question(look, question, inner, count, before if loose else None)
        count += 1
    if count == before:
        look.say(
            "no-questions",
            place,
            Words("Phần này không có câu hỏi.", "This section has no questions."),
            Words("Hãy thêm câu hỏi hoặc bỏ phần này.", "Add questions, or drop the section."),
        )
    return count
