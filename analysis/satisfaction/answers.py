"""Which answers count: those on the scale, and the options whose shares are wanted.

An answer that is missing, whatever the reason, is left out of its item alone.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from analysis.design import Flags, Floats
from analysis.estimation.columns import numeric
from analysis.satisfaction.composition import QuestionnaireLike
from analysis.satisfaction.refusals import refusal
from analysis.satisfaction.rules import SCALE
from intake.findings import EstimationError


def valid_answers(table: pd.DataFrame, items: Sequence[str]) -> tuple[Floats, Flags]:
    """Return answers (rows × items) and which of them count; 1 stands where none does.

    Raises
    ------
    EstimationError
        ``answers-column-missing``, ``item-not-numeric``, ``answer-out-of-scale`` with row
        and item.
    """
    absent = [item for item in items if item not in table.columns]
    if absent:
        raise refusal(
            "answers-column-missing",
            f"Tệp trả lời thiếu câu: {', '.join(absent)}.",
            f"The responses lack the items: {', '.join(absent)}.",
        )
    answers = np.column_stack([numeric(table, item) for item in items])
    valid = answers > 0
    strange = valid & ~np.isin(answers, SCALE)
    if strange.any() or (answers == 0).any():
        row, column = np.argwhere(strange | (answers == 0))[0]
        raise EstimationError.of(
            "answer-out-of-scale",
            f"Dòng {row + 1}, {items[column]}: giá trị {answers[row, column]:g} ngoài thang 1–5.",
            f"Row {row + 1}, {items[column]}: value {answers[row, column]:g} "
            "is not on the scale 1 to 5.",
            "Kiểm tra phiếu hỏi và lần chốt dữ liệu.",
            "Check the questionnaire and the freeze.",
            row=int(row) + 1,
            column=items[column],
        )
    return np.where(valid, answers, 1.0), valid


def share_options(
    questionnaire: QuestionnaireLike, chosen: bool | tuple[str, ...], table: pd.DataFrame
) -> list[tuple[str, int]]:
    """Return (item, code) for every answer whose share is wanted; reasons for missing excluded."""
    if chosen is False:
        return []
    wanted: list[tuple[str, int]] = []
    known: set[str] = set()
    for item in questionnaire.items:
        if item.kind not in ("choice", "flag"):
            continue
        known.add(str(item.code))
        if chosen is not True and item.code not in chosen:
            continue
        if item.kind == "flag":
            wanted.append((item.code, 1))
            continue
        wanted.extend(
            (item.code, int(option.code))
            for option in item.options
            if option.code is not None and option.code >= 0 and not option.missing
        )
    unknown = [] if chosen is True else sorted(set(chosen) - known)
    absent = sorted({item for item, _ in wanted if item not in table.columns})
    if unknown or absent:
        listed = ", ".join(unknown + absent)
        raise refusal(
            "share-item-unknown",
            f"Không tính được tỷ lệ của: {listed}.",
            f"Shares cannot be given of: {listed}.",
        )
    return wanted
