"""How sure a total is when units were drawn with unequal probabilities, each at most once.

The scores that come in are weighted linearised values, one row per drawn unit (rows of one
primary unit are to be summed before), so that their column sums are the estimates; rows of
zeros are units outside the domain. Three ways to know how units were drawn together: joint
probabilities, as a matrix; the approximations of Overton and of Hartley and Rao, which need
only the probabilities of single units and are worked out without a matrix; and Brewer's, which
treats the units as drawn from strata with a finite population correction each.

A unit that was sure to be drawn belongs in a stratum of its own kind; so does every other
matter of design. Probabilities have no unit, covariances the squared unit of the scores.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike, NDArray

from intake.findings import EstimationError, WeightError

KINDS = ("brewer", "overton", "hartley_rao")
VARIANCES = ("ht", "yg")
# Rows of a joint matrix that are held at a time.
_BLOCK = 4_000_000

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]


def covariance(
    scores: ArrayLike,
    p: ArrayLike,
    joint: ArrayLike | None = None,
    kind: str = "brewer",
    variance: str = "ht",
    *,
    strata: ArrayLike | None = None,
    sum_of_squares: float | Sequence[float] | Floats | None = None,
    tolerance: float = 1e-4,
) -> Floats:
    """Return the covariance matrix of the column sums of the scores.

    With z the scores and Δᵢⱼ = 1 − πᵢπⱼ / πᵢⱼ, the form of Horvitz and Thompson is
    Σᵢⱼ Δᵢⱼ zᵢ zⱼ′, that of Yates and Grundy −½ Σᵢⱼ Δᵢⱼ (zᵢ − zⱼ)(zᵢ − zⱼ)′. Within a stratum of
    n drawn units Overton sets Δᵢⱼ = 1 − (n − (πᵢ + πⱼ)/2) / (n − 1), Hartley and Rao set
    Δᵢⱼ = 1 − (n − πᵢ − πⱼ + P) / (n − 1); between strata it is 0. Brewer's form is
    n / (n − 1) · Σᵢ (1 − πᵢ)(zᵢ − z̄)(zᵢ − z̄)′, summed over strata.

    Parameters
    ----------
    scores
        Shape (units, k), or (units,) for one.
    p
        Shape (units,): the probability with which each unit was drawn, above 0 and at most 1.
    joint
        Shape (units, units): the probability with which each pair was drawn together, single
        probabilities on the diagonal; then ``kind`` does not matter.
    kind
        ``brewer``, ``overton`` or ``hartley_rao``.
    variance
        ``ht`` or ``yg``; Brewer's form has but one.
    strata
        Shape (units,): the stratum of each unit as a number from 0; without it there is one.
    sum_of_squares
        For ``hartley_rao``: P = Σ π² / n over the whole stratum, one number, or one for each
        stratum; without it the mean probability of the units drawn estimates it.
    tolerance
        Δᵢⱼ from a joint matrix count as zero below this (1e-4 as in R survey).

    Returns
    -------
    numpy.ndarray
        Shape (k, k). Approximations and the Horvitz-Thompson form can come out negative.

    Raises
    ------
    WeightError
        ``probability-out-of-range``.
    EstimationError
        ``pps-kind``, ``pps-shape``, ``pps-joint``, ``pps-sum``, ``psu-lonely``.

    References
    ----------
    Berger, Y. G. (2004). A simple variance estimator for unequal probability sampling without
    replacement. Journal of Applied Statistics 31, 305-315. Overton, W. S., Stehman, S. V.
    (1995). The Horvitz-Thompson theorem as a unifying perspective for probability sampling.
    The American Statistician 49, 261-268. Brewer, K. (2002). Combined survey sampling
    inference, ch. 9.

    Examples
    --------
    With equal probabilities, n = 2 of N = 4, all forms are the well-known one:

    >>> y, half = np.array([1.0, 3.0]), np.array([0.5, 0.5])
    >>> float(covariance(y / half, half)[0, 0])
    8.0
    >>> float(covariance(y / half, half, [[0.5, 1 / 6], [1 / 6, 0.5]], variance="yg")[0, 0])
    8.0
    """
    if kind not in KINDS:
        raise _refusal("pps-kind", f"kind={kind!r}", f"{', '.join(KINDS)}")
    if variance not in VARIANCES:
        raise _refusal("pps-kind", f"variance={variance!r}", f"{', '.join(VARIANCES)}")
    z = np.asarray(scores, dtype=np.float64)
    z = z[:, None] if z.ndim == 1 else z
    single = _probabilities(p)
    if z.ndim != 2 or len(z) != len(single):
        raise _refusal("pps-shape", f"{z.shape}", f"({len(single)}, k)")
    if joint is not None:
        return _from_joint(z, single, np.asarray(joint, dtype=np.float64), variance, tolerance)
    stratum, sizes = _strata(strata, len(single))
    if kind == "brewer":
        return _brewer(z, single, stratum, sizes)
    return _approximate(z, single, stratum, sizes, kind, variance, sum_of_squares)


def pairwise_matrix(
    p: ArrayLike,
    kind: str = "overton",
    sum_of_squares: float | Sequence[float] | Floats | None = None,
    *,
    strata: ArrayLike | None = None,
) -> Floats:
    """Return approximate joint probabilities πᵢⱼ, with the single ones on the diagonal.

    `covariance` does not need this matrix; it is for looking at, and for other tools.

    Parameters
    ----------
    p, kind, sum_of_squares, strata
        As for `covariance`; ``kind`` is ``overton`` or ``hartley_rao``.

    Returns
    -------
    numpy.ndarray
        Shape (units, units).

    Examples
    --------
    >>> pairwise_matrix([0.5, 0.5, 0.5, 0.5])[0].round(4).tolist()
    [0.5, 0.2143, 0.2143, 0.2143]
    """
    if kind not in ("overton", "hartley_rao"):
        raise _refusal("pps-kind", f"kind={kind!r}", "overton, hartley_rao")
    single = _probabilities(p)
    stratum, sizes = _strata(strata, len(single))
    half = _halves(single, stratum, sizes, kind, sum_of_squares)
    same = stratum[:, None] == stratum[None, :]
    delta = np.where(same, half[:, None] + half[None, :], 0.0)
    pairs = np.outer(single, single) / (1.0 - delta)
    np.fill_diagonal(pairs, single)
    return pairs


def _brewer(z: Floats, p: Floats, stratum: Integers, sizes: Integers) -> Floats:
    lonely = np.flatnonzero((sizes == 1) & (np.bincount(stratum, weights=1 - p) > 1e-7))
    if lonely.size:
        row = int(np.flatnonzero(stratum == lonely[0])[0]) + 1
        raise _refusal("psu-lonely", f"n = 1 ({row})", "n ≥ 2", row)
    centre = _sums(z, stratum, len(sizes)) / sizes[:, None]
    spread = z - centre[stratum]
    factor = (1 - p) * (sizes / np.maximum(sizes - 1, 1))[stratum]
    return np.asarray((spread * factor[:, None]).T @ spread)


def _approximate(
    z: Floats,
    p: Floats,
    stratum: Integers,
    sizes: Integers,
    kind: str,
    variance: str,
    sum_of_squares: float | Sequence[float] | Floats | None,
) -> Floats:
    """Work out Σ Δᵢⱼ zᵢ zⱼ′ where Δᵢⱼ = hᵢ + hⱼ off the diagonal, from sums by stratum."""
    half = _halves(p, stratum, sizes, kind, sum_of_squares)
    number = len(sizes)
    total, shifted = _sums(z, stratum, number), _sums(z * half[:, None], stratum, number)
    own = 1 - p - 2 * half
    crossed = shifted.T @ total
    whole = crossed + crossed.T + (z * own[:, None]).T @ z
    if variance == "yg":
        level = np.bincount(stratum, weights=half, minlength=number)
        row_sums = own + level[stratum] + sizes[stratum] * half
        whole = whole - (z * row_sums[:, None]).T @ z
    return np.asarray(whole)


def _halves(
    p: Floats,
    stratum: Integers,
    sizes: Integers,
    kind: str,
    sum_of_squares: float | Sequence[float] | Floats | None,
) -> Floats:
    """Return h, so that hᵢ + hⱼ is Δᵢⱼ within a stratum; zero where a unit stands alone."""
    others = np.maximum(sizes - 1, 1)[stratum]
    if kind == "overton":
        half = (p - 1) / (2 * others)
    else:
        if sum_of_squares is None:
            squares = np.bincount(stratum, weights=p) / sizes
        else:
            squares = np.asarray(sum_of_squares, dtype=np.float64)
            if squares.ndim > 0 and squares.shape != sizes.shape:
                raise _refusal("pps-sum", f"{squares.size}", f"1 / {len(sizes)}")
            squares = np.broadcast_to(squares, sizes.shape)
            if not (np.isfinite(squares) & (squares > 0)).all():
                raise _refusal("pps-sum", f"{squares}", "> 0")
        half = (p - (1 + squares[stratum]) / 2) / others
    return np.where(sizes[stratum] > 1, half, 0.0)


def _from_joint(z: Floats, p: Floats, joint: Floats, variance: str, tolerance: float) -> Floats:
    count = len(p)
    if joint.shape != (count, count):
        raise _refusal("pps-joint", f"{joint.shape}", f"({count}, {count})")
    single = np.diag(joint)
    wrong = np.flatnonzero(~(np.abs(single - p) <= 1e-6 * p))
    if wrong.size:
        row = int(wrong[0])
        raise _refusal("pps-joint", f"π = {single[row]:g}", f"p = {p[row]:g}", row + 1)
    whole = np.zeros((z.shape[1], z.shape[1]))
    step = max(1, _BLOCK // count)
    for start in range(0, count, step):
        rows = slice(start, start + step)
        pairs = joint[rows]
        lowest = ~((pairs > 0) & (pairs <= 1 + 1e-9))
        if lowest.any():
            row, column = (int(at[0]) for at in np.nonzero(lowest))
            found = f"π[{row + start + 1}, {column + 1}] = {pairs[row, column]:g}"
            raise _refusal("pps-joint", found, "0 < π ≤ 1", row + start + 1)
        if not np.allclose(pairs, joint[:, rows].T, rtol=1e-8, atol=1e-12):
            raise _refusal("pps-joint", f"{start + 1}…", "πᵢⱼ = πⱼᵢ")
        delta = 1.0 - np.outer(single[rows], single) / pairs
        delta[np.abs(delta) < tolerance] = 0.0
        whole += z[rows].T @ (delta @ z)
        if variance == "yg":
            whole -= (z[rows] * delta.sum(axis=1)[:, None]).T @ z[rows]
    return (whole + whole.T) / 2


def _sums(z: Floats, stratum: Integers, number: int) -> Floats:
    summed = np.zeros((number, z.shape[1]))
    np.add.at(summed, stratum, z)
    return summed


def _strata(strata: ArrayLike | None, units: int) -> tuple[Integers, Integers]:
    if strata is None:
        stratum = np.zeros(units, dtype=np.int64)
    else:
        stratum = np.asarray(strata).astype(np.int64)
        if stratum.shape != (units,):
            raise _refusal("pps-shape", f"{stratum.shape}", f"({units},)")
    return stratum, np.maximum(np.bincount(stratum), 1).astype(np.int64)


def _probabilities(p: ArrayLike) -> Floats:
    single = np.asarray(p, dtype=np.float64)
    if single.ndim != 1:
        raise _refusal("pps-shape", f"{single.shape}", "(n,)")
    bad = np.flatnonzero(~((single > 0) & (single <= 1)))
    if bad.size:
        row = int(bad[0])
        raise WeightError.of(
            "probability-out-of-range",
            f"Dòng {row + 1}: xác suất {single[row]:g} phải lớn hơn 0 và không quá 1.",
            f"Row {row + 1}: the probability {single[row]:g} must lie above 0 and not above 1.",
            "Ghi xác suất được chọn của từng đơn vị, không ghi số đơn vị của tầng.",
            "Give the probability with which each unit was drawn, not a count.",
            row=row + 1,
        )
    return single


_SAID = {
    "pps-kind": (
        "Lựa chọn không có trong danh sách",
        "The choice is not on the list",
        "Hãy dùng một trong các giá trị mong đợi.",
        "Use one of the values expected.",
    ),
    "pps-shape": (
        "Kích thước của các bảng không khớp",
        "The shapes do not fit together",
        "Mỗi đơn vị được chọn có một dòng, một xác suất, một tầng.",
        "Each drawn unit has one row, one probability, one stratum.",
    ),
    "pps-joint": (
        "Ma trận xác suất chung không dùng được",
        "The joint probabilities cannot be used",
        "Cần ma trận đối xứng theo thứ tự các dòng, mọi giá trị lớn hơn 0, đường chéo là p.",
        "Give a symmetric matrix in row order, all values above zero, with p on the diagonal.",
    ),
    "pps-sum": (
        "Tổng bình phương xác suất không dùng được",
        "The sum of squared probabilities cannot be used",
        "Cần Σp²/n trên toàn bộ tổng thể: một số, hoặc mỗi tầng một số.",
        "Give Σp²/n over the whole population: one number, or one for each stratum.",
    ),
    "psu-lonely": (
        "Tầng chỉ có một đơn vị được chọn",
        "A stratum has a single drawn unit",
        "Gộp tầng với tầng lân cận; đơn vị chắc chắn được chọn có xác suất 1.",
        "Merge the stratum with a neighbour; a unit drawn with certainty has probability 1.",
    ),
}


def _refusal(code: str, got: str, expected: str, row: int | None = None) -> EstimationError:
    vi, en, advice_vi, advice_en = _SAID[code]
    return EstimationError.of(
        code,
        f"{vi}: có {got}, mong đợi {expected}.",
        f"{en}: got {got}, expected {expected}.",
        advice_vi,
        advice_en,
        row=row,
    )
