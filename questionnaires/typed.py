"""What a person types: numbers, dates and texts, when they can be taken, and what is said if not.

The page says the same words as the server: both take them from ``faults_of``. Nothing that came
from outside is converted before its form is known to be right.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from functools import lru_cache
from typing import NamedTuple

from intake.findings import Words
from questionnaires.questions import Question

_NUMBER = re.compile(r"(-?)([0-9]{1,9})(?:[.,]([0-9]{1,2}))?")
# A day as it is written here, as eight digits, or as browsers send it.
_DAY = re.compile(r"([0-9]{1,2})([/. -])([0-9]{1,2})\2([12][0-9]{3})")
_DIGITS = re.compile(r"([0-9]{2})()([0-9]{2})([12][0-9]{3})")
_ISO = re.compile(r"[12][0-9]{3}-[0-9]{2}-[0-9]{2}")


class Number(NamedTuple):
    """A number that was typed.

    ``text`` is its plain form (``12.5``), by which conditions know it; ``units`` counts it in
    units of 10 to the power of minus the question's ``decimals``.
    """

    text: str
    units: int


def number_of(question: Question, raw: str) -> Number | str:
    """Return the number in a text, or the code of what is wrong with it.

    Examples
    --------
    >>> from questionnaires.texts import Text
    >>> number_of(Question("n", "number", Text({"vi": "Số"}), decimals=1), "012,50")
    'not-a-number'
    >>> number_of(Question("n", "number", Text({"vi": "Số"}), decimals=2), "012,50")
    Number(text='12.5', units=1250)
    """
    found = _NUMBER.fullmatch(raw.strip(" "))
    if not found or len(found[3] or "") > question.decimals:
        return "not-a-number"
    sign, whole, part = found[1], str(int(found[2])), found[3] or ""
    units = int(whole + part.ljust(question.decimals, "0"))
    low, high = bounds_of(question)
    # A negative number would be taken for the reason of a missing answer.
    if (sign and units) or units < (low or 0):
        return "below-minimum"
    if high is not None and units > high:
        return "above-maximum"
    part = part.rstrip("0")
    return Number(f"{whole}.{part}" if part else whole, units)


def bounds_of(question: Question) -> tuple[int, int | None]:
    """Return the least and the greatest number that can be given, in the question's units."""
    scale = 10**question.decimals
    high = None if question.max is None else int(question.max * scale)
    return max(int((question.min or 0) * scale), 0), high


def date_of(question: Question, raw: str) -> date | str:
    """Return the date in a text (``31/3/2026``, ``31032026``, ``2026-03-31``), or what is wrong."""
    raw = raw.strip(" ")
    found = _DAY.fullmatch(raw) or _DIGITS.fullmatch(raw)
    try:
        if found:
            day = date(int(found[4]), int(found[3]), int(found[1]))
        elif _ISO.fullmatch(raw):
            day = date.fromisoformat(raw)
        else:
            return "not-a-date"
    except ValueError:
        return "not-a-date"
    if question.earliest and day < question.earliest:
        return "before-earliest"
    return "after-latest" if question.latest and day > question.latest else day


@lru_cache(maxsize=512)
def faults_of(question: Question) -> Mapping[str, Words]:
    """Return what can be said of a number or a date that cannot be taken, by code."""
    if question.type == "number":
        low, high = question.min or 0, question.max
        return {
            "not-a-number": _not_a_number(question.decimals),
            "below-minimum": Words(
                f"Xin nhập số từ {_written(low, ',')} trở lên.",
                f"Please enter {_written(low, '.')} or more.",
            ),
        } | (
            {}
            if high is None
            else {
                "above-maximum": Words(
                    f"Xin nhập số không quá {_written(high, ',')}.",
                    f"Please enter {_written(high, '.')} or less.",
                )
            }
        )
    faults = {"not-a-date": _NOT_A_DATE}
    if question.earliest:
        day = f"{question.earliest:%d/%m/%Y}"
        faults["before-earliest"] = Words(
            f"Xin nhập ngày từ {day} trở đi.", f"Please enter {day} or a later date."
        )
    if question.latest:
        day = f"{question.latest:%d/%m/%Y}"
        faults["after-latest"] = Words(
            f"Xin nhập ngày không sau {day}.", f"Please enter {day} or an earlier date."
        )
    return faults


def too_long(limit: int, length: int | None = None) -> Words:
    """Return what is said of a text of a length; ``{n}`` stands for a length not yet known."""

    def grouped(number: int | None, separator: str) -> str:
        return "{n}" if number is None else f"{number:,}".replace(",", separator)

    return Words(
        f"Ô này nhận tối đa {grouped(limit, '.')} ký tự; "
        f"nội dung hiện có {grouped(length, '.')} ký tự. Xin rút ngắn bớt.",
        f"This field takes up to {grouped(limit, ',')} characters; "
        f"the text has {grouped(length, ',')}. Please shorten it.",
    )


def forbidden(character: str | None = None) -> Words:
    """Return what is said of a text with such a character; ``{bad}`` where it is not known yet."""
    bad = character or "{bad}"
    return Words(
        f"Nội dung có ký tự mà hệ thống không lưu được ({bad}). Xin xóa ký tự đó hoặc gõ lại.",
        f"The text holds a character that cannot be stored ({bad}). "
        "Please delete it or type the text again.",
    )


ANSWER_MISSING = Words(
    "Câu này cần có câu trả lời để phiếu được ghi nhận. Xin chọn hoặc điền câu trả lời.",
    "This question needs an answer before the form can be counted. Please answer it.",
)


def _written(number: Decimal | int, point: str) -> str:
    return f"{number}".replace(".", point)


def _not_a_number(decimals: int) -> Words:
    if not decimals:
        return Words(
            "Xin nhập một số bằng chữ số, không có dấu cách hay dấu chấm, ví dụ 3.",
            "Please enter a number in digits without spaces or points, for example 3.",
        )
    example = "5" * decimals
    return Words(
        "Xin nhập một số bằng chữ số, không có dấu cách, "
        f"nhiều nhất {decimals} chữ số sau dấu phẩy, ví dụ 3,{example}.",
        "Please enter a number in digits without spaces, "
        f"at most {decimals} after the decimal point, for example 3.{example}.",
    )


_NOT_A_DATE = Words(
    "Xin nhập ngày theo dạng ngày/tháng/năm, ví dụ 31/03/2026.",
    "Please enter the date as day/month/year, for example 31/03/2026.",
)
