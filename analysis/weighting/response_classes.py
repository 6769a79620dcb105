"""Weights that let those who answered stand for those who were asked and did not.

Within a class the base weights of the responses are raised so that they add up to the base
weights of everything that was issued. A class is a cell or a union of cells: cells are what
is known about those who did not answer. Weights are in persons or visits represented.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from analysis.tables import need_columns
from analysis.weighting.diagnostics import Floats, checked_weights
from intake.findings import Faults, WeightError, Words


def response_factors(
    base: Floats,
    cell: Sequence[str] | pd.Series,
    cases: pd.DataFrame,
    classes: Sequence[Sequence[str]],
) -> Floats:
    """Return for each response the factor Σ issued base weights / Σ responding base weights.

    Parameters
    ----------
    base
        Base weight of each response.
    cell
        Cell of each response.
    cases
        One row per cell with ``cell``, ``issued`` and ``base`` (base weight of its cases).
    classes
        Every issued cell in exactly one class.

    Returns
    -------
    numpy.ndarray
        Shape (responses,), at least 1 when no more came back than was issued.

    Raises
    ------
    WeightError
        All faults at once: ``cases-repeated``, ``class-unknown-cell``, ``class-repeats-cell``,
        ``class-lacks-cell``, ``class-without-response`` (cases were issued and nobody
        answered: the class must be merged with another).
    """
    need_columns(cases, ["cell", "issued", "base"], "cases-column-missing")
    weights = checked_weights(base)
    labels = np.asarray(cell, dtype=object)
    number = _class_numbers(cases, classes, labels)
    own = np.array([number[str(label)] for label in labels], dtype=np.int64)
    issued = np.zeros(len(classes))
    for name, count, weight in zip(cases["cell"], cases["issued"], cases["base"], strict=True):
        issued[number[str(name)]] += float(count) * float(weight)
    responding = np.bincount(own, weights=weights, minlength=len(classes))
    faults = Faults("cases")
    for index in np.flatnonzero((issued > 0) & (responding == 0)):
        listed = ", ".join(classes[int(index)])
        faults.add(
            "class-without-response",
            Words(
                f"Không ai trả lời trong lớp [{listed}].", f"Nobody answered in class [{listed}]."
            ),
            Words(
                "Gộp các ô này với ô lân cận trong nonresponse.classes.",
                "Merge these cells with neighbours in nonresponse.classes.",
            ),
        )
    faults.raise_as(WeightError)
    return np.asarray((issued / np.where(responding > 0, responding, 1.0))[own])


def _class_numbers(
    cases: pd.DataFrame, classes: Sequence[Sequence[str]], labels: np.ndarray
) -> dict[str, int]:
    faults = Faults("nonresponse.classes")
    known = {str(name) for name in cases["cell"]}
    for row in np.flatnonzero(cases["cell"].astype(str).duplicated().to_numpy()):
        twice = cases["cell"].iloc[row]
        faults.add(
            "cases-repeated",
            Words(f"Ô “{twice}” xuất hiện hai lần.", f"Cell “{twice}” comes twice."),
            Words("Mỗi ô một dòng.", "Give each cell one row."),
            row=int(row) + 1,
            column="cell",
        )
    number: dict[str, int] = {}
    merge = Words("Mỗi ô thuộc đúng một lớp.", "Put every cell into exactly one class.")
    for index, members in enumerate(classes):
        for name in members:
            if name not in known:
                faults.add(
                    "class-unknown-cell",
                    Words(f"Không có ô “{name}”.", f"There is no cell “{name}”."),
                    merge,
                )
            elif name in number:
                faults.add(
                    "class-repeats-cell",
                    Words(f"Ô “{name}” có trong hai lớp.", f"Cell “{name}” is in two classes."),
                    merge,
                )
            number[name] = index
    needed = {
        str(name) for name, issued in zip(cases["cell"], cases["issued"], strict=True) if issued > 0
    } | {str(label) for label in labels}
    for name in sorted(needed - set(number)):
        faults.add(
            "class-lacks-cell",
            Words(f"Ô “{name}” không thuộc lớp nào.", f"Cell “{name}” is in no class."),
            merge,
        )
    faults.raise_as(WeightError)
    for name in known - set(number):
        number[name] = 0
    return number
