"""How likely each person of the population was to answer the open poster.

Nobody knows who passed by and did not answer, but the drawn sample shows the population. Two
methods: the pseudo-likelihood of Chen, Li and Wu (the sum over the population is replaced by
the weighted sum over the sample), and the quasi-randomization of Elliott and Valliant (the
odds of being voluntary rather than drawn, times the probability of being drawn). Both rest on
the covariates: that nothing else drives who answers, and that everybody might.

Propensities lie between 0 and 1, weights are in persons.

References
----------
Chen, Y., Li, P. and Wu, C. (2020). Doubly robust inference with nonprobability survey samples.
Journal of the American Statistical Association 115, 2011-2021.
Elliott, M. R. and Valliant, R. (2017). Inference for nonprobability samples. Statistical Science
32, 249-264.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy import special

from analysis.choices import one_of
from analysis.design import Flags, Floats, SurveyDesign
from analysis.inference.propensity import (
    Covariates,
    Source,
    covariates_of,
    information_of,
    solve_logistic,
)
from analysis.inference.two_sources.series import LABELS, as_design, keep_apart
from intake.findings import EstimationError

METHODS = ("pseudo_likelihood", "elliott_valliant")


@dataclass(frozen=True, eq=False)
class Fit:
    """Weights of the voluntary rows, and how they move with either source.

    ``weights`` (rows of A) are one over the propensity; ``slope`` (A × q) the derivative of
    their logarithm by the parameters; ``effect_a`` (A × q) and ``effect_b`` (B × q) what each
    row of the voluntary and of the drawn source adds to the parameters.
    """

    weights: Floats
    slope: Floats
    effect_a: Floats
    effect_b: Floats
    propensity_b: Floats


@dataclass(frozen=True, eq=False)
class Participation:
    """The propensity to volunteer, estimated.

    ``propensities`` and ``weights`` have one value per row of the voluntary table, missing for
    rows left out; ``drawn_propensities`` per row of the drawn table.
    """

    method: str
    covariates: Covariates
    drawn: SurveyDesign
    voluntary: SurveyDesign
    kept: Flags
    fit: Fit

    @property
    def weights(self) -> Floats:
        """One over the propensity, per row of the voluntary table."""
        return np.where(self.kept, self.fit.weights, np.nan)

    @property
    def propensities(self) -> Floats:
        """The propensity to volunteer, per row of the voluntary table."""
        return 1.0 / self.weights

    @property
    def drawn_propensities(self) -> Floats:
        """The propensity to volunteer of those who were drawn."""
        return np.where(self.drawn.member, self.fit.propensity_b, np.nan)

    def refit(self, multiples: Floats, weights: Floats) -> Fit:
        """Fit again with each voluntary row so many times, and other weights of the sample."""
        a, b = self.covariates.matrices
        return fit_weights(
            self.method, a, b, multiples, weights, self.drawn.weights, self.covariates.labels
        )


def participation(
    drawn: SurveyDesign,
    voluntary: SurveyDesign | pd.DataFrame,
    covariates: Sequence[str],
    method: str = "pseudo_likelihood",
    *,
    clusters: str | None = None,
    keep: Flags | None = None,
) -> Participation:
    """Estimate the propensity to volunteer against the drawn sample.

    ``pseudo_likelihood`` solves Σ_A x = Σ_B d π(x) x for a logistic π by Newton's method.
    ``elliott_valliant`` takes 1/π = (1 - p) / (p π_B): p is the propensity of being in A rather
    than B among both, π_B the probability of being drawn, estimated by a logistic
    regression of 1/d on the covariates.

    Parameters
    ----------
    drawn
        The probability sample with weights in persons, or replicate weights.
    voluntary
        Table (or design) of the voluntary answers.
    covariates
        Columns of both; ``C(name)`` for codes.
    method
        One of `METHODS`.
    clusters
        Column of the voluntary table within which answers resemble each other.
    keep
        Rows of the voluntary table that count; all of them otherwise.

    Raises
    ------
    EstimationError
        ``participation-method``, ``weights-not-population``, ``separation``, ``no-overlap``,
        ``covariate-…`` (see `propensity.covariates_of`), ``voluntary-in-sample`` …

    Examples
    --------
    >>> drawn = SurveyDesign(pd.DataFrame({"sex": ["f", "m"] * 10, "w": 10.0}), weights="w")
    >>> found = participation(drawn, pd.DataFrame({"sex": ["f"] * 20 + ["m"] * 5}), ["sex"])
    >>> found.weights[[0, 24]].round(6).tolist()
    [5.0, 20.0]
    """
    one_of("participation-method", "method", method, METHODS)
    other = as_design(voluntary, clusters)
    keep_apart(drawn, other)
    kept = other.member if keep is None else other.member & keep
    found = covariates_of(
        [
            Source(other.data, kept, LABELS["voluntary"]),
            Source(drawn.data, drawn.member, LABELS["drawn"]),
        ],
        covariates,
    )
    a, b = found.matrices
    fit = fit_weights(
        method, a, b, kept.astype(np.float64), drawn.weights, drawn.weights, found.labels
    )
    return Participation(method, found, drawn, other, kept, fit)


def fit_weights(
    method: str,
    a: Floats,
    b: Floats,
    multiples: Floats,
    weights: Floats,
    base: Floats,
    labels: Sequence[str],
) -> Fit:
    """Fit the propensity with each voluntary row ``multiples`` times.

    ``base`` are the weights with which the sample was drawn, ``weights`` those that count, such
    as a set of replicate weights.
    """
    if method == "pseudo_likelihood":
        return _pseudo_likelihood(a, b, multiples, weights, labels)
    return _elliott_valliant(a, b, multiples, weights, base, labels)


def _pseudo_likelihood(
    a: Floats, b: Floats, multiples: Floats, weights: Floats, labels: Sequence[str]
) -> Fit:
    theta = solve_logistic(a.T @ multiples, b, weights, labels)
    chance_b = special.expit(b @ theta)
    line = a @ theta
    information = information_of(b, weights, chance_b)
    return Fit(
        1.0 + np.exp(-line),
        -a * special.expit(-line)[:, None],
        np.asarray(np.linalg.solve(information, (a * multiples[:, None]).T).T, dtype=np.float64),
        -np.linalg.solve(information, (b * (weights * chance_b)[:, None]).T).T,
        chance_b,
    )


def _elliott_valliant(
    a: Floats,
    b: Floats,
    multiples: Floats,
    weights: Floats,
    base: Floats,
    labels: Sequence[str],
) -> Fit:
    used = base > 0
    low = np.flatnonzero(used & (base < 1))
    if low.size:
        row = int(low[0])
        raise EstimationError.of(
            "weight-below-one",
            f"Dòng {row + 1}: trọng số {base[row]:g} nhỏ hơn 1.",
            f"Row {row + 1}: the weight {base[row]:g} is below 1.",
            "Trọng số là một chia cho xác suất được chọn.",
            "A weight is one over the probability of being drawn.",
            row=row + 1,
        )
    times = np.divide(weights, base, out=np.zeros_like(base), where=used)
    drawn = np.divide(1.0, base, out=np.zeros_like(base), where=used)
    both, counts = np.vstack([a, b]), np.concatenate([multiples, times])
    gamma = solve_logistic(a.T @ multiples, both, counts, labels)
    eta = solve_logistic(b.T @ (times * drawn), b, times, labels)
    odds = information_of(both, counts, special.expit(both @ gamma))
    chance = information_of(b, times, special.expit(b @ eta))
    p_a, p_b = special.expit(a @ gamma), special.expit(b @ gamma)
    g_a, g_b = special.expit(a @ eta), special.expit(b @ eta)
    zero = np.zeros_like(a)
    moved_a = np.linalg.solve(odds, (a * (multiples * (1 - p_a))[:, None]).T).T
    moved_b = -np.linalg.solve(odds, (b * (times * p_b)[:, None]).T).T
    drawn_b = np.linalg.solve(chance, (b * (times * (drawn - g_b))[:, None]).T).T
    return Fit(
        np.exp(-(a @ gamma)) / g_a,
        np.hstack([-a, -a * (1 - g_a)[:, None]]),
        np.hstack([moved_a, zero]),
        np.hstack([moved_b, drawn_b]),
        np.minimum(g_b * np.exp(b @ gamma), 1.0),
    )
