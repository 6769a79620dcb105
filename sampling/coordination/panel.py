"""A rotating panel: groups of units that enter, stay for some rounds, leave and rest.

A unit's group is the part of the circle on which its permanent number lies: group g of G
holds the numbers from g/G up to (g + 1)/G. Each round one new group enters. With a stay of k
rounds in turn, round t asks the groups t, t + 1, … t + k − 1 (counted from 0, modulo G). A
pattern of lengths in, out, in, … asks a group again after a rest: with (2, 2, 2) it is in for
two rounds, out for two, in for two, as in labour force surveys, and round t asks the groups
t, t + 1, t + 4 and t + 5.

A published draw does the same with ``method: poisson``, and for each stay of the pattern
``rate: stay/G`` and ``coordination: {seed, shift}`` as ``Rotation.arcs`` gives them.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import accumulate
from typing import TYPE_CHECKING

from intake.findings import DesignError
from sampling.coordination.exact import whole_of
from sampling.coordination.permanent import permanent_numbers

if TYPE_CHECKING:
    import pandas as pd


Stay = int | Sequence[int]


@dataclass(frozen=True)
class Rotation:
    """Which groups are asked in which round; groups count from 0, rounds from 1.

    ``pattern`` holds the lengths in, out, in, … of a group from its first round to its last.
    """

    rounds: int
    groups: int
    pattern: tuple[int, ...]

    @property
    def stay(self) -> int:
        """In how many rounds a group is asked; so many groups are asked in a round."""
        return sum(self.pattern[::2])

    @property
    def rate(self) -> Fraction:
        """Which part of all units is asked in a round: the inclusion probability of each."""
        return Fraction(self.stay, self.groups)

    @property
    def rest(self) -> int:
        """How many rounds a group rests after its last round before it enters again."""
        return self.groups - sum(self.pattern)

    def asked(self, number: int) -> tuple[int, ...]:
        """Return the groups asked in a round, the one that leaves next first."""
        first = whole_of(number, "number") - 1
        return tuple(
            (first + start + step) % self.groups
            for start, stay in self._stays()
            for step in range(stay)
        )

    def arcs(self, number: int) -> tuple[tuple[Fraction, Fraction], ...]:
        """Return ``shift`` and ``rate`` of the draws that make up a round, one for each stay.

        No unit is in two of them; in their union each has the probability ``rate`` of the
        rotation.
        """
        first = whole_of(number, "number") - 1
        return tuple(
            (Fraction((first + start) % self.groups, self.groups), Fraction(stay, self.groups))
            for start, stay in self._stays()
        )

    def shift(self, number: int) -> Fraction:
        """Return the ``shift`` of the first of these draws; the only one without a rest."""
        return self.arcs(number)[0][0]

    def overlap(self, first: int, second: int) -> Fraction:
        """Return the expected share of one round's units that another round asks, too."""
        both = set(self.asked(first)) & set(self.asked(second))
        return Fraction(len(both), self.stay)

    def _stays(self) -> list[tuple[int, int]]:
        """Return start and length of each stay on the circle, the last stay of a group first."""
        # The group that entered last lies furthest ahead, so the pattern runs backwards.
        lengths = self.pattern[::-1]
        starts = accumulate(lengths, initial=0)
        return list(zip(starts, lengths, strict=False))[::2]


def rotation(rounds: int, groups: int, stay: Stay) -> Rotation:
    """Return a rotation: each round one group enters, and one leaves at the end of each stay.

    Parameters
    ----------
    rounds
        Rounds planned.
    groups
        Parts into which the population is cut.
    stay
        Rounds for which a group is asked in turn; or the lengths in, out, in, … of a
        pattern: ``(2, 2, 2)`` for two rounds in, two out, two in.

    Raises
    ------
    DesignError
        A number is not whole and positive, a pattern does not end with a stay, or it is
        longer than there are groups: a group would enter again before it has left.

    Examples
    --------
    >>> plan = rotation(rounds=4, groups=8, stay=2)
    >>> [plan.asked(number) for number in (1, 2, 3)], plan.overlap(1, 2), plan.rest
    ([(0, 1), (1, 2), (2, 3)], Fraction(1, 2), 6)
    >>> plan = rotation(rounds=12, groups=12, stay=(2, 2, 2))
    >>> plan.asked(1), plan.rate, [str(plan.overlap(1, other)) for other in (2, 3, 4, 5, 6)]
    ((0, 1, 4, 5), Fraction(1, 3), ['1/2', '0', '1/4', '1/2', '1/4'])
    """
    pattern = tuple(stay) if isinstance(stay, Sequence) else (stay,)
    for value, name in (
        (rounds, "rounds"),
        (groups, "groups"),
        *((one, "stay") for one in pattern),
    ):
        whole_of(value, name)
    if len(pattern) % 2 == 0:
        raise DesignError.of(
            "coordination-pattern-open",
            f"Mẫu hình luân phiên {list(pattern)} phải bắt đầu và kết thúc bằng số vòng được hỏi.",
            f"The pattern {list(pattern)} must begin and end with rounds in.",
            "Ví dụ (2, 2, 2): hỏi hai vòng, nghỉ hai vòng, hỏi hai vòng.",
            "Such as (2, 2, 2): two rounds in, two out, two in.",
            path="stay",
        )
    if sum(pattern) > groups:
        raise DesignError.of(
            "coordination-stay-too-long",
            f"Mỗi nhóm cần {sum(pattern)} vòng từ đầu đến cuối nhưng chỉ có {groups} nhóm.",
            f"A group takes {sum(pattern)} rounds from first to last, but there are {groups} "
            "groups.",
            f"Cần ít nhất {sum(pattern)} nhóm, hoặc rút ngắn stay.",
            f"Make at least {sum(pattern)} groups, or shorten the stay.",
            path="stay",
        )
    return Rotation(rounds, groups, pattern)


def rotation_schedule(
    seed: str, ids: Iterable[str], *, groups: int, rounds: int, stay: Stay
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
