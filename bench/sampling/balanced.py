"""Balanced and spread draws from 100,000 units, beside the step-by-step NumPy versions.

The plain versions take one step at a time by a singular value decomposition, and find a nearest
unit by looking at all of them; they are run where that ends within seconds. Draws are
random, so their quality is printed in place of equal answers: the root mean square
deviation of the balanced totals, and the Voronoi measure of spread.
"""

from __future__ import annotations

import subprocess
import sys

import numpy as np

from bench.sampling import table
from bench.sampling.clock import in_turn
from bench.sampling.long_frames import forget_peak, resident
from sampling import select

LARGE, SMALL = 100_000, 4_000
SEED = 7


def rng_of(seed: int = SEED):
    return np.random.Generator(np.random.PCG64(seed))


def population(held: int, share: float = 0.05, columns: int = 10):
    """Sizes, ten balancing variables and points; pi in proportion to the first variable."""
    rng = rng_of()
    x = rng.lognormal(sigma=0.7, size=(held, columns))
    size = np.minimum(x[:, 0], 0.9 * x[:, 0].sum() / (share * held))
    pi = size * (round(share * held) / size.sum())
    return pi, np.column_stack([pi, x]), rng.random((held, 2))


def plain_cube(pi, balance, rng):
    """Take p+1 units, a null vector by SVD, one step; give up the last variable at the end."""
    psi, table = pi.copy(), balance / pi[:, None]
    window, following, p = list(range(table.shape[1] + 1)), table.shape[1] + 1, table.shape[1]
    while window:
        if len(window) <= p:
            p -= 1
            continue
        at = np.array(window[: p + 1])
        u = np.linalg.svd(table[at, :p].T)[2][-1] if p else np.ones(1)
        with np.errstate(divide="ignore"):
            above = np.where(u > 0, (1 - psi[at]) / np.abs(u), psi[at] / np.abs(u))
            below = np.where(u > 0, psi[at] / np.abs(u), (1 - psi[at]) / np.abs(u))
        up, down = above.min(), below.min()
        psi[at] += u * (up if rng.random() < down / (up + down) else -down)
        psi[at] = np.where(psi[at] < 1e-9, 0, np.where(psi[at] > 1 - 1e-9, 1, psi[at]))
        window = [k for k in window if 0 < psi[k] < 1]
        while len(window) < p + 1 and following < len(psi):
            window.append(following)
            following += 1
    return np.flatnonzero(psi == 1)


def plain_pivotal(pi, points, rng):
    """LPM2 with the distances to all others at each step."""
    psi, left = pi.copy(), np.arange(len(pi))
    while len(left) > 1:
        i = left[int(rng.random() * len(left))]
        apart = ((points[left] - points[i]) ** 2).sum(axis=1)
        apart[left == i] = np.inf
        j = left[apart.argmin()]
        both = psi[i] + psi[j]
        keeps = psi[j] if both < 1 else 1 - psi[j]
        first = rng.random() < keeps / (both if both < 1 else 2 - both)
        low, high = (0.0, both) if both < 1 else (both - 1, 1.0)
        psi[i], psi[j] = (low, high) if first == (both < 1) else (high, low)
        left = left[(psi[left] > 1e-9) & (psi[left] < 1 - 1e-9)]
    psi[left] = rng.random(len(left)) < psi[left]
    return np.flatnonzero(psi > 0.5)


def plain_scps(pi, points, rng):
    """Sort all units by distance at each step."""
    psi = pi.copy()
    for i in range(len(pi)):
        a = psi[i]
        if a < 1e-9 or a > 1 - 1e-9:
            continue
        drawn = float(rng.random() < a)
        psi[i] = drawn
        others = i + 1 + np.flatnonzero((psi[i + 1 :] > 1e-9) & (psi[i + 1 :] < 1 - 1e-9))
        order = others[np.argsort(((points[others] - points[i]) ** 2).sum(axis=1))]
        weight = np.minimum(psi[order] / (1 - a), (1 - psi[order]) / a)
        weight = np.diff(np.minimum(np.cumsum(weight), 1), prepend=0)
        psi[order] -= (drawn - a) * weight
    return np.flatnonzero(psi > 0.5)


# What a draw reads beside pi, for its memory in a process of its own.
MEASURED = {
    "cube": lambda pi, balance, _: select.cube(pi, balance, rng_of()),
    "local_pivotal": lambda pi, _, points: select.local_pivotal(pi, points, rng_of()),
    "scps": lambda pi, _, points: select.scps(pi, points, rng_of()),
}


def peak_of(name: str) -> float:
    """Return the peak of memory taken by a draw, in MB, its input not counted."""
    command = [sys.executable, "-m", "bench.sampling.balanced", name]
    return float(subprocess.run(command, capture_output=True, text=True, check=True).stdout)


def row(title, held, ours, plain=None, quality=None, limit=None):
    """Print one draw; the plain version beside it with the ratio."""
    jobs = {"ours": ours} if plain is None else {"ours": ours, "plain": plain}
    found = in_turn(jobs)
    mine = found["ours"]
    says = [f"n = {len(mine.answer):,}"]
    if limit is not None:
        says.append(table.kept(max(mine.wall), limit, " s at most"))
    if quality is not None:
        says.append(quality(mine.answer))
    table.line(f"{title}, {held:,} units", mine, "; ".join(says))
    if plain is not None:
        other = found["plain"]
        says = [f"plain NumPy; × {mine.middle / other.middle:.2f}"]
        if quality is not None:
            says.append(quality(other.answer))
        table.line("", other, "; ".join(says))


def gap_of(pi, balance):
    def said(drawn):
        gap = np.sqrt((select.balance_gap(drawn, pi, balance)[1:] ** 2).mean())
        return f"totals missed by {gap:.2%}"

    return said


def spread_of(pi, points):
    return lambda drawn: f"spread {select.spatial_balance(drawn, pi, points):.3f}"


def same_quality(held: int, orders: int) -> None:
    """Print the typical deviation of both over shuffled orders: the last units decide it."""
    pi, balance, _ = population(held)
    said = []
    for draw in (select.cube, plain_cube):
        gaps = []
        for seed in range(orders):
            order = rng_of(seed).permutation(held)
            drawn = order[draw(pi[order], balance[order], rng_of(seed))]
            gaps.append(select.balance_gap(drawn, pi, balance)[2:])
        said.append(f"{np.median(np.abs(gaps)):.2%}")
    title = f"median miss of a total, {held:,} units, {orders} shuffled orders"
    table.said(title, f"{said[0]}; plain NumPy {said[1]}")


def balanced_rows() -> None:
    for held in (SMALL, LARGE):
        pi, balance, _ = population(held)
        row(
            "cube, 10 balancing variables and pi",
            held,
            lambda pi=pi, x=balance: select.cube(pi, x, rng_of()),
            lambda pi=pi, x=balance: plain_cube(pi, x, rng_of()),
            gap_of(pi, balance) if held == LARGE else None,
            20 if held == LARGE else None,
        )
    same_quality(1_000, 20)
    strata = np.arange(LARGE) * 300 // LARGE
    row(
        "the same within 300 strata",
        LARGE,
        lambda: select.stratified_cube(pi, balance[:, 1:], strata, rng_of()),
        quality=gap_of(pi, balance),
    )
    peak = peak_of("cube")
    held = balance.nbytes / 1e6
    table.said(
        "memory of the cube",
        f"peak {table.kept(peak / held, 3, ' tables')} of {held:.0f} MB, beside them",
    )


def spatial_rows() -> None:
    draws = {
        "local pivotal, variant 1": (
            lambda pi, at: select.local_pivotal(pi, at, rng_of(), variant=1),
            None,
        ),
        "local pivotal, variant 2": (
            lambda pi, at: select.local_pivotal(pi, at, rng_of(), variant=2),
            plain_pivotal,
        ),
        "spatially correlated Poisson": (
            lambda pi, at: select.scps(pi, at, rng_of()),
            plain_scps,
        ),
    }
    for name, (ours, plain) in draws.items():
        for held in (SMALL, LARGE):
            pi, _, points = population(held)
            row(
                name,
                held,
                lambda ours=ours, pi=pi, at=points: ours(pi, at),
                None
                if plain is None or held == LARGE
                else lambda plain=plain, pi=pi, at=points: plain(pi, at, rng_of()),
                spread_of(pi, points),
                10 if held == LARGE else None,
            )
        points[: LARGE // 3] = 0.5
        points[LARGE // 3 :] = points[LARGE // 3 :].round(1)
        at_few = f"{name}, 122 different points"
        row(at_few, LARGE, lambda ours=ours, pi=pi, at=points: ours(pi, at))
    pi, _, points = population(LARGE)
    frame = (pi.nbytes + points.nbytes) / 1e6
    for tool in ("local_pivotal", "scps"):
        peak = table.kept(peak_of(tool) / frame, 3, " frames")
        says = f"peak {peak} beside pi and points of {frame:.1f} MB"
        table.said(f"memory of {tool}, 100,000 units", says)


def main() -> None:
    """Print the rows."""
    balanced_rows()
    spatial_rows()
    table.said("", "samplics and svy: no cube, no local pivotal, no SCPS")


if __name__ == "__main__":
    draw = MEASURED[sys.argv[1]]
    draw(*population(SMALL))  # so that imports do not count
    held = population(LARGE)
    before = resident("VmRSS")
    forget_peak()
    draw(*held)
    print((resident("VmHWM") - before) / 1e6)
