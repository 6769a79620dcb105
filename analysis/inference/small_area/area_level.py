"""What an area's figure is when a model over all areas steadies its direct estimate.

The direct estimate of an area is drawn towards what areas with the same covariates have, the
more so the less sure it is (Fay and Herriot). Areas without a sample get the model's value.
Sampling variances come in as known; whether they are steady enough is left to who made them.

Estimates are in the unit of the direct ones, mean squared errors in its square.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike

from analysis.inference.small_area.area_variance import (
    METHODS,
    Floats,
    estimate_variance,
    fit_at,
    log_likelihood,
)
from analysis.inference.small_area.population import refuse_twice
from analysis.inference.small_area.refusals import refusal, warning
from intake.findings import Finding

MSE = ("prasad_rao", "bootstrap")
_BLOCK = 3_000_000


@dataclass(frozen=True, eq=False)
class AreaModel:
    """The estimates of an area-level model, one per area in the order of the input.

    ``eblup`` and ``mse``; ``direct`` and ``sampling_variance`` as given, missing where an area
    has no sample; ``covariates`` X; ``synthetic`` the regression's value; ``gamma`` the share
    of the direct estimate (0 without sample); ``residual`` the standardised
    (y − Xβ) / √(A + D); ``beta``, ``beta_se``; ``area_variance`` A; ``log_likelihood`` at β
    and A; ``findings`` what is to be said with the result.
    """

    names: tuple[str, ...]
    direct: Floats
    sampling_variance: Floats
    covariates: Floats
    eblup: Floats
    mse: Floats
    synthetic: Floats
    gamma: Floats
    residual: Floats
    beta: Floats
    beta_se: Floats
    area_variance: float
    log_likelihood: float
    method: str
    findings: tuple[Finding, ...]

    @property
    def aic(self) -> float:
        """Akaike's criterion: lower is better among models of the same direct estimates."""
        return -2 * self.log_likelihood + 2 * (len(self.beta) + 1)

    @property
    def table(self) -> pd.DataFrame:
        """One row per area: ``area, direct, direct_se, eblup, rmse, cv, gamma``."""
        rmse = np.sqrt(self.mse)
        with np.errstate(divide="ignore", invalid="ignore"):
            cv = rmse / np.abs(self.eblup)
        return pd.DataFrame(
            {
                "area": self.names,
                "direct": self.direct,
                "direct_se": np.sqrt(self.sampling_variance),
                "eblup": self.eblup,
                "rmse": rmse,
                "cv": cv,
                "gamma": self.gamma,
            }
        )


def fay_herriot(
    y: ArrayLike,
    sampling_variance: ArrayLike,
    X: ArrayLike | pd.DataFrame,  # noqa: N803 - the usual letter of a design matrix
    method: str = "reml",
    *,
    names: Sequence[str] | None = None,
    mse: str = "prasad_rao",
    replicates: int = 500,
    seed: int = 1,
) -> AreaModel:
    """Fit the area-level model and return empirical best linear unbiased predictions.

    With A the variance between areas, D the sampling variances and γ = A / (A + D), the
    prediction is γ y + (1 − γ) x′β. Its mean squared error by formula is g1 + g2 + 2 g3, less
    (1 − γ)² times the bias of A for ``ml`` and ``fh``: g1 = γ D, g2 = (1 − γ)² x′(X′V⁻¹X)⁻¹x,
    g3 = (1 − γ)² var(A) / (A + D), var(A) = 2 / Σ (A + D)⁻² (``fh``: 2 m / (Σ (A + D)⁻¹)²).

    Parameters
    ----------
    y
        Shape (m,): direct estimates; missing for areas without a sample.
    sampling_variance
        Shape (m,): their variances, above zero; ignored where ``y`` is missing.
    X
        Shape (m, p): covariates of every area, the column of ones included.
    method
        ``reml``, ``ml`` or ``fh`` (the moment equation of Fay and Herriot).
    names
        Names of the areas, each once; their positions from 0 without.
    mse
        ``prasad_rao`` (the formulas above) or ``bootstrap`` (parametric: new areas, new
        samples, the model fitted again).
    replicates, seed
        Size of the bootstrap, and where its chance comes from.

    Returns
    -------
    AreaModel

    Raises
    ------
    EstimationError
        ``area-shape``, ``area-choice``, ``sampling-variance-not-positive``,
        ``covariate-missing``, ``covariates-dependent``, ``areas-too-few``.

    References
    ----------
    Fay, R. E., Herriot, R. A. (1979). Estimates of income for small places. Journal of the
    American Statistical Association 74, 269-277. Datta, G. S., Lahiri, P. (2000). A unified
    measure of uncertainty of estimated best linear unbiased predictors in small area
    estimation problems. Statistica Sinica 10, 613-627. Datta, G. S., Rao, J. N. K., Smith,
    D. D. (2005). On measuring the variability of small area estimators under a basic area
    level model. Biometrika 92, 183-196.

    Examples
    --------
    Four areas alike in covariates: the unsure ones move further to the middle.

    >>> model = fay_herriot([70.0, 80.0, 90.0, 60.0], [25.0, 4.0, 25.0, 4.0], np.ones((4, 1)))
    >>> model.gamma.round(2).tolist()
    [0.86, 0.97, 0.86, 0.97]
    """
    if method not in METHODS:
        raise refusal("area-choice", f"method={method!r}", ", ".join(METHODS))
    if mse not in MSE:
        raise refusal("area-choice", f"mse={mse!r}", ", ".join(MSE))
    direct, variance, x, known = _checked(y, sampling_variance, X)
    labels = _labels(names, len(direct))
    ys, ds, xs = direct[known][:, None], variance[known], x[known]
    a = estimate_variance(ys, ds, xs, method)
    fit = fit_at(a, ys, ds, xs)
    beta, spread, level = fit.beta[:, 0], fit.spread[0], float(a[0])
    synthetic = x @ beta
    gamma = np.zeros(len(direct))
    gamma[known] = level / (level + ds)
    eblup = np.where(known, gamma * np.where(known, direct, 0.0), 0.0) + (1 - gamma) * synthetic
    residual = np.full(len(direct), np.nan)
    residual[known] = fit.residual[:, 0] * np.sqrt(fit.weight[:, 0])
    if mse == "bootstrap":
        error = _bootstrap(level, beta, variance, x, known, method, replicates, seed)
    else:
        error = _by_formula(level, spread, variance, x, known, method)
    findings = []
    if level == 0:
        findings.append(warning("area-variance-zero"))
    if not known.all():
        absent = [labels[k] for k in np.flatnonzero(~known)[:10]]
        findings.append(warning("areas-synthetic", ", ".join(absent)))
    constant = -len(ys) * np.log(2 * np.pi) / 2
    return AreaModel(
        names=labels,
        direct=direct,
        sampling_variance=np.where(known, variance, np.nan),
        covariates=x,
        eblup=eblup,
        mse=error,
        synthetic=synthetic,
        gamma=gamma,
        residual=residual,
        beta=beta,
        beta_se=np.sqrt(np.diag(spread)),
        area_variance=level,
        log_likelihood=float(log_likelihood(a, ys, ds, xs, "ml")[0] + constant),
        method=method,
        findings=tuple(findings),
    )


def _by_formula(
    a: float, spread: Floats, d: Floats, x: Floats, known: np.ndarray, method: str
) -> Floats:
    total = a + d[known]
    rest = d[known] / total
    leverage = np.einsum("ij,jk,ik->i", x, spread, x)
    first, second = (1 / total).sum(), (1 / total**2).sum()
    bias = 0.0
    if method == "fh":
        areas = int(known.sum())
        variance = 2 * areas / first**2
        bias = 2 * (areas * second - first**2) / first**3
    else:
        variance = 2 / second
        if method == "ml":
            squared = (x[known] / total[:, None] ** 2).T @ x[known]
            bias = -np.trace(spread @ squared) / second
    # An area without a sample: the variance of its own effect, and that of the regression.
    error = a + leverage
    error[known] = (
        d[known] * (1 - rest)
        + rest**2 * leverage[known]
        + 2 * rest**2 * variance / total
        - bias * rest**2
    )
    return np.asarray(error)


def _bootstrap(
    a: float,
    beta: Floats,
    d: Floats,
    x: Floats,
    known: np.ndarray,
    method: str,
    replicates: int,
    seed: int,
) -> Floats:
    """Return the mean squared distance of predictions from truths that the model makes."""
    if replicates < 50:
        raise refusal("area-choice", f"replicates={replicates}", "≥ 50")
    rng = np.random.Generator(np.random.PCG64(seed))
    squares = np.zeros(len(x))
    step = max(1, min(replicates, _BLOCK // (len(x) * x.shape[1])))
    for start in range(0, replicates, step):
        number = min(step, replicates - start)
        truth = (x @ beta)[:, None] + np.sqrt(a) * rng.standard_normal((len(x), number))
        noise = np.sqrt(d[known])[:, None] * rng.standard_normal((int(known.sum()), number))
        drawn = truth[known] + noise
        level = estimate_variance(drawn, d[known], x[known], method)
        fit = fit_at(level, drawn, d[known], x[known])
        predicted = x @ fit.beta
        predicted[known] += level * fit.weight * fit.residual
        squares += ((predicted - truth) ** 2).sum(axis=1)
    return squares / replicates


def _checked(
    y: ArrayLike, sampling_variance: ArrayLike, covariates: ArrayLike | pd.DataFrame
) -> tuple[Floats, Floats, Floats, np.ndarray]:
    direct = _numbers(y, "y").ravel()
    variance = _numbers(sampling_variance, "sampling_variance").ravel()
    x = _numbers(covariates, "X")
    x = x[:, None] if x.ndim == 1 else x
    if variance.shape != direct.shape or x.ndim != 2 or len(x) != len(direct):
        got = f"{direct.shape}, {variance.shape}, {x.shape}"
        raise refusal("area-shape", got, f"({len(direct)},), ({len(direct)},), (…, p)")
    absent = np.argwhere(~np.isfinite(x))
    if absent.size:
        raise refusal(
            "covariate-missing", "NaN", "X", row=int(absent[0, 0]) + 1, column=str(absent[0, 1] + 1)
        )
    endless = np.flatnonzero(np.isinf(direct))
    if endless.size:
        row = int(endless[0])
        raise refusal("area-value-missing", f"{direct[row]:g}", "0.0 …", row=row + 1, column="y")
    known = np.isfinite(direct)
    bad = np.flatnonzero(known & ~(np.isfinite(variance) & (variance > 0)))
    if bad.size:
        row = int(bad[0])
        raise refusal("sampling-variance-not-positive", f"{variance[row]:g}", "> 0", row=row + 1)
    if known.sum() <= x.shape[1] + 1:
        raise refusal("areas-too-few", int(known.sum()), f"> {x.shape[1] + 1}")
    if np.linalg.matrix_rank(x[known]) < x.shape[1]:
        raise refusal("covariates-dependent", np.linalg.matrix_rank(x[known]), x.shape[1])
    return direct, variance, x, known


def _numbers(given: Any, name: str) -> Floats:  # noqa: ANN401 - whatever the caller has
    """Return numbers as doubles; refuse words, and rows of unequal length."""
    try:
        return np.asarray(given, dtype=np.float64)
    except (TypeError, ValueError):
        pass
    table = pd.DataFrame(given)
    read = table.apply(pd.to_numeric, errors="coerce")
    words = np.argwhere(read.isna().to_numpy() & table.notna().to_numpy())
    if not words.size:
        return np.asarray(read.to_numpy(dtype=np.float64, na_value=np.nan))
    row, at = (int(part) for part in words[0])
    column = str(table.columns[at]) if isinstance(given, pd.DataFrame) else name
    word: Any = table.iloc[row, at]
    raise refusal("area-not-numeric", f"“{word}”", "1.5", row=row + 1, column=column)


def _labels(names: Sequence[str] | None, count: int) -> tuple[str, ...]:
    if names is None:
        return tuple(str(k) for k in range(count))
    if len(names) != count:
        raise refusal("area-shape", len(names), count)
    found = tuple(str(name) for name in names)
    refuse_twice(pd.Index(found))
    return found
