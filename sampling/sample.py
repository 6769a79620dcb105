"""The sample: one row for each unit, person or visit that is drawn, or stands in reserve.

``probability`` is the inclusion probability of the row through all stages,
``design_weight`` one over it. Of a unit drawn by ``rao_hartley_cochran`` it is conditional on
the random groups of this draw: its size over the total of its group. ``psu_id`` is empty where
each row is its own PSU.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable
from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING

from sampling.frame import spreadsheet_safe

if TYPE_CHECKING:
    import pandas as pd

SAMPLE_COLUMNS = (
    "unit_id",
    "stratum",
    "psu_id",
    "stage",
    "order",
    "probability",
    "design_weight",
    "role",
)


@dataclass(frozen=True, slots=True)
class Row:
    """One row of the sample file."""

    unit_id: str
    stratum: str
    psu_id: str
    stage: int
    order: int
    chance: Fraction
    role: str

    def cells(self) -> tuple[str, str, str, int, int, float, float, str]:
        """Return the cells in the order of ``SAMPLE_COLUMNS``."""
        above, below = self.chance.numerator, self.chance.denominator
        return (
            self.unit_id,
            self.stratum,
            self.psu_id,
            self.stage,
            self.order,
            above / below,
            below / above,
            self.role,
        )


def sample_table(rows: Iterable[Row]) -> pd.DataFrame:
    """Return the rows as a data frame with the columns of the sample file."""
    import pandas as pd

    table = pd.DataFrame([row.cells() for row in rows], columns=list(SAMPLE_COLUMNS))
    kinds = {"stage": "int64", "order": "int64", "probability": "float64"}
    return table.astype({**kinds, "design_weight": "float64"})


def sample_csv(rows: Iterable[Row]) -> str:
    """Return the text of a sample file, as it is written and as it is hashed."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(SAMPLE_COLUMNS)
    for row in rows:
        unit_id, stratum, psu_id, *own = row.cells()  # the rest are numbers and the role
        named = map(spreadsheet_safe, (unit_id, stratum, psu_id))
        writer.writerow((*named, *own))
    return text.getvalue()
