"""Which drivers of satisfaction to improve first: how much each counts, and how well it does.

Importance says how strongly an outcome, such as overall satisfaction, goes with a driver, such
as an item on the officials' manner; performance is the driver's weighted mean on a scale from
0 to 100. Both come with design-based intervals, and with the quadrant that the two put a driver
in. Importance is association: it does not show that a change of the driver would move the
outcome.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from analysis.choices import one_of
from analysis.design import Floats
from analysis.estimation.results import Design
from analysis.inference.drivers import importance as of_matrix
from analysis.inference.drivers.checks import refuse_collinear, scale_of
from analysis.inference.drivers.ordinal import categories, log_odds
from analysis.inference.drivers.quadrants import quadrants
from analysis.inference.drivers.shapley import (
    EXACT,
    Sets,
    all_sets,
    sampled_sets,
    sampling_error,
    shapley,
)
from analysis.inference.reliability.coefficient import no_freedom, spread
from analysis.inference.variances import Moments, moments, with_intervals
from intake.findings import EstimationError, Finding, Words

METHODS = ("standardized", "relative_weights", "shapley", "ordinal")
Importance = Callable[[Floats], tuple[Floats, Floats]]


@dataclass(frozen=True, eq=False)
class DriverAnalysis:
    """Importance and performance of drivers.

    ``table``, one row per driver: ``quantity``; ``importance`` and ``performance``, each with
    ``_se, _low, _high``; ``share``, percent of all importance; ``quadrant`` with its words
    ``quadrant_vi, quadrant_en``; ``sure``: both distances to the dividing lines, which are the
    averages of the drivers, are more than chance. ``r_squared`` is what the drivers explain
    together (missing for ``ordinal``).
    """

    table: pd.DataFrame
    outcome: str
    method: str
    level: float
    n: int
    df: int
    r_squared: float | None
    r_squared_se: float | None
    findings: tuple[Finding, ...]
    _covariance: Floats

    def covariance(self) -> Floats:
        """Return the covariance matrix (2p, 2p) of the importances, then the performances."""
        return self._covariance

    def plot(self, lang: str = "vi", labels: dict[str, str] | None = None) -> Any:  # noqa: ANN401
        """Return an Altair chart: importance against performance with intervals.

        Parameters
        ----------
        lang
            ``vi`` or ``en``.
        labels
            Words to print for the drivers; their column names where there are none.
        """
        from analysis.inference.drivers.plot import chart

        return chart(self.table, self.method, lang, labels or {})


def importance_performance(
    design: Design,
    outcome: str,
    drivers: Sequence[str],
    method: str = "standardized",
    level: float = 0.95,
    *,
    scale: tuple[float, float] | None = None,
    seed: int | None = None,
    missing: str = "fail",
) -> DriverAnalysis:
    """Estimate importance and performance of the drivers of an outcome.

    Parameters
    ----------
    design
        The table and how it was drawn, or replicate weights.
    outcome
        Column with numbers; for ``ordinal`` ordered codes.
    drivers
        At least two columns with numbers, answers on one scale.
    method
        ``standardized``: regression weights times sd(driver) / sd(outcome).
        ``relative_weights``: Johnson's shares of R². ``shapley``: average additions to R² over
        all orders (LMG), exact up to 12 drivers, sampled with ``seed`` above. ``ordinal``:
        log odds of a higher outcome per standard deviation of the driver, from a proportional
        odds model.
    level
        Confidence level of the t intervals.
    scale
        Worst and best answer of the drivers, such as ``(1, 5)``. Without it the least and the
        largest answer to any driver are taken, which a finding says.
    seed
        For ``shapley`` with more than 12 drivers.
    missing
        ``fail`` refuses missing answers; ``drop`` leaves out rows that miss any column.

    Raises
    ------
    EstimationError
        ``drivers-too-few``, ``drivers-collinear``, ``item-constant``, ``cases-too-few``,
        ``answer-outside-scale``, ``scale-empty``, ``seed-missing``, ``method-unknown``,
        ``answers-missing``, …

    References
    ----------
    Martilla, J. A., James, J. C. (1977). Importance-performance analysis. Journal of Marketing
    41, 77-79. Grömping, U. (2007). Estimators of relative importance in linear regression based
    on variance decomposition. The American Statistician 61, 139-147.

    Examples
    --------
    >>> from analysis import SurveyDesign
    >>> answers = {"y": [1, 2, 4, 5, 3, 5], "a": [1, 2, 3, 5, 4, 5], "b": [2, 1, 3, 2, 1, 3]}
    >>> design = SurveyDesign(pd.DataFrame(answers).assign(w=1.0), weights="w")
    >>> found = importance_performance(design, "y", ["a", "b"], scale=(1, 5))
    >>> found.table[["importance", "performance"]].round(2).to_numpy().tolist()
    [[0.84, 58.33], [0.32, 25.0]]
    """
    one_of("method-unknown", "method", method, METHODS)
    listed = [drivers] if isinstance(drivers, str) else list(drivers)
    if len(listed) < 2:
        raise EstimationError.of(
            "drivers-too-few",
            f"Cần ít nhất 2 câu để so sánh, chỉ có {len(listed)}.",
            f"At least 2 drivers are needed, {len(listed)} were given.",
            "Nêu thêm tên cột.",
            "Name further columns.",
        )
    found = moments(design, [outcome, *listed], missing)
    refuse_collinear(found)
    worst, best, said = scale_of(found, scale)
    at, again, left = _importance(design, found, method, seed)
    value, scores = at
    factor = 100 / (best - worst)
    size = len(listed)
    by_mean = np.concatenate([np.zeros((size, 1)), np.eye(size) * factor], axis=1)
    whole = np.hstack([scores, found.scores(None, by_mean)])

    def anew(weights: Floats) -> Floats:
        return np.concatenate([again(weights), factor * (found.mean_at(weights)[1:] - worst)])

    covariance = spread(design, whole, anew)
    performance = factor * (found.mean[1:] - worst)
    explained = None if method == "ordinal" else _explained(design, found)
    return DriverAnalysis(
        table=_table(listed, value, performance, covariance, design.df, level),
        outcome=outcome,
        method=method,
        level=level,
        n=found.n,
        df=design.df,
        r_squared=None if explained is None else explained[0],
        r_squared_se=None if explained is None else explained[1],
        findings=(*said, *left) if design.df > 0 else (*said, *left, no_freedom()),
        _covariance=covariance,
    )


def _importance(
    design: Design, found: Moments, method: str, seed: int | None
) -> tuple[tuple[Floats, Floats], Callable[[Floats], Floats], tuple[Finding, ...]]:
    """Return importances with their scores, how to compute them anew, and what to know."""
    if method == "ordinal":
        return *_ordinal(design, found), ()
    measure: Importance
    said: tuple[Finding, ...] = ()
    if method == "shapley":
        sets = _sets(len(found.names) - 1, seed)
        said = _sampled(sampling_error(found.matrix, sets))

        def measure(matrix: Floats) -> tuple[Floats, Floats]:
            return shapley(matrix, sets)
    else:
        measure = of_matrix.standardized if method == "standardized" else of_matrix.relative_weights
    value, slope = measure(found.matrix)

    def again(weights: Floats) -> Floats:
        return measure(found.matrix_at(weights))[0]

    return (value, found.scores(slope)), again, said


def _ordinal(
    design: Design, found: Moments
) -> tuple[tuple[Floats, Floats], Callable[[Floats], Floats]]:
    """Return log odds per standard deviation; the deviations are estimated as well."""
    code = categories(found)
    fitted = log_odds(found, code, design.weights)
    deviation = np.sqrt(np.diag(found.matrix)[1:])
    value = fitted.beta * deviation
    size = len(value)
    slope = np.zeros((size, size + 1, size + 1))
    each = np.arange(size)
    slope[each, each + 1, each + 1] = value / (2 * deviation**2)
    scores = fitted.effects * deviation + found.scores(slope)

    def again(weights: Floats) -> Floats:
        new = log_odds(found, code, weights, fitted.start)
        return np.asarray(new.beta * np.sqrt(np.diag(found.matrix_at(weights))[1:]))

    return (value, scores), again


def _sets(size: int, seed: int | None) -> Sets:
    if size <= EXACT:
        return all_sets(size)
    if seed is None:
        raise EstimationError.of(
            "seed-missing",
            f"Có {size} câu; trên {EXACT} câu giá trị Shapley được tính bằng cách bốc mẫu.",
            f"There are {size} drivers; above {EXACT}, Shapley values are sampled.",
            "Nêu seed=…, ví dụ seed=1.",
            "Give seed=…, such as seed=1.",
        )
    return sampled_sets(size, seed)


def _sampled(error: Floats) -> tuple[Finding, ...]:
    if not error.any():
        return ()
    most = float(error.max())
    return (
        Finding(
            "shapley-sampled",
            Words(
                f"Giá trị Shapley được tính từ thứ tự bốc mẫu; sai số thêm nhiều nhất {most:.2g}.",
                f"Shapley values come from sampled orders; this adds an error of {most:.2g}.",
            ),
            Words("Khoảng tin cậy không gồm sai số này.", "The intervals do not hold it."),
            severity="warning",
        ),
    )


def _explained(design: Design, found: Moments) -> tuple[float, float]:
    """Return R² of all drivers together, and its standard error."""

    def whole(matrix: Floats) -> tuple[Floats, Floats]:
        size = len(matrix) - 1
        everyone = Sets(np.ones((1, size), dtype=bool), np.ones((1, 1)))
        return shapley(matrix, everyone)

    value, slope = whole(found.matrix)
    variance = spread(design, found.scores(slope), lambda w: whole(found.matrix_at(w))[0])
    return float(value[0]), float(np.sqrt(variance[0, 0]))


def _table(
    names: Sequence[str],
    importance: Floats,
    performance: Floats,
    covariance: Floats,
    df: int,
    level: float,
) -> pd.DataFrame:
    size = len(names)
    columns: dict[str, Any] = {"quantity": list(names)}
    se = np.sqrt(np.diag(covariance))
    for head, value, error in (
        ("importance", importance, se[:size]),
        ("performance", performance, se[size:]),
    ):
        found = with_intervals(value, error, df, level)
        columns[head] = found.pop("value")
        columns |= {f"{head}_{key}": column for key, column in found.items()}
    total = np.abs(importance).sum()
    columns["share"] = 100 * np.abs(importance) / total if total > 0 else np.zeros(size)
    for key, column in quadrants(importance, performance, covariance, df, level).items():
        columns[key] = column
    return pd.DataFrame(columns)
