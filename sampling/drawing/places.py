"""Places on the list of a drawn unit: persons, households, visits, and the one at the door."""

from __future__ import annotations

from collections.abc import Iterable
from fractions import Fraction

from sampling.chance import WHOLE, first_positions, start_number, start_numbers
from sampling.design import Stage, column_size, stratum_take
from sampling.drawing.exact import exact_at_rate, exact_systematic, take_at_rate
from sampling.drawing.path import Drawn
from sampling.sample import Row
from sampling.visits import numbers, rhythm_of, start_of

MOST_ELIGIBLE = 12


def draw_places(
    stage: Stage, one: Drawn, key: str, *, number: int, reserve: int
) -> tuple[list[Row], dict[str, object]]:
    """Draw places on the list of one unit; return its rows and what is on record.

    ``number`` is the number of the stage; ``reserve`` the places to set aside (``srs``).
    """
    unit = one.unit
    here = stage.within(unit.cells.get(stage.strata, ""))
    held = column_size(unit, here.size) or 1
    take = stratum_take(stage, unit.cells.get(stage.strata, "")) or 1
    if here.method != "every_kth":
        take = here.fitting(take, held)
    name = unit.unit_id
    told: dict[str, object] = {"unit_id": name, "stratum": one.stratum}
    told |= {"method": here.method}
    if number > 2:
        told |= {"stage": number}
    rate = here.exact_rate
    start = start_number(key, name)
    if here.method == "every_kth":
        step = rhythm_of(held, take)
        first = int(start_of(step, Fraction(start, WHOLE)))
        positions = numbers(step, first, held)
        odds = Fraction(1, step)
        told |= {"expected": held, "target": take, "k": step}
        told |= {"start_hash": f"{start:064x}", "start": first}
        take = len(positions)
    elif here.method == "systematic":
        if rate is not None:
            positions, odds = [1 + place for place in exact_at_rate(held, rate, start)], rate
        else:
            positions = [1 + place for place in exact_systematic([1] * held, take, start)]
            odds = Fraction(take, held)
        take = len(positions)
        told |= {"held": held, "take": take, "reserves": 0, "start_hash": f"{start:064x}"}
    else:
        if rate is not None:
            take = take_at_rate(held, rate, start_number(key, f"{name}|take"))
        positions = first_positions(key, name, held, min(held, take + reserve))
        odds = Fraction(take, held) if rate is None else rate
        told |= {"held": held, "take": take, "reserves": len(positions) - take}
    chance = one.chance * odds
    rows = [
        Row(
            unit_id=f"{name}-{position:06d}",
            stratum=one.stratum,
            psu_id=one.psu_id,
            stage=number,
            order=order,
            chance=chance,
            role="drawn" if order <= take else "reserve",
        )
        for order, position in enumerate(positions, start=1)
    ]
    return rows, told


def person_places(key: str, household: str) -> list[int]:
    """Return whom to ask in a household with 1, 2, … eligible persons: places from the oldest.

    Each of ``a`` eligible persons has the same chance 1/a; the list is what a Kish grid
    tells an interviewer.

    References
    ----------
    Kish, L. (1949). A procedure for objective respondent selection within the household.
    Journal of the American Statistical Association 44, 380-387.
    """
    starts = start_numbers(key, household, MOST_ELIGIBLE)
    return [1 + start * eligible // WHOLE for eligible, start in enumerate(starts, start=1)]


def person_sheet(key: str, rows: Iterable[Row], number: int) -> list[tuple[str, list[int]]]:
    """Return the places to ask for each household of a stage, drawn or in reserve."""
    return [(row.unit_id, person_places(key, row.unit_id)) for row in rows if row.stage == number]
