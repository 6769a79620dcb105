"""How sure a quantile is: by the share below it, by the test of that share, by replicates.

Three roads lead to the interval of a quantile. Woodruff's takes the interval of the share at
or below the quantile and reads both ends back through the rule. Francisco and Fuller's looks
for the values at which the test of the share above them just turns. Replicate weights give
the quantile once more for each replicate, and the spread of those.

Values are in the unit of the item; shares lie between 0 and 1.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from analysis.estimation import intervals, roots
from analysis.estimation.columns import Asked, Column
from analysis.estimation.evaluation import evaluate
from analysis.estimation.quantile_rules import Ranked, as_drawn, quantiles, ranked
from analysis.estimation.results import Design, Scores
from analysis.replication import ReplicateDesign
from analysis.stages import Floats, Integers

_SHARE_METHODS = {"mean": "mean", "beta": "beta", "xlogit": "logit", "asin": "arcsine"}
_ROUNDING = 1e-12
_FAR = 1e300


@dataclass(frozen=True, eq=False)
class Found:
    """Quantiles and the shares at or below them, each categories × (items · probabilities).

    ``kish`` is the number of answers divided by what unequal weights alone cost.
    """

    value: Floats
    share: Floats
    variance: Floats
    n: Floats
    df: Floats
    kish: Floats
    scores: Scores


@dataclass(frozen=True, eq=False)
class Asking:
    """Items and probabilities asked in every category; category -1 where a row does not count."""

    design: Design
    items: Sequence[Column]
    category: Integers
    categories: int
    probs: Floats
    rule: str

    @cached_property
    def rows(self) -> list[Integers]:
        """The rows of each category."""
        order = np.argsort(self.category, kind="stable")
        ends = np.searchsorted(self.category[order], np.arange(self.categories + 1))
        return [order[ends[at] : ends[at + 1]] for at in range(self.categories)]

    @cached_property
    def answers(self) -> list[list[Ranked]]:
        """For each item, its answers in each category in ascending order."""
        weights = self.design.weights
        if not isinstance(self.design, ReplicateDesign) or self.design.multipliers is not None:
            weights = as_drawn(weights)
        return [
            [ranked(item.numbers[rows], weights[rows]) for rows in self.rows] for item in self.items
        ]

    def found(self) -> Found:
        """Return the quantiles and the shares below them."""
        value = self.read_back(np.tile(self.probs, (self.categories, len(self.items))))
        own = np.maximum(self.category, 0)
        below = [
            np.asarray(item.numbers <= value[own, at * self.probs.size + number], dtype=np.float64)
            for at, item in enumerate(self.items)
            for number in range(self.probs.size)
        ]
        share, variance, df, n, scores = _means(self.design, below, self.category, self.categories)
        kish = [part.w.sum() ** 2 / max((part.w**2).sum(), 1e-300) for part in self.answers[0]]
        df = np.repeat(df[:, None], self.count, axis=1)
        return Found(
            value, share, variance, n, df, np.repeat(np.array(kish)[:, None], self.count, 1), scores
        )

    @property
    def count(self) -> int:
        """Quantities in each category."""
        return len(self.items) * self.probs.size

    def read_back(self, shares: Floats) -> Floats:
        """Return the quantile at each share (categories × items · probabilities)."""
        wide = shares.reshape(self.categories, len(self.items), self.probs.size)
        found = np.empty(wide.shape)
        for at, parts in enumerate(self.answers):
            for category, part in enumerate(parts):
                found[category, at] = quantiles(part, wide[category, at], self.rule)
        return found.reshape(self.categories, self.count)


def ends_of(asking: Asking, found: Found, level: float, interval: str) -> tuple[Floats, Floats]:
    """Return the ends of the interval of each quantile; missing beyond the answers."""
    if interval == "score":
        ends = _score_ends(asking, intervals.quantile_of_t(level, found.df))
    else:
        ends = _share_ends(found, level, interval)
    return asking.read_back(ends[0]), asking.read_back(ends[1])


def replicated(asking: Asking, value: Floats) -> tuple[Floats, Floats]:
    """Return the quantiles of every replicate (R × categories × k) and standard errors."""
    design = asking.design
    if not isinstance(design, ReplicateDesign):
        raise TypeError("quantiles by replicate need replicate weights")
    found = np.empty((design.replicates, *value.shape))
    for number, weights in enumerate(design.weights_by_replicate()):
        for category, rows in enumerate(asking.rows):
            found[number, category] = np.concatenate(
                [
                    quantiles(ranked(item.numbers[rows], weights[rows]), asking.probs, asking.rule)
                    for item in asking.items
                ]
            )
    return found, np.sqrt(design.variance_of(found, value))


def _means(
    design: Design, columns: Sequence[Floats], category: Integers, categories: int
) -> tuple[Floats, Floats, Floats, Floats, Scores]:
    """Return means of 0/1 columns by category, variances, df, answers and scores."""
    asked = Asked(
        labels=tuple((str(at), None) for at in range(len(columns))),
        over=tuple(Column(str(at), column) for at, column in enumerate(columns)),
        under=(None,) * len(columns),
        shares=np.zeros(len(columns), dtype=bool),
    )
    found, _ = evaluate(design, asked, category, categories)
    mean = np.clip(found.value, 0.0, 1.0)
    with np.errstate(invalid="ignore"):
        variance = np.where(found.variance <= (_ROUNDING * mean) ** 2, 0.0, found.variance)
    return mean, variance, found.df.astype(np.float64), found.n, found.scores


def _share_ends(found: Found, level: float, interval: str) -> tuple[Floats, Floats]:
    """Return the ends of the interval of a share; missing where one lies beyond 0 or 1."""
    share, se = found.share, np.sqrt(found.variance)
    low, high = np.full(share.shape, np.nan), np.full(share.shape, np.nan)
    which = (found.n > 0) & (found.df > 0)
    inner = which & (share > 0) & (share < 1)
    low[inner], high[inner] = intervals.of_share(
        share[inner],
        se[inner],
        found.n[inner],
        found.df[inner],
        level,
        _SHARE_METHODS[interval],
    )
    if interval == "mean":
        certain = which & ~inner & (se == 0)
        low[certain], high[certain] = share[certain], share[certain]
    low[low < 0] = np.nan
    high[high > 1] = np.nan
    return low, high


def _score_ends(asking: Asking, t: Floats) -> tuple[Floats, Floats]:
    """Return the share of answers up to the values at which the test turns."""
    low, high = np.full(t.shape, np.nan), np.full(t.shape, np.nan)
    for category, rows in enumerate(asking.rows):
        alone = np.full(len(asking.category), -1, dtype=np.int64)
        alone[rows] = 0
        for at, item in enumerate(asking.items):
            x = item.numbers[rows]
            if x.size < 2 or not np.isfinite(t[category]).all():
                continue
            reach = float(np.subtract(*np.quantile(x, [0.75, 0.25]))) / 100
            start, end = float(x.min()) + reach, float(x.max()) - reach
            for number, p in enumerate(asking.probs):
                place = at * asking.probs.size + number
                for ends, limit in ((low, t[category, place]), (high, -t[category, place])):
                    test = _test_of(asking.design, item.numbers, alone, float(p), float(limit))
                    root = roots.crossing(test, start, end, 1 / (100 * np.sqrt(x.size)))
                    ends[category, place] = np.mean(x <= root) if np.isfinite(root) else np.nan
    return low, high


def _test_of(
    design: Design, x: Floats, category: Integers, p: float, limit: float
) -> Callable[[float], float]:
    """Return how far the test that a share 1 - p lies above a value is from its limit."""

    def test(theta: float) -> float:
        above = (x > theta).astype(np.float64)
        mean, variance, *_ = _means(design, [above], category, 1)
        distance = float(mean[0, 0]) - (1 - p)
        if not variance[0, 0]:
            return float(np.copysign(_FAR, distance))
        return float(distance / np.sqrt(variance[0, 0])) - limit

    return test
