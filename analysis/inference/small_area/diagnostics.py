"""Whether a small-area model may be believed.

The direct estimates are unsteady but right on average; the model's are steady but may lean.
Set against each other they show whether the model leans, whether its errors are honest, and
what it gains. All numbers here have no unit.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy import special

from analysis.inference.small_area.area_level import AreaModel
from analysis.inference.small_area.area_variance import Floats, estimate_variance, fit_at
from analysis.inference.small_area.unit_level import UnitModel
from intake.findings import Words

# Shapiro and Wilk's p-values are not given beyond this many values.
_SHAPIRO_MOST = 5_000


@dataclass(frozen=True)
class Diagnostics:
    """Checks of a model; missing numbers where a model of that kind has none.

    ``normality_p`` of the standardised residuals and ``effects_normality_p`` of the areas'
    effects (Shapiro and Wilk). From the areas with a sample: ``intercept`` and ``slope`` of
    direct on model estimates with ``bias_p`` of leaning off 0 and 1; ``fit_statistic``
    Σ (direct − model)² / (D + mse) with ``fit_p``; ``coverage`` the share of areas whose two
    intervals overlap (95 % if they were independent); ``cv_ratio`` the median of the model's
    over the direct coefficient of variation; ``median_gamma`` and the ``share_synthetic`` of
    areas without a sample.
    """

    normality_p: float
    effects_normality_p: float
    intercept: float
    slope: float
    bias_p: float
    fit_statistic: float
    fit_p: float
    coverage: float
    cv_ratio: float
    median_gamma: float
    share_synthetic: float
    area_variance: float

    def faults(self, alpha: float = 0.01, least_coverage: float = 0.9) -> tuple[Words, ...]:
        """Return what speaks against the model, nothing where it passes."""
        found = []
        if self.area_variance == 0:
            found.append(
                Words(
                    "Phương sai giữa các vùng được ước lượng bằng 0.",
                    "The variance between areas is estimated as zero.",
                )
            )
        for p, vi, en in (
            (self.normality_p, "Phần dư không theo phân phối chuẩn", "Residuals are not normal"),
            (
                self.effects_normality_p,
                "Ảnh hưởng vùng không theo phân phối chuẩn",
                "Area effects are not normal",
            ),
            (
                self.bias_p,
                "Ước lượng mô hình lệch so với ước lượng trực tiếp",
                "Model estimates lean against the direct ones",
            ),
            (
                self.fit_p,
                "Ước lượng mô hình xa ước lượng trực tiếp hơn sai số cho phép",
                "Model estimates are further from the direct ones than their errors allow",
            ),
        ):
            if p < alpha:
                found.append(Words(f"{vi} (p = {p:.3g}).", f"{en} (p = {p:.3g})."))
        if self.coverage < least_coverage:
            found.append(
                Words(
                    f"Chỉ {self.coverage:.0%} khoảng tin cậy trùng nhau.",
                    f"Only {self.coverage:.0%} of the intervals overlap.",
                )
            )
        return tuple(found)

    @property
    def passed(self) -> bool:
        """Whether nothing speaks against the model at the usual bounds."""
        return not self.faults()


def diagnose(model: AreaModel | UnitModel, *, replicates: int = 200, seed: int = 1) -> Diagnostics:
    """Check a fitted model.

    The direct estimate is part of its own area's prediction, so even a perfect model has a
    slope above 1 and distances below what two independent estimates would have. ``bias_p`` and
    ``fit_p`` are therefore shares of data sets made from the fitted model, and fitted again,
    that lie as far out; they err on the side of the model, whose variance was fitted to the same
    data. A unit-level model has no sampling variances, so only its residuals,
    effects and shrinkage are looked at.

    Parameters
    ----------
    model
        A fitted model.
    replicates, seed
        How many data sets are made from it, and where their chance comes from.

    Returns
    -------
    Diagnostics

    References
    ----------
    Brown, G., Chambers, R., Heady, P., Heasman, D. (2001). Evaluation of small area estimation
    methods: an application to unemployment estimates from the UK LFS. Proceedings of
    Statistics Canada Symposium 2001.

    Examples
    --------
    >>> from analysis.inference.small_area import fay_herriot
    >>> y = [70.0, 80.0, 90.0, 60.0, 75.0, 82.0]
    >>> found = diagnose(fay_herriot(y, [4.0] * 6, np.ones((6, 1))))
    >>> found.passed, round(found.median_gamma, 2), found.coverage
    (True, 0.96, 1.0)
    """
    if isinstance(model, UnitModel):
        return _of_unit_level(model)
    sampled = np.isfinite(model.direct)
    direct, own = model.direct[sampled], model.sampling_variance[sampled]
    predicted, mse = model.eblup[sampled], np.maximum(model.mse[sampled], 0.0)
    intercept, slope = _line(direct, predicted, own)
    bias_p, fit_p = _shares_further_out(model, replicates, seed)
    with np.errstate(divide="ignore", invalid="ignore"):
        ratio = np.sqrt(mse / own) * np.abs(direct / predicted)
    return Diagnostics(
        normality_p=_normality(model.residual[sampled]),
        effects_normality_p=float("nan"),
        intercept=intercept,
        slope=slope,
        bias_p=bias_p,
        fit_statistic=float(((direct - predicted) ** 2 / (own + mse)).sum()),
        fit_p=fit_p,
        coverage=_overlap(direct, predicted, own, mse),
        cv_ratio=float(np.nanmedian(ratio)),
        median_gamma=float(np.median(model.gamma[sampled])),
        share_synthetic=float(1 - sampled.mean()),
        area_variance=model.area_variance,
    )


def _of_unit_level(model: UnitModel) -> Diagnostics:
    sampled = model.n > 0
    nothing = float("nan")
    return Diagnostics(
        normality_p=_normality(model.residual),
        effects_normality_p=_normality(model.effect[sampled]),
        intercept=nothing,
        slope=nothing,
        bias_p=nothing,
        fit_statistic=nothing,
        fit_p=nothing,
        coverage=nothing,
        cv_ratio=nothing,
        median_gamma=float(np.median(model.gamma[sampled])),
        share_synthetic=float(1 - sampled.mean()),
        area_variance=model.area_variance,
    )


def _shares_further_out(model: AreaModel, replicates: int, seed: int) -> tuple[float, float]:
    """Return the p-values of leaning and of distance, from data that the model makes."""
    sampled = np.isfinite(model.direct)
    x, own = model.covariates[sampled], model.sampling_variance[sampled]
    mse = np.maximum(model.mse[sampled], 0.0)[:, None]
    rng = np.random.Generator(np.random.PCG64(seed))
    spread = np.sqrt(own + model.area_variance)[:, None]
    drawn = (x @ model.beta)[:, None] + spread * rng.standard_normal((len(x), replicates))
    level = estimate_variance(drawn, own, x, model.method)
    fit = fit_at(level, drawn, own, x)
    predicted = x @ fit.beta + level * fit.weight * fit.residual
    direct, said = model.direct[sampled][:, None], model.eblup[sampled][:, None]
    leaning = _leaning(drawn, predicted, own) >= _leaning(direct, said, own) * (1 - 1e-9)
    distance = ((drawn - predicted) ** 2 / (own[:, None] + mse)).sum(axis=0)
    far = distance >= float(((direct - said) ** 2 / (own[:, None] + mse)).sum()) * (1 - 1e-9)
    return (
        float((1 + leaning.sum()) / (1 + replicates)),
        float((1 + far.sum()) / (1 + replicates)),
    )


def _leaning(direct: Floats, predicted: Floats, own: Floats) -> Floats:
    """Return, per column, the square that intercept 0 and slope 1 leave to a better line."""
    weight = 1 / own[:, None]
    total = weight.sum()
    away = predicted - (weight * predicted).sum(axis=0) / total
    mean = (weight * (direct - predicted)).sum(axis=0) / total
    along = (weight * away**2).sum(axis=0)
    steep = (weight * away * (direct - predicted)).sum(axis=0)
    some = along > 1e-12 * total
    return np.asarray(total * mean**2 + np.where(some, steep**2 / np.where(some, along, 1), 0.0))


def _line(direct: Floats, predicted: Floats, own: Floats) -> tuple[float, float]:
    """Return intercept and slope of direct on model estimates, weighted by 1 / D."""
    weight = 1 / own / (1 / own).sum()
    away = predicted - weight @ predicted
    along = float(weight @ away**2)
    if along <= 1e-12:
        return float(weight @ direct), float("nan")
    slope = float(weight @ (away * direct)) / along
    return float(weight @ direct - slope * (weight @ predicted)), slope


def _normality(values: Floats) -> float:
    """Return the p-value of Shapiro and Wilk, missing for fewer than three or equal values."""
    if len(values) < 3 or np.ptp(values) <= 1e-12 * max(1.0, float(np.abs(values).max())):
        return float("nan")
    from scipy import stats  # slow to import

    if len(values) > _SHAPIRO_MOST:
        return float(stats.normaltest(values).pvalue)
    return float(stats.shapiro(values).pvalue)


def _overlap(direct: Floats, predicted: Floats, own: Floats, mse: Floats) -> float:
    """Return the share of areas whose two intervals overlap.

    Each 95 % interval is shortened so that half-widths add to 1.96 standard errors of the
    difference of two independent estimates, which then overlap 95 % of the time.
    """
    reach = special.ndtri(0.975) * np.sqrt(own + mse)
    return float((np.abs(direct - predicted) <= reach).mean())
