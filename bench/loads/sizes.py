"""How much of everything one run measures."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Size:
    """Counts and seconds of a run.

    ``rounds`` of ``journeys`` beside the floor; ``submits`` for memory; ``reading`` seconds of
    publication day; journeys per number of workers or hosts; ``stored`` responses of each mix, and
    the answers of a large ``night`` that wait for one.
    """

    rounds: int
    journeys: int
    submits: int
    reading: int
    steps: int
    stored: tuple[int, ...]
    night: int


WHOLE = Size(9, 600, 50_000, 60, 2_000, (100_000, 300_000), 20_000)
SHORT = Size(3, 200, 1_000, 5, 300, (5_000,), 4_000)
