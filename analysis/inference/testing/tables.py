"""Whether two categorical items are associated, by all the statistics of R survey's svychisq.

Pearson's X² is made from the weighted table scaled to the number of rows; what the design
really varies against a simple random sample is Δ, whose eigenvalues are generalised design
effects of the interaction contrasts:

=============  ===========================================================================
``F``          X² / tr Δ against F with d₀ = (tr Δ)² / tr Δ² and d₀·ν df (second order)
``Chisq``      X² against its first-order correction: X² / mean eigenvalue on χ²
``lincom``     X² against the exact distribution of Σ λᵢ F(1, d₀·ν)
``saddlepoint``  the same by the saddlepoint approximation
``Wald``       Y' V⁻¹ Y / k on F(k, ν), Y the departures of the cells from independence
``adjWald``    the Wald statistic times (ν - k + 1) / ν on F(k, ν - k + 1)
``wls-score``  the score test of the weighted least squares model: Y' V⁻¹ Y / rows², on F
=============  ===========================================================================

ν is the design's degrees of freedom (primary units less strata). With replicate weights the
sums of ``lincom`` and ``saddlepoint`` have no denominator, as in R survey 4.5.

References
----------
Rao, J. N. K., Scott, A. J. (1984). On chi-squared tests for multiway contingency tables with
cell proportions estimated from survey data. Annals of Statistics 12, 46-60.
Thomas, D. R., Rao, J. N. K. (1990). Small-sample comparisons of level and power for simple
goodness-of-fit statistics under cluster sampling. JASA 82, 630-636.
Koch, G. G., Freeman, D. H., Freeman, J. L. (1975). Strategies in the multivariate analysis of
data from complex surveys. International Statistical Review 43, 59-78.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from scipy import linalg, special

from analysis.choices import one_of
from analysis.design import Floats, Integers, SurveyDesign
from analysis.inference.testing import mixtures
from analysis.inference.testing.categories import Coded, coded, left_out, two_or_more
from analysis.inference.testing.results import Test, f_tail
from analysis.replication import ReplicateDesign
from analysis.sampling_error import covariance_of
from intake.findings import EstimationError

STATISTICS = ("F", "Chisq", "Wald", "adjWald", "lincom", "saddlepoint", "wls-score")


@dataclass(frozen=True, eq=False)
class _Table:
    """The weighted table of two items: cells in column order, rows within columns."""

    rows: Coded
    columns: Coded
    cell: Integers
    totals: Floats
    answers: int

    @property
    def shape(self) -> tuple[int, int]:
        return len(self.rows.levels), len(self.columns.levels)


def chisq(
    design: SurveyDesign,
    rows: str,
    columns: str,
    statistic: str = "F",
    *,
    missing: str = "drop",
) -> Test:
    """Test whether two categorical items are independent in the population.

    Parameters
    ----------
    design
        The table and how it was drawn, or replicate weights.
    rows, columns
        Columns with categories (text, codes, true or false), or expressions such as
        ``"I(age > 30)"``.
    statistic
        One of `STATISTICS`.
    missing
        ``drop``: a row without a category belongs to no cell, which ``findings`` reports;
        ``fail`` refuses.

    Returns
    -------
    Test
        ``df``: numerator and denominator for F statistics, one number for ``Chisq``, empty
        for sums. ``estimate``: the shares of the cells, shape (rows, columns).

    Raises
    ------
    EstimationError
        ``category-single``, ``table-too-sparse``, ``covariance-singular``, ``test-no-df``,
        ``statistic-unknown``, ``column-missing``, ``answers-missing``.

    References
    ----------
    See the module. Checked against R survey 4.5 (svychisq).

    Examples
    --------
    >>> import pandas as pd
    >>> table = pd.DataFrame({"a": list("xxyyxy") * 5, "b": list("uvuvuu") * 5, "w": 1.0})
    >>> found = chisq(SurveyDesign(table, weights="w"), "a", "b")
    >>> round(found.statistic, 6), round(found.p, 6)
    (0.0, 1.0)
    """
    one_of("statistic-unknown", "statistic", statistic, STATISTICS)
    first, second = coded(design, rows), coded(design, columns)
    findings = left_out(design, [first, second], missing)
    kept = (first.codes >= 0) & (second.codes >= 0)
    first, second = coded(design, rows, kept), coded(design, columns, kept)
    two_or_more(first)
    two_or_more(second)
    cell = np.where(kept, second.codes * len(first.levels) + first.codes, -1)
    size = len(first.levels) * len(second.levels)
    totals = _sums(cell, size, design.weights)
    table = _Table(first, second, cell, totals, int(np.count_nonzero(design.member)))
    if statistic in ("Wald", "adjWald", "wls-score"):
        found = _wald(design, table, statistic, kept)
    else:
        found = _pearson(design, table, statistic)
    shares = (totals / totals.sum()).reshape(table.shape[1], table.shape[0]).T
    return replace(found, estimate=shares, findings=tuple(findings))


def _pearson(design: SurveyDesign, table: _Table, statistic: str) -> Test:
    """Return Pearson's statistic, referred to what the design makes of it."""
    shares = table.totals / table.totals.sum()
    x2 = _x_squared(shares.reshape(table.shape[1], table.shape[0]), table.answers)
    eigenvalues = _generalized_effects(design, table, shares)
    trace, squares = float(eigenvalues.sum()), float(np.square(eigenvalues).sum())
    if trace <= 0:
        raise EstimationError.of(
            "test-no-variation",
            "Bảng không biến thiên giữa các đơn vị của mẫu.",
            "The table does not vary between the units of the sample.",
            "Không có gì để kiểm định (tổng thể đã biết hoặc điều tra toàn bộ).",
            "There is nothing to test (a census, or totals that are known).",
        )
    d0 = trace * trace / squares
    nu = float(design.df)
    name = "Pearson's X² with the Rao–Scott correction"
    if statistic == "F":
        value = x2 / trace
        return Test(value, (d0, d0 * nu), f_tail(value, d0, d0 * nu), name)
    if statistic == "Chisq":
        df = float(eigenvalues.size)
        return Test(x2, df, float(special.chdtrc(df, x2 / (trace / df))), name)
    ddf = np.inf if is_replicated(design) else d0 * nu
    if ddf <= 0:
        f_tail(x2, d0, ddf)
    if statistic == "lincom":
        p = mixtures.exact_tail(x2, eigenvalues, ddf)
        return Test(x2, (), p, "Pearson's X²: exact distribution of the sum")
    p = mixtures.saddlepoint_tail(x2, eigenvalues, ddf)
    return Test(x2, (), p, "Pearson's X²: saddlepoint approximation")


def _x_squared(shares: Floats, answers: int) -> float:
    expected = np.outer(shares.sum(axis=1), shares.sum(axis=0))
    return float(answers * np.sum((shares - expected) ** 2 / expected))


def _generalized_effects(design: SurveyDesign, table: _Table, shares: Floats) -> Floats:
    """Return the eigenvalues of Δ = (C' D⁻¹ C / N)⁻¹ (C' D⁻¹ V D⁻¹ C), C the interactions."""
    counted = table.cell >= 0
    weights = np.where(counted, design.weights, 0.0)
    total = weights.sum()
    scores = np.zeros((table.cell.size, shares.size))
    at = np.flatnonzero(counted)
    scores[at] = -shares
    scores[at, table.cell[at]] += 1.0
    scores *= (weights / total)[:, None]

    def recomputed(changed: Floats) -> Floats:
        sums = _sums(table.cell, shares.size, changed)
        return np.asarray(sums / sums.sum())

    v = known_covariance(covariance_of(design.where(counted), scores, recomputed))
    inverse = np.divide(1.0, shares, out=np.zeros_like(shares), where=shares > 0)
    contrasts = np.kron(_contrasts(table.shape[1]), _contrasts(table.shape[0]))
    weighted = contrasts * inverse[:, None]
    denominator = contrasts.T @ weighted / table.answers
    numerator = weighted.T @ v @ weighted
    if np.linalg.matrix_rank(denominator, hermitian=True) < len(denominator):
        empty = [label for label, share in zip(_labels(table), shares, strict=True) if share == 0]
        listed = "; ".join(empty[:10])
        raise EstimationError.of(
            "table-too-sparse",
            f"Quá nhiều ô trống để kiểm định: {listed}.",
            f"Too many cells are empty for this test: {listed}.",
            "Gộp các hạng mục hiếm.",
            "Merge the rare categories.",
        )
    found = linalg.eigh(numerator, denominator, eigvals_only=True)
    return np.asarray(np.maximum(found, 0.0))


def _wald(design: SurveyDesign, table: _Table, statistic: str, kept: np.ndarray) -> Test:
    """Return a Wald statistic of the departures of the cells from independence."""
    r, c = table.shape
    grid = table.totals.reshape(c, r)
    by_row, by_column, whole = grid.sum(axis=0), grid.sum(axis=1), grid.sum()
    away = (grid - np.outer(by_column, by_row) / whole).ravel()
    counted = np.flatnonzero(table.cell >= 0)
    scores = np.zeros((table.cell.size, r * c))
    scores[counted, table.cell[counted]] = design.weights[counted]
    v = known_covariance(
        covariance_of(
            design.where(table.cell >= 0),
            scores,
            lambda changed: _sums(table.cell, r * c, changed),
        )
    )
    # How each departure moves with each cell's total: (1_i - p_i)(1_j - p_j) in share form.
    jacobian = np.kron(
        np.eye(c) - np.outer(by_column, np.ones(c)) / whole,
        np.eye(r) - np.outer(by_row, np.ones(r)) / whole,
    )
    used = (np.arange(1, c)[:, None] * r + np.arange(1, r)).ravel()
    moved = (jacobian @ v @ jacobian.T)[np.ix_(used, used)]
    quadratic = quadratic_form(away[used], moved)
    k = float((r - 1) * (c - 1))
    nu = float(design.df)
    if statistic == "Wald":
        value, ddf, name = quadratic / k, nu, "Wald test of association"
    elif statistic == "adjWald":
        ddf = nu - k + 1
        value = quadratic * ddf / (k * nu) if nu > 0 else 0.0
        name = "adjusted Wald test of association"
    else:
        ddf = float(design.where(kept).df) + 2 - r - c
        value, name = quadratic / (r * r), "WLS score test of association"
    return Test(value, (k, ddf), f_tail(value, k, ddf), name)


def known_covariance(found: Floats) -> Floats:
    """Return a covariance, and refuse one that the design cannot tell."""
    if np.isfinite(found).all():
        return found
    raise EstimationError.of(
        "test-no-df",
        "Thiết kế không cho biết sai số: mỗi tầng chỉ có một đơn vị sơ cấp.",
        "The design does not tell an error: every stratum has one primary unit.",
        "Gộp các tầng, hoặc dùng lonely_psu='adjust'.",
        "Merge strata, or use lonely_psu='adjust'.",
    )


def quadratic_form(values: Floats, covariance: Floats) -> float:
    """Return v' V⁻¹ v, and refuse a covariance matrix without full rank."""
    scale = np.sqrt(np.diag(covariance))
    singular = not (scale > 0).all()
    if not singular:
        correlation = covariance / np.outer(scale, scale)
        singular = bool(np.linalg.cond(correlation) > 1e13)
    if singular:
        raise EstimationError.of(
            "covariance-singular",
            "Ma trận hiệp phương sai suy biến: giả thuyết thừa, hoặc quá ít đơn vị sơ cấp.",
            "The covariance matrix is singular: a hypothesis is redundant, or there are too few "
            "primary units.",
            "Bỏ giả thuyết thừa (các tỷ lệ cộng lại bằng 1), gộp hạng mục, hoặc dùng "
            "statistic='F'.",
            "Drop the redundant hypothesis (shares that add to 1), merge categories, or use "
            "statistic='F'.",
        )
    scaled = values / scale
    return float(scaled @ np.linalg.solve(correlation, scaled))


def is_replicated(design: object) -> bool:
    """Tell whether a design carries replicate weights in place of strata and primary units."""
    return isinstance(design, ReplicateDesign)


def _sums(cell: Integers, size: int, weights: Floats) -> Floats:
    counted = cell >= 0
    sums = np.bincount(cell[counted], weights=weights[counted], minlength=size)
    return np.asarray(sums, dtype=np.float64)


def _contrasts(levels: int) -> Floats:
    """Return levels x (levels - 1) orthonormal contrasts, all of them at right angles to 1."""
    return np.asarray(linalg.helmert(levels).T)


def _labels(table: _Table) -> list[str]:
    return [
        f"{table.rows.name}={row}, {table.columns.name}={column}"
        for column in table.columns.levels
        for row in table.rows.levels
    ]
