"""The options that a question offers, and the scales that questions share."""

from __future__ import annotations

import re

from intake.findings import Words
from intake.text import folded
from questionnaires.checks.entries import Look, Place, mappings_of, plain_text
from questionnaires.checks.wording import check_texts
from questionnaires.parts import MISSING_CODES
from questionnaires.questions import APART_TYPES
from questionnaires.texts import MAIN_LANGUAGE

MAX_OPTIONS = 60
VALUE_LIMIT = 40

_VALUE = re.compile(r"^\S+$")


def numbered_scale(question: dict[str, object]) -> range | None:
    """Return the steps of a scale that is given by its ends alone, as in ``min: 1, max: 5``."""
    low, high = question.get("min"), question.get("max")
    if question.get("type") != "scale" or "options" in question or "scale" in question:
        return None
    if isinstance(low, int) and isinstance(high, int) and 0 <= low < high <= low + MAX_OPTIONS - 1:
        return range(low, high + 1)
    return None


def values_offered(look: Look, question: dict[str, object]) -> list[str]:
    """Return the values that the question offers by its own options, a scale or its ends."""
    steps = numbered_scale(question)
    if steps is not None:
        return [str(step) for step in steps]
    scale = plain_text(question.get("scale"))
    if scale is not None and "options" not in question:
        return look.scales.get(scale, [])
    apart = question.get("type") in APART_TYPES
    texts = [
        plain_text(option.get("value"))
        for option in mappings_of(question.get("options"))
        if not (apart and option.get("missing"))
    ]
    return [text for text in texts if text is not None]


def check_options(look: Look, value: object, place: Place) -> list[str]:
    """Look at a list of options; return the values it offers."""
    values: list[str] = []
    seen: dict[str, Place] = {}
    for entry, inner in look.each(value, place):
        option = look.mapping(entry, inner, "option")
        if not option:
            continue
        if look.needed(option, "value", inner):
            text = _checked_value(look, option["value"], (*inner, "value"))
            if text is not None:
                look.once(text, (*inner, "value"), seen, "duplicate-option")
                values.append(text)
        look.needed(option, "label", inner)
        check_texts(look, option, "option", inner)
        for key in ("exclusive", "specify", "fixed"):
            if key in option:
                look.switch(option[key], (*inner, key))
        missing = option.get("missing", True)
        # A list cannot be looked up among the reasons, so they are compared one by one.
        if not isinstance(missing, bool) and missing not in [*MISSING_CODES]:
            look.refer(
                "unknown-missing-reason", str(missing), (*inner, "missing"), [*MISSING_CODES]
            )
    _check_told_apart(look, value, place)
    if isinstance(value, list) and not value:
        look.say(
            "options-missing",
            place,
            Words("Danh sách phương án trống.", "The list of options is empty."),
            Words("Hãy thêm phương án.", "Add options."),
        )
    if isinstance(value, list) and len(value) > MAX_OPTIONS:
        look.say(
            "too-many-options",
            place,
            Words(
                f"Có {len(value)} phương án, tối đa {MAX_OPTIONS}.",
                f"There are {len(value)} options, the limit is {MAX_OPTIONS}.",
            ),
            Words("Hãy gộp bớt phương án.", "Join some of them."),
        )
    return values


def _check_told_apart(look: Look, value: object, place: Place) -> None:
    """Warn of options that read the same, which nobody can choose between."""
    seen: dict[str, int] = {}
    for at, option in enumerate(mappings_of(value)):
        label = option.get("label")
        words = plain_text(label.get(MAIN_LANGUAGE)) if isinstance(label, dict) else None
        if words and seen.setdefault(folded(words.strip()), at) != at:
            look.say(
                "same-label",
                (*place, at, "label"),
                Words(
                    f"Hai phương án cùng ghi “{words[:60]}”.", f"Two options read '{words[:60]}'."
                ),
                Words("Hãy viết khác nhau hoặc bỏ một.", "Word them apart, or drop one."),
                "warning",
            )


def _checked_value(look: Look, value: object, place: Place) -> str | None:
    text = look.word(value, place)
    if text is None or (_VALUE.match(text) and len(text) <= VALUE_LIMIT):
        return text
    look.say(
        "bad-option-value",
        place,
        Words(f"Giá trị “{text[:60]}” không hợp lệ.", f"The value '{text[:60]}' is not valid."),
        Words(
            f"Dùng tối đa {VALUE_LIMIT} ký tự, không có dấu cách, ví dụ 1, 2, 3.",
            f"Use at most {VALUE_LIMIT} characters without blanks, such as 1, 2, 3.",
        ),
    )
    return None
