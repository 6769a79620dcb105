"""How likely each issued case was to answer, from what is known of all cases.

The propensity is the fitted probability of a logistic regression with base weights, made by
statsmodels. Columns that decide the answer alone are refused by name, since their propensity
of zero or one leaves some cases without anybody to stand for them.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from analysis.weighting.columns import Coded, coded, label_of
from analysis.weighting.diagnostics import Floats
from analysis.weighting.margins import Integers
from analysis.weighting.replicates import Rows
from intake.findings import WeightError

_FAR = 15.0


@dataclass(frozen=True, eq=False)
class Model:
    """The columns of a propensity model, ready for fitting: a constant comes first."""

    terms: tuple[str, ...]
    matrix: Floats
    categorical: tuple[tuple[str, Coded], ...]


def model_of(data: pd.DataFrame, terms: str | Sequence[str], rows: Rows) -> Model:
    """Read the columns of a model: names, or names joined by ``+``; ``C(x)`` is categorical.

    Names may stand in backquotes, as in the formulas of `analysis.models`.

    Raises
    ------
    WeightError
        ``propensity-column-missing``, ``propensity-missing`` with the row,
        ``propensity-empty``.
    """
    given = terms.split("+") if isinstance(terms, str) else terms
    names = tuple(name.strip().removeprefix("~").strip() for name in given)
    if not names or not all(names):
        raise WeightError.of(
            "propensity-empty",
            "Mô hình không có cột nào.",
            "The model has no columns.",
            "Ghi các cột, ví dụ model='region + age'.",
            "Give columns, such as model='region + age'.",
        )
    blocks, categorical = [], []
    length = len(np.arange(len(data))[rows])
    blocks.append(np.ones((length, 1)))
    for name in names:
        coded_by_hand = name.startswith("C(") and name.endswith(")")
        column = (name[2:-1] if coded_by_hand else name).strip().strip("`")
        values = _values(data, column, rows)
        kind = values.dtype
        numeric = pd.api.types.is_numeric_dtype(kind) and not pd.api.types.is_bool_dtype(kind)
        if numeric and not coded_by_hand:
            blocks.append(_standardised(values.to_numpy(dtype=np.float64))[:, None])
            continue
        found = coded(values, {label_of(value) for value in values.unique()})
        categorical.append((column, found))
        dummies = found.codes[:, None] == np.arange(1, len(found.labels))
        blocks.append(dummies.astype(np.float64))
    return Model(names, np.hstack(blocks), tuple(categorical))


def fitted(model: Model, answered: NDArray[np.bool_], weights: Floats) -> Floats:
    """Return the propensity of every case under these weights.

    Raises
    ------
    WeightError
        ``propensity-separates``, ``propensity-not-converged``.
    """
    import warnings

    from statsmodels.genmod.families import Binomial
    from statsmodels.genmod.generalized_linear_model import GLM

    used = weights > 0
    for name, column in model.categorical:
        _refuse_decided(name, column, answered, used)
    if answered[used].all():
        return np.ones(answered.size)
    scaled = weights[used] / weights[used].mean()
    with warnings.catch_warnings():
        # What statsmodels warns of is refused below, in words.
        warnings.simplefilter("ignore")
        fit = GLM(
            answered[used].astype(np.float64),
            model.matrix[used],
            family=Binomial(),
            freq_weights=scaled,
        ).fit(maxiter=100, tol=1e-12)
    linear = model.matrix @ np.asarray(fit.params, dtype=np.float64)
    if not np.isfinite(linear).all() or np.abs(linear[used]).max() > _FAR:
        raise _separates(", ".join(model.terms))
    if not fit.converged:
        raise WeightError.of(
            "propensity-not-converged",
            "Mô hình khả năng trả lời không hội tụ.",
            "The model of answering did not converge.",
            "Bớt cột, hoặc dùng classes.",
            "Leave columns out, or use classes.",
        )
    from scipy.special import expit

    return np.asarray(expit(linear))


def by_rank(propensity: Floats, groups: int) -> tuple[Integers, int]:
    """Return classes of nearly equal size by propensity; equal values stay together.

    Examples
    --------
    >>> by_rank(np.array([0.9, 0.1, 0.5, 0.4]), 2)[0].tolist()
    [1, 0, 1, 0]
    """
    if not (isinstance(groups, int) and groups >= 1):
        raise WeightError.of(
            "propensity-groups",
            f"Số nhóm {groups} không hợp lệ.",
            f"{groups} is not a number of groups.",
            "Ghi số nguyên từ 1 trở lên, hoặc None để dùng 1/p.",
            "Give a whole number from 1, or None for 1/p.",
        )
    edges = np.quantile(propensity, np.arange(1, groups) / groups)
    found, own = np.unique(np.searchsorted(edges, propensity, side="left"), return_inverse=True)
    return np.asarray(own, dtype=np.int64), int(found.size)


def _values(data: pd.DataFrame, name: str, rows: Rows) -> pd.Series:
    if name not in data.columns:
        raise WeightError.of(
            "propensity-column-missing",
            f"Bảng không có cột “{name}”.",
            f"The table has no column “{name}”.",
            "Hãy sửa tên cột trong model.",
            "Mend the name of the column in the model.",
            column=name,
        )
    values = data[name].iloc[rows]
    gone = np.flatnonzero(values.isna().to_numpy())
    if gone.size:
        row = int(np.arange(len(data))[rows][gone[0]]) + 1
        raise WeightError.of(
            "propensity-missing",
            f"Cột “{name}” thiếu giá trị ở {gone.size} dòng, đầu tiên là dòng {row}.",
            f"Column “{name}” has no value in {gone.size} rows, the first is row {row}.",
            "Mô hình cần giá trị của cả người trả lời và người không trả lời.",
            "The model needs the value of those who answered and of those who did not.",
            row=row,
            column=name,
        )
    return values


def _standardised(values: Floats) -> Floats:
    spread = float(values.std())
    return np.asarray((values - values.mean()) / (spread if spread > 0 else 1.0))


def _refuse_decided(
    name: str, column: Coded, answered: NDArray[np.bool_], used: NDArray[np.bool_]
) -> None:
    codes = column.codes[used]
    issued = np.bincount(codes, minlength=len(column.labels))
    came = np.bincount(codes[answered[used]], minlength=len(column.labels))
    decided = np.flatnonzero((issued > 0) & ((came == 0) | (came == issued)))
    if decided.size and not answered[used].all():
        raise _separates(f"{name}={column.labels[int(decided[0])]}", name)


def _separates(what: str, column: str | None = None) -> WeightError:
    return WeightError.of(
        "propensity-separates",
        f"“{what}” một mình quyết định ai trả lời: mô hình không có nghiệm hữu hạn.",
        f"“{what}” alone decides who answered: the model has no finite solution.",
        "Gộp nhóm, bỏ cột, hoặc dùng classes.",
        "Merge categories, leave the column out, or use classes.",
        column=column,
    )
