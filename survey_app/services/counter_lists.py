"""Sheets for a counter that hands out tickets: the list of numbers, a count sheet, a tally.

Typst template ``templates/prints/counter_list.typ``; faults are those of `prints`.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from fractions import Fraction

from intake.findings import Finding, Words
from sampling.visits import TicketList
from survey_app.services.prints import PrintError, clean, sheet

MOST_ROWS = 10_000  # 200 pages; more is no list that anybody carries to a counter
_DAY = re.compile(r"^([0-9]{4}-[0-9]{2}-[0-9]{2})(?:-(am|pm))?(?:\.r([0-9]+))?$")
_WEEKDAYS = {
    "mon": Words("Thứ Hai", "Monday"),
    "tue": Words("Thứ Ba", "Tuesday"),
    "wed": Words("Thứ Tư", "Wednesday"),
    "thu": Words("Thứ Năm", "Thursday"),
    "fri": Words("Thứ Sáu", "Friday"),
    "sat": Words("Thứ Bảy", "Saturday"),
    "sun": Words("Chủ Nhật", "Sunday"),
}
_HALVES = {"am": Words("sáng", "morning"), "pm": Words("chiều", "afternoon")}


@dataclass(frozen=True)
class ListFacts:
    """What the sheets of a counter say beside the numbers.

    Attributes
    ----------
    title
        Title of the survey.
    organisation
        Who asks.
    counter_name
        Name of the counter as clerks know it.
    lang
        ``vi`` or ``en``.
    simulated
        Whether the sheets belong to simulated data.
    example
        Whether the expected volume is an example, said beside it.
    counting
        Whether sheets on which every finished transaction is crossed out are added.
    """

    title: Words
    organisation: str
    counter_name: str
    lang: str = "vi"
    simulated: bool = False
    example: bool = False
    counting: bool = False


def counter_lists(lists: Sequence[TicketList], about: ListFacts) -> bytes:
    """Return one A4 PDF for a counter: its lists in the order given, then the tally sheet.

    Parameters
    ----------
    lists
        The lists of one counter, a segment each.

    Raises
    ------
    PrintError
        ``nothing-to-print``; ``list-too-long`` with more than 10,000 numbers in one file;
        a forbidden character, a letter the fonts lack, or a text too long for its place.
    """
    held = sum(len(one.numbers) for one in lists)
    cells = sum(one.upto for one in lists) // 10 if about.counting else 0
    if not held:
        raise PrintError(
            Finding(
                "nothing-to-print",
                Words("Không có gì để in.", "There is nothing to print."),
                Words("Cho ít nhất một danh sách.", "Give one list at least."),
            )
        )
    if max(held, cells) > MOST_ROWS:
        raise PrintError(
            Finding(
                "list-too-long",
                Words(
                    f"Danh sách có {max(held, cells)} dòng, tối đa {MOST_ROWS}.",
                    f"The lists hold {max(held, cells)} rows; {MOST_ROWS} at most are printed.",
                ),
                Words("Chia đợt thành nhiều kỳ.", "Split the round into periods."),
            )
        )
    return sheet("counter_list", _values(lists, about))


def period_words(period: str) -> Words:
    """Return how a period is read: ``2026-03-02-am`` as "Thứ Hai 02/03/2026, buổi sáng".

    Examples
    --------
    >>> period_words("2026-03-02-am").en, period_words("mon").vi, period_words("").vi
    ('Monday 02/03/2026, morning', 'Thứ Hai', 'Cả đợt')
    """
    if not period:
        return Words("Cả đợt", "Whole round")
    name, _, again = period.partition(".r")
    found = _DAY.match(name)
    day = _day(found[1]) if found else None
    words = _WEEKDAYS.get(name, Words(name, name))
    if name == "round":
        words = period_words("")
    if found and day:
        weekday = list(_WEEKDAYS.values())[day.weekday()]
        words = Words(f"{weekday.vi} {day:%d/%m/%Y}", f"{weekday.en} {day:%d/%m/%Y}")
        if found[2]:
            half = _HALVES[found[2]]
            words = Words(f"{words.vi}, buổi {half.vi}", f"{words.en}, {half.en}")
    if again:
        words = Words(f"{words.vi} – đếm lại lần {again}", f"{words.en} – recount {again}")
    return words


def _values(lists: Sequence[TicketList], about: ListFacts) -> dict[str, object]:
    lang = "en" if about.lang == "en" else "vi"
    kind = Words("Danh sách phát phiếu", "Ticket list").in_language(lang)
    title = clean(about.title.in_language(lang), "title")
    return {
        "lang": lang,
        "document_title": f"{kind} – {title}",
        "title": title,
        "organisation": clean(about.organisation, "organisation"),
        "counter": clean(about.counter_name, "counter_name"),
        "simulated": about.simulated,
        "example": about.example,
        "counting": about.counting,
        "lists": [_list(one, lang) for one in lists],
        "tally": _tally_rows(lists, lang),
    }


def _list(one: TicketList, lang: str) -> dict[str, object]:
    part = one.segment
    return {
        "counter_id": clean(part.counter_id, "counter_id"),
        "period": clean(period_words(part.period).in_language(lang), "period"),
        "window": clean(part.window, "window"),
        "k": _rhythm(part.k, lang),
        "first": _number(one.numbers[0], lang),
        "expected": _number(part.expected, lang),
        "upto": _number(one.upto, lang),
        "last": one.upto,
        "numbers": list(one.numbers),
        "shown": [_number(number, lang) for number in one.numbers],
        "within": one.within_expected,
    }


def _tally_rows(lists: Sequence[TicketList], lang: str) -> list[Mapping[str, str]]:
    """Return the rows of the tally: both halves of each day, or empty rows for a round."""
    rows: list[Mapping[str, str]] = []
    for one in lists:
        part = one.segment
        if not part.period:
            continue
        found = _DAY.match(part.period)
        one_half = found is not None and found[2] is not None
        day = part.period.replace(f"-{found[2]}", "", 1) if found and one_half else part.period
        rows += [
            {
                "period": period_words(day).in_language(lang),
                "half": _HALVES[half].in_language(lang),
                "window": part.window,
            }
            for half in ((found[2],) if found and one_half else _HALVES)
        ]
    return rows


def _rhythm(k: Fraction, lang: str) -> str:
    if k.denominator == 1:
        return _number(int(k), lang)
    text = f"{float(k):.2f}"
    return text if lang == "en" else text.replace(".", ",")


def _number(value: int, lang: str) -> str:
    return f"{value:,}" if lang == "en" else f"{value:,}".replace(",", ".")


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None
