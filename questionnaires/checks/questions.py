"""One question of a form: its type, what can be answered to it, and the factor it belongs to."""

from __future__ import annotations

from intake.findings import Words
from questionnaires.checks.bounds import check_bounds
from questionnaires.checks.columns import check_columns
from questionnaires.checks.entries import Look, Place, mappings_of, plain_text
from questionnaires.checks.options import check_options, numbered_scale
from questionnaires.checks.orders import check_order, moving_options
from questionnaires.checks.routing import check_conditions, check_goto
from questionnaires.checks.wording import check_texts
from questionnaires.parts import MISSING_CODES
from questionnaires.questions import APART_TYPES, OPTION_TYPES, SHUFFLED_TYPES, TYPES

BELONGS = {
    "options": OPTION_TYPES | APART_TYPES,
    "scale": OPTION_TYPES,
    "rows": {"matrix"},
    "code": {"matrix"},
    "min": {"number", "scale", "date"},
    "max": {"number", "scale", "date"},
    "decimals": {"number"},
    "max_length": {"text"},
    "lines": {"text"},
    "order": SHUFFLED_TYPES,
    "factor": {"single", "scale", "matrix"},
    "reverse": {"single", "scale", "matrix"},
    "feedback": {"text"},
}
"""Keys that mean something for some types of question only."""


def check_question(
    look: Look, entry: object, place: Place, position: int, before: int | None = None
) -> None:
    """Look at one question; ``position`` counts the questions before it.

    ``before`` counts those that are certainly asked before it: fewer in random order.
    """
    before = position if before is None else before
    question = look.mapping(entry, place, "question")
    if not question:
        return
    name = look.identifier(question, "id", place)
    unique = name is not None and look.once(name, (*place, "id"), look.names, "duplicate-id")
    kind = _checked_type(look, question, place)
    look.needed(question, "label", place)
    check_texts(look, question, "question", place, before)
    for key in ("sensitive", "reverse", "feedback"):
        if key in question:
            look.switch(question[key], (*place, key))
    if question.get("required", "soft") != "soft" and not isinstance(question["required"], bool):
        look.shape((*place, "required"), "true, soft hoặc false", "true, soft or false")
    if kind is not None:
        _check_misplaced(look, question, kind, place)
        _check_answer(look, question, kind, place, before)
    check_bounds(look, question, kind, place)
    if "factor" in question:
        _check_factor(look, question["factor"], (*place, "factor"))
    if "show_if" in question:
        check_conditions(look, question["show_if"], (*place, "show_if"), before)
    if "goto" in question:
        check_goto(look, question["goto"], (*place, "goto"), position, loose=name in look.loose)
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
    comment = question.get("feedback") is True
    for key, kinds in BELONGS.items():
        if key in question and (kind not in kinds or (comment and key == "options")):
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


def _check_answer(
    look: Look, question: dict[str, object], kind: str, place: Place, before: int
) -> None:
    """Look at what can be answered: options or scale, rows, in which order."""
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
    if kind not in OPTION_TYPES:
        _check_reasons(look, question, place)
    elif _offers_reasons_only(question):
        look.say(
            "reasons-only",
            (*place, "options"),
            Words(
                "Mọi phương án đều là lý do không trả lời.",
                "Every option is a reason for giving no answer.",
            ),
            Words("Hãy thêm phương án trả lời.", "Add options that answer the question."),
        )
    if kind == "matrix":
        _check_rows(look, question, place, before)
    if kind in SHUFFLED_TYPES:
        rows = [plain_text(row.get("id")) or "" for row in mappings_of(question.get("rows"))]
        check_order(look, question, rows if kind == "matrix" else moving_options(question), place)


def _offers_reasons_only(question: dict[str, object]) -> bool:
    options = mappings_of(question.get("options"))
    return bool(options) and all(option.get("missing") in [*MISSING_CODES] for option in options)


def _check_reasons(look: Look, question: dict[str, object], place: Place) -> None:
    """Look at the options beside a number, a date or a text: reasons for giving none."""
    for number, option in enumerate(mappings_of(question.get("options"))):
        if not option.get("missing"):
            look.say(
                "option-not-missing",
                (*place, "options", number),
                Words(
                    "Bên cạnh ô số, ngày hay văn bản chỉ có lý do không trả lời.",
                    "Beside a number, a date or a text there are reasons for no answer only.",
                ),
                Words(
                    "Hãy thêm missing: dont_know hoặc refused, hoặc bỏ phương án.",
                    "Add missing: dont_know or refused, or leave the option out.",
                ),
            )


def _check_rows(look: Look, question: dict[str, object], place: Place, before: int) -> None:
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
        look.needed(row, "label", inner)
        check_texts(look, row, "row", inner, before)
        if "factor" in row:
            _check_factor(look, row["factor"], (*inner, "factor"))
    if not question.get("rows"):
        look.say(
            "rows-missing",
            place,
            Words("Bảng hỏi không có dòng.", "The matrix has no rows."),
            Words("Hãy thêm rows.", "Add rows."),
        )


def _check_factor(look: Look, value: object, place: Place) -> None:
    code = look.word(value, place)
    if code is None:
        return
    look.used_factors.add(code)
    if look.factors is not None and code not in look.factors:
        look.refer("unknown-factor", code, place, list(look.factors))
