"""Whether the units of each stage lie in one stratum and in one unit of the stage before."""

from __future__ import annotations

from itertools import chain, pairwise
from typing import TYPE_CHECKING

from intake.findings import Faults, Words
from sampling.design.grouping import ROWS
from sampling.frame import Frame

if TYPE_CHECKING:
    from sampling.design import SampleDesign

# By stage, the names whose rows do not make one unit: nothing is known about their counts.
Divided = list[frozenset[str]]


def check_nesting(design: SampleDesign, frame: Frame, faults: Faults) -> Divided:
    """Note units that lie in two strata or two units above them, or have no name.

    Columns that the frame lacks are passed over.

    Returns
    -------
    list of frozenset
        For each stage that draws units of the frame, the names of these units.
    """
    above = [column for column in (design.stages[0].strata,) if column in frame.columns]
    divided: Divided = []
    for number, stage in enumerate(design.areas):
        column = stage.id or ROWS
        if column not in frame.columns:
            divided.append(frozenset())
            continue
        names = frame.listed.columns[column]
        # Names that ascend from row to row stand once each, and none is empty.
        whole = all(one < other for one, other in pairwise(chain(("",), names)))
        divided.append(
            frozenset() if whole else _divided(number, column, names.texts(), above, frame, faults)
        )
        above.append(column)
    return divided


def _divided(
    number: int, column: str, names: list[str], above: list[str], frame: Frame, faults: Faults
) -> frozenset[str]:
    # Of each name, the first row that it has in each place.
    homes: dict[str, dict[tuple[str, ...], int]] = {}
    places = zip(*map(frame.column, above), strict=True) if above else [()] * len(names)
    for row, (name, place) in enumerate(zip(names, places, strict=True)):
        homes.setdefault(name, {}).setdefault(place, row)
    cells = Faults(frame.listed.file)
    wrong = {name: found for name, found in homes.items() if len(found) > 1 or not name}
    for name, found in wrong.items():
        message, advice = _nameless(number, column, names) if not name else _words(
            number, name, sorted(" / ".join(place) for place in found)
        )  # fmt: skip
        row = list(found.values())[1 if name else 0]
        cells.add(
            "design-unit-divided",
            message,
            advice,
            row=frame.listed.line(row),
            column=column,
            path=f"stages[{number}].id",
        )
    faults.findings += cells.findings
    return frozenset(wrong)


def _words(number: int, name: str, where: list[str]) -> tuple[Words, Words]:
    listed = ", ".join(where[:5])
    return (
        Words(
            f"Giai đoạn {number + 1}: “{name}” nằm ở {len(where)} nơi: {listed}.",
            f"In stage {number + 1}, '{name}' lies in {len(where)} places: {listed}.",
        ),
        Words(
            "Mỗi đơn vị có mã riêng và thuộc một tầng, một đơn vị cấp trên.",
            "Give each unit an id of its own, in one stratum and one unit above it.",
        ),
    )


def _nameless(number: int, column: str, names: list[str]) -> tuple[Words, Words]:
    blank = names.count("")
    return (
        Words(
            f"Giai đoạn {number + 1}: {blank} dòng để trống cột “{column}”, nên không biết thuộc "
            "đơn vị nào.",
            f"In stage {number + 1}, {blank} rows leave the column '{column}' empty: they belong "
            "to no unit.",
        ),
        Words("Ghi mã đơn vị cho mỗi dòng.", "Give each row the id of its unit."),
    )
