"""Runs jobs several times in turn: CPU time of all threads beside wall time, with their range."""

from __future__ import annotations

import gc
import statistics
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

RUNS = 5


@dataclass(frozen=True)
class Timing:
    """Seconds of each run, and what the first run returned.

    A peer reports the median of its ``runs`` alone.
    """

    cpu: Sequence[float]
    wall: Sequence[float]
    answer: Any = None
    runs: int = RUNS
    why_not: str = ""

    @property
    def middle(self) -> float:
        """The median of CPU time."""
        return statistics.median(self.cpu)

    @property
    def columns(self) -> str:
        """Median CPU time, its range, median wall time and the number of runs."""
        reach = f"{min(self.cpu):.3f}–{max(self.cpu):.3f}" if len(self.cpu) > 1 else ""
        return f"{self.middle:>9.3f}  {reach:<15}{statistics.median(self.wall):>8.3f}"


def in_turn(jobs: Mapping[str, Callable[[], Any]], runs: int = RUNS) -> dict[str, Timing]:
    """Run every job once to warm up, then all of them in turn, ``runs`` times."""
    answers = {name: job() for name, job in jobs.items()}
    spent: dict[str, list[tuple[float, float]]] = {name: [] for name in jobs}
    for _ in range(runs):
        for name, job in jobs.items():
            gc.collect()
            cpu, wall = time.process_time(), time.perf_counter()
            job()
            spent[name].append((time.process_time() - cpu, time.perf_counter() - wall))
    return {
        name: Timing([cpu for cpu, _ in pairs], [wall for _, wall in pairs], answers[name])
        for name, pairs in spent.items()
    }
