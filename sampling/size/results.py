"""What a size calculation answers. Sizes are cases to issue unless said otherwise.

Everywhere ``n`` is rounded up and ``exact`` is what the formula gives.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from intake.findings import Words

if TYPE_CHECKING:
    import pandas as pd

NOTHING_ASSUMED = Words("", "")


@dataclass(frozen=True)
class SampleSize:
    """A number of cases to issue: rounded up, and as the formula gives it.

    ``respondents`` are those who must answer (after the design effect, before nonresponse
    and ineligibles). ``possible`` is False where more cases would be issued than the
    population's list holds. ``assumptions`` say what the formula takes for granted.
    """

    n: int
    exact: float
    respondents: float = math.nan
    possible: bool = True
    assumptions: Words = NOTHING_ASSUMED


@dataclass(frozen=True)
class PairSizes(SampleSize):
    """The cases of two groups or rounds; ``n`` and ``exact`` are those of the first."""

    second: int = 0
    exact_second: float = math.nan

    @property
    def total(self) -> int:
        """Cases of both together; persons asked in both rounds count twice."""
        return self.n + self.second


@dataclass(frozen=True)
class ClusterSize:
    """Clusters, interviews in each, what they cost together and the cv they bring."""

    n: int
    exact: float
    clusters: float
    take: float
    cost: float
    cv: float = math.nan


@dataclass(frozen=True)
class ThreeStageSize:
    """First-stage units, second-stage units in each, interviews in each of these."""

    n: int
    exact: float
    clusters: float
    units: float
    take: float
    cost: float
    cv: float


@dataclass(frozen=True)
class DomainSizes:
    """Cases to issue in many domains, each with its own target.

    All arrays have shape (D,), in the order of ``names``. Where ``possible`` is False the
    whole list of the domain is too short; ``nearest`` is the precision (in the terms of
    ``precision``: margin, relative margin or cv) that issuing the whole list brings, which
    elsewhere is the target itself.
    """

    names: tuple[str, ...]
    n: NDArray[np.int64]
    exact: NDArray[np.float64]
    respondents: NDArray[np.float64]
    possible: NDArray[np.bool_]
    nearest: NDArray[np.float64]
    precision: str

    @property
    def total(self) -> int:
        """Cases of all domains together."""
        return int(self.n.sum())

    @property
    def unmet(self) -> tuple[str, ...]:
        """The domains whose target no sample of their list reaches."""
        return tuple(name for name, met in zip(self.names, self.possible, strict=True) if not met)

    @property
    def table(self) -> pd.DataFrame:
        """One row a domain."""
        import pandas as pd

        return pd.DataFrame(
            {
                "domain": self.names,
                "n": self.n,
                "exact": self.exact,
                "respondents": self.respondents,
                "possible": self.possible,
                f"nearest_{self.precision}": self.nearest,
            }
        )
