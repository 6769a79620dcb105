"""A design whose weights were calibrated earlier and come from a file.

The file holds the weights before and after; the record beside it says to which counts they
were brought. From both the step of the calibration is made again, so that variances can take
account of the totals that are certain. Later trimming is part of the step as long as the
counts still hold.
"""

from __future__ import annotations

from dataclasses import replace

from analysis.design import Floats, SurveyDesign
from analysis.satisfaction.refusals import refusal
from analysis.weighting import CalibrationTarget, calibrate, rake

# Relative distance of a weighted count from its target that still counts as reproduced.
HELD = 1e-4


def calibrated(design: SurveyDesign, after: Floats, target: CalibrationTarget) -> SurveyDesign:
    """Return the design with weights that a calibration has made, and with its step.

    Parameters
    ----------
    design
        With the weights before the calibration; it has the columns of the margins.
    after
        Shape (rows,): the weights from the file, which may have been trimmed since.
    target
        The counts that they reproduce, and the method.

    Raises
    ------
    WeightError
        What the calibration itself would refuse.
    EstimationError
        ``weights-not-calibrated``, with the category whose count is not reproduced.
    """
    if target.method == "raking" and target.bounds is None:
        made = rake(design, target.margins)
    else:
        made = calibrate(design, target.margins, target.method, target.bounds)
    step = replace(made.history[-1], after=after)  # type: ignore[type-var]
    margin, category, error = step.largest_error()  # type: ignore[attr-defined]
    if error is not None and error > HELD:
        raise refusal(
            "weights-not-calibrated",
            f"Trọng số không cho đúng số dân của “{margin}” = “{category}” "
            f"(lệch {100 * error:.3g} %), tuy bản ghi nói đã hiệu chỉnh.",
            f"The weights miss the count of “{margin}” = “{category}” by {100 * error:.3g} %, "
            "although the record says that they were calibrated to it.",
        )
    return design.reweighted(after, step)
