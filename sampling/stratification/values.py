"""The values to be cut, the strata that cuts make of them, and what a cv then takes.

A cut is the least value of the upper stratum: stratum h holds the units with
boundary[h − 1] ≤ x < boundary[h], so equal values are never parted.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Literal, TypeAlias

import numpy as np
from numpy.typing import ArrayLike, NDArray

from intake.findings import DesignError

Row: TypeAlias = NDArray[np.float64]
Allocation: TypeAlias = Literal["neyman", "power"]


@dataclass(frozen=True)
class Strata:
    """Strata of a numeric variable, from the least values to the largest.

    Shapes (L,) but for ``boundaries``, (L − 1,), each the least value of the stratum above
    it. ``sds`` divide by N_h − 1. With a ``target`` cv, ``takes`` are whole numbers (each
    rounded up, at least 2 or all), ``n`` their sum, ``n_exact`` the size in fractions that
    was minimised, ``cv`` the one that the takes bring for the mean of the variable;
    without one they are empty, 0 and nan. ``proven`` is True where all possible cuts were
    tried.
    """

    boundaries: Row
    counts: NDArray[np.int64]
    means: Row
    sds: Row
    takes: NDArray[np.int64]
    n: int
    n_exact: float
    cv: float
    target: float | None
    method: str
    proven: bool = False

    def assign(self, x: ArrayLike) -> NDArray[np.int64]:
        """Return the place of each value's stratum, 0 … L − 1."""
        numbers = read(x)
        return np.searchsorted(self.boundaries, numbers, side="right").astype(np.int64)


@dataclass(frozen=True)
class Values:
    """The distinct values in order, shape (D,), with how many units have each."""

    distinct: Row
    counts: NDArray[np.int64]

    @cached_property
    def sums(self) -> tuple[Row, Row, Row]:
        """Running counts, sums and sums of squares about the mean, shape (D + 1,)."""
        shifted = self.distinct - self.mean
        columns = (np.ones_like(shifted), shifted, shifted**2)
        one, two, three = (
            np.concatenate([[0.0], np.cumsum(self.counts * column)]) for column in columns
        )
        return one, two, three

    @cached_property
    def mean(self) -> float:
        """The mean of all units."""
        return float((self.distinct * self.counts).sum() / self.counts.sum())

    def describe(self, cuts: NDArray[np.int64]) -> tuple[Row, Row, Row]:
        """Return counts, totals and S² of the strata; cuts (…, L − 1) are places in 1 … D − 1."""
        shape = (*cuts.shape[:-1], 1)
        ends = np.concatenate(
            [np.zeros(shape, np.int64), cuts, np.full(shape, len(self.distinct))], axis=-1
        )
        n, first, second = (np.diff(running[ends], axis=-1) for running in self.sums)
        squares = np.maximum(second - first**2 / n, 0.0)
        # What cancellation leaves of a stratum with one value is no spread.
        squares[np.diff(ends, axis=-1) == 1] = 0.0
        return n, first + n * self.mean, squares / np.maximum(n - 1, 1)


def read(x: ArrayLike) -> Row:
    """Return the values as a row of finite numbers."""
    try:
        given = np.asarray(x)
        numbers = given.astype(np.float64) if given.dtype.kind not in "USb" else np.full(1, np.nan)
    except (TypeError, ValueError):
        numbers = np.full(1, np.nan)
    wrong = np.flatnonzero(~np.isfinite(numbers)) if numbers.ndim == 1 else np.zeros(1, int)
    if len(wrong) or not numbers.size:
        at = int(wrong[0]) + 1 if len(wrong) else 1
        raise refusal(
            "stratification-values-invalid",
            f"Biến phân tầng phải là một dãy số hữu hạn; giá trị thứ {at} không phải.",
            f"The variable must be a row of finite numbers; value {at} is none.",
            "Bổ sung hoặc bỏ đơn vị thiếu giá trị.",
            "Fill in the units that lack a value, or leave them out.",
            "x",
        )
    return numbers


def distinct(x: ArrayLike, strata: int) -> Values:
    """Return the values to cut, if they can be cut into that many strata."""
    numbers = read(x)
    if isinstance(strata, bool) or strata != int(strata) or strata < 2:
        raise refusal(
            "stratification-count-invalid",
            f"Số tầng là {strata}, phải là số nguyên từ 2.",
            f"The number of strata is {strata}; it must be a whole number, at least 2.",
            "Chọn từ 2 đến 6 tầng.",
            "Choose 2 to 6 strata.",
            "strata",
        )
    values, counts = np.unique(numbers, return_counts=True)
    if len(values) < strata:
        raise refusal(
            "stratification-too-few-values",
            f"Chỉ có {len(values)} giá trị khác nhau, không đủ cho {strata} tầng.",
            f"There are {len(values)} different values, too few for {strata} strata.",
            f"Chia nhiều nhất {len(values)} tầng.",
            f"Make at most {len(values)} strata.",
            "strata",
        )
    return Values(values, counts.astype(np.int64))


def check_cv(cv: float, mean: float) -> float:
    """Return a cv between 0 and 1, of a mean that is not zero."""
    if not isinstance(cv, int | float) or not 0 < cv < 1 or mean == 0:
        raise refusal(
            "stratification-cv-invalid",
            f"cv = {cv}, phải nằm giữa 0 và 1, và trung bình ({mean:g}) phải khác 0.",
            f"The cv is {cv}; it must lie between 0 and 1, and the mean ({mean:g}) not be 0.",
            "Thường dùng 0,01 đến 0,1.",
            "Usual are 0.01 to 0.1.",
            "cv",
        )
    return cv


def refusal(code: str, vi: str, en: str, advice_vi: str, advice_en: str, path: str) -> DesignError:
    """Return the refusal of one argument."""
    return DesignError.of(code, vi, en, advice_vi, advice_en, path=path)


def needed(
    values: Values,
    cuts: NDArray[np.int64],
    cv: float,
    allocation: Allocation,
    exponent: float,
    take_all: bool,
) -> Row:
    """Return the takes n_h, shape (…, L), that bring the cv of the mean, in fractions.

    n_h = f w_h, at least 2 and at most N_h, w_h = N_h S_h (Neyman) or (N_h mean_h)^q (power);
    f is the least with Σ N_h² S_h² / n_h ≤ (cv T)² + Σ N_h S_h². It lies between two of the
    values where a stratum reaches its floor or cap, and has a closed form there.
    """
    size, total, variance = values.describe(cuts)
    parts = size**2 * variance
    weight = np.sqrt(parts) if allocation == "neyman" else np.abs(total) ** exponent
    low, high = np.minimum(size, 2.0), size
    if take_all:
        low = np.concatenate([low[..., :-1], size[..., -1:]], axis=-1)
    bound = (cv * total.sum(-1)) ** 2 + (size * variance).sum(-1)
    safe = np.where(weight > 0, weight, np.inf)
    starts, ends = low / safe, high / safe
    points = np.sort(np.concatenate([starts, ends], axis=-1), axis=-1)
    takes = np.clip(points[..., :, None] * weight[..., None, :], low[..., None, :],
                    high[..., None, :])  # fmt: skip
    enough = (parts[..., None, :] / takes).sum(-1) <= bound[..., None] * (1 + 1e-12)
    at = np.argmax(enough, axis=-1)[..., None]
    point = np.take_along_axis(points, at, axis=-1)
    n = np.take_along_axis(takes, at[..., None], axis=-2)[..., 0, :]
    free = (starts < point) & (ends >= point) & (parts > 0)
    left = bound - np.where(free, 0.0, parts / n).sum(-1)
    with np.errstate(divide="ignore", invalid="ignore"):
        factor = np.where(free, parts / safe, 0.0).sum(-1) / left
        return np.where(free, np.clip(factor[..., None] * weight, low, high), n)


def made(
    values: Values,
    cuts: Sequence[int] | NDArray[np.int64],
    method: str,
    takes: Row | None = None,
    target: float | None = None,
    proven: bool = False,
) -> Strata:
    """Return the strata that cuts make, with whole takes and the cv they bring."""
    places = np.asarray(cuts, dtype=np.int64)
    size, total, variance = values.describe(places)
    whole = np.zeros(0, np.int64)
    reached, exact = float("nan"), 0.0
    if takes is not None:
        whole = np.minimum(np.ceil(takes - 1e-9), size).astype(np.int64)
        error = (size**2 * variance * (1 / whole - 1 / size)).sum()
        reached, exact = float(np.sqrt(max(error, 0.0)) / abs(total.sum())), float(takes.sum())
    return Strata(
        values.distinct[places],
        size.astype(np.int64),
        total / size,
        np.sqrt(variance),
        whole,
        int(whole.sum()),
        exact,
        reached,
        target,
        method,
        proven,
    )
