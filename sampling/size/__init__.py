"""How many to ask, for one question or for many domains at once."""

from sampling.size.clustered import clusters, clusters_three_stages, design_effect
from sampling.size.comparison import difference
from sampling.size.intervals import half_width
from sampling.size.many import domains
from sampling.size.results import (
    ClusterSize,
    DomainSizes,
    PairSizes,
    SampleSize,
    ThreeStageSize,
)
from sampling.size.single import mean, ministry, share

__all__ = [
    "ClusterSize",
    "DomainSizes",
    "PairSizes",
    "SampleSize",
    "ThreeStageSize",
    "clusters",
    "clusters_three_stages",
    "design_effect",
    "difference",
    "domains",
    "half_width",
    "mean",
    "ministry",
    "share",
]
