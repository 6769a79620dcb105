"""The charts of the worked survey: figures with their intervals, each in one call.

Every function takes a table of `analysis` and returns an Altair chart of a fixed size. Colours
are told apart by colour-blind readers, and shapes say the same.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import altair as alt
import pandas as pd

INK, QUIET, LINE, BLUE, ORANGE = "#1b2a36", "#5b6b78", "#d9e0e6", "#0b5a8a", "#c2570c"
FONT = "Be Vietnam Pro, DejaVu Sans, sans-serif"
WIDTH, STEP = 430, 24


def _set(chart: Any, title: str, note: str = "") -> Any:  # noqa: ANN401
    """Give a chart its title and the looks that all share."""
    heading = alt.TitleParams(title, subtitle=note or alt.Undefined, anchor="start", offset=14)
    return (
        chart.properties(title=heading, padding=12)
        .configure(background="white", font=FONT)
        .configure_title(fontSize=15, subtitleFontSize=12, subtitleColor=QUIET, color=INK)
        .configure_axis(
            labelFontSize=12, titleFontSize=12, labelColor=INK, titleColor=QUIET, gridColor=LINE,
            domainColor=LINE, tickColor=LINE, titleFontWeight="normal", labelLimit=240,
            titlePadding=10, labelFlush=False,
        )
        .configure_view(stroke=None)
        .configure_legend(labelFontSize=12, titleFontSize=12, labelColor=INK, titleColor=QUIET,
                          orient="bottom", symbolSize=90, titleFontWeight="normal")
    )  # fmt: skip


def looks(chart: Any, title: str, note: str = "") -> Any:  # noqa: ANN401
    """Give a chart of the library the looks of this page."""
    return _set(chart, title, note)


def intervals(
    table: pd.DataFrame,
    label: str,
    title: str,
    axis: str,
    *,
    note: str = "",
    text: str = "value",
    group: str | None = None,
    line: float | None = None,
    zero: bool = True,
) -> Any:  # noqa: ANN401
    """Show each row of a table of shares as a point with its interval.

    Beside it stands its ``text``: the ``value`` or the ``interval``. Rows of one ``group`` stand
    together.
    """
    data = table[["value", "low", "high"]].assign(label=[str(one) for one in table[label]])
    if text == "value":
        data["text"] = [f"{100 * one:.1f} %" for one in data["value"]]
    else:
        ends_of = zip(data["low"], data["high"], strict=True)
        data["text"] = [f"{100 * low:.1f} – {100 * high:.1f} %" for low, high in ends_of]
    order: list[str] = []
    groups = list(table[group]) if group else [None] * len(data)
    for place, name in enumerate(data["label"]):
        if place and groups[place] != groups[place - 1]:
            order.append(" " * len(order))  # an empty line
        order.append(name)
    ends = [float(data["low"].min()), float(data["high"].max())]
    ends[0] = min(ends[0], 0.0) if zero else ends[0] - 0.06 * (ends[1] - ends[0])
    room = 0.16 if text == "value" else 0.3
    scale = alt.Scale(domain=[ends[0], ends[1] + room * (ends[1] - ends[0])], nice=False, zero=zero)
    ticks = alt.Axis(format="~%", tickCount=6, labelFlush=False)
    across = {"scale": scale, "axis": ticks, "title": axis}
    up = alt.Y("label:N", title=None, scale=alt.Scale(domain=order),
               axis=alt.Axis(domain=False, ticks=False))  # fmt: skip
    base = alt.Chart(data).encode(y=up)
    layers = [
        base.mark_rule(strokeWidth=2, color=BLUE).encode(x=alt.X("low:Q", **across), x2="high:Q"),
        base.mark_point(filled=True, size=70, color=BLUE, opacity=1).encode(
            x=alt.X("value:Q", **across)
        ),
        base.mark_text(align="left", dx=9, color=INK, fontSize=11).encode(
            x=alt.X("high:Q", **across), text="text:N"
        ),
    ]
    if line is not None:
        rule = alt.Chart(pd.DataFrame({"at": [line]}))
        layers.insert(0, rule.mark_rule(strokeDash=[4, 4], color=QUIET).encode(x="at:Q"))
    chart = alt.layer(*layers).properties(width=WIDTH, height=STEP * len(order))
    return _set(chart, title, note)


def design_effects(effects: pd.DataFrame, label: str, title: str, note: str = "") -> Any:  # noqa: ANN401
    """Show each design effect as the weights' part times the part of strata and clusters."""
    order = [str(one) for one in effects[label]]
    rows = []
    for name, one in zip(order, effects.to_dict("records"), strict=True):
        weights, whole = float(one["deff_weights"]), float(one["deff"])
        rows.append((name, "unequal weights", 1.0, weights, ""))
        rows.append((name, "strata and clusters", weights, whole, f"{whole:.2f}"))
    data = pd.DataFrame(rows, columns=["label", "part", "start", "end", "text"])
    data["right"] = data[["start", "end"]].max(axis=1)
    least = min(0.95, 0.95 * float(data["end"].min()))
    scale = alt.Scale(type="log", domain=[least, float(data["right"].max()) * 1.2], nice=False)
    ticks = alt.Axis(values=[0.7, 1, 1.5, 2, 3, 4, 5, 7], format="~f", labelFlush=False)
    base = alt.Chart(data).encode(
        y=alt.Y("label:N", sort=order, title=None, axis=alt.Axis(domain=False, ticks=False))
    )
    bars = base.mark_bar(height=11).encode(
        x=alt.X("start:Q", scale=scale, axis=ticks, title="design effect (log scale)"),
        x2="end:Q",
        color=alt.Color(
            "part:N",
            title=None,
            scale=alt.Scale(
                domain=["unequal weights", "strata and clusters"], range=[ORANGE, BLUE]
            ),
        ),
    )
    text = base.mark_text(align="left", dx=6, fontSize=11, color=INK).encode(
        x=alt.X("right:Q", scale=scale, title="design effect (log scale)"), text="text:N"
    )
    one = alt.Chart(pd.DataFrame({"at": [1.0]})).mark_rule(color=QUIET).encode(x="at:Q")
    chart = alt.layer(bars, one, text).properties(width=WIDTH, height=STEP * len(order))
    return _set(chart, title, note)


def ratios(table: pd.DataFrame, label: str, methods: Sequence[str], title: str, note: str) -> Any:  # noqa: ANN401
    """Show how far each method's standard error is from the first one's, in percent."""
    order = [str(one) for one in table[label]]
    rows = [
        (name, method, 100.0 * (float(one[method]) / float(one[methods[0]]) - 1.0))
        for name, one in zip(order, table.to_dict("records"), strict=True)
        for method in methods[1:]
    ]
    data = pd.DataFrame(rows, columns=["label", "method", "off"])
    reach = max(1.0, float(data["off"].abs().max()) * 1.1)
    colours = [BLUE, ORANGE, "#009e73", "#7a3f8f"][: len(methods) - 1]
    shapes = ["circle", "triangle-up", "square", "diamond"][: len(methods) - 1]
    points = (
        alt.Chart(data)
        .mark_point(size=80, filled=True, opacity=0.9)
        .encode(
            y=alt.Y("label:N", sort=order, title=None, axis=alt.Axis(domain=False, ticks=False)),
            x=alt.X("off:Q", title=f"standard error, percent off {methods[0]}",
                    scale=alt.Scale(domain=[-reach, reach]),
                    axis=alt.Axis(format="+~f", labelFlush=False)),
            color=alt.Color("method:N", title=None,
                            scale=alt.Scale(domain=list(methods[1:]), range=colours)),
            shape=alt.Shape("method:N", title=None,
                            scale=alt.Scale(domain=list(methods[1:]), range=shapes)),
        )
    )  # fmt: skip
    zero = alt.Chart(pd.DataFrame({"at": [0.0]})).mark_rule(color=QUIET).encode(x="at:Q")
    chart = alt.layer(zero, points).properties(width=WIDTH, height=STEP * len(order))
    return _set(chart, title, note)


def ranking(table: pd.DataFrame, title: str, note: str) -> Any:  # noqa: ANN401
    """Show values with their intervals, and beside them ranks with their joint intervals.

    ``table`` has ``value, low, high, rank, rank_low, rank_high``, one row per place.
    """
    data = table.sort_values("value", ascending=False).reset_index(drop=True)
    data["row"] = data.index + 1
    up = alt.Y("row:Q", scale=alt.Scale(reverse=True, domain=[0, len(data) + 1], nice=False),
               axis=None)  # fmt: skip
    height = 6 * len(data)

    def panel(low: str, middle: str, high: str, axis: str, form: str, colour: str) -> Any:  # noqa: ANN401
        ticks: dict[str, Any] = {"format": form, "labelFlush": False}
        ticks |= {"values": [1, 25, 50, len(data)]} if form == "d" else {"tickCount": 5}
        scale = alt.Scale(nice=False, zero=form != "d")
        across = {"title": axis, "axis": alt.Axis(**ticks), "scale": scale}
        base = alt.Chart(data).encode(y=up)
        return alt.layer(
            base.mark_rule(strokeWidth=1.5, color=colour).encode(
                x=alt.X(f"{low}:Q", **across), x2=f"{high}:Q"
            ),
            base.mark_point(filled=True, size=20, color=INK, opacity=1).encode(
                x=alt.X(f"{middle}:Q", **across)
            ),
        ).properties(width=245, height=height)

    left = panel("low", "value", "high", "share, with its own 95 % interval", ".0%", BLUE)
    right = panel("rank_low", "rank", "rank_high", "rank, joint 95 % interval", "d", ORANGE)
    return _set(alt.hconcat(left, right, spacing=30), title, note)


def shrinkage(table: pd.DataFrame, title: str, note: str) -> Any:  # noqa: ANN401
    """Show the direct and the modelled figure of each area over its number of answers.

    ``table`` has ``n, direct, eblup``.
    """
    scale = alt.Scale(zero=True, nice=True)
    base = alt.Chart(table[["n", "direct", "eblup"]]).encode(
        x=alt.X("n:Q", title="answers in the place", axis=alt.Axis(tickCount=7, labelFlush=False))
    )
    up = {"title": "share without health insurance", "scale": scale, "axis": alt.Axis(format=".0%")}
    tall = table.melt(id_vars=["n"], value_vars=["direct", "eblup"], var_name="kind")
    tall["kind"] = tall["kind"].map({"direct": "direct estimate", "eblup": "Fay–Herriot"})
    names = ["direct estimate", "Fay–Herriot"]
    points = (
        alt.Chart(tall)
        .mark_point(filled=True, opacity=0.9, size=38)
        .encode(
            x="n:Q",
            y=alt.Y("value:Q", **up),
            color=alt.Color("kind:N", title=None,
                            scale=alt.Scale(domain=names, range=[ORANGE, BLUE])),
            shape=alt.Shape("kind:N", title=None,
                            scale=alt.Scale(domain=names, range=["circle", "diamond"])),
        )
    )  # fmt: skip
    moves = base.mark_rule(color=QUIET, strokeWidth=1).encode(
        y=alt.Y("direct:Q", **up), y2="eblup:Q"
    )
    chart = alt.layer(moves, points)
    return _set(chart.properties(width=WIDTH + 90, height=280), title, note)
