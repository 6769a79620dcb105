"""A sample by its strata and units of stage 1, each unit with the rows that lie in it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from numbers import Rational
from typing import TYPE_CHECKING

from intake.findings import DrawError, Faults, Words
from sampling.sample import SAMPLE_COLUMNS

if TYPE_CHECKING:
    import pandas as pd

Cells = Mapping[str, object]
Within = Callable[[str], "pd.DataFrame"]


@dataclass(frozen=True)
class Unit:
    """A unit of stage 1: its own row, then the rows within it."""

    unit_id: str
    weight: Fraction
    rows: tuple[Cells, ...]
    role: str = "drawn"


@dataclass(frozen=True)
class Stratum:
    """The units of stage 1 in one stratum: drawn ones, and reserves in their order."""

    name: str
    drawn: tuple[Unit, ...]
    reserves: tuple[Unit, ...] = ()


def strata_of(sample: pd.DataFrame, faults: Faults) -> list[Stratum]:
    """Return the strata of a sample, in its order; note rows that lie in no unit.

    Raises
    ------
    DrawError
        A column is missing.
    """
    rows = _rows(sample)
    first = [row for row in rows if row["stage"] == 1]
    homes = {str(row["psu_id"]): str(row["unit_id"]) for row in first if row["psu_id"]}
    certain = {str(row["stratum"]): str(row["unit_id"]) for row in first if not row["psu_id"]}
    within: dict[str, list[Cells]] = {str(row["unit_id"]): [row] for row in first}
    for row in rows:
        if row["stage"] == 1:
            continue
        home = homes.get(str(row["psu_id"])) or _certain_home(str(row["stratum"]), certain)
        if home is None:
            faults.add(
                "revision-case-without-unit",
                Words(
                    f"{row['unit_id']} không thuộc đơn vị giai đoạn 1 nào của mẫu.",
                    f"{row['unit_id']} lies in no unit of stage 1 of the sample.",
                ),
                Words("Dùng nguyên tệp sample.csv.", "Use the whole file sample.csv."),
            )
        else:
            within[home].append(row)
    groups: dict[str, list[Unit]] = {}
    for row in first:
        name = str(row["unit_id"])
        unit = Unit(name, weight_in(row), tuple(within[name]))
        groups.setdefault(str(row["stratum"]), []).append(unit)
    return [Stratum(name, tuple(units)) for name, units in groups.items()]


def with_reserves(
    strata: Sequence[Stratum], reserves: pd.DataFrame, within: Within | None
) -> list[Stratum]:
    """Return the strata with their reserves of stage 1; ``within`` gives what lies in them."""
    spare: dict[str, list[Unit]] = {}
    for row in sorted(_rows(reserves), key=lambda one: int(str(one["order"]))):
        if row["stage"] == 1:
            name = str(row["unit_id"])
            unit = Unit(name, weight_in(row), (row, *(_rows(within(name)) if within else ())),
                        "reserve")  # fmt: skip
            spare.setdefault(str(row["stratum"]), []).append(unit)
    return [Stratum(one.name, one.drawn, tuple(spare.get(one.name, ()))) for one in strata]


def weight_in(row: Cells) -> Fraction:
    """Return the design weight of a row, exact where it is given exactly."""
    weight = row["design_weight"]
    return Fraction(weight) if isinstance(weight, Rational) else Fraction(float(str(weight)))


def _certain_home(stratum: str, certain: Mapping[str, str]) -> str | None:
    """Return the certain unit whose stratum this is, or holds it."""
    parts = stratum.split("/")
    ends = range(len(parts), 0, -1)
    return next((certain[one] for one in ("/".join(parts[:end]) for end in ends)
                 if one in certain), None)  # fmt: skip


def _rows(table: pd.DataFrame) -> list[Cells]:
    lacking = [name for name in SAMPLE_COLUMNS if name not in table.columns]
    if lacking:
        raise DrawError.of(
            "revision-column-missing",
            f"Bảng mẫu thiếu cột: {', '.join(lacking)}.",
            f"The sample lacks the columns: {', '.join(lacking)}.",
            "Dùng tệp sample.csv của lần chọn mẫu.",
            "Use the sample.csv of a draw.",
        )
    whole = table.loc[:, list(SAMPLE_COLUMNS)].fillna({"psu_id": "", "stratum": ""})
    return [{str(name): cell for name, cell in row.items()} for row in whole.to_dict("records")]
