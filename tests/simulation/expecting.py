"""Samples of the shipped design from a synthetic population: standard errors against the expected.

Communes and numbers are those of the Hải Phòng frame. Each commune has a level, each adult an
answer around it, with the variances that the plan is told; levels and answers are made anew for
every sample, as the expected (anticipated) variance has it. Communes are drawn by the library's
``draw``, each time with another secret; persons are stood for by the mean and variance of a simple
random sample of answers, since hashing three million adults takes a second a draw. The mean of
all is estimated with known sizes of the strata.
"""

from __future__ import annotations

from datetime import date

import numpy as np

from sampling import DESIGNS, SampleDesign, draw, frame, load_registry
from sampling.precision import Expected, Spread, expected, lay_out
from sampling.takes import takes_of

SPREAD = Spread(80.0, 400.0, (0.05,), share=False)


def compared(rng: np.random.Generator, rounds: int) -> dict[str, float]:
    """Return empirical over expected standard error of all, and of two domains."""
    units = frame.build(load_registry(), date(2026, 3, 1))
    design = SampleDesign.read(DESIGNS / "hai-phong-population.yaml")
    takes, _ = takes_of(design, units)
    layout = lay_out(design, units, ("type",))
    found = expected(design, layout, [takes[name] for name in layout.strata], SPREAD)
    kinds = np.array(layout.domains["type"])
    groups = {"all": np.ones(len(kinds), bool), "Phường": kinds == "Phường", "Xã": kinds == "Xã"}
    errors: dict[str, list[float]] = {name: [] for name in groups}
    only = {**design.as_dict(), "stages": [design.stages[0].as_dict()], "reserves": {}}
    communes = SampleDesign.from_dict(only)
    ids = [one.unit_id for part in design.strata_of(units).values() for one in part]
    for number in range(rounds):
        rows = draw(units, communes, number).rows
        drawn = np.isin(ids, [row.unit_id for row in rows])
        for name, error in one_sample(rng, found, groups, drawn).items():
            errors[name].append(error)
    names, domain = found.by_domain("type")
    expectations = {"all": found.overall()["se"]} | dict(zip(names, domain["se"], strict=True))
    return {
        name: float(np.sqrt(np.mean(np.square(values))) / expectations[name])
        for name, values in errors.items()
    }


def one_sample(
    rng: np.random.Generator,
    found: Expected,
    groups: dict[str, np.ndarray],
    drawn: np.ndarray,
) -> dict[str, float]:
    """Return estimate less truth of each group in one sample of one population."""
    layout = found.layout
    between, within = SPREAD.components(2)
    level = rng.normal(0, np.sqrt(between), len(layout.stratum))
    adults = layout.persons
    # The mean of a commune's adults, and that of those who answer among them.
    whole = level + rng.normal(0, np.sqrt(within / adults))
    asked = found.answers
    answered = whole + rng.normal(0, np.sqrt(within / asked * (1 - asked / adults)))
    made = {}
    weight = adults / found.chances
    for name, member in groups.items():
        # Strata are known by size, so the ratio is taken in each of them.
        total = 0.0
        for at in range(len(layout.strata)):
            own = (layout.stratum == at) & member
            hit = own & drawn
            if own.any():
                mean = np.average(answered[hit], weights=weight[hit])
                total += adults[own].sum() * mean
        truth = np.average(whole[member], weights=adults[member])
        made[name] = total / adults[member].sum() - truth
    return made
