"""One stage of a design: what is drawn, in which strata, how many, by which method."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from fractions import Fraction
from functools import cached_property

from sampling.frame import FrameUnit

BY_SIZE = (
    "pps_systematic",
    "sampford",
    "brewer",
    "pareto",
    "poisson",
    "rao_hartley_cochran",
    "chromy",
    "cube",
    "local_pivotal",
    "scps",
)
METHODS = ("srs", "systematic", "systematic_circular", *BY_SIZE)
METHODS_WITHIN = ("srs", "systematic", "every_kth")
METHODS_OF_PERSONS = ("kish", "birthday")
ORDERED = ("systematic", "systematic_circular", "pps_systematic", "chromy")
AT_A_RATE = ("srs", "systematic", "poisson")
COORDINATED = ("srs", "pareto", "poisson")
ALLOCATIONS = ("fixed", "equal", "proportional", "square_root", "power", "neyman")
EQUAL = "equal"


@dataclass(frozen=True)
class Coordination:
    """Permanent random numbers: those of the draw with this seed, shifted on a circle."""

    seed: str
    shift: float = 0.0

    def as_dict(self) -> dict[str, object]:
        """Return the values that a design file holds."""
        return {"seed": self.seed, "shift": self.shift}


@dataclass(frozen=True)
class Stage:
    """One stage of a design; ``sampling.design`` says what each field may hold."""

    unit: str
    method: str
    take: int | Mapping[str, int] | None = None
    strata: str = "stratum"
    allocation: str = "fixed"
    size: str = "size"
    sort: tuple[str, ...] = ()
    certainty: tuple[str, ...] | str = ()
    id: str = ""
    rate: float | None = None
    short: str = ""
    serpentine: bool = False
    balance: tuple[str, ...] = ()
    spread: tuple[str, ...] = ()
    sharing: Mapping[str, object] = field(default_factory=dict)
    coordination: Coordination | None = None
    per_stratum: Mapping[str, Stage] = field(default_factory=dict)

    def as_dict(self) -> dict[str, object]:
        """Return the stage as plain values, the defaults of version 1 written out.

        Keys that came later are written only where they say something, so that the hash
        of a design does not change with the program.
        """
        return {
            "unit": self.unit,
            "method": self.method,
            "take": dict(self.take) if isinstance(self.take, Mapping) else self.take,
            "strata": self.strata,
            "allocation": self.allocation,
            "size": self.size,
            "sort": list(self.sort),
            "certainty": self.certainty
            if isinstance(self.certainty, str)
            else list(self.certainty),
            **self._later_keys(),
        }

    def _later_keys(self) -> dict[str, object]:
        later: dict[str, object] = {
            "id": self.id,
            "rate": self.rate,
            "short": self.short,
            "serpentine": self.serpentine,
            "balance": list(self.balance),
            "spread": list(self.spread),
            "sharing": dict(self.sharing),
            "coordination": self.coordination.as_dict() if self.coordination else None,
            "per_stratum": {name: self._apart(one) for name, one in self.per_stratum.items()},
        }
        return {key: value for key, value in later.items() if value}

    def _apart(self, other: Stage) -> dict[str, object]:
        """Return what another stage says differently."""
        mine = replace(self, per_stratum={}).as_dict()
        return {key: value for key, value in other.as_dict().items() if value != mine.get(key)}

    def is_certain(self, unit: FrameUnit) -> bool:
        """Tell whether the design takes this unit with certainty."""
        if not self.certainty:
            return False
        return self.certainty == "all" or unit.unit_id in self._named

    @cached_property
    def _named(self) -> frozenset[str]:
        return frozenset(self.certainty)

    def within(self, stratum: str) -> Stage:
        """Return the stage as it is carried out in one stratum."""
        return self.per_stratum.get(stratum, self)

    def lacks_take(self, stratum: str) -> bool:
        """Whether neither a take nor a rate nor an allocation says how many a stratum gets."""
        here = self.within(stratum)
        fixed = here.allocation == "fixed" and here.rate is None
        return fixed and stratum_take(self, stratum) is None

    def fitting(self, take: int, held: int) -> int:
        """Return the take, or all that are held where the design takes them all."""
        return min(take, held) if self.short == "all" else take

    @property
    def by_size(self) -> bool:
        """Whether probabilities follow the size column."""
        return self.method in BY_SIZE and self.size != EQUAL

    @property
    def exact_rate(self) -> Fraction | None:
        """The rate as the fraction that its decimal digits say."""
        return None if self.rate is None else Fraction(str(self.rate))


def stratum_take(stage: Stage, stratum: str) -> int | None:
    """Return the take that the design itself names for a stratum, before any allocation."""
    stage = stage.within(stratum)
    if isinstance(stage.take, Mapping):
        return stage.take.get(stratum)
    return stage.take if stage.allocation == "fixed" else None


def whole_size(text: str) -> int | None:
    """Return the whole positive number that a cell holds, or ``None``."""
    return int(text) if text.isascii() and text.isdecimal() and 0 < int(text) <= 10**9 else None


def column_size(unit: FrameUnit, column: str) -> int | None:
    """Return the whole positive number in a unit's column, or ``None``."""
    if column == "size":
        size = unit.size
        return size if 0 < size <= 10**9 else None
    return whole_size(unit.cells.get(column, ""))


def column_number(unit: FrameUnit, column: str) -> float | None:
    """Return the finite number in a unit's column, or ``None``."""
    return finite_number(unit.cells.get(column, ""))


def finite_number(text: str) -> float | None:
    """Return the finite number that a cell holds, or ``None``."""
    try:
        number = float(text.replace("_", "x"))
    except ValueError:
        return None
    return number if abs(number) < 1e300 else None


def measure(stage: Stage, unit: FrameUnit) -> int:
    """Return what the unit's probability is in proportion to: its size, or one."""
    return (column_size(unit, stage.size) or 1) if stage.by_size else 1
