"""When an area's modelled figure may be shown, and the reason when it may not.

The bounds are data. Only the least number of answers comes from a rule of the house (D1 of
the publication rules: nothing on fewer than ten persons); every other bound is a proposal that
no decision confirms, and `ShowingRule.proposals` names them so that pages can say it.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, fields

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike
from scipy import special

from analysis.design import Floats
from analysis.inference.small_area.area_level import AreaModel
from analysis.inference.small_area.diagnostics import Diagnostics
from analysis.inference.small_area.refusals import refusal
from analysis.inference.small_area.unit_level import UnitModel
from intake.findings import Words

_DECIMAL = re.compile(r"(?<=\d)\.(?=\d)")


@dataclass(frozen=True)
class ShowingRule:
    """Bounds that a figure must keep to.

    ``least_n`` answers of the area itself; ``most_cv`` root of the mean squared error over the
    figure; ``most_half_width`` of the 95 % interval, in points of a hundred, or None for no
    such bound, as for incomes; ``least_gamma`` the share of the area's own answers in its
    figure; ``most_gain`` below which the model is not worth its assumptions: the model's error
    over the direct one's may not exceed it; ``model_must_pass`` the diagnostics.

    ``scale`` says where the figures end: 100 for points and percentages, 1 for shares. Not
    said, figures are taken as points, and refused where all of them lie between 0 and 1, since
    a bound of ten points would bind none of them.
    """

    least_n: int = 10
    most_cv: float = 0.165
    most_half_width: float | None = 10.0
    least_gamma: float = 0.1
    most_gain: float = 1.0
    model_must_pass: bool = True
    scale: int | None = None

    @property
    def proposals(self) -> tuple[str, ...]:
        """The bounds that no decision confirms (unverified)."""
        facts = {"least_n", "scale"}
        return tuple(field.name for field in fields(self) if field.name not in facts)


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
        ``area, eblup, n, cv, half_width, gamma, show, reasons``; ``half_width`` in the unit of
        the figure; ``reasons`` holds `Words`.

    Raises
    ------
    EstimationError
        ``area-shape``, ``area-choice`` (no ``n`` for an area-level model, a scale that is
        neither 1 nor 100), ``area-scale`` (all figures lie between 0 and 1 and the rule does
        not say on which scale; or they are called shares and exceed 1).

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

    Shares say that they are shares; the bounds stay in points.

    >>> model = fay_herriot([value / 100 for value in y], [4e-4] * 6, np.ones((6, 1)))
    >>> strict = ShowingRule(most_half_width=2.0, scale=1, model_must_pass=False)
    >>> may_show(model, [40] * 6, rule=strict)["reasons"].iloc[0][0].en
    'The interval of ±3.9 points is wider than the ±2.0 allowed (scale 0–100).'
    """
    bounds = ShowingRule() if rule is None else rule
    answers = _answers(model, n)
    to_points = _to_points(bounds, model.eblup)
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
        if bounds.most_half_width is not None:
            points = half[k] * to_points
            if not points <= bounds.most_half_width:
                own.append(_wide(points, bounds.most_half_width))
        if answers[k] > 0 and model.gamma[k] < bounds.least_gamma:
            own.append(_borrowed(model.gamma[k], bounds.least_gamma))
        if gain[k] > bounds.most_gain:
            own.append(_no_gain(gain[k], bounds.most_gain))
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


def _to_points(rule: ShowingRule, figures: Floats) -> float:
    """Return what turns the figures into points of a hundred."""
    if rule.scale not in (None, 1, 100):
        raise refusal("area-choice", f"scale={rule.scale!r}", "scale=1, scale=100")
    if rule.most_half_width is None:
        return 1.0
    known = figures[np.isfinite(figures)]
    if not known.size:
        return 1.0
    span = f"{known.min():.4g} … {known.max():.4g}"
    if rule.scale is None and known.min() >= 0 and known.max() <= 1:
        raise refusal("area-scale", span, "scale=1 / scale=100")
    if rule.scale == 1 and float(np.median(np.abs(known))) > 1:
        raise refusal("area-scale", span, "0 … 1")
    return 100.0 if rule.scale == 1 else 1.0


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
    own, bound = _apart(100 * cv, 100 * most)
    return _said(
        f"Hệ số biến thiên {own}% vượt {bound}%.",
        f"The coefficient of variation, {own}%, exceeds {bound}%.",
    )


def _wide(points: float, most: float) -> Words:
    own, bound = _apart(points, most)
    return _said(
        f"Khoảng tin cậy ±{own} điểm rộng hơn mức cho phép ±{bound} điểm (thang 0–100).",
        f"The interval of ±{own} points is wider than the ±{bound} allowed (scale 0–100).",
    )


def _borrowed(gamma: float, least: float) -> Words:
    own, bound = _apart(100 * gamma, 100 * least)
    return _said(
        f"Chỉ {own}% ước lượng dựa vào câu trả lời của vùng, cần ít nhất {bound}%.",
        f"Only {own}% of the figure rests on the area's own answers; {bound}% is needed.",
    )


def _no_gain(gain: float, most: float) -> Words:
    own, bound = _apart(gain, most)
    return _said(
        f"Sai số của mô hình gấp {own} lần sai số trực tiếp, cho phép {bound} lần: "
        "mô hình không có ích.",
        f"The model's error is {own} times the direct one; {bound} is allowed: "
        "the model is of no use.",
    )


def _apart(value: float, bound: float) -> tuple[str, str]:
    """Return both numbers with one decimal, or with as many as tell them apart.

    >>> _apart(10.0004, 10.0)
    ('10.0004', '10.0000')
    """
    for places in range(1, 9):
        texts = f"{value:.{places}f}", f"{bound:.{places}f}"
        if texts[0] != texts[1]:
            return texts
    return str(value), str(bound)


def _said(vi: str, en: str) -> Words:
    """Return the words with decimal commas in Vietnamese; a full stop ends them."""
    return Words(_DECIMAL.sub(",", vi), en)
