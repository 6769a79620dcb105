"""What exists, how many to ask, which ones, with what probability.

Whole steps: ``load_registry``, ``frame.build``, ``plan``, ``draw``, ``write_draw``,
``verify_draw``. Single tools: ``sample_size``, ``allocate``, ``select``,
``inclusion_probabilities``. Nothing here meets an answer, the web or a database.
"""

from pathlib import Path

from sampling import allocation as allocate
from sampling import frame, offices, units
from sampling import selection as select
from sampling import size as sample_size
from sampling.design import SampleDesign, Stage, check_design
from sampling.drawing import Draw, draw
from sampling.frame import Frame, build_visits, check_frame, compare_frames, read_frame, write_frame
from sampling.offices import Agency, Offices, Procedure, ServicePoint, load_offices
from sampling.planning import Plan, plan, takes_of
from sampling.records import verify_draw, write_draw
from sampling.selection import inclusion_probabilities
from sampling.units import AdminUnit, Registry, UnitChange, load_registry

DESIGNS = Path(__file__).parent / "data" / "designs"

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
    "build_visits",
    "check_design",
    "check_frame",
    "compare_frames",
    "draw",
    "frame",
    "inclusion_probabilities",
    "load_offices",
    "load_registry",
    "offices",
    "plan",
    "read_frame",
    "sample_size",
    "select",
    "takes_of",
    "units",
    "verify_draw",
    "write_draw",
    "write_frame",
]
