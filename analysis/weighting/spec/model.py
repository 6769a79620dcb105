"""The steps from base weights to final weights, as data, and what carrying them out gives."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import pandas as pd

from analysis.weighting.trimming import TIMES_MEDIAN

BASES = ("design_weight", "visits")
CLASS_COLUMNS = ("cell", "stratum", "unit_id", "psu_id")
WEIGHT_COLUMNS = ("cell", "design", "nonresponse", "calibrated", "final")
METHODS = ("raking", "linear", "logit")


@dataclass(frozen=True)
class CalibrationTarget:
    """Known population counts, where they come from, and how weights are brought to them.

    ``method`` is one of `METHODS`; ``bounds`` are those of the factors, none for no bounds.
    """

    margins: Mapping[str, Mapping[str, float]]
    source: str
    simulated: bool = False
    method: str = "raking"
    bounds: tuple[float, float] | None = None


@dataclass(frozen=True)
class WeightSpec:
    """The steps from base weights to final weights.

    ``classes`` is the column of the cells whose values are the classes, or the classes as
    lists of cells; none leaves the step out, and so does ``times_median`` of none.
    """

    base: str = "design_weight"
    classes: str | tuple[tuple[str, ...], ...] | None = "cell"
    calibrate: CalibrationTarget | None = None
    times_median: float | None = TIMES_MEDIAN


@dataclass(frozen=True, eq=False)
class Weighting:
    """The weights of a round: the table with one column per step, and what each step did.

    ``record`` holds plain values only, ready for JSON: ``calibrated`` and
    ``simulated_margins`` (booleans), ``source``, ``statement`` (one sentence for the report,
    in both languages), ``steps`` (``step, done, vi, en, diagnostics``) and ``diagnostics``.
    """

    table: pd.DataFrame
    record: dict[str, Any]
