"""Charts of a plan: width against cost, against the take, and the chance to tell ranks apart.

Each function returns an Altair chart of a fixed size with the words of one language; the figures
are those of the tables of a plan.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from intake.findings import DesignError
from sampling.precision.chart_looks import (
    BLUE,
    INK,
    ORANGE,
    QUIET,
    Words,
    apart,
    axis_numbers,
    dressed,
    number,
    words,
)
from sampling.precision.curve import Curve
from sampling.precision.refusals import check_choice
from sampling.precision.separation import chance_of_telling
from sampling.precision.trial import Trial

KINDS = ("cost", "take", "ranks", "pairs")
WIDTH, HEIGHT = 460, 300
_NAMED = 6
Rows = list[dict[str, Any]]


def plan_figure(
    trial: Trial, curve: Curve, ranks: Sequence[Mapping[str, float]], kind: str, lang: str
) -> Any:  # noqa: ANN401
    """Return one of the charts of a plan.

    Parameters
    ----------
    trial, curve
        The design and its curve.
    ranks
        Rows of ``ranking.unit_separation``.
    kind
        ``cost``: half-width against cost, overall and by domain. ``take``: half-width against
        the take for one cost, with the best take. ``ranks``: chance to tell two units apart
        against their difference, for several numbers of answers. ``pairs``: share of all pairs
        told apart against the cost of asking in every unit.
    lang
        ``vi`` or ``en``.

    Raises
    ------
    DesignError
        The kind is unknown, or the design has nothing to show for it.
    """
    check_choice("kind", kind, KINDS)
    said = words(lang, share=trial.spread.share)
    if kind == "cost":
        return cost_chart(curve, said)
    if kind == "take":
        return take_chart(curve, said)
    if not ranks:
        raise _nothing(kind)
    return ranks_chart(trial, ranks, said) if kind == "ranks" else pairs_chart(trial, ranks, said)


def write_figure(chart: Any, path: Path, *, fonts: Path | None = None) -> None:  # noqa: ANN401
    """Write a chart as PNG, SVG or PDF, by the ending of the path.

    Raises
    ------
    DesignError
        The ending is another one.
    """
    import vl_convert

    check_choice("figure", path.suffix.lower(), (".png", ".svg", ".pdf"))
    if fonts is not None:
        vl_convert.register_font_directory(str(fonts))
    spec = chart.to_dict()
    path.parent.mkdir(parents=True, exist_ok=True)
    if path.suffix.lower() == ".svg":
        path.write_text(vl_convert.vegalite_to_svg(spec) + "\n", encoding="utf-8")
    elif path.suffix.lower() == ".png":
        path.write_bytes(vl_convert.vegalite_to_png(spec, scale=2))
    else:
        path.write_bytes(vl_convert.vegalite_to_pdf(spec))


def cost_chart(curve: Curve, said: Words) -> Any:  # noqa: ANN401
    """Return half-width against cost: all in blue, domains thin, the design marked."""
    import altair as alt

    unit, axis = said.money(max(row["cost"] for row in curve.rows))
    costless = max(row["cost"] for row in curve.rows) <= 0
    rows: Rows = [
        {"x": row["expected"] if costless else row["cost"] / unit,
         "y": said.points(row["half_width"]), "of": said.overall, "own": row["factor"]}
        for row in curve.rows
    ]  # fmt: skip
    answers: dict[object, float] = {row["cost"]: row["expected"] for row in curve.rows}
    thin: Rows = [
        {
            "x": answers[row["cost"]] if costless else float(str(row["cost"])) / unit,
            "y": said.points(float(str(row["half_width"]))),
            "of": said.domain(str(row["column"]), str(row["domain"])),
        }
        for row in curve.domain_rows
        if float(str(row["half_width"])) == float(str(row["half_width"]))
    ]
    top = max(row["x"] for row in rows)
    x = _across(0, top, said.answers if costless else axis, said, room=0.0)
    y = _up(0, max(row["y"] for row in [*rows, *thin]), said.half_width, said)
    line = alt.Chart(_data(rows)).mark_line(strokeWidth=2.8, color=BLUE).encode(x=x, y=y)
    quiet = alt.Chart(_data(thin)).mark_line(strokeWidth=1.3, color=QUIET, opacity=0.75)
    layers = [quiet.encode(x=x, y=y, detail="of:N")] if thin else []
    layers += [line, *_start_labels(_starts(rows, thin), x, y), *_marked(rows, said, x, y)]
    chart = alt.layer(*layers).properties(width=WIDTH, height=HEIGHT)
    return dressed(chart, said.cost_title, said.cost_note)


def take_chart(curve: Curve, said: Words) -> Any:  # noqa: ANN401
    """Return half-width against the take for one cost, the best and the design's own marked."""
    import altair as alt

    if not curve.take_rows:
        raise _nothing("take")
    rows: Rows = [
        {"x": float(str(row["take"])), "y": said.points(float(str(row["half_width"]))),
         "units": float(str(row["units"])), "role": str(row["role"])}
        for row in curve.take_rows
    ]  # fmt: skip
    lowest, highest = min(row["y"] for row in rows), max(row["y"] for row in rows)
    x = _across(0, max(row["x"] for row in rows), said.take, said)
    y = _up(max(0.0, lowest - 0.6 * (highest - lowest)), highest, said.half_width, said)
    named = [row for row in rows if row["role"]]
    for row in named:
        best = row["role"] == "optimum" or len(named) == 1
        row["said"] = said.best if best else said.design
        row["more"] = said.units_each(row["units"], row["x"])
    _set_aside(named)
    layers = [
        alt.Chart(_data(rows)).mark_line(strokeWidth=2.2, color=BLUE).encode(x=x, y=y),
        alt.Chart(_data(rows)).mark_point(filled=True, size=26, color=BLUE, opacity=1).encode(
            x=x, y=y),
    ]  # fmt: skip
    for row in named:
        colour = ORANGE if row["said"] == said.best else INK
        base = alt.Chart(_data([row])).encode(x=x, y=y)
        layers += [
            base.mark_point(filled=True, size=95, color=colour, opacity=1),
            base.mark_text(
                align=row["align"], dx=row["dx"], dy=19, color=colour, fontSize=12, fontWeight=600
            ).encode(text="said:N"),
            base.mark_text(
                align=row["align"], dx=row["dx"], dy=34, color=QUIET, fontSize=11
            ).encode(text="more:N"),
        ]  # fmt: skip
    chart = alt.layer(*layers).properties(width=WIDTH, height=HEIGHT)
    return dressed(chart, said.take_title, said.take_note)


def ranks_chart(trial: Trial, ranks: Sequence[Mapping[str, float]], said: Words) -> Any:  # noqa: ANN401
    """Return the chance to tell two units apart against their true difference."""
    import altair as alt

    shown = ranks[-5:]
    reach = 1.15 * max(float(row["difference"]) for row in shown[-4:])
    grid = np.linspace(0, reach, 60)
    lines: Rows = []
    ends: Rows = []
    for row in shown:
        chance = 100 * chance_of_telling(grid, float(row["se"]), level=trial.base.level)
        own = round(float(row["take"])) == round(trial.take)
        name = said.per_unit(float(row["answers"]), own=own)
        lines += [{"x": said.points(float(at)), "y": float(up), "of": name, "own": own}
                  for at, up in zip(grid, chance, strict=True)]  # fmt: skip
        ends.append({"x": said.points(reach), "y": float(chance[-1]), "of": name, "own": own,
                     "cross": float(row["difference"])})  # fmt: skip
    x = _across(0, said.points(reach), said.difference, said)
    y = _up(0, 100, said.chance, said)
    labels = _crossings(ends, lines)
    eighty = alt.Chart(_data([{"y": 80}])).mark_rule(strokeDash=[4, 4], color=QUIET)
    colour = alt.condition("datum.own", alt.value(BLUE), alt.value("#8aa4b5"))
    layers = [
        eighty.encode(y=y),
        alt.Chart(_data([row for row in lines if not row["own"]])).mark_line(
            strokeWidth=1.6, color="#8aa4b5").encode(x=x, y=y, detail="of:N"),
        alt.Chart(_data([row for row in lines if row["own"]])).mark_line(
            strokeWidth=2.8, color=BLUE).encode(x=x, y=y, detail="of:N"),
        alt.Chart(_data(labels)).mark_text(align="right", dx=-6, fontSize=11, fontWeight=600)
        .encode(x=x, y=y, text="of:N", color=colour),
    ]  # fmt: skip
    chart = alt.layer(*layers).properties(width=WIDTH, height=HEIGHT)
    return dressed(chart, said.ranks_title, said.ranks_note)


def pairs_chart(trial: Trial, ranks: Sequence[Mapping[str, float]], said: Words) -> Any:  # noqa: ANN401
    """Return the share of pairs told apart against the cost of asking in every unit."""
    import altair as alt

    unit, axis = said.money(max(float(row["cost"]) for row in ranks))
    rows: Rows = [
        {"x": float(row["cost"]) / unit, "y": 100 * float(row[kind]), "kind": kind,
         "n": number(float(row["answers"]), 0, said.lang)}
        for row in ranks for kind in ("told_apart", "joint")
    ]  # fmt: skip
    x = _across(0, max(row["x"] for row in rows), axis, said)
    y = _up(0, 100, said.pairs, said)
    layers: list[Any] = []
    for kind, colour, name in (("told_apart", BLUE, said.test), ("joint", ORANGE, said.joint)):
        own = [row for row in rows if row["kind"] == kind]
        base = alt.Chart(_data(own)).encode(x=x, y=y)
        layers += [
            base.mark_line(strokeWidth=2.2, color=colour),
            base.mark_point(filled=True, size=44, color=colour, opacity=1),
            alt.Chart(_data([own[-1] | {"said": name}]))
            .mark_text(align="left", dx=10, fontSize=12, fontWeight=600, color=colour)
            .encode(x=x, y=y, text="said:N"),
        ]
        if kind == "told_apart":
            layers.append(base.mark_text(dy=-13, fontSize=11, color=QUIET).encode(text="n:N"))
    chart = alt.layer(*layers).properties(width=WIDTH, height=HEIGHT)
    return dressed(chart, said.pairs_title, said.pairs_note(trial))


def _across(low: float, high: float, title: str, said: Words, room: float = 0.02) -> Any:  # noqa: ANN401
    import altair as alt

    scale = alt.Scale(domain=[low, high + room * (high - low)], nice=False, zero=False)
    axis = alt.Axis(tickCount=6, grid=False, labelExpr=axis_numbers(said.lang))
    return alt.X("x:Q", title=title, scale=scale, axis=axis)


def _up(low: float, high: float, title: str, said: Words) -> Any:  # noqa: ANN401
    import altair as alt

    scale = alt.Scale(domain=[low, high], nice=True, zero=False)
    axis = alt.Axis(tickCount=6, domain=False, ticks=False, labelExpr=axis_numbers(said.lang))
    return alt.Y("y:Q", title=title, scale=scale, axis=axis)


def _data(rows: Sequence[Mapping[str, Any]]) -> Any:  # noqa: ANN401
    import altair as alt

    return alt.InlineData(values=list(rows))


def _starts(rows: Rows, thin: Rows) -> Rows:
    """Return the left ends of the lines that are named, where lines lie furthest apart."""
    first: dict[str, dict[str, Any]] = {}
    for row in thin:
        first.setdefault(row["of"], row)
    named = sorted(first.values(), key=lambda row: -float(row["y"]))
    if len(named) > _NAMED:
        named = [named[0], named[-1]]
    listed = [*named, rows[0] | {"main": True}]
    spread = max(row["y"] for row in [*rows, *thin])
    heights = apart([float(row["y"]) for row in listed], 0.06 * spread)
    return [row | {"y": height, "main": bool(row.get("main")), "of": _short(str(row["of"]))}
            for row, height in zip(listed, heights, strict=True)]  # fmt: skip


def _short(name: str, most: int = 13) -> str:
    return name if len(name) <= most else name[: most - 1].rstrip() + "…"


def _start_labels(starts: Rows, x: Any, y: Any) -> list[Any]:  # noqa: ANN401
    import altair as alt

    look: dict[str, Any] = {"align": "right", "dx": -7, "fontSize": 12}
    return [
        alt.Chart(_data([row for row in starts if row["main"] is main]))
        .mark_text(**look | {"color": colour, "fontWeight": weight})
        .encode(x=x, y=y, text="of:N")
        for main, colour, weight in ((False, QUIET, "normal"), (True, BLUE, "bold"))
    ]


def _marked(rows: Rows, said: Words, x: Any, y: Any) -> list[Any]:  # noqa: ANN401
    """Return the point of the design itself, and its words."""
    import altair as alt

    own = min(rows, key=lambda row: abs(row["own"] - 1))
    text = f"{said.design}: ±{number(own['y'], 1, said.lang)}"
    base = alt.Chart(_data([own | {"said": text}])).encode(x=x, y=y)
    return [
        base.mark_point(filled=True, size=90, color=BLUE, opacity=1),
        base.mark_text(dy=20, color=INK, fontSize=12, fontWeight=600).encode(text="said:N"),
    ]


def _crossings(ends: Rows, lines: Rows) -> Rows:
    """Return the label of each line where it passes 62 per cent, or at its right end."""
    placed = []
    for number_of, end in enumerate(ends):
        height = 62.0 - 9.0 * (len(ends) - 1 - number_of) / max(len(ends) - 1, 1) * 3
        own = [row for row in lines if row["of"] == end["of"]]
        passed = [row for row in own if row["y"] >= height]
        placed.append((passed[0] if passed else own[-1]) | {"of": end["of"], "own": end["own"]})
    return placed


def _set_aside(named: Rows) -> None:
    """Align the words of two marked points away from each other, beneath the curve."""
    for row in named:
        row |= {"align": "center", "dx": 0}
    if len(named) == 2:
        named[0] |= {"align": "right", "dx": 22}
        named[1] |= {"align": "left", "dx": -10}


def _nothing(kind: str) -> DesignError:
    return DesignError.of(
        "precision-figure-empty",
        f"Thiết kế không có gì để vẽ hình “{kind}”.",
        f"The design has nothing to show in the figure '{kind}'.",
        "Cần hai giai đoạn trở lên, có chi phí đơn vị và chi phí phiếu; hoặc vẽ hình cost.",
        "It takes two stages with per_unit and per_interview costs; or draw 'cost'.",
        path="kind",
    )
