"""From a likelihood to a model: the fit, the error of the design, and refusals in words.

The covariance is the sandwich A⁻¹ B A⁻¹ of Binder (1983): A the information, B the design's
covariance of the total of the scores; with replicate weights the model is fitted again to
each replicate, from the coefficients of the whole sample.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from analysis.design import Floats, Integers
from analysis.inference.columns import LARGEST, holds_numbers
from analysis.inference.models.families import Fit, Regression
from analysis.inference.models.matrix import ModelFrame, named
from analysis.inference.models.newton import (
    Likelihood,
    Optimum,
    SeparationError,
    maximize,
)
from intake.findings import EstimationError


def fitted(
    likelihood: Likelihood, weights: Floats, start: Floats, frame: ModelFrame, order: Integers
) -> Optimum:
    """Return the fit, or say which terms and rows keep it from having one.

    ``order`` gives the place in the frame of each row of the likelihood.
    """
    try:
        return maximize(likelihood, weights, start)
    except SeparationError as fault:
        places = np.sort(order[fault.certain])
        answers = pd.unique(frame.outcome.iloc[places])
        said = ", ".join(named(answer) for answer in answers[:5])
        row = int(frame.rows[places[0]]) + 1
        listed = ", ".join(f"“{name}”" for name in fault.terms[:10])
        raise EstimationError.of(
            "model-separates",
            f"{listed} cho biết chắc kết quả ({said}) của {places.size} dòng, đầu tiên là dòng "
            f"{row}: hệ số tăng vô hạn.",
            f"{listed} tells the outcome ({said}) of {places.size} rows with certainty, row "
            f"{row} first: the coefficient has no finite value.",
            "Gộp hạng mục này với hạng mục khác, bỏ số hạng, hoặc bỏ nhóm đó bằng where.",
            "Merge this category with another, drop the term, or leave the group out with where.",
            row=row,
            column=fault.terms[0],
        ) from fault


def fitted_by_steps(
    regression: Regression, weights: Floats, frame: ModelFrame, begin: Floats | None = None
) -> Fit:
    """Return the fit of a regression; ``begin`` are the coefficients of the whole sample."""
    unit = frame.mean_weight if begin is None else None
    found = regression.iterate(weights, begin, unit)
    if found is not None:
        return found
    size = regression.x.shape[1]
    if begin is not None:
        top = maximize(regression, weights, begin, replicate=True)
    else:
        everyone = np.arange(frame.rows.size)
        top = fitted(regression, weights, np.zeros(size), frame, everyone)
    return Fit(top.parameters, top.information)


def in_table(frame: ModelFrame, values: Floats, order: Integers | None = None) -> Floats:
    """Return values of the counted rows in the rows of the whole table, zero elsewhere."""
    rows = frame.rows if order is None else frame.rows[order]
    if order is None and rows.size == len(frame.design.data):
        return values
    found = np.zeros((len(frame.design.data), values.shape[1]))
    found[rows] = values
    return found


def numeric_outcome(frame: ModelFrame) -> Floats:
    """Return the outcome as numbers.

    Raises
    ------
    EstimationError
        ``outcome-not-numeric``, ``outcome-constant``, ``value-not-finite``.
    """
    name, values = frame.formula.outcome, frame.outcome
    kind = values.dtype
    if pd.api.types.is_object_dtype(kind) and pd.api.types.infer_dtype(values) == "boolean":
        values = values.astype(bool)
    if not holds_numbers(values):
        raise EstimationError.of(
            "outcome-not-numeric",
            f"Kết quả “{name}” không chứa số.",
            f"The outcome “{name}” does not hold numbers.",
            "Dùng models.logistic (hai hạng mục) hoặc models.ordinal (nhiều hạng mục).",
            "Use models.logistic for two categories, models.ordinal for several.",
            column=name,
        )
    y = values.to_numpy(dtype=np.float64)
    if not np.abs(y).max(initial=0.0) <= LARGEST:
        row = int(frame.rows[np.flatnonzero(~(np.abs(y) <= LARGEST))[0]]) + 1
        raise EstimationError.of(
            "value-not-finite",
            f"Kết quả “{name}” vô hạn, hoặc quá lớn, ở dòng {row}.",
            f"The outcome “{name}” is infinite, or too large, in row {row}.",
            "Hãy sửa giá trị này.",
            "Mend this value.",
            row=row,
            column=name,
        )
    refuse_constant(name, y)
    return y


def refuse_constant(name: str, y: Floats) -> None:
    """Refuse an outcome that is the same for everyone."""
    if y.size and (y == y[0]).all():
        raise EstimationError.of(
            "outcome-constant",
            f"Kết quả “{name}” bằng {y[0]:g} ở mọi dòng.",
            f"The outcome “{name}” is {y[0]:g} in every row.",
            "Không có gì để giải thích; hãy kiểm tra cột và nhóm dân cư.",
            "There is nothing to explain; check the column and the part of the population.",
            column=name,
        )
