"""One stage of a design: what is drawn, in which strata, how many, by which method."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from sampling.frame import FrameUnit

METHODS = ("srs", "systematic", "pps_systematic")
METHODS_WITHIN = ("srs", "every_kth")
ALLOCATIONS = ("fixed", "equal", "proportional", "square_root")


@dataclass(frozen=True)
class Stage:
    """One stage of a design; the module says what each field may hold."""

    unit: str
    method: str
    take: int | Mapping[str, int] | None = None
    strata: str = "stratum"
    allocation: str = "fixed"
    size: str = "size"
    sort: tuple[str, ...] = ()
    certainty: tuple[str, ...] | str = ()

    def as_dict(self) -> dict[str, object]:
        """Return the stage as plain values, defaults written out."""
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
        }

    def is_certain(self, unit: FrameUnit) -> bool:
        """Tell whether the design takes this unit with certainty."""
        return self.certainty == "all" or unit.unit_id in self.certainty


def stratum_take(stage: Stage, stratum: str) -> int | None:
    """Return the take that the design itself names for a stratum, before any allocation."""
    if isinstance(stage.take, Mapping):
        return stage.take.get(stratum)
    return stage.take if stage.allocation == "fixed" else None


def column_size(unit: FrameUnit, column: str) -> int | None:
    """Return the whole positive number in a unit's column, or ``None``."""
    text = unit.cells.get(column, "")
    return int(text) if text.isascii() and text.isdecimal() and 0 < int(text) <= 10**9 else None
