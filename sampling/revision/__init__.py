"""What happens to a sample after the draw: reserves, extensions, closures, reforms."""

from sampling.revision.extension import Extended, extend, join
from sampling.revision.log import Entry, entries_of, read_log
from sampling.revision.reasons import REASONS, Reason
from sampling.revision.replacement import REPLACEMENT_COLUMNS, Replaced, replace

__all__ = [
    "REASONS",
    "REPLACEMENT_COLUMNS",
    "Entry",
    "Extended",
    "Reason",
    "Replaced",
    "entries_of",
    "extend",
    "join",
    "read_log",
    "replace",
]
