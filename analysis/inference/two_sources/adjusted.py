"""What the voluntary stream would say, were its selection a matter of the covariates alone.

Three estimators, from weak to strong use of the answers: weighting by one over the
propensity; a model of the answers, fitted to the volunteers and predicted for the drawn sample;
and both together, which is right when either of the two models is (doubly robust). None of
them knows what the covariates do not say. The result is a series of its own.

Values are in the units of the item.

References
----------
Chen, Y., Li, P. and Wu, C. (2020). Doubly robust inference with nonprobability survey samples.
Journal of the American Statistical Association 115, 2011-2021.
Elliott, M. R. and Valliant, R. (2017). Inference for nonprobability samples. Statistical Science
32, 249-264.
Kim, J. K., Park, S., Chen, Y. and Wu, C. (2021). Combining non-probability and probability survey
samples through mass imputation. Journal of the Royal Statistical Society A 184, 941-963.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy import special

from analysis.choices import one_of
from analysis.design import Floats, SurveyDesign
from analysis.inference.items import answers, tested
from analysis.inference.propensity import information_of, solve_logistic
from analysis.inference.two_sources.participation import Fit, Participation, participation
from analysis.inference.two_sources.resampling import rescaled_weights
from analysis.inference.two_sources.series import (
    LABELS,
    as_design,
    satterthwaite,
)
from analysis.sampling_error import covariance_of
from intake.findings import EstimationError

VARIANCES = ("sandwich", "plugin", "bootstrap")
OUTCOMES = ("auto", "linear", "logistic")


@dataclass(frozen=True, eq=False)
class AdjustedSeries:
    """The adjusted voluntary series.

    ``table``: ``series, label, method, quantity, value, se, low, high, df, unadjusted, n,
    n_effective``; ``unadjusted`` is the plain mean of the volunteers, ``n_effective`` their
    number less what unequal weights cost. ``covariance`` is that of the values, in order;
    ``participation`` the propensities behind them (see `diagnose`).
    """

    table: pd.DataFrame
    covariance: Floats
    participation: Participation
    level: float


@dataclass(frozen=True, eq=False)
class _Setting:
    kind: str
    y: Floats
    logistic: tuple[bool, ...]
    names: tuple[str, ...]
    base: Participation


def quasi_randomized(
    drawn: SurveyDesign,
    voluntary: SurveyDesign | pd.DataFrame,
    items: str | Sequence[str],
    covariates: Sequence[str],
    *,
    propensity: str = "pseudo_likelihood",
    variance: str = "sandwich",
    clusters: str | None = None,
    missing: str = "fail",
    level: float = 0.95,
    replicates: int = 500,
    seed: int = 0,
    lang: str = "vi",
) -> AdjustedSeries:
    """Estimate means of the voluntary stream weighted by one over the propensity.

    Σ_A y/π / Σ_A 1/π. Arguments as for `doubly_robust`; no model of the answers.
    """
    return _adjust(
        "weighting", drawn, voluntary, items, covariates, propensity, "linear", variance,
        clusters, missing, level, replicates, seed, lang,
    )  # fmt: skip


def doubly_robust(
    drawn: SurveyDesign,
    voluntary: SurveyDesign | pd.DataFrame,
    items: str | Sequence[str],
    covariates: Sequence[str],
    *,
    propensity: str = "pseudo_likelihood",
    outcome: str = "auto",
    variance: str = "sandwich",
    clusters: str | None = None,
    missing: str = "fail",
    level: float = 0.95,
    replicates: int = 500,
    seed: int = 0,
    lang: str = "vi",
) -> AdjustedSeries:
    """Estimate means of the voluntary stream with a propensity and a model of the answers.

    Σ_A (y - m(x))/π / Σ_A 1/π + Σ_B d m(x) / Σ_B d (Chen, Li and Wu 2020, DR2).

    Parameters
    ----------
    drawn
        The probability sample with its design, weights in persons, or replicate weights. It
        needs the covariates, not the items.
    voluntary
        Table (or design) with items and covariates.
    items
        Columns with numbers.
    covariates
        Columns of both sources; ``C(name)`` for codes.
    propensity
        ``pseudo_likelihood`` or ``elliott_valliant``, see `participation`.
    outcome
        ``linear``, ``logistic`` (items of 0 and 1), or ``auto``: logistic for 0 and 1.
    variance
        ``plugin``: the formula of Chen, Li and Wu, right when the propensity is;
        ``sandwich``: the same with the estimation of the outcome model, right when either is.
        Both take volunteering as independent from person to person (or cluster) and use
        the design of the drawn sample. ``bootstrap`` draws volunteers again, and primary units
        within strata (Rao and Wu), ``replicates`` times from ``seed``.
    clusters
        Column of the voluntary table within which answers resemble each other.
    missing
        ``fail`` refuses missing answers; ``drop`` leaves out volunteers who miss an item.
    level
        Confidence level of the t intervals, with Satterthwaite's degrees of freedom.

    Raises
    ------
    EstimationError
        ``no-overlap``, ``separation``, ``covariate-…``, ``weights-not-population``,
        ``item-…``, ``answers-missing``, ``outcome-not-binary``, ``variance-unknown``,
        ``bootstrap-needs-design``, ``voluntary-in-sample`` …

    Examples
    --------
    Women are half of the population, and most of the volunteers:

    >>> drawn = SurveyDesign(pd.DataFrame({"sex": ["f", "m"] * 10, "w": 10.0}), weights="w")
    >>> eager = pd.DataFrame({"sex": ["f"] * 20 + ["m"] * 5})
    >>> eager["y"] = [5.0, 4] * 10 + [2.0, 3, 2, 3, 2]
    >>> found = doubly_robust(drawn, eager, "y", ["sex"]).table.iloc[0]
    >>> round(float(found["unadjusted"]), 3), round(float(found["value"]), 3)
    (4.08, 3.45)
    """
    return _adjust(
        "doubly_robust", drawn, voluntary, items, covariates, propensity, outcome, variance,
        clusters, missing, level, replicates, seed, lang,
    )  # fmt: skip


def mass_imputed(
    drawn: SurveyDesign,
    voluntary: SurveyDesign | pd.DataFrame,
    items: str | Sequence[str],
    covariates: Sequence[str],
    *,
    outcome: str = "auto",
    variance: str = "sandwich",
    clusters: str | None = None,
    missing: str = "fail",
    level: float = 0.95,
    replicates: int = 500,
    seed: int = 0,
    lang: str = "vi",
) -> AdjustedSeries:
    """Estimate means by predicting the answers of the drawn sample from the volunteers.

    Σ_B d m(x) / Σ_B d (Kim et al. 2021). Arguments as for `doubly_robust`.
    """
    return _adjust(
        "mass_imputation", drawn, voluntary, items, covariates, "pseudo_likelihood", outcome,
        variance, clusters, missing, level, replicates, seed, lang,
    )  # fmt: skip


def _adjust(
    kind: str,
    drawn: SurveyDesign,
    voluntary: SurveyDesign | pd.DataFrame,
    items: str | Sequence[str],
    covariates: Sequence[str],
    propensity: str,
    outcome: str,
    variance: str,
    clusters: str | None,
    missing: str,
    level: float,
    replicates: int,
    seed: int,
    lang: str,
) -> AdjustedSeries:
    one_of("variance-unknown", "variance", variance, VARIANCES)
    one_of("outcome-unknown", "outcome", outcome, OUTCOMES)
    names = [items] if isinstance(items, str) else list(items)
    other = as_design(voluntary, clusters)
    y, valid = answers(other, names, missing, LABELS["voluntary"])
    keep = np.asarray(valid.all(axis=1), dtype=np.bool_)
    base = participation(drawn, other, covariates, propensity, keep=keep)
    logistic = tuple(
        kind != "weighting" and _is_logistic(outcome, y[base.kept, place], name)
        for place, name in enumerate(names)
    )
    setting = _Setting(kind, np.where(base.kept[:, None], y, 0.0), logistic, tuple(names), base)
    once = base.kept.astype(np.float64)
    value, phi, scores = _estimate(setting, once, drawn.weights, base.fit, variance != "plugin")
    n = int(base.kept.sum())
    if variance == "bootstrap":
        whole = _bootstrap(setting, replicates, seed)
        df = np.full(len(names), float(min(drawn.df, n - 1)))
    else:
        whole, df = _linearised(setting, drawn, other, phi, scores)
    weights = base.fit.weights[base.kept]
    table = pd.DataFrame(
        {
            "series": "voluntary-adjusted",
            "label": LABELS["voluntary-adjusted"].in_language(lang),
            "method": kind,
            "quantity": names,
            "value": value,
        }
    )
    interval = tested(value, np.diagonal(whole), df, level).drop(columns="p")
    table = pd.concat([table, interval], axis=1).assign(
        unadjusted=y[base.kept].mean(axis=0),
        n=n,
        n_effective=n if kind == "mass_imputation" else weights.sum() ** 2 / (weights**2).sum(),
    )
    return AdjustedSeries(table, whole, base, level)


def _linearised(
    setting: _Setting, drawn: SurveyDesign, other: SurveyDesign, phi: Floats, scores: Floats
) -> tuple[Floats, Floats]:
    """Return the covariance from both sources, which are independent, and its freedom."""
    base = setting.base
    once = base.kept.astype(np.float64)
    own = _voluntary_covariance(phi, base, setting.kind)
    of_drawn = covariance_of(
        drawn,
        scores,
        lambda weights: _estimate(setting, once, weights, base.refit(once, weights), False)[0],
    )
    parts = np.column_stack([np.diagonal(own), np.diagonal(of_drawn)])
    free = [float(np.unique(other.unit_of[base.kept]).size - 1), float(drawn.df)]
    return own + of_drawn, satterthwaite(parts, np.tile(free, (len(setting.names), 1)))


def _estimate(
    setting: _Setting, multiples: Floats, weights: Floats, fit: Fit, with_model: bool
) -> tuple[Floats, Floats, Floats]:
    """Return values, and what each row of the voluntary and the drawn source adds to them.

    The additions are weighted linearised values, (A × items) and (B × items).
    """
    a, b = setting.base.covariates.matrices
    size = setting.y.shape[1]
    value = np.empty(size)
    phi, scores = np.zeros((len(a), size)), np.zeros((len(b), size))
    w = fit.weights * multiples
    total, people = w.sum(), weights.sum()
    for place, logistic in enumerate(setting.logistic):
        y = setting.y[:, place]
        if setting.kind == "weighting":
            value[place] = w @ y / total
            left, found = y - value[place], None
        else:
            found = _outcome(a, b, y, multiples, logistic, setting)
            mean = float(weights @ found.drawn / people)
            scores[:, place] = weights * (found.drawn - mean) / people
            gain = float(w @ (y - found.own) / total) if setting.kind != "mass_imputation" else 0.0
            value[place] = mean + gain
            left = y - found.own - gain
        pull = np.zeros(a.shape[1])
        if found is not None and (with_model or setting.kind == "mass_imputation"):
            pull = b.T @ (weights * found.slope_b) / people
        if setting.kind != "mass_imputation":
            gradient = fit.slope.T @ (w * left) / total
            phi[:, place] = w * left / total + fit.effect_a @ gradient
            scores[:, place] += fit.effect_b @ gradient
            if found is not None and with_model:
                pull = pull - a.T @ (w * found.slope_a) / total
        if found is not None:
            phi[:, place] += found.effect @ pull
    return value, phi, scores


@dataclass(frozen=True, eq=False)
class _Outcome:
    own: Floats
    drawn: Floats
    slope_a: Floats
    slope_b: Floats
    effect: Floats


def _outcome(
    a: Floats, b: Floats, y: Floats, multiples: Floats, logistic: bool, setting: _Setting
) -> _Outcome:
    """Fit the answers of the volunteers and predict those of both sources."""
    if logistic:
        labels = setting.base.covariates.labels
        beta = solve_logistic(a.T @ (multiples * y), a, multiples, labels)
        own, drawn = special.expit(a @ beta), special.expit(b @ beta)
        slope_a, slope_b = own * (1 - own), drawn * (1 - drawn)
        information = information_of(a, multiples, own)
    else:
        information = np.asarray(a.T @ (a * multiples[:, None]), dtype=np.float64)
        beta = np.asarray(np.linalg.solve(information, a.T @ (multiples * y)), dtype=np.float64)
        own, drawn = a @ beta, b @ beta
        slope_a, slope_b = np.ones(len(a)), np.ones(len(b))
    effect = np.linalg.solve(information, (a * (multiples * (y - own))[:, None]).T).T
    return _Outcome(own, drawn, slope_a, slope_b, effect)


def _voluntary_covariance(phi: Floats, base: Participation, kind: str) -> Floats:
    """Return the covariance from volunteering: independent trials of persons or clusters."""
    unit = base.voluntary.unit_of
    units = np.unique(unit[base.kept]).size
    if units < int(base.kept.sum()):
        sums = np.zeros((int(unit.max()) + 1, phi.shape[1]))
        np.add.at(sums, unit[base.kept], phi[base.kept])
        return np.asarray(sums.T @ sums * units / max(units - 1, 1))
    own = phi[base.kept]
    if kind == "mass_imputation":
        return np.asarray(own.T @ own)
    # A person who answers in any case adds nothing to the variance.
    free = 1.0 - np.minimum(1.0 / base.fit.weights[base.kept], 1.0)
    return np.asarray(own.T @ (own * free[:, None]))


def _bootstrap(setting: _Setting, replicates: int, seed: int) -> Floats:
    rng = np.random.Generator(np.random.PCG64(seed))
    base = setting.base
    unit = base.voluntary.unit_of
    present = np.unique(unit[base.kept])
    values = []
    for weights in rescaled_weights(base.drawn, replicates, rng):
        times = np.zeros(int(unit.max()) + 1)
        np.add.at(times, rng.choice(present, present.size), 1.0)
        multiples = np.where(base.kept, times[unit], 0.0)
        fit = base.refit(multiples, weights)
        values.append(_estimate(setting, multiples, weights, fit, False)[0])
    return np.atleast_2d(np.cov(np.array(values), rowvar=False))


def _is_logistic(outcome: str, y: Floats, name: str) -> bool:
    binary = bool(np.isin(y, (0.0, 1.0)).all())
    if outcome == "logistic" and not binary:
        raise EstimationError.of(
            "outcome-not-binary",
            f"“{name}” có giá trị khác 0 và 1.",
            f"“{name}” has values beside 0 and 1.",
            "Dùng outcome='linear'.",
            "Use outcome='linear'.",
            column=name,
        )
    # Where all answers are equal a line fits them exactly and a logistic curve does not.
    return outcome == "logistic" or (outcome == "auto" and binary and y.min() < y.max())
