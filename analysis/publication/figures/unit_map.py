"""A map of the centre points of units: colour for the index, area for the answers."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
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


@dataclass(frozen=True)
class _Ground:
    """The part of the country that is drawn: its edges in kilometres, its width in pixels."""

    left: float
    right: float
    bottom: float
    top: float
    narrow: bool

    @property
    def width(self) -> int:
        return 316 if self.narrow else 620

    @property
    def per_km(self) -> float:
        return self.width / (self.right - self.left)

    @property
    def height(self) -> int:
        return round((self.top - self.bottom) * self.per_km)

    def places(self) -> dict[str, Any]:
        """Return the channels that put a mark where its spot lies."""
        import altair as alt

        def scale(low: float, high: float) -> Any:  # noqa: ANN401
            return alt.Scale(domain=[low, high], nice=False, zero=False)

        return {
            "x": alt.X("x:Q", axis=None, scale=scale(self.left, self.right)),
            "y": alt.Y("y:Q", axis=None, scale=scale(self.bottom, self.top)),
        }

    def legend(self) -> dict[str, Any]:
        """Return how every legend of the map is set."""
        spread = {"direction": "horizontal", "columns": 3} if self.narrow else {}
        orient = "bottom" if self.narrow else "right"
        return {"orient": orient, "titleLimit": 300, "labelLimit": 260, **spread}


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
    ground, box = _ground(spots, narrow)
    names = _classify(spots, legend)
    layers = _frame(sets, box, legend.inset) if box is not None else []
    hollow = [spot for spot in spots if spot["value"] is None]
    if hollow:
        layers.append(_hollow(sets, ground, hollow, legend))
    layers += _landmarks(sets, ground, spots)
    layers += _bubbles(sets, ground, spots, names, words.axis, legend.answers)
    layers += _scale_bar(sets, ground, legend.north)
    chart = (
        alt.layer(*layers)
        .properties(width=ground.width, height=ground.height)
        .resolve_scale(shape="independent", color="independent", size="independent")
    )
    return svg_of(chart, words, sets, narrow=narrow)


def _ground(
    spots: Sequence[dict[str, Any]], narrow: bool
) -> tuple[_Ground, dict[str, float] | None]:
    """Return the ground of the map, and the box for spots far away, if there are any."""
    inner = [spot for spot in spots if not spot["far"]]
    xs, ys = [spot["x"] for spot in inner], [spot["y"] for spot in inner]
    margin = 5.0
    ground = _Ground(min(xs) - margin, max(xs) + margin, min(ys) - margin, max(ys) + margin, narrow)
    far = [spot for spot in spots if spot["far"]]
    box = set_aside(far, ground.left, ground.right, ground.bottom, ground.top, ground.per_km)
    if box is None:
        return ground, None
    return replace(ground, bottom=min(ground.bottom, box["y2"] - margin / 2)), box


def _classify(spots: Sequence[dict[str, Any]], legend: MapWords) -> list[str]:
    """Note at each spot its class, or why it has none, and return the names of the classes."""
    steps = classes([spot["value"] for spot in spots if spot["value"] is not None])
    names = [class_name(steps, position) for position in range(len(steps) - 1)]
    colours = colours_of(len(names))
    for spot in spots:
        value = spot["value"]
        position = None if value is None else class_of(value, steps)
        spot["class"] = "" if position is None else names[position]
        spot["dark"] = position is not None and colours[position] in CLASS_COLOURS[3:]
        spot["sign"] = legend.withheld if spot["drawn"] else legend.not_drawn
    return names


def _frame(sets: Rows, box: dict[str, float], inset: str) -> list[Any]:
    """Return the frame around spots that were set aside."""
    import altair as alt

    frame = alt.Chart(sets.add([box]))
    left, top = alt.X("x1:Q", axis=None), alt.Y("y1:Q", axis=None)
    return [
        frame.mark_rect(fill=None, stroke="#9aa8b3", strokeDash=[4, 3]).encode(
            x=left, x2=alt.X2("x2:Q"), y=top, y2=alt.Y2("y2:Q")
        ),
        frame.mark_text(align="left", baseline="top", dx=6, dy=5, fontSize=10, color=QUIET).encode(
            x=left, y=top, text=alt.value(nfc(inset))
        ),
    ]


def _hollow(sets: Rows, ground: _Ground, hollow: Sequence[dict[str, Any]], legend: MapWords) -> Any:  # noqa: ANN401
    """Return the signs of units without a published value."""
    import altair as alt

    present = [
        sign
        for sign in (legend.withheld, legend.not_drawn)
        if any(spot["sign"] == sign for spot in hollow)
    ]
    shapes = ["square" if sign == legend.withheld else "circle" for sign in present]
    one_column = {"columns": 1} if ground.narrow else {}
    return (
        alt.Chart(sets.add(hollow))
        .mark_point(filled=False, size=34 if ground.narrow else 60, strokeWidth=1.4, opacity=1)
        .encode(
            **ground.places(),
            shape=alt.Shape(
                "sign:N",
                title=legend.other,
                scale=alt.Scale(domain=present, range=shapes),
                legend=alt.Legend(symbolStrokeColor=QUIET, **ground.legend() | one_column),
            ),
            stroke=alt.value("#7d8b97"),
        )
    )


def _landmarks(sets: Rows, ground: _Ground, spots: Sequence[dict[str, Any]]) -> list[Any]:
    """Return the names of a few places, each over its halo."""
    import altair as alt

    narrow = ground.narrow
    named = named_places(spots, apart=20 if narrow else 11, most=6 if narrow else 12)
    halo: dict[str, Any] = {"stroke": "#ffffff", "strokeWidth": 3, "opacity": 0.85}
    lifted: dict[str, Any] = {"dy": -12 if narrow else -17, "fontSize": 9 if narrow else 11}
    return [
        alt.Chart(sets.add(named))
        .mark_text(color=QUIET, fontStyle="italic", **lifted, **around)
        .encode(**ground.places(), text=alt.Text("name:N"))
        for around in (halo, {})
    ]


def _bubbles(
    sets: Rows,
    ground: _Ground,
    spots: Sequence[dict[str, Any]],
    names: Sequence[str],
    axis: str,
    answers: str,
) -> list[Any]:
    """Return the bubbles of units with a published value, the largest beneath, and numbers."""
    import altair as alt

    shown = sorted(
        (spot for spot in spots if spot["value"] is not None), key=lambda spot: -spot["answers"]
    )
    if not shown:
        return []
    largest = max(spot["answers"] for spot in spots) or 1
    area = 330 if ground.narrow else 720
    common = ground.legend()
    bubbles = (
        alt.Chart(sets.add(shown))
        .mark_point(filled=True, stroke="#ffffff", strokeWidth=1, opacity=1)
        .encode(
            **ground.places(),
            size=alt.Size(
                "answers:Q",
                title=answers,
                scale=alt.Scale(domain=[0, largest], range=[0, area]),
                legend=alt.Legend(
                    values=sizes(largest), symbolFillColor="#9aa8b3", format="d", **common
                ),
            ),
            color=alt.Color(
                "class:N",
                title=nfc(axis),
                sort=names,
                scale=alt.Scale(domain=names, range=colours_of(len(names))),
                legend=alt.Legend(symbolType="circle", symbolSize=170, **common),
            ),
        )
    )
    numbers = (
        alt.Chart(sets.add(shown))
        .mark_text(fontSize=7.5 if ground.narrow else 10.5, fontWeight=600, baseline="middle")
        .encode(
            **ground.places(),
            text=alt.Text("number:Q"),
            color=alt.condition("datum.dark", alt.value("#ffffff"), alt.value(INK)),
        )
    )
    return [bubbles, numbers]


def _scale_bar(sets: Rows, ground: _Ground, north: str) -> list[Any]:
    """Return the bar of some kilometres, and the arrow to the north."""
    import altair as alt

    left, per_km = ground.left, ground.per_km
    across = ground.right - left
    length = 20 if across > 60 else 5 if across > 15 else 1
    at, up = left + 10 / per_km, ground.bottom + 14 / per_km
    bar = sets.add([{"a": at, "b": at + length, "y": up, "said": f"{length} km"}])
    point = sets.add([{"x": left + 16 / per_km, "y": ground.top - 22 / per_km, "said": nfc(north)}])
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
