"""Points with their intervals, one row each."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from analysis.looks import BLUE, INK, QUIET
from analysis.publication.figures.drawing import Rows, Spelling, nfc, svg_of


@dataclass(frozen=True)
class IntervalRow:
    """One line of an interval chart: a figure, its interval, and both as printed."""

    label: str
    value: float
    low: float
    high: float
    printed: str


def intervals(
    rows: Sequence[IntervalRow],
    words: Spelling,
    *,
    reference: tuple[float, str] | None = None,
    narrow: bool = False,
) -> str:
    """Return a chart of points with 95 % intervals, one row each, in the order given.

    The axis does not start at zero: positions are compared, not lengths. ``reference`` draws
    a line through all rows, such as the overall index. ``narrow`` puts each label above its
    interval, for a phone.
    """
    import altair as alt

    sets = Rows()
    dense = len(rows) > 20
    step = (38 if narrow else 34) if not dense else (34 if narrow else 20)
    plot = 316 if narrow else 400
    height = step * len(rows) + (8 if narrow else 0)
    size = 12.0 if dense or narrow else 13.0
    domain = _axis_range([*[row.low for row in rows], *[row.high for row in rows]])
    data = sets.add(
        [
            {
                "row": number,
                "label": nfc(row.label if narrow else _shortened(row.label, 52)),
                "value": row.value,
                "low": row.low,
                "high": row.high,
                # A phone has no room for the interval in words; the table below has it.
                "printed": nfc(row.printed.partition(" [")[0] if narrow else row.printed),
            }
            for number, row in enumerate(rows)
        ]
    )
    x = alt.X(
        "low:Q",
        title=nfc(words.axis),
        scale=alt.Scale(domain=list(domain), nice=False, zero=False),
        axis=alt.Axis(orient="top" if dense else "bottom", tickCount=5, format="d"),
    )
    y = alt.Y(
        "row:O",
        axis=None,
        scale=alt.Scale(
            domain=list(range(len(rows))), paddingInner=0, paddingOuter=0.25 if not narrow else 0.5
        ),
    )
    base = alt.Chart(data)
    shift = 5 if narrow else 0
    layers: list[Any] = [
        base.mark_rule(
            strokeWidth=3 if not dense else 2, color=BLUE, opacity=0.5, yOffset=shift
        ).encode(x=x, x2=alt.X2("high:Q"), y=y),
        base.mark_point(filled=True, size=80 if not dense else 55, color=BLUE, opacity=1)
        .mark_point(filled=True, size=80 if not dense else 55, color=BLUE, opacity=1, yOffset=shift)
        .encode(x=alt.X("value:Q"), y=y),
    ]
    layers += _labels(base, y, plot, size, narrow)
    if reference is not None:
        at = alt.Chart(sets.add([{"at": reference[0], "said": nfc(reference[1])}]))
        line, said = _reference_line(at, height + 14 if dense else -4)
        layers = [line, *layers, said]
    chart = alt.layer(*layers).properties(width=plot, height=height)
    return svg_of(chart, words, sets, narrow=narrow)


def _labels(base: Any, y: Any, plot: int, size: float, narrow: bool) -> list[Any]:  # noqa: ANN401
    """Return the label and the printed figure of each row: beside it, or above on a phone."""
    import altair as alt

    look: dict[str, Any] = {"color": INK, "fontSize": size, "limit": 0}
    if narrow:
        label = base.mark_text(align="left", dy=-8, **look | {"limit": 270})
        printed = base.mark_text(align="right", dy=-8, color=QUIET, fontSize=11)
        left, right = 0, plot
    else:
        label = base.mark_text(align="right", **look)
        printed = base.mark_text(align="left", color=INK, fontSize=12)
        left, right = -14, plot + 14
    return [
        label.encode(x=alt.value(left), y=y, text=alt.Text("label:N")),
        printed.encode(x=alt.value(right), y=y, text=alt.Text("printed:N")),
    ]


def _reference_line(at: Any, place: int) -> tuple[Any, Any]:  # noqa: ANN401
    """Return a line through all rows, and its words at a height in pixels."""
    import altair as alt

    line = at.mark_rule(strokeDash=[4, 3], color=QUIET, strokeWidth=1.2)
    said = at.mark_text(align="center", baseline="bottom", color=QUIET, fontSize=11)
    x = alt.X("at:Q")
    return line.encode(x=x), said.encode(x=x, y=alt.value(place), text=alt.Text("said:N"))


def _axis_range(ends: Sequence[float]) -> tuple[float, float]:
    """Return axis limits at multiples of five that hold all ends and span at least 20 points."""
    if not ends:
        return 0.0, 100.0
    low, high = math.floor(min(ends) / 5) * 5, math.ceil(max(ends) / 5) * 5
    while high - low < 20:
        low, high = max(0, low - 5), min(100, high + 5)
    return float(low), float(high)


def _shortened(text: str, limit: int) -> str:
    return text if len(text) <= limit else text[: limit - 1].rstrip() + "…"
