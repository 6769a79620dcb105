"""Whether the voluntary stream can be adjusted at all: overlap, weights, balance.

An adjustment is no better than the overlap of the two sources: people who never volunteer have
nobody to speak for them, and a few volunteers with huge weights speak for many. Propensities
and shares lie between 0 and 1; differences of covariates are in their standard deviations.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from analysis.design import Floats
from analysis.inference.two_sources.participation import Participation

_POINTS = (0.0, 0.01, 0.05, 0.5, 0.95, 0.99, 1.0)


@dataclass(frozen=True, eq=False)
class Diagnostics:
    """What the propensities of a voluntary stream look like.

    ``overlap``: ``source, n`` and the quantiles ``min … max`` of the propensity in both
    (weighted in the drawn sample). ``outside`` is the share of the population whose
    propensity lies below or above that of every volunteer. ``n_effective`` is (Σ w)² / Σ w²,
    ``largest_share`` the part of all weight that the heaviest volunteer carries,
    ``population`` what weights of the volunteers add up to beside ``population_drawn``.
    ``balance``: ``covariate, drawn, voluntary, adjusted, difference_before,
    difference_after`` (in standard deviations of the drawn sample); numbers are shown
    standardised over both sources, categories as shares.
    """

    overlap: pd.DataFrame
    outside: float
    n: int
    n_effective: float
    largest_share: float
    population: float
    population_drawn: float
    balance: pd.DataFrame


def diagnose(found: Participation) -> Diagnostics:
    """Describe overlap, weights and balance of a participation model.

    Examples
    --------
    >>> from analysis.design import SurveyDesign
    >>> from analysis.inference.two_sources import participation
    >>> drawn = SurveyDesign(pd.DataFrame({"sex": ["f", "m"] * 10, "w": 10.0}), weights="w")
    >>> eager = pd.DataFrame({"sex": ["f"] * 20 + ["m"] * 5})
    >>> seen = diagnose(participation(drawn, eager, ["sex"]))
    >>> seen.balance[["drawn", "voluntary", "adjusted"]].round(3).iloc[0].tolist()
    [0.5, 0.2, 0.5]
    >>> round(seen.n_effective, 1)
    16.0
    """
    kept = found.kept
    weights = found.fit.weights[kept]
    design = found.drawn.weights
    own = found.propensities[kept]
    inside = design > 0
    theirs, d = found.fit.propensity_b[inside], design[inside]
    names = ("min", "p01", "p05", "median", "p95", "p99", "max")
    overlap = pd.DataFrame(
        [
            {
                "source": "voluntary",
                "n": own.size,
                **dict(zip(names, np.quantile(own, _POINTS).tolist(), strict=True)),
            },
            {
                "source": "drawn",
                "n": theirs.size,
                **dict(zip(names, _quantiles(theirs, d).tolist(), strict=True)),
            },
        ]
    )
    apart = (theirs < own.min() * (1 - 1e-9)) | (theirs > own.max() * (1 + 1e-9))
    return Diagnostics(
        overlap,
        float(d[apart].sum() / d.sum()),
        int(kept.sum()),
        float(weights.sum() ** 2 / (weights**2).sum()),
        float(weights.max() / weights.sum()),
        float(weights.sum()),
        float(d.sum()),
        _balance(found, weights),
    )


def _balance(found: Participation, weights: Floats) -> pd.DataFrame:
    a, b = (matrix[:, 1:] for matrix in found.covariates.matrices)
    design = found.drawn.weights
    own = a[found.kept]
    drawn = design @ b / design.sum()
    spread = np.sqrt(np.maximum(design @ (b - drawn) ** 2 / design.sum(), 1e-300))
    plain = own.mean(axis=0)
    after = weights @ own / weights.sum()
    return pd.DataFrame(
        {
            "covariate": list(found.covariates.labels[1:]),
            "drawn": drawn,
            "voluntary": plain,
            "adjusted": after,
            "difference_before": (plain - drawn) / spread,
            "difference_after": (after - drawn) / spread,
        }
    )


def _quantiles(values: Floats, weights: Floats) -> Floats:
    order = np.argsort(values)
    reached = np.cumsum(weights[order]) / weights.sum()
    place = np.searchsorted(reached, np.array(_POINTS) - 1e-12)
    return np.asarray(values[order][np.minimum(place, values.size - 1)])
