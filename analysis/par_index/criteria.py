"""The rules of an index year for one block of agencies, as values.

An index year is a tree of domains, criteria and sub-criteria with their maxima, the bands by
which totals are classified, and who owes a review report. All of it changes by decision, so
all of it is data; each part names the decision that says so, or ``unverified``.

Points are in the unit of the tree, usually 100 in all.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date

from intake.findings import Words

UNVERIFIED = "unverified"
KINDS = ("points", "linear", "step", "ratio", "boolean", "deduction", "survey")
RULES = ("top2", "mean5", "mean04")
SCOPES = ("unit", "all")


@dataclass(frozen=True)
class Expression:
    """How what was found becomes points.

    ``points``: the council enters points. ``linear``: from ``low`` (no points) to ``high``
    (all points). ``step``: the points of the highest step reached. ``ratio``: value over
    ``target``. ``boolean``: 1 gives all points. ``deduction``: each one counted costs
    ``each``. ``survey``: the index of ``quantity`` under ``rule``, as a share of 100.
    """

    kind: str = "points"
    low: float = 0.0
    high: float = 100.0
    steps: tuple[tuple[float, float], ...] = ()
    target: float = 100.0
    each: float = 1.0
    quantity: str = ""
    rule: str = ""
    round: str = ""
    scope: str = "unit"

    def points(self, value: float, maximum: float) -> float:
        """Return the points of a value, between 0 and the maximum.

        Examples
        --------
        >>> Expression("deduction", each=0.5).points(3, 2.0)
        0.5
        >>> Expression("step", steps=((80, 1.0), (95, 2.0))).points(90, 2.0)
        1.0
        """
        share = 0.0
        if self.kind == "points":
            return min(max(value, 0.0), maximum)
        if self.kind == "step":
            reached = [points for floor, points in self.steps if value >= floor]
            return max(reached, default=0.0)
        if self.kind == "deduction":
            return min(max(maximum - self.each * value, 0.0), maximum)
        if self.kind == "linear":
            share = (value - self.low) / (self.high - self.low)
        elif self.kind == "ratio":
            share = value / self.target
        elif self.kind == "boolean":
            share = 1.0 if value >= 1 else 0.0
        elif self.kind == "survey":
            share = value / 100.0
        return maximum * min(max(share, 0.0), 1.0)


@dataclass(frozen=True)
class Criterion:
    """A domain, criterion or sub-criterion; only those without children have an expression."""

    code: str
    name: Words
    maximum: float
    source: str
    expression: Expression | None = None
    children: tuple[Criterion, ...] = ()
    owner: str = ""

    def leaves(self) -> Iterator[Criterion]:
        """Yield the parts that are scored themselves, in order."""
        if not self.children:
            yield self
        for child in self.children:
            yield from child.leaves()

    def walk(self) -> Iterator[Criterion]:
        """Yield this part and everything below it, parents first."""
        yield self
        for child in self.children:
            yield from child.walk()


@dataclass(frozen=True)
class Band:
    """A class of totals; ``floor`` belongs to it."""

    code: str
    name: Words
    floor: float


@dataclass(frozen=True)
class DutyRules:
    """Who owes a review report: thresholds, domains, head ratings, date, each clause as text."""

    source: str
    threshold: float
    domains: tuple[str, ...]
    domain_clause: Words
    head_ratings: tuple[str, ...]
    head_clause: Words
    month: int
    day: int

    def due_on(self, year: int) -> date:
        """Return the date by which reports about a year are due, in the year after."""
        return date(year + 1, self.month, self.day)


@dataclass(frozen=True)
class IndexYear:
    """The tree, bands and duties of one year and one block of agencies."""

    id: str
    year: int
    block: str
    title: Words
    source: str
    maximum: float
    rounds: Mapping[str, str]
    domains: tuple[Criterion, ...]
    bands_source: str
    bands: tuple[Band, ...]
    duties: DutyRules | None

    def leaves(self) -> tuple[Criterion, ...]:
        """Return everything that is scored itself."""
        return tuple(leaf for domain in self.domains for leaf in domain.leaves())

    def unverified(self) -> tuple[str, ...]:
        """Return the codes of criteria whose rule no decision confirms yet."""
        parts = [part for domain in self.domains for part in domain.walk()]
        return tuple(part.code for part in parts if part.source == UNVERIFIED)
