"""Names that two parts of a draw would share, and with them a number that both draw by.

A hash belongs to a name (``sampling.chance``). Were a village named like its commune, the
hash that let the commune in would let the village in as well; were a stratum named like a
counter in it, both would have one start. Such names are refused; so is a stratum named as
a unit that is a stratum of its own (``<stratum>/<unit>``).
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator
from itertools import repeat
from typing import TYPE_CHECKING

from intake.findings import Faults, Finding, Words
from sampling.design.grouping import ROWS, members_by
from sampling.design.stages import Stage, stratum_take
from sampling.frame import Frame

if TYPE_CHECKING:
    from sampling.design import SampleDesign

_BY_START = ("systematic", "systematic_circular", "pps_systematic", "every_kth")
_PLACE = re.compile(r"(.+)-[0-9]{6,}")
_STREAM = re.compile(r"[2-4]\|.*|.*\|(?:take|group [0-9]+|[0-9]+)", re.DOTALL)


def check_shared_names(design: SampleDesign, frame: Frame) -> list[Finding]:
    """Return the names that two stages, or a stratum and a unit in it, have in common."""
    faults = Faults()
    for path, name, vi, en in (
        *_units_of_two_stages(design, frame),
        *_places_like_units(design, frame),
        *_strata_like_units(design, frame),
    ):
        faults.add(
            "design-name-shared",
            Words(f"Tên “{name}” {vi}.", f"The name '{name}' {en}."),
            Words(
                "Đặt cho một trong hai một mã khác, ví dụ thêm chữ ở đầu.",
                "Give one of the two another name, such as one with a letter before it.",
            ),
            path=path,
        )
    return faults.findings


_Shared = Iterator[tuple[str, str, str, str]]


def _units_of_two_stages(design: SampleDesign, frame: Frame) -> _Shared:
    """Yield units named like a unit of an earlier stage, but for those alone in it."""
    if len(design.areas) == 1:
        return
    seen: dict[str, int] = {}
    above = ""
    for number, stage in enumerate(design.areas):
        column = stage.id or ROWS
        for (parent, _), names in _groups_with(seen, above, stage.strata, column, frame).items():
            for name in sorted(names & seen.keys()):
                if not (name == parent and len(names) == 1):
                    earlier, later = seen[name], number + 1
                    vi = (
                        f"là đơn vị của giai đoạn {earlier} và của giai đoạn {later}: hai lần chọn "
                        "sẽ dùng chung một mã băm"
                    )
                    en = (
                        f"is that of a unit in stage {earlier} and in stage {later}: both would be "
                        "drawn by one hash"
                    )
                    yield f"stages[{number}].id", name, vi, en
        if stage is not design.areas[-1]:
            for name in _cells(column, frame):
                seen.setdefault(name, number + 1)
        above = column


def _groups_with(
    seen: Collection[str], above: str, strata: str, column: str, frame: Frame
) -> dict[tuple[str, str], set[str]]:
    """Return the names in each unit and stratum that holds a name seen before."""
    if not seen:
        return {}

    def rows() -> Iterator[tuple[str, str, str]]:
        return zip(_cells(above, frame), _cells(strata, frame), _cells(column, frame), strict=True)

    meant = {(parent, stratum) for parent, stratum, name in rows() if name in seen}
    held: dict[tuple[str, str], set[str]] = {}
    for parent, stratum, name in rows() if meant else ():
        if (parent, stratum) in meant:
            held.setdefault((parent, stratum), set()).add(name)
    return held


def _cells(column: str, frame: Frame) -> Iterable[str]:
    """Return the texts of a column, never held as a list; empty ones where there is none."""
    return frame.listed.columns.get(column, repeat("", len(frame)))


def _places_like_units(design: SampleDesign, frame: Frame) -> _Shared:
    """Yield units of the frame named like a place on the list of another."""
    if design.listing is None:
        return
    columns = [stage.id or ROWS for stage in design.areas]
    found = {
        name: place[1]
        for column in columns
        for name in _cells(column, frame)
        if (place := _PLACE.fullmatch(name))
    }
    lists = set(found.values()).intersection(_cells(columns[-1], frame)) if found else set()
    for name in sorted(found):
        if found[name] in lists:
            yield (
                f"stages[{len(design.areas)}].unit",
                name,
                f"là đơn vị của khung và cũng là một vị trí trong danh sách của “{found[name]}”",
                f"is that of a unit and of a place on the list of '{found[name]}'",
            )


def _strata_like_units(design: SampleDesign, frame: Frame) -> _Shared:
    """Yield strata whose start is that of a unit in them, or that a certain unit stands for."""
    first, last = design.stages[0], design.listing
    if len(design.stages) == 1 and not any("/" in name for name in frame.rows_by(first.strata)):
        return
    starts = last is not None and any(map(_by_start, (last, *last.per_stratum.values())))
    lists = design.areas[-1].id or ROWS
    places, ids = frame.rows_by(first.strata), frame.listed.columns[first.id or ROWS]
    for stratum, members in members_by(frame, first.strata, first.id, design.quantities):
        units = [one.unit for one in members]
        path = "stages[0].strata"
        take = stratum_take(first, stratum)
        chosen = len(units) > 1 and (take is None or take < len(units))
        chosen = chosen and not all(map(first.is_certain, units))
        if (
            starts
            and chosen
            and _by_start(first.within(stratum))
            and any(row.cells.get(lists, "") == stratum for one in members for row in one.rows)
        ):
            yield (
                path,
                stratum,
                "là tầng và cũng là đơn vị trong tầng ấy: hai lần chọn sẽ có chung điểm xuất phát",
                "is that of a stratum and of a unit in it: both would have one start",
            )
        if len(design.stages) > 1 and _STREAM.fullmatch(stratum):
            yield (
                path,
                stratum,
                "có dạng dành riêng cho các giai đoạn sau",
                "is written as those of later stages are",
            )
        parts = stratum.split("/")
        for cut in range(1, len(parts)):
            outer = places.get("/".join(parts[:cut]), ())
            if any(ids[row] == parts[cut] for row in outer):
                yield (
                    path,
                    stratum,
                    f"là tầng và cũng là tên tầng riêng của đơn vị “{parts[cut]}”",
                    f"is that of a stratum, and of the unit '{parts[cut]}' where it is one",
                )


def _by_start(stage: Stage) -> bool:
    return stage.method in _BY_START or stage.rate is not None
