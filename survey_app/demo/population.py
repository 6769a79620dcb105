"""A simulated population whose true satisfaction is known.

Each adult of a commune has a sex, an age group, a leaning of their own, and an answer to
every satisfaction item, so that a truth exists to which estimates can be held. Communes
differ, urban and rural ones differ, and older people are somewhat more satisfied. Whether a
person answers depends on commune, sex and age, never on satisfaction itself: weighting by
these can therefore mend non-response, as a survey must hope.

All figures are assumptions of ours about nobody; only the communes and their total
populations are real.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from questionnaires import Questionnaire

SEXES = (1, 2)
AGE_GROUPS = (1, 2, 3, 4, 5)

# Shares of adults in a population, of women, and of the five age groups: assumptions.
_ADULTS = 0.73
_WOMEN = 0.51
_AGES = (0.12, 0.21, 0.31, 0.19, 0.17)
_AGES_URBAN = (0.15, 0.24, 0.31, 0.16, 0.14)

_CUTS = np.array([-2.05, -1.45, -0.75, 0.95], dtype=np.float32)
_COMMUNE_SD = 0.16
_PERSON_SD = 0.65
_ITEM_SD = 0.85
_AGE_SHIFT = np.array([-0.18, -0.10, 0.0, 0.08, 0.20], dtype=np.float32)
_WOMEN_SHIFT = np.float32(0.05)
_URBAN_SHIFT = 0.08

_RESPONSE = 0.72
_RESPONSE_AGE = np.array([-0.10, -0.04, 0.02, 0.06, 0.04])
_RESPONSE_WOMEN = 0.04
_RESPONSE_URBAN = -0.06
_ITEM_MISSING = 0.03


@dataclass(frozen=True)
class Place:
    """A commune or a counter: where people live or visits end."""

    id: str
    people: int
    urban: bool


@dataclass(frozen=True)
class People:
    """The people of one place, one row a person, in the order of their list."""

    place: Place
    sex: NDArray[np.int8]
    age: NDArray[np.int8]
    leaning: NDArray[np.float32]
    responds: NDArray[np.bool_]
    answers: NDArray[np.int8]


def adults_of(population: int) -> int:
    """Return the simulated number of residents aged 18 and over."""
    return max(1, round(population * _ADULTS))


def stream(seed: int, *names: str) -> np.random.Generator:
    """Return the random stream of one thing, which no other thing disturbs."""
    digest = hashlib.sha256("|".join((str(seed), *names)).encode()).digest()
    return np.random.Generator(np.random.PCG64(int.from_bytes(digest, "big")))


def people_of(place: Place, questionnaire: Questionnaire, seed: int) -> People:
    """Return everybody of one place with their true answers to the satisfaction items."""
    rng = stream(seed, questionnaire.id, place.id)
    size = place.people
    sex = np.where(rng.random(size) < _WOMEN, 2, 1).astype(np.int8)
    shares = _AGES_URBAN if place.urban else _AGES
    age = (np.searchsorted(np.cumsum(shares)[:-1], rng.random(size), side="right") + 1).astype(
        np.int8
    )
    level = np.float32(rng.normal(0, _COMMUNE_SD) + (_URBAN_SHIFT if place.urban else 0.0))
    leaning = rng.standard_normal(size, dtype=np.float32) * np.float32(_PERSON_SD)
    leaning += level + _AGE_SHIFT[age - 1] + np.where(sex == 2, _WOMEN_SHIFT, np.float32(0))
    items = satisfaction_items(questionnaire)
    latent = rng.standard_normal((size, len(items)), dtype=np.float32) * np.float32(_ITEM_SD)
    latent += leaning[:, None]
    latent += _item_shifts(questionnaire, seed) + rng.normal(0, 0.05, len(items)).astype(np.float32)
    answers = np.ones((size, len(items)), dtype=np.int8)
    for cut in _CUTS:
        answers += latent > cut
    return People(place, sex, age, leaning, _responding(place, sex, age, rng), answers)


def satisfaction_items(questionnaire: Questionnaire) -> list[str]:
    """Return the codes of the items that make the index, in the order of the factors."""
    return [code for factor in questionnaire.factors for code in factor.items]


def _item_shifts(questionnaire: Questionnaire, seed: int) -> NDArray[np.float32]:
    """Return how much easier each item is to be satisfied with; alike within a factor."""
    shifts = []
    for factor in questionnaire.factors:
        rng = stream(seed, questionnaire.id, "factor", factor.code)
        centre = rng.normal(0.05, 0.12)
        shifts += [centre + rng.normal(0, 0.08) for _ in factor.items]
    return np.array(shifts, dtype=np.float32)


def _responding(
    place: Place, sex: NDArray[np.int8], age: NDArray[np.int8], rng: np.random.Generator
) -> NDArray[np.bool_]:
    chance = (
        _RESPONSE
        + rng.normal(0, 0.04)
        + (_RESPONSE_URBAN if place.urban else 0.0)
        + _RESPONSE_AGE[age - 1]
        + np.where(sex == 2, _RESPONSE_WOMEN, 0.0)
    )
    responding: NDArray[np.bool_] = rng.random(len(sex)) < chance
    return responding


class Census:
    """Counts over everybody, from which the true values follow."""

    def __init__(self, questionnaire: Questionnaire) -> None:
        self.questionnaire = questionnaire
        self.items = satisfaction_items(questionnaire)
        self.people = 0
        self.counts = np.zeros((len(self.items), 5), dtype=np.int64)
        self.by_sex_and_age = np.zeros((len(SEXES), len(AGE_GROUPS)), dtype=np.int64)
        self.by_urban = {"0": 0, "1": 0}

    def add(self, people: People) -> None:
        """Count the people of one place."""
        self.people += people.place.people
        for value in range(1, 6):
            self.counts[:, value - 1] += (people.answers == value).sum(axis=0)
        np.add.at(self.by_sex_and_age, (people.sex - 1, people.age - 1), 1)
        self.by_urban["1" if people.place.urban else "0"] += people.place.people

    def item_index(self, rule: str) -> NDArray[np.float64]:
        """Return the true index of every item, in percent, under one rule."""
        values = np.arange(1, 6)
        mean = (self.counts * values).sum(axis=1) / self.people
        if rule == "top2":
            return np.asarray(100.0 * self.counts[:, 3:].sum(axis=1) / self.people)
        return np.asarray(100.0 * mean / 5 if rule == "mean5" else 100.0 * (mean - 1) / 4)

    def truth(self, rule: str) -> dict[str, float]:
        """Return the true index of every factor, block and overall under one rule."""
        index = dict(zip(self.items, self.item_index(rule), strict=True))
        found: dict[str, float] = {}
        for factor in self.questionnaire.factors:
            found[factor.code] = float(np.mean([index[code] for code in factor.items]))
        for block in self.questionnaire.blocks:
            codes = [
                code
                for factor in self.questionnaire.factors
                if factor.block == block.code
                for code in factor.items
            ]
            found[block.code] = float(np.mean([index[code] for code in codes]))
        found["overall"] = float(np.mean([index[code] for code in self.items]))
        return found


def form_of(
    questionnaire: Questionnaire, people: People, person: int, rng: np.random.Generator
) -> list[tuple[str, str]]:
    """Return what one person fills in, as the fields of the form."""
    fields: list[tuple[str, str]] = []
    known = {
        "gioi_tinh": str(people.sex[person]),
        "do_tuoi": str(people.age[person]),
        **{
            code: str(people.answers[person, place])
            for place, code in enumerate(satisfaction_items(questionnaire))
        },
    }
    leaning = float(people.leaning[person])
    for item in questionnaire.items:
        if item.text or rng.random() < _ITEM_MISSING:
            continue
        if item.kind == "flag":
            if rng.random() < 0.3:
                fields.append((item.question_id, item.code.removeprefix(f"{item.question_id}_")))
        elif item.kind == "number":
            fields.append((item.code, str(int(rng.integers(1, 4)))))
        elif item.code in known:
            fields.append((item.code, known[item.code]))
        elif item.options:
            values = [option.value for option in item.options if option.missing is None]
            fields.append((item.code, _pick(values, leaning, rng)))
    return fields


def _pick(values: Sequence[str], leaning: float, rng: np.random.Generator) -> str:
    """Choose one of the ordered values; a friendly leaning moves the choice up a little."""
    place = (len(values) - 1) * (0.55 + 0.12 * leaning) + rng.normal(0, 0.3 * len(values))
    return values[int(np.clip(round(place), 0, len(values) - 1))]


def survey_everybody(
    places: Sequence[Place],
    questionnaire: Questionnaire,
    seed: int,
    drawn: Mapping[str, Sequence[int]],
) -> tuple[Census, dict[str, list[list[tuple[str, str]]]]]:
    """Count everybody and let the drawn ones fill in their forms.

    Parameters
    ----------
    drawn
        For each place the list positions (from 1) of those who were asked.

    Returns
    -------
    tuple
        The census, and the forms of those who respond by place.
    """
    census = Census(questionnaire)
    forms: dict[str, list[list[tuple[str, str]]]] = {}
    for people in _everybody(places, questionnaire, seed):
        census.add(people)
        positions = [position - 1 for position in drawn.get(people.place.id, ())]
        if positions:
            rng = stream(seed, questionnaire.id, people.place.id, "forms")
            forms[people.place.id] = [
                form_of(questionnaire, people, person, rng)
                for person in positions
                if people.responds[person]
            ]
    return census, forms


def _everybody(
    places: Sequence[Place], questionnaire: Questionnaire, seed: int
) -> Iterator[People]:
    for place in places:
        yield people_of(place, questionnaire, seed)
