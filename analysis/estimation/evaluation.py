"""What a call comes to in one domain variable: values, their variances, and the columns of both.

By linearisation where the design has strata and clusters, by replicates where it has replicate
weights; the columns are those of `results.tabulated`.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from analysis.estimation import precision
from analysis.estimation.columns import Asked
from analysis.estimation.likelihood import first_logits
from analysis.estimation.linearization import Evaluated, Linearization
from analysis.estimation.moments import ReplicatedVariances
from analysis.estimation.replicated import Replicated
from analysis.estimation.results import Design, Scores, tabulated
from analysis.replication import ReplicateDesign
from analysis.sampling_error import clusters_with_members
from analysis.stages import Integers
from intake.findings import EstimationError, Finding, Words


def evaluate(
    design: Design, asked: Asked, category: Integers, categories: int
) -> tuple[Evaluated, Linearization | Replicated]:
    """Evaluate a call in one domain variable, by linearisation or by replicates."""
    if isinstance(design, ReplicateDesign):
        kind = Replicated if asked.distances is None else ReplicatedVariances
        replicated = kind(design, asked, category, categories)
        return replicated.estimate(), replicated
    linearization = Linearization(design, asked, category, categories)
    return linearization.estimate(), linearization


def summary(
    design: Design,
    asked: Asked,
    category: Integers,
    categories: int,
    level: float,
    *,
    deff: bool | str = False,
    interval: str = "logit",
) -> tuple[dict[str, Any], Scores]:
    """Turn a call in one domain variable into the columns of the estimates file.

    Returns
    -------
    tuple
        Columns by name, each of length categories · quantities (quantities of a category
        together), and the scores for covariances.
    """
    with np.errstate(over="ignore", invalid="ignore"):
        found, source = evaluate(design, asked, category, categories)
    _refuse_endless(asked, found)
    simple = precision.simple_variances(
        design,
        asked,
        source.category,
        source.values,
        source.denominators,
        found.n,
        found.size,
        source.squares(),
    )
    kish = precision.kish_sizes(design, asked, source.category, found.size)
    logits = None
    if interval == "likelihood" and asked.shares.any():
        numbers = [column.numbers for column in asked.over]
        logits = first_logits(design.weights, numbers, source.category, categories).ravel()
    columns = tabulated(
        asked, found, simple, kish, level, deff=deff, interval=interval, logits=logits
    )
    return columns, found.scores


def _refuse_endless(asked: Asked, found: Evaluated) -> None:
    """Refuse numbers whose squares go beyond what a computer holds."""
    whole = np.isfinite(found.value) | (found.n == 0)
    known = found.df[:, None] > 0
    endless = np.isinf(found.value) | (whole & (found.n > 0) & known & ~np.isfinite(found.variance))
    endless &= ~np.isnan(found.value)
    if not endless.any():
        return
    name = asked.labels[int(np.flatnonzero(endless.any(axis=0))[0])][0]
    raise EstimationError.of(
        "answers-too-large",
        f"Số của “{name}” (hoặc trọng số) quá lớn để tính bình phương.",
        f"The numbers of “{name}” (or the weights) are too large to be squared.",
        "Đổi đơn vị, ví dụ từ đồng sang tỷ đồng; kiểm tra giá trị nhập sai.",
        "Use another unit, such as billions; look for values that were entered wrongly.",
        column=name,
    )


def replicates_lost(design: Design, scores: Scores, rows: int) -> list[Finding]:
    """Report replicates in which nobody of a domain has weight: they tell no error there."""
    if not isinstance(design, ReplicateDesign) or not rows:
        return []
    lost = int(design.lost(scores(range(rows))).max())
    if lost in (0, design.replicates):
        return []
    return [
        Finding(
            "replicates-lost",
            Words(
                f"Có đến {lost} trong {design.replicates} bản lặp không có người trả lời trong "
                "một nhóm và không được tính.",
                f"Up to {lost} of {design.replicates} replicates hold nobody of a domain and do "
                "not count there.",
            ),
            Words(
                "Gộp nhóm nhỏ, hoặc dùng bản lặp giữ mọi đơn vị (fay, rao_wu).",
                "Merge small domains, or use replicates that keep every unit (fay, rao_wu).",
            ),
            severity="warning",
        )
    ]


def clusters_held(design: Design, asked: Asked, categories: int) -> Integers | None:
    """Return the finest clusters with members where one domain is asked and they matter.

    None for several domains, whose joint covariance is that of the whole design; else see
    `sampling_error.clusters_with_members`.
    """
    if categories != 1 or isinstance(design, ReplicateDesign):
        return None
    counted = design.member if asked.rows is None else design.member & asked.rows
    return clusters_with_members(design, counted)
