"""The stages of a design, built once from the columns of its table, and what they must hold."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pandas as pd

from analysis.stage_labels import StageLabels
from analysis.stages import Flags, Floats, Integers, Stage, codes, joint
from intake.findings import EstimationError


def clusters(labels: StageLabels, nest: bool) -> list[Integers]:
    """Return for each stage the cluster of each row, numbered from 0.

    Raises
    ------
    EstimationError
        ``psu-in-two-strata`` where labels come again in another stratum without ``nest``.
    """
    data, psu = labels.data, labels.psu
    if not psu:
        return [np.arange(len(data), dtype=np.int64)]
    stratum = codes(data, labels.strata[0]) if labels.strata else np.zeros(len(data), np.int64)
    found: list[Integers] = []
    for depth, name in enumerate(psu):
        label = labels.unit(depth)
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
    labels: StageLabels, cluster_codes: Sequence[Integers], fpc: Sequence[str], fpc_as: str
) -> tuple[tuple[Stage, ...], Floats]:
    """Return the stages that carry variance, and the sampling fraction of each row.

    Later stages carry variance where ``fpc`` is given for them; without it the primary units
    carry all of it.
    """
    rows = len(labels.data)
    depth = max(1, len(fpc))
    unit_of_row = cluster_codes[depth - 1]
    row_of_unit = _first_rows(unit_of_row)
    carried_by_row = np.ones(rows)
    parents = np.zeros(rows, dtype=np.int64)
    stages: list[Stage] = []
    for level in range(depth):
        cut = labels.stratum(level)
        stratum = joint([parents] if cut is None else [parents, cut])
        cluster = cluster_codes[level]
        first_rows = _first_rows(stratum)
        stratum_of = stratum[_first_rows(cluster)]
        counts = np.bincount(stratum_of, minlength=first_rows.size).astype(np.int64)
        fraction = np.zeros(first_rows.size)
        if level < len(fpc):
            column = labels.correction(fpc, level, fpc_as)
            fraction = fractions(column, fpc[level], fpc_as, stratum, counts)
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


def fractions(column: Floats, name: str, kind: str, stratum: Integers, counts: Integers) -> Floats:
    """Return the sampling fraction of each stratum, checked against what was drawn."""
    value = np.zeros(len(counts))
    value[stratum] = column
    with np.errstate(invalid="ignore"):  # endless lists are equally long
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


def certain_alone(stage: Stage, unit_of: Integers, sure: Flags) -> Stage:
    """Return a first stage in which a lone unit is drawn whole if it was sure to be there.

    ``unit_of`` leads from rows to the finest clusters; ``sure`` are the rows whose probability
    through all stages is one.
    """
    stratum = stage.stratum_of[stage.cluster_of[unit_of]]
    by_chance = np.bincount(stratum[~sure], minlength=stage.counts.size)
    certain = (stage.counts == 1) & (by_chance == 0)
    return replace(stage, free=np.where(certain, 0.0, stage.free))


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
