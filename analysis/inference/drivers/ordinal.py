"""Log odds of a higher outcome per driver: the proportional odds model, linearised.

logit P(outcome ≤ k) = ζ_k − xβ, so that a positive β means that the outcome is higher where the
driver is. The likelihood and its maximum are those of `analysis.inference.models`; this file
adds what the importances need, the linearised value of each row beside that of the drivers'
standard deviations. Two categories make it the logistic model.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy import special

from analysis.design import Floats, Integers
from analysis.inference.models.cumulative import Cumulative
from analysis.inference.models.newton import SeparationError, inverse, maximize
from analysis.inference.variances import Moments
from intake.findings import EstimationError

MOST_CATEGORIES = 20


@dataclass(frozen=True, eq=False)
class LogOdds:
    """A fitted model: β per unit of each driver (p,), and what a row does to it (rows, p)."""

    beta: Floats
    start: Floats
    effects: Floats


def categories(found: Moments) -> Integers:
    """Return the category of the outcome (the first item) from 0 for each row that counts."""
    answers = found.centred[found.kept, 0] + found.mean[0]
    values, code = np.unique(answers.round(9), return_inverse=True)
    if len(values) > MOST_CATEGORIES:
        raise EstimationError.of(
            "categories-many",
            f"Kết quả “{found.names[0]}” có {len(values)} giá trị, quá nhiều cho method='ordinal'.",
            f"Outcome “{found.names[0]}” has {len(values)} values, too many for method='ordinal'.",
            "Gộp các mức, hoặc dùng 'standardized'.",
            "Merge levels, or use 'standardized'.",
            column=found.names[0],
        )
    return np.asarray(code, dtype=np.int64)


def log_odds(
    found: Moments, code: Integers, weights: Floats, start: Floats | None = None
) -> LogOdds:
    """Fit the model to rows that count.

    Parameters
    ----------
    found
        Moments of the outcome (first) and p drivers.
    code
        Category of the outcome of the rows that count, from 0.
    weights
        Weights of all rows, in row order.
    start
        Where to start from, given for replicate weights alone.

    Raises
    ------
    EstimationError
        ``outcome-separated``: a combination of drivers tells the categories apart without
        error, so that the odds have no bound; ``model-not-converged``,
        ``replicate-not-estimable``.

    References
    ----------
    McCullagh, P. (1980). Regression models for ordinal data. JRSS B 42, 109-142.
    """
    order = np.argsort(code, kind="stable")
    bounds = np.concatenate([[0], np.cumsum(np.bincount(code))])
    rows = np.flatnonzero(found.kept)[order]
    own = weights[rows] / weights[rows].sum()
    scale = np.sqrt(np.diag(found.matrix)[1:])
    x = np.ascontiguousarray(found.centred[rows, 1:] / scale)
    size, cuts = x.shape[1], len(bounds) - 2
    names = (*found.names[1:], *(f"{k + 1}|{k + 2}" for k in range(cuts)))
    likelihood = Cumulative(x, bounds.astype(np.int64), names)
    first = start
    if first is None:
        share = np.bincount(code, weights=weights[found.kept])
        below = np.cumsum(share)[:-1] / share.sum()
        first = np.concatenate([np.zeros(size), special.logit(below)])
    try:
        top = maximize(likelihood, own, first, replicate=start is not None)
    except SeparationError as fault:
        raise _separated(found, [term for term in fault.terms if term in found.names]) from None
    scores = likelihood.row_scores(top.parameters) * own[:, None]
    effects = np.zeros((len(weights), size))
    effects[rows] = (scores @ inverse(top.information))[:, :size] / scale
    return LogOdds(top.parameters[:size] / scale, top.parameters, effects)


def _separated(found: Moments, terms: list[str]) -> EstimationError:
    shown = ", ".join(terms)
    return EstimationError.of(
        "outcome-separated",
        f"Các câu ({shown}) tách hẳn các mức của “{found.names[0]}”, nên tỷ số chênh không có "
        "giới hạn.",
        f"Drivers ({shown}) tell the levels of “{found.names[0]}” apart without error, so the "
        "odds have no bound.",
        "Bỏ câu gần trùng với kết quả, gộp các mức hiếm, hoặc dùng 'standardized'.",
        "Drop a driver that repeats the outcome, merge rare levels, or use 'standardized'.",
        column=found.names[0],
    )
