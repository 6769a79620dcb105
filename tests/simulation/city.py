"""A city of simulated persons on the real frame: the 114 communes of Hải Phòng as shipped.

Communes, strata and numbers of adults are those of the frame; every answer is simulated and
says nothing about anyone. Answers are 1 to 5, about four in five satisfied, alike within a
commune (intraclass correlation near 0.02, the planning value of the shipped design) and
related to sex, age and schooling, so that calibration has something to gain. One answer in
twelve is missing.

Samples follow the shipped design by the library's single tools: systematic PPS of communes in
random order within strata, both special zones with certainty, persons by simple random sampling.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from types import SimpleNamespace

import numpy as np
import pandas as pd

from sampling import DESIGNS, SampleDesign, frame, inclusion_probabilities, load_registry, select
from sampling.planning import takes_of

# Factor, block and number of items: two blocks of unequal length, as in the questionnaire.
FACTORS = (("I.A", "I", 2), ("I.B", "I", 3), ("II.A", "II", 2), ("II.B", "II", 2))
ITEMS = tuple(f"q{number + 1:02d}" for number in range(sum(size for *_, size in FACTORS)))
# Upper ends of the answers 1 to 4 on the latent scale; the last item is hardly ever a 5.
CUTS = np.array([-1.9, -1.4, -0.8, 0.6])
RARE = "rare"
DAY = date(2026, 3, 1)


@dataclass(frozen=True)
class Round:
    """What every adult of the city would answer in a round: persons × items, 0 is missing."""

    answers: np.ndarray
    rare: np.ndarray

    def column(self, name: str) -> np.ndarray:
        return self.rare if name == RARE else self.answers[:, ITEMS.index(name)]


@dataclass(frozen=True)
class City:
    """The frame, the persons in the order of its communes, and two rounds of answers."""

    communes: pd.DataFrame
    start: np.ndarray
    sex: np.ndarray
    age: np.ndarray
    school: np.ndarray
    rounds: tuple[Round, Round]
    design: SampleDesign
    take: dict[str, int]
    persons: int

    @property
    def commune_of(self) -> np.ndarray:
        return np.repeat(np.arange(len(self.communes)), self.communes["adults"])

    def draw_communes(self, rng: np.random.Generator) -> pd.DataFrame:
        """Draw communes by systematic PPS in random order, stratum by stratum."""
        parts = []
        for stratum, units in self.communes.groupby("stratum", sort=True):
            order = rng.permutation(len(units))
            take = self.take[str(stratum)]
            chance = inclusion_probabilities(units["size"].to_numpy()[order], take)
            hit = select.pps_systematic(chance, rng)
            parts.append(
                units.iloc[order[hit]].assign(chance=chance[hit], sure=chance[hit] >= 1 - 1e-9)
            )
        return pd.concat(parts)

    def draw_persons(self, drawn: pd.DataFrame, rng: np.random.Generator) -> pd.DataFrame:
        """Draw persons in drawn communes and return the sample without answers."""
        rows, at = [], []
        for code, unit in zip(drawn.index, drawn.itertuples(), strict=True):
            adults = int(unit.adults)
            take = min(self.persons, adults)
            rows.append(np.full(take, code))
            at.append(self.start[code] + select.srs(adults, take, rng))
        code, person = np.concatenate(rows), np.concatenate(at)
        unit = drawn.loc[code]
        takes = np.minimum(self.persons, unit["adults"].to_numpy())
        own = np.array([f"row-{row}" for row in range(len(code))])
        sure = unit["sure"].to_numpy()
        name = unit["unit_id"].to_numpy().astype(str)
        return pd.DataFrame(
            {
                "unit": name,
                "stratum": np.where(sure, "sure-" + name, unit["stratum"].to_numpy().astype(str)),
                "psu": np.where(sure, own, name),
                "w": unit["adults"].to_numpy() / takes / unit["chance"].to_numpy(),
                "part": unit["stratum"].to_numpy().astype(str),
                "chance": unit["chance"].to_numpy(),
                "adults": unit["adults"].to_numpy(),
                "taken": takes,
                "person": person,
                "urban": unit["urban"].to_numpy().astype(str),
                "sex": self.sex[person],
                "age": self.age[person],
                "school": self.school[person],
            }
        )

    def answered(self, sample: pd.DataFrame, number: int) -> pd.DataFrame:
        """Add the answers of a round to a sample; a missing one is NaN."""
        person, of = sample["person"].to_numpy(), self.rounds[number]
        answers = of.answers[person].astype(float)
        answers[answers == 0] = np.nan
        return sample.assign(
            **{item: answers[:, at] for at, item in enumerate(ITEMS)},
            **{RARE: of.rare[person].astype(float)},
        )


def questionnaire() -> SimpleNamespace:
    """Return the factors and items in the shape that the index wants."""
    made, at = [], 0
    for code, block, size in FACTORS:
        made.append(SimpleNamespace(code=code, block=block, items=ITEMS[at : at + size]))
        at += size
    scale = [SimpleNamespace(code=value, missing=None) for value in range(1, 6)]
    items = [SimpleNamespace(code=item, kind="choice", options=scale) for item in ITEMS]
    return SimpleNamespace(id="simulated", version="1", factors=made, items=items)


def build(seed: int = 20260301, persons: int = 110) -> City:
    """Simulate the city."""
    rng = np.random.Generator(np.random.PCG64(seed))
    made = frame.build(load_registry(), DAY)
    design = SampleDesign.read(DESIGNS / "hai-phong-population.yaml")
    takes, _ = takes_of(design, made)
    communes = made.table.reset_index(drop=True)
    communes["size"] = communes["size"].astype(int)
    communes["adults"] = communes["adults"].astype(int)
    adults = communes["adults"].to_numpy()
    start = np.concatenate([[0], np.cumsum(adults)[:-1]])
    everyone = int(adults.sum())
    sex = (rng.random(everyone) < 0.51).astype(np.int8)
    age = rng.choice(4, everyone, p=[0.3, 0.3, 0.22, 0.18]).astype(np.int8)
    school = np.clip(rng.binomial(2, 0.55, everyone) - (age == 3), 0, 2).astype(np.int8)
    urban = communes["urban"].astype(int).to_numpy() == 1
    level = rng.normal(0, 0.23, len(communes)) - 0.08 * urban
    person = rng.normal(0, 0.55, everyone) + 0.1 * sex + 0.12 * age - 0.2 * school
    rounds = tuple(_round(rng, person, np.repeat(level + shift, adults)) for shift in (0.0, 0.1))
    return City(
        communes,
        start,
        sex,
        age,
        school,
        (rounds[0], rounds[1]),
        design,
        {str(k): int(v) for k, v in takes.items()},
        persons,
    )


def _round(rng: np.random.Generator, person: np.ndarray, level: np.ndarray) -> Round:
    answers = np.empty((len(person), len(ITEMS)), dtype=np.int8)
    for at in range(len(ITEMS)):
        latent = person + level + rng.normal(0, 0.8, len(person)) + 0.05 * (at % 3)
        answers[:, at] = np.searchsorted(CUTS, latent) + 1
        answers[rng.random(len(person)) < 1 / 12, at] = 0
    rare = (person + level + rng.normal(0, 0.8, len(person)) < -1.75).astype(np.int8)
    return Round(answers, rare)
