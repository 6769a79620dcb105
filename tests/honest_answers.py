"""Simulated answers in which nobody cheats, for the flags of fraud to leave alone."""

from __future__ import annotations

import numpy as np
import pandas as pd

ITEMS = [f"c{number}" for number in range(1, 23)]


def a_generator(seed: int) -> np.random.Generator:
    return np.random.Generator(np.random.PCG64(seed))


def honest_answers(
    rng: np.random.Generator, units: int, size: int, strata: int, spread: float = 0.15
) -> pd.DataFrame:
    """Answers of 1 to 5 to 22 items: a person's mood, a unit's level, and chance."""
    unit = np.repeat(np.arange(units), size)
    level = 3.6 + spread * rng.standard_normal(units)[unit]
    mood = level + 0.6 * rng.standard_normal(unit.size)
    raw = mood[:, None] + 0.8 * rng.standard_normal((unit.size, len(ITEMS)))
    table = pd.DataFrame(np.clip(np.rint(raw), 1, 5).astype(int), columns=ITEMS)
    table["unit"] = [f"u{number:02d}" for number in unit]
    table["stratum"] = [f"s{number % strata}" for number in unit]
    return table


def flagged(table: pd.DataFrame) -> list[str]:
    return list(table.loc[table["flagged"], "unit"])
