"""Who of a queue was issued once some cases fell out, and what each then weighs.

The next in order replaces whoever falls out, until as many are active as were drawn or
nobody is left. With n drawn, X issued and m active, X is itself a matter of chance: the
last one issued is always active. The unbiased share of active cases is therefore
(m − 1)/(X − 1) (Haldane 1945, for sampling until a number is reached), and the weight of
an active case (m − 1)/(m (X − 1)) of what the whole queue stands for, that of one that
fell out 1/(X − 1). Where nobody is left, X is fixed and each weighs 1/X. By Rao and
Blackwell each is the expectation, given what was seen, of whether the first case is of
that kind, so that totals of every kind of case are unbiased whatever made cases fall out.

A refusal that is replaced stays a refusal: it keeps its weight, and the weights of the
active cases must be adjusted for nonresponse like any others.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from fractions import Fraction

from sampling.revision.queues import Queue
from sampling.sample import Row


@dataclass(frozen=True)
class Issued:
    """The rows of a queue that were issued, who replaced whom, and factors of their weights."""

    active: tuple[Row, ...]
    fallen: tuple[Row, ...]
    replaced_by: dict[str, str]
    exhausted: bool
    active_factor: Fraction
    fallen_factor: Fraction


def issue(queue: Queue, fallen: Collection[str]) -> Issued:
    """Return who of a queue is active when the cases ``fallen`` fell out, in queue order.

    Examples
    --------
    >>> row = lambda name: Row(name, "a", name, 1, 1, Fraction(1, 2), "drawn")
    >>> queue = Queue(1, "", "a", (row("u1"), row("u2")), (row("u3"), row("u4")), True)
    >>> found = issue(queue, {"u1", "u3"})
    >>> [one.unit_id for one in found.active], found.replaced_by
    (['u2', 'u4'], {'u1': 'u3', 'u3': 'u4'})
    """
    waiting = list(queue.reserves)
    issued = list(queue.drawn)
    replaced_by: dict[str, str] = {}
    exhausted = False
    place = 0
    while place < len(issued):
        one = issued[place]
        place += 1
        if one.unit_id not in fallen:
            continue
        if waiting:
            issued.append(waiting.pop(0))
            replaced_by[one.unit_id] = issued[-1].unit_id
        else:
            exhausted = True
    active = tuple(one for one in issued if one.unit_id not in fallen)
    out = tuple(one for one in issued if one.unit_id in fallen)
    for_active, for_fallen = factors(len(queue.drawn), len(issued), len(active), exhausted)
    return Issued(active, out, replaced_by, exhausted, for_active, for_fallen)


def factors(n: int, issued: int, active: int, exhausted: bool) -> tuple[Fraction, Fraction]:
    """Return by what the design weights of active and of fallen cases are multiplied.

    Examples
    --------
    >>> factors(10, 10, 10, False), factors(10, 13, 10, False)
    ((Fraction(1, 1), Fraction(1, 1)), (Fraction(3, 4), Fraction(5, 6)))
    """
    if not issued:
        return Fraction(1), Fraction(1)
    # One case alone gives no share: (m − 1) would be 0.
    if exhausted or active < 2 or issued == n:
        return Fraction(n, issued), Fraction(n, issued)
    return Fraction(n * (active - 1), active * (issued - 1)), Fraction(n, issued - 1)
