"""The index of items, factors, blocks and the whole, by domain, with all covariances.

The index of an item is the weighted percentage of its valid answers under a rule. Everything
above it is a fixed linear combination of items, so that linearised values combine in the same
way:

    I = Σ_j c_j · R_j,   z(I) = Σ_j c_j · (s_j - R_j) · v_j / Σ w·v_j,

s being the score of an answer, v whether it is valid. What replicate weights estimate anew is
I itself. All values are on 0 to 100; which weights and which design is left to the caller.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from analysis.estimation.columns import Asked, Column
from analysis.estimation.domains import groupings
from analysis.estimation.estimates import estimated
from analysis.estimation.results import Design, Estimates
from analysis.satisfaction.answers import valid_answers
from analysis.satisfaction.composition import (
    Aggregation,
    FactorLike,
    Quantities,
    QuestionnaireLike,
    quantities,
)
from analysis.satisfaction.refusals import refusal
from analysis.satisfaction.rules import IndexRule, rules_of
from analysis.tables import need_design

Factors = QuestionnaireLike | Sequence[FactorLike] | Mapping[str, Sequence[str]]
TAKEN = ("quantity", "level", "rule", "category")


@dataclass(frozen=True)
class _Factor:
    code: str
    items: tuple[str, ...]
    block: str = ""


def index(
    design: Design,
    factors: Factors,
    by: Sequence[Any] | str | None = None,
    level: float = 0.95,
    *,
    rule: IndexRule | str | Sequence[IndexRule | str] = IndexRule.MEAN5,
    aggregation: Aggregation | None = None,
    deff: bool | str = False,
) -> Estimates:
    """Estimate items, factors, blocks and the overall index under a rule.

    An answer counts where it is 1 to 5. Empty ones and negative codes are missing and leave
    out their item alone; the response still counts for every other item.

    Parameters
    ----------
    design
        A survey design or a replicate design over the answers.
    factors
        A questionnaire, its factors (``code, block, items``), or ``{factor: items}``.
    by, level, deff
        As for `analysis.estimation.estimates.mean`.
    rule
        ``top2``, ``mean5`` or ``mean04``; several of them side by side.
    aggregation
        How items make factors, factors blocks and blocks the whole; by default every item
        weighs the same.

    Returns
    -------
    Estimates
        ``table`` has ``quantity`` (the code of an item, factor or block, or ``overall``),
        ``level`` (item, factor, block, overall), ``rule``, the domain variables and the
        columns of the estimates file, in percent. Intervals are t intervals cut at 0 and 100.
        ``covariance()``, ``contrast()`` and `estimate.change` hold across items, factors,
        blocks, domains, rules and rounds; a contrast calls a row by ``quantity``,
        ``quantity[domain]``, or with several rules ``quantity[rule,domain]``.

    Raises
    ------
    EstimationError
        ``answers-column-missing``, ``answer-out-of-scale``, ``item-not-numeric``,
        ``factors-empty``, ``item-in-two-factors``, ``index-name-repeated``,
        ``index-rule-unknown``, ``by-name-taken``, and those of `estimate.mean`.

    References
    ----------
    Binder, D. A. (1983). On the variances of asymptotically normal estimators from complex
    surveys. International Statistical Review 51, 279-292.

    Examples
    --------
    >>> import pandas as pd
    >>> from analysis.design import SurveyDesign
    >>> table = pd.DataFrame({"a": [5, 4, 3, 4], "b": [4, -1, 2, 5], "c": [5, 5, 4, 4], "w": 1.0})
    >>> found = index(SurveyDesign(table, weights="w"), {"A": ["a", "b"], "B": ["c"]})
    >>> found.table.set_index("quantity")["value"].round(2).to_dict()
    {'a': 80.0, 'b': 73.33, 'c': 90.0, 'A': 76.67, 'B': 90.0, 'overall': 81.11}
    >>> gap = found.contrast({"B over A": {"B": 1, "A": -1}}).table.iloc[0]
    >>> round(float(gap["value"]), 2), round(float(gap["se"]), 2)
    (13.33, 10.74)
    """
    need_design(design)
    rules = rules_of(rule)
    variables = groupings(by)
    for name in (name for names in variables for name in names):
        if name in TAKEN:
            raise _name_taken(name)
    wanted = quantities(factors_of(factors), aggregation)
    asked = _asked(design, wanted, rules)
    found = estimated(design, lambda *_: asked, by, level, deff, "mean")
    table = found.table.rename(columns={"category": "rule"})
    attributes = dict(found.table.attrs)
    heights = list(wanted.levels) * (len(rules) * (len(table) // asked.quantities))
    table.insert(1, "level", heights)
    table[["low", "high"]] = table[["low", "high"]].clip(0.0, 100.0)
    table.attrs = attributes
    keys = tuple(
        name
        for key in found.keys
        if (name := "rule" if key == "category" else key) != "rule" or len(rules) > 1
    )
    return replace(found, table=table, keys=keys)


def factors_of(given: Factors) -> Sequence[FactorLike]:
    """Return the factors of a questionnaire or a mapping as a list of factors."""
    if isinstance(given, Mapping):
        return [_Factor(str(code), tuple(items)) for code, items in given.items()]
    own = getattr(given, "factors", None)
    return list(given if own is None else own)  # type: ignore[arg-type]


def _asked(design: Design, wanted: Quantities, rules: Sequence[IndexRule]) -> Asked:
    """Return the item indices under every rule, and their combinations, as one question."""
    answers, valid = valid_answers(design.data, wanted.items)
    counted = [np.ascontiguousarray(valid[:, at]) for at in range(len(wanted.items))]
    columns = tuple(
        Column(item, np.where(counted[at], rule.score(answers[:, at]), 0.0), counted[at])
        for rule in rules
        for at, item in enumerate(wanted.items)
    )
    labels = tuple((name, rule.value) for rule in rules for name in wanted.names)
    return Asked(
        labels,
        columns,
        (None,) * len(columns),
        np.zeros(len(labels), dtype=bool),
        combine=np.asarray(np.kron(np.eye(len(rules)), wanted.coefficients), dtype=np.float64),
    )


def _name_taken(name: str) -> Exception:
    return refusal(
        "by-name-taken",
        f"Cột nhóm không được tên là “{name}”: bảng kết quả dùng tên này.",
        f"A domain variable cannot be called “{name}”: the table of results uses that name.",
    )
