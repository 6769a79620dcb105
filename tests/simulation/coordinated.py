"""Pairs of draws that are coordinated by permanent random numbers, drawn again and again.

The first draw has a new secret each time; the second takes its numbers from the first one's
seed, turned by a shift. Poisson draws overlap with the chance that one number lies in both
arcs, max(0, π − s) + max(0, s + π − 1) for a shift s: exact. Without a shift, a draw of the
same sizes takes the same units again.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from simulation import judging, synthetic
from simulation.catalogue import Case, design_of, first_stage, variance_of
from simulation.reading import Reader

from sampling import draw
from sampling.drawing import prepare


@dataclass(frozen=True)
class Pair:
    """Two coordinated draws: ``expected`` overlap is None where theory gives no number."""

    method: str
    shift: float
    same: bool = False

    @property
    def name(self) -> str:
        return f"{self.method}, shift {self.shift}"


PAIRS = (
    Pair("poisson", 0.1),
    Pair("poisson", 0.5),
    Pair("srs", 0.0, same=True),
    Pair("srs", 0.3),
    Pair("pareto", 0.0, same=True),
    Pair("pareto", 0.3),
)


@dataclass(frozen=True)
class Kept:
    """What a pair gave: overlap beside certainties, expectations, and the second draw's fit."""

    pair: Pair
    overlap: float
    error: float
    independent: float
    exact: float | None
    bias: np.ndarray
    p: float

    def __str__(self) -> str:
        exact = "" if self.exact is None else f", by theory {self.exact:.3f}"
        return (
            f"{self.pair.name:<22} overlap {self.overlap:6.3f} ± {self.error:.3f}{exact}; drawn "
            f"independently {self.independent:.2f}; second draw: chi² p {self.p:.4f}, "
            f"bias Hájek {self.bias[0]:+.2f} {self.bias[1]:+.2f}"
        )


def case_of(pair: Pair, seed: str = "") -> Case:
    further = {"coordination": {"seed": seed, "shift": pair.shift}} if seed else {}
    design = design_of(pair.method, first_stage(pair.method, **further))
    return Case(pair.name, "pair", "communes/20", design, variance_of(pair.method))


def repeated(job: tuple[Pair, int]) -> Kept:
    """Draw a pair so many times and return what came of it."""
    pair, draws = job
    units = synthetic.communes(20).frame
    reader = Reader(case_of(pair))
    design = prepare(units, reader.case.design)
    free = reader.nominal < 1
    both, residual, apart = np.zeros(draws), [], []
    for number in range(draws):
        before = design.draw(f"{pair.name} {number}")
        later = case_of(pair, before.seed).design
        after = draw(units, later, f"{pair.name} {number} again")
        one, chance = reader.residual(before)
        other, _ = reader.residual(after)
        both[number] = ((one + chance) * (other + chance))[free].sum()
        residual.append(other)
        apart.append(reader.estimates(after)[0][2:] - reader.people.truth)
    pi, s = reader.nominal[free], pair.shift
    exact = None
    if pair.method == "poisson":
        exact = float((np.maximum(pi - s, 0) + np.maximum(s + pi - 1, 0)).sum())
    elif pair.same:
        exact = float(pi.sum())
    errors = np.array(apart)
    spread = draws * reader.nominal * (1 - reader.nominal)
    return Kept(
        pair,
        float(both.mean()),
        float(both.std(ddof=1) / np.sqrt(draws)),
        float((pi**2).sum()),
        exact,
        errors.mean(axis=0) / (errors.std(axis=0, ddof=1) / np.sqrt(draws)),
        judging.of_units(np.array(residual), spread, reader.stratum),
    )
