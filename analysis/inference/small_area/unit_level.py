"""What an area's mean is when a model over all answers stands in for those that are missing.

The mean of an area is that of the answers it has and of a prediction for everybody else
(Battese, Harter and Fuller). It needs population means of the covariates. The weights and
stages of the sample do not enter: what decided who was drawn must be among the covariates.

Estimates are in the unit of the answers, mean squared errors in its square.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from analysis.inference.small_area.area_level import MSE
from analysis.inference.small_area.nested_error import (
    METHODS,
    Floats,
    Integers,
    Sums,
    estimate_ratio,
    fit_at,
    free,
    sums_of,
)
from analysis.inference.small_area.population import population_of
from analysis.inference.small_area.refusals import refusal, warning
from analysis.inference.small_area.unit_mse import by_bootstrap, by_formula
from intake.findings import Finding


@dataclass(frozen=True, eq=False)
class UnitModel:
    """The estimates of a unit-level model, one per area in the order of the population table.

    ``eblup`` and ``mse``; ``n`` the answers; ``direct`` the plain mean of the answers, missing
    without any; ``synthetic`` the regression's value; ``gamma`` the share of the area's own
    residual; ``effect`` the predicted effect of the area; ``residual`` of each answer in row
    order, less the area's effect, over σₑ; ``beta`` (constant first, then ``terms``).
    """

    names: tuple[Any, ...]
    terms: tuple[str, ...]
    n: Integers
    direct: Floats
    eblup: Floats
    mse: Floats
    synthetic: Floats
    gamma: Floats
    effect: Floats
    residual: Floats
    beta: Floats
    beta_se: Floats
    area_variance: float
    error_variance: float
    method: str
    findings: tuple[Finding, ...]

    @property
    def table(self) -> pd.DataFrame:
        """One row per area: ``area, n, direct, eblup, rmse, cv, gamma``."""
        rmse = np.sqrt(self.mse)
        with np.errstate(divide="ignore", invalid="ignore"):
            cv = rmse / np.abs(self.eblup)
        return pd.DataFrame(
            {
                "area": self.names,
                "n": self.n,
                "direct": self.direct,
                "eblup": self.eblup,
                "rmse": rmse,
                "cv": cv,
                "gamma": self.gamma,
            }
        )


def unit_eblup(
    data: pd.DataFrame,
    y: str,
    x: str | Sequence[str],
    area: str,
    population_means: pd.DataFrame | Mapping[Any, Any] | Floats,
    population_sizes: pd.Series | pd.DataFrame | Mapping[Any, float] | Sequence[float],
    *,
    method: str = "reml",
    mse: str = "prasad_rao",
    replicates: int = 500,
    seed: int = 1,
) -> UnitModel:
    """Fit the nested-error model and predict the mean of every area of the population.

    With f = n / N, the prediction is f ȳ + (X̄ − f x̄)′β + (1 − f) u; an area without answers
    has X̄′β. A constant is part of the model.

    Parameters
    ----------
    data
        One row per answer, nothing missing in the columns used.
    y, x, area
        Names of the columns: the item, the covariates (numbers), the area.
    population_means
        Means of the covariates over each area's population: a table with the areas as index
        or in a column named like ``area`` and one column per covariate (by name); a mapping
        from area to the means in the order of ``x``; or an array in the order of the areas of
        ``data``, sorted.
    population_sizes
        Persons of each area, in one of the same shapes; at least as many as answered.
    method
        ``reml`` or ``ml``.
    mse
        ``prasad_rao`` (for the mean of a finite area: g1 + g2 + 2 g3 and the part of those not
        asked; Datta and Lahiri's bias for ``ml``) or ``bootstrap`` (parametric).
    replicates, seed
        Size of the bootstrap, and where its chance comes from.

    Returns
    -------
    UnitModel

    Raises
    ------
    EstimationError
        ``area-column-missing``, ``area-value-missing``, ``area-unknown``, ``area-twice``,
        ``area-size``, ``area-choice``, ``areas-too-few``, ``covariates-dependent``.

    References
    ----------
    Battese, G. E., Harter, R. M., Fuller, W. A. (1988). An error-components model for
    prediction of county crop areas using survey and satellite data. Journal of the American
    Statistical Association 83, 28-36. Rao, J. N. K., Molina, I. (2015). Small area
    estimation, 2nd ed., ch. 7.

    Examples
    --------
    >>> table = pd.DataFrame({"y": [1.0, 2.0, 5.0, 6.0, 3.0, 5.0], "x": [0, 1, 0, 1, 0, 1]})
    >>> table["area"] = ["a", "a", "b", "b", "c", "c"]
    >>> means = pd.DataFrame({"x": [0.5, 0.5, 0.5]}, index=["a", "b", "c"])
    >>> unit_eblup(table, "y", "x", "area", means, {"a": 100, "b": 90, "c": 80}).eblup.round(2)
    array([1.54, 5.46, 3.99])
    """
    if method not in METHODS:
        raise refusal("area-choice", f"method={method!r}", ", ".join(METHODS))
    if mse not in MSE:
        raise refusal("area-choice", f"mse={mse!r}", ", ".join(MSE))
    terms = (x,) if isinstance(x, str) else tuple(x)
    answers, covariates = _numbers(data, y, terms, area)
    people = population_of(data[area], terms, area, population_means, population_sizes)
    means = np.column_stack([np.ones(len(people.names)), people.means])
    _check_rank(covariates, people.n)
    sums = sums_of(covariates, answers[:, None], people.area_of, len(people.names))
    ratio = estimate_ratio(sums, method)
    fit = fit_at(ratio, sums)
    error = float(fit.square[0] / free(sums, method))
    level = float(ratio[0]) * error
    share, mean_x, mean_y = _of_areas(sums, people.sizes)
    gamma = sums.count * ratio[0] / (1 + sums.count * ratio[0])
    effect = (fit.left[:, 0] * ratio[0]) / (1 + sums.count * ratio[0])
    beta = fit.beta[:, 0]
    eblup = share * mean_y + (means - share[:, None] * mean_x) @ beta + (1 - share) * effect
    if mse == "bootstrap":
        squared = by_bootstrap(
            sums, covariates, people.area_of, means, people.sizes, beta, level, error,
            method, replicates, seed,
        )  # fmt: skip
    else:
        squared = by_formula(sums, means, people.sizes, fit.spread[0], level, error, method)
    residual = (answers - covariates @ beta - effect[people.area_of]) / max(error, 1e-300) ** 0.5
    findings = [] if level > 0 else [warning("area-variance-zero")]
    if (people.n == 0).any():
        absent = [str(people.names[k]) for k in np.flatnonzero(people.n == 0)[:10]]
        findings.append(warning("areas-synthetic", ", ".join(absent)))
    return UnitModel(
        names=people.names,
        terms=("1", *terms),
        n=people.n,
        direct=np.where(people.n > 0, mean_y, np.nan),
        eblup=eblup,
        mse=squared,
        synthetic=means @ beta,
        gamma=gamma,
        effect=effect,
        residual=residual,
        beta=beta,
        beta_se=np.sqrt(error * np.diag(fit.spread[0])),
        area_variance=level,
        error_variance=error,
        method=method,
        findings=tuple(findings),
    )


def _of_areas(sums: Sums, sizes: Floats) -> tuple[Floats, Floats, Floats]:
    """Return sampling fraction, and means of covariates and answers, zero without answers."""
    some = np.maximum(sums.count, 1.0)
    return sums.count / sizes, sums.x / some[:, None], sums.y[:, 0] / some


def _numbers(data: pd.DataFrame, y: str, terms: Sequence[str], area: str) -> tuple[Floats, Floats]:
    for name in (y, *terms, area):
        if name not in data.columns:
            listed = ", ".join(str(column) for column in data.columns)
            raise refusal("area-column-missing", name, listed, column=name)
    if not len(data):
        raise refusal("areas-too-few", 0, "> 1")
    columns = []
    for name in (y, *terms):
        values = pd.to_numeric(data[name], errors="coerce").to_numpy(dtype=np.float64)
        bad = np.flatnonzero(~np.isfinite(values))
        if bad.size:
            row = int(bad[0])
            raise refusal("area-value-missing", data[name].iloc[row], "0.0 …", row=row + 1,
                          column=name)  # fmt: skip
        columns.append(values)
    absent = np.flatnonzero(data[area].isna().to_numpy(dtype=bool))
    if absent.size:
        raise refusal("area-value-missing", "NaN", area, row=int(absent[0]) + 1, column=area)
    return columns[0], np.column_stack([np.ones(len(data)), *columns[1:]])


def _check_rank(covariates: Floats, n: Integers) -> None:
    rows, size = covariates.shape
    areas = int((n > 0).sum())
    if areas < 2 or rows <= size + areas or (n > 1).sum() == 0:
        raise refusal("areas-too-few", f"{areas} / {rows}", f"≥ 2 / > {size + areas}")
    scaled = covariates / np.sqrt((covariates**2).sum(axis=0))
    rank = int(np.linalg.matrix_rank(scaled)) if np.isfinite(scaled).all() else 0
    if rank < size:
        raise refusal("covariates-dependent", rank, size)
