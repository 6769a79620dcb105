"""What a precision can be worked out from: numbers in their range, columns that are there."""

from __future__ import annotations

import math
from collections.abc import Iterable

from intake.findings import DesignError


def check_number(
    name: str, value: object, low: float, high: float, *, ends: tuple[bool, bool] = (False, False)
) -> float:
    """Return a finite number between two bounds; ``ends`` says which bounds are allowed.

    Raises
    ------
    DesignError
        It is no number, or lies outside.
    """
    number = math.nan
    if isinstance(value, int | float) and not isinstance(value, bool):
        number = float(value)
    above = number > low or (ends[0] and number == low)
    below = number < high or (ends[1] and number == high)
    if math.isfinite(number) and above and below:
        return number
    shown = f"{value:g}" if isinstance(value, int | float) else repr(value)[:40]
    raise DesignError.of(
        "precision-value-out-of-range",
        f"{name} = {shown} phải nằm giữa {low:g} và {high:g}.",
        f"{name} is {shown}; it must lie between {low:g} and {high:g}.",
        f"Ghi một số trong khoảng đó cho {name}.",
        f"Give {name} a number in that range.",
        path=name,
    )


def check_choice(name: str, value: object, known: Iterable[str]) -> str:
    """Return a word that is one of those known.

    Raises
    ------
    DesignError
        It is another one.
    """
    listed = tuple(known)
    if isinstance(value, str) and value in listed:
        return value
    raise DesignError.of(
        "precision-choice-unknown",
        f"Không hiểu {name} = {value!r}.",
        f"{name} is {value!r}, which is unknown.",
        f"Dùng: {', '.join(listed)}.",
        f"One of: {', '.join(listed)}.",
        path=name,
    )


def check_columns(wanted: Iterable[str], there: Iterable[str], place: str) -> None:
    """Refuse columns that a table does not have.

    Raises
    ------
    DesignError
        Naming those that are missing and those there are.
    """
    held = [str(name) for name in there]
    missing = [name for name in dict.fromkeys(wanted) if name not in held]
    if missing:
        shown = ", ".join(held[:30]) + (", …" if len(held) > 30 else "")
        raise DesignError.of(
            "precision-column-missing",
            f"Không có cột: {', '.join(missing)}.",
            f"There is no column {', '.join(missing)}.",
            f"Các cột có: {shown}.",
            f"It has: {shown}.",
            path=place,
        )
