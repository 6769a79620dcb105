"""How representative the response is: R-indicators, whole and by variable.

Response is representative, in what is known of everybody, when all have the same propensity
to answer. R = 1 - 2 S(ρ) is 1 then and falls towards 0 as propensities ρ spread. Partial
indicators say which variable, and which category, the spread comes from. Propensities are
those of a logistic regression with design weights; all values lie between 0 and 1.

References
----------
Schouten, B., Cobben, F. and Bethlehem, J. (2009). Indicators for the representativeness of
survey response. Survey Methodology 35, 101-113.
Schouten, B., Shlomo, N. and Skinner, C. (2011). Indicators for monitoring and improving
representativeness of response. Journal of Official Statistics 27, 231-253.
Shlomo, N., Skinner, C. and Schouten, B. (2012). Estimation of an indicator of the
representativeness of survey response. Journal of Statistical Planning and Inference 142, 201-211.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from scipy import special

from analysis.design import Floats, Integers, SurveyDesign
from analysis.inference.propensity import Source, covariates_of, information_of, solve_logistic
from analysis.sampling_error import covariance_of
from analysis.tables import need_columns, need_design
from intake.findings import EstimationError, Words

_CLASSES = 5


@dataclass(frozen=True, eq=False)
class Representativity:
    """The R-indicator of a response, and where its distance from 1 comes from.

    ``value`` with ``se, low, high`` is the indicator after the bias adjustment, ``unadjusted``
    before it; ``mean_propensity`` the weighted mean of ρ. ``maximal_bias`` is (1 - R) / (2 ρ̄):
    no mean of the respondents can be further from the truth than this many standard
    deviations of the item, as far as the variables explain response.

    ``partial``: ``variable, category, n, share, propensity, unconditional, conditional,
    se_unconditional, se_conditional``; the row without category is the variable as a whole;
    categories have a sign (below zero: they answer less than others), no se.
    ``propensities``: one per row of the table, missing outside the design's part.
    """

    value: float
    se: float
    low: float
    high: float
    unadjusted: float
    mean_propensity: float
    maximal_bias: float
    df: int
    partial: pd.DataFrame
    propensities: Floats


def r_indicator(
    design: SurveyDesign,
    response: str,
    variables: Sequence[str],
    level: float = 0.95,
) -> Representativity:
    """Estimate the R-indicator of a response and its partial indicators.

    S² = Σ d (ρ - ρ̄)² / Σ d. ρ is estimated, which spreads it further; the adjustment takes
    off the mean variance of the estimated ρ and adds that of their mean, for a simple random
    sample the one of Shlomo, Skinner and Schouten (2012). The standard error holds the
    sampling of the cases and the estimation of ρ.

    Parameters
    ----------
    design
        All issued cases that were eligible, with base weights, or replicate weights.
    response
        Column that is 1 or true where the case answered, else 0.
    variables
        Columns known of everybody; ``C(name)`` for codes. Numbers enter the model as they
        are, and the partial indicators in five classes of equal size.
    level
        Confidence level of the t interval.

    Raises
    ------
    EstimationError
        ``response-not-binary`` with the row, ``response-no-variation``, ``separation`` (a
        category where all or none answered), and those of `propensity.covariates_of`.

    Examples
    --------
    >>> cases = pd.DataFrame({"w": 10.0, "sex": ["f", "m"] * 200})
    >>> cases["answered"] = ([1, 1] * 120 + [1, 0] * 40 + [0, 0] * 40)
    >>> found = r_indicator(SurveyDesign(cases, weights="w"), "answered", ["sex"])
    >>> round(found.unadjusted, 6), round(found.mean_propensity, 6)
    (0.8, 0.7)
    """
    answered = _answered(design, response)
    found = covariates_of(
        [Source(design.data, design.member, Words("Bảng ca", "The cases"))], variables
    )
    x = found.matrices[0]
    names = list(dict.fromkeys(found.variables[1:]))
    parts = _Parts(design, names)

    def statistics(weights: Floats) -> Floats:
        chance, _ = _fitted(x, answered, weights, found.labels)
        return np.array([square for square, _, _ in parts.spreads(chance, weights)])

    weights = design.weights
    chance, beta_effect = _fitted(x, answered, weights, found.labels)
    slope = x * (chance * (1 - chance))[:, None]
    whole = float(weights.sum())
    squares, scores = [], []
    for square, direct, deviation in parts.spreads(chance, weights):
        gradient = 2.0 / whole * (slope.T @ (weights * deviation))
        scores.append(weights * direct / whole + beta_effect @ gradient)
        squares.append(square)
    covariance = covariance_of(design, np.column_stack(scores), statistics)
    spread = np.sqrt(np.array(squares))
    with np.errstate(divide="ignore", invalid="ignore"):
        se = np.sqrt(np.maximum(np.diagonal(covariance), 0.0)) / (2 * spread)
    mean = float(weights @ chance / whole)
    adjusted = _adjusted(design, squares[0], chance, slope, beta_effect, mean, x, answered)
    value = 1 - 2 * float(np.sqrt(adjusted))
    reach = float(special.stdtrit(max(design.df, 1), 0.5 + level / 2) * 2 * se[0])
    return Representativity(
        value,
        float(2 * se[0]),
        max(value - reach, 0.0),
        min(value + reach, 1.0),
        1 - 2 * float(spread[0]),
        mean,
        (1 - value) / (2 * mean),
        design.df,
        parts.table(chance, weights, spread, se),
        np.where(design.member, chance, np.nan),
    )


class _Parts:
    """The variables in classes, for indicators between and within them."""

    def __init__(self, design: SurveyDesign, names: list[str]) -> None:
        self.names = names
        self.member = design.member
        self.codes: list[Integers] = []
        self.labels: list[list[str]] = []
        for name in names:
            codes, labels = _classed(design, name)
            self.codes.append(codes)
            self.labels.append(labels)
        self.others = [
            _joint([code for other, code in enumerate(self.codes) if other != place], self.member)
            for place in range(len(names))
        ]

    def spreads(self, chance: Floats, weights: Floats) -> list[tuple[float, Floats, Floats]]:
        """Return S², its effect per row, and the deviation, of the whole and of each part.

        The order is: whole; for each variable between its categories; within the others.
        """
        whole = float(weights.sum())
        mean = float(weights @ chance / whole)
        found = []
        deviations = [(chance - mean, np.zeros_like(chance))]
        for code in self.codes:
            centre = _means(code, chance, weights)
            deviations.append((centre - mean, 2 * (centre - mean) * (chance - centre)))
        deviations.extend(
            (chance - _means(other, chance, weights), np.zeros_like(chance))
            for other in self.others
        )
        for deviation, cross in deviations:
            square = float(weights @ deviation**2 / whole)
            found.append((square, deviation**2 + cross - square, deviation))
        return found

    def table(self, chance: Floats, weights: Floats, spread: Floats, se: Floats) -> pd.DataFrame:
        """Return the partial indicators."""
        whole = float(weights.sum())
        mean = float(weights @ chance / whole)
        size = len(self.names)
        rows: list[dict[str, Any]] = []
        for place, name in enumerate(self.names):
            within = chance - _means(self.others[place], chance, weights)
            rows.append(
                {
                    "variable": name,
                    "category": "",
                    "n": int(self.member.sum()),
                    "share": 1.0,
                    "propensity": mean,
                    "unconditional": float(spread[1 + place]),
                    "conditional": float(spread[1 + size + place]),
                    "se_unconditional": float(se[1 + place]),
                    "se_conditional": float(se[1 + size + place]),
                }
            )
            for number, label in enumerate(self.labels[place]):
                inside = (self.codes[place] == number) & self.member
                own = np.where(inside, weights, 0.0)
                share = float(own.sum() / whole)
                level = float(own @ chance / own.sum()) if share > 0 else np.nan
                rows.append(
                    {
                        "variable": name,
                        "category": label,
                        "n": int(inside.sum()),
                        "share": share,
                        "propensity": level,
                        "unconditional": np.sqrt(share) * (level - mean),
                        "conditional": float(np.sqrt(own @ within**2 / whole)),
                        "se_unconditional": np.nan,
                        "se_conditional": np.nan,
                    }
                )
        return pd.DataFrame(rows)


def _fitted(
    x: Floats, answered: Floats, weights: Floats, labels: Sequence[str]
) -> tuple[Floats, Floats]:
    """Return propensities, and the effect of each row on the coefficients."""
    beta = solve_logistic(x.T @ (weights * answered), x, weights, labels)
    chance = special.expit(x @ beta)
    score = x * (weights * (answered - chance))[:, None]
    return chance, np.linalg.solve(information_of(x, weights, chance), score.T).T


def _adjusted(
    design: SurveyDesign,
    square: float,
    chance: Floats,
    slope: Floats,
    beta_effect: Floats,
    mean: float,
    x: Floats,
    answered: Floats,
) -> float:
    """Return S² less what the estimation of propensities adds to it."""
    weights = design.weights
    whole = float(weights.sum())
    scores = np.column_stack([beta_effect, weights * (chance - mean) / whole])
    width = x.shape[1]

    def again(changed: Floats) -> Floats:
        beta = solve_logistic(x.T @ (changed * answered), x, changed, [""] * width)
        return np.append(beta, float(changed @ chance / changed.sum()))

    covariance = covariance_of(design, scores, again)
    noise = np.einsum("ij,jk,ik->i", slope, covariance[:width, :width], slope)
    return max(0.0, square + float(covariance[width, width]) - float(weights @ noise / whole))


def _answered(design: SurveyDesign, response: str) -> Floats:
    need_design(design)
    need_columns(design.data, [response], "covariate-column-missing")
    column = pd.to_numeric(design.data[response], errors="coerce")
    values = column.to_numpy(dtype=np.float64, na_value=np.nan)
    bad = np.flatnonzero(~np.isin(values, (0.0, 1.0)) & design.member)
    if bad.size:
        row = int(bad[0])
        raise EstimationError.of(
            "response-not-binary",
            f"Dòng {row + 1}: “{response}” phải là 0 hoặc 1.",
            f"Row {row + 1}: “{response}” must be 0 or 1.",
            "Ghi 1 nếu đã trả lời, 0 nếu không.",
            "Give 1 for an answer, 0 for none.",
            row=row + 1,
            column=response,
        )
    inside = values[design.member]
    if not inside.size or inside.min() == inside.max():
        raise EstimationError.of(
            "response-no-variation",
            "Tất cả hoặc không ai trả lời.",
            "All answered, or nobody did.",
            "Cần cả hai nhóm để so sánh.",
            "Both groups are needed to compare.",
            column=response,
        )
    return np.where(design.member, values, 0.0)


def _classed(design: SurveyDesign, name: str) -> tuple[Integers, list[str]]:
    column = design.data[name].where(design.member)
    numbers = pd.api.types.is_numeric_dtype(design.data[name].dtype)
    if numbers and not pd.api.types.is_bool_dtype(design.data[name].dtype):
        values = column.to_numpy(dtype=np.float64, na_value=np.nan)
        if np.unique(values[design.member]).size > _CLASSES:
            steps = np.arange(1, _CLASSES) / _CLASSES
            edges = np.unique(np.quantile(values[design.member], steps))
            codes = np.searchsorted(edges, np.nan_to_num(values), side="left").astype(np.int64)
            labels = [f"≤ {edge:g}" for edge in edges] + [f"> {edges[-1]:g}"]
            return np.where(design.member, codes, -1), labels
    codes, found = pd.factorize(column, sort=True)
    return codes.astype(np.int64), [str(value) for value in found]


def _joint(codes: Sequence[Integers], member: Any) -> Integers:  # noqa: ANN401
    joint = np.zeros(member.size, dtype=np.int64)
    for code in codes:
        joint = joint * np.int64(max(int(code.max()), 0) + 1) + np.maximum(code, 0)
        joint = np.unique(joint, return_inverse=True)[1].astype(np.int64)
    return joint


def _means(code: Integers, values: Floats, weights: Floats) -> Floats:
    """Return for each row the weighted mean of its class."""
    place = np.maximum(code, 0)
    size = np.bincount(place, weights=weights)
    total = np.bincount(place, weights=weights * values)
    return np.divide(total, size, out=np.zeros_like(total), where=size > 0)[place]
