"""The limits at which a flag is raised, fixed and published before anyone is asked.

Whoever sets a limit after seeing the answers can flag whom they like. So the limits are one
frozen value; its SHA-256 is published before fieldwork, and every row of a table of flags
carries it. Times are in seconds, shares between 0 and 1.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import asdict, dataclass, fields

from intake.findings import EstimationError

_SHARES = (
    "false_discovery",
    "straight_line_part",
    "low_variation_percentile",
    "fast_page_part",
    "twin_percentile",
    "twin_p",
    "jaccard",
    "winsorised",
    "top_percentile",
    "collector_correlation",
    "collector_p",
)


@dataclass(frozen=True)
class Rules:
    """Limits of the quality flags.

    Parameters
    ----------
    version
        Name of this set of limits.
    code
        Version of the program that applies them, such as a commit.
    z_limit, false_discovery
        A unit is flagged when it passes the limit of its rule and also stays below this
        false discovery rate among all units of the table (Benjamini and Hochberg).
    battery, straight_line_part
        F1: fewest answers that make a battery; the part of it that the longest run of equal
        answers must cover.
    low_variation_percentile
        F2: answers vary little when their standard deviation lies below this percentile.
    seconds_per_item, seconds_per_syllable, fast_page_part
        F3, F4: a page is fast below this time; a response when this part of its pages is.
    twin_percentile, twin_draws, twin_fine_draws, twin_p, twin_pool, twin_bands
        F5: which percentile of the closest matches is exceptional; permutations for every
        unit, and at least for those that passed most of them; the limit of p; how many times
        as many answers the other units of the stratum must have; fewest bands of
        the mean answer within which answers are permuted.
    comment_length, comment_repeats, gram, jaccard
        F6: shortest comment that counts, equal comments that are too many, length of the
        pieces that are compared, and the likeness that is too close.
    winsorised
        F1-F4, F11: share of each end pulled in before spread is measured.
    top_percentile, fewest_units
        F12: what is too high, and the fewest units of a stratum in which this is asked.
    collector_correlation, collector_p, collector_draws
        F13: limits, and the fewest permutations; with many collectors there are more.

    Raises
    ------
    EstimationError
        ``quality-rule-impossible`` names the first limit that cannot be.

    Examples
    --------
    >>> Rules().digest == Rules().digest, Rules().digest == Rules(z_limit=3.0).digest
    (True, False)
    """

    version: str = "quality-1"
    code: str = ""
    z_limit: float = 3.09
    false_discovery: float = 0.05
    battery: int = 8
    straight_line_part: float = 1.0
    low_variation_percentile: float = 0.05
    seconds_per_item: float = 2.0
    seconds_per_syllable: float = 0.3
    fast_page_part: float = 0.5
    twin_percentile: float = 0.99
    twin_draws: int = 500
    twin_fine_draws: int = 9_999
    twin_p: float = 0.001
    twin_pool: float = 2.0
    twin_bands: int = 5
    comment_length: int = 15
    comment_repeats: int = 3
    gram: int = 5
    jaccard: float = 0.8
    winsorised: float = 0.10
    top_percentile: float = 0.99
    fewest_units: int = 10
    collector_correlation: float = 0.10
    collector_p: float = 0.001
    collector_draws: int = 9_999

    def __post_init__(self) -> None:
        for field in fields(self):
            value = getattr(self, field.name)
            if isinstance(value, str):
                continue
            good = value > 0 and (field.name not in _SHARES or value <= 1)
            good = good and (field.name != "winsorised" or value < 0.5)
            if not good:
                raise EstimationError.of(
                    "quality-rule-impossible",
                    f"Ngưỡng “{field.name}” = {value:g} không hợp lệ.",
                    f"The limit “{field.name}” = {value:g} is impossible.",
                    "Cần số lớn hơn 0; tỷ lệ không quá 1.",
                    "Give a number above 0; a share is at most 1.",
                    column=field.name,
                )

    @property
    def digest(self) -> str:
        """SHA-256 of all limits as canonical JSON, to be published before fieldwork."""
        text = json.dumps(asdict(self), sort_keys=True, separators=(",", ":"), ensure_ascii=False)
        return hashlib.sha256(text.encode("utf-8")).hexdigest()

    @property
    def stamp(self) -> str:
        """What every row of a table of flags carries: version and start of the digest."""
        return f"{self.version}:{self.digest[:16]}"
