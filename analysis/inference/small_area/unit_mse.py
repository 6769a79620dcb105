"""How far the predicted mean of an area may lie from the true one, by the unit-level model.

By formula to second order, or by making populations and samples from the fitted model and
fitting again. Mean squared errors are in the squared unit of the answers.
"""

from __future__ import annotations

import numpy as np

from analysis.inference.small_area.nested_error import (
    Floats,
    Integers,
    Sums,
    estimate_ratio,
    fit_at,
    sums_of,
)
from analysis.inference.small_area.refusals import refusal

_BLOCK = 4_000_000


def by_formula(
    sums: Sums,
    means: Floats,
    sizes: Floats,
    spread: Floats,
    level: float,
    error: float,
    method: str,
) -> Floats:
    """Return the mean squared errors of Prasad and Rao, with Datta and Lahiri's bias for ml.

    Those not asked have mean X̄ᵣ′β + u + ēᵣ, so the error of the whole mean is (1 − f) times
    that of the prediction of X̄ᵣ′β + u, and (1 − f)² σₑ² / (N − n) for their own chance.
    """
    n = sums.count
    some = np.maximum(n, 1.0)
    alpha = error + n * level
    gamma = n * level / alpha
    left = sizes - n
    share = n / sizes
    mean_x = sums.x / some[:, None]
    with np.errstate(divide="ignore", invalid="ignore"):
        rest = (sizes[:, None] * means - sums.x) / left[:, None]
    rest[left <= 0] = 0.0
    away = rest - gamma[:, None] * mean_x
    g1 = (1 - gamma) * level
    g2 = error * np.einsum("di,ij,dj->d", away, spread, away)
    held = n[n > 0]
    inside = error + held * level
    information = 0.5 * np.array(
        [
            [(held**2 / inside**2).sum(), (held / inside**2).sum()],
            [(held / inside**2).sum(), ((held - 1) / error**2 + 1 / inside**2).sum()],
        ]
    )
    variance = np.linalg.inv(information)
    mixed = (
        error**2 * variance[0, 0] + level**2 * variance[1, 1] - 2 * error * level * variance[0, 1]
    )
    g3 = np.where(n > 0, n * mixed / alpha**3, 0.0)
    bias = _bias(sums, spread, level, error, information) if method == "ml" else np.zeros(2)
    slope = np.column_stack([(1 - gamma) ** 2, np.where(n > 0, gamma**2 / some, 0.0)])
    whole = g1 + g2 + 2 * g3 - slope @ bias
    return np.asarray((1 - share) ** 2 * whole + left * error / sizes**2)


def _bias(sums: Sums, spread: Floats, level: float, error: float, information: Floats) -> Floats:
    """Return the bias of the maximum-likelihood variances (areas, errors)."""
    alpha = error + sums.count * level
    by_area = (sums.x / alpha[:, None] ** 2).T @ sums.x
    shrink = 2 * level / alpha - sums.count * (level / alpha) ** 2
    by_error = (sums.xx - (sums.x * shrink[:, None]).T @ sums.x) / error**2
    wide = error * spread
    traces = np.array([np.trace(wide @ by_area), np.trace(wide @ by_error)])
    return np.asarray(-np.linalg.solve(information, traces) / 2)


def by_bootstrap(
    sums: Sums,
    covariates: Floats,
    area_of: Integers,
    means: Floats,
    sizes: Floats,
    beta: Floats,
    level: float,
    error: float,
    method: str,
    replicates: int,
    seed: int,
) -> Floats:
    """Return the mean squared distance of predictions from the means that the model makes."""
    if replicates < 50:
        raise refusal("area-choice", f"replicates={replicates}", "≥ 50")
    rng = np.random.Generator(np.random.PCG64(seed))
    areas, rows = len(sizes), len(area_of)
    share = (sums.count / sizes)[:, None]
    some = np.maximum(sums.count, 1.0)[:, None]
    squares = np.zeros(areas)
    step = max(1, min(replicates, _BLOCK // max(rows, areas * len(beta) ** 2)))
    for start in range(0, replicates, step):
        number = min(step, replicates - start)
        effect = np.sqrt(level) * rng.standard_normal((areas, number))
        noise = np.sqrt(error) * rng.standard_normal((rows, number))
        drawn = (covariates @ beta)[:, None] + effect[area_of] + noise
        others = np.sqrt(error * (sizes - sums.count))[:, None] * rng.standard_normal(
            (areas, number)
        )
        asked = np.zeros((areas, number))
        np.add.at(asked, area_of, noise)
        truth = (means @ beta)[:, None] + effect + (asked + others) / sizes[:, None]
        again = sums_of(covariates, drawn, area_of, areas)
        ratio = estimate_ratio(again, method)
        fit = fit_at(ratio, again)
        own = ratio * fit.left / (1 + sums.count[:, None] * ratio)
        predicted = (
            share * again.y / some
            + means @ fit.beta
            - share * (sums.x / some) @ fit.beta
            + (1 - share) * own
        )
        squares += ((predicted - truth) ** 2).sum(axis=1)
    return squares / replicates
