"""Figures for areas with few answers, and when they may be shown.

A commune with thirty answers has an unsteady average. A model that knows something about every
commune steadies it: `fay_herriot` works from the direct estimates and their sampling variances,
`unit_eblup` from the answers themselves. `benchmark` makes the communes add up to the published
total, `diagnose` says whether the model may be believed, `may_show` which figures may be shown.

Estimates are in the unit of the item; mean squared errors in its square.
"""

from analysis.inference.small_area.area_level import AreaModel, fay_herriot
from analysis.inference.small_area.benchmarking import Benchmarked, benchmark
from analysis.inference.small_area.diagnostics import Diagnostics, diagnose
from analysis.inference.small_area.showing import ShowingRule, may_show
from analysis.inference.small_area.unit_level import UnitModel, unit_eblup

__all__ = [
    "AreaModel",
    "Benchmarked",
    "Diagnostics",
    "ShowingRule",
    "UnitModel",
    "benchmark",
    "diagnose",
    "fay_herriot",
    "may_show",
    "unit_eblup",
]
