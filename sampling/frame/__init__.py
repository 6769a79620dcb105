"""The list from which a stage draws: units with their strata and sizes at a reference day.

A frame comes from the registry (``build``, ``build_visits``) or from a file
(``read_frame``). Coverage problems are findings beside the frame; they stop nobody, but
they are said.
"""

from sampling.frame.cells import (
    spreadsheet_safe,
)
from sampling.frame.checks import (
    REQUIRED,
)
from sampling.frame.communes import (
    ADULT_SHARE,
    build,
    slug,
)
from sampling.frame.comparison import (
    compare_frames,
)
from sampling.frame.counters import (
    build_visits,
)
from sampling.frame.listing import (
    Frame,
    FrameUnit,
    check_frame,
    check_table,
    read_frame,
    write_frame,
)

__all__ = [
    "ADULT_SHARE",
    "REQUIRED",
    "Frame",
    "FrameUnit",
    "build",
    "build_visits",
    "check_frame",
    "check_table",
    "compare_frames",
    "read_frame",
    "slug",
    "spreadsheet_safe",
    "write_frame",
]
