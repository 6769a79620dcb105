"""Which category of a margin each row belongs to, and how many people the category holds.

A margin is a column, or an interaction of columns written ``a*b``, with the population count
of each of its categories. This module matches rows with categories and refuses what cannot
hold; it changes no weight. Counts and weights are in persons.

Responses whose margin value is missing (the question was not answered) keep their place: they
are a category of their own, whose target is the margin's total times the weighted share of
the missing before calibration,

    T'_c = T_c · Σ_known w / Σ_all w,     T'_missing = T · Σ_missing w / Σ_all w,

so that they neither drop out nor push the known categories away from their proportions.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from analysis.weighting.columns import Coded, coded, interaction, label_of
from analysis.weighting.diagnostics import Floats
from intake.findings import Faults, WeightError, Words

TOTALS_AGREE = 1e-6

Integers = NDArray[np.int64]
Targets = Mapping[Any, Mapping[Any, float]]


@dataclass(frozen=True, eq=False)
class Margin:
    """A calibration margin ready for use: the category of each row and its target.

    The last category is that of the missing where ``has_missing``; its label is empty.
    """

    name: str
    labels: tuple[str, ...]
    category: Integers
    targets: Floats
    has_missing: bool = False

    def sums(self, weights: Floats) -> Floats:
        """Return the weighted count of each category."""
        return weighted_counts(self.category, weights, len(self.targets))

    def retargeted(self, weights: Floats) -> Margin:
        """Return the margin with the target of the missing as other weights have it."""
        if not self.has_missing:
            return self
        total = float(self.targets.sum())
        known = self.targets[:-1] * (total / self.targets[:-1].sum())
        share = float(self.sums(weights)[-1] / weights.sum())
        return replace(self, targets=np.append(known * (1 - share), total * share))


def weighted_counts(category: Integers, weights: Floats, categories: int) -> Floats:
    """Return the sum of the weights in each category."""
    sums = np.bincount(category, weights=weights, minlength=categories)
    return np.asarray(sums, dtype=np.float64)


def prepare_margins(
    data: pd.DataFrame, weights: Floats, margins: Targets, rows: Integers | None = None
) -> tuple[Margin, ...]:
    """Match the rows of a table with the categories of every margin.

    Parameters
    ----------
    data
        The table.
    weights
        One per row, or per row of ``rows``; they set the target of the missing.
    margins
        Population counts by margin and category; keys may be texts, numbers or tuples.
    rows
        The rows to match (positions); all of them when not given.

    Raises
    ------
    WeightError
        All faults at once: ``margin-column-missing``, ``margin-count-negative``,
        ``margin-category-unknown`` (rows of a category without a target),
        ``margin-category-empty`` (a target above zero without a response),
        ``margin-category-zero``, ``margin-totals-differ`` with the totals.
    """
    faults = Faults("calibrate.margins")
    keyed = {_name(name): _counts(name, counts) for name, counts in counted(margins).items()}
    prepared = [
        _margin(data, weights, name, counts, rows, faults) for name, counts in keyed.items()
    ]
    found = tuple(margin for margin in prepared if margin is not None)
    _need_one_total(keyed, faults)
    faults.raise_as(WeightError)
    return found


def margin_error(weights: Floats, margins: Sequence[Margin]) -> float:
    """Return the largest relative distance of weighted counts from their targets."""
    worst = 0.0
    for margin in margins:
        sums, wanted = margin.sums(weights), margin.targets > 0
        if wanted.any():
            error = np.abs(sums[wanted] / margin.targets[wanted] - 1)
            worst = max(worst, float(error.max()))
    return worst


def worst_category(weights: Floats, margins: Sequence[Margin]) -> tuple[str, str, float]:
    """Return margin, category and relative error of the count furthest from its target."""
    worst = ("", "", 0.0)
    for margin in margins:
        error = np.abs(margin.sums(weights) / np.maximum(margin.targets, 1e-300) - 1)
        error[margin.targets <= 0] = 0.0
        place = int(error.argmax())
        if error[place] > worst[2]:
            worst = (margin.name, margin.labels[place], float(error[place]))
    return worst


def _name(name: object) -> str:
    return "*".join(str(part) for part in name) if isinstance(name, tuple) else str(name)


def counted(given: object, column: str | None = None) -> dict[Any, Any]:
    """Return counts by category (or margins by column) as a dictionary; refuse other things."""
    if isinstance(given, Mapping | pd.Series):
        return dict(given)
    raise WeightError.of(
        "margin-form",
        f"Số dân phải ghi theo nhóm, ở đây là {given!r}.",
        f"Counts are given by category; here is {given!r}.",
        "Ví dụ {'nam': 480, 'nữ': 520}; với rake: {'gioi': {'nam': 480, 'nữ': 520}}.",
        "Such as {'m': 480, 'f': 520}; for rake: {'sex': {'m': 480, 'f': 520}}.",
        column=column,
    )


def _counts(name: object, counts: object) -> dict[str, float]:
    """Return counts by the text of their category: 1, 1.0 and "1" are one category."""
    keyed: dict[str, float] = {}
    for key, count in counted(counts, _name(name)).items():
        parts = key if isinstance(key, tuple) else (key,)
        try:
            number = float(count)
        except (TypeError, ValueError):
            number = float("nan")
        keyed["*".join(label_of(part) for part in parts)] = number
    return keyed


def _need_one_total(margins: Mapping[str, Mapping[str, float]], faults: Faults) -> None:
    totals = {name: float(sum(counts.values())) for name, counts in margins.items()}
    if not totals:
        return
    largest, smallest = max(totals.values()), min(totals.values())
    if not largest - smallest > TOTALS_AGREE * max(largest, 1.0):
        return
    listed = ", ".join(f"{name}: {total:,.0f}" for name, total in totals.items())
    faults.add(
        "margin-totals-differ",
        Words(
            f"Tổng của các biên khác nhau: {listed}.",
            f"The totals of the margins differ: {listed}.",
        ),
        Words(
            "Mọi biên phải mô tả cùng một dân số; hãy quy về cùng tổng.",
            "All margins must describe one population; bring them to one total.",
        ),
    )


def _margin(
    data: pd.DataFrame,
    weights: Floats,
    name: str,
    targets: dict[str, float],
    rows: Integers | None,
    faults: Faults,
) -> Margin | None:
    whole = [name] if name in data.columns else [part.strip() for part in name.split("*")]
    absent = [column for column in whole if column not in data.columns]
    for column in absent:
        faults.add(
            "margin-column-missing",
            Words(
                f"Không có cột “{column}” cho biên “{name}”.",
                f"There is no column “{column}” for margin “{name}”.",
            ),
            Words(
                "Hãy thêm cột vào bảng đơn vị hoặc sửa tên biên.",
                "Add it to the table of units, or mend the name of the margin.",
            ),
            column=column,
        )
    if absent:
        return None
    single = targets if len(whole) == 1 else _parts(targets, len(whole))
    columns = [data[column] if rows is None else data[column].iloc[rows] for column in whole]
    found = interaction([coded(column, single) for column in columns])
    if _category_faults(name, targets, found, rows, faults):
        return None
    kept = [key for key in targets if targets[key] > 0]
    position = {key: index for index, key in enumerate(kept)}
    place = np.array([position.get(label, -1) for label in found.labels], dtype=np.int64)
    category = found.looked_up(place, missing=len(kept))
    wanted = np.array([targets[key] for key in kept])
    missing = category == len(kept)
    has_missing = bool(missing.any())
    if has_missing:
        share = float(weights[missing].sum() / weights.sum())
        wanted = np.append(wanted * (1 - share), wanted.sum() * share)
        kept.append("")
    return Margin(name, tuple(kept), category, wanted, has_missing)


def _parts(targets: Mapping[str, float], columns: int) -> set[str]:
    split = [key.split("*") for key in targets]
    return {part for parts in split if len(parts) == columns for part in parts}


def without_weight(margin: Margin, empty: Integers) -> WeightError:
    """Return the refusal of categories (their positions) that hold no weight."""
    listed = ", ".join(f"“{margin.labels[int(place)]}”" for place in empty[:20])
    return WeightError.of(
        "margin-category-empty",
        f"Biên “{margin.name}”: các nhóm {listed} không có trọng số.",
        f"Margin “{margin.name}”: categories {listed} have no weight.",
        "Gộp các nhóm này với nhóm lân cận.",
        "Merge them with a neighbouring category.",
        column=margin.name,
    )


_FAULTS = {
    "margin-count-negative": (
        "số dân không hợp lệ",
        "have no possible count",
        Words("Mỗi nhóm cần số dân từ 0 trở lên.", "Give each category a count of 0 or more."),
    ),
    "margin-category-unknown": (
        "có người trả lời mà không có số dân",
        "hold responses and have no target",
        Words("Thêm số dân của các nhóm này vào biên.", "Add their counts to the margin."),
    ),
    "margin-category-empty": (
        "không có người trả lời",
        "have no response",
        Words("Gộp các nhóm này với nhóm lân cận.", "Merge them with a neighbouring category."),
    ),
    "margin-category-zero": (
        "có người trả lời mà số dân bằng 0",
        "hold responses and have a target of 0",
        Words("Sửa số dân hoặc gộp nhóm.", "Mend the count or merge the category."),
    ),
}


def _category_faults(
    name: str,
    targets: Mapping[str, float],
    coded_rows: Coded,
    rows: Integers | None,
    faults: Faults,
) -> bool:
    labels = coded_rows.labels
    present = set(labels)
    found = {
        "margin-count-negative": [
            key for key, count in targets.items() if not (np.isfinite(count) and count >= 0)
        ],
        "margin-category-unknown": sorted(present - set(targets)),
        "margin-category-empty": sorted(
            key for key, count in targets.items() if count > 0 and key not in present
        ),
        "margin-category-zero": sorted(key for key in present & set(targets) if targets[key] == 0),
    }
    for code, keys in found.items():
        if not keys:
            continue
        vi, en, advice = _FAULTS[code]
        listed = ", ".join(f"“{key}”" for key in keys[:20])
        row = None
        if code == "margin-category-unknown":
            own = int(np.flatnonzero(coded_rows.codes == labels.index(keys[0]))[0])
            row = own + 1 if rows is None else int(rows[own]) + 1
        faults.add(
            code,
            Words(
                f"Biên “{name}”: các nhóm {listed} {vi}.",
                f"Margin “{name}”: categories {listed} {en}.",
            ),
            advice,
            row=row,
            column=name,
        )
    return any(found.values())
