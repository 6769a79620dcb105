"""Strata that a stage names and its frame does not have."""

from __future__ import annotations

from collections.abc import Collection, Mapping

from intake.findings import Faults, Words
from sampling.design.stages import Stage


def check_stratum_names(stage: Stage, strata: Collection[str], number: int, faults: Faults) -> None:
    """Note the strata named under ``take`` and ``per_stratum`` that are not among these."""
    takes = stage.take if isinstance(stage.take, Mapping) else {}
    for key, names in (("take", takes), ("per_stratum", stage.per_stratum)):
        for stratum in names:
            if stratum not in strata:
                faults.add(
                    "design-stratum-unknown",
                    Words(
                        f"Khung không có tầng “{stratum}”.",
                        f"The frame has no stratum '{stratum}'.",
                    ),
                    Words(f"Các tầng: {', '.join(strata)}.", f"It has: {', '.join(strata)}."),
                    path=f"stages[{number}].{key}.{stratum}",
                )
