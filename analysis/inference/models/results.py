"""What a regression under a design says: coefficients, tests of terms, predicted margins."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd
from scipy import special

from analysis.choices import one_of
from analysis.design import Floats, Integers, SurveyDesign
from analysis.estimation.intervals import check_level
from analysis.inference.formulas import Formula, read_terms
from analysis.inference.models.margins import Margins, Prediction, predicted_margins
from analysis.inference.models.matrix import ModelFrame
from analysis.inference.models.newton import inverse
from analysis.inference.testing.mixtures import saddlepoint_tail
from analysis.inference.testing.results import Test, f_tail
from analysis.inference.testing.tables import quadratic_form
from intake.findings import EstimationError, Finding, Words

TERM_TESTS = ("Wald", "LRT")


@dataclass(frozen=True, eq=False)
class Workings:
    """What a model keeps to answer further questions; ``term_of`` is by coefficient.

    ``refit`` returns the deviance of the model with the coefficients at some positions
    alone; ``predict`` the predictions for a model matrix.
    """

    frame: ModelFrame
    covariance: Floats
    information: Floats
    term_of: Integers
    refit: Callable[[Integers], float]
    predict: Callable[[Floats], Prediction]


@dataclass(frozen=True, eq=False)
class Model:
    """A fitted regression.

    ``table`` has one row per coefficient: ``term, value, se, p, df, low, high``; ``p`` and
    the interval are those of t on ``df`` (design df + 1 less the coefficients; for the
    ordinal model design df less the slopes). In the ordinal model the cutpoints follow the
    slopes, and a positive slope means higher answers. ``findings`` holds warnings: rows left
    out, categories without rows, no degrees of freedom left.
    """

    kind: str
    table: pd.DataFrame
    design: SurveyDesign
    formula: Formula
    df: int
    level: float
    deviance: float
    findings: tuple[Finding, ...]
    workings: Workings = field(repr=False)

    def covariance(self) -> Floats:
        """Return the design-based covariance of the coefficients, in the order of ``table``."""
        return self.workings.covariance.copy()

    def term_test(self, terms: str | Sequence[str], method: str = "Wald") -> Test:
        """Test that all coefficients of some terms are zero.

        Parameters
        ----------
        terms
            Terms of the formula: ``"region"``, ``["age", "age:sex"]``, ``"1"`` for the
            intercept.
        method
            ``Wald``: F = b' V⁻¹ b / k on (k, model df). ``LRT``: the working likelihood
            ratio (deviances on weights of mean one), which follows Σ λᵢ F(1, df) with λ the
            eigenvalues of V₀⁻¹ V (Rao–Scott); p by saddlepoint.

        Raises
        ------
        EstimationError
            ``term-unknown``, ``method-unknown``, ``covariance-singular``, ``test-no-df``.

        References
        ----------
        Lumley, T., Scott, A. J. (2014). Tests for regression models fitted to survey data.
        Australian & New Zealand Journal of Statistics 56, 1-14. R survey's regTermTest.
        """
        one_of("method-unknown", "method", method, TERM_TESTS)
        at = self._columns_of(terms)
        k, df = float(len(at)), float(self.df)
        values = self.table["value"].to_numpy(dtype=np.float64)[at]
        v = self.workings.covariance[np.ix_(at, at)]
        if method == "Wald":
            statistic = quadratic_form(values, v) / k
            p = f_tail(statistic, k, df)
            return Test(statistic, (k, df), p, "Wald test of terms", estimate=values)
        if df <= 0:
            f_tail(0.0, k, df)
        working = inverse(self.workings.information)[np.ix_(at, at)]
        eigenvalues = np.linalg.eigvals(np.linalg.solve(working, v)).real
        kept = np.setdiff1d(np.arange(len(self.workings.term_of)), at)
        ratio = max(self.workings.refit(kept) - self.deviance, 0.0)
        p = saddlepoint_tail(ratio, eigenvalues, df)
        name = "working likelihood ratio test of terms (Rao–Scott)"
        return Test(ratio, (k, df), p, name, estimate=values)

    def predict_margins(self, term: str, at: Sequence[Any] | None = None) -> Margins:
        """Return the mean prediction with a variable set to each of its values for everyone.

        Parameters
        ----------
        term
            A variable of the formula, as written there.
        at
            Values or categories; by default all categories, or all values of a number that
            has few.

        Returns
        -------
        Margins
            ``.table``: the variable, ``value, se, low, high, df`` (with ``category`` in an
            ordinal model: shares), and ``.covariance()``.

        Raises
        ------
        EstimationError
            ``term-unknown``, ``values-many``, ``category-unknown``.

        References
        ----------
        Graubard, B. I., Korn, E. L. (1999). Predictive margins with survey data. Biometrics
        55, 652-659. R survey's svypredmeans: the variance of the coefficients plus that of
        the population the predictions are averaged over.
        """
        own = self.workings
        return predicted_margins(
            own.frame, own.predict, own.covariance, term, at, self.df, self.level
        )

    def _columns_of(self, terms: str | Sequence[str]) -> Integers:
        known = {frozenset(term): number for number, term in enumerate(self.formula.terms, 1)}
        wanted = []
        named = list(read_terms(terms))
        listed = [terms] if isinstance(terms, str) else list(terms)
        if any(text.strip().lstrip("~").strip() in ("1", "(Intercept)") for text in listed):
            wanted.append(0)
            named = [term for term in named if term not in ((), ("Intercept",))]
        for term in named:
            if frozenset(term) not in known:
                there = ", ".join(":".join(term) for term in self.formula.terms)
                raise EstimationError.of(
                    "term-unknown",
                    f"Mô hình không có số hạng “{':'.join(term)}”.",
                    f"The model has no term “{':'.join(term)}”.",
                    f"Các số hạng: {there}.",
                    f"The terms are: {there}.",
                )
            wanted.append(known[frozenset(term)])
        found = np.flatnonzero(np.isin(self.workings.term_of, wanted))
        if not found.size:
            raise EstimationError.of(
                "term-unknown",
                f"Mô hình không có hệ số nào của {terms!r}.",
                f"The model has no coefficient of {terms!r}.",
                "Mô hình thứ bậc không có hệ số chặn; ghi tên một số hạng.",
                "An ordinal model has no intercept; name a term.",
            )
        return found


def coefficient_table(
    names: Sequence[str], values: Floats, covariance: Floats, df: int, level: float
) -> tuple[pd.DataFrame, list[Finding]]:
    """Return the table of coefficients, and a warning where no test can be made."""
    check_level(level)
    se = np.sqrt(np.maximum(np.diag(covariance), 0.0))
    with np.errstate(divide="ignore", invalid="ignore"):
        t = np.where(se > 0, np.abs(values) / se, np.where(values == 0, 0.0, np.inf))
    findings = []
    if df > 0:
        p = 2.0 * special.stdtr(df, -t)
        half = special.stdtrit(df, 0.5 + level / 2) * se
    else:
        p = half = np.full(len(values), np.nan)
        findings.append(
            Finding(
                "model-no-df",
                Words(
                    f"Mô hình có {len(values)} hệ số, thiết kế không còn bậc tự do.",
                    f"The model has {len(values)} coefficients; the design leaves no degrees "
                    "of freedom.",
                ),
                Words(
                    "Không có giá trị p và khoảng tin cậy; bớt số hạng.",
                    "There are no p-values and intervals; use fewer terms.",
                ),
                severity="warning",
            )
        )
    columns: dict[str, Any] = {
        "term": list(names),
        "value": values,
        "se": se,
        "p": p,
        "df": np.full(len(values), df),
        "low": values - half,
        "high": values + half,
    }
    return pd.DataFrame(columns), findings
