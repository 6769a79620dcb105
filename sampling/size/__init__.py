"""How many to ask, for one question or for many domains at once."""

from sampling.size.single import (
    ClusterSize,
    SampleSize,
    clusters,
    design_effect,
    difference,
    half_width,
    mean,
    ministry,
    share,
)

__all__ = [
    "ClusterSize",
    "SampleSize",
    "clusters",
    "design_effect",
    "difference",
    "half_width",
    "mean",
    "ministry",
    "share",
]
