"""Linear, logistic and log-linear regression under a design."""

from __future__ import annotations

import numpy as np
import pandas as pd

from analysis.design import Floats, Integers, SurveyDesign
from analysis.estimation.columns import factorized
from analysis.inference.models.families import LINEAR, LOGISTIC, POISSON, Family, Regression
from analysis.inference.models.fitting import (
    fitted_by_steps,
    in_table,
    numeric_outcome,
    refuse_constant,
)
from analysis.inference.models.margins import Prediction
from analysis.inference.models.matrix import ModelFrame, model_frame, named
from analysis.inference.models.newton import inverse, refuse_collinear
from analysis.inference.models.results import Model, Workings, coefficient_table
from analysis.sampling_error import covariance_of
from intake.findings import EstimationError


def linear(
    design: SurveyDesign, formula: str, *, level: float = 0.95, missing: str = "fail"
) -> Model:
    """Fit a linear regression with the standard errors of the design.

    Parameters
    ----------
    design
        The table and how it was drawn, or replicate weights.
    formula
        ``"outcome ~ terms"``; see `analysis.inference.formulas`.
    level
        Confidence level of the t intervals.
    missing
        ``fail`` refuses missing values, ``drop`` leaves out incomplete rows and keeps the
        design.

    Returns
    -------
    Model
        ``.table``, ``.covariance()``, ``.term_test(…)``, ``.predict_margins(…)``.

    Raises
    ------
    EstimationError
        ``formula-…``, ``column-missing``, ``answers-missing`` with counts,
        ``term-one-level``, ``terms-collinear``, ``rows-too-few``, ``outcome-not-numeric``,
        ``outcome-constant``, ``replicate-not-estimable``.

    References
    ----------
    Binder, D. A. (1983). On the variances of asymptotically normal estimators from complex
    surveys. International Statistical Review 51, 279-292. Checked against R survey's svyglm.

    Examples
    --------
    >>> data = pd.DataFrame({"y": [1.0, 3.0, 4.0, 8.0], "x": [0, 1, 2, 3], "w": 1.0})
    >>> linear(SurveyDesign(data, weights="w"), "y ~ x").table["value"].round(6).tolist()
    [0.7, 2.2]
    """
    frame = model_frame(design, formula, missing)
    return _model(frame, LINEAR, numeric_outcome(frame), level)


def logistic(
    design: SurveyDesign, formula: str, *, level: float = 0.95, missing: str = "fail"
) -> Model:
    """Fit a logistic regression with the standard errors of the design.

    The outcome is 0/1, true or false, or has two categories, of which the second in sorted
    order is modelled. Other arguments and errors are those of `linear`; further errors:
    ``outcome-not-binary``, ``model-separates`` with the terms and rows,
    ``model-not-converged``.

    Examples
    --------
    >>> data = pd.DataFrame({"y": [0, 1, 0, 1, 1, 0, 1, 1], "x": list("aaaabbbb"), "w": 1.0})
    >>> found = logistic(SurveyDesign(data, weights="w"), "y ~ x").table
    >>> [round(value, 6) + 0.0 for value in found["value"]]
    [0.0, 1.098612]
    """
    frame = model_frame(design, formula, missing)
    return _model(frame, LOGISTIC, _binary_outcome(frame), level)


def poisson(
    design: SurveyDesign, formula: str, *, level: float = 0.95, missing: str = "fail"
) -> Model:
    """Fit a log-linear regression of counts with the standard errors of the design.

    The outcome is zero or more, whole or not. Other arguments and errors are those of
    `linear`; further errors: ``outcome-negative`` with the row, ``model-separates``,
    ``model-not-converged``.

    Examples
    --------
    >>> data = pd.DataFrame({"y": [1, 2, 3, 6], "x": list("aabb"), "w": 1.0})
    >>> found = poisson(SurveyDesign(data, weights="w"), "y ~ x").table
    >>> found["value"].round(6).tolist()
    [0.405465, 1.098612]
    """
    frame = model_frame(design, formula, missing)
    y = numeric_outcome(frame)
    below = np.flatnonzero(y < 0)
    if below.size:
        row = int(frame.rows[below[0]]) + 1
        raise EstimationError.of(
            "outcome-negative",
            f"Kết quả “{frame.formula.outcome}” âm ở {below.size} dòng, đầu tiên là dòng {row}.",
            f"The outcome “{frame.formula.outcome}” is negative in {below.size} rows, row {row} "
            "first.",
            "Số đếm không âm; với kết quả có dấu dùng models.linear.",
            "Counts are zero or more; for signed outcomes use models.linear.",
            row=row,
            column=frame.formula.outcome,
        )
    return _model(frame, POISSON, y, level)


def _model(frame: ModelFrame, family: Family, y: Floats, level: float) -> Model:
    """Fit, and gather what the model can be asked."""
    weights = frame.weights
    refuse_collinear(frame.x, weights, frame.names)
    regression = Regression(family, y, frame.x, frame.names)
    top = fitted_by_steps(regression, weights, frame)

    def recomputed(changed: Floats) -> Floats:
        w = changed[frame.rows]
        return fitted_by_steps(regression, w, frame, top.parameters).parameters

    scores = regression.scores(top, weights, inverse(top.information))
    covariance = covariance_of(frame.design, in_table(frame, scores), recomputed)
    df = frame.freedom + 1 - len(frame.names)
    table, findings = coefficient_table(frame.names, top.parameters, covariance, df, level)

    def refit(kept: Integers) -> float:
        names = tuple(frame.names[column] for column in kept)
        smaller = Regression(family, y, np.ascontiguousarray(frame.x[:, kept]), names)
        if not len(kept):
            return smaller.deviance(np.zeros(0), weights) / frame.mean_weight
        found = fitted_by_steps(smaller, weights, frame)
        return smaller.deviance(found.parameters, weights) / frame.mean_weight

    def predict(x: Floats) -> Prediction:
        mu = family.mean(x @ top.parameters)
        return Prediction(mu[:, None], lambda share: ((share * family.variance(mu)) @ x)[:, None])

    return Model(
        kind=family.name,
        table=table,
        design=frame.design,
        formula=frame.formula,
        df=df,
        level=level,
        deviance=regression.deviance(top.parameters, weights) / frame.mean_weight,
        findings=(*frame.findings, *findings),
        workings=Workings(
            covariance=covariance,
            information=top.information / frame.mean_weight,
            term_of=np.asarray(frame.term_of),
            frame=frame,
            refit=refit,
            predict=predict,
        ),
    )


def _binary_outcome(frame: ModelFrame) -> Floats:
    name, values = frame.formula.outcome, frame.outcome
    if isinstance(values.dtype, pd.CategoricalDtype):
        found = [level for level in values.cat.categories if (values == level).any()]
    else:
        levels = factorized(name, values)[1]
        found = sorted(levels, key=lambda value: (str(type(value)), value))
    numeric = all(isinstance(value, int | float | np.number) for value in found)
    if len(found) == 1:
        raise EstimationError.of(
            "outcome-constant",
            f"Kết quả “{name}” bằng {named(found[0])} ở mọi dòng.",
            f"The outcome “{name}” is {named(found[0])} in every row.",
            "Không có gì để giải thích; hãy kiểm tra cột và nhóm dân cư.",
            "There is nothing to explain; check the column and the part of the population.",
            column=name,
        )
    if len(found) != 2 or (numeric and set(found) != {0, 1}):
        listed = ", ".join(named(value) for value in found[:8])
        raise EstimationError.of(
            "outcome-not-binary",
            f"Kết quả “{name}” có các giá trị {listed}; cần 0 và 1, hoặc hai hạng mục.",
            f"The outcome “{name}” has the values {listed}; 0 and 1 are needed, or two categories.",
            "Tạo cột 0/1, hoặc viết I(y >= 4) ~ …; nhiều hạng mục: models.ordinal.",
            "Make a column of 0 and 1, or write I(y >= 4) ~ …; several categories: models.ordinal.",
            column=name,
        )
    y: Floats = np.asarray(values == found[1], dtype=np.float64)
    refuse_constant(name, y)
    return y
