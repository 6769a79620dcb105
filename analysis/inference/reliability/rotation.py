"""Turning common factors so that each item hangs on few of them.

A factor model fixes its factors only up to a rotation. ``varimax`` keeps the factors
uncorrelated; ``promax`` and ``oblimin`` let them correlate, as factors of satisfaction do.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from analysis.choices import one_of
from analysis.design import Floats

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
    one_of("rotation-unknown", "rotation", rotation, ROTATIONS)
    turned, between = _carried_out(loadings, _turn(loadings, rotation), rotation)
    order, sign = _order(turned, between)
    return (turned * sign)[:, order], (between * np.outer(sign, sign))[np.ix_(order, order)]


def rotation_slopes(loadings: Floats, rotation: str, step: float = 1e-4) -> Floats:
    """Return how rotated loadings move with the loadings before, shape (p, m, p, m).

    The turn follows from the equations that it solves (implicit function theorem), so nothing
    is rotated again.

    References
    ----------
    Jennrich, R. I. (1973). Standard errors for obliquely rotated factor loadings. Psychometrika
    38, 593-604.
    """
    turn = _turn(loadings, rotation)
    turned, between = _carried_out(loadings, turn, rotation)
    order, sign = _order(turned, between)
    size, count = loadings.size, len(_moves(turn, rotation))

    def everything(change: Floats) -> Floats:
        moved = loadings + change[:size].reshape(loadings.shape)
        at = _moved(turn, change[size:], rotation)
        found = _carried_out(moved, at, rotation)[0]
        return np.concatenate([found.ravel(), _imbalance(moved, at, rotation)])

    slopes = _slopes(everything, size + count, step)
    direct, through = slopes[:size], slopes[size:]
    of_turn = -np.linalg.lstsq(through[:, size:].T, direct[:, size:].T, rcond=1e-12)[0]
    whole = direct[:, :size].T + through[:, :size].T @ of_turn
    return np.asarray(
        (whole.reshape(*loadings.shape, *loadings.shape) * sign[:, None, None])[:, order]
    )


def matched(loadings: Floats, reference: Floats) -> Floats:
    """Return loadings with columns in the order and direction of a reference."""
    from scipy.optimize import linear_sum_assignment

    alike = reference.T @ loadings
    _, columns = linear_sum_assignment(-np.abs(alike))
    sign = np.where(alike[np.arange(len(columns)), columns] < 0, -1.0, 1.0)
    return np.asarray(loadings[:, columns] * sign)


def _order(turned: Floats, between: Floats) -> tuple[Any, Floats]:
    strength = np.sum(turned * (turned @ between), axis=0)
    order = np.argsort(-strength, kind="stable")
    return order, np.where(turned.sum(axis=0) < 0, -1.0, 1.0)


def _turn(loadings: Floats, rotation: str) -> Floats:
    """Return the turn (m, m) that solves the equations of the rotation."""
    from statsmodels.multivariate.factor_rotation import rotate_factors

    number = loadings.shape[1]
    if number == 1 or rotation == "none":
        return np.eye(number)
    criterion = "quartimin" if rotation == "oblimin" else "varimax"
    # A criterion met exactly has a gradient of zero, whose logarithm is only kept for a record.
    with np.errstate(divide="ignore"):
        found = rotate_factors(_even(loadings, rotation), criterion, tol=1e-5, max_tries=500)[1]
    turn = np.asarray(found, dtype=np.float64)
    left = _imbalance(loadings, turn, rotation)
    for _ in range(10):

        def left_after(move: Floats, at: Floats = turn) -> Floats:
            return _imbalance(loadings, _moved(at, move, rotation), rotation)

        slopes = _slopes(left_after, len(left), 1e-4)
        step = np.asarray(np.linalg.lstsq(slopes.T, -left, rcond=1e-12)[0], dtype=np.float64)
        tried = _moved(turn, step, rotation)
        new = _imbalance(loadings, tried, rotation)
        if not np.max(np.abs(new)) < np.max(np.abs(left)):
            break
        turn, left = tried, new
    return turn


def _carried_out(loadings: Floats, turn: Floats, rotation: str) -> tuple[Floats, Floats]:
    """Return turned loadings and factor correlations."""
    if rotation == "oblimin":
        return np.asarray(np.linalg.solve(turn, loadings.T).T, dtype=np.float64), turn.T @ turn
    if rotation == "promax" and len(turn) > 1:
        return _promax(loadings @ turn)
    return loadings @ turn, np.eye(len(turn))


def _even(loadings: Floats, rotation: str) -> Floats:
    """Return loadings with Kaiser's weights, each item of the same length, except oblimin's."""
    if rotation == "oblimin":
        return loadings
    return np.asarray(
        loadings / np.sqrt(np.maximum(np.sum(loadings**2, axis=1, keepdims=True), 1e-300))
    )


def _imbalance(loadings: Floats, turn: Floats, rotation: str) -> Floats:
    """Return what is zero where the criterion has its optimum, one number per move."""
    number = len(turn)
    own = _even(loadings, rotation)
    if rotation == "oblimin":
        turned = np.linalg.solve(turn, own.T).T
        slope = turned * ((turned**2).sum(axis=1, keepdims=True) - turned**2)
        balance = np.linalg.solve(turn.T @ turn, slope.T @ turned)
        return np.asarray(balance[~np.eye(number, dtype=bool)])
    turned = own @ turn
    slope = turned * (turned**2 - np.mean(turned**2, axis=0))
    balance = turned.T @ slope
    return np.asarray((balance - balance.T)[np.triu_indices(number, 1)])


def _moves(turn: Floats, rotation: str) -> Floats:
    number = len(turn)
    if number == 1 or rotation == "none":
        return np.zeros(0)
    pairs = number * (number - 1)
    return np.zeros(pairs if rotation == "oblimin" else pairs // 2)


def _moved(turn: Floats, move: Floats, rotation: str) -> Floats:
    """Return a turn after a small move that keeps it a turn."""
    number = len(turn)
    if not len(move):
        return turn
    change = np.zeros((number, number))
    if rotation == "oblimin":
        change[~np.eye(number, dtype=bool)] = move
        new = turn + turn @ change
        return np.asarray(new / np.sqrt(np.sum(new**2, axis=0)))
    change[np.triu_indices(number, 1)] = move
    change -= change.T
    # Cayley's formula keeps columns at right angles.
    return np.asarray(
        turn @ np.linalg.solve(np.eye(number) - change / 2, np.eye(number) + change / 2)
    )


def _slopes(function: Callable[[Floats], Floats], size: int, step: float) -> Floats:
    """Return derivatives (size, k) of a function at zero, by central differences."""
    moves = step * np.eye(size)
    return np.array(
        [
            (8 * (function(move) - function(-move)) - function(2 * move) + function(-2 * move))
            / (12 * step)
            for move in moves
        ]
    )


def _promax(loadings: Floats) -> tuple[Floats, Floats]:
    target = loadings * np.abs(loadings) ** (PROMAX_POWER - 1)
    turn = np.linalg.lstsq(loadings, target, rcond=None)[0]
    turn = turn * np.sqrt(np.diag(np.linalg.inv(turn.T @ turn)))
    inverse = np.linalg.inv(turn)
    return loadings @ turn, inverse @ inverse.T
