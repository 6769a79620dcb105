"""The columns that an estimate asks for, checked at the door.

A column holds one number per row. Answers that are missing are refused or left out, as the
caller says; they never become a number by themselves.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from analysis.choices import one_of
from analysis.stages import Flags, Floats
from analysis.tables import need_columns
from intake.findings import EstimationError, Finding, Words

# Bytes of whole numbers that are kept as they are.
_SMALL = 4
# Bytes of a number; from how many scattered columns on copying pays; rows copied at a time.
_WIDTH, _SEVERAL, _FEW = 8, 3, 4096


@dataclass(frozen=True, eq=False)
class Column:
    """One number per row; ``valid`` says which rows answered (None: all that are asked)."""

    name: str
    numbers: Floats
    valid: Flags | None = None


@dataclass(frozen=True, eq=False)
class Asked:
    """What a call asks in every domain.

    Quantity j is the total of ``over[j]``, or its ratio to the total of ``under[j]`` (None: of
    the rows that answered). ``combine`` (columns × quantities) makes fixed linear
    combinations of them. ``labels`` are pairs of quantity and category; ``shares`` says which
    lie between 0 and 1. ``rows`` leaves out the rows that do not count at all. Where ``over``
    holds squared distances from the mean of a domain, ``distances`` holds the distances: every
    replicate has a mean of its own.
    """

    labels: tuple[tuple[str, str | None], ...]
    over: tuple[Column, ...]
    under: tuple[Column | None, ...] | None
    shares: Flags
    combine: Floats | None = None
    rows: Flags | None = None
    distances: tuple[Column, ...] | None = None

    @property
    def quantities(self) -> int:
        """How many quantities come out in each domain."""
        return len(self.over) if self.combine is None else self.combine.shape[1]

    @property
    def plain(self) -> bool:
        """Whether quantities are means or totals of columns, so that squares tell their spread."""
        return self.combine is None and not any(self.under or ())

    def rows_that_answered(self) -> list[Flags | None]:
        """Return for each quantity the rows that count for it (None: all that are asked)."""
        own = [column.valid for column in self.over]
        if self.combine is None:
            return own
        found: list[Flags | None] = []
        for quantity in range(self.combine.shape[1]):
            parts = [own[at] for at in np.flatnonzero(self.combine[:, quantity])]
            given = [part for part in parts if part is not None]
            found.append(np.logical_or.reduce(given) if len(given) == len(parts) else None)
        return found


def listed(items: str | Sequence[str]) -> list[str]:
    """Return one name or several as a list.

    Raises
    ------
    EstimationError
        ``items-unclear`` where there is no name, or something that cannot be one.
    """
    alone = isinstance(items, str) or not isinstance(items, Iterable)
    names: list[Any] = [items] if alone else list(items)
    if not names or isinstance(items, Mapping) or any(not _nameable(name) for name in names):
        raise EstimationError.of(
            "items-unclear",
            f"Không rõ cột nào: {items!r}.",
            f"It is not clear which columns: {items!r}.",
            "Ghi một tên cột, hoặc danh sách tên cột.",
            "Give the name of a column, or a list of names.",
        )
    return names


def _nameable(name: object) -> bool:
    return name is not None and isinstance(name, Hashable)


def numeric(data: pd.DataFrame, name: str) -> Floats:
    """Return a column of numbers (or of true and false), missing as NaN.

    Raises
    ------
    EstimationError
        ``item-not-numeric``.
    """
    series: Any = data[name]
    if series.ndim > 1:
        raise EstimationError.of(
            "column-repeated",
            f"Có nhiều cột “{name}”.",
            f"There are several columns “{name}”.",
            "Đặt tên khác nhau cho các cột.",
            "Give the columns different names.",
            column=name,
        )
    dtype = series.dtype
    numbers = pd.api.types.is_numeric_dtype(dtype) or pd.api.types.is_bool_dtype(dtype)
    if not numbers or pd.api.types.is_complex_dtype(dtype):
        text = pd.api.types.is_object_dtype(dtype) or pd.api.types.is_string_dtype(dtype)
        kind = Words("chữ", "text") if text else Words(f"kiểu {dtype}", f"values of kind {dtype}")
        raise EstimationError.of(
            "item-not-numeric",
            f"Cột “{name}” là {kind.vi}.",
            f"Column “{name}” holds {kind.en}.",
            "Cần số thực, hoặc đúng/sai; dùng estimate.share cho câu trả lời bằng chữ.",
            "Real numbers are needed, or true and false; use estimate.share for answers in words.",
            column=name,
        )
    if isinstance(dtype, np.dtype) and dtype.kind in "iu" and dtype.itemsize <= _SMALL:
        # Small whole numbers are exact as they are, and take an eighth of the memory.
        return np.asarray(series.to_numpy())
    return np.asarray(series.to_numpy(dtype=np.float64, na_value=np.nan))


def laid_out(columns: Sequence[Column]) -> tuple[Column, ...]:
    """Return columns whose numbers lie side by side in memory.

    A table may hold its columns as one matrix of rows; going through one of them then
    reads all the others as well. They are copied once, a few rows at a time.
    """
    apart = [at for at, column in enumerate(columns) if column.numbers.strides[0] > _WIDTH]
    if len(apart) < _SEVERAL:
        return tuple(columns)
    rows = columns[0].numbers.size
    copied = np.empty((len(apart), rows))
    for start in range(0, rows, _FEW):
        piece = slice(start, start + _FEW)
        for place, at in enumerate(apart):
            copied[place, piece] = columns[at].numbers[piece]
    found = list(columns)
    for place, at in enumerate(apart):
        found[at] = Column(columns[at].name, copied[place], columns[at].valid)
    return tuple(found)


def numeric_columns(
    data: pd.DataFrame, names: Sequence[str], member: Flags, missing: str
) -> tuple[tuple[Column, ...], Flags | None]:
    """Return columns of numbers, and the rows that count (None: all members).

    With ``missing="drop"`` a row counts where it has every column of the call; with ``"fail"``
    gaps are looked for later, in the sums, which costs nothing when there are none.
    """
    check_missing(missing)
    need_columns(data, names, "item-missing-column")
    columns = laid_out([Column(name, numeric(data, name)) for name in names])
    if missing == "fail":
        return columns, None
    rows = np.array(member)
    for column in columns:
        if column.numbers.dtype.kind != "f":
            continue
        known = ~np.isnan(column.numbers)
        rows &= known
        if np.isinf(column.numbers).any():
            refuse_gaps([Column(column.name, column.numbers, known)], member)
    return columns, None if np.array_equal(rows, member) else rows


def refuse_gaps(columns: Sequence[Column], member: Flags) -> None:
    """Refuse members without an answer, with their number in each column."""
    findings = []
    for column in columns:
        gaps = member & ~np.isfinite(column.numbers)
        if column.valid is not None:
            gaps &= column.valid
        if not gaps.any():
            continue
        first = int(np.flatnonzero(gaps)[0]) + 1
        infinite = bool(np.isinf(column.numbers[gaps]).any())
        findings.append(
            Finding(
                "answers-infinite" if infinite else "answers-missing",
                Words(
                    f"Thiếu câu trả lời ở: {column.name} ({int(gaps.sum())}).",
                    f"Answers are missing in: {column.name} ({int(gaps.sum())}).",
                )
                if not infinite
                else Words(
                    f"Cột {column.name} có giá trị vô hạn.",
                    f"Column {column.name} holds an infinite value.",
                ),
                Words(
                    "Dùng missing='drop' nếu chỉ tính các dòng có trả lời.",
                    "Use missing='drop' to count the rows with answers alone.",
                ),
                row=first,
                column=column.name,
            )
        )
    if findings:
        raise EstimationError(findings)


def category_columns(
    data: pd.DataFrame, names: Sequence[str], member: Flags, missing: str
) -> tuple[tuple[tuple[str, str], ...], tuple[Column, ...], Flags | None]:
    """Return labels and a 0/1 column for each category of each item, and the rows that count.

    A 0/1 or boolean item gives the share of 1 alone.
    """
    check_missing(missing)
    need_columns(data, names, "item-missing-column")
    rows = np.array(member)
    for name in names:
        rows &= data[name].notna().to_numpy(dtype=bool)
    if missing == "fail" and not np.array_equal(rows, member):
        gaps = [
            Column(name, np.where(data[name].notna().to_numpy(dtype=bool), 0.0, np.nan))
            for name in names
        ]
        refuse_gaps(gaps, member)
    labels: list[tuple[str, str]] = []
    columns: list[Column] = []
    for name in names:
        code, found = factorized(name, data[name].where(rows) if not rows.all() else data[name])
        values = list(found)
        binary = set(values) <= {0, 1} and not any(isinstance(value, str) for value in values)
        for position in _in_order(values):
            value = values[position]
            if binary and int(value) != 1:
                continue
            labels.append((name, _label(value, binary)))
            columns.append(Column(name, (code == position).astype(np.float64)))
        if binary and 1 not in values:
            labels.append((name, "1"))
            columns.append(Column(name, np.zeros(len(data))))
    return tuple(labels), tuple(columns), None if np.array_equal(rows, member) else rows


def factorized(name: str, values: pd.Series, sort: bool = False) -> tuple[Any, Any]:
    """Return codes and values as `pandas.factorize`; refuse what cannot be a category.

    Raises
    ------
    EstimationError
        ``categories-unclear`` where values are lists, complex numbers and the like.
    """
    try:
        if pd.api.types.is_complex_dtype(values.dtype):
            raise TypeError(name)
        return pd.factorize(values, sort=sort)
    except TypeError as fault:
        raise EstimationError.of(
            "categories-unclear",
            f"Giá trị của cột “{name}” không thể là hạng mục (danh sách, số phức…).",
            f"The values of column “{name}” cannot be categories (lists, complex numbers "
            "and the like).",
            "Tách danh sách thành mỗi lựa chọn một cột 0/1.",
            "Split a list into one column of 0 and 1 per choice.",
            column=name,
        ) from fault


def counted_columns(
    data: pd.DataFrame, names: Sequence[str], member: Flags, missing: str
) -> tuple[tuple[tuple[str, str | None], ...], tuple[Column, ...], Flags | None]:
    """Return what can be added up: columns of numbers, and 0/1 columns of items in words."""
    need_columns(data, names, "item-missing-column")
    kinds = {name: data[name].dtype for name in names}
    words = [
        name
        for name, kind in kinds.items()
        if isinstance(kind, pd.CategoricalDtype) or pd.api.types.is_string_dtype(kind)
    ]
    numbers = [name for name in kinds if name not in words]
    columns, rows = numeric_columns(data, numbers, member, missing) if numbers else ((), None)
    if not words:
        return tuple((name, None) for name in names), columns, rows
    counted, flags, also = category_columns(data, words, member, missing)
    parts: dict[str, list[tuple[tuple[str, str | None], Column]]] = {name: [] for name in names}
    for column in columns:
        parts[column.name].append(((column.name, None), column))
    for label, column in zip(counted, flags, strict=True):
        parts[column.name].append((label, column))
    together = [part for name in names for part in parts[name]]
    given = [part for part in (rows, also) if part is not None]
    return (
        tuple(label for label, _ in together),
        tuple(column for _, column in together),
        np.logical_and.reduce(given) if given else None,
    )


def check_missing(missing: str) -> None:
    """Refuse a word other than fail and drop."""
    one_of("missing-unknown", "missing", missing, ("fail", "drop"))


def _in_order(values: Sequence[Any]) -> list[int]:
    return sorted(
        range(len(values)),
        key=lambda at: (1, str(values[at])) if isinstance(values[at], str) else (0, values[at]),
    )


def _label(value: object, binary: bool) -> str:
    if binary:
        return "1"
    if isinstance(value, float | np.floating) and float(value).is_integer():
        return str(int(value))
    return str(value)
