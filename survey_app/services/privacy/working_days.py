"""Which days are working days: Monday to Friday, but for the holidays that the office has listed.

No holiday is known here: which days are off is decided each year, and moved days with them. The
list is ``holidays.csv`` in the data folder, each line with its source. Without it clocks end
earlier than they must; later only where a Saturday or Sunday is worked in place of another day.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

from intake.findings import Faults, InstallationError, Words
from intake.tables import Row, read_table
from survey_app.config import Settings

HOLIDAYS = "holidays.csv"
COLUMNS = ("day", "kind", "source")
OFF, WORK = "off", "work"
"""Kinds of a listed day: no work on it, or work on a Saturday or Sunday in place of another day."""

_SATURDAY = 5
_DAY = timedelta(days=1)


@dataclass(frozen=True)
class WorkingDays:
    """A calendar: days off beside Saturdays and Sundays, and days worked in spite of them."""

    off: frozenset[date] = frozenset()
    extra: frozenset[date] = frozenset()

    def is_worked(self, day: date) -> bool:
        """Tell whether the office works on a day."""
        return day in self.extra or (day.weekday() < _SATURDAY and day not in self.off)

    def after(self, day: date, count: int) -> date:
        """Return the working day that is so many after a day, which itself does not count.

        >>> WorkingDays().after(date(2026, 3, 13), 2)  # a Friday
        datetime.date(2026, 3, 17)
        """
        while count:
            day += _DAY
            count -= self.is_worked(day)
        return day

    def knows(self, year: int) -> bool:
        """Tell whether anything is listed for a year."""
        return any(day.year == year for day in self.off | self.extra)


def read_working_days(settings: Settings) -> WorkingDays:
    """Return the calendar of an installation; without a list it is Monday to Friday.

    Raises
    ------
    InstallationError
        ``holiday-day``, ``holiday-kind``, ``holiday-source``, ``holiday-repeated``; all at once.
    IntakeError
        The file is no table.
    """
    path = settings.data / HOLIDAYS
    if not path.is_file():
        return WorkingDays()
    table = read_table(path, required=COLUMNS, optional=())
    faults = Faults(HOLIDAYS)
    kinds: dict[date, str] = {}
    for row in table.rows:
        day = _day_of(row, faults)
        if day is None:
            continue
        if day in kinds:
            _fault(faults, row, "day", "holiday-repeated", f"Ngày {day:%d/%m/%Y} đứng hai lần.",
                   f"{day} stands twice.", "Hãy để một dòng.", "Leave one line.")  # fmt: skip
        kinds[day] = row.cells["kind"]
    faults.raise_as(InstallationError)
    chosen = {kind: frozenset(day for day in kinds if kinds[day] == kind) for kind in (OFF, WORK)}
    return WorkingDays(chosen[OFF], chosen[WORK])


def _day_of(row: Row, faults: Faults) -> date | None:
    """Return the day of a line; what is wrong with the line goes to the faults."""
    if row.cells["kind"] not in (OFF, WORK):
        _fault(faults, row, "kind", "holiday-kind", "Loại ngày phải là off hoặc work.",
               "The kind must be off or work.", "off: nghỉ; work: làm bù.",
               "off: no work; work: worked in place of another day.")  # fmt: skip
    if not row.cells["source"]:
        _fault(faults, row, "source", "holiday-source", "Thiếu nguồn của ngày này.",
               "The source of this day is missing.", "Hãy ghi số văn bản quyết định ngày nghỉ.",
               "Name the decision that sets it.")  # fmt: skip
    try:
        return date.fromisoformat(row.cells["day"])
    except ValueError:
        _fault(faults, row, "day", "holiday-day", "Ngày không đọc được.",
               "The day cannot be read.", "Ghi theo mẫu 2026-09-02.",
               "Write it like 2026-09-02.")  # fmt: skip
        return None


def _fault(
    faults: Faults, row: Row, column: str, code: str, vi: str, en: str, do_vi: str, do_en: str
) -> None:
    faults.add(code, Words(vi, en), Words(do_vi, do_en), row=row.line, column=column)
