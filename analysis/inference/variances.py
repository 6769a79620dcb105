"""How items vary and vary together in the population, and how sure that is.

The weighted means and the covariance matrix of a few items are all that many statistics need
(reliabilities, correlations, regression weights). `Moments` holds both, and turns the
derivative of any statistic with respect to them into the weighted linearised values that
`analysis.sampling_error` asks for; products of items are never stored row by row.
`covariances` states the matrix itself with standard errors.

Units are those of the items, squared for covariances. What is made of a matrix (a scale, an
importance) lies in the modules that make it.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from analysis.design import Flags, Floats
from analysis.estimation import intervals
from analysis.estimation.columns import check_missing
from analysis.estimation.results import Design
from analysis.inference.columns import LARGEST, holds_numbers
from analysis.sampling_error import covariance_of
from analysis.tables import need_columns, need_design
from intake.findings import EstimationError, Words

# What rounding leaves of the variance of an item that does not vary.
_NOTHING = 1e-12
_BLOCK = 4096


@dataclass(frozen=True, eq=False)
class Moments:
    """Weighted means and covariances of items, divided by the sum of weights.

    ``centred`` (rows × p) holds the values less their mean, and zero in rows that are left
    out; ``kept`` says which rows count; ``n`` is their number (weight not zero).
    """

    names: tuple[str, ...]
    centred: Floats
    kept: Flags
    weights: Floats
    mean: Floats
    matrix: Floats
    n: int

    def matrix_at(self, weights: Floats) -> Floats:
        """Return the covariance matrix under other weights, in row order."""
        return self._both_at(weights)[1]

    def mean_at(self, weights: Floats) -> Floats:
        """Return the means under other weights, in row order."""
        return self._both_at(weights)[0]

    def scores(self, by_matrix: Floats | None, by_mean: Floats | None = None) -> Floats:
        """Return weighted linearised values of k statistics, shape (rows, k).

        Parameters
        ----------
        by_matrix
            Shape (k, p, p): derivative of each statistic, so that its change is the sum of
            this matrix times the change of the covariance matrix, element by element.
        by_mean
            Shape (k, p): the same for the means.

        Notes
        -----
        With c = y − ȳ the linearised value of tr(G S) + g·ȳ is c'Gc − tr(GS) + g·c.
        """
        given = by_matrix if by_matrix is not None else by_mean
        if given is None:
            return np.zeros((len(self.weights), 0))
        share = self.weights / self.weights.sum()
        found = np.zeros((len(self.weights), len(given)))
        first, second = np.triu_indices(len(self.names))
        if by_matrix is not None:
            both = (by_matrix + np.swapaxes(by_matrix, 1, 2))[:, first, second].T
            both[first == second] /= 2
            constant = self.matrix[first, second] @ both
        # Products of items are made for a block of rows that fits the cache.
        for start in range(0, len(share), _BLOCK):
            rows = slice(start, start + _BLOCK)
            own = self.centred[rows]
            if by_matrix is not None:
                found[rows] = (own[:, first] * own[:, second]) @ both - constant
            if by_mean is not None:
                found[rows] += own @ by_mean.T
            found[rows] *= share[rows, None]
        return found

    def within(self, rows: Flags) -> Moments:
        """Return the moments of a part of the rows, such as one mode of answering."""
        kept = self.kept & rows
        return _moments(self.names, self.centred + self.mean, kept, self.weights)

    def _both_at(self, weights: Floats) -> tuple[Floats, Floats]:
        own = np.where(self.kept, weights, 0.0)
        total = own.sum()
        if not total > 0:
            raise no_cases()
        shift = own @ self.centred / total
        matrix = self.centred.T @ (self.centred * own[:, None]) / total
        return self.mean + shift, matrix - np.outer(shift, shift)


def moments(
    design: Design, items: Sequence[str], missing: str = "fail", *, least: int = 2
) -> Moments:
    """Return the weighted moments of numeric items, after checking them.

    Parameters
    ----------
    design
        The table and how it was drawn, or replicate weights.
    items
        Columns with numbers, at least ``least`` of them, each named once, none constant.
    missing
        ``fail`` refuses missing answers; ``drop`` leaves out rows that miss any of the items.

    Raises
    ------
    EstimationError
        ``items-too-few``, ``items-repeated``, ``item-missing-column``, ``item-not-numeric``,
        ``answers-missing``, ``answer-infinite``, ``item-constant``, ``no-cases``.

    Examples
    --------
    >>> from analysis import SurveyDesign
    >>> table = pd.DataFrame({"a": [1, 2, 3, 4], "b": [2, 2, 4, 4], "w": 1.0})
    >>> moments(SurveyDesign(table, weights="w"), ["a", "b"]).matrix
    array([[1.25, 1.  ],
           [1.  , 1.  ]])
    """
    names = listed(design, items, least)
    values = _numbers(design, names)
    kept = answered(design, ~np.isnan(values), names, missing)
    found = _moments(names, values, kept, design.weights)
    refuse_constant(found)
    return found


def covariances(
    design: Design,
    items: Sequence[str],
    level: float = 0.95,
    *,
    missing: str = "fail",
) -> pd.DataFrame:
    """Estimate variances and covariances of items in the population.

    Parameters
    ----------
    design, items, missing
        As for `moments`.
    level
        Confidence level of the t intervals.

    Returns
    -------
    pandas.DataFrame
        ``quantity, with, value, se, low, high, n, df``, one row per pair of items in the
        order of the upper triangle; the divisor is that of a sample, n − 1 over n.

    Examples
    --------
    >>> from analysis import SurveyDesign
    >>> table = pd.DataFrame({"a": [1, 2, 3, 4], "b": [2, 2, 4, 4], "w": 1.0})
    >>> covariances(SurveyDesign(table, weights="w"), ["a", "b"])["value"].round(4).tolist()
    [1.6667, 1.3333, 1.3333]
    """
    found = moments(design, items, missing, least=1)
    size = len(found.names)
    first, second = np.triu_indices(size)
    spare = found.n / (found.n - 1)
    gradient = np.zeros((len(first), size, size))
    gradient[np.arange(len(first)), first, second] = spare

    def again(weights: Floats) -> Floats:
        return spare * found.matrix_at(weights)[first, second]

    whole = covariance_of(design, found.scores(gradient), again)
    columns = with_intervals(
        spare * found.matrix[first, second], np.sqrt(np.diag(whole)), design.df, level
    )
    names = np.array(found.names)
    return pd.DataFrame(
        {"quantity": names[first], "with": names[second], **columns, "n": found.n, "df": design.df}
    )


def with_intervals(value: Floats, se: Floats, df: int, level: float) -> dict[str, Floats]:
    """Return the columns ``value, se, low, high``; without degrees of freedom none but value."""
    error = np.asarray(se, dtype=np.float64) if df > 0 else np.full(np.shape(value), np.nan)
    low, high = intervals.around(value, error, np.full(np.shape(value), float(df)), level)
    return {"value": np.asarray(value, dtype=np.float64), "se": error, "low": low, "high": high}


def derivative(
    function: Callable[[Floats], Floats], matrix: Floats, step: float = 1e-4
) -> tuple[Floats, Floats]:
    """Return a statistic of a covariance matrix and its derivative.

    Parameters
    ----------
    function
        From a stack of matrices (q, p, p) to the statistics (q, k).
    matrix
        Shape (p, p).
    step
        Change of an element in units of the items' standard deviations.

    Returns
    -------
    tuple
        Values (k,) and derivatives (k, p, p), fit for `Moments.scores`. Central differences
        of two widths are combined, which leaves an error of the order of step⁴.
    """
    size = len(matrix)
    first, second = np.triu_indices(size)
    scale = np.sqrt(np.diag(matrix))
    width = step * scale[first] * scale[second]
    move = np.zeros((len(first), size, size))
    each = np.arange(len(first))
    move[each, first, second] = width
    move[each, second, first] = width
    near = function(matrix + move) - function(matrix - move)
    far = function(matrix + 2 * move) - function(matrix - 2 * move)
    slope = (8 * near - far) / (12 * width[:, None])
    # A step changes both halves of the matrix, so each half carries half of the slope.
    slope = np.where((first == second)[:, None], slope, slope / 2)
    found = np.zeros((slope.shape[1], size, size))
    found[:, first, second] = slope.T
    found[:, second, first] = slope.T
    return function(matrix[None])[0], found


def listed(design: Design, items: Sequence[str], least: int) -> tuple[str, ...]:
    """Return the item names, checked: enough of them, none twice, all in the table."""
    names = (items,) if isinstance(items, str) else tuple(items)
    if len(names) < least:
        raise EstimationError.of(
            "items-too-few",
            f"Cần ít nhất {least} câu hỏi, chỉ có {len(names)}.",
            f"At least {least} items are needed, {len(names)} were given.",
            "Nêu thêm tên cột.",
            "Name further columns.",
        )
    need_design(design)
    need_columns(design.data, names, "item-missing-column")
    for position, name in enumerate(names):
        if name in names[:position]:
            raise EstimationError.of(
                "items-repeated",
                f"Câu “{name}” được nêu hai lần.",
                f"Item “{name}” is named twice.",
                "Nêu mỗi câu một lần.",
                "Name each item once.",
                column=name,
            )
    return names


def answered(design: Design, known: Flags, names: Sequence[str], missing: str) -> Flags:
    """Return the rows that count: members with every answer, of a weight that is not zero."""
    check_missing(missing)
    gaps = ~known & design.member[:, None]
    if gaps.any() and missing == "fail":
        counted = gaps.sum(axis=0)
        holes = ", ".join(
            f"{name} ({int(count)})" for name, count in zip(names, counted, strict=True) if count
        )
        at = int(np.flatnonzero(gaps.any(axis=1))[0])
        raise EstimationError.of(
            "answers-missing",
            f"Thiếu câu trả lời ở: {holes}.",
            f"Answers are missing in: {holes}.",
            "Dùng missing='drop' nếu chỉ tính các dòng có trả lời đủ các câu này.",
            "Use missing='drop' to count the rows that answer all of these items.",
            row=at + 1,
            column=names[int(np.flatnonzero(gaps[at])[0])],
        )
    kept: Flags = known.all(axis=1) & design.member & (design.weights != 0)
    if not kept.any():
        raise no_cases()
    return kept


def refuse_constant(found: Moments, where: Words | None = None) -> None:
    """Refuse items that do not vary, by name."""
    flat = np.flatnonzero(np.diag(found.matrix) <= _NOTHING * np.maximum(found.mean**2, 1e-300))
    if flat.size:
        name = found.names[int(flat[0])]
        value = f"{found.mean[int(flat[0])]:g}"
        vi, en = where or Words("", "")
        raise EstimationError.of(
            "item-constant",
            f"Mọi người trả lời câu “{name}” giống nhau ({value}){vi}.",
            f"Everybody gives the same answer ({value}) to item “{name}”{en}.",
            "Câu không thay đổi không nói gì về quan hệ với câu khác; hãy bỏ câu này.",
            "An item that does not vary has no relation to others; leave it out.",
            column=name,
        )


def no_cases(where: Words | None = None) -> EstimationError:
    """Return the refusal for a part of the table in which nobody answered."""
    vi, en = where or Words("", "")
    return EstimationError.of(
        "no-cases",
        f"Không có ai trả lời đủ các câu{vi}.",
        f"Nobody answered all of the items{en}.",
        "Hãy kiểm tra điều kiện chọn và các câu trả lời bị thiếu.",
        "Check the condition and the missing answers.",
    )


def _moments(names: Sequence[str], values: Floats, kept: Flags, weights: Floats) -> Moments:
    own = np.where(kept, weights, 0.0)
    total = own.sum()
    if not total > 0:
        raise no_cases()
    safe = np.where(kept[:, None], values, 0.0)
    mean = own @ safe / total
    centred = np.where(kept[:, None], safe - mean, 0.0)
    matrix = centred.T @ (centred * own[:, None]) / total
    return Moments(tuple(names), centred, kept, own, mean, matrix, int(np.count_nonzero(own)))


def _numbers(design: Design, names: Sequence[str]) -> Floats:
    for name in names:
        if not holds_numbers(design.data[name]):
            raise EstimationError.of(
                "item-not-numeric",
                f"Cột “{name}” không chứa số.",
                f"Column “{name}” does not hold numbers.",
                "Ghi câu trả lời thành số, ví dụ 1 đến 5.",
                "Code the answers as numbers, such as 1 to 5.",
                column=name,
            )
    values = design.data[list(names)].to_numpy(dtype=np.float64, na_value=np.nan)
    endless = np.argwhere((np.abs(values) > LARGEST) & design.member[:, None])
    if len(endless):
        row, at = (int(k) for k in endless[0])
        raise EstimationError.of(
            "answer-infinite",
            "Câu trả lời vô hạn, hoặc quá lớn.",
            "An answer is infinite, or too large.",
            "Sửa giá trị hoặc để trống.",
            "Mend the value or leave it empty.",
            row=row + 1,
            column=names[at],
        )
    return np.asarray(values)
