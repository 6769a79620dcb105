"""How sure a statistic is under a design: its covariance, whatever the statistic is.

A statistic that is no mean, total or ratio (a regression coefficient, a reliability, a test
score) gives two things: the weighted linearised value of each row, for a design with strata
and primary units, and a way to compute itself again from other weights, for a design with
replicate weights. `covariance_of` takes both and uses the one that the design calls for.

Weights are in persons (or visits) represented.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from analysis.cells import indicator
from analysis.design import Floats, SurveyDesign
from analysis.replication import ReplicateDesign
from analysis.residuals import binding, residual_scores
from analysis.stages import Flags, Integers
from analysis.stagewise import covariance_of_totals, spread_over


def covariance_of(
    design: SurveyDesign | ReplicateDesign,
    scores: Floats,
    recompute: Callable[[Floats], Floats] | None = None,
) -> Floats:
    """Return the covariance matrix of a statistic.

    Parameters
    ----------
    design
        The table and how it was drawn, or replicate weights.
    scores
        Shape (rows, k): the weight of each row times its linearised value for each of the k
        components; zero for rows outside the part picked by ``where``.
    recompute
        From weights in row order to the k components; needed for replicate weights.

    Returns
    -------
    numpy.ndarray
        Shape (k, k), in squared units of the statistic.

    Raises
    ------
    TypeError
        The design has replicate weights and ``recompute`` is missing.

    References
    ----------
    Binder, D. A. (1983). On the variances of asymptotically normal estimators from complex
    surveys. International Statistical Review 51, 279-292.

    Examples
    --------
    The standard error of a mean, (w / Σw)(y - ȳ) being its linearised values:

    >>> import pandas as pd
    >>> table = pd.DataFrame({"y": [1.0, 2.0, 3.0, 4.0], "w": 1.0})
    >>> scores = ((table["y"] - 2.5) / 4).to_numpy()[:, None]
    >>> float(covariance_of(SurveyDesign(table, weights="w"), scores)[0, 0] ** 0.5)
    0.6454972243679028
    """
    if isinstance(design, ReplicateDesign):
        if recompute is None:
            raise TypeError("a statistic under replicate weights needs recompute")
        replicates = [recompute(weights) for weights in design.weights_by_replicate()]
        return design.covariance_of(np.array(replicates), recompute(design.weights))
    totals = indicator(design.unit_of, design.units) @ residual_scores(design, scores)
    held = clusters_with_members(design, design.member)
    if held is not None:
        return covariance_where_held(design, np.asarray(totals), held)
    return covariance_of_totals(design, np.asarray(totals))


def clusters_with_members(design: SurveyDesign, member: Flags) -> Integers | None:
    """Return the finest clusters that hold members, where a domain's variance depends on them.

    It does where the design treats units that a domain leaves alone, and where lone units count
    as the average of the strata that hold members; else None. Calibration spreads a domain over
    all clusters, and other forms than stages know no lone units: None again.
    """
    minds = design.lonely_domains or design.lonely_psu == "average"
    if not minds or member.all() or design.form is not None or binding(design):
        return None
    return np.unique(design.unit_of[member])


def covariance_where_held(design: SurveyDesign, totals: Floats, held: Integers) -> Floats:
    """Return the covariance of totals (clusters × k) of a domain with members in ``held``."""
    spread = spread_over(design, held, np.zeros(held.size, dtype=np.int64), 1)
    return spread.covariance(totals[held])
