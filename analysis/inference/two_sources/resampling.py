"""Weights of a sample drawn again: primary units within strata, rescaled.

Weights are in persons represented.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from analysis.design import Floats, SurveyDesign
from intake.findings import EstimationError


def rescaled_weights(
    design: SurveyDesign, replicates: int, rng: np.random.Generator
) -> Iterator[Floats]:
    """Yield replicate weights of Rao and Wu's rescaled bootstrap, in row order.

    In each stratum n - 1 of its n primary units are drawn with replacement; the weight of a
    unit drawn m times is multiplied by m n / (n - 1). Finite populations are not corrected for.

    Raises
    ------
    EstimationError
        ``bootstrap-needs-design`` for given replicate weights, weights that were adjusted,
        and strata with a single primary unit.

    References
    ----------
    Rao, J. N. K. and Wu, C. F. J. (1988). Resampling inference with complex survey data.
    Journal of the American Statistical Association 83, 231-241.
    """
    stages = getattr(design, "stages", None)
    if not stages or design.history or (stages[0].counts < 2).any():
        raise EstimationError.of(
            "bootstrap-needs-design",
            "Bootstrap cần thiết kế có tầng và ít nhất hai đơn vị mỗi tầng, trọng số gốc.",
            "The bootstrap needs a design with two units or more per stratum, base weights.",
            "Dùng variance='sandwich'.",
            "Use variance='sandwich'.",
        )
    first = stages[0]
    counts = first.counts
    psu_of_row = first.cluster_of[design.unit_of]
    order = np.argsort(first.stratum_of, kind="stable")
    starts = np.cumsum(counts) - counts
    draws = np.repeat(np.arange(counts.size), counts - 1)
    scale = (counts / (counts - 1))[first.stratum_of]
    for _ in range(replicates):
        picked = starts[draws] + np.floor(rng.random(draws.size) * counts[draws]).astype(np.int64)
        times = np.bincount(order[picked], minlength=first.stratum_of.size)
        yield design.weights * (times * scale)[psu_of_row]
