"""The road through a form: what conditions and jumps may refer to, and whether all is reached."""

from __future__ import annotations

import re
from collections.abc import Iterator

from intake.documents import Document, path_text
from intake.findings import Faults, Finding, Words
from questionnaires.checks.columns import row_columns
from questionnaires.checks.entries import Look, Place, plain_text
from questionnaires.checks.options import values_offered
from questionnaires.model import Questionnaire
from questionnaires.questions import END, OPTION_TYPES
from questionnaires.routing import unmet_questions


def values_of(value: object) -> tuple[str, ...] | None:
    """Return the values a condition names, one or a list of them; None when it names none."""
    listed = value if isinstance(value, list) else [value]
    texts = [plain_text(one) for one in listed]
    known = [text for text in texts if text is not None]
    return tuple(known) if known and len(known) == len(texts) else None


def questions_of(root: object) -> Iterator[tuple[Place, dict[str, object]]]:
    """Yield every question that is a mapping, with its place, in order."""
    if not isinstance(root, dict):
        return
    lists: list[tuple[Place, object]] = [(("questions",), root.get("questions"))]
    sections = root.get("sections")
    for number, section in enumerate(sections if isinstance(sections, list) else []):
        if isinstance(section, dict):
            lists.append((("sections", number, "questions"), section.get("questions")))
    for place, listed in lists:
        for number, question in enumerate(listed if isinstance(listed, list) else []):
            if isinstance(question, dict):
                yield (*place, number), question


def gather_targets(look: Look) -> None:
    """Note what conditions and jumps may refer to: ids, positions, values."""
    count = -1
    for count, (place, question) in enumerate(questions_of(look.document.value)):
        if place[0] == "sections" and place[3] == 0:
            _target(look, _section_id(look, int(place[1])), count)
        name = plain_text(question.get("id"))
        if name is None:
            continue
        _target(look, name, count)
        kind = plain_text(question.get("type"))
        if kind == "matrix":
            for column in row_columns(question, name):
                look.answers.setdefault(column, (count, values_offered(look, question)))
        elif kind in OPTION_TYPES:
            look.answers.setdefault(name, (count, values_offered(look, question)))
        elif kind == "number":
            look.answers.setdefault(name, (count, None))
    look.targets.setdefault(END, count + 1)


def _section_id(look: Look, number: int) -> str | None:
    root = look.document.value
    sections = root.get("sections") if isinstance(root, dict) else None
    section = sections[number] if isinstance(sections, list) else None
    return plain_text(section.get("id")) if isinstance(section, dict) else None


def _target(look: Look, name: str | None, position: int) -> None:
    if name is not None:
        look.targets.setdefault(name, position)


def check_conditions(look: Look, value: object, place: Place, before: int) -> None:
    """Look at conditions; they may ask for questions at positions below ``before`` only."""
    if not isinstance(value, dict) or not value:
        look.shape(place, "điều kiện “câu: giá trị”", "conditions: {question: value}")
        return
    for name, wanted in value.items():
        inner = (*place, name)
        if name not in look.answers:
            look.refer("unknown-condition-question", name, inner, list(look.answers))
            continue
        position, offered = look.answers[name]
        if position >= before:
            look.say(
                "backward-condition",
                inner,
                Words(
                    f"Điều kiện hỏi câu “{name}”, nhưng câu đó chưa được hỏi tới.",
                    f"The condition asks for '{name}', which has not been asked yet.",
                ),
                Words("Chỉ dùng những câu đứng trước.", "Refer to earlier questions only."),
            )
        values = values_of(wanted)
        if values is None:
            look.shape(inner, "một giá trị hoặc danh sách giá trị", "a value or a list of them")
            continue
        for text in values:
            if offered is None and not re.fullmatch(r"0|[1-9][0-9]{0,8}", text):
                look.refer("unknown-condition-value", text, inner, ["0", "1", "2"])
            elif offered is not None and text not in offered:
                look.refer("unknown-condition-value", text, inner, offered)


def check_goto(look: Look, value: object, place: Place, position: int) -> None:
    """Look at the jumps after the question at a position; they may lead forward only."""
    for entry, inner in look.each(value, place):
        jump = look.mapping(entry, inner, "goto")
        if not jump:
            continue
        if "when" in jump:
            check_conditions(look, jump["when"], (*inner, "when"), position + 1)
        if not look.needed(jump, "to", inner):
            continue
        name = look.word(jump["to"], (*inner, "to"))
        if name is None:
            continue
        if name not in look.targets:
            look.refer("unknown-target", name, (*inner, "to"), list(look.targets))
        elif look.targets[name] <= position:
            look.say(
                "backward-goto",
                (*inner, "to"),
                Words(
                    f"“{name}” không đứng sau câu này.",
                    f"'{name}' does not come after this question.",
                ),
                Words("Chỉ nhảy tới phía trước.", "Jump forward only."),
            )


def check_reachable(questionnaire: Questionnaire, document: Document) -> list[Finding]:
    """Return a finding for every question that no answers lead to; an error if it is required."""
    faults = Faults(document.file)
    unmet = unmet_questions(questionnaire)
    if unmet is None:
        faults.add(
            "reachability-not-checked",
            Words(
                "Có quá nhiều điều kiện nên không kiểm tra được câu nào không thể tới.",
                "There are too many conditions to see whether every question can be reached.",
            ),
            Words(
                "Hãy bớt điều kiện, hoặc tự kiểm tra đường đi.",
                "Use fewer conditions, or check the routes by hand.",
            ),
            row=document.line(()),
            severity="warning",
        )
    places = {
        plain_text(question.get("id")): place for place, question in questions_of(document.value)
    }
    for question in unmet or ():
        place = places.get(question.id, ())
        faults.add(
            "required-unreachable" if question.required else "question-unreachable",
            Words(
                f"Không câu trả lời nào dẫn tới câu “{question.id}”.",
                f"No answers lead to the question '{question.id}'.",
            ),
            Words(
                "Hãy sửa show_if của câu này hoặc goto của các câu trước.",
                "Mend its show_if, or the goto of the questions before it.",
            ),
            row=document.line(place),
            path=path_text(place),
            severity="error" if question.required else "warning",
        )
    return faults.findings
