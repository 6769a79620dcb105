"""The methods of a published draw: names in, drawn names out, from hash streams alone.

Every method gets the units of one group without those taken with certainty. Selections in
whole numbers stand in ``exact``; the others are the tools of ``sampling.selection``, fed
with the uniform numbers of the group's stream.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from itertools import accumulate
from typing import TYPE_CHECKING

from sampling.chance import WHOLE, Uniforms, start_number
from sampling.design import Stage, column_number
from sampling.drawing.exact import (
    ChancesBySize,
    exact_at_rate,
    exact_circular,
    exact_groups,
    exact_one,
    exact_pareto,
    exact_poisson,
    exact_systematic,
)
from sampling.frame import FrameUnit

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray


@dataclass(frozen=True)
class Task:
    """What a method works on: the units of one group in order, and how many to draw."""

    stage: Stage
    stream: str
    key: str
    order: Sequence[str]
    units: Mapping[str, FrameUnit]
    sizes: Mapping[str, int]
    numbers: Mapping[str, int]
    n: int

    @property
    def start(self) -> int:
        """The start of the group's stream."""
        return start_number(self.key, self.stream)

    @property
    def laid(self) -> list[int]:
        """The sizes in order."""
        return [self.sizes[name] for name in self.order]


@dataclass(frozen=True)
class Hits:
    """The names drawn, the probability of every unit, and what goes on record."""

    names: list[str]
    chances: Mapping[str, Fraction]
    told: dict[str, object] = field(default_factory=dict)


def carry_out(task: Task) -> Hits:
    """Draw by the stage's method; nothing where nothing is to be drawn."""
    rate = task.stage.exact_rate
    if rate is not None and task.order:
        return _at_rate(task, rate)
    if not task.n or not task.order:
        return Hits([], {})
    return _METHODS[task.stage.method](task)


def _srs(task: Task) -> Hits:
    chance = Fraction(task.n, len(task.order))
    return Hits(list(task.order[: task.n]), dict.fromkeys(task.order, chance))


def _systematic(task: Task) -> Hits:
    laid, start = task.laid, task.start
    interval = Fraction(sum(laid), task.n)
    first = Fraction(start, WHOLE) * interval
    told: dict[str, object] = {
        "total_size": sum(laid),
        "interval": fraction_text(interval),
        "start_hash": f"{start:064x}",
        "start": float(first),
        "points": [float(first + step * interval) for step in range(task.n)],
        "cumulated": list(accumulate(laid)),
    }
    places = exact_systematic(laid, task.n, start)
    return _picked(task, places, told)


def _circular(task: Task) -> Hits:
    held, start = len(task.order), task.start
    told: dict[str, object] = {
        "step": held // task.n,
        "start_hash": f"{start:064x}",
        "start": start * held >> 256,
    }
    return _picked(task, exact_circular(held, task.n, start), told)


def _at_rate(task: Task, rate: Fraction) -> Hits:
    """Draw at a fixed rate: the probability of each unit is the rate itself."""
    chances = dict.fromkeys(task.order, rate)
    told: dict[str, object] = {"rate": fraction_text(rate)}
    if task.stage.method == "systematic":
        start = task.start
        told |= {"start_hash": f"{start:064x}"}
        places = exact_at_rate(len(task.order), rate, start)
    elif task.stage.method == "poisson":
        numbers = [task.numbers[name] for name in task.order]
        places = exact_poisson(numbers, list(chances.values()))
    else:
        places = list(range(task.n))
    return Hits([task.order[place] for place in places], chances, told)


def _poisson(task: Task) -> Hits:
    chances = ChancesBySize(task.order, task.sizes, task.n)
    numbers = [task.numbers[name] for name in task.order]
    return _picked(task, exact_poisson(numbers, list(chances.values())), {})


def _pareto(task: Task) -> Hits:
    chances = ChancesBySize(task.order, task.sizes, task.n)
    numbers = [task.numbers[name] for name in task.order]
    return _picked(task, exact_pareto(numbers, list(chances.values()), task.n), {})


def _rao_hartley_cochran(task: Task) -> Hits:
    """Draw one unit of each random group; its chance is that within the group."""
    names: list[str] = []
    chances: dict[str, Fraction] = {}
    groups: list[dict[str, object]] = []
    for number, places in enumerate(exact_groups(len(task.order), task.n), start=1):
        group = [task.order[place] for place in places]
        sizes = [task.sizes[name] for name in group]
        start = start_number(task.key, f"{task.stream}|group {number}")
        hit = group[exact_one(sizes, start)]
        names.append(hit)
        chances |= ChancesBySize(group, task.sizes, 1)
        groups.append({"units": group, "total_size": sum(sizes), "start_hash": f"{start:064x}"})
    return Hits(names, chances, {"groups": groups})


def _by_tool(name: str) -> Callable[[Task], Hits]:
    """Return a method that hands probabilities and uniform numbers to a selection tool."""

    def drawn(task: Task) -> Hits:
        from sampling import selection

        stream = Uniforms(task.key, task.stream)
        if name == "chromy":
            places = selection.chromy(task.laid, task.n, stream)
        else:
            import numpy as np

            chances = ChancesBySize(task.order, task.sizes, task.n)
            pi = np.array([float(chance) for chance in chances.values()])
            tool = getattr(selection, name)
            if name == "cube":
                places = tool(pi, np.column_stack([pi, _matrix(task, task.stage.balance)]), stream)
            elif name in ("local_pivotal", "scps"):
                places = tool(pi, _coordinates(task), stream)
            else:
                places = tool(pi, stream)
        return _picked(task, [int(place) for place in places], {})

    return drawn


_METHODS: dict[str, Callable[[Task], Hits]] = {
    "srs": _srs,
    "systematic": _systematic,
    "systematic_circular": _circular,
    "pps_systematic": _systematic,
    "poisson": _poisson,
    "pareto": _pareto,
    "rao_hartley_cochran": _rao_hartley_cochran,
    **{
        name: _by_tool(name)
        for name in ("sampford", "brewer", "chromy", "cube", "local_pivotal", "scps")
    },
}


def _picked(task: Task, places: Sequence[int], told: dict[str, object]) -> Hits:
    chances = ChancesBySize(task.order, task.sizes, task.n)
    return Hits([task.order[place] for place in places], chances, told)


def _matrix(task: Task, columns: Sequence[str]) -> NDArray[np.float64]:
    import numpy as np

    rows = [
        [column_number(task.units[name], column) or 0.0 for column in columns]
        for name in task.order
    ]
    return np.array(rows, dtype=np.float64)


def _coordinates(task: Task) -> NDArray[np.float64]:
    """Return coordinates; latitude and longitude as kilometres east and north."""
    from sampling.selection import projected

    points = _matrix(task, task.stage.spread)
    if task.stage.spread == ("lat", "lon"):
        return projected(points[:, 0], points[:, 1])
    return points


def fraction_text(value: Fraction) -> str:
    """Return ``numerator/denominator``."""
    return f"{value.numerator}/{value.denominator}"
