"""How many are drawn in each stratum, and what a design would bring and cost.

Nothing is drawn here: takes are shared out, and expected responses, precision and cost
follow from the planning figures of the design.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from intake.findings import Finding
from sampling import size
from sampling.design import SampleDesign, column_size
from sampling.frame import Frame, FrameUnit
from sampling.takes import takes_of

if TYPE_CHECKING:
    import pandas as pd

PLAN_COLUMNS = (
    "stratum",
    "units",
    "size",
    "take",
    "issued",
    "expected",
    "deff",
    "half_width",
    "cost",
)


@dataclass(frozen=True)
class Plan:
    """What a design would bring and cost, before anything is spent.

    ``rows`` has one mapping per stratum with the keys of ``PLAN_COLUMNS``, ``total`` the
    same for all strata together; half-widths are for the share of the design's targets.
    """

    rows: tuple[Mapping[str, object], ...]
    total: Mapping[str, object]
    targets: Mapping[str, float]
    findings: tuple[Finding, ...] = ()

    @property
    def table(self) -> pd.DataFrame:
        """The strata and, last, their total."""
        import pandas as pd

        return pd.DataFrame([*self.rows, self.total], columns=list(PLAN_COLUMNS))


def plan(design: SampleDesign, frame: Frame) -> Plan:
    """Return takes, expected responses, expected precision and cost of a design.

    Per stratum: units held, their total size, units drawn, persons or visits issued,
    responses expected, design effect 1 + (b − 1) ρ with b expected responses in a drawn
    unit (1 where each response is its own PSU), and the half-width of the interval of the
    planned share. The total adds the variances of the strata by their share in the size.

    Raises
    ------
    DesignError
        The design cannot be carried out on the frame.
    """
    takes, findings = takes_of(design, frame)
    targets = design.planning
    rows = [
        _planned(design, stratum, units, takes[stratum])
        for stratum, units in design.strata_of(frame).items()
    ]
    total_size = sum(int(str(row["size"])) for row in rows)
    variance = sum(
        (int(str(row["size"])) / total_size * float(str(row["half_width"]))) ** 2 for row in rows
    )
    total: dict[str, object] = {
        "stratum": "",
        **{
            key: sum(int(str(row[key])) for row in rows)
            for key in ("units", "size", "take", "issued")
        },
        "expected": sum(float(str(row["expected"])) for row in rows),
        "half_width": math.sqrt(variance),
        "cost": sum(float(str(row["cost"])) for row in rows),
    }
    simple = size.half_width(
        targets["share"], float(str(total["expected"])), level=targets["level"]
    )
    total["deff"] = variance / simple**2
    return Plan(tuple(rows), {key: total[key] for key in PLAN_COLUMNS}, targets, tuple(findings))


def _planned(
    design: SampleDesign, stratum: str, units: Sequence[FrameUnit], take: int
) -> dict[str, object]:
    targets = design.planning
    certain = take == len(units)
    issued = take
    if len(design.stages) > 1:
        within = design.stages[1]
        wanted = within.take if isinstance(within.take, int) else 1
        if within.method == "every_kth":
            counts = [_visits(column_size(unit, within.size) or 1, wanted) for unit in units]
            issued = round(sum(counts) / len(units) * take)
        else:
            issued = wanted * take
    expected = issued * targets["response"]
    deff = 1.0
    if len(design.stages) > 1 and not certain:
        deff = size.design_effect(expected / take, targets["rho"])
    return {
        "stratum": stratum,
        "units": len(units),
        "size": sum(unit.size for unit in units),
        "take": take,
        "issued": issued,
        "expected": expected,
        "deff": deff,
        "half_width": size.half_width(
            targets["share"], expected, deff=deff, level=targets["level"]
        ),
        "cost": take * design.costs.get("per_unit", 0.0)
        + expected * design.costs.get("per_interview", 0.0),
    }


def _visits(expected: int, target: int) -> int:
    return round(expected / max(1, expected // target))
