"""Variances under replicate weights: every replicate is distant from a mean of its own.

With u the distances from the mean of the full sample, a replicate's variance is the mean of
u² less the square of the mean of u, both with its weights. The distances are small where
answers are close together, so nothing is lost by subtracting.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from analysis.estimation.linearization import Evaluated
from analysis.estimation.replicated import Replicated


class ReplicatedVariances(Replicated):
    """One call for variances in one domain variable; ``asked`` holds squares and distances."""

    def estimate(self) -> Evaluated:
        """Return values and variances of every quantity in every category."""
        found = super().estimate()
        assert self.asked.distances is not None  # noqa: S101 - chosen for such calls alone
        plain = replace(self.asked, over=self.asked.distances, distances=None)
        means = Replicated(self.design, plain, self.category, self.categories)
        means.estimate()
        positions = range(self.categories * self.asked.quantities)
        own = means.scores(positions).reshape(self._replicates.shape)
        self._replicates = np.asarray(self._replicates - own**2)
        return replace(found, variance=self.design.variance_of(self._replicates, found.value))
