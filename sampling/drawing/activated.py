"""What lies below a reserve unit that enters the sample: drawn then as it would have been at once.

The hash streams of a unit hang on the seed and the unit's id alone, so nothing is chosen
when a reserve enters: its households or persons were fixed with the draw.
"""

from __future__ import annotations

from intake.findings import DrawError
from sampling.design import Member, members_of
from sampling.drawing.draws import Draw, Found
from sampling.drawing.path import Drawn
from sampling.sample import Row


def draw_within(draw: Draw, unit_id: str) -> Found:
    """Return what all later stages draw, and set aside, within one unit of the frame.

    Parameters
    ----------
    draw
        A draw whose rows or reserves hold the unit.
    unit_id
        A unit of any stage that draws units of the frame.

    Raises
    ------
    DrawError
        No such unit was drawn or set aside.
    """
    row = next((one for one in (*draw.rows, *draw.reserve_rows) if one.unit_id == unit_id), None)
    if row is None or row.stage > len(draw.design.areas):
        raise DrawError.of(
            "draw-unit-unknown",
            f"Lần chọn mẫu không có đơn vị {unit_id}.",
            f"The draw holds no unit {unit_id}.",
            "Dùng mã trong sample.csv hoặc reserves.csv.",
            "Use an id of sample.csv or reserves.csv.",
        )
    found = Found(draw.design, draw.seed, lambda *_: None)
    member = _member(draw, row)
    found.drawn = [Drawn(member, row.stratum, row.psu_id, row.chance)]
    found.draw_rest(row.stage)
    return found


def _member(draw: Draw, row: Row) -> Member:
    column = draw.design.areas[row.stage - 1].id
    members = members_of(draw.frame.units, column, draw.design.quantities)
    return next(one for one in members if one.unit.unit_id == row.unit_id)
