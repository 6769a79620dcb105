"""What exists: provinces and communes through time, and what became of the former ones."""

from sampling.units.cells import (
    check_id,
    whole_size,
)
from sampling.units.files import (
    CHANGE_COLUMNS,
    UNIT_COLUMNS,
    check_units,
    read_changes,
    read_units,
    write_units,
)
from sampling.units.packaged import (
    DATA,
    DEMO_PROVINCE,
    load_population,
    load_registry,
)
from sampling.units.registry import (
    COMMUNE_TYPES,
    AdminUnit,
    PopulationFact,
    Registry,
    UnitChange,
)

__all__ = [
    "CHANGE_COLUMNS",
    "COMMUNE_TYPES",
    "DATA",
    "DEMO_PROVINCE",
    "UNIT_COLUMNS",
    "AdminUnit",
    "PopulationFact",
    "Registry",
    "UnitChange",
    "check_id",
    "check_units",
    "load_population",
    "load_registry",
    "read_changes",
    "read_units",
    "whole_size",
    "write_units",
]
