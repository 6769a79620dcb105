"""How many are drawn in each stratum, and what a design would bring and cost.

Nothing is drawn here: takes are shared out, and expected responses, precision and cost
follow from the planning figures of the design, or from an earlier round.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np

from intake.findings import Finding
from sampling.design import SampleDesign
from sampling.frame import Frame, FrameUnit
from sampling.precision.components import VarianceComponents
from sampling.precision.curve import Curve, curve_of, domain_figures, figures, optimal_take
from sampling.precision.layout import lay_out
from sampling.precision.ranking import COLUMNS as RANK_COLUMNS
from sampling.precision.ranking import unit_separation
from sampling.precision.reach import missed, over_budget
from sampling.precision.spread import Spread
from sampling.precision.trial import Trial
from sampling.takes import takes_of

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["DOMAIN_COLUMNS", "PLAN_COLUMNS", "Plan", "plan", "takes_of"]

PLAN_COLUMNS = (
    "stratum",
    "units",
    "size",
    "take",
    "issued",
    "expected",
    "deff",
    "half_width",
    "cost",
)
DOMAIN_COLUMNS = ("column", "domain", "units", "expected", "se", "deff", "df", "half_width")


@dataclass(frozen=True)
class Plan:
    """What a design would bring and cost, before anything is spent.

    ``rows`` has one mapping per stratum with the keys of ``PLAN_COLUMNS``, ``total`` the
    same for all strata together and besides ``df``, ``told_apart`` (share of pairs of drawn
    units that a test tells apart) and ``difference`` (between two of them, found with a chance
    of 80 %). Half-widths are in the unit of the item: parts of one for a share.
    """

    rows: tuple[Mapping[str, object], ...]
    total: Mapping[str, object]
    targets: Mapping[str, float]
    findings: tuple[Finding, ...]
    trial: Trial
    h_frame: str

    @property
    def table(self) -> pd.DataFrame:
        """The strata and, last, their total."""
        import pandas as pd

        return pd.DataFrame([*self.rows, self.total], columns=list(PLAN_COLUMNS))

    @cached_property
    def domain_rows(self) -> tuple[Mapping[str, object], ...]:
        """One mapping per domain with the keys of ``DOMAIN_COLUMNS``."""
        return tuple(domain_figures(self.trial.base))

    @property
    def domains(self) -> pd.DataFrame:
        """Every domain with what it can expect: ``DOMAIN_COLUMNS``."""
        import pandas as pd

        return pd.DataFrame(list(self.domain_rows), columns=list(DOMAIN_COLUMNS))

    @cached_property
    def curve(self) -> Curve:
        """Several sizes of the design, and several takes for its cost."""
        return curve_of(self.trial)

    @property
    def separation(self) -> pd.DataFrame:
        """What so many answers in each unit tell of the units' ranks, and what they cost."""
        import pandas as pd

        return pd.DataFrame(self._ranks, columns=list(RANK_COLUMNS))

    @cached_property
    def _ranks(self) -> list[dict[str, float]]:
        return unit_separation(self.trial)

    @property
    def optimal_take(self) -> float:
        """Cases to issue in each list that give the most for the money; nan where not known."""
        return optimal_take(self.trial)

    @property
    def h_design(self) -> str:
        """``H_design``, to be published before the draw."""
        return self.trial.design.sha256

    def figure(self, lang: str = "vi", kind: str = "cost") -> Any:  # noqa: ANN401
        """Return a chart of the plan (Altair): ``cost``, ``take``, ``ranks`` or ``pairs``."""
        from sampling.precision.figures import plan_figure

        return plan_figure(self.trial, self.curve, self._ranks, kind, lang)


def plan(
    design: SampleDesign,
    frame: Frame,
    *,
    domains: Sequence[str] | str = (),
    components: VarianceComponents | Spread | None = None,
    interval: str = "t",
) -> Plan:
    """Return takes, expected responses, expected precision and cost of a design.

    Per stratum: units held, persons they stand for by ``size``, units drawn, persons or visits
    issued, responses expected, design effect, half-width of the expected interval, and cost.
    The formula is that of ``sampling.precision.expected``: stages, finite populations, units
    drawn with certainty and unequal weights count.

    Parameters
    ----------
    design, frame
        What is to be drawn, and from what.
    domains
        Frame columns (or one) for whose values precision is wanted as well, besides the
        design's own.
    components
        Mean and variances from an earlier round (``variance_components``; its first item) in
        place of ``share`` and ``rho`` of the design's targets.
    interval
        ``t`` on the design's degrees of freedom (PSUs less strata), or ``z``.

    Raises
    ------
    DesignError
        The design cannot be carried out on the frame, or a column is missing.
    """
    takes, findings = takes_of(design, frame)
    spread = components.spread() if isinstance(components, VarianceComponents) else components
    named = (domains,) if isinstance(domains, str) else domains
    layout = lay_out(design, frame, tuple(dict.fromkeys((*design.domains, *named))))
    numbers = np.array([takes[name] for name in layout.strata], dtype=np.int64)
    used = spread or Spread.of_targets(design.planning)
    trial = Trial(design, layout, numbers, used, interval)
    rows = _rows(trial, design.strata_of(frame))
    told = components.findings if isinstance(components, VarianceComponents) else ()
    found = (*findings, *told, *missed(trial, design.planning), *over_budget(trial))
    return Plan(tuple(rows), _total(trial, rows), design.planning, found, trial, frame.sha256)


def _rows(trial: Trial, strata: Mapping[str, tuple[FrameUnit, ...]]) -> list[dict[str, object]]:
    base, layout = trial.base, trial.layout
    values, costs = base.by_stratum(), trial.costs(base)
    issued = np.bincount(layout.stratum, base.chances * base.issued, len(layout.strata))
    return [
        {
            "stratum": name,
            "units": int(layout.counts[at]),
            "size": sum(unit.size for unit in strata[name]),
            "take": int(trial.takes[at]),
            "issued": round(float(issued[at])),
            "expected": round(float(values["answers"][at]), 9),
            "deff": float(values["deff"][at]),
            "half_width": float(values["half_width"][at]),
            "cost": float(costs[at]),
        }
        for at, name in enumerate(layout.strata)
    ]


def _total(trial: Trial, rows: Sequence[Mapping[str, object]]) -> dict[str, object]:
    whole, shown = trial.base.overall(), figures(trial.base, trial.between)
    sums = {key: sum(int(str(row[key])) for row in rows)
            for key in ("units", "size", "take", "issued")}  # fmt: skip
    return {
        "stratum": "",
        **sums,
        "expected": round(whole["answers"], 9),
        "deff": whole["deff"],
        "half_width": whole["half_width"],
        "cost": trial.cost(trial.base),
        "df": whole["df"],
        "told_apart": shown["told_apart"],
        "difference": shown["difference"],
    }
