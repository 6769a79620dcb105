"""What balanced and spread samples are given: probabilities, columns, points, strata."""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from intake.findings import DesignError

ROUNDING = 1e-12
"""A probability this near to 0 or 1 is 0 or 1."""

LARGEST = 1e150
"""Larger coordinates or balancing values have no finite square."""


def read_probabilities(pi: ArrayLike) -> NDArray[np.float64]:
    """Return inclusion probabilities as an array of one dimension.

    Values within 1e-12 of 0 or of 1 are put on 0 or on 1.

    Raises
    ------
    DesignError
        ``selection-probabilities-invalid``: not one dimension of numbers from 0 to 1.
    """
    values = _numbers(pi, copy=True)
    if values is None or values.ndim != 1:
        raise _wrong_probabilities(
            "Xác suất chọn phải là một dãy số.",
            "Inclusion probabilities must be one row of numbers.",
        )
    wrong = ~((values >= -ROUNDING) & (values <= 1 + ROUNDING))
    if wrong.any():
        at = int(np.argmax(wrong))
        raise _wrong_probabilities(
            f"Xác suất ở vị trí {at} là {values[at]:g}, ngoài khoảng 0 đến 1 "
            f"({int(wrong.sum())} giá trị như vậy).",
            f"The probability at position {at} is {values[at]:g}, outside 0 to 1 "
            f"({int(wrong.sum())} such values).",
        )
    settle(values)
    return values


def settle(values: NDArray[np.float64]) -> None:
    """Put values within rounding of 0 or 1 on 0 or 1, in place."""
    values[values < ROUNDING] = 0.0
    values[values > 1 - ROUNDING] = 1.0


def read_columns(given: ArrayLike, held: int, what: str) -> NDArray[np.float64]:
    """Return ``balance`` or ``coordinates`` as ``held`` rows of columns; one column may be flat.

    A table of doubles that lies row by row is returned as it is given: it is for reading only.

    Raises
    ------
    DesignError
        ``selection-balance-invalid`` or ``selection-coordinates-invalid``: not a table of
        ``held`` rows of finite numbers, or coordinates without a column.
    """
    values = _numbers(given)
    if values is not None and values.ndim == 1 and held:
        values = values[:, None]
    elif values is not None and values.size == 0 and held == 0:
        values = values.reshape(0, values.shape[1] if values.ndim == 2 else 1)
    if values is None or values.ndim != 2 or len(values) != held:
        shape = "?" if values is None else " × ".join(str(size) for size in values.shape)
        raise _wrong_columns(
            what,
            f"Cần một bảng số có {held} dòng, một dòng cho mỗi đơn vị; nhận được {shape}.",
            f"A table of numbers with {held} rows is needed, one for each unit; got {shape}.",
        )
    if what == "coordinates" and not values.shape[1]:
        raise _wrong_columns(
            what, "Bảng tọa độ không có cột nào.", "The coordinates have no column."
        )
    # The least and the largest say it all (NaN spreads): no second table is made.
    if values.size and not (values.min() >= -LARGEST and values.max() <= LARGEST):
        wrong = ~(np.abs(values) <= LARGEST)
        row, column = (int(place) for place in np.argwhere(wrong)[0])
        raise _wrong_columns(
            what,
            f"Giá trị ở vị trí {row}, cột {column} là {values[row, column]:g}.",
            f"The value at position {row}, column {column} is {values[row, column]:g}.",
        )
    return np.ascontiguousarray(values)


def read_strata(strata: Sequence[Hashable] | NDArray[Any], held: int) -> list[NDArray[np.int64]]:
    """Return the positions of each stratum, strata in the order of their first unit.

    Raises
    ------
    DesignError
        ``selection-strata-invalid``: not one label for each unit, or a label is missing.
    """
    labels = strata.tolist() if isinstance(strata, np.ndarray) else list(strata)
    members: dict[Hashable, list[int]] = {}
    missing = [at for at, label in enumerate(labels) if _is_missing(label)]
    if len(labels) != held or missing:
        place = f" (vị trí {missing[0]})" if missing else ""
        where = f" (position {missing[0]})" if missing else ""
        raise DesignError.of(
            "selection-strata-invalid",
            f"Cần {held} nhãn tầng, một nhãn cho mỗi đơn vị; nhận được "
            f"{len(labels) - len(missing)}{place}.",
            f"{held} stratum labels are needed, one for each unit; got "
            f"{len(labels) - len(missing)}{where}.",
            "Hãy ghi tầng của mọi đơn vị, theo đúng thứ tự của xác suất.",
            "Give the stratum of every unit, in the order of the probabilities.",
            path="strata",
        )
    for at, label in enumerate(labels):
        members.setdefault(label, []).append(at)
    return [np.array(places, dtype=np.int64) for places in members.values()]


def read_positions(positions: ArrayLike, pi: NDArray[np.float64]) -> NDArray[np.int64]:
    """Return the positions of a sample, each from 0 to N − 1.

    Raises
    ------
    DesignError
        ``selection-positions-invalid``: other values, a position twice, or one of a unit
        that cannot be drawn.
    """
    values, held = _numbers(positions), len(pi)
    if values is None or values.ndim != 1:
        values = np.array([np.nan])
    wrong = ~((values >= 0) & (values < held) & (values == np.floor(values)))
    if not wrong.any():
        wrong = pi[values.astype(np.int64)] == 0
    if wrong.any() or len(np.unique(values)) < len(values):
        at = f"{values[np.argmax(wrong)]:g}" if wrong.any() else "?"
        raise DesignError.of(
            "selection-positions-invalid",
            f"Vị trí phải là các số nguyên khác nhau từ 0 đến {held - 1}, của đơn vị có xác suất "
            f"dương; có {at}.",
            f"Positions must be different whole numbers from 0 to {held - 1}, of units with a "
            f"positive probability; got {at}.",
            "Hãy đưa vào kết quả của một lần chọn mẫu.",
            "Pass what a selection returned.",
            path="positions",
        )
    return values.astype(np.int64)


def refuse_option(code: str, name: str, value: object, known: str) -> DesignError:
    """Return the refusal of an option that is not among those known."""
    return DesignError.of(
        code,
        f"Không có lựa chọn {name}={value!r}.",
        f"There is no {name}={value!r}.",
        f"Hãy dùng một trong: {known}.",
        f"Use one of: {known}.",
        path=name,
    )


def _numbers(given: ArrayLike, *, copy: bool = False) -> NDArray[np.float64] | None:
    try:
        return np.array(given, dtype=np.float64, copy=copy or None)
    except (TypeError, ValueError, OverflowError):
        return None


def _is_missing(label: object) -> bool:
    return label is None or label != label


def _wrong_probabilities(vi: str, en: str) -> DesignError:
    return DesignError.of(
        "selection-probabilities-invalid",
        vi,
        en,
        "Hãy tính lại xác suất, chẳng hạn bằng inclusion_probabilities.",
        "Work out the probabilities anew, for instance by inclusion_probabilities.",
        path="pi",
    )


def _wrong_columns(what: str, vi: str, en: str) -> DesignError:
    code = {
        "balance": "selection-balance-invalid",
        "coordinates": "selection-coordinates-invalid",
    }[what]
    return DesignError.of(
        code,
        vi,
        en,
        "Hãy điền một số hữu hạn cho mọi đơn vị, theo đúng thứ tự của xác suất.",
        "Give a finite number for every unit, in the order of the probabilities.",
        path=what,
    )
