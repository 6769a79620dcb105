"""Which units: single tools that take a source of chance and return positions 0 … N−1.

Every tool asks its ``rng`` for uniform numbers only, by ``rng.random(size)``: a numpy
generator serves notebooks and simulations, a hash stream (``sampling.chance``) the
published draw.
"""

from sampling.selection.balanced import (
    balance_gap,
    cube,
    flight_phase,
    landing_phase,
    stratified_cube,
)
from sampling.selection.by_size import pps_systematic
from sampling.selection.equal import (
    bernoulli,
    srs,
    srs_with_replacement,
    systematic,
    systematic_circular,
)
from sampling.selection.high_entropy import maximum_entropy, sampford
from sampling.selection.in_strata import StratifiedDraw, stratified
from sampling.selection.independent import pareto, poisson
from sampling.selection.ordering import serpentine
from sampling.selection.sized import (
    GroupedDraw,
    chromy,
    rao_hartley_cochran,
    rao_hartley_cochran_groups,
)
from sampling.selection.spatial import local_pivotal, projected, scps, spatial_balance
from sampling.selection.stepwise import brewer, midzuno, tille

__all__ = [
    "GroupedDraw",
    "StratifiedDraw",
    "balance_gap",
    "bernoulli",
    "brewer",
    "chromy",
    "cube",
    "flight_phase",
    "landing_phase",
    "local_pivotal",
    "maximum_entropy",
    "midzuno",
    "pareto",
    "poisson",
    "pps_systematic",
    "projected",
    "rao_hartley_cochran",
    "rao_hartley_cochran_groups",
    "sampford",
    "scps",
    "serpentine",
    "spatial_balance",
    "srs",
    "srs_with_replacement",
    "stratified",
    "stratified_cube",
    "systematic",
    "systematic_circular",
    "tille",
]
