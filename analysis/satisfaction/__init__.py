"""Items to factors to blocks to the satisfaction index, each with its uncertainty.

The index of an item is a weighted percentage of its valid answers on the scale 1 to 5, under
a named rule; an answer that is missing, whatever the reason, is left out of that item alone.
Factors, blocks and the overall index are fixed linear combinations of item indices, so their
standard errors follow by linearisation with all covariances: nothing is simulated.

All values and standard errors are on 0 to 100.
"""

from analysis.satisfaction.calibrated import calibrated
from analysis.satisfaction.composite import index
from analysis.satisfaction.composition import (
    OVERALL,
    Aggregation,
    FactorLike,
    Quantities,
    QuestionnaireLike,
    combine,
    quantities,
)
from analysis.satisfaction.rounds import TABLE_COLUMNS, estimate_round
from analysis.satisfaction.rules import SCALE, IndexRule
from analysis.satisfaction.specification import (
    WEIGHT_CHOICES,
    EstimateSpec,
    estimate_spec,
    read_estimate_spec,
)

__all__ = [
    "OVERALL",
    "SCALE",
    "TABLE_COLUMNS",
    "WEIGHT_CHOICES",
    "Aggregation",
    "EstimateSpec",
    "FactorLike",
    "IndexRule",
    "Quantities",
    "QuestionnaireLike",
    "calibrated",
    "combine",
    "estimate_round",
    "estimate_spec",
    "index",
    "quantities",
    "read_estimate_spec",
]
