"""Ordinal regression under a design: the proportional odds model."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise
from typing import Any

import numpy as np

from analysis.design import Floats, Integers, SurveyDesign
from analysis.inference.models.cumulative import Cumulative
from analysis.inference.models.differences import differenced_information
from analysis.inference.models.fitting import fitted, in_table
from analysis.inference.models.margins import Prediction
from analysis.inference.models.matrix import ModelFrame, design_matrix, model_frame, named
from analysis.inference.models.newton import inverse, maximize, refuse_collinear
from analysis.inference.models.results import Model, Workings, coefficient_table
from analysis.inference.testing.categories import sorted_codes
from analysis.sampling_error import covariance_of
from intake.findings import EstimationError


def ordinal(
    design: SurveyDesign, formula: str, *, level: float = 0.95, missing: str = "fail"
) -> Model:
    """Fit a proportional odds model with the standard errors of the design.

    P(Y ≤ k) = F(ζ_k - x'β) with F logistic: a positive slope means higher answers.

    Parameters
    ----------
    design
        The table and how it was drawn, or replicate weights.
    formula
        ``"outcome ~ terms"``. The outcome has three or more ordered categories: numbers or
        text in sorted order, or pandas categories in their declared order.
    level, missing
        As for `linear`.

    Returns
    -------
    Model
        ``.table`` lists slopes, then cutpoints (``"1|2"``, ascending); its ``df`` is the
        design's less the number of slopes.

    Raises
    ------
    EstimationError
        Those of `linear`, ``outcome-categories-few``, ``outcome-category-empty`` with the
        category, ``model-separates`` with terms and rows, ``model-not-converged``.

    References
    ----------
    McCullagh, P. (1980). Regression models for ordinal data. Journal of the Royal Statistical
    Society B 42, 109-142. Checked against R survey's svyolr.

    Examples
    --------
    >>> import pandas as pd
    >>> data = pd.DataFrame({"y": [1, 2, 3, 1, 2, 3, 3, 2], "x": list("aaaabbbb"), "w": 1.0})
    >>> ordinal(SurveyDesign(data, weights="w"), "y ~ x").table["term"].tolist()
    ['xb', '1|2', '2|3']
    """
    frame = model_frame(design, formula, missing)
    if not frame.formula.intercept:
        # The cutpoints are the intercepts, so that categories are coded against the first.
        whole = replace(frame.formula, intercept=True)
        x, names, term_of = design_matrix(whole, frame.variables, frame.rows.size)
        frame = replace(frame, formula=whole, x=x, names=names, term_of=term_of)
    codes, levels = _categories(frame)
    weights = frame.weights
    refuse_collinear(frame.x, weights, frame.names)
    return _fit(frame, codes, levels, level)


def _fit(frame: ModelFrame, codes: Integers, levels: tuple[Any, ...], level: float) -> Model:
    order = np.argsort(codes.astype(np.int16), kind="stable")
    bounds = np.concatenate([[0], np.cumsum(np.bincount(codes, minlength=len(levels)))])
    cuts = len(levels) - 1
    weights = frame.weights[order]
    x = np.ascontiguousarray(frame.x[:, 1:][order])
    centre = weights @ x / weights.sum()
    x -= centre
    likelihood = Cumulative(x, bounds, _names(frame, levels))
    top = fitted(likelihood, weights, _start(x.shape[1], bounds, weights), frame, order)
    back = np.eye(x.shape[1] + cuts)
    back[x.shape[1] :, : x.shape[1]] = centre
    parameters = back @ top.parameters

    def recomputed(changed: Floats) -> Floats:
        w = changed[frame.rows][order]
        return np.asarray(back @ maximize(likelihood, w, top.parameters, replicate=True).parameters)

    forward = np.linalg.inv(back)
    exact = forward.T @ top.information @ forward
    information = differenced_information(likelihood, parameters, weights, back, exact)
    scores = likelihood.row_scores(top.parameters) * weights[:, None]
    scores = scores @ (forward @ inverse(information))
    covariance = covariance_of(frame.design, in_table(frame, scores, order), recomputed)
    df = frame.freedom - x.shape[1]
    table, findings = coefficient_table(likelihood.names, parameters, covariance, df, level)

    def refit(kept: Integers) -> float:
        slopes = kept[kept < x.shape[1]]
        smaller = Cumulative(
            np.ascontiguousarray(x[:, slopes]),
            bounds,
            tuple(likelihood.names[column] for column in kept),
        )
        start = _start(len(slopes), bounds, weights)
        found = fitted(smaller, weights, start, frame, order) if len(slopes) else None
        at = start if found is None else found.parameters
        return smaller.deviance(at, weights) / frame.mean_weight

    return Model(
        kind="ordinal",
        table=table,
        design=frame.design,
        formula=frame.formula,
        df=df,
        level=level,
        deviance=likelihood.deviance(top.parameters, weights) / frame.mean_weight,
        findings=(*frame.findings, *findings),
        workings=Workings(
            covariance=covariance,
            information=information / frame.mean_weight,
            term_of=np.concatenate([frame.term_of[1:], np.full(cuts, -1)]).astype(np.int64),
            frame=frame,
            refit=refit,
            predict=lambda given: _prediction(given[:, 1:], parameters, levels),
        ),
    )


def _start(slopes: int, bounds: Integers, weights: Floats) -> Floats:
    """Return no slopes, and the cutpoints that give the overall shares."""
    total = np.concatenate([[0.0], np.cumsum(weights)])
    below = total[bounds[1:-1]] / total[-1]
    return np.concatenate([np.zeros(slopes), np.log(below / (1.0 - below))])


def _names(frame: ModelFrame, levels: tuple[Any, ...]) -> tuple[str, ...]:
    cuts = [f"{named(a)}|{named(b)}" for a, b in pairwise(levels)]
    return (*frame.names[1:], *cuts)


def _prediction(x: Floats, parameters: Floats, levels: tuple[Any, ...]) -> Prediction:
    """Return the share of each category for each row, and the mean slopes."""
    p, cuts = x.shape[1], len(levels) - 1
    with np.errstate(over="ignore"):
        edge = 1.0 / (1.0 + np.exp((x @ parameters[:p])[:, None] - parameters[p:]))
    density = edge * (1.0 - edge)
    padded = np.column_stack([np.zeros(len(x)), edge, np.ones(len(x))])

    def slopes(share: Floats) -> Floats:
        below = np.zeros((p + cuts, cuts + 2))
        weighted = share[:, None] * density
        below[:p, 1:-1] = -(x.T @ weighted)
        below[p + np.arange(cuts), 1 + np.arange(cuts)] = weighted.sum(axis=0)
        return np.diff(below, axis=1)

    names = tuple(named(level) for level in levels)
    return Prediction(np.diff(padded, axis=1), slopes, names)


def _categories(frame: ModelFrame) -> tuple[Integers, tuple[Any, ...]]:
    """Return the category of each row and the categories in order."""
    name = frame.formula.outcome
    codes, found = sorted_codes(name, frame.outcome)
    levels = tuple(found)
    counts = np.bincount(codes, minlength=len(levels))
    if (counts == 0).any():
        absent = ", ".join(named(lv) for lv, c in zip(levels, counts, strict=True) if c == 0)
        raise EstimationError.of(
            "outcome-category-empty",
            f"Không ai trả lời hạng mục {absent} của “{name}”.",
            f"Nobody answered category {absent} of “{name}”.",
            "Gộp với hạng mục bên cạnh, hoặc bỏ hạng mục (cat.remove_unused_categories).",
            "Merge it with its neighbour, or remove it (cat.remove_unused_categories).",
            column=name,
        )
    if not 3 <= len(levels) <= 200:
        raise EstimationError.of(
            "outcome-categories-few" if len(levels) < 3 else "outcome-categories-many",
            f"“{name}” có {len(levels)} hạng mục; mô hình thứ bậc cần từ 3 đến 200.",
            f"“{name}” has {len(levels)} categories; an ordinal model takes 3 to 200.",
            "Hai hạng mục: models.logistic; rất nhiều giá trị: models.linear.",
            "For two categories use models.logistic; for very many values models.linear.",
            column=name,
        )
    return codes, levels
