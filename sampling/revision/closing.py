"""Who is issued and who is open after closures, and by what each weight is multiplied."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction

from sampling.revision.closed_strata import Cells, Stratum, Unit, weight_in
from sampling.revision.closures import Closure


@dataclass(frozen=True)
class Standing:
    """One issued unit: what it weighs as issued and in the end, and why.

    ``issued`` and ``factor`` multiply the weights of its rows: the first makes the issued
    weight, the second the final one of that. ``done`` are cases answered before it closed.
    """

    unit: Unit
    stratum: str
    status: str
    issued: Fraction
    factor: Fraction
    note: str = ""
    done: frozenset[str] = frozenset()

    @property
    def weight(self) -> Fraction:
        """The final weight of the unit's own row."""
        return self.unit.weight * self.issued * self.factor

    def rows(self) -> list[dict[str, object]]:
        """Return the rows of the unit with their weights."""
        last = max(int(str(row["stage"])) for row in self.unit.rows)
        within = self._factor_within(last)
        return [self._row(row, last, within) for row in self.unit.rows]

    def _factor_within(self, last: int) -> Fraction:
        cases = [row for row in self.unit.rows if row["stage"] == last]
        answered = [row for row in cases if str(row["unit_id"]) in self.done]
        if not answered:
            return Fraction(1)
        return sum(map(weight_in, cases), Fraction(0)) / sum(map(weight_in, answered), Fraction(0))

    def _row(self, row: Cells, last: int, within: Fraction) -> dict[str, object]:
        status, factor = self.status, self.factor
        if self.done and row["stage"] == last:
            answered = str(row["unit_id"]) in self.done
            status, factor = ("done", factor * within) if answered else ("closed", Fraction(0))
        issued = weight_in(row) * self.issued
        return {
            **row,
            "issued_weight": float(issued),
            "design_weight": float(issued * factor),
            "status": status,
            "note": self.note,
        }


def issue_units(stratum: Stratum, closed: Collection[str]) -> tuple[list[Unit], bool]:
    """Return the issued units, reserves called in order, and whether reserves ran out."""
    issued, waiting, exhausted = list(stratum.drawn), list(stratum.reserves), False
    place = 0
    while place < len(issued):
        if issued[place].unit_id in closed:
            if waiting:
                issued.append(waiting.pop(0))
            else:
                exhausted = True
        place += 1
    return issued, exhausted


def gone_of(strata: Sequence[Stratum], closed: Collection[str], done: Collection[str]) -> set[str]:
    """Return the closed units of which no case was answered before."""
    units = (unit for one in strata for unit in (*one.drawn, *one.reserves))
    return {one.unit_id for one in units if one.unit_id in closed and not _answered(one, done)}


def stand(
    strata: Sequence[Stratum],
    closed: Mapping[str, Closure],
    *,
    sizes: Mapping[str, int],
    merge: Mapping[str, str],
    done: Collection[str],
) -> list[Standing]:
    """Return every issued unit when open units stand for closed ones of their class.

    The class of a stratum is itself or the one that ``merge`` names. A class without an open
    unit gets the factor 0: its callers refuse it.
    """
    found: list[Standing] = []
    gone = gone_of(strata, closed, done)
    for stratum in strata:
        issued, _ = issue_units(stratum, gone)
        share = Fraction(len(stratum.drawn), len(issued))
        for unit in issued:
            name = unit.unit_id
            answered = _answered(unit, done) if name in closed else frozenset()
            open_now = name not in closed or bool(answered)
            note = f"{closed[name].on.isoformat()}: {closed[name].reason}" if name in closed else ""
            status = "active" if open_now else "closed"
            found.append(
                Standing(unit, stratum.name, status, share, Fraction(open_now), note, answered)
            )
    factors = _factors(found, sizes, merge)
    return [
        Standing(one.unit, one.stratum, one.status, one.issued,
                 one.factor * factors[merge.get(one.stratum, one.stratum)], one.note, one.done)
        for one in found
    ]  # fmt: skip


def stand_out_of_scope(strata: Sequence[Stratum], closed: Mapping[str, Closure]) -> list[Standing]:
    """Return every unit when closed ones are zeros of the population; no weight changes."""
    one = Fraction(1)
    return [
        Standing(unit, stratum.name, "out_of_scope", one, one,
                 f"{closed[unit.unit_id].on.isoformat()}: {closed[unit.unit_id].reason}")
        if unit.unit_id in closed
        else Standing(unit, stratum.name, "active", one, one)
        for stratum in strata
        for unit in stratum.drawn
    ]  # fmt: skip


def _factors(
    found: Sequence[Standing], sizes: Mapping[str, int], merge: Mapping[str, str]
) -> dict[str, Fraction]:
    """Return the factor of each class: issued over open, in weight × size."""
    sums: dict[str, list[Fraction]] = {}
    for one in found:
        held = sums.setdefault(merge.get(one.stratum, one.stratum), [Fraction(0), Fraction(0)])
        measure = one.unit.weight * one.issued * sizes.get(one.unit.unit_id, 1)
        held[0] += measure
        held[1] += measure * one.factor
    return {name: held[0] / held[1] if held[1] else Fraction(0) for name, held in sums.items()}


def _answered(unit: Unit, done: Collection[str]) -> frozenset[str]:
    last = max(int(str(row["stage"])) for row in unit.rows)
    cases = {str(row["unit_id"]) for row in unit.rows if row["stage"] == last and last > 1}
    return frozenset(cases & set(done))
