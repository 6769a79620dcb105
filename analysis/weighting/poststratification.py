"""Weights that reproduce the population count of every post-stratum, and standardisation.

A post-stratum is a category of a column or a combination of categories of several. Within
each, all weights change by one factor. Standardisation does the same inside every group of
another variable, with shares instead of counts, so that groups can be compared as if they had
the same composition. Counts and weights are in persons.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd

from analysis.weighting.columns import coded, interaction, label_of
from analysis.weighting.diagnostics import Floats, checked_weights
from analysis.weighting.margins import Integers, Margin, prepare_margins, without_weight
from analysis.weighting.replicates import D, Rows, members, reweighted, spread
from analysis.weighting.steps import PoststratificationStep
from intake.findings import WeightError


def poststratify(
    design: D,
    by: str | Sequence[str],
    targets: Mapping[Any, float],
) -> D:
    """Return the design with weights that reproduce the count of each post-stratum.

    The factor of a post-stratum is N / Σ w over its rows.

    Parameters
    ----------
    design
        A survey design or a replicate design, whose replicates are weighed each on its own.
        After ``where`` the members alone are weighed.
    by
        A column, or columns whose combinations are the keys (tuples) of ``targets``.
    targets
        Persons in each post-stratum.

    Raises
    ------
    WeightError
        The faults of `analysis.weighting.margins.prepare_margins`.

    References
    ----------
    Holt, D., Smith, T. M. F. (1979). Post stratification. Journal of the Royal Statistical
    Society A 142, 33-46.

    Examples
    --------
    >>> import pandas as pd
    >>> from analysis.design import SurveyDesign
    >>> table = pd.DataFrame({"w": [1.0, 1.0, 2.0], "sex": ["f", "f", "m"]})
    >>> design = SurveyDesign(table, weights="w")
    >>> poststratify(design, "sex", {"f": 30, "m": 20}).weights.tolist()
    [15.0, 15.0, 20.0]
    """
    columns = [by] if isinstance(by, str) or not isinstance(by, Iterable) else list(by)
    rows = members(design)
    before = checked_weights(design.weights[rows], positive=False)
    positions = None if isinstance(rows, slice) else rows
    name: Any = columns[0] if len(columns) == 1 else tuple(columns)
    margin = prepare_margins(design.data, before, {name: targets}, positions)[0]
    return _to_cells(design, "poststratification", margin, before, rows)


def standardize(
    design: D,
    by: str | Sequence[str],
    over: str | Sequence[str] | None,
    population: Mapping[Any, float] | Sequence[float],
) -> D:
    """Return the design with every group given the composition of a standard population.

    Within each group of ``over`` the weights of category c of ``by`` are scaled to
    p_c · Σ w of the group, p being the shares of the standard population. Means by ``over``
    are then directly standardised.

    Parameters
    ----------
    design
        A survey design or a replicate design.
    by
        The column, or columns, that are standardised for (such as the age group).
    over
        The column, or columns, of the groups to be compared; None for the whole population.
    population
        Counts or shares of the standard population by category of ``by`` (tuples for several
        columns), or in the order of the sorted categories of a single column.

    Returns
    -------
    SurveyDesign or ReplicateDesign
        The total weight is kept, less what belongs to combinations without respondents,
        which are left out as R survey does; ``history[-1].settings["absent"]`` lists them.

    Raises
    ------
    WeightError
        ``standard-value-missing`` (a row without category or group: narrow the design with
        ``where`` first), ``margin-category-unknown``, ``margin-count-negative``,
        ``standard-length``, ``margin-column-missing``.

    References
    ----------
    Direct standardisation as `svystandardize` of R survey does it. Curtin, L. R., Klein,
    R. J. (1995). Direct standardization (age-adjusted death rates). Healthy People 2000
    Statistical Notes 6.

    Examples
    --------
    >>> import pandas as pd
    >>> from analysis.design import SurveyDesign
    >>> table = pd.DataFrame({"w": 1.0, "age": [1, 2, 2, 1]})
    >>> design = SurveyDesign(table, weights="w")
    >>> standardize(design, "age", None, {"1": 30, "2": 10}).weights.tolist()
    [1.5, 0.5, 0.5, 1.5]
    """
    rows = members(design)
    before = checked_weights(design.weights[rows], positive=False)
    own, own_labels = _groups(design, by, rows)
    group, group_labels = _groups(design, over, rows)
    share = _shares(own_labels, population, "*".join(_columns(by)))
    held = np.bincount(group, weights=before, minlength=len(group_labels))
    joint = group * len(own_labels) + own
    wanted = np.multiply.outer(held, share).ravel()
    names = [f"{over}*{own}".strip("*") for over in group_labels for own in own_labels]
    seen = np.bincount(joint, minlength=wanted.size) > 0
    place = np.cumsum(seen) - 1
    margin = Margin(
        "*".join(_columns(over) + _columns(by)),
        tuple(names[cell] for cell in np.flatnonzero(seen)),
        place[joint],
        wanted[seen],
    )
    absent = tuple(names[cell] for cell in np.flatnonzero(~seen & (wanted > 0)))
    return _to_cells(design, "standardization", margin, before, rows, {"absent": absent})


def _to_cells(
    design: D,
    name: str,
    margin: Margin,
    before: Floats,
    rows: Rows,
    settings: Mapping[str, Any] | None = None,
) -> D:
    def weigh(weights: Floats) -> Floats:
        own = margin.retargeted(weights)
        held = own.sums(weights)
        empty = np.flatnonzero((held <= 0) & (own.targets > 0))
        if empty.size:
            raise without_weight(margin, empty)
        return np.asarray(weights * (own.targets / np.where(held > 0, held, 1.0))[own.category])

    length = len(design.data)
    step = PoststratificationStep(
        name,
        spread(before, rows, length),
        spread(weigh(before), rows, length),
        rows,
        (margin,),
        settings=settings or {},
        iterations=1,
    )
    return reweighted(design, step.after, step, rows, weigh)


def _columns(names: str | Sequence[str] | None) -> list[str]:
    if names is None:
        return []
    return [names] if isinstance(names, str) else list(names)


def _groups(design: D, by: str | Sequence[str] | None, rows: Rows) -> tuple[Integers, list[str]]:
    """Return the group of each row and the labels in order; refuse a row without a group."""
    columns = _columns(by)
    if not columns:
        return np.zeros(len(design.weights[rows]), dtype=np.int64), [""]
    for column in columns:
        if column not in design.data.columns:
            raise WeightError.of(
                "margin-column-missing",
                f"Không có cột “{column}”.",
                f"There is no column “{column}”.",
                "Hãy sửa tên cột.",
                "Mend the name of the column.",
                column=column,
            )
    found = interaction([coded(design.data[column].iloc[rows]) for column in columns])
    codes, labels = found.codes, found.labels
    gone = np.flatnonzero(codes < 0)
    if gone.size:
        row = int(np.arange(len(design.data))[rows][gone[0]]) + 1
        raise WeightError.of(
            "standard-value-missing",
            f"{gone.size} dòng thiếu giá trị ở {', '.join(columns)}.",
            f"{gone.size} rows have no value of {', '.join(columns)}.",
            "Thu hẹp thiết kế bằng where() về các dòng có giá trị.",
            "Narrow the design with where() to the rows that have one.",
            row=row,
            column=columns[0],
        )
    order = sorted(range(len(labels)), key=lambda code: _sort_key(labels[code]))
    rank = np.empty(len(labels), dtype=np.int64)
    rank[order] = np.arange(len(labels))
    return rank[codes], [labels[code] for code in order]


def _sort_key(label: str) -> tuple[tuple[int, float, str], ...]:
    parts = []
    for part in label.split("*"):
        try:
            parts.append((0, float(part), ""))
        except ValueError:
            parts.append((1, 0.0, part))
    return tuple(parts)


def _numbers(given: object) -> Floats:
    try:
        return np.asarray(given, dtype=np.float64)
    except (TypeError, ValueError):
        raise WeightError.of(
            "standard-length",
            f"Dân số chuẩn không phải các số: {given!r}.",
            f"The standard population is no list of numbers: {given!r}.",
            "Ghi một số cho mỗi nhóm.",
            "Give one number per category.",
        ) from None


def _shares(
    labels: Sequence[str], population: Mapping[Any, float] | Sequence[float], name: str
) -> Floats:
    if isinstance(population, Mapping | pd.Series):
        keyed = {
            "*".join(label_of(part) for part in (key if isinstance(key, tuple) else (key,))): count
            for key, count in population.items()
        }
        unknown = [label for label in labels if label not in keyed]
        if unknown:
            raise WeightError.of(
                "margin-category-unknown",
                f"Dân số chuẩn thiếu nhóm: {', '.join(unknown[:20])}.",
                f"The standard population lacks categories: {', '.join(unknown[:20])}.",
                "Thêm số dân của các nhóm này.",
                "Add their counts.",
                column=name,
            )
        counts = _numbers([keyed[label] for label in labels])
        total = float(_numbers(list(keyed.values())).sum())
    else:
        counts = _numbers(population)
        total = float(counts.sum())
        if counts.shape != (len(labels),):
            raise WeightError.of(
                "standard-length",
                f"Dân số chuẩn có {counts.size} giá trị, {name} có {len(labels)} nhóm.",
                f"The standard population has {counts.size} values, {name} {len(labels)} groups.",
                f"Ghi theo thứ tự: {', '.join(labels[:20])}.",
                f"Give them in this order: {', '.join(labels[:20])}.",
                column=name,
            )
    bad = np.flatnonzero(~(np.isfinite(counts) & (counts > 0)))
    if bad.size:
        raise WeightError.of(
            "margin-count-negative",
            f"Nhóm “{labels[int(bad[0])]}” của dân số chuẩn không lớn hơn 0.",
            f"Category “{labels[int(bad[0])]}” of the standard population is not above 0.",
            "Mỗi nhóm có người trả lời cần số dân lớn hơn 0.",
            "Every category with respondents needs a count above 0.",
            column=name,
        )
    return np.asarray(counts / total)
