"""What one draw says: which units it holds, two estimates of each mean, and their variances."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property

import numpy as np
from simulation import variances
from simulation.catalogue import Case

from sampling.chance import WHOLE, start_number
from sampling.design import Stage, measure
from sampling.drawing import Draw
from sampling.takes import takes_of


@dataclass(frozen=True)
class Rows:
    """The rows from which means are estimated: values and persons, weights, units by stage."""

    answers: np.ndarray
    persons: np.ndarray
    weights: np.ndarray
    strata: np.ndarray
    units: list[np.ndarray]
    chances: list[np.ndarray]
    places: np.ndarray


@dataclass
class Reader:
    """Reads the draws of one case; ``counts`` adds up how often list places were drawn."""

    case: Case
    counts: np.ndarray = field(init=False)
    listed: np.ndarray = field(init=False)
    asked: np.ndarray = field(init=False)

    def __post_init__(self) -> None:
        self.people = self.case.people()
        self.ids = self.people.frame.column("unit_id")
        self.at = {name: place for place, name in enumerate(self.ids)}
        self.areas = len(self.case.design.areas)
        self.listing = self.case.design.listing
        self.totals = self.people.totals
        self.answers = self.people.answers
        homes = self.people.households
        self.places = (
            self.people.start if homes is None else np.searchsorted(homes, self.people.start)
        )
        self.forget()

    def forget(self) -> None:
        """Count from zero again."""
        self.counts = np.zeros(int(self.held.sum()), np.int64)
        self.listed = np.zeros(len(self.ids), np.int64)
        self.asked = np.zeros((7, 7), np.int64)

    @cached_property
    def held(self) -> np.ndarray:
        """How many places the list of each row of the frame has."""
        homes = self.people.households
        ends = self.people.persons if homes is None else len(homes) - 1
        return np.diff(np.append(self.places, ends))

    def arrive(self, number: int) -> None:
        """At counters, let the visitors come in a new order, the satisfied rather earlier."""
        if self.case.population != "visits":
            return
        rng = np.random.Generator(np.random.PCG64([number, 7]))
        self.answers = self.people.answers.copy()
        for start, count in zip(self.people.start, self.held, strict=True):
            own = self.people.answers[start : start + count]
            early = np.argsort(rng.normal(size=count) - 0.4 * own[:, 0])
            self.answers[start : start + count] = own[early]

    @cached_property
    def first(self) -> dict[str, int]:
        """The units of stage 1 by id, in the order of ``nominal``."""
        groups = self.case.design.members(self.people.frame)
        return {
            one.unit.unit_id: at
            for at, one in enumerate(one for group in groups.values() for one in group)
        }

    @cached_property
    def stratum(self) -> np.ndarray:
        groups = self.case.design.members(self.people.frame).values()
        return np.repeat(np.arange(len(groups)), [len(group) for group in groups])

    @cached_property
    def nominal(self) -> np.ndarray:
        """The inclusion probabilities of stage 1, worked out apart from the draw."""
        takes, _ = takes_of(self.case.design, self.people.frame)
        found = []
        for name, group in self.case.design.members(self.people.frame).items():
            stage = self.case.design.stages[0].within(name)
            found.append(chances_of(stage, [one.unit for one in group], takes[name]))
        return np.concatenate(found)

    @cached_property
    def parent(self) -> np.ndarray:
        """The unit of stage 1 in which each row of the frame lies."""
        column = self.case.design.stages[0].id or "unit_id"
        return np.array([self.first[one] for one in self.people.frame.column(column)])

    @cached_property
    def nominal_below(self) -> np.ndarray:
        """For designs with villages: the chance of each within its commune."""
        stage = self.case.design.areas[1]
        made = np.zeros(len(self.ids))
        for parent in np.unique(self.parent):
            rows = np.flatnonzero(self.parent == parent)
            units = [self.people.frame.units[int(row)] for row in rows]
            made[rows] = chances_of(stage, units, stage.fitting(int(str(stage.take)), len(rows)))
        return made

    def residual(self, draw: Draw) -> tuple[np.ndarray, np.ndarray]:
        """Return indicator less chance, and chance, of every unit of stage 1.

        The chances are nominal ones, which the draw must state too; those of Rao, Hartley and
        Cochran are the chances given the random groups.
        """
        drawn = {row.unit_id: float(row.chance) for row in draw.rows if row.stage == 1}
        chance = self.nominal
        if self.case.variance == "groups":
            chance = self._in_groups(draw)
        hit = np.zeros(len(chance))
        places = [self.first[name] for name in drawn]
        hit[places] = 1.0
        assert np.allclose(chance[places], list(drawn.values()), rtol=1e-12, atol=0)
        return hit - chance, chance

    def residual_below(self, draw: Draw) -> np.ndarray:
        hit = np.zeros(len(self.ids))
        hit[[self.at[row.unit_id] for row in draw.rows if row.stage == 2]] = 1.0
        above = np.zeros(len(self.first))
        above[[self.first[row.unit_id] for row in draw.rows if row.stage == 1]] = 1.0
        return hit - above[self.parent] * self.nominal_below

    def _in_groups(self, draw: Draw) -> np.ndarray:
        sizes = self.people.frame.numbers("size")
        chance = np.ones(len(self.first))
        for one in draw.record["strata"]:
            for group in one.get("groups", ()):
                own = sizes[[self.at[name] for name in group["units"]]]
                chance[[self.first[name] for name in group["units"]]] = own / own.sum()
        return chance

    def rows(self, draw: Draw) -> Rows:
        """Return the rows of the last stage with what they answer."""
        drawn = {row.unit_id: float(row.chance) for row in draw.rows if row.stage <= self.areas}
        if self.listing is None:
            return self._communes(draw)
        last = [row for row in draw.rows if row.stage > self.areas]
        # The rows of one list stand together and share stratum and chance.
        lists = [row.unit_id[:-7] for row in last]
        heads = [at for at, name in enumerate(lists) if not at or name != lists[at - 1]]
        many = np.diff([*heads, len(last)])
        unit = np.repeat([self.at[lists[at]] for at in heads], many)
        place = self.places[unit] + np.array([int(row.unit_id[-6:]) for row in last]) - 1
        self.counts += np.bincount(place, minlength=len(self.counts))
        self.listed[np.unique(unit)] += 1
        chance = np.repeat([float(last[at].chance) for at in heads], many)
        above = np.repeat([drawn[lists[at]] for at in heads], many)
        person, persons = place, np.ones(len(last))
        if self.people.households is not None:
            person, persons = self._kish(draw, last, place)
        units, chances = [unit, np.arange(len(last))], [above, chance / above]
        if self.areas == 2:
            top = self.parent[unit]
            certain = {
                self.first[row.unit_id]: float(row.chance) for row in draw.rows if row.stage == 1
            }
            outer = np.array([certain[one] for one in top.tolist()])
            units, chances = [top, *units], [outer, above / outer, chances[1]]
        names = [last[at].stratum for at in heads]
        if self.areas == 2:  # the stratum of a certain commune's rows is told by its village
            names = [name.split("/")[0] for name in names]
        strata = np.repeat(np.unique(names, return_inverse=True)[1], many)
        answers = self.answers[person] * persons[:, None]
        return Rows(answers, persons, 1 / chance, strata, units, chances, unit)

    def _communes(self, draw: Draw) -> Rows:
        unit = np.array([self.at[row.unit_id] for row in draw.rows])
        chance = np.array([float(row.chance) for row in draw.rows])
        strata = np.unique([row.stratum for row in draw.rows], return_inverse=True)[1]
        values, persons = self.totals[unit, :2], self.totals[unit, 2]
        return Rows(values, persons, 1 / chance, strata, [np.arange(len(unit))], [chance], unit)

    def _kish(self, draw: Draw, last: list, place: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        homes = self.people.households
        eligible = (homes[place + 1] - homes[place]).astype(int)
        seed = draw.seed
        asked = np.array(
            [asked_of(seed, row.unit_id, held) for row, held in zip(last, eligible, strict=True)]
        )
        np.add.at(self.asked, (eligible, asked), 1)
        return homes[place] + asked - 1, eligible.astype(float)

    def estimates(self, draw: Draw) -> tuple[np.ndarray, np.ndarray, int]:
        """Return both Horvitz–Thompson and both Hájek means, their variances, and the df."""
        rows = self.rows(draw)
        weighted = rows.answers * rows.weights[:, None]
        persons = float(rows.weights @ rows.persons)
        expanded = weighted.sum(axis=0) / self.people.persons
        ratio = weighted.sum(axis=0) / persons
        apart = rows.weights[:, None] * (rows.answers - rows.persons[:, None] * ratio) / persons
        scores = np.column_stack([weighted / self.people.persons, apart])
        variance, df = self.variance(draw, rows, scores)
        return np.concatenate([expanded, ratio]), variance, df

    def variance(self, draw: Draw, rows: Rows, scores: np.ndarray) -> tuple[np.ndarray, int]:
        """Return the variances of the sums of scores, and their degrees of freedom."""
        units = [np.unique(one, return_inverse=True)[1] for one in rows.units]
        unit = units[0]
        first = np.unique(unit, return_index=True)[1]
        z = variances.by_group(unit, scores)
        stratum, chance = rows.strata[first], rows.chances[0][first]
        df = len(first) - len(np.unique(stratum))
        if (chance == 1).all():
            df = len(scores) - len(first)
        kind, chances = self.case.variance, rows.chances
        fraction = chance
        if kind == "stages" and len(units) > 1:
            # `analysis` knows one fraction for a stratum: the mean chance of what was drawn.
            fraction = mean_of(chance, stratum)
            chances = [fraction[unit], *rows.chances[1:]]
        later = variances.later_stages(scores, units, chances)
        if kind == "stages":
            return variances.simple(z, stratum, fraction) + later, df
        free = chance < 1
        if kind == "poisson":
            return variances.poisson(z, chance) + later, int(free.sum()) - 1
        total, told = later, draw.record["strata"] if kind == "groups" else []
        for one in np.unique(stratum[free]):
            own = np.flatnonzero(free & (stratum == one))
            total = total + self._first(told, rows.places[first[own]], z[own], chance[own])
        return total, df

    def _first(
        self, told: list, places: np.ndarray, z: np.ndarray, chance: np.ndarray
    ) -> np.ndarray:
        """Return the variance of stage 1 in one stratum by its own formula."""
        frame, stage = self.people.frame, self.case.design.stages[0]
        if self.case.variance == "groups":
            name = self.ids[int(places[0])]
            groups = next(one["groups"] for one in told if name in one["order"])
            by_unit = {unit: group for group in groups for unit in group["units"]}
            own = [by_unit[self.ids[int(place)]] for place in places]
            part = np.array([group["total_size"] for group in own], float)
            held = np.array([len(group["units"]) for group in own], float)
            return variances.random_groups(z, part / part.sum(), held)
        columns = np.column_stack([frame.numbers(name) for name in (stage.balance or stage.spread)])
        if self.case.variance == "balanced":
            x = np.column_stack([np.ones(len(places)), columns[places] / chance[:, None]])
            return variances.balanced(z, chance, x)
        middle = np.cos(np.radians(columns[:, 0].mean()))
        return variances.neighbourly(z, chance, columns[places] * [1.0, middle])


def asked_of(seed: str, household: str, eligible: int) -> int:
    """Return whom a Kish grid asks: ``person_places`` for this number of persons alone."""
    return 1 + start_number(seed, f"{household}|{eligible}") * int(eligible) // WHOLE


def mean_of(chance: np.ndarray, stratum: np.ndarray) -> np.ndarray:
    """Return the mean chance of the drawn units of each stratum: Hartley and Rao, first order."""
    held = np.bincount(stratum)
    return (np.bincount(stratum, chance) / np.maximum(held, 1))[stratum]


def chances_of(stage: Stage, units: list, take: int) -> np.ndarray:
    """Return n x / X of each unit, those as large as the interval 1, named ones 1, or the rate."""
    sure = np.array([stage.is_certain(unit) for unit in units])
    if stage.rate is not None:
        return np.where(sure, 1.0, stage.rate)
    x = np.array([float(measure(stage, unit)) for unit in units])
    while True:
        n, total = take - int(sure.sum()), float(x[~sure].sum())
        chance = np.where(sure, 1.0, n * x / (total or 1.0))
        if not (chance[~sure] >= 1).any():
            return chance
        sure |= chance >= 1
