"""A unit closes in mid-fieldwork: what becomes of its cases, and of everybody's weights.

Three rules, of which the office chooses one and says so:

- ``nonresponse``: the unit still serves people, who cannot be reached. The open units of its
  stratum stand for it: their weights are multiplied by (Σ weight × size of all issued
  units) / (Σ weight × size of the open ones). Without bias where closed units are on average
  like the open ones; over simple random samples that hold an open unit it estimates the
  stratum as if every unit had the mean of those that stay open.
- ``reserve``: the next reserve of the stratum comes in, then the next, until as many are
  open as were drawn. Of n + k issued in a simple random order each weighs N/(n + k) as
  issued; the k closed ones are nonresponse, factor (n + k)/n; together N/n, the weight that
  the drawn units had. The open n are then a simple random sample of the stratum's open units.
- ``out_of_scope``: the unit no longer exists or serves nobody. It counts 0 and stays in the
  sample with its weight; nobody else's weight changes. Without bias for the units in scope.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from intake.findings import DrawError, Faults, Finding, Words
from sampling.revision.closed_strata import Within, strata_of, with_reserves
from sampling.revision.closing import Standing, gone_of, issue_units, stand, stand_out_of_scope
from sampling.revision.closure_checks import RULES, ClosureChecks
from sampling.revision.closures import Closure
from sampling.sample import SAMPLE_COLUMNS

if TYPE_CHECKING:
    import pandas as pd

COLUMNS = (*SAMPLE_COLUMNS, "issued_weight", "status", "note")


@dataclass(frozen=True)
class Closed:
    """A sample after closures, what was noticed, and what was done in words.

    ``table`` has the columns of the sample file, ``design_weight`` corrected, and
    ``issued_weight`` (before closed units are made up for), ``status`` (``active``,
    ``closed``, ``out_of_scope``; ``done``: answered before its unit closed) and ``note``.
    """

    table: pd.DataFrame
    rule: str
    findings: tuple[Finding, ...]
    statement: Words


def close_units(
    sample: pd.DataFrame,
    closures: Sequence[Closure],
    *,
    rule: str = "nonresponse",
    reserves: pd.DataFrame | None = None,
    within: Within | None = None,
    sizes: Mapping[str, int] | None = None,
    methods: Mapping[str, str] | None = None,
    merge: Mapping[str, str] | None = None,
    done: Collection[str] = (),
    file: str = "closures",
) -> Closed:
    """Return a sample once units of stage 1 closed.

    Parameters
    ----------
    sample
        The sample file: ``SAMPLE_COLUMNS``.
    closures
        Which units closed.
    rule
        ``nonresponse``, ``reserve`` or ``out_of_scope``.
    reserves, within
        For ``reserve``: the reserves of the draw, and what it draws in a unit that comes in
        (a table like ``sample``; needed in designs of several stages).
    sizes
        Size of each unit, for the factor of nonresponse; without it each counts 1.
    methods
        Method of each stratum; weights after reserves are exact for ``srs`` alone, and
        called an approximation elsewhere.
    merge
        For a stratum without an open unit, the stratum that stands for it.
    done
        Cases of closed units that were answered before; such a unit stays open with them,
        and they stand for the rest of it.
    file
        The name under which findings speak of the list of closures.

    Raises
    ------
    DrawError
        A unit was not drawn, a stratum has no open unit left, or a rule lacks what it needs.
    """
    faults = Faults(file)
    strata = strata_of(sample, faults)
    closed = {one.unit_id: one for one in closures}
    check = ClosureChecks(strata, closed, faults)
    check.rule_known(rule, reserves is not None, bool(done))
    faults.raise_as(DrawError)
    if rule == "reserve" and reserves is not None:
        check.cases_known(within is not None)
        faults.raise_as(DrawError)
        strata = with_reserves(strata, reserves, within)
    check.units_drawn(strata)
    faults.raise_as(DrawError)
    if rule == "out_of_scope":
        standing = stand_out_of_scope(strata, closed)
    else:
        standing = stand(strata, closed, sizes=sizes or {}, merge=merge or {}, done=done)
        check.strata_open(standing, merge or {})
    if rule == "reserve":
        gone = gone_of(strata, closed, done)
        exhausted = [one.name for one in strata if issue_units(one, gone)[1]]
        check.reserves_noted(standing, exhausted, methods or {})
    check.one_left(standing)
    faults.raise_as(DrawError)
    return Closed(_table(standing), rule, tuple(faults.findings), _statement(rule, standing))


def _table(standing: Sequence[Standing]) -> pd.DataFrame:
    import pandas as pd

    table = pd.DataFrame([row for one in standing for row in one.rows()], columns=list(COLUMNS))
    return table.sort_values("stage", kind="stable", ignore_index=True)


def _statement(rule: str, standing: Sequence[Standing]) -> Words:
    """Return what was done and what it assumes."""
    closed = [one.unit.unit_id for one in standing if one.status in ("closed", "out_of_scope")]
    came = [one.unit.unit_id for one in standing if one.unit.role == "reserve"]
    names, entered = ", ".join(closed) or "—", ", ".join(came) or "—"
    done, assumed = RULES[rule]
    return Words(
        f"Đơn vị đóng cửa: {names}. " + done.vi.format(entered=entered) + " " + assumed.vi,
        f"Closed units: {names}. " + done.en.format(entered=entered) + " " + assumed.en,
    )
