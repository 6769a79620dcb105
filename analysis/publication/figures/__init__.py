"""Charts with intervals and a map of centre points, as SVG files.

A chart is handed rows that are already protected and already spelled: it draws what the
table beside it says and nothing else.
"""

from analysis.looks import FONTS
from analysis.publication.figures.classes import CLASS_COLOURS
from analysis.publication.figures.drawing import Spelling, use_fonts
from analysis.publication.figures.interval_chart import IntervalRow, intervals
from analysis.publication.figures.places import Place
from analysis.publication.figures.unit_map import MapWords, centroid_map

__all__ = [
    "CLASS_COLOURS",
    "FONTS",
    "IntervalRow",
    "MapWords",
    "Place",
    "Spelling",
    "centroid_map",
    "intervals",
    "use_fonts",
]
