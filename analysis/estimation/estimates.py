"""Means, totals, shares, ratios and variances by domain, with their uncertainty.

Each function answers for several items and all their domains at once, and reads the rows
once; `variance` reads them twice, since it needs the means first. A result states its standard
error, interval, number of answers, effective size, design effect and degrees of freedom; the
covariance of any two results can be had as well (`analysis.estimation.results`).

Under a `SurveyDesign` standard errors come from linearisation, under a
`analysis.replication.ReplicateDesign` from its replicates.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import partial
from typing import Any

import numpy as np
import pandas as pd

from analysis.design import SurveyDesign
from analysis.estimation.columns import (
    Asked,
    Column,
    category_columns,
    counted_columns,
    listed,
    numeric_columns,
)
from analysis.estimation.domains import categories_of, groupings, unplaced
from analysis.estimation.elsewhere import estimated_there, summed_there, unread
from analysis.estimation.evaluation import clusters_held, replicates_lost, summary
from analysis.estimation.results import Design, Estimates, labelled, stacked
from analysis.stages import Flags, Integers
from analysis.tables import need_columns, need_design
from intake.findings import EstimationError, Finding

Asking = Callable[[Integers, int], Asked]


def mean(
    design: Design,
    items: str | Sequence[str],
    by: Sequence[Any] | str | None = None,
    level: float = 0.95,
    *,
    interval: str = "mean",
    deff: bool | str = False,
    missing: str = "fail",
    engine: str = "auto",
) -> Estimates:
    """Estimate population means of numeric items.

    Parameters
    ----------
    design
        The table and how it was drawn.
    items
        Columns with numbers.
    by
        Domain variables: a name, names to be crossed, or a list of such lists whose tables
        are stacked. A row with a missing domain value belongs to no domain.
    level
        Confidence level of the t intervals.
    interval
        ``mean``: estimate ± t · se; for items between 0 and 1 one of
        `intervals.SHARE_INTERVALS` as well.
    deff
        ``False`` or ``"replace"``: against simple random sampling with replacement;
        ``True``: without.
    missing
        ``fail`` refuses missing answers, ``drop`` leaves out rows with a missing item of
        this call and keeps the design.
    engine
        ``auto``, ``memory`` or the address of an engine, see `analysis.engines`.

    Raises
    ------
    EstimationError
        ``item-missing-column``, ``item-not-numeric``, ``answers-missing``, ``by-…``.

    Examples
    --------
    >>> from analysis.design import SurveyDesign
    >>> table = pd.DataFrame({"y": [1.0, 2.0, 3.0, 4.0], "w": 1.0})
    >>> float(mean(SurveyDesign(table, weights="w"), "y").table["value"].iloc[0])
    2.5
    """
    names = listed(items)
    if interval == "mean" and summed_there(design, engine):
        plain = np.zeros(len(names), dtype=bool)
        asked = Asked(_plain(names), unread(names), (None,) * len(names), plain)
        again = partial(mean, items=names, by=by, level=level, deff=deff, missing=missing)
        return estimated_there(design, asked, by, level, deff, missing, engine, again)
    if interval != "mean":
        _only_rows(engine)
    design = _with_rows(design, names, by)
    columns, rows = numeric_columns(design.data, names, design.member, missing)
    bounded = np.full(len(names), interval != "mean")
    if interval != "mean":
        _refuse_beyond(columns, design.member if rows is None else rows, interval)
    asked = Asked(_plain(names), columns, (None,) * len(names), bounded, rows=rows)
    return estimated(design, lambda *_: asked, by, level, deff, interval)


def total(
    design: Design,
    items: str | Sequence[str],
    by: Sequence[Any] | str | None = None,
    level: float = 0.95,
    *,
    interval: str = "mean",
    deff: bool | str = False,
    missing: str = "fail",
    engine: str = "auto",
) -> Estimates:
    """Estimate population totals of numeric items; arguments as for `mean`.

    An item in words has a total for each of its categories: how many the rows stand for.
    """
    _only_t(interval)
    names = listed(items)
    if summed_there(design, engine):
        asked = Asked(_plain(names), unread(names), None, np.zeros(len(names), dtype=bool))
        again = partial(total, items=names, by=by, level=level, deff=deff, missing=missing)
        return estimated_there(design, asked, by, level, deff, missing, engine, again)
    design = _with_rows(design, names, by)
    labels, columns, rows = counted_columns(design.data, names, design.member, missing)
    asked = Asked(labels, columns, None, np.zeros(len(columns), dtype=bool), rows=rows)
    return estimated(design, lambda *_: asked, by, level, deff, interval)


def ratio(
    design: Design,
    items: Sequence[tuple[str, str]] | tuple[str, str],
    by: Sequence[Any] | str | None = None,
    level: float = 0.95,
    *,
    interval: str = "mean",
    deff: bool | str = False,
    missing: str = "fail",
    engine: str = "auto",
) -> Estimates:
    """Estimate ratios of totals, given as (numerator, denominator); arguments as for `mean`."""
    _only_t(interval)
    alone = _is_pair(items) or isinstance(items, str | Mapping) or not isinstance(items, Iterable)
    pairs = [_pair(part) for part in ([items] if alone else items)] or [_pair(())]
    names = [name for pair in pairs for name in pair]
    labels = tuple((f"{a}/{b}", None) for a, b in pairs)
    flags = np.zeros(len(pairs), dtype=bool)
    if summed_there(design, engine):
        columns = unread(names)
        asked = Asked(labels, columns[::2], columns[1::2], flags)
        again = partial(ratio, items=pairs, by=by, level=level, deff=deff, missing=missing)
        return estimated_there(design, asked, by, level, deff, missing, engine, again)
    design = _with_rows(design, names, by)
    columns, rows = numeric_columns(design.data, names, design.member, missing)
    asked = Asked(labels, columns[::2], columns[1::2], flags, rows=rows)
    return estimated(design, lambda *_: asked, by, level, deff, interval)


def share(
    design: Design,
    items: str | Sequence[str],
    by: Sequence[Any] | str | None = None,
    level: float = 0.95,
    *,
    interval: str = "logit",
    deff: bool | str = False,
    missing: str = "fail",
    engine: str = "auto",
) -> Estimates:
    """Estimate the share of each category of each item, between 0 and 1.

    A 0/1 or boolean item gives the share of 1 alone. ``interval`` is one of
    `intervals.SHARE_INTERVALS`; the other arguments are those of `mean`.
    """
    _only_rows(engine)
    design = _with_rows(design, listed(items), by)
    labels, columns, rows = category_columns(design.data, listed(items), design.member, missing)
    shares = np.ones(len(columns), dtype=bool)
    asked = Asked(labels, columns, (None,) * len(columns), shares, rows=rows)
    return estimated(design, lambda *_: asked, by, level, deff, interval)


def variance(
    design: Design,
    items: str | Sequence[str],
    by: Sequence[Any] | str | None = None,
    level: float = 0.95,
    *,
    interval: str = "mean",
    deff: bool | str = False,
    missing: str = "fail",
    engine: str = "auto",
) -> Estimates:
    """Estimate population variances of numeric items; arguments as for `mean`.

    The estimate is n/(n-1) times the weighted mean of squared distances from the weighted
    mean of the domain, with n its answers; its standard error is that of this mean (under
    replicate weights, every replicate has its own mean to be distant from). Rows are read twice.
    """
    _only_t(interval)
    _only_rows(engine)
    names = listed(items)
    design = _with_rows(design, names, by)
    columns, rows = numeric_columns(design.data, names, design.member, missing)
    flags = np.zeros(len(names), dtype=bool)
    plain = Asked(_plain(names), columns, (None,) * len(names), flags, rows=rows)

    def asked(category: Integers, categories: int) -> Asked:
        columns, _ = summary(design, plain, category, categories, level)
        shape = (categories, len(names))
        centre, n = np.reshape(columns["value"], shape), np.reshape(columns["n"], shape)
        own = np.maximum(category, 0)
        spare = np.sqrt(n / np.maximum(n - 1, 1))
        apart = tuple(
            Column(column.name, np.asarray((column.numbers - centre[own, at]) * spare[own, at]))
            for at, column in enumerate(plain.over)
        )
        squares = tuple(Column(column.name, column.numbers**2) for column in apart)
        return Asked(plain.labels, squares, plain.under, flags, rows=rows, distances=apart)

    found = estimated(design, asked, by, level, deff, interval)
    alone = (found.table["n"] == 1).to_numpy()
    if alone.any():
        found.table.loc[alone, ["value", "se", "low", "high", "deff"]] = np.nan
        found.table.loc[alone, "flag"] = "one-case"
    return found


def estimated(
    design: Design,
    asking: Asking,
    by: Sequence[Any] | str | None,
    level: float,
    deff: bool | str,
    interval: str,
) -> Estimates:
    """Put one question to every domain variable and stack the answers into one table."""
    if deff not in (False, True, "replace"):
        raise EstimationError.of(
            "deff-unknown",
            f"deff={deff!r} không hợp lệ.",
            f"deff={deff!r} is not a choice.",
            "Chọn False, True hoặc 'replace'.",
            "Choose False, True or 'replace'.",
        )
    _refuse_nobody(design.member)
    variables = groupings(by)
    all_names = list(dict.fromkeys(name for names in variables for name in names))
    need_columns(design.data, all_names, "by-column-missing")
    tables: list[pd.DataFrame] = []
    parts = []
    findings: list[Finding] = []
    for names in variables:
        category, found = categories_of(design.data, names, design.member)
        if not found:
            raise _no_domain(names)
        missing = int(np.count_nonzero((category < 0) & design.member)) if names else 0
        findings.extend(unplaced(names, missing))
        asked = asking(category, len(found))
        columns, scores = summary(
            design, asked, category, len(found), level, deff=deff, interval=interval
        )
        findings.extend(replicates_lost(design, scores, len(columns["value"])))
        head = labelled(asked.labels, found, names, all_names)
        tables.append(pd.DataFrame({**head, **columns}))
        parts.append(scores)
    held = clusters_held(design, asked, len(found))
    return stacked(design, tables, level, parts, findings, held if len(variables) == 1 else None)


def _with_rows(design: Design, names: Sequence[str], by: Sequence[Any] | str | None) -> Design:
    """Return the design with the rows of these columns in memory."""
    need_design(design)
    if not isinstance(design, SurveyDesign) or design.away is None:
        return design
    domains = [name for part in groupings(by) for name in part]
    return design.brought([*names, *domains])


def _only_rows(engine: str) -> None:
    """Refuse an engine by name where rows have to be gone through."""
    if engine not in ("auto", "memory"):
        raise EstimationError.of(
            "engine-needs-rows",
            "Tỷ lệ, phương sai, phân vị và khoảng của tỷ lệ cần đọc từng dòng.",
            "Shares and their intervals, variances and quantiles go through the rows.",
            "Dùng engine='auto': các cột cần thiết được đưa về bộ nhớ.",
            "Use engine='auto': the columns that are needed are brought here.",
        )


def _plain(names: Sequence[str]) -> tuple[tuple[str, str | None], ...]:
    return tuple((name, None) for name in names)


def _is_pair(items: Any) -> bool:  # noqa: ANN401
    return isinstance(items, tuple) and len(items) == 2 and all(isinstance(x, str) for x in items)


def _pair(given: Any) -> tuple[str, str]:  # noqa: ANN401
    if not isinstance(given, tuple | list) or len(given) != 2:
        raise EstimationError.of(
            "ratio-pair",
            f"{given!r} không phải cặp tử, mẫu.",
            f"{given!r} is no pair.",
            "Dùng [('tử', 'mẫu'), …].",
            "Give [('numerator', 'denominator'), …].",
        )
    return str(given[0]), str(given[1])


def _only_t(interval: str) -> None:
    if interval != "mean":
        raise EstimationError.of(
            "interval-unknown",
            f"Không có khoảng “{interval}” cho đại lượng này.",
            f"There is no interval “{interval}” for this quantity.",
            "Chọn interval='mean' (khoảng t).",
            "Choose interval='mean' (t interval).",
        )


def _refuse_beyond(columns: Sequence[Column], rows: Flags, interval: str) -> None:
    for column in columns:
        with np.errstate(invalid="ignore"):
            beyond = rows & ((column.numbers < 0) | (column.numbers > 1))
        if beyond.any():
            row = int(np.flatnonzero(beyond)[0])
            raise EstimationError.of(
                "interval-needs-share",
                f"Cột {column.name} có giá trị ngoài [0; 1] ({column.numbers[row]:g}).",
                f"Column {column.name} holds {column.numbers[row]:g}, outside [0, 1].",
                f"interval='{interval}' chỉ dùng cho tỷ lệ; dùng 'mean'.",
                f"interval='{interval}' is for shares; use 'mean'.",
                row=row + 1,
                column=column.name,
            )


def _refuse_nobody(member: Flags) -> None:
    if not member.any():
        raise EstimationError.of(
            "domain-empty",
            "Không có dòng nào thuộc phần được chọn.",
            "No row is in the part chosen.",
            "Hãy kiểm tra điều kiện của where.",
            "Check the condition of where.",
        )


def _no_domain(names: Sequence[str]) -> EstimationError:
    together = ", ".join(names)
    return EstimationError.of(
        "domain-value-missing",
        f"Mọi dòng đều thiếu giá trị của {together}.",
        f"Every row misses a value of {together}.",
        "Hãy kiểm tra cột này.",
        "Check this column.",
        column=together,
    )
