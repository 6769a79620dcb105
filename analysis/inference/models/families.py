"""Likelihoods of a linear, logistic and log-linear model, a block of rows at a time.

All three have the canonical link, so the score of a row is x (y - μ) and its information
x x' v(μ). A block fits in the processor's cache, and nothing as large as the model matrix is
ever copied.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np

from analysis.design import Floats

_BLOCK = 4096


@dataclass(frozen=True)
class Family:
    """How the mean of the outcome follows from the linear predictor."""

    name: str
    mean: Callable[[Floats], Floats]
    variance: Callable[[Floats], Floats]
    deviance: Callable[[Floats, Floats], Floats]


def _expit(eta: Floats) -> Floats:
    with np.errstate(over="ignore"):
        return np.asarray(1.0 / (1.0 + np.exp(-eta)))


def _exp(eta: Floats) -> Floats:
    with np.errstate(over="ignore"):
        return np.asarray(np.exp(eta))


LINEAR = Family("linear", lambda eta: eta, np.ones_like, lambda y, eta: (y - eta) ** 2)
LOGISTIC = Family(
    "logistic",
    _expit,
    lambda mu: mu * (1.0 - mu),
    lambda y, eta: 2.0 * (np.logaddexp(0.0, eta) - y * eta),
)
# Less what the deviance of a perfect fit would be, which no comparison needs.
POISSON = Family("poisson", _exp, lambda mu: mu, lambda y, eta: 2.0 * (np.exp(eta) - y * eta))


@dataclass(frozen=True, eq=False)
class Regression:
    """Outcome and model matrix of a model with a canonical link."""

    family: Family
    y: Floats
    x: Floats
    names: tuple[str, ...]
    _spans: list[Floats] = field(default_factory=list, repr=False)

    def derivatives(self, parameters: Floats, weights: Floats) -> tuple[Floats, Floats]:
        """Return the weighted score and information."""
        size = self.x.shape[1]
        score, information = np.zeros(size), np.zeros((size, size))
        buffer = np.empty((min(_BLOCK, len(self.x)), size))
        for start in range(0, len(self.x), _BLOCK):
            x = self.x[start : start + _BLOCK]
            w = weights[start : start + _BLOCK]
            mu = self.family.mean(x @ parameters)
            score += (w * (self.y[start : start + _BLOCK] - mu)) @ x
            scaled = buffer[: len(x)]
            np.multiply(x, (w * self.family.variance(mu))[:, None], out=scaled)
            information += x.T @ scaled
        return score, information

    def scores(self, parameters: Floats, weights: Floats, bread: Floats) -> Floats:
        """Return the weighted linearised value of each row for each parameter."""
        found = np.empty_like(self.x)
        for start in range(0, len(self.x), _BLOCK):
            x = self.x[start : start + _BLOCK]
            mu = self.family.mean(x @ parameters)
            r = weights[start : start + _BLOCK] * (self.y[start : start + _BLOCK] - mu)
            np.multiply(x @ bread, r[:, None], out=found[start : start + _BLOCK])
        return found

    def start(self, weights: Floats) -> Floats:
        """Return parameters to begin from: the overall mean where there is an intercept."""
        begin = np.zeros(self.x.shape[1])
        if "(Intercept)" in self.names and self.family is not LINEAR:
            mean = float(weights @ self.y / weights.sum())
            logit = self.family is LOGISTIC
            begin[0] = np.log(mean / (1.0 - mean)) if logit else np.log(mean)
        return begin

    def deviance(self, parameters: Floats, weights: Floats) -> float:
        """Return the weighted deviance, up to that of a perfect fit."""
        return float(weights @ self.family.deviance(self.y, self.x @ parameters))

    def rises(self, direction: Floats) -> tuple[Floats, Floats]:
        """Return what each row gains and loses far out in a direction."""
        moved = self.x @ direction
        if self.family is LOGISTIC:
            towards = np.where(self.y > 0, moved, -moved)
            return towards, -towards
        return np.where(self.y > 0, 0.0, -moved), np.where(self.y > 0, np.abs(moved), moved)

    def reach(self, direction: Floats) -> Floats:
        """Return by how much each parameter moves some row at most."""
        if not self._spans:
            self._spans.append(np.abs(self.x).max(axis=0))
        return np.asarray(np.abs(direction) * self._spans[0])
