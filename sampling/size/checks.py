"""What a size can be worked out from: numbers in their range, one precision at a time."""

from __future__ import annotations

import math
from statistics import NormalDist

import numpy as np
from numpy.typing import NDArray

from intake.findings import DesignError


def check(name: str, value: object, low: float, high: float, *, closed: str = "") -> float:
    """Return a number of the open range, or of one with the ends named in ``closed``."""
    number = _number(value)
    above = number > low or ("low" in closed and number == low)
    below = number < high or ("high" in closed and number == high)
    if above and below and math.isfinite(number):
        return number
    raise refusal(
        "size-value-out-of-range",
        f"{name} = {_shown(value)} phải nằm giữa {low:g} và {high:g}.",
        f"{name} is {_shown(value)}; it must lie between {low:g} and {high:g}.",
        "Hãy xem lại giá trị này.",
        "Look at this value.",
        path=name,
    )


def check_one(**precisions: float | None) -> str:
    """Return the name of the one precision that is said."""
    said = [name for name, value in precisions.items() if value is not None]
    if len(said) == 1:
        return said[0]
    names = ", ".join(precisions)
    raise refusal(
        "size-precision-unclear",
        f"Cần đúng một yêu cầu chính xác trong số {names}, ở đây có {len(said)}.",
        f"Exactly one of {names} says the precision; {len(said)} are given.",
        "Ghi đúng một yêu cầu.",
        "Give exactly one.",
    )


def quantile(confidence: float) -> float:
    """Return z of a two-sided interval."""
    check("confidence", confidence, 0, 1)
    return NormalDist().inv_cdf((1 + confidence) / 2)


def as_numbers(values: object) -> NDArray[np.float64]:
    """Return numbers of any shape; nan for what is text, a truth value or ragged."""
    try:
        found = np.asarray(values)
        if found.dtype.kind not in "USb":
            return found.astype(np.float64)
    except (TypeError, ValueError, OverflowError):
        pass
    return np.asarray(np.nan)


def refusal(
    code: str, vi: str, en: str, advice_vi: str, advice_en: str, path: str | None = None
) -> DesignError:
    """Return the refusal of one value."""
    return DesignError.of(code, vi, en, advice_vi, advice_en, path=path)


def _number(value: object) -> float:
    if isinstance(value, str | bytes | bool):
        return math.nan
    try:
        return float(value)  # type: ignore[arg-type]
    except (TypeError, ValueError, OverflowError):
        return math.nan


def _shown(value: object) -> str:
    if isinstance(value, int) and abs(value) > 1e300:
        return f"{'-' * (value < 0)}10^{abs(value).bit_length() * math.log10(2):.0f}"
    return f"{value:g}" if isinstance(value, int | float) else repr(value)[:40]
