"""The variance that a design can be expected to have, over all, by stratum and by domain.

For the mean of a group g, estimated as a ratio (weighted sum over sum of weights),

    V_g = Σ_{i in g} W_i² [ (1/π_i − 1) σ²_1 + v_i / π_i ],     W_i = M_i / Σ_g M_i,
    v_i = (1 − f_2) σ²_2 / n_2 + (1 − f_3) σ²_3 / (n_2 n_3) + …

where unit i stands for M_i persons and is drawn with the probability π_i; σ²_k is the variance
between the units of stage k inside one of the stage before, n_k the expected number of them that
answer for it and f_k their part of all. It is the variance over the draw and over a population
whose units differ at random (anticipated variance): units drawn with certainty leave σ²_1 out,
the first term carries the finite population correction of stage 1, and unequal weights count of
themselves. ``relvariance`` of the targets is cv_w² of weights that the design does not make
(nonresponse, calibration, one person of each household); it multiplies by 1 + cv_w². With equal
takes, equal weights and few of many units drawn V_g is S² / n times 1 + (b̄ − 1) ρ. Units within
units are taken as drawn with equal chances.

References
----------
Isaki, C. T., Fuller, W. A. (1982). Survey design under the regression superpopulation model.
Journal of the American Statistical Association 77, 89-96.
Särndal, C.-E., Swensson, B., Wretman, J. (1992). Model Assisted Survey Sampling, sections 4.3
and 12.2.
Kish, L. (1987). Weighting in deft². The Survey Statistician, June 1987, 26-30.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from sampling.design import SampleDesign
from sampling.precision.layout import Floats, Layout
from sampling.precision.refusals import check_choice, check_number
from sampling.precision.spread import Spread


@dataclass(frozen=True)
class Expected:
    """What each primary unit brings where it is drawn, and what each group can expect.

    Arrays over units: ``chances`` π, ``issued`` and ``answers`` of a drawn unit, ``inner`` v_i
    (the variance of the unit's own mean). ``takes`` are units drawn by stratum.
    """

    layout: Layout
    spread: Spread
    takes: NDArray[np.int64]
    chances: Floats
    issued: Floats
    answers: Floats
    second: Floats
    inner: Floats
    stages: int
    level: float
    interval: str
    relvariance: float

    def groups(self, labels: NDArray[np.intp], count: int) -> dict[str, Floats]:
        """Return, by group: units, answers, se, deff, its parts, df and half_width."""
        pi, layout = self.chances, self.layout
        persons = np.bincount(labels, layout.persons, count)
        outer = self.spread.components(self.stages)[0] if self.stages > 1 else 0.0
        each = layout.persons**2 * ((1 / pi - 1) * outer + self.inner / pi)
        with np.errstate(divide="ignore", invalid="ignore"):
            variance = np.bincount(labels, each, count) / persons**2 * (1 + self.relvariance)
            answers = np.bincount(labels, pi * self.answers, count)
            weight = layout.persons / (pi * self.answers)
            squares = np.bincount(labels, layout.persons * weight, count)
            unequal = answers * squares / persons**2 * (1 + self.relvariance)
            deff = variance / (self.spread.variance / answers)
        df = np.round(self._freedom(labels, count), 9)
        se = np.sqrt(variance)
        return {
            "units": np.bincount(labels, pi, count),
            "answers": answers,
            "se": se,
            "deff": deff,
            "deff_weights": unequal,
            "df": df,
            "half_width": se * critical(df, self.level, self.interval),
        }

    def overall(self) -> dict[str, float]:
        """Return the figures of all units together."""
        every = np.zeros(len(self.chances), dtype=np.intp)
        return {name: float(values[0]) for name, values in self.groups(every, 1).items()}

    def by_stratum(self) -> dict[str, Floats]:
        """Return the figures of each stratum."""
        return self.groups(self.layout.stratum, len(self.layout.strata))

    def by_domain(self, column: str) -> tuple[list[str], dict[str, Floats]]:
        """Return the values of a domain column, sorted, and the figures of each."""
        names, labels = np.unique(np.array(self.layout.domains[column]), return_inverse=True)
        return [str(name) for name in names], self.groups(labels, len(names))

    def _freedom(self, labels: NDArray[np.intp], count: int) -> Floats:
        """Return PSUs less strata; in a unit drawn with certainty its own parts are the PSUs."""
        sure = self.chances >= 1 - 1e-12
        size = len(self.layout.strata)
        cell = labels * size + self.layout.stratum
        drawn = np.bincount(cell, np.where(sure, 0.0, self.chances), count * size)
        free = np.maximum(drawn - 1, 0.0).reshape(count, size).sum(axis=1)
        if self.stages == 1:
            # Each drawn unit answers for itself, also where a stratum is taken whole.
            drawn = np.bincount(cell, self.chances * self.answers, count * size)
            return np.asarray(np.maximum(drawn - 1, 0.0).reshape(count, size).sum(axis=1))
        parts = self.second if self.stages > 2 else self.answers
        inside = np.where(sure, np.maximum(parts - 1, 0.0), 0.0)
        return np.asarray(free + np.bincount(labels, inside, count))


def expected(
    design: SampleDesign,
    layout: Layout,
    takes: Sequence[int] | NDArray[np.int64],
    spread: Spread,
    *,
    within: Mapping[int, float] | None = None,
    interval: str = "t",
) -> Expected:
    """Work out what a design can be expected to bring on the units of a frame.

    Parameters
    ----------
    design, layout
        ``layout`` comes from ``lay_out``.
    takes
        Shape (H,): units of stage 1 drawn in each stratum.
    spread
        Mean, variance and its parts.
    within
        Takes of later stages other than the design's, by number of the stage (2, 3, 4).
    interval
        ``t`` on the design's degrees of freedom, or ``z``.

    Examples
    --------
    >>> from sampling.frame import Frame
    >>> from sampling.precision.layout import lay_out
    >>> rows = [{"unit_id": f"c{at:03d}", "unit_name": "c", "province": "p", "stratum": "s",
    ...          "size": 1000} for at in range(100)]
    >>> design = SampleDesign.from_dict({"version": 1, "stages": [
    ...     {"unit": "commune", "method": "srs", "take": 10},
    ...     {"unit": "person", "method": "srs", "take": 21}]})
    >>> found = expected(design, lay_out(design, Frame.from_rows(rows)), [10],
    ...                  Spread.of_share(0.5, 0.05), interval="z")
    >>> round(found.overall()["deff"], 3)  # 1 + 20 · 0.05 = 2, less 10 % at stage 1
    1.875
    """
    planning = design.planning
    check_choice("interval", interval, ("t", "z"))
    response = check_number("response", planning["response"], 0, 1, ends=(False, True))
    eligible = check_number("eligible", planning.get("eligible", 1.0), 0, 1, ends=(False, True))
    chances = layout.chances(takes)
    stages = len(design.stages)
    parts = spread.components(stages)
    inner, number = np.zeros(len(chances)), np.ones(len(chances))
    second = np.ones(len(chances))
    for place, step in enumerate(layout.steps, start=1):
        other = (within or {}).get(place + 1)
        issued = step.issued if other is None else step.with_take(other)
        rate = response * eligible if place == stages - 1 else 1.0
        held = step.held * (eligible if place == stages - 1 else 1.0)
        told = np.maximum(issued * rate, 1e-9)
        inner += np.maximum(1 - told / held, 0.0) * parts[place] / (number * told)
        number = number * issued
        if place == 1:
            second = issued if stages > 2 else issued * rate
    if stages == 1:
        # The units are the respondents: no lists in them, the correction sits in stage 1.
        told = np.full(len(chances), response * eligible)
        inner = spread.variance * (1 - chances * response) / told
    return Expected(
        layout=layout,
        spread=spread,
        takes=np.asarray(takes, dtype=np.int64),
        chances=chances,
        issued=number,
        answers=number * response * eligible,
        second=second,
        inner=inner,
        stages=stages,
        level=check_number("level", planning["level"], 0, 1),
        interval=interval,
        relvariance=check_number(
            "relvariance", planning.get("relvariance", 0.0), 0, np.inf, ends=(True, False)
        ),
    )


def critical(df: Floats, level: float, interval: str) -> Floats:
    """Return the quantile of a two-sided interval; not a number without degrees of freedom."""
    from scipy import special

    tail = (1 + level) / 2
    if interval == "z":
        return np.full(np.shape(df), float(special.ndtri(tail)))
    return np.where(df > 0, special.stdtrit(np.where(df > 0, df, 1.0), tail), np.nan)
