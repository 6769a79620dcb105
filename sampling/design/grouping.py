"""Units of a stage that are made of several rows of the frame, such as communes of villages.

Columns that the design uses as sizes or for balance are added up, ``lat`` and ``lon`` are
averaged; any other column holds the value that the rows share, or nothing.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence
from typing import NamedTuple

from sampling.frame import Frame, FrameUnit

ROWS = "unit_id"
_AVERAGED = ("lat", "lon")


class Member(NamedTuple):
    """A unit of a stage, and the rows of the frame that lie in it."""

    unit: FrameUnit
    rows: tuple[FrameUnit, ...]


def members_of(
    rows: Iterable[FrameUnit], column: str, quantities: Collection[str] = ()
) -> list[Member]:
    """Return the units that a column names, in the order in which they first stand."""
    if column in ("", ROWS):
        return [Member(row, (row,)) for row in rows]
    groups: dict[str, list[FrameUnit]] = {}
    for row in rows:
        groups.setdefault(row.cells.get(column, ""), []).append(row)
    added = {"size", *quantities}
    return [
        Member(_merged(name, group, column, added), tuple(group)) for name, group in groups.items()
    ]


def members_by(
    frame: Frame, strata: str, column: str, quantities: Collection[str] = ()
) -> Iterator[tuple[str, tuple[Member, ...]]]:
    """Yield the units that a column names by the value of ``strata``, both sorted by name.

    One group is made at a time, so that a long frame is never held as units.
    """
    sorted_already = column in ("", ROWS) and frame.in_order
    for name, places in frame.rows_by(strata).items():
        rows = [FrameUnit.at(frame.listed, place) for place in places]
        members = members_of(rows, column, quantities)
        if not sorted_already:
            members.sort(key=lambda one: one.unit.unit_id)
        yield name, tuple(members)


def _merged(name: str, rows: Sequence[FrameUnit], column: str, added: Collection[str]) -> FrameUnit:
    cells = {}
    held = [row.cells for row in rows]
    for key in dict.fromkeys(key for one in held for key in one):
        texts = [one.get(key, "") for one in held]
        cells[key] = _sum(texts) if key in added else _shared(key, texts)
    title = cells.get(f"{column.removesuffix('_id')}_name") or name
    cells |= {"unit_id": name, "unit_name": title}
    size = sum(row.size for row in rows)
    return FrameUnit(name, title, rows[0].province, cells.get("stratum", ""), size, cells)


def _sum(texts: Sequence[str]) -> str:
    try:
        if all(text.isascii() and text.isdecimal() for text in texts):
            return str(sum(map(int, texts)))
        return repr(sum(map(float, texts)))
    except ValueError:
        return ""


def _shared(column: str, texts: Sequence[str]) -> str:
    if len(set(texts)) == 1:
        return texts[0]
    try:
        return repr(sum(map(float, texts)) / len(texts)) if column in _AVERAGED else ""
    except ValueError:
        return ""
