"""What the tools of this package take: counts, rhythms, starts; anything else is refused."""

from __future__ import annotations

import math
import re
from fractions import Fraction
from numbers import Rational, Real

from intake.findings import DesignError, Words

MOST_VISITS = 10_000_000  # as many as a size in a frame may be
_NUMBER = re.compile(r"^-?[0-9]{1,18}(\.[0-9]{1,18}|/0*[1-9][0-9]{0,17})?$")


def whole(value: object, path: str, *, least: int = 0, most: int = MOST_VISITS) -> int:
    """Return a count as a whole number between ``least`` and ``most``, or refuse it."""
    number = exact(value)
    if number is not None and number.denominator == 1 and least <= number <= most:
        return int(number)
    raise DesignError.of(
        "visits-count-invalid",
        f"“{_shown(value)}” không phải số nguyên từ {least} đến {most}.",
        f"'{_shown(value)}' is not a whole number from {least} to {most}.",
        f"Số gần nhất dùng được là {_nearest(number, least, most)}.",
        f"The nearest that can be used is {_nearest(number, least, most)}.",
        path=path,
    )


def share(value: object, path: str) -> Fraction:
    """Return a share above 0 and at most 1, or refuse it."""
    number = exact(value)
    if number is not None and 0 < number <= 1:
        return number
    raise DesignError.of(
        "visits-share-invalid",
        f"“{_shown(value)}” không phải tỷ lệ lớn hơn 0 và không quá 1.",
        f"'{_shown(value)}' is not a share above 0 and at most 1.",
        "Viết 0.9 cho 90%.",
        "Write 0.9 for 90%.",
        path=path,
    )


def step(value: object, path: str = "k") -> Fraction:
    """Return a rhythm k, a number of at least 1, or refuse it."""
    number = exact(value)
    if number is not None and 1 <= number <= MOST_VISITS:
        return number
    raise DesignError.of(
        "visits-rhythm-invalid",
        f"“{_shown(value)}” không phải bước k: cần một số từ 1 đến {MOST_VISITS}.",
        f"'{_shown(value)}' is not a rhythm k: a number from 1 to {MOST_VISITS} is needed.",
        "k = 1 là mọi giao dịch; k = 14 là cứ 14 giao dịch lấy một.",
        "k = 1 takes every transaction, k = 14 every fourteenth.",
        path=path,
    )


def first(value: object, k: Fraction, path: str = "start") -> Fraction:
    """Return a start above 0 and at most k, or refuse it."""
    number = exact(value)
    if number is not None and 0 < number <= k:
        return number
    raise DesignError.of(
        "visits-start-invalid",
        f"Số bắt đầu “{_shown(value)}” phải lớn hơn 0 và không quá k = {said(k)}.",
        f"The start '{_shown(value)}' must be above 0 and at most k = {said(k)}.",
        f"Số gần nhất dùng được là {said(k) if number and number > k else 1}.",
        f"The nearest that can be used is {said(k) if number and number > k else 1}.",
        path=path,
    )


def exact(value: object) -> Fraction | None:
    """Return a number as the fraction that its decimals say; None for what is no number."""
    if isinstance(value, bool) or value is None:
        return None
    if isinstance(value, (Rational, Fraction)):
        return Fraction(int(value.numerator), int(value.denominator))
    if isinstance(value, Real):
        return Fraction(repr(float(value))) if math.isfinite(float(value)) else None
    if isinstance(value, str) and _NUMBER.match(value):
        return Fraction(value)
    return None


def said(number: Fraction) -> str:
    """Return a fraction as it is printed: ``14`` or ``211/15``."""
    return str(number)


def refusal(code: str, message: Words, advice: Words, path: str | None = None) -> DesignError:
    """Return the refusal of one fault."""
    return DesignError.of(code, *message, *advice, path=path)


def _shown(value: object) -> str:
    return str(value)[:40]


def _nearest(number: Fraction | None, least: int, most: int) -> int:
    return least if number is None else min(max(round(number), least), most)
