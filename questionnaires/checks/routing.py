"""The road through a form: what conditions and jumps may refer to, and whether all is reached."""

from __future__ import annotations

import re
from collections.abc import Iterator

from intake.documents import Document, path_text
from intake.findings import Faults, Finding, Words
from questionnaires.checks.bounds import can_be_given
from questionnaires.checks.columns import row_columns
from questionnaires.checks.entries import Look, Place, mappings_of, plain_text
from questionnaires.checks.options import values_offered
from questionnaires.model import Questionnaire
from questionnaires.parts import END
from questionnaires.piping import PIPED_TYPES
from questionnaires.questions import APART_TYPES, OPTION_TYPES
from questionnaires.routing import unmet_questions

MAX_VALUES = 200
"""How many values a condition may list."""
MAX_JUMPS = 60

_PLAIN_NUMBER = re.compile(r"(0|[1-9][0-9]{0,8})(\.[0-9]?[1-9])?")


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
            _target(look, plain_text(_section(look, place).get("id")), count)
        name = plain_text(question.get("id"))
        if name is None:
            continue
        _target(look, name, count)
        if "order" in _section(look, place):
            look.loose.add(name)
        _gather_answers(look, question, name, count)
    look.targets.setdefault(END, count + 1)


def _gather_answers(look: Look, question: dict[str, object], name: str, position: int) -> None:
    """Note by which fields conditions and texts may ask for the answer to a question."""
    kind = plain_text(question.get("type"))
    fields = row_columns(question, name) if kind == "matrix" else [name]
    for field in fields:
        if kind in OPTION_TYPES:
            look.answers.setdefault(field, (position, values_offered(look, question)))
        elif kind == "number":
            look.answers.setdefault(field, (position, None))
            look.numbers.setdefault(field, question)
        if kind in PIPED_TYPES and (kind != "text" or _is_short(question)):
            look.piped.setdefault(field, position)
    if kind in APART_TYPES and mappings_of(question.get("options")):
        reasons = [
            plain_text(option.get("value")) or ""
            for option in mappings_of(question.get("options"))
            if option.get("missing")
        ]
        look.answers.setdefault(f"{name}.missing", (position, reasons))


def _is_short(question: dict[str, object]) -> bool:
    return question.get("lines") == 1 and question.get("feedback") is not True


def _section(look: Look, place: Place) -> dict[str, object]:
    """Return the section of the question at a place; empty where there is none."""
    root = look.document.value
    sections = root.get("sections") if isinstance(root, dict) else None
    if place[0] != "sections" or not isinstance(sections, list):
        return {}
    section = sections[int(place[1])]
    return section if isinstance(section, dict) else {}


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
        if len(values) > MAX_VALUES:
            _say_too_many(look, "too-many-values", inner, len(values), MAX_VALUES)
            continue
        for text in values:
            if offered is None and not _PLAIN_NUMBER.fullmatch(text):
                look.refer("unknown-condition-value", text, inner, ["0", "1", "2"])
            elif offered is None and not can_be_given(text, look.numbers[name]):
                look.say(
                    "unknown-condition-value",
                    inner,
                    Words(
                        f"Câu “{name}” không nhận số {text.replace('.', ',')}.",
                        f"The question '{name}' does not take the number {text}.",
                    ),
                    Words(
                        "Hãy sửa số này, hoặc min, max, decimals của câu đó.",
                        "Change the number, or min, max, decimals of that question.",
                    ),
                )
            elif offered is not None and text not in offered:
                look.refer("unknown-condition-value", text, inner, offered)


def check_goto(look: Look, value: object, place: Place, position: int, *, loose: bool) -> None:
    """Look at the jumps after the question at a position; they may lead forward only.

    ``loose`` says that the question stands in random order, where no jump can start.
    """
    if loose:
        _say_loose(look, place)
    if isinstance(value, list) and len(value) > MAX_JUMPS:
        _say_too_many(look, "too-many-jumps", place, len(value), MAX_JUMPS)
        return
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
        if name in look.loose:
            _say_loose(look, (*inner, "to"))
        elif name not in look.targets:
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


def _say_too_many(look: Look, code: str, place: Place, count: int, limit: int) -> None:
    look.say(
        code,
        place,
        Words(
            f"Ở đây có {count} mục, tối đa {limit}.",
            f"There are {count} entries here, the limit is {limit}.",
        ),
        Words("Hãy gộp hoặc bớt đi.", "Join some of them."),
    )


def _say_loose(look: Look, place: Place) -> None:
    look.say(
        "jump-in-random-order",
        place,
        Words(
            "Không nhảy từ hoặc tới một câu nằm trong phần xáo thứ tự.",
            "No jump starts at, or leads to, a question that stands in random order.",
        ),
        Words(
            "Hãy nhảy tới cả phần, hoặc bỏ order của phần.",
            "Jump to the whole section, or leave out the order of the section.",
        ),
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
