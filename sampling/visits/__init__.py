"""Every k-th finished transaction: the rhythm of a counter, its tickets, its weights.

A QR code on a counter is answered by whoever likes to. It becomes a probability sample when
tickets go to every k-th finished transaction from a random start: every visit then has
the probability 1/k, known before anyone comes. `rhythm` gives k, `segments` the
starts, `ticket_list` the numbers to hand out, `next_rhythm` the k of another day,
`visit_weights` the weights from what was counted, `compare_list` whether it was done.
"""

from sampling.visits.adapting import NextRhythm, next_rhythm, revise_segments
from sampling.visits.following import Following, compare_list, compare_lists
from sampling.visits.listing import (
    Handed,
    TicketList,
    list_of,
    read_handed,
    ticket_list,
    write_ticket_lists,
)
from sampling.visits.periods import Segment, restarted, segment, segment_name, segments
from sampling.visits.segment_files import (
    read_segments,
    read_volumes,
    segments_of_draw,
    segments_of_volumes,
    write_segments,
)
from sampling.visits.spread import mean_variance
from sampling.visits.steps import (
    Rhythm,
    count_of,
    numbers,
    rhythm,
    rhythm_of,
    start_of,
    starts_of,
)
from sampling.visits.tally import TALLY_COLUMNS, Tally, check_tally, read_tally
from sampling.visits.unknown import count_bounds, mean_bounds
from sampling.visits.volumes import expected_visits
from sampling.visits.weighing import WEIGHT_COLUMNS, VisitWeights, visit_weights

__all__ = [
    "TALLY_COLUMNS",
    "WEIGHT_COLUMNS",
    "Following",
    "Handed",
    "NextRhythm",
    "Rhythm",
    "Segment",
    "Tally",
    "TicketList",
    "VisitWeights",
    "check_tally",
    "compare_list",
    "compare_lists",
    "count_bounds",
    "count_of",
    "expected_visits",
    "list_of",
    "mean_bounds",
    "mean_variance",
    "next_rhythm",
    "numbers",
    "read_handed",
    "read_segments",
    "read_tally",
    "read_volumes",
    "restarted",
    "revise_segments",
    "rhythm",
    "rhythm_of",
    "segment",
    "segment_name",
    "segments",
    "segments_of_draw",
    "segments_of_volumes",
    "start_of",
    "starts_of",
    "ticket_list",
    "visit_weights",
    "write_segments",
    "write_ticket_lists",
]
