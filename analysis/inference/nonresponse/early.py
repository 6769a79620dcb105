"""Whether those who answered late, or only after reminders, answered differently.

Late respondents are the nearest that one can come to those who never answered. The order of
an answer is a number: day, reminder, or attempts needed. A difference is late less early, in the
units of the item; it is a sign, no measure of the bias.

References
----------
Armstrong, J. S. and Overton, T. S. (1977). Estimating nonresponse bias in mail surveys. Journal
of Marketing Research 14, 396-402.
Lin, I.-F. and Schaeffer, N. C. (1995). Using survey participants to estimate the impact of
nonparticipation. Public Opinion Quarterly 59, 236-258.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from analysis.design import Flags, Floats, SurveyDesign
from analysis.inference.items import answers, tested
from analysis.sampling_error import covariance_of
from intake.findings import EstimationError


def early_late(
    design: SurveyDesign,
    items: str | Sequence[str],
    order: str,
    split: float | None = None,
    level: float = 0.95,
    *,
    missing: str = "fail",
) -> pd.DataFrame:
    """Compare the means of late respondents with those of early ones.

    Parameters
    ----------
    design
        The respondents with their weights, or replicate weights.
    items
        Columns with numbers.
    order
        Column with day, reminder or attempts.
    split
        Late is above it; none: the weighted median of ``order``, or the value below the
        highest where the median is the highest.
    missing
        ``fail`` refuses missing answers, ``drop`` leaves a row out of the item it misses.

    Returns
    -------
    pandas.DataFrame
        ``quantity, early, late, difference, se, low, high, df, p, n_early, n_late, split``.

    Raises
    ------
    EstimationError
        ``item-missing-column``, ``item-not-numeric``, ``answers-missing``, ``order-one-group``.

    Examples
    --------
    >>> table = pd.DataFrame({"w": 1.0, "day": [1, 1, 2, 2], "y": [1.0, 2.0, 3.0, 4.0]})
    >>> float(early_late(SurveyDesign(table, weights="w"), "y", "day")["difference"].iloc[0])
    2.0
    """
    names = [items] if isinstance(items, str) else list(items)
    when = answers(design, [order], "fail")[0][:, 0]
    y, valid = answers(design, names, missing)
    limit = _split(when, design.weights) if split is None else float(split)
    late = when > limit
    if not (late & design.member).any() or not (~late & design.member).any():
        raise EstimationError.of(
            "order-one-group",
            f"Không có ai trả lời {'sau' if not (late & design.member).any() else 'trước'} "
            f"mốc {limit:g}.",
            f"Nobody answered {'after' if not (late & design.member).any() else 'before'} "
            f"{limit:g}.",
            "Chọn mốc khác với split=.",
            "Choose another split=.",
            column=order,
        )
    sides = [valid & ~late[:, None], valid & late[:, None]]

    def differences(weights: Floats) -> Floats:
        early, after = (_means(y, side, weights)[0] for side in sides)
        return after - early

    weights = design.weights
    (early, early_scores), (after, late_scores) = (_means(y, side, weights) for side in sides)
    counts = [(side & design.member[:, None]).sum(axis=0) for side in sides]
    for place, name in enumerate(names):
        if not counts[0][place] or not counts[1][place]:
            raise EstimationError.of(
                "order-one-group",
                f"“{name}”: một trong hai nhóm không có trả lời.",
                f"“{name}”: one of the two groups has no answer.",
                "Chọn mốc khác với split=.",
                "Choose another split=.",
                column=name,
            )
    variance = np.diagonal(covariance_of(design, late_scores - early_scores, differences))
    difference = after - early
    table = pd.DataFrame(
        {"quantity": names, "early": early, "late": after, "difference": difference}
    ).join(_tested(difference, variance, design.df, level))
    return table.assign(n_early=counts[0], n_late=counts[1], split=limit)


def resistance(
    design: SurveyDesign,
    items: str | Sequence[str],
    order: str,
    level: float = 0.95,
    *,
    missing: str = "fail",
) -> pd.DataFrame:
    """Estimate how answers change with the order in which they came (continuum of resistance).

    The slope is that of a weighted straight line of the item on ``order``; ``beyond`` is where
    that line leads one step past the last order, the guess at those never reached.

    Returns
    -------
    pandas.DataFrame
        ``quantity, slope, se, low, high, df, p, mean, beyond``.

    Raises
    ------
    EstimationError
        As for `early_late`; ``order-one-group`` where all came at once.

    Examples
    --------
    >>> table = pd.DataFrame({"w": 1.0, "day": [1, 2, 3, 4], "y": [1.0, 2.0, 3.0, 4.0]})
    >>> line = resistance(SurveyDesign(table, weights="w"), "y", "day")
    >>> line[["slope", "beyond"]].iloc[0].tolist()
    [1.0, 5.0]
    """
    names = [items] if isinstance(items, str) else list(items)
    when = answers(design, [order], "fail")[0][:, 0]
    y, valid = answers(design, names, missing)
    inside = when[design.member]
    if np.unique(inside).size < 2:
        raise EstimationError.of(
            "order-one-group",
            f"Cột “{order}” chỉ có một giá trị.",
            f"Column “{order}” has a single value.",
            "Cần ít nhất hai thời điểm.",
            "At least two moments are needed.",
            column=order,
        )

    def slopes(weights: Floats) -> Floats:
        return _lines(y, valid, when, weights)[0]

    slope, mean, centre, scores = _lines(y, valid, when, design.weights)
    variance = np.diagonal(covariance_of(design, scores, slopes))
    table = pd.DataFrame({"quantity": names, "slope": slope}).join(
        _tested(slope, variance, design.df, level)
    )
    steps = np.diff(np.unique(inside))
    return table.assign(mean=mean, beyond=mean + slope * (inside.max() + steps.min() - centre))


def _lines(
    y: Floats, valid: Flags, when: Floats, weights: Floats
) -> tuple[Floats, Floats, Floats, Floats]:
    """Return slope, mean, centre of the order, and the weighted effects on the slope."""
    w = np.where(valid, weights[:, None], 0.0)
    size = w.sum(axis=0)
    centre = (w * when[:, None]).sum(axis=0) / size
    mean = (w * y).sum(axis=0) / size
    off = when[:, None] - centre
    spread = (w * off**2).sum(axis=0)
    slope = (w * off * (y - mean)).sum(axis=0) / spread
    return slope, mean, centre, w * off * (y - mean - slope * off) / spread


def _means(y: Floats, side: Flags, weights: Floats) -> tuple[Floats, Floats]:
    w = np.where(side, weights[:, None], 0.0)
    size = w.sum(axis=0)
    with np.errstate(invalid="ignore", divide="ignore"):
        mean = (w * y).sum(axis=0) / size
        return mean, w * (y - mean) / size


def _tested(value: Floats, variance: Floats, df: int, level: float) -> pd.DataFrame:
    return tested(value, variance, np.full(len(value), float(df)), level).assign(df=df)


def _split(when: Floats, weights: Floats) -> float:
    order = np.argsort(when, kind="stable")
    order = order[weights[order] > 0]
    reached = np.cumsum(weights[order])
    middle = float(when[order][np.searchsorted(reached, reached[-1] / 2)])
    values = np.unique(when[order])
    return float(values[-2]) if middle == values[-1] and values.size > 1 else middle
