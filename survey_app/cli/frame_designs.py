"""A frame against the design that is to be drawn from it: strata, parents, certain units."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from intake.findings import Finding, HailongError, errors_of

if TYPE_CHECKING:
    from sampling import Frame, SampleDesign


def check_design_on(frame: Frame, path: Path, findings: list[Finding]) -> list[dict[str, object]]:
    """Add what a design meets in a frame; return the units that become certain, as values."""
    from sampling import SampleDesign, takes_of
    from sampling.frame import check_nesting

    try:
        design = SampleDesign.read(path)
        stage = design.stages[0]
        if stage.id not in ("", "unit_id") and {stage.id, stage.strata} <= set(frame.columns):
            nested = check_nesting(frame, stage.id, stage.strata)
            findings += nested
            if errors_of(nested):
                told = design.check_against(frame)
                findings += [one for one in told if one.code != "design-unit-divided"]
                return []
        takes, noted = takes_of(design, frame)
    except HailongError as refusal:
        findings += refusal.findings
        return []
    findings += [one for one in noted if one not in findings]
    return _certain(frame, design, takes, findings)


def _certain(
    frame: Frame, design: SampleDesign, takes: dict[str, int], findings: list[Finding]
) -> list[dict[str, object]]:
    """Return the units of stage 1 at least as large as their stratum's interval."""
    from sampling import Frame
    from sampling.frame import certainties_of

    stage = design.stages[0]
    listed: list[dict[str, object]] = []
    for stratum, members in design.members(frame).items():
        if not stage.within(stratum).by_size:
            continue
        units = [member.unit for member in members if not stage.is_certain(member.unit)]
        take = takes.get(stratum, 0) - (len(members) - len(units))
        if not 0 < take < len(units):
            continue
        size = stage.within(stratum).size
        open_units = Frame(units, tuple(dict.fromkeys((*frame.columns, size))))
        for one in certainties_of(open_units, {stratum: take}, size, stage.strata):
            findings.append(one.finding)
            listed.append(
                {
                    "stratum": one.stratum,
                    "unit_id": one.unit_id,
                    "size": one.size,
                    "interval": float(one.interval),
                    "turn": one.turn,
                }
            )
    return listed
