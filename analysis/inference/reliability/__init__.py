"""Whether the items of a scale measure one thing, evenly, and alike in every mode."""

from analysis.inference.reliability.agreement import kappa
from analysis.inference.reliability.coefficient import Coefficient
from analysis.inference.reliability.congeneric import omega
from analysis.inference.reliability.consistency import alpha, item_total

__all__ = ["Coefficient", "alpha", "item_total", "kappa", "omega"]
