"""How many common factors a set of items carries: parallel analysis.

The eigenvalues of the weighted correlation matrix are set beside those of items that have
nothing in common but the same weights, categories and sampling error. Eigenvalues have no
unit; on average they are one.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd
from scipy import special

from analysis.design import Floats
from analysis.estimation.results import Design
from analysis.inference.reliability.association import (
    Association,
    PolychoricCorrelations,
    associate,
)
from analysis.inference.reliability.coefficient import spread
from analysis.inference.reliability.polychoric import polychoric
from intake.findings import EstimationError

_PAIRS = 100


def parallel(
    design: Design,
    items: Sequence[str],
    *,
    seed: int,
    matrix: str = "linear",
    simulations: int = 200,
    quantile: float = 0.95,
    missing: str = "fail",
) -> pd.DataFrame:
    """Compare eigenvalues with those of unrelated items.

    Parameters
    ----------
    design, items, matrix, missing
        As for `factors`.
    seed
        Seed of the unrelated items; the same seed gives the same table.
    simulations
        Sets of unrelated items.
    quantile
        Of their eigenvalues, which a factor must exceed.

    Returns
    -------
    pandas.DataFrame
        ``quantity`` (position), ``value`` (eigenvalue), ``reference`` (mean of the unrelated
        ones), ``limit`` (their quantile), ``keep`` (true up to the first that is not above its
        limit).

    Notes
    -----
    Unrelated items are drawn for as many independent answers as correlations under this design
    are worth: the rows divided by the mean design effect of the correlations (of at most 100
    pairs), so that clusters and weights count.

    References
    ----------
    Horn, J. L. (1965). A rationale and test for the number of factors in factor analysis.
    Psychometrika 30, 179-185.

    Examples
    --------
    >>> from analysis import SurveyDesign
    >>> rng = np.random.Generator(np.random.PCG64(3))
    >>> common = rng.normal(size=(200, 1))
    >>> table = pd.DataFrame(common + rng.normal(size=(200, 4)), columns=list("abcd"))
    >>> design = SurveyDesign(table.assign(w=1.0), weights="w")
    >>> parallel(design, list("abcd"), seed=1)["keep"].tolist()
    [True, False, False, False]
    """
    if simulations < 20 or not 0 < quantile < 1:
        raise EstimationError.of(
            "simulations-too-few",
            f"simulations={simulations}, quantile={quantile} không hợp lệ.",
            f"simulations={simulations}, quantile={quantile} is not possible.",
            "Cần ít nhất 20 lần và 0 < quantile < 1.",
            "Give at least 20, 0 < quantile < 1.",
        )
    found = associate(design, items, matrix, missing, least=3)
    rng = np.random.Generator(np.random.PCG64(seed))
    worth = max(_worth(design, found), len(found.names) + 2)
    drawn = np.array([_unrelated(found, worth, rng) for _ in range(simulations)])
    value = np.linalg.eigvalsh(found.matrix)[::-1]
    limit = np.quantile(drawn, quantile, axis=0)
    return pd.DataFrame(
        {
            "quantity": np.arange(1, len(value) + 1),
            "value": value,
            "reference": drawn.mean(axis=0),
            "limit": limit,
            "keep": np.logical_and.accumulate(value > limit),
        }
    )


def _worth(design: Design, found: Association) -> int:
    """Return the number of independent answers that the correlations are worth."""
    size = len(found.names)
    first, second = np.triu_indices(size, 1)
    chosen = np.arange(0, len(first), max(1, len(first) // _PAIRS))[:_PAIRS]
    first, second = first[chosen], second[chosen]
    gradient = np.zeros((len(chosen), size, size))
    gradient[np.arange(len(chosen)), first, second] = 0.5
    gradient[np.arange(len(chosen)), second, first] = 0.5
    scores = found.scores(gradient)
    variance = np.diag(spread(design, scores, lambda w: found.at(w)[first, second]))
    # Under equal weights and independent rows a score's sum has this variance.
    weights = np.where(np.any(scores != 0, axis=1), design.weights, 0.0)
    share = weights / weights.sum()
    with np.errstate(divide="ignore", invalid="ignore"):
        effect = np.where(share[:, None] > 0, scores / share[:, None], 0.0)
    simple = np.einsum("n,nk->k", share, effect**2) / found.n
    ratio = float(np.mean(variance / simple))
    return int(found.n / max(ratio, 1e-6)) if ratio > 0 else found.n


def _unrelated(found: Association, worth: int, rng: np.random.Generator) -> Floats:
    """Return the eigenvalues of unrelated items of the same kind."""
    drawn = rng.standard_normal((worth, len(found.names)))
    if not isinstance(found, PolychoricCorrelations):
        return np.asarray(np.linalg.eigvalsh(np.corrcoef(drawn, rowvar=False))[::-1])
    code = np.empty(drawn.shape, dtype=np.int64)
    for item, cuts in enumerate(found.fitted.thresholds[:, 1:-1]):
        code[:, item] = np.searchsorted(special.ndtr(cuts), special.ndtr(drawn[:, item]))
        code[:, item] = np.unique(code[:, item], return_inverse=True)[1]
    levels = code.max(axis=0) + 1
    if levels.min() < 2:
        return np.zeros(len(levels))
    matrix = polychoric(code, levels, np.ones(worth), found.names).matrix
    return np.asarray(np.linalg.eigvalsh(matrix)[::-1])
