"""Weights that are too large are cut, and what was cut goes to the others.

A few very large weights make an estimate depend on a few people. Cutting them trades a
little bias for less variance; what is cut is shared out, so that the total stays. Weights
are in persons represented.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from analysis.design import SurveyDesign
from analysis.weighting.calibration import Margin, margin_error, raked
from analysis.weighting.diagnostics import Floats, checked_weights
from intake.findings import Finding, WeightError, Words

TIMES_MEDIAN = 5.0
_ROUNDS = 200
_CLOSE = 1e-6


@dataclass(frozen=True, eq=False)
class TrimStep:
    """What trimming did: the bounds, the weights before and after."""

    lower: float
    upper: float
    before: Floats
    after: Floats

    def residuals(self, scores: Floats) -> Floats:
        """Return the scores as they are: trimming makes nothing more certain."""
        return scores


def trim(
    design: SurveyDesign,
    lower: float | None = None,
    upper: float | None = None,
    strict: bool = False,
) -> SurveyDesign:
    """Return the design with weights between two bounds.

    What is cut is shared equally among the weights within the bounds, once; ``strict``
    repeats until no weight lies outside. ``upper`` defaults to five times the median.

    Raises
    ------
    WeightError
        ``trim-impossible`` where the bounds leave no room for the total.
    """
    before = checked_weights(design.weights)
    most = TIMES_MEDIAN * float(np.median(before)) if upper is None else upper
    least = 0.0 if lower is None else lower
    after = trimmed(before, least, most, strict=strict)
    return design.reweighted(after, TrimStep(least, most, before, after))


def trimmed(weights: Floats, lower: float, upper: float, *, strict: bool) -> Floats:
    """Cut weights to [lower, upper] and share the difference equally among the others."""
    total = float(weights.sum())
    if lower * weights.size > total * (1 + 1e-12) or upper * weights.size < total * (1 - 1e-12):
        raise _impossible(lower, upper)
    current = np.array(weights)
    for _ in range(_ROUNDS):
        outside = (current < lower) | (current > upper)
        if not outside.any():
            return current
        cut = np.clip(current, lower, upper)
        inside = ~outside
        if strict:
            inside = (cut > lower) & (cut < upper)
        if not inside.any():
            raise _impossible(lower, upper)
        cut[inside] += (total - cut.sum()) / inside.sum()
        current = cut
        if not strict:
            return current
    return np.clip(current, lower, upper)


def trimmed_and_raked(
    weights: Floats, margins: Sequence[Margin], times_median: float = TIMES_MEDIAN
) -> tuple[Floats, float, int]:
    """Cut weights at a multiple of their median and rake again, until both hold.

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
            current = raked(current, margins, tolerance=_CLOSE / 10)
    raise _impossible(0.0, upper)


def _impossible(lower: float, upper: float) -> WeightError:
    return WeightError(
        Finding(
            "trim-impossible",
            Words(
                f"Không thể giữ trọng số trong [{lower:g}; {upper:g}] cùng với các biên.",
                f"Weights cannot be kept within [{lower:g}; {upper:g}] and reproduce the margins.",
            ),
            Words(
                "Nâng giới hạn cắt (trim.times_median) hoặc gộp nhóm trong biên.",
                "Raise the bound (trim.times_median) or merge categories of the margins.",
            ),
        )
    )
