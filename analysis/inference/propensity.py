"""How likely a row is to belong to one group rather than another, from its covariates.

The arithmetic behind response propensities and behind the propensity to volunteer: covariates
of one table or of two are turned into the same columns, and a logistic regression is solved
by Newton's method. What the probabilities are used for is left to `nonresponse` and
`two_sources`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from scipy import linalg, special

from analysis.design import Flags, Floats
from intake.findings import EstimationError, Words

_STEPS = 60
# Beyond this linear predictor a probability is 0 or 1 to all digits that matter.
_FAR = 25.0


@dataclass(frozen=True, eq=False)
class Source:
    """A table, its rows that count, and what it is called in messages."""

    data: pd.DataFrame
    member: Flags
    name: Words


@dataclass(frozen=True, eq=False)
class Covariates:
    """The same columns for each source: a constant, numbers (standardised) and indicators.

    ``matrices`` are (rows × p), zero outside members; ``labels`` name the columns,
    ``variables`` the covariate that each belongs to.
    """

    matrices: tuple[Floats, ...]
    labels: tuple[str, ...]
    variables: tuple[str, ...]


def covariates_of(sources: Sequence[Source], variables: Sequence[str]) -> Covariates:
    """Turn covariates into columns that mean the same in every source.

    Numbers stay numbers; texts, booleans and ``C(name)`` become one column per category but
    the first. A category must occur in every source.

    Raises
    ------
    EstimationError
        ``covariates-none``, ``covariate-column-missing``, ``covariate-missing`` with row and
        column, ``covariate-kind`` (number here, text there), ``no-overlap`` (a category that
        one source lacks), ``covariate-constant``, ``covariates-collinear``.
    """
    if not variables:
        raise EstimationError.of(
            "covariates-none",
            "Chưa có biến giải thích nào.",
            "No covariates were given.",
            "Ghi ít nhất một cột.",
            "Give at least one column.",
        )
    blocks: list[list[Floats]] = [[np.ones((len(source.data), 1))] for source in sources]
    labels, owners = ["constant"], ["constant"]
    for variable in dict.fromkeys(variables):
        forced = variable.startswith("C(") and variable.endswith(")")
        name = variable[2:-1].strip() if forced else variable
        columns = [_column(source, name) for source in sources]
        numeric = [_is_number(column) for column in columns]
        if any(numeric) and not all(numeric):
            raise EstimationError.of(
                "covariate-kind",
                f"Cột “{name}” là số ở nguồn này, là chữ ở nguồn kia.",
                f"Column “{name}” holds numbers in one source and words in the other.",
                "Mã hóa giống nhau ở cả hai nguồn.",
                "Code it alike in both sources.",
                column=name,
            )
        if all(numeric) and not forced:
            made, found = _numbers(sources, columns, name), [name]
        else:
            made, found = _indicators(sources, columns, name)
        for block, part in zip(blocks, made, strict=True):
            block.append(part)
        labels += found
        owners += [name] * len(found)
    matrices = tuple(
        np.where(source.member[:, None], np.hstack(block), 0.0)
        for source, block in zip(sources, blocks, strict=True)
    )
    _refuse_collinear(np.vstack(matrices), labels)
    return Covariates(matrices, tuple(labels), tuple(owners))


def solve_logistic(
    target: Floats, matrix: Floats, weights: Floats, labels: Sequence[str]
) -> Floats:
    """Solve target = Σ w π(xᵀβ) x for β by Newton's method with halved steps.

    With target Σ w r x this is logistic regression of r; with the sum of x over volunteers it
    is the pseudo-likelihood of Chen, Li and Wu (2020). The objective targetᵀβ - Σ w log(1 +
    exp(xᵀβ)) is concave, so the solution is the only one.

    Parameters
    ----------
    target
        Shape (p,).
    matrix, weights
        Shapes (rows, p) and (rows,); a weight of zero leaves a row out.
    labels
        Names of the columns, for messages.

    Raises
    ------
    EstimationError
        ``weights-not-population`` where Σ w is no more than the target of the constant;
        ``separation`` where no finite β solves it, naming the column that runs away.

    Examples
    --------
    >>> x = np.ones((4, 1))
    >>> float(special.expit(solve_logistic(np.array([1.0]), x, np.ones(4), ["constant"]))[0])
    0.25
    """
    whole = float(weights.sum())
    if not 0 < target[0] < whole:
        raise EstimationError.of(
            "weights-not-population",
            f"Tổng trọng số {whole:g} không lớn hơn {target[0]:g}, hoặc nhóm không có ai.",
            f"The weights add up to {whole:g}, which is not above {target[0]:g}, or nobody is "
            "in the group.",
            "Trọng số phải tính bằng người của tổng thể.",
            "Weights must be in persons of the population.",
        )
    rows = weights > 0
    x, w = matrix[rows], weights[rows]
    beta = np.zeros(target.size)
    beta[0] = np.log(target[0] / (whole - target[0]))
    value = _objective(beta, target, x, w)
    for _ in range(_STEPS):
        chance = special.expit(x @ beta)
        score = target - x.T @ (w * chance)
        information = x.T @ (x * (w * chance * (1 - chance))[:, None])
        try:
            step = linalg.solve(information, score, assume_a="pos")
        except (linalg.LinAlgError, ValueError):
            break
        gain = float(score @ step)
        if gain <= 1e-22 * max(1.0, abs(value)) or np.abs(step).max() < 1e-12:
            return np.asarray(beta + step)
        part = 1.0
        while part > 1e-8:
            tried = _objective(beta + part * step, target, x, w)
            if tried >= value - 1e-14 * abs(value):
                break
            part /= 2
        beta, value = beta + part * step, tried
        if np.abs(x @ beta).max() > _FAR:
            break
    spread = np.abs(beta) * np.append(0.0, x[:, 1:].std(axis=0))
    name = labels[int(np.argmax(spread))]
    raise EstimationError.of(
        "separation",
        f"“{name}” tách hoàn toàn hai nhóm; không có xác suất hữu hạn.",
        f"“{name}” tells the two groups apart; no finite propensity fits.",
        "Gộp các loại của biến này hoặc bỏ biến.",
        "Merge categories of this covariate, or leave it out.",
        column=name.split("=")[0],
    )


def information_of(matrix: Floats, weights: Floats, chance: Floats) -> Floats:
    """Return Σ w π (1 - π) x xᵀ."""
    return np.asarray(matrix.T @ (matrix * (weights * chance * (1 - chance))[:, None]))


def _objective(beta: Floats, target: Floats, x: Floats, w: Floats) -> float:
    return float(target @ beta - w @ np.logaddexp(0.0, x @ beta))


def _column(source: Source, name: str) -> Any:  # noqa: ANN401 - a column of any kind
    if name not in source.data.columns:
        raise EstimationError.of(
            "covariate-column-missing",
            f"{source.name.vi} không có cột “{name}”.",
            f"{source.name.en}: there is no column “{name}”.",
            "Hai nguồn phải có cùng biến.",
            "Both sources must have the covariate.",
            column=name,
        )
    column = source.data[name]
    absent = np.flatnonzero(column.isna().to_numpy(dtype=bool) & source.member)
    if absent.size:
        raise EstimationError.of(
            "covariate-missing",
            f"{source.name.vi}, dòng {absent[0] + 1}: thiếu “{name}” ({absent.size} dòng như vậy).",
            f"{source.name.en}, row {absent[0] + 1}: “{name}” is missing "
            f"({absent.size} such rows).",
            "Bổ sung, hoặc ghi “không rõ” như một loại riêng ở cả hai nguồn.",
            "Fill it in, or make “not known” a category of its own in both sources.",
            row=int(absent[0]) + 1,
            column=name,
        )
    return column


def _is_number(column: Any) -> bool:  # noqa: ANN401
    kind = column.dtype
    return bool(pd.api.types.is_numeric_dtype(kind) and not pd.api.types.is_bool_dtype(kind))


def _numbers(sources: Sequence[Source], columns: list[Any], name: str) -> list[Floats]:
    values = [column.to_numpy(dtype=np.float64, na_value=np.nan) for column in columns]
    known = np.concatenate(
        [value[source.member] for value, source in zip(values, sources, strict=True)]
    )
    spread = float(known.std()) if known.size else 0.0
    if not np.isfinite(spread) or spread <= 1e-12 * max(1.0, float(np.abs(known).max(initial=0))):
        raise _constant(name)
    centre = float(known.mean())
    return [np.nan_to_num((value - centre) / spread)[:, None] for value in values]


def _indicators(
    sources: Sequence[Source], columns: list[Any], name: str
) -> tuple[list[Floats], list[str]]:
    texts = [column.astype(str).to_numpy() for column in columns]
    found = [set(text[source.member].tolist()) for text, source in zip(texts, sources, strict=True)]
    whole = sorted(set().union(*found))
    for source, present in zip(sources, found, strict=True):
        lacking = [value for value in whole if value not in present]
        if lacking:
            raise EstimationError.of(
                "no-overlap",
                f"{source.name.vi} không có ai thuộc loại “{lacking[0]}” của “{name}”.",
                f"{source.name.en}: nobody is in category “{lacking[0]}” of “{name}”.",
                "Gộp loại này với loại gần nhất, ở cả hai nguồn, hoặc thu hẹp tổng thể.",
                "Merge it with its neighbour in both sources, or narrow the population.",
                column=name,
            )
    if len(whole) < 2:
        raise _constant(name)
    made = [(text[:, None] == np.array(whole[1:])[None, :]).astype(np.float64) for text in texts]
    return made, [f"{name}={value}" for value in whole[1:]]


def _constant(name: str) -> EstimationError:
    return EstimationError.of(
        "covariate-constant",
        f"“{name}” chỉ có một giá trị.",
        f"“{name}” has a single value.",
        "Bỏ biến này.",
        "Leave it out.",
        column=name,
    )


def _refuse_collinear(matrix: Floats, labels: Sequence[str]) -> None:
    kept: list[int] = []
    upper = np.abs(np.diagonal(np.linalg.qr(matrix, mode="r")))
    size = np.sqrt((matrix**2).sum(axis=0))
    for place, (left, full) in enumerate(zip(upper, size, strict=True)):
        if left <= 1e-9 * full:
            kept.append(place)
    if kept or matrix.shape[0] < matrix.shape[1]:
        name = labels[kept[0]] if kept else labels[-1]
        raise EstimationError.of(
            "covariates-collinear",
            f"“{name}” suy ra được từ các biến đứng trước.",
            f"“{name}” follows from the covariates before it.",
            "Bỏ biến này.",
            "Leave it out.",
            column=name.split("=")[0],
        )
