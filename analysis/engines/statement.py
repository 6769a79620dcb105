"""What is to be summed, and the Ibis expressions that say so on any engine."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from analysis.expressions import names_in, row_condition

_WEIGHT = "weight of the row"


@dataclass(frozen=True)
class Wanted:
    """What is summed, over which rows."""

    items: tuple[str, ...]
    weights: str | None
    probabilities: tuple[str, ...]
    strata: tuple[str, ...]
    psu: tuple[str, ...]
    where: str | None
    squares: bool
    missing: str
    ordered: bool
    products: tuple[tuple[str, str], ...] = ()

    @property
    def numbers(self) -> list[str]:
        """The columns that must hold numbers."""
        return [*([self.weights] if self.weights else []), *self.probabilities, *self.items]

    def numbers_only(self, by: Sequence[str]) -> list[str]:
        """Return the numbers that are no labels and stand in no condition."""
        condition = names_in(self.where) if self.where else []
        labels = {*self.strata, *self.psu, *by, *condition}
        return [name for name in self.numbers if name not in labels]

    def columns(self, by: Sequence[str] = ()) -> list[str]:
        """Return every column that is read, each once."""
        named = [self.weights] if self.weights else []
        condition = names_in(self.where) if self.where else []
        together = [*self.strata, *self.psu, *by, *named, *self.probabilities]
        return list(dict.fromkeys([*together, *self.items, *condition]))

    def keys(self, by: Sequence[str]) -> dict[str, str]:
        """Return the name of each key column of the result, and the column it holds."""
        parts = {"stratum": self.strata, "psu": self.psu, "domain": by}
        return {
            f"{part}_{number}": name
            for part, names in parts.items()
            for number, name in enumerate(names, start=1)
        }


def selected(table: Any, wanted: Wanted) -> tuple[Any, Any, dict[str, Any]]:  # noqa: ANN401
    """Return the rows that are summed, the weight, and the items as doubles or null."""
    import ibis

    rows = table
    if wanted.where is not None:
        rows = rows.filter(row_condition(rows, wanted.where))
    items = {name: double(rows[name]) for name in wanted.items}
    if wanted.missing == "drop" and items:
        rows = rows.filter([value.notnull() for value in items.values()])
        items = {name: double(rows[name]) for name in wanted.items}
    if wanted.weights:
        return rows, double(rows[wanted.weights]), items
    weight = ibis.literal(1.0, "float64")
    for name in wanted.probabilities:
        # PostgreSQL stops at a division by zero; a weight that is missing is refused later.
        weight = weight / double(rows[name]).nullif(0.0)
    rows = rows.mutate(**{_WEIGHT: weight})
    return rows, rows[_WEIGHT], {name: double(rows[name]) for name in wanted.items}


def double(value: Any) -> Any:  # noqa: ANN401
    """Return a column as a double; a number that is no number becomes null."""
    if value.type().is_boolean():
        # PostgreSQL turns true into 1 only on the way over whole numbers.
        return value.cast("int32").cast("float64")
    if value.type().is_floating():
        return value.cast("float64").nullif(float("nan"))
    return value.cast("float64")


def aggregates(
    rows: Any,  # noqa: ANN401
    weight: Any,  # noqa: ANN401
    items: dict[str, Any],
    squares: bool,
    products: Sequence[tuple[str, str]] = (),
) -> dict[str, Any]:
    """Return the sums of a cell by the name of their column.

    ``complete`` counts the rows in which weight and items are all there, ``weight_least``
    is the least weight: two columns that show every fault of a pass.
    """
    complete = weight
    for value in items.values():
        complete = complete + value
    sums = {
        "rows": rows.count(),
        "complete": complete.count(),
        "weight_least": weight.min(),
        "weight": weight.sum(),
    }
    if squares:
        sums["weight_squares"] = (weight * weight).sum()
    for name, value in items.items():
        sums[f"sum_{name}"] = (weight * value).sum()
        if squares:
            sums[f"squares_{name}"] = (weight * value * value).sum()
    for a, b in products:
        sums[f"product_{a}_{b}"] = (weight * items[a] * items[b]).sum()
    return sums


def faults(rows: Any, weight: Any, items: dict[str, Any]) -> Any:  # noqa: ANN401
    """Return one row: how many rows there are, have a weight, and have each item."""
    known = {f"known_{number}": value.count() for number, value in enumerate(items.values())}
    return rows.agg(rows=rows.count(), weights=weight.count(), **known)
