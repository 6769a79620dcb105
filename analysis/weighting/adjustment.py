"""Weights of those who answered, raised to stand for those who did not.

The table holds everyone who was issued, with a column that says who answered. Within a class
the base weights of those who answered are raised to the base weights of all; classes are
given, or made from the probability of answering that a model gives. Cases that may not even
belong to the population are shared out first (`unknown_eligibility`). Weights are in persons.

The adjusted weights are then taken as known: linearisation neglects that factors were
estimated, which overstates variances where classes predict the answers. Replicate designs are
adjusted in each replicate and do not need that.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from analysis.weighting.columns import coded, interaction, label_of
from analysis.weighting.diagnostics import Floats, checked_weights
from analysis.weighting.margins import Integers, weighted_counts
from analysis.weighting.propensity import Model, by_rank, fitted, model_of
from analysis.weighting.replicates import D, Rows, members, reweighted, spread
from analysis.weighting.steps import Step
from intake.findings import WeightError

Flags = NDArray[np.bool_]


def nonresponse(
    design: D,
    responded: str = "responded",
    *,
    classes: str | Sequence[str] | None = None,
    model: str | Sequence[str] | None = None,
    groups: int | None = 5,
) -> D:
    """Return the design of those who answered, weighted to stand for all who were issued.

    Parameters
    ----------
    design
        All issued cases, those who answered and those who did not, with base weights; a survey
        design or a replicate design.
    responded
        Column that says who answered: true and false, or 1 and 0.
    classes
        Column, or columns whose combinations are the classes. The factor of a class is
        Σ w of all / Σ w of those who answered.
    model
        Columns that predict answering, as a sequence or joined by ``+``; texts and ``C(x)``
        are categorical. The propensity p comes from a logistic regression with the base
        weights (statsmodels).
    groups
        With ``model``: the number of classes of nearly equal size into which p is cut, five
        by default, in which factors are those of classes; None takes 1 / p for each case.

    Returns
    -------
    SurveyDesign or ReplicateDesign
        Narrowed to those who answered; the others stay in the table with weight zero.

    Raises
    ------
    WeightError
        ``nonresponse-choice`` (not exactly one of classes and model), ``responded-missing``,
        ``responded-not-flag``, ``class-column-missing``, ``class-missing``,
        ``class-without-response`` with the class; for a model ``propensity-column-missing``,
        ``propensity-missing``, ``propensity-separates``, ``propensity-groups``,
        ``propensity-not-converged``.

    References
    ----------
    Little, R. J. A. (1986). Survey nonresponse adjustments for estimates of means.
    International Statistical Review 54, 139-157.

    Examples
    --------
    >>> from analysis.design import SurveyDesign
    >>> table = pd.DataFrame({"w": 1.0, "area": ["a", "a", "b"], "responded": [1, 0, 1]})
    >>> nonresponse(SurveyDesign(table, weights="w"), classes="area").weights.tolist()
    [2.0, 0.0, 1.0]
    """
    if (classes is None) == (model is None):
        raise WeightError.of(
            "nonresponse-choice",
            "Cần đúng một trong hai: classes hoặc model.",
            "Exactly one of classes and model is needed.",
            "Ghi classes= cột lớp, hoặc model= các cột dự báo khả năng trả lời.",
            "Give classes= a column of classes, or model= columns that predict answering.",
        )
    rows = members(design)
    before = checked_weights(design.weights[rows])
    answered = _flags(design, responded, rows)
    if classes is not None:
        own, labels = _classes(design.data, classes, rows)

        def weigh(weights: Floats) -> Floats:
            return _raised(weights, answered, own, labels)

        settings: dict[str, Any] = {"classes": classes, "number": len(labels)}
    else:
        chosen = model_of(design.data, model or (), rows)

        def weigh(weights: Floats) -> Floats:
            return _by_model(weights, answered, chosen, groups)

        settings = {"model": chosen.terms, "groups": groups}
    return _narrowed(design, "nonresponse", before, answered, rows, weigh, settings)


def unknown_eligibility(
    design: D,
    status: str,
    *,
    classes: str | Sequence[str] | None = None,
    unknown: Sequence[object] = ("unknown",),
) -> D:
    """Return the design of the cases whose eligibility is known, weighted to stand for all.

    Within a class the base weights of cases of unknown eligibility go to those known, eligible
    or not, in proportion: the unknown are taken to be eligible as often as the known.

    Parameters
    ----------
    design
        All issued cases with base weights.
    status
        Column that says what is known of each case.
    classes
        Column, or columns whose combinations are the classes; one class when not given.
    unknown
        The values of ``status`` that stand for unknown eligibility.

    Returns
    -------
    SurveyDesign or ReplicateDesign
        Narrowed to the known. Narrow it further to the eligible with ``where``: those who are
        not eligible carry the weight of their like and belong to no estimate.

    Raises
    ------
    WeightError
        ``status-missing``, ``class-column-missing``, ``class-missing``,
        ``class-without-response`` (nobody's eligibility is known in a class).

    References
    ----------
    Valliant, R., Dever, J. A., Kreuter, F. (2018). Practical Tools for Designing and Weighting
    Survey Samples, 2nd ed., section 13.4.

    Examples
    --------
    >>> from analysis.design import SurveyDesign
    >>> table = pd.DataFrame({"w": 2.0, "status": ["eligible", "unknown", "ineligible"]})
    >>> unknown_eligibility(SurveyDesign(table, weights="w"), "status").weights.tolist()
    [3.0, 0.0, 3.0]
    """
    rows = members(design)
    before = checked_weights(design.weights[rows])
    own_status = coded(_column(design.data, status, rows, "status-missing"), _texts(unknown))
    gone = np.flatnonzero(own_status.codes < 0)
    if gone.size:
        raise _without("status-missing", status, rows, len(design.data), gone)
    names = _texts(unknown)
    listed = [code for code, label in enumerate(own_status.labels) if label in names]
    known = ~np.isin(own_status.codes, listed)
    own, labels = _classes(design.data, classes, rows)

    def weigh(weights: Floats) -> Floats:
        return _raised(weights, known, own, labels)

    settings = {"status": status, "unknown": tuple(sorted(names)), "number": len(labels)}
    return _narrowed(design, "unknown eligibility", before, known, rows, weigh, settings)


def _narrowed(
    design: D,
    name: str,
    before: Floats,
    kept: Flags,
    rows: Rows,
    weigh: Any,  # noqa: ANN401 - weights to weights
    settings: dict[str, Any],
) -> D:
    length = len(design.data)
    after = weigh(before)
    positions = np.arange(length)[rows][kept]
    factor = after[kept] / before[kept]
    mask = np.zeros(length, dtype=bool)
    mask[positions] = True
    step = Step(
        name,
        spread(before, rows, length),
        spread(after, rows, length),
        positions,
        settings=settings | {"largest_factor": float(factor.max())},
    )
    return reweighted(design, step.after, step, rows, weigh, narrowed=design.where(mask))


def _raised(weights: Floats, kept: Flags, own: Integers, labels: Sequence[str]) -> Floats:
    issued = weighted_counts(own, weights, len(labels))
    held = weighted_counts(own[kept], weights[kept], len(labels))
    empty = np.flatnonzero((issued > 0) & (held <= 0))
    if empty.size:
        names = ", ".join(f"“{labels[int(place)]}”" for place in empty[:20] if labels[int(place)])
        if not names:
            raise WeightError.of(
                "class-without-response",
                "Không có ai trong mẫu trả lời, hoặc không ai rõ là đối tượng.",
                "Nobody in the sample answered, or nobody's eligibility is known.",
                "Kiểm tra cột đã dùng và các mã của nó.",
                "Check the column and its codes.",
            )
        raise WeightError.of(
            "class-without-response",
            f"Không ai trả lời trong các lớp: {names}.",
            f"Nobody answered in the classes {names}.",
            "Gộp các lớp này với lớp lân cận (với model: giảm groups).",
            "Merge these classes with neighbours (with a model: fewer groups).",
        )
    factor = issued / np.where(held > 0, held, 1.0)
    return np.where(kept, weights * factor[own], 0.0)


def _by_model(weights: Floats, answered: Flags, model: Model, groups: int | None) -> Floats:
    propensity = fitted(model, answered, weights)
    if groups is None:
        return np.where(answered, weights / propensity, 0.0)
    own, number = by_rank(propensity, groups)
    return _raised(weights, answered, own, [str(place + 1) for place in range(number)])


def _classes(
    data: pd.DataFrame, classes: str | Sequence[str] | None, rows: Rows
) -> tuple[Integers, list[str]]:
    names = [] if classes is None else [classes] if isinstance(classes, str) else list(classes)
    if not names:
        return np.zeros(len(np.arange(len(data))[rows]), dtype=np.int64), [""]
    columns = []
    for name in names:
        column = _column(data, name, rows, "class-column-missing")
        codes = {label_of(value) for value in column.dropna().unique()}
        columns.append(coded(column, codes))
        gone = np.flatnonzero(columns[-1].codes < 0)
        if gone.size:
            raise _without("class-missing", name, rows, len(data), gone)
    found = interaction(columns)
    return found.codes, found.labels


def _flags(design: D, name: str, rows: Rows) -> Flags:
    column = _column(design.data, name, rows, "responded-missing")
    gone = np.flatnonzero(column.isna().to_numpy())
    if gone.size:
        raise _without("responded-missing", name, rows, len(design.data), gone)
    found = coded(column)
    known = {"1": True, "0": False, "true": True, "false": False}
    wrong = [label for label in found.labels if label.lower() not in known]
    if wrong or (found.codes < 0).any():
        got = ", ".join(f"“{label}”" for label in wrong[:5]) or "?"
        raise WeightError.of(
            "responded-not-flag",
            f"Cột “{name}” phải là đúng/sai hoặc 1/0, nhưng có {got}.",
            f"Column “{name}” must be true and false, or 1 and 0, but holds {got}.",
            "Đổi cột thành 1 cho người trả lời và 0 cho người không trả lời.",
            "Turn it into 1 for those who answered and 0 for the others.",
            column=name,
        )
    truth = np.array([known[label.lower()] for label in found.labels], dtype=bool)
    answered = truth[found.codes]
    if not answered.any():
        raise WeightError.of(
            "class-without-response",
            f"Theo cột “{name}”, không ai trả lời.",
            f"Nobody answered, says column “{name}”.",
            "Kiểm tra cột.",
            "Check the column.",
            column=name,
        )
    return answered


def _column(data: pd.DataFrame, name: str, rows: Rows, code: str) -> pd.Series:
    if name not in data.columns:
        raise WeightError.of(
            code,
            f"Bảng không có cột “{name}”.",
            f"The table has no column “{name}”.",
            "Hãy sửa tên cột.",
            "Mend the name of the column.",
            column=name,
        )
    return data[name].iloc[rows]


def _without(code: str, name: str, rows: Rows, length: int, gone: Integers) -> Exception:
    row = int(np.arange(length)[rows][gone[0]]) + 1
    return WeightError.of(
        code,
        f"Cột “{name}” thiếu giá trị ở {gone.size} dòng, đầu tiên là dòng {row}.",
        f"Column “{name}” has no value in {gone.size} rows, the first is row {row}.",
        "Điền giá trị cho mọi trường hợp đã phát ra.",
        "Fill it in for every issued case.",
        row=row,
        column=name,
    )


def _texts(values: Sequence[object]) -> set[str]:
    return {label_of(value) for value in ([values] if isinstance(values, str) else values)}
