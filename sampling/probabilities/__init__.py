"""How likely a unit, and a pair of units, is drawn."""

from sampling.probabilities.inclusion import certainty_units, inclusion_probabilities
from sampling.probabilities.joint import joint_probabilities

__all__ = ["certainty_units", "inclusion_probabilities", "joint_probabilities"]
