"""What a coefficient of a scale comes with: its value, how sure it is, and a table of both.

Coefficients have no unit.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import pandas as pd

from analysis.design import Floats
from analysis.estimation.results import Design
from analysis.inference.variances import with_intervals
from analysis.replication import ReplicateDesign
from analysis.sampling_error import covariance_of
from intake.findings import EstimationError, Finding, Words

# Columns of scores that are held at a time.
_BLOCK = 64


@dataclass(frozen=True)
class Coefficient:
    """One coefficient with its standard error and t interval.

    ``se``, ``low`` and ``high`` are missing, with a finding, where the design leaves no
    degrees of freedom. ``n`` rows were counted.
    """

    name: str
    value: float
    se: float
    low: float
    high: float
    n: int
    df: int
    level: float
    findings: tuple[Finding, ...] = ()

    def __float__(self) -> float:
        return self.value

    @property
    def table(self) -> pd.DataFrame:
        """One row: ``quantity, value, se, low, high, n, df``."""
        return pd.DataFrame(
            {
                "quantity": [self.name],
                "value": [self.value],
                "se": [self.se],
                "low": [self.low],
                "high": [self.high],
                "n": [self.n],
                "df": [self.df],
            }
        )


def coefficient(
    name: str,
    design: Design,
    value: float,
    scores: Floats,
    again: Callable[[Floats], Floats],
    n: int,
    level: float,
    findings: tuple[Finding, ...] = (),
) -> Coefficient:
    """Return a coefficient with the standard error that its scores or replicates give."""
    variance = spread(design, scores, again)
    df = design.df
    columns = with_intervals(np.array([value]), np.sqrt(np.diag(variance)), df, level)
    said = findings if df > 0 else (*findings, no_freedom())
    se, low, high = (float(columns[key][0]) for key in ("se", "low", "high"))
    return Coefficient(name, float(value), se, low, high, n, df, level, said)


def spread(design: Design, scores: Floats, again: Callable[[Floats], Floats]) -> Floats:
    """Return the covariance matrix of a statistic, refused where a replicate has none."""
    found = covariance_of(design, scores, again)
    if not np.isfinite(found).all():
        raise EstimationError.of(
            "replicate-without-value",
            "Ở một bộ trọng số lặp, thống kê này không tính được (câu trả lời không thay đổi).",
            "Under a set of replicate weights the statistic does not exist (answers do not vary).",
            "Dùng cách lặp giữ nhiều đơn vị hơn, hoặc gộp các nhóm nhỏ.",
            "Use replicates that keep more units, or merge small groups.",
        )
    return found


def variances_of(
    design: Design,
    scores: Callable[[slice], Floats],
    again: Callable[[Floats], Floats],
    count: int,
) -> Floats:
    """Return the variances of many statistics, a block of them at a time.

    ``scores`` gives the columns of a block; replicates, which give all at once, need none.
    """
    if isinstance(design, ReplicateDesign):
        return np.asarray(np.diag(spread(design, np.zeros((0, 0)), again)))
    blocks = [slice(start, min(start + _BLOCK, count)) for start in range(0, count, _BLOCK)]
    return np.concatenate([np.diag(spread(design, scores(block), again)) for block in blocks])


def no_freedom() -> Finding:
    """Return the warning for a design with one primary unit per stratum."""
    return Finding(
        "no-df",
        Words(
            "Mỗi tầng chỉ có một đơn vị, không tính được sai số chuẩn.",
            "There is one primary unit per stratum: no standard error can be given.",
        ),
        Words("Gộp tầng trước khi tính.", "Merge strata first."),
        severity="warning",
    )
