"""What was done to the weights of a design, step by step, and how near it brought the sample.

`record` gives one row per step: how many weights, how unequal, how far from the totals they
are to reproduce. `balance` compares each category and auxiliary with its known total before
and after every step, `love_plot` shows that. Weights are in persons; differences are in
standard deviations.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd

from analysis.looks import BLUE, FONTS, INK, LINE, QUIET, decimals
from analysis.weighting.diagnostics import Floats, describe
from analysis.weighting.margins import Margin
from analysis.weighting.replicates import Weighted
from analysis.weighting.steps import Numeric, Step
from intake.findings import WeightError

CLOSE = 1e-6
NOTABLE = 0.1
_COLOURS = ("#8a4b00", BLUE, "#5b9acb", "#2e7d4f", "#7a4fa3", QUIET)
_WORDS = {
    "base weights": "Trọng số ban đầu",
    "poststratification": "Hậu phân tầng",
    "standardization": "Chuẩn hóa",
    "raking": "Hiệu chỉnh lặp",
    "calibration": "Hiệu chỉnh hồi quy",
    "trimming": "Cắt trọng số",
    "nonresponse": "Không trả lời",
    "unknown eligibility": "Chưa rõ đối tượng",
}


def record(design: Weighted) -> pd.DataFrame:
    """Return one row per step, the weights before the first step on top.

    Returns
    -------
    pandas.DataFrame
        ``step``; ``n`` (weights that are not zero), ``total``, ``smallest``, ``largest``,
        ``median`` (persons); ``deff`` (Kish factor) and ``n_effective`` = n / deff;
        ``margin_error``, the largest relative distance from a total that this or an earlier
        step was to reproduce, and where it is (``margin``, ``category``); ``trimmed`` and
        ``not_positive`` (numbers of weights), ``iterations``, and ``converged``: whether the
        totals of this step hold to one in a million (missing where it has none).

    Examples
    --------
    >>> from analysis.design import SurveyDesign
    >>> from analysis.weighting.raking import rake
    >>> table = pd.DataFrame({"w": 1.0, "sex": ["f", "f", "m"]})
    >>> made = rake(SurveyDesign(table, weights="w"), {"sex": {"f": 30, "m": 30}})
    >>> record(made)[["step", "total", "deff"]].round(3).to_numpy().tolist()
    [['base weights', 3.0, 1.0], ['raking', 60.0, 1.125]]
    """
    steps = [step for step in design.history if isinstance(step, Step)]
    first = steps[0].before if steps else design.weights
    rows = [_row("base weights", first, [])]
    for number, step in enumerate(steps):
        found = _row(step.name, step.after, steps[: number + 1])
        own = step.largest_error()[2]
        found |= {
            "trimmed": step.trimmed,
            "iterations": step.iterations,
            "converged": None if own is None else own <= CLOSE,
        }
        rows.append(found)
    return pd.DataFrame(rows)


def balance(design: Weighted) -> pd.DataFrame:
    """Compare the sample with the totals of its calibrations, before and after each step.

    Returns
    -------
    pandas.DataFrame
        ``variable, category, step, number`` (0 is before the first step), ``estimate`` and
        ``target`` (a share, or the mean of a numeric auxiliary), and ``difference`` =
        (estimate - target) / s, s being √(p(1-p)) of the target share, or the weighted
        standard deviation of the auxiliary before the first step.

    Raises
    ------
    WeightError
        ``no-calibration`` where no step of the design has known totals.
    """
    steps = [step for step in design.history if isinstance(step, Step)]
    targets = _targets(steps)
    if not targets:
        raise WeightError.of(
            "no-calibration",
            "Thiết kế chưa được hiệu chỉnh theo số dân nào.",
            "The design was not calibrated to any total.",
            "Hiệu chỉnh trước bằng poststratify, rake hoặc calibrate.",
            "Calibrate first with poststratify, rake or calibrate.",
        )
    sets = [("base weights", steps[0].before), *((step.name, step.after) for step in steps)]
    rows: list[dict[str, Any]] = []
    for step, known in targets:
        for number, (name, weights) in enumerate(sets):
            own = weights[step.rows]
            found = (
                _shares(known, own)
                if isinstance(known, Margin)
                else _mean(known, own, sets[0][1][step.rows], step)
            )
            rows += [part | {"step": name, "number": number} for part in found]
    order = ["variable", "category", "step", "number", "estimate", "target", "difference"]
    return pd.DataFrame(rows)[order]


def love_plot(design: Weighted, *, lang: str = "vi", title: str | None = None) -> Any:  # noqa: ANN401
    """Show how far each category and auxiliary is from its total before and after each step.

    One line per category; the place of a point is the size of the standardised difference of
    `balance`. The dashed line marks a tenth of a standard deviation, beyond which a difference
    is commonly called notable.

    Parameters
    ----------
    design
        A design that was calibrated.
    lang
        ``vi`` or ``en``.
    title
        Title of the chart; a plain one when not given.

    Returns
    -------
    altair.LayerChart
        The specification of the chart.

    Raises
    ------
    WeightError
        ``no-calibration``.

    References
    ----------
    Austin, P. C. (2009). Balance diagnostics for comparing the distribution of baseline
    covariates between treatment groups. Statistics in Medicine 28, 3083-3107.
    """
    import altair as alt

    said = {
        "title": ("Lệch so với dân số trước và sau mỗi bước", "Distance from the population"),
        "x": ("Chênh lệch chuẩn hóa (độ lệch chuẩn)", "Standardised difference (in s.d.)"),
        "step": ("Bước", "Step"),
    }
    words = {key: pair[lang == "en"] for key, pair in said.items()}
    table = balance(design)
    names = [_step_name(number, name, lang) for number, name in _steps_of(table)]
    label = table["variable"] + table["category"].map(lambda text: f": {text}" if text else "")
    data = pd.DataFrame(
        {
            "label": label,
            "size": table["difference"].abs(),
            "difference": table["difference"],
            "step": [names[number] for number in table["number"]],
        }
    )
    x = alt.X(
        "size:Q",
        title=words["x"],
        scale=alt.Scale(domainMin=0),
        axis=alt.Axis(tickCount=7, labelFlush=False, labelExpr=decimals("~f", lang)),
    )
    y = alt.Y("label:N", title=None, sort=list(dict.fromkeys(label)))
    colours = [_COLOURS[place % len(_COLOURS)] for place in range(len(names))]
    colour = alt.Color(
        "step:N", title=words["step"], sort=names, scale=alt.Scale(domain=names, range=colours)
    )
    shape = alt.Shape("step:N", title=words["step"], sort=names, scale=alt.Scale(domain=names))
    lines = alt.Chart(data).mark_line(color=LINE).encode(x=x, y=y, detail="label:N")
    points = alt.Chart(data).mark_point(filled=True, size=70, opacity=1)
    points = points.encode(
        x=x,
        y=y,
        color=colour,
        shape=shape,
        tooltip=["label:N", "step:N", alt.Tooltip("difference:Q", format=".3f")],
    )
    limit = alt.Chart(pd.DataFrame({"at": [NOTABLE]}))
    limit = limit.mark_rule(strokeDash=[4, 4], color=INK).encode(x="at:Q")
    heading = alt.TitleParams(title or words["title"], anchor="start", color=INK, offset=12)
    whole = alt.layer(lines, limit, points).properties(title=heading, width=420)
    return _dressed(whole.properties(background="#ffffff", padding=10))


def _dressed(chart: Any) -> Any:  # noqa: ANN401
    look: dict[str, Any] = {"labelColor": INK, "titleColor": INK, "titleFontWeight": "normal"}
    lines: dict[str, Any] = {"gridColor": LINE, "domainColor": LINE, "tickColor": LINE}
    return (
        chart.configure(font=FONTS)
        .configure_title(fontSize=15)
        .configure_view(stroke=None)
        .configure_axis(
            labelPadding=7, labelFontSize=11, titleFontSize=11, labelLimit=240, **look, **lines
        )
        .configure_legend(labelFontSize=11, titleFontSize=11, labelLimit=240, **look)
    )


def _row(name: str, weights: Floats, steps: Sequence[Step]) -> dict[str, Any]:
    used = weights[weights != 0]
    found = describe(used, positive=False)
    margin, category, error = _largest(weights, steps)
    return {
        "step": name,
        "n": found.n,
        "total": found.total,
        "smallest": found.smallest,
        "largest": found.largest,
        "median": found.median,
        "deff": found.deff,
        "n_effective": found.n_effective,
        "margin_error": error,
        "margin": margin,
        "category": category,
        "trimmed": 0,
        "not_positive": int(np.count_nonzero(used < 0)),
        "iterations": 0,
        "converged": None,
    }


def _largest(weights: Floats, steps: Sequence[Step]) -> tuple[str, str, float | None]:
    """Return where the weights are furthest from a total of any of the steps."""
    worst: tuple[str, str, float | None] = ("", "", None)
    for step in steps:
        found = step.largest_error(weights)
        if found[2] is not None and (worst[2] is None or found[2] > worst[2]):
            worst = found
    return worst


def _targets(steps: Sequence[Step]) -> list[tuple[Step, Margin | Numeric]]:
    """Return every margin and auxiliary once, as its last calibration had it."""
    last: dict[str, tuple[Step, Margin | Numeric]] = {}
    for step in steps:
        own: list[Margin | Numeric] = [*step.margins, *step.numeric]
        for known in own:
            if isinstance(known, Numeric) and np.ptp(known.row_values) == 0:
                continue  # The population size itself has no spread to be compared with.
            last[known.name] = (step, known)
    return list(last.values())


def _shares(margin: Margin, weights: Floats) -> list[dict[str, Any]]:
    target = margin.targets / margin.targets.sum()
    estimate = margin.sums(weights) / weights.sum()
    spread = np.sqrt(target * (1 - target))
    apart = np.divide(estimate - target, spread, out=np.zeros_like(spread), where=spread > 0)
    return [
        {
            "variable": margin.name,
            "category": label,
            "estimate": float(estimate[place]),
            "target": float(target[place]),
            "difference": float(apart[place]),
        }
        for place, label in enumerate(margin.labels)
    ]


def _mean(known: Numeric, weights: Floats, first: Floats, step: Step) -> list[dict[str, Any]]:
    """Return the mean of an auxiliary beside its target over the persons of the step."""
    values = known.row_values
    persons = float(step.after[step.rows].sum())
    centre = float(first @ values / first.sum())
    spread = float(np.sqrt(first @ (values - centre) ** 2 / first.sum()))
    estimate, target = float(weights @ values / weights.sum()), known.total / persons
    apart = (estimate - target) / spread if spread > 0 else 0.0
    return [
        {
            "variable": known.name,
            "category": "",
            "estimate": estimate,
            "target": target,
            "difference": apart,
        }
    ]


def _steps_of(table: pd.DataFrame) -> list[tuple[int, str]]:
    pairs = table[["number", "step"]].drop_duplicates().sort_values("number")
    return [(int(number), str(name)) for number, name in pairs.to_numpy().tolist()]


def _step_name(number: int, name: str, lang: str) -> str:
    word = name if lang == "en" else _WORDS.get(name, name)
    return f"{number}. {word}" if number else word
