"""Units through time, the changes between them, and what is known of their people.

A unit has a code of the statistics office (text, leading zeros kept), a parent, and the
days between which it stands. A change leads from a former unit to a unit of today.

Populations are persons, areas square kilometres, coordinates degrees.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property

from intake.findings import Finding, RegistryError, Words

COMMUNE_TYPES = ("Xã", "Phường", "Đặc khu")


@dataclass(frozen=True)
class AdminUnit:
    """A province or commune with the days between which it stands.

    ``valid_to`` is the last day; ``None`` means that the unit still stands.
    """

    code: str
    name: str
    type: str
    parent_code: str
    valid_from: date
    valid_to: date | None = None
    population: int | None = None
    area_km2: float | None = None
    lat: float | None = None
    lon: float | None = None
    source: str = ""

    @property
    def is_commune(self) -> bool:
        """Whether the unit is a commune, ward or special zone of the two-tier list."""
        return self.type in COMMUNE_TYPES

    @property
    def is_urban(self) -> bool:
        """Whether the unit is a ward."""
        return self.type == "Phường"

    def stands_on(self, day: date) -> bool:
        """Tell whether the unit stands on a day."""
        return self.valid_from <= day and (self.valid_to is None or day <= self.valid_to)


@dataclass(frozen=True)
class UnitChange:
    """One way from a former unit to a unit of today.

    ``part`` is ``whole`` when all of the former unit went there, ``main`` for the unit
    that took the largest piece, ``part`` for the other pieces. ``share`` is the share of
    the former unit's people that moved along, or ``None`` where nobody published it.
    """

    old_code: str
    old_name: str
    old_parent_code: str
    old_parent_name: str
    old_province_code: str
    old_province_name: str
    new_code: str
    part: str
    share: float | None = None
    source: str = ""


@dataclass(frozen=True)
class PopulationFact:
    """What is known of a commune's population, and which former province it came from.

    ``flag`` is ``doubtful`` where the source's own readings contradict each other.
    """

    code: str
    name: str
    type: str
    population: int
    flag: str
    former_provinces: tuple[str, ...]
    main_former_province: str
    source: str


@dataclass(frozen=True)
class Registry:
    """All units that are known, in the order of the file, and the changes between them."""

    units: tuple[AdminUnit, ...]
    changes: tuple[UnitChange, ...] = ()
    facts: Mapping[str, PopulationFact] = field(default_factory=dict)

    @cached_property
    def by_code(self) -> dict[str, AdminUnit]:
        """The units by code; of several with one code, the latest."""
        return {unit.code: unit for unit in sorted(self.units, key=lambda unit: unit.valid_from)}

    @cached_property
    def _changes_from(self) -> dict[str, tuple[UnitChange, ...]]:
        return _grouped((change.old_code, change) for change in self.changes)

    @cached_property
    def _changes_to(self) -> dict[str, tuple[UnitChange, ...]]:
        return _grouped((change.new_code, change) for change in self.changes)

    def __contains__(self, code: object) -> bool:
        return code in self.by_code

    def unit(self, code: str) -> AdminUnit:
        """Return the unit with this code.

        Raises
        ------
        RegistryError
            No unit has the code.
        """
        if code not in self.by_code:
            raise RegistryError(
                Finding(
                    "unit-not-found",
                    Words(f"Không có đơn vị mã {code}.", f"No unit has the code {code}."),
                    Words("Hãy xem lại danh mục đơn vị.", "Look into the list of units."),
                )
            )
        return self.by_code[code]

    def on(self, day: date) -> Registry:
        """Return the registry as it stands on a day."""
        standing = tuple(unit for unit in self.units if unit.stands_on(day))
        return Registry(standing, self.changes, self.facts)

    def provinces(self) -> tuple[AdminUnit, ...]:
        """Return the units without a parent."""
        return tuple(unit for unit in self.units if not unit.parent_code)

    def children(self, code: str) -> tuple[AdminUnit, ...]:
        """Return the units whose parent is ``code``, in the order of the file."""
        return tuple(unit for unit in self.units if unit.parent_code == code)

    def successors(self, old_code: str) -> tuple[UnitChange, ...]:
        """Return where a former unit went; the way that took most of it comes first."""
        return self._changes_from.get(old_code, ())

    def predecessors(self, code: str) -> tuple[UnitChange, ...]:
        """Return the former units of which a unit of today was made."""
        return self._changes_to.get(code, ())


def _grouped(pairs: Iterable[tuple[str, UnitChange]]) -> dict[str, tuple[UnitChange, ...]]:
    rank = {"whole": 0, "main": 1}
    groups: dict[str, list[UnitChange]] = {}
    for key, change in pairs:
        groups.setdefault(key, []).append(change)
    return {
        key: tuple(sorted(changes, key=lambda change: (rank.get(change.part, 2), change.new_code)))
        for key, changes in groups.items()
    }
