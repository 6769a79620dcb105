"""How likely a unit, and a pair of units, is drawn."""

from sampling.probabilities.inclusion import inclusion_probabilities

__all__ = ["inclusion_probabilities"]
