"""Covariances of totals that follow from no stages: unequal probabilities, and two phases.

A form takes totals by finest cluster (clusters × k, weighted linearised values) and returns
their covariance (k × k). Designs without a form use their stages (`analysis.stagewise`).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike

from analysis import pps as unequal
from analysis import two_phase as phases
from analysis.stage_labels import StageLabels
from analysis.stages import Flags, Floats, Stage, positive
from analysis.tables import need_columns
from intake.findings import EstimationError

Form = Callable[[Floats], Floats]
PPS_CHOICES = ("brewer", "overton", "hartley_rao")
_PHASE_KEYS = ("weights", "strata", "psu", "fpc", "fpc_as", "probabilities")


def unequal_form(
    stage: Stage,
    probability: Floats,
    pps: str | ArrayLike,
    variance: str,
    sum_of_squares: float | Sequence[float] | Floats | None,
) -> Form:
    """Return the form of a draw with unequal probabilities, without replacement.

    Parameters
    ----------
    stage
        The only stage, whose clusters were drawn with ``probability`` (one per cluster).
    pps
        ``overton``, ``hartley_rao``, or the matrix of joint probabilities.
    variance
        ``ht`` (Horvitz-Thompson) or ``yg`` (Yates-Grundy).
    sum_of_squares
        For ``hartley_rao``; see `analysis.pps.covariance`.
    """
    named = isinstance(pps, str)
    if not named:
        # Checked once; a matrix that does not fit is refused when the design is made.
        unequal.covariance(np.zeros(probability.size), probability, joint=pps, variance=variance)

    def form(totals: Floats) -> Floats:
        return unequal.covariance(
            totals,
            probability,
            joint=None if named else pps,
            kind=str(pps) if named else "overton",
            variance=variance,
            strata=stage.stratum_of,
            sum_of_squares=sum_of_squares,
        )

    return form


def check_pps(pps: str | ArrayLike | None, variance: str) -> None:
    """Refuse a way of unequal probabilities that is none, or has no such variance."""
    if isinstance(pps, str) and pps not in PPS_CHOICES:
        raise EstimationError.of(
            "pps-unknown",
            f"pps={pps!r} không có trong các lựa chọn.",
            f"pps={pps!r} is not one of the choices.",
            f"Các lựa chọn: {', '.join(PPS_CHOICES)}, hoặc ma trận xác suất chung.",
            f"The choices are {', '.join(PPS_CHOICES)}, or a matrix of joint probabilities.",
        )
    if variance not in unequal.VARIANCES or (pps is not None and _is(pps, "brewer", variance)):
        raise EstimationError.of(
            "pps-variance-unknown",
            f"pps_variance={variance!r} không dùng được ở đây.",
            f"pps_variance={variance!r} cannot be used here.",
            "Chọn 'ht' hoặc 'yg'; pps='brewer' chỉ có một công thức ('ht').",
            "Choose 'ht' or 'yg'; pps='brewer' has one formula alone ('ht').",
        )


def _is(pps: str | ArrayLike, name: str, variance: str) -> bool:
    return isinstance(pps, str) and pps == name and variance == "yg"


def two_phases(
    table: pd.DataFrame,
    phase1: str | Mapping[str, Any] | None,
    phase2: str,
    phase2_strata: str | None,
) -> tuple[Flags, Floats, Form]:
    """Return the rows of the second phase, their weights and the form of both draws.

    Parameters
    ----------
    phase1
        How the first phase was drawn: ``strata, psu, fpc, fpc_as, probabilities, weights`` as
        of `SurveyDesign`, or the column of its units; nothing for a whole population.
    phase2
        Column of true and false: which rows the second phase drew.
    phase2_strata
        Column of the strata of the second phase, whose sizes the first phase gives.
    """
    given = {"psu": phase1} if isinstance(phase1, str) else dict(phase1 or {})
    unknown = [key for key in given if key not in _PHASE_KEYS]
    if unknown:
        raise EstimationError.of(
            "phase-key-unknown",
            f"phase1 có khóa không dùng được: {', '.join(map(str, unknown))}.",
            f"phase1 has keys that mean nothing: {', '.join(map(str, unknown))}.",
            f"Các khóa: {', '.join(_PHASE_KEYS)}.",
            f"The keys are: {', '.join(_PHASE_KEYS)}.",
        )
    columns = {key: _names(given.get(key)) for key in _PHASE_KEYS if key != "fpc_as"}
    further = [phase2, *([phase2_strata] if phase2_strata else [])]
    need_columns(table, [*(name for part in columns.values() for name in part), *further])
    kept = _chosen(table, phase2)
    rows = np.arange(len(table))
    everyone = np.ones(len(table), dtype=bool)
    counts = given.get("fpc_as", "count") == "count"
    labels = StageLabels(table, columns["strata"], columns["psu"])
    probabilities = _corrections(labels, columns["probabilities"], "fraction")
    if columns["weights"] and not probabilities:
        probabilities = [1.0 / positive(table, columns["weights"][0])]
    if not counts:
        probabilities = _corrections(labels, columns["fpc"], "fraction")
    units, strata = _drawn_from(labels)
    first = phases.draw_stages(
        units or [rows],
        strata,
        _corrections(labels, columns["fpc"], "count") if counts else [],
        probabilities,
        drawn=everyone,
        kept=kept,
    )
    stratum = pd.Series(0, index=table.index) if phase2_strata is None else table[phase2_strata]
    _refuse_forgotten(stratum, kept, phase2_strata)
    size = stratum.map(stratum.value_counts()).to_numpy(dtype=np.float64)
    second = phases.draw_stages([rows], [stratum], [size], drawn=kept, kept=kept)

    def form(totals: Floats) -> Floats:
        return phases.two_phase_covariance(totals, first, second)

    return kept, phases.weights(first, second), form


def _drawn_from(labels: StageLabels) -> tuple[Sequence[ArrayLike], Sequence[ArrayLike | None]]:
    """Return the labels of units and of strata, stage by stage."""
    data, stages = labels.data, range(len(labels.psu))
    if labels.ahead is None:
        return [data[name] for name in labels.psu], [data[name] for name in labels.strata]
    return [labels.unit(at) for at in stages], [labels.stratum(at) for at in stages]


def _corrections(labels: StageLabels, names: Sequence[str], kind: str) -> list[Floats]:
    return [labels.correction(names, level, kind) for level in range(len(names))]


def _refuse_forgotten(stratum: pd.Series, kept: Flags, column: str | None) -> None:
    """Refuse a stratum of which the second phase drew nobody: nothing stands for its rows."""
    lost = stratum.notna().to_numpy(dtype=bool) & ~stratum.isin(stratum[kept]).to_numpy(dtype=bool)
    rows = np.flatnonzero(lost)
    if column is None or not kept.any() or not rows.size:
        return
    label = stratum.iloc[int(rows[0])]
    raise EstimationError.of(
        "phase2-stratum-empty",
        f"Tầng “{label}” của cột {column} có trong pha một nhưng không có ai trong pha hai.",
        f"Stratum “{label}” of column {column} is in the first phase and has nobody in the second.",
        "Gộp tầng này với tầng lân cận, hoặc bỏ nó khỏi tổng thể trước khi tính.",
        "Merge this stratum with a neighbour, or leave it out of the population before.",
        row=int(rows[0]) + 1,
        column=column,
    )


def _chosen(table: pd.DataFrame, name: str) -> Flags:
    column = table[name]
    missing = column.isna().to_numpy(dtype=bool)
    strange = ~missing & ~column.isin([0, 1, True, False]).to_numpy(dtype=bool)
    bad = np.flatnonzero(missing | strange)
    if bad.size:
        raise EstimationError.of(
            "phase-not-boolean",
            f"Cột {name} phải là đúng/sai ở mọi dòng.",
            f"Column {name} must be true or false in every row.",
            "Ghi 1 cho dòng thuộc pha hai, 0 cho dòng còn lại.",
            "Give 1 for rows of the second phase, 0 for the others.",
            row=int(bad[0]) + 1,
            column=name,
        )
    return column.to_numpy(dtype=bool)


def _names(given: Any) -> list[str]:  # noqa: ANN401 - a name or several
    if given is None:
        return []
    return [given] if isinstance(given, str) else list(given)
