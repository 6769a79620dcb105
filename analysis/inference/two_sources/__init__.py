"""What voluntary answers say beside the drawn sample, and how far they can be put right.

The drawn sample carries every published number. Answers to an open poster are listened to and
shown as a series of their own: `compare` puts both side by side and `pool` refuses to merge
them. `quasi_randomized`, `doubly_robust` and `mass_imputed` estimate what the voluntary
stream would say if its selection followed the covariates alone, with the drawn sample as the
measure of the population; the result stays a series of its own.

Values are in the units of the item; propensities lie between 0 and 1.
"""

from analysis.inference.two_sources.adjusted import (
    AdjustedSeries,
    doubly_robust,
    mass_imputed,
    quasi_randomized,
)
from analysis.inference.two_sources.diagnostics import Diagnostics, diagnose
from analysis.inference.two_sources.participation import Participation, participation
from analysis.inference.two_sources.series import LABELS, SideBySide, compare, pool

__all__ = [
    "LABELS",
    "AdjustedSeries",
    "Diagnostics",
    "Participation",
    "SideBySide",
    "compare",
    "diagnose",
    "doubly_robust",
    "mass_imputed",
    "participation",
    "pool",
    "quasi_randomized",
]
