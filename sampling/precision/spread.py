"""How values differ, within and between units: what every expected variance is made from."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from sampling.precision.refusals import check_number


@dataclass(frozen=True)
class Spread:
    """The mean, the unit variance, and which part of it lies between the units of a stage.

    ``mean`` and the square root of ``variance`` are in the unit of the item: parts of one
    where ``share`` is true, else the item's own points. ``rho[k]`` is the part of the
    variance that lies between units of stage k + 1 inside one unit of stage k (between
    communes inside a stratum, between villages inside a commune …); what is left lies
    between persons. With two stages ``rho[0]`` is the intracluster correlation.

    Examples
    --------
    >>> [round(part, 3) for part in Spread.of_share(0.8, 0.05).components(2)]
    [0.008, 0.152]
    """

    mean: float
    variance: float
    rho: tuple[float, ...]
    share: bool = True

    def __post_init__(self) -> None:
        check_number("variance", self.variance, 0, float("inf"))
        for place, part in enumerate(self.rho):
            check_number(f"rho[{place}]", part, 0, 1, ends=(True, True))
        check_number("sum(rho)", sum(self.rho), 0, 1, ends=(True, True))

    @classmethod
    def of_share(cls, share: float, rho: float, *inner: float) -> Spread:
        """Return the spread of a 0/1 item: its variance is share · (1 − share)."""
        check_number("share", share, 0, 1)
        return cls(share, share * (1 - share), (rho, *inner))

    @classmethod
    def of_targets(cls, targets: Mapping[str, float]) -> Spread:
        """Return the spread that a design's planning figures assume.

        These are ``share`` and ``rho``; units of the stages in between are taken as alike.
        """
        return cls.of_share(targets["share"], targets["rho"])

    def components(self, stages: int) -> tuple[float, ...]:
        """Return the variance between the units of each stage, the last one taking the rest."""
        parts = [*self.rho, *[0.0] * stages][: stages - 1]
        inner = [part * self.variance for part in parts]
        return (*inner, self.variance - sum(inner))
