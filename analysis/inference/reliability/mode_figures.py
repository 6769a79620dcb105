"""Figures of a scale in each mode: loadings, levels at one overall level, alpha, mean.

Two kinds of items. As numbers: the factor's scale is that of the items (loadings average one),
and levels are in their unit. As ordered categories: loadings are those of standardized
variables beneath the answers, and levels are in standard deviations of the factor.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from analysis.design import Floats
from analysis.inference.reliability.association import PolychoricCorrelations
from analysis.inference.reliability.consistency import alpha_of
from analysis.inference.reliability.extraction import extract
from analysis.inference.variances import Moments
from intake.findings import EstimationError


def linear_figures(parts: Sequence[Moments]) -> tuple[Floats, Floats]:
    """Return the figures of each mode (modes × k), and scores (rows, modes · k).

    The level at which items are compared is the average of the modes' levels, so that it moves
    with each of them.
    """
    size = len(parts[0].names)
    middle = float(np.mean([part.mean.mean() for part in parts]))
    rows = len(parts[0].weights)
    values: list[Floats] = []
    scores: list[Floats] = []
    shift = np.zeros((len(parts), size))
    of_middle = np.zeros((rows, 1))
    for part in parts:
        value, by_matrix, by_mean, loadings = _of_mode(part, middle)
        shift[len(values)] = loadings
        values.append(value)
        scores.append(part.scores(by_matrix, by_mean))
        of_middle += part.scores(None, np.full((1, size), 1 / (size * len(parts))))
    for k, own in enumerate(scores):
        own[:, size : 2 * size] += of_middle * shift[k]
    return np.array(values), np.hstack(scores)


def _of_mode(part: Moments, middle: float) -> tuple[Floats, Floats, Floats, Floats]:
    """Return loadings, levels at the common middle, alpha and mean of one mode.

    With them the derivatives by its covariances and its means, and the loadings alone.
    """
    size = len(part.names)
    fitted = extract(part.matrix, 1, "ml")
    _refuse_cancelling(np.array([fitted.loadings.mean(), np.abs(fitted.loadings).max()]))

    def scaled(loadings: Floats, _unique: Floats) -> Floats:
        own = loadings[:, :, 0]
        return np.asarray(own / own.mean(axis=1, keepdims=True))

    loadings, slope = fitted.derivative(scaled)
    own = part.mean.mean()
    alpha, alpha_slope = alpha_of(part.matrix)
    by_matrix = np.zeros((2 * size + 2, size, size))
    by_matrix[:size] = slope
    by_matrix[size : 2 * size] = slope * (middle - own)
    by_matrix[2 * size] = alpha_slope
    by_mean = np.zeros((2 * size + 2, size))
    by_mean[size : 2 * size] = np.eye(size) - loadings[:, None] / size
    by_mean[2 * size + 1] = 1 / size
    levels = part.mean + loadings * (middle - own)
    return np.concatenate([loadings, levels, [alpha, own]]), by_matrix, by_mean, loadings


def linear_values(parts: Sequence[Moments], weights: Floats) -> Floats:
    """Return the figures of `linear_figures` under other weights."""
    means = [part.mean_at(weights) for part in parts]
    middle = float(np.mean([mean.mean() for mean in means]))
    found = []
    for part, mean in zip(parts, means, strict=True):
        matrix = part.matrix_at(weights)
        loadings = extract(matrix, 1, "ml").loadings[:, 0]
        loadings = loadings / loadings.mean()
        levels = mean + loadings * (middle - mean.mean())
        found.append(np.concatenate([loadings, levels, [alpha_of(matrix)[0], mean.mean()]]))
    return np.array(found)


def ordered_figures(parts: Sequence[PolychoricCorrelations]) -> tuple[Floats, Floats]:
    """Return loadings, levels and alpha of each mode (modes × k), and scores (rows, modes · k).

    An item's level is its mean threshold over its loading, turned round so that more means
    higher answers, less the average of the items: what is left when the overall level is the
    same.
    """
    values, scores = [], []
    for part in parts:
        size = len(part.names)
        fitted = extract(part.matrix, 1, "minres")
        _refuse_cancelling(fitted.loadings[:, 0])
        middle = part.fitted.locations()

        def figures(loadings: Floats, _unique: Floats, middle: Floats = middle) -> Floats:
            own = loadings[:, :, 0]
            place = -middle / own
            return np.hstack([own, place - place.mean(axis=1, keepdims=True)])

        value, slope = fitted.derivative(figures)
        alpha, alpha_slope = alpha_of(part.matrix)
        own = part.scores(np.concatenate([slope, alpha_slope[None]]))
        by_middle = -(np.eye(size) - 1 / size) / fitted.loadings[:, 0]
        own[:, size : 2 * size] += part.location_scores() @ by_middle.T
        values.append(np.concatenate([value, [alpha]]))
        scores.append(own)
    return np.array(values), np.hstack(scores)


def ordered_values(parts: Sequence[PolychoricCorrelations], weights: Floats) -> Floats:
    """Return the figures of `ordered_figures` under other weights."""
    found = []
    for part in parts:
        fitted = part.refitted(weights)
        own = extract(fitted.matrix, 1, "minres").loadings[:, 0]
        place = -fitted.locations() / own
        found.append(np.concatenate([own, place - place.mean(), [alpha_of(fitted.matrix)[0]]]))
    return np.array(found)


def _refuse_cancelling(loadings: Floats) -> None:
    if loadings.min() < 0.05 * np.abs(loadings).max():
        raise EstimationError.of(
            "loadings-cancel",
            "Có câu không đi cùng chiều với các câu khác, nên không có mức chung để so sánh.",
            "An item does not go with the others, so there is no overall level to compare at.",
            "Mã hóa mọi câu cùng chiều, hoặc bỏ câu không thuộc thang đo.",
            "Code all items in one direction, or leave out what is not of the scale.",
        )
