"""The list for the counter: which numbers get a ticket, with boxes to tick."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

from intake.findings import DesignError, Faults, Words
from intake.tables import Row, read_table, write_csv
from sampling.visits import checks
from sampling.visits.periods import Key, Segment, segment_name
from sampling.visits.steps import Number

LIST_COLUMNS = (
    "counter_id",
    "period",
    "window",
    "number",
    "served",
    "refused",
    "ineligible",
    "time",
)
OUTCOMES = ("served", "refused", "ineligible")
LEAST_NUMBERS = 5
_MARKS = frozenset({"x", "1", "v", "✓", "✔"})


@dataclass(frozen=True)
class TicketList:
    """The numbers of one segment, well beyond the volume that is expected.

    Attributes
    ----------
    segment
        Counter, period, window, k, start, expected volume.
    upto
        The list serves that many transactions.
    numbers
        The transactions that get a ticket, ascending.
    """

    segment: Segment
    upto: int
    numbers: tuple[int, ...]

    @property
    def within_expected(self) -> int:
        """How many of the numbers lie within the expected volume."""
        return self.segment.count(self.segment.expected)


@dataclass(frozen=True)
class Handed:
    """One number of a list that came back: what became of it, and when."""

    key: Key
    number: int
    outcome: str
    time: str = ""


def ticket_list(
    counter_id: str,
    k: Number,
    start: Number,
    expected: int,
    *,
    period: str = "",
    window: str = "",
    reach: Number = 2,
) -> TicketList:
    """Return the list of a counter, period and window.

    Parameters
    ----------
    k, start
        Rhythm and random start, 0 < start <= k.
    expected
        Transactions expected to finish.
    reach
        The list goes to ``reach`` times the expected volume (at least 1): more may come.
        At least five numbers are listed.

    Raises
    ------
    DesignError
        ``visits-rhythm-invalid``, ``visits-start-invalid``, ``visits-count-invalid``,
        ``visits-id-invalid`` or ``visits-list-too-long``.

    Examples
    --------
    >>> made = ticket_list("tt-le-chan", 14, 4, 60)
    >>> made.numbers, made.within_expected, made.upto
    ((4, 18, 32, 46, 60, 74, 88, 102, 116), 5, 120)
    """
    segment_name(counter_id, period, window)
    interval = checks.step(k)
    begin = checks.first(start, interval)
    volume = checks.whole(expected, "expected")
    made = Segment(counter_id, volume, interval, begin, period, window)
    return list_of(made, reach=reach)


def list_of(segment: Segment, *, reach: Number = 2) -> TicketList:
    """Return the list of a segment. See `ticket_list`."""
    far = checks.step(reach, "reach") * segment.expected
    least = segment.start + (LEAST_NUMBERS - 1) * segment.k
    upto = max(_ceiling(far), _ceiling(least))
    return TicketList(segment, upto, tuple(segment.numbers(upto)))


def write_ticket_lists(path: Path, lists: Iterable[TicketList]) -> None:
    """Write lists as one CSV, a row for each number, with empty cells to fill in."""
    write_csv(
        path,
        LIST_COLUMNS,
        ([*one.segment.key, number, "", "", "", ""] for one in lists for number in one.numbers),
    )


def read_handed(path: Path) -> list[Handed]:
    """Read a list that came back: the rows in which a box is ticked (``x`` or ``1``).

    Raises
    ------
    DesignError
        With every fault, its row and column: ``visits-mark-unknown``,
        ``visits-mark-several``, ``visits-number-invalid``.
    IntakeError
        The file breaks a limit or lacks a column.
    """
    table = read_table(path, required=("counter_id", "number", *OUTCOMES))
    faults = Faults(table.file)
    found = [one for row in table.rows if (one := _handed(row, faults)) is not None]
    faults.raise_as(DesignError)
    return found


def _handed(row: Row, faults: Faults) -> Handed | None:
    ticked = []
    for column in OUTCOMES:
        cell = row.cells[column].casefold()
        if cell in _MARKS:
            ticked.append(column)
        elif cell not in {"", "0"}:
            faults.add(
                "visits-mark-unknown",
                Words(f"Không hiểu dấu “{cell[:40]}”.", f"The mark '{cell[:40]}' is not known."),
                Words("Đánh x hoặc để trống.", "Write x, or leave it empty."),
                row=row.line,
                column=column,
            )
    if len(ticked) > 1:
        faults.add(
            "visits-mark-several",
            Words(f"Một số có {len(ticked)} dấu.", f"One number has {len(ticked)} marks."),
            Words("Mỗi số chỉ một kết quả.", "One outcome for each number."),
            row=row.line,
        )
    text = row.cells["number"]
    if not (text.isascii() and text.isdigit() and len(text) <= 8 and int(text) > 0):
        faults.add(
            "visits-number-invalid",
            Words(f"“{text[:40]}” không phải số thứ tự.", f"'{text[:40]}' is not a number."),
            Words("Viết số nguyên từ 1.", "Write a whole number from 1."),
            row=row.line,
            column="number",
        )
        return None
    if len(ticked) != 1:
        return None
    cells = row.cells
    key = (cells["counter_id"], cells.get("period", ""), cells.get("window", ""))
    return Handed(key, int(text), ticked[0], cells.get("time", ""))


def _ceiling(value: Fraction) -> int:
    return -(-value.numerator // value.denominator)
