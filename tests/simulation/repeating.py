"""Draws a case again and again, in blocks that two processes share."""

from __future__ import annotations

import multiprocessing
import sys
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from time import perf_counter, process_time

import numpy as np
from simulation.catalogue import Case, cases
from simulation.reading import Reader

from sampling.drawing import prepare

BLOCK = 250
PROCESSES = 2


@dataclass
class Found:
    """What some draws of a case gave; ``+`` puts two blocks together.

    ``estimates`` and ``variances`` (draws × 4: Horvitz–Thompson of both answers, Hájek of both),
    ``df`` (draws), ``residual`` (draws × units: drawn less chance), ``spread`` (units: the sum
    of chance × (1 − chance)), ``below`` (the same for villages, or empty), the counts of list
    places, of lists, and of persons asked by Kish; ``seconds`` of CPU.
    """

    estimates: np.ndarray
    variances: np.ndarray
    df: np.ndarray
    residual: np.ndarray
    spread: np.ndarray
    below: np.ndarray
    counts: np.ndarray
    listed: np.ndarray
    asked: np.ndarray
    seconds: float

    def __add__(self, other: Found) -> Found:
        stacked = ("estimates", "variances", "df", "residual", "below")
        return Found(
            **{
                name: np.concatenate([mine, getattr(other, name)])
                if name in stacked
                else mine + getattr(other, name)
                for name, mine in vars(self).items()
            }
        )


@lru_cache(maxsize=2)
def reader_of(name: str) -> Reader:
    return Reader(cases()[name])


def block(job: tuple[str, int, int]) -> tuple[str, Found]:
    """Draw a case with the secrets from one number up to another."""
    name, start, stop = job
    began = process_time()
    reader = reader_of(name)
    reader.forget()
    villages = reader.areas == 2
    design = prepare(reader.people.frame, reader.case.design)
    kept: list[tuple[np.ndarray, np.ndarray, int]] = []
    residual = np.zeros((stop - start, len(reader.nominal)), np.float32)
    below = np.zeros((stop - start if villages else 0, len(reader.ids)), np.float32)
    spread = np.zeros(len(reader.nominal))
    for at, secret in enumerate(range(start, stop)):
        made = design.draw(f"{name} {secret}")
        reader.arrive(secret)
        residual[at], chance = reader.residual(made)
        spread += chance * (1 - chance)
        if villages:
            below[at] = reader.residual_below(made)
        kept.append(reader.estimates(made))
    estimates, variances, df = (np.array(part) for part in zip(*kept, strict=True))
    return name, Found(
        estimates,
        variances,
        df,
        residual,
        spread,
        below,
        reader.counts.copy(),
        reader.listed.copy(),
        reader.asked.copy(),
        process_time() - began,
    )


def jobs(chosen: Iterable[Case], start: int = 0, draws: int = 0) -> list[tuple[str, int, int]]:
    """Return blocks of draws of each case: its own number of them, or ``draws`` from ``start``."""
    return [
        (f"{case.group}: {case.name}", first, min(first + BLOCK, start + (draws or case.draws)))
        for case in chosen
        for first in range(start, start + (draws or case.draws), BLOCK)
    ]


def repeated(todo: Sequence[tuple[str, int, int]]) -> Iterator[tuple[str, Found]]:
    """Carry out the blocks on two processes and yield each case when it is complete."""
    left = {name: sum(job[0] == name for job in todo) for name, *_ in todo}
    began, done = perf_counter(), 0
    found: dict[str, Found] = {}
    context = multiprocessing.get_context("spawn")
    with context.Pool(PROCESSES) as pool:
        for name, part in pool.imap(block, todo):
            found[name] = found[name] + part if name in found else part
            left[name] -= 1
            done += 1
            show(f"{done}/{len(todo)} blocks, {perf_counter() - began:.0f} s: {name}")
            if not left[name]:
                yield name, found.pop(name)


def show(text: str) -> None:
    """Say on a terminal how far it is: one line, written over."""
    if sys.__stderr__ is not None and sys.__stderr__.isatty():
        print(f"\r\x1b[K{text}", end="", file=sys.__stderr__, flush=True)
