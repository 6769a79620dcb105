"""Samples of one population over time: overlap wanted, or burden spread."""

from sampling.coordination.circle import expected_overlap
from sampling.coordination.earlier import NumbersFrom, goes_by, numbers_from
from sampling.coordination.panel import Rotation, rotation, rotation_schedule
from sampling.coordination.permanent import permanent_numbers, shift_for
from sampling.coordination.tables import OVERLAP_COLUMNS, burden, overlap

__all__ = [
    "OVERLAP_COLUMNS",
    "NumbersFrom",
    "Rotation",
    "burden",
    "expected_overlap",
    "goes_by",
    "numbers_from",
    "overlap",
    "permanent_numbers",
    "rotation",
    "rotation_schedule",
    "shift_for",
]
