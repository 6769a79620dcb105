"""Quantiles of numeric items by domain, with intervals that come from shares.

The share of the population at or below a quantile has a standard error like any share. The
interval of that share, read back through the same rule, is the interval of the quantile
(Woodruff). Quantiles cannot be had from sums: the rows are passed over again, once for the
quantiles and once for the shares, and for ``score`` some dozens of times.

Quantiles are in the unit of the item. Flag ``bound``: one end of the interval lies beyond
the answers, so that it and the standard error are missing; or the quantile is the largest
answer, below which lies everybody, and its standard error of zero says nothing.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd

from analysis.estimation import intervals
from analysis.estimation.columns import listed, numeric_columns, refuse_gaps
from analysis.estimation.domains import categories_of, groupings, unplaced
from analysis.estimation.quantile_errors import Asking, Found, ends_of, replicated
from analysis.estimation.quantile_rules import RULES
from analysis.estimation.results import COLUMNS, Design, Estimates, Scores, labelled
from analysis.replication import ReplicateDesign
from analysis.stages import Floats
from analysis.tables import need_columns, need_design
from intake.findings import EstimationError, Finding

INTERVALS = ("mean", "beta", "xlogit", "asin", "score")
REPLICATE_INTERVALS = ("mean", "beta", "xlogit", "asin", "quantile")
_ROUNDING = 1e-12


def quantile(
    design: Design,
    items: str | Sequence[str],
    probs: float | Sequence[float],
    by: Sequence[Any] | str | None = None,
    level: float = 0.95,
    *,
    interval: str = "mean",
    rule: str = "math",
    missing: str = "fail",
) -> Estimates:
    """Estimate quantiles of numeric items. Passes over the rows again for each item.

    Parameters
    ----------
    design
        The table and how it was drawn, or replicate weights.
    items
        Columns with numbers.
    probs
        Shares of the population below the quantile, from 0 to 1, such as ``[0.25, 0.5]``.
    by
        Domain variables: a name, names to be crossed, or a list of such lists whose tables
        are stacked. A row with a missing domain value belongs to no domain.
    level
        Confidence level.
    interval
        Interval of the share below the quantile: ``mean`` (share ± t·se), ``xlogit``, ``asin``
        or ``beta`` (Korn and Graubard), read back through the rule; ``score`` inverts the test
        of the share above a value. With replicate weights ``quantile`` in place of ``score``:
        the quantile of each replicate (no valid variance under the jackknife).
    rule
        One of `quantile_rules.RULES`.
    missing
        ``fail`` refuses missing answers, ``drop`` leaves out rows with a missing item of
        this call and keeps the design.

    Returns
    -------
    Estimates
        Rows by domain, item and probability; column ``probability``. ``se`` is the width of
        the interval over 2t; ``n_effective`` and ``deff`` are those of the share. For
        covariances a quantile moves with its share, at the rate of their standard errors.

    Raises
    ------
    EstimationError
        ``item-missing-column``, ``item-not-numeric``, ``answers-missing``,
        ``by-column-missing``, ``domain-empty``, ``probability-out-of-range``,
        ``interval-unknown``, ``rule-unknown``, ``level-out-of-range``.

    References
    ----------
    Woodruff, R. S. (1952). Confidence intervals for medians and other position measures. JASA
    47, 635-646. Francisco, C. A., Fuller, W. A. (1991). Quantile estimation with a complex
    survey design. Annals of Statistics 19, 454-469.

    Examples
    --------
    >>> from analysis import SurveyDesign
    >>> table = pd.DataFrame({"y": [1.0, 2.0, 3.0, 4.0, 5.0] * 8, "w": 1.0})
    >>> found = quantile(SurveyDesign(table, weights="w"), "y", 0.5).table.iloc[0]
    >>> float(found["value"]), float(found["low"]), float(found["high"])
    (3.0, 3.0, 4.0)
    """
    need_design(design)
    names = listed(items)
    wanted = _checked_probs(probs)
    _check_choices(design, interval, rule)
    columns, rows = numeric_columns(design.data, names, design.member, missing)
    if missing == "fail":
        refuse_gaps(columns, design.member)
    variables = groupings(by)
    all_names = list(dict.fromkeys(name for group in variables for name in group))
    need_columns(design.data, all_names, "by-column-missing")
    quantities = [(name, float(p)) for name in names for p in wanted]
    tables: list[pd.DataFrame] = []
    parts: list[Scores] = []
    findings: list[Finding] = []
    for group in variables:
        category, labels = categories_of(design.data, group, design.member)
        _refuse_nobody(labels if group else [()] * int(design.member.any()))
        findings.extend(unplaced(group, int(np.sum((category < 0) & design.member))))
        kept = design.member if rows is None else rows
        asking = Asking(design, columns, np.where(kept, category, -1), len(labels), wanted, rule)
        found, scores = _columns(asking, level, interval)
        head = labelled([(name, None) for name, _ in quantities], labels, group, all_names)
        head = {
            "quantity": head.pop("quantity"),
            "probability": _repeated(quantities, labels),
        } | head
        tables.append(pd.DataFrame({**head, **found}))
        parts.append(scores)
    table = tables[0] if len(tables) == 1 else pd.concat(tables, ignore_index=True)
    table.attrs["deff_weights"] = table.pop("deff_weights").to_list()
    sizes = tuple(len(part) for part in tables)
    keys = tuple(name for name in table.columns if name not in COLUMNS)
    return Estimates(table, design, level, tuple(findings), sizes, tuple(parts), keys)


def _columns(asking: Asking, level: float, interval: str) -> tuple[dict[str, Any], Scores]:
    """Return the columns of the estimates file, and what moves the estimates."""
    found = asking.found()
    value, n, df = found.value, found.n, found.df
    empty, no_df = n == 0, (n > 0) & (df <= 0)
    replicates = None
    if interval == "quantile":
        replicates, se = replicated(asking, value)
        low, high = intervals.around(value, se, df, level)
    else:
        low, high = ends_of(asking, found, level, interval)
        with np.errstate(invalid="ignore"):
            se = (high - low) / (2 * intervals.quantile_of_t(level, df))
    with np.errstate(divide="ignore", invalid="ignore"):
        share = found.share
        simple = np.where(share * (1 - share) > _ROUNDING, share * (1 - share) / (n - 1), np.nan)
        deff = np.where(no_df, np.nan, found.variance / simple)
        effective = np.where(deff > 0, n / deff, found.kish)
        weighted = n / found.kish
    flags = np.where(np.isfinite(se) & (share > 0) & (share < 1), "", "bound")
    flags = np.where(empty, "no-cases", np.where(no_df, "no-df", flags))
    columns = {
        "value": value,
        "se": se,
        "low": low,
        "high": high,
        "n": n.astype(np.int64),
        "n_effective": np.where(empty, 0.0, effective),
        "deff": np.where(np.isfinite(deff), deff, np.nan),
        "df": df.astype(np.int64),
        "flag": flags,
        "deff_weights": weighted,
    }
    return {name: column.ravel() for name, column in columns.items()}, _moves(
        asking, found, se, replicates
    )


def _moves(asking: Asking, found: Found, se: Floats, replicates: Floats | None) -> Scores:
    """Return what moves the quantiles: the share below, at the rate of the standard errors."""
    with np.errstate(divide="ignore", invalid="ignore"):
        rate = np.where(found.variance > 0, -se / np.sqrt(found.variance), se).ravel()
    value, share = found.value.ravel(), found.share.ravel()

    def scores(rows: Sequence[int]) -> Floats:
        wanted = list(rows)
        if replicates is not None:
            return np.asarray(replicates.reshape(len(replicates), -1)[:, wanted])
        own = found.scores(wanted)
        if isinstance(asking.design, ReplicateDesign):
            return np.asarray(value[wanted] + rate[wanted] * (own - share[wanted]))
        return np.asarray(own * rate[wanted])

    return scores


def _repeated(
    quantities: Sequence[tuple[str, float]], labels: Sequence[tuple[Any, ...]]
) -> list[float]:
    return [p for _ in labels for _, p in quantities]


def _refuse_nobody(labels: Sequence[tuple[Any, ...]]) -> None:
    if not labels:
        raise EstimationError.of(
            "domain-empty",
            "Không có dòng nào thuộc phần được chọn.",
            "No row is in the part chosen.",
            "Hãy kiểm tra điều kiện của where và cột của by.",
            "Check the condition of where and the column of by.",
        )


def _checked_probs(probs: float | Sequence[float]) -> Floats:
    try:
        wanted = np.atleast_1d(np.asarray(probs, dtype=np.float64))
    except (TypeError, ValueError):
        wanted = np.array([np.nan])
    bad = wanted[~((wanted >= 0) & (wanted <= 1))]
    if bad.size or not wanted.size or wanted.ndim > 1:
        got = f"{bad[0]:g}" if bad.size else str(probs)
        raise EstimationError.of(
            "probability-out-of-range",
            f"Xác suất {got} không hợp lệ.",
            f"The probability {got} is not possible.",
            "Chọn từ 0 đến 1, ví dụ 0.5.",
            "Choose from 0 to 1, such as 0.5.",
        )
    return wanted


def _check_choices(design: Design, interval: str, rule: str) -> None:
    replicated = isinstance(design, ReplicateDesign)
    kinds = REPLICATE_INTERVALS if replicated else INTERVALS
    for code, name, got, choices in (
        ("interval-unknown", "interval", interval, kinds),
        ("rule-unknown", "rule", rule, RULES),
    ):
        if got not in choices:
            listed = ", ".join(choices)
            raise EstimationError.of(
                code,
                f"{name}={got!r} không dùng được với thiết kế này.",
                f"{name}={got!r} is no choice for this design.",
                f"Các lựa chọn: {listed}.",
                f"The choices are: {listed}.",
            )
