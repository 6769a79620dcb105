"""The tally of a counter: what finished, and what became of the drawn visits.

Columns ``counter_id, finished, served, refused, ineligible``; optional ``period`` and
``window``, one row for each segment. Faults are collected, never raised one by one.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from intake.findings import DesignError, Faults, Finding, Words
from intake.tables import Row, Table, read_table
from intake.text import normalized
from sampling.visits.checks import MOST_VISITS
from sampling.visits.periods import Key

if TYPE_CHECKING:
    import pandas as pd

TALLY_COLUMNS = ("counter_id", "finished", "served", "refused", "ineligible")
COUNTS = TALLY_COLUMNS[1:]

Rows = Iterable[Mapping[str, object]]


@dataclass(frozen=True)
class Tally:
    """The counts of one segment.

    Attributes
    ----------
    key
        Counter, period, window; the latter two empty where the counter is not split.
    finished
        Transactions finished; None where nobody counted.
    served, refused, ineligible
        Drawn visits that took the ticket, that declined it, that may not take part.
    line
        Line of the file, the header being 1.
    """

    key: Key
    finished: int | None
    served: int
    refused: int
    ineligible: int
    line: int

    @property
    def handed(self) -> int:
        """Drawn visits that were met: served, refused and ineligible."""
        return self.served + self.refused + self.ineligible


def read_tally(
    path: Path, counters: Collection[str] | None = None, *, uncounted: bool = False
) -> list[Tally]:
    """Read and check a tally. See `check_tally`.

    Raises
    ------
    DesignError
        With every fault, its row and column.
    IntakeError
        The file breaks a limit or lacks a column.
    """
    table = read_table(path, required=TALLY_COLUMNS)
    rows, findings = check_tally(table, counters, uncounted=uncounted)
    faults = Faults(table.file, list(findings))
    faults.raise_as(DesignError)
    return rows


def check_tally(
    table: Table, counters: Collection[str] | None = None, *, uncounted: bool = False
) -> tuple[list[Tally], list[Finding]]:
    """Return the rows of a tally and every fault in it.

    Parameters
    ----------
    counters
        The counters there are, each of which needs a row; None takes any.
    uncounted
        Take an empty ``finished`` for "nobody counted".

    Returns
    -------
    rows, findings
        Codes: ``tally-counter-unknown``, ``tally-counter-missing``, ``tally-not-a-count``,
        ``tally-impossible`` (more drawn visits than finished transactions, or none drawn
        at a counter in all), ``tally-row-repeated``.
    """
    faults = Faults(table.file)
    rows: list[Tally] = []
    lines: dict[Key, int] = {}
    for row in table.rows:
        key = (row.cells["counter_id"], row.cells.get("period", ""), row.cells.get("window", ""))
        if counters is not None and key[0] not in counters:
            _unknown(key[0], counters, row.line, faults)
        if lines.setdefault(key, row.line) != row.line:
            _repeated(key, lines[key], row.line, faults)
        counted = _counts(row, faults, uncounted)
        if counted is not None:
            one = Tally(key, *counted, line=row.line)
            rows.append(one)
            if one.finished is not None and one.handed > one.finished:
                _impossible(row.line, faults)
    for counter in dict.fromkeys(one.key[0] for one in rows):
        own = [one for one in rows if one.key[0] == counter]
        if not sum(one.handed for one in own):
            _impossible(own[-1].line, faults)
    if not faults.findings:
        for counter in counters or ():
            if counter not in {one.key[0] for one in rows}:
                _missing(counter, faults)
    return rows, faults.findings


def table_of(tally: Path | pd.DataFrame | Rows) -> Table:
    """Return a tally as a table of text: a file, a data frame, or rows as mappings.

    Raises
    ------
    DesignError
        ``visits-tally-columns``: a column is missing.
    """
    if isinstance(tally, Path):
        return read_table(tally, required=TALLY_COLUMNS)
    records = tally.to_dict(orient="records") if hasattr(tally, "to_dict") else list(tally)
    for line, record in enumerate(records, start=2):
        lacking = [column for column in TALLY_COLUMNS if column not in record]
        if lacking:
            raise DesignError.of(
                "visits-tally-columns",
                f"Bảng đếm thiếu cột {', '.join(lacking)}.",
                f"The tally lacks the columns {', '.join(lacking)}.",
                f"Cần các cột: {', '.join(TALLY_COLUMNS)}.",
                f"These columns are needed: {', '.join(TALLY_COLUMNS)}.",
                row=line,
            )
    rows = tuple(
        Row(line, {str(column): _text(cell) for column, cell in record.items()})
        for line, record in enumerate(records, start=2)
    )
    columns = tuple(rows[0].cells) if rows else TALLY_COLUMNS
    return Table("tally", columns, rows)


def _text(cell: object) -> str:
    if cell is None or cell != cell:  # no number
        return ""
    if isinstance(cell, float) and cell.is_integer():
        return str(int(cell))
    return normalized(str(cell)).strip()


def _counts(row: Row, faults: Faults, uncounted: bool) -> tuple[int | None, int, int, int] | None:
    found: list[int | None] = []
    for column in COUNTS:
        text = row.cells[column]
        if text.isascii() and text.isdigit() and len(text) <= 9 and int(text) <= MOST_VISITS:
            found.append(int(text))
        elif column == "finished" and not text and uncounted:
            found.append(None)
        else:
            faults.add(
                "tally-not-a-count",
                Words("Cần một số nguyên không âm.", "A whole number is needed."),
                Words("Không dùng dấu phân cách hàng nghìn.", "Write it without separators."),
                row=row.line,
                column=column,
            )
    if len(found) < len(COUNTS):
        return None
    finished, served, refused, ineligible = found
    return finished, served or 0, refused or 0, ineligible or 0


def _unknown(counter: str, counters: Collection[str], line: int, faults: Faults) -> None:
    faults.add(
        "tally-counter-unknown",
        Words(f"Đợt này không có quầy {counter}.", f"The round has no counter {counter}."),
        Words(f"Các quầy: {', '.join(counters)}.", f"Its counters: {', '.join(counters)}."),
        row=line,
        column="counter_id",
    )


def _repeated(key: Key, first: int, line: int, faults: Faults) -> None:
    name = "/".join(filter(None, key))
    faults.add(
        "tally-row-repeated",
        Words(f"{name} đã có ở dòng {first}.", f"{name} stands on line {first} already."),
        Words(
            "Mỗi quầy (hoặc quầy và kỳ) một dòng.",
            "One row for each counter, or counter and period.",
        ),
        row=line,
        column="counter_id",
    )


def _impossible(line: int, faults: Faults) -> None:
    faults.add(
        "tally-impossible",
        Words(
            "Số lượt được chọn phải từ 1 đến số giao dịch đã xong.",
            "The drawn visits must be between 1 and the finished transactions.",
        ),
        Words("Hãy kiểm tra phiếu đếm của quầy.", "Check the counter's tally sheet."),
        row=line,
    )


def _missing(counter: str, faults: Faults) -> None:
    faults.add(
        "tally-counter-missing",
        Words(f"Thiếu quầy {counter}.", f"The counter {counter} is missing."),
        Words("Mỗi quầy một dòng.", "One row for each counter."),
    )
