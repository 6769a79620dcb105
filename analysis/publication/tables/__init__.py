"""The frozen tables of a release: what is published, as text files and as one workbook.

Every figure passes through ``disclosure`` here and is written with the digits that its
sample carries, so that pages, charts and the workbook repeat the same characters. Pages
are built from these files alone.
"""

from analysis.publication.tables.columns import (
    DUTY_COLUMNS,
    FACTS,
    LABEL_COLUMNS,
    MEANINGS,
    POINT_COLUMNS,
    ROUND_COLUMNS,
    STANDING_COLUMNS,
    TRUTH_COLUMNS,
    UNIT_COLUMNS,
    WEIGHTING_COLUMNS,
    WORKBOOK,
)
from analysis.publication.tables.freezing import freeze
from analysis.publication.tables.points import protect_duties, protect_points
from analysis.publication.tables.reading import Frozen, read_frozen
from analysis.publication.tables.revised import heads_withheld, withheld_beside
from analysis.publication.tables.rewriting import rewrite_workbook
from analysis.publication.tables.standing import BANDS, NO_SAMPLE, protect_standing

__all__ = [
    "BANDS",
    "DUTY_COLUMNS",
    "FACTS",
    "LABEL_COLUMNS",
    "MEANINGS",
    "NO_SAMPLE",
    "POINT_COLUMNS",
    "ROUND_COLUMNS",
    "STANDING_COLUMNS",
    "TRUTH_COLUMNS",
    "UNIT_COLUMNS",
    "WEIGHTING_COLUMNS",
    "WORKBOOK",
    "Frozen",
    "freeze",
    "heads_withheld",
    "protect_duties",
    "protect_points",
    "protect_standing",
    "read_frozen",
    "rewrite_workbook",
    "withheld_beside",
]
