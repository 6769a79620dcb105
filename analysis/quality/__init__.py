"""Which units a person should look at, because their answers look made up or careless.

Each rule of the published list (F1-F6, F10-F13) is one function from a table of responses, or
of units, to a table of flags with the columns of `FLAG_COLUMNS`. Limits are `Rules`, whose
digest is published before fieldwork. A flag informs: two reviewers decide, and no function
here drops a response. `compare_scores` shows for every unit what leaving responses out would
change.

Shares lie between 0 and 1, times are in seconds. F7-F9 and F14-F17 need fieldwork counts that
are kept elsewhere.
"""

from analysis.quality.careless import (
    answer_spread,
    longest_runs,
    low_variation,
    straight_lines,
)
from analysis.quality.collectors import CollectorEffect, collector_effect, collectors
from analysis.quality.comments import comment_pairs, near_texts, plain_text, same_comments
from analysis.quality.funnels import arcsine_funnel, count_funnel, difference_funnel
from analysis.quality.outliers import rate_and_score, streams, too_good
from analysis.quality.review import REVIEW_COLUMNS, compare_scores, review_scores
from analysis.quality.rules import Rules
from analysis.quality.speed import fast_pages, fast_responses, reading_pace, syllables
from analysis.quality.tables import FLAG_COLUMNS
from analysis.quality.twins import agreement, near_duplicates

__all__ = [
    "FLAG_COLUMNS",
    "REVIEW_COLUMNS",
    "CollectorEffect",
    "Rules",
    "agreement",
    "answer_spread",
    "arcsine_funnel",
    "collector_effect",
    "collectors",
    "comment_pairs",
    "compare_scores",
    "count_funnel",
    "difference_funnel",
    "fast_pages",
    "fast_responses",
    "longest_runs",
    "low_variation",
    "near_duplicates",
    "near_texts",
    "plain_text",
    "rate_and_score",
    "reading_pace",
    "review_scores",
    "same_comments",
    "straight_lines",
    "streams",
    "syllables",
    "too_good",
]
