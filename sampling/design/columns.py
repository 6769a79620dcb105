"""The columns that a design needs from its frame, and what must stand in them."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator
from typing import TYPE_CHECKING

from intake.documents import path_text
from intake.findings import Faults, Words
from sampling.design.stages import EQUAL, Stage, finite_number, whole_size
from sampling.frame import Frame

if TYPE_CHECKING:
    from sampling.design import SampleDesign

_Place = tuple[str | int, ...]


def check_columns(design: SampleDesign, frame: Frame, faults: Faults) -> None:
    """Note columns that are missing, and cells in the others that hold no such number."""
    check_missing(design, frame.columns, faults)
    _check_needs(design, faults)
    for place, column in _wanted(design).items():
        if place[0] != "stages" or column not in frame.columns or column == EQUAL:
            continue
        if place[2] == "size":
            _check_cells(place, frame, column, _is_size, "design-size-not-whole", faults)
        elif place[2] in ("balance", "spread"):
            _check_cells(place, frame, column, _is_number, "design-column-not-a-number", faults)


def check_missing(design: SampleDesign, columns: Collection[str], faults: Faults) -> None:
    """Note the columns that the design names and that are not among these."""
    for place, column in _wanted(design).items():
        if column not in columns:
            faults.add(
                "design-column-missing",
                Words(f"Khung không có cột “{column}”.", f"The frame has no column '{column}'."),
                Words(f"Các cột có: {', '.join(columns)}.", f"It has: {', '.join(columns)}."),
                path=_path(place),
            )


def _variants(design: SampleDesign) -> Iterator[tuple[int, Stage]]:
    """Yield every stage with its place, and its variants in single strata."""
    for number, stage in enumerate(design.stages):
        yield number, stage
        for variant in stage.per_stratum.values():
            yield number, variant


def _wanted(design: SampleDesign) -> dict[_Place, str]:
    """Return the columns that a design needs, by the place that names them."""
    wanted: dict[_Place, str] = {}
    areas = len(design.areas)
    listing = None if design.listing is None else design.stages.index(design.listing)
    for number, stage in _variants(design):
        area = number < areas
        keys = {"balance": stage.balance, "spread": stage.spread}
        if area:
            keys["sort"] = stage.sort
        if area or number == listing:
            wanted["stages", number, "strata"] = stage.strata
        for key, columns in keys.items():
            for column in columns:
                wanted["stages", number, key, column] = column
        if stage.id:
            wanted["stages", number, "id"] = stage.id
        if (area and stage.by_size) or number == listing:
            wanted["stages", number, "size", stage.size] = stage.size
    for place, column in enumerate(design.domains):
        wanted["domains", place] = column
    return wanted


def _path(place: _Place) -> str:
    return path_text(place[:3] if place[0] == "stages" else place[:1])


def _check_needs(design: SampleDesign, faults: Faults) -> None:
    """Note methods that lack the columns they work on."""
    for number, stage in _variants(design):
        for method, key, columns in (
            ("cube", "balance", stage.balance),
            ("local_pivotal", "spread", stage.spread),
            ("scps", "spread", stage.spread),
        ):
            if stage.method == method and not columns:
                faults.add(
                    f"design-{key}-missing",
                    Words(
                        f"Phương pháp {method} cần khóa “{key}”.",
                        f"The method {method} needs the key '{key}'.",
                    ),
                    Words("Ghi các cột của khung.", "Name columns of the frame."),
                    path=f"stages[{number}].{key}",
                )


def _is_size(text: str) -> bool:
    return whole_size(text) is not None


def _is_number(text: str) -> bool:
    return finite_number(text) is not None


_KINDS = {
    "design-size-not-whole": (
        Words("số nguyên dương", "whole positive number"),
        Words("Ghi số nguyên từ 1 đến 1000000000.", "Write a whole number from 1 to 1000000000."),
    ),
    "design-column-not-a-number": (
        Words("số", "number"),
        Words(
            "Ghi số, phần thập phân sau dấu chấm.",
            "Write a number, with a point before its decimals.",
        ),
    ),
}


def _check_cells(
    place: _Place,
    frame: Frame,
    column: str,
    fits: Callable[[str], bool],
    code: str,
    faults: Faults,
) -> None:
    kind, advice = _KINDS[code]
    cells = Faults(frame.listed.file)
    for row, text in enumerate(frame.listed.columns[column]):
        if not fits(text):
            unit_id = frame.units[row].unit_id
            cells.add(
                code,
                Words(
                    f"Đơn vị {unit_id}: cột {column} ghi “{text}”, không phải {kind.vi}.",
                    f"The column '{column}' of the unit {unit_id} holds '{text}', which is no "
                    f"{kind.en}.",
                ),
                advice,
                row=frame.listed.line(row),
                column=column,
                path=_path(place),
            )
    faults.findings += cells.findings
