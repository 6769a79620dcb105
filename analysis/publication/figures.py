"""Charts with intervals and a map of centre points, as SVG files.

A chart is handed rows that are already protected and already spelled: it draws what the
table beside it says and nothing else. The same rows give the same bytes. A simulated release
carries its notice inside every chart, since charts travel without their page.
"""

from __future__ import annotations

import math
import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

INK, QUIET, LINE, BLUE, WARNING = "#1b2a36", "#5b6b78", "#d9e0e6", "#1f5f8b", "#8a4b00"
CLASS_COLOURS = ("#d3e4f3", "#9dc3e2", "#5b9acb", "#2b6ca8", "#0c3c6e")
FONTS = (
    "Be Vietnam Pro, Noto Sans, Segoe UI, Roboto, Helvetica Neue, DejaVu Sans, Arial, sans-serif"
)
WIDE, NARROW = 860, 340
_IDS = re.compile(r'(id="|url\(#|href="#)([A-Za-z_]+[0-9]+)')


@dataclass(frozen=True)
class Spelling:
    """The words of one chart, in one language."""

    title: str
    axis: str
    notice: str = ""


@dataclass(frozen=True)
class IntervalRow:
    """One line of an interval chart: a figure, its interval, and both as printed."""

    label: str
    value: float
    low: float
    high: float
    printed: str


@dataclass(frozen=True)
class Place:
    """A unit on the map. ``value`` is missing where none is published."""

    name: str
    lat: float
    lon: float
    drawn: bool
    value: float | None = None
    answers: int = 0
    number: int = 0
    population: float = 0.0


@dataclass(frozen=True)
class MapWords:
    """The words of the map: class, size and hollow signs, inset, north."""

    answers: str
    withheld: str
    not_drawn: str
    inset: str
    north: str
    other: str


def use_fonts(folder: Path) -> None:
    """Measure texts with the fonts of a folder; without it, with those of the machine."""
    import vl_convert

    vl_convert.register_font_directory(str(folder))


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

    sets = _Sets()
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
                "label": _nfc(row.label if narrow else _shortened(row.label, 52)),
                "value": row.value,
                "low": row.low,
                "high": row.high,
                # A phone has no room for the interval in words; the table below has it.
                "printed": _nfc(row.printed.partition(" [")[0] if narrow else row.printed),
            }
            for number, row in enumerate(rows)
        ]
    )
    x = alt.X(
        "low:Q",
        title=_nfc(words.axis),
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
    label_at: dict[str, Any] = {"color": INK, "fontSize": size, "limit": 0}
    if narrow:
        layers += [
            base.mark_text(align="left", dy=-8, **label_at | {"limit": 270}).encode(
                x=alt.value(0), y=y, text=alt.Text("label:N")
            ),
            base.mark_text(align="right", dy=-8, color=QUIET, fontSize=11).encode(
                x=alt.value(plot), y=y, text=alt.Text("printed:N")
            ),
        ]
    else:
        layers += [
            base.mark_text(align="right", **label_at).encode(
                x=alt.value(-14), y=y, text=alt.Text("label:N")
            ),
            base.mark_text(align="left", color=INK, fontSize=12).encode(
                x=alt.value(plot + 14), y=y, text=alt.Text("printed:N")
            ),
        ]
    if reference is not None:
        at = sets.add([{"at": reference[0], "said": _nfc(reference[1])}])
        layers.insert(
            0,
            alt.Chart(at)
            .mark_rule(strokeDash=[4, 3], color=QUIET, strokeWidth=1.2)
            .encode(x=alt.X("at:Q")),
        )
        layers.append(
            alt.Chart(at)
            .mark_text(align="center", baseline="bottom", color=QUIET, fontSize=11)
            .encode(
                x=alt.X("at:Q"), y=alt.value(height + 14 if dense else -4), text=alt.Text("said:N")
            )
        )
    chart = alt.layer(*layers).properties(width=plot, height=height)
    return _svg(chart, words, sets, narrow=narrow)


def centroid_map(
    places: Sequence[Place], words: Spelling, legend: MapWords, *, narrow: bool = False
) -> str:
    """Return a map of unit centre points: colour for the index, area for the answers.

    No border is drawn. A unit far from all others (an island far out) is set in a box of its
    own, so that the rest stays legible. ``number`` is printed in the bubble and leads to the
    list beside the map.
    """
    import altair as alt

    sets = _Sets()
    spots = _positions(places)
    inner = [spot for spot in spots if not spot["far"]]
    xs, ys = [spot["x"] for spot in inner], [spot["y"] for spot in inner]
    margin = 5.0
    left, right = min(xs) - margin, max(xs) + margin
    bottom, top = min(ys) - margin, max(ys) + margin
    width = 316 if narrow else 620
    per_km = width / (right - left)
    far = [spot for spot in spots if spot["far"]]
    box = _inset(far, left, right, bottom, top, per_km)
    if box is not None:
        bottom = min(bottom, box["y2"] - margin / 2)
    height = (top - bottom) * per_km
    values = [place.value for place in places if place.value is not None]
    steps = _classes(values)
    names = [_class_name(steps, position) for position in range(len(steps) - 1)]
    colours = _colours(len(names))
    for spot in spots:
        value = spot["value"]
        position = None if value is None else _class_of(value, steps)
        spot["class"] = "" if position is None else names[position]
        spot["dark"] = position is not None and colours[position] in CLASS_COLOURS[3:]
        spot["sign"] = legend.withheld if spot["drawn"] else legend.not_drawn

    def layer(chosen: Sequence[dict[str, Any]]) -> Any:  # noqa: ANN401
        return alt.Chart(sets.add(list(chosen)))

    x = alt.X("x:Q", axis=None, scale=alt.Scale(domain=[left, right], nice=False, zero=False))
    y = alt.Y("y:Q", axis=None, scale=alt.Scale(domain=[bottom, top], nice=False, zero=False))
    largest = max((spot["answers"] for spot in spots), default=1) or 1
    area = 330 if narrow else 720
    shown = sorted(
        (spot for spot in spots if spot["value"] is not None), key=lambda spot: -spot["answers"]
    )
    hollow = [spot for spot in spots if spot["value"] is None]
    orient = "bottom" if narrow else "right"
    spread: dict[str, Any] = {"direction": "horizontal", "columns": 3} if narrow else {}
    common: dict[str, Any] = {"orient": orient, "titleLimit": 300, "labelLimit": 260, **spread}
    layers: list[Any] = []
    if box is not None:
        frame = sets.add([box])
        layers += [
            alt.Chart(frame)
            .mark_rect(fill=None, stroke="#9aa8b3", strokeDash=[4, 3])
            .encode(
                x=alt.X("x1:Q", axis=None),
                x2=alt.X2("x2:Q"),
                y=alt.Y("y1:Q", axis=None),
                y2=alt.Y2("y2:Q"),
            ),
            alt.Chart(frame)
            .mark_text(align="left", baseline="top", dx=6, dy=5, fontSize=10, color=QUIET)
            .encode(
                x=alt.X("x1:Q", axis=None),
                y=alt.Y("y1:Q", axis=None),
                text=alt.value(_nfc(legend.inset)),
            ),
        ]
    present = [
        sign
        for sign in (legend.withheld, legend.not_drawn)
        if any(spot["sign"] == sign for spot in hollow)
    ]
    if hollow:
        layers.append(
            layer(hollow)
            .mark_point(filled=False, size=34 if narrow else 60, strokeWidth=1.4, opacity=1)
            .encode(
                x=x,
                y=y,
                shape=alt.Shape(
                    "sign:N",
                    title=legend.other,
                    scale=alt.Scale(
                        domain=present,
                        range=["square" if s == legend.withheld else "circle" for s in present],
                    ),
                    legend=alt.Legend(
                        symbolStrokeColor=QUIET, **common | ({"columns": 1} if narrow else {})
                    ),
                ),
                stroke=alt.value("#7d8b97"),
            )
        )
    landmarks = _landmarks(spots, apart=20 if narrow else 11, most=6 if narrow else 12)
    lifted: dict[str, Any] = {"dy": -12 if narrow else -17, "fontSize": 9 if narrow else 11}
    for halo in ({"stroke": "#ffffff", "strokeWidth": 3, "opacity": 0.85}, {}):
        layers.append(
            layer(landmarks)
            .mark_text(color=QUIET, fontStyle="italic", **lifted, **halo)
            .encode(x=x, y=y, text=alt.Text("name:N"))
        )
    if shown:
        layers += [
            layer(shown)
            .mark_point(filled=True, stroke="#ffffff", strokeWidth=1, opacity=1)
            .encode(
                x=x,
                y=y,
                size=alt.Size(
                    "answers:Q",
                    title=legend.answers,
                    scale=alt.Scale(domain=[0, largest], range=[0, area]),
                    legend=alt.Legend(
                        values=_sizes(largest), symbolFillColor="#9aa8b3", format="d", **common
                    ),
                ),
                color=alt.Color(
                    "class:N",
                    title=_nfc(words.axis),
                    sort=names,
                    scale=alt.Scale(domain=names, range=colours),
                    legend=alt.Legend(symbolType="circle", symbolSize=170, **common),
                ),
            ),
            layer(shown)
            .mark_text(fontSize=7.5 if narrow else 10.5, fontWeight=600, baseline="middle")
            .encode(
                x=x,
                y=y,
                text=alt.Text("number:Q"),
                color=alt.condition("datum.dark", alt.value("#ffffff"), alt.value(INK)),
            ),
        ]
    layers += _scale_bar(sets, left, bottom, right, top, per_km, legend.north)
    chart = (
        alt.layer(*layers)
        .properties(width=width, height=round(height))
        .resolve_scale(shape="independent", color="independent", size="independent")
    )
    return _svg(chart, words, sets, narrow=narrow)


def _positions(places: Sequence[Place]) -> list[dict[str, Any]]:
    """Project to kilometres and say which places lie far from all others."""
    middle = math.radians(sorted(place.lat for place in places)[len(places) // 2])
    spots: list[dict[str, Any]] = [
        {
            "name": _nfc(place.name),
            "x": place.lon * 111.32 * math.cos(middle),
            "y": place.lat * 110.57,
            "value": place.value,
            "answers": place.answers,
            "number": place.number,
            "drawn": place.drawn,
            "population": place.population or float(place.answers),
        }
        for place in places
    ]
    centre_x = sorted(spot["x"] for spot in spots)[len(spots) // 2]
    centre_y = sorted(spot["y"] for spot in spots)[len(spots) // 2]
    away = [math.hypot(spot["x"] - centre_x, spot["y"] - centre_y) for spot in spots]
    reach = 2.0 * sorted(away)[int(0.9 * (len(away) - 1))]
    for spot, distance in zip(spots, away, strict=True):
        spot["far"] = len(spots) > 5 and distance > reach
    return spots


def _inset(
    far: Sequence[dict[str, Any]],
    left: float,
    right: float,
    bottom: float,
    top: float,
    per_km: float,
) -> dict[str, float] | None:
    """Move the far places into a box at the lower right; return the box in map kilometres."""
    if not far:
        return None
    wide, high = 150 / per_km, (48 + 34 * len(far)) / per_km
    x1, y2 = right - wide, bottom
    if (right - left) * per_km < 400:
        # On a phone the box goes below the map, where it covers nothing.
        y2 = bottom - high
    y1 = y2 + high
    for number, spot in enumerate(sorted(far, key=lambda each: str(each["name"]))):
        spot["x"] = x1 + wide / 2
        spot["y"] = y1 - (48 + 34 * number) / per_km
    return {"x1": x1, "x2": right, "y1": min(y1, top), "y2": y2}


def _landmarks(spots: Sequence[dict[str, Any]], apart: float, most: int) -> list[dict[str, Any]]:
    """Return the most populous places that are far enough from each other to be named."""
    named: list[dict[str, Any]] = [spot for spot in spots if spot["far"]]
    for spot in sorted(spots, key=lambda each: (-each["population"], each["name"])):
        if spot["far"]:
            continue
        if all(math.hypot(spot["x"] - o["x"], spot["y"] - o["y"]) > apart for o in named):
            named.append(spot)
        if len(named) >= most:
            break
    return named


def _scale_bar(
    sets: _Sets, left: float, bottom: float, right: float, top: float, per_km: float, north: str
) -> list[Any]:
    import altair as alt

    length = 20 if (right - left) > 60 else 5 if (right - left) > 15 else 1
    at, up = left + 10 / per_km, bottom + 14 / per_km
    bar = sets.add([{"a": at, "b": at + length, "y": up, "said": f"{length} km"}])
    point = sets.add([{"x": left + 16 / per_km, "y": top - 22 / per_km, "said": _nfc(north)}])
    return [
        alt.Chart(bar)
        .mark_rule(color=QUIET, strokeWidth=2)
        .encode(x=alt.X("a:Q", axis=None), x2=alt.X2("b:Q"), y=alt.Y("y:Q", axis=None)),
        alt.Chart(bar)
        .mark_text(align="left", dy=-8, color=QUIET, fontSize=11)
        .encode(x=alt.X("a:Q", axis=None), y=alt.Y("y:Q", axis=None), text=alt.Text("said:N")),
        alt.Chart(point)
        .mark_point(shape="triangle-up", filled=True, color=QUIET, size=60, opacity=1)
        .encode(x=alt.X("x:Q", axis=None), y=alt.Y("y:Q", axis=None)),
        alt.Chart(point)
        .mark_text(dy=-12, color=QUIET, fontSize=11)
        .encode(x=alt.X("x:Q", axis=None), y=alt.Y("y:Q", axis=None), text=alt.Text("said:N")),
    ]


def _classes(values: Sequence[float]) -> list[int]:
    """Return whole-number class limits, at most five classes, that hold all values."""
    if not values:
        return [0, 100]
    low, high = math.floor(min(values)), math.ceil(max(values))
    step = next((s for s in (1, 2, 5, 10, 20) if math.ceil(high / s) - low // s <= 5), 20)
    first, last = low // step * step, max(math.ceil(high / step) * step, low // step * step + step)
    return list(range(first, last + 1, step))


def _class_of(value: float, steps: Sequence[int]) -> int:
    return min(sum(value >= limit for limit in steps) - 1, len(steps) - 2)


def _class_name(steps: Sequence[int], position: int) -> str:
    closing = "≤" if position == len(steps) - 2 else "<"
    return f"{steps[position]} – {closing} {steps[position + 1]}"


def _colours(count: int) -> list[str]:
    if count >= len(CLASS_COLOURS):
        return list(CLASS_COLOURS)
    places = [round(k * 4 / max(count - 1, 1)) for k in range(count)] if count > 1 else [2]
    return [CLASS_COLOURS[place] for place in places]


def _sizes(largest: int) -> list[int]:
    step = next(s for s in (5, 10, 20, 25, 50, 100, 250, 500, 1000, 10**9) if largest <= 4 * s)
    return [k for k in (step, 2 * step, 3 * step) if k <= largest] or [largest]


def _axis_range(ends: Sequence[float]) -> tuple[float, float]:
    """Return axis limits at multiples of five that hold all ends and span at least 20 points."""
    if not ends:
        return 0.0, 100.0
    low, high = math.floor(min(ends) / 5) * 5, math.ceil(max(ends) / 5) * 5
    while high - low < 20:
        low, high = max(0, low - 5), min(100, high + 5)
    return float(low), float(high)


class _Sets(dict[str, list[dict[str, Any]]]):
    """The rows of a chart, kept beside its layers: Altair would copy them into each."""

    def add(self, values: Sequence[dict[str, Any]]) -> Any:  # noqa: ANN401
        """Keep the rows and return the reference that a layer draws from."""
        import altair as alt

        name = f"rows{len(self)}"
        self[name] = list(values)
        return alt.NamedData(name=name)


def _shortened(text: str, limit: int) -> str:
    return text if len(text) <= limit else text[: limit - 1].rstrip() + "…"


def _nfc(text: str) -> str:
    return unicodedata.normalize("NFC", text)


def _svg(chart: Any, words: Spelling, sets: _Sets, *, narrow: bool) -> str:  # noqa: ANN401
    import vl_convert

    # Altair copies the whole chart for each setting of these, so they join the finished spec.
    spec = chart.to_dict(validate=False)
    spec["datasets"] = dict(sets)
    spec["background"] = "#ffffff"
    spec["padding"] = {"left": 8, "right": 12, "top": 8, "bottom": 8}
    spec["title"] = {
        "text": _wrapped(words.title, 44 if narrow else 96),
        "subtitle": _wrapped(words.notice, 52 if narrow else 110),
        "anchor": "start",
        "frame": "bounds",
        "color": INK,
        "fontSize": 13 if narrow else 15,
        "fontWeight": 600,
        "subtitleColor": WARNING,
        "subtitleFontSize": 11 if narrow else 12,
        "subtitleFontWeight": "bold",
        "subtitlePadding": 5,
        "offset": 14 if narrow else 18,
    }
    spec["config"] = {
        "font": FONTS,
        "view": {"stroke": None},
        "axis": {
            "gridColor": LINE,
            "domainColor": LINE,
            "tickColor": LINE,
            "labelColor": QUIET,
            "titleColor": QUIET,
            "titleFontWeight": "normal",
            "labelFontSize": 11,
            "titleFontSize": 11,
        },
        "legend": {
            "labelColor": INK,
            "titleColor": INK,
            "titleFontSize": 11,
            "labelFontSize": 11,
            "titleFontWeight": 600,
            "rowPadding": 4,
            "layout": {"bottom": {"direction": "vertical", "anchor": "start", "margin": 14}},
        },
    }
    return _settled_ids(str(vl_convert.vegalite_to_svg(spec)))


def _wrapped(text: str, limit: int) -> list[str]:
    lines: list[str] = []
    for word in _nfc(text).split():
        if lines and len(lines[-1]) + 1 + len(word) <= limit:
            lines[-1] += " " + word
        else:
            lines.append(word)
    return lines


def _settled_ids(svg: str) -> str:
    """Return the chart with ids counted from one; the renderer counts on through all."""
    names: dict[str, str] = {}

    def settled(match: re.Match[str]) -> str:
        name = names.setdefault(match[2], f"c{len(names) + 1}")
        return match[1] + name

    return _IDS.sub(settled, svg)
