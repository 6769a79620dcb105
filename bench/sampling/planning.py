"""Allocation under many targets, joint probabilities, and Sampford's draw."""

from __future__ import annotations

import numpy as np

from bench.sampling import plain, table
from bench.sampling.clock import in_turn
from bench.sampling.long_frames import rng_of
from sampling import joint_probabilities, select
from sampling.allocation.multivariate import bethel_solution

STRATA, VARIABLES, DOMAINS, TARGET = 300, 12, 40, 0.05


def main() -> None:
    """Print the rows."""
    _bethel()
    _pairs()
    _sampford()
    table.said("", "samplics and svy: no Bethel, no joint probabilities, no Sampford")


def _bethel() -> None:
    rng = rng_of()
    sizes = rng.integers(50_000, 500_000, STRATA).astype(float)
    means = rng.uniform(20, 60, (STRATA, VARIABLES))
    sds = means * rng.uniform(0.3, 1.2, (STRATA, VARIABLES))
    domains = np.arange(STRATA) % DOMAINS

    def ours():
        return bethel_solution(sizes, means, sds, TARGET, domains=[domains.tolist()])

    inside = domains[None, :, None] == np.arange(DOMAINS)[:, None, None]
    spread = np.where(inside, (sizes[:, None] * sds) ** 2, 0)
    totals = np.where(inside, sizes[:, None] * means, 0).sum(axis=1)
    allowed = (TARGET * totals) ** 2 + (spread / sizes[:, None]).sum(axis=1)
    usage = (spread / allowed[:, None, :]).transpose(0, 2, 1).reshape(-1, STRATA)
    found = in_turn({"ours": ours, "plain": lambda: plain.chromy_allocation(usage)})
    mine, other = found["ours"], found["plain"]
    title = f"Bethel, {STRATA} strata × {VARIABLES} variables × {DOMAINS} domains"
    solved = mine.answer
    table.line(
        title, mine, f"n = {solved.n.sum():,}; Kuhn-Tucker residual {solved.kkt_residual:.0e}"
    )
    ratio, apart = mine.middle / other.middle, other.answer.sum() / solved.cost_exact - 1
    says = f"plain: Chromy's iteration; × {ratio:.2f}; its total differs by {apart:.1e}"
    table.line("", other, says)


def _pairs() -> None:
    pi = rng_of().uniform(0.2, 1.8, 2_000)
    pi *= 200 / pi.sum()
    for method in ("sampford", "maximum_entropy", "systematic", "hajek"):
        jobs = {"ours": lambda method=method: joint_probabilities(pi, method)}
        if method == "hajek":
            jobs["plain"] = lambda: plain.hajek_pairs(pi)
        found = in_turn(jobs)
        mine = found["ours"]
        rows = mine.answer.sum(axis=1) / (200 * pi) - 1
        title = f"joint probabilities, {method}, N = 2,000, n = 200"
        table.line(title, mine, f"row sums differ from n·pi by {abs(rows).max():.0e}")
        if method == "hajek":
            other = found["plain"]
            gap = abs(mine.answer / other.answer - 1).max()
            agree = "same answers" if gap < 1e-12 else f"ANSWERS DIFFER BY {gap:.0e}"
            says = f"plain NumPy; × {mine.middle / other.middle:.2f}; {agree}"
            table.line("", other, says)


def _sampford() -> None:
    size = rng_of().uniform(0.2, 1.8, 10_000)
    for n in (20, 500):
        pi = n * size / size.sum()
        jobs = {"ours": lambda pi=pi: select.sampford(pi, rng_of())}
        if n == 20:
            jobs["plain"] = lambda pi=pi, n=n: plain.sampford_by_rejection(pi, n, rng_of())
        found = in_turn(jobs)
        table.line(
            f"Sampford, N = 10,000, n = {n}", found["ours"], f"{len(found['ours'].answer)} drawn"
        )
        if n == 20:
            ratio = found["ours"].middle / found["plain"].middle
            says = (
                f"plain: rejection until all differ; × {ratio:.1f}; another draw of the same design"
            )
            table.line("", found["plain"], says)
        else:
            table.said("", "plain: rejection would need about exp(n²/2N) = 270,000 attempts")
