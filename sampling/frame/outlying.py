"""Sizes far from those of their stratum: often a digit too many, or another measure."""

from __future__ import annotations

from intake.findings import Words
from sampling.frame.noting import Noting
from sampling.frame.sheets import Sheet

OUTLYING_FACTOR = 20.0
_FEWEST = 5


def note_outlying(sheet: Sheet, faults: Noting) -> None:
    """Warn of sizes twenty times the median of their stratum, or a twentieth of it.

    Strata of fewer than five units are left alone: they have no middle to be far from.
    """
    import numpy as np

    sizes = sheet.columns["size"]
    strata = sheet.columns["stratum"]
    values = np.fromiter(map(int, sizes), dtype=np.float64, count=sheet.count)
    places: dict[str, int] = {}
    codes = np.fromiter(
        (places.setdefault(text, len(places)) for text in strata), np.int64, count=sheet.count
    )
    order = np.argsort(codes, kind="stable")
    for group in np.split(order, np.cumsum(np.bincount(codes))[:-1]):
        if len(group) < _FEWEST:
            continue
        median = float(np.median(values[group]))
        ratios = values[group] / median
        far = (ratios >= OUTLYING_FACTOR) | (ratios <= 1 / OUTLYING_FACTOR)
        for row, ratio in zip(group[far].tolist(), ratios[far].tolist(), strict=True):
            faults.add(
                "frame-size-outlying",
                Words(
                    f"Quy mô {sizes[row]} bằng {ratio:.3g} lần trung vị {median:g} của tầng "
                    f"“{strata[row]}”.",
                    f"The size {sizes[row]} is {ratio:.3g} times the median {median:g} of the "
                    f"stratum '{strata[row]}'.",
                ),
                Words(
                    "Kiểm tra có thừa hay thiếu chữ số, có cùng đơn vị tính không.",
                    "See whether a digit is too many or too few, and the same thing is counted.",
                ),
                row=sheet.lines[row],
                column="size",
                severity="warning",
            )
