"""What is kept, for what, about whom, how long and who sees it: the inventory of data.

The inventory is one reviewed file, ``inventory.yaml``. A test compares it with the tables of a
migrated database, so that no column is added without a line of its own.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from intake.documents import read_document
from intake.findings import Words
from intake.tables import write_csv

FILE = Path(__file__).with_suffix(".yaml")
NONE, PERSONAL = "none", "personal"
TO_FILL = Words("(CƠ QUAN ĐIỀN)", "(TO BE FILLED IN)")
"""Marks what the program cannot know and the office must write."""
NOT_NEEDED = Words("không cần", "not needed")

COLUMNS = Words(
    "nơi lưu;cột;mục đích;nội dung;của ai;loại;căn cứ pháp lý;thời hạn;ai xem được",
    "place;column;purpose;content;whose;kind;legal ground;kept;seen by",
)


@dataclass(frozen=True)
class Kept:
    """One column of a table, or one place outside the database (``column`` empty).

    The codes ``whose``, ``kind``, ``period`` and ``seen_by`` have words in the inventory.
    """

    place: Words
    column: str
    purpose: Words
    content: Words
    whose: str
    kind: str
    period: str
    seen_by: tuple[str, ...]
    table: bool

    @property
    def needs_ground(self) -> bool:
        """Whether a legal ground must be named for it."""
        return self.kind != NONE


@dataclass(frozen=True)
class Inventory:
    """All that is kept, and the words of its codes."""

    kept: tuple[Kept, ...]
    kinds: Mapping[str, Words]
    subjects: Mapping[str, Words]
    readers: Mapping[str, Words]
    periods: Mapping[str, Words]

    def row(self, one: Kept, lang: str) -> list[str]:
        """Return the cells of a line under `COLUMNS` in a language."""
        ground = TO_FILL if one.needs_ground else NOT_NEEDED
        seen = ", ".join(self.readers[code].in_language(lang) for code in one.seen_by)
        words = (one.purpose, one.content, self.subjects[one.whose], self.kinds[one.kind], ground,
                 self.periods[one.period])  # fmt: skip
        place = one.place.in_language(lang)
        return [place, one.column, *(text.in_language(lang) for text in words), seen]


@cache
def read_inventory() -> Inventory:
    """Return the packaged inventory."""
    root: Any = read_document(FILE).value
    codes = {
        name: {code: _words(text) for code, text in root[name].items()}
        for name in ("kinds", "subjects", "readers", "periods")
    }
    columns = [_column(table, name) for table in root["tables"] for name in table["columns"]]
    return Inventory((*columns, *map(_place, root["places"])), **codes)


def write_inventory(path: Path, lang: str) -> int:
    """Write the inventory as CSV and return its number of lines."""
    inventory = read_inventory()
    rows = [inventory.row(one, lang) for one in inventory.kept]
    write_csv(path, COLUMNS.in_language(lang).split(";"), rows)
    return len(rows)


def tables_of(inventory: Inventory) -> dict[str, set[str]]:
    """Return the columns of each table that has lines."""
    found: dict[str, set[str]] = {}
    for one in inventory.kept:
        if one.table:
            found.setdefault(one.place.en, set()).add(one.column)
    return found


def _column(table: Mapping[str, Any], name: str) -> Kept:
    kind, vi, en = table["columns"][name]
    return _kept(table, Words(table["table"], table["table"]), name, Words(vi, en), kind)


def _place(place: Mapping[str, Any]) -> Kept:
    where = _words(place["place"])
    return _kept(place, where, "", _words(place["purpose"]), place["kind"])


def _kept(part: Mapping[str, Any], place: Words, column: str, content: Words, kind: str) -> Kept:
    seen_by: Sequence[str] = part["seen_by"]
    return Kept(
        place,
        column,
        _words(part["purpose"]),
        content,
        part["whose"],
        kind,
        part["period"],
        tuple(seen_by),
        table="table" in part,
    )


def _words(text: Mapping[str, str]) -> Words:
    return Words(text["vi"], text["en"])
