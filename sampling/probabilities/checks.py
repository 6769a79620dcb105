"""What can be drawn at all: counts that are held, sizes, probabilities between 0 and 1."""

from __future__ import annotations

import operator

import numpy as np
from numpy.typing import ArrayLike, NDArray

from intake.findings import DesignError, Finding, Words

# How far the probabilities of a sample of fixed size may sum from a whole number.
WHOLE_TOLERANCE = 1e-6
# How far above one a probability may lie by rounding.
ROUNDING = 1e-12

LOOK = Words("Hãy xem lại đầu vào.", "Look at what was passed.")

_MOST = 2**53


def refusal(
    code: str, message: Words, advice: Words = LOOK, *, path: str | None = None
) -> DesignError:
    """Return the refusal of an impossible input."""
    return DesignError(Finding(code, message, advice, path=path))


def check_whole(value: object, name: str) -> int:
    """Return a whole number, 0 or above, as a Python integer."""
    try:
        if isinstance(value, bool | np.bool_):
            raise TypeError
        number = operator.index(value)  # type: ignore[arg-type]
    except TypeError:
        whole = isinstance(value, float | np.floating) and float(value).is_integer()
        number = int(value) if whole else -1  # type: ignore[call-overload]
    if not 0 <= number <= _MOST:
        got = f"2^{number.bit_length()}" if number > _MOST else repr(value)[:40]
        raise refusal(
            "selection-count-invalid",
            Words(
                f"{name} phải là số nguyên không âm, tối đa 2^53, nhận được {got}.",
                f"{name} must be a whole number, 0 or above, at most 2^53; got {got}.",
            ),
            path=name,
        )
    return number


def check_count(n: object, held: int) -> int:
    """Return ``n``; refuse to draw more units than there are, or fewer than none."""
    count = check_whole(n, "n")
    if count > held:
        raise refusal(
            "selection-count-invalid",
            Words(
                f"Không thể lấy {count} trong {held} đơn vị (thừa {count - held}).",
                f"{count} units cannot be drawn from {held} ({count - held} too many).",
            ),
            Words(f"Lấy nhiều nhất {held} đơn vị.", f"Draw at most {held}."),
            path="n",
        )
    return count


def numbers(values: ArrayLike) -> NDArray[np.float64] | None:
    """Return a vector of numbers, or None where it is none: text, two dimensions, ragged."""
    try:
        given = np.asarray(values)
        if given.dtype.kind == "O" and any(isinstance(value, str) for value in given.flat):
            return None
        if given.dtype.kind not in "biufO" or given.ndim != 1:
            return None
        return given.astype(np.float64)
    except (TypeError, ValueError, OverflowError):
        return None


def check_vector(values: ArrayLike, code: str, name: str) -> NDArray[np.float64]:
    """Return a vector of finite numbers, none negative; say which is the first that is not."""
    found = numbers(values)
    if found is None:
        raise refusal(
            code,
            Words(
                f"{name} phải là dãy số một chiều.",
                f"{name} must be numbers in one dimension.",
            ),
            path=name,
        )
    wrong = np.flatnonzero(~(np.isfinite(found) & (found >= 0)))
    if len(wrong):
        place, value = int(wrong[0]), float(found[wrong[0]])
        raise refusal(
            code,
            Words(
                f"{len(wrong)} giá trị không phải số hữu hạn không âm, "
                f"đầu tiên ở vị trí {place}: {value}.",
                f"{len(wrong)} values are negative or not finite, the first at position "
                f"{place}: {value}.",
            ),
            path=f"{name}[{place}]",
        )
    return found


def check_sizes(sizes: ArrayLike) -> NDArray[np.float64]:
    """Return sizes as numbers; refuse negative, missing and infinite ones."""
    return check_vector(sizes, "selection-sizes-invalid", "sizes")


def check_probabilities(pi: ArrayLike, *, whole: bool = True) -> NDArray[np.float64]:
    """Return probabilities from 0 to 1; with ``whole``, they must sum to a whole number."""
    values = check_vector(pi, "selection-probabilities-invalid", "pi")
    above = np.flatnonzero(values > 1 + ROUNDING)
    if len(above):
        place, value = int(above[0]), float(values[above[0]])
        raise refusal(
            "selection-probabilities-invalid",
            Words(
                f"{len(above)} xác suất lớn hơn 1, đầu tiên ở vị trí {place}: {value}.",
                f"{len(above)} probabilities are above 1, the first at position {place}: {value}.",
            ),
            Words(
                "Dùng inclusion_probabilities(sizes, n): đơn vị quá lớn được chọn chắc chắn.",
                "Use inclusion_probabilities(sizes, n): units too large become certain.",
            ),
            path=f"pi[{place}]",
        )
    total = float(values.sum())
    if whole and abs(total - round(total)) > WHOLE_TOLERANCE:
        raise refusal(
            "selection-probabilities-invalid",
            Words(
                f"Tổng xác suất là {total:.9g}, phải là số nguyên; gần nhất là {round(total)}.",
                f"The probabilities sum to {total:.9g}, which must be whole; the nearest whole "
                f"number is {round(total)}.",
            ),
            Words(
                "Dùng inclusion_probabilities(sizes, n), hoặc phương pháp poisson.",
                "Use inclusion_probabilities(sizes, n), or the method poisson.",
            ),
            path="pi",
        )
    return np.minimum(values, 1.0)
