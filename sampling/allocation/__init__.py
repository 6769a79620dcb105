"""How many in each stratum: rules that share out a total, and optima under a cost or a cv."""

from sampling.allocation.multivariate import BethelSolution, bethel, bethel_solution
from sampling.allocation.optimum import anticipated_se, cost
from sampling.allocation.rules import (
    equal,
    fixed_by_type,
    neyman,
    power,
    proportional,
    square_root,
)

__all__ = [
    "BethelSolution",
    "anticipated_se",
    "bethel",
    "bethel_solution",
    "cost",
    "equal",
    "fixed_by_type",
    "neyman",
    "power",
    "proportional",
    "square_root",
]
