"""Ranks, and how sure they are.

Rank 1 is the highest value. Equal values share a rank and the next rank is skipped. Four
questions have an answer here: between which ranks every unit lies for sure
(`joint_intervals`), which pairs differ (`pairwise`, `compare`, `neighbours`), which units
form groups that cannot be told apart (`tiers`), and how probable each rank, each place among
the first k and each band is (`probabilities`).

Values and standard errors are in the same unit, such as points. What the values are, and how
their standard errors come about, is left to the estimates.
"""

from analysis.inference.ranks.chances import Chances, probabilities
from analysis.inference.ranks.comparison import Comparison, compare, neighbours, pairwise
from analysis.inference.ranks.intervals import METHODS, joint_intervals
from analysis.inference.ranks.order import rank
from analysis.inference.ranks.tiers import tiers

__all__ = [
    "METHODS",
    "Chances",
    "Comparison",
    "compare",
    "joint_intervals",
    "neighbours",
    "pairwise",
    "probabilities",
    "rank",
    "tiers",
]
