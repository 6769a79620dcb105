"""The plain versions that bound the cost: the same arithmetic, written once, with no checks."""

from __future__ import annotations

import hashlib
from collections import defaultdict

import numpy as np
from numpy.typing import NDArray

WHOLE = 1 << 256


def pps_systematic(sizes, strata, takes, rng) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
    """Return positions and probabilities: sort by stratum, cumulate, look the points up.

    No unit may be as large as its stratum's interval.
    """
    order = np.argsort(strata, kind="stable")
    laid = sizes[order]
    last = np.cumsum(np.bincount(strata, minlength=len(takes)))
    hit, chances = [], []
    starts = rng.random(len(takes))
    for take, start, low, high in zip(takes, starts, [0, *last[:-1]], last, strict=True):
        ends = np.cumsum(laid[low:high], dtype=np.float64)
        places = np.searchsorted(ends, (start + np.arange(take)) * ends[-1] / take, side="right")
        hit.append(order[low + places])
        chances.append(laid[low + places] * (take / ends[-1]))
    return np.concatenate(hit), np.concatenate(chances)


def published(ids, sizes, strata, take, key, *, by_size) -> list[str]:
    """Return the ids that a published draw takes: by hash order, or systematically along it."""
    groups = defaultdict(list)
    for unit_id, size, stratum in zip(ids, sizes, strata, strict=True):
        groups[stratum].append((_number(f"{key}|{unit_id}"), unit_id, size))
    found: list[str] = []
    for stratum, units in sorted(groups.items()):
        units.sort()
        if not by_size:
            found += [unit_id for _, unit_id, _ in units[:take]]
            continue
        total, start = sum(size for *_, size in units), _number(f"{key}start{stratum}")
        reached, place = 0, -1
        for step in range(take):
            point = (start + step * WHOLE) * total // (take * WHOLE)
            while reached <= point:
                place += 1
                reached += units[place][2]
            found.append(units[place][1])
    return found


def lists(held: dict[str, int], take: dict[str, int], key: str) -> list[str]:
    """Return the drawn list places of units: all hashes of each list, sorted."""
    found: list[str] = []
    for unit_id, places in held.items():
        names = [f"{unit_id}-{place:06d}" for place in range(1, places + 1)]
        names.sort(key=lambda name: hashlib.sha256(f"{key}|{name}".encode()).digest())
        found += names[: take[unit_id]]
    return found


def hashes(held: dict[str, int], key: str) -> int:
    """Make the hashes alone: what no draw by hashes can undercut with ``hashlib``."""
    made = 0
    for unit_id, places in held.items():
        start = f"{key}|{unit_id}-".encode()
        for place in range(1, places + 1):
            hashlib.sha256(start + b"%06d" % place).digest()
        made += places
    return made


def _number(text: str) -> int:
    return int.from_bytes(hashlib.sha256(text.encode()).digest(), "big")


def sampford_by_rejection(pi, n, rng) -> NDArray[np.int64]:
    """Return a Sampford sample as its author drew it: with replacement until all differ."""
    odds = pi / (1 - pi)
    first, others = np.cumsum(pi), np.cumsum(odds)
    while True:
        drawn = np.append(
            np.searchsorted(first, rng.random() * first[-1], side="right"),
            np.searchsorted(others, rng.random(n - 1) * others[-1], side="right"),
        )
        if len(np.unique(drawn)) == n:
            return np.sort(drawn)


def chromy_allocation(a, *, steps=2_000, within=1e-6) -> NDArray[np.float64]:
    """Return the least total of n with Σ a / n ≤ 1 for each row of a (Chromy 1987).

    Multipliers are multiplied by the square of what their constraint uses.
    """
    multipliers = np.ones(len(a))
    for _ in range(steps):
        n = np.sqrt(multipliers @ a)
        used = (a / n).sum(axis=1)
        if used.max() <= 1 + within:
            break
        multipliers *= used**2
    return n * max(used.max(), 1.0)


def hajek_pairs(pi) -> NDArray[np.float64]:
    """Return Hájek's approximation of joint probabilities (1964)."""
    spare = 1 - pi
    found = np.outer(pi, pi) * (1 - np.outer(spare, spare) / (pi * spare).sum())
    np.fill_diagonal(found, pi)
    return found
