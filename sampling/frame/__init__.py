"""The list from which a stage draws: units with their strata and sizes at a reference day.

A frame comes from the registry (``build``, ``build_visits``), from counts of dossiers
(``build_dossiers``), from a file (``read_frame``) or from columns (``Frame.from_table``).
Coverage problems are findings beside the frame; they stop nobody, but they are said.
"""

from sampling.frame.cells import spreadsheet_safe
from sampling.frame.checks import REQUIRED
from sampling.frame.communes import ADULT_SHARE, build, slug
from sampling.frame.comparison import compare_frames
from sampling.frame.counters import build_visits
from sampling.frame.dossiers import DOSSIER_COLUMNS, build_dossiers, read_dossiers
from sampling.frame.interval import Certainty, certainties_of
from sampling.frame.listing import Frame, write_frame
from sampling.frame.nesting import check_nesting
from sampling.frame.outlying import OUTLYING_FACTOR
from sampling.frame.reading import check_frame, check_table, read_frame
from sampling.frame.registered import check_registry
from sampling.frame.rows import FrameUnit, Units
from sampling.frame.totals import Coverage, Covered, check_strata, coverage, read_totals

__all__ = [
    "ADULT_SHARE",
    "DOSSIER_COLUMNS",
    "OUTLYING_FACTOR",
    "REQUIRED",
    "Certainty",
    "Coverage",
    "Covered",
    "Frame",
    "FrameUnit",
    "Units",
    "build",
    "build_dossiers",
    "build_visits",
    "certainties_of",
    "check_frame",
    "check_nesting",
    "check_registry",
    "check_strata",
    "check_table",
    "compare_frames",
    "coverage",
    "read_dossiers",
    "read_frame",
    "read_totals",
    "slug",
    "spreadsheet_safe",
    "write_frame",
]
