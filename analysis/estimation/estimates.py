"""Means, totals, shares and ratios by domain, with their uncertainty and the counts behind them.

Each function answers for several items and all their domains at once. A result states its
standard error, interval, number of answers, effective size, design effect and degrees of
freedom; the covariance of any two results can be had as well.

``n_effective`` is the number of answers divided by the design effect against simple random
sampling with replacement, so it holds what strata, clusters and weights cost together.
Where the answers do not differ at all, or everyone was asked, there is no design effect, and
the number is divided by what unequal weights alone cost (Kish). The column ``deff`` is the
design effect against sampling with replacement, or without when ``deff=True`` is asked for.

Column ``flag``: ``no-cases`` (nobody in the domain answered), ``no-df`` (a single primary
unit per stratum: no standard error can be given), ``bound`` (a share of exactly 0 or 1).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd

from analysis.cells import cell_totals, covariance, indicator, variances
from analysis.design import Flags, Floats, Integers, SurveyDesign
from analysis.estimation import intervals, linearization
from analysis.estimation.linearization import Linearized
from intake.findings import EstimationError, Finding, Words

# A standard error below this share of its estimate is what rounding leaves of zero.
_ROUNDING = 1e-12
COLUMNS = ("value", "se", "low", "high", "n", "n_effective", "deff", "df", "flag")


@dataclass(frozen=True, eq=False)
class Estimates:
    """Estimates, one per row of ``table``, and the scores from which they can be combined."""

    table: pd.DataFrame
    design: SurveyDesign
    level: float
    findings: tuple[Finding, ...] = ()
    _totals: tuple[Any, ...] = field(default=(), repr=False)

    def covariance(self, rows: Sequence[int] | None = None) -> Floats:
        """Return the covariance matrix of the estimates at these row positions, or of all."""
        wanted = range(len(self.table)) if rows is None else rows
        starts = np.cumsum([0, *(part.shape[1] for part in self._totals)])
        columns = []
        for row in wanted:
            part = int(np.searchsorted(starts, row, side="right")) - 1
            columns.append(
                np.asarray(self._totals[part][:, [row - starts[part]]].todense()).ravel()
            )
        if not columns:
            return np.zeros((0, 0))
        return covariance(self.design, np.column_stack(columns))


def mean(
    design: SurveyDesign,
    items: str | Sequence[str],
    by: Sequence[Any] | str | None = None,
    level: float = 0.95,
    *,
    deff: bool | str = False,
    missing: str = "fail",
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
    deff
        ``False`` or ``"replace"``: against simple random sampling with replacement;
        ``True``: without.
    missing
        ``fail`` refuses missing answers, ``drop`` leaves out rows with a missing item of
        this call and keeps the design.

    Raises
    ------
    EstimationError
        ``item-missing-column``, ``item-not-numeric``, ``answers-missing``, ``by-…``.

    Examples
    --------
    >>> table = pd.DataFrame({"y": [1.0, 2.0, 3.0, 4.0], "w": 1.0})
    >>> float(mean(SurveyDesign(table, weights="w"), "y").table["value"].iloc[0])
    2.5
    """
    names = _listed(items)
    y, valid = _numbers(design, names, missing)
    return _estimates(
        design,
        [(name, None) for name in names],
        by,
        level,
        deff,
        "mean",
        lambda category, size: linearization.means(design, y, valid, category, size),
    )


def total(
    design: SurveyDesign,
    items: str | Sequence[str],
    by: Sequence[Any] | str | None = None,
    level: float = 0.95,
    *,
    deff: bool | str = False,
    missing: str = "fail",
) -> Estimates:
    """Estimate population totals of numeric items; arguments as for `mean`."""
    names = _listed(items)
    y, valid = _numbers(design, names, missing)
    return _estimates(
        design,
        [(name, None) for name in names],
        by,
        level,
        deff,
        "mean",
        lambda category, size: linearization.totals(design, y, valid, category, size),
    )


def ratio(
    design: SurveyDesign,
    items: Sequence[tuple[str, str]],
    by: Sequence[Any] | str | None = None,
    level: float = 0.95,
    *,
    deff: bool | str = False,
    missing: str = "fail",
) -> Estimates:
    """Estimate ratios of totals, given as (numerator, denominator); arguments as for `mean`."""
    pairs = list(items)
    over, valid_over = _numbers(design, [pair[0] for pair in pairs], missing)
    under, valid_under = _numbers(design, [pair[1] for pair in pairs], missing)
    valid = valid_over & valid_under
    return _estimates(
        design,
        [(f"{a}/{b}", None) for a, b in pairs],
        by,
        level,
        deff,
        "mean",
        lambda category, size: linearization.ratios(design, over, under, valid, category, size),
    )


def share(
    design: SurveyDesign,
    items: str | Sequence[str],
    by: Sequence[Any] | str | None = None,
    level: float = 0.95,
    *,
    interval: str = "logit",
    deff: bool | str = False,
    missing: str = "fail",
) -> Estimates:
    """Estimate the share of each category of each item, between 0 and 1.

    A 0/1 or boolean item gives the share of 1 alone. ``interval`` is one of
    `intervals.SHARE_INTERVALS`; the other arguments are those of `mean`.
    """
    names = _listed(items)
    _need_columns(design, names)
    labels: list[tuple[str, str | None]] = []
    columns: list[Any] = []
    valids: list[Any] = []
    for name in names:
        column = design.data[name]
        known: Any = column.notna().to_numpy(dtype=bool)
        found = sorted(column[known & design.member].unique(), key=_order)
        binary = set(found) <= {0, 1} and not any(isinstance(value, str) for value in found)
        for value in [1] if binary else found:
            labels.append((name, str(int(value)) if binary else str(value)))
            columns.append((column == value).fillna(value=False).to_numpy(dtype=np.float64))
            valids.append(known)
    y = np.column_stack(columns) if columns else np.zeros((len(design.data), 0))
    valid = np.column_stack(valids) if valids else np.zeros((len(design.data), 0), dtype=bool)
    valid = _complete(design, valid, [name for name, _ in labels], missing)
    return _estimates(
        design,
        labels,
        by,
        level,
        deff,
        interval,
        lambda category, size: linearization.means(design, y, valid, category, size),
    )


def summary(
    design: SurveyDesign,
    parts: Linearized,
    category: Integers,
    categories: int,
    level: float,
    *,
    deff: bool | str = False,
    shares: Flags | None = None,
    interval: str = "logit",
) -> tuple[dict[str, Any], Any]:
    """Turn linearised estimates into the columns of the estimates file.

    Parameters
    ----------
    parts
        Estimates by category (categories × items) with the effect of each row.
    shares
        Which items are shares between 0 and 1 and take ``interval``; the others take t.

    Returns
    -------
    tuple
        Columns by name, each of length categories · items (items of a category together),
        and the totals (units × columns) for covariances.
    """
    items = parts.value.shape[1]
    if len(parts.effect) != len(design.data):
        raise ValueError("effects and design differ in rows")
    category = np.where(design.member, category, -1)
    gathered = cell_totals(design, category, categories, parts.effect * design.weights[:, None])
    n, simple = linearization.simple_variance(design, parts, category, categories)
    value = parts.value.ravel()
    answered = n.ravel()
    variance = _without_rounding(variances(design, gathered), value)
    df = np.repeat(design.df_of(category, categories), items)
    empty = ~np.isfinite(value) | (answered == 0)
    se = np.where(empty, np.nan, np.sqrt(variance))
    no_df = ~empty & (df <= 0)
    se[no_df] = np.nan
    with np.errstate(divide="ignore", invalid="ignore"):
        unclustered = _without_rounding(simple.ravel(), value)
        against_replacement = np.where(no_df | empty, np.nan, variance / unclustered)
        against_replacement[~np.isfinite(against_replacement)] = np.nan
        effective = answered / against_replacement
        alone = ~np.isfinite(effective) & ~empty
        kish = _kish_sizes(design, parts.valid, category, categories).ravel()
        effective = np.where(alone, kish, effective)
        shown = against_replacement
        if deff is True:
            _, without = linearization.simple_variance(
                design, parts, category, categories, replacement=False
            )
            shown = np.where(no_df | empty, np.nan, variance / without.ravel())
    freedom = df.astype(np.float64)
    low, high = intervals.around(value, se, freedom, level)
    flags = np.where(empty, "no-cases", np.where(no_df, "no-df", ""))
    if shares is not None and shares.any():
        which = np.tile(shares, categories) & ~empty
        low[which], high[which] = intervals.of_share(
            value[which], se[which], answered[which], freedom[which], level, interval
        )
        edge = which & ((value <= 0) | (value >= 1)) & (flags == "")
        flags = np.where(edge, "bound", flags)
    columns: dict[str, Any] = {
        "value": np.where(empty, np.nan, value),
        "se": se,
        "low": np.where(empty | no_df, np.nan, low),
        "high": np.where(empty | no_df, np.nan, high),
        "n": answered.astype(np.int64),
        "n_effective": np.where(empty, 0.0, effective),
        "deff": shown,
        "df": df,
        "flag": flags,
    }
    return columns, gathered


def _without_rounding(variance: Floats, value: Floats) -> Floats:
    return np.where(variance <= (_ROUNDING * value) ** 2, 0.0, variance)


def categories_of(
    data: pd.DataFrame, names: Sequence[str], member: Flags
) -> tuple[Integers, list[tuple[Any, ...]]]:
    """Return the category of each row (-1 where a value is missing) and their labels in order."""
    if not names:
        return np.zeros(len(data), dtype=np.int64), [()]
    known = np.array(member)
    for name in names:
        known &= data[name].notna().to_numpy(dtype=bool)
    codes = []
    levels = []
    for name in names:
        code, uniques = pd.factorize(data[name].where(known), sort=True)
        codes.append(code.astype(np.int64))
        levels.append(list(uniques))
    joint = np.where(known, codes[0], 0)
    for code, level in zip(codes[1:], levels[1:], strict=True):
        joint = joint * max(len(level), 1) + np.where(known, code, 0)
    present = np.unique(joint[known])
    category = np.full(len(data), -1, dtype=np.int64)
    category[known] = np.searchsorted(present, joint[known])
    labels = []
    for key in present:
        label: list[Any] = []
        rest = int(key)
        for level in reversed(levels[1:]):
            label.append(level[rest % len(level)])
            rest //= len(level)
        label.append(levels[0][rest])
        labels.append(tuple(reversed(label)))
    return category, labels


def _estimates(
    design: SurveyDesign,
    labels: Sequence[tuple[str, str | None]],
    by: Sequence[Any] | str | None,
    level: float,
    deff: bool | str,
    interval: str,
    linearize: Any,  # noqa: ANN401 - a function of category and their number
) -> Estimates:
    if deff not in (False, True, "replace"):
        raise EstimationError(
            Finding(
                "deff-unknown",
                Words(f"deff={deff!r} không hợp lệ.", f"deff={deff!r} is not a choice."),
                Words("Chọn False, True hoặc 'replace'.", "Choose False, True or 'replace'."),
            )
        )
    tables: list[pd.DataFrame] = []
    gathered: list[Any] = []
    findings: list[Finding] = []
    groupings = _groupings(by)
    all_names = list(dict.fromkeys(name for names in groupings for name in names))
    _need_columns(design, all_names)
    categorical = any(category is not None for _, category in labels)
    for names in groupings:
        category, found = categories_of(design.data, names, design.member)
        findings.extend(_unplaced(names, category, design.member))
        parts = linearize(category, len(found))
        shares = None
        if interval != "mean" or categorical:
            shares = np.full(len(labels), categorical)
        columns, totals = summary(
            design,
            parts,
            category,
            len(found),
            level,
            deff=deff,
            shares=shares,
            interval=interval,
        )
        head: dict[str, Any] = {"quantity": [name for _ in found for name, _ in labels]}
        if categorical:
            head["category"] = [category_name for _ in found for _, category_name in labels]
        for name in all_names:
            at = names.index(name) if name in names else None
            head[name] = [None if at is None else label[at] for label in found for _ in labels]
        tables.append(pd.DataFrame({**head, **columns}))
        gathered.append(totals)
    table = tables[0] if len(tables) == 1 else pd.concat(tables, ignore_index=True)
    return Estimates(table, design, level, tuple(findings), tuple(gathered))


def _unplaced(names: Sequence[str], category: Integers, member: Flags) -> list[Finding]:
    missing = int(np.count_nonzero((category < 0) & member))
    if not missing:
        return []
    listed = ", ".join(names)
    return [
        Finding(
            "domain-value-missing",
            Words(
                f"{missing} dòng thiếu giá trị của {listed}, không thuộc nhóm nào.",
                f"{missing} rows miss a value of {listed} and belong to no domain.",
            ),
            Words("Các dòng này vẫn tính trong kết quả chung.", "They count in the whole."),
            severity="warning",
            column=listed,
        )
    ]


def _groupings(by: Sequence[Any] | str | None) -> list[list[str]]:
    if by is None:
        return [[]]
    if isinstance(by, str):
        return [[by]]
    if by and all(isinstance(part, str) for part in by):
        return [list(by)]
    if not by:
        return [[]]
    return [[part] if isinstance(part, str) else list(part) for part in by]


def _numbers(design: SurveyDesign, names: Sequence[str], missing: str) -> tuple[Floats, Flags]:
    _need_columns(design, names)
    for name in names:
        dtype = design.data[name].dtype
        if not (pd.api.types.is_numeric_dtype(dtype) or pd.api.types.is_bool_dtype(dtype)):
            raise EstimationError(
                Finding(
                    "item-not-numeric",
                    Words(f"Cột “{name}” là chữ.", f"Column “{name}” holds text."),
                    Words(
                        "Dùng estimate.share cho câu trả lời bằng chữ.",
                        "Use estimate.share for answers in words.",
                    ),
                    column=name,
                )
            )
    y = design.data[list(names)].to_numpy(dtype=np.float64, na_value=np.nan)
    valid = _complete(design, ~np.isnan(y), names, missing)
    return y, valid


def _complete(design: SurveyDesign, known: Flags, names: Sequence[str], missing: str) -> Flags:
    """Return the rows that count, the same ones for every item of the call."""
    if missing not in ("fail", "drop"):
        raise EstimationError(
            Finding(
                "missing-unknown",
                Words(f"missing={missing!r} không hợp lệ.", f"missing={missing!r} is no choice."),
                Words("Chọn 'fail' hoặc 'drop'.", "Choose 'fail' or 'drop'."),
            )
        )
    gaps = (~known & design.member[:, None]).sum(axis=0)
    if gaps.any() and missing == "fail":
        listed = ", ".join(
            dict.fromkeys(
                f"{name} ({int(gap)})" for name, gap in zip(names, gaps, strict=True) if gap
            )
        )
        raise EstimationError(
            Finding(
                "answers-missing",
                Words(f"Thiếu câu trả lời ở: {listed}.", f"Answers are missing in: {listed}."),
                Words(
                    "Dùng missing='drop' nếu chỉ tính các dòng có trả lời.",
                    "Use missing='drop' to count the rows with answers alone.",
                ),
            )
        )
    whole: Flags = np.all(known, axis=1, keepdims=True)
    return np.repeat(whole, known.shape[1], axis=1)


def _kish_sizes(design: SurveyDesign, valid: Flags, category: Integers, categories: int) -> Floats:
    weights = np.where(valid, design.weights[:, None], 0.0)
    gather = indicator(category, categories)
    with np.errstate(divide="ignore", invalid="ignore"):
        sizes: Floats = np.asarray(gather @ weights) ** 2 / np.asarray(gather @ weights**2)
    return sizes


def _need_columns(design: SurveyDesign, names: Sequence[str]) -> None:
    for name in names:
        if name not in design.data.columns:
            raise EstimationError(
                Finding(
                    "item-missing-column",
                    Words(f"Bảng không có cột “{name}”.", f"The table has no column “{name}”."),
                    Words("Hãy kiểm tra tên cột.", "Check the name of the column."),
                    column=name,
                )
            )


def _listed(items: str | Sequence[str]) -> list[str]:
    return [items] if isinstance(items, str) else list(items)


def _order(value: object) -> tuple[int, Any]:
    return (1, str(value)) if isinstance(value, str) else (0, value)
