"""The designs that are drawn thousands of times: the shipped files, and every method twice."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

from simulation import synthetic

from sampling import DESIGNS, SampleDesign
from sampling.design.stages import METHODS

TAKE = {"rural-hai-duong": 9, "rural-hai-phong": 5, "urban-hai-duong": 4, "urban-hai-phong": 10}
SURE = ["11914", "11948"]
SPATIAL = ("local_pivotal", "scps")
# Why an interval may be wider than it promises, or a design is outside the promise.
CONSERVATIVE = {
    "order": "the sorted list works like strata that the variance formula does not know, so "
    "intervals are too wide",
    "near": "neighbours in a small stratum lie far apart, so the neighbours' variance is too large",
}


@dataclass(frozen=True)
class Case:
    """One design, its population, and how its variance is estimated.

    ``variance`` is ``stages`` (fractions or Brewer), ``poisson``, ``groups``, ``balanced`` or
    ``neighbours``. ``wide`` names the reason in ``CONSERVATIVE`` where coverage may exceed 96.5 %.
    """

    name: str
    group: str
    population: str
    design: SampleDesign
    variance: str = "stages"
    wide: str = ""
    draws: int = 2000

    def people(self) -> synthetic.Population:
        kind, _, one_in = self.population.partition("/")
        if kind == "communes":
            return synthetic.communes(int(one_in))
        return {
            "villages": synthetic.villages,
            "visits": synthetic.visits,
            "dossiers": synthetic.dossiers,
        }[kind]()


def first_stage(method: str, **further: object) -> dict[str, object]:
    """Return stage 1 by a method: 28 communes in four strata, both special zones certain."""
    stage: dict[str, object] = {"unit": "commune", "method": method, "take": TAKE}
    stage |= {"certainty": SURE}
    if method == "cube":
        stage["balance"] = ["lat"]
    if method in SPATIAL:
        stage["spread"] = ["lat", "lon"]
    return stage | further


def design_of(name: str, *stages: dict[str, object]) -> SampleDesign:
    return SampleDesign.from_dict({"version": 1, "name": name, "stages": list(stages)})


def variance_of(method: str) -> str:
    special = {"poisson": "poisson", "rao_hartley_cochran": "groups", "cube": "balanced"}
    return special.get(method, "neighbours" if method in SPATIAL else "stages")


def shipped() -> list[Case]:
    """Return the four files of ``sampling/data/designs``."""
    populations = {
        "hai-phong-population": "communes/20",
        "hai-phong-visits": "visits",
        "population-villages": "villages",
        "transactions": "dossiers",
    }
    return [
        Case(path.stem, "shipped", populations[path.stem], SampleDesign.read(path))
        for path in sorted(DESIGNS.glob("*.yaml"))
    ]


def one_stage() -> list[Case]:
    """Return every method with all persons of a drawn commune, and variants of it."""
    made = [
        Case(
            method,
            "one stage",
            "communes/20",
            design_of(method, first_stage(method)),
            variance_of(method),
            "near" if method in SPATIAL else "",
        )
        for method in METHODS
    ]
    return [*made, *in_order(), *at_a_rate(), *in_one_stratum(), mixed(), few()]


def in_order() -> list[Case]:
    ways: list[tuple[str, dict[str, object]]] = [
        ("systematic", {"sort": ["lat", "lon"]}),
        ("systematic_circular", {"sort": ["lat"]}),
        ("pps_systematic", {"sort": ["urban", "lat"], "serpentine": True}),
        ("chromy", {"sort": ["lat"]}),
    ]
    return [
        Case(
            f"{method}, sorted",
            "one stage",
            "communes/20",
            design_of(method, first_stage(method, **way)),
            wide="order",
        )
        for method, way in ways
    ]


def at_a_rate() -> list[Case]:
    made = []
    for method in ("srs", "systematic", "poisson"):
        stage = first_stage(method, rate=0.26, **({"size": "equal"} if method == "poisson" else {}))
        del stage["take"]
        design = design_of(method, stage)
        variance = "poisson" if method == "poisson" else "stages"
        made.append(Case(f"{method}, rate 0.26", "one stage", "communes/20", design, variance))
    return made


def in_one_stratum() -> list[Case]:
    """Return draws from the whole province at once, where balance and distance count most."""
    made = []
    further = {"cube": {"balance": ["lat", "lon", "urban"]}}
    for method in ("srs", "pps_systematic", "cube", "local_pivotal", "scps"):
        stage = first_stage(method, strata="province", take=30, **further.get(method, {}))
        design = design_of(method, stage)
        variance = variance_of(method)
        made.append(Case(method, "one stratum", "communes/20", design, variance))
    return made


def mixed() -> Case:
    others = {"urban-hai-phong": {"method": "sampford"}, "rural-hai-phong": {"method": "srs"}}
    stage = first_stage("pps_systematic", per_stratum=others)
    return Case("a method per stratum", "one stage", "communes/20", design_of("mixed", stage))


def few() -> Case:
    """Return a draw of so few communes that its intervals are reported, not asserted."""
    stage = first_stage("pps_systematic", take=dict.fromkeys(TAKE, 2))
    return Case("8 communes", "one stage", "communes/20", design_of("few", stage))


def two_stages() -> list[Case]:
    """Return every method with 12 persons of each drawn commune, by the methods of lists."""
    ways: list[dict[str, object]] = [
        {"method": "srs", "take": 12},
        {"method": "systematic", "take": 12},
        {"method": "srs", "rate": 0.05},
    ]
    made = []
    for number, method in enumerate(METHODS):
        way = ways[number % len(ways)] if number else ways[0]
        second = {"unit": "person", "size": "adults", **way}
        told = "rate 0.05" if "rate" in way else f"12 {way['method']}"
        wide = "near" if method in SPATIAL else ""
        made.append(
            Case(
                f"{method} + {told}",
                "two stages",
                "communes/100",
                design_of(method, first_stage(method), second),
                variance_of(method),
                wide,
            )
        )
    return made


@cache
def cases() -> dict[str, Case]:
    """Return all cases by group and name."""
    found = [*shipped(), *one_stage(), *two_stages()]
    return {f"{case.group}: {case.name}": case for case in found}
