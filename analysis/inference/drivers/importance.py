"""How much each driver counts for an outcome, as functions of their covariance matrix.

Each function takes the covariance matrix of the outcome (first) and p drivers and returns the
importances (p,) with their derivatives (p, p + 1, p + 1), from which
`analysis.inference.variances.Moments` makes standard errors. Importances have no unit.
Shapley values, which run through many models, have a file of their own.
"""

from __future__ import annotations

import numpy as np

from analysis.design import Floats
from analysis.inference.variances import derivative


def standardized(matrix: Floats) -> tuple[Floats, Floats]:
    """Return the standardized regression weights, b · sd(driver) / sd(outcome).

    Examples
    --------
    >>> standardized(np.array([[1.0, 0.6, 0.5], [0.6, 1.0, 0.2], [0.5, 0.2, 1.0]]))[0].round(6)
    array([0.520833, 0.395833])
    """
    size = len(matrix) - 1
    inverse = np.linalg.inv(matrix[1:, 1:])
    weights = inverse @ matrix[1:, 0]
    ratio = np.sqrt(np.diag(matrix)[1:] / matrix[0, 0])
    # What is left of the outcome is the item (1, −b); b moves with its covariances.
    left = np.concatenate([[1.0], -weights])
    own = np.zeros((size, size + 1))
    own[:, 1:] = inverse
    slope = own[:, :, None] * left[None, None, :] * ratio[:, None, None]
    slope = (slope + np.swapaxes(slope, 1, 2)) / 2
    value = weights * ratio
    each = np.arange(size)
    slope[each, each + 1, each + 1] += value / (2 * np.diag(matrix)[1:])
    slope[:, 0, 0] -= value / (2 * matrix[0, 0])
    return value, slope


def relative_weights(matrix: Floats) -> tuple[Floats, Floats]:
    """Return Johnson's relative weights, which add up to R².

    The drivers are replaced by the uncorrelated variables nearest to them, whose shares of R²
    are handed back to the drivers.

    References
    ----------
    Johnson, J. W. (2000). A heuristic method for estimating the relative weight of predictor
    variables in multiple regression. Multivariate Behavioral Research 35, 1-19.

    Examples
    --------
    >>> relative_weights(np.array([[1.0, 0.6, 0.5], [0.6, 1.0, 0.2], [0.5, 0.2, 1.0]]))[0].round(4)
    array([0.3102, 0.2002])
    """
    return derivative(_relative_weights, matrix)


def _relative_weights(stack: Floats) -> Floats:
    root = np.sqrt(np.diagonal(stack, axis1=1, axis2=2))
    correlation = stack / (root[:, :, None] * root[:, None, :])
    values, vectors = np.linalg.eigh(correlation[:, 1:, 1:])
    strength = np.sqrt(np.maximum(values, 0.0))
    nearest = np.einsum("qij,qj,qkj->qik", vectors, strength, vectors)
    weights = np.linalg.solve(nearest, correlation[:, 1:, :1])[:, :, 0]
    return np.asarray(np.einsum("qij,qj->qi", nearest**2, weights**2))
