"""How numbers and days are written in Vietnamese and in English papers."""

from __future__ import annotations

from datetime import date, datetime
from fractions import Fraction

_MONTHS = [
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
]


def whole(value: int, lang: str) -> str:
    """Return a whole number with its thousands set apart.

    Examples
    --------
    >>> whole(4662669, "vi"), whole(4662669, "en")
    ('4.662.669', '4,662,669')
    """
    text = f"{value:,}"
    return text if lang == "en" else text.replace(",", ".")


def decimal(value: float, places: int, lang: str) -> str:
    """Return a number with so many places behind a decimal comma (a point in English)."""
    text = f"{value:,.{places}f}"
    return text if lang == "en" else text.translate(str.maketrans(",.", ".,"))


def probability(chance: Fraction, lang: str) -> str:
    """Return a probability: four places, more where these would hide its size.

    Examples
    --------
    >>> probability(Fraction(1, 8), "vi"), probability(Fraction(1, 30000), "vi")
    ('0,1250', '0,00003333')
    """
    if chance == 1:
        return "1"
    places = 4
    while places < 15 and 0 < chance * 10**places < 1000 and chance < Fraction(1, 100):
        places += 1
    return decimal(float(chance), places, lang)


def day(value: date, lang: str) -> str:
    """Return a day as it is written in a sentence; days and months 1 and 2 get a zero.

    Examples
    --------
    >>> day(date(2026, 2, 5), "vi"), day(date(2026, 2, 5), "en")
    ('ngày 05 tháng 02 năm 2026', '5 February 2026')
    """
    if lang == "en":
        return f"{value.day} {_MONTHS[value.month - 1]} {value.year}"
    month = f"{value.month:02d}" if value.month < 3 else f"{value.month}"
    return f"ngày {value.day:02d} tháng {month} năm {value.year}"


def moment(value: datetime, lang: str) -> str:
    """Return a moment of the clock; midnight stands for the whole day."""
    if (value.hour, value.minute) == (0, 0):
        return day(value, lang)
    if lang == "en":
        return f"{value:%H:%M} on {day(value, lang)}"
    return f"{value.hour} giờ {value.minute:02d} phút, {day(value, lang)}"
