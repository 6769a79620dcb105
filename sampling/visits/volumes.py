"""How many transactions a day brings: opening hours times transactions an hour."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from fractions import Fraction
from itertools import pairwise

from intake.findings import DesignError, Faults, Words
from sampling.visits.checks import exact

WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
PARTS = ("day", "half_day")
_CLOCK = re.compile(r"^([01]?[0-9]|2[0-4]):([0-5][0-9])$")
_NOON, _MIDNIGHT = 12 * 60, 24 * 60

Hours = Mapping[str, Sequence[tuple[str, str]]]
Volume = float | Mapping[int, float]


def expected_visits(
    days: Iterable[date],
    hours: Hours,
    per_hour: Mapping[str, Volume],
    *,
    parts: str = "day",
) -> dict[str, int]:
    """Return the transactions expected in each period of a round.

    A period's number is the sum over its open hours of transactions an hour, rounded to
    the nearest whole number (a half up). Days and halves without open hours are left out.

    Parameters
    ----------
    days
        The days of the round; holidays are left out by the caller.
    hours
        Opening hours by weekday ``mon`` … ``sun``: ``{"mon": [("07:30", "11:30"), …]}``.
        A weekday that is missing is closed.
    per_hour
        Finished transactions an hour, by weekday: a number, or a mapping from the hour of
        the day (0 … 23) to a number where the flow changes over the day.
    parts
        ``day``: periods are called ``2026-03-02``; ``half_day``: cut at noon, ``2026-03-02-am``
        and ``2026-03-02-pm``.

    Raises
    ------
    DesignError
        With every fault at once: ``visits-weekday-unknown``, ``visits-hours-invalid``,
        ``visits-hours-overlap``, ``visits-volume-invalid``, ``visits-volume-missing``,
        ``visits-parts-unknown``, ``visits-days-empty``.

    Examples
    --------
    >>> week = {"mon": [("07:30", "11:30"), ("13:30", "17:00")]}
    >>> expected_visits([date(2026, 3, 2)], week, {"mon": 20}, parts="half_day")
    {'2026-03-02-am': 80, '2026-03-02-pm': 70}
    """
    faults = Faults()
    open_hours = {name: _open(name, spans, faults) for name, spans in hours.items()}
    listed = sorted(set(days))
    _check(listed, hours, per_hour, parts, faults)
    faults.raise_as(DesignError)
    found: dict[str, int] = {}
    for day in listed:
        weekday = WEEKDAYS[day.weekday()]
        for name, low, high in _cuts(day, parts):
            spans = [
                (max(opens, low), min(closes, high))
                for opens, closes in open_hours.get(weekday, ())
            ]
            minutes = [(opens, closes) for opens, closes in spans if opens < closes]
            if minutes:
                found[name] = _rounded(sum(_flow(per_hour[weekday], *span) for span in minutes))
    return found


def _open(name: str, spans: Sequence[tuple[str, str]], faults: Faults) -> list[tuple[int, int]]:
    """Return opening hours in minutes after midnight, ascending; note what is wrong."""
    read: list[tuple[int, int]] = []
    for span in spans:
        clocks = [_CLOCK.match(str(one)) for one in span]
        minutes = [int(one[1]) * 60 + int(one[2]) for one in clocks if one]
        if len(span) != 2 or len(minutes) != 2 or not minutes[0] < minutes[1] <= _MIDNIGHT:
            faults.add(
                "visits-hours-invalid",
                Words(
                    f"Giờ mở cửa {name} “{'–'.join(map(str, span))}” không hợp lệ.",
                    f"The opening hours of {name}, '{'-'.join(map(str, span))}', are not valid.",
                ),
                Words("Viết 07:30 và 11:30, giờ trước nhỏ hơn.", "Write 07:30, 11:30, in order."),
                path=f"hours.{name}",
            )
        else:
            read.append((minutes[0], minutes[1]))
    read.sort()
    for before, after in pairwise(read):
        if after[0] < before[1]:
            faults.add(
                "visits-hours-overlap",
                Words(
                    f"Hai khoảng giờ của {name} chồng nhau {before[1] - after[0]} phút.",
                    f"Two spans of {name} overlap by {before[1] - after[0]} minutes.",
                ),
                Words("Mỗi phút chỉ đếm một lần.", "Count each minute once."),
                path=f"hours.{name}",
            )
    return read


def _check(
    days: Sequence[date],
    hours: Hours,
    per_hour: Mapping[str, Volume],
    parts: str,
    faults: Faults,
) -> None:
    if not days:
        faults.add(
            "visits-days-empty",
            Words("Đợt không có ngày nào.", "The round has no day."),
            Words("Cho ít nhất một ngày.", "Give one day at least."),
            path="days",
        )
    if parts not in PARTS:
        faults.add(
            "visits-parts-unknown",
            Words(f"Không hiểu “{parts}”.", f"'{parts}' is not known."),
            Words(f"Dùng: {', '.join(PARTS)}.", f"Use one of {', '.join(PARTS)}."),
            path="parts",
        )
    for place, names in (("hours", hours), ("per_hour", per_hour)):
        for name in sorted(set(map(str, names)) - set(WEEKDAYS)):
            faults.add(
                "visits-weekday-unknown",
                Words(f"“{name}” không phải thứ trong tuần.", f"'{name}' is not a weekday."),
                Words(f"Dùng: {', '.join(WEEKDAYS)}.", f"Use {', '.join(WEEKDAYS)}."),
                path=f"{place}.{name}",
            )
    for name in sorted({WEEKDAYS[day.weekday()] for day in days} & set(hours) - set(per_hour)):
        faults.add(
            "visits-volume-missing",
            Words(f"Thiếu lượng giao dịch của {name}.", f"The volume of {name} is missing."),
            Words("Điền số giao dịch mỗi giờ.", "Give its transactions an hour."),
            path=f"per_hour.{name}",
        )
    _check_volumes(per_hour, faults)


def _check_volumes(per_hour: Mapping[str, Volume], faults: Faults) -> None:
    for name, volume in per_hour.items():
        listed = volume.items() if isinstance(volume, Mapping) else [(0, volume)]
        for hour, value in listed:
            number = exact(value)
            if number is None or number < 0 or number > 10_000 or hour not in range(24):
                faults.add(
                    "visits-volume-invalid",
                    Words(
                        f"Lượng giao dịch mỗi giờ “{value}” (giờ {hour}) không hợp lệ.",
                        f"The volume an hour '{value}' (hour {hour}) is not valid.",
                    ),
                    Words("Cần số từ 0 đến 10000, giờ 0 đến 23.", "0 to 10000, hours 0 to 23."),
                    path=f"per_hour.{name}",
                )


def _cuts(day: date, parts: str) -> list[tuple[str, int, int]]:
    name = day.isoformat()
    if parts == "day":
        return [(name, 0, _MIDNIGHT)]
    return [(f"{name}-am", 0, _NOON), (f"{name}-pm", _NOON, _MIDNIGHT)]


def _flow(volume: Volume, opens: int, closes: int) -> Fraction:
    """Return the transactions between two minutes of a day."""
    if not isinstance(volume, Mapping):
        return (exact(volume) or Fraction(0)) * Fraction(closes - opens, 60)
    total = Fraction(0)
    for hour, value in volume.items():
        shared = min(closes, hour * 60 + 60) - max(opens, hour * 60)
        total += (exact(value) or Fraction(0)) * Fraction(max(0, shared), 60)
    return total


def _rounded(value: Fraction | int) -> int:
    twice = 2 * Fraction(value) + 1
    return twice.numerator // (2 * twice.denominator)
