"""When an area's modelled figure may be shown, and the reason when it may not.

The bounds are data. Only the least number of answers comes from a rule of the house (D1 of
the publication rules: nothing on fewer than ten persons); every other bound is a proposal that
no decision confirms, and `ShowingRule.proposals` names them so that pages can say it.
"""

from __future__ import annotations

from dataclasses import dataclass, fields

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike
from scipy import special

from analysis.inference.small_area.area_level import AreaModel
from analysis.inference.small_area.diagnostics import Diagnostics
from analysis.inference.small_area.refusals import refusal
from analysis.inference.small_area.unit_level import UnitModel
from intake.findings import Words


@dataclass(frozen=True)
class ShowingRule:
    """Bounds that a figure must keep to.

    ``least_n`` answers of the area itself; ``most_cv`` root of the mean squared error over the
    figure; ``most_half_width`` of the 95 % interval, in the unit of the figure (percentage
    points for an index); ``least_gamma`` the share of the area's own answers in its figure;
    ``most_gain`` below which the model is not worth its assumptions: the model's error over
    the direct one's may not exceed it; ``model_must_pass`` the diagnostics.
    """

    least_n: int = 10
    most_cv: float = 0.165
    most_half_width: float = 10.0
    least_gamma: float = 0.1
    most_gain: float = 1.0
    model_must_pass: bool = True

    @property
    def proposals(self) -> tuple[str, ...]:
        """The bounds that no decision confirms (unverified)."""
        return tuple(field.name for field in fields(self) if field.name != "least_n")


def may_show(
    model: AreaModel | UnitModel,
    n: ArrayLike | None = None,
    *,
    rule: ShowingRule | None = None,
    diagnostics: Diagnostics | None = None,
    mse: ArrayLike | None = None,
) -> pd.DataFrame:
    """Say for every area whether its figure may be shown, and why not.

    Parameters
    ----------
    model
        A fitted model.
    n
        Answers of each area; needed for an area-level model, known to a unit-level one.
    rule
        The bounds; those of `ShowingRule` without.
    diagnostics
        Of this model, as `diagnose` gives them; without them the model counts as unchecked,
        which fails where ``model_must_pass``.
    mse
        In place of the model's, such as after `benchmark`.

    Returns
    -------
    pandas.DataFrame
        ``area, eblup, n, cv, half_width, gamma, show, reasons``; ``reasons`` holds `Words`.

    Raises
    ------
    EstimationError
        ``area-shape``, ``area-choice`` (no ``n`` for an area-level model).

    Examples
    --------
    >>> from analysis.inference.small_area import diagnose, fay_herriot
    >>> y = [70.0, 80.0, 90.0, 60.0, 75.0, 82.0]
    >>> model = fay_herriot(y, [4.0] * 6, np.ones((6, 1)))
    >>> shown = may_show(model, [40, 40, 40, 40, 40, 9], diagnostics=diagnose(model))
    >>> shown["show"].tolist()
    [True, True, True, True, True, False]
    >>> shown["reasons"].iloc[5][0].en
    'Fewer than 10 answers.'
    """
    bounds = ShowingRule() if rule is None else rule
    answers = _answers(model, n)
    error = np.asarray(model.mse if mse is None else mse, dtype=np.float64)
    if error.shape != model.eblup.shape:
        raise refusal("area-shape", error.shape, model.eblup.shape)
    rmse = np.sqrt(np.maximum(error, 0.0))
    with np.errstate(divide="ignore", invalid="ignore"):
        cv = rmse / np.abs(model.eblup)
    half = special.ndtri(0.975) * rmse
    gain = np.zeros(len(rmse))
    if isinstance(model, AreaModel):
        gain = np.nan_to_num(rmse / np.sqrt(model.sampling_variance), nan=0.0)
    against = _against_the_model(bounds, diagnostics)
    reasons = []
    for k in range(len(rmse)):
        own = list(against)
        if answers[k] < bounds.least_n:
            own.insert(0, _few(bounds.least_n))
        if not cv[k] <= bounds.most_cv:
            own.append(_unsure(cv[k], bounds.most_cv))
        if not half[k] <= bounds.most_half_width:
            own.append(_wide(half[k], bounds.most_half_width))
        if answers[k] > 0 and model.gamma[k] < bounds.least_gamma:
            own.append(_borrowed(model.gamma[k], bounds.least_gamma))
        if gain[k] > bounds.most_gain:
            own.append(_no_gain(gain[k]))
        reasons.append(tuple(own))
    return pd.DataFrame(
        {
            "area": list(model.names),
            "eblup": model.eblup,
            "n": answers,
            "cv": cv,
            "half_width": half,
            "gamma": model.gamma,
            "show": [not why for why in reasons],
            "reasons": reasons,
        }
    )


def _answers(model: AreaModel | UnitModel, n: ArrayLike | None) -> np.ndarray:
    if n is None:
        if isinstance(model, AreaModel):
            raise refusal("area-choice", "n=None", "n=[…]")
        return model.n
    answers = np.asarray(n)
    if answers.shape != model.eblup.shape:
        raise refusal("area-shape", answers.shape, model.eblup.shape)
    return answers


def _against_the_model(rule: ShowingRule, diagnostics: Diagnostics | None) -> tuple[Words, ...]:
    if not rule.model_must_pass:
        return ()
    if diagnostics is None:
        return (Words("Mô hình chưa được kiểm tra.", "The model has not been checked."),)
    return diagnostics.faults()


def _few(least: int) -> Words:
    return Words(f"Ít hơn {least} câu trả lời.", f"Fewer than {least} answers.")


def _unsure(cv: float, most: float) -> Words:
    return Words(
        f"Hệ số biến thiên {cv:.1%} vượt {most:.1%}.",
        f"The coefficient of variation, {cv:.1%}, exceeds {most:.1%}.",
    )


def _wide(half: float, most: float) -> Words:
    return Words(
        f"Khoảng tin cậy ±{half:.1f} rộng hơn ±{most:.1f}.",
        f"The interval of ±{half:.1f} is wider than ±{most:.1f}.",
    )


def _borrowed(gamma: float, least: float) -> Words:
    return Words(
        f"Chỉ {gamma:.0%} ước lượng dựa vào câu trả lời của vùng, cần ít nhất {least:.0%}.",
        f"Only {gamma:.0%} of the figure rests on the area's own answers; {least:.0%} is needed.",
    )


def _no_gain(gain: float) -> Words:
    return Words(
        f"Sai số mô hình bằng {gain:.2f} lần sai số trực tiếp: mô hình không có ích.",
        f"The model's error is {gain:.2f} times the direct one: the model is of no use.",
    )
