"""Prints the rows: each limit, whether it is kept, and whether the answers are the same."""

from __future__ import annotations

import numpy as np

from bench.sampling.clock import Timing

WIDTH = 62


def head() -> None:
    """Print the names of the columns."""
    print(f"{'work':<{WIDTH}}{'CPU s':>9}  {'range of 5':<15}{'wall s':>8}  beside it")
    print("-" * 130)


def line(title: str, timing: Timing, says: str) -> None:
    """Print one row."""
    print(f"{title:<{WIDTH}}{timing.columns}  {says}", flush=True)


def said(title: str, says: str) -> None:
    """Print a row without times."""
    print(f"{title:<{WIDTH}}{'–':>9}  {'–':<15}{'–':>8}  {says}", flush=True)


def kept(value: float, limit: float, unit: str = "") -> str:
    """Say whether a value keeps its limit: ``0.42 (≤ 1.5: yes)``."""
    return f"{value:.2f}{unit} (≤ {limit:g}: {'yes' if value <= limit else 'NO'})"


def same(one: object, other: object) -> str:
    """Say whether two answers are equal, digit for digit."""
    equal = np.array_equal(np.asarray(one), np.asarray(other))
    return "same answers" if equal else "ANSWERS DIFFER"


def peer(name: str, ours: Timing, theirs: Timing, *, faster: bool = True) -> None:
    """Print the row of another program; ``faster`` where the issue asks us to be."""
    if theirs.why_not:
        said("", f"{name}: {theirs.why_not}")
        return
    times = theirs.middle / ours.middle
    verdict = f" (> 1: {'yes' if times > 1 else 'NO'})" if faster else ""
    line("", theirs, f"{name}, median of {theirs.runs}; this one × {times:.1f} faster{verdict}")
