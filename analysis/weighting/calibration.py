"""Weights that reproduce known population counts: post-stratification and raking.

A margin is a column, or an interaction of columns written ``a*b``, with the population count
of each of its categories. Raking scales the weights to one margin after the other until all
hold. Counts and weights are in persons.

Responses whose margin value is missing (the question was not answered) keep their place: they
are a category of their own, whose target is the margin's total times the weighted share of
the missing before calibration,

    T'_c = T_c · Σ_known w / Σ_all w,     T'_missing = T · Σ_missing w / Σ_all w,

so that they neither drop out nor push the known categories away from their proportions.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from analysis.cells import indicator
from analysis.design import SurveyDesign
from analysis.weighting.diagnostics import Floats, checked_weights
from intake.findings import Faults, Finding, WeightError, Words

TOLERANCE = 1e-9
ROUNDS = 1000
_SWEEPS = 10
_TOTALS_AGREE = 1e-6

Targets = Mapping[str, Mapping[str, float]]


@dataclass(frozen=True, eq=False)
class Margin:
    """A calibration margin ready for use: the category of each row and its target."""

    name: str
    labels: tuple[str, ...]
    category: NDArray[np.int64]
    targets: Floats


@dataclass(frozen=True, eq=False)
class CalibrationStep:
    """What a calibration did: its margins, the weights before, the weights after."""

    method: str
    margins: tuple[Margin, ...]
    before: Floats
    after: Floats

    def residuals(self, scores: Floats) -> Floats:
        """Return scores less their mean in each category of each margin, in turn.

        What is constant within the categories is certain once their counts are. With
        several margins the means are taken out ten times over, as R survey does.

        References
        ----------
        Deville, J.-C., Särndal, C.-E., Sautory, O. (1993). Generalized raking procedures in
        survey sampling. Journal of the American Statistical Association 88, 1013-1020.
        """
        weights = self.after[:, None]
        share = self.before if len(self.margins) == 1 else np.ones_like(self.before)
        left = scores / weights
        for _ in range(1 if len(self.margins) == 1 else _SWEEPS):
            for margin in self.margins:
                gather = indicator(margin.category, len(margin.targets))
                held = np.asarray(gather @ share)
                means = np.asarray(gather @ (left * share[:, None]))
                means /= np.where(held > 0, held, 1.0)[:, None]
                left = left - means[margin.category]
        return np.asarray(left * weights)


def rake(
    design: SurveyDesign,
    margins: Targets,
    *,
    tolerance: float = TOLERANCE,
    rounds: int = ROUNDS,
) -> SurveyDesign:
    """Return the design with weights that reproduce every margin.

    Raises
    ------
    WeightError
        The faults of `prepare_margins`, and ``raking-not-converged``.

    Examples
    --------
    >>> table = pd.DataFrame({"w": [1.0, 1.0, 1.0], "sex": [1, 2, 2], "urban": [1, 1, 0]})
    >>> design = SurveyDesign(table, weights="w")
    >>> targets = {"sex": {"1": 40, "2": 60}, "urban": {"0": 30, "1": 70}}
    >>> rake(design, targets).weights.round(3).tolist()
    [40.0, 30.0, 30.0]
    """
    before = checked_weights(design.weights)
    prepared = prepare_margins(design.data, before, margins)
    after = raked(before, prepared, tolerance=tolerance, rounds=rounds)
    return design.reweighted(after, CalibrationStep("raking", prepared, before, after))


def poststratify(
    design: SurveyDesign,
    by: str | Sequence[str],
    targets: Mapping[str, float] | Mapping[tuple[str, ...], float],
) -> SurveyDesign:
    """Return the design with weights that reproduce the count of each post-stratum.

    ``by`` is a column, or columns whose combinations are the keys (tuples) of ``targets``.
    Errors are those of `rake`.
    """
    columns = [by] if isinstance(by, str) else list(by)
    flat: dict[str, float] = {}
    for key, count in targets.items():
        parts = key if isinstance(key, tuple) else (key,)
        flat["*".join(str(part) for part in parts)] = float(count)
    before = checked_weights(design.weights)
    prepared = prepare_margins(design.data, before, {"*".join(columns): flat})
    after = raked(before, prepared, rounds=2)
    return design.reweighted(after, CalibrationStep("poststratification", prepared, before, after))


def prepare_margins(data: pd.DataFrame, weights: Floats, margins: Targets) -> tuple[Margin, ...]:
    """Match the rows of a table with the categories of every margin.

    Raises
    ------
    WeightError
        All faults at once: ``margin-column-missing``, ``margin-count-negative``,
        ``margin-category-unknown`` (rows of a category without a target),
        ``margin-category-empty`` (a target above zero without a response),
        ``margin-totals-differ`` with the totals.
    """
    faults = Faults("calibrate.margins")
    prepared = [_margin(data, weights, name, counts, faults) for name, counts in margins.items()]
    found = tuple(margin for margin in prepared if margin is not None)
    totals = {name: float(sum(counts.values())) for name, counts in margins.items()}
    if totals:
        largest, smallest = max(totals.values()), min(totals.values())
        if largest - smallest > _TOTALS_AGREE * max(largest, 1.0):
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
    faults.raise_as(WeightError)
    return found


def raked(
    weights: Floats,
    margins: Sequence[Margin],
    *,
    tolerance: float = TOLERANCE,
    rounds: int = ROUNDS,
) -> Floats:
    """Scale weights to each margin in turn until the largest relative error is small enough."""
    current = np.array(weights, dtype=np.float64)
    for _ in range(rounds):
        for margin in margins:
            sums = np.bincount(margin.category, weights=current, minlength=len(margin.targets))
            with np.errstate(divide="ignore", invalid="ignore"):
                factor = np.where(sums > 0, margin.targets / sums, 1.0)
            current = current * factor[margin.category]
        if margin_error(current, margins) <= tolerance:
            return current
    worst = max(margins, key=lambda margin: margin_error(current, [margin]))
    error = margin_error(current, margins)
    raise WeightError(
        Finding(
            "raking-not-converged",
            Words(
                f"Hiệu chỉnh không hội tụ sau {rounds} vòng; biên “{worst.name}” còn lệch "
                f"{100 * error:.4g} %.",
                f"Raking did not converge in {rounds} rounds; margin “{worst.name}” is still "
                f"{100 * error:.4g} % off.",
            ),
            Words(
                "Các biên mâu thuẫn trên các nhóm có người trả lời; hãy gộp nhóm hoặc bỏ bớt biên.",
                "The margins contradict each other over the groups that answered; "
                "merge categories or leave a margin out.",
            ),
        )
    )


def margin_error(weights: Floats, margins: Sequence[Margin]) -> float:
    """Return the largest relative distance of weighted counts from their targets."""
    worst = 0.0
    for margin in margins:
        sums = np.bincount(margin.category, weights=weights, minlength=len(margin.targets))
        wanted = margin.targets > 0
        if wanted.any():
            error = np.abs(sums[wanted] / margin.targets[wanted] - 1)
            worst = max(worst, float(error.max()))
    return worst


def _margin(
    data: pd.DataFrame,
    weights: Floats,
    name: str,
    counts: Mapping[str, float],
    faults: Faults,
) -> Margin | None:
    columns = [part.strip() for part in name.split("*")]
    absent = [column for column in columns if column not in data.columns]
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
    labels, missing = _labels(data, columns)
    targets = {_key(key): float(count) for key, count in counts.items()}
    negative = [key for key, count in targets.items() if not (np.isfinite(count) and count >= 0)]
    present = set(labels[~missing])
    unknown = sorted(present - set(targets))
    empty = sorted(key for key, count in targets.items() if count > 0 and key not in present)
    struck = sorted(key for key in present & set(targets) if targets[key] == 0)
    for code, keys, vi, en, advice in (
        (
            "margin-count-negative",
            negative,
            "số dân không hợp lệ",
            "have no possible count",
            Words("Mỗi nhóm cần số dân từ 0 trở lên.", "Give each category a count of 0 or more."),
        ),
        (
            "margin-category-unknown",
            unknown,
            "có người trả lời mà không có số dân",
            "hold responses and have no target",
            Words("Thêm số dân của các nhóm này vào biên.", "Add their counts to the margin."),
        ),
        (
            "margin-category-empty",
            empty,
            "không có người trả lời",
            "have no response",
            Words("Gộp các nhóm này với nhóm lân cận.", "Merge them with a neighbouring category."),
        ),
        (
            "margin-category-zero",
            struck,
            "có người trả lời mà số dân bằng 0",
            "hold responses and have a target of 0",
            Words("Sửa số dân hoặc gộp nhóm.", "Mend the count or merge the category."),
        ),
    ):
        if keys:
            listed = ", ".join(f"“{key}”" for key in keys[:20])
            faults.add(
                code,
                Words(
                    f"Biên “{name}”: các nhóm {listed} {vi}.",
                    f"Margin “{name}”: categories {listed} {en}.",
                ),
                advice,
                column=name,
            )
    if negative or unknown or empty or struck:
        return None
    kept = [key for key in targets if targets[key] > 0]
    position = {key: index for index, key in enumerate(kept)}
    category = np.array(
        [
            len(kept) if gone else position[label]
            for label, gone in zip(labels, missing, strict=True)
        ],
        dtype=np.int64,
    )
    wanted = np.array([targets[key] for key in kept])
    if missing.any():
        share = float(weights[missing].sum() / weights.sum())
        wanted = np.append(wanted * (1 - share), wanted.sum() * share)
        kept.append("")
    return Margin(name, tuple(kept), category, wanted)


def _labels(data: pd.DataFrame, columns: Sequence[str]) -> tuple[np.ndarray, NDArray[np.bool_]]:
    missing = np.zeros(len(data), dtype=bool)
    parts: list[list[str]] = []
    for column in columns:
        values = data[column]
        gone = np.array(values.isna(), dtype=bool)
        if pd.api.types.is_numeric_dtype(values.dtype) and not pd.api.types.is_bool_dtype(
            values.dtype
        ):
            gone |= (values.fillna(-1) < 0).to_numpy(dtype=bool)
        else:
            gone |= (values.astype(str) == "").to_numpy(dtype=bool)
        missing |= gone
        parts.append([_key(value) for value in values])
    return np.array(["*".join(row) for row in zip(*parts, strict=True)], dtype=object), missing


def _key(value: object) -> str:
    """Return a category as text: 1, 1.0 and "1" are the same category."""
    if isinstance(value, bool | np.bool_):
        return "true" if value else "false"
    if isinstance(value, float | np.floating) and np.isfinite(value) and value == int(value):
        return str(int(value))
    return str(value).strip()
