"""The landing of the cube method: the few units left are decided at the least cost in balance.

After the flight at most p units are undecided. Two landings are offered:

``drop``
    The last balancing variable is given up and the flight goes on with the others, then the last
    but one, and so on; with none left each unit is decided by one uniform number
    against its psi (a flight without variables). The order of the columns is their order of
    importance: with pi or ones first, the number drawn stays fixed to the end.
``lp``
    The linear programme of Deville & Tillé (2004): among all samples s of the q units left, find
    probabilities p(s) with sum over s containing k of p(s) = psi_k and least expected cost
    sum p(s)·C(s). Here C(s) = sum over variables j of (sum over k of (x_kj/pi_k)(s_k − psi_k)
    / sum over the population of absolute x_kj)²: squared relative deviations, each variable as
    important as the others. If the psi left sum to a whole number n, only samples of n units are
    candidates. With more than ``LP_UNITS`` = 15 units left variables are dropped as above first.

``drop`` is the default: it needs no solver, whose choice among equally good programmes depends
on its version, and its rule fits in one sentence of the minutes.
"""

from __future__ import annotations

from itertools import combinations, product

import numpy as np

from intake.findings import DesignError
from sampling.chance import Chance
from sampling.selection.flight import Floats, Places, fly, undecided

LP_UNITS = 15
"""The linear programme looks at samples of at most so many units."""

WHOLE = 1e-9


def land_by_dropping(
    psi: Floats, table: Floats, groups: list[Places], rng: Chance, *, down_to: int = 0
) -> None:
    """Give up balancing variables from the last on until ``down_to`` units are undecided."""
    for p in range(table.shape[1] - 1, -1, -1):
        groups = [group[undecided(psi[group])] for group in groups]
        groups = [group for group in groups if len(group) > down_to]
        fly(psi, table[:, :p], groups, rng)


def land_by_programme(psi: Floats, table: Floats, weights: Floats, rng: Chance) -> None:
    """Draw one of the samples of the cheapest programme, by one uniform number.

    Samples are numbered as combinations of the units left in order (fixed number) or as binary
    numbers with the first unit in front; the one drawn is the first whose cumulated probability
    (over that of all) exceeds the uniform number.

    Parameters
    ----------
    weights : array (p,)
        What a deviation of the scaled table's column counts in the cost.
    """
    every = np.arange(len(psi))
    land_by_dropping(psi, table, [every], rng, down_to=LP_UNITS)
    left = np.flatnonzero(undecided(psi))
    if not len(left):
        return
    samples = _candidates(psi[left])
    deviations = ((samples - psi[left])[:, :, None] * table[left][None, :, :]).sum(axis=1)
    costs = ((deviations * weights) ** 2).sum(axis=1)
    chances = _cheapest(samples, psi[left], costs)
    ends = np.cumsum(chances)
    number = rng.random()
    drawn = next(at for at, end in enumerate((ends / ends[-1]).tolist()) if number < end)
    psi[left] = samples[drawn]


def _candidates(psi: Floats) -> Floats:
    q, n = len(psi), round(float(psi.sum()))
    if abs(float(psi.sum()) - n) > WHOLE:
        return np.array(list(product((0.0, 1.0), repeat=q)))
    chosen = np.array(list(combinations(range(q), n)), dtype=np.int64)
    samples = np.zeros((len(chosen), q))
    np.put_along_axis(samples, chosen, 1.0, axis=1)
    return samples


def _cheapest(samples: Floats, psi: Floats, costs: Floats) -> Floats:
    from scipy.optimize import linprog

    largest = float(costs.max())
    found = linprog(
        costs / largest if largest > 0 else costs,
        A_eq=np.vstack([samples.T, np.ones(len(samples))]),
        b_eq=np.append(psi, 1.0),
        bounds=(0, None),
        method="highs",
        options={"primal_feasibility_tolerance": 1e-10},
    )
    if not found.success:
        raise DesignError.of(
            "selection-landing-failed",
            "Không giải được bài toán quy hoạch của bước hạ cánh.",
            "The landing's linear programme was not solved.",
            'Hãy dùng landing="drop".',
            'Use landing="drop".',
            path="landing",
        )
    chances: Floats = np.maximum(found.x, 0.0)
    return chances
