"""What happens to a sample after the draw: reserves, extensions, closures, reforms."""

from sampling.revision.closure import Closed, close_units
from sampling.revision.closures import Closure, closures_of, read_closures
from sampling.revision.extension import Extended, extend, join
from sampling.revision.log import Entry, entries_of, read_log
from sampling.revision.reasons import REASONS, Reason
from sampling.revision.replacement import REPLACEMENT_COLUMNS, Replaced, replace

__all__ = [
    "REASONS",
    "REPLACEMENT_COLUMNS",
    "Closed",
    "Closure",
    "Entry",
    "Extended",
    "Reason",
    "Replaced",
    "close_units",
    "closures_of",
    "entries_of",
    "extend",
    "join",
    "read_closures",
    "read_log",
    "replace",
]
