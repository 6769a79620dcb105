"""A map of the centre points of units: colour for the index, area for the answers."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from analysis.looks import INK, QUIET
from analysis.publication.figures.classes import (
    CLASS_COLOURS,
    class_name,
    class_of,
    classes,
    colours_of,
    sizes,
)
from analysis.publication.figures.drawing import Rows, Spelling, nfc, svg_of
from analysis.publication.figures.places import Place, named_places, positions, set_aside


@dataclass(frozen=True)
class MapWords:
    """The words of the map: class, size and hollow signs, inset, north."""

    answers: str
    withheld: str
    not_drawn: str
    inset: str
    north: str
    other: str


def centroid_map(
    places: Sequence[Place], words: Spelling, legend: MapWords, *, narrow: bool = False
) -> str:
    """Return a map of unit centre points: colour for the index, area for the answers.

    No border is drawn. A unit far from all others (an island far out) is set in a box of its
    own, so that the rest stays legible. ``number`` is printed in the bubble and leads to the
    list beside the map.
    """
    import altair as alt

    sets = Rows()
    spots = positions(places)
    inner = [spot for spot in spots if not spot["far"]]
    xs, ys = [spot["x"] for spot in inner], [spot["y"] for spot in inner]
    margin = 5.0
    left, right = min(xs) - margin, max(xs) + margin
    bottom, top = min(ys) - margin, max(ys) + margin
    width = 316 if narrow else 620
    per_km = width / (right - left)
    far = [spot for spot in spots if spot["far"]]
    box = set_aside(far, left, right, bottom, top, per_km)
    if box is not None:
        bottom = min(bottom, box["y2"] - margin / 2)
    height = (top - bottom) * per_km
    values = [place.value for place in places if place.value is not None]
    steps = classes(values)
    names = [class_name(steps, position) for position in range(len(steps) - 1)]
    colours = colours_of(len(names))
    for spot in spots:
        value = spot["value"]
        position = None if value is None else class_of(value, steps)
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
                text=alt.value(nfc(legend.inset)),
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
    landmarks = named_places(spots, apart=20 if narrow else 11, most=6 if narrow else 12)
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
                        values=sizes(largest), symbolFillColor="#9aa8b3", format="d", **common
                    ),
                ),
                color=alt.Color(
                    "class:N",
                    title=nfc(words.axis),
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
    return svg_of(chart, words, sets, narrow=narrow)


def _scale_bar(
    sets: Rows, left: float, bottom: float, right: float, top: float, per_km: float, north: str
) -> list[Any]:
    import altair as alt

    length = 20 if (right - left) > 60 else 5 if (right - left) > 15 else 1
    at, up = left + 10 / per_km, bottom + 14 / per_km
    bar = sets.add([{"a": at, "b": at + length, "y": up, "said": f"{length} km"}])
    point = sets.add([{"x": left + 16 / per_km, "y": top - 22 / per_km, "said": nfc(north)}])
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
