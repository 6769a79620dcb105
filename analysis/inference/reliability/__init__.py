"""Whether the items of a scale measure one thing, evenly, and alike in every mode."""

from analysis.inference.reliability.agreement import kappa
from analysis.inference.reliability.coefficient import Coefficient
from analysis.inference.reliability.congeneric import omega
from analysis.inference.reliability.consistency import alpha, item_total
from analysis.inference.reliability.factors import FactorAnalysis, factors
from analysis.inference.reliability.modes import ModeComparison, across_modes
from analysis.inference.reliability.parallel import parallel

__all__ = [
    "Coefficient",
    "FactorAnalysis",
    "ModeComparison",
    "across_modes",
    "alpha",
    "factors",
    "item_total",
    "kappa",
    "omega",
    "parallel",
]
