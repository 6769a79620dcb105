"""Numbers of callers as exact fractions, within their limits."""

from __future__ import annotations

import math
from fractions import Fraction
from numbers import Rational

from intake.findings import DesignError

Number = Fraction | float | int | str


def share_of(value: object, name: str, *, most: int = 1) -> Fraction:
    """Return a number of 0 to ``most`` exactly; a float means what it prints as.

    Raises
    ------
    DesignError
        It is no number, or lies outside.
    """
    found = _fraction(value)
    if found is None or not 0 <= found <= most:
        raise DesignError.of(
            "coordination-number-invalid",
            f"“{name}” = {value!r} phải là số từ 0 đến {most}.",
            f"'{name}' = {value!r} must be a number of 0 to {most}.",
            "Ví dụ: 0.25 hoặc 1/4.",
            "Such as: 0.25 or 1/4.",
            path=name,
        )
    return found


def whole_of(value: object, name: str, *, least: int = 1) -> int:
    """Return a whole number of at least ``least``.

    Raises
    ------
    DesignError
        It is none.
    """
    if isinstance(value, bool) or not isinstance(value, int) or value < least:
        raise DesignError.of(
            "coordination-count-invalid",
            f"“{name}” = {value!r} phải là số nguyên từ {least}.",
            f"'{name}' = {value!r} must be a whole number of at least {least}.",
            "Ghi số nguyên.",
            "Give a whole number.",
            path=name,
        )
    return value


def _fraction(value: object) -> Fraction | None:
    if isinstance(value, bool):
        return None
    if isinstance(value, Rational):
        return Fraction(value)
    try:
        if isinstance(value, str):
            return Fraction(value)
        number = float(str(value))
        return Fraction(repr(number)) if math.isfinite(number) else None
    except (ValueError, ZeroDivisionError):
        return None
