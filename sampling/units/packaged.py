"""The registry that comes with the package.

It holds the two-tier list in force since 1 July 2025; its files are made and checked by
``tools/make_units.py`` and name their source on every line.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from pathlib import Path

from intake.findings import RegistryError
from intake.tables import read_table
from sampling.units.files import check_units, read_changes
from sampling.units.registry import PopulationFact, Registry

DATA = Path(__file__).parents[1] / "data"
DEMO_PROVINCE = "31"


@cache
def load_registry() -> Registry:
    """Return the packaged registry: 34 provinces, 3,321 communes, old to new codes.

    Examples
    --------
    >>> registry = load_registry()
    >>> registry.unit("10525").name
    'Phường Hải Dương'
    """
    units, findings = check_units(DATA / "units.csv")
    if units is None:
        raise RegistryError(findings)
    return Registry(units.units, read_changes(DATA / "unit_changes.csv"), load_population())


@cache
def load_population() -> Mapping[str, PopulationFact]:
    """Return the population facts of the demonstration province by commune code."""
    table = read_table(
        DATA / "hai_phong_population.csv",
        required=(
            "code",
            "name",
            "type",
            "population",
            "flag",
            "former_provinces",
            "main_former_province",
            "source",
        ),
        optional=(),
    )
    return {
        row.cells["code"]: PopulationFact(
            code=row.cells["code"],
            name=row.cells["name"],
            type=row.cells["type"],
            population=int(row.cells["population"]),
            flag=row.cells["flag"],
            former_provinces=tuple(row.cells["former_provinces"].split(";")),
            main_former_province=row.cells["main_former_province"],
            source=row.cells["source"],
        )
        for row in table.rows
    }
