"""The order in which a stage lays its units out, and the number that belongs to each.

Without more, units stand in the order of their hashes (``sampling.chance``). A stage with
``coordination`` takes its hashes from an earlier draw and turns the circle by the shift, so
that units keep their numbers from round to round. Methods that walk along a list use the
``sort`` columns, ties in hash order; with ``serpentine`` every second group of a column
runs backwards in the next column, so that neighbours on the list are alike.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from fractions import Fraction

from sampling.chance import WHOLE
from sampling.design import Stage
from sampling.design.stages import ORDERED
from sampling.frame import FrameUnit


def numbers_of(stage: Stage, key: str, ids: Iterable[str]) -> dict[str, int]:
    """Return the number of each unit, below 2^256, in ascending order of the numbers."""
    seed, shift = key, 0
    if stage.coordination is not None:
        seed = stage.coordination.seed
        shift = int(Fraction(str(stage.coordination.shift)) * WHOLE)
    start = f"{seed}|".encode()
    hashes = ((hashlib.sha256(start + one.encode()).digest(), one) for one in ids)
    found = sorted(((int.from_bytes(digest) - shift) % WHOLE, one) for digest, one in hashes)
    return {one: number for number, one in found}


def listed(stage: Stage, by_id: Mapping[str, FrameUnit], hashed: Sequence[str]) -> list[str]:
    """Return the ids in the order in which the method walks along them."""
    if stage.method not in ORDERED or not stage.sort:
        return list(hashed)
    if stage.serpentine:
        return _serpentine(stage.sort, by_id, hashed, backwards=False)
    ordered = list(hashed)
    for column in reversed(stage.sort):
        values = _values(column, by_id, ordered)
        ordered.sort(key=lambda name: values[name])
    return ordered


def _serpentine(
    columns: Sequence[str],
    by_id: Mapping[str, FrameUnit],
    names: Sequence[str],
    *,
    backwards: bool,
) -> list[str]:
    if not columns:
        return list(names)
    values = _values(columns[0], by_id, names)
    groups: dict[tuple[Fraction | int, str], list[str]] = {}
    for name in names:
        groups.setdefault(values[name], []).append(name)
    ordered: list[str] = []
    for turn, value in enumerate(sorted(groups, reverse=backwards)):
        ordered += _serpentine(columns[1:], by_id, groups[value], backwards=turn % 2 == 1)
    return ordered


def _values(
    column: str, by_id: Mapping[str, FrameUnit], names: Sequence[str]
) -> dict[str, tuple[Fraction | int, str]]:
    """Return what a column sorts by: numbers by value where all are numbers, else the text."""
    texts = {name: by_id[name].cells.get(column, "") for name in names}
    try:
        return {name: (_number(text), "") for name, text in texts.items()}
    except (ValueError, ZeroDivisionError):
        return {name: (Fraction(0), text) for name, text in texts.items()}


def _number(text: str) -> Fraction | int:
    return int(text) if text.isascii() and text.isdecimal() else Fraction(text)
