"""The stages of a draw: which clusters stand in which strata, and what share of them was drawn.

Built once from the design columns of a table and kept as codes, so that every variance is a
few sums over them. Sampling fractions have no unit; counts are clusters of a stage.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from intake.findings import EstimationError

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]
Flags = NDArray[np.bool_]


@dataclass(frozen=True, eq=False)
class Stage:
    """One stage of drawing, over the finest clusters that carry variance.

    ``cluster_of`` leads from a finest cluster to the cluster of this stage, ``stratum_of``
    from there to its stratum, ``parent_of`` from a stratum to the cluster of the stage
    before. ``counts`` are the drawn clusters of a stratum, ``free`` the share of it that
    was not drawn (1 without correction), ``carried`` the product of the sampling fractions
    of the stages before. ``cluster_free`` replaces ``free`` where clusters of one stratum
    were drawn with unequal probabilities. ``first_rows`` names a row of each stratum.
    """

    cluster_of: Integers
    stratum_of: Integers
    parent_of: Integers
    counts: Integers
    free: Floats
    carried: Floats
    first_rows: Integers
    cluster_free: Floats | None = None


def codes(data: pd.DataFrame, name: str) -> Integers:
    """Return the values of a column as numbers from 0, in their order; none may be missing."""
    try:
        found, _ = pd.factorize(data[name], sort=True)
    except TypeError:
        # Labels of several kinds have no order, lists are no labels.
        found, _ = pd.factorize(data[name].astype(str).where(data[name].notna()), sort=True)
    missing = np.flatnonzero(found < 0)
    if missing.size:
        raise EstimationError.of(
            "design-value-missing",
            f"Cột {name} thiếu giá trị.",
            f"Column {name} has a missing value.",
            "Mỗi dòng phải có tầng và đơn vị của mình.",
            "Every row needs its stratum and its unit.",
            row=int(missing[0]) + 1,
            column=name,
        )
    return np.asarray(found, dtype=np.int64)


def compressed(keys: Integers, size: int) -> tuple[Integers, Integers]:
    """Return the keys that occur, ascending, and the position of each key among them."""
    if size <= 8 * keys.size + 1024:
        held = np.zeros(size, dtype=bool)
        held[keys] = True
        present = np.flatnonzero(held).astype(np.int64)
        position = np.cumsum(held, dtype=np.int64) - 1
        return present, position[keys]
    present, inverse = np.unique(keys, return_inverse=True)
    return present.astype(np.int64), inverse.astype(np.int64)


def joint(parts: Sequence[Integers]) -> Integers:
    """Return one number, from 0, for each combination of codes."""
    whole = parts[0]
    for part in parts[1:]:
        width = int(part.max()) + 1
        _, whole = compressed(whole * np.int64(width) + part, (int(whole.max()) + 1) * width)
    return whole


def clusters(
    data: pd.DataFrame, strata: Sequence[str], psu: Sequence[str], nest: bool
) -> list[Integers]:
    """Return for each stage the cluster of each row, numbered from 0.

    Raises
    ------
    EstimationError
        ``psu-in-two-strata`` where labels come again in another stratum without ``nest``.
    """
    if not psu:
        return [np.arange(len(data), dtype=np.int64)]
    stratum = codes(data, strata[0]) if strata else np.zeros(len(data), dtype=np.int64)
    found: list[Integers] = []
    for depth, name in enumerate(psu):
        label = codes(data, name)
        if depth:
            found.append(joint([found[-1], label]))
            continue
        if nest:
            label = joint([stratum, label])
        else:
            _refuse_shared(data, name, label, stratum)
        found.append(label)
    return found


def build(
    data: pd.DataFrame,
    strata: Sequence[str],
    cluster_codes: Sequence[Integers],
    fpc: Sequence[str],
    fpc_as: str,
) -> tuple[tuple[Stage, ...], Floats]:
    """Return the stages that carry variance, and the sampling fraction of each row.

    Later stages carry variance where ``fpc`` is given for them; without it the primary units
    carry all of it.
    """
    rows = len(data)
    depth = max(1, len(fpc))
    unit_of_row = cluster_codes[depth - 1]
    row_of_unit = _first_rows(unit_of_row)
    carried_by_row = np.ones(rows)
    parents = np.zeros(rows, dtype=np.int64)
    stages: list[Stage] = []
    for level in range(depth):
        stratum = (
            joint([parents, codes(data, strata[level])])
            if level < len(strata)
            else joint([parents])
        )
        cluster = cluster_codes[level]
        first_rows = _first_rows(stratum)
        stratum_of = stratum[_first_rows(cluster)]
        counts = np.bincount(stratum_of, minlength=first_rows.size).astype(np.int64)
        fraction = np.zeros(first_rows.size)
        if level < len(fpc):
            fraction = fractions(data, fpc[level], fpc_as, stratum, counts)
        stages.append(
            Stage(
                cluster[row_of_unit],
                stratum_of,
                parents[first_rows],
                counts,
                1.0 - fraction,
                carried_by_row[first_rows],
                first_rows,
            )
        )
        carried_by_row = carried_by_row * fraction[stratum]
        parents = cluster
    return tuple(stages), carried_by_row


def fractions(
    data: pd.DataFrame, name: str, kind: str, stratum: Integers, counts: Integers
) -> Floats:
    """Return the sampling fraction of each stratum, checked against what was drawn."""
    column = positive(data, name)
    value = np.zeros(len(counts))
    value[stratum] = column
    varied = np.flatnonzero(np.abs(column - value[stratum]) > 1e-9 * column)
    if varied.size:
        raise EstimationError.of(
            "fpc-varies",
            f"Cột {name} có nhiều giá trị khác nhau trong một tầng.",
            f"Column {name} has different values within one stratum.",
            "Mỗi tầng có một số đơn vị; hãy sửa cột này. "
            "Với xác suất khác nhau, dùng pps='brewer'.",
            "A stratum has one number of units; mend the column. "
            "For unequal probabilities use pps='brewer'.",
            row=int(varied[0]) + 1,
            column=name,
        )
    if kind == "count":
        short = np.flatnonzero(value < counts * (1 - 1e-9))
        if short.size:
            raise EstimationError.of(
                "fpc-below-sample",
                f"Cột {name} ghi {value[short[0]]:g} đơn vị, mẫu có {counts[short[0]]}.",
                f"Column {name} says {value[short[0]]:g} units, but {counts[short[0]]} were drawn.",
                "Nếu cột ghi tỷ lệ, dùng fpc_as='fraction'; nếu không, sửa số đơn vị.",
                "Use fpc_as='fraction' where it holds shares; else mend the count.",
                row=int(np.flatnonzero(stratum == short[0])[0]) + 1,
                column=name,
            )
        return np.asarray(np.minimum(counts / value, 1.0))
    over = np.flatnonzero(value > 1)
    if over.size:
        raise EstimationError.of(
            "fpc-above-one",
            f"Cột {name} có tỷ lệ lớn hơn 1.",
            f"Column {name} has a fraction above 1.",
            "Nếu cột ghi số đơn vị, dùng fpc_as='count'.",
            "Use fpc_as='count' where it holds numbers of units.",
            row=int(np.flatnonzero(stratum == over[0])[0]) + 1,
            column=name,
        )
    return value


def plain_numbers(data: pd.DataFrame, name: str) -> Floats:
    """Return a column as real numbers, NaN for what is none; refuse dates and complex ones."""
    kind = data[name].dtype
    dated = pd.api.types.is_datetime64_any_dtype(kind) or isinstance(kind, pd.PeriodDtype)
    if dated or pd.api.types.is_complex_dtype(kind) or pd.api.types.is_timedelta64_dtype(kind):
        raise EstimationError.of(
            "column-not-numeric",
            f"Cột {name} có kiểu {kind}, không phải số.",
            f"Column {name} is of type {kind} and holds no real numbers.",
            "Cần một cột số thực.",
            "Give a column of real numbers.",
            column=name,
        )
    try:
        found = pd.to_numeric(data[name], errors="coerce")
    except (TypeError, ValueError):
        return np.full(len(data), np.nan)
    return np.asarray(found.to_numpy(dtype=np.float64, na_value=np.nan, copy=True))


def positive(data: pd.DataFrame, name: str) -> Floats:
    """Return a column of numbers above zero."""
    column = plain_numbers(data, name)
    bad = np.flatnonzero(~(column > 0))
    if bad.size:
        raise EstimationError.of(
            "fpc-not-positive",
            f"Cột {name} thiếu giá trị hoặc không lớn hơn 0.",
            f"Column {name} has a value that is missing or not above zero.",
            "Ghi số đơn vị của tầng (count) hoặc tỷ lệ đã chọn (fraction).",
            "Give the units of the stratum (count) or the share drawn (fraction).",
            row=int(bad[0]) + 1,
            column=name,
        )
    return np.asarray(column)


def refuse_lonely(data: pd.DataFrame, stages: Sequence[Stage], strata: Sequence[str]) -> None:
    """Refuse a stratum with a single unit, unless all of it was drawn."""
    for depth, stage in enumerate(stages):
        lonely = np.flatnonzero((stage.counts == 1) & (stage.free > 0))
        if not lonely.size:
            continue
        rows = stage.first_rows[lonely[:10]]
        labels = data[strata[depth]].iloc[rows].astype(str) if depth < len(strata) else rows + 1
        names = ", ".join(f"“{label}”" for label in labels)
        raise EstimationError.of(
            "psu-lonely",
            f"Tầng chỉ có một đơn vị ở giai đoạn {depth + 1}: {names}.",
            f"Strata with a single unit at stage {depth + 1}: {names}.",
            "Gộp tầng với tầng lân cận, hoặc chọn lonely_psu= remove, adjust, average, certainty.",
            "Merge the stratum with a neighbour, or choose lonely_psu= "
            "remove, adjust, average, certainty.",
        )


def _first_rows(code: Integers) -> Integers:
    """Return the first row of each code."""
    first = np.zeros(int(code.max()) + 1, dtype=np.int64)
    first[code[::-1]] = np.arange(code.size - 1, -1, -1, dtype=np.int64)
    return first


def _refuse_shared(data: pd.DataFrame, name: str, label: Integers, stratum: Integers) -> None:
    shared = np.flatnonzero(stratum[_first_rows(label)][label] != stratum)
    if shared.size:
        value = data[name].iloc[int(shared[0])]
        raise EstimationError.of(
            "psu-in-two-strata",
            f"Đơn vị “{value}” ở cột {name} nằm trong nhiều tầng.",
            f"Primary unit “{value}” of column {name} lies in more than one stratum.",
            "Nếu mã bắt đầu lại trong mỗi tầng, dùng nest=True; nếu không, sửa dữ liệu.",
            "Use nest=True where labels start again in each stratum; else mend the data.",
            row=int(shared[0]) + 1,
            column=name,
        )
