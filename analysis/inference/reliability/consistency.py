"""Do the items of a scale move together: Cronbach's alpha, and what each item does to it.

Alpha is the share of the variance of the summed score that the items have in common, as far
as they all measure one thing equally well; `omega` drops the last condition. Everything here
follows from the weighted covariance matrix, so standard errors come from its linearisation.
Coefficients have no unit.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from analysis.design import Floats
from analysis.estimation.results import Design
from analysis.inference.reliability.coefficient import Coefficient, coefficient, spread
from analysis.inference.variances import Moments, moments, with_intervals
from intake.findings import EstimationError, Finding, Words


def alpha(
    design: Design,
    items: Sequence[str],
    level: float = 0.95,
    *,
    missing: str = "fail",
) -> Coefficient:
    """Estimate Cronbach's alpha of a scale of K items.

    alpha = K / (K − 1) · (1 − Σ var(item) / var(sum of items)), with weighted variances.

    Parameters
    ----------
    design
        The table and how it was drawn, or replicate weights.
    items
        At least two columns with numbers, all coded in one direction.
    level
        Confidence level of the t interval.
    missing
        ``fail`` refuses missing answers; ``drop`` leaves out rows that miss any item.

    Returns
    -------
    Coefficient
        ``.value, .se, .low, .high, .n, .df, .table``; a finding ``item-against-scale`` names
        items that run against the others.

    Raises
    ------
    EstimationError
        ``items-too-few``, ``item-constant``, ``answers-missing``, ``scale-constant``, …: those
        of `analysis.inference.variances.moments`.

    References
    ----------
    Cronbach, L. J. (1951). Coefficient alpha and the internal structure of tests.
    Psychometrika 16, 297-334. Variance by linearisation of the covariance matrix: Binder, D. A.
    (1983), International Statistical Review 51, 279-292.

    Examples
    --------
    >>> from analysis import SurveyDesign
    >>> table = pd.DataFrame({"a": [1, 2, 3, 4], "b": [2, 2, 4, 4], "w": 1.0})
    >>> round(alpha(SurveyDesign(table, weights="w"), ["a", "b"]).value, 4)
    0.9412
    """
    found = moments(design, items, missing)
    value, gradient = alpha_of(found.matrix)

    def again(weights: Floats) -> Floats:
        return np.array([alpha_of(found.matrix_at(weights))[0]])

    scores = found.scores(gradient[None])
    said = _against_scale(found)
    return coefficient("alpha", design, value, scores, again, found.n, level, said)


def item_total(
    design: Design,
    items: Sequence[str],
    level: float = 0.95,
    *,
    missing: str = "fail",
) -> pd.DataFrame:
    """Estimate what each item has to do with the rest of its scale.

    Parameters
    ----------
    design, items, level, missing
        As for `alpha`.

    Returns
    -------
    pandas.DataFrame
        One row per item: ``quantity``; ``value, se, low, high``: correlation of the item with
        the sum of the other items (corrected item-total correlation);
        ``alpha_without, alpha_without_se, alpha_without_low, alpha_without_high``: alpha of
        the other items (empty where only one is left); ``n, df``.

    Examples
    --------
    >>> from analysis import SurveyDesign
    >>> table = pd.DataFrame({"a": [1, 2, 3, 4], "b": [2, 2, 4, 4], "c": [1, 3, 2, 4], "w": 1.0})
    >>> item_total(SurveyDesign(table, weights="w"), list("abc"))["value"].round(3).tolist()
    [0.992, 0.707, 0.651]
    """
    found = moments(design, items, missing)
    size = len(found.names)
    value, gradient = _item_rest(found.matrix)
    without, slope = _alphas_without(found.matrix)

    def again(weights: Floats) -> Floats:
        matrix = found.matrix_at(weights)
        return np.concatenate([_item_rest(matrix)[0], _alphas_without(matrix)[0]])

    whole = spread(design, found.scores(np.concatenate([gradient, slope])), again)
    se = np.sqrt(np.diag(whole))
    df = design.df
    rest = with_intervals(without, se[size:], df, level)
    if not len(without):
        rest = {key: np.full(size, np.nan) for key in rest}
    names = {"value": "alpha_without"} | {k: f"alpha_without_{k}" for k in ("se", "low", "high")}
    return pd.DataFrame(
        {
            "quantity": list(found.names),
            **with_intervals(value, se[:size], df, level),
            **{names[key]: column for key, column in rest.items()},
            "n": found.n,
            "df": df,
        }
    )


def alpha_of(matrix: Floats) -> tuple[float, Floats]:
    """Return alpha of a covariance matrix, and its derivative."""
    size = len(matrix)
    total, own = matrix.sum(), np.trace(matrix)
    if not total > 1e-12 * own:
        raise EstimationError.of(
            "scale-constant",
            "Tổng điểm các câu không thay đổi giữa những người trả lời.",
            "The sum of the items does not vary between respondents.",
            "Mã hóa mọi câu cùng chiều (điểm cao là tốt).",
            "Code all items in one direction (high is good).",
        )
    spare = size / (size - 1)
    slope = spare * (np.full((size, size), own / total**2) - np.eye(size) / total)
    return float(spare * (1 - own / total)), slope


def _alphas_without(matrix: Floats) -> tuple[Floats, Floats]:
    size = len(matrix)
    if size < 3:
        return np.zeros(0), np.zeros((0, size, size))
    values, slopes = np.zeros(size), np.zeros((size, size, size))
    for j in range(size):
        others = np.delete(np.arange(size), j)
        grid = np.ix_(others, others)
        values[j], slope = alpha_of(matrix[grid])
        slopes[j][grid] = slope
    return values, slopes


def _item_rest(matrix: Floats) -> tuple[Floats, Floats]:
    """Return the correlation of each item with the sum of the others, and its derivative."""
    size = len(matrix)
    values, slopes = np.zeros(size), np.zeros((size, size, size))
    for j in range(size):
        item = np.zeros(size)
        item[j] = 1.0
        others = 1.0 - item
        rest = others @ matrix @ others
        if not rest > 1e-12 * np.trace(matrix):
            raise EstimationError.of(
                "rest-constant",
                "Tổng các câu còn lại không thay đổi giữa những người trả lời.",
                "The sum of the other items does not vary between respondents.",
                "Mã hóa mọi câu cùng chiều.",
                "Code all items in one direction.",
            )
        scale = np.sqrt(matrix[j, j] * rest)
        values[j] = item @ matrix @ others / scale
        slopes[j] = (np.outer(item, others) + np.outer(others, item)) / (2 * scale)
        slopes[j] -= values[j] / 2 * np.outer(item, item) / matrix[j, j]
        slopes[j] -= values[j] / 2 * np.outer(others, others) / rest
    return values, slopes


def _against_scale(found: Moments) -> tuple[Finding, ...]:
    """Name the items that go down where the others go up."""
    rest = found.matrix.sum(axis=1) - np.diag(found.matrix)
    return tuple(
        Finding(
            "item-against-scale",
            Words(
                f"Câu “{name}” đi ngược chiều với các câu còn lại.",
                f"Item “{name}” runs against the other items.",
            ),
            Words("Kiểm tra chiều mã hóa của câu.", "Check the direction in which it is coded."),
            severity="warning",
            column=name,
        )
        for name, with_rest in zip(found.names, rest, strict=True)
        if with_rest < 0
    )
