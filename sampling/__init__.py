"""What exists, how many to ask, which ones, with what probability.

Whole steps: ``load_registry``, ``frame.build``, ``plan``, ``draw``, ``write_draw``,
``verify_draw``. Single tools: ``sample_size``, ``allocate``, ``select``,
``inclusion_probabilities``, ``joint_probabilities``. Nothing here meets an answer, the
web or a database. Each name is loaded when it is first used.
"""

from __future__ import annotations

import importlib
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from sampling import allocation as allocate
    from sampling import (
        coordination,
        frame,
        offices,
        precision,
        revision,
        stratification,
        units,
        visits,
    )
    from sampling import selection as select
    from sampling import size as sample_size
    from sampling.design import SampleDesign, Stage, check_design
    from sampling.drawing import Draw, draw
    from sampling.frame import (
        Frame,
        build_dossiers,
        build_visits,
        certainties_of,
        check_frame,
        check_nesting,
        check_registry,
        check_strata,
        compare_frames,
        coverage,
        read_dossiers,
        read_frame,
        read_totals,
        write_frame,
    )
    from sampling.inputs import read_inputs
    from sampling.offices import Agency, Offices, Procedure, ServicePoint, load_offices
    from sampling.planning import Plan, plan
    from sampling.probabilities import (
        certainty_units,
        inclusion_probabilities,
        joint_probabilities,
    )
    from sampling.records import verify_draw, write_draw
    from sampling.takes import takes_of
    from sampling.units import AdminUnit, Registry, UnitChange, load_registry

DESIGNS = Path(__file__).parent / "data" / "designs"

_HOMES = {
    "allocate": "sampling.allocation",
    "select": "sampling.selection",
    "sample_size": "sampling.size",
    **{
        name: f"sampling.{name}"
        for name in (
            "coordination",
            "frame",
            "offices",
            "precision",
            "revision",
            "stratification",
            "units",
            "visits",
        )
    },
    **{
        name: f"sampling.{module}:{name}"
        for module, names in {
            "design": ("SampleDesign", "Stage", "check_design"),
            "drawing": ("Draw", "draw"),
            "frame": (
                "Frame",
                "build_dossiers",
                "certainties_of",
                "check_nesting",
                "check_registry",
                "check_strata",
                "coverage",
                "read_dossiers",
                "read_totals",
                "build_visits",
                "check_frame",
                "compare_frames",
                "read_frame",
                "write_frame",
            ),
            "inputs": ("read_inputs",),
            "offices": ("Agency", "Offices", "Procedure", "ServicePoint", "load_offices"),
            "planning": ("Plan", "plan"),
            "probabilities": (
                "certainty_units",
                "inclusion_probabilities",
                "joint_probabilities",
            ),
            "records": ("verify_draw", "write_draw"),
            "takes": ("takes_of",),
            "units": ("AdminUnit", "Registry", "UnitChange", "load_registry"),
        }.items()
        for name in names
    },
}

__all__ = [
    "DESIGNS",
    "AdminUnit",
    "Agency",
    "Draw",
    "Frame",
    "Offices",
    "Plan",
    "Procedure",
    "Registry",
    "SampleDesign",
    "ServicePoint",
    "Stage",
    "UnitChange",
    "allocate",
    "build_dossiers",
    "build_visits",
    "certainties_of",
    "certainty_units",
    "check_design",
    "check_frame",
    "check_nesting",
    "check_registry",
    "check_strata",
    "compare_frames",
    "coordination",
    "coverage",
    "draw",
    "frame",
    "inclusion_probabilities",
    "joint_probabilities",
    "load_offices",
    "load_registry",
    "offices",
    "plan",
    "precision",
    "read_dossiers",
    "read_frame",
    "read_inputs",
    "read_totals",
    "revision",
    "sample_size",
    "select",
    "stratification",
    "takes_of",
    "units",
    "verify_draw",
    "visits",
    "write_draw",
    "write_frame",
]


def __getattr__(name: str) -> Any:  # noqa: ANN401 - a module, a class or a function
    home = _HOMES.get(name)
    if home is None:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    module, _, attribute = home.partition(":")
    found = importlib.import_module(module)
    found = getattr(found, attribute) if attribute else found
    globals()[name] = found
    return found
