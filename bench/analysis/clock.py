"""Runs jobs several times in turn: medians of CPU time (all threads) and of wall time."""

from __future__ import annotations

import gc
import statistics
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

RUNS = 5


@dataclass(frozen=True)
class Timing:
    """Medians in seconds; ``peak`` in MB where the job had a process of its own."""

    cpu: float
    wall: float
    runs: int
    peak: float | None = None
    answer: Any = None
    why_not: str = ""

    @classmethod
    def absent(cls, why: str) -> Timing:
        """Return what stands in the table for something that could not be measured."""
        return cls(float("nan"), float("nan"), 0, why_not=why)


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
        name: Timing(
            statistics.median(cpu for cpu, _ in pairs),
            statistics.median(wall for _, wall in pairs),
            runs,
            answer=answers[name],
        )
        for name, pairs in spent.items()
    }
