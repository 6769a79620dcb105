"""With how many digits a figure is shown, and what a withheld row still says."""

from __future__ import annotations

import math
from decimal import ROUND_HALF_UP, Decimal

from analysis.publication.disclosure.rows import CONFIDENTIAL, FIGURES, count_of, number_of

FULL_DIGITS_FROM = 100
COUNT_STEP = 5


def decimals_for(n: float) -> int:
    """Return how many decimals a figure on ``n`` answers carries."""
    return 2 if n >= FULL_DIGITS_FROM else 1


def half_up(value: float, decimals: int) -> float:
    """Return the value rounded half up, as the printed tables are.

    Examples
    --------
    >>> half_up(83.945, 2), half_up(2.5, 0)
    (83.95, 3.0)
    """
    step = Decimal(1).scaleb(-decimals)
    return float(Decimal(repr(float(value))).quantize(step, rounding=ROUND_HALF_UP))


def withhold_or_round(row: dict[str, object]) -> None:
    """Empty the figures of a flagged row, and round those of the others."""
    n = count_of(row)
    decimals = decimals_for(n)
    if row["flag"]:
        for column in FIGURES:
            row[column] = math.nan
        row["note"] = ""
    else:
        for column in ("value", "se", "low", "high"):
            figure = number_of(row[column])
            row[column] = math.nan if math.isnan(figure) else half_up(figure, decimals)
        for column, kept in (("deff", 2), ("n_effective", 0), ("df", 0)):
            figure = number_of(row[column])
            if not math.isnan(figure) and n < FULL_DIGITS_FROM:
                # Effective size, design effect and degrees of freedom would tell the exact count.
                figure = half_up(figure, 1) if column == "deff" else _to_step(figure)
            row[column] = figure if math.isnan(figure) else half_up(figure, kept)
    if row["flag"] == CONFIDENTIAL:
        row["n"] = None
    elif n < FULL_DIGITS_FROM:
        row["n"] = int(_to_step(n))


def _to_step(count: float) -> float:
    return half_up(count / COUNT_STEP, 0) * COUNT_STEP
