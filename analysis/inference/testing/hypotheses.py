"""Linear hypotheses about any results, and how many of many findings are false."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Protocol

import numpy as np
import pandas as pd

from analysis.choices import one_of
from analysis.design import Floats
from analysis.inference.testing.results import Test, f_tail
from analysis.inference.testing.tables import quadratic_form
from intake.findings import EstimationError

DISCOVERY_METHODS = {"bh": "fdr_bh", "by": "fdr_by"}


class Results(Protocol):
    """Estimates or a model: a table with a column ``value``, and their covariance."""

    @property
    def table(self) -> pd.DataFrame:
        """One row per quantity."""
        ...

    def covariance(self) -> Floats:
        """Return the covariance matrix of the quantities."""
        ...


def wald(
    results: Results,
    hypothesis: Sequence[Sequence[float]] | Sequence[float] | Floats,
    value: float | Sequence[float] = 0.0,
    df: float | None = None,
) -> Test:
    """Test that linear combinations of estimates or coefficients have given values.

    Parameters
    ----------
    results
        `Estimates`, or a model of `analysis.inference.models`.
    hypothesis
        One row per combination, one column per row of ``results.table``.
    value
        What the combinations are under the hypothesis.
    df
        Denominator degrees of freedom; by default the smallest of the table's ``df``.

    Returns
    -------
    Test
        F = (L b - c)' (L V L')⁻¹ (L b - c) / k on (k, df); ``estimate``: L b.

    Raises
    ------
    EstimationError
        ``hypothesis-shape``, ``covariance-singular``, ``estimate-missing``, ``test-no-df``.

    References
    ----------
    Korn, E. L., Graubard, B. I. (1990). Simultaneous testing of regression coefficients with
    complex survey data. American Statistician 44, 270-276.

    Examples
    --------
    >>> from analysis import SurveyDesign, estimate
    >>> data = pd.DataFrame({"a": [1.0, 2.0, 4.0], "b": [1.0, 3.0, 3.0], "w": 1.0})
    >>> means = estimate.mean(SurveyDesign(data, weights="w"), ["a", "b"])
    >>> found = wald(means, [1, -1])
    >>> found.statistic, found.df, found.p
    (0.0, (1.0, 2.0), 1.0)
    """
    estimates = results.table["value"].to_numpy(dtype=np.float64)
    matrix = np.atleast_2d(_numbers(hypothesis))
    if matrix.shape[1] != estimates.size or not np.isfinite(matrix).all():
        raise EstimationError.of(
            "hypothesis-shape",
            f"Giả thuyết có {matrix.shape[1]} hệ số, kết quả có {estimates.size} dòng.",
            f"The hypothesis has {matrix.shape[1]} coefficients, the results {estimates.size} "
            "rows.",
            "Mỗi dòng của results.table cần một hệ số.",
            "Give one coefficient for each row of results.table.",
        )
    needed = (matrix != 0).any(axis=0)
    lacking = np.flatnonzero(needed & ~np.isfinite(estimates))
    if lacking.size:
        raise EstimationError.of(
            "estimate-missing",
            f"Dòng {int(lacking[0]) + 1} của kết quả không có giá trị.",
            f"Row {int(lacking[0]) + 1} of the results has no value.",
            "Bỏ dòng này khỏi giả thuyết.",
            "Leave that row out of the hypothesis.",
            row=int(lacking[0]) + 1,
        )
    found = matrix[:, needed] @ estimates[needed]
    v = results.covariance()[np.ix_(needed, needed)]
    k = float(len(matrix))
    inner = matrix[:, needed] @ v @ matrix[:, needed].T
    statistic = quadratic_form(found - np.asarray(value, dtype=np.float64), inner) / k
    if df is None:
        df = float(results.table["df"].to_numpy(dtype=np.float64)[needed].min())
    p = f_tail(statistic, k, df)
    return Test(statistic, (k, float(df)), p, "Wald test of a linear hypothesis", estimate=found)


def false_discovery(
    p: Sequence[float] | Floats, q: float = 0.05, method: str = "bh"
) -> pd.DataFrame:
    """Return which of many tests to believe when a share ``q`` of them may be false.

    Parameters
    ----------
    p
        Shape (n,), p-values between 0 and 1.
    q
        Expected share of false ones among those believed.
    method
        ``bh`` (Benjamini–Hochberg: independent or positively dependent tests) or ``by``
        (Benjamini–Yekutieli: any dependence).

    Returns
    -------
    pandas.DataFrame
        ``p, adjusted, discovered`` in the order given.

    Raises
    ------
    EstimationError
        ``p-out-of-range`` with the row, ``q-out-of-range``, ``method-unknown``.

    References
    ----------
    Benjamini, Y., Hochberg, Y. (1995). Controlling the false discovery rate. Journal of the
    Royal Statistical Society B 57, 289-300. By `statsmodels.stats.multitest`.

    Examples
    --------
    >>> false_discovery([0.01, 0.02, 0.9])["discovered"].tolist()
    [True, True, False]
    """
    one_of("method-unknown", "method", method, tuple(DISCOVERY_METHODS))
    values = _numbers(p).ravel()
    bad = np.flatnonzero(~((values >= 0) & (values <= 1)))
    if bad.size:
        raise EstimationError.of(
            "p-out-of-range",
            f"Giá trị p thứ {int(bad[0]) + 1} là {values[bad[0]]}.",
            f"The p-value in place {int(bad[0]) + 1} is {values[bad[0]]}.",
            "Mỗi giá trị p nằm giữa 0 và 1; bỏ các phép thử không có kết quả.",
            "P-values lie between 0 and 1; leave out tests without a result.",
            row=int(bad[0]) + 1,
        )
    if not 0 < q < 1:
        raise EstimationError.of(
            "q-out-of-range",
            f"q = {q} phải nằm giữa 0 và 1.",
            f"q = {q} must lie between 0 and 1.",
            "Ví dụ q=0.05.",
            "For example q=0.05.",
        )
    columns: dict[str, Any] = {"p": values, "adjusted": values, "discovered": values < 0}
    if values.size:
        from statsmodels.stats.multitest import multipletests

        believed, adjusted, _, _ = multipletests(values, q, DISCOVERY_METHODS[method])
        columns |= {"adjusted": adjusted, "discovered": believed}
    return pd.DataFrame(columns)


def _numbers(given: object) -> Floats:
    """Return numbers, or NaN for what is none, which is refused where it is checked."""
    try:
        return np.asarray(given, dtype=np.float64)
    except (TypeError, ValueError):
        return np.array([np.nan])
