"""What can be allocated: rows of numbers, floors, caps, totals."""

from __future__ import annotations

from typing import TypeAlias

import numpy as np
from numpy.typing import ArrayLike, NDArray

from intake.findings import DesignError

Row: TypeAlias = NDArray[np.float64]

_MOST = 1e15


def refusal(
    code: str, vi: str, en: str, advice_vi: str, advice_en: str, path: str | None = None
) -> DesignError:
    """Return the refusal of one input."""
    return DesignError.of(code, vi, en, advice_vi, advice_en, path=path)


def row(values: ArrayLike, name: str, length: int | None = None, *, positive: bool = False) -> Row:
    """Return a row of finite numbers that are not negative, of the length wanted.

    A single number stands for a whole row where the length is known.
    """
    numbers = table(values, name)
    if numbers.ndim == 0 and length is not None:
        numbers = np.full(length, float(numbers))
    if numbers.ndim != 1 or not len(numbers):
        raise refusal(
            "allocation-sizes-invalid",
            f"“{name}” phải là một dãy số, mỗi tầng một số.",
            f"'{name}' must be a row of numbers, one for each stratum.",
            "Ghi một số cho mỗi tầng.",
            "Give one number for each stratum.",
            path=name,
        )
    if length is not None and len(numbers) != length:
        raise wrong_length(name, len(numbers), length)
    check_numbers(numbers, name, positive=positive)
    return numbers


def table(values: ArrayLike, name: str) -> Row:
    """Return numbers of any shape; text is refused."""
    try:
        numbers = np.asarray(values)
        kind = numbers.dtype.kind
        numbers = np.asarray(numbers, dtype=np.float64)
    except (TypeError, ValueError, OverflowError):
        kind = "U"
    if kind in "USb":
        raise refusal(
            "allocation-sizes-invalid",
            f"“{name}” có giá trị không phải là số.",
            f"'{name}' holds something that is no number.",
            "Chỉ ghi số.",
            "Give numbers only.",
            path=name,
        )
    return numbers


def check_numbers(numbers: Row, name: str, *, positive: bool = False) -> None:
    """Refuse the first number that is missing, infinite or negative (or zero)."""
    with np.errstate(invalid="ignore"):
        wrong = ~np.isfinite(numbers) | (numbers < 0) | (positive & (numbers == 0))
    if not wrong.any():
        return
    at = tuple(int(place) for place in np.argwhere(wrong)[0])
    place = "".join(f"[{number}]" for number in at)
    least = ("lớn hơn 0", "above 0") if positive else ("không âm", "not negative")
    raise refusal(
        "allocation-sizes-invalid",
        f"{name}{place} = {numbers[at]:g}; phải là số hữu hạn và {least[0]}.",
        f"{name}{place} is {numbers[at]:g}; it must be a finite number, {least[1]}.",
        "Sửa giá trị này.",
        "Mend this value.",
        path=f"{name}{place}",
    )


def wrong_length(name: str, found: int, wanted: int) -> DesignError:
    """Return the refusal of a row that does not have one value for each stratum."""
    return refusal(
        "allocation-length-differs",
        f"“{name}” có {found} giá trị nhưng có {wanted} tầng.",
        f"'{name}' has {found} values, but there are {wanted} strata.",
        "Ghi một giá trị cho mỗi tầng, theo cùng thứ tự.",
        "Give one value for each stratum, in the same order.",
        path=name,
    )


def total(n: float) -> int:
    """Return a whole number of cases to share out."""
    if (
        isinstance(n, bool)
        or not isinstance(n, int | float | np.number)
        or not 0 <= n < _MOST
        or n != int(n)
    ):
        huge = isinstance(n, int) and abs(n) >= _MOST
        said = f"2^{int(n).bit_length()}" if huge else repr(n)[:40]
        raise refusal(
            "allocation-total-invalid",
            f"Tổng cần phân bổ là {said}; phải là số nguyên không âm.",
            f"The total to share out is {said}; it must be a whole number, not negative.",
            "Làm tròn tổng trước khi phân bổ.",
            "Round the total before sharing it out.",
            path="n",
        )
    return int(n)


def bounds(floor: ArrayLike, cap: ArrayLike, length: int) -> tuple[Row, Row]:
    """Return whole floors and caps for each stratum, no floor above its cap."""
    low = np.maximum(np.ceil(row(floor, "floor", length) - 1e-9), 0.0) + 0.0
    high = np.floor(row(cap, "cap", length) + 1e-9)
    above = np.flatnonzero(low > high)
    if len(above):
        at = int(above[0])
        raise refusal(
            "allocation-floor-above-cap",
            f"Tầng thứ {at + 1}: mức sàn {low[at]:g} lớn hơn mức trần {high[at]:g} "
            f"({len(above)} tầng như vậy).",
            f"The floor of stratum {at + 1} is {low[at]:g}, which lies above its cap of "
            f"{high[at]:g} ({len(above)} such strata).",
            f"Sàn nhiều nhất {high[at]:g}, hoặc gộp tầng.",
            f"Set the floor to at most {high[at]:g}, or merge the stratum.",
            path=f"floor[{at}]",
        )
    return low, high


def check_total(n: float, low: Row, high: Row) -> None:
    """Refuse a total that the floors exceed or that the caps cannot hold."""
    if n < low.sum():
        raise refusal(
            "allocation-floors-above-total",
            f"Tổng mức sàn {low.sum():g} lớn hơn {n:g}: thừa {low.sum() - n:g}.",
            f"The floors add to {low.sum():g}, which is {low.sum() - n:g} more than the {n:g} "
            "to share out.",
            f"Phân bổ ít nhất {low.sum():g}, hoặc hạ mức sàn.",
            f"Share out at least {low.sum():g}, or lower the floors.",
            path="n",
        )
    if n > high.sum():
        raise refusal(
            "allocation-caps-below-total",
            f"Tổng mức trần {high.sum():g} nhỏ hơn {n:g}: thiếu {n - high.sum():g}.",
            f"The caps add to {high.sum():g}, which is {n - high.sum():g} less than the {n:g} "
            "to share out.",
            f"Phân bổ nhiều nhất {high.sum():g}.",
            f"Share out at most {high.sum():g}.",
            path="n",
        )


def check_rounding(rounding: str | None, known: str) -> None:
    """Refuse a way of rounding that is not the one known (or None)."""
    if rounding not in (known, None):
        raise refusal(
            "allocation-rounding-unknown",
            f"Không có cách làm tròn “{rounding}”.",
            f"There is no rounding '{rounding}'.",
            f"Chọn '{known}' hoặc None (giữ phần thập phân).",
            f"Choose '{known}', or None for fractions.",
            path="rounding",
        )
