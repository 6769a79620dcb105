"""Prints the rows: CPU time of all threads beside wall time, each limit, and how far we are."""

from __future__ import annotations

import math

import numpy as np

from bench.analysis.clock import Timing
from bench.analysis.jobs import Work

HEAD = f"{'work':60}{'rows':>11}{'CPU s':>9}{'wall s':>9}  beside it"


def head() -> None:
    print(HEAD)
    print("-" * 110)


def verdict(value: float, limit: float | None, at_most: bool) -> str:
    """Say whether a ratio keeps its limit: ``1.21 (≤ 1.5: yes)``."""
    if limit is None or math.isnan(value):
        return f"{value:.2f}"
    kept = value <= limit if at_most else value >= limit
    return f"{value:.2f} ({'≤' if at_most else '≥'} {limit:g}: {'yes' if kept else 'NO'})"


def row(work: Work, ours: Timing, plain: Timing) -> None:
    """Print this project's row and that of the plain formulation."""
    print(f"{work.title:60}{work.rows:>11,}{ours.cpu:>9.3f}{ours.wall:>9.3f}  this project")
    ratio = verdict(ours.cpu / plain.cpu, work.limit, at_most=True)
    says = f"plain formulation; × {ratio}; {_agreement(ours, plain, work.same)}"
    print(f"{'':71}{plain.cpu:>9.3f}{plain.wall:>9.3f}  {says}")


def peer(name: str, ours: Timing, theirs: Timing, limit: float | None) -> None:
    """Print a peer's row, or why there is none."""
    if theirs.why_not:
        print(f"{'':71}{'–':>9}{'–':>9}  {name}: {theirs.why_not}")
        return
    faster = verdict(theirs.cpu / ours.cpu, limit, at_most=False)
    runs = "" if theirs.runs >= 5 else f" ({theirs.runs} runs)"
    print(f"{'':71}{theirs.cpu:>9.3f}{theirs.wall:>9.3f}  {name}{runs}; this one × {faster} faster")


def _agreement(ours: Timing, plain: Timing, within: float) -> str:
    a, b = np.asarray(ours.answer, dtype=float), np.asarray(plain.answer, dtype=float)
    if a.shape != b.shape:
        return f"ANSWERS OF SHAPES {a.shape} AND {b.shape}"
    scale = np.maximum(np.abs(b), 1e-9)
    apart = float(np.nanmax(np.abs(a - b) / scale))
    return "same answers" if apart <= within else f"ANSWERS DIFFER BY {apart:.1e}"
