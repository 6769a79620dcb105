"""What may be published about a group, and with how many digits.

Three questions are answered for every figure before it leaves the house: could it tell
something about fewer than ten people (confidential, ``c``), is it too uncertain to be read
(unreliable, ``u``), and how many digits does its sample carry. A figure that is withheld
takes everything with it from which it could be worked out again: its error, its interval,
its counts, and a second figure where the total minus the others would give it away.

Figures are in percent, 0 to 100; counts are unweighted persons. What a figure looks like on
a page is left to ``tables`` and ``pages``.

References
----------
NHS England, GP Patient Survey technical annex (fewer than ten answers: no figure).
Parker, J. D. et al. (2017). National Center for Health Statistics data presentation
standards for proportions. Vital and Health Statistics 2(175).
Korn, E. L. and Graubard, B. I. (1998). Confidence intervals for proportions with small
expected number of positive counts estimated from survey data. Survey Methodology 24, 193-201.
"""

from __future__ import annotations

from analysis.publication.disclosure.proportions import Reliability, reliability
from analysis.publication.disclosure.protection import protect, shown_units
from analysis.publication.disclosure.revision import changed_by_few, counts_of
from analysis.publication.disclosure.rounding import decimals_for, half_up
from analysis.publication.disclosure.rows import (
    COMPLEMENT,
    CONFIDENTIAL,
    ESTIMATE_COLUMNS,
    PROTECTED_COLUMNS,
    REVIEW,
    UNRELIABLE,
)

__all__ = [
    "COMPLEMENT",
    "CONFIDENTIAL",
    "ESTIMATE_COLUMNS",
    "PROTECTED_COLUMNS",
    "REVIEW",
    "UNRELIABLE",
    "Reliability",
    "changed_by_few",
    "counts_of",
    "decimals_for",
    "half_up",
    "protect",
    "reliability",
    "shown_units",
]
