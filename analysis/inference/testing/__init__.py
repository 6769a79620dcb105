"""Whether a difference is more than chance, under the design that drew the sample.

Association of categories (`chisq`), fit to given shares (`goodness_of_fit`), means (`ttest`),
ranks (`ranktest`), any linear hypothesis (`wald`), and what to believe when many tests were
made (`false_discovery`). Every test takes a design with strata and primary units or one with
replicate weights, whole or narrowed by ``where``. Regression has its own tests of terms in
`analysis.inference.models`.
"""

from analysis.inference.testing.fit import goodness_of_fit
from analysis.inference.testing.groups import RANK_TESTS, ranktest, ttest
from analysis.inference.testing.hypotheses import false_discovery, wald
from analysis.inference.testing.results import Test
from analysis.inference.testing.tables import STATISTICS, chisq

__all__ = [
    "RANK_TESTS",
    "STATISTICS",
    "Test",
    "chisq",
    "false_discovery",
    "goodness_of_fit",
    "ranktest",
    "ttest",
    "wald",
]
