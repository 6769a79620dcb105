"""Weights that are too large are cut, and what was cut goes to the others.

A few very large weights make an estimate depend on a few people. Cutting them trades a
little bias for less variance; what is cut is shared out, so that the total stays. Weights
are in persons represented.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np

from analysis.weighting.diagnostics import Floats, checked_weights
from analysis.weighting.margins import Margin, margin_error
from analysis.weighting.raking import raked
from analysis.weighting.replicates import D, members, reweighted, spread
from analysis.weighting.steps import TrimStep
from intake.findings import WeightError

TIMES_MEDIAN = 5.0
_ROUNDS = 200
_CLOSE = 1e-6


def trim(
    design: D,
    lower: float | None = None,
    upper: float | None = None,
    strict: bool = False,
) -> D:
    """Return the design with weights between two bounds.

    What is cut is shared equally among the weights within the bounds, once, which may lift
    some of them over a bound again; ``strict`` goes on until no weight lies outside. The total
    stays. Margins that were calibrated before do not hold exactly any more.

    Parameters
    ----------
    design
        A survey design or a replicate design, whose replicates are trimmed each on its own
        (weights of zero stay zero).
    lower, upper
        Bounds of the weights. With neither, ``upper`` is five times the median; the bound
        that is not given otherwise does not bind.
    strict
        Repeat until every weight lies within the bounds.

    Raises
    ------
    WeightError
        ``trim-impossible`` where the bounds leave no room for the total, ``trim-bounds``
        where they are not in order.

    References
    ----------
    Potter, F. (1990). A study of procedures to identify and trim extreme sampling weights.
    Proceedings of the Survey Research Methods Section, ASA, 225-230. Sharing as `trimWeights`
    of R survey.

    Examples
    --------
    >>> import pandas as pd
    >>> from analysis.design import SurveyDesign
    >>> design = SurveyDesign(pd.DataFrame({"w": [1.0, 1.0, 1.0, 9.0]}), weights="w")
    >>> trim(design, upper=6).weights.tolist()
    [2.0, 2.0, 2.0, 6.0]
    """
    rows = members(design)
    before = checked_weights(design.weights[rows], positive=False)
    most, least = _bounds(lower, upper, before)
    after = trimmed(before, least, most, strict=strict)
    cut = int(np.count_nonzero((before > most) | (before < least)))
    length = len(design.data)
    step = TrimStep(
        "trimming",
        spread(before, rows, length),
        spread(after, rows, length),
        rows,
        settings={"lower": least, "upper": most, "strict": strict},
        trimmed=cut,
    )

    def weigh(weights: Floats) -> Floats:
        kept = weights > 0
        weighed = np.zeros_like(weights)
        weighed[kept] = trimmed(weights[kept], least, most, strict=strict)
        return weighed

    return reweighted(design, step.after, step, rows, weigh)


def trimmed(weights: Floats, lower: float, upper: float, *, strict: bool) -> Floats:
    """Cut weights to [lower, upper] and share the difference equally among the others."""
    total = float(weights.sum())
    if lower * weights.size > total * (1 + 1e-12) or upper * weights.size < total * (1 - 1e-12):
        raise _impossible(lower, upper)
    outside = (weights < lower) | (weights > upper)
    if not outside.any():
        return np.array(weights)
    if outside.all():
        raise _impossible(lower, upper)
    cut = np.clip(weights, lower, upper)
    shared = (total - cut.sum()) / np.count_nonzero(~outside)
    cut[~outside] += shared
    return _settled(cut, lower, upper, total) if strict else cut


def _settled(weights: Floats, lower: float, upper: float, total: float) -> Floats:
    """Return where sharing again and again leads: one amount for all weights off the bounds.

    From the second time on every share has the same sign, so that only one bound can bind and
    the limit is clip(w + c); c is the root of a piecewise linear function.
    """
    excess = np.clip(weights, lower, upper)
    short = total - float(excess.sum())
    if abs(short) <= 1e-12 * total:
        return np.asarray(excess)
    sign = 1.0 if short > 0 else -1.0
    bound = upper if short > 0 else lower
    room = np.sort(np.maximum(sign * (bound - excess), 0.0))
    # Adding c takes up min(room, c) on each weight.
    filled = np.cumsum(room) + room * np.arange(room.size - 1, -1, -1)
    place = min(int(np.searchsorted(filled, abs(short))), room.size - 1)
    used = float(room[:place].sum())
    amount = (abs(short) - used) / (room.size - place)
    return np.asarray(np.clip(excess + sign * amount, lower, upper))


def trimmed_and_raked(
    weights: Floats,
    margins: Sequence[Margin],
    times_median: float = TIMES_MEDIAN,
    again: Callable[[Floats], Floats] | None = None,
) -> tuple[Floats, float, int]:
    """Cut weights at a multiple of their median and rake again, until both hold.

    ``again`` brings weights back to the margins; raking does so where it is not given.

    Returns
    -------
    tuple
        The weights, the bound, and how many weights lay above it at first. At the end no
        weight exceeds the bound by more than one in a million, and every margin holds to
        one in a million.

    Raises
    ------
    WeightError
        ``trim-impossible`` where cutting and margins cannot hold together.
    """
    current = checked_weights(weights)
    upper = times_median * float(np.median(current))
    count = int(np.count_nonzero(current > upper))
    if not count:
        return current, upper, 0
    for _ in range(_ROUNDS):
        if current.max() <= upper * (1 + _CLOSE) and margin_error(current, margins) <= _CLOSE:
            return current, upper, count
        current = trimmed(current, 0.0, upper, strict=True)
        if margins:
            current = (
                raked(current, margins, tolerance=_CLOSE / 10) if again is None else again(current)
            )
    raise _impossible(0.0, upper)


def _bounds(lower: float | None, upper: float | None, weights: Floats) -> tuple[float, float]:
    try:
        least = -np.inf if lower is None else float(lower)
        most = np.inf if upper is None else float(upper)
    except (TypeError, ValueError):
        raise WeightError.of(
            "trim-bounds",
            f"Giới hạn cắt phải là số: {lower!r}, {upper!r}.",
            f"The bounds of trimming are numbers, not {lower!r} and {upper!r}.",
            "Ghi lower= và upper= bằng số.",
            "Give numbers for lower= and upper=.",
        ) from None
    if lower is None and upper is None:
        most = TIMES_MEDIAN * float(np.median(weights))
    if not (least <= most and most > 0):
        raise WeightError.of(
            "trim-bounds",
            f"Giới hạn dưới {least:g} và giới hạn trên {most:g} không hợp lệ.",
            f"The lower bound {least:g} and the upper bound {most:g} are not in order.",
            "Giới hạn dưới không lớn hơn giới hạn trên, và giới hạn trên lớn hơn 0.",
            "Give a lower bound not above the upper one, and an upper one above 0.",
        )
    return most, least


def _impossible(lower: float, upper: float) -> WeightError:
    lower = max(lower, 0.0)
    return WeightError.of(
        "trim-impossible",
        f"Không thể giữ trọng số trong [{lower:g}; {upper:g}] mà vẫn giữ tổng và các biên.",
        f"Weights cannot be kept within [{lower:g}; {upper:g}] with their total and margins.",
        "Nới giới hạn cắt (upper, hoặc trim.times_median) hoặc gộp nhóm trong biên.",
        "Widen the bounds (upper, or trim.times_median) or merge categories of the margins.",
    )
