"""What is to be ranked: values, their uncertainty, and what they have in common.

Every function of this package takes `Estimates`, a table with columns ``value`` and ``se``, or
plain sequences; here they become one checked object. Units without a value or without a
standard error stand against nobody and stay out of it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from analysis.estimation import Estimates
from analysis.inference.ranks.order import Flags, Floats
from intake.findings import EstimationError

# Beyond so many rows the covariances of estimates are not asked for, because the matrix over
# all of them and the clusters behind it would not fit; they then count as independent.
_COVARIANCE_ROWS = 500


@dataclass(frozen=True, eq=False)
class Values:
    """Values to be ranked: ``known`` says which have an uncertainty, the rest is for those.

    ``mean`` and ``se`` have length K, ``covariance`` is K × K or missing for independent
    values, ``df`` a number that all standard errors share, or one for each (infinite where
    the standard error is taken as known). ``units`` are the names that the input brings along.
    """

    value: Floats
    error: Floats
    known: Flags
    covariance: Floats | None
    df: float | Floats
    units: tuple[str, ...] | None = None

    @property
    def mean(self) -> Floats:
        """The values that are known."""
        return np.asarray(self.value[self.known])

    @property
    def se(self) -> Floats:
        """The standard errors of the values that are known."""
        return np.asarray(self.error[self.known])

    def label(self, names: Sequence[str] | None) -> list[str]:
        """Return the names of all units: given, brought along, or else 0-based positions."""
        if names is None and self.units is not None:
            return list(self.units)
        if names is None:
            return [str(k) for k in range(len(self.value))]
        if len(names) != len(self.value):
            raise refusal("ranks-names", f"{len(names)} / {len(self.value)}")
        found = [str(name) for name in names]
        _refuse_repeated(found)
        return found


def take(
    estimates: Estimates | pd.DataFrame | Sequence[float] | Floats,
    se: Sequence[float] | Floats | None,
    df: float | Sequence[float] | Floats | None,
    covariance: Floats | None,
    level: float = 0.95,
) -> Values:
    """Return checked values; `Estimates` bring degrees of freedom and covariance along."""
    if not 0 < level < 1:
        raise refusal("ranks-level", f"level={level!r}")
    value, error = _columns(estimates, se)
    if value.ndim != 1 or value.shape != error.shape:
        raise refusal("ranks-shape", f"{value.size} / {error.size}")
    below = np.flatnonzero(error < 0)
    if below.size:
        raise refusal("ranks-se-negative", str(int(below[0]) + 1))
    known = np.isfinite(value) & np.isfinite(error)
    units = _units(estimates)
    if isinstance(estimates, Estimates):
        if df is None:
            df = estimates.table["df"].to_numpy(dtype=np.float64)
        if covariance is None and 1 < known.sum() <= _COVARIANCE_ROWS:
            return Values(
                value,
                error,
                known,
                np.asarray(estimates.covariance(np.flatnonzero(known).tolist())),
                _freedom(df, known),
                units,
            )
    if covariance is not None:
        covariance = _checked(np.asarray(covariance, dtype=np.float64), error, known)
    return Values(value, error, known, covariance, _freedom(df, known), units)


def _units(
    estimates: Estimates | pd.DataFrame | Sequence[float] | Floats,
) -> tuple[str, ...] | None:
    """Return the names in a column ``unit``, or what tells rows of `Estimates` apart."""
    if isinstance(estimates, pd.DataFrame):
        if "unit" not in estimates.columns:
            return None
        named = tuple(str(name) for name in estimates["unit"])
        _refuse_repeated(named)
        return named
    if not isinstance(estimates, Estimates) or not len(estimates.table):
        return None
    keys = estimates.table[list(estimates.keys)]
    codes = {name: pd.factorize(keys[name])[0] for name in keys}
    telling = [name for name, code in codes.items() if (code != code[0]).any()] or list(keys)[:1]
    rows = zip(*(keys[name].tolist() for name in telling), strict=True)
    return tuple(", ".join(str(part) for part in row if not pd.isna(part)) for row in rows)


def _refuse_repeated(names: Sequence[str]) -> None:
    again = np.flatnonzero(pd.Index(names).duplicated())
    if again.size:
        row = int(again[0])
        raise refusal("ranks-unit-repeated", f"“{names[row]}”", row=row + 1)


def refusal(code: str, detail: str, row: int | None = None) -> EstimationError:
    """Return the refusal of input that cannot be ranked."""
    return EstimationError.of(
        code,
        f"Không tính được khoảng thứ hạng: {detail}.",
        f"Rank intervals cannot be computed: {detail}.",
        *_ADVICE.get(code, _ADVICE["ranks-shape"]),
        row=row,
    )


_ADVICE = {
    "ranks-shape": (
        "Cần giá trị và sai số chuẩn không âm cùng độ dài.",
        "Give values and standard errors (not negative) of one length.",
    ),
    "ranks-method": ("Hãy chọn một phương pháp trong danh sách.", "Choose a method of the list."),
    "ranks-level": (
        "Mức tin cậy nằm giữa 0 và 1, ví dụ 0.95.",
        "A confidence level lies between 0 and 1, such as 0.95.",
    ),
    "ranks-names": ("Cần một tên cho mỗi đơn vị.", "Give one name for each unit."),
    "ranks-unit-repeated": (
        "Hai đơn vị trùng tên; mỗi đơn vị chỉ có một dòng.",
        "Two units have this name; give each unit one row.",
    ),
    "ranks-se-absent": (
        "Ghi se= sai số chuẩn của từng giá trị; 0 chỉ khi giá trị là chắc chắn.",
        "Give se=, the standard error of each value; zero only where a value is certain.",
    ),
    "ranks-df": (
        "Cần một số bậc tự do lớn hơn 0, hoặc mỗi giá trị một số.",
        "Give one number of degrees of freedom above zero, or one for each value.",
    ),
    "ranks-covariance": (
        "Cần ma trận hiệp phương sai đối xứng, đường chéo bằng bình phương sai số chuẩn.",
        "Give a symmetric covariance matrix whose diagonal holds the squared standard errors.",
    ),
    "ranks-draws": (
        "Cần ít nhất 100 lần lấy mẫu mô phỏng.",
        "Give at least 100 draws.",
    ),
    "ranks-top": (
        "Mỗi k từ 1 đến số đơn vị.",
        "Each k lies between 1 and the number of units.",
    ),
    "ranks-thresholds": (
        "Các ngưỡng phải tăng dần; nếu ghi tên mức thì nhiều hơn số ngưỡng một.",
        "Thresholds must rise; band names, where given, are one more than the thresholds.",
    ),
}


def _columns(
    estimates: Estimates | pd.DataFrame | Sequence[float] | Floats,
    se: Sequence[float] | Floats | None,
) -> tuple[Floats, Floats]:
    if isinstance(estimates, Estimates):
        estimates = estimates.table
    if isinstance(estimates, pd.DataFrame):
        absent = [name for name in ("value", "se") if name not in estimates.columns]
        if absent:
            raise refusal("ranks-shape", ", ".join(absent))
        return (
            estimates["value"].to_numpy(dtype=np.float64),
            estimates["se"].to_numpy(dtype=np.float64),
        )
    value = np.asarray(estimates, dtype=np.float64)
    if se is None:
        raise refusal("ranks-se-absent", f"{value.size} / 0")
    return value, np.asarray(se, dtype=np.float64)


def _freedom(df: float | Sequence[float] | Floats | None, known: Flags) -> float | Floats:
    if df is None:
        return float("inf")
    given = np.asarray(df, dtype=np.float64)
    if given.ndim == 0:
        if not given > 0:
            raise refusal("ranks-df", str(df))
        return float(given)
    if given.shape != known.shape:
        raise refusal("ranks-df", f"{given.size} / {known.size}")
    # Without degrees of freedom a standard error says nothing, and the reach is infinite.
    kept: Floats = np.where(given > 0, given, 0.0)[known]
    return kept


def _checked(covariance: Floats, error: Floats, known: Flags) -> Floats:
    size = len(error)
    if covariance.shape != (size, size):
        raise refusal("ranks-covariance", f"{covariance.shape} / {size}")
    kept: Floats = covariance[np.ix_(known, known)]
    if not np.isfinite(kept).all():
        raise refusal("ranks-covariance", "NaN")
    scale = float(np.max(np.abs(kept), initial=0.0))
    apart = np.abs(np.diag(kept) - error[known] ** 2) > 1e-6 * max(scale, 1e-300)
    if np.abs(kept - kept.T).max(initial=0.0) > 1e-8 * scale or apart.any():
        where = int(np.flatnonzero(known)[np.flatnonzero(apart)[0]]) + 1 if apart.any() else 0
        raise refusal("ranks-covariance", f"{where}")
    return kept
