"""Likelihoods of a linear, logistic and log-linear model, a block of rows at a time.

All three have the canonical link, so the score of a row is x (y - μ) and its information
x x' v(μ). A block fits in the processor's cache, and nothing as large as the model matrix is
ever copied.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from analysis.design import Floats
from analysis.inference.models import blocks
from analysis.inference.models.blocks import times
from analysis.inference.models.newton import solve_positive

_STEPS = 25
_RELATIVE = 1e-8
_STILL = 0.01


@dataclass(frozen=True)
class Family:
    """How the mean of the outcome follows from the linear predictor, and back.

    ``first`` is a mean to begin from (outcome and weights of mean one), ``whole`` the
    weighted deviance of outcome and mean.
    """

    name: str
    mean: Callable[[Floats], Floats]
    link: Callable[[Floats], Floats]
    variance: Callable[[Floats], Floats]
    first: Callable[[Floats, Floats], Floats]
    whole: Callable[[Floats, Floats, Floats], float]


@dataclass(frozen=True, eq=False)
class Fit:
    """Coefficients, the information of the last step, and the coefficients before it."""

    parameters: Floats
    information: Floats
    before: Floats | None = None


def _expit(eta: Floats) -> Floats:
    with np.errstate(over="ignore"):
        return np.asarray(1.0 / (1.0 + np.exp(-eta)))


def _exp(eta: Floats) -> Floats:
    with np.errstate(over="ignore"):
        return np.asarray(np.exp(eta))


def _logit(mu: Floats) -> Floats:
    return np.asarray(np.log(mu / (1.0 - mu)))


def _surprise(y: Floats, mu: Floats, weights: Floats) -> float:
    with np.errstate(divide="ignore"):
        return float(-2.0 * np.sum(weights * np.log(np.where(y > 0, mu, 1.0 - mu))))


def _excess(y: Floats, mu: Floats, weights: Floats) -> float:
    with np.errstate(divide="ignore", invalid="ignore"):
        ratio = np.where(y > 0, y * np.log(np.where(y > 0, y, 1.0) / mu), 0.0)
    return float(2.0 * np.sum(weights * (ratio - (y - mu))))


LINEAR = Family(
    "linear",
    lambda eta: eta,
    lambda mu: mu,
    np.ones_like,
    lambda y, _: y,
    lambda y, mu, weights: float(np.sum(weights * (y - mu) ** 2)),
)
LOGISTIC = Family(
    "logistic",
    _expit,
    _logit,
    lambda mu: mu * (1.0 - mu),
    lambda y, weights: (weights * y + 0.5) / (weights + 1.0),
    _surprise,
)
POISSON = Family("poisson", _exp, np.log, lambda mu: mu, lambda y, _: y + 0.1, _excess)


@dataclass(frozen=True, eq=False)
class Regression:
    """Outcome and model matrix of a model with a canonical link."""

    family: Family
    y: Floats
    x: Floats
    names: tuple[str, ...]

    def derivatives(self, parameters: Floats, weights: Floats) -> tuple[Floats, Floats]:
        """Return the weighted score and information."""
        mu = self.family.mean(times(self.x, parameters))
        return self.sums(weights * (self.y - mu), weights * self.family.variance(mu))

    def sums(self, residual: Floats, working: Floats) -> tuple[Floats, Floats]:
        """Return X' r and X' W X."""
        return blocks.sums(self.x, residual), blocks.gram(self.x, working)

    def scores(self, fit: Fit, weights: Floats, bread: Floats) -> Floats:
        """Return the weighted linearised value of each row for each parameter."""
        mu = self.family.mean(times(self.x, fit.parameters))
        residual = weights * (self.y - mu)
        if fit.before is not None and self.family is not LINEAR:
            # The residuals are those of the last step, the working weights those before it.
            with np.errstate(divide="ignore", invalid="ignore"):
                turned = self.family.variance(self.family.mean(times(self.x, fit.before)))
                turned /= self.family.variance(mu)
            residual *= np.where(np.isfinite(turned), turned, 1.0)
        found = np.empty_like(self.x)
        for rows in blocks.blocks(0, len(self.x)):
            np.multiply(self.x[rows] @ bread, residual[rows, None], out=found[rows])
        return found

    def iterate(
        self, weights: Floats, begin: Floats | None = None, unit: float | None = None
    ) -> Fit | None:
        """Fit by reweighted least squares, and stop where R's glm does.

        A relative change of the deviance below 1e-8 ends the steps; the information is that
        of the step before the last. None where this does not end, or ends while the
        coefficients still move (`newton.maximize` then finds out why). ``unit`` is what
        counts as a weight of one, by default their mean.
        """
        if unit is None:
            unit = float(weights.mean() if begin is None else weights.sum())
        scaled = weights / unit
        if begin is None:
            mu = self.family.first(self.y, scaled)
            eta = self.family.link(mu)
            variance = self.family.variance(mu)
            score, information = self.sums(
                scaled * (variance * eta + self.y - mu), scaled * variance
            )
            at = np.zeros(self.x.shape[1])
        else:
            at, eta = begin, times(self.x, begin)
            mu = self.family.mean(eta)
            score, information = self.sums(
                scaled * (self.y - mu), scaled * self.family.variance(mu)
            )
        deviance = self.family.whole(self.y, mu, scaled)
        before: Floats | None = None if begin is None else begin
        for _ in range(_STEPS):
            delta = solve_positive(information, score)
            if delta is None:
                return None
            after = at + delta
            previous, eta = eta, times(self.x, after)
            mu = self.family.mean(eta)
            last, deviance = deviance, self.family.whole(self.y, mu, scaled)
            if not np.isfinite(deviance):
                return None
            if abs(deviance - last) / (abs(deviance) + 0.1) < _RELATIVE:
                moving = before is not None and float(np.max(np.abs(eta - previous))) > _STILL
                moving = moving and self.family is not LINEAR
                return None if moving else Fit(after, information * unit, before)
            at = before = after
            score, information = self.sums(
                scaled * (self.y - mu), scaled * self.family.variance(mu)
            )
        return None

    def deviance(self, parameters: Floats, weights: Floats) -> float:
        """Return the weighted deviance."""
        return self.family.whole(self.y, self.family.mean(times(self.x, parameters)), weights)

    def rises(self, direction: Floats) -> tuple[Floats, Floats]:
        """Return what each row gains and loses far out in a direction."""
        moved = times(self.x, direction)
        if self.family is LOGISTIC:
            towards = np.where(self.y > 0, moved, -moved)
            return towards, -towards
        return np.where(self.y > 0, 0.0, -moved), np.where(self.y > 0, np.abs(moved), moved)

    def reach(self, direction: Floats) -> Floats:
        """Return by how much each parameter moves some row at most."""
        return np.asarray(np.abs(direction) * np.abs(self.x).max(axis=0))
