"""Whether the shares of an item are those that a norm or a census gives.

The statistic is Pearson's, on the scale of the population: Σ (O - E)² / E with O the
estimated counts. It follows Σ λᵢ χ²₁ with λ the eigenvalues of the covariance of
(O - E) / √E, for which Satterthwaite's scaled chi-square stands, as in R survey's svygofchisq.

References
----------
Rao, J. N. K., Scott, A. J. (1981). The analysis of categorical data from complex sample
surveys: chi-squared tests for goodness of fit and independence in two-way tables. Journal of
the American Statistical Association 76, 221-230.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from analysis.design import Floats, SurveyDesign
from analysis.inference.testing import mixtures
from analysis.inference.testing.categories import Coded, coded, left_out, two_or_more
from analysis.inference.testing.results import Test
from analysis.inference.testing.tables import known_covariance
from analysis.sampling_error import covariance_of
from intake.findings import EstimationError, Finding, Words


def goodness_of_fit(
    design: SurveyDesign,
    item: str,
    p: Sequence[float] | Mapping[Any, float],
    *,
    missing: str = "fail",
) -> Test:
    """Test whether the shares of an item's categories are the ones given.

    Parameters
    ----------
    design
        The table and how it was drawn, or replicate weights.
    item
        Column with categories.
    p
        Shares by category, or in the sorted order of the categories; all above zero; they
        are scaled to add up to one.

    Returns
    -------
    Test
        ``df``: (scale, df) of the chi-square that stands for the sum. ``estimate``: the
        estimated shares.

    Raises
    ------
    EstimationError
        ``shares-number``, ``share-not-positive``, ``category-unknown``,
        ``category-single``, ``answers-missing``.

    Examples
    --------
    >>> import pandas as pd
    >>> table = pd.DataFrame({"a": list("xxyyxyxx"), "w": 2.0})
    >>> found = goodness_of_fit(SurveyDesign(table, weights="w"), "a", {"x": 0.5, "y": 0.5})
    >>> round(found.statistic, 6), round(found.p, 4)
    (1.0, 0.4945)
    """
    part = coded(design, item)
    findings = left_out(design, [part], missing)
    two_or_more(part)
    given = _given_shares(part, p)
    counted = np.flatnonzero(part.codes >= 0)
    size = len(part.levels)

    def totals(weights: Floats) -> Floats:
        held = np.bincount(part.codes[counted], weights=weights[counted], minlength=size)
        return np.asarray(held, dtype=np.float64)

    scores = np.zeros((part.codes.size, size))
    scores[counted, part.codes[counted]] = design.weights[counted]
    v = known_covariance(covariance_of(design.where(part.codes >= 0), scores, totals))
    observed = totals(design.weights)
    whole = observed.sum()
    expected = given * whole
    root = np.sqrt(expected)
    # (O - p N) / √(p N) moves with O, and with N both above and below the line.
    slope = -given / root - (observed - expected) / (2 * whole * root)
    jacobian = np.diag(1 / root) + slope[:, None]
    eigenvalues = np.linalg.eigvalsh(jacobian @ v @ jacobian.T)
    statistic = float(np.sum((observed - expected) ** 2 / expected))
    scale, df = mixtures.satterthwaite(eigenvalues)
    if eigenvalues.max() <= 1e-12 * whole:
        scale = df = 0.0
        findings = [*findings, _certain(item)]
        tail = 0.0 if statistic > 1e-9 * whole else 1.0
    else:
        tail = mixtures.satterthwaite_tail(statistic, eigenvalues)
    return Test(
        statistic,
        (scale, df),
        tail,
        "goodness of fit to given shares",
        estimate=observed / whole,
        findings=tuple(findings),
    )


def _given_shares(part: Coded, p: Sequence[float] | Mapping[Any, float]) -> Floats:
    names = [str(level) for level in part.levels]
    if isinstance(p, Mapping):
        by_name = {str(key): float(value) for key, value in p.items()}
        if set(by_name) != set(names):
            raise EstimationError.of(
                "category-unknown",
                f"Tỷ lệ cho các hạng mục {sorted(by_name)}, dữ liệu có {names}.",
                f"Shares are given for {sorted(by_name)}, the data have {names}.",
                "Ghi một tỷ lệ cho mỗi hạng mục có trong dữ liệu.",
                "Give one share for each category of the data.",
                column=part.name,
            )
        values = np.array([by_name[name] for name in names])
    else:
        values = np.asarray(p, dtype=np.float64)
    if values.shape != (len(names),):
        raise EstimationError.of(
            "shares-number",
            f"Có {values.size} tỷ lệ cho {len(names)} hạng mục: {', '.join(names)}.",
            f"There are {values.size} shares for {len(names)} categories: {', '.join(names)}.",
            "Ghi một tỷ lệ cho mỗi hạng mục, theo thứ tự đã sắp xếp.",
            "Give one share per category, in sorted order.",
            column=part.name,
        )
    bad = np.flatnonzero(~(np.isfinite(values) & (values > 0)))
    if bad.size:
        name = names[int(bad[0])]
        raise EstimationError.of(
            "share-not-positive",
            f"Tỷ lệ của “{name}” là {values[bad[0]]:g}, phải lớn hơn 0.",
            f"The share of “{name}” is {values[bad[0]]:g}; it must lie above zero.",
            "Sửa tỷ lệ, hoặc bỏ hạng mục này bằng where.",
            "Mend the share, or leave the category out with where.",
            column=part.name,
        )
    return np.asarray(values / values.sum())


def _certain(item: str) -> Finding:
    return Finding(
        "shares-certain",
        Words(
            f"Thiết kế mẫu đã cố định tỷ lệ của “{item}”: sai số bằng 0.",
            f"The design fixes the shares of “{item}”: they have no sampling error.",
        ),
        Words(
            "Khác biệt nếu có là chắc chắn, không cần kiểm định.",
            "Any difference is certain; there is nothing to test.",
        ),
        severity="warning",
        column=item,
    )
