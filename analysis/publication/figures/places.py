"""Where units lie on the map, in kilometres, and which of them are named or set aside."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from analysis.publication.figures.drawing import nfc


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


def positions(places: Sequence[Place]) -> list[dict[str, Any]]:
    """Project to kilometres and say which places lie far from all others."""
    middle = math.radians(sorted(place.lat for place in places)[len(places) // 2])
    spots: list[dict[str, Any]] = [
        {
            "name": nfc(place.name),
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


def set_aside(
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


def named_places(spots: Sequence[dict[str, Any]], apart: float, most: int) -> list[dict[str, Any]]:
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
