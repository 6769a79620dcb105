"""Synthetic populations on the real frame of Hải Phòng, for repeated draws of designs.

Communes, strata, coordinates and populations are those of the frame at 1 March 2026; its
column ``adults`` is cut down (to one in twenty, or fewer) so that a list can be hashed
thousands of times. Villages, households, dossiers, visits and every answer are synthetic and
say nothing about anyone. ``satisfied`` is 0 or 1 (four in five), ``score`` runs from 1 to 5;
communes differ (intraclass correlation near 0.03), more so from north to south and with size,
so that designs by size, balance or distance have something to gain.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from functools import cache

import numpy as np

from sampling import Frame, frame, load_registry
from sampling.offices import load_offices

DAY = date(2026, 3, 1)
SEED = 20260301
LEAST = 120
ANSWERS = ("satisfied", "score")


@dataclass(frozen=True)
class Population:
    """A frame, and what everybody on the lists of its units would answer.

    ``answers`` has shape (persons, 2); the persons of unit i of the frame stand from
    ``start[i]`` on. ``households`` tells, for lists of households, where each of them starts.
    """

    frame: Frame
    answers: np.ndarray
    start: np.ndarray
    households: np.ndarray | None = None

    @property
    def truth(self) -> np.ndarray:
        return self.answers.mean(axis=0)

    @property
    def persons(self) -> int:
        return len(self.answers)

    @property
    def totals(self) -> np.ndarray:
        """Totals of the answers and the number of persons, by unit of the frame."""
        columns = np.column_stack([self.answers, np.ones(self.persons)])
        return np.add.reduceat(columns, self.start)


def generator(name: str) -> np.random.Generator:
    """Return the generator of a population: not the chance of any draw."""
    return np.random.Generator(np.random.PCG64([SEED, *name.encode()]))


@cache
def communes(one_in: int) -> Population:
    """Return the communes of the frame with one in ``one_in`` of their adults."""
    rows = [dict(unit.cells) for unit in frame.build(load_registry(), DAY).units]
    adults = [max(LEAST, round(int(row["adults"]) / one_in)) for row in rows]
    rng = generator("communes")
    levels = commune_levels(rows, rng)
    made = Frame.from_rows(
        [row | {"adults": str(count)} for row, count in zip(rows, adults, strict=True)]
    )
    answers = answered(np.repeat(levels, adults), rng)
    return Population(made, answers, starts(adults))


def commune_levels(rows: list[dict[str, str]], rng: np.random.Generator) -> np.ndarray:
    """Return the share of satisfied persons that each commune tends to."""
    size = standardized(np.log([float(row["size"]) for row in rows]).clip(np.log(5000)))
    north = standardized(np.array([float(row["lat"]) for row in rows]).clip(20.5))
    noise = rng.normal(0, 0.055, len(rows))
    return np.clip(0.8 + 0.02 * size + 0.04 * north + noise, 0.5, 0.97)


def standardized(values: np.ndarray) -> np.ndarray:
    return (values - values.mean()) / values.std()


def starts(counts: list[int] | np.ndarray) -> np.ndarray:
    return np.concatenate([[0], np.cumsum(counts)[:-1]]).astype(np.int64)


def answered(level: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Return both answers of persons who are satisfied with these probabilities."""
    satisfied = (rng.random(len(level)) < level).astype(float)
    score = 3.0 + 1.2 * satisfied + 2.0 * (level - 0.8) + rng.normal(0, 0.7, len(level))
    return np.column_stack([satisfied, np.clip(np.round(score), 1, 5)])


@cache
def villages() -> Population:
    """Return real communes cut into synthetic villages of synthetic households."""
    base = communes(40)
    rng = generator("villages")
    levels = commune_levels([dict(unit.cells) for unit in base.frame.units], rng)
    rows: list[dict[str, object]] = []
    households: list[np.ndarray] = []
    persons: list[np.ndarray] = []
    for unit, level in zip(base.frame.units, levels, strict=True):
        held = max(4, round(int(unit.cells["adults"]) / 170) + 2)
        for number in range(1, held + 1):
            count = int(rng.integers(25, 60))
            eligible = rng.choice(6, count, p=[0.12, 0.42, 0.22, 0.16, 0.06, 0.02]) + 1
            rows.append(
                {
                    "unit_id": f"{unit.unit_id}v{number:02d}",
                    "unit_name": f"Thôn {number} ({unit.unit_name})",
                    "province": unit.province,
                    "stratum": unit.stratum,
                    "size": int(eligible.sum()),
                    "parent_id": unit.unit_id,
                    "households": count,
                }
            )
            households.append(eligible)
            # Larger households are a little less satisfied: weights of a Kish grid matter.
            home = level + rng.normal(0, 0.03) - 0.02 * (eligible - 2.5)
            persons.append(np.repeat(np.clip(home, 0.3, 0.98), eligible))
    eligible = np.concatenate(households)
    made = Frame.from_rows(rows)
    assert made.column("unit_id") == [row["unit_id"] for row in rows]
    answers = answered(np.concatenate(persons), rng)
    counts = [int(str(row["size"])) for row in rows]
    return Population(made, answers, starts(counts), np.append(starts(eligible), eligible.sum()))


@cache
def visits() -> Population:
    """Return the three counters of the demonstration with synthetic visits, as expected."""
    made = frame.build_visits(tuple(load_offices().counters.values()), load_registry())
    rng = generator("visits")
    counts = made.numbers("size").astype(int)
    levels = np.linspace(0.72, 0.88, len(counts))
    return Population(made, answered(np.repeat(levels, counts), rng), starts(counts))


@cache
def dossiers() -> Population:
    """Return synthetic dossiers of three fields in every seventh commune."""
    registry = load_registry()
    rng = generator("dossiers")
    units = frame.build(registry, DAY).units[::7]
    rows = [
        {"unit_code": unit.unit_id, "field": field, "finished": int(rng.integers(30, 400))}
        for unit in units
        for field in ("Đất đai", "Hộ tịch", "Xây dựng")
    ]
    made = frame.build_dossiers(rows, registry, DAY)
    counts = made.numbers("size").astype(int)
    levels = np.clip(0.8 + rng.normal(0, 0.08, len(counts)), 0.4, 0.98)
    return Population(made, answered(np.repeat(levels, counts), rng), starts(counts))
