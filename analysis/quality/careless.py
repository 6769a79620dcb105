"""Whether answers look as if nobody had read the questions: straight lines, little variation.

Both are asked of a unit, never of a person: that someone gives every item a 5 can be true. A
unit stands out when far more of its responses do so than in the rest of its stratum.
Answers are the codes of one battery in the order in which the items were asked.

References
----------
Blasius, J. and Thiessen, V. (2015). Should we trust survey data? Assessing response
simplification and data fabrication. Social Science Research 52, 479-493.
Dunn, A. M. et al. (2018). Intra-individual response variability as an indicator of
insufficient effort responding. Journal of Business and Psychology 33, 105-121.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from analysis.quality.funnels import share_flags
from analysis.quality.rules import Rules
from analysis.quality.tables import Floats, Groups, Integers, answers_of
from intake.findings import EstimationError


def longest_runs(answers: Floats) -> Integers:
    """Return the longest run of equal answers of each response; missing ones are skipped.

    Parameters
    ----------
    answers
        Shape (responses, items), missing as NaN.

    Examples
    --------
    >>> longest_runs(np.array([[1, 1, 2, 2, 2.0], [3, np.nan, 3, 3, 1]])).tolist()
    [3, 3]
    """
    rows = answers.shape[0]
    last = np.full(rows, np.nan)
    run, longest = np.zeros(rows, dtype=np.int64), np.zeros(rows, dtype=np.int64)
    for answer in answers.T:
        given = ~np.isnan(answer)
        run = np.where(given, np.where(answer == last, run + 1, 1), run)
        last = np.where(given, answer, last)
        longest = np.maximum(longest, run)
    return longest


def answer_spread(answers: Floats) -> Floats:
    """Return the standard deviation of each person's answers (IRV), n - 1 below.

    Missing where fewer than two items were answered.

    Examples
    --------
    >>> answer_spread(np.array([[1.0, 2.0, 3.0], [4.0, 4.0, np.nan]])).tolist()
    [1.0, 0.0]
    """
    given = ~np.isnan(answers)
    n = given.sum(axis=1)
    with np.errstate(invalid="ignore", divide="ignore"):
        mean = np.where(given, answers, 0.0).sum(axis=1) / n
        squares = np.where(given, answers - mean[:, None], 0.0) ** 2
        spread: Floats = np.sqrt(squares.sum(axis=1) / (n - 1))
    return np.where(n > 1, spread, np.nan)


def straight_lines(
    responses: pd.DataFrame,
    items: Sequence[str],
    *,
    unit: str,
    stratum: str | None = None,
    rules: Rules | None = None,
) -> pd.DataFrame:
    """F1: share of straight lines of each unit, against its stratum.

    A response is a straight line when its longest run of equal answers covers the answered
    items of the battery (``rules.straight_line_part`` of them). Responses with fewer than
    ``rules.battery`` answers do not count.

    Returns
    -------
    pandas.DataFrame
        `FLAG_COLUMNS`; ``value`` is the share of the unit, ``reference`` that of the stratum.

    Raises
    ------
    EstimationError
        ``quality-battery-short``, ``quality-column-missing``, ``quality-not-numeric``,
        ``quality-label-missing``, ``quality-unit-in-two-strata``.
    """
    limits = rules or Rules()
    if len(items) < limits.battery:
        raise EstimationError.of(
            "quality-battery-short",
            f"Nhóm câu hỏi có {len(items)} câu, cần ít nhất {limits.battery}.",
            f"The battery has {len(items)} items; at least {limits.battery} are needed.",
            "Chọn nhóm câu hỏi dài hơn.",
            "Choose a longer battery.",
        )
    answers = answers_of(responses, items)
    answered = (~np.isnan(answers)).sum(axis=1)
    counted = answered >= limits.battery
    wanted = np.ceil(limits.straight_line_part * answered - 1e-9)
    straight = counted & (longest_runs(answers) >= wanted)
    groups = Groups(responses, unit, stratum)
    return share_flags("F1", "straight-line", straight, counted, groups, limits)


def low_variation(
    responses: pd.DataFrame,
    items: Sequence[str],
    *,
    unit: str,
    stratum: str | None = None,
    rules: Rules | None = None,
) -> pd.DataFrame:
    """F2: share of responses of each unit whose answers vary less than usual in the stratum.

    Little means a standard deviation at or below the 5th percentile of the stratum's responses;
    at it as well, because straight lines share the value 0.
    Errors and columns as for `straight_lines`.
    """
    limits = rules or Rules()
    spread = answer_spread(answers_of(responses, items))
    groups = Groups(responses, unit, stratum)
    counted = ~np.isnan(spread)
    below = (
        pd.Series(spread)
        .groupby(groups.stratum_of_row)
        .transform("quantile", q=limits.low_variation_percentile)
        .to_numpy()
    )
    return share_flags("F2", "low-variation", counted & (spread <= below), counted, groups, limits)
