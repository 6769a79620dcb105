"""How answers from 1 to 5 become a percentage: the rules of the index.

All values are on 0 to 100. Which rule is in force is a setting of the index year; series of
different rules must not be joined.
"""

from __future__ import annotations

from collections.abc import Sequence
from enum import StrEnum

import numpy as np

from analysis.design import Floats
from analysis.satisfaction.refusals import refusal

SCALE = (1, 2, 3, 4, 5)


class IndexRule(StrEnum):
    """How answers from 1 to 5 become a percentage."""

    TOP2 = "top2"
    MEAN5 = "mean5"
    MEAN04 = "mean04"

    def score(self, answers: Floats) -> Floats:
        """Return the percentage that each answer contributes.

        Examples
        --------
        >>> IndexRule.MEAN04.score(np.array([1.0, 3.0, 5.0])).tolist()
        [0.0, 50.0, 100.0]
        """
        if self is IndexRule.TOP2:
            return np.where(answers >= 4, 100.0, 0.0)
        if self is IndexRule.MEAN5:
            return 20.0 * answers
        return 25.0 * (answers - 1.0)


def rules_of(given: IndexRule | str | Sequence[IndexRule | str]) -> tuple[IndexRule, ...]:
    """Return one rule or several as a tuple, each once.

    Raises
    ------
    EstimationError
        ``index-rule-unknown``.
    """
    named = [given] if isinstance(given, str) else list(given)
    known = {rule.value for rule in IndexRule}
    strange = [rule for rule in named if rule not in known]
    if strange or not named:
        listed = ", ".join(str(rule) for rule in strange)
        raise refusal(
            "index-rule-unknown",
            f"Không có quy tắc “{listed}”; chọn trong {', '.join(sorted(known))}.",
            f"There is no rule “{listed}”; choose from {', '.join(sorted(known))}.",
        )
    return tuple(dict.fromkeys(IndexRule(rule) for rule in named))
