"""The queues of a draw: in each group, who was drawn, and who comes next in which order."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from sampling.design import SampleDesign
from sampling.sample import Row

# Methods whose order is a random one, so that the next in order extends the sample itself.
IN_HASH_ORDER = ("srs",)

Told = Mapping[str, object]


@dataclass(frozen=True)
class Queue:
    """Rows that stand for each other: drawn first, then the reserves in their order.

    ``exact`` tells whether the next in order is what a larger sample would have held.
    ``parent`` is the drawn unit in which the group lies, empty in stage 1. ``certain`` are
    the units of the group that were taken with certainty: nobody stands for them.
    """

    stage: int
    parent: str
    group: str
    drawn: tuple[Row, ...]
    reserves: tuple[Row, ...]
    exact: bool
    certain: tuple[Row, ...] = ()

    @property
    def place(self) -> str:
        """Stage, unit and group, for people."""
        return " / ".join(part for part in (str(self.stage), self.parent, self.group) if part)


def queues_of(
    design: SampleDesign,
    strata: Sequence[Told],
    within: Sequence[Told],
    rows: Iterable[Row],
) -> list[Queue]:
    """Return the queues of what was drawn, those of each stage after those above it.

    Parameters
    ----------
    strata, within
        What the record of a draw tells of stage 1 and of the later stages.
    rows
        Drawn rows and reserves.
    """
    held = {(row.stage, row.unit_id): row for row in rows}
    found = [_of_group(told, 1, "", held) for told in strata]
    for told in within:
        groups = told.get("strata")
        if isinstance(groups, list):
            stage, parent = int(str(told["stage"])), str(told["unit_id"])
            found += [_of_group(group, stage, parent, held) for group in groups]
    return found + _of_lists(design, held.values())


def _of_group(told: Told, stage: int, parent: str, rows: Mapping[tuple[int, str], Row]) -> Queue:
    sure = {str(one["unit_id"]) for one in _listed(told["certainties"])}
    drawn = [rows[stage, one] for one in _texts(told["drawn"]) if one not in sure]
    spare = [rows[stage, one] for one in _texts(told["reserves"])]
    certain = [rows[stage, one] for one in _texts(told["drawn"]) if one in sure]
    exact = told["method"] in IN_HASH_ORDER
    group = str(told["stratum"])
    return Queue(stage, parent, group, tuple(drawn), tuple(spare), exact, tuple(certain))


def _of_lists(design: SampleDesign, rows: Iterable[Row]) -> list[Queue]:
    stage = design.listing
    if stage is None:
        return []
    number = design.stages.index(stage) + 1
    held: dict[str, list[Row]] = {}
    for row in rows:
        if row.stage == number:
            held.setdefault(row.unit_id.rsplit("-", 1)[0], []).append(row)
    exact = stage.method in IN_HASH_ORDER
    return [
        Queue(
            number,
            parent,
            "",
            tuple(row for row in group if row.role == "drawn"),
            tuple(row for row in group if row.role == "reserve"),
            exact,
        )
        for parent, group in held.items()
    ]


def _listed(value: object) -> list[dict[str, object]]:
    return list(value) if isinstance(value, list) else []


def _texts(value: object) -> list[str]:
    return [str(one) for one in value] if isinstance(value, list) else []
