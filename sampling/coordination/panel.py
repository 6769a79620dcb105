"""A rotating panel: groups of units that enter, stay for some rounds, leave and rest.

A unit's group is the part of the circle on which its permanent number lies: group g of G
holds the numbers from g/G up to (g + 1)/G. Round t asks the groups t, t + 1, … as many as
stay together. A published draw does the same with ``method: poisson``, ``rate: stay/G`` and
``coordination: {seed, shift: t/G}``.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING

from intake.findings import DesignError
from sampling.coordination.exact import whole_of
from sampling.coordination.permanent import permanent_numbers

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True)
class Rotation:
    """Which groups are asked in which round; groups count from 0, rounds from 1."""

    rounds: int
    groups: int
    stay: int

    @property
    def rate(self) -> Fraction:
        """Which part of all units is asked in a round."""
        return Fraction(self.stay, self.groups)

    @property
    def rest(self) -> int:
        """How many rounds a group rests before it is asked again."""
        return self.groups - self.stay

    def asked(self, number: int) -> tuple[int, ...]:
        """Return the groups asked in a round, the one that leaves next first."""
        first = whole_of(number, "number") - 1
        return tuple((first + step) % self.groups for step in range(self.stay))

    def shift(self, number: int) -> Fraction:
        """Return the ``shift`` of the stage's coordination in a round."""
        return Fraction((whole_of(number, "number") - 1) % self.groups, self.groups)

    def overlap(self, first: int, second: int) -> Fraction:
        """Return the expected share of one round's units that another round asks, too."""
        both = set(self.asked(first)) & set(self.asked(second))
        return Fraction(len(both), self.stay)


def rotation(rounds: int, groups: int, stay: int) -> Rotation:
    """Return a rotation: each round one group leaves and the next enters.

    Parameters
    ----------
    rounds
        Rounds planned.
    groups
        Parts into which the population is cut.
    stay
        Rounds for which a group is asked in turn; so many groups are asked in each round.

    Raises
    ------
    DesignError
        A number is not whole and positive, or more groups would stay than there are.

    Examples
    --------
    >>> plan = rotation(rounds=4, groups=8, stay=2)
    >>> [plan.asked(number) for number in (1, 2, 3)], plan.overlap(1, 2), plan.rest
    ([(0, 1), (1, 2), (2, 3)], Fraction(1, 2), 6)
    """
    for value, name in ((rounds, "rounds"), (groups, "groups"), (stay, "stay")):
        whole_of(value, name)
    if stay > groups:
        raise DesignError.of(
            "coordination-stay-too-long",
            f"Mỗi vòng hỏi {stay} nhóm nhưng chỉ có {groups} nhóm.",
            f"{stay} groups would be asked in a round, but there are {groups}.",
            f"Chọn stay từ 1 đến {groups}.",
            f"Give a stay of 1 to {groups}.",
            path="stay",
        )
    return Rotation(rounds, groups, stay)


def rotation_schedule(
    seed: str, ids: Iterable[str], *, groups: int, rounds: int, stay: int
) -> pd.DataFrame:
    """Return in which rounds each unit is asked.

    Units that come later get their group from their own number, and nobody changes group
    because others come or go. Groups are of equal size in expectation.

    Returns
    -------
    pandas.DataFrame
        A row for each id: ``unit_id``, ``number`` (its permanent number), ``group`` from 0,
        ``round_1`` … (asked or not), ``asked`` (in how many rounds).
    """
    import pandas as pd

    plan = rotation(rounds, groups, stay)
    numbers = permanent_numbers(seed, ids)
    table = pd.DataFrame({"unit_id": list(numbers)}, dtype=object)
    table["number"] = [float(number) for number in numbers.values()]
    table["group"] = [int(number * groups) for number in numbers.values()]
    names = [f"round_{number}" for number in range(1, rounds + 1)]
    for number, name in enumerate(names, start=1):
        table[name] = table["group"].isin(plan.asked(number))
    table["asked"] = table[names].sum(axis="columns").astype("int64")
    return table
