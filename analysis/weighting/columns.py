"""The category of each row of a column, as a number, whatever the column holds.

Whole numbers, decimal numbers, booleans, texts and pandas categories become codes from 0 with
a label each; 1, 1.0 and "1" are the same category. Missing are empty cells, empty texts, and
negative codes, with which frozen answers say why a value is missing, unless a negative code is
named as a category. Nothing here walks through rows one by one.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from intake.findings import WeightError

Integers = NDArray[np.int64]
_SPAN = 1_000_000


class Coded(NamedTuple):
    """Rows as numbers, still to be looked up: row i has code ``place[raw[i]]``.

    The last entry of ``place`` is -1 and stands for the raw number -1, a missing value. Codes
    lead to ``labels``. Looking up once, at the end, is what keeps long tables fast.
    """

    raw: Integers
    place: Integers
    labels: list[str]

    @property
    def codes(self) -> Integers:
        """The code of each row, -1 where it is missing."""
        return self.looked_up(np.arange(len(self.labels), dtype=np.int64))

    def looked_up(self, values: Integers, missing: int = -1) -> Integers:
        """Return for each row the value at its code, ``missing`` where it has none."""
        table = np.append(values, np.int64(missing))[self.place]
        if (table[:-1] == np.arange(table.size - 1)).all() and self.raw.min(initial=0) >= 0:
            return self.raw
        return np.asarray(table.take(self.raw))


def label_of(value: object) -> str:
    """Return a category as text.

    Examples
    --------
    >>> [label_of(value) for value in (1, 1.0, "1 ", True, 2.5)]
    ['1', '1', '1', 'true', '2.5']
    """
    if isinstance(value, bool | np.bool_):
        return "true" if value else "false"
    if isinstance(value, float | np.floating) and np.isfinite(value) and value == int(value):
        return str(int(value))
    return str(value).strip()


def coded(values: pd.Series, named: Collection[str] = ()) -> Coded:
    """Return the code of each row (-1: missing) and the label of each code.

    ``named`` are labels that count as categories even where they are negative numbers.

    Examples
    --------
    >>> found = coded(pd.Series([2.0, 1.0, None, -8.0]))
    >>> found.codes.tolist(), found.labels
    ([1, 0, -1, -1], ['1', '2'])
    """
    kind = values.dtype
    if isinstance(kind, pd.CategoricalDtype):
        labels = [label_of(value) for value in kind.categories]
        numeric = pd.api.types.is_numeric_dtype(kind.categories.dtype)
        codes = np.asarray(values.cat.codes, dtype=np.int64)
        return _merged(codes, labels, named, numeric=numeric)
    if pd.api.types.is_bool_dtype(kind) and not values.hasnans:
        flags = values.to_numpy(dtype=bool).astype(np.int64)
        return _merged(flags, ["false", "true"], named, numeric=False)
    numeric = pd.api.types.is_numeric_dtype(kind) and not pd.api.types.is_bool_dtype(kind)
    if numeric and not pd.api.types.is_complex_dtype(kind):
        return _numbers(values, named)
    try:
        codes, found = pd.factorize(values)
    except TypeError as fault:
        raise _no_categories(str(values.name)) from fault
    labels = [label_of(value) for value in found]
    return _merged(np.asarray(codes, dtype=np.int64), labels, named, numeric=False)


def _no_categories(name: str) -> WeightError:
    return WeightError.of(
        "categories-unclear",
        f"Giá trị của cột “{name}” là danh sách, không phải hạng mục.",
        f"Column “{name}” holds lists, which are no categories.",
        "Tách thành mỗi lựa chọn một cột 0/1.",
        "Split it into one column of 0 and 1 per choice.",
        column=name,
    )


def interaction(columns: Sequence[Coded]) -> Coded:
    """Return the combinations that occur; missing in one column, missing in all."""
    joint = columns[0]
    for further in columns[1:]:
        first, second = joint.codes, further.codes
        width = len(further.labels)
        key = np.where((first < 0) | (second < 0), -1, first * width + second)
        kept, dense = present(key, len(joint.labels) * width)
        labels = [f"{joint.labels[own // width]}*{further.labels[own % width]}" for own in kept]
        joint = Coded(dense, np.append(np.arange(len(kept)), -1), labels)
    return joint


def present(codes: Integers, size: int) -> tuple[list[int], Integers]:
    """Return the codes that occur (-1 left out), ascending, and each row's place among them."""
    if size > max(_SPAN, 4 * codes.size):
        kept, dense = np.unique(codes, return_inverse=True)
        shift = int(kept.size > 0 and kept[0] < 0)
        return kept[shift:].tolist(), np.asarray(dense - shift, dtype=np.int64)
    held = _occurring(codes, size)
    place = np.append(np.cumsum(held) - 1, -1)
    return np.flatnonzero(held).tolist(), np.asarray(place[codes], dtype=np.int64)


def _occurring(codes: Integers, size: int) -> NDArray[np.bool_]:
    held = np.zeros(size + 1, dtype=bool)
    held[codes] = True
    return held[:-1]


def _numbers(values: pd.Series, named: Collection[str]) -> Coded:
    if pd.api.types.is_integer_dtype(values.dtype) and isinstance(values.dtype, np.dtype):
        return _whole(values.to_numpy(dtype=np.int64), None, named)
    numbers = values.to_numpy(dtype=np.float64, na_value=np.nan)
    gone = np.isnan(numbers)
    filled = np.where(gone, 0.0, numbers) if gone.any() else numbers
    if np.isfinite(filled).all() and np.abs(filled).max(initial=0.0) < 2**53:
        whole = filled.astype(np.int64)
        if (whole == filled).all():
            return _whole(whole, gone if gone.any() else None, named)
    codes, found = pd.factorize(numbers)
    labels = [label_of(value) for value in found]
    return _merged(np.asarray(codes, dtype=np.int64), labels, named, numeric=True)


def _whole(numbers: Integers, gone: NDArray[np.bool_] | None, named: Collection[str]) -> Coded:
    if not numbers.size:
        return Coded(numbers, np.array([-1], dtype=np.int64), [])
    least, most = int(numbers.min()), int(numbers.max())
    if most - least > _SPAN:
        if gone is not None:
            numbers = np.where(gone, least, numbers)
        found, codes = np.unique(numbers, return_inverse=True)
        codes, values = np.asarray(codes, dtype=np.int64), found.tolist()
    else:
        # Small codes are positions as they are.
        least = 0 if 0 <= least <= _SPAN // 100 else least
        codes, values = numbers - least if least else numbers, list(range(least, most + 1))
    if gone is not None:
        codes = np.where(gone, -1, codes)
    return _merged(codes, values, named, numeric=True)


def _merged(
    raw: Integers, values: Sequence[object], named: Collection[str], *, numeric: bool
) -> Coded:
    """Bring equal labels together, take empty ones as missing, drop those without a row."""
    place = np.full(len(values) + 1, -1, dtype=np.int64)
    kept: dict[str, int] = {}
    for code in np.flatnonzero(_occurring(raw, len(values))).tolist():
        label = str(values[code])
        gone = not label or (numeric and label.startswith("-") and label not in named)
        if not gone:
            place[code] = kept.setdefault(label, len(kept))
    return Coded(raw, place, list(kept))
