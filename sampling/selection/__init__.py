"""Which units: single tools that take a source of chance and return positions 0 … N−1.

Every tool asks its ``rng`` for uniform numbers only, by ``rng.random(size)``: a numpy
generator serves notebooks and simulations, a hash stream (``sampling.chance``) the
published draw.
"""

from sampling.selection.by_size import pps_systematic
from sampling.selection.equal import srs, systematic

__all__ = ["pps_systematic", "srs", "systematic"]
