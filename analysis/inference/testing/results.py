"""What a test found: statistic, degrees of freedom, p-value, and what was estimated."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np
from scipy import special

from analysis.estimation.intervals import check_level
from intake.findings import EstimationError, Finding


@dataclass(frozen=True)
class Test:
    """The outcome of a test.

    ``df`` is a number, or a tuple of numerator and denominator; it is empty where the
    reference distribution has no degrees of freedom of its own. ``estimate`` is what was
    tested (a difference, a mean, a vector of contrasts), with ``se`` where it is one number.
    """

    __test__ = False  # pytest would take the name for a set of tests

    statistic: float
    df: float | tuple[float, ...]
    p: float
    method: str
    estimate: Any = None
    se: float | None = None
    low: float | None = None
    high: float | None = None
    findings: tuple[Finding, ...] = field(default=())


def t_test(estimate: float, se: float, df: float, level: float, method: str) -> Test:
    """Return the two-sided test that an estimate is zero, by t, with its interval."""
    if df <= 0:
        raise EstimationError.of(
            "test-no-df",
            f"Kiểm định cần bậc tự do lớn hơn 0, ở đây còn {df:g}.",
            f"The test needs degrees of freedom above 0; {df:g} are left.",
            "Cần nhiều đơn vị sơ cấp hơn, hoặc mô hình ít số hạng hơn.",
            "More primary units are needed, or fewer terms.",
        )
    if not se > 0:
        raise EstimationError.of(
            "test-no-variation",
            "Sai số chuẩn bằng 0: câu trả lời không biến thiên giữa các đơn vị.",
            "The standard error is zero: the answers do not vary between the units.",
            "Không có gì để kiểm định; hãy kiểm tra dữ liệu.",
            "There is nothing to test; check the data.",
        )
    check_level(level)
    t = estimate / se
    half = float(special.stdtrit(df, 0.5 + level / 2)) * se
    return Test(
        statistic=float(t),
        df=float(df),
        p=float(2 * special.stdtr(df, -abs(t))),
        method=method,
        estimate=float(estimate),
        se=float(se),
        low=float(estimate - half),
        high=float(estimate + half),
    )


def f_tail(statistic: float, numerator: float, denominator: float) -> float:
    """Return the probability that F exceeds the statistic; chi-square where the df are infinite."""
    if denominator <= 0:
        raise EstimationError.of(
            "test-no-df",
            f"Kiểm định cần bậc tự do của mẫu số lớn hơn 0, ở đây là {denominator:g}.",
            f"The test needs denominator degrees of freedom above 0; here they are "
            f"{denominator:g}.",
            "Gộp hạng mục, bớt giả thuyết, hoặc dùng statistic='F' (Rao–Scott).",
            "Merge categories, test fewer hypotheses, or use statistic='F' (Rao–Scott).",
        )
    if np.isinf(denominator):
        return float(special.chdtrc(numerator, statistic * numerator))
    return float(special.fdtrc(numerator, denominator, statistic))
