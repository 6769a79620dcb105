"""One question of a form: its type, what can be answered to it, and the factor it belongs to."""

from __future__ import annotations

from intake.findings import Words
from questionnaires.checks.columns import check_columns
from questionnaires.checks.entries import Look, Place
from questionnaires.checks.options import check_options, numbered_scale
from questionnaires.checks.routing import check_conditions, check_goto
from questionnaires.questions import OPTION_TYPES, TEXT_LIMIT, TYPES

BELONGS = {
    "options": OPTION_TYPES,
    "scale": OPTION_TYPES,
    "rows": {"matrix"},
    "code": {"matrix"},
    "min": {"number", "scale"},
    "max": {"number", "scale"},
    "max_length": {"text"},
    "factor": {"single", "scale", "matrix"},
    "reverse": {"single", "scale", "matrix"},
    "feedback": {"text"},
}
"""Keys that mean something for some types of question only."""


def check_question(look: Look, entry: object, place: Place, position: int) -> None:
    """Look at one question; ``position`` counts the questions before it."""
    question = look.mapping(entry, place, "question")
    if not question:
        return
    name = look.identifier(question, "id", place)
    unique = name is not None and look.once(name, (*place, "id"), look.names, "duplicate-id")
    kind = _checked_type(look, question, place)
    if look.needed(question, "label", place):
        look.text(question["label"], (*place, "label"))
    if "hint" in question:
        look.text(question["hint"], (*place, "hint"))
    for key in ("required", "sensitive", "reverse", "feedback"):
        if key in question:
            look.switch(question[key], (*place, key))
    if kind is not None:
        _check_misplaced(look, question, kind, place)
        _check_answer(look, question, kind, place)
    _check_bounds(look, question, place)
    if "factor" in question:
        _check_factor(look, question["factor"], (*place, "factor"))
    if "show_if" in question:
        check_conditions(look, question["show_if"], (*place, "show_if"), position)
    if "goto" in question:
        check_goto(look, question["goto"], (*place, "goto"), position)
    if unique and name is not None and kind is not None:
        check_columns(look, question, kind, name, place)


def _checked_type(look: Look, question: dict[str, object], place: Place) -> str | None:
    if not look.needed(question, "type", place):
        return None
    kind = question["type"]
    if isinstance(kind, str) and kind in TYPES:
        return kind
    look.say(
        "unknown-type",
        (*place, "type"),
        Words(f"Không có loại câu hỏi “{kind}”.", f"There is no type '{kind}'."),
        Words(f"Dùng: {', '.join(TYPES)}.", f"Use: {', '.join(TYPES)}."),
    )
    return None


def _check_misplaced(look: Look, question: dict[str, object], kind: str, place: Place) -> None:
    for key, kinds in BELONGS.items():
        if key in question and kind not in kinds:
            look.say(
                "misplaced-key",
                (*place, key),
                Words(
                    f"“{key}” không có tác dụng với loại {kind}.",
                    f"'{key}' means nothing for the type {kind}.",
                ),
                Words("Hãy bỏ khóa này.", "Leave it out."),
                "warning",
            )


def _check_answer(look: Look, question: dict[str, object], kind: str, place: Place) -> None:
    """Look at what can be answered: options or scale, rows."""
    if "scale" in question:
        scale = look.word(question["scale"], (*place, "scale"))
        if scale is not None and scale not in look.scales:
            look.refer("unknown-scale", scale, (*place, "scale"), list(look.scales))
    if "options" in question:
        check_options(look, question["options"], (*place, "options"))
    elif kind in OPTION_TYPES and "scale" not in question and numbered_scale(question) is None:
        look.say(
            "options-missing",
            place,
            Words("Câu hỏi không có phương án trả lời.", "The question has no options."),
            Words("Hãy thêm options hoặc scale.", "Add options, or name a scale."),
        )
    if kind == "matrix":
        _check_rows(look, question, place)


def _check_rows(look: Look, question: dict[str, object], place: Place) -> None:
    if "code" in question:
        look.identifier(question, "code", place)
    seen: dict[str, Place] = {}
    for entry, inner in look.each(question.get("rows", []), (*place, "rows")):
        row = look.mapping(entry, inner, "row")
        if not row:
            continue
        name = look.identifier(row, "id", inner)
        if name is not None:
            look.once(name, (*inner, "id"), seen, "duplicate-id")
        if look.needed(row, "label", inner):
            look.text(row["label"], (*inner, "label"))
        if "factor" in row:
            _check_factor(look, row["factor"], (*inner, "factor"))
    if not question.get("rows"):
        look.say(
            "rows-missing",
            place,
            Words("Bảng hỏi không có dòng.", "The matrix has no rows."),
            Words("Hãy thêm rows.", "Add rows."),
        )


def _check_bounds(look: Look, question: dict[str, object], place: Place) -> None:
    # A negative number would be taken for the reason of a missing answer.
    numbers = {
        key: look.whole(question[key], (*place, key), low)
        for key, low in (("min", 0), ("max", 0), ("max_length", 1))
        if key in question
    }
    low, high = numbers.get("min"), numbers.get("max")
    if low is not None and high is not None and low > high:
        look.say(
            "min-above-max",
            (*place, "min"),
            Words(f"min {low} lớn hơn max {high}.", f"min {low} is above max {high}."),
            Words("Hãy sửa một trong hai số.", "Change one of the two."),
        )
    length = numbers.get("max_length")
    if length is not None and length > TEXT_LIMIT:
        look.say(
            "max-length-too-large",
            (*place, "max_length"),
            Words(
                f"Văn bản mở nhận tối đa {TEXT_LIMIT} ký tự.",
                f"An open text holds {TEXT_LIMIT} characters at most.",
            ),
            Words(f"Dùng số không quá {TEXT_LIMIT}.", f"Use {TEXT_LIMIT} or less."),
        )


def _check_factor(look: Look, value: object, place: Place) -> None:
    code = look.word(value, place)
    if code is None:
        return
    look.used_factors.add(code)
    if look.factors is not None and code not in look.factors:
        look.refer("unknown-factor", code, place, list(look.factors))
