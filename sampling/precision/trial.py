"""A design tried out with other numbers: more or fewer units, another take, another budget."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from intake.findings import DesignError
from sampling import allocation
from sampling.design import SampleDesign
from sampling.precision.expected import Expected, expected
from sampling.precision.layout import Floats, Layout
from sampling.precision.spread import Spread


@dataclass(frozen=True)
class Trial:
    """A design on its frame, and what it would be with other totals and takes.

    ``takes`` are the design's own units by stratum. Other totals are shared out in proportion
    to them; strata whose units are all certain stay whole, and no stratum falls below two
    drawn units, unless it has fewer itself.
    """

    design: SampleDesign
    layout: Layout
    takes: NDArray[np.int64]
    spread: Spread
    interval: str = "t"

    @cached_property
    def base(self) -> Expected:
        """What the design itself brings."""
        return expected(self.design, self.layout, self.takes, self.spread, interval=self.interval)

    @property
    def between(self) -> float:
        """The standard deviation of the true values of stage-1 units.

        ``spread`` of the targets, else the root of the variance between them.
        """
        first = self.spread.components(len(self.design.stages))[0]
        return self.design.targets.get("spread", math.sqrt(first))

    @property
    def take(self) -> float:
        """Cases issued in each list (persons, households, visits), on average."""
        place = self.layout.list_step
        return float(np.mean(self.layout.steps[place].issued)) if place >= 0 else 1.0

    @cached_property
    def bounds(self) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """The least and the most units that each stratum can give."""
        counts = self.layout.counts.astype(np.int64)
        size = len(self.layout.strata)
        sure = np.bincount(self.layout.stratum, self.layout.certain, size).astype(np.int64)
        least = np.minimum(self.takes, sure + np.minimum(2, counts - sure))
        whole = sure == counts
        return np.where(whole, counts, least), counts

    @property
    def fixed(self) -> bool:
        """Whether every unit of stage 1 is taken, so that only the last take can change."""
        least, most = self.bounds
        return bool((least == most).all()) or bool((self.takes == most).all())

    def shared(self, total: float) -> NDArray[np.int64]:
        """Return units by stratum that add to a total, as near to it as bounds allow."""
        least, most = self.bounds
        kept = int(np.clip(round(total), least.sum(), most.sum()))
        if kept == int(self.takes.sum()):
            return self.takes
        made = allocation.proportional(kept, self.takes, floor=least, cap=most)
        return np.asarray(made, dtype=np.int64)

    def at(self, total: float | None = None, take: float | None = None) -> Expected:
        """Return what the design brings with so many units and cases in each list."""
        return self.with_takes(self.takes if total is None else self.shared(total), take)

    def with_takes(self, takes: NDArray[np.int64], take: float | None = None) -> Expected:
        """Return what the design brings with other units by stratum and cases in each list."""
        within = None if take is None else {self.layout.list_step + 2: take}
        return expected(
            self.design, self.layout, takes, self.spread, within=within, interval=self.interval
        )

    def costs(self, found: Expected) -> Floats:
        """Return the cost by stratum: units, second-stage units and expected interviews."""
        costs, size = self.design.costs, len(self.layout.strata)
        each = found.answers * costs.get("per_interview", 0.0)
        if found.stages > 2:
            each = each + found.second * costs.get("per_secondary", 0.0)
        inside = np.bincount(self.layout.stratum, found.chances * each, size)
        return np.asarray(found.takes * costs.get("per_unit", 0.0) + inside, dtype=np.float64)

    def cost(self, found: Expected) -> float:
        """Return the cost of all, with what is spent whatever is drawn (``fixed``)."""
        return self.design.costs.get("fixed", 0.0) + float(self.costs(found).sum())

    def for_budget(self, budget: float, take: float | None = None) -> Expected:
        """Return the largest design that a budget pays for, at most the whole frame.

        Raises
        ------
        DesignError
            Not even the smallest design costs so little.
        """

        def tried(number: float) -> Expected:
            return self.at(take=number) if self.fixed else self.at(number, take)

        least, most = self.range()
        if not least <= most or self.cost(tried(least)) > budget * (1 + 1e-12):
            lowest = self.cost(tried(least))
            raise DesignError.of(
                "precision-budget-too-small",
                f"Kinh phí {budget:,.0f} không đủ: thiết kế nhỏ nhất đã tốn {lowest:,.0f}.",
                f"The budget of {budget:,.0f} is too small: the smallest design costs "
                f"{lowest:,.0f}.",
                "Tăng kinh phí, hoặc giảm số phiếu mỗi đơn vị.",
                "Raise it, or take fewer in each unit.",
                path="budgets",
            )
        number = largest(lambda at: self.cost(tried(at)) <= budget * (1 + 1e-12), least, most)
        return tried(number)

    def range(self) -> tuple[int, int]:
        """Return the least and the most of what can change: units, or else the last take."""
        least, most = self.bounds
        if not self.fixed:
            return int(least.sum()), int(most.sum())
        return 1, self.layout.longest


def largest(holds: Callable[[int], bool], least: int, most: int) -> int:
    """Return the largest whole number for which something holds that holds for the least."""
    low, high = least, most
    while low < high:
        middle = (low + high + 1) // 2
        low, high = (middle, high) if holds(middle) else (low, middle - 1)
    return low


def smallest(holds: Callable[[int], bool], least: int, most: int) -> int | None:
    """Return the smallest whole number for which something holds, or None."""
    if not holds(most):
        return None
    low, high = least, most
    while low < high:
        middle = (low + high) // 2
        low, high = (low, middle) if holds(middle) else (middle + 1, high)
    return low
