"""What a model expects on average when one variable is the same for everyone."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from scipy import special

from analysis.design import Floats
from analysis.inference.models.matrix import ModelFrame, Variable, design_matrix, named
from analysis.sampling_error import covariance_of
from intake.findings import EstimationError

_FEW = 20


@dataclass(frozen=True, eq=False)
class Prediction:
    """Predictions (rows × categories), and the weighted mean of their slopes.

    ``slopes`` takes weights that add up to one and returns (coefficients × categories).
    """

    means: Floats
    slopes: Callable[[Floats], Floats]
    categories: tuple[str, ...] | None = None


@dataclass(frozen=True, eq=False)
class Margins:
    """Predicted margins, one row per value of the variable (and category of the outcome)."""

    table: pd.DataFrame
    _covariance: Floats

    def covariance(self) -> Floats:
        """Return the covariance matrix of the margins, in the order of ``table``."""
        return self._covariance.copy()


def predicted_margins(
    frame: ModelFrame,
    predict: Callable[[Floats], Prediction],
    coefficient_covariance: Floats,
    term: str,
    at: Sequence[Any] | None,
    df: int,
    level: float,
) -> Margins:
    """Return mean predictions and their covariance; see `Model.predict_margins`."""
    variable = _variable(frame, term)
    labels, values = _values(variable, at)
    weights = frame.weights
    share = weights / weights.sum()
    means: list[Floats] = []
    slopes: list[Floats] = []
    categories: tuple[str, ...] | None = None
    for value in values:
        changed = {**frame.variables, variable.name: variable.at(value)}
        x, _, _ = design_matrix(frame.formula, changed, frame.rows.size)
        found = predict(x)
        means.append(found.means)
        slopes.append(found.slopes(share))
        categories = found.categories
    predicted, slope = np.hstack(means), np.hstack(slopes)
    estimate = share @ predicted
    scores = np.zeros((len(frame.design.data), predicted.shape[1]))
    scores[frame.rows] = share[:, None] * (predicted - estimate)

    def recomputed(changed: Floats) -> Floats:
        w = changed[frame.rows]
        return np.asarray(w @ predicted / w.sum())

    covariance = slope.T @ coefficient_covariance @ slope
    covariance = covariance + covariance_of(frame.design, scores, recomputed)
    se = np.sqrt(np.maximum(np.diag(covariance), 0.0))
    half = special.stdtrit(df, 0.5 + level / 2) * se if df > 0 else np.full(len(se), np.nan)
    repeated = len(categories) if categories else 1
    columns: dict[str, Any] = {term: [label for label in labels for _ in range(repeated)]}
    if categories:
        columns["category"] = list(categories) * len(labels)
    columns |= {"value": estimate, "se": se, "low": estimate - half, "high": estimate + half}
    columns["df"] = np.full(len(se), df)
    return Margins(pd.DataFrame(columns), covariance)


def _variable(frame: ModelFrame, term: str) -> Variable:
    name = str(term).strip().strip("`")
    for known, variable in frame.variables.items():
        if known == name or known in (f"C({name})", f"C(`{name}`)", f"factor({name})"):
            return variable
    listed = ", ".join(frame.variables)
    raise EstimationError.of(
        "term-unknown",
        f"Mô hình không có biến “{term}”.",
        f"The model has no variable “{term}”.",
        f"Các biến: {listed}.",
        f"The variables are: {listed}.",
    )


def _numbers(variable: Variable, at: Sequence[Any]) -> Floats:
    try:
        found = np.asarray(at, dtype=np.float64)
    except (TypeError, ValueError):
        raise _unfit(variable, at) from None
    if not np.isfinite(found).all() or found.ndim != 1:
        raise _unfit(variable, at)
    return found


def _unfit(variable: Variable, at: object) -> EstimationError:
    return EstimationError.of(
        "values-unfit",
        f"at={at!r} không phải giá trị của “{variable.name}”.",
        f"at={at!r} are no values of “{variable.name}”.",
        "Ghi danh sách các giá trị, ví dụ at=[20, 40, 60].",
        "Give a list of values, for example at=[20, 40, 60].",
        column=variable.name,
    )


def _values(variable: Variable, at: Sequence[Any] | None) -> tuple[list[Any], list[float]]:
    """Return labels, and values or codes, at which the margins are wanted."""
    if at is not None and (isinstance(at, str) or not len(at)):
        raise _unfit(variable, at)
    if variable.levels is None:
        found = np.unique(variable.values) if at is None else _numbers(variable, at)
        if at is None and found.size > _FEW:
            raise EstimationError.of(
                "values-many",
                f"“{variable.name}” có {found.size} giá trị khác nhau.",
                f"“{variable.name}” has {found.size} different values.",
                "Ghi các giá trị cần tính, ví dụ at=[20, 40, 60].",
                "Say which ones are wanted, for example at=[20, 40, 60].",
                column=variable.name,
            )
        return [float(value) for value in found], [float(value) for value in found]
    wanted = list(variable.levels) if at is None else list(at)
    codes = {named(level): code for code, level in enumerate(variable.levels)}
    for level in wanted:
        if named(level) not in codes:
            listed = ", ".join(codes)
            raise EstimationError.of(
                "category-unknown",
                f"“{variable.name}” không có hạng mục “{level}”.",
                f"“{variable.name}” has no category “{level}”.",
                f"Các hạng mục: {listed}.",
                f"The categories are: {listed}.",
                column=variable.name,
            )
    return wanted, [float(codes[named(level)]) for level in wanted]
