"""The classes of a map: limits, names, colours, and the sizes of its legend."""

from __future__ import annotations

import math
from collections.abc import Sequence

CLASS_COLOURS = ("#d3e4f3", "#9dc3e2", "#5b9acb", "#2b6ca8", "#0c3c6e")


def classes(values: Sequence[float]) -> list[int]:
    """Return whole-number class limits, at most five classes, that hold all values."""
    if not values:
        return [0, 100]
    low, high = math.floor(min(values)), math.ceil(max(values))
    step = next((s for s in (1, 2, 5, 10, 20) if math.ceil(high / s) - low // s <= 5), 20)
    first, last = low // step * step, max(math.ceil(high / step) * step, low // step * step + step)
    return list(range(first, last + 1, step))


def class_of(value: float, steps: Sequence[int]) -> int:
    """Return the position of the class that holds a value."""
    return min(sum(value >= limit for limit in steps) - 1, len(steps) - 2)


def class_name(steps: Sequence[int], position: int) -> str:
    """Return how a class is called in the legend."""
    closing = "≤" if position == len(steps) - 2 else "<"
    return f"{steps[position]} – {closing} {steps[position + 1]}"


def colours_of(count: int) -> list[str]:
    """Return as many colours as there are classes, from light to dark."""
    if count >= len(CLASS_COLOURS):
        return list(CLASS_COLOURS)
    places = [round(k * 4 / max(count - 1, 1)) for k in range(count)] if count > 1 else [2]
    return [CLASS_COLOURS[place] for place in places]


def sizes(largest: int) -> list[int]:
    """Return round numbers of answers for the legend of areas."""
    step = next(s for s in (5, 10, 20, 25, 50, 100, 250, 500, 1000, 10**9) if largest <= 4 * s)
    return [k for k in (step, 2 * step, 3 * step) if k <= largest] or [largest]
