"""Counts how often intervals hold the truth, and says it with Monte-Carlo error."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np


@dataclass
class Tally:
    """One quantity over the repeated samples."""

    truth: float
    value: list[float] = field(default_factory=list)
    se: list[float] = field(default_factory=list)
    held: list[bool] = field(default_factory=list)

    @property
    def coverage(self) -> float:
        return float(np.mean(self.held))

    @property
    def error(self) -> float:
        """Monte-Carlo standard error of the coverage."""
        return float(np.sqrt(max(self.coverage * (1 - self.coverage), 1e-4) / len(self.held)))


@dataclass
class Tallies:
    """All quantities of a simulation."""

    of: dict[str, Tally] = field(default_factory=dict)

    def add(
        self, name: str, truth: float, value: float, se: float, low: float, high: float
    ) -> None:
        tally = self.of.setdefault(name, Tally(truth))
        tally.value.append(float(value))
        tally.se.append(float(se))
        tally.held.append(bool(low <= truth <= high))

    def show(self, title: str) -> None:
        rounds = max((len(tally.held) for tally in self.of.values()), default=0)
        print(f"\n{title}: {rounds} samples, simulated persons")
        print(f"{'quantity':44}{'truth':>9}{'coverage':>10}{'± MC':>7}{'bias/sd':>9}{'se/sd':>7}")
        for name, tally in self.of.items():
            values = np.array(tally.value)
            spread = values.std(ddof=1)
            bias = (values.mean() - tally.truth) / spread
            ratio = np.sqrt(np.mean(np.square(tally.se))) / spread
            print(
                f"{name:44}{tally.truth:>9.3f}{tally.coverage:>10.1%}{tally.error:>7.1%}"
                f"{bias:>9.2f}{ratio:>7.2f}"
            )
