"""Rotating panels: groups by permanent numbers, and which of them each round asks."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from sampling.chance import WHOLE
from sampling.coordination.checks import checked_count
from sampling.coordination.numbers import whole_numbers


def rotation_groups(ids: Iterable[str], groups: int, seed: str) -> dict[str, int]:
    """Return the group of each unit, 1 … ``groups``, for good.

    The circle of permanent numbers is cut into arcs of equal length; group g holds the
    numbers from (g − 1)/G to g/G. Births and deaths move nobody else to another group. Group
    sizes are a matter of chance: each unit is in each group with probability 1/G.

    Parameters
    ----------
    ids
        Units, each once.
    groups
        Number of groups G, 1 or more.
    seed
        Whose numbers; see `numbers.whole_numbers`.

    Raises
    ------
    DesignError
        ``coordination-count-invalid`` and those of `numbers.whole_numbers`.

    Examples
    --------
    >>> rotation_groups(["a", "b", "c"], 4, "0" * 64)
    {'c': 1, 'a': 2, 'b': 3}
    """
    count = checked_count(groups, "groups", 1)
    return {
        one: 1 + number * count // WHOLE for one, number in whole_numbers(ids, seed).items()
    }


@dataclass(frozen=True)
class Turn:
    """One round of a rotating panel: groups asked, of them the new ones, and who left."""

    round: int
    asked: tuple[int, ...]
    entering: tuple[int, ...]
    leaving: tuple[int, ...]


def rotation_schedule(groups: int, pattern: Sequence[int], rounds: int) -> tuple[Turn, ...]:
    """Return who is asked in each round of a rotating panel.

    Parameters
    ----------
    groups
        Number of groups G, on a circle: each round, every group grows one round older.
    pattern
        Rounds in and out by turns, in first: ``(3,)`` asks three rounds running, ``(2, 2, 2)``
        two, rests two, asks two more. Its sum is at most G; for the remaining rounds of the
        circle a group rests.
    rounds
        Number of rounds.

    Returns
    -------
    tuple of Turn
        Each round asks as many groups as the pattern has rounds in. From one round to the
        next, the share of groups kept is (rounds in − number of entries)/(rounds in).

    Raises
    ------
    DesignError
        ``coordination-count-invalid``.

    Examples
    --------
    >>> [turn.asked for turn in rotation_schedule(4, (2,), 3)]
    [(1, 4), (1, 2), (2, 3)]
    """
    count = checked_count(groups, "groups", 1)
    rounds = checked_count(rounds, "rounds", 1)
    checked_count(len(pattern), "len(pattern)", 1)
    for place, length in enumerate(pattern):
        checked_count(length, f"pattern[{place}]", 1)
    checked_count(sum(pattern), "sum(pattern)", 1, count)
    ages: set[int] = set()
    age = 0
    for place, length in enumerate(pattern):
        if place % 2 == 0:
            ages |= set(range(age, age + length))
        age += length
    turns: list[Turn] = []
    before = _asked(count, ages, 0)
    for number in range(1, rounds + 1):
        now = _asked(count, ages, number)
        entering, leaving = (set(now) - set(before)), (set(before) - set(now))
        turns.append(Turn(number, now, tuple(sorted(entering)), tuple(sorted(leaving))))
        before = now
    return tuple(turns)


def _asked(groups: int, ages: set[int], number: int) -> tuple[int, ...]:
    return tuple(one for one in range(1, groups + 1) if (number - one) % groups in ages)
