"""Turning common factors so that each item hangs on few of them.

A factor model fixes its factors only up to a rotation. ``varimax`` keeps the factors
uncorrelated; ``promax`` and ``oblimin`` let them correlate, as factors of satisfaction do.
"""

from __future__ import annotations

import numpy as np

from analysis.design import Floats
from analysis.inference.variances import refusal
from intake.findings import Words

ROTATIONS = ("none", "varimax", "promax", "oblimin")
# The power to which promax raises the loadings of varimax (as in R and SPSS).
PROMAX_POWER = 4


def rotate(loadings: Floats, rotation: str) -> tuple[Floats, Floats]:
    """Rotate loadings.

    Parameters
    ----------
    loadings
        Shape (p, m), uncorrelated factors.
    rotation
        ``none``; ``varimax`` and ``promax`` (power 4) with Kaiser's weights, each item with
        the same length; ``oblimin`` (γ = 0, quartimin) without.

    Returns
    -------
    tuple
        Loadings (p, m), the factor that explains most first, each with a positive sum; and the
        correlations of the factors (m, m).

    Raises
    ------
    EstimationError
        ``rotation-unknown``.

    References
    ----------
    Kaiser, H. F. (1958). The varimax criterion. Psychometrika 23. Hendrickson, A. E., White,
    P. O. (1964). Promax. British Journal of Statistical Psychology 17. Bernaards, C. A.,
    Jennrich, R. I. (2005). Gradient projection algorithms. Educational and Psychological
    Measurement 65 (statsmodels carries them out).

    Examples
    --------
    >>> simple = np.array([[0.8, 0.0], [0.7, 0.0], [0.0, 0.6], [0.0, 0.5]])
    >>> turn = np.array([[0.8, -0.6], [0.6, 0.8]])
    >>> (rotate(simple @ turn, "varimax")[0].round(6) + 0.0).tolist()
    [[0.8, 0.0], [0.7, 0.0], [0.0, 0.6], [0.0, 0.5]]
    """
    if rotation not in ROTATIONS:
        raise refusal(
            "rotation-unknown",
            Words(f"rotation={rotation!r} không hợp lệ.", f"rotation={rotation!r} is no choice."),
            Words(f"Chọn {', '.join(ROTATIONS)}.", f"Choose {', '.join(ROTATIONS)}."),
        )
    number = loadings.shape[1]
    turned, between = loadings, np.eye(number)
    if number > 1 and rotation in ("varimax", "promax"):
        length = np.sqrt(np.maximum(np.sum(loadings**2, axis=1, keepdims=True), 1e-300))
        turned = length * _projected(loadings / length, "varimax")[0]
    if number > 1 and rotation == "promax":
        turned, between = _promax(turned)
    if number > 1 and rotation == "oblimin":
        turned, turn = _projected(loadings, "quartimin")
        between = turn.T @ turn
    order = np.argsort(-np.sum(turned * (turned @ between), axis=0), kind="stable")
    sign = np.where(turned.sum(axis=0) < 0, -1.0, 1.0)
    turned, between = turned * sign, between * np.outer(sign, sign)
    return turned[:, order], between[np.ix_(order, order)]


def _projected(loadings: Floats, criterion: str) -> tuple[Floats, Floats]:
    from statsmodels.multivariate.factor_rotation import rotate_factors

    # A criterion met exactly has a gradient of zero, whose logarithm is only kept for a record.
    with np.errstate(divide="ignore"):
        turned, turn = rotate_factors(loadings, criterion, tol=1e-9, max_tries=2000)
    return np.asarray(turned), np.asarray(turn)


def _promax(loadings: Floats) -> tuple[Floats, Floats]:
    target = loadings * np.abs(loadings) ** (PROMAX_POWER - 1)
    turn = np.linalg.lstsq(loadings, target, rcond=None)[0]
    turn = turn * np.sqrt(np.diag(np.linalg.inv(turn.T @ turn)))
    inverse = np.linalg.inv(turn)
    return loadings @ turn, inverse @ inverse.T
