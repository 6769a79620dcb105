"""Which common factors lie beneath the items of a scale.

An exploratory factor analysis of the weighted correlations (or of polychoric correlations,
where answers are few ordered categories): loadings, how much of each item the factors
explain, and how far the model misses the correlations. Loadings and correlations have no unit.

How many factors to take is the question of `parallel`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from analysis.design import Floats
from analysis.estimation.results import Design
from analysis.inference.reliability.association import Association, associate
from analysis.inference.reliability.coefficient import no_freedom, spread, variances_of
from analysis.inference.reliability.congeneric import without_remainder
from analysis.inference.reliability.extraction import Factors, extract
from analysis.inference.reliability.rotation import matched, rotate, rotation_slopes
from analysis.inference.variances import with_intervals
from intake.findings import Finding


@dataclass(frozen=True, eq=False)
class FactorAnalysis:
    """Common factors of a set of items.

    ``loadings``: items × factors; ``loading_intervals``: the same one by one, with intervals
    that count how factors and rotation move with the sample. ``communalities``: per item the
    share of its variance that the factors explain, with interval. ``eigenvalues`` of the
    correlation matrix, with interval. ``factor_correlations``. ``explained``: share of all
    items' variance per factor (with oblique factors, joint parts are split by loading times
    structure). ``srmr``: root mean square of what is left of the correlations; ``rmsea``: misfit
    per degree of freedom,
    freed of what sampling under the design alone would bring (``ml`` only, else missing).
    """

    loadings: pd.DataFrame
    loading_intervals: pd.DataFrame
    communalities: pd.DataFrame
    eigenvalues: pd.DataFrame
    factor_correlations: pd.DataFrame
    explained: pd.Series
    residuals: pd.DataFrame
    srmr: float
    rmsea: float | None
    model_df: int
    n: int
    df: int
    level: float
    findings: tuple[Finding, ...]

    @property
    def table(self) -> pd.DataFrame:
        """One row per item: ``quantity``, its loadings, and its communality with interval."""
        listed = self.loadings.rename_axis("quantity").reset_index()
        return listed.join(self.communalities.drop(columns="quantity").add_prefix("communality_"))


def factors(
    design: Design,
    items: Sequence[str],
    number: int,
    level: float = 0.95,
    *,
    matrix: str = "linear",
    rotation: str = "none",
    method: str = "minres",
    missing: str = "fail",
) -> FactorAnalysis:
    """Analyse the common factors of items.

    Parameters
    ----------
    design
        The table and how it was drawn, or replicate weights.
    items
        At least three columns.
    number
        Common factors m; p items carry at most those with (p − m)² ≥ p + m.
    level
        Confidence level of the t intervals.
    matrix
        ``linear``: weighted product-moment correlations; ``polychoric``.
    rotation
        ``none``, ``varimax``, ``promax`` or ``oblimin``.
    method
        ``minres`` (least squares of the residuals) or ``ml`` (maximum likelihood).
    missing
        ``fail`` refuses missing answers; ``drop`` leaves out rows that miss any item.

    Raises
    ------
    EstimationError
        ``factors-too-many``, ``matrix-unknown``, ``rotation-unknown``, ``extraction-unknown``,
        ``factors-not-found``, ``correlation-at-edge``, ``item-constant``, …

    References
    ----------
    Skinner, C. J. (1989). Factor analysis under complex designs, in: Analysis of Complex
    Surveys, Wiley, ch. 3. Olsson, U. (1979), Psychometrika 44 (polychoric).

    Examples
    --------
    >>> from analysis import SurveyDesign
    >>> answers = {"a": [1, 2, 3, 4, 5, 3], "b": [1, 3, 2, 4, 4, 5], "c": [2, 2, 1, 4, 5, 5]}
    >>> design = SurveyDesign(pd.DataFrame(answers).assign(w=1.0), weights="w")
    >>> factors(design, ["a", "b", "c"], 1).loadings["F1"].round(3).tolist()
    [0.719, 0.935, 0.914]
    """
    found = associate(design, items, matrix, missing, least=3)
    fitted = extract(found.matrix, number, method)
    turned, between = rotate(fitted.loadings, rotation)
    names = list(found.names)
    labels = [f"F{k + 1}" for k in range(number)]
    residual = found.matrix - fitted.loadings @ fitted.loadings.T
    np.fill_diagonal(residual, 0.0)
    size = len(names)
    missed = float(np.sqrt(np.sum(np.tril(residual) ** 2) / (size * (size + 1) / 2)))
    said = [without_remainder(name) for name in np.array(names)[fitted.at_bound]]
    if design.df <= 0:
        said.append(no_freedom())
    model_df = ((size - number) ** 2 - size - number) // 2
    return FactorAnalysis(
        loadings=pd.DataFrame(turned, index=names, columns=labels),
        loading_intervals=_intervals(design, found, fitted, rotation, turned, level),
        communalities=_communalities(design, found, fitted, level),
        eigenvalues=_eigenvalues(design, found, level),
        factor_correlations=pd.DataFrame(between, index=labels, columns=labels),
        explained=pd.Series(np.sum(turned * (turned @ between), axis=0) / size, index=labels),
        residuals=pd.DataFrame(residual, index=names, columns=names),
        srmr=missed,
        rmsea=_rmsea(design, found, fitted, model_df) if method == "ml" and model_df else None,
        model_df=model_df,
        n=found.n,
        df=design.df,
        level=level,
        findings=tuple(said),
    )


def _intervals(
    design: Design,
    found: Association,
    fitted: Factors,
    rotation: str,
    turned: Floats,
    level: float,
) -> pd.DataFrame:
    """Return every rotated loading with its interval; rotation moves with the sample as well."""
    size, number = turned.shape

    def unrotated(loadings: Floats, _unique: Floats) -> Floats:
        return np.asarray(loadings.reshape(len(loadings), -1))

    def again(weights: Floats) -> Floats:
        new = extract(found.at(weights), number, fitted.method, fitted.unique)
        return matched(rotate(new.loadings, rotation)[0], turned).ravel()

    _, slope = fitted.derivative(unrotated)
    if number > 1 and rotation != "none":
        slopes = rotation_slopes(fitted.loadings, rotation).reshape(turned.size, turned.size)
        slope = np.einsum("ij,jab->iab", slopes, slope)
    else:
        order = np.argsort(-np.sum(fitted.loadings**2, axis=0), kind="stable")
        slope = slope.reshape(size, number, size, size)[:, order].reshape(-1, size, size)
    variance = variances_of(design, lambda block: found.scores(slope[block]), again, turned.size)
    columns = with_intervals(turned.ravel(), np.sqrt(variance), design.df, level)
    return pd.DataFrame(
        {
            "quantity": np.repeat(list(found.names), number),
            "factor": np.tile([f"F{k + 1}" for k in range(number)], size),
            **columns,
        }
    )


def _communalities(
    design: Design, found: Association, fitted: Factors, level: float
) -> pd.DataFrame:
    def shares(loadings: Floats, _unique: Floats) -> Floats:
        return np.asarray(np.sum(loadings**2, axis=2))

    value, gradient = fitted.derivative(shares)

    def again(weights: Floats) -> Floats:
        new = extract(found.at(weights), fitted.loadings.shape[1], fitted.method, fitted.unique)
        return np.asarray(np.sum(new.loadings**2, axis=1))

    whole = spread(design, found.scores(gradient), again)
    columns = with_intervals(value, np.sqrt(np.diag(whole)), design.df, level)
    return pd.DataFrame({"quantity": list(found.names), **columns})


def _eigenvalues(design: Design, found: Association, level: float) -> pd.DataFrame:
    values, vectors = np.linalg.eigh(found.matrix)
    gradient = np.einsum("ik,jk->kij", vectors[:, ::-1], vectors[:, ::-1])

    def again(weights: Floats) -> Floats:
        return np.asarray(np.linalg.eigvalsh(found.at(weights))[::-1])

    whole = spread(design, found.scores(gradient), again)
    columns = with_intervals(values[::-1], np.sqrt(np.diag(whole)), design.df, level)
    return pd.DataFrame({"quantity": np.arange(1, len(values) + 1), **columns})


def _rmsea(design: Design, found: Association, fitted: Factors, model_df: int) -> float:
    """Return the root of misfit per degree of freedom.

    The discrepancy is near half the squared length of the whitened residuals; what their
    variances under the design add to it is taken off.
    """
    implied = fitted.loadings @ fitted.loadings.T + np.diag(fitted.unique)
    values, vectors = np.linalg.eigh(implied)
    whiten = (vectors / np.sqrt(values)) @ vectors.T
    inside = whiten @ found.matrix @ whiten
    eigen = np.linalg.eigvalsh(inside)
    misfit = float(np.sum(eigen - np.log(eigen) - 1))
    first, second = np.triu_indices(len(values))

    def whitened(loadings: Floats, unique: Floats) -> Floats:
        fit = loadings @ np.swapaxes(loadings, 1, 2)
        fit[:, np.arange(len(values)), np.arange(len(values))] += unique
        return np.asarray((whiten @ fit @ whiten)[:, first, second])

    _, by_fit = fitted.derivative(whitened)
    direct = np.einsum("ka,kb->kab", whiten[first], whiten[second])
    gradient = (direct + np.swapaxes(direct, 1, 2)) / 2 - by_fit
    number = fitted.loadings.shape[1]

    def again(weights: Floats) -> Floats:
        matrix = found.at(weights)
        new = extract(matrix, number, fitted.method, fitted.unique)
        left = matrix - new.loadings @ new.loadings.T - np.diag(new.unique)
        return np.asarray((whiten @ left @ whiten)[first, second])

    variance = variances_of(
        design, lambda block: found.scores(gradient[block]), again, len(gradient)
    )
    taken = float(np.sum(np.where(first == second, 1.0, 2.0) * variance)) / 2
    return float(np.sqrt(max(misfit - taken, 0.0) / model_df))
