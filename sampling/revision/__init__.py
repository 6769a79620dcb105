"""What happens to a sample after the draw: reserves, extensions, closures, reforms."""

from sampling.revision.chances import chance_table, first_chances
from sampling.revision.closure import Closed, close_units
from sampling.revision.closures import Closure, closures_of, read_closures
from sampling.revision.extension import Extended, extend, join
from sampling.revision.links import Link, links_of, with_shares
from sampling.revision.log import Entry, entries_of, read_log
from sampling.revision.merging import probability_after_merge
from sampling.revision.reasons import REASONS, Reason
from sampling.revision.reform import Reformed, reform_sample, weight_shares
from sampling.revision.reformed_frame import reform_frame
from sampling.revision.remainder import remaining, united_chances
from sampling.revision.replacement import REPLACEMENT_COLUMNS, Replaced, replace
from sampling.revision.unions import union_chance

__all__ = [
    "REASONS",
    "REPLACEMENT_COLUMNS",
    "Closed",
    "Closure",
    "Entry",
    "Extended",
    "Link",
    "Reason",
    "Reformed",
    "Replaced",
    "chance_table",
    "close_units",
    "closures_of",
    "entries_of",
    "extend",
    "first_chances",
    "join",
    "links_of",
    "probability_after_merge",
    "read_closures",
    "read_log",
    "reform_frame",
    "reform_sample",
    "remaining",
    "replace",
    "union_chance",
    "united_chances",
    "weight_shares",
    "with_shares",
]
