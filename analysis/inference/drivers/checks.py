"""What a set of drivers must be before importance can be shared among them."""

from __future__ import annotations

import numpy as np

from analysis.inference.variances import Moments
from intake.findings import EstimationError, Finding, Words

# The share of a driver's variance that the drivers before it must leave.
_LEFT = 1e-9


def refuse_collinear(found: Moments) -> None:
    """Refuse a driver (items after the first) that follows from those before it, by name."""
    size = len(found.names) - 1
    if found.n <= size + 1:
        raise EstimationError.of(
            "cases-too-few",
            f"Có {found.n} người trả lời cho {size} câu.",
            f"There are {found.n} respondents for {size} drivers.",
            f"Cần ít nhất {size + 2} người; bớt câu hoặc mở rộng phạm vi.",
            f"At least {size + 2} are needed; drop drivers or widen the part.",
        )
    root = np.sqrt(np.diag(found.matrix))
    matrix = (found.matrix / np.outer(root, root))[1:, 1:]
    for last in range(1, size):
        slopes = np.linalg.lstsq(matrix[:last, :last], matrix[:last, last], rcond=None)[0]
        if 1 - matrix[:last, last] @ slopes < _LEFT:
            names = found.names[1:]
            parts = [
                name for name, slope in zip(names[:last], slopes, strict=True) if abs(slope) > 1e-6
            ]
            shown = ", ".join(parts)
            raise EstimationError.of(
                "drivers-collinear",
                f"Câu “{names[last]}” suy ra được hoàn toàn từ: {shown}.",
                f"Driver “{names[last]}” follows exactly from: {shown}.",
                "Bỏ một trong các câu này; không thể chia tầm quan trọng giữa chúng.",
                "Leave one of them out; importance cannot be shared among them.",
                column=names[last],
            )


def scale_of(
    found: Moments, scale: tuple[float, float] | None
) -> tuple[float, float, tuple[Finding, ...]]:
    """Return the worst and the best answer of the drivers, and what was assumed."""
    answers = found.centred[found.kept, 1:] + found.mean[1:]
    least, most = float(answers.min().round(9)), float(answers.max().round(9))
    if scale is None:
        finding = Finding(
            "scale-taken",
            Words(
                f"Thang điểm được lấy theo câu trả lời: {least:g} đến {most:g}.",
                f"The scale was taken from the answers: {least:g} to {most:g}.",
            ),
            Words("Nêu scale=(kém nhất, tốt nhất).", "Give scale=(worst, best)."),
            severity="warning",
        )
        return least, most, (finding,)
    try:
        worst, best = (float(end) for end in scale)
    except (TypeError, ValueError):
        worst = best = np.nan
    if not np.isfinite(best - worst) or worst == best:
        raise EstimationError.of(
            "scale-empty",
            f"scale={scale!r} không có khoảng nào.",
            f"scale={scale!r} leaves no range.",
            "Ví dụ scale=(1, 5).",
            "Such as scale=(1, 5).",
        )
    low, high = min(worst, best), max(worst, best)
    outside = np.argwhere((answers < low - 1e-9) | (answers > high + 1e-9))
    if len(outside):
        at, driver = (int(k) for k in outside[0])
        got = answers[at, driver]
        raise EstimationError.of(
            "answer-outside-scale",
            f"Câu trả lời {got:g} nằm ngoài thang {low:g} đến {high:g}.",
            f"Answer {got:g} lies outside the scale {low:g} to {high:g}.",
            "Sửa giá trị hoặc nêu thang khác.",
            "Mend the value or give another scale.",
            row=int(np.flatnonzero(found.kept)[at]) + 1,
            column=found.names[1 + driver],
        )
    return worst, best, ()
