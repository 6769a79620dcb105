"""The bounds of numbers, dates and texts, as they may be written in a file."""

from __future__ import annotations

import re
from datetime import date
from decimal import Decimal

from intake.findings import Words
from questionnaires.checks.entries import Look, Place
from questionnaires.parts import TEXT_LIMIT
from questionnaires.questions import MAX_DECIMALS

MAX_LINES = 20

_ISO = re.compile(r"[12][0-9]{3}-[0-9]{2}-[0-9]{2}")


def number_of(value: object) -> Decimal | int | None:
    """Return a number as it is written in a file, 0.1 as exactly that."""
    if isinstance(value, bool):
        return None
    if isinstance(value, float):
        return Decimal(str(value))
    return value if isinstance(value, int) else None


def day_of(value: object) -> date | None:
    """Return the day of a text such as ``2026-03-31``; None when there is no such day."""
    try:
        return (
            date.fromisoformat(value) if isinstance(value, str) and _ISO.fullmatch(value) else None
        )
    except ValueError:
        return None


def can_be_given(text: str, question: dict[str, object]) -> bool:
    """Tell whether a number, written as in conditions, is an answer to a question for numbers."""
    low, high = (number_of(question.get(key)) for key in ("min", "max"))
    decimals = question.get("decimals")
    value = Decimal(text)
    return (
        (low is None or value >= low)
        and (high is None or value <= high)
        and len(text.partition(".")[2]) <= (decimals if isinstance(decimals, int) else 0)
    )


def check_bounds(look: Look, question: dict[str, object], kind: str | None, place: Place) -> None:
    """Look at the bounds of a question."""
    for key, low, high in (
        ("decimals", 0, MAX_DECIMALS),
        ("lines", 1, MAX_LINES),
        ("max_length", 1, 10**9 - 1),
    ):
        if key in question:
            look.whole(question[key], (*place, key), low, high)
    bound = _day if kind == "date" else _number
    found = [bound(look, question, key, place) for key in ("min", "max") if key in question]
    if len(found) == 2 and None not in found and found[0] > found[1]:  # type: ignore[operator]
        low_text, high_text = question["min"], question["max"]
        look.say(
            "min-above-max",
            (*place, "min"),
            Words(
                f"min {low_text} lớn hơn max {high_text}.",
                f"min {low_text} is above max {high_text}.",
            ),
            Words("Hãy sửa một trong hai giá trị.", "Change one of the two."),
        )
    length = number_of(question.get("max_length"))
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


def _number(
    look: Look, question: dict[str, object], key: str, place: Place
) -> Decimal | int | None:
    """Return a bound of a number, with no more decimals than the question has."""
    value = number_of(question[key])
    decimals = question.get("decimals")
    several = isinstance(decimals, int) and 1 <= decimals <= MAX_DECIMALS
    if not isinstance(value, Decimal) or not isinstance(decimals, int) or not several:
        # A negative number would be taken for the reason of a missing answer.
        return look.whole(question[key], (*place, key), 0)
    if 0 <= value <= 10**9 - 1 and value == round(value, decimals):
        return value
    look.say(
        "bad-number",
        (*place, key),
        Words(
            f"Ở đây cần một số không âm, nhiều nhất {decimals} chữ số thập phân.",
            f"This must be a number of zero or more with at most {decimals} decimals.",
        ),
        Words("Hãy viết như 0.5.", "Write it like 0.5."),
    )
    return None


def _day(look: Look, question: dict[str, object], key: str, place: Place) -> date | None:
    day = day_of(question[key])
    if day is None:
        look.say(
            "bad-date",
            (*place, key),
            Words("Ở đây cần một ngày có thật.", "This must be a day of the calendar."),
            Words("Hãy viết như 2026-03-31.", "Write it like 2026-03-31."),
        )
    return day
