"""Where to cut a numeric variable into strata, and what the cuts are worth."""

from sampling.stratification.rules import dalenius_hodges, geometric
from sampling.stratification.search import lavallee_hidiroglou
from sampling.stratification.values import Strata

__all__ = ["Strata", "dalenius_hodges", "geometric", "lavallee_hidiroglou"]
