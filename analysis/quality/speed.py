"""Whether pages went by faster than anyone can read them.

Of the times only a count is kept: how many pages of a response were fast. Times are in
seconds per page; a page that was not shown has no time. Reading is measured in syllables,
which Vietnamese writes apart.

References
----------
Huang, J. L. et al. (2012). Detecting and deterring insufficient effort responding to surveys.
Journal of Business and Psychology 27, 99-114.
Conrad, F. G. et al. (2017). Reducing speeding in web surveys by providing immediate feedback.
Survey Research Methods 11, 45-61.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike

from analysis.quality.funnels import share_flags
from analysis.quality.rules import Rules
from analysis.quality.tables import Floats, Groups, Integers, numbers
from intake.findings import EstimationError


def syllables(text: str) -> int:
    """Return the number of written syllables: pieces between spaces that hold a letter or digit.

    Examples
    --------
    >>> syllables("Ông/bà có hài lòng về nơi ngồi chờ không ?")
    9
    """
    return sum(any(sign.isalnum() for sign in piece) for piece in text.split())


def fast_pages(times: ArrayLike, amounts: ArrayLike, pace: float) -> tuple[Integers, Integers]:
    """Count the fast pages and the pages seen of each response.

    Parameters
    ----------
    times
        Shape (responses, pages), seconds; missing where a page was not shown.
    amounts
        Shape (pages,): items (F3) or syllables (F4) on each page.
    pace
        Seconds per item or syllable; a page is fast below ``pace`` times its amount.

    Returns
    -------
    tuple
        Fast pages and pages seen, each of shape (responses,).

    Raises
    ------
    EstimationError
        ``page-times-shape``, ``page-time-negative``.

    Examples
    --------
    >>> fast, seen = fast_pages([[3.0, 30.0], [np.nan, 4.0]], [4, 5], pace=2.0)
    >>> fast.tolist(), seen.tolist()
    ([1, 1], [2, 1])
    """
    seconds, amount = _times(times, amounts)
    seen = ~np.isnan(seconds)
    fast = seen & (np.where(seen, seconds, np.inf) < pace * amount)
    return fast.sum(axis=1).astype(np.int64), seen.sum(axis=1).astype(np.int64)


def reading_pace(times: ArrayLike, amounts: ArrayLike, percentile: float = 0.01) -> float:
    """Return the pace of the pilot's fastest readers, in seconds per syllable.

    The percentile of time over syllables, over all pages of the pilot; it takes the place of
    ``seconds_per_syllable`` in the rules that are published.

    Examples
    --------
    >>> round(reading_pace([[10.0, 20.0], [30.0, 40.0]], [50, 100], percentile=0.5), 3)
    0.3
    """
    seconds, amount = _times(times, amounts)
    pace = (seconds / amount)[:, amount > 0]
    pace = pace[~np.isnan(pace)]
    if not pace.size:
        raise EstimationError.of(
            "page-times-none",
            "Không có thời gian đọc nào để hiệu chỉnh.",
            "There are no times to learn from.",
            "Dùng dữ liệu khảo sát thử.",
            "Use the data of the pilot.",
        )
    return float(np.quantile(pace, percentile))


def fast_responses(
    responses: pd.DataFrame,
    *,
    fast: str,
    seen: str,
    unit: str,
    stratum: str | None = None,
    reading: bool = False,
    rules: Rules | None = None,
) -> pd.DataFrame:
    """F3 and F4: share of hasty responses of each unit, against its stratum.

    A response is hasty when at least half of its pages were fast.

    Parameters
    ----------
    responses
        One row per response with the two counts of `fast_pages`.
    fast, seen
        Columns with the number of fast pages and of pages seen.
    reading
        True where the counts are of reading pace (F4), else of items (F3).

    Returns
    -------
    pandas.DataFrame
        `FLAG_COLUMNS`; ``value`` is the share of the unit, ``reference`` that of the stratum.

    Raises
    ------
    EstimationError
        ``page-counts-impossible`` with the row, and those of `straight_lines`.
    """
    limits = rules or Rules()
    counts = numbers(responses, [fast, seen], gaps=False)
    bad = np.flatnonzero((counts[:, 0] < 0) | (counts[:, 0] > counts[:, 1]))
    if bad.size:
        row = int(bad[0])
        raise EstimationError.of(
            "page-counts-impossible",
            f"Dòng {row + 1}: {counts[row, 0]:g} trang nhanh trong {counts[row, 1]:g} trang.",
            f"Row {row + 1}: {counts[row, 0]:g} fast pages of {counts[row, 1]:g} seen.",
            "Hãy đếm lại số trang.",
            "Count the pages again.",
            row=row + 1,
            column=fast,
        )
    counted = counts[:, 1] > 0
    hasty = counted & (counts[:, 0] >= limits.fast_page_part * counts[:, 1])
    groups = Groups(responses, unit, stratum)
    flag, quantity = ("F4", "fast-reading") if reading else ("F3", "fast-pages")
    return share_flags(flag, quantity, hasty, counted, groups, limits)


def _times(times: ArrayLike, amounts: ArrayLike | Sequence[float]) -> tuple[Floats, Floats]:
    seconds = np.asarray(times, dtype=np.float64)
    amount = np.asarray(amounts, dtype=np.float64)
    if seconds.ndim != 2 or amount.shape != (seconds.shape[1],):
        raise EstimationError.of(
            "page-times-shape",
            f"Thời gian có dạng {seconds.shape}, số lượng có dạng {amount.shape}.",
            f"Times have shape {seconds.shape}, amounts {amount.shape}.",
            "Mỗi trang một cột thời gian và một số lượng.",
            "Give one column of times and one amount for each page.",
        )
    bad = np.argwhere(np.nan_to_num(seconds, nan=1.0) < 0)
    if bad.size:
        row = int(bad[0, 0])
        raise EstimationError.of(
            "page-time-negative",
            f"Dòng {row + 1}: thời gian âm.",
            f"Row {row + 1}: a time is below zero.",
            "Hãy xem lại đồng hồ của thiết bị.",
            "Look at the clock of the device.",
            row=row + 1,
        )
    return seconds, amount
