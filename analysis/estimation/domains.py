"""Which rows belong to which domain: the categories of one variable, or of several crossed."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np
import pandas as pd

from analysis.estimation.columns import factorized, listed
from analysis.stages import Flags, Integers, compressed
from intake.findings import Finding, Words


def categories_of(
    data: pd.DataFrame, names: Sequence[str], member: Flags
) -> tuple[Integers, list[tuple[Any, ...]]]:
    """Return the category of each row (-1 where a value is missing) and their labels in order."""
    if not names:
        return np.zeros(len(data), dtype=np.int64), [()]
    whole = bool(member.all())
    joint: Integers = np.zeros(len(data), dtype=np.int64)
    known = np.array(member)
    levels: list[list[Any]] = []
    for name in names:
        series = data[name] if whole else data[name].where(member)
        code, uniques = factorized(name, series, sort=True)
        found = np.asarray(code, dtype=np.int64)
        known &= found >= 0
        levels.append(list(uniques))
        joint = joint * max(len(uniques), 1) + found if len(levels) > 1 else found
    if len(names) == 1 and known.all():
        return joint, [(value,) for value in levels[0]]
    size = int(np.prod([max(len(level), 1) for level in levels]))
    present, position = compressed(joint[known], size)
    category = np.full(len(data), -1, dtype=np.int64)
    category[known] = position
    return category, [_label(int(key), levels) for key in present]


def groupings(by: Sequence[Any] | str | None) -> list[list[str]]:
    """Return the domain variables of a call as lists of names; an empty list is everyone."""
    if by is None:
        return [[]]
    parts = [by] if isinstance(by, str) or not isinstance(by, Iterable) else list(by)
    if not parts:
        return [[]]
    if not any(isinstance(part, list | tuple) for part in parts):
        return [listed(parts)]
    return [listed(part) if isinstance(part, str) or part else [] for part in parts]


def unplaced(names: Sequence[str], missing: int) -> list[Finding]:
    """Report the rows that miss a value of a domain variable."""
    if not missing:
        return []
    together = ", ".join(names)
    return [
        Finding(
            "domain-value-missing",
            Words(
                f"{missing} dòng thiếu giá trị của {together}, không thuộc nhóm nào.",
                f"{missing} rows miss a value of {together} and belong to no domain.",
            ),
            Words("Các dòng này vẫn tính trong kết quả chung.", "They count in the whole."),
            severity="warning",
            column=together,
        )
    ]


def _label(key: int, levels: Sequence[Sequence[Any]]) -> tuple[Any, ...]:
    label: list[Any] = []
    for level in reversed(levels[1:]):
        label.append(level[key % len(level)])
        key //= len(level)
    label.append(levels[0][key])
    return tuple(reversed(label))
