"""What more money buys: cost against the width of intervals and the chance to tell ranks apart."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from intake.findings import DesignError
from sampling.design import SampleDesign
from sampling.frame import Frame
from sampling.precision.expected import Expected
from sampling.precision.layout import lay_out
from sampling.precision.refusals import check_number
from sampling.precision.separation import share_separable, smallest_difference
from sampling.precision.spread import Spread
from sampling.precision.trial import Trial

if TYPE_CHECKING:
    import pandas as pd

FACTORS = (0.5, 0.75, 1.0, 1.25, 1.5, 2.0, 3.0)
CURVE_COLUMNS = (
    "factor",
    "cost",
    "units",
    "issued",
    "expected",
    "half_width",
    "told_apart",
    "difference",
)
TAKE_COLUMNS = ("take", "units", "expected", "cost", "half_width", "told_apart", "role")


@dataclass(frozen=True)
class Curve:
    """Designs of several sizes beside each other, and several takes at one cost.

    Attributes
    ----------
    rows
        One mapping per size with the keys of ``CURVE_COLUMNS``: ``factor`` of the design's
        own cost, units of stage 1, cases issued, answers expected, half-width of the mean of
        all, share of pairs of drawn units that a test tells apart (``told_apart``), the
        difference between two of them that it finds with a chance of 80 %.
    domain_rows
        One mapping per size and domain: ``factor, cost, column, domain, expected, half_width``.
    take_rows
        One mapping per take with the keys of ``TAKE_COLUMNS``, all for the design's own cost;
        ``role`` is ``design``, ``optimum`` or empty.
    optimal_take
        Cases to issue in each list, sqrt(C1 / C2 · σ²_w / σ²_b) over the rates of response and
        of eligible cases; not a number without costs, or where nothing is drawn inside units.
    """

    rows: tuple[Mapping[str, float], ...]
    domain_rows: tuple[Mapping[str, object], ...]
    take_rows: tuple[Mapping[str, object], ...]
    optimal_take: float
    take: float
    share: bool

    @property
    def table(self) -> pd.DataFrame:
        """The sizes."""
        import pandas as pd

        return pd.DataFrame(list(self.rows), columns=list(CURVE_COLUMNS))

    @property
    def domains(self) -> pd.DataFrame:
        """The domains of each size, one row each."""
        import pandas as pd

        columns = ("factor", "cost", "column", "domain", "expected", "half_width")
        return pd.DataFrame(list(self.domain_rows), columns=list(columns))

    @property
    def takes(self) -> pd.DataFrame:
        """Several takes for the cost of the design."""
        import pandas as pd

        return pd.DataFrame(list(self.take_rows), columns=list(TAKE_COLUMNS))


def precision_curve(
    design: SampleDesign,
    frame: Frame,
    takes: Mapping[str, int],
    *,
    factors: Sequence[float] | None = None,
    budgets: Sequence[float] | None = None,
    domains: Sequence[str] = (),
    spread: Spread | None = None,
    interval: str = "t",
) -> Curve:
    """Return cost and precision of a design in several sizes.

    Parameters
    ----------
    design, frame, takes
        ``takes`` are the units drawn in each stratum (``sampling.takes``).
    factors, budgets
        Sizes as parts of the design's own cost, or as amounts: one of them, or neither.
    domains
        Frame columns whose values are domains.
    spread
        Mean and variance of the item; that of the design's targets where not given.

    Raises
    ------
    DesignError
        Both are given, a factor or budget is not above 0, or a budget is too small.

    Notes
    -----
    The number of units grows and the take in each stays; where all units are taken, the take
    grows. Units are whole, so that a cost is met as nearly as possible from below.
    """
    layout = lay_out(design, frame, domains)
    numbers = np.array([takes[name] for name in layout.strata], dtype=np.int64)
    used = spread or Spread.of_targets(design.planning)
    return curve_of(Trial(design, layout, numbers, used, interval), factors, budgets)


def curve_of(
    trial: Trial,
    factors: Sequence[float] | None = None,
    budgets: Sequence[float] | None = None,
) -> Curve:
    """Return the curve of a design that is laid out already."""
    if factors is not None and budgets is not None:
        raise DesignError.of(
            "precision-sizes-unclear",
            "Chỉ ghi một trong hai: factors hoặc budgets.",
            "Sizes are given twice, as factors and as budgets.",
            "Bỏ một trong hai.",
            "Leave one of them out.",
            path="budgets",
        )
    own = trial.cost(trial.base)
    if budgets is not None:
        sizes = [trial.for_budget(check_number("budgets", each, 0, math.inf)) for each in budgets]
    else:
        asked = FACTORS if factors is None else factors
        sizes = [_sized(trial, check_number("factors", each, 0, math.inf)) for each in asked]
    distinct = {(tuple(size.takes.tolist()), round(trial.cost(size), 6)): size for size in sizes}
    rows, domain_rows = [], []
    for size in distinct.values():
        cost = trial.cost(size)
        factor = cost / own if own else float(size.takes.sum() / trial.takes.sum())
        rows.append({"factor": factor, "cost": cost, **figures(size, trial.between)})
        domain_rows += [{"factor": factor, "cost": cost, **row} for row in domain_figures(size)]
    best = optimal_take(trial)
    return Curve(
        tuple(rows), tuple(domain_rows), tuple(_take_rows(trial, best)), best, trial.take,
        trial.spread.share,
    )  # fmt: skip


def figures(found: Expected, spread: float | None = None) -> dict[str, float]:
    """Return units, issued, expected, half_width, told_apart and difference of a design."""
    whole = found.overall()
    apart, least = told_apart(found, spread)
    return {
        "units": float(found.takes.sum()),
        "issued": float(found.chances @ found.issued),
        "expected": whole["answers"],
        "half_width": whole["half_width"],
        "told_apart": apart,
        "difference": least,
    }


def told_apart(found: Expected, spread: float | None = None) -> tuple[float, float]:
    """Return the share of pairs of drawn units told apart, and the difference that 80 % find.

    True values of units differ with σ_1 of the planning figures, or with ``spread``; the
    standard error is that of a drawn unit's own mean. Not a number where units are persons.
    """
    if found.stages == 1:
        return math.nan, math.nan
    sd = math.sqrt(found.spread.components(found.stages)[0]) if spread is None else spread
    own = found.inner * (1 + found.relvariance)
    se = math.sqrt(max(float(found.chances @ own / found.chances.sum()), 1e-300))
    level = found.level
    return float(share_separable(sd, se, level=level)), float(smallest_difference(se, level=level))


def domain_figures(found: Expected) -> list[dict[str, object]]:
    """Return column, domain, units, expected, se, deff, df and half_width of each domain."""
    rows: list[dict[str, object]] = []
    for column in found.layout.domains:
        names, values = found.by_domain(column)
        rows += [
            {
                "column": column,
                "domain": name,
                "units": float(values["units"][at]),
                "expected": float(values["answers"][at]),
                "se": float(values["se"][at]),
                "deff": float(values["deff"][at]),
                "df": float(values["df"][at]),
                "half_width": float(values["half_width"][at]),
            }
            for at, name in enumerate(names)
        ]
    return rows


def optimal_take(trial: Trial) -> float:
    """Return the cases to issue in each list that give the most for the money.

    With x answers in a unit, the variance is (A + σ²_w / x) / n and the cost n (C1 + C2 x): the
    best x is sqrt(C1 / C2 · σ²_w / A), for two stages sqrt(C1 / C2 · (1 − ρ) / ρ) (Hansen,
    Hurwitz and Madow 1953, chapter 6). Stages in between keep their takes: their variance
    counts in A, their cost in C1. At most the longest list.
    """
    stages, costs = len(trial.design.stages), trial.design.costs
    unit, answer = costs.get("per_unit", 0.0), costs.get("per_interview", 0.0)
    if stages < 2 or trial.fixed or unit <= 0 or answer <= 0:
        return math.nan
    planning, base = trial.design.planning, trial.base
    rate = planning["response"] * planning.get("eligible", 1.0)
    parts = trial.spread.components(stages)
    outer, lists = parts[0], 1.0
    place = trial.layout.list_step
    for part, step in zip(parts[1 : place + 1], trial.layout.steps[:place], strict=True):
        lists *= float(np.mean(step.issued))
        outer += part / lists
    if stages > 2:
        unit += costs.get("per_secondary", 0.0) * float(np.mean(base.second))
    longest = float(trial.layout.longest)
    if outer <= 0:
        return longest
    best = math.sqrt(unit / answer * sum(parts[place + 1 :]) / outer) / (lists * rate)
    return min(max(best, 1.0), longest)


def _sized(trial: Trial, factor: float) -> Expected:
    """Return the design whose units (or, where all are taken, whose cases) are scaled."""
    if trial.fixed:
        least, most = trial.range()
        return trial.at(take=min(max(trial.take * factor, least), most))
    return trial.at(float(trial.takes.sum()) * factor)


def _take_rows(trial: Trial, best: float) -> list[dict[str, object]]:
    """Return takes around the best and the design's own, each for the design's cost."""
    if math.isnan(best):
        return []
    longest = float(trial.layout.longest)
    own, optimum = trial.take, max(round(best), 1)
    low, high = max(min(own, optimum) / 3, 1.0), min(max(own, optimum) * 2.0, longest)
    grid = {max(round(each), 1) for each in np.geomspace(low, max(high, low), 9).tolist()}
    rows: list[dict[str, object]] = []
    named = {round(own), optimum}
    others = {take for take in grid if all(abs(take - each) > 0.1 * each for each in named)}
    for take in sorted(others | named):
        try:
            found = trial.for_budget(trial.cost(trial.base), float(take))
        except DesignError:
            continue  # the smallest design with this take costs more
        shown = figures(found, trial.between)
        role = "design" if take == round(own) else "optimum" if take == optimum else ""
        rows.append(
            {
                "take": take,
                "units": shown["units"],
                "expected": shown["expected"],
                "cost": trial.cost(found),
                "half_width": shown["half_width"],
                "told_apart": shown["told_apart"],
                "role": role,
            }
        )
    return rows
